//! The end of a session: what was read before it, the confirmation, and undoing it.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::note_draft::NoteDraft;
use crate::app::core::notice::Level;
use crate::app::core::requests::{call, online};
use crate::app::core::scroll::Scroll;
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::features::done::FinishedSession;
use crate::app::features::done::model::DoneRequest;
use crate::domain::interaction::Interaction;
use crate::domain::message::{Body, Side};
use crate::domain::{InteractionId, Millis};
use crate::proto::request::Request;
use crate::proto::wa;
use crate::text::Clean;
use std::time::Duration;

/// How many characters of the customer's text a confirmation quotes.
const QUOTED: usize = 160;

/// Runs before everything else: the visible entries count as read from now on.
pub(in crate::app) fn note_read(state: &mut State) {
    let now = state.now;
    let Some((id, since)) = state.view.clone() else { return };
    if let Some(session) = state.by_id_mut(&id) {
        session.read.shown(since, now);
    }
}

/// Runs after everything else: records which session's newest entries are visible from now on.
pub(in crate::app) fn note_view(state: &mut State) {
    let looks = state.focused && state.lock.is_none() && state.layers.is_empty();
    let shown = state.session().filter(|session| looks && session.scroll == Scroll::Bottom);
    let id = shown.map(|session| session.interaction.id.clone());
    if state.view.as_ref().map(|(id, _)| id) != id.as_ref() {
        state.view = id.map(|id| (id, state.now));
    }
}

/// The customer's newest message, as a confirmation quotes it, and the index of its entry.
pub(in crate::app) fn last_said(session: &Session) -> Option<(String, u64)> {
    session.transcript.lines().iter().rev().filter(|line| line.message.side == Side::Customer).find_map(
        |line| {
            let words = match &line.message.body {
                Body::Text(text) | Body::Url(text) | Body::Placeholder(text) => text.to_string(),
                Body::Media(media) => format!("▣ {}", media.kind),
                _ => return None,
            };
            Some((quoted(&words), line.message.index))
        },
    )
}

pub(in crate::app) fn quoted(words: &str) -> String {
    let words = Clean::line(words);
    let mut short: String = words.chars().take(QUOTED).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    format!("“{short}”")
}

/// Stores the unsent content of a finished session, if the server says that Done can be undone.
pub(in crate::app) fn remember(state: &mut State, interaction: &Interaction) {
    let left = interaction.user_data.number(wa::UNDO).and_then(|left| u64::try_from(left).ok());
    let (Some(left), Some(session)) = (left, state.by_id(&interaction.id)) else { return };
    state.undo = Some(FinishedSession {
        id: interaction.id.clone(),
        until: state.now.plus(Duration::from_millis(left)),
        offer: Clean::default(),
        name: session.name(),
        draft: session.unsent_draft(),
        enclosures: session.enclosures.clone(),
        note: session.note.clone(),
    });
}

/// Reports that a session is finished and, if that can be undone, how.
pub(in crate::app) fn say_finished(state: &mut State, id: &InteractionId, name: &Clean) {
    let key = state.settings.keymap.hint(Action::UndoDone);
    let words = format!("{name} is done and saved to history");
    let Some(undo) = state.undo.as_mut().filter(|undo| undo.id == *id) else {
        return state.say(Level::Good, words);
    };
    let seconds = undo.until.since(state.now).as_millis().div_ceil(1000);
    let how = if key.is_empty() { "/undo" } else { key.as_str() };
    undo.offer = Clean::line(&format!("{words}; {how} undoes it ({seconds} s)"));
    let offer = undo.offer.clone();
    state.say(Level::Good, offer);
}

/// Removes the offer to undo Done from the screen once its time is over.
pub(in crate::app) fn expire_undo(state: &mut State) {
    if state.undo.as_ref().is_some_and(|undo| undo.until <= state.now) {
        take_undo(state);
    }
}

/// Takes the possible undo out of the state, and removes its notice.
fn take_undo(state: &mut State) -> Option<FinishedSession> {
    let undo = state.undo.take()?;
    state.notices.withdraw(state.now, |text| text == undo.offer.as_str());
    Some(undo)
}

/// Reopens the session that was just finished and restores its unsent content. Returns its unsaved note.
pub(in crate::app) fn undo(state: &mut State, out: &mut Vec<Effect>) -> Option<(InteractionId, NoteDraft)> {
    if state.undo.is_none() {
        let words = "nothing to undo: a session can be reopened only shortly after it was finished";
        state.say(Level::Info, words);
        return None;
    }
    if !online(state) {
        return None;
    }
    let undo = take_undo(state)?;
    let id = undo.id;
    if !undo.draft.text.is_empty() {
        state.drafts.insert(id.clone(), undo.draft);
    }
    if !undo.enclosures.is_empty() {
        state.enclosures.insert(id.clone(), undo.enclosures);
    }
    let note = undo.note.map(|note| (id.clone(), note));
    // The session is shown as soon as it opens, like an accepted invitation.
    state.accepted.push(id.clone());
    call(state, Request::Reopen(id.clone()), Awaited::Done(DoneRequest::Reopen(id, undo.name)), out);
    note
}

/// Reports that the session could not be reopened.
fn not_reopened(state: &mut State, id: &InteractionId, name: &Clean, words: &str) {
    state.accepted.retain(|accepted| accepted != id);
    state.drafts.remove(id);
    state.enclosures.remove(id);
    state.say(Level::Error, format!("{name} was not reopened: {words}"));
}

/// How long the customer has been waiting, for a confirmation.
pub(in crate::app) fn waited(since: Millis, now: Millis) -> String {
    let minutes = now.since(since).as_secs() / 60;
    match minutes {
        0 => "for less than a minute".to_owned(),
        1 => "for a minute".to_owned(),
        2..=90 => format!("for {minutes} minutes"),
        _ => format!("for {} hours", (minutes + 30) / 60),
    }
}

pub(in crate::app) fn finish(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let Some(read) = state.by_id(id).map(|session| session.read.upto()) else { return };
    state.finished.push(id.clone());
    let request = Request::Complete { id: id.clone(), read };
    let operation = call(state, request, Awaited::Done(DoneRequest::Complete(id.clone())), out);
    if let Some(session) = state.by_id_mut(id) {
        session.finishing = Some(operation);
    }
}

/// Marks the session as not being finished any more.
pub(in crate::app) fn not_finished(state: &mut State, id: &InteractionId) {
    state.finished.retain(|finished| finished != id);
    if let Some(session) = state.by_id_mut(id) {
        session.finishing = None;
    }
}

/// The server refused a request.
pub(in crate::app) fn failed(state: &mut State, request: &DoneRequest, words: &str) {
    match request {
        DoneRequest::Complete(id) => {
            not_finished(state, id);
            let sentence = format!("the session could not be finished: {words}");
            if let Some(session) = state.by_id_mut(id) {
                session.trouble = Some(Clean::line(&sentence));
            }
            state.say(Level::Error, sentence);
        }
        DoneRequest::Reopen(id, name) => not_reopened(state, id, name, words),
    }
}

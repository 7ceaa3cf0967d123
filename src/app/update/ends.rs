//! The end of a session: what was read before it, the confirmation, and the undo.

use super::{act, call, note, online, party, workbins};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::ends::{Ending, Undo};
use crate::app::layer::{Confirm, Layer, Then};
use crate::app::notice::Level;
use crate::app::scroll::Scroll;
use crate::app::session::Session;
use crate::app::state::{Awaited, PartyStep, State};
use crate::domain::interaction::Interaction;
use crate::domain::message::{Body, Side};
use crate::domain::{InteractionId, Millis};
use crate::proto::envelope::Unread;
use crate::proto::request::{Read, Request};
use crate::proto::wa;
use crate::text::Clean;
use std::time::Duration;

/// How many characters of the customer's text a confirmation quotes.
const QUOTED: usize = 160;

/// Runs before everything else: what has been on the screen until now counts as read.
pub(super) fn note_read(state: &mut State) {
    let now = state.now;
    let Some((id, since)) = state.view.clone() else { return };
    if let Some(session) = state.by_id_mut(&id) {
        session.read.shown(since, now);
    }
}

/// Runs after everything else: notes which session's newest entries the screen shows from now on.
pub(super) fn note_view(state: &mut State) {
    let looks = state.focused && state.lock.is_none() && state.layers.is_empty();
    let shown = state.session().filter(|session| looks && session.scroll == Scroll::Bottom);
    let id = shown.map(|session| session.interaction.id.clone());
    if state.view.as_ref().map(|(id, _)| id) != id.as_ref() {
        state.view = id.map(|id| (id, state.now));
    }
}

/// How far every open session was read.
pub(super) fn read_all(state: &State) -> Read {
    state.sessions.iter().map(|session| (session.interaction.id.clone(), session.read.upto())).collect()
}

/// The customer's newest message, as a confirmation quotes it, and the index of its entry.
pub(super) fn last_said(session: &Session) -> Option<(String, u64)> {
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

fn quoted(words: &str) -> String {
    let words = Clean::line(words);
    let mut short: String = words.chars().take(QUOTED).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    format!("“{short}”")
}

/// The server refused to end a session because its customer wrote something that the agent has not read.
/// Agents who look at the session and do nothing else get a confirmation. Others get a notice, since their
/// next key would not be an answer.
pub(super) fn ask_anyway(
    state: &mut State,
    awaited: Awaited,
    words: &str,
    unread: &Unread,
) -> Result<(), Awaited> {
    let (id, ending) = match awaited {
        Awaited::Done(id) => {
            act::not_finished(state, &id);
            (id, Ending::Done)
        }
        Awaited::Leave(id) => {
            if let Some(session) = state.by_id_mut(&id) {
                session.leaving = false;
            }
            (id, Ending::Leave)
        }
        Awaited::Park(id) => {
            state.parking.retain(|parking| *parking != id);
            (id, Ending::Park)
        }
        Awaited::Party(id, step) => {
            let Some(asked) = state.by_id_mut(&id).and_then(|session| session.asked.take()) else {
                return Err(Awaited::Party(id, step));
            };
            (id, Ending::Transfer(Box::new(asked)))
        }
        other => return Err(other),
    };
    let Some(session) = state.by_id(&id) else { return Ok(()) };
    let said = match (unread.text.trim().is_empty(), unread.count) {
        (true, _) => words.to_owned(),
        (false, 0 | 1) => format!("{} wrote: {}", session.name(), quoted(&unread.text)),
        (false, many) => {
            format!("{} wrote {many} messages, the last: {}", session.name(), quoted(&unread.text))
        }
    };
    let idle = state.shown.as_ref() == Some(&id) && state.layers.is_empty() && session.draft.is_empty();
    if !idle || state.lock.is_some() {
        let sentence = format!("{said}; {}", ending.undone());
        if let Some(session) = state.by_id_mut(&id) {
            session.trouble = Some(Clean::line(&sentence));
        }
        state.say(Level::Warning, sentence);
        return Ok(());
    }
    let text = format!("{said}. {} Enter does it; Esc goes back.", ending.question());
    let then = Then::Anyway { id, read: unread.index, ending };
    state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&text), then }));
    Ok(())
}

/// The agent has read the confirmation and still wants to end the session.
pub(super) fn anyway(
    state: &mut State,
    id: &InteractionId,
    read: u64,
    ending: Ending,
    out: &mut Vec<Effect>,
) {
    let Some(session) = state.by_id_mut(id) else {
        return state.say(Level::Warning, "that session is not yours any more: nothing was done");
    };
    session.read.seen(read);
    if !online(state) {
        return;
    }
    match ending {
        Ending::Done => act::finish(state, id, out),
        Ending::Leave => party::leave_now(state, id, out),
        Ending::Park => workbins::park_now(state, id, out),
        Ending::Transfer(mut request) => {
            request.read = request.read.max(read);
            if let Some(session) = state.by_id_mut(id).filter(|session| session.asked.is_none()) {
                session.asked = Some(*request);
                party::step(state, id, PartyStep::Attached, out);
            }
        }
    }
}

/// A session is over. If the server says that this can be undone, its unsent content is kept.
pub(super) fn remember(state: &mut State, interaction: &Interaction) {
    let left = interaction.user_data.number(wa::UNDO).and_then(|left| u64::try_from(left).ok());
    let (Some(left), Some(session)) = (left, state.by_id(&interaction.id)) else { return };
    state.undo = Some(Undo {
        id: interaction.id.clone(),
        until: state.now.plus(Duration::from_millis(left)),
        offer: Clean::default(),
        name: session.name(),
        draft: session.unsent_draft(),
        enclosures: session.enclosures.clone(),
        note: session.note.clone(),
    });
}

/// Shows that a session is finished and, where that can be undone, how.
pub(super) fn say_finished(state: &mut State, id: &InteractionId, name: &Clean) {
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

/// Takes the offer to undo Done off the screen once it is over.
pub(super) fn expire_undo(state: &mut State) {
    if state.undo.as_ref().is_some_and(|undo| undo.until <= state.now) {
        take_undo(state);
    }
}

/// Takes the possible undo out of the state, together with its notice.
fn take_undo(state: &mut State) -> Option<Undo> {
    let undo = state.undo.take()?;
    state.notices.withdraw(state.now, |text| text == undo.offer.as_str());
    Some(undo)
}

/// Reopens the session that was just finished and restores its unsent content.
pub(super) fn undo(state: &mut State, out: &mut Vec<Effect>) {
    if state.undo.is_none() {
        let words = "there is nothing to take back: a session can be opened again just after it was finished";
        return state.say(Level::Info, words);
    }
    if !online(state) {
        return;
    }
    let Some(undo) = take_undo(state) else { return };
    let id = undo.id;
    if !undo.draft.text.is_empty() {
        state.drafts.insert(id.clone(), undo.draft);
    }
    if !undo.enclosures.is_empty() {
        state.enclosures.insert(id.clone(), undo.enclosures);
    }
    note::put_aside(state, &id, undo.note);
    // It is shown as soon as it is open, like an accepted invitation.
    state.accepted.push(id.clone());
    call(state, Request::Reopen(id.clone()), Awaited::Reopen(id, undo.name), out);
}

/// Notes that the session could not be reopened.
pub(super) fn not_reopened(state: &mut State, id: &InteractionId, name: &Clean, words: &str) {
    state.accepted.retain(|accepted| accepted != id);
    state.drafts.remove(id);
    state.enclosures.remove(id);
    state.say(Level::Error, format!("{name} was not opened again: {words}"));
}

/// How long the customer has been waiting, for a confirmation.
pub(super) fn waited(since: Millis, now: Millis) -> String {
    let minutes = now.since(since).as_secs() / 60;
    match minutes {
        0 => "for less than a minute".to_owned(),
        1 => "for a minute".to_owned(),
        2..=90 => format!("for {minutes} minutes"),
        _ => format!("for {} hours", (minutes + 30) / 60),
    }
}

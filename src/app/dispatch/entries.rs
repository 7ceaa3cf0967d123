//! New entries of a session's log.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::log::read;
use crate::app::core::notice::Level;
use crate::app::core::session::{Session, TYPING_SHOWN};
use crate::app::core::state::State;
use crate::app::core::view::{mark_seen, title};
use crate::app::features::compose::resend::not_received;
use crate::app::features::compose::update as compose;
use crate::domain::message::{Body, Message, Side};
use crate::domain::transcript::{PendingMessage, SendState};
use crate::domain::{InteractionId, OperationId};
use crate::proto::decode;
use crate::proto::media::{LogPage, LogQuery, MessageDto};
use crate::text::Clean;
use serde_json::Value as Json;

/// Adds entries to a session's transcript.
pub(in crate::app) fn add(
    state: &mut State,
    id: &InteractionId,
    messages: &[MessageDto],
    operation: Option<&str>,
    out: &mut Vec<Effect>,
) {
    let now = state.now;
    let shown = state.shown.as_ref() == Some(id) && state.focused && state.lock.is_none();
    let Some(session) = state.by_id_mut(id) else { return };
    let (mut unseen, mut writer) = (false, None);
    // Entries from before the session came to this agent are not news.
    let (opens, aside) = (session.transcript.lines().is_empty(), session.aside);
    let waiting: Vec<OperationId> =
        session.transcript.pending().iter().map(|p| p.operation.clone()).collect();
    for dto in messages {
        let mut message = decode::message(dto);
        if let Body::Typing(started) = message.body {
            if message.side == Side::Customer {
                session.typing_until = started.then(|| now.plus(TYPING_SHOWN));
            }
            continue;
        }
        if message.operation.is_none() && matches!(message.side, Side::Agent | Side::Supervisor) {
            message.operation = confirmed_by(session, &message, operation);
        }
        let name = message.name.clone();
        let inserted = session.transcript.insert(message);
        let (before, before_aside) = (session.unread, session.aside);
        if session.take_note(inserted, shown) == Some(Side::Customer) && !shown {
            unseen = true;
        }
        if session.unread > before {
            session.news_at = Some(now);
        }
        if session.aside > before_aside {
            writer = Some(name);
        }
    }
    if opens {
        (session.aside, writer) = (aside, None);
    }
    let told =
        writer.filter(|_| aside == 0).map(|by| format!("{}: {by} wrote to colleagues only", session.name()));
    let confirmed =
        waiting.into_iter().filter(|name| session.transcript.pending().iter().all(|p| p.operation != *name));
    out.extend(confirmed.map(Effect::ForgetUnsent));
    let last = session.transcript.last_index();
    session.read.arrived(last, now);
    // A hole means that entries were missed: the log is read from there, and duplicates have no effect.
    if session.transcript.gap().is_some() {
        read(state, id, out);
    }
    if unseen && state.settings.bell {
        out.push(Effect::Bell);
    }
    if unseen || told.is_some() {
        out.push(title(state));
    }
    if let Some(words) = told {
        state.say(Level::Warning, Clean::line(&words));
    }
}

/// A part of a session's log was read.
pub(in crate::app) fn page(
    state: &mut State,
    id: &InteractionId,
    part: LogQuery,
    data: Json,
    out: &mut Vec<Effect>,
) {
    let page: LogPage = serde_json::from_value(data).unwrap_or_default();
    let first = state.by_id(id).is_some_and(|session| session.transcript.lines().is_empty());
    // Holes count only when the part has arrived.
    if part.before.is_none() {
        add(state, id, &page.messages, None, out);
    }
    if let Some(session) = state.by_id_mut(id) {
        session.reading = None;
        decode::page(&mut session.transcript, part, &page);
        let is_behind = part.after.is_some() && page.newer;
        if is_behind || session.transcript.gap().is_some() {
            read(state, id, out);
        }
    }
    if first && state.shown.as_ref() == Some(id) {
        mark_seen(state);
    }
    compose::flush(state, id, out);
}

/// Reports at once that a reply of the agent did not reach the customer, whichever session is shown.
pub(in crate::app) fn say_failures(state: &mut State, id: &InteractionId, messages: &[MessageDto]) {
    let Some(session) = state.by_id(id) else { return };
    let open = session.open_failures();
    let told = messages.iter().filter_map(|dto| match decode::message(dto).body {
        Body::Status { of, failure: Some(failure), .. } => Some((of, failure)),
        _ => None,
    });
    let mut told = told.filter(|(of, _)| open.iter().any(|(index, _)| index == of));
    let Some((_, failure)) = told.next_back() else { return };
    let key = state.settings.keymap.hint(Action::Retry);
    let again = if key.is_empty() { String::new() } else { format!("; {key} in the session sends it again") };
    let reason = failure.reason.as_str().trim_end_matches('.');
    let words = format!("{}: {reason}{again}", not_received(&session.name()));
    state.say(Level::Warning, words);
}

/// The pending message that this entry of ours confirms, on servers that do not name it in the entry: that of
/// the operation named with the event, otherwise the oldest one with the same text.
pub(in crate::app) fn confirmed_by(
    session: &Session,
    message: &Message,
    operation: Option<&str>,
) -> Option<OperationId> {
    let waiting = session.transcript.pending();
    let same = |pending: &&PendingMessage| match (&message.body, &pending.file) {
        (Body::Text(text), None) => pending.to == message.visibility && Clean::new(&pending.text) == *text,
        (Body::Media(media), Some(file)) => media.name.as_ref() == Some(&Clean::line(&file.file.name)),
        _ => false,
    };
    let named = operation.and_then(|name| waiting.iter().filter(same).find(|p| p.operation.as_str() == name));
    let sent = |p: &&PendingMessage| matches!(p.state, SendState::Sending | SendState::Unknown);
    named.or_else(|| waiting.iter().filter(sent).find(same)).map(|pending| pending.operation.clone())
}

//! Outgoing messages: sending them, holding them until they are due, and sending them again.

use crate::app::core::effect::Effect;
use crate::app::core::log::read;
use crate::app::core::requests::call;
use crate::app::core::state::{Awaited, State};
use crate::domain::interaction::Interaction;
use crate::domain::message::Visibility;
use crate::domain::transcript::{PendingMessage, SendState};
use crate::domain::{InteractionId, Millis, OperationId};
use crate::proto::request::Request;

/// Why an internal message is not sent.
pub(in crate::app) const NO_READER: &str = "no colleague is here to read it";

/// The notice for a consulted agent who writes to the customer.
const ADVISES: &str = "you are asked for advice here: the customer does not see you, and what you write goes to \
                       colleagues until you are asked to join or to take over";

/// The notice for a coach who writes to the customer.
const COACHES: &str = "you coach here: the customer does not see you, and what you write goes to the agents; /bargein comes \
                       into the session";

/// Why the draft goes to colleagues only, if it does.
pub(in crate::app) fn why_aside(interaction: &Interaction) -> Option<&'static str> {
    let why = if interaction.monitor.is_some() { COACHES } else { ADVISES };
    interaction.writes_aside().then_some(why)
}

/// Whether a session has a colleague who can read internal messages.
pub(in crate::app) fn has_readers(state: &State, id: &InteractionId) -> bool {
    let mine = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    state.by_id(id).is_some_and(|session| session.interaction.others(mine).next().is_some())
}

/// The request that sends a message or a file.
pub(in crate::app) fn request(id: &InteractionId, pending: &PendingMessage) -> Request {
    match &pending.file {
        Some(file) => Request::SendFile { id: id.clone(), file: file.clone() },
        None => Request::SendMessage { id: id.clone(), text: pending.text.clone(), to: pending.to },
    }
}

/// Sends one message, holds it until it is due, or keeps it until there is a connection.
pub(in crate::app) fn send_message(
    state: &mut State,
    id: &InteractionId,
    mut pending: PendingMessage,
    due: Option<Millis>,
    out: &mut Vec<Effect>,
) -> OperationId {
    (pending.operation, pending.state) = match due {
        Some(due) => (state.operation(), held(due, state.now)),
        None if state.online() => {
            let sending = request(id, &pending);
            (call(state, sending, Awaited::Message(id.clone()), out), SendState::Sending)
        }
        None => (state.operation(), SendState::Queued),
    };
    let operation = pending.operation.clone();
    out.push(Effect::KeepUnsent { session: id.clone(), message: pending.clone() });
    if let Some(session) = state.by_id_mut(id) {
        session.transcript.send(pending);
    }
    operation
}

pub(in crate::app) fn held(due: Millis, now: Millis) -> SendState {
    SendState::Held { due, left: due.since(now).as_millis().div_ceil(1000) as u64 }
}

/// Sends what is held in a session and due by then, in the order in which it was written. Without a connection
/// it stays queued.
pub(in crate::app) fn send_due(state: &mut State, id: &InteractionId, by: Millis, out: &mut Vec<Effect>) {
    while let Some(session) = state.by_id(id) {
        let first = session.transcript.pending().iter().find_map(|pending| match pending.state {
            SendState::Held { due, .. } => Some((due, pending.clone())),
            _ => None,
        });
        let Some((_, mut pending)) = first.filter(|(due, _)| *due <= by) else { return };
        let earlier =
            session.transcript.pending().iter().take_while(|other| other.operation != pending.operation);
        let stuck =
            earlier.clone().any(|other| matches!(other.state, SendState::Queued | SendState::Unknown));
        let unread = pending.to != Visibility::All && !has_readers(state, id);
        pending.state = if unread {
            SendState::Refused(NO_READER.into())
        } else if state.online() && !stuck {
            SendState::Sending
        } else {
            SendState::Queued
        };
        out.push(Effect::KeepUnsent { session: id.clone(), message: pending.clone() });
        if let Some(session) = state.by_id_mut(id) {
            session.transcript.set_pending(&pending.operation, pending.state.clone());
        }
        if pending.state == SendState::Sending {
            again(state, id, &pending, out);
        } else if pending.state == SendState::Queued && state.online() {
            // Earlier messages are sent when the log has been read, and this one after them.
            read(state, id, out);
        }
    }
}

/// Sends at once everything held in a session.
pub(in crate::app) fn send_held(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    send_due(state, id, Millis(i64::MAX), out);
}

pub(in crate::app) fn again(
    state: &mut State,
    id: &InteractionId,
    pending: &PendingMessage,
    out: &mut Vec<Effect>,
) {
    state.awaited.insert(pending.operation.clone(), Awaited::Message(id.clone()));
    let request = request(id, pending);
    out.push(Effect::Call { operation: pending.operation.clone(), request });
    if let Some(session) = state.by_id_mut(id) {
        session.transcript.set_pending(&pending.operation, SendState::Sending);
    }
}

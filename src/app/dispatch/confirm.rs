//! Questions with yes and no: leaving the console, and what each feature does after a yes.

use crate::app::core::effect::Effect;
use crate::app::core::layer::{Confirm, ConfirmAction, Layer};
use crate::app::core::requests::online;
use crate::app::core::state::State;
use crate::app::dispatch::finish;
use crate::app::features::compose::{addressees, update as compose};
use crate::app::features::contacts::{requests as contact_requests, update as contacts};
use crate::app::features::done::update as done;
use crate::app::features::parties::update as parties;
use crate::app::features::reach::update as reach;
use crate::app::features::status::{NewStatus, update as status};
use crate::domain::routing_based::RequestKind;
use crate::domain::transcript::{PendingMessage, SendState};
use crate::text::Clean;

/// Logs off one channel or all of them, after a confirmation.
pub(in crate::app) fn log_off(state: &mut State, channel: Option<String>, out: &mut Vec<Effect>) {
    if online(state) {
        ask_to_leave(state, ConfirmAction::LogOff(channel), "Log off?", out);
    }
}

pub(in crate::app) fn ask_to_leave(
    state: &mut State,
    then: ConfirmAction,
    question: &str,
    out: &mut Vec<Effect>,
) {
    let open = state.sessions.len();
    let held = |pending: &PendingMessage| matches!(pending.state, SendState::Held { .. });
    let unsent = state.sessions.iter().any(|session| !session.transcript.pending().iter().all(held));
    if open == 0 && then == ConfirmAction::Quit {
        return confirmed(state, then, out);
    }
    let mut words = match (open, &then) {
        (0, _) => format!("{question} Enter does it; Esc stays."),
        (_, ConfirmAction::SignOut | ConfirmAction::LogOff(_)) => format!(
            "{question} Your open sessions ({open}) go to your workbin, or where your contact centre sends them. Enter does it; Esc stays."
        ),
        (1, _) => format!(
            "{question} A session is open; it stays yours for a while, then goes back to the queue. Enter does it; Esc stays."
        ),
        (_, _) => format!(
            "{question} {open} sessions are open; they stay yours for a while, then go back to the queue. Enter does it; Esc stays."
        ),
    };
    if unsent {
        words.push_str(" Messages that are not sent yet go out when you are back.");
    }
    if state.sessions.iter().any(|session| session.held_until().is_some()) {
        words.push_str(" What is still held stays here, not sent.");
    }
    state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&words), then }));
}

/// A question was answered with yes.
pub(in crate::app) fn confirmed(state: &mut State, then: ConfirmAction, out: &mut Vec<Effect>) {
    match then {
        ConfirmAction::Quit => {
            state.ending = true;
            out.push(Effect::Quit);
        }
        ConfirmAction::SignOut => {
            if state.online() {
                let read = state.read_all();
                out.push(Effect::SignOut(read));
            } else {
                state.ending = true;
                out.push(Effect::Quit);
            }
        }
        ConfirmAction::Transfer(id, target) => {
            parties::begin(state, &id, RequestKind::OneStepTransfer, *target, out)
        }
        ConfirmAction::LogOff(channel) => status::set(state, channel.as_deref(), &NewStatus::LogOff, out),
        ConfirmAction::Done { id, read } => {
            if let Some(session) = state.by_id_mut(&id) {
                session.read.seen(read);
            }
            if online(state) {
                done::finish(state, &id, out);
            }
        }
        ConfirmAction::Anyway { id, read, ending } => finish::anyway(state, &id, read, ending, out),
        ConfirmAction::SendTemplate(ready) => reach::send(state, *ready, out),
        ConfirmAction::KeepWay(contact, attribute, value) => {
            reach::keep(state, contact, attribute, value, out)
        }
        ConfirmAction::AssignContact { session, contact, name } => {
            contact_requests::assign(state, session, contact, &name, out);
        }
        ConfirmAction::DeleteContact(contact, name) => contacts::delete(state, contact, &name, out),
        ConfirmAction::DropForm => {
            state.layers.pop();
        }
        ConfirmAction::WriteTo(id, to) => addressees::set(state, &id, to, out),
        ConfirmAction::SendUnfilled(id, words) => compose::send_as_is(state, &id, words, out),
        ConfirmAction::SendLiterally(id) => {
            if let Some(text) = state.by_id(&id).map(|session| session.draft.text().to_owned()) {
                compose::send(state, &id, text, out);
            }
        }
    }
}

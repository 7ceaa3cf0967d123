//! Questions that are answered with yes or no: leaving the desk, and what a yes does for each feature.

use crate::app::core::effect::Effect;
use crate::app::core::layer::{Confirm, Layer, Then};
use crate::app::core::requests::online;
use crate::app::core::state::State;
use crate::app::dispatch::finish;
use crate::app::features::compose::{addressees as consult, update as compose};
use crate::app::features::contacts::update as contacts;
use crate::app::features::done::update as ends;
use crate::app::features::parties::update as party;
use crate::app::features::reach::update as reach;
use crate::app::features::status::{Wanted, update as status};
use crate::domain::routing_based::RequestKind;
use crate::domain::transcript::{PendingMessage, SendState};
use crate::text::Clean;

/// Logs off one channel, or all, after a confirmation.
pub(in crate::app) fn log_off(state: &mut State, channel: Option<String>, out: &mut Vec<Effect>) {
    if online(state) {
        ask_to_leave(state, Then::LogOff(channel), "Log off?", out);
    }
}

pub(in crate::app) fn ask_to_leave(state: &mut State, then: Then, question: &str, out: &mut Vec<Effect>) {
    let open = state.sessions.len();
    let held = |pending: &PendingMessage| matches!(pending.state, SendState::Held { .. });
    let unsent = state.sessions.iter().any(|session| !session.transcript.pending().iter().all(held));
    if open == 0 && then == Then::Quit {
        return confirmed(state, then, out);
    }
    let mut words = match (open, &then) {
        (0, _) => format!("{question} Enter does it; Esc stays."),
        (_, Then::SignOut | Then::LogOff(_)) => format!(
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
pub(in crate::app) fn confirmed(state: &mut State, then: Then, out: &mut Vec<Effect>) {
    match then {
        Then::Quit => {
            state.ending = true;
            out.push(Effect::Quit);
        }
        Then::SignOut => {
            if state.online() {
                let read = state.read_all();
                out.push(Effect::SignOut(read));
            } else {
                state.ending = true;
                out.push(Effect::Quit);
            }
        }
        Then::Transfer(id, target) => party::begin(state, &id, RequestKind::OneStepTransfer, *target, out),
        Then::LogOff(channel) => status::set(state, channel.as_deref(), &Wanted::LogOff, out),
        Then::Done { id, read } => {
            if let Some(session) = state.by_id_mut(&id) {
                session.read.seen(read);
            }
            if online(state) {
                ends::finish(state, &id, out);
            }
        }
        Then::Anyway { id, read, ending } => finish::anyway(state, &id, read, ending, out),
        Then::SendTemplate(ready) => reach::send(state, *ready, out),
        Then::KeepWay(contact, attribute, value) => reach::keep(state, contact, attribute, value, out),
        Then::AssignContact { session, contact, name } => {
            contacts::assign(state, session, contact, &name, out);
        }
        Then::DeleteContact(contact, name) => contacts::delete(state, contact, &name, out),
        Then::DropForm => {
            state.layers.pop();
        }
        Then::WriteTo(id, to) => consult::set(state, &id, to, out),
        Then::SendUnfilled(id, words) => compose::send_as_is(state, &id, words, out),
        Then::SendLiterally(id) => {
            if let Some(text) = state.by_id(&id).map(|session| session.draft.text().to_owned()) {
                compose::send(state, &id, text, out);
            }
        }
    }
}

//! The addressees of the draft: everybody, or colleagues only.
//!
//! Owns: when the addressees change.
//! Invariants: text written for colleagues never becomes a text to the customer by itself; a consulted agent
//! cannot write to the customer.

use crate::app::core::action::Action;
use crate::app::core::drafts::save_draft;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Confirm, ConfirmAction, Layer};
use crate::app::core::notice::Level;
use crate::app::core::outbox::{has_readers, why_aside};
use crate::app::core::session::Session;
use crate::app::core::state::State;
use crate::domain::InteractionId;
use crate::domain::message::Visibility;
use crate::domain::monitoring::MonitorMode;
use crate::domain::transcript::Draft;
use crate::text::Clean;

/// Changes the addressees in the shown session: to those named by the word, or to the other ones.
pub(in crate::app) fn write_to(state: &mut State, word: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session");
        return;
    };
    if session.interaction.am_silent() {
        let words = silent(state, &session.interaction.id);
        return state.say(Level::Info, words);
    }
    let word = word.trim().to_lowercase();
    let to = match word.as_str() {
        "" if session.is_internal() => Visibility::All,
        "" => Visibility::Agent,
        word if "customer".starts_with(word) => Visibility::All,
        word if "colleagues".starts_with(word) => Visibility::Agent,
        other => {
            let words = format!("to whom? /to customer or /to colleagues, not {other:?}");
            state.say(Level::Warning, words);
            return;
        }
    };
    if to == session.to {
        let words = if session.is_internal() {
            "you write to colleagues only already"
        } else {
            "you write to the customer already"
        };
        state.say(Level::Info, words);
        return;
    }
    let (id, typed) = (session.interaction.id.clone(), !session.draft.is_empty());
    if to == Visibility::All
        && let Some(words) = why_aside(&session.interaction)
    {
        state.say(Level::Warning, words);
        return;
    }
    if to != Visibility::All && !has_readers(state, &id) {
        state.say(Level::Info, "no colleague is here; consult one first");
        return;
    }
    if !typed {
        return set(state, &id, to, out);
    }
    let text = if to == Visibility::All {
        "What you have written for colleagues becomes a text to the CUSTOMER. It is not sent yet. Enter does it; Esc leaves it for colleagues."
    } else {
        "What you have written for the customer becomes words for colleagues only. Enter does it; Esc leaves it for the customer."
    };
    state.layers.push(Layer::Confirm(Confirm { text: text.into(), then: ConfirmAction::WriteTo(id, to) }));
}

/// Sets the addressees in that session. The situation may have changed while a question was open.
pub(in crate::app) fn set(state: &mut State, id: &InteractionId, to: Visibility, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id_mut(id) else { return };
    if to == Visibility::All
        && let Some(words) = why_aside(&session.interaction)
    {
        state.say(Level::Warning, words);
        return;
    }
    session.to = to;
    session.no_reader_reported = false;
    let words = if to == Visibility::All {
        "what you write here goes to the customer"
    } else {
        "what you write here goes to colleagues only; the customer does not see it"
    };
    state.say(Level::Info, words);
    save_draft(state, id, out);
}

/// Restores a stored draft in a session that opens.
pub(in crate::app) fn restored(session: &mut Session, draft: Draft) {
    session.draft.set_text(draft.text);
    session.to = if session.interaction.writes_aside() { Visibility::Agent } else { draft.to };
}

/// Reacts to a change of the parties in a session; `advised` says whether the agent was a consultant before.
pub(in crate::app) fn changed(state: &mut State, id: &InteractionId, advised: bool, out: &mut Vec<Effect>) {
    let readers = has_readers(state, id);
    let hint = state.settings.keymap.hint(Action::WriteTo);
    let Some(session) = state.by_id_mut(id) else { return };
    let name = session.name();
    if session.interaction.writes_aside() {
        if !session.is_internal() {
            session.to = Visibility::Agent;
            save_draft(state, id, out);
        }
        return;
    }
    if readers || !session.is_internal() {
        session.no_reader_reported = false;
        // A supervisor barges in to write to the customer.
        let barged_in = advised && session.interaction.monitor == Some(MonitorMode::BargeIn);
        if barged_in && session.draft.is_empty() {
            session.to = Visibility::All;
            return save_draft(state, id, out);
        }
        if advised && session.is_internal() {
            let words =
                format!("{name}: you are here for the customer too now; {hint} writes to the customer");
            state.say(Level::Good, Clean::line(&words));
        }
        return;
    }
    let words = if session.draft.is_empty() {
        session.to = Visibility::All;
        format!("{name}: no colleague is here any more; what you write goes to the customer again")
    } else if session.no_reader_reported {
        return;
    } else {
        session.no_reader_reported = true;
        format!(
            "{name}: no colleague is here any more. What you wrote for colleagues stays that; {hint} makes it a text to the customer"
        )
    };
    state.say(Level::Warning, Clean::line(&words));
    save_draft(state, id, out);
}

/// The notice for a supervisor who only monitors a session, and the modes they may switch to.
pub(in crate::app) fn silent(state: &State, id: &InteractionId) -> String {
    let may =
        |mode: MonitorMode| state.by_id(id).is_some_and(|session| session.interaction.may(mode.operation()));
    let hint = |action| state.settings.keymap.hint(action);
    let ways = [
        may(MonitorMode::Coach).then(|| format!("{} coaches", hint(Action::Coach))),
        may(MonitorMode::BargeIn).then(|| format!("{} joins the session", hint(Action::BargeIn))),
    ];
    let ways: Vec<String> = ways.into_iter().flatten().collect();
    if ways.is_empty() {
        return "you watch silently; your account allows nothing else".to_owned();
    }
    format!("you watch silently. {}", ways.join(", "))
}

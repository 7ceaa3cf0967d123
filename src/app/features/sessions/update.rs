//! The open sessions: which one is shown.

use crate::app::core::layer::{Choice, Layer};
use crate::app::core::notice::Level;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::session::Session;
use crate::app::core::state::State;
use crate::app::core::view::show;

/// Shows the next or the previous session, wrapping at the ends.
pub(in crate::app) fn step(state: &mut State, forward: bool) {
    let count = state.sessions.len();
    let at = state.shown.as_ref().and_then(|id| state.sessions.iter().position(|s| s.interaction.id == *id));
    let next = match at {
        None => 0,
        Some(at) if forward => (at + 1) % count.max(1),
        Some(at) => (at + count.max(1) - 1) % count.max(1),
    };
    if let Some(id) = state.sessions.get(next).map(|session| session.interaction.id.clone()) {
        show(state, &id);
    }
}

/// Shows the session whose customer has waited longest.
pub(in crate::app) fn waiting(state: &mut State) {
    let longest = state
        .sessions
        .iter()
        .filter_map(|session| session.waiting_since().map(|since| (since, session.interaction.id.clone())))
        .min_by_key(|(since, _)| *since);
    match longest {
        Some((_, id)) => show(state, &id),
        None => state.say(Level::Good, "nobody waits for an answer"),
    }
}

/// Shows the session whose name matches, or lists the sessions.
pub(in crate::app) fn find(state: &mut State, name: &str) {
    let item = |session: &Session| Item {
        label: session.name(),
        detail: session.interaction.party.display_number().unwrap_or_default(),
        value: Choice::Session(session.interaction.id.clone()),
    };
    let mut picker =
        Picker::new("Go to session", "no session fits", state.sessions.iter().map(item).collect());
    if !name.is_empty() {
        picker.edit(|query| query.insert(name));
        if let Some(Choice::Session(id)) = picker.chosen().map(|item| item.value.clone()) {
            return show(state, &id);
        }
    }
    state.layers.push(Layer::Pick(picker));
}

/// Shows the session with that number, counted from 1.
pub(in crate::app) fn show_numbered(state: &mut State, number: usize) {
    let session = number.checked_sub(1).and_then(|place| state.sessions.get(place));
    match session.map(|session| session.interaction.id.clone()) {
        Some(id) => show(state, &id),
        None => state.say(Level::Info, format!("there is no session {number}")),
    }
}

//! What the agent has viewed, so that it still counts as read after the console was killed.
//!
//! Invariant: an entry counts as viewed when its session was shown, scrolled to its newest message, in a
//! focused terminal that is not locked.

use crate::app::core::effect::Effect;
use crate::app::core::scroll::Scroll;
use crate::app::core::state::State;
use crate::domain::InteractionId;
use std::collections::HashMap;

/// Stores what is in view now, if it has changed.
pub(in crate::app) fn note(state: &mut State, out: &mut Vec<Effect>) {
    // What an earlier run stored must be loaded before it is replaced.
    if !state.seen_known || !state.focused || state.lock.is_some() {
        return;
    }
    let Some(session) = state.session_mut().filter(|session| session.scroll == Scroll::Bottom) else {
        return;
    };
    let entry = session.transcript.last_index().max(session.seen);
    if entry == 0 {
        // The session's log is not read yet.
        return;
    }
    session.seen = entry;
    let id = session.interaction.id.clone();
    if state.seen_last.as_ref() != Some(&(id.clone(), entry)) {
        state.seen_last = Some((id.clone(), entry));
        out.push(Effect::KeepSeen { session: id, entry });
    }
}

/// Restores what an earlier run had viewed, and shows its session unless the agent has chosen one meanwhile.
pub(in crate::app) fn restore(
    state: &mut State,
    entries: Vec<(InteractionId, u64)>,
    last: Option<InteractionId>,
) {
    state.seen_known = true;
    state.seen_before = entries.into_iter().collect::<HashMap<_, _>>();
    for session in &mut state.sessions {
        if let Some(entry) = state.seen_before.remove(&session.interaction.id) {
            session.looked_at_up_to(entry);
        }
    }
    state.shown_before = last;
    let open = state.shown_before.clone().filter(|id| state.by_id(id).is_some());
    if let Some(id) = open.filter(|_| state.layers.is_empty()) {
        crate::app::core::view::show(state, &id);
    }
}

//! Locking the console, and the status that goes with it.

use crate::app::core::effect::Effect;
use crate::app::core::state::State;
use crate::app::features::lock::update as lock;
use crate::app::features::status::update as status;

/// Locks the console when nobody has used it for the time set by an option.
pub(super) fn lock_if_due(state: &mut State, out: &mut Vec<Effect>) {
    if lock::due_at(state).is_some_and(|due| due <= state.now) {
        lock_console(state, true, out);
    }
}

/// Locks the console, and sets the status that the options require.
pub(super) fn lock_console(state: &mut State, by_itself: bool, out: &mut Vec<Effect>) {
    if lock::lock(state, by_itself, out) {
        status::locked(state, out);
    }
}

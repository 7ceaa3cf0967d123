//! Connects the keys of a list to the feature that owns the list.
//!
//! Moving, typing and switching parts work the same in every list and are handled before.
//! Must not: name a feature.

use crate::app::core::effect::Effect;
use crate::app::core::state::State;

/// A feature with a list. Each function finds its list as the topmost layer.
pub(in crate::app) trait ListFeature {
    /// Reacts to a change of the typed query.
    fn typed(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// Reacts to the choice of another part of the list.
    fn part_changed(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// Marks the selected row as a favourite, or unmarks it.
    fn toggle_favourite(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// Reacts to the selection of another row.
    fn moved(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// Takes the selected row.
    fn take(&self, state: &mut State, out: &mut Vec<Effect>);
}

//! What the keys of a list do for the feature that the list belongs to.
//!
//! Moving, typing and showing a part are the same in every list and done before. Must not: know a feature.

use crate::app::core::effect::Effect;
use crate::app::core::state::State;

/// A feature with a list to choose from. Each function finds its list as the topmost layer.
pub(in crate::app) trait ListFeature {
    /// What was typed has changed.
    fn typed(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// Another part is shown.
    fn part_changed(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// The chosen row becomes a favourite, or stops being one.
    fn toggle_favourite(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// Another row is chosen and not taken yet.
    fn moved(&self, _state: &mut State, _out: &mut Vec<Effect>) {}

    /// Takes the chosen row.
    fn take(&self, state: &mut State, out: &mut Vec<Effect>);
}

//! What every list with parts and favourites shares: its acts, and to whom each list passes them.

use crate::app::core::action::{ACTIONS, Action};
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::picker::{Extra, Item, Picker};
use crate::app::core::state::State;
use crate::app::features::contacts::update as contacts;
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::status::Wanted;
use crate::app::features::targets::update as targets;
use crate::text::{Clean, fold};

/// Does an act of the topmost list. In a list without parts the keys of the parts go through its rows.
pub(in crate::app) fn perform(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Some(picker) = state.layers.last_mut().and_then(Layer::list_mut) else { return };
    match action {
        Action::NextFilter | Action::PreviousFilter if picker.filters().is_empty() => {
            picker.step(action == Action::NextFilter);
        }
        Action::NextFilter | Action::PreviousFilter => {
            picker.step_filter(action == Action::NextFilter);
            filtered(state, out);
        }
        Action::Favourite if picker.has_favourites() => favourite(state, out),
        _ => {}
    }
}

/// Shows a part of the topmost list by its place, as with the mouse.
pub(in crate::app) fn show_part(state: &mut State, place: usize, out: &mut Vec<Effect>) {
    if let Some(picker) = state.layers.last_mut().and_then(Layer::list_mut) {
        picker.set_filter(place);
        filtered(state, out);
    }
}

/// What was typed in the topmost list changed.
pub(in crate::app) fn typed(state: &mut State, out: &mut Vec<Effect>) {
    match state.layers.last() {
        Some(Layer::Targets(_)) => targets::typed(state),
        Some(Layer::People(_)) => contacts::typed(state, out),
        Some(Layer::Responses(_)) => responses::typed(state, out),
        _ => {}
    }
}

/// Another part of the topmost list is shown.
fn filtered(state: &mut State, out: &mut Vec<Effect>) {
    match state.layers.last() {
        Some(Layer::Targets(_)) => targets::filtered(state, out),
        Some(Layer::Templates(_)) => reach::filtered(state),
        Some(Layer::People(_)) => contacts::filtered(state, out),
        Some(Layer::Responses(_)) => responses::filtered(state, out),
        _ => {}
    }
}

/// The chosen row of the topmost list is to be a favourite, or to be none any more.
fn favourite(state: &mut State, out: &mut Vec<Effect>) {
    match state.layers.last() {
        Some(Layer::Targets(_)) => targets::favourite(state, out),
        Some(Layer::Responses(_)) => responses::favourite(state, out),
        _ => {}
    }
}

/// Another row of the topmost list was chosen, without being taken.
pub(in crate::app) fn moved(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(Layer::Responses(_)) = state.layers.last() {
        responses::look(state, out);
    }
}

/// Opens the list of all actions and Not Ready reasons, found by the words that people type for them.
pub(in crate::app) fn palette(state: &mut State) {
    let keymap = &state.settings.keymap;
    let acts = ACTIONS.iter().filter(|info| info.action.in_palette() && state.offers(info)).map(|info| {
        let slash = info.slash.map_or(String::new(), |(name, _)| format!("  /{name}"));
        let detail = Clean::line(format!("{}{slash}", keymap.hint(info.action)).trim());
        let item = Item { label: info.help.into(), detail, value: Choice::Do(info.action) };
        let names = info.also.iter().copied().chain(info.slash.map(|(slash, _)| slash)).chain([info.name]);
        (item, Extra { called: names.map(fold::folded).collect(), ..Extra::default() })
    });
    // People type “Lunch”, not “Not Ready”.
    let reasons = state.reasons.iter().map(|reason| {
        let label = Clean::line(&format!("Not Ready: {}", reason.name));
        let value = Choice::Status { channel: None, to: Wanted::NotReady(Some(reason.code.clone())) };
        (
            Item { label, detail: Clean::default(), value },
            Extra { called: vec!["break".to_owned()], ..Extra::default() },
        )
    });
    let rows = acts.chain(reasons).collect();
    let mut picker = Picker::new("Commands", "no command fits", Vec::new());
    picker.set_rows(rows, |a, b| a == b);
    state.layers.push(Layer::Pick(picker));
}

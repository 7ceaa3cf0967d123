//! The keys of lists, and the feature that each list belongs to.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::list_feature::ListFeature;
use crate::app::core::state::State;
use crate::app::dispatch::choices;
use crate::app::features::contacts::update as contacts;
use crate::app::features::contacts::update::ContactsFeature;
use crate::app::features::parties::update as parties;
use crate::app::features::reach::update::ReachFeature;
use crate::app::features::responses::update::ResponsesFeature;
use crate::app::features::targets::{TargetChoice, update as targets};

/// Performs an action of the topmost list. In a list without parts, the keys for parts move the selection.
pub(in crate::app) fn perform(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Some(picker) = state.layers.last_mut().and_then(Layer::list_mut) else { return };
    match action {
        Action::NextFilter | Action::PreviousFilter if picker.filters().is_empty() => {
            picker.step(action == Action::NextFilter);
        }
        Action::NextFilter | Action::PreviousFilter => {
            picker.step_filter(action == Action::NextFilter);
            part_changed(state, out);
        }
        Action::Favourite if picker.has_favourites() => toggle_favourite(state, out),
        _ => {}
    }
}

/// Shows the part at this index of the topmost list, as with the mouse.
pub(in crate::app) fn show_part(state: &mut State, place: usize, out: &mut Vec<Effect>) {
    if let Some(picker) = state.layers.last_mut().and_then(Layer::list_mut) {
        picker.set_filter(place);
        part_changed(state, out);
    }
}

/// The feature whose list is the topmost layer.
fn feature(state: &State) -> Option<&'static dyn ListFeature> {
    match state.layers.last()? {
        Layer::Pick(_) => Some(&PickFeature),
        Layer::Targets(_) => Some(&TargetsFeature),
        Layer::Reach(_) => Some(&ReachFeature),
        Layer::Contacts(_) => Some(&ContactsFeature),
        Layer::Responses(_) => Some(&ResponsesFeature),
        Layer::Help(_)
        | Layer::Notices(_)
        | Layer::Case(_)
        | Layer::Workbins(_)
        | Layer::Prompt(_)
        | Layer::Dispositions(_)
        | Layer::Form(_)
        | Layer::Confirm(_) => None,
    }
}

/// Reacts to the choice of another part of the topmost list.
fn part_changed(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(feature) = feature(state) {
        feature.part_changed(state, out);
    }
}

/// Marks the selected row of the topmost list as a favourite, or unmarks it.
fn toggle_favourite(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(feature) = feature(state) {
        feature.toggle_favourite(state, out);
    }
}

/// Reacts to a change of the query of the topmost list.
pub(in crate::app) fn typed(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(feature) = feature(state) {
        feature.typed(state, out);
    }
}

/// Reacts to the selection of another row of the topmost list.
pub(in crate::app) fn moved(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(feature) = feature(state) {
        feature.moved(state, out);
    }
}

/// Takes the selected row of the topmost list.
pub(in crate::app) fn take(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(feature) = feature(state) {
        feature.take(state, out);
    }
}

/// A list of the console itself: the chosen value identifies its feature.
struct PickFeature;

impl ListFeature for PickFeature {
    fn take(&self, state: &mut State, out: &mut Vec<Effect>) {
        let Some(Layer::Pick(list)) = state.layers.last() else { return };
        let Some(choice) = list.chosen().map(|item| item.value.clone()) else { return };
        if !matches!(&choice, Choice::Contact(choice) if contacts::stays(state, choice)) {
            state.layers.pop();
        }
        choices::apply_choice(state, choice, out);
    }
}

/// The list of targets: taking a row begins a request about the parties of the session.
struct TargetsFeature;

impl ListFeature for TargetsFeature {
    fn typed(&self, state: &mut State, _out: &mut Vec<Effect>) {
        targets::typed(state);
    }

    fn part_changed(&self, state: &mut State, out: &mut Vec<Effect>) {
        targets::filtered(state, out);
    }

    fn toggle_favourite(&self, state: &mut State, out: &mut Vec<Effect>) {
        targets::favourite(state, out);
    }

    fn take(&self, state: &mut State, out: &mut Vec<Effect>) {
        let Some(Layer::Targets(list)) = state.layers.last() else { return };
        let Some(choice) = list.picker.chosen().map(|item| item.value.clone()) else { return };
        let (session, kind) = (list.session.clone(), list.kind);
        state.layers.pop();
        match choice {
            TargetChoice::Target(target) => parties::choose(state, &session, kind, target, out),
            TargetChoice::Contact { contact, name } => targets::contact_chosen(state, &contact, &name),
        }
    }
}

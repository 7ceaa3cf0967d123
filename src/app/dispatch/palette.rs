//! The palette: every action, found by the words that people type for it.

use crate::app::core::action::ACTIONS;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::picker::{Extra, Item, Picker};
use crate::app::core::state::State;
use crate::app::features::status::model::{NewStatus, StatusChoice};
use crate::text::{Clean, fold};

/// Opens the list of all actions and Not Ready reasons.
pub(in crate::app) fn open(state: &mut State) {
    let keymap = &state.settings.keymap;
    let actions = ACTIONS.iter().filter(|info| info.action.in_palette() && state.offers(info)).map(|info| {
        let slash = info.slash.map_or(String::new(), |(name, _)| format!("  /{name}"));
        let detail = Clean::line(format!("{}{slash}", keymap.hint(info.action)).trim());
        let item = Item { label: info.help.into(), detail, value: Choice::Do(info.action) };
        let names = info.also.iter().copied().chain(info.slash.map(|(slash, _)| slash)).chain([info.name]);
        (item, Extra { called: names.map(fold::folded).collect(), ..Extra::default() })
    });
    // People type “Lunch”, not “Not Ready”.
    let reasons = state.reasons.iter().map(|reason| {
        let label = Clean::line(&format!("Not Ready: {}", reason.name));
        let value = Choice::Status(StatusChoice::Set(None, NewStatus::NotReady(Some(reason.code.clone()))));
        (
            Item { label, detail: Clean::default(), value },
            Extra { called: vec!["break".to_owned()], ..Extra::default() },
        )
    });
    let rows = actions.chain(reasons).collect();
    let mut picker = Picker::new("Commands", "no command fits", Vec::new());
    picker.set_rows(rows, |a, b| a == b);
    state.layers.push(Layer::Pick(picker));
}

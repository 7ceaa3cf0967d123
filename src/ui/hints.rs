//! The most useful keys of the current screen, as many as fit.

use super::paint::{Canvas, StyledLine};
use crate::app::core::form::{Form, FormPurpose};
use crate::app::core::layer::Layer;
use crate::app::core::picker::List;
use crate::app::core::session::Session;
use crate::app::features::contacts::{ContactsLayer, PastView};
use crate::app::features::disposition::{DispositionRow, Dispositions};
use crate::app::features::reach::ReachLayer;
use crate::app::features::workbins::WorkbinList;
use crate::app::{Action, State};
use ratatui::layout::Rect;

/// Draws as many hints as fit.
pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme();
    let mut line = StyledLine::default();
    for (key, words) in hints(state) {
        let mut hint = StyledLine::default();
        hint.push_gap(if line.width() == 0 { 1 } else { 3 });
        hint.push(key, theme.key);
        hint.push(format!(" {words}"), theme.faint);
        if line.width() + hint.width() <= area.width {
            line.append(hint);
        }
    }
    canvas.left(area, &line);
}

/// A key and what it does.
type Hint = (String, &'static str);

/// The hints of the topmost layer, or of the main screen when no layer is open.
fn hints(state: &State) -> Vec<Hint> {
    state.layers.last().map_or_else(|| desk_hints(state), |layer| layer_hints(state, layer))
}

fn fixed(pairs: &[(&str, &'static str)]) -> Vec<Hint> {
    pairs.iter().map(|(key, words)| ((*key).to_owned(), *words)).collect()
}

fn layer_hints(state: &State, layer: &Layer) -> Vec<Hint> {
    match layer {
        Layer::Help(_) | Layer::Notices(_) | Layer::Case(_) => {
            fixed(&[("Esc", "close"), ("↑ ↓ PageUp PageDown", "read")])
        }
        Layer::Responses(list) => picker_hints(state, &list.picker, "insert"),
        Layer::Pick(picker) => picker_hints(state, picker, "choose"),
        Layer::Targets(list) => picker_hints(state, &list.picker, "choose"),
        Layer::Reach(layer) => match &**layer {
            ReachLayer::Menu(menu) => picker_hints(state, &menu.picker, "choose"),
            ReachLayer::Templates(list) => picker_hints(state, &list.picker, "choose"),
            ReachLayer::Outside(_) => fixed(&[("Enter", "copy the link"), ("Esc", "close")]),
        },
        Layer::Contacts(layer) => match layer {
            ContactsLayer::List(list) => picker_hints(state, &list.picker, "choose"),
            ContactsLayer::Past(view) => past_session_hints(view),
        },
        Layer::Dispositions(list) => disposition_hints(list),
        Layer::Form(form) => form_hints(form),
        Layer::Workbins(list) => workbin_hints(state, *list),
        Layer::Prompt(_) => fixed(&[("Enter", "done"), ("Esc", "go back")]),
        Layer::Confirm(_) => fixed(&[("Enter", "yes"), ("Esc", "no")]),
    }
}

fn picker_hints(state: &State, picker: &dyn List, enter: &'static str) -> Vec<Hint> {
    let mut hints = Vec::new();
    if picker.count() > 0 {
        hints.push(("Enter".to_owned(), enter));
    }
    hints.push(("Esc".to_owned(), "go back"));
    if picker.count() > 1 {
        hints.push(("↑ ↓".to_owned(), "move"));
    }
    let actions = [
        (Action::NextFilter, "next part", !picker.filters().is_empty()),
        (Action::Favourite, "favourite", picker.has_favourites() && picker.count() > 0),
    ];
    let keymap = &state.settings.keymap;
    let usable =
        actions.into_iter().filter(|(action, _, has_effect)| *has_effect && !keymap.keys(*action).is_empty());
    hints.extend(usable.map(|(action, words, _)| (keymap.hint(action), words)));
    hints
}

fn disposition_hints(list: &Dispositions) -> Vec<Hint> {
    let mut hints = fixed(&[("Enter", "choose"), ("Esc", "go back"), ("↑ ↓", "move")]);
    if list.query().is_empty() && list.rows().iter().any(|row| matches!(row, DispositionRow::Folder { .. })) {
        hints.push(("→ ←".to_owned(), "open, close"));
    }
    hints
}

fn past_session_hints(view: &PastView) -> Vec<Hint> {
    let mut hints = fixed(&[("Esc", "close"), ("↑ ↓ PageUp PageDown", "read"), ("letters", "search")]);
    if !view.find.is_empty() {
        hints.push(("Enter".to_owned(), "next"));
    }
    hints
}

fn form_hints(form: &Form) -> Vec<Hint> {
    let enter = match &form.purpose {
        FormPurpose::Template(_) => "preview",
        FormPurpose::Case { .. }
        | FormPurpose::Note(_)
        | FormPurpose::Contact(_)
        | FormPurpose::NewContact(_) => {
            if form.add_row().is_some() {
                "add"
            } else {
                "save"
            }
        }
    };
    fixed(&[("Enter", enter), ("Esc", "go back"), ("Tab ↑ ↓", "move")])
}

fn workbin_hints(state: &State, list: WorkbinList) -> Vec<Hint> {
    let parked = state.workbins.all.get(list.tab).map_or(0, |workbin| workbin.items.len());
    let mut hints = fixed(&[("Esc", "go back")]);
    if parked > 0 && state.online() {
        hints.insert(0, ("Enter".to_owned(), "take it back"));
    }
    if parked > 1 {
        hints.push(("↑ ↓".to_owned(), "move"));
    }
    if state.workbins.all.len() > 1 {
        hints.push(("Tab".to_owned(), "next workbin"));
    }
    hints
}

/// Actions in the shown session when its agent monitors, coaches or has barged in.
const MONITORED: &[(Action, &str)] = &[
    (Action::Help, "keys"),
    (Action::Palette, "commands"),
    (Action::Coach, "coach"),
    (Action::BargeIn, "barge in"),
    (Action::Watch, "only watch"),
    (Action::Monitor, "monitor"),
    (Action::NextSession, "next session"),
    (Action::Search, "search"),
    (Action::SidePane, "case data"),
    (Action::WaitingSession, "longest wait"),
];
/// Actions of a supervisor without a session.
const SUPERVISOR: &[(Action, &str)] = &[
    (Action::Help, "keys"),
    (Action::Palette, "commands"),
    (Action::Monitor, "monitor an agent"),
    (Action::Notices, "notices"),
    (Action::Quit, "quit"),
];
/// Actions in a session that the agent handles.
const SESSION: &[(Action, &str)] = &[
    (Action::Help, "keys"),
    (Action::Palette, "commands"),
    (Action::Status, "status"),
    (Action::Done, "done"),
    (Action::Responses, "responses"),
    (Action::Transfer, "transfer"),
    (Action::Conference, "conference"),
    (Action::Search, "search"),
    (Action::Disposition, "disposition"),
    (Action::Note, "note"),
    (Action::Park, "park"),
    (Action::SidePane, "case data"),
    (Action::WaitingSession, "longest wait"),
];
/// Actions of an agent without a session.
const IDLE: &[(Action, &str)] = &[
    (Action::Help, "keys"),
    (Action::Palette, "commands"),
    (Action::Status, "status"),
    (Action::Notices, "notices"),
    (Action::Quit, "quit"),
];

fn desk_hints(state: &State) -> Vec<Hint> {
    let actions = match state.session() {
        Some(session) if session.interaction.monitor.is_some() => MONITORED,
        Some(_) => SESSION,
        None if state.oversees() => SUPERVISOR,
        None => IDLE,
    };
    let keymap = &state.settings.keymap;
    let write_to = state.can(Action::WriteTo).then(|| {
        let internal = state.session().is_some_and(Session::is_internal);
        (Action::WriteTo, if internal { "to the customer" } else { "to colleagues" })
    });
    let possible = write_to.iter().chain(actions).filter(|(action, _)| state.can(*action));
    let mut hints: Vec<_> = possible
        .map(|(action, words)| (short(&keymap.hint(*action)), *words))
        .filter(|(key, _)| !key.is_empty())
        .collect();
    // A slash begins a command only in an empty draft.
    if state.session().is_none_or(|session| session.draft.is_empty()) {
        hints.insert(hints.len().min(2), ("/".to_owned(), "command"));
    }
    hints
}

/// `Ctrl+K` as `^K`.
pub(super) fn short(key: &str) -> String {
    match key.strip_prefix("Ctrl+") {
        Some(rest) if rest.chars().count() == 1 => format!("^{rest}"),
        _ => key.to_owned(),
    }
}

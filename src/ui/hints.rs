//! The keys that are worth knowing now, as many as fit.

use super::paint::{Canvas, Line};
use crate::app::disposition::Row;
use crate::app::form::Purpose;
use crate::app::layer::Layer;
use crate::app::session::Session;
use crate::app::{Action, State};
use ratatui::layout::Rect;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme();
    let mut line = Line::default();
    for (key, words) in wanted(state) {
        let mut hint = Line::default();
        hint.gap(if line.width() == 0 { 1 } else { 3 });
        hint.push(key, theme.key);
        hint.push(format!(" {words}"), theme.faint);
        if line.width() + hint.width() <= area.width {
            line.append(hint);
        }
    }
    canvas.left(area, &line);
}

fn wanted(state: &State) -> Vec<(String, &'static str)> {
    let own = |pairs: &[(&str, &'static str)]| {
        pairs.iter().map(|(key, words)| ((*key).to_owned(), *words)).collect::<Vec<_>>()
    };
    if let Some(picker) = state.layers.last().and_then(Layer::picker) {
        let enter =
            if matches!(state.layers.last(), Some(Layer::Responses(_))) { "insert" } else { "choose" };
        let mut hints = Vec::new();
        if picker.chosen().is_some() {
            hints.push(("Enter".to_owned(), enter));
        }
        hints.push(("Esc".to_owned(), "go back"));
        if picker.shown().len() > 1 {
            hints.push(("↑ ↓".to_owned(), "move"));
        }
        let acts = [
            (Action::NextFilter, "next part", !picker.filters().is_empty()),
            (Action::Favourite, "favourite", picker.has_favourites() && picker.chosen().is_some()),
        ];
        let keymap = &state.settings.keymap;
        let acts = acts.into_iter().filter(|(act, _, wanted)| *wanted && !keymap.keys(*act).is_empty());
        hints.extend(acts.map(|(act, words, _)| (keymap.hint(act), words)));
        return hints;
    }
    match state.layers.last() {
        Some(Layer::Help(_) | Layer::Notices(_) | Layer::Case(_)) => {
            return own(&[("Esc", "close"), ("↑ ↓ PageUp PageDown", "read")]);
        }
        Some(Layer::Dispositions(list)) => {
            let mut hints = own(&[("Enter", "choose"), ("Esc", "go back"), ("↑ ↓", "move")]);
            if list.query().is_empty() && list.rows().iter().any(|row| matches!(row, Row::Folder { .. })) {
                hints.push(("→ ←".to_owned(), "open, close"));
            }
            return hints;
        }
        Some(Layer::Past(view)) => {
            let mut hints = own(&[("Esc", "close"), ("↑ ↓ PageUp PageDown", "read"), ("letters", "search")]);
            if !view.find.is_empty() {
                hints.push(("Enter".to_owned(), "next"));
            }
            return hints;
        }
        Some(Layer::Form(form)) => {
            let enter = match form.purpose {
                Purpose::Template(_) => "look at it",
                _ if form.add_row().is_some() => "add",
                _ => "save",
            };
            return own(&[("Enter", enter), ("Esc", "go back"), ("Tab ↑ ↓", "move")]);
        }
        Some(Layer::Workbins(list)) => {
            let parked = state.workbins.all.get(list.tab).map_or(0, |workbin| workbin.items.len());
            let mut hints = own(&[("Esc", "go back")]);
            if parked > 0 && state.online() {
                hints.insert(0, ("Enter".to_owned(), "take it back"));
            }
            if parked > 1 {
                hints.push(("↑ ↓".to_owned(), "move"));
            }
            if state.workbins.all.len() > 1 {
                hints.push(("Tab".to_owned(), "next workbin"));
            }
            return hints;
        }
        Some(Layer::Outside(_)) => return own(&[("Enter", "copy the link"), ("Esc", "close")]),
        Some(Layer::Prompt(_)) => return own(&[("Enter", "done"), ("Esc", "go back")]),
        Some(Layer::Confirm(_)) => return own(&[("Enter", "yes"), ("Esc", "no")]),
        _ => {}
    }
    let monitor = state.session().and_then(|session| session.interaction.monitor);
    let acts: &[(Action, &'static str)] = if monitor.is_some() {
        &[
            (Action::Help, "keys"),
            (Action::Palette, "commands"),
            (Action::Coach, "coach"),
            (Action::BargeIn, "barge in"),
            (Action::Watch, "only watch"),
            (Action::Monitor, "monitor"),
            (Action::NextSession, "next session"),
            (Action::Search, "search"),
            (Action::SidePane, "case data"),
            (Action::WaitingSession, "who waits longest"),
        ]
    } else if state.session().is_none() && state.oversees() {
        &[
            (Action::Help, "keys"),
            (Action::Palette, "commands"),
            (Action::Monitor, "monitor an agent"),
            (Action::Notices, "notices"),
            (Action::Quit, "quit"),
        ]
    } else if state.session().is_some() {
        &[
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
            (Action::WaitingSession, "who waits longest"),
        ]
    } else {
        &[
            (Action::Help, "keys"),
            (Action::Palette, "commands"),
            (Action::Status, "status"),
            (Action::Notices, "notices"),
            (Action::Quit, "quit"),
        ]
    };
    let keymap = &state.settings.keymap;
    let with_others = state.can(Action::WriteTo).then(|| {
        let internal = state.session().is_some_and(Session::is_internal);
        (Action::WriteTo, if internal { "to the customer" } else { "to colleagues" })
    });
    let named = with_others.iter().chain(acts).filter(|(action, _)| state.can(*action));
    let mut hints: Vec<_> = named
        .map(|(action, words)| (short(&keymap.hint(*action)), *words))
        .filter(|(key, _)| !key.is_empty())
        .collect();
    // In the middle of a text a slash is only a slash.
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

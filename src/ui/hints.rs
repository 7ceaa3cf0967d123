//! The keys that are worth knowing now, as many as fit.

use super::paint::{Canvas, Line};
use crate::app::layer::Layer;
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
        let mut hints = own(&[("Enter", enter), ("Esc", "go back"), ("↑ ↓", "move")]);
        let acts = [
            (Action::NextFilter, "next part", !picker.filters().is_empty()),
            (Action::PreviousFilter, "part before", !picker.filters().is_empty()),
            (Action::Favourite, "favourite", picker.has_favourites()),
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
        Some(Layer::Prompt(_)) => return own(&[("Enter", "done"), ("Esc", "go back")]),
        Some(Layer::Confirm(_)) => return own(&[("Enter", "yes"), ("Esc", "no")]),
        _ => {}
    }
    let open = state.shown.is_some();
    let acts: &[(Action, &'static str)] = if open {
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
    let mut hints: Vec<_> = acts
        .iter()
        .map(|(action, words)| (short(&keymap.hint(*action)), *words))
        .filter(|(key, _)| !key.is_empty())
        .collect();
    if open {
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

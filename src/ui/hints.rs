//! The keys that are worth knowing now, as many as fit.

use super::paint::{Canvas, Line};
use crate::app::form::Purpose;
use crate::app::layer::Layer;
use crate::app::session::Session;
use crate::app::{Action, State};
use crate::domain::monitoring::MonitorMode;
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
        Some(Layer::Dispositions(_)) => {
            return own(&[("Enter", "choose"), ("Esc", "go back"), ("↑ ↓", "move"), ("→ ←", "open, close")]);
        }
        Some(Layer::Past(_)) => {
            return own(&[
                ("Esc", "close"),
                ("↑ ↓ PageUp PageDown", "read"),
                ("letters", "search"),
                ("Enter", "next"),
            ]);
        }
        Some(Layer::Form(form)) => {
            let enter = match form.purpose {
                Purpose::Template(_) => "look at it",
                _ if form.add_row().is_some() => "add",
                _ => "save",
            };
            return own(&[("Enter", enter), ("Esc", "go back"), ("Tab ↑ ↓", "move")]);
        }
        Some(Layer::Workbins(_)) => {
            let mut hints = own(&[("Enter", "take it back"), ("Esc", "go back"), ("↑ ↓", "move")]);
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
    let open = state.shown.is_some();
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
    } else if !open && state.oversees() {
        &[
            (Action::Help, "keys"),
            (Action::Palette, "commands"),
            (Action::Monitor, "monitor an agent"),
            (Action::Notices, "notices"),
            (Action::Quit, "quit"),
        ]
    } else if open {
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
    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    let with_others = state.session().is_some_and(|session| session.interaction.others(me).next().is_some());
    let internal = state.session().is_some_and(Session::is_internal);
    let mode = if internal { "to the customer" } else { "to colleagues" };
    let consulted = state.session().is_some_and(|session| session.interaction.am_consulted());
    let not_theirs = |action: &Action| match (action, monitor) {
        (Action::Transfer | Action::Conference, _) => consulted,
        (Action::Coach, Some(now)) => !may(state, now, MonitorMode::Coach),
        (Action::BargeIn, Some(now)) => !may(state, now, MonitorMode::BargeIn),
        (Action::Watch, Some(now)) => !may(state, now, MonitorMode::Monitor),
        _ => false,
    };
    let mut hints: Vec<_> = acts
        .iter()
        .filter(|(action, _)| !not_theirs(action))
        .map(|(action, words)| (short(&keymap.hint(*action)), *words))
        .filter(|(key, _)| !key.is_empty())
        .collect();
    let aside = state.session().is_some_and(|session| session.interaction.writes_aside());
    if (with_others || internal) && !aside && monitor != Some(MonitorMode::Monitor) {
        hints.insert(0, (short(&keymap.hint(Action::WriteTo)), mode));
        hints.retain(|(key, _)| !key.is_empty());
    }
    if open {
        hints.insert(hints.len().min(2), ("/".to_owned(), "command"));
    }
    hints
}

/// Whether a supervisor can go on so in the shown session.
fn may(state: &State, now: MonitorMode, to: MonitorMode) -> bool {
    let allowed = state.session().is_some_and(|session| session.interaction.may(to.operation()));
    now != to && now.may_switch(to) && allowed
}

/// `Ctrl+K` as `^K`.
pub(super) fn short(key: &str) -> String {
    match key.strip_prefix("Ctrl+") {
        Some(rest) if rest.chars().count() == 1 => format!("^{rest}"),
        _ => key.to_owned(),
    }
}

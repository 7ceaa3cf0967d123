//! The help: every key and command.

use super::paint::{Canvas, StyledLine};
use crate::app::State;
use crate::app::core::action::{ACTIONS, Info};
use crate::app::core::columns::layer_width;
use crate::text::wrap::wrap;
use ratatui::layout::Rect;

pub(super) fn rows(state: &State, screen: Rect, canvas: &Canvas<'_>) -> Vec<StyledLine> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let width = layer_width(screen.width);
    let column = if width >= 60 { 20 } else { 12 };
    let room = width.saturating_sub(column).max(1);
    let keymap = &state.settings.keymap;
    let numbered: Vec<&Info> = ACTIONS.iter().filter(|info| info.action.session_place().is_some()).collect();
    // The nine actions that show a session share a row, unless one of their keys was changed.
    let alike =
        numbered.iter().all(|info| keymap.hint(info.action) == info.keys.first().copied().unwrap_or(""));
    let mut lines = Vec::new();
    let mut topic = None;
    for info in ACTIONS.iter().filter(|info| state.offers(info)) {
        if topic != Some(info.topic) {
            if topic.is_some() {
                lines.push(StyledLine::default());
            }
            topic = Some(info.topic);
            let mut line = StyledLine::default();
            line.push(info.topic.title(), theme.title);
            lines.push(line);
        }
        let mut keys =
            keymap.keys(info.action).iter().map(ToString::to_string).collect::<Vec<_>>().join("  ");
        let mut words = info.help.to_owned();
        match info.action.session_place() {
            Some(0) if alike => {
                let last = numbered.last().map(|info| keymap.hint(info.action)).unwrap_or_default();
                keys = format!("{keys} … {last}");
                words = format!("{words} to {}", numbered.len());
            }
            Some(_) if alike => continue,
            Some(_) | None => {}
        }
        if let Some((name, arguments)) = info.slash {
            let command = format!("/{name} {arguments}");
            // An action without a key is shown with its command.
            if keys.is_empty() {
                keys = command;
            } else {
                words = format!("{words}  {}", command.trim_end());
            }
        }
        let mut line = StyledLine::default();
        line.push_text(&keys, width, theme.key, look);
        if line.width() >= column {
            lines.push(std::mem::take(&mut line));
        }
        for part in wrap(&words, room) {
            line.push_gap(column.saturating_sub(line.width()));
            line.push(part.of(&words), theme.text);
            lines.push(std::mem::take(&mut line));
        }
    }
    lines
}

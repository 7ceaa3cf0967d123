//! The notices of this shift.

use super::paint::{Canvas, StyledLine};
use crate::app::State;
use crate::app::core::columns::layer_width;
use crate::text::wrap::wrap;
use ratatui::layout::Rect;

pub(super) fn rows(state: &State, screen: Rect, canvas: &Canvas<'_>) -> Vec<StyledLine> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut lines = Vec::new();
    let room = layer_width(screen.width).saturating_sub(8).max(1);
    for notice in state.notices.newest_first() {
        let time = notice.at.in_zone(&state.zone).strftime("%H:%M").to_string();
        for (place, part) in wrap(&notice.text, room).iter().enumerate() {
            let mut line = StyledLine::default();
            if place == 0 {
                line.push(format!("{time} "), theme.faint);
                line.push(format!("{} ", notice.level.mark()), theme.level(notice.level));
            } else {
                line.push_gap(8);
            }
            line.push_sentence(part.of(&notice.text), room, theme.text, look);
            lines.push(line);
        }
    }
    if lines.is_empty() {
        let mut line = StyledLine::default();
        line.push("There are no notices in this shift.", theme.faint);
        lines.push(line);
    }
    lines
}

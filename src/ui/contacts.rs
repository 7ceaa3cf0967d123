//! The log of an earlier session.

use super::paint::{Canvas, StyledLine, row};
use super::window::{draw_frame, draw_scroll_mark};
use crate::app::core::columns::layer_width;
use crate::app::features::contacts::PastView;
use crate::domain::message::Side;
use crate::text::Clean;
use crate::text::wrap::wrap;
use ratatui::layout::{Position, Rect};

/// Draws it; returns the cursor position.
pub(super) fn draw_past_session(view: &PastView, screen: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let width = layer_width(screen.width);
    let mut lines = Vec::new();
    for (who, side, words) in &view.entries {
        let found = view.holds(words);
        let mut head = StyledLine::default();
        let style = match side {
            Side::Customer => theme.title,
            Side::Agent => theme.text,
            Side::Supervisor | Side::System => theme.faint,
        };
        head.push_text(who, width, style, look);
        lines.push(head);
        for part in wrap(words, width.saturating_sub(2).max(1)) {
            let mut line = StyledLine::default();
            line.push_gap(2);
            line.push_text(part.of(words), width, if found { theme.found } else { theme.text }, look);
            lines.push(line);
        }
    }
    if lines.is_empty() {
        let mut line = StyledLine::default();
        line.push("This session has no messages.", theme.faint);
        lines.push(line);
    }
    let title = match view.find.as_str() {
        "" => view.title.clone(),
        find => Clean::line(&format!("{} (search: {find})", view.title)),
    };
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inside = draw_frame(&title, width, rows, screen, canvas);
    let height = usize::from(inside.height);
    let top = view.top.min(lines.len().saturating_sub(height));
    for (y, line) in (0..inside.height).zip(lines.iter().skip(top)) {
        canvas.left(row(inside, y), line);
    }
    draw_scroll_mark(top, lines.len(), inside, screen, canvas);
    Some(Position::new(inside.x, inside.y))
}

//! A past session: its log, to be read.

use super::layers::{frame, more};
use super::paint::{Canvas, Line, row};
use crate::app::contacts::PastView;
use crate::app::layout::layer_width;
use crate::domain::message::Side;
use crate::text::Clean;
use crate::text::wrap::wrap;
use ratatui::layout::{Position, Rect};

/// Draws it; returns where the cursor stands.
pub(super) fn past(view: &PastView, screen: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let width = layer_width(screen.width);
    let mut lines = Vec::new();
    for (who, side, words) in &view.entries {
        let found = view.holds(words);
        let mut head = Line::default();
        let style = match side {
            Side::Customer => theme.title,
            Side::Agent => theme.text,
            _ => theme.faint,
        };
        head.words(who, width, style, look);
        lines.push(head);
        for part in wrap(words, width.saturating_sub(2).max(1)) {
            let mut line = Line::default();
            line.gap(2);
            line.words(part.of(words), width, if found { theme.found } else { theme.text }, look);
            lines.push(line);
        }
    }
    if lines.is_empty() {
        let mut line = Line::default();
        line.push("There is nothing in this session.", theme.faint);
        lines.push(line);
    }
    let title = match view.find.as_str() {
        "" => view.title.clone(),
        find => Clean::line(&format!("{} (search: {find})", view.title)),
    };
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inside = frame(&title, width, rows, screen, canvas);
    let height = usize::from(inside.height);
    let top = view.top.min(lines.len().saturating_sub(height));
    for (y, line) in (0..inside.height).zip(lines.iter().skip(top)) {
        canvas.left(row(inside, y), line);
    }
    more(top, lines.len(), inside, screen, canvas);
    Some(Position::new(inside.x, inside.y))
}

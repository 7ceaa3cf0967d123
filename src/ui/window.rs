//! The frame of a layer, and scrolled text in it.

use super::paint::{Canvas, StyledLine, row, skip_columns};
use crate::app::core::columns::{FULL_WIDTH, layer_width};
use ratatui::layout::{Position, Rect};

/// Clears and frames an area in the middle for `columns` and `rows` of content, and returns the inside. The top does not
/// move when the height changes.
pub(super) fn draw_frame(
    title: &str,
    columns: u16,
    rows: u16,
    screen: Rect,
    canvas: &mut Canvas<'_>,
) -> Rect {
    let theme = canvas.theme();
    if screen.width < FULL_WIDTH {
        canvas.clear(screen);
        canvas.rule(screen, "─", theme.rule);
        let mut line = StyledLine::default();
        line.push_sentence(&format!(" {title} "), screen.width.saturating_sub(2), theme.title, canvas.look);
        canvas.left(skip_columns(screen, 1), &line);
        let inside = Rect { y: screen.y + 1, height: screen.height.saturating_sub(1), ..screen };
        return Rect { width: inside.width.saturating_sub(1), ..skip_columns(inside, 1) };
    }
    // The remaining cells at the sides would show only fragments of words.
    let width = columns.saturating_add(4);
    let width = if screen.width < width.saturating_add(12) { screen.width } else { width };
    let height = rows.saturating_add(2).min(screen.height);
    let x = screen.x + (screen.width - width) / 2;
    let y = screen.y + (screen.height - height).min(screen.height / 6);
    let area = Rect { x, y, width, height };
    canvas.clear(area);
    if height < 3 {
        return area;
    }
    let bottom = row(area, height - 1);
    let last = Rect { x: area.right() - 1, width: 1, ..area };
    for (place, symbol) in [(row(area, 0), "─"), (bottom, "─")] {
        canvas.rule(place, symbol, theme.rule);
    }
    canvas.column(area, "│", theme.rule);
    canvas.column(last, "│", theme.rule);
    for (place, symbol) in
        [(row(area, 0), "┌"), (row(last, 0), "┐"), (bottom, "└"), (row(last, height - 1), "┘")]
    {
        canvas.put(place, symbol, theme.rule);
    }
    let mut line = StyledLine::default();
    line.push_sentence(&format!(" {title} "), width - 4, theme.title, canvas.look);
    canvas.left(skip_columns(row(area, 0), 2), &line);
    Rect { x: x + 2, y: y + 1, width: width - 4, height: height - 2 }
}

/// Draws lines that can be scrolled.
pub(super) fn draw_scrolled(
    lines: Vec<StyledLine>,
    top: usize,
    title: &str,
    screen: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inside = draw_frame(title, layer_width(screen.width), rows, screen, canvas);
    let height = usize::from(inside.height);
    let top = top.min(lines.len().saturating_sub(height));
    for (y, line) in (0..inside.height).zip(lines.iter().skip(top)) {
        canvas.left(row(inside, y), line);
    }
    draw_scroll_mark(top, lines.len(), inside, screen, canvas);
    Some(Position::new(inside.x, inside.y))
}

/// Draws marks at the edge of a layer when there is more above or below.
pub(super) fn draw_scroll_mark(
    top: usize,
    count: usize,
    inside: Rect,
    screen: Rect,
    canvas: &mut Canvas<'_>,
) {
    let below = count.saturating_sub(top + usize::from(inside.height));
    if below > 0 || top > 0 {
        let mut mark = StyledLine::default();
        let up = if top > 0 { "↑" } else { "" };
        let down = if below > 0 { format!("↓ {below} more") } else { String::new() };
        mark.push(format!(" {} ", format!("{up} {down}").trim()), canvas.theme().faint);
        let edge = Rect { y: inside.bottom(), height: 1, ..inside };
        if screen.width >= FULL_WIDTH && edge.bottom() <= screen.bottom() {
            canvas.right(edge, &mark);
        } else {
            canvas.right(Rect { height: 1, ..screen }, &mark);
        }
    }
}

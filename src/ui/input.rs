//! The input box, with the real cursor.

use super::paint::{Canvas, row, skip_columns};
use crate::app::State;
use crate::app::core::layout::{PROMPT, input_width};
use crate::text::Clean;
use crate::text::compose::Composer;
use crate::text::width::{cluster_width, clusters};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let theme = canvas.theme();
    if area.is_empty() {
        return None;
    }
    let Some(session) = state.session() else {
        canvas.put(area, " ›", theme.faint);
        return Some(Position::new(area.x + PROMPT.min(area.width - 1), area.y));
    };
    let width = input_width(area.width);
    // Text for colleagues is written in a row that looks different from all others, also without colours.
    let (style, mark, mark_style) = if session.is_internal() {
        for y in 0..area.height {
            canvas.rule(row(area, y), " ", theme.colleagues);
        }
        (theme.colleagues, " ◆", theme.colleagues)
    } else if session.interaction.am_silent() {
        (theme.unsent, " ◎", theme.faint)
    } else {
        (theme.text, " ›", theme.title)
    };
    let position = draw_text_field(&session.draft, skip_columns(area, PROMPT), width, style, canvas);
    let view = session.draft.layout(width, area.height);
    canvas.put(row(area, 0), if view.first_row > 0 { " ↑" } else { mark }, mark_style);
    let total = view.first_row + view.rows.len();
    if total < session.draft.layout(width, u16::MAX).rows.len() {
        canvas.put(row(area, area.height - 1), " ↓", mark_style);
    }
    Some(position)
}

/// Draws a text around its cursor and returns the cursor position. Right-to-left text is not reordered, so that edited text
/// does not jump.
pub(super) fn draw_text_field(
    draft: &Composer,
    area: Rect,
    width: u16,
    style: Style,
    canvas: &mut Canvas<'_>,
) -> Position {
    let view = draft.layout(width, area.height);
    for (y, part) in (0..area.height).zip(&view.rows) {
        let line = row(area, y);
        let mut x = line.x;
        for (_, cluster) in clusters(part.of(draft.text())) {
            let cells = cluster_width(cluster);
            // A paste may contain clusters that the terminal would draw differently; a box of the same width replaces them.
            let inert = cluster.is_ascii() || Clean::line(cluster).as_str() == cluster;
            let fits = if inert {
                canvas.cluster(x, line.y, line.right(), cluster, style)
            } else {
                (0..cells).all(|i| canvas.cluster(x + i, line.y, line.right(), "▯", style))
            };
            if !fits {
                break;
            }
            x = x.saturating_add(cells);
        }
    }
    let x = area.x.saturating_add(view.cursor_col).min(area.right().saturating_sub(1));
    Position::new(x, area.y.saturating_add(view.cursor_row))
}

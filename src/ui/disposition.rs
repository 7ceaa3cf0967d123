//! The list of dispositions, with its folders.

use super::hit::HitMap;
use super::input;
use super::paint::{Canvas, StyledLine, row, skip_columns};
use super::window::draw_frame;
use crate::app::core::columns::list_width;
use crate::app::core::msg::ClickTarget;
use crate::app::features::disposition::{DispositionRow, Dispositions};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// Columns by which a folder's content is indented.
const STEP: u16 = 2;

pub(super) fn draw(
    list: &Dispositions,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let all = list.rows();
    let set = list.selected();
    let above = 1 + u16::from(set.is_some());
    let wanted = u16::try_from(all.len().max(1)).unwrap_or(u16::MAX).saturating_add(above);
    let rows = wanted.min(screen.height.saturating_sub(4).max(2));
    let inside = draw_frame(&list.title, list_width(screen.width), rows, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    canvas.put(inside, "›", theme.title);
    let query = Rect { height: 1, ..skip_columns(inside, 2) };
    let cursor = input::draw_text_field(list.query(), query, query.width, theme.text, canvas);
    if let Some(set) = set.filter(|_| inside.height > 2) {
        let mut line = StyledLine::default();
        line.push("Selected: ", theme.faint);
        line.push_text(&set, inside.width.saturating_sub(12), theme.title, look);
        let mut key = StyledLine::default();
        key.push("Alt+Delete", theme.key);
        key.push(" removes it ", theme.faint);
        canvas.left(row(inside, 1), &line);
        if line.width() + key.width() < inside.width {
            canvas.right(row(inside, 1), &key);
        }
    }
    let above = above.min(inside.height.saturating_sub(1));
    let place = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    let height = usize::from(place.height);
    if all.is_empty() {
        canvas.put(skip_columns(row(place, 0), 2), "no disposition matches", theme.faint);
    }
    let first = (list.at() + 1).saturating_sub(height);
    for (y, (at, one)) in (0..place.height).zip(all.iter().enumerate().skip(first)) {
        let area = row(place, y);
        let chosen = at == list.at();
        let on_row = |style: Style| if chosen { theme.selected } else { style };
        canvas.tint(area, on_row(theme.text));
        let mut line = StyledLine::default();
        line.push(if chosen { "▸ " } else { "  " }, on_row(theme.text));
        let (depth, mark, words, style) = match one {
            DispositionRow::Folder { depth, name, open } => {
                (*depth, if *open { "▾ " } else { "▹ " }, name, theme.title)
            }
            DispositionRow::Value { depth, leaf, set } => {
                (*depth, if *set { "◉ " } else { "○ " }, &leaf.shown, theme.text)
            }
        };
        let indent = u16::try_from(depth).unwrap_or(u16::MAX).saturating_mul(STEP).min(area.width / 2);
        line.push(" ".repeat(indent.into()), on_row(theme.text));
        line.push(mark, on_row(theme.text));
        line.push_text(words, area.width.saturating_sub(line.width()), on_row(style), look);
        canvas.left(area, &line);
        hits.add(area, ClickTarget::Pick(at));
    }
    super::window::draw_scroll_mark(first, all.len(), place, screen, canvas);
    Some(cursor)
}

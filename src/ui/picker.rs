//! A list to choose from, filtered by the typed text.

use super::hit::HitMap;
use super::input;
use super::paint::{Canvas, StyledLine, row, skip_columns};
use super::window::draw_frame;
use crate::app::core::columns::{FULL_WIDTH, list_width};
use crate::app::core::msg::ClickTarget;
use crate::app::core::picker::Picker;
use crate::text::width::str_width;
use crate::text::wrap::{self, wrap};
use ratatui::layout::{Position, Rect};

/// The least rows of a list with parts; on a high screen, it takes half of the rows.
const PARTS_ROWS: u16 = 16;

/// Draws the list in a frame; returns the cursor position.
pub(super) fn draw<V>(
    picker: &Picker<V>,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let count = picker.shown().len();
    let parts = !picker.filters().is_empty();
    // A list with parts has the same height for all parts.
    let said = if count == 0 {
        wrap::height(&picker.empty, list_width(screen.width).saturating_sub(2))
    } else {
        count
    };
    let wanted = if parts { usize::from(PARTS_ROWS.max(screen.height / 2)) } else { said + 1 };
    let rows = u16::try_from(wanted).unwrap_or(u16::MAX).min(screen.height.saturating_sub(4).max(2));
    let inside = draw_frame(&picker.title, list_width(screen.width), rows, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    if parts && screen.width >= FULL_WIDTH && inside.bottom() < screen.bottom() {
        let mut mark = StyledLine::default();
        mark.push_text(&picker.summary, inside.width.saturating_sub(2), theme.faint, look);
        let mut framed = StyledLine::default();
        if mark.width() > 0 {
            framed.push(" ", theme.faint);
            framed.append(mark);
            framed.push(" ", theme.faint);
        }
        canvas.right(Rect { y: inside.bottom(), height: 1, ..inside }, &framed);
    }
    Some(draw_list(picker, inside, canvas, hits))
}

/// Draws the typed text, the parts and the rows of a list; returns the cursor position.
pub(super) fn draw_list<V>(
    picker: &Picker<V>,
    inside: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Position {
    let (theme, look) = (canvas.theme(), canvas.look);
    let items = picker.shown();
    let count = items.len();
    canvas.put(inside, "›", theme.title);
    let query = skip_columns(row(inside, 0), 2);
    let cursor = input::draw_text_field(picker.query(), query, query.width, theme.text, canvas);
    let above = if !picker.filters().is_empty() && inside.height > 2 { 2 } else { 1 };
    if above == 2 {
        draw_filters(picker, row(inside, 1), canvas, hits);
    }
    let list = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    let height = usize::from(list.height);
    if count == 0 {
        let place = skip_columns(list, 2);
        for (y, part) in (0..place.height).zip(wrap(&picker.empty, place.width.max(1))) {
            let mut line = StyledLine::default();
            line.push_sentence(part.of(&picker.empty), place.width, theme.faint, look);
            canvas.left(row(place, y), &line);
        }
    }
    let first = (picker.selected() + 1).saturating_sub(height);
    for (y, (place, item)) in (0..list.height).zip(items.enumerate().skip(first)) {
        let area = row(list, y);
        let chosen = place == picker.selected();
        // The style of the chosen row covers its whole width.
        let on_row = |style: ratatui::style::Style| if chosen { theme.selected } else { style };
        canvas.tint(area, on_row(theme.text));
        let mut right = StyledLine::default();
        right.push_text(&item.detail, area.width / 2, on_row(theme.faint), look);
        right.push(" ", on_row(theme.text));
        let mut left = StyledLine::default();
        left.push(if chosen { "▸ " } else { "  " }, on_row(theme.text));
        if picker.has_favourites() {
            left.push(if picker.is_favourite(place) { "★ " } else { "  " }, on_row(theme.marker));
        }
        let room = area.width.saturating_sub(left.width() + right.width() + 1);
        left.push_text(&item.label, room, on_row(theme.text), look);
        canvas.left(area, &left);
        canvas.right(area, &right);
        hits.add(area, ClickTarget::Pick(place));
    }
    if count > height {
        let mut mark = StyledLine::default();
        mark.push(format!(" {} of {count}", picker.selected() + 1), theme.faint);
        canvas.right(row(inside, 0), &mark);
    }
    cursor
}

/// Draws the names of the parts of a list in a row, the current one in brackets. If they do not all fit, only those around
/// the current one are drawn.
fn draw_filters<V>(picker: &Picker<V>, area: Rect, canvas: &mut Canvas<'_>, hits: &mut HitMap) {
    let theme = canvas.theme();
    let shown = picker.filter();
    let widths: Vec<u16> = picker.filters().iter().map(|name| str_width(name).saturating_add(2)).collect();
    let mut first = 0;
    while first < shown && widths.iter().take(shown + 1).skip(first).sum::<u16>() > area.width {
        first += 1;
    }
    let mut rest = area;
    for ((place, name), width) in picker.filters().iter().enumerate().zip(widths).skip(first) {
        if rest.is_empty() {
            break;
        }
        let mut line = StyledLine::default();
        let (open, close, style) =
            if place == shown { ("[", "]", theme.title) } else { (" ", " ", theme.faint) };
        line.push(open, style);
        line.push_text(name, rest.width.saturating_sub(2), style, canvas.look);
        line.push(close, style);
        canvas.left(rest, &line);
        let width = width.min(rest.width);
        hits.add(Rect { width, height: 1, ..rest }, ClickTarget::Filter(place));
        rest = skip_columns(rest, width);
    }
}

//! The list of standard responses, and a preview of the chosen one.

use super::hit::HitMap;
use super::paint::{Canvas, StyledLine, row};
use super::picker;
use super::window::draw_frame;
use crate::app::State;
use crate::app::features::responses::{Preview, Responses};
use crate::text::wrap::wrap;
use ratatui::layout::{Position, Rect};

/// The least columns of a screen for a preview beside the list.
const BESIDE: u16 = 100;
/// The most columns of the layer.
const WIDEST: u16 = 130;
/// The most rows inside it.
const TALLEST: u16 = 30;

pub(super) fn draw(
    state: &State,
    responses: &Responses,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    let columns = screen.width.saturating_sub(4).min(WIDEST);
    let rows = screen.height.saturating_sub(2).clamp(2, TALLEST);
    let inside = draw_frame(&responses.picker.title, columns, rows, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    let preview = state.response_preview();
    let rule = canvas.theme().rule;
    if screen.width >= BESIDE {
        let left = inside.width * 9 / 20;
        let cursor = picker::draw_list(&responses.picker, Rect { width: left, ..inside }, canvas, hits);
        canvas.column(Rect { x: inside.x + left + 1, width: 1, ..inside }, "│", rule);
        let right = Rect { x: inside.x + left + 3, width: inside.width - left - 3, ..inside };
        if let Some(preview) = preview {
            draw_preview(&preview, right, canvas);
        }
        return Some(cursor);
    }
    // The preview is below if both have room; otherwise there is only the list.
    let below = if inside.height >= 10 { inside.height / 2 } else { 0 };
    let cursor =
        picker::draw_list(&responses.picker, Rect { height: inside.height - below, ..inside }, canvas, hits);
    if let Some(preview) = preview.filter(|_| below > 0) {
        canvas.rule(row(inside, inside.height - below), "─", rule);
        let area = Rect { y: inside.bottom() - below + 1, height: below - 1, ..inside };
        draw_preview(&preview, area, canvas);
    }
    Some(cursor)
}

fn draw_preview(preview: &Preview, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let width = area.width;
    let mut foot = Vec::new();
    for note in &preview.notes {
        let words = format!("! {note}");
        for part in wrap(&words, width.max(1)) {
            let mut line = StyledLine::default();
            line.push_sentence(part.of(&words), width, theme.warning, look);
            foot.push(line);
        }
    }
    for (name, size) in &preview.files {
        let mut line = StyledLine::default();
        line.push_text(&format!("▣ {name}  {}", bytes(*size)), width, theme.text, look);
        foot.push(line);
    }
    let over = preview.bytes.saturating_sub(preview.most);
    let mut size = StyledLine::default();
    let draft = if preview.with_draft { " with your draft" } else { "" };
    let counted = format!("{} / {} B{draft}", preview.bytes, preview.most);
    size.push_text(&counted, width, if over > 0 { theme.error } else { theme.faint }, look);
    if over > 0 {
        let words = format!("  ⚠ {over} over the limit: shorten it");
        size.push_text(&words, width.saturating_sub(size.width()), theme.error, look);
    }
    foot.push(size);

    let mut head = Vec::new();
    let mut title = StyledLine::default();
    title.push_text(&preview.name, width, theme.title, look);
    let place = format!("  {}", preview.place);
    title.push_text(&place, width.saturating_sub(title.width()), theme.faint, look);
    head.push(title);
    if !preview.description.is_empty() && area.height > 8 {
        let mut line = StyledLine::default();
        line.push_text(&preview.description, width, theme.faint, look);
        head.push(line);
    }
    let foot_rows = u16::try_from(foot.len()).unwrap_or(u16::MAX).min(area.height.saturating_sub(1));
    let room = usize::from(area.height.saturating_sub(foot_rows)).saturating_sub(head.len());
    let parts = wrap(&preview.text, width);
    for (place, part) in parts.iter().enumerate().take(room) {
        let mut line = StyledLine::default();
        if place + 1 == room && parts.len() > room {
            line.push_text("…", width, theme.faint, look);
        } else {
            line.push_text(part.of(&preview.text), width, theme.text, look);
        }
        head.push(line);
    }
    for (y, line) in (0..area.height).zip(&head) {
        canvas.left(row(area, y), line);
    }
    // The size is in the last row, which must be visible.
    let skip = foot.len() - usize::from(foot_rows);
    for (y, line) in (area.height - foot_rows..area.height).zip(foot.iter().skip(skip)) {
        canvas.left(row(area, y), line);
    }
}

/// A number of bytes for people.
pub(super) fn bytes(size: u64) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..1_048_576 => format!("{} kB", size.div_ceil(1024)),
        _ => format!("{}.{} MB", size / 1_048_576, size % 1_048_576 * 10 / 1_048_576),
    }
}

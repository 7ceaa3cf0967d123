//! The list of templates with a preview below it, and contacts outside WhatsApp.

use super::hit::HitMap;
use super::paint::{Canvas, StyledLine, row};
use super::picker;
use super::window::draw_frame;
use crate::app::core::columns::list_width;
use crate::app::features::reach::{OutsideLink, TemplateList};
use crate::domain::AttachedData;
use crate::text::Clean;
use crate::text::wrap::wrap;
use ratatui::layout::{Position, Rect};

/// Rows of the preview with its frame, where there is room.
const PREVIEW: u16 = 8;
/// The least rows of a screen for a preview.
const WITH_PREVIEW: u16 = 20;

/// Draws the list; returns the cursor position.
pub(super) fn draw_templates(
    list: &TemplateList,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    let Some(chosen) = list.chosen().filter(|_| screen.height >= WITH_PREVIEW) else {
        return picker::draw(&list.picker, screen, canvas, hits);
    };
    let upper = Rect { height: screen.height - PREVIEW, ..screen };
    let lower = Rect { y: upper.bottom(), height: PREVIEW, ..screen };
    let cursor = picker::draw(&list.picker, upper, canvas, hits);
    let theme = canvas.theme();
    let mut text = chosen.filled(&AttachedData::new());
    for button in &chosen.buttons {
        text.push_str(&format!("\n[{}]", button.text));
    }
    if !chosen.unusable.is_empty() {
        text = format!("Cannot be sent from here: {}\n{text}", chosen.unusable);
    }
    let text = Clean::new(&text);
    let inside = draw_frame("Preview", list_width(screen.width), PREVIEW - 2, lower, canvas);
    let parts = wrap(&text, inside.width.max(1));
    let more = parts.len() > usize::from(inside.height);
    for (y, part) in (0..inside.height).zip(&parts) {
        let mut line = StyledLine::default();
        line.push_text(part.of(&text), inside.width, theme.text, canvas.look);
        if more && y + 1 == inside.height {
            line = StyledLine::default();
            line.push("…", theme.faint);
        }
        canvas.left(row(inside, y), &line);
    }
    cursor
}

/// Draws a contact outside WhatsApp: the link, and whether it is in the history.
pub(super) fn draw_outside(shown: &OutsideLink, screen: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let theme = canvas.theme();
    let columns = list_width(screen.width);
    let noted = if shown.noted {
        "It is added to the history of the customer."
    } else {
        "It is not added to a history: there is no session for it, or no connection."
    };
    let words = [
        (
            Clean::line(&format!(
                "{} is on your clipboard. This desk cannot do the rest itself; your telephone or mail program \
                 opens this link:",
                shown.value
            )),
            theme.text,
        ),
        (Clean::default(), theme.text),
        (Clean::line(&shown.link), theme.link),
        (Clean::default(), theme.text),
        (noted.into(), theme.faint),
        ("Enter copies the link instead; Esc closes.".into(), theme.faint),
    ];
    let mut lines = Vec::new();
    for (text, style) in &words {
        let parts = wrap(text, columns.max(1));
        if parts.is_empty() {
            lines.push(StyledLine::default());
        }
        for part in parts {
            let mut line = StyledLine::default();
            line.push_text(part.of(text), columns, *style, canvas.look);
            lines.push(line);
        }
    }
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inside = draw_frame(&shown.title, columns, rows, screen, canvas);
    for (y, line) in (0..inside.height).zip(&lines) {
        canvas.left(row(inside, y), line);
    }
    Some(Position::new(inside.x, inside.y))
}

//! A layer with a one-line input.

use super::input;
use super::paint::{Canvas, row, skip_columns};
use super::window::draw_frame;
use crate::app::core::columns::layer_width;
use crate::app::core::layer::{Prompt, PromptPurpose};
use ratatui::layout::{Position, Rect};

/// The most rows of the input.
const PROMPT_ROWS: u16 = 5;

pub(super) fn draw(prompt: &Prompt, screen: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let columns = layer_width(screen.width);
    let width = columns.saturating_sub(2);
    let rows = prompt.input.layout(width, PROMPT_ROWS).rows.len();
    let hint = match prompt.purpose {
        PromptPurpose::Search(_) => "Enter searches, the newest first",
        PromptPurpose::Reach(_) => "Enter shows the possible actions",
        PromptPurpose::Command => "Enter runs it; F1 lists the commands",
    };
    let rows = u16::try_from(rows).unwrap_or(PROMPT_ROWS);
    let inside = draw_frame(&prompt.title, columns, rows + 1, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    let theme = canvas.theme();
    canvas.put(inside, "›", theme.title);
    let field = Rect { height: inside.height.min(rows), ..skip_columns(inside, 2) };
    let cursor = input::draw_text_field(&prompt.input, field, field.width, theme.text, canvas);
    if inside.height > rows {
        canvas.put(skip_columns(row(inside, rows), 2), hint, theme.faint);
    }
    Some(cursor)
}

//! A question to answer with yes or no.

use super::paint::{Canvas, StyledLine, row};
use super::window::draw_frame;
use crate::app::core::columns::layer_width;
use crate::app::core::layer::Confirm;
use crate::text::width::str_width;
use crate::text::wrap::wrap;
use ratatui::layout::{Position, Rect};

pub(super) fn draw(question: &Confirm, screen: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let columns = layer_width(screen.width).min(60);
    let parts = wrap(&question.text, columns);
    let rows = u16::try_from(parts.len()).unwrap_or(u16::MAX);
    let columns = parts.iter().map(|part| part.width).max().unwrap_or(0).max(str_width("Question"));
    let inside = draw_frame("Question", columns, rows, screen, canvas);
    for (y, part) in (0..inside.height).zip(&parts) {
        let mut line = StyledLine::default();
        line.push_sentence(part.of(&question.text), inside.width, canvas.theme().text, canvas.look);
        canvas.left(row(inside, y), &line);
    }
    Some(Position::new(inside.x, inside.y))
}

//! A form: labels, values beside them, and errors below them.

use super::hit::HitMap;
use super::input;
use super::paint::{Canvas, StyledLine, row, skip_columns};
use super::window::draw_frame;
use crate::app::core::columns::list_width;
use crate::app::core::form::{Add, Field, Form, FormItem, LINES, MARK};
use crate::app::core::msg::ClickTarget;
use crate::domain::field::FieldType;
use crate::text::Clean;
use crate::text::wrap::wrap;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use std::ops::Range;

/// The most rows of a long one-line value while it is edited.
const LONG: u16 = 3;

/// A row of cells.
enum FormRow {
    /// Text.
    Words(StyledLine),
    /// The first row of the edited field: its line, and how many rows it has.
    Input(StyledLine, u16),
    /// A further row of the edited field.
    Covered,
}

/// Draws a form; returns the cursor position.
pub(super) fn draw(
    form: &Form,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    let width = list_width(screen.width);
    let columns = form.columns(screen.width);
    let (rows, here) = form_rows(form, width, columns, canvas);
    let count = u16::try_from(rows.len()).unwrap_or(u16::MAX).max(1);
    let inside = draw_frame(&form.title, width, count, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    let height = usize::from(inside.height);
    // The focused row is in view with the error below it; the first row also with the heading above it.
    let top = if here.end <= height { 0 } else { here.start.min(here.end.saturating_sub(height)) };
    let top = if here.len() > height { here.start } else { top };
    let mut cursor = Position::new(inside.x, inside.y);
    for (y, (place, drawn)) in (0..inside.height).zip(rows.iter().skip(top)) {
        let area = row(inside, y);
        if let Some(place) = place {
            hits.add(area, ClickTarget::Field(*place));
        }
        match drawn {
            FormRow::Words(line) => {
                canvas.left(area, line);
                if *place == Some(form.focus()) && top + usize::from(y) == here.start {
                    cursor = Position::new(area.x + MARK.min(area.width.saturating_sub(1)), area.y);
                }
            }
            FormRow::Input(line, most) => {
                canvas.left(area, line);
                let room = skip_columns(area, columns.0);
                let room = Rect { height: (*most).min(inside.bottom().saturating_sub(area.y)), ..room };
                cursor = draw_input(form, room, canvas).unwrap_or(cursor);
            }
            FormRow::Covered => {}
        }
    }
    super::window::draw_scroll_mark(top, rows.len(), inside, screen, canvas);
    Some(cursor)
}

/// The rows of a form, each with the index of its field, and the range of the focused ones.
fn form_rows(
    form: &Form,
    width: u16,
    columns: (u16, u16),
    canvas: &Canvas<'_>,
) -> (Vec<(Option<usize>, FormRow)>, Range<usize>) {
    let mut rows: Vec<(Option<usize>, FormRow)> = Vec::new();
    if let Some(trouble) = &form.trouble {
        push_wrapped(&mut rows, None, trouble, 0, width, canvas.theme().error, canvas);
    }
    if form.saving {
        push_wrapped(&mut rows, None, &"saving…".into(), 0, width, canvas.theme().faint, canvas);
    }
    let mut here = 0..0;
    for (place, one) in form.rows().iter().enumerate() {
        let first = rows.len();
        let focused = place == form.focus();
        match one {
            FormItem::Heading(words) => {
                if !rows.is_empty() {
                    rows.push((None, FormRow::Words(StyledLine::default())));
                }
                let mut line = StyledLine::default();
                line.push_text(words, width, canvas.theme().title, canvas.look);
                rows.push((None, FormRow::Words(line)));
            }
            FormItem::Field(field) => self::field(&mut rows, place, field, focused, columns, canvas),
            FormItem::Add(add) => {
                rows.push((Some(place), FormRow::Words(self::add(add, focused, width, canvas))))
            }
        }
        if focused {
            here = first..rows.len();
        }
    }
    (rows, here)
}

/// Draws the value of the focused field; returns the cursor position.
fn draw_input(form: &Form, room: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let field = form.field()?;
    Some(if field.is_typed() {
        let style = canvas.theme().text;
        input::draw_text_field(field.input(), room, room.width, style, canvas)
    } else {
        Position::new(room.x.min(room.right().saturating_sub(1)), room.y)
    })
}

fn field(
    rows: &mut Vec<(Option<usize>, FormRow)>,
    place: usize,
    field: &Field,
    focused: bool,
    (left, room): (u16, u16),
    canvas: &Canvas<'_>,
) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut line = StyledLine::default();
    line.push(if focused { "▸ " } else { "  " }, theme.title);
    let marked = if field.mandatory { 2 } else { 0 };
    let of_label = if focused { theme.title } else { theme.faint };
    let label = left.saturating_sub(MARK + 2 + marked);
    line.push_text(&field.label, label, of_label, look);
    if field.mandatory {
        line.push(" *", theme.warning);
    }
    line.push_gap(left.saturating_sub(line.width()));
    let value = field.value();
    let shown = field.kind.shown(&value);
    if focused && !field.read_only && field.is_typed() {
        let most = if matches!(field.kind, FieldType::Lines) { LINES } else { LONG };
        let count = field.input().layout(room, most).rows.len();
        let count = u16::try_from(count).unwrap_or(1).clamp(1, most);
        rows.push((Some(place), FormRow::Input(line, count)));
        rows.extend((1..count).map(|_| (Some(place), FormRow::Covered)));
    } else {
        let mut tail = StyledLine::default();
        if field.primary == Some(true) {
            tail.push("  primary", theme.good);
        }
        if field.read_only {
            tail.push("  read only", theme.faint);
        }
        let room = room.saturating_sub(tail.width()).max(1);
        let most = if matches!(field.kind, FieldType::Lines) { usize::from(LINES) } else { 1 };
        let style = if matches!(field.kind, FieldType::Link) { theme.link } else { theme.text };
        if value.trim().is_empty() {
            line.push(if focused && !field.read_only { "‹ choose ›" } else { "–" }, theme.faint);
        } else if focused && !field.read_only {
            line.push("‹ ", theme.key);
            line.push_text(&shown, room.saturating_sub(4).max(1), style, look);
            line.push(" ›", theme.key);
        } else if most == 1 {
            line.push_text(&Clean::line(&shown), room, style, look);
        }
        let several = most > 1 && !value.trim().is_empty();
        if !several {
            line.append(tail);
            let drawn =
                if focused && !field.read_only { FormRow::Input(line, 1) } else { FormRow::Words(line) };
            rows.push((Some(place), drawn));
        } else {
            for (at, part) in wrap(&shown, room).iter().take(most).enumerate() {
                line.push_gap(left.saturating_sub(line.width()));
                line.push_text(part.of(&shown), room, style, look);
                if at == 0 {
                    line.append(std::mem::take(&mut tail));
                }
                rows.push((Some(place), FormRow::Words(std::mem::take(&mut line))));
            }
        }
    }
    let room = room.max(1);
    if let Some(error) = &field.error {
        let words = Clean::line(&format!("⚠ {error}"));
        push_wrapped(rows, Some(place), &words, left, room, theme.error, canvas);
    } else if focused && let Some(words) = hint(field) {
        push_wrapped(rows, Some(place), &Clean::line(&words), left, room, theme.faint, canvas);
    }
}

/// A hint for the focused field.
fn hint(field: &Field) -> Option<String> {
    if field.read_only {
        return None;
    }
    let mut parts = Vec::new();
    match &field.kind {
        FieldType::Text => {}
        FieldType::Lines => parts.push("Alt+Enter starts a new line".to_owned()),
        FieldType::Choice(_) => parts.push("Space opens the list, ← → step".to_owned()),
        FieldType::Bool { .. } => parts.push("Space changes it".to_owned()),
        kind @ (FieldType::Integer { .. } | FieldType::Float { .. } | FieldType::Date | FieldType::Link) => {
            parts.push(kind.wants());
        }
    }
    match field.primary {
        Some(true) => parts.push("primary".to_owned()),
        Some(false) => parts.push("Insert makes it primary".to_owned()),
        None => {}
    }
    if field.removable {
        parts.push("Alt+Delete removes it".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn add(add: &Add, focused: bool, width: u16, canvas: &Canvas<'_>) -> StyledLine {
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut line = StyledLine::default();
    line.push(if focused { "▸ " } else { "  " }, theme.title);
    line.push("+ ", theme.key);
    line.push_text(
        &add.label,
        width.saturating_sub(4).max(1),
        if focused { theme.title } else { theme.text },
        look,
    );
    line
}

/// Adds a text in as many rows as it needs.
fn push_wrapped(
    rows: &mut Vec<(Option<usize>, FormRow)>,
    place: Option<usize>,
    words: &Clean,
    left: u16,
    room: u16,
    style: Style,
    canvas: &Canvas<'_>,
) {
    for part in wrap(words, room).iter() {
        let mut line = StyledLine::default();
        line.push_gap(left);
        line.push_text(part.of(words), room, style, canvas.look);
        rows.push((place, FormRow::Words(line)));
    }
}

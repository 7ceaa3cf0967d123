//! The locked screen: it shows no data of customers.

use super::paint::{Canvas, StyledLine, row, skip_columns};
use crate::app::features::lock::Lock;
use crate::app::{Action, State};
use crate::text::wrap::wrap;
use ratatui::layout::{Position, Rect};

/// The most marks for a password, so that its length stays hidden.
const MARKS: usize = 24;

/// Draws the area below the bar; returns the cursor position.
pub(super) fn draw(state: &State, lock: &Lock, area: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    canvas.clear(area);
    if area.is_empty() {
        return None;
    }
    let (theme, look) = (canvas.theme(), canvas.look);
    let width = area.width.min(72);
    let x = (area.width - width) / 2;
    let place = Rect { width, ..skip_columns(area, x) };
    let me = state.me.as_ref().map(|me| me.name.to_string()).unwrap_or_default();
    let mut above = vec![if me.is_empty() { "Locked".to_owned() } else { format!("Locked: {me}") }];
    if area.height >= 8 {
        let why = if lock.by_itself { "Locked because no key was pressed for a while. " } else { "" };
        above.push(format!("{why}Your sessions stay yours and messages keep arriving."));
    }
    let rows = area.height;
    let mut y = rows.saturating_sub(8) / 3;
    for (place_in, words) in above.iter().enumerate() {
        let style = if place_in == 0 { theme.title } else { theme.text };
        for part in wrap(words, width.max(1)) {
            if y + 1 >= rows {
                break;
            }
            let mut line = StyledLine::default();
            line.push_text(part.of(words), width, style, look);
            canvas.left(row(place, y), &line);
            y += 1;
        }
    }
    y = (y + 1).min(rows - 1);
    let mut line = StyledLine::default();
    line.push_text("Password ", width, theme.faint, look);
    let marks = "•".repeat(lock.password.len().min(MARKS));
    line.push_text(&marks, width.saturating_sub(line.width() + 1), theme.text, look);
    if lock.checking.is_some() {
        line.push_text("checking…", width.saturating_sub(line.width()), theme.faint, look);
    }
    canvas.left(row(place, y), &line);
    let cursor = Position::new(place.x + line.width().min(width.saturating_sub(1)), place.y + y);
    let mut below = Vec::new();
    if let Some(words) = &lock.trouble {
        below.push((format!("⚠ {words}"), theme.error));
    }
    if lock.leaving {
        let words = "Sign out? Your contact centre decides where your sessions go. Enter signs out; any other key cancels.";
        below.push((words.to_owned(), theme.warning));
    } else {
        let key = state.settings.keymap.hint(Action::SignOut);
        let out = if key.is_empty() { String::new() } else { format!("   {key} signs out") };
        below.push((format!("Enter unlocks{out}"), theme.faint));
    }
    let mut y = y + 2;
    for (words, style) in &below {
        for part in wrap(words, width.max(1)) {
            if y >= rows {
                return Some(cursor);
            }
            let mut line = StyledLine::default();
            line.push_text(part.of(words), width, *style, look);
            canvas.left(row(place, y), &line);
            y += 1;
        }
    }
    Some(cursor)
}

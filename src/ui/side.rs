//! Case data, disposition, note and contact of the shown session, beside the messages.

use super::layers::inside_width;
use super::paint::{Canvas, Line, after, row};
use crate::app::State;
use crate::app::session::Session;
use crate::domain::message::Visibility;
use crate::text::Clean;
use crate::text::width::str_width;
use crate::text::wrap::wrap;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Most cells of the names of the pairs.
const KEY: u16 = 13;
/// Most rows of one value.
const VALUE_ROWS: usize = 3;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(session) = state.session().filter(|_| !area.is_empty()) else { return };
    let theme = canvas.theme();
    if let Some(x) = area.x.checked_sub(1) {
        canvas.column(Rect { x, width: 1, ..area }, "│", theme.rule);
    }
    let area = Rect { width: area.width.saturating_sub(2), ..after(area, 1) };
    let rows = rows(state, session, area.width, canvas);
    let hidden = rows.len() > usize::from(area.height);
    for (y, line) in (0..area.height).zip(&rows) {
        if hidden && y + 1 == area.height {
            canvas.put(row(area, y), "…", theme.faint);
        } else {
            canvas.left(row(area, y), line);
        }
    }
}

/// The same as the rows of a layer, where there is no room beside the messages.
pub(super) fn case(state: &State, screen: Rect, canvas: &Canvas<'_>) -> Vec<Line> {
    state.session().map_or_else(Vec::new, |session| rows(state, session, inside_width(screen), canvas))
}

fn rows(state: &State, session: &Session, width: u16, canvas: &Canvas<'_>) -> Vec<Line> {
    let theme = canvas.theme();
    let key = &session.options.disposition_key;
    let heading = |rows: &mut Vec<Line>, words: &str| {
        if !rows.is_empty() {
            rows.push(Line::default());
        }
        let mut line = Line::default();
        line.push(words, theme.title);
        rows.push(line);
    };
    let mut rows = Vec::new();

    let pairs: Vec<(Clean, Clean)> =
        session.interaction.case_data().filter(|(name, _)| name.as_str() != key).collect();
    heading(&mut rows, "Case");
    let column = pairs.iter().map(|(name, _)| str_width(name)).max().unwrap_or(0).min(KEY) + 1;
    for (name, value) in &pairs {
        pair(&mut rows, name, value, column, width, canvas);
    }
    if pairs.is_empty() {
        words(&mut rows, &"no case data".into(), width, usize::MAX, theme.faint, canvas);
    }

    let set = session.interaction.user_data.text(key).filter(|value| !value.is_empty());
    heading(&mut rows, "Disposition");
    match set {
        Some(value) => {
            let names = state.dispositions();
            let shown = names.into_iter().find(|(name, _)| name == value).map(|(_, shown)| shown);
            let shown = shown.unwrap_or_else(|| Clean::line(value));
            words(&mut rows, &shown, width, VALUE_ROWS, theme.text, canvas);
        }
        None => words(&mut rows, &"none yet".into(), width, 1, theme.faint, canvas),
    }

    heading(&mut rows, "Note");
    let note = &session.interaction.comment;
    if note.trim().is_empty() {
        words(&mut rows, &"none yet".into(), width, 1, theme.faint, canvas);
    } else {
        words(&mut rows, note, width, usize::MAX, theme.text, canvas);
    }

    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    for (place, one) in session.interaction.others(me).enumerate() {
        if place == 0 {
            heading(&mut rows, "Colleagues here");
        }
        let unseen = if one.visibility == Visibility::All { "" } else { " (not seen by the customer)" };
        let text = Clean::line(&format!("{}{unseen}", one.name));
        words(&mut rows, &text, width, VALUE_ROWS, theme.text, canvas);
    }

    heading(&mut rows, "Contact");
    words(&mut rows, &session.name(), width, VALUE_ROWS, theme.text, canvas);
    if session.is_unknown() {
        words(&mut rows, &"unknown contact".into(), width, 1, theme.warning, canvas);
    }
    if let Some(number) = session.interaction.party.display_number() {
        words(&mut rows, &number, width, 1, theme.text, canvas);
    }
    if let Some(origin) = &session.interaction.origin {
        words(&mut rows, &Clean::line(&format!("came through {origin}")), width, 2, theme.faint, canvas);
    }
    rows
}

fn pair(rows: &mut Vec<Line>, name: &str, value: &Clean, column: u16, width: u16, canvas: &Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let room = width.saturating_sub(column).max(1);
    for (place, part) in wrap(value, room).iter().take(VALUE_ROWS).enumerate() {
        let mut line = Line::default();
        line.words(if place == 0 { name } else { "" }, column.saturating_sub(1), theme.faint, look);
        line.gap(column.saturating_sub(line.width()));
        line.words(part.of(value), room, theme.text, look);
        rows.push(line);
    }
}

fn words(rows: &mut Vec<Line>, text: &Clean, width: u16, most: usize, style: Style, canvas: &Canvas<'_>) {
    for part in wrap(text, width).iter().take(most) {
        let mut line = Line::default();
        line.words(part.of(text), width, style, canvas.look);
        rows.push(line);
    }
}

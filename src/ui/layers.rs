//! What lies over the desk: help, notices, lists to choose from, a line to write, a question.

use super::hit::HitMap;
use super::input;
use super::paint::{Canvas, Line, after, row};
use crate::app::State;
use crate::app::action::{ACTIONS, Info};
use crate::app::layer::{Confirm, Layer, Prompt, Purpose};
use crate::app::layout::{FULL_WIDTH, layer_width, list_width};
use crate::app::msg::Target;
use crate::app::picker::Picker;
use crate::text::width::str_width;
use crate::text::wrap::{self, wrap};
use ratatui::layout::{Position, Rect};

/// The fewest rows inside a list that has parts; on a high screen it takes half of the rows.
const PARTS_ROWS: u16 = 16;
/// Rows of a line to write at most.
const PROMPT_ROWS: u16 = 5;

/// Draws a layer; returns where the cursor stands.
pub(super) fn draw(
    state: &State,
    layer: &Layer,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    match layer {
        Layer::Help(top) => scrolled(help(state, screen, canvas), *top, "Keys", screen, canvas),
        Layer::Notices(top) => scrolled(notices(state, screen, canvas), *top, "Notices", screen, canvas),
        Layer::Case(top) => {
            scrolled(super::side::case_rows(state, screen, canvas), *top, "Case", screen, canvas)
        }
        Layer::Pick(picker) => pick(picker, screen, canvas, hits),
        Layer::Targets(list) => pick(&list.picker, screen, canvas, hits),
        Layer::Workbins(list) => super::workbins::draw(state, *list, screen, canvas, hits),
        Layer::Reach(menu) => pick(&menu.picker, screen, canvas, hits),
        Layer::Templates(list) => super::reach::templates(list, screen, canvas, hits),
        Layer::Outside(shown) => super::reach::outside(shown, screen, canvas),
        Layer::People(list) => pick(&list.picker, screen, canvas, hits),
        Layer::Past(view) => super::contacts::past(view, screen, canvas),
        Layer::Responses(list) => super::responses::draw(state, list, screen, canvas, hits),
        Layer::Prompt(prompt) => self::prompt(prompt, screen, canvas),
        Layer::Dispositions(list) => super::disposition::draw(list, screen, canvas, hits),
        Layer::Form(form) => super::form::draw(form, screen, canvas, hits),
        Layer::Confirm(question) => confirm(question, screen, canvas),
    }
}

/// Empties a place in the middle for so many columns and rows of content, frames it, and returns what is
/// inside. Its top stays where it is while its height changes.
pub(super) fn frame(title: &str, columns: u16, rows: u16, screen: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let theme = canvas.theme();
    if screen.width < FULL_WIDTH {
        canvas.clear(screen);
        canvas.rule(screen, "─", theme.rule);
        let mut line = Line::default();
        line.sentence(&format!(" {title} "), screen.width.saturating_sub(2), theme.title, canvas.look);
        canvas.left(after(screen, 1), &line);
        let inside = Rect { y: screen.y + 1, height: screen.height.saturating_sub(1), ..screen };
        return Rect { width: inside.width.saturating_sub(1), ..after(inside, 1) };
    }
    // What would be left at the sides would only be slivers of words.
    let width = columns.saturating_add(4);
    let width = if screen.width < width.saturating_add(12) { screen.width } else { width };
    let height = rows.saturating_add(2).min(screen.height);
    let x = screen.x + (screen.width - width) / 2;
    let y = screen.y + (screen.height - height).min(screen.height / 6);
    let area = Rect { x, y, width, height };
    canvas.clear(area);
    if height < 3 {
        return area;
    }
    let bottom = row(area, height - 1);
    let last = Rect { x: area.right() - 1, width: 1, ..area };
    for (place, symbol) in [(row(area, 0), "─"), (bottom, "─")] {
        canvas.rule(place, symbol, theme.rule);
    }
    canvas.column(area, "│", theme.rule);
    canvas.column(last, "│", theme.rule);
    for (place, symbol) in
        [(row(area, 0), "┌"), (row(last, 0), "┐"), (bottom, "└"), (row(last, height - 1), "┘")]
    {
        canvas.put(place, symbol, theme.rule);
    }
    let mut line = Line::default();
    line.sentence(&format!(" {title} "), width - 4, theme.title, canvas.look);
    canvas.left(after(row(area, 0), 2), &line);
    Rect { x: x + 2, y: y + 1, width: width - 4, height: height - 2 }
}

/// Lines that are read by scrolling.
pub(super) fn scrolled(
    lines: Vec<Line>,
    top: usize,
    title: &str,
    screen: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inside = frame(title, layer_width(screen.width), rows, screen, canvas);
    let height = usize::from(inside.height);
    let top = top.min(lines.len().saturating_sub(height));
    for (y, line) in (0..inside.height).zip(lines.iter().skip(top)) {
        canvas.left(row(inside, y), line);
    }
    more(top, lines.len(), inside, screen, canvas);
    Some(Position::new(inside.x, inside.y))
}

/// Says at the edge of a layer that there is more above or below.
pub(super) fn more(top: usize, count: usize, inside: Rect, screen: Rect, canvas: &mut Canvas<'_>) {
    let below = count.saturating_sub(top + usize::from(inside.height));
    if below > 0 || top > 0 {
        let mut mark = Line::default();
        let up = if top > 0 { "↑" } else { "" };
        let down = if below > 0 { format!("↓ {below} more") } else { String::new() };
        mark.push(format!(" {} ", format!("{up} {down}").trim()), canvas.theme().faint);
        let edge = Rect { y: inside.bottom(), height: 1, ..inside };
        if screen.width >= FULL_WIDTH && edge.bottom() <= screen.bottom() {
            canvas.right(edge, &mark);
        } else {
            canvas.right(Rect { height: 1, ..screen }, &mark);
        }
    }
}

fn help(state: &State, screen: Rect, canvas: &Canvas<'_>) -> Vec<Line> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let width = layer_width(screen.width);
    let column = if width >= 60 { 20 } else { 12 };
    let room = width.saturating_sub(column).max(1);
    let keymap = &state.settings.keymap;
    let numbered: Vec<&Info> = ACTIONS.iter().filter(|info| info.action.session_place().is_some()).collect();
    // Nine rows that say the same are one, unless somebody changed one of them.
    let alike =
        numbered.iter().all(|info| keymap.hint(info.action) == info.keys.first().copied().unwrap_or(""));
    let mut lines = Vec::new();
    let mut topic = None;
    for info in ACTIONS.iter().filter(|info| state.offers(info)) {
        if topic != Some(info.topic) {
            if topic.is_some() {
                lines.push(Line::default());
            }
            topic = Some(info.topic);
            let mut line = Line::default();
            line.push(info.topic.title(), theme.title);
            lines.push(line);
        }
        let mut keys =
            keymap.keys(info.action).iter().map(ToString::to_string).collect::<Vec<_>>().join("  ");
        let mut words = info.help.to_owned();
        match info.action.session_place() {
            Some(0) if alike => {
                let last = numbered.last().map(|info| keymap.hint(info.action)).unwrap_or_default();
                keys = format!("{keys} … {last}");
                words = format!("{words} to {}", numbered.len());
            }
            Some(_) if alike => continue,
            _ => {}
        }
        if let Some((name, arguments)) = info.slash {
            let command = format!("/{name} {arguments}");
            // An act without a key is called by its command.
            if keys.is_empty() {
                keys = command;
            } else {
                words = format!("{words}  {}", command.trim_end());
            }
        }
        let mut line = Line::default();
        line.words(&keys, width, theme.key, look);
        if line.width() >= column {
            lines.push(std::mem::take(&mut line));
        }
        for part in wrap(&words, room) {
            line.gap(column.saturating_sub(line.width()));
            line.push(part.of(&words), theme.text);
            lines.push(std::mem::take(&mut line));
        }
    }
    lines
}

fn notices(state: &State, screen: Rect, canvas: &Canvas<'_>) -> Vec<Line> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut lines = Vec::new();
    let room = layer_width(screen.width).saturating_sub(8).max(1);
    for notice in state.notices.newest_first() {
        let time = notice.at.in_zone(&state.zone).strftime("%H:%M").to_string();
        for (place, part) in wrap(&notice.text, room).iter().enumerate() {
            let mut line = Line::default();
            if place == 0 {
                line.push(format!("{time} "), theme.faint);
                line.push(format!("{} ", notice.level.mark()), theme.level(notice.level));
            } else {
                line.gap(8);
            }
            line.sentence(part.of(&notice.text), room, theme.text, look);
            lines.push(line);
        }
    }
    if lines.is_empty() {
        let mut line = Line::default();
        line.push("Nothing has been said in this shift.", theme.faint);
        lines.push(line);
    }
    lines
}

pub(super) fn pick<V>(
    picker: &Picker<V>,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let count = picker.shown().len();
    let parts = !picker.filters().is_empty();
    // A list with parts keeps its height, whatever is in them.
    let said = if count == 0 {
        wrap::height(&picker.empty, list_width(screen.width).saturating_sub(2))
    } else {
        count
    };
    let wanted = if parts { usize::from(PARTS_ROWS.max(screen.height / 2)) } else { said + 1 };
    let rows = u16::try_from(wanted).unwrap_or(u16::MAX).min(screen.height.saturating_sub(4).max(2));
    let inside = frame(&picker.title, list_width(screen.width), rows, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    if parts && screen.width >= FULL_WIDTH && inside.bottom() < screen.bottom() {
        let mut mark = Line::default();
        mark.words(&picker.summary, inside.width.saturating_sub(2), theme.faint, look);
        let mut framed = Line::default();
        if mark.width() > 0 {
            framed.push(" ", theme.faint);
            framed.append(mark);
            framed.push(" ", theme.faint);
        }
        canvas.right(Rect { y: inside.bottom(), height: 1, ..inside }, &framed);
    }
    Some(list(picker, inside, canvas, hits))
}

/// What was typed, the parts and the rows of a list; returns where the cursor stands.
pub(super) fn list<V>(
    picker: &Picker<V>,
    inside: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Position {
    let (theme, look) = (canvas.theme(), canvas.look);
    let items = picker.shown();
    let count = items.len();
    canvas.put(inside, "›", theme.title);
    let query = after(row(inside, 0), 2);
    let cursor = input::draft(picker.query(), query, query.width, theme.text, canvas);
    let above = if !picker.filters().is_empty() && inside.height > 2 { 2 } else { 1 };
    if above == 2 {
        parts(picker, row(inside, 1), canvas, hits);
    }
    let list = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    let height = usize::from(list.height);
    if count == 0 {
        let place = after(list, 2);
        for (y, part) in (0..place.height).zip(wrap(&picker.empty, place.width.max(1))) {
            let mut line = Line::default();
            line.sentence(part.of(&picker.empty), place.width, theme.faint, look);
            canvas.left(row(place, y), &line);
        }
    }
    let first = (picker.selected() + 1).saturating_sub(height);
    for (y, (place, item)) in (0..list.height).zip(items.enumerate().skip(first)) {
        let area = row(list, y);
        let chosen = place == picker.selected();
        // The look of the chosen row covers both of its ends.
        let on_row = |style: ratatui::style::Style| if chosen { theme.selected } else { style };
        canvas.tint(area, on_row(theme.text));
        let mut right = Line::default();
        right.words(&item.detail, area.width / 2, on_row(theme.faint), look);
        right.push(" ", on_row(theme.text));
        let mut left = Line::default();
        left.push(if chosen { "▸ " } else { "  " }, on_row(theme.text));
        if picker.has_favourites() {
            left.push(if picker.is_favourite(place) { "★ " } else { "  " }, on_row(theme.marker));
        }
        let room = area.width.saturating_sub(left.width() + right.width() + 1);
        left.words(&item.label, room, on_row(theme.text), look);
        canvas.left(area, &left);
        canvas.right(area, &right);
        hits.add(area, Target::Pick(place));
    }
    if count > height {
        let mut mark = Line::default();
        mark.push(format!(" {} of {count}", picker.selected() + 1), theme.faint);
        canvas.right(row(inside, 0), &mark);
    }
    cursor
}

/// The names of the parts of a list in one row, the shown one in brackets. Where they do not all fit, those
/// around the shown one stand there.
fn parts<V>(picker: &Picker<V>, area: Rect, canvas: &mut Canvas<'_>, hits: &mut HitMap) {
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
        let mut line = Line::default();
        let (open, close, style) =
            if place == shown { ("[", "]", theme.title) } else { (" ", " ", theme.faint) };
        line.push(open, style);
        line.words(name, rest.width.saturating_sub(2), style, canvas.look);
        line.push(close, style);
        canvas.left(rest, &line);
        let width = width.min(rest.width);
        hits.add(Rect { width, height: 1, ..rest }, Target::Filter(place));
        rest = after(rest, width);
    }
}

fn prompt(prompt: &Prompt, screen: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let columns = layer_width(screen.width);
    let width = columns.saturating_sub(2);
    let rows = prompt.input.layout(width, PROMPT_ROWS).rows.len();
    let hint = match prompt.purpose {
        Purpose::Search(_) => "Enter searches, the newest first",
        Purpose::Reach(_) => "Enter shows what can be done with it",
        Purpose::Command => "Enter runs it; F1 lists the commands",
    };
    let rows = u16::try_from(rows).unwrap_or(PROMPT_ROWS);
    let inside = frame(&prompt.title, columns, rows + 1, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    let theme = canvas.theme();
    canvas.put(inside, "›", theme.title);
    let field = Rect { height: inside.height.min(rows), ..after(inside, 2) };
    let cursor = input::draft(&prompt.input, field, field.width, theme.text, canvas);
    if inside.height > rows {
        canvas.put(after(row(inside, rows), 2), hint, theme.faint);
    }
    Some(cursor)
}

fn confirm(question: &Confirm, screen: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    let columns = layer_width(screen.width).min(60);
    let parts = wrap(&question.text, columns);
    let rows = u16::try_from(parts.len()).unwrap_or(u16::MAX);
    let columns = parts.iter().map(|part| part.width).max().unwrap_or(0).max(str_width("Question"));
    let inside = frame("Question", columns, rows, screen, canvas);
    for (y, part) in (0..inside.height).zip(&parts) {
        let mut line = Line::default();
        line.sentence(part.of(&question.text), inside.width, canvas.theme().text, canvas.look);
        canvas.left(row(inside, y), &line);
    }
    Some(Position::new(inside.x, inside.y))
}

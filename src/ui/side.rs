//! Case data, disposition, note and contact of the shown session, beside the messages.

use super::hints::short;
use super::paint::{Canvas, Line, after, row};
use crate::app::case::{self, Shown};
use crate::app::disposition;
use crate::app::layout::layer_width;
use crate::app::session::Session;
use crate::app::{Action, State};
use crate::domain::message::Body;
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
pub(super) fn case_rows(state: &State, screen: Rect, canvas: &Canvas<'_>) -> Vec<Line> {
    state.session().map_or_else(Vec::new, |session| rows(state, session, layer_width(screen.width), canvas))
}

fn rows(state: &State, session: &Session, width: u16, canvas: &Canvas<'_>) -> Vec<Line> {
    let theme = canvas.theme();
    let key = &session.options.disposition_key;
    let heading = |rows: &mut Vec<Line>, words: &str| {
        if !rows.is_empty() {
            rows.push(Line::default());
        }
        let mut line = Line::default();
        line.words(words, width, theme.title, canvas.look);
        rows.push(line);
    };
    let mut rows = Vec::new();

    let attribute = session.options.case_attribute.as_deref();
    let hidden = [key.as_str(), session.options.override_key.as_str()];
    if session.options.case_shown {
        let pairs = case::shown(&state.configuration, attribute, &session.interaction, &hidden);
        let named = attribute.and_then(|name| state.configuration.business_attribute(name)).map(case::title);
        heading(&mut rows, &named.unwrap_or_else(|| "Case".into()));
        let column = pairs.iter().map(|pair| str_width(&pair.label)).max().unwrap_or(0).min(KEY) + 1;
        for shown in &pairs {
            pair(&mut rows, shown, column, width, canvas);
        }
        if pairs.is_empty() {
            words(&mut rows, &"no case data".into(), width, usize::MAX, theme.faint, canvas);
        }
        let routing = case::routing(&state.configuration, attribute, &session.interaction.user_data);
        if !routing.is_empty() {
            let unit = if routing.len() == 1 { "pair" } else { "pairs" };
            let mark = if state.routing_shown { "▾" } else { "▸" };
            let key = short(&state.settings.keymap.hint(Action::RoutingData));
            let line = format!("{mark} {} routing {unit}  {key}", routing.len());
            words(&mut rows, &Clean::line(line.trim_end()), width, 1, theme.faint, canvas);
            for shown in routing.iter().filter(|_| state.routing_shown) {
                pair(&mut rows, shown, KEY, width, canvas);
            }
        }
    }

    let set = case::value(&session.interaction.user_data, key);
    let attribute = &session.options.disposition_attribute;
    let named = state.configuration.business_attribute(attribute).map(case::title);
    heading(&mut rows, &named.unwrap_or_else(|| "Disposition".into()));
    if set.is_empty() {
        let missing = if session.options.disposition_mandatory { "none yet (needed)" } else { "none yet" };
        words(&mut rows, &missing.into(), width, 1, theme.faint, canvas);
    } else {
        let leaves = disposition::leaves(&state.configuration, attribute);
        let shown = leaves.into_iter().find(|leaf| leaf.name == set).map(|leaf| leaf.shown);
        let shown = shown.unwrap_or_else(|| Clean::line(&set));
        words(&mut rows, &shown, width, VALUE_ROWS, theme.text, canvas);
    }

    heading(&mut rows, "Note");
    let note = &session.interaction.comment;
    if let Some(draft) = &session.note {
        words(&mut rows, &"not saved yet:".into(), width, 1, theme.warning, canvas);
        words(&mut rows, &Clean::new(&draft.text), width, usize::MAX, theme.unsent, canvas);
    } else if note.trim().is_empty() {
        words(&mut rows, &"none yet".into(), width, 1, theme.faint, canvas);
    } else {
        words(&mut rows, note, width, usize::MAX, theme.text, canvas);
    }

    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    if session.interaction.others(me).next().is_some() {
        heading(&mut rows, "Parties");
        for one in &session.interaction.colleagues {
            let mine = !session.interaction.others(me).any(|other| other.participant == one.participant);
            let you = if mine { " (you)" } else { "" };
            words(&mut rows, &Clean::line(&format!("{}{you}", one.name)), width, 1, theme.text, canvas);
            let joined = session.transcript.lines().iter().rev().find(|line| {
                line.message.body == Body::Joined && line.message.participant == one.participant
            });
            let since = joined.map_or(String::new(), |line| {
                format!(", since {}", line.message.at.in_zone(&state.zone).strftime("%H:%M"))
            });
            let unseen = if one.advises() { ", unseen by the customer" } else { "" };
            let role = Clean::line(&format!("  {}{since}{unseen}", one.role()));
            words(&mut rows, &role, width, 2, theme.faint, canvas);
        }
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

    // The ID that `deskline why` and `tail --session` accept.
    heading(&mut rows, "Session ID");
    let id = Clean::line(session.interaction.id.as_str());
    words(&mut rows, &id, width, VALUE_ROWS, theme.faint, canvas);
    rows
}

fn pair(rows: &mut Vec<Line>, shown: &Shown, column: u16, width: u16, canvas: &Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    // Names that are cut may all look the same: a long one has a row of its own.
    let own_row = str_width(&shown.label) >= column;
    if own_row {
        let mut line = Line::default();
        line.words(&shown.label, width, theme.faint, look);
        rows.push(line);
    }
    let (name, column) = if own_row { ("", 2) } else { (shown.label.as_str(), column) };
    let room = width.saturating_sub(column).max(1);
    let (value, style) = match shown {
        Shown { missing: true, .. } => (Clean::line("needed"), theme.warning),
        Shown { link: true, value, .. } => (value.clone(), theme.link),
        Shown { value, .. } => (value.clone(), theme.text),
    };
    let label = |line: &mut Line, words: &str| {
        line.words(words, column.saturating_sub(1), theme.faint, look);
        line.gap(column.saturating_sub(line.width()));
    };
    for (place, part) in wrap(&value, room).iter().take(VALUE_ROWS).enumerate() {
        let mut line = Line::default();
        label(&mut line, if place == 0 { name } else { "" });
        line.words(part.of(&value), room, style, look);
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

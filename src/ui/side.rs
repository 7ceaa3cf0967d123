//! Case data, disposition, note and contact of the shown session, beside the messages.

use super::hints::short;
use super::paint::{Canvas, StyledLine, row, skip_columns};
use crate::app::core::case_data::{self as case, Shown};
use crate::app::core::columns::layer_width;
use crate::app::core::session::Session;
use crate::app::features::disposition;
use crate::app::{Action, State};
use crate::domain::message::Body;
use crate::text::Clean;
use crate::text::width::str_width;
use crate::text::wrap::wrap;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The most cells of the name of a pair.
const KEY: u16 = 13;
/// The most rows of a value.
const VALUE_ROWS: usize = 3;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(session) = state.session().filter(|_| !area.is_empty()) else { return };
    let theme = canvas.theme();
    if let Some(x) = area.x.checked_sub(1) {
        canvas.column(Rect { x, width: 1, ..area }, "│", theme.rule);
    }
    let area = Rect { width: area.width.saturating_sub(2), ..skip_columns(area, 1) };
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

/// The same contents as rows of a layer, for screens without room beside the messages.
pub(super) fn case_rows(state: &State, screen: Rect, canvas: &Canvas<'_>) -> Vec<StyledLine> {
    state.session().map_or_else(Vec::new, |session| rows(state, session, layer_width(screen.width), canvas))
}

fn rows(state: &State, session: &Session, width: u16, canvas: &Canvas<'_>) -> Vec<StyledLine> {
    let mut pane = Pane { rows: Vec::new(), width, canvas };
    if session.options.case_shown {
        case_data(&mut pane, state, session);
    }
    disposition_of(&mut pane, state, session);
    note(&mut pane, session);
    parties(&mut pane, state, session);
    contact(&mut pane, session);
    session_id(&mut pane, session);
    pane.rows
}

/// The rows of the pane while they are collected.
struct Pane<'a, 'b> {
    rows: Vec<StyledLine>,
    width: u16,
    canvas: &'a Canvas<'b>,
}

impl Pane<'_, '_> {
    /// Begins a section.
    fn heading(&mut self, title: &str) {
        if !self.rows.is_empty() {
            self.rows.push(StyledLine::default());
        }
        let mut line = StyledLine::default();
        line.push_text(title, self.width, self.canvas.theme().title, self.canvas.look);
        self.rows.push(line);
    }

    /// Adds a text, wrapped and cut to `max_rows` rows.
    fn text(&mut self, text: &Clean, max_rows: usize, style: Style) {
        for part in wrap(text, self.width).iter().take(max_rows) {
            let mut line = StyledLine::default();
            line.push_text(part.of(text), self.width, style, self.canvas.look);
            self.rows.push(line);
        }
    }

    /// Adds a key with its value.
    fn pair(&mut self, shown: &Shown, column: u16) {
        let (theme, look, width) = (self.canvas.theme(), self.canvas.look, self.width);
        // Cut names may look the same, so a long one has a separate row.
        let own_row = str_width(&shown.label) >= column;
        if own_row {
            let mut line = StyledLine::default();
            line.push_text(&shown.label, width, theme.faint, look);
            self.rows.push(line);
        }
        let (name, column) = if own_row { ("", 2) } else { (shown.label.as_str(), column) };
        let room = width.saturating_sub(column).max(1);
        let (value, style) = match shown {
            Shown { missing: true, .. } => (Clean::line("needed"), theme.warning),
            Shown { link: true, value, .. } => (value.clone(), theme.link),
            Shown { value, .. } => (value.clone(), theme.text),
        };
        let label = |line: &mut StyledLine, words: &str| {
            line.push_text(words, column.saturating_sub(1), theme.faint, look);
            line.push_gap(column.saturating_sub(line.width()));
        };
        for (place, part) in wrap(&value, room).iter().take(VALUE_ROWS).enumerate() {
            let mut line = StyledLine::default();
            label(&mut line, if place == 0 { name } else { "" });
            line.push_text(part.of(&value), room, style, look);
            self.rows.push(line);
        }
    }
}

fn case_data(pane: &mut Pane<'_, '_>, state: &State, session: &Session) {
    let theme = pane.canvas.theme();
    let attribute = session.options.case_attribute.as_deref();
    let hidden = [session.options.disposition_key.as_str(), session.options.override_key.as_str()];
    let pairs = case::shown(&state.configuration, attribute, &session.interaction, &hidden);
    let title = attribute.and_then(|name| state.configuration.business_attribute(name)).map(case::title);
    pane.heading(&title.unwrap_or_else(|| "Case".into()));
    let column = pairs.iter().map(|pair| str_width(&pair.label)).max().unwrap_or(0).min(KEY) + 1;
    for shown in &pairs {
        pane.pair(shown, column);
    }
    if pairs.is_empty() {
        pane.text(&"no case data".into(), usize::MAX, theme.faint);
    }
    let routing = case::routing(&state.configuration, attribute, &session.interaction.user_data);
    if !routing.is_empty() {
        let unit = if routing.len() == 1 { "pair" } else { "pairs" };
        let mark = if state.routing_shown { "▾" } else { "▸" };
        let key = short(&state.settings.keymap.hint(Action::RoutingData));
        let line = format!("{mark} {} routing {unit}  {key}", routing.len());
        pane.text(&Clean::line(line.trim_end()), 1, theme.faint);
        for shown in routing.iter().filter(|_| state.routing_shown) {
            pane.pair(shown, KEY);
        }
    }
}

fn disposition_of(pane: &mut Pane<'_, '_>, state: &State, session: &Session) {
    let theme = pane.canvas.theme();
    let set = case::value(&session.interaction.user_data, &session.options.disposition_key);
    let attribute = &session.options.disposition_attribute;
    let title = state.configuration.business_attribute(attribute).map(case::title);
    pane.heading(&title.unwrap_or_else(|| "Disposition".into()));
    if set.is_empty() {
        let missing = if session.options.disposition_mandatory { "none yet (required)" } else { "none yet" };
        pane.text(&missing.into(), 1, theme.faint);
    } else {
        let leaves = disposition::leaves(&state.configuration, attribute);
        let shown = leaves.into_iter().find(|leaf| leaf.name == set).map(|leaf| leaf.shown);
        pane.text(&shown.unwrap_or_else(|| Clean::line(&set)), VALUE_ROWS, theme.text);
    }
}

fn note(pane: &mut Pane<'_, '_>, session: &Session) {
    let theme = pane.canvas.theme();
    pane.heading("Note");
    let note = &session.interaction.comment;
    if let Some(draft) = &session.note {
        pane.text(&"not saved yet:".into(), 1, theme.warning);
        pane.text(&Clean::new(&draft.text), usize::MAX, theme.unsent);
    } else if note.trim().is_empty() {
        pane.text(&"none yet".into(), 1, theme.faint);
    } else {
        pane.text(note, usize::MAX, theme.text);
    }
}

/// Adds the participants, if the session has others than this agent.
fn parties(pane: &mut Pane<'_, '_>, state: &State, session: &Session) {
    let theme = pane.canvas.theme();
    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    if session.interaction.others(me).next().is_none() {
        return;
    }
    pane.heading("Parties");
    for one in &session.interaction.colleagues {
        let mine = !session.interaction.others(me).any(|other| other.participant == one.participant);
        let you = if mine { " (you)" } else { "" };
        pane.text(&Clean::line(&format!("{}{you}", one.name)), 1, theme.text);
        let joined =
            session.transcript.lines().iter().rev().find(|line| {
                line.message.body == Body::Joined && line.message.participant == one.participant
            });
        let since = joined.map_or(String::new(), |line| {
            format!(", since {}", line.message.at.in_zone(&state.zone).strftime("%H:%M"))
        });
        let unseen = if one.advises() { ", unseen by the customer" } else { "" };
        pane.text(&Clean::line(&format!("  {}{since}{unseen}", one.role())), 2, theme.faint);
    }
}

fn contact(pane: &mut Pane<'_, '_>, session: &Session) {
    let theme = pane.canvas.theme();
    pane.heading("Contact");
    pane.text(&session.name(), VALUE_ROWS, theme.text);
    if session.is_unknown() {
        pane.text(&"unknown contact".into(), 1, theme.warning);
    }
    if let Some(number) = session.interaction.party.display_number() {
        pane.text(&number, 1, theme.text);
    }
    if let Some(origin) = &session.interaction.origin {
        pane.text(&Clean::line(&format!("came through {origin}")), 2, theme.faint);
    }
}

/// Adds the session ID, for `deskline why` and `tail --session`.
fn session_id(pane: &mut Pane<'_, '_>, session: &Session) {
    pane.heading("Session ID");
    let id = Clean::line(session.interaction.id.as_str());
    pane.text(&id, VALUE_ROWS, pane.canvas.theme().faint);
}

//! The open sessions: a list if there is room, otherwise a line of tabs.

use super::hit::HitMap;
use super::paint::{Canvas, StyledLine, row, short_duration, skip_columns};
use crate::app::State;
use crate::app::core::msg::ClickTarget;
use crate::app::core::session::Session;
use crate::domain::pending::Urgency;
use ratatui::layout::Rect;

/// Rows of a session in the list.
const ROWS: usize = 2;
/// The fewest and the most cells of a name in a tab.
const TAB_NAME: (u16, u16) = (16, 40);
/// Cells of a tab besides the name.
const TAB_REST: u16 = 9;

/// The range of sessions that the list shows. It includes the current one.
fn window(state: &State, most: usize) -> std::ops::Range<usize> {
    let count = state.sessions.len();
    let at = shown(state);
    let first = (at + 1).saturating_sub(most.max(1));
    first..(first + most).min(count)
}

fn shown(state: &State) -> usize {
    state.sessions.iter().position(|s| state.shown.as_ref() == Some(&s.interaction.id)).unwrap_or(0)
}

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>, hits: &mut HitMap) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme();
    canvas.column(skip_columns(Rect { width: area.width + 1, ..area }, area.width), "│", theme.rule);
    if state.sessions.is_empty() {
        let mut line = StyledLine::default();
        line.push(" No sessions", theme.faint);
        return canvas.left(area, &line);
    }
    let height = usize::from(area.height);
    // A row is reserved for the number and urgency of hidden sessions.
    let hides = state.sessions.len() * ROWS > height;
    let most = (height - usize::from(hides)) / ROWS;
    let window = window(state, most);
    let mut y = 0;
    for (place, session) in state.sessions.iter().enumerate().skip(window.start).take(window.len()) {
        let rows = Rect { y: area.y + y, height: 2, ..area };
        draw_entry(state, place, session, rows, canvas);
        hits.add(rows, ClickTarget::Session(place));
        y += 2;
    }
    if hides {
        let hidden = state.sessions.iter().enumerate().filter(|(place, _)| !window.contains(place));
        let urgency = hidden.clone().map(|(_, session)| session.urgency(state.now)).max().unwrap_or_default();
        let (mark, style) = theme.urgency(urgency);
        let asides: usize = hidden.clone().map(|(_, session)| session.aside).sum();
        let mut line = StyledLine::default();
        line.push(format!("   +{} more ", state.sessions.len() - window.len()), theme.faint);
        line.push(mark, style);
        if asides > 0 {
            line.push(" ◆", theme.internal);
        }
        canvas.left(row(area, area.height - 1), &line);
    }
}

fn draw_entry(state: &State, place: usize, session: &Session, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let is_shown = state.shown.as_ref() == Some(&session.interaction.id);
    let (mark, style) = theme.urgency(session.urgency(state.now));

    // Mark and count are aligned in all rows: two cells and three.
    let mut right = StyledLine::default();
    right.push(format!("{mark:<2}"), style);
    let news = if session.blinks_until(state.now).is_some() { theme.news } else { theme.unread };
    right.push(format!("{:>3} ", unread_mark(session)), news);
    let mut left = StyledLine::default();
    left.push(if is_shown { "▌" } else { " " }, theme.title);
    left.push(format!("{} ", place + 1), theme.faint);
    let room = area.width.saturating_sub(left.width() + right.width() + 1);
    left.push_text(&session.name(), room, if is_shown { theme.title } else { theme.text }, look);
    canvas.left(row(area, 0), &left);
    canvas.right(row(area, 0), &right);

    let mut right = StyledLine::default();
    right.push(internal_mark(session), theme.internal);
    if let Some(since) = session.waiting_since() {
        right.push(short_duration(state.now.since(since)), theme.faint);
    }
    right.push_gap(1);
    let mut left = StyledLine::default();
    left.push(if is_shown { "▌  " } else { "   " }, theme.title);
    let room = area.width.saturating_sub(left.width() + right.width() + 1);
    left.push_text(&session.last_words(), room, theme.faint, look);
    canvas.left(row(area, 1), &left);
    canvas.right(row(area, 1), &right);
}

fn unread_mark(session: &Session) -> String {
    match session.unread {
        0 => String::new(),
        few @ 1..=99 => few.to_string(),
        _ => "99+".to_owned(),
    }
}

/// How many unread messages are for colleagues only, with the mark of such messages.
fn internal_mark(session: &Session) -> String {
    match session.aside {
        0 => String::new(),
        few @ 1..=99 => format!("◆{few} "),
        _ => "◆99+ ".to_owned(),
    }
}

/// Draws the sessions as a line of tabs.
pub(super) fn draw_tabs(state: &State, area: Rect, canvas: &mut Canvas<'_>, hits: &mut HitMap) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme();
    let at = shown(state);
    let count = u16::try_from(state.sessions.len()).unwrap_or(u16::MAX).max(1);
    let name = (area.width / count).saturating_sub(TAB_REST).clamp(TAB_NAME.0, TAB_NAME.1);
    let tabs: Vec<StyledLine> =
        state.sessions.iter().enumerate().map(|(i, session)| tab(state, i, session, name, canvas)).collect();
    // First tabs before the current one, as many as fit, then tabs after it.
    let room = area.width.saturating_sub(2);
    let mut used = tabs.get(at).map_or(0, StyledLine::width);
    let mut first = at;
    while let Some(before) = first.checked_sub(1).and_then(|i| tabs.get(i)) {
        if used + before.width() + 1 > room {
            break;
        }
        used += before.width() + 1;
        first -= 1;
    }
    let mut line = StyledLine::default();
    line.push(if first > 0 { "‹" } else { " " }, theme.title);
    let mut hidden = 0;
    let mut most = Urgency::None;
    let mut asides = 0;
    for (place, tab) in tabs.into_iter().enumerate().skip(first) {
        if place > at && (hidden > 0 || line.width() + tab.width() + 1 > room) {
            hidden += 1;
            asides += state.sessions.get(place).map_or(0, |session| session.aside);
            most = most.max(state.sessions.get(place).map_or(Urgency::None, |s| s.urgency(state.now)));
            continue;
        }
        if place > first {
            line.push("│", theme.rule);
        }
        hits.add(
            Rect { width: tab.width(), ..row(skip_columns(area, line.width()), 0) },
            ClickTarget::Session(place),
        );
        line.append(tab);
    }
    canvas.left(area, &line);
    if hidden > 0 {
        let mut more = StyledLine::default();
        let (mark, style) = theme.urgency(most);
        more.push(format!("+{hidden}"), theme.faint);
        more.push(mark, style);
        if asides > 0 {
            more.push("◆", theme.internal);
        }
        more.push("›", theme.title);
        if line.width() + more.width() > area.width {
            more = StyledLine::default();
            more.push("›", theme.title);
        }
        canvas.right(area, &more);
    }
}

fn tab(state: &State, place: usize, session: &Session, name: u16, canvas: &Canvas<'_>) -> StyledLine {
    let (theme, look) = (canvas.theme(), canvas.look);
    let is_shown = state.shown.as_ref() == Some(&session.interaction.id);
    let (mark, style) = theme.urgency(session.urgency(state.now));
    let mut line = StyledLine::default();
    line.push(if is_shown { "▌" } else { " " }, theme.title);
    line.push(format!("{} ", place + 1), theme.faint);
    line.push_text(&session.name(), name, if is_shown { theme.title } else { theme.text }, look);
    line.push_gap(1);
    line.push(mark, style);
    let news = if session.blinks_until(state.now).is_some() { theme.news } else { theme.unread };
    line.push(unread_mark(session), news);
    line.push(internal_mark(session).trim_end(), theme.internal);
    line.push_gap(1);
    line
}

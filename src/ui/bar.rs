//! The notification bar: the agent's state, the newest notice, the connection.
//!
//! It has no clock: an idle screen must not change.

use super::paint::{Canvas, Line, left_by_second, row};
use super::theme::Theme;
use crate::app::State;
use crate::app::msg::Link;
use crate::domain::agent::AgentState;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::time::Duration;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    canvas.tint(row(area, 0), theme.bar);
    let on_bar = |style: Style| theme.bar.patch(style);

    let mut right = Line::default();
    let (words, style) = connection(state, area.width, theme);
    right.push(words, on_bar(style));
    right.push(" ", theme.bar);
    let room = area.width.saturating_sub(right.width() + 1);

    let overall = state.overall();
    let (mark, style) = match overall.state {
        AgentState::Ready if overall.partial.is_some() => ("◑", theme.warning),
        AgentState::Ready => ("●", theme.good),
        AgentState::NotReady => ("○", theme.warning),
        AgentState::AfterCallWork => ("◐", theme.warning),
        AgentState::DoNotDisturb => ("⊘", theme.warning),
        AgentState::LoggedOut => ("·", theme.text),
    };
    let reason = overall.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let partial = overall.partial.map_or(String::new(), |(on, of)| format!(" on {on} of {of}"));
    let since = state.channel.since.filter(|_| overall.state == AgentState::AfterCallWork);
    let minutes = since.map_or(0, |since| state.now.since(since).as_secs() / 60);
    let lasts = if minutes > 0 { format!(" {minutes} min") } else { String::new() };
    let mut left = Line::default();
    // Who oversees has no channel to be ready on.
    let oversees = state.me.as_ref().is_some_and(|me| me.oversees);
    let word = if oversees {
        " ◎ Supervisor ".to_owned()
    } else {
        format!(" {mark} {}{partial}{reason}{lasts} ", overall.state.label())
    };
    left.words(&word, room, on_bar(style), look);

    // What is said may name a customer.
    let notice = state.notices.current(state.now).filter(|_| state.lock.is_none()).map(|notice| {
        let mut line = Line::default();
        let words = format!(" {} {} ", notice.level.mark(), notice.text);
        line.words(&words, room.saturating_sub(left.width() + 1), on_bar(theme.level(notice.level)), look);
        line
    });
    let taken = notice.as_ref().map_or(0, |notice| notice.width() + 1);
    // The notice is what is new; what is known anyway makes room for it.
    let load = match (state.sessions.len(), state.capacity) {
        (open, Some(most)) if !oversees => format!("{open}/{most}"),
        (0, _) => String::new(),
        (1, _) => "1 session".to_owned(),
        (many, _) => format!("{many} sessions"),
    };
    let parked = match state.workbins.count() {
        0 => String::new(),
        some => format!("workbin {some}"),
    };
    let locked = if state.lock.is_some() { "locked".to_owned() } else { String::new() };
    let name = state.me.as_ref().map(|me| me.name.to_string()).unwrap_or_default();
    for words in [locked, load, parked, name] {
        let mut part = Line::default();
        part.push("  ", theme.bar);
        part.words(&words, u16::MAX, theme.bar, look);
        if !words.is_empty() && left.width() + part.width() + taken <= room {
            left.append(part);
        }
    }
    if let Some(notice) = notice {
        left.push(" ", theme.bar);
        left.append(notice);
    }
    canvas.left(area, &left);
    canvas.right(area, &right);
}

/// The connection in words, or how fast it is when it is there.
fn connection(state: &State, width: u16, theme: &Theme) -> (String, Style) {
    // What was lost stands in the notice at first.
    let narrow = width < 60 || (width < 100 && state.notices.current(state.now).is_some());
    match &state.link {
        Link::Connecting => ("connecting…".to_owned(), theme.warning),
        Link::Online { .. } => (state.latency.map_or("", bars).to_owned(), theme.text),
        Link::Lost { retry_at, .. } => {
            let seconds = left_by_second(*retry_at, state.now).div_ceil(1000);
            let again =
                if seconds == 0 { "trying again…".to_owned() } else { format!("again in {seconds} s") };
            let words =
                if narrow { format!("offline, {again}") } else { format!("connection lost, {again}") };
            (words, theme.error)
        }
        Link::Stopped { signed_out: true, .. } => ("signed out".to_owned(), theme.text),
        Link::Stopped { .. } => ("disconnected".to_owned(), theme.error),
    }
}

/// How fast requests are answered. Three marks, not a number: a number would change all the time.
fn bars(latency: Duration) -> &'static str {
    match latency.as_millis() {
        0..60 => "▮▮▮",
        60..200 => "▮▮▯",
        200..600 => "▮▯▯",
        _ => "▯▯▯ slow",
    }
}

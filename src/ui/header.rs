//! The header of the shown session: the customer, the reply window, the waiting time, and errors.

use super::paint::{Canvas, StyledLine, short_duration};
use crate::app::State;
use crate::app::core::bar::cut_mark;
use crate::app::core::layout::header_says;
use crate::app::core::session::Session;
use crate::domain::interaction::Colleague;
use crate::domain::monitoring::MonitorMode;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::text::width::str_width;
use ratatui::layout::Rect;

const MINUTE: u128 = 60_000;
const HOUR: u128 = 60 * MINUTE;
/// The mark for silent monitoring. (Workspace: an eye in the interaction window.)
const EYE: &str = "◎";

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(session) = state.session().filter(|_| !area.is_empty()) else { return };
    let (theme, look) = (canvas.theme(), canvas.look);

    let mut right = StyledLine::default();
    if session.finishing.is_some() {
        right.push("finishing… ", theme.faint);
    } else if let Some(since) = session.waiting_since() {
        let (mark, style) = theme.urgency(session.urgency(state.now));
        right.push(format!("{mark} waits {}", short_duration(state.now.since(since))), style);
        right.push_gap(1);
    }
    if right.width() > area.width / 2 {
        right = StyledLine::default();
    }

    let room = area.width.saturating_sub(right.width() + 1);
    let mut left = StyledLine::default();
    left.push_gap(1);
    left.push_text(&session.name(), room.saturating_sub(1), theme.title, look);
    let free = |line: &StyledLine| room.saturating_sub(line.width() + 2);
    let style = if session.trouble.is_some() { theme.error } else { theme.warning };
    let mut says = header_says(session);
    if area.height > 1
        && let Some(says) = says.take()
    {
        let rows = Rect { y: area.y + 1, height: area.height - 1, ..area };
        super::bar::draw_sentence(&says, rows, style, None, state, canvas);
    }
    // Requests under way and other parties matter more than an unknown contact.
    let quiet = says.is_none();
    let with = other_parties(state, session).filter(|_| quiet);
    if let Some(with) = with.as_ref().filter(|_| free(&left) >= 6) {
        left.push_gap(1);
        left.push_sentence(with, free(&left).saturating_sub(1), theme.internal, look);
    }
    if session.is_unknown() && quiet && with.is_none() && free(&left) >= 35 {
        left.push_gap(2);
        left.push("unknown contact", theme.warning);
    }
    if let Some(says) = says {
        if free(&left) >= 4 {
            left.push_gap(2);
            let mark = cut_mark(state);
            let cut = str_width(&says) > free(&left) && str_width(&mark) + 8 < free(&left);
            let cells = if cut { free(&left) - str_width(&mark) - 1 } else { free(&left) };
            left.push_sentence(&says, cells, style, look);
            left.push(if cut { &mark } else { "" }, style);
        }
    } else {
        let window = reply_window_text(state, session);
        let closed = window == "reply window closed";
        if let Some(number) = session.interaction.party.display_number()
            && str_width(&number) + str_width(&window) + 2 <= free(&left)
        {
            left.push_gap(2);
            left.push_text(&number, free(&left), theme.faint, look);
        }
        if !window.is_empty() && str_width(&window) <= free(&left) {
            left.push_gap(2);
            left.push(window, if closed { theme.warning } else { theme.faint });
        }
    }
    canvas.left(area, &left);
    canvas.right(area, &right);
}

/// The other parties of the session, and whether the agent only advises.
fn other_parties(state: &State, session: &Session) -> Option<String> {
    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    let named = |one: &Colleague| match one.role() {
        "agent" => one.name.to_string(),
        "watching" => format!("{EYE} {} (watching)", one.name),
        role => format!("{} ({role})", one.name),
    };
    let others: Vec<String> = session.interaction.others(me).map(named).collect();
    if let Some(mode) = session.interaction.monitor {
        let who = others.join(", ");
        return Some(match mode {
            MonitorMode::Monitor => format!("{EYE} you watch {who} silently"),
            MonitorMode::Coach => format!("◆ you coach {who}"),
            MonitorMode::BargeIn => format!("+ {who}"),
        });
    }
    if session.interaction.am_consulted() {
        return Some(format!("◆ you advise {}", others.join(", ")));
    }
    (!others.is_empty()).then(|| format!("+ {}", others.join(", ")))
}

/// The remaining reply window in hours, or in minutes in the last hour. The state wakes up when it changes.
fn reply_window_text(state: &State, session: &Session) -> String {
    match reply_window(session.interaction.window_ends, state.now) {
        ReplyWindow::Unknown => String::new(),
        ReplyWindow::Closed => "reply window closed".to_owned(),
        ReplyWindow::Open(left) => match left.as_millis().saturating_sub(1) {
            left if left >= HOUR => format!("reply window {} h", left / HOUR),
            left if left >= MINUTE => format!("reply window {} min", left / MINUTE),
            _ => "reply window under 1 min".to_owned(),
        },
    }
}

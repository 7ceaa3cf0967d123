//! The notification bar: the agent's state, the load and the name, the newest notice, the connection.
//!
//! It shows no clock, so that an idle screen does not change.

use super::paint::{Canvas, StyledLine, row};
use crate::app::State;
use crate::app::core::bar::{Bar, below_width, cut_mark};
use crate::app::core::msg::Link;
use crate::domain::agent::AgentState;
use crate::text::width::str_width;
use crate::text::wrap::wrap;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    canvas.tint(row(area, 0), theme.bar);
    let on_bar = |style: Style| theme.bar.patch(style);
    let bar = Bar::of(state);

    let mut right = StyledLine::default();
    let style = match &state.link {
        Link::Connecting => theme.warning,
        Link::Online { .. } | Link::Stopped { signed_out: true, .. } => theme.text,
        Link::Lost { .. } | Link::Stopped { .. } => theme.error,
    };
    right.push(&bar.link, on_bar(style));
    let room = area.width.saturating_sub(right.width());

    let overall = state.overall();
    // Supervisors have no channel to be Ready on.
    let oversees = state.me.as_ref().is_some_and(|me| me.oversees);
    let style = match overall.state {
        AgentState::LoggedOut => theme.text,
        _ if oversees => theme.text,
        AgentState::Ready if overall.partial.is_none() => theme.good,
        AgentState::Ready | AgentState::NotReady | AgentState::AfterCallWork | AgentState::DoNotDisturb => {
            theme.warning
        }
    };
    let mut left = StyledLine::default();
    left.push_sentence(&bar.status, room, on_bar(style), look);
    for part in &bar.known {
        left.push("  ", theme.bar);
        left.push_text(part, room.saturating_sub(left.width()), theme.bar, look);
    }
    if let (Some(words), Some(notice)) = (&bar.notice, state.notices.current()) {
        left.push("  ", theme.bar);
        left.push_sentence(
            words,
            room.saturating_sub(left.width() + 1),
            on_bar(theme.level(notice.level)),
            look,
        );
    }
    canvas.left(area, &left);
    canvas.right(area, &right);
}

/// Draws the notice in its own rows.
pub(super) fn draw_notice(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let (Some(words), Some(notice)) = (Bar::of(state).below, state.notices.current()) else { return };
    let theme = canvas.theme();
    draw_sentence(&words, area, theme.bar.patch(theme.level(notice.level)), Some(theme.bar), state, canvas);
}

/// Draws a sentence of the program in an area. A sentence that does not fit ends with the key that shows all of it.
pub(super) fn draw_sentence(
    words: &str,
    area: Rect,
    style: Style,
    ground: Option<Style>,
    state: &State,
    canvas: &mut Canvas<'_>,
) {
    let width = below_width(area.width);
    let parts = wrap(words, width);
    for y in 0..area.height {
        if let Some(ground) = ground {
            canvas.tint(row(area, y), ground);
        }
        let Some(part) = parts.get(usize::from(y)) else { continue };
        let mut line = StyledLine::default();
        line.push(" ", style);
        if y + 1 == area.height && parts.len() > usize::from(area.height) {
            let mark = cut_mark(state);
            let room = width.saturating_sub(str_width(&mark) + 1);
            line.push_sentence(part.of(words), room, style, canvas.look);
            line.push(mark, style);
        } else {
            line.push_sentence(part.of(words), width, style, canvas.look);
        }
        canvas.left(row(area, y), &line);
    }
}

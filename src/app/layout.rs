//! Where everything stands, for drawing and for knowing how far a page is.
//!
//! Three parts always: notification bar, transcript, input. Lists and side panes come with room.

use super::session::Session;
use super::state::State;

/// A rectangle of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Column of the left edge.
    pub x: u16,
    /// Row of the top edge.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    const fn of(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self { x, y, width, height }
    }
}

/// Where everything stands. A part without room has no rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Status line.
    pub status: Area,
    /// Invitations, one a row.
    pub invitations: Area,
    /// The sessions as one line, where there is no list.
    pub tabs: Area,
    /// The list of sessions.
    pub list: Area,
    /// Who the session is with.
    pub header: Area,
    /// The messages.
    pub transcript: Area,
    /// Case data beside the messages.
    pub side: Area,
    /// The line under the messages: who types, what is over the limit, bytes.
    pub strip: Area,
    /// The input.
    pub input: Area,
    /// The keys.
    pub hints: Area,
}

/// Columns of the list.
pub const LIST: u16 = 26;
/// Columns of the side pane.
pub const SIDE: u16 = 32;
/// From so many columns on there is a list.
pub const WITH_LIST: u16 = 100;
/// From so many columns on there is a side pane beside the messages.
pub const WITH_SIDE: u16 = 118;
/// Most rows of the input.
pub const INPUT_ROWS: u16 = 6;
/// Columns before what is written.
pub const PROMPT: u16 = 3;
/// From so many columns on the messages have a free column on each side.
pub const GUTTER_FROM: u16 = 40;
/// Most invitations that are shown.
pub const INVITATIONS: usize = 3;

/// Columns that the draft has.
pub const fn input_width(width: u16) -> u16 {
    width.saturating_sub(PROMPT + 1)
}

pub(super) fn of(state: &State) -> Layout {
    let (width, height) = state.size;
    let mut layout = Layout::default();
    let (mut top, mut bottom) = (0, height);
    // What is most needed takes its rows first: the input, then the status, then the rest.
    let most = INPUT_ROWS.min(height / 3).max(1);
    let rows = state.session().map_or(1, |session| draft_rows(session, width, most));
    let below = |bottom: &mut u16, top: u16, rows: u16| {
        let rows = rows.min(bottom.saturating_sub(top));
        *bottom -= rows;
        Area::of(0, *bottom, width, rows)
    };
    let above = |top: &mut u16, bottom: u16, rows: u16| {
        let rows = rows.min(bottom.saturating_sub(*top));
        *top += rows;
        Area::of(0, *top - rows, width, rows)
    };
    if height >= 12 {
        layout.hints = below(&mut bottom, top, 1);
    }
    layout.input = below(&mut bottom, top, rows);
    layout.status = above(&mut top, bottom, 1);
    if height >= 4 {
        layout.strip = below(&mut bottom, top, 1);
    }
    let offers = invitation_rows(state.invitations.len(), height);
    layout.invitations = above(&mut top, bottom, offers);
    let has_list = width >= WITH_LIST;
    if !has_list && !state.sessions.is_empty() && height >= 8 {
        layout.tabs = above(&mut top, bottom, 1);
    }
    let middle = bottom.saturating_sub(top);
    let list = if has_list { LIST } else { 0 };
    let side = if width >= WITH_SIDE && state.side_pane && state.shown.is_some() { SIDE } else { 0 };
    layout.list = Area::of(0, top, list, middle);
    layout.side = Area::of(width - side, top, side, middle);
    // One column stays free at each pane's edge, for the line between them.
    let left = if list > 0 { list + 1 } else { 0 };
    let right = if side > 0 { side + 1 } else { 0 };
    let inner = width.saturating_sub(left + right);
    let header = u16::from(middle >= 3 && state.shown.is_some());
    layout.header = Area::of(left, top, inner, header);
    // Words do not touch the lines between the panes where there is room.
    let gutter = u16::from(inner >= GUTTER_FROM);
    layout.transcript = Area::of(left + gutter, top + header, inner - 2 * gutter, middle - header);
    layout
}

fn draft_rows(session: &Session, width: u16, most: u16) -> u16 {
    let rows = session.draft.layout(input_width(width), most).rows.len();
    u16::try_from(rows).unwrap_or(most).clamp(1, most)
}

fn invitation_rows(invitations: usize, height: u16) -> u16 {
    let most = if height < 12 { 1 } else { INVITATIONS };
    let more = usize::from(invitations > most && height >= 12);
    u16::try_from(invitations.min(most) + more).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::Settings;
    use crate::domain::Millis;
    use jiff::tz::TimeZone;

    #[test]
    fn every_size_has_a_place_for_everything_inside_it() {
        for width in 0..130 {
            for height in 0..40 {
                let state = State::new(Settings::default(), TimeZone::UTC, "t", (width, height), Millis(0));
                let l = of(&state);
                let parts = [
                    l.status,
                    l.invitations,
                    l.tabs,
                    l.list,
                    l.header,
                    l.transcript,
                    l.side,
                    l.strip,
                    l.input,
                    l.hints,
                ];
                for part in parts {
                    assert!(
                        part.x + part.width <= width && part.y + part.height <= height,
                        "{width}x{height}: {part:?}"
                    );
                }
                let used: u16 =
                    [l.status, l.invitations, l.tabs, l.header, l.transcript, l.strip, l.input, l.hints]
                        .iter()
                        .map(|part| part.height)
                        .sum();
                assert_eq!(used, height, "{width}x{height}");
            }
        }
    }
}

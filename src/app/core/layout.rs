//! The position of every part of the screen, for drawing and for scrolling by pages.
//!
//! Three parts are always shown: notification bar, transcript, input. Lists and side panes need more room. A
//! layer covers everything below the bar, its notice and the invitations, so these stay visible whatever is
//! open.

use crate::app::core::bar::{Bar, below_width};
use crate::app::core::columns::FULL_WIDTH;
use crate::app::core::layer::Layer;
use crate::app::core::session::Session;
use crate::app::core::state::State;
use crate::text::width::str_width;
use crate::text::wrap;

/// A rectangle of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Column of the left edge.
    pub x: u16,
    /// Row of the top edge.
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    const fn of(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self { x, y, width, height }
    }
}

/// The area of every part. A part that has no room has no rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub status: Area,
    /// A notice that does not fit in the status line.
    pub notice: Area,
    /// Invitations, one per row; the chosen one has two rows where there is room.
    pub invitations: Area,
    /// The sessions in one line, when there is no list.
    pub tabs: Area,
    pub list: Area,
    /// The customer of the session. A second row shows what went wrong when it does not fit beside the name.
    pub header: Area,
    pub transcript: Area,
    /// Case data beside the messages.
    pub side: Area,
    /// The line below the messages: who is typing, and the size of the draft.
    pub strip: Area,
    pub input: Area,
    /// The hints of keys.
    pub hints: Area,
    /// The area that a layer may cover.
    pub layer: Area,
}

/// The minimum and maximum width in columns of the list.
const LIST: (u16, u16) = (26, 48);
/// The minimum and maximum width in columns of the side pane.
const SIDE: (u16, u16) = (32, 56);
/// Columns reserved for the messages. The list and the side pane get a third of the rest each, within their
/// limits.
const MESSAGES: u16 = 60;
/// From this width in columns on, the list of sessions is shown.
pub const WITH_LIST: u16 = 100;
/// From this width in columns on, the side pane is shown beside the messages.
pub const WITH_SIDE: u16 = 118;
/// The maximum height in rows of the input.
pub const INPUT_ROWS: u16 = 6;
/// Columns before the draft.
pub const PROMPT: u16 = 3;
/// From this width in columns on, the messages have a free column on each side.
pub const GUTTER_FROM: u16 = 40;
/// The maximum number of invitations that are shown.
pub const INVITATIONS: usize = 3;
/// From this width in columns on, one row shows everything about an invitation.
const INVITATION_IN_A_ROW: u16 = 160;
/// From this width and height on, the chosen invitation has a second row.
const WITH_SECOND_ROW: (u16, u16) = (60, 16);
/// The rows of the screen for each additional row that the header may take.
const ROWS_A_HEADER: u16 = 6;
/// Cells that the header keeps free for the customer's waiting time.
const WAITS: u16 = 22;

/// The width in columns of the draft.
pub const fn input_width(width: u16) -> u16 {
    width.saturating_sub(PROMPT + 1)
}

/// Rows of messages that stay visible above the input.
const MESSAGES_KEPT: u16 = 3;
/// From this many rows on, a layer leaves messages visible.
const WITH_MESSAGES: u16 = 12;

impl State {
    /// Calculates the areas for the current screen.
    pub fn layout(&self) -> Layout {
        of(self)
    }

    /// The number of rows inside a layer that fills the screen.
    pub(in crate::app) fn layer_rows(&self) -> u16 {
        let frame = if self.size.0 < FULL_WIDTH { 1 } else { 2 };
        self.layout().layer.height.saturating_sub(frame).max(1)
    }
}

fn of(state: &State) -> Layout {
    let (width, height) = state.size;
    let mut layout = Layout::default();
    let (mut top, mut bottom) = (0, height);
    // The most important parts take their rows first: the input, then the status, then the rest.
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
    layout.notice = above(&mut top, bottom, Bar::of(state).rows_below(state.size));
    layout.invitations = above(&mut top, bottom, invitation_rows(state));
    layout.layer = Area::of(0, top, width, height - top - layout.hints.height);
    let has_list = width >= WITH_LIST;
    if !has_list && !state.sessions.is_empty() && height >= 8 {
        layout.tabs = above(&mut top, bottom, 1);
    }
    let middle = bottom.saturating_sub(top);
    let pane = |(least, most): (u16, u16)| (width.saturating_sub(MESSAGES) / 3).clamp(least, most);
    let list = if has_list { pane(LIST) } else { 0 };
    let side = if width >= WITH_SIDE && state.side_pane && state.shown.is_some() { pane(SIDE) } else { 0 };
    layout.list = Area::of(0, top, list, middle);
    layout.side = Area::of(width - side, top, side, middle);
    // One column stays free at the edge of each pane, for the line between them.
    let left = if list > 0 { list + 1 } else { 0 };
    let right = if side > 0 { side + 1 } else { 0 };
    let inner = width.saturating_sub(left + right);
    let header = state
        .session()
        .filter(|_| middle >= 3)
        .map_or(0, |session| 1 + said_rows(session, inner).min(height / ROWS_A_HEADER).min(middle / 3));
    layout.header = Area::of(left, top, inner, header);
    // Where there is room, text does not touch the lines between the panes.
    let gutter = u16::from(inner >= GUTTER_FROM);
    layout.transcript = Area::of(left + gutter, top + header, inner - 2 * gutter, middle - header);
    if let Some(Layer::Responses(_)) = state.layers.last() {
        layout.leave_messages(state);
    }
    layout
}

impl Layout {
    /// Leaves the last messages and the draft visible below a layer, which then takes about two thirds of its
    /// area.
    fn leave_messages(&mut self, state: &State) {
        let (layer, transcript) = (&mut self.layer, &mut self.transcript);
        if state.shown.is_none() || layer.height < WITH_MESSAGES {
            return;
        }
        let written = self.strip.height + self.input.height;
        layer.height -= (layer.height / 3).max(written + MESSAGES_KEPT).min(layer.height / 2);
        let covered = (layer.y + layer.height).saturating_sub(transcript.y).min(transcript.height);
        transcript.y += covered;
        transcript.height -= covered;
    }
}

fn draft_rows(session: &Session, width: u16, most: u16) -> u16 {
    let rows = session.draft.layout(input_width(width), most).rows.len();
    u16::try_from(rows).unwrap_or(most).clamp(1, most)
}

/// What the header shows besides the customer's name: an error, or a request in progress.
pub fn header_says(session: &Session) -> Option<String> {
    let trouble = session.trouble.as_ref().map(|trouble| format!("⚠ {trouble}"));
    trouble.or_else(|| session.asked.as_ref().map(|asked| format!("… {}", asked.status())))
}

/// Whether this text fits beside the name in a header of this width.
fn fits_beside_name(session: &Session, says: &str, width: u16) -> bool {
    str_width(&session.name()).saturating_add(str_width(says)).saturating_add(WAITS) <= width
}

/// The number of header rows that this text takes.
fn said_rows(session: &Session, width: u16) -> u16 {
    let says = header_says(session).filter(|says| !fits_beside_name(session, says, width));
    says.map_or(0, |says| u16::try_from(wrap::height(&says, below_width(width))).unwrap_or(u16::MAX))
}

fn invitation_rows(state: &State) -> u16 {
    let (invitations, (_, height)) = (state.invitations.len(), state.size);
    let most = match height {
        0..12 => 1,
        12..20 => 2,
        _ => INVITATIONS,
    };
    let more = usize::from(invitations > most && height >= 12);
    let second = usize::from(invitations > 0 && has_second_row(state));
    u16::try_from(invitations.min(most) + more + second).unwrap_or(0)
}

/// Whether the chosen invitation has a second row for what does not fit in the first.
pub fn has_second_row(state: &State) -> bool {
    let ((width, height), (columns, rows)) = (state.size, WITH_SECOND_ROW);
    state.lock.is_none() && (columns..INVITATION_IN_A_ROW).contains(&width) && height >= rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::core::settings::Settings;
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
                    l.notice,
                    l.layer,
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
                let used: u16 = [
                    l.status,
                    l.notice,
                    l.invitations,
                    l.tabs,
                    l.header,
                    l.transcript,
                    l.strip,
                    l.input,
                    l.hints,
                ]
                .iter()
                .map(|part| part.height)
                .sum();
                assert_eq!(used, height, "{width}x{height}");
            }
        }
    }
}

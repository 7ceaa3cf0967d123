//! The places of the monitor's parts on the screen.

use super::state::Monitor;
use crate::app::core::layout::Area;

/// From this many columns on, the list and the messages are side by side.
const SIDE_BY_SIDE: u16 = 60;

/// The places of all parts. A part without room has no rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MonitorLayout {
    /// Figures: up to three rows.
    pub head: Area,
    /// The newest problem that needs an administrator: one row, while there is one.
    pub alerts: Area,
    pub filter: Area,
    /// The list of sessions.
    pub list: Area,
    /// The transcript panes; the first [`heading_rows`] of each are its heading.
    pub panes: Vec<Area>,
    /// The hints: the most important keys.
    pub hints: Area,
}

/// Rows of a pane's heading: the customer and the duration, and where there is room, the session and its
/// agent.
pub const fn heading_rows(height: u16) -> u16 {
    if height >= 5 { 2 } else { 1 }
}

impl Monitor {
    /// The places of all parts.
    pub fn layout(&self) -> MonitorLayout {
        let (width, height) = self.size;
        let area = |x: u16, y: u16, width: u16, height: u16| Area { x, y, width, height };
        let head = if height >= 16 { 3 } else { 1 }.min(height);
        let alerts = u16::from(height >= 6 && !self.alerts.is_empty());
        let hints = u16::from(height >= 10);
        let filter = u16::from(height >= 4);
        let top = head + alerts + filter;
        let middle = height.saturating_sub(top + hints);
        let side_by_side = width >= SIDE_BY_SIDE;
        let count = self.panes().len();
        // Where there is nothing to read, the list says why.
        let list = match (side_by_side, self.zoomed && count > 0) {
            (_, true) => 0,
            (false, false) => width,
            (true, false) => (width * 9 / 20).min(80),
        };
        // One column stays free for the line between list and messages.
        let left = if list > 0 && list < width { list + 1 } else { list };
        let room = area(left, top, width.saturating_sub(left), middle);
        MonitorLayout {
            head: area(0, 0, width, head),
            alerts: area(0, head, width, alerts),
            filter: area(0, head + alerts, width, filter),
            list: area(0, top, list, middle),
            panes: if room.width == 0 { Vec::new() } else { grid(room, count) },
            hints: area(0, height - hints.min(height), width, hints),
        }
    }
}

/// Divides an area: one pane takes all of it, two are above each other, three and four form a square where they are wide
/// enough to read.
fn grid(room: Area, count: usize) -> Vec<Area> {
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    let columns = if count > 2 && room.width >= 80 { 2 } else { 1 };
    let rows = count.div_ceil(columns).max(1);
    (0..count)
        .map(|place| {
            let (column, line) = (place % columns, place / columns);
            let wide = room.width / columns;
            let (y, next) = (room.height * line / rows, room.height * (line + 1) / rows);
            let x = wide * column;
            // The last column takes what is left; the others leave one free for the line.
            let width = if column + 1 == columns { room.width - x } else { wide.saturating_sub(1) };
            Area { x: room.x + x, y: room.y + y, width, height: next - y }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_of_a_grid_fill_it_without_overlap() {
        for count in 0..=4 {
            for (width, height) in [(0, 0), (1, 1), (43, 17), (80, 20), (140, 44)] {
                let room = Area { x: 10, y: 4, width, height };
                let panes = grid(room, count);
                assert_eq!(panes.len(), count);
                for (at, pane) in panes.iter().enumerate() {
                    assert!(pane.x + pane.width <= 10 + width && pane.y + pane.height <= 4 + height);
                    for other in panes.iter().skip(at + 1) {
                        let apart = pane.x + pane.width <= other.x || pane.y + pane.height <= other.y;
                        assert!(apart || pane.width == 0 || pane.height == 0, "{pane:?} {other:?}");
                    }
                }
            }
        }
    }
}

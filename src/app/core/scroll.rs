//! The scroll position in a transcript: at the newest message, or held at a message.
//!
//! The position is a message and a number of its rows, never a row of the screen, so new messages and a new
//! width do not move the text being read. The cost of scrolling depends on the rows passed, not on the length.

use crate::app::core::blocks::{Kind, Measure, count};

/// The position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The newest message is at the bottom.
    #[default]
    Bottom,
    /// The block at `at` is at the top, without its first `skip` rows.
    Held {
        /// The session: 0 is the current one, 1 the one before it.
        back: usize,
        /// Index of the message at the top (its number in the log). 0 is the heading of the session or, without
        /// a heading, its first message.
        at: u64,
        /// Rows of the block above the top.
        skip: usize,
    },
}

impl Scroll {
    /// The block at the top of a view of this height, and its rows to skip.
    pub fn top(self, measure: &Measure<'_>, height: usize) -> (usize, usize) {
        match self {
            Self::Bottom => bottom(measure, height),
            Self::Held { back, at, skip } => {
                let place = measure.place(back, at).min(count(measure).saturating_sub(1));
                (place, skip.min(measure.height(place).saturating_sub(1)))
            }
        }
    }

    /// The position after moving by rows; up when negative.
    #[must_use]
    pub fn moved(self, measure: &Measure<'_>, height: usize, rows: isize) -> Self {
        let (place, skip) = self.top(measure, height);
        let (place, skip) = if rows < 0 {
            up(measure, place, skip, rows.unsigned_abs())
        } else {
            down(measure, place, skip, rows.unsigned_abs())
        };
        let last = bottom(measure, height);
        if (place, skip) >= last { Self::Bottom } else { Self::at_block(measure, place, skip) }
    }

    /// The position with this block at the top.
    pub fn at_block(measure: &Measure<'_>, place: usize, skip: usize) -> Self {
        let (back, kind) = measure.kind(place);
        let (line, older) = match kind {
            Kind::Head(_) => return Self::Held { back, at: 0, skip },
            // Unsent messages have no number yet; they are at the bottom anyway.
            Kind::Pending(_) => return Self::Bottom,
            Kind::Line(line, older) => (line, older),
        };
        let lines = older.map_or(measure.transcript, |older| &older.transcript).lines();
        lines.get(line).map_or(Self::Bottom, |line| Self::Held { back, at: line.message.index, skip })
    }

    /// If the heading of the uppermost session is at the top: how many of its rows are visible. They change
    /// when something is inserted above.
    pub fn above_all(self, measure: &Measure<'_>) -> Option<usize> {
        match self {
            Self::Held { back, at: 0, skip } if back == measure.older.len() => {
                let head = matches!(measure.kind(0).1, Kind::Head(_));
                Some(if head { measure.height(0).saturating_sub(skip) } else { 0 })
            }
            _ => None,
        }
    }
}

/// The top of a view at the end of the transcript.
fn bottom(measure: &Measure<'_>, height: usize) -> (usize, usize) {
    let mut left = height;
    let mut place = count(measure);
    while place > 0 {
        place -= 1;
        let rows = measure.height(place);
        if rows >= left {
            return (place, rows - left);
        }
        left -= rows;
    }
    (0, 0)
}

fn up(measure: &Measure<'_>, mut place: usize, mut skip: usize, mut rows: usize) -> (usize, usize) {
    while rows > 0 {
        if rows <= skip {
            return (place, skip - rows);
        }
        rows -= skip;
        if place == 0 {
            return (0, 0);
        }
        place -= 1;
        skip = measure.height(place);
    }
    (place, skip)
}

fn down(measure: &Measure<'_>, mut place: usize, mut skip: usize, mut rows: usize) -> (usize, usize) {
    let blocks = count(measure);
    while rows > 0 && place < blocks {
        let left = measure.height(place).saturating_sub(skip);
        if rows < left {
            return (place, skip + rows);
        }
        rows -= left;
        place += 1;
        skip = 0;
    }
    (place, skip)
}

//! Where in a transcript one reads: at the newest message, or held at a message.
//!
//! The place is a message and a number of its rows, never a line of the screen: new messages and a new
//! width do not move what is being read. Moving costs what is passed, not what there is.

use crate::app::core::blocks::{Kind, Measure, count};

/// The place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The newest message stands at the bottom.
    #[default]
    Bottom,
    /// The block at `at` stands at the top, without its first `skip` rows.
    Held {
        /// Of which session: 0 is the one that goes on, 1 the one before it.
        back: usize,
        /// Index of the message (its number in the log) at the top; 0 is the heading of the
        /// session, or where it has none its first message.
        at: u64,
        /// Rows of it that are above the top.
        skip: usize,
    },
}

impl Scroll {
    /// The block and the rows to skip that stand at the top of a view of that height.
    pub fn top(self, measure: &Measure<'_>, height: usize) -> (usize, usize) {
        match self {
            Self::Bottom => bottom(measure, height),
            Self::Held { back, at, skip } => {
                let place = measure.place(back, at).min(count(measure).saturating_sub(1));
                (place, skip.min(measure.height(place).saturating_sub(1)))
            }
        }
    }

    /// The place after moving by rows, up when negative.
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

    /// The place with that block at the top.
    pub fn at_block(measure: &Measure<'_>, place: usize, skip: usize) -> Self {
        let (back, kind) = measure.kind(place);
        let (line, older) = match kind {
            Kind::Head(_) => return Self::Held { back, at: 0, skip },
            // Unsent messages have no number yet; they stand at the bottom anyway.
            Kind::Pending(_) => return Self::Bottom,
            Kind::Line(line, older) => (line, older),
        };
        let lines = older.map_or(measure.transcript, |older| &older.transcript).lines();
        lines.get(line).map_or(Self::Bottom, |line| Self::Held { back, at: line.message.index, skip })
    }

    /// When the heading of the uppermost session stands at the top: how many of its rows are in view.
    /// They change when something comes above.
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

/// The top of a view whose last row is the last row there is.
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

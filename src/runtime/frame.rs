//! When to draw: at once after a pause, and not more often than a person can see.

use std::time::{Duration, Instant};

/// The shortest time between two frames.
const GAP: Duration = Duration::from_millis(12);

/// Decides when the next frame is due.
#[derive(Debug, Default)]
pub(super) struct Frames {
    wanted: bool,
    last: Option<Instant>,
}

impl Frames {
    /// Something changed.
    pub(super) const fn want(&mut self) {
        self.wanted = true;
    }

    /// When to draw: `None` when nothing changed.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        self.wanted.then(|| self.last.map_or(now, |last| (last + GAP).max(now)))
    }

    /// A frame was drawn.
    pub(super) const fn drawn(&mut self, now: Instant) {
        self.wanted = false;
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_change_is_drawn_at_once_and_a_flood_is_not() {
        let start = Instant::now();
        let mut frames = Frames::default();
        assert_eq!(frames.due(start), None);
        frames.want();
        assert_eq!(frames.due(start), Some(start));
        frames.drawn(start);
        assert_eq!(frames.due(start), None);
        frames.want();
        assert_eq!(frames.due(start), Some(start + GAP));
        let later = start + Duration::from_secs(1);
        assert_eq!(frames.due(later), Some(later));
    }
}

//! Notices that the machine slept: the wall clock advanced while the monotonic one did not.

use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// How far the clocks may differ between two checks. A smaller difference is a correction of the clock.
const JUMP: Duration = Duration::from_secs(10);

/// Compares the wall clock with the monotonic clock.
#[derive(Debug)]
pub(super) struct SleepDetector {
    wall: SystemTime,
    steady: Instant,
}

impl SleepDetector {
    /// Starts with the current times.
    pub fn new(wall: SystemTime, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// Whether the machine slept since the last check.
    pub fn has_slept(&mut self, wall: SystemTime, steady: Instant) -> bool {
        let by_wall = wall.duration_since(self.wall).unwrap_or(Duration::ZERO);
        let by_steady = steady.saturating_duration_since(self.steady);
        (self.wall, self.steady) = (wall, steady);
        by_wall > by_steady + JUMP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_wall_clock_is_reported_as_sleep_once() {
        let (wall, steady) = (SystemTime::UNIX_EPOCH, Instant::now());
        let after = |secs| Duration::from_secs(secs);
        let mut wake = SleepDetector::new(wall, steady);
        assert!(!wake.has_slept(wall + after(2), steady + after(1)));
        assert!(wake.has_slept(wall + after(600), steady + after(2)));
        assert!(!wake.has_slept(wall + after(601), steady + after(3)));
        assert!(!wake.has_slept(wall + after(500), steady + after(4)), "backwards is a correction");
    }
}

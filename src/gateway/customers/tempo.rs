//! The speed of simulated people.

use std::time::Duration;

/// The pace of simulated people.
#[derive(Clone, Copy, Debug)]
pub struct Tempo(f64);

impl Tempo {
    /// `speed` times faster than real time.
    pub const fn new(speed: f64) -> Self {
        Self(speed)
    }

    /// The real duration of simulated milliseconds.
    pub fn millis(self, millis: u64) -> Duration {
        let speed = if self.0.is_finite() && self.0 > 0.0 { self.0 } else { 1.0 };
        Duration::from_millis(millis).div_f64(speed.clamp(0.001, 10_000.0))
    }
}

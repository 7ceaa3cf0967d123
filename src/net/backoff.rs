//! How long to wait before the next attempt.

use std::time::Duration;

/// The wait after the first failure.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
const MOST: Duration = Duration::from_secs(30);

/// Waits of 0.5, 1, 2, … 30 seconds, each shortened by chance to no less than half, so that many consoles
/// that lost one server do not come back in step.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait; `chance` is anything.
    pub fn next(&mut self, chance: u32) -> Duration {
        let full = FIRST.saturating_mul(2_u32.saturating_pow(self.failures.min(8))).min(MOST);
        self.failures = self.failures.saturating_add(1);
        let half = full / 2;
        half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }

    /// Begins anew.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Something random. Without a source of it every console waits in full, which is bearable.
pub(super) fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_begin_anew() {
        let mut backoff = Backoff::default();
        let full: Vec<u128> = (0..8).map(|_| backoff.next(u32::MAX).as_millis()).collect();
        assert_eq!(full, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        assert_eq!(backoff.next(0), Duration::from_secs(15), "chance takes off half at most");
        backoff.reset();
        assert_eq!(backoff.next(u32::MAX), FIRST);
    }
}

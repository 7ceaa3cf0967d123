//! Delays between attempts to connect.

use std::time::Duration;

/// The delay after the first failure.
const FIRST_DELAY: Duration = Duration::from_millis(500);
/// The longest delay.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Delays of 0.5, 1, 2, … 30 seconds, each randomly shortened to half at most, so that consoles that lost the same server
/// do not reconnect at the same time.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next delay. `random` is any number.
    pub fn next_delay(&mut self, random: u32) -> Duration {
        let full = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(self.failures.min(8))).min(MAX_DELAY);
        self.failures = self.failures.saturating_add(1);
        let half = full / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    /// Continues with the shortest delay.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A random number. Without a source of randomness, the largest one, so that the delay is not shortened.
pub(super) fn random_u32() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_half_a_minute_until_reset() {
        let mut backoff = Backoff::default();
        let full: Vec<u128> = (0..8).map(|_| backoff.next_delay(u32::MAX).as_millis()).collect();
        assert_eq!(full, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        assert_eq!(backoff.next_delay(0), Duration::from_secs(15), "random takes off half at most");
        backoff.reset();
        assert_eq!(backoff.next_delay(u32::MAX), FIRST_DELAY);
    }
}

//! A rate limit: a burst, then one in each interval.

use std::time::Duration;
use tokio::time::Instant;

/// A token bucket, stored as the time at which it is full again.
#[derive(Clone, Debug)]
pub(super) struct TokenBucket {
    every: Duration,
    burst: u32,
    full_at: Instant,
}

impl TokenBucket {
    /// `burst` at once from full, one more for each `every` that passes.
    pub(super) fn new(every: Duration, burst: u32, now: Instant) -> Self {
        Self { every, burst: burst.max(1), full_at: now }
    }

    /// Takes a token; returns how long to wait until it is available.
    pub(super) fn take(&mut self, now: Instant) -> Duration {
        let debt = self.full_at.saturating_duration_since(now);
        self.full_at = now + debt + self.every;
        debt.saturating_sub(self.every * (self.burst - 1))
    }

    /// Empties the bucket: WhatsApp has counted more messages than we have.
    pub(super) fn empty(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now + self.every * self.burst);
    }

    /// Whether it is full, so that removing it changes nothing.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIX: Duration = Duration::from_secs(6);

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_one_by_one() {
        let now = Instant::now();
        let mut pace = TokenBucket::new(SIX, 45, now);
        assert!((0..45).all(|_| pace.take(now).is_zero()));
        assert_eq!(pace.take(now), SIX);
        assert_eq!(pace.take(now), SIX * 2);
        assert!(!pace.is_full(now + SIX * 46));
        assert!(pace.is_full(now + SIX * 47));
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_bucket_has_a_token_after_one_interval() {
        let now = Instant::now();
        let mut pace = TokenBucket::new(SIX, 45, now);
        pace.empty(now);
        assert_eq!(pace.take(now), SIX);
        assert_eq!(pace.take(now + SIX * 2), Duration::ZERO);
    }
}

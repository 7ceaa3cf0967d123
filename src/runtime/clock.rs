//! The only place where the time of day is read.

use crate::domain::Millis;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of day.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The time until a moment; zero when it has passed.
pub fn until(at: Millis) -> Duration {
    at.since(now())
}

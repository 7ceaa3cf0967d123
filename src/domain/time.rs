//! The one type for moments: milliseconds since the Unix epoch, UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// From whole seconds, as WhatsApp gives them.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time from `earlier` to this moment; zero when it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Milliseconds from the last whole second of the clock until then. The console wakes up at whole seconds
    /// for countdowns, so this value changes only then.
    pub fn left_by_second(self, now: Self) -> u128 {
        self.since(Self(now.0 - now.0.rem_euclid(1000))).as_millis()
    }

    /// `2026-11-22T14:00:00.000Z`; the epoch when out of range.
    pub fn to_rfc3339(self) -> String {
        let at = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        format!("{at:.3}")
    }

    /// The moment in a time zone, for showing. Out of range is the epoch.
    pub fn in_zone(self, zone: &TimeZone) -> jiff::Zoned {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
    }
}

/// Parses a span of time: `90s`, `10m`, `2h30m`, `1d`, `1w`, in upper or lower case. A day has 24 hours;
/// months and years are not accepted, since their lengths vary.
pub fn span(text: &str) -> Option<Duration> {
    let span: jiff::Span =
        text.trim().to_lowercase().parse().ok().filter(|span: &jiff::Span| !span.is_negative())?;
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_units_of_a_known_length() {
        for (text, secs) in [("90s", 90), ("1d", 86_400), ("1w 2d", 777_600), ("2h30m", 9000), ("0s", 0)] {
            assert_eq!(span(text), Some(Duration::from_secs(secs)), "{text}");
        }
        for bad in ["", "90", "-1h", "1mo", "1y", "h", "10m ago", "9999999999999999999s"] {
            assert_eq!(span(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_time_reads_as_utc_with_milliseconds() {
        assert_eq!(Millis(1_767_323_045_007).to_rfc3339(), "2026-01-02T03:04:05.007Z");
    }

    #[test]
    fn time_since_a_later_moment_is_zero() {
        assert_eq!(Millis(5).since(Millis(9)), Duration::ZERO);
        assert_eq!(Millis(9).since(Millis(5)), Duration::from_millis(4));
    }
}

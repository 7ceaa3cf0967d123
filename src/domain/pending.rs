//! The pending-response indicator (Workspace: `whatsappsession.pending-response-to-customer`).

use super::Millis;
use std::time::Duration;

/// The two alarm thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// From here on the indicator warns.
    pub warning: Duration,
    /// From here on it alarms.
    pub maximum: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { warning: Duration::from_secs(30), maximum: Duration::from_secs(50) }
    }
}

/// How urgent an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Nobody waits.
    #[default]
    None,
    /// A customer waits (green).
    Waiting,
    /// Longer than the first threshold (yellow).
    Warning,
    /// Longer than the second (red, blinking).
    Overdue,
}

/// The urgency of a customer who waits since `since`. A threshold belongs to the level it opens;
/// a further customer message does not start the wait anew.
pub fn urgency(since: Option<Millis>, now: Millis, thresholds: Thresholds) -> Urgency {
    let Some(since) = since else { return Urgency::None };
    let waited = now.since(since);
    if waited >= thresholds.maximum {
        Urgency::Overdue
    } else if waited >= thresholds.warning {
        Urgency::Warning
    } else {
        Urgency::Waiting
    }
}

/// When the urgency of that customer changes next, if it will.
pub fn next_change(since: Option<Millis>, now: Millis, thresholds: Thresholds) -> Option<Millis> {
    let since = since?;
    [since.plus(thresholds.warning), since.plus(thresholds.maximum)].into_iter().filter(|at| *at > now).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_opens_its_level() {
        let t = Thresholds::default();
        let at = |secs: i64| urgency(Some(Millis(0)), Millis::from_secs(secs), t);
        assert_eq!(
            [at(0), at(29), at(30), at(49), at(50)],
            [Urgency::Waiting, Urgency::Waiting, Urgency::Warning, Urgency::Warning, Urgency::Overdue]
        );
        assert_eq!(urgency(None, Millis(9), t), Urgency::None);
        assert_eq!(next_change(Some(Millis(0)), Millis::from_secs(30), t), Some(Millis::from_secs(50)));
        assert_eq!(next_change(Some(Millis(0)), Millis::from_secs(50), t), None);
    }
}

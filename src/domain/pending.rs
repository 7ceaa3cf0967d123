//! The pending-response indicator (Workspace: `whatsappsession.pending-response-to-customer`).

use super::Millis;
use super::delivery::DeliveryStep;
use std::collections::BTreeMap;
use std::time::Duration;

/// After how long a wait the indicator warns, and alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    pub warning: Duration,
    pub maximum: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { warning: Duration::from_secs(30), maximum: Duration::from_secs(50) }
    }
}

/// Since when a customer has been waiting for an answer, updated with each entry. Entries may arrive in any order.
///
/// A failed answer does not count: the wait then starts at the first unanswered message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    heard: BTreeMap<u64, Millis>,
    answers: BTreeMap<u64, AnswerStatus>,
    /// The last answer that did not fail; 0 when there is none. Entries are numbered from 1.
    answered: u64,
    since: Option<Millis>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct AnswerStatus {
    failed: bool,
    /// Whether it arrived on any device of the customer. Another device may still report a failure.
    arrived: bool,
}

impl AnswerStatus {
    const fn counts(self) -> bool {
        self.arrived || !self.failed
    }
}

impl Wait {
    /// The time of the customer's first message after the last answer.
    pub const fn since(&self) -> Option<Millis> {
        self.since
    }

    /// Records a message of the customer.
    pub fn heard(&mut self, index: u64, at: Millis) {
        self.heard.insert(index, at);
        self.count();
    }

    /// Records a message that the customer can see.
    pub fn answer(&mut self, index: u64) {
        self.answers.insert(index, AnswerStatus::default());
        self.settle();
    }

    /// Records the delivery status of the answer `of`; has no effect for other entries.
    pub fn status(&mut self, of: u64, step: Option<DeliveryStep>, failed: bool) {
        let Some(answer) = self.answers.get_mut(&of) else { return };
        let before = *answer;
        answer.failed |= failed;
        answer.arrived |= step.is_some_and(|step| step > DeliveryStep::Sent);
        let (arrived, changed) = (answer.arrived, answer.counts() != before.counts());
        if arrived && !before.arrived {
            // Messages before an answer that arrived stay answered.
            self.heard = self.heard.split_off(&of);
            self.answers = self.answers.split_off(&of);
        }
        if changed {
            self.settle();
        }
    }

    /// Whether the answer with this index failed and no later one succeeded.
    pub fn is_open_failure(&self, index: u64) -> bool {
        index > self.answered && self.answers.get(&index).is_some_and(|answer| !answer.counts())
    }

    fn settle(&mut self) {
        let last = self.answers.iter().rev().find(|(_, answer)| answer.counts());
        self.answered = last.map_or(0, |(index, _)| *index);
        self.count();
    }

    /// Updates `since`. The order of the log decides, not the order of arrival.
    fn count(&mut self) {
        self.since = self.heard.range(self.answered + 1..).next().map(|(_, at)| *at);
    }
}

/// How urgent an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// No customer waits.
    #[default]
    None,
    /// Below the first threshold (green).
    Waiting,
    /// The first threshold is reached (yellow).
    Warning,
    /// The second threshold is reached (red, blinking).
    Overdue,
}

/// The urgency of a customer who has been waiting since `since`. A wait that equals a threshold has reached it.
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

/// When the urgency of that customer changes next; `None` if it does not change any more.
pub fn next_change(since: Option<Millis>, now: Millis, thresholds: Thresholds) -> Option<Millis> {
    let since = since?;
    [since.plus(thresholds.warning), since.plus(thresholds.maximum)].into_iter().filter(|at| *at > now).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_reply_does_not_end_the_wait() {
        let mut wait = Wait::default();
        wait.heard(1, Millis(1));
        wait.heard(2, Millis(2));
        wait.answer(3);
        assert_eq!(wait.since(), None);
        wait.status(3, Some(DeliveryStep::Sent), false);
        wait.status(3, None, true);
        assert_eq!((wait.since(), wait.is_open_failure(3)), (Some(Millis(1)), true));
        // Another answer ends the wait; when it fails too, the wait is as before.
        wait.answer(5);
        assert_eq!(wait.since(), None);
        wait.status(5, None, true);
        wait.heard(7, Millis(7));
        assert_eq!(wait.since(), Some(Millis(1)));
        // The answer arrived on another device.
        wait.status(5, Some(DeliveryStep::Delivered), false);
        assert_eq!((wait.since(), wait.is_open_failure(5)), (Some(Millis(7)), false));
        // A failure after the arrival does not undo it.
        wait.answer(8);
        wait.status(8, None, true);
        assert_eq!(wait.since(), Some(Millis(7)));
    }

    #[test]
    fn a_wait_equal_to_a_threshold_reaches_the_level() {
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

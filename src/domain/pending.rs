//! The pending-response indicator (Workspace: `whatsappsession.pending-response-to-customer`).

use super::Millis;
use super::delivery::DeliveryStep;
use std::collections::BTreeMap;
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

/// Since when a customer has been waiting for an answer, updated as a log grows. Entries come in any order.
///
/// A failed answer does not count: the customer is still waiting since their first unanswered message.
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
    /// One device may refuse what another accepts: an answer that arrived anywhere has not failed.
    arrived: bool,
}

impl AnswerStatus {
    const fn counts(self) -> bool {
        self.arrived || !self.failed
    }
}

impl Wait {
    /// Since when the customer has been waiting: their first message after the last answer.
    pub const fn since(&self) -> Option<Millis> {
        self.since
    }

    /// The customer sent a message that may be answered.
    pub fn heard(&mut self, index: u64, at: Millis) {
        self.heard.insert(index, at);
        self.count();
    }

    /// Somebody sent a message that the customer can see.
    pub fn answer(&mut self, index: u64) {
        self.answers.insert(index, AnswerStatus::default());
        self.settle();
    }

    /// Notes how far the answer `of` got; has no effect for any other entry.
    pub fn status(&mut self, of: u64, step: Option<DeliveryStep>, failed: bool) {
        let Some(answer) = self.answers.get_mut(&of) else { return };
        let before = *answer;
        answer.failed |= failed;
        answer.arrived |= step.is_some_and(|step| step > DeliveryStep::Sent);
        let (arrived, changed) = (answer.arrived, answer.counts() != before.counts());
        if arrived && !before.arrived {
            // Nothing before it can be unanswered again.
            self.heard = self.heard.split_off(&of);
            self.answers = self.answers.split_off(&of);
        }
        if changed {
            self.settle();
        }
    }

    /// Whether the answer with that number failed and no later one reached the customer.
    pub fn is_open_failure(&self, index: u64) -> bool {
        index > self.answered && self.answers.get(&index).is_some_and(|answer| !answer.counts())
    }

    fn settle(&mut self) {
        let last = self.answers.iter().rev().find(|(_, answer)| answer.counts());
        self.answered = last.map_or(0, |(index, _)| *index);
        self.count();
    }

    /// Counts in the order of the log: the time of an older message that arrives late does not count.
    fn count(&mut self) {
        self.since = self.heard.range(self.answered + 1..).next().map(|(_, at)| *at);
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
    fn a_reply_that_failed_is_no_answer() {
        let mut wait = Wait::default();
        wait.heard(1, Millis(1));
        wait.heard(2, Millis(2));
        wait.answer(3);
        assert_eq!(wait.since(), None);
        wait.status(3, Some(DeliveryStep::Sent), false);
        wait.status(3, None, true);
        assert_eq!((wait.since(), wait.is_open_failure(3)), (Some(Millis(1)), true));
        // Another answer counts for both; when it fails too, the wait is as before.
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

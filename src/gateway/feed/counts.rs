//! The day's counts: sessions that started, were answered and were replied to in time, and messages.
//!
//! Owns: when a first reply is due, and which sessions missed it. Must not: read a clock; a day
//! starts with its first event.
//! Invariants: a session that a customer started today is, at any moment, one of: replied to in time, missed,
//! or still within the threshold. A reply that failed later does not count.

use crate::domain::{InteractionId, Millis};
use crate::proto::watch::Today;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};

/// The length of a slot of the graphs, in milliseconds.
const SLOT: i64 = 5 * 60 * 1000;
/// The number of slots.
const SLOTS: usize = 12;

/// What is counted about a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CountedEvent {
    /// The session started; whether a customer started it, and so waits for a reply.
    Started {
        by_customer: bool,
    },
    /// An agent accepted it from a queue, after this many milliseconds.
    Accepted(i64),
    Done,
    /// A session that was counted as done was reopened.
    Reopened,
    Received,
    /// An agent wrote to the customer. Contains the entry's number.
    Sent(u64),
    /// Staff wrote to the customer from another device. It is a reply, but not a message of ours. Contains the entry's
    /// number.
    Echoed(u64),
    /// The entry of that number did not reach the customer.
    Failed(u64),
}

/// One queue's day.
#[derive(Clone, Debug, Default)]
struct QueueDay {
    today: Today,
    /// By slot number. Bounded by [`SLOTS`].
    slots: BTreeMap<i64, Slot>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    began: u64,
    accepted: u64,
    replied: u64,
}

/// A session that a customer started today.
#[derive(Clone, Debug)]
struct StartedSession {
    /// The queue that it came through.
    queue: String,
    /// Since when the customer has been waiting for the first reply.
    since: Millis,
    /// The number of the first reply, and whether it was in time.
    reply: Option<(u64, bool)>,
    over: bool,
}

/// The day of all queues.
#[derive(Debug)]
pub(super) struct DayCounts {
    zone: TimeZone,
    /// In milliseconds.
    threshold: i64,
    ends: Millis,
    days: BTreeMap<String, QueueDay>,
    /// Sessions that customers started today. Bounded by the day.
    sessions: HashMap<InteractionId, StartedSession>,
}

impl DayCounts {
    /// An empty day. `threshold` is in seconds.
    pub fn new(zone: TimeZone, threshold: u64, now: Millis) -> Self {
        let threshold = i64::try_from(threshold.saturating_mul(1000)).unwrap_or(i64::MAX);
        let (days, sessions) = (BTreeMap::new(), HashMap::new());
        let mut counts = Self { zone, threshold, ends: now, days, sessions };
        counts.ends = counts.midnight(now, 1);
        counts
    }

    /// The midnight at which the day of `at` began, plus `days`.
    pub fn midnight(&self, at: Millis, days: i64) -> Millis {
        let day = at.in_zone(&self.zone).start_of_day();
        let later = day.and_then(|day| day.checked_add(jiff::Span::new().days(days)));
        later.map_or(at, |midnight| Millis(midnight.timestamp().as_millisecond()))
    }

    /// Counts an event of a session in its queue; the first one after midnight begins a new day.
    pub fn count(&mut self, id: &InteractionId, queue: &str, at: Millis, what: CountedEvent) {
        if at >= self.ends {
            self.days.clear();
            self.sessions.clear();
            self.ends = self.midnight(at, 1);
        }
        if !self.days.contains_key(queue) {
            self.days.insert(queue.to_owned(), QueueDay::default());
        }
        let Some(day) = self.days.get_mut(queue) else { return };
        match what {
            CountedEvent::Started { by_customer } => {
                day.slot(at).began += 1;
                day.today.started += 1;
                if by_customer {
                    let waiting =
                        StartedSession { queue: queue.to_owned(), since: at, reply: None, over: false };
                    self.sessions.insert(id.clone(), waiting);
                }
            }
            CountedEvent::Accepted(waited) => {
                day.slot(at).accepted += 1;
                day.today.answered += 1;
                day.today.in_time += u64::from(waited <= self.threshold);
            }
            CountedEvent::Done => {
                day.today.done += 1;
                if let Some(waiting) = self.sessions.get_mut(id) {
                    waiting.over = true;
                }
            }
            CountedEvent::Reopened => {
                day.today.done = day.today.done.saturating_sub(1);
                if let Some(waiting) = self.sessions.get_mut(id) {
                    waiting.over = false;
                }
            }
            CountedEvent::Received => day.today.received += 1,
            CountedEvent::Sent(index) => {
                day.today.sent += 1;
                self.count_reply(id, index, at);
            }
            CountedEvent::Echoed(index) => self.count_reply(id, index, at),
            CountedEvent::Failed(index) => {
                day.today.failed += 1;
                let failed =
                    |waiting: &&mut StartedSession| waiting.reply.is_some_and(|(reply, _)| reply == index);
                if let Some(waiting) = self.sessions.get_mut(id).filter(failed) {
                    waiting.reply = None;
                }
            }
        }
    }

    /// Counts the first reply of a session that started today.
    fn count_reply(&mut self, id: &InteractionId, index: u64, at: Millis) {
        let Some(waiting) = self.sessions.get_mut(id).filter(|waiting| waiting.reply.is_none()) else {
            return;
        };
        waiting.reply = Some((index, at.0 - waiting.since.0 <= self.threshold));
        if let Some(day) = self.days.get_mut(&waiting.queue) {
            day.slot(at).replied += 1;
        }
    }

    /// The sum of the queues for which `sees` is true.
    pub fn today(&self, now: Millis, sees: impl Fn(&str) -> bool) -> Today {
        let newest = now.0.div_euclid(SLOT);
        let threshold = u64::try_from(self.threshold / 1000).unwrap_or(0);
        let mut sum = Today { threshold, ..Today::default() };
        let mut slots = [Slot::default(); SLOTS];
        let is_today = now < self.ends;
        for (_, day) in self.days.iter().filter(|(queue, _)| is_today && sees(queue)) {
            let one = &day.today;
            sum.started += one.started;
            sum.answered += one.answered;
            sum.in_time += one.in_time;
            sum.done += one.done;
            sum.received += one.received;
            sum.sent += one.sent;
            sum.failed += one.failed;
            for (number, slot) in &day.slots {
                let ago = usize::try_from(newest - number).ok();
                let place = ago.and_then(|ago| (SLOTS - 1).checked_sub(ago));
                if let Some(of) = place.and_then(|place| slots.get_mut(place)) {
                    of.began += slot.began;
                    of.accepted += slot.accepted;
                    of.replied += slot.replied;
                }
            }
        }
        for waiting in self.sessions.values().filter(|waiting| is_today && sees(&waiting.queue)) {
            match waiting.reply {
                Some((_, in_time)) => {
                    sum.replied += 1;
                    sum.replied_in_time += u64::from(in_time);
                    sum.missed += u64::from(!in_time);
                }
                None if waiting.over || now.0 - waiting.since.0 > self.threshold => sum.missed += 1,
                None => {}
            }
        }
        sum.arrivals = slots.iter().map(|slot| slot.began).collect();
        sum.answers = slots.iter().map(|slot| slot.accepted).collect();
        sum.replies = slots.iter().map(|slot| slot.replied).collect();
        sum
    }
}

impl QueueDay {
    fn slot(&mut self, at: Millis) -> &mut Slot {
        let number = at.0.div_euclid(SLOT);
        // The oldest are removed first, so that the new slot stays even if the clock was set back.
        while self.slots.len() > SLOTS {
            self.slots.pop_first();
        }
        self.slots.entry(number).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of a day.
    const NOON: Millis = Millis(1_795_348_800_000);

    /// A day with a threshold of a minute.
    fn counts() -> DayCounts {
        DayCounts::new(TimeZone::UTC, 60, NOON)
    }

    fn after(seconds: i64) -> Millis {
        Millis(NOON.0 + seconds * 1000)
    }

    /// Counts an event of a session of the queue `sales`, so many seconds after noon.
    fn happens(counts: &mut DayCounts, id: &str, seconds: i64, what: CountedEvent) {
        counts.count(&id.into(), "sales", after(seconds), what);
    }

    const BEGINS: CountedEvent = CountedEvent::Started { by_customer: true };

    #[test]
    fn a_day_is_the_sum_of_the_visible_queues() {
        let mut counts = counts();
        happens(&mut counts, "a", 0, BEGINS);
        happens(&mut counts, "a", 50, CountedEvent::Accepted(50_000));
        happens(&mut counts, "a", 300, CountedEvent::Sent(2));
        counts.count(&"b".into(), "secret", NOON, BEGINS);
        let later = after(600);
        let today = counts.today(later, |queue| queue == "sales");
        assert_eq!((today.started, today.answered, today.in_time), (1, 1, 1));
        assert_eq!((today.replied, today.replied_in_time, today.missed), (1, 0, 1));
        assert_eq!(today.arrivals.get(9..), Some(&[1, 0, 0][..]));
        assert_eq!(today.answers.get(9..), Some(&[1, 0, 0][..]));
        assert_eq!(today.replies.get(9..), Some(&[0, 1, 0][..]));
        assert_eq!(counts.today(later, |_| true).started, 2);
    }

    #[test]
    fn accepting_is_no_reply_and_a_wait_beyond_threshold_is_missed() {
        let mut counts = counts();
        happens(&mut counts, "a", 0, BEGINS);
        happens(&mut counts, "a", 5, CountedEvent::Accepted(5_000));
        let level = |counts: &DayCounts, seconds| counts.today(after(seconds), |_| true).service_level();
        assert_eq!(level(&counts, 60), None, "the session is still within the threshold");
        assert_eq!(level(&counts, 61), Some(0));
        happens(&mut counts, "b", 61, BEGINS);
        happens(&mut counts, "b", 121, CountedEvent::Sent(3));
        assert_eq!(level(&counts, 121), Some(50));
    }

    #[test]
    fn a_failed_reply_does_not_count_and_the_next_one_does() {
        let mut counts = counts();
        happens(&mut counts, "a", 0, BEGINS);
        happens(&mut counts, "a", 10, CountedEvent::Sent(2));
        assert_eq!(counts.today(after(20), |_| true).replied_in_time, 1);
        happens(&mut counts, "a", 20, CountedEvent::Failed(2));
        let today = counts.today(after(30), |_| true);
        assert_eq!((today.replied, today.missed), (0, 0), "the customer still waits, within the threshold");
        happens(&mut counts, "a", 50, CountedEvent::Sent(5));
        happens(&mut counts, "a", 55, CountedEvent::Failed(9));
        assert_eq!(counts.today(after(90), |_| true).replied_in_time, 1, "another message failed");
    }

    #[test]
    fn a_session_that_ends_without_a_reply_is_missed() {
        let mut counts = counts();
        happens(&mut counts, "a", 0, BEGINS);
        happens(&mut counts, "a", 10, CountedEvent::Done);
        happens(&mut counts, "b", 0, CountedEvent::Started { by_customer: false });
        happens(&mut counts, "b", 10, CountedEvent::Done);
        let today = counts.today(after(11), |_| true);
        assert_eq!(
            (today.missed, today.started, today.done),
            (1, 2, 2),
            "an outbound session needs no reply"
        );
    }

    #[test]
    fn the_next_day_starts_at_zero() {
        let mut counts = counts();
        happens(&mut counts, "a", 0, BEGINS);
        happens(&mut counts, "a", 0, CountedEvent::Done);
        let next = 13 * 3600;
        let today = counts.today(after(next), |_| true);
        assert_eq!((today.done, today.missed), (0, 0), "also before the first event of the day");
        happens(&mut counts, "b", next, CountedEvent::Done);
        assert_eq!(counts.today(after(next), |_| true).done, 1);
        happens(&mut counts, "a", next, CountedEvent::Sent(2));
        assert_eq!(counts.today(after(next), |_| true).replied, 0, "the session started the day before");
    }
}

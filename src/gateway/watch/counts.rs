//! The day so far: what began, was answered, was said, and how soon.
//!
//! Must not: read a clock; days begin when an event of the next one comes.

use crate::domain::Millis;
use crate::proto::watch::Today;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, VecDeque};

/// How long a slot of the small graphs is.
const SLOT: i64 = 5 * 60 * 1000;
/// How many there are.
const SLOTS: usize = 12;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Started,
    /// Answered, after so many milliseconds.
    Answered(i64),
    Done,
    /// What was counted as done goes on.
    Reopened,
    Received,
    Sent,
    Failed,
}

/// One queue's day.
#[derive(Clone, Debug, Default)]
struct Day {
    today: Today,
    /// Begun and answered, by slot, the newest last.
    slots: VecDeque<(i64, u64, u64)>,
}

/// The day of all queues.
#[derive(Debug)]
pub(super) struct Counts {
    zone: TimeZone,
    threshold: u64,
    ends: Millis,
    days: BTreeMap<String, Day>,
}

impl Counts {
    pub fn new(zone: TimeZone, threshold: u64, now: Millis) -> Self {
        let mut counts = Self { zone, threshold, ends: now, days: BTreeMap::new() };
        counts.ends = counts.midnight(now, 1);
        counts
    }

    /// When the day of a moment began, or so many days later.
    pub fn midnight(&self, at: Millis, days: i64) -> Millis {
        let day = at.in_zone(&self.zone).start_of_day();
        let later = day.and_then(|day| day.checked_add(jiff::Span::new().days(days)));
        later.map_or(at, |midnight| Millis(midnight.timestamp().as_millisecond()))
    }

    pub fn count(&mut self, queue: &str, at: Millis, what: Count) {
        if at >= self.ends {
            self.days.clear();
            self.ends = self.midnight(at, 1);
        }
        if !self.days.contains_key(queue) {
            self.days.insert(queue.to_owned(), Day::default());
        }
        let Some(day) = self.days.get_mut(queue) else { return };
        let slot = at.0.div_euclid(SLOT);
        let mut in_slot = |began: u64, answered: u64| {
            match day.slots.back_mut().filter(|last| last.0 >= slot) {
                Some(last) => (last.1, last.2) = (last.1 + began, last.2 + answered),
                None => day.slots.push_back((slot, began, answered)),
            }
            while day.slots.len() > SLOTS {
                day.slots.pop_front();
            }
        };
        match what {
            Count::Started => {
                in_slot(1, 0);
                day.today.started += 1;
            }
            Count::Answered(waited) => {
                in_slot(0, 1);
                day.today.answered += 1;
                let threshold = i64::try_from(self.threshold.saturating_mul(1000)).unwrap_or(i64::MAX);
                day.today.in_time += u64::from(waited <= threshold);
            }
            Count::Done => day.today.done += 1,
            Count::Reopened => day.today.done = day.today.done.saturating_sub(1),
            Count::Received => day.today.received += 1,
            Count::Sent => day.today.sent += 1,
            Count::Failed => day.today.failed += 1,
        }
    }

    /// The sum of the queues that are seen.
    pub fn today(&self, now: Millis, sees: impl Fn(&str) -> bool) -> Today {
        let newest = now.0.div_euclid(SLOT);
        let mut sum = Today { threshold: self.threshold, ..Today::default() };
        let (mut arrivals, mut answers) = ([0; SLOTS], [0; SLOTS]);
        let seen = self.days.iter().filter(|(queue, _)| now < self.ends && sees(queue));
        for (_, day) in seen {
            let one = &day.today;
            sum.started += one.started;
            sum.answered += one.answered;
            sum.in_time += one.in_time;
            sum.done += one.done;
            sum.received += one.received;
            sum.sent += one.sent;
            sum.failed += one.failed;
            for (slot, began, answered) in &day.slots {
                let place = usize::try_from(newest - slot).ok().and_then(|ago| (SLOTS - 1).checked_sub(ago));
                let Some(place) = place else { continue };
                if let (Some(arrival), Some(answer)) = (arrivals.get_mut(place), answers.get_mut(place)) {
                    *arrival += began;
                    *answer += answered;
                }
            }
        }
        sum.arrivals = arrivals.to_vec();
        sum.answers = answers.to_vec();
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of a day.
    const NOON: Millis = Millis(1_795_348_800_000);

    #[test]
    fn a_day_is_the_sum_of_the_queues_that_are_seen() {
        let mut counts = Counts::new(TimeZone::UTC, 60, NOON);
        counts.count("sales", NOON, Count::Started);
        counts.count("sales", NOON, Count::Answered(60_000));
        counts.count("sales", Millis(NOON.0 + SLOT), Count::Answered(60_001));
        counts.count("secret", NOON, Count::Started);
        let later = Millis(NOON.0 + 2 * SLOT);
        let today = counts.today(later, |queue| queue == "sales");
        assert_eq!((today.started, today.answered, today.in_time), (1, 2, 1));
        assert_eq!(today.service_level(), Some(50));
        assert_eq!(today.arrivals.get(9..), Some(&[1, 0, 0][..]));
        assert_eq!(today.answers.get(9..), Some(&[1, 1, 0][..]));
        assert_eq!(counts.today(later, |_| true).started, 2);
    }

    #[test]
    fn the_next_day_begins_at_nothing() {
        let mut counts = Counts::new(TimeZone::UTC, 60, NOON);
        counts.count("sales", NOON, Count::Done);
        let next = Millis(NOON.0 + 13 * 3_600_000);
        assert_eq!(counts.today(next, |_| true).done, 0, "also before anything happened in it");
        counts.count("sales", next, Count::Done);
        assert_eq!(counts.today(next, |_| true).done, 1);
    }
}

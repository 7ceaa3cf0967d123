//! The notices that the console shows in the notification bar.
//!
//! Owns: which notice is shown, for how long, and which ones wait.
//! Invariants: a notice never replaces a more important one; every notice stays in the list of the shift.

use crate::domain::Millis;
use crate::text::Clean;
use std::collections::VecDeque;
use std::time::Duration;

/// The severity of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A success.
    Good,
    /// Information.
    Info,
    /// Something that needs attention.
    Warning,
    /// A failure.
    Error,
}

impl Level {
    /// A symbol that shows the level without colour.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Info => "·",
            Self::Warning => "!",
            Self::Error => "⚠",
        }
    }

    /// The order of importance; success and information rank alike.
    const fn importance(self) -> u8 {
        match self {
            Self::Good | Self::Info => 0,
            Self::Warning => 1,
            Self::Error => 2,
        }
    }

    /// How long a notice is shown when no other is waiting.
    const fn full_time(self) -> Duration {
        Duration::from_secs(match self {
            Self::Good | Self::Info => 8,
            Self::Warning => 16,
            Self::Error => 24,
        })
    }

    /// How long a notice is shown even if others are waiting: as long as it takes to read it.
    const fn least_time(self) -> Duration {
        Duration::from_secs(match self {
            Self::Good | Self::Info => 2,
            Self::Warning => 10,
            Self::Error => 12,
        })
    }
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub level: Level,
    pub text: Clean,
    pub at: Millis,
}

impl Notice {
    fn says_the_same(&self, other: &Self) -> bool {
        self.level == other.level && self.text == other.text
    }
}

/// The notices of a shift, the last [`Notices::KEPT`], and which of them is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    all: VecDeque<Notice>,
    /// The notice in the bar, and since when it has been there.
    shown: Option<(Notice, Millis)>,
    /// Notices that have not been shown long enough, in the order of their arrival.
    waiting: VecDeque<Notice>,
}

impl Notices {
    /// How many notices are kept.
    pub const KEPT: usize = 200;
    /// How many notices wait at most; the oldest of the least important ones is dropped first.
    const WAITING: usize = 20;
    /// After this time a notice below a warning is no longer worth showing.
    const STALE: Duration = Duration::from_secs(30);

    /// Adds a notice. It is shown at once unless one of the same importance is being read.
    pub fn push(&mut self, at: Millis, level: Level, text: impl Into<Clean>) {
        self.add(Notice { level, text: text.into(), at }, false);
    }

    /// Adds a notice that answers what a person has just done: it does not wait behind one of the same
    /// importance.
    pub fn answer(&mut self, at: Millis, level: Level, text: impl Into<Clean>) {
        self.add(Notice { level, text: text.into(), at }, true);
    }

    fn add(&mut self, notice: Notice, is_answer: bool) {
        let (at, rank) = (notice.at, notice.level.importance());
        if self.all.len() >= Self::KEPT {
            self.all.pop_front();
        }
        self.all.push_back(notice.clone());
        match &mut self.shown {
            Some((shown, since)) if shown.says_the_same(&notice) => *since = at,
            Some((shown, _))
                if rank > shown.level.importance() || is_answer && rank == shown.level.importance() =>
            {
                let before = self.shown.replace((notice, at)).map(|(before, _)| before);
                // An answer makes the one before it out of date, unless that is a warning.
                self.waiting.extend(before.filter(|before| !is_answer || before.level.importance() > 0));
            }
            Some(_) => {
                self.waiting.retain(|other| !other.says_the_same(&notice));
                self.waiting.push_back(notice);
            }
            None => self.shown = Some((notice, at)),
        }
        if self.waiting.len() > Self::WAITING {
            let least = self.waiting.iter().enumerate().min_by_key(|(_, one)| one.level.importance());
            let least = least.map(|(place, _)| place);
            least.and_then(|place| self.waiting.remove(place));
        }
    }

    /// The notice to show now.
    pub fn current(&self) -> Option<&Notice> {
        self.shown.as_ref().map(|(notice, _)| notice)
    }

    /// How many notices are waiting to be shown.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Advances the time. While nobody is at the terminal, a warning or an error stays until somebody
    /// returns.
    pub fn pass(&mut self, now: Millis, watched: bool) {
        if self.next_change(watched).is_some_and(|until| until <= now) {
            self.show_next(now);
        }
    }

    /// When the shown notice disappears.
    pub fn next_change(&self, watched: bool) -> Option<Millis> {
        let (notice, since) = self.shown.as_ref()?;
        let level = notice.level;
        match self.waiting.is_empty() {
            true if !watched && level.importance() > 0 => None,
            true => Some(since.plus(level.full_time())),
            false => Some(since.plus(level.least_time())),
        }
    }

    /// Restarts the time of the shown notice, because somebody is at the terminal again.
    pub fn resume(&mut self, now: Millis) {
        if let Some((_, since)) = &mut self.shown {
            *since = now;
        }
    }

    /// Removes the shown notice. Returns whether there was one.
    pub fn dismiss(&mut self, now: Millis) -> bool {
        let shown = self.shown.is_some();
        self.show_next(now);
        shown
    }

    /// Removes outdated notices from the bar; they stay in the list.
    pub fn withdraw(&mut self, now: Millis, is_over: impl Fn(&str) -> bool) {
        self.waiting.retain(|one| !is_over(one.text.as_str()));
        if self.current().is_some_and(|shown| is_over(shown.text.as_str())) {
            self.show_next(now);
        }
    }

    /// Marks all notices as read.
    pub fn read_all(&mut self) {
        self.shown = None;
        self.waiting.clear();
    }

    /// All kept notices, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Notice> {
        self.all.iter().rev()
    }

    /// Shows the most important waiting notice; of equals, the oldest.
    fn show_next(&mut self, now: Millis) {
        self.waiting.retain(|one| one.level.importance() > 0 || one.at.plus(Self::STALE) > now);
        let places = self.waiting.iter().enumerate().rev();
        let next = places.max_by_key(|(_, one)| one.level.importance()).map(|(place, _)| place);
        self.shown = next.and_then(|place| self.waiting.remove(place)).map(|notice| (notice, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(notices: &Notices) -> &str {
        notices.current().map_or("", |notice| notice.text.as_str())
    }

    #[test]
    fn a_notice_goes_by_itself_and_stays_in_the_list() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Good, "saved");
        assert_eq!(notices.next_change(true), Some(Millis(8000)));
        notices.pass(Millis(8000), true);
        assert!(notices.current().is_none());
        assert_eq!(notices.newest_first().count(), 1);
        notices.push(Millis(9000), Level::Error, "failed");
        notices.pass(Millis(30_000), true);
        assert!(notices.current().is_some());
        assert!(notices.dismiss(Millis(30_000)) && notices.current().is_none());
    }

    #[test]
    fn later_notices_wait_behind_a_warning() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Warning, "two steps are needed");
        for (at, words) in [(10, "saved"), (20, "connected again"), (9990, "open")] {
            notices.push(Millis(at), Level::Info, words);
            notices.pass(Millis(at), true);
            assert_eq!(shown(&notices), "two steps are needed");
        }
        assert_eq!(notices.waiting(), 3);
        let mut order = Vec::new();
        while let Some(next) = notices.next_change(true) {
            notices.pass(next, true);
            order.push(shown(&notices).to_owned());
        }
        assert_eq!(order, ["saved", "connected again", "open", ""]);
    }

    #[test]
    fn an_error_is_shown_at_once_and_what_it_covers_later() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Info, "open");
        notices.push(Millis(100), Level::Warning, "careful");
        notices.push(Millis(200), Level::Error, "failed");
        notices.push(Millis(300), Level::Error, "failed too");
        let mut order = vec![shown(&notices).to_owned()];
        while let Some(next) = notices.next_change(true) {
            notices.pass(next, true);
            order.push(shown(&notices).to_owned());
        }
        // Information that is half a minute old appears in the list only.
        assert_eq!(order, ["failed", "failed too", "careful", ""]);
        assert_eq!(notices.newest_first().count(), 4);
    }

    #[test]
    fn the_same_words_again_are_one_notice_in_the_bar() {
        let mut notices = Notices::default();
        for at in 0..5 {
            notices.push(Millis(at * 1000), Level::Info, "there is no invitation");
        }
        assert_eq!((notices.waiting(), notices.next_change(true)), (0, Some(Millis(12_000))));
        assert_eq!(notices.newest_first().count(), 5);
    }

    #[test]
    fn an_error_stays_while_nobody_is_at_the_terminal() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Error, "failed");
        assert_eq!(notices.next_change(false), None);
        notices.pass(Millis(3_600_000), false);
        notices.resume(Millis(3_600_000));
        notices.pass(Millis(3_600_001), true);
        assert_eq!(shown(&notices), "failed");
        assert_eq!(notices.next_change(true), Some(Millis(3_624_000)));
    }

    #[test]
    fn an_answer_to_a_key_waits_behind_more_important_ones_only() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Warning, "connection lost");
        notices.answer(Millis(1), Level::Warning, "nothing was done");
        assert_eq!((shown(&notices), notices.waiting()), ("nothing was done", 1));
        notices.answer(Millis(2), Level::Info, "Mouse on (Alt+M turns it off)");
        assert_eq!((shown(&notices), notices.waiting()), ("nothing was done", 2));
        let mut notices = Notices::default();
        for words in ["Mouse on (Alt+M turns it off)", "Mouse off: the terminal selects text"] {
            notices.answer(Millis(0), Level::Info, words);
        }
        assert_eq!((shown(&notices), notices.waiting()), ("Mouse off: the terminal selects text", 0));
    }

    #[test]
    fn who_reads_the_list_has_read_the_bar() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Error, "failed");
        notices.push(Millis(0), Level::Info, "open");
        notices.read_all();
        assert_eq!((shown(&notices), notices.waiting()), ("", 0));
        assert_eq!(notices.newest_first().count(), 2);
    }

    #[test]
    fn what_is_over_leaves_the_bar_and_stays_in_the_list() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Warning, "Lucía did not get it");
        notices.push(Millis(0), Level::Info, "F9 undoes it");
        notices.push(Millis(0), Level::Info, "open");
        notices.withdraw(Millis(1), |text| text.contains("undoes"));
        assert_eq!((shown(&notices), notices.waiting()), ("Lucía did not get it", 1));
        notices.withdraw(Millis(2), |text| text.starts_with("Lucía"));
        assert_eq!((shown(&notices), notices.waiting()), ("open", 0));
        assert_eq!(notices.newest_first().count(), 3);
    }

    #[test]
    fn a_shift_full_of_notices_keeps_the_last() {
        let mut notices = Notices::default();
        for i in 0..500 {
            notices.push(Millis(i), Level::Info, format!("{i}"));
        }
        assert_eq!(notices.newest_first().count(), Notices::KEPT);
        assert_eq!(notices.newest_first().next().unwrap().text.as_str(), "499");
        assert_eq!(notices.waiting(), Notices::WAITING);
    }
}

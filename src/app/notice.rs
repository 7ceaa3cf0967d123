//! What the desk tells its agent in the notification bar.

use crate::domain::Millis;
use crate::text::Clean;
use std::collections::VecDeque;
use std::time::Duration;

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something went well.
    Good,
    /// Good to know.
    Info,
    /// Something to look at.
    Warning,
    /// Something failed.
    Error,
}

impl Level {
    /// A mark that says the level without colour.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Info => "·",
            Self::Warning => "!",
            Self::Error => "⚠",
        }
    }
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub level: Level,
    /// The sentence.
    pub text: Clean,
    /// When.
    pub at: Millis,
}

/// The notices of a shift, the last [`Notices::KEPT`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    all: VecDeque<Notice>,
    dismissed: bool,
}

impl Notices {
    /// How many are kept.
    pub const KEPT: usize = 200;
    /// How long one stands in the bar; an error stands three times as long.
    pub const SHOWN: Duration = Duration::from_secs(8);

    /// Adds one and shows it.
    pub fn push(&mut self, at: Millis, level: Level, text: impl Into<Clean>) {
        if self.all.len() >= Self::KEPT {
            self.all.pop_front();
        }
        self.all.push_back(Notice { level, text: text.into(), at });
        self.dismissed = false;
    }

    /// The one to show now.
    pub fn current(&self, now: Millis) -> Option<&Notice> {
        let last = self.all.back().filter(|_| !self.dismissed)?;
        (now < Self::until(last)).then_some(last)
    }

    /// When the one that is shown goes.
    pub fn next_change(&self, now: Millis) -> Option<Millis> {
        self.current(now).map(Self::until)
    }

    /// Takes the one that is shown away; tells whether there was one.
    pub fn dismiss(&mut self, now: Millis) -> bool {
        let shown = self.current(now).is_some();
        self.dismissed = true;
        shown
    }

    /// All that are kept, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Notice> {
        self.all.iter().rev()
    }

    fn until(notice: &Notice) -> Millis {
        notice.at.plus(if notice.level == Level::Error { Self::SHOWN * 3 } else { Self::SHOWN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_goes_by_itself_and_stays_in_the_list() {
        let mut notices = Notices::default();
        notices.push(Millis(0), Level::Good, "saved");
        assert_eq!(notices.next_change(Millis(1)), Some(Millis(8000)));
        assert!(notices.current(Millis(8000)).is_none());
        assert_eq!(notices.newest_first().count(), 1);
        notices.push(Millis(9000), Level::Error, "failed");
        assert!(notices.current(Millis(30_000)).is_some());
        assert!(notices.dismiss(Millis(30_000)) && notices.current(Millis(30_000)).is_none());
    }

    #[test]
    fn a_shift_full_of_notices_keeps_the_last() {
        let mut notices = Notices::default();
        for i in 0..500 {
            notices.push(Millis(i), Level::Info, format!("{i}"));
        }
        assert_eq!(notices.newest_first().count(), Notices::KEPT);
        assert_eq!(notices.newest_first().next().unwrap().text.as_str(), "499");
    }
}

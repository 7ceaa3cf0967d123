//! The state of a `tail`: on a gateway it reads page after page of the feed, on a server without a feed it takes the
//! updates of the live view.

use super::names;
use super::summary::TailSummary;
use crate::app::live_view::{LiveUpdate, MonitoredSessions};
use crate::proto::watch::{FeedEntry, FeedPage, FeedStart, Filter, LivePage, feed_path};

/// The number of entries per request.
const PAGE: usize = 500;
/// How long, in seconds, the server may wait for new entries before it answers.
const WAIT: u64 = 8;

/// The notice on a server without a feed.
const NO_FEED: &str = "this server keeps no feed: agents are monitored one by one, and what happens in their sessions is shown from now on; queues, offers and the past are not";
/// The notice when nothing in the past matches.
const NOTHING: &str = "nothing in that time matches";
/// The notice when nothing in the past matches and the command continues.
const NOTHING_YET: &str = "nothing matches so far; new entries are shown";

/// The state of a `tail`.
#[derive(Clone, Debug)]
pub struct Tail {
    filter: Filter,
    from: FeedStart,
    /// Whether to continue with new entries.
    follow: bool,
    /// Whether a page was read: from then on a lost connection is tried again.
    has_read: bool,
    /// Whether entries of the past are still being read.
    is_past: bool,
    is_lost: bool,
    are_names_resolved: bool,
    summary: TailSummary,
}

/// The output after something was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TailStep {
    /// Sentences for people, before the entries.
    pub notices: Vec<String>,
    pub entries: Vec<FeedEntry>,
    pub is_done: bool,
}

impl Tail {
    /// Creates the state before anything was read.
    pub fn new(filter: Filter, from: FeedStart, follow: bool) -> Self {
        Self {
            filter,
            from,
            follow,
            has_read: false,
            is_past: from != FeedStart::Now,
            is_lost: false,
            are_names_resolved: false,
            summary: TailSummary::default(),
        }
    }

    /// Whether the filter has names, for which the agents and queues have to be read.
    pub fn needs_names(&self) -> bool {
        names::has_names(&self.filter)
    }

    /// Replaces names in the filter by IDs. Returns a sentence about each unknown one.
    pub fn resolve_names(&mut self, page: &LivePage) -> Vec<String> {
        names::resolve(&mut self.filter, page)
    }

    /// The address of the next page of the feed.
    pub fn path(&self) -> String {
        let wait = if self.follow && self.has_read { WAIT } else { 0 };
        feed_path(&self.filter, &self.from, PAGE, wait)
    }

    /// Takes a page of the feed.
    pub fn take_page(&mut self, page: FeedPage) -> TailStep {
        let mut notices: Vec<String> = self.connected().into_iter().collect();
        self.has_read = true;
        let is_end = page.next >= page.head;
        if is_end && std::mem::take(&mut self.is_past) && self.summary.lines == 0 && page.entries.is_empty() {
            notices.push(if self.follow { NOTHING_YET } else { NOTHING }.to_owned());
        }
        self.from = FeedStart::After(page.next);
        TailStep { notices, entries: page.entries, is_done: is_end && !self.follow }
    }

    /// Whether the connection is tried again when it is lost. A command that has read nothing yet fails instead.
    pub const fn can_retry(&self) -> bool {
        self.has_read
    }

    /// The connection was lost, for a reason. Returns a sentence when it was not lost before.
    pub fn lost(&mut self, reason: &str) -> Option<String> {
        if std::mem::replace(&mut self.is_lost, true) {
            return None;
        }
        self.summary.breaks += 1;
        Some(format!("{reason}; trying again"))
    }

    fn connected(&mut self) -> Option<String> {
        std::mem::take(&mut self.is_lost).then(|| "connected again".to_owned())
    }

    /// The server keeps no feed. Returns the notice about that; `None` when the command cannot continue,
    /// because entries of the past were requested.
    pub fn without_feed(&self) -> Option<&'static str> {
        (self.from == FeedStart::Now).then_some(NO_FEED)
    }

    /// Takes updates of the live view.
    pub fn take_updates(&mut self, updates: Vec<LiveUpdate>, sessions: &MonitoredSessions) -> TailStep {
        let mut step = TailStep::default();
        for update in updates {
            match update {
                LiveUpdate::Entry(entry) => step.entries.push(*entry),
                LiveUpdate::Online => step.notices.extend(self.connected()),
                LiveUpdate::Counted { monitored, refused: 0 } => {
                    step.notices.push(format!("agents monitored: {monitored}"));
                }
                LiveUpdate::Counted { monitored, refused } => {
                    step.notices.push(format!("agents monitored: {monitored}; could not be: {refused}"));
                }
                LiveUpdate::Known => {
                    if !std::mem::replace(&mut self.are_names_resolved, true) {
                        step.notices.extend(self.resolve_names(&sessions.page()));
                    }
                }
                LiveUpdate::Configured(_)
                | LiveUpdate::Agents
                | LiveUpdate::Session(_)
                | LiveUpdate::Gone(_)
                | LiveUpdate::Transcript { .. } => {}
            }
        }
        let is_in_group = |agent: &str, group: &str| sessions.is_in_group(agent, group);
        step.entries.retain(|entry| self.filter.wants(entry, is_in_group));
        step
    }

    /// Counts an entry that was written.
    pub fn count(&mut self, entry: &FeedEntry) {
        self.summary.count(entry);
    }

    /// The counts so far.
    pub const fn summary(&self) -> TailSummary {
        self.summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(entries: usize, next: u64, head: u64) -> FeedPage {
        FeedPage { entries: vec![FeedEntry::default(); entries], next, head }
    }

    #[test]
    fn pages_follow_each_other_until_the_head() {
        let mut tail = Tail::new(Filter::default(), FeedStart::After(7), false);
        assert!(tail.path().contains("wait=0&after=7") && !tail.can_retry());
        assert!(!tail.take_page(page(2, 9, 11)).is_done);
        assert!(tail.path().contains("wait=0&after=9") && tail.can_retry());
        assert_eq!(tail.take_page(page(1, 11, 11)), TailStep { is_done: true, ..step(1) });
    }

    fn step(entries: usize) -> TailStep {
        TailStep { entries: vec![FeedEntry::default(); entries], ..TailStep::default() }
    }

    #[test]
    fn a_past_without_matches_is_reported_once() {
        for (follow, wanted) in [(true, NOTHING_YET), (false, NOTHING)] {
            let mut tail = Tail::new(Filter::default(), FeedStart::After(0), follow);
            let first = tail.take_page(page(0, 5, 5));
            assert_eq!((first.notices, first.is_done), (vec![wanted.to_owned()], !follow));
            assert_eq!(tail.take_page(page(0, 6, 6)).notices, [""; 0]);
        }
        let mut tail = Tail::new(Filter::default(), FeedStart::Now, true);
        assert_eq!(tail.take_page(page(0, 5, 5)), step(0));
        assert!(tail.path().contains("wait=8&after=5"), "the server may wait");
    }

    #[test]
    fn a_lost_connection_is_reported_and_counted_once() {
        let mut tail = Tail::new(Filter::default(), FeedStart::Now, true);
        tail.take_page(page(0, 5, 5));
        assert_eq!(tail.lost("gone").as_deref(), Some("gone; trying again"));
        assert_eq!(tail.lost("gone"), None);
        assert_eq!(tail.take_page(page(0, 5, 5)).notices, ["connected again"]);
        assert_eq!(tail.summary().breaks, 1);
    }
}

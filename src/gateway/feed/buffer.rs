//! The newest part of the feed, in a ring buffer, and which sessions and agents changed last.
//!
//! Owns: a bounded ring of entries, the numbers of the last changes, and the day's counts. Must not: read or wait.
//! Invariants: the ring holds every entry after [`FeedBuffer::from`]; older ones are read from the log. A slow reader
//! does not make it longer.

use super::context::{SessionContext, SessionContexts};
use super::counts::{CountedEvent, DayCounts};
use super::translate;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::proto::wa;
use crate::proto::watch::FeedEntry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// Entries that are kept.
pub(super) const RING: usize = 20_000;
/// Contexts that are kept.
const CONTEXTS: usize = 20_000;
/// Changed sessions that are remembered. A reader that asks for older changes gets everything.
const CHANGES: usize = 10_000;

/// What changed last, by the number of the event that changed it.
#[derive(Debug)]
struct ChangeIndex<K> {
    last: HashMap<K, u64>,
    order: BTreeMap<u64, K>,
    /// Changes up to this number are forgotten.
    forgotten: u64,
}

impl<K: Clone + Eq + std::hash::Hash> ChangeIndex<K> {
    fn new(from: u64) -> Self {
        Self { last: HashMap::new(), order: BTreeMap::new(), forgotten: from }
    }

    fn record(&mut self, seq: u64, what: &K) {
        if let Some(before) = self.last.insert(what.clone(), seq) {
            self.order.remove(&before);
        }
        self.order.insert(seq, what.clone());
        while self.order.len() > CHANGES {
            let Some((seq, oldest)) = self.order.pop_first() else { return };
            self.last.remove(&oldest);
            self.forgotten = seq;
        }
    }

    /// What changed after a number; `None` when that is not known any more.
    fn after(&self, after: u64) -> Option<Vec<K>> {
        (after >= self.forgotten)
            .then(|| self.order.range(after + 1..).map(|(_, what)| what.clone()).collect())
    }
}

/// What changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LiveChanges {
    pub sessions: Vec<InteractionId>,
    pub agents: Vec<EmployeeId>,
    /// Whether the account changed.
    pub account: bool,
}

/// The newest entries of the feed in memory.
#[derive(Debug)]
pub(super) struct FeedBuffer {
    ring: VecDeque<Arc<FeedEntry>>,
    /// The ring holds every entry after this number.
    from: u64,
    /// The log has been read up to this number.
    head: u64,
    contexts: SessionContexts,
    sessions: ChangeIndex<InteractionId>,
    agents: ChangeIndex<EmployeeId>,
    /// The number of the last change of the account.
    account: u64,
    counts: DayCounts,
}

impl FeedBuffer {
    /// An empty buffer that begins after an event number.
    pub fn new(from: u64, counts: DayCounts) -> Self {
        Self {
            ring: VecDeque::new(),
            from,
            head: from,
            contexts: SessionContexts::new(CONTEXTS),
            sessions: ChangeIndex::new(from),
            agents: ChangeIndex::new(from),
            account: from,
            counts,
        }
    }

    /// The number of the newest event in memory.
    pub const fn head(&self) -> u64 {
        self.head
    }

    /// The day's counts.
    pub const fn counts(&self) -> &DayCounts {
        &self.counts
    }

    /// The session of the event, if its context has to be read before the event can be added.
    pub fn missing_context(&mut self, event: &LogEvent) -> Option<InteractionId> {
        let id = event.interaction()?;
        let begins = matches!(event, LogEvent::SessionStarted(_));
        (!begins && self.contexts.get(id).is_none()).then(|| id.clone())
    }

    /// Keeps the context of a session that was read from the log.
    pub fn add_context(&mut self, id: InteractionId, context: SessionContext) {
        self.contexts.insert(id, context);
    }

    /// Adds the next event of the log.
    pub fn add(&mut self, seq: u64, at: Millis, event: &LogEvent) {
        self.head = self.head.max(seq);
        let entry = feed_entry(&mut self.contexts, seq, at, event, Some(&mut self.counts));
        if let Some(id) = event.interaction() {
            self.sessions.record(seq, id);
        }
        if let LogEvent::AccountChanged { .. } = event {
            self.account = seq;
        }
        if let Some(agent) = changed_agent(event) {
            self.agents.record(seq, agent);
        }
        if let Some(entry) = entry {
            self.ring.push_back(Arc::new(entry));
            if self.ring.len() > RING
                && let Some(oldest) = self.ring.pop_front()
            {
                self.from = oldest.seq;
            }
        }
    }

    /// At most `most` entries after a number, and the number up to which they are complete; `None` when the ring does not
    /// go back that far.
    pub fn after(&self, after: u64, most: usize) -> Option<(Vec<Arc<FeedEntry>>, u64)> {
        if after < self.from {
            return None;
        }
        let start = self.ring.partition_point(|entry| entry.seq <= after);
        let entries: Vec<_> = self.ring.range(start..).take(most).cloned().collect();
        let reached = match entries.last() {
            Some(last) if entries.len() == most => last.seq,
            Some(_) | None => self.head.max(after),
        };
        Some((entries, reached))
    }

    /// What changed after a number; `None` when that is not known any more.
    pub fn changed(&self, after: u64) -> Option<LiveChanges> {
        let (sessions, agents) = (self.sessions.after(after)?, self.agents.after(after)?);
        Some(LiveChanges { sessions, agents, account: self.account > after })
    }
}

/// The agent whose state or number of sessions an event changes.
fn changed_agent(event: &LogEvent) -> Option<&EmployeeId> {
    if let LogEvent::Routing(fact) = event {
        return fact.agent();
    }
    if let LogEvent::Completed { by: agent, .. }
    | LogEvent::Reopened { by: agent, .. }
    | LogEvent::PartyLeft { agent, .. } = event
    {
        return Some(agent);
    }
    None
}

/// The entry of an event, with the context of its session after the event. Adds the event to the day's counts, if given.
pub(super) fn feed_entry(
    contexts: &mut SessionContexts,
    seq: u64,
    at: Millis,
    event: &LogEvent,
    counts: Option<&mut DayCounts>,
) -> Option<FeedEntry> {
    let Some(id) = event.interaction() else { return translate::entry(seq, at, event, None) };
    if let LogEvent::SessionStarted(_) = event {
        contexts.insert(id.clone(), SessionContext::default());
    }
    let mut before = None;
    if let Some(context) = contexts.get(id) {
        before = Some(context.clone());
        context.apply(event);
    }
    let after = contexts.get(id).map(|context| &*context);
    if let (Some(counts), Some(context)) = (counts, after)
        && let Some(what) = counted(event, before.as_ref(), at)
    {
        counts.count(id, &context.queue, at, what);
    }
    translate::entry(seq, at, event, after)
}

/// What an event adds to the day's counts. `before` is the context of its session before the event.
fn counted(event: &LogEvent, before: Option<&SessionContext>, at: Millis) -> Option<CountedEvent> {
    if let LogEvent::SessionStarted(start) = event {
        return Some(CountedEvent::Started { by_customer: !start.outbound });
    }
    if let LogEvent::Routing(Fact::Accepted { .. }) = event {
        let context = before.filter(|context| !context.answered && !context.joining)?;
        return Some(CountedEvent::Accepted(at.0 - context.waits_since?.0));
    }
    if let LogEvent::Completed { .. } = event {
        return Some(CountedEvent::Done);
    }
    if let LogEvent::Reopened { .. } = event {
        return Some(CountedEvent::Reopened);
    }
    if let LogEvent::EntryLogged(logged) = event { counted_entry(logged) } else { None }
}

fn counted_entry(logged: &EntryLogged) -> Option<CountedEvent> {
    let entry = &logged.entry;
    let kind = entry.user_data.text(wa::KIND);
    match (kind, entry.kind.as_str(), entry.from.kind.as_str()) {
        (Some("status"), ..) => {
            let failed = entry.user_data.text(wa::STATUS).map(DeliveryStatus::from_word)
                == Some(DeliveryStatus::Failed);
            let of = entry.user_data.number(wa::OF).and_then(|of| u64::try_from(of).ok());
            of.filter(|_| failed).map(CountedEvent::Failed)
        }
        (None, "Text" | "PushUrl", "Customer") | (Some("media" | "placeholder"), _, "Customer") => {
            Some(CountedEvent::Received)
        }
        // The gateway's own messages are notices. Messages for colleagues only have no `send_to`.
        (_, _, "Agent" | "Supervisor") if logged.send_to.is_some() => Some(CountedEvent::Sent(entry.index)),
        (None | Some("media"), _, "Agent") if logged.mark.is_some() => {
            Some(CountedEvent::Echoed(entry.index))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::router::{Enqueued, WorkState};
    use jiff::tz::TimeZone;

    fn buffer() -> FeedBuffer {
        FeedBuffer::new(0, DayCounts::new(TimeZone::UTC, 60, Millis(0)))
    }

    fn state(agent: &str) -> LogEvent {
        LogEvent::Routing(Fact::StateSet { agent: agent.into(), work: WorkState::Ready, at: Millis(0) })
    }

    #[test]
    fn reading_in_pages_returns_every_entry_once() {
        let mut buffer = buffer();
        for seq in 1..=100 {
            // Every third event is not in the feed.
            let event = if seq % 3 == 0 { LogEvent::WebhookParsed { webhook: 1 } } else { state("ana") };
            buffer.add(seq, Millis(0), &event);
        }
        let (mut after, mut read) = (0, Vec::new());
        while after < 100 {
            let (entries, reached) = buffer.after(after, 7).unwrap();
            read.extend(entries.iter().map(|entry| entry.seq));
            assert!(reached > after);
            after = reached;
        }
        assert_eq!(read, (1..=100).filter(|seq| seq % 3 != 0).collect::<Vec<_>>());
    }

    #[test]
    fn the_ring_is_bounded_and_knows_its_oldest_entry() {
        let mut buffer = buffer();
        let last = RING as u64 + 10;
        for seq in 1..=last {
            buffer.add(seq, Millis(0), &state("ana"));
        }
        assert_eq!(buffer.after(9, 1), None);
        assert_eq!(buffer.after(10, 1).unwrap().0.first().unwrap().seq, 11);
        assert_eq!(buffer.after(last, 1), Some((Vec::new(), last)));
    }

    #[test]
    fn a_change_is_reported_once_by_its_last_event() {
        let mut buffer = buffer();
        let queued = |id: &str| LogEvent::Routing(Fact::Enqueued(Enqueued::new(id, "sales", Millis(0))));
        buffer.add(1, Millis(0), &queued("a"));
        buffer.add(2, Millis(0), &queued("b"));
        buffer.add(3, Millis(0), &queued("a"));
        buffer.add(4, Millis(0), &state("ana"));
        let changed = buffer.changed(1).unwrap();
        assert_eq!((changed.sessions, changed.agents), (vec!["b".into(), "a".into()], vec!["ana".into()]));
        assert_eq!(
            buffer.changed(4),
            Some(LiveChanges { sessions: Vec::new(), agents: Vec::new(), account: false })
        );
    }
}

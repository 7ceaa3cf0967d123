//! The newest part of the feed, in a ring buffer, and which sessions and agents changed last.
//!
//! Owns: a bounded ring of entries, the places of the last changes, and the day's counts. Must not: read or wait.
//! Invariants: the ring holds every entry after [`FeedBuffer::from`]; older ones are read from the log. A slow reader
//! does not make it longer.

use super::context::{SessionContext, SessionContexts};
use super::counts::{CountedEvent, DayCounts};
use super::translate;
use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::writer::event::Event;
use crate::proto::wa;
use crate::proto::watch::Entry;
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
    /// Changes up to here are forgotten.
    forgotten: u64,
}

impl<K: Clone + Eq + std::hash::Hash> ChangeIndex<K> {
    fn new(from: u64) -> Self {
        Self { last: HashMap::new(), order: BTreeMap::new(), forgotten: from }
    }

    fn note(&mut self, seq: u64, what: &K) {
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

    /// What changed after that; `None` when that is not known any more.
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
    ring: VecDeque<Arc<Entry>>,
    /// The ring holds everything after this number.
    from: u64,
    /// The log was read up to here.
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

    pub const fn head(&self) -> u64 {
        self.head
    }

    pub const fn counts(&self) -> &DayCounts {
        &self.counts
    }

    /// Whether the context of that session has to be read before its event can be taken in.
    pub fn lacks(&mut self, event: &Event) -> Option<InteractionId> {
        let id = event.interaction()?;
        let begins = matches!(event, Event::SessionStarted(_));
        (!begins && self.contexts.get(id).is_none()).then(|| id.clone())
    }

    pub fn learn(&mut self, id: InteractionId, context: SessionContext) {
        self.contexts.insert(id, context);
    }

    /// Adds the next event of the log.
    pub fn take(&mut self, seq: u64, at: Millis, event: &Event) {
        self.head = self.head.max(seq);
        let told = feed_entry(&mut self.contexts, seq, at, event, Some(&mut self.counts));
        if let Some(id) = event.interaction() {
            self.sessions.note(seq, id);
        }
        if let Event::AccountChanged { .. } = event {
            self.account = seq;
        }
        let agent = match event {
            Event::Routing(fact) => fact.agent(),
            // An agent who left a session has one less.
            Event::Completed { by: agent, .. }
            | Event::Reopened { by: agent, .. }
            | Event::PartyLeft { agent, .. } => Some(agent),
            _ => None,
        };
        if let Some(agent) = agent {
            self.agents.note(seq, agent);
        }
        if let Some(entry) = told {
            self.ring.push_back(Arc::new(entry));
            if self.ring.len() > RING
                && let Some(oldest) = self.ring.pop_front()
            {
                self.from = oldest.seq;
            }
        }
    }

    /// At most `most` entries after that number, and up to where they reach; `None` when the ring does not go
    /// back so far.
    pub fn after(&self, after: u64, most: usize) -> Option<(Vec<Arc<Entry>>, u64)> {
        if after < self.from {
            return None;
        }
        let start = self.ring.partition_point(|entry| entry.seq <= after);
        let entries: Vec<_> = self.ring.range(start..).take(most).cloned().collect();
        let reached = match entries.last() {
            Some(last) if entries.len() == most => last.seq,
            _ => self.head.max(after),
        };
        Some((entries, reached))
    }

    /// What changed after that number; `None` when that is not known any more.
    pub fn changed(&self, after: u64) -> Option<LiveChanges> {
        let (sessions, agents) = (self.sessions.after(after)?, self.agents.after(after)?);
        Some(LiveChanges { sessions, agents, account: self.account > after })
    }
}

/// The entry of an event, told with the context before it when the event ends something, and after it otherwise.
/// Counts it, if it is to be counted.
pub(super) fn feed_entry(
    contexts: &mut SessionContexts,
    seq: u64,
    at: Millis,
    event: &Event,
    counts: Option<&mut DayCounts>,
) -> Option<Entry> {
    let Some(id) = event.interaction() else { return translate::entry(seq, at, event, None) };
    if let Event::SessionStarted(_) = event {
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

fn counted(event: &Event, before: Option<&SessionContext>, at: Millis) -> Option<CountedEvent> {
    match event {
        Event::SessionStarted(start) => Some(CountedEvent::Started { by_customer: !start.outbound }),
        Event::Routing(Fact::Accepted { .. }) => {
            let context = before.filter(|context| !context.answered && !context.joining)?;
            Some(CountedEvent::Accepted(at.0 - context.waits_since?.0))
        }
        Event::Completed { .. } => Some(CountedEvent::Done),
        Event::Reopened { .. } => Some(CountedEvent::Reopened),
        Event::EntryLogged(logged) => {
            let said = &logged.entry;
            let kind = said.user_data.text(wa::KIND);
            match (kind, said.kind.as_str(), said.from.kind.as_str()) {
                (Some("status"), ..) => {
                    let failed = said.user_data.text(wa::STATUS) == Some("failed");
                    let of = said.user_data.number(wa::OF).and_then(|of| u64::try_from(of).ok());
                    of.filter(|_| failed).map(CountedEvent::Failed)
                }
                (None, "Text" | "PushUrl", "Customer") | (Some("media" | "placeholder"), _, "Customer") => {
                    Some(CountedEvent::Received)
                }
                // The gateway's own messages are notices; messages for colleagues only have no `send_to`.
                (_, _, "Agent" | "Supervisor") if logged.send_to.is_some() => {
                    Some(CountedEvent::Sent(said.index))
                }
                (None | Some("media"), _, "Agent") if logged.mark.is_some() => {
                    Some(CountedEvent::Echoed(said.index))
                }
                _ => None,
            }
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

    fn state(agent: &str) -> Event {
        Event::Routing(Fact::StateSet { agent: agent.into(), work: WorkState::Ready, at: Millis(0) })
    }

    #[test]
    fn who_reads_on_from_anywhere_in_the_ring_misses_nothing_and_doubles_nothing() {
        let mut buffer = buffer();
        for seq in 1..=100 {
            // Every third event is none for the feed.
            let event = if seq % 3 == 0 { Event::WebhookParsed { webhook: 1 } } else { state("ana") };
            buffer.take(seq, Millis(0), &event);
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
    fn the_ring_is_bounded_and_says_how_far_back_it_goes() {
        let mut buffer = buffer();
        let last = RING as u64 + 10;
        for seq in 1..=last {
            buffer.take(seq, Millis(0), &state("ana"));
        }
        assert_eq!(buffer.after(9, 1), None);
        assert_eq!(buffer.after(10, 1).unwrap().0.first().unwrap().seq, 11);
        assert_eq!(buffer.after(last, 1), Some((Vec::new(), last)));
    }

    #[test]
    fn changes_are_told_once_each_by_their_last() {
        let mut buffer = buffer();
        let queued = |id: &str| Event::Routing(Fact::Enqueued(Enqueued::new(id, "sales", Millis(0))));
        buffer.take(1, Millis(0), &queued("a"));
        buffer.take(2, Millis(0), &queued("b"));
        buffer.take(3, Millis(0), &queued("a"));
        buffer.take(4, Millis(0), &state("ana"));
        let changed = buffer.changed(1).unwrap();
        assert_eq!((changed.sessions, changed.agents), (vec!["b".into(), "a".into()], vec!["ana".into()]));
        assert_eq!(
            buffer.changed(4),
            Some(LiveChanges { sessions: Vec::new(), agents: Vec::new(), account: false })
        );
    }
}

//! What supervisors read: the feed and the live view.
//!
//! Owns: the event log as supervisors may read it, and who may read what of it ([`Organization`]). Must not: write, or
//! slow the writer. It follows the log without asking the writer, which only publishes the number of the last event on
//! disk.
//! Invariants: every reader asks for what comes after a number, and nothing is kept for a reader. A reader that stops
//! costs nothing and can continue later: the newest entries are in memory, the rest in the log.

mod buffer;
mod context;
mod counts;
mod organization;
mod translate;

pub use organization::{Organization, Scope};

use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::gateway::writer::WriterHandle;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::model::account::Trouble;
use crate::gateway::writer::model::event::LogEvent;
use crate::proto::watch::{Alert, FeedEntry, FeedPage, Filter, LivePage};
use crate::store::{Store, StoreError, StoredEvent};
use buffer::FeedBuffer;
use context::{SessionContext, SessionContexts};
use counts::DayCounts;
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

/// Entries of one page at most.
pub const PAGE: usize = 500;
/// The most bytes of text in one page, so that a reader accepts it whatever customers write.
const PAGE_BYTES: usize = 1 << 20;
/// The most troubles of the account in one live page.
const ALERTS: usize = 50;
/// Events that are examined for one page, so that a filter that matches nothing does not block its reader.
const EXAMINED: usize = 4000;
/// Events read from the log at a time.
const READ: u32 = 500;
/// How long changes are collected before a page is sent, so that a busy gateway sends few pages.
const GATHER: Duration = Duration::from_millis(150);
/// How long a reader's number may be ahead of the followed log. After that it counts as a number of another log.
const BEHIND: Duration = Duration::from_secs(2);
/// The delay after which a log that could not be read is read again.
const RETRY: Duration = Duration::from_secs(1);

/// The feed. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    store: Arc<dyn Store>,
    organization: Arc<Organization>,
    writer: WriterHandle,
    clock: crate::gateway::writer::Clock,
    buffer: Arc<Mutex<FeedBuffer>>,
    head: watch::Receiver<u64>,
}

/// The task that follows the log. It runs beside the writer and ends with it.
pub struct LogFollower {
    store: Arc<dyn Store>,
    buffer: Arc<Mutex<FeedBuffer>>,
    written: watch::Receiver<u64>,
    head: watch::Sender<u64>,
}

/// Creates the feed and its follower. The follower begins at midnight, so that the day's counts are complete.
///
/// # Errors
/// When the log cannot be read.
pub async fn start(
    store: Arc<dyn Store>,
    organization: Organization,
    writer: WriterHandle,
    written: watch::Receiver<u64>,
    clock: crate::gateway::writer::Clock,
    zone: TimeZone,
) -> Result<(Feed, LogFollower), StoreError> {
    let now = clock();
    let counts = DayCounts::new(zone, organization.threshold, now);
    let from = store.seq_at(counts.midnight(now, 0)).await?;
    let buffer = Arc::new(Mutex::new(FeedBuffer::new(from, counts)));
    let (sender, head) = watch::channel(from);
    let follow =
        LogFollower { store: Arc::clone(&store), buffer: Arc::clone(&buffer), written, head: sender };
    Ok((Feed { store, organization: Arc::new(organization), writer, clock, buffer, head }, follow))
}

/// Whether a page takes no more entries.
fn is_full(page: &FeedPage, limit: usize) -> bool {
    let words = |entry: &FeedEntry| {
        entry.text.as_ref().map_or(0, String::len) + entry.data.values().map(String::len).sum::<usize>()
    };
    page.entries.len() >= limit || page.entries.iter().map(words).sum::<usize>() >= PAGE_BYTES
}

fn lock(buffer: &Mutex<FeedBuffer>) -> MutexGuard<'_, FeedBuffer> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(stored: &StoredEvent) -> Option<LogEvent> {
    match serde_json::from_str(&stored.body) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::error!(seq = stored.seq, %error, "an event of the log cannot be read and is left out of the feed");
            None
        }
    }
}

/// The context of a session before an event.
async fn context_of(
    store: &dyn Store,
    id: &InteractionId,
    before: u64,
) -> Result<SessionContext, StoreError> {
    let mut context = SessionContext::default();
    for stored in store.events_of(id.clone(), context::KINDS, before).await? {
        if let Some(event) = read(&stored) {
            context.apply(&event);
        }
    }
    Ok(context)
}

impl LogFollower {
    /// Follows the log until the writer ends.
    pub async fn run(mut self) {
        loop {
            match self.catch_up().await {
                Ok(()) => {
                    if self.written.changed().await.is_err() {
                        return;
                    }
                }
                Err(StoreError::Stopped) => return,
                Err(error) => {
                    tracing::error!(%error, "the feed cannot read the log and tries again");
                    sleep(RETRY).await;
                }
            }
        }
    }

    async fn catch_up(&mut self) -> Result<(), StoreError> {
        loop {
            let after = lock(&self.buffer).head();
            let page = self.store.events(after, READ).await?;
            let Some(last) = page.last().map(|stored| stored.seq) else { return Ok(()) };
            for stored in &page {
                let Some(event) = read(stored) else { continue };
                let missing = lock(&self.buffer).missing_context(&event);
                if let Some(id) = missing {
                    let context = context_of(self.store.as_ref(), &id, stored.seq).await?;
                    lock(&self.buffer).add_context(id, context);
                }
                lock(&self.buffer).add(stored.seq, stored.at, &event);
            }
            self.head.send_replace(last);
        }
    }
}

impl Feed {
    /// The supervisors and what each may see.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Whether a person may see a session, by its agent or its last agent.
    ///
    /// # Errors
    /// When the log or the writer does not answer.
    pub async fn may_see(&self, person: &EmployeeId, id: &InteractionId) -> Result<bool, Refusal> {
        let scope = self.organization.scope(person);
        if scope.sees(None, None) {
            return Ok(true);
        }
        let view = self.writer.live(Some(vec![id.clone()])).await?;
        if let Some(session) = view.sessions.first() {
            return Ok(scope.sees(session.agent.as_deref(), Some(&session.queue)));
        }
        let past = context_of(self.store.as_ref(), id, u64::MAX).await;
        let past = past.map_err(|error| Refusal::Store(error.to_string()))?;
        Ok(scope.sees(past.agent().map(EmployeeId::as_str), Some(&past.queue)))
    }

    /// Whether a contact has an open session that a person may see.
    ///
    /// # Errors
    /// When the writer does not answer.
    pub async fn sees_contact(&self, person: &EmployeeId, contact: &str) -> Result<bool, Refusal> {
        let scope = self.organization.scope(person);
        let view = self.writer.live(None).await?;
        let mut theirs = view.sessions.iter().filter(|session| session.contact == contact);
        Ok(theirs.any(|session| scope.sees(session.agent.as_deref(), Some(&session.queue))))
    }

    /// The number of the last event before `at`.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn seq_at(&self, at: Millis) -> Result<u64, StoreError> {
        self.store.seq_at(at).await
    }

    /// The number of the last event.
    pub fn head(&self) -> u64 {
        *self.head.borrow()
    }

    /// The entries after a number that a person may see. Waits up to `wait` when there are none.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn feed(
        &self,
        person: &EmployeeId,
        filter: &Filter,
        after: u64,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, StoreError> {
        let deadline = Instant::now() + wait;
        let mut heads = self.head.clone();
        let mut page = FeedPage { entries: Vec::new(), next: after, head: 0 };
        loop {
            page.head = *heads.borrow_and_update();
            self.fill(person, filter, limit.clamp(1, PAGE), &mut page).await?;
            let is_at_end = page.next >= page.head;
            if !page.entries.is_empty() || (is_at_end && Instant::now() >= deadline) {
                return Ok(page);
            }
            if is_at_end && !matches!(timeout_at(deadline, heads.changed()).await, Ok(Ok(()))) {
                return Ok(page);
            }
        }
    }

    /// Adds the next events to a page, from memory or from the log.
    async fn fill(
        &self,
        person: &EmployeeId,
        filter: &Filter,
        limit: usize,
        page: &mut FeedPage,
    ) -> Result<(), StoreError> {
        let scope = self.organization.scope(person);
        let wanted = |entry: &FeedEntry| {
            // Everybody may see the account.
            let seen = entry.event.starts_with("account.")
                || scope.sees(entry.agent.as_deref(), entry.queue.as_deref());
            seen && filter.wants(entry, |agent, group| self.organization.is_in(agent, group))
        };
        let in_memory = lock(&self.buffer).after(page.next, EXAMINED);
        if let Some((entries, reached)) = in_memory {
            page.next = reached;
            for entry in entries.iter().filter(|entry| wanted(entry)) {
                page.entries.push(FeedEntry::clone(entry));
                if is_full(page, limit) {
                    page.next = entry.seq;
                    break;
                }
            }
            return Ok(());
        }
        let mut contexts = SessionContexts::new(EXAMINED);
        for stored in self.store.events(page.next, READ).await? {
            page.next = stored.seq;
            let Some(event) = read(&stored) else { continue };
            if let Some(id) = event.interaction()
                && contexts.get(id).is_none()
            {
                let context = context_of(self.store.as_ref(), id, stored.seq).await?;
                contexts.insert(id.clone(), context);
            }
            let entry = buffer::feed_entry(&mut contexts, stored.seq, stored.at, &event, None);
            page.entries.extend(entry.filter(|entry| wanted(entry)));
            if is_full(page, limit) {
                break;
            }
        }
        Ok(())
    }

    /// The live view for a person: everything, or what changed after a number. Waits up to `wait` when nothing changed.
    /// The number 0 is valid: it is the number of an empty log.
    ///
    /// # Errors
    /// When the writer does not answer.
    pub async fn live(
        &self,
        person: &EmployeeId,
        after: Option<u64>,
        wait: Duration,
    ) -> Result<LivePage, Refusal> {
        let deadline = Instant::now() + wait;
        let catching_up = Instant::now() + BEHIND;
        let mut heads = self.head.clone();
        let (changed, reached) = loop {
            let head = *heads.borrow_and_update();
            // The writer may be ahead of the follower for a moment.
            if after.is_some_and(|after| after > head) && Instant::now() < catching_up {
                let until = deadline.min(catching_up);
                if matches!(timeout_at(until, heads.changed()).await, Ok(Ok(()))) {
                    continue;
                }
            }
            // A number above the head is of another log.
            let known = after.filter(|after| *after <= head);
            let (changed, reached) = {
                let buffer = lock(&self.buffer);
                (known.and_then(|after| buffer.changed(after)), buffer.head())
            };
            match changed {
                Some(changed)
                    if changed.sessions.is_empty() && changed.agents.is_empty() && !changed.account =>
                {
                    if !matches!(timeout_at(deadline, heads.changed()).await, Ok(Ok(()))) {
                        return Ok(self.page(person, reached, false));
                    }
                    sleep(GATHER.min(deadline.saturating_duration_since(Instant::now()))).await;
                }
                changed => break (changed, reached),
            }
        };
        let whole = changed.is_none();
        let (sessions, agents) =
            changed.map_or((None, None), |changed| (Some(changed.sessions), Some(changed.agents)));
        let view = self.writer.live(sessions.clone()).await?;
        let scope = self.organization.scope(person);
        // The writer may be ahead of the followed log. Changes between the two are not in this page, so the next request
        // starts where the followed log ended.
        let next = if whole { view.seq } else { reached.min(view.seq) };
        let mut page = self.page(person, next, whole);
        page.sessions = view.sessions;
        page.sessions.retain(|session| scope.sees(session.agent.as_deref(), Some(&session.queue)));
        let is_visible = |id: &InteractionId| page.sessions.iter().any(|session| session.id == *id);
        page.gone = sessions.into_iter().flatten().filter(|id| !is_visible(id)).collect();
        page.agents = view.agents;
        page.agents.retain(|agent| {
            let wanted =
                agents.as_ref().is_none_or(|agents| agents.iter().any(|one| one.as_str() == agent.id));
            wanted && scope.sees_agent(&agent.id)
        });
        page.queues = view.queues;
        page.queues.retain(|queue| scope.sees_queue(&queue.name));
        Ok(page)
    }

    fn page(&self, person: &EmployeeId, next: u64, whole: bool) -> LivePage {
        let scope = self.organization.scope(person);
        let now = (self.clock)();
        let today = lock(&self.buffer).counts().today(now, |queue| scope.sees_queue(queue));
        let account = self.writer.account();
        let alert = |trouble: &Trouble| Alert {
            topic: trouble.change.topic.clone(),
            text: trouble.change.text.clone(),
            since: trouble.since.to_rfc3339(),
        };
        let alerts = account.borrow().current(now).rev().take(ALERTS).map(alert).collect();
        LivePage { next, whole, today, alerts, ..LivePage::default() }
    }
}

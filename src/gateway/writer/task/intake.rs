//! Webhooks: parsed in order, processed in parts.
//!
//! Owns: the queue of what webhooks contain. Must not: know a rule.
//! Invariants: webhooks are processed in the order in which they were committed; what could not be processed stays in
//! the queue.

use super::work::{Parts, Work};
use super::writer::{IntakeStep, RETRY, Worker};
use crate::domain::Millis;
use crate::gateway::writer::ingest::context::Ingest;
use crate::gateway::writer::ingest::prefetch::{self, Incoming};
use crate::gateway::writer::model::event::LogEvent;
use crate::store::{PrefetchQuery, PrefetchResult, StoreError, UnparsedWebhook};

/// How many webhooks are read from the store at a time.
pub const WEBHOOKS_READ: usize = 16;

/// How many messages and statuses of webhooks are decided and written at a time. In between, requests are
/// answered and clients can read the events.
pub const CHUNK: usize = 128;

/// Bytes of webhooks that wait in memory to be parsed. Further ones are read from the store when it is their
/// turn.
pub const MAX_PENDING_BYTES: usize = 16 << 20;

impl Worker {
    /// Whether webhooks are waiting to be processed.
    pub fn has_intake(&self) -> bool {
        self.behind || !self.pending.is_empty() || !self.intake.is_empty()
    }

    /// Processes the next part of what webhooks contain. On failure it stays in the queue.
    pub async fn ingest(&mut self) -> Result<(), StoreError> {
        let now = (self.clock)();
        if self.behind && self.pending.is_empty() && self.intake.is_empty() {
            match self.store.unparsed(WEBHOOKS_READ as u32).await {
                Ok(next) => (self.behind, self.pending) = (next.len() == WEBHOOKS_READ, next.into()),
                Err(error) => return self.retry_later(now, error),
            }
        }
        while self.intake.len() < CHUNK
            && let Some(UnparsedWebhook { id: webhook, at: received, raw }) = self.pending.pop_front()
        {
            let updates = (self.setup.parser)(&raw).into_iter();
            let step = |update| IntakeStep::Take(Box::new(Incoming { webhook, received, update }));
            self.intake.extend(updates.map(step));
            self.intake.push_back(IntakeStep::Parsed(webhook));
        }
        let mut found = match self.prefetch().await {
            Ok(found) => found,
            Err(error) => return self.retry_later(now, error),
        };
        let mut not_routed = Vec::new();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        for step in self.intake.iter().take(CHUNK) {
            match step {
                IntakeStep::Take(incoming) => {
                    let (state, setup, received) = (&*work.state, work.setup, incoming.received);
                    let circumstances = Ingest { state, setup, found: &found, now, received };
                    for event in circumstances.decide(&incoming.update, &mut self.ids) {
                        if let LogEvent::NotRouted { message, .. } = &event {
                            not_routed.push((incoming.webhook, message.why));
                        }
                        apply_ingested(&mut work, &mut found, &event);
                    }
                }
                IntakeStep::Parsed(webhook) => {
                    work.push(&LogEvent::WebhookParsed { webhook: *webhook }, None)
                }
            }
        }
        work.step();
        work.finish();
        let parts = Parts::of(work);
        self.commit(parts).await?;
        self.intake.drain(..CHUNK.min(self.intake.len()));
        for (webhook, why) in not_routed {
            tracing::warn!(
                webhook,
                why = why.word(),
                "a message is kept from agents: see the account's notices"
            );
            *self.not_routed.entry(why).or_default() += 1;
        }
        Ok(())
    }

    /// Reading failed: schedules another attempt.
    pub fn retry_later(&mut self, now: Millis, error: StoreError) -> Result<(), StoreError> {
        self.retry = Some(now.plus(RETRY));
        Err(error)
    }

    /// Reads what has to be known of the past for the next part.
    pub async fn prefetch(&self) -> Result<PrefetchResult, StoreError> {
        let next: Vec<&Incoming> = self.intake.iter().take(CHUNK).filter_map(IntakeStep::incoming).collect();
        let mut found = self.store.prefetch(prefetch::wanted(&next, &self.setup)).await?;
        let more = prefetch::wanted_of_archives(&next, &found, &self.state);
        if more != PrefetchQuery::default() {
            found.add(self.store.prefetch(more).await?);
        }
        Ok(found)
    }
}

pub fn apply_ingested(work: &mut Work<'_>, found: &mut PrefetchResult, event: &LogEvent) {
    prefetch::learn(found, event);
    work.push(event, None);
}

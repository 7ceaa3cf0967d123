//! The loop of the writer: what it waits for, and the order of a turn.
//!
//! Owns: when the writer works. Must not: know a rule.
//! Invariants: a flood of webhooks takes turns with requests.

use super::work::{Parts, Work};
use super::writer::Worker;
use crate::gateway::writer::api::{Outbound, Refusal};
use crate::gateway::writer::decide::sends;
use crate::gateway::writer::handle::WriterRequest;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::sending::EntryKey;
use crate::gateway::writer::state::WriterState;
use crate::store::StoreError;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use tokio::sync::mpsc;

/// How many requests are decided and written together.
pub const BATCH: usize = 256;

/// The longest delay: the clock may be set while the writer sleeps.
pub const MAX_DELAY: Duration = Duration::from_secs(30);

/// How many events between two checkpoints, so that a start stays short.
pub const CHECKPOINT_EVERY: u64 = 20_000;

impl Worker {
    pub async fn run(mut self, mut asks: mpsc::Receiver<WriterRequest>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut sender_is_there = true;
        loop {
            if self.has_intake() && self.retry.is_none() {
                // The rest of a flood takes turns with requests.
                while batch.len() < BATCH
                    && let Ok(ask) = asks.try_recv()
                {
                    batch.push(ask);
                }
                while !self.backlog.is_empty()
                    && let Ok(permit) = self.outbound.try_reserve()
                    && let Some(message) = next_send(&mut self.backlog, &mut self.handed, &self.state)
                {
                    permit.send(message);
                }
                self.run_turn(&mut batch).await;
                continue;
            }
            let delay = self.delay();
            let has_backlog = sender_is_there && !self.backlog.is_empty();
            tokio::select! {
                taken = asks.recv_many(&mut batch, BATCH) => if taken == 0 { break },
                permit = self.outbound.reserve(), if has_backlog => {
                    match permit {
                        Ok(permit) => {
                            if let Some(message) = next_send(&mut self.backlog, &mut self.handed, &self.state) {
                                permit.send(message);
                            }
                        }
                        Err(_) => sender_is_there = false,
                    }
                    continue;
                }
                () = tokio::time::sleep(delay) => {}
            }
            self.run_turn(&mut batch).await;
        }
    }

    pub fn delay(&self) -> Duration {
        if let Some(retry) = self.retry {
            return retry.since((self.clock)());
        }
        let due = [
            self.state.router.next_deadline(),
            sends::next_overdue(&self.state, self.setup.unknown_outcome_wait),
            self.returning.values().min().copied(),
            self.departing.values().min().copied(),
            self.state.next_settled(),
        ];
        let next = due.into_iter().flatten().min();
        next.map_or(MAX_DELAY, |next| next.since((self.clock)()).min(MAX_DELAY))
    }

    /// One round: requests, what is due, then webhooks.
    pub async fn run_turn(&mut self, batch: &mut Vec<WriterRequest>) {
        if let Err(error) = self.recover().await {
            let refusal = Refusal::Store(error.to_string());
            for ask in batch.drain(..) {
                self.refuse(ask, &refusal);
            }
            return;
        }
        let contacts: Vec<WriterRequest> =
            batch.extract_if(.., |ask| matches!(ask, WriterRequest::Contact { .. })).collect();
        let asked = self.requests(batch).await;
        for ask in contacts {
            if let WriterRequest::Contact { actor, operation, act, answer } = ask {
                // The requester may be gone.
                let _ = answer.send(self.contact(&actor, operation.as_ref(), &act).await);
            }
        }
        if let Err(error) = asked {
            tracing::error!(%error, "the desk could not write: nothing of this batch was done");
            return;
        }
        if self.has_intake()
            && let Err(error) = self.ingest().await
        {
            tracing::error!(%error, "webhooks wait: they are kept and will be read later");
            return;
        }
        if let Err(error) = self.write_checkpoint_if_due().await {
            tracing::error!(%error, "the log could not be summed up");
        }
    }

    /// Writes a checkpoint when enough events have been written since the last one.
    pub async fn write_checkpoint_if_due(&mut self) -> Result<(), StoreError> {
        if self.last_seq.saturating_sub(self.checkpoint) < CHECKPOINT_EVERY {
            return Ok(());
        }
        self.write_checkpoint().await
    }

    /// Writes a checkpoint: repeats what no live session contains.
    pub async fn write_checkpoint(&mut self) -> Result<(), StoreError> {
        let now = (self.clock)();
        let facts = self.state.agent_facts();
        let strays = self.state.unmatched_statuses.iter().cloned().collect();
        let changes = self.state.unmatched_changes.iter().cloned().collect();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        let monitoring = work.state.monitoring.clone();
        let account = work.state.account.clone();
        work.write(&LogEvent::Checkpoint { facts, strays, monitoring, changes, account }, None);
        let parts = Parts::of(work);
        self.commit(parts).await?;
        self.checkpoint = self.last_seq;
        Ok(())
    }
}

/// What the sender is given next; `None` when that is settled already.
pub fn next_send(
    backlog: &mut VecDeque<EntryKey>,
    handed: &mut BTreeSet<EntryKey>,
    state: &WriterState,
) -> Option<Outbound> {
    let ticket = backlog.pop_front()?;
    let message = state.sends.get(&ticket)?.message.clone();
    handed.insert(ticket);
    Some(message)
}

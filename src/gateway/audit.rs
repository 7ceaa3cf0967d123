//! The audit: who did what, and who read which session.
//!
//! Owns: which rows are written, and the queue of rows to the store. Must not: keep the text of messages.
//! Invariants: rows are only added, never changed or removed. The queue to the store is bounded; a request that finds
//! it full waits, so that no action is left out.

use crate::domain::role::Role;
use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::gateway::writer::Clock;
use crate::store::{AuditRow, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Rows that wait for the store. Overflow: the request that adds a row waits.
const QUEUE: usize = 1024;
/// Rows that are written in one transaction.
const BATCH: usize = 256;
/// Reading a session again within this time is not recorded again.
const SAME_VIEW: Duration = Duration::from_secs(600);
/// Views that are remembered. All are forgotten when there are more; some are then recorded twice.
const VIEWS: usize = 10_000;
/// The delay after which a failed write is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A handle of the audit. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    rows: mpsc::Sender<AuditRow>,
    store: Arc<dyn Store>,
    clock: Clock,
    /// When a person last read a session.
    views: Arc<Mutex<HashMap<(String, InteractionId), Millis>>>,
}

impl Audit {
    /// An audit, and the receiver to run [`write_rows`] with.
    pub fn new(store: Arc<dyn Store>, clock: Clock) -> (Self, mpsc::Receiver<AuditRow>) {
        let (rows, receiver) = mpsc::channel(QUEUE);
        (Self { rows, store, clock, views: Arc::default() }, receiver)
    }

    /// Records an action or an attempt: `outcome` is `done`, `refused`, or the HTTP status of the refusal.
    pub async fn record(
        &self,
        who: &str,
        role: Option<Role>,
        action: &str,
        interaction: Option<InteractionId>,
        outcome: &str,
    ) {
        let row = AuditRow {
            seq: 0,
            at: (self.clock)(),
            who: who.to_owned(),
            role: role.map_or("", Role::word).to_owned(),
            act: action.to_owned(),
            interaction,
            outcome: outcome.to_owned(),
        };
        // A closed channel means the gateway is stopping.
        let _ = self.rows.send(row).await;
    }

    /// Records that a person read sessions that are not their own. Returns the sessions that were recorded: the same
    /// person and session are recorded once in ten minutes.
    pub async fn record_views(
        &self,
        viewer: &EmployeeId,
        role: Role,
        sessions: impl IntoIterator<Item = InteractionId>,
    ) -> Vec<InteractionId> {
        let now = (self.clock)();
        let new: Vec<InteractionId> = {
            let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
            if views.len() > VIEWS {
                views.clear();
            }
            let mut is_new = |id: &InteractionId| {
                let key = (viewer.as_str().to_owned(), id.clone());
                let recent = views.get(&key).is_some_and(|at| now.since(*at) < SAME_VIEW);
                if !recent {
                    views.insert(key, now);
                }
                !recent
            };
            sessions.into_iter().filter(|id| is_new(id)).collect()
        };
        for id in &new {
            self.record(viewer.as_str(), Some(role), "saw", Some(id.clone()), "done").await;
        }
        new
    }

    /// At most `limit` rows whose number is above `after` and that are not older than `since`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(&self, after: u64, since: Millis, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.store.audit_rows(after, since, limit).await
    }
}

/// Writes rows to the store until every [`Audit`] is dropped.
pub async fn write_rows(store: Arc<dyn Store>, mut rows: mpsc::Receiver<AuditRow>) {
    let mut batch = Vec::with_capacity(BATCH);
    while rows.recv_many(&mut batch, BATCH).await > 0 {
        loop {
            match store.audit(batch.clone()).await {
                Ok(()) | Err(StoreError::Stopped) => break,
                Err(error) => {
                    tracing::error!(%error, "the audit cannot be written; trying again");
                    sleep(RETRY).await;
                }
            }
        }
        batch.clear();
    }
}

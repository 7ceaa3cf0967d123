//! Who did what, and who saw which session: kept for good, changed by nobody.
//!
//! Owns: what is worth a row, and the way of rows to the store. Must not: hold up a request for longer than the store
//! is behind, or keep what anybody wrote.
//! Invariants: rows are only added. The queue to the store is bounded; who finds it full waits, so that nothing that was
//! done is left out.

use crate::domain::role::Role;
use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::gateway::writer::Clock;
use crate::store::{Audited, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Rows that wait for the store. Overflow: who did the act waits.
const WAITING: usize = 1024;
/// Rows that are written in one go.
const BATCH: usize = 256;
/// Looking at a session again within this time is the same look.
const LOOK: Duration = Duration::from_secs(600);
/// Looks that are remembered; all are forgotten when there are more, which only tells some of them twice.
const LOOKS: usize = 10_000;
/// How long until a store that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// The audit. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    rows: mpsc::Sender<Audited>,
    store: Arc<dyn Store>,
    clock: Clock,
    looks: Arc<Mutex<HashMap<(String, InteractionId), Millis>>>,
}

impl Audit {
    /// An audit and the end that writes it: run [`keep`] with it.
    pub fn new(store: Arc<dyn Store>, clock: Clock) -> (Self, mpsc::Receiver<Audited>) {
        let (rows, receiver) = mpsc::channel(WAITING);
        (Self { rows, store, clock, looks: Arc::default() }, receiver)
    }

    /// Notes what somebody did, or tried to: `outcome` is `done` or the HTTP status of the refusal.
    pub async fn did(
        &self,
        who: &str,
        role: Option<Role>,
        act: &str,
        about: Option<InteractionId>,
        outcome: &str,
    ) {
        let row = Audited {
            seq: 0,
            at: (self.clock)(),
            who: who.to_owned(),
            role: role.map_or("", Role::word).to_owned(),
            act: act.to_owned(),
            interaction: about,
            outcome: outcome.to_owned(),
        };
        // A closed channel means the gateway is stopping.
        let _ = self.rows.send(row).await;
    }

    /// Notes that somebody who oversees saw what is said in sessions, and gives those that are new: the same session
    /// within ten minutes is one look.
    pub async fn saw(
        &self,
        who: &EmployeeId,
        role: Role,
        sessions: impl IntoIterator<Item = InteractionId>,
    ) -> Vec<InteractionId> {
        let now = (self.clock)();
        let new: Vec<InteractionId> = {
            let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
            if looks.len() > LOOKS {
                looks.clear();
            }
            let mut is_new = |id: &InteractionId| {
                let key = (who.as_str().to_owned(), id.clone());
                let recent = looks.get(&key).is_some_and(|at| now.since(*at) < LOOK);
                if !recent {
                    looks.insert(key, now);
                }
                !recent
            };
            sessions.into_iter().filter(|id| is_new(id)).collect()
        };
        for id in &new {
            self.did(who.as_str(), Some(role), "saw", Some(id.clone()), "done").await;
        }
        new
    }

    /// The audit after a number, from a moment on, at most `limit` rows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(&self, after: u64, since: Millis, limit: u32) -> Result<Vec<Audited>, StoreError> {
        self.store.audited(after, since, limit).await
    }
}

/// Writes what is noted until nobody can note any more.
pub async fn keep(store: Arc<dyn Store>, mut rows: mpsc::Receiver<Audited>) {
    let mut batch = Vec::with_capacity(BATCH);
    while rows.recv_many(&mut batch, BATCH).await > 0 {
        loop {
            match store.audit(batch.clone()).await {
                Ok(()) | Err(StoreError::Stopped) => break,
                Err(error) => {
                    tracing::error!(%error, "the audit cannot be written and is tried again");
                    sleep(RETRY).await;
                }
            }
        }
        batch.clear();
    }
}

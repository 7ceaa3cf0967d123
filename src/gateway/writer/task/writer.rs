//! The one writer.
//!
//! Owns: the order of things: decide, write down, then answer, publish and hand over.
//! Must not: know a rule; those are in `decide`, `ingest` and `sends`.
//! Invariants: nothing leaves before its batch is on disk. After a failed write the state is built again
//! from the store before anything else is decided. It never waits for the sender, who waits for it.

use super::presence::set_presence;
use super::release::release_orphans;
use super::work::{Parts, Work};
use crate::domain::{EmployeeId, Millis};
use crate::gateway::hub::{ClientId, Publish};
use crate::gateway::whatsapp::inbound::NotRoutedReason;
use crate::gateway::writer::api::Outbound;
use crate::gateway::writer::decide::sends;
use crate::gateway::writer::handle::WriterHandle;
use crate::gateway::writer::ids::Ids;
use crate::gateway::writer::ingest::prefetch::Incoming;
use crate::gateway::writer::load::load;
use crate::gateway::writer::model::account::Account;
use crate::gateway::writer::model::sending::{EntryKey, SendStage};
use crate::gateway::writer::reads::Reads;
use crate::gateway::writer::setup::WriterSetup;
use crate::gateway::writer::state::WriterState;
use crate::store::{Store, StoreError, UnparsedWebhook};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Returns the time.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// How long agents have to come back after a start before their connection counts as lost.
pub const RECONNECT_TIME: Duration = Duration::from_secs(10);

/// How long until a store that failed is tried again.
pub const RETRY: Duration = Duration::from_secs(1);

/// Why the writer does not start.
#[derive(Debug, Error)]
pub enum WriterStartError {
    /// The store cannot be read or written.
    #[error("the desk cannot start: {0}")]
    Store(#[from] StoreError),
    /// No randomness for names.
    #[error("the desk cannot start: the system gives no random numbers ({0})")]
    Random(getrandom::Error),
}

/// The writer at work: its state, the store and the requests that wait.
pub struct Worker {
    pub setup: WriterSetup,
    pub store: Arc<dyn Store>,
    /// Reads of the past, which the writer does not wait for.
    pub reads: Reads,
    pub publish: Arc<dyn Publish>,
    pub outbound: mpsc::Sender<Outbound>,
    pub clock: Clock,
    /// How far the log has come, for who follows it.
    pub written: watch::Sender<u64>,
    /// The state of the account, as far as it is on disk.
    pub account: watch::Sender<Account>,
    pub ids: Ids,
    pub state: WriterState,
    pub last_seq: u64,
    pub checkpoint: u64,
    /// Webhooks on disk that are not parsed yet, the next one first. Bounded by [`CHUNK`] and [`MAX_PENDING_BYTES`].
    pub pending: VecDeque<UnparsedWebhook>,
    /// Whether there are more of them on disk.
    pub behind: bool,
    /// What parsed webhooks contain and the writer has not processed yet. Bounded by [`CHUNK`] and one
    /// webhook.
    pub intake: VecDeque<IntakeStep>,
    /// What the sender has not been given yet, in order. Bounded by what is not settled.
    pub backlog: VecDeque<EntryKey>,
    /// What the sender has been given and did not settle.
    pub handed: BTreeSet<EntryKey>,
    /// Agents who were there before the start, and until when they may come back.
    pub returning: BTreeMap<EmployeeId, Millis>,
    /// Whether agents are connected, as last heard. Said again after a failed write, which forgets it.
    pub present: BTreeMap<EmployeeId, bool>,
    /// Supervisors who monitor and are not connected, and when that ends. Bounded by supervisors.
    pub departing: BTreeMap<EmployeeId, Millis>,
    /// Late subscribers whose replay is not sent yet. Bounded by one batch and those refused while the store fails.
    pub pending_replays: Vec<(EmployeeId, ClientId, &'static str)>,
    /// Which workbins an agent follows. Bounded by agents and workbins.
    pub following: BTreeSet<(EmployeeId, String)>,
    /// When a store that failed is tried again. Until then nothing is decided.
    pub retry: Option<Millis>,
    /// Whether the state is ahead of the store.
    pub stale: bool,
    /// Messages that were withheld from agents since the start.
    pub not_routed: BTreeMap<NotRoutedReason, u64>,
}

/// Starts the writer: reads the store, settles what a stop left open, and begins to take requests. It ends when
/// every handle is gone; stopping it at any moment loses nothing that was answered.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn start(
    setup: WriterSetup,
    store: Arc<dyn Store>,
    publish: Arc<dyn Publish>,
    outbound: mpsc::Sender<Outbound>,
    clock: Clock,
) -> Result<(WriterHandle, JoinHandle<()>), WriterStartError> {
    let worker = Worker::open(setup, store, publish, outbound, clock).await?;
    let (writer, asks) = WriterHandle::channel(worker.written.subscribe(), worker.account.subscribe());
    Ok((writer, tokio::spawn(worker.run(asks))))
}

impl Worker {
    pub async fn open(
        setup: WriterSetup,
        store: Arc<dyn Store>,
        publish: Arc<dyn Publish>,
        outbound: mpsc::Sender<Outbound>,
        clock: Clock,
    ) -> Result<Self, WriterStartError> {
        let now = clock();
        let loaded = load(store.as_ref(), &setup, now).await?;
        let ids = Ids::new().map_err(WriterStartError::Random)?;
        let mut worker = Self {
            setup,
            reads: Reads::new(Arc::clone(&store)),
            store,
            publish,
            outbound,
            clock,
            written: watch::Sender::new(loaded.last_seq),
            account: watch::Sender::new(loaded.state.account.clone()),
            ids,
            state: loaded.state,
            last_seq: loaded.last_seq,
            checkpoint: loaded.checkpoint,
            pending: VecDeque::new(),
            behind: true,
            intake: VecDeque::new(),
            backlog: VecDeque::new(),
            handed: BTreeSet::new(),
            returning: BTreeMap::new(),
            present: BTreeMap::new(),
            departing: BTreeMap::new(),
            pending_replays: Vec::new(),
            following: BTreeSet::new(),
            retry: None,
            stale: false,
            not_routed: BTreeMap::new(),
        };
        worker.resume(now).await?;
        Ok(worker)
    }

    /// Continues what a stop left open.
    pub async fn resume(&mut self, now: Millis) -> Result<(), StoreError> {
        for agent in self.state.agents() {
            let view = self.state.router.agent_state(agent);
            if view.signed_in && view.gone_since.is_none() {
                self.returning.insert(agent.clone(), now.plus(RECONNECT_TIME));
            }
        }
        let until = now.plus(RECONNECT_TIME).plus(self.setup.router.rules.grace);
        self.departing = self.state.overseers().into_iter().map(|who| (who.clone(), until)).collect();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        for event in sends::after_start(work.state, now) {
            work.push(&event, None);
        }
        release_orphans(&mut work);
        work.finish();
        let parts = Parts::of(work);
        self.commit(parts).await?;
        self.refresh_contacts().await?;
        while self.has_intake() {
            self.ingest().await?;
        }
        self.refill();
        Ok(())
    }

    /// After a failure: builds the state again from the store.
    pub async fn recover(&mut self) -> Result<(), StoreError> {
        let now = (self.clock)();
        if self.stale {
            match load(self.store.as_ref(), &self.setup, now).await {
                Ok(loaded) => {
                    self.state = loaded.state;
                    self.last_seq = loaded.last_seq;
                    self.checkpoint = loaded.checkpoint;
                    self.stale = false;
                    self.refill();
                    let mut work = Work::new(&self.setup, &mut self.state, now);
                    for (agent, connected) in &self.present {
                        set_presence(&mut work, &mut self.departing, agent, *connected);
                    }
                    let parts = Parts::of(work);
                    self.commit(parts).await?;
                }
                Err(error) => {
                    self.retry = Some(now.plus(RETRY));
                    return Err(error);
                }
            }
        }
        self.retry = None;
        Ok(())
    }

    /// Rebuilds the queue of messages for the sender.
    pub fn refill(&mut self) {
        let handed = &self.handed;
        let open = self
            .state
            .sends
            .iter()
            .filter(|(ticket, sending)| sending.stage == SendStage::Waiting && !handed.contains(*ticket));
        self.backlog = open.map(|(ticket, _)| ticket.clone()).collect();
    }
}

#[cfg(test)]
impl Worker {
    pub fn state(&self) -> &WriterState {
        &self.state
    }

    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    pub async fn checkpoint_now(&mut self) {
        self.write_checkpoint().await.unwrap();
    }
}

/// The next step with a webhook.
pub enum IntakeStep {
    /// Process one of its messages, statuses or changes.
    Take(Box<Incoming>),
    /// Mark it as parsed: everything in it was processed.
    Parsed(i64),
}

impl IntakeStep {
    pub fn incoming(&self) -> Option<&Incoming> {
        match self {
            Self::Take(incoming) => Some(incoming),
            Self::Parsed(_) => None,
        }
    }
}

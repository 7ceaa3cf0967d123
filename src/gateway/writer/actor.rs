//! The one writer.
//!
//! Owns: the order of things: decide, write down, then answer, publish and hand over.
//! Must not: know a rule; those are in `decide`, `ingest` and `sends`.
//! Invariants: nothing leaves before its batch is on disk. After a failed write the state is built again
//! from the store before anything else is decided. It never waits for the sender, who waits for it.

use super::account::Account;
use super::api::{Command, Outbound, Reading, Refusal, SendReport};
use super::asked::{act, board};
use super::decide::Act;
use super::event::Event;
use super::handle::{Ask, WriterHandle};
use super::ids::Ids;
use super::ingest::Ingest;
use super::load::load;
use super::look_back::{self, Incoming};
use super::reads::{self, Reads};
use super::setup::WriterSetup;
use super::state::{Stage, State, Ticket};
use super::work::{Output, Work, answer};
use super::{account, identity, live, monitoring, orphans, outbound, sends, wire, workbins};
use crate::domain::{EmployeeId, Millis};
use crate::gateway::hub::{ClientEvent, ClientId, EventRecipient, Publish};
use crate::gateway::router::Fact;
use crate::gateway::whatsapp::inbound::NotRoutedReason;
use crate::proto::channel;
use crate::store::{PrefetchQuery, PrefetchResult, Store, StoreError, UnparsedWebhook};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

mod contacts;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// How many asks are decided and written in one go.
const BATCH: usize = 256;
/// How many webhooks are read from the store at a time.
const PARSE: usize = 16;
/// How many messages and statuses of webhooks are decided and written at a time. In between, requests are
/// answered and clients can read the events.
const CHUNK: usize = 128;
/// Bytes of webhooks that wait in memory to be parsed. Further ones are read from the store when it is their
/// turn.
const PENDING: usize = 16 << 20;
/// How long agents have to come back after a start before their connection counts as lost.
const RETURN: Duration = Duration::from_secs(10);
/// How long until a store that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// The longest sleep: the clock may be set while the writer sleeps.
const NAP: Duration = Duration::from_secs(30);
/// How many events until the log is summed up, so that a start stays short.
const CHECKPOINT_EVERY: u64 = 20_000;

/// Why the writer does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store cannot be read or written.
    #[error("the desk cannot start: {0}")]
    Store(#[from] StoreError),
    /// No randomness for names.
    #[error("the desk cannot start: the system gives no random numbers ({0})")]
    Random(getrandom::Error),
}

pub(super) struct Worker {
    setup: WriterSetup,
    store: Arc<dyn Store>,
    /// Reads of the past, which the writer does not wait for.
    reads: Reads,
    publish: Arc<dyn Publish>,
    outbound: mpsc::Sender<Outbound>,
    clock: Clock,
    /// How far the log has come, for who follows it.
    written: watch::Sender<u64>,
    /// The state of the account, as far as it is on disk.
    account: watch::Sender<Account>,
    ids: Ids,
    state: State,
    last_seq: u64,
    checkpoint: u64,
    /// Webhooks on disk that are not parsed yet, the next one first. Bounded by [`CHUNK`] and [`PENDING`].
    pending: VecDeque<UnparsedWebhook>,
    /// Whether there are more of them on disk.
    behind: bool,
    /// What parsed webhooks contain and the writer has not processed yet. Bounded by [`CHUNK`] and one
    /// webhook.
    intake: VecDeque<Step>,
    /// What the sender has not been given yet, in order. Bounded by what is not settled.
    backlog: VecDeque<Ticket>,
    /// What the sender has been given and did not settle.
    handed: BTreeSet<Ticket>,
    /// Agents who were there before the start, and until when they may come back.
    returning: BTreeMap<EmployeeId, Millis>,
    /// Whether agents are connected, as last heard. Said again after a failed write, which forgets it.
    present: BTreeMap<EmployeeId, bool>,
    /// Supervisors who monitor and are not connected, and when that ends. Bounded by supervisors.
    departing: BTreeMap<EmployeeId, Millis>,
    /// Late subscribers who are still to be told. Bounded by one batch and those refused while the store fails.
    owed: Vec<(EmployeeId, ClientId, &'static str)>,
    /// Which workbins an agent is told of. Bounded by agents and workbins.
    following: BTreeSet<(EmployeeId, String)>,
    /// When a store that failed is tried again. Until then nothing is decided.
    retry: Option<Millis>,
    /// Whether the state is ahead of the store.
    stale: bool,
    /// Messages that were withheld from agents since the start.
    not_routed: BTreeMap<NotRoutedReason, u64>,
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
) -> Result<(WriterHandle, JoinHandle<()>), StartError> {
    let worker = Worker::open(setup, store, publish, outbound, clock).await?;
    let (writer, asks) = WriterHandle::channel(worker.written.subscribe(), worker.account.subscribe());
    Ok((writer, tokio::spawn(worker.run(asks))))
}

impl Worker {
    pub(super) async fn open(
        setup: WriterSetup,
        store: Arc<dyn Store>,
        publish: Arc<dyn Publish>,
        outbound: mpsc::Sender<Outbound>,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let now = clock();
        let loaded = load(store.as_ref(), &setup, now).await?;
        let ids = Ids::new().map_err(StartError::Random)?;
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
            owed: Vec::new(),
            following: BTreeSet::new(),
            retry: None,
            stale: false,
            not_routed: BTreeMap::new(),
        };
        worker.resume(now).await?;
        Ok(worker)
    }

    /// Takes up what a stop left open.
    async fn resume(&mut self, now: Millis) -> Result<(), StoreError> {
        for agent in self.state.agents() {
            let view = self.state.router.agent_state(agent);
            if view.signed_in && view.gone_since.is_none() {
                self.returning.insert(agent.clone(), now.plus(RETURN));
            }
        }
        let until = now.plus(RETURN).plus(self.setup.router.rules.grace);
        self.departing = self.state.overseers().into_iter().map(|who| (who.clone(), until)).collect();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        for event in sends::after_start(work.state, now) {
            work.push(&event, None);
        }
        free_orphans(&mut work);
        work.finish();
        let parts = Parts::of(work);
        self.commit(parts).await?;
        self.stand().await?;
        while self.has_intake() {
            self.ingest().await?;
        }
        self.refill();
        Ok(())
    }

    async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
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
                self.turn(&mut batch).await;
                continue;
            }
            let nap = self.nap();
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
                () = tokio::time::sleep(nap) => {}
            }
            self.turn(&mut batch).await;
        }
    }

    fn nap(&self) -> Duration {
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
        next.map_or(NAP, |next| next.since((self.clock)()).min(NAP))
    }

    /// One round: what was asked, what is due, then what has come in.
    pub(super) async fn turn(&mut self, batch: &mut Vec<Ask>) {
        if let Err(error) = self.recover().await {
            let refusal = Refusal::Store(error.to_string());
            for ask in batch.drain(..) {
                self.refuse(ask, &refusal);
            }
            return;
        }
        let contacts: Vec<Ask> = batch.extract_if(.., |ask| matches!(ask, Ask::Contact { .. })).collect();
        let asked = self.asks(batch).await;
        for ask in contacts {
            if let Ask::Contact { actor, operation, act, answer } = ask {
                // Who asked may be gone.
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
        if let Err(error) = self.sum_up().await {
            tracing::error!(%error, "the log could not be summed up");
        }
    }

    /// After a failure: builds the state again from the store.
    async fn recover(&mut self) -> Result<(), StoreError> {
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
                        presence(&mut work, &mut self.departing, agent, *connected);
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

    /// What the sender is still to be given.
    fn refill(&mut self) {
        let handed = &self.handed;
        let open = self
            .state
            .sends
            .iter()
            .filter(|(ticket, sending)| sending.stage == Stage::Waiting && !handed.contains(*ticket));
        self.backlog = open.map(|(ticket, _)| ticket.clone()).collect();
    }

    /// Writes a batch; then, and only then, lets out what waits for it.
    async fn commit(&mut self, parts: Parts) -> Result<Vec<i64>, StoreError> {
        let Parts { batch, outputs, tickets, broken } = parts;
        let written = match broken {
            Some(error) => Err(error),
            None if batch.is_empty() => Ok(None),
            None => self.store.append(batch).await.map(Some),
        };
        let webhooks = match written {
            Ok(written) => {
                let Some(written) = written else {
                    self.let_out(outputs, None);
                    return Ok(Vec::new());
                };
                self.last_seq = written.last_seq;
                self.written.send_replace(written.last_seq);
                let now = &self.state.account;
                self.account.send_if_modified(|known| {
                    let is_new = known != now;
                    if is_new {
                        known.clone_from(now);
                    }
                    is_new
                });
                written.webhooks
            }
            Err(error) => {
                self.stale = true;
                self.retry = Some((self.clock)().plus(RETRY));
                self.let_out(outputs, Some(&Refusal::Store(error.to_string())));
                return Err(error);
            }
        };
        self.let_out(outputs, None);
        self.backlog.extend(tickets);
        let sends = &self.state.sends;
        self.handed.retain(|ticket| sends.contains_key(ticket));
        Ok(webhooks)
    }

    fn let_out(&self, outputs: Vec<Output>, failed: Option<&Refusal>) {
        for output in outputs {
            match output {
                Output::Told((to, notice)) if failed.is_none() && self.follows(&to, &notice) => {
                    self.publish.publish(&to, notice);
                }
                Output::Told(_) => {}
                Output::Answer(give) => give(failed),
            }
        }
    }

    /// Whether who is to be told wants to be: of workbins only who follows them.
    fn follows(&self, to: &EventRecipient, notice: &ClientEvent) -> bool {
        if notice.channel != channel::WORKBINS {
            return true;
        }
        let workbin = notice.data.pointer("/workbin/id").and_then(serde_json::Value::as_str);
        let (EventRecipient::Agent(agent), Some(workbin)) = (to, workbin) else { return true };
        self.following.contains(&(agent.clone(), workbin.to_owned()))
    }

    fn follow(&mut self, employee: &EmployeeId, workbins: Vec<String>, on: bool) {
        for workbin in workbins.into_iter().filter(|name| self.setup.workbin(name).is_some()) {
            let wanted = (employee.clone(), workbin);
            if on {
                self.following.insert(wanted);
            } else {
                self.following.remove(&wanted);
            }
        }
    }

    async fn asks(&mut self, batch: &mut Vec<Ask>) -> Result<(), StoreError> {
        let now = (self.clock)();
        let mut raws = Vec::new();
        let mut follows = Vec::new();
        let lost: Vec<EmployeeId> = self
            .returning
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(agent, _)| agent.clone())
            .collect();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        for agent in lost {
            self.returning.remove(&agent);
            self.present.insert(agent.clone(), false);
            presence(&mut work, &mut self.departing, &agent, false);
        }
        for supervisor in self.departing.extract_if(.., |_, until| *until <= now).map(|(who, _)| who) {
            for event in monitoring::end_all(work.state, &supervisor, now) {
                work.push(&event, None);
            }
        }
        for ticket in sends::overdue(work.state, self.setup.unknown_outcome_wait, now) {
            for event in sends::give_up(work.state, &ticket, now) {
                work.push(&event, None);
            }
        }
        work.step();
        for (employee, client, channel) in &self.owed {
            let told = work.teller(None).replay(employee, client, channel);
            work.outputs.extend(told.into_iter().map(Output::Told));
        }
        let mut ground = None;
        for ask in batch.drain(..) {
            match ask {
                Ask::Act { actor, operation, command, reading, answer: to } => {
                    match outbound::look_up(self.store.as_ref(), &command, ground.take(), &mut self.ids).await
                    {
                        Ok(found) => {
                            ground = found;
                            let operation = operation.as_ref();
                            act(&mut work, &actor, operation, &command, &reading, &mut ground, to);
                            if let Command::StartMonitoring { .. } = command {
                                // Who is not connected at all has as long as one who was.
                                let here = self.present.get(&actor.employee).is_some_and(|here| *here);
                                presence(&mut work, &mut self.departing, &actor.employee, here);
                            }
                        }
                        Err(error) => {
                            work.outputs.push(answer(to, Err(Refusal::Store(error.to_string()))));
                        }
                    }
                }
                Ask::Webhook { raw, answer: to } => {
                    work.batch.webhooks.push(raw.clone());
                    raws.push(raw);
                    work.outputs.push(answer(to, Ok(())));
                }
                Ask::Report { report, answer: to } => {
                    let found = identity::look_up(self.store.as_ref(), work.state, &report).await;
                    let result = match found {
                        Ok(found) => take_report(&mut work, found.as_ref(), &report),
                        Err(error) => Err(Refusal::Store(error.to_string())),
                    };
                    work.outputs.push(answer(to, result));
                }
                Ask::Account { change } => {
                    if let Some(event) = account::decide(work.state, &change, now) {
                        work.push(&event, None);
                    }
                }
                Ask::Presence { employee, connected } => {
                    self.returning.remove(&employee);
                    self.present.insert(employee.clone(), connected);
                    presence(&mut work, &mut self.departing, &employee, connected);
                }
                Ask::Session { employee, answer: to } => {
                    let view = wire::view(&self.setup, work.state, &employee, now);
                    work.outputs.push(answer(to, Ok(view)));
                }
                Ask::Workbins { employee, answer: to } => {
                    let views = workbins::views(&self.setup, work.state, &employee, now);
                    work.outputs.push(answer(to, Ok(views)));
                }
                Ask::Follow { employee, workbins, on } => follows.push((employee, workbins, on)),
                Ask::Messages { actor, id, query, answer: to } => match work.state.sessions.get(&id) {
                    Some(session) => {
                        let log = reads::live_log(work.setup, work.state, &actor, session, query);
                        work.outputs.push(answer(to, log));
                    }
                    None => {
                        let reading = self.reads.log(work.setup, work.state, &actor, id, query);
                        self.reads.begin(reading, to);
                    }
                },
                Ask::History { actor, contact, since, until, answer: to } => {
                    let span = (since, until);
                    match self.reads.history(work.setup, work.state, &actor, contact, span) {
                        Ok(reading) => self.reads.begin(reading, to),
                        Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
                    }
                }
                Ask::Look { lookup, answer: to } => {
                    let reading = self.reads.look(lookup);
                    self.reads.begin(reading, to);
                }
                Ask::Suggest { actor, id, answer: to } => {
                    let circumstances = Act {
                        state: work.state,
                        setup: work.setup,
                        actor: &actor,
                        operation: None,
                        now,
                        reading: &Reading::Everything,
                        ground: None,
                    };
                    match self.reads.suggest(&circumstances, &id) {
                        Ok(reading) => self.reads.begin(reading, to),
                        Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
                    }
                }
                // Taken out before.
                Ask::Contact { .. } => {}
                Ask::Replay { employee, client, channel } => {
                    let told = work.teller(None).replay(&employee, &client, channel);
                    work.outputs.extend(told.into_iter().map(Output::Told));
                    self.owed.push((employee, client, channel));
                }
                Ask::Why { id, answer: to } => {
                    let why = work.state.router.explain(&id, now).map(|why| why.to_string());
                    work.outputs.push(answer(to, why.ok_or(Refusal::NotFound(id))));
                }
                Ask::Live { sessions, answer: to } => {
                    let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
                    let view =
                        live::view(&self.setup, work.state, sessions.as_deref(), self.last_seq + written);
                    work.outputs.push(answer(to, Ok(view)));
                }
                Ask::Board { answer: to } => {
                    let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
                    let mut board = board(&self.setup, work.state, self.last_seq + written);
                    board.not_routed.clone_from(&self.not_routed);
                    work.outputs.push(answer(to, Ok(board)));
                }
            }
        }
        work.step();
        work.finish();
        let parts = Parts::of(work);
        for (employee, workbins, on) in follows {
            self.follow(&employee, workbins, on);
        }
        let webhooks = self.commit(parts).await?;
        self.owed.clear();
        for (id, raw) in webhooks.into_iter().zip(raws) {
            // Webhooks are parsed in their order: after one that is only on disk, the rest stays there too.
            let waiting: usize = self.pending.iter().map(|one| one.raw.len()).sum();
            self.behind |= self.pending.len() >= CHUNK || waiting + raw.len() > PENDING;
            if !self.behind {
                self.pending.push_back(UnparsedWebhook { id, at: now, raw });
            }
        }
        Ok(())
    }

    /// Whether webhooks are waiting to be processed.
    fn has_intake(&self) -> bool {
        self.behind || !self.pending.is_empty() || !self.intake.is_empty()
    }

    /// Processes the next part of what webhooks contain. On failure it stays in the queue.
    async fn ingest(&mut self) -> Result<(), StoreError> {
        let now = (self.clock)();
        if self.behind && self.pending.is_empty() && self.intake.is_empty() {
            match self.store.unparsed(PARSE as u32).await {
                Ok(next) => (self.behind, self.pending) = (next.len() == PARSE, next.into()),
                Err(error) => return self.later(now, error),
            }
        }
        while self.intake.len() < CHUNK
            && let Some(UnparsedWebhook { id: webhook, at: received, raw }) = self.pending.pop_front()
        {
            let updates = (self.setup.parser)(&raw).into_iter();
            let step = |update| Step::Take(Box::new(Incoming { webhook, received, update }));
            self.intake.extend(updates.map(step));
            self.intake.push_back(Step::Parsed(webhook));
        }
        let mut found = match self.look_back().await {
            Ok(found) => found,
            Err(error) => return self.later(now, error),
        };
        let mut not_routed = Vec::new();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        for step in self.intake.iter().take(CHUNK) {
            match step {
                Step::Take(incoming) => {
                    let (state, setup, received) = (&*work.state, work.setup, incoming.received);
                    let circumstances = Ingest { state, setup, found: &found, now, received };
                    for event in circumstances.decide(&incoming.update, &mut self.ids) {
                        if let Event::NotRouted { message, .. } = &event {
                            not_routed.push((incoming.webhook, message.why));
                        }
                        take_in(&mut work, &mut found, &event);
                    }
                }
                Step::Parsed(webhook) => work.push(&Event::WebhookParsed { webhook: *webhook }, None),
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
    fn later(&mut self, now: Millis, error: StoreError) -> Result<(), StoreError> {
        self.retry = Some(now.plus(RETRY));
        Err(error)
    }

    /// Reads what has to be known of the past for the next part.
    async fn look_back(&self) -> Result<PrefetchResult, StoreError> {
        let next: Vec<&Incoming> = self.intake.iter().take(CHUNK).filter_map(Step::incoming).collect();
        let mut found = self.store.prefetch(look_back::wanted(&next, &self.setup)).await?;
        let more = look_back::wanted_of_archives(&next, &found, &self.state);
        if more != PrefetchQuery::default() {
            found.add(self.store.prefetch(more).await?);
        }
        Ok(found)
    }

    /// Sums the log up now and then.
    async fn sum_up(&mut self) -> Result<(), StoreError> {
        if self.last_seq.saturating_sub(self.checkpoint) < CHECKPOINT_EVERY {
            return Ok(());
        }
        self.check_in().await
    }

    /// Sums the log up: says again what no live session says.
    async fn check_in(&mut self) -> Result<(), StoreError> {
        let now = (self.clock)();
        let facts = self.state.agent_facts();
        let strays = self.state.strays.iter().cloned().collect();
        let changes = self.state.unmatched.iter().cloned().collect();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        let monitoring = work.state.monitoring.clone();
        let account = work.state.account.clone();
        work.write(&Event::Checkpoint { facts, strays, monitoring, changes, account }, None);
        let parts = Parts::of(work);
        self.commit(parts).await?;
        self.checkpoint = self.last_seq;
        Ok(())
    }

    /// Answers an ask that cannot be looked at. What has no answer is kept until it can.
    fn refuse(&mut self, ask: Ask, refusal: &Refusal) {
        let refusal = refusal.clone();
        // Who asked may be gone.
        match ask {
            Ask::Act { answer, .. } | Ask::Webhook { answer, .. } | Ask::Report { answer, .. } => {
                drop(answer.send(Err(refusal)));
            }
            Ask::Session { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Workbins { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Follow { employee, workbins, on } => self.follow(&employee, workbins, on),
            Ask::Messages { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::History { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Contact { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Look { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Suggest { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Why { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Live { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Board { answer } => drop(answer.send(Err(refusal))),
            // Whoever noted the change will note it again.
            Ask::Account { .. } => {}
            Ask::Replay { employee, client, channel } => self.owed.push((employee, client, channel)),
            Ask::Presence { employee, connected } => {
                self.returning.remove(&employee);
                self.present.insert(employee, connected);
            }
        }
    }
}

#[cfg(test)]
impl Worker {
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    pub(super) async fn checkpoint_now(&mut self) {
        self.check_in().await.unwrap();
    }
}

/// The next step with a webhook.
enum Step {
    /// Process one of its messages, statuses or changes.
    Take(Box<Incoming>),
    /// Mark it as parsed: everything in it was processed.
    Parsed(i64),
}

impl Step {
    fn incoming(&self) -> Option<&Incoming> {
        match self {
            Self::Take(incoming) => Some(incoming),
            Self::Parsed(_) => None,
        }
    }
}

/// What is left of a batch of work when the state is no longer needed for it.
struct Parts {
    batch: crate::store::Batch,
    outputs: Vec<Output>,
    tickets: Vec<Ticket>,
    broken: Option<StoreError>,
}

impl Parts {
    fn of(work: Work<'_>) -> Self {
        Self { batch: work.batch, outputs: work.outputs, tickets: work.tickets, broken: work.broken }
    }
}

/// Processes the result of a send: the outcome, the names that WhatsApp has for the recipient, and what it
/// says about the account.
fn take_report(
    work: &mut Work<'_>,
    found: Option<&PrefetchResult>,
    report: &SendReport,
) -> Result<(), Refusal> {
    let sending = sends::ticket(&report.tracker).and_then(|ticket| work.state.sends.get(&ticket));
    let of_account = account::after_report(work.state, report, sending);
    let mut events = sends::decide(work.state, report)?;
    if let Some(found) = found {
        identity::reported(work.state, work.setup, found, report, work.now, &mut events);
    }
    events.iter().chain(&of_account).for_each(|event| work.push(event, None));
    Ok(())
}

/// What the sender is given next; `None` when that is settled already.
fn next_send(
    backlog: &mut VecDeque<Ticket>,
    handed: &mut BTreeSet<Ticket>,
    state: &State,
) -> Option<Outbound> {
    let ticket = backlog.pop_front()?;
    let message = sends::outbound(&ticket, state.sends.get(&ticket)?);
    handed.insert(ticket);
    Some(message)
}

fn take_in(work: &mut Work<'_>, found: &mut PrefetchResult, event: &Event) {
    look_back::learn(found, event);
    work.push(event, None);
}

/// Releases what refers to people, queues and workbins that are no longer in the configuration.
fn free_orphans(work: &mut Work<'_>) {
    let (setup, now) = (work.setup, work.now);
    for agent in orphans::agents(work.state, setup) {
        tracing::warn!(%agent, "the agent is not in the configuration: their sessions go back to the queue");
        for event in orphans::sign_out(work.state, setup, &agent, now) {
            work.push(&event, None);
            if let Event::Routing(fact @ Fact::SignedOut { .. }) = &event {
                work.follow(fact);
            }
        }
    }
    let parked: Vec<_> = orphans::parked(work.state, setup).cloned().collect();
    for session in parked {
        tracing::warn!(session = %session.id, "nobody can take the session out of its workbin: it goes back to its queue");
        for event in orphans::unpark(work.state, setup, &session, now) {
            work.push(&event, None);
        }
    }
    for event in orphans::stop_monitoring(work.state, setup, now) {
        work.push(&event, None);
    }
    for fact in work.state.router.leave_removed_queues(&setup.queue, now) {
        work.push(&Event::Routing(fact), None);
    }
}

/// Takes in whether somebody is connected. A supervisor who monitors and is not does so for as long as an agent keeps
/// their sessions.
fn presence(
    work: &mut Work<'_>,
    departing: &mut BTreeMap<EmployeeId, Millis>,
    employee: &EmployeeId,
    connected: bool,
) {
    let router = &work.state.router;
    let facts = if connected {
        router.connection_back(employee, work.now)
    } else {
        router.connection_lost(employee, work.now)
    };
    // Who is not signed in has nothing to lose.
    for fact in facts.unwrap_or_default() {
        work.push(&Event::Routing(fact), None);
    }
    if connected {
        departing.remove(employee);
    } else if work.state.overseers().contains(employee) {
        departing.entry(employee.clone()).or_insert(work.now.plus(work.setup.router.rules.grace));
    }
}

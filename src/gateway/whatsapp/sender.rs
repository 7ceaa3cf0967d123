//! Sends messages to WhatsApp.
//!
//! Owns: order, rate and retries. Must not: store anything; the writer's log is authoritative.
//! Invariants: one message per customer is in flight, in the order of the channel; nothing is sent before
//! `Attempting` is committed; a message whose outcome is unknown is not tried again; every message that was
//! started gets a final report unless the writer is gone.

use super::graph::{Attempt, Graph};
use super::inbound::CustomerNames;
use super::token_bucket::TokenBucket;
use crate::domain::Millis;
use crate::gateway::writer::WriterHandle;
use crate::gateway::writer::api::{Address, Outbound, Refusal, SendOutcome, SendReport};
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{Instant, interval, sleep};

/// Rates, delays and limits of the sender.
#[derive(Clone, Debug)]
pub struct SenderOptions {
    /// How long a message is tried, from its first attempt.
    pub give_up_after: Duration,
    /// The delay before the second attempt. It doubles after each one, up to a factor of sixty; for a customer who
    /// gets too many messages it quadruples (WhatsApp: 4^n seconds).
    pub first_wait: Duration,
    /// Messages in flight at a time, to all customers.
    pub in_flight: usize,
    /// Messages a second, to all customers (WhatsApp: 80 for a number that was not upgraded).
    pub per_second: u32,
    /// Messages to one customer at once (WhatsApp: 45).
    pub pair_burst: u32,
    /// After that, the time between two messages to one customer (WhatsApp: 6 s).
    pub pair_every: Duration,
}

impl Default for SenderOptions {
    fn default() -> Self {
        Self {
            give_up_after: Duration::from_secs(600),
            first_wait: Duration::from_secs(1),
            in_flight: 32,
            per_second: 80,
            pair_burst: 45,
            pair_every: Duration::from_secs(6),
        }
    }
}

/// The most messages that wait for one customer. Overflow: the message fails.
const LANE_LIMIT: usize = 1000;

/// The most messages that wait in total. Overflow: the channel is not read (back-pressure on the writer).
const TOTAL_LIMIT: usize = 10_000;

/// How often customers without messages are removed.
const SWEEP: Duration = Duration::from_secs(60);

/// Sends the messages that come through `outbound`. When that closes, the received ones are still sent. When
/// `shutdown` becomes true or is dropped, only messages in flight are finished; the others stay unsent in the writer's log.
pub async fn run(
    outbound: mpsc::Receiver<Outbound>,
    graph: Graph,
    writer: WriterHandle,
    options: SenderOptions,
    shutdown: watch::Receiver<bool>,
) {
    let per_second = options.per_second.max(1);
    let number =
        TokenBucket::new(Duration::from_secs(1) / per_second, per_second.div_ceil(4), Instant::now());
    let courier = MessageSender {
        graph,
        writer,
        gate: Arc::new(Semaphore::new(options.in_flight.max(1))),
        number: Arc::new(Mutex::new(number)),
        options: Arc::new(options),
        shutdown,
    };
    Dispatcher { courier, lanes: HashMap::new(), tasks: JoinSet::new(), on_way: HashMap::new(), waiting: 0 }
        .run(outbound)
        .await;
}

/// The messages that wait for one customer.
struct CustomerQueue {
    queue: VecDeque<Outbound>,
    pace: TokenBucket,
    busy: bool,
}

struct Dispatcher {
    courier: MessageSender,
    lanes: HashMap<Address, CustomerQueue>,
    tasks: JoinSet<PaceFeedback>,
    /// The customer of each task: a task that panics must not block its customer for ever.
    on_way: HashMap<task::Id, Address>,
    waiting: usize,
}

impl Dispatcher {
    async fn run(mut self, mut outbound: mpsc::Receiver<Outbound>) {
        let mut shutdown = self.courier.shutdown.clone();
        let mut sweep = interval(SWEEP);
        loop {
            tokio::select! {
                biased;
                () = stopped(&mut shutdown) => break,
                Some(done) = self.tasks.join_next_with_id() => self.done(done),
                message = outbound.recv(), if self.waiting < TOTAL_LIMIT => match message {
                    Some(message) => self.enqueue(message),
                    None => break,
                },
                _ = sweep.tick() => {
                    let now = Instant::now();
                    self.lanes.retain(|_, lane| lane.busy || !lane.queue.is_empty() || !lane.pace.is_full(now));
                }
            }
        }
        // A closed channel ends only the intake: the received messages are still sent, unless the gateway stops.
        while let Some(done) = self.tasks.join_next_with_id().await {
            self.done(done);
        }
    }

    fn enqueue(&mut self, message: Outbound) {
        let options = &self.courier.options;
        let lane = self.lanes.entry(message.to.clone()).or_insert_with(|| CustomerQueue {
            queue: VecDeque::new(),
            pace: TokenBucket::new(options.pair_every, options.pair_burst, Instant::now()),
            busy: false,
        });
        if lane.queue.len() >= LANE_LIMIT {
            let courier = self.courier.clone();
            self.tasks.spawn(async move {
                let reason = "Too many messages wait for this customer, so it was not sent.".to_owned();
                courier.report(&message.tracker, SendOutcome::Failed { code: 0, reason }).await;
                PaceFeedback::Free
            });
            return;
        }
        let address = message.to.clone();
        lane.queue.push_back(message);
        self.waiting += 1;
        self.start(address);
    }

    /// Starts to send the customer's next message, if none is in flight.
    fn start(&mut self, address: Address) {
        if *self.courier.shutdown.borrow() {
            return;
        }
        let Some(lane) = self.lanes.get_mut(&address).filter(|lane| !lane.busy) else { return };
        let Some(message) = lane.queue.pop_front() else { return };
        self.waiting = self.waiting.saturating_sub(1);
        lane.busy = true;
        let wait = lane.pace.take(Instant::now());
        let courier = self.courier.clone();
        let handle = self.tasks.spawn(async move { courier.send_with_retries(message, wait).await });
        self.on_way.insert(handle.id(), address);
    }

    fn done(&mut self, done: Result<(task::Id, PaceFeedback), JoinError>) {
        let (id, course) = match done {
            Ok((id, course)) => (id, course),
            Err(error) => {
                tracing::error!(%error, "a send ended without a report; its outcome is unknown");
                (error.id(), PaceFeedback::Free)
            }
        };
        let Some(address) = self.on_way.remove(&id) else { return };
        if let Some(lane) = self.lanes.get_mut(&address) {
            lane.busy = false;
            if course == PaceFeedback::Slow {
                lane.pace.empty(Instant::now());
            }
        }
        self.start(address);
    }
}

/// What a send means for the rate to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PaceFeedback {
    /// The rate stays as it is.
    Free,
    /// WhatsApp asked to slow down for this customer.
    Slow,
}

/// Sends one message, with retries.
#[derive(Clone)]
struct MessageSender {
    graph: Graph,
    writer: WriterHandle,
    gate: Arc<Semaphore>,
    /// The rate of the business number. Held only to take a token.
    number: Arc<Mutex<TokenBucket>>,
    options: Arc<SenderOptions>,
    shutdown: watch::Receiver<bool>,
}

impl MessageSender {
    async fn send_with_retries(mut self, message: Outbound, wait: Duration) -> PaceFeedback {
        let mut course = PaceFeedback::Free;
        if !self.sleep_unless_stopped(wait).await {
            return course;
        }
        let mut begun = None;
        let mut media = None;
        let mut called = CustomerNames::default();
        for tries in 0_u32.. {
            let attempt = 'attempt: {
                // A message that was not started, or was deferred, stays unsent in the writer's log when the gateway stops.
                let Some(_permit) = self.permit().await else { return course };
                begun.get_or_insert_with(Instant::now);
                // The file is uploaded first: when the gateway stops meanwhile, the message is unsent, not unknown.
                if let Some(file) = message.file.as_ref().filter(|_| media.is_none()) {
                    match self.graph.upload(file).await {
                        Ok(id) => media = Some(id),
                        Err(attempt) => break 'attempt attempt,
                    }
                }
                if !self.report(&message.tracker, SendOutcome::Attempting).await {
                    return course;
                }
                self.graph.send(&message, media.as_deref()).await
            };
            let outcome = match attempt {
                Attempt::Accepted { wamid, customer } => {
                    called = customer;
                    SendOutcome::Accepted { wamid }
                }
                Attempt::Failed { code, reason } => SendOutcome::Failed { code, reason },
                Attempt::Unknown { reason } => SendOutcome::Unknown { reason },
                Attempt::Retry { code, reason, after, slow_down } => {
                    if slow_down {
                        course = PaceFeedback::Slow;
                    }
                    let wait = self.wait(&message.tracker, tries, slow_down).max(after.unwrap_or_default());
                    let spent = begun.map(|begun| begun.elapsed()).unwrap_or_default();
                    if spent + wait <= self.options.give_up_after {
                        let kept = self.report(&message.tracker, SendOutcome::Deferred).await;
                        if kept && self.sleep_unless_stopped(wait).await {
                            continue;
                        }
                        return course;
                    }
                    let reason =
                        format!("{reason} It was tried {} times and was not sent.", tries.saturating_add(1));
                    SendOutcome::Failed { code, reason }
                }
            };
            self.report_of(&message.tracker, outcome, called).await;
            break;
        }
        course
    }

    /// The permit to send one message now; `None` when the gateway stops.
    async fn permit(&mut self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        let permit = tokio::select! {
            biased;
            () = stopped(&mut self.shutdown) => return None,
            permit = self.gate.clone().acquire_owned() => permit.ok()?,
        };
        let wait = self.number.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now());
        self.sleep_unless_stopped(wait).await.then_some(permit)
    }

    /// Sleeps; returns false when the gateway stops meanwhile.
    async fn sleep_unless_stopped(&mut self, wait: Duration) -> bool {
        if *self.shutdown.borrow() {
            return false;
        }
        if wait.is_zero() {
            return true;
        }
        tokio::select! {
            biased;
            () = stopped(&mut self.shutdown) => false,
            () = sleep(wait) => true,
        }
    }

    /// The delay before another attempt, with a jitter of up to a quarter so that not all messages are retried at
    /// once. The jitter depends on the message alone, so it is the same in every test.
    fn wait(&self, tracker: &str, tries: u32, slow_down: bool) -> Duration {
        let base = self.options.first_wait;
        let wait = if slow_down {
            base.saturating_mul(4_u32.saturating_pow(tries))
        } else {
            base.saturating_mul(2_u32.saturating_pow(tries).min(60))
        };
        let mut hash = DefaultHasher::new();
        (tracker, tries).hash(&mut hash);
        let spread = u32::try_from(hash.finish() % 256).unwrap_or(0);
        wait.saturating_add(wait / 1024 * spread)
    }

    /// Reports a result and waits until it is committed; false when the writer is gone.
    async fn report(&self, tracker: &str, outcome: SendOutcome) -> bool {
        self.report_of(tracker, outcome, CustomerNames::default()).await
    }

    /// Reports a result together with WhatsApp's names for the customer.
    async fn report_of(&self, tracker: &str, outcome: SendOutcome, customer: CustomerNames) -> bool {
        let at = Millis(jiff::Timestamp::now().as_millisecond());
        let report = SendReport { tracker: tracker.to_owned(), outcome, at, customer };
        loop {
            match self.writer.report(report.clone()).await {
                Ok(()) => return true,
                Err(Refusal::Store(error)) => {
                    tracing::warn!(%error, "the result of a send could not be kept; trying again");
                    sleep(Duration::from_secs(1)).await;
                }
                Err(Refusal::Stopping) => return false,
                Err(refusal) => {
                    tracing::warn!(%refusal, "the writer refuses the result of a send");
                    return false;
                }
            }
        }
    }
}

/// Waits until the gateway stops. A dropped sender means the same.
async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

//! Simulated customers, for `demo` and for tests.
//!
//! Owns: a Graph API on a loopback port, and customers who write through signed webhooks, as on WhatsApp.
//! Must not: reach the gateway in any other way.
//! Invariants: who writes what, and in which order, depends on the seed alone; IDs differ from run to run.

mod conversation;
pub mod graph_stub;
pub mod prng;
mod profiles;
pub mod templates;
mod tempo;
mod upload;
pub mod webhook_sender;

use conversation::{Conversation, statuses};
use graph_stub::{AcceptedSend, GraphStub, StubOptions};
use prng::Prng;
use profiles::{CustomerProfile, PROFILES};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
pub use tempo::Tempo;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};
use webhook_sender::WebhookSender;

/// Options of the simulation.
#[derive(Clone, Debug)]
pub struct SimulatorOptions {
    /// Determines who writes what and when.
    pub seed: u64,
    /// How many times faster than real time: with 10.0 every wait is a tenth.
    pub speed: f64,
    /// The secret that signs webhooks.
    pub app_secret: SecretString,
    /// The verify token of the gateway's webhook.
    pub verify_token: SecretString,
    /// The access token that the gateway must send.
    pub access_token: SecretString,
    /// Id of the business number.
    pub phone_number_id: String,
}

/// Customers who write at the same time, at most.
const AT_A_TIME: usize = 6;

/// Messages of agents that wait for one customer. Overflow: the customer does not read the message.
const UNSEEN: usize = 64;

/// Messages whose statuses are being sent, at most. Further messages get no status.
const STATUSES: usize = 256;

/// The part of the seed that determines who writes when.
const ARRIVALS: u64 = 1 << 32;

/// Simulated customers and their Graph API. Dropping it stops both.
#[derive(Debug)]
pub struct Simulator {
    options: SimulatorOptions,
    graph: Arc<GraphStub>,
    taken: Option<mpsc::Receiver<AcceptedSend>>,
    customers: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts the Graph API. The customers start with [`Self::open`], because the gateway needs the address of the Graph API
    /// before it has one of its own.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(options: SimulatorOptions) -> io::Result<Self> {
        let stub = StubOptions {
            access_token: options.access_token.clone(),
            phone_number_id: options.phone_number_id.clone(),
            window: true,
        };
        let (graph, taken) = GraphStub::start(stub).await?;
        Ok(Self { options, graph: Arc::new(graph), taken: Some(taken), customers: None })
    }

    /// The address of the Graph API, for `graph-url`.
    pub fn graph_url(&self) -> &str {
        self.graph.url()
    }

    /// Starts the customers. The first one writes at once. A second call changes nothing.
    ///
    /// # Errors
    /// When the address is not valid.
    pub fn open(&mut self, gateway_url: &str) -> io::Result<()> {
        let options = &self.options;
        let webhooks = WebhookSender::new(gateway_url, options.app_secret.clone(), &options.phone_number_id)?;
        if let Some(taken) = self.taken.take() {
            let customers = Customers {
                options: options.clone(),
                graph: Arc::clone(&self.graph),
                webhooks: Arc::new(webhooks),
                inboxes: HashMap::new(),
                conversations: JoinSet::new(),
                statuses: JoinSet::new(),
                prng: Prng::new(options.seed),
                arrival_prng: Prng::new(options.seed).fork(ARRIVALS),
                arrivals: 0,
                waiting: Vec::new(),
            };
            self.customers = Some(tokio::spawn(customers.run(taken)));
        }
        Ok(())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(customers) = &self.customers {
            customers.abort();
        }
    }
}

/// The customers.
struct Customers {
    options: SimulatorOptions,
    graph: Arc<GraphStub>,
    webhooks: Arc<WebhookSender>,
    inboxes: HashMap<&'static str, mpsc::Sender<AcceptedSend>>,
    conversations: JoinSet<&'static str>,
    statuses: JoinSet<()>,
    /// Only forked and never drawn from, so that a customer's stream does not depend on when others write.
    prng: Prng,
    arrival_prng: Prng,
    arrivals: u64,
    /// Indexes of the profiles that have not written in this round.
    waiting: Vec<usize>,
}

impl Customers {
    async fn run(mut self, mut taken: mpsc::Receiver<AcceptedSend>) {
        if !self.webhooks.verify(self.options.verify_token.expose_secret()).await {
            tracing::warn!("the gateway did not answer the verification of its webhook");
        }
        let tempo = Tempo::new(self.options.speed);
        let mut next = Instant::now();
        loop {
            tokio::select! {
                () = sleep_until(next) => {
                    self.arrive();
                    next = Instant::now() + tempo.millis(self.arrival_prng.between(20_000, 40_000));
                }
                Some(message) = taken.recv() => self.deliver(message),
                Some(done) = self.conversations.join_next() => {
                    if let Ok(address) = done {
                        self.inboxes.remove(address);
                    }
                }
                Some(_) = self.statuses.join_next() => {}
            }
        }
    }

    fn arrive(&mut self) {
        if self.conversations.len() >= AT_A_TIME {
            return;
        }
        if self.waiting.is_empty() {
            self.waiting = (0..PROFILES.len()).collect();
            self.prng.fork(ARRIVALS + self.arrivals).shuffle(&mut self.waiting);
        }
        let Some(person) = self.waiting.pop().and_then(|index| PROFILES.get(index)) else { return };
        self.start_conversation(person, 0);
    }

    /// Starts a customer's chat after `after` simulated milliseconds, unless it is running.
    fn start_conversation(&mut self, person: &'static CustomerProfile, after: u64) {
        if self.inboxes.contains_key(person.address) {
            return;
        }
        self.arrivals += 1;
        let (inbox, seen) = mpsc::channel(UNSEEN);
        self.inboxes.insert(person.address, inbox);
        let conversation = Conversation {
            person,
            prng: self.prng.fork(self.arrivals),
            tempo: Tempo::new(self.options.speed),
            webhooks: Arc::clone(&self.webhooks),
            graph: Arc::clone(&self.graph),
            inbox: seen,
            last_own: String::new(),
            last_agent: String::new(),
        };
        let pause = conversation.tempo.millis(after);
        self.conversations.spawn(async move {
            sleep(pause).await;
            conversation.run().await
        });
    }

    fn deliver(&mut self, message: AcceptedSend) {
        let Some(person) = PROFILES.iter().find(|person| person.address == message.to) else { return };
        if self.statuses.len() < STATUSES {
            let prng = self.prng.fork(message.text.len() as u64);
            let (webhooks, tempo) = (Arc::clone(&self.webhooks), Tempo::new(self.options.speed));
            self.statuses.spawn(statuses(person.receipts, message.clone(), prng, tempo, webhooks));
        }
        // A customer who receives a template answers it.
        if !message.template.is_empty() && self.conversations.len() < AT_A_TIME {
            self.start_conversation(person, 6_000);
        }
        if let Some(inbox) = self.inboxes.get(person.address) {
            // A full or closed inbox means that the customer does not read the message.
            let _ = inbox.try_send(message);
        }
    }
}

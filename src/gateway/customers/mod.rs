//! Simulated customers, for `demo` and for tests.
//!
//! Owns: a Graph API on a loopback port, and customers who write through signed webhooks, as
//! WhatsApp does. Must not: reach into the gateway in any other way.
//! Invariants: who writes what and in which order depends on the seed alone; ids differ from run to run.

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

/// What the customers are like.
#[derive(Clone, Debug)]
pub struct SimulatorOptions {
    /// Decides who writes what and when.
    pub seed: u64,
    /// How many times faster than life: 1.0 is life, 10.0 waits a tenth.
    pub speed: f64,
    /// The secret that signs webhooks.
    pub app_secret: SecretString,
    /// The token that the gateway must know.
    pub verify_token: SecretString,
    /// The token that the gateway must send with.
    pub access_token: SecretString,
    /// Id of the business number.
    pub phone_number_id: String,
}

/// Customers at a time.
const AT_A_TIME: usize = 6;

/// Messages of agents that wait for one customer to look; further ones are not looked at.
const UNSEEN: usize = 64;

/// Statuses on their way at a time; messages beyond stay without.
const STATUSES: usize = 256;

/// The part of the seed that decides who comes when.
const ARRIVALS: u64 = 1 << 32;

/// Customers and their Graph API. All of it ends when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    options: SimulatorOptions,
    graph: Arc<GraphStub>,
    taken: Option<mpsc::Receiver<AcceptedSend>>,
    customers: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts the Graph API. Customers come when [`Self::open`] tells them where the gateway is, which needs
    /// the Graph API's address first.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(options: SimulatorOptions) -> io::Result<Self> {
        let stub = StubOptions {
            access_token: options.access_token.clone(),
            phone_number_id: options.phone_number_id.clone(),
            window: true,
        };
        let (graph, taken) = GraphStub::start(stub).await?;
        Ok(Self { options, graph: Arc::new(graph), taken: Some(taken), customers: None })
    }

    /// Where the Graph API is, for `graph-url`.
    pub fn graph_url(&self) -> &str {
        self.graph.url()
    }

    /// Lets the customers in. The first writes at once. A second call changes nothing.
    ///
    /// # Errors
    /// When the address is none.
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

/// All who write.
struct Customers {
    options: SimulatorOptions,
    graph: Arc<GraphStub>,
    webhooks: Arc<WebhookSender>,
    inboxes: HashMap<&'static str, mpsc::Sender<AcceptedSend>>,
    conversations: JoinSet<&'static str>,
    statuses: JoinSet<()>,
    /// Never drawn from, only forked: a customer's stream must not depend on when others came.
    prng: Prng,
    arrival_prng: Prng,
    arrivals: u64,
    /// Who has not written in this round.
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
                Some(message) = taken.recv() => self.taken(message),
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
        self.conversation(person, 0);
    }

    /// Lets somebody talk who does not yet, after so many milliseconds of life.
    fn conversation(&mut self, person: &'static CustomerProfile, after: u64) {
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

    fn taken(&mut self, message: AcceptedSend) {
        let Some(person) = PROFILES.iter().find(|person| person.address == message.to) else { return };
        if self.statuses.len() < STATUSES {
            let prng = self.prng.fork(message.text.len() as u64);
            let (webhooks, tempo) = (Arc::clone(&self.webhooks), Tempo::new(self.options.speed));
            self.statuses.spawn(statuses(person.receipts, message.clone(), prng, tempo, webhooks));
        }
        // Who is written to out of the blue has something to say too.
        if !message.template.is_empty() && self.conversations.len() < AT_A_TIME {
            self.conversation(person, 6_000);
        }
        if let Some(inbox) = self.inboxes.get(person.address) {
            // Full or gone: the customer is not looking.
            let _ = inbox.try_send(message);
        }
    }
}

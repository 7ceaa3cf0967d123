//! A writer with a store in a folder, a clock that the test moves, and everything that leaves it collected.

use super::config::TestConfig;
use bytes::Bytes;
use deskline::config::schema::Config;
use deskline::domain::message::Visibility;
use deskline::domain::role::Role;
use deskline::domain::{ContactId, InteractionId, Millis};
use deskline::gateway::feed::{self as watching, Feed, Organization};
use deskline::gateway::hub::{ClientEvent, EventRecipient, Publish};
use deskline::gateway::whatsapp::account;
use deskline::gateway::whatsapp::inbound::{
    Content, CustomerNames, InboundMessage, InboundStatus, NotRoutedReason, UnroutedMessage, WebhookUpdate,
};
use deskline::gateway::writer::api::{
    Actor, Command, Outbound, Outgoing, Refusal, RequestedState, SendOutcome, SendReport,
};
use deskline::gateway::writer::{Clock, WriterHandle, WriterSetup, start};
use deskline::proto::media::{InteractionDto, LogQuery, MessageDto};
use deskline::proto::wa;
use deskline::store::{
    AuditRow, Batch, ContactLookup, ContactPage, LogRequest, PastSession, PrefetchQuery, PrefetchResult,
    Sqlite, StartupEvents, Store, StoreError, StoredEntries, StoredEvent, UnparsedWebhook, WriteReceipt,
};
use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::{RwLock, mpsc};
use tokio::task::JoinHandle;

pub const START: i64 = 1_800_000_000_000;

/// The content of a test's update: text, unless it is about another message or is a note.
fn content(item: &Json) -> Content {
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let (of, words) = (text("of"), text("text"));
    match item["what"].as_str().or_else(|| item["t"].as_str()).unwrap_or_default() {
        "react" => Content::Reaction { of, emoji: words },
        "edit" => Content::Edit { of, text: words },
        "revoke" => Content::Revoke { of },
        "note" => Content::Note(words),
        "placeholder" => Content::Placeholder(words),
        _ => Content::Text(words),
    }
}

/// Reads the tests' own webhooks: a list of updates.
pub fn parse(raw: &[u8]) -> Vec<WebhookUpdate> {
    let list: Vec<Json> = serde_json::from_slice(raw).unwrap_or_default();
    let text = |item: &Json, key: &str| item[key].as_str().map(str::to_owned);
    list.iter()
        .map(|item| {
            let at = Millis(item["at"].as_i64().unwrap_or(START));
            let message = |content| InboundMessage {
                wamid: text(item, "id").unwrap_or_default(),
                phone_number_id: match &item["phone"] {
                    Json::Null => Some("100".to_owned()),
                    other => other.as_str().filter(|id| !id.is_empty()).map(str::to_owned),
                },
                customer: CustomerNames {
                    wa_id: text(item, "from"),
                    user_id: text(item, "user"),
                    username: None,
                    profile_name: text(item, "name"),
                },
                at,
                content,
                quotes: text(item, "quotes"),
                remarks: item["around"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|line| line.as_str().unwrap().to_owned())
                    .collect(),
            };
            match item["t"].as_str().unwrap_or_default() {
                "status" => WebhookUpdate::Status(InboundStatus {
                    wamid: text(item, "id").unwrap_or_default(),
                    tracker: text(item, "tracker"),
                    status: text(item, "word").unwrap_or_default().into(),
                    at,
                    phone_number_id: text(item, "phone"),
                    customer: CustomerNames {
                        wa_id: text(item, "from"),
                        user_id: text(item, "user"),
                        ..CustomerNames::default()
                    },
                    error: item["code"]
                        .as_i64()
                        .map(|code| (code, text(item, "why").unwrap_or_else(|| "no".to_owned()))),
                }),
                "echo" => WebhookUpdate::Echo(message(content(item))),
                "call" => WebhookUpdate::Call(message(content(item))),
                "history" | "sent" => {
                    WebhookUpdate::History { message: message(content(item)), by_staff: item["t"] == "sent" }
                }
                "group" => WebhookUpdate::NotRouted(UnroutedMessage {
                    wamid: text(item, "id").unwrap_or_default(),
                    why: NotRoutedReason::Group,
                    about: "g1".to_owned(),
                }),
                "account" => {
                    let field = text(item, "field").unwrap_or_default();
                    WebhookUpdate::AccountChanged(account::read_change(&field, &item["value"]).unwrap())
                }
                _ => WebhookUpdate::Message(message(content(item))),
            }
        })
        .collect()
}

#[derive(Default)]
pub struct Collected(pub Mutex<Vec<(EventRecipient, ClientEvent)>>);

impl Publish for Collected {
    fn publish(&self, to: &EventRecipient, notice: ClientEvent) {
        self.0.lock().unwrap().push((to.clone(), notice));
    }
}

/// A store that can be made to fail, and whose reads can be made slow.
struct Flaky {
    inner: Sqlite,
    full: Arc<AtomicBool>,
    reading: Arc<RwLock<()>>,
}

impl Store for Flaky {
    fn append(&self, batch: Batch) -> BoxFuture<'_, Result<WriteReceipt, StoreError>> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::Full) });
        }
        self.inner.append(batch)
    }
    fn look_up_contacts(&self, lookup: ContactLookup) -> BoxFuture<'_, Result<ContactPage, StoreError>> {
        Box::pin(async move {
            let _turn = self.reading.read().await;
            self.inner.look_up_contacts(lookup).await
        })
    }
    fn startup_events(&self, since: Millis) -> BoxFuture<'_, Result<StartupEvents, StoreError>> {
        self.inner.startup_events(since)
    }
    fn events(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        self.inner.events(after, limit)
    }
    fn events_of(
        &self,
        interaction: InteractionId,
        kinds: &'static [&'static str],
        before: u64,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        self.inner.events_of(interaction, kinds, before)
    }
    fn seq_at(&self, at: Millis) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.inner.seq_at(at)
    }
    fn audit(&self, rows: Vec<AuditRow>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.audit(rows)
    }
    fn audit_rows(
        &self,
        after: u64,
        since: Millis,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<AuditRow>, StoreError>> {
        self.inner.audit_rows(after, since, limit)
    }
    fn unparsed(&self, limit: u32) -> BoxFuture<'_, Result<Vec<UnparsedWebhook>, StoreError>> {
        self.inner.unparsed(limit)
    }
    fn prefetch(&self, wanted: PrefetchQuery) -> BoxFuture<'_, Result<PrefetchResult, StoreError>> {
        self.inner.prefetch(wanted)
    }
    fn session_log(&self, wanted: LogRequest) -> BoxFuture<'_, Result<Option<StoredEntries>, StoreError>> {
        Box::pin(async move {
            let _turn = self.reading.read().await;
            self.inner.session_log(wanted).await
        })
    }
    fn history(
        &self,
        contact: ContactId,
        since: Option<Millis>,
        until: Option<Millis>,
    ) -> BoxFuture<'_, Result<Vec<PastSession>, StoreError>> {
        Box::pin(async move {
            let _turn = self.reading.read().await;
            self.inner.history(contact, since, until).await
        })
    }
}

/// A configuration with the supervisor Sue and without passwords.
pub fn with_sue() -> TestConfig {
    TestConfig::new("").agent("sue", "role = 'supervisor'")
}

/// The setup of a writer from a configuration.
pub fn setup(config: TestConfig) -> WriterSetup {
    WriterSetup::from_config(&Config::from(config).gateway, parse)
}

/// A writer, and everything around it.
pub struct World {
    pub dir: TempDir,
    clock: Arc<AtomicI64>,
    pub told: Arc<Collected>,
    /// Whether the disk is full.
    pub full: Arc<AtomicBool>,
    /// Holding this for writing blocks all reads of the past.
    pub reading: Arc<RwLock<()>>,
    pub writer: WriterHandle,
    task: JoinHandle<()>,
    store: Arc<Flaky>,
    pub outbound: mpsc::Receiver<Outbound>,
    setup: WriterSetup,
}

/// Opens a folder as soon as the one who had it before has let go of it.
pub async fn open(dir: &Path) -> Sqlite {
    loop {
        match Sqlite::open(dir) {
            Err(StoreError::Locked(_)) => tokio::task::yield_now().await,
            opened => return opened.unwrap(),
        }
    }
}

impl World {
    pub async fn new(config: TestConfig) -> Self {
        Self::with_setup(setup(config)).await
    }

    pub async fn with_setup(setup: WriterSetup) -> Self {
        Self::on(TempDir::new().unwrap(), Arc::new(AtomicI64::new(START)), setup).await
    }

    /// A writer on data that there are already, at that time.
    pub async fn with_data(dir: TempDir, now: i64, setup: WriterSetup) -> Self {
        Self::on(dir, Arc::new(AtomicI64::new(now)), setup).await
    }

    async fn on(dir: TempDir, clock: Arc<AtomicI64>, setup: WriterSetup) -> Self {
        let full = Arc::new(AtomicBool::new(false));
        let reading = Arc::default();
        let inner = open(dir.path()).await;
        let store = Arc::new(Flaky { inner, full: Arc::clone(&full), reading: Arc::clone(&reading) });
        let told = Arc::new(Collected::default());
        let (sender, outbound) = mpsc::channel(64);
        let time = Arc::clone(&clock);
        let now: Clock = Arc::new(move || Millis(time.load(Ordering::SeqCst)));
        let publish: Arc<dyn Publish> = Arc::clone(&told) as Arc<dyn Publish>;
        let (writer, task) =
            start(setup.clone(), Arc::clone(&store) as Arc<dyn Store>, publish, sender, now).await.unwrap();
        Self { dir, clock, told, full, reading, writer, task, store, outbound, setup }
    }

    /// Where it writes.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// What supervisors read of this writer.
    pub async fn watch(&self, organization: Organization) -> (Feed, JoinHandle<()>) {
        let time = Arc::clone(&self.clock);
        let now: Clock = Arc::new(move || Millis(time.load(Ordering::SeqCst)));
        let log = Arc::clone(&self.store) as Arc<dyn Store>;
        let writer = self.writer.clone();
        let written = writer.written();
        let (watch, follow) =
            watching::start(log, organization, writer, written, now, TimeZone::UTC).await.unwrap();
        (watch, tokio::spawn(follow.run()))
    }

    /// Stops without a word, as `kill -9` does, and starts again on the same folder.
    pub async fn killed(self) -> Self {
        self.task.abort();
        let _ = self.task.await;
        drop((self.writer, self.store));
        Self::on(self.dir, self.clock, self.setup).await
    }

    /// Stops without a goodbye and starts again on the same folder with another configuration.
    pub async fn configured(mut self, setup: WriterSetup) -> Self {
        self.setup = setup;
        self.killed().await
    }

    /// Moves the clock and lets the writer notice.
    pub async fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
        self.writer.status().await.unwrap();
        // What it noticed may cause more.
        self.writer.status().await.unwrap();
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub async fn hook(&self, updates: Json) {
        self.writer.webhook(Bytes::from(updates.to_string())).await.unwrap();
        // A part of a webhook is processed before each answer.
        while !self.store.unparsed(1).await.unwrap().is_empty() {
            self.writer.status().await.unwrap();
        }
        // The next answer comes after the effects were sent.
        self.writer.status().await.unwrap();
    }

    pub async fn writes(&self, from: &str, id: &str, text: &str) {
        let at = self.now();
        self.hook(json!([{"id": id, "from": from, "name": "Karim", "at": at, "text": text}])).await;
    }

    pub async fn act(&self, who: &str, command: Command) -> Result<(), Refusal> {
        self.writer.act(actor(who), None, command).await
    }

    /// Acts under an operation ID, which makes a repetition the same act.
    pub async fn act_as(&self, who: &str, operation: &str, command: Command) -> Result<(), Refusal> {
        self.writer.act(actor(who), Some(operation.into()), command).await
    }

    pub async fn presence(&self, who: &str, connected: bool) {
        self.writer.presence(who.into(), connected).await;
        // It has no answer; the next one comes after it.
        self.writer.status().await.unwrap();
    }

    /// Signs an agent in, who is then not Ready.
    pub async fn sign_in(&self, who: &str) {
        self.presence(who, true).await;
        self.act(who, Command::Activate).await.unwrap();
    }

    pub async fn ready(&self, who: &str) {
        self.sign_in(who).await;
        self.act(who, Command::SetState(RequestedState::Ready)).await.unwrap();
    }

    /// The interactions that an agent sees.
    pub async fn view(&self, who: &str) -> Vec<InteractionDto> {
        self.writer.session(who.into()).await.unwrap().interactions
    }

    /// The IDs and states of the interactions that an agent sees.
    pub async fn sessions(&self, who: &str) -> Vec<(InteractionId, String)> {
        let view = self.view(who).await;
        view.iter().map(|dto| (dto.id.as_str().into(), dto.state.clone())).collect()
    }

    /// How many sessions an agent has, as far as their capacity goes.
    pub async fn load(&self, who: &str) -> u32 {
        let board = self.writer.status().await.unwrap();
        board.agents.iter().find(|(agent, ..)| agent.as_str() == who).unwrap().2
    }

    /// The one session that an agent has or is offered.
    pub async fn only(&self, who: &str) -> InteractionId {
        let sessions = self.sessions(who).await;
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        sessions[0].0.clone()
    }

    /// The same with everything that the agent sees of it.
    pub async fn only_interaction(&self, who: &str) -> InteractionDto {
        let mut view = self.view(who).await;
        assert_eq!(view.len(), 1, "{view:?}");
        view.remove(0)
    }

    pub async fn accepted(&self, who: &str) -> InteractionId {
        let id = self.only(who).await;
        self.act(who, Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
        id
    }

    pub async fn says(&self, who: &str, id: &InteractionId, text: &str) -> Result<(), Refusal> {
        self.act(who, text_to(id, text)).await
    }

    pub async fn log(&self, id: &InteractionId) -> Vec<MessageDto> {
        let log = self.writer.messages(actor("sue"), id.clone(), LogQuery::default()).await.unwrap().messages;
        let indexes: Vec<u64> = log.iter().map(|entry| entry.index).collect();
        assert_eq!(indexes, (1..=log.len() as u64).collect::<Vec<_>>(), "numbered without holes");
        log
    }

    pub async fn statuses(&self, id: &InteractionId) -> Vec<(i64, String)> {
        let log = self.log(id).await;
        let data = log.iter().map(|entry| &entry.user_data);
        data.filter_map(|data| Some((data.number(wa::OF)?, data.text(wa::STATUS)?.to_owned()))).collect()
    }

    pub async fn report(&self, tracker: &str, outcome: SendOutcome) -> Result<(), Refusal> {
        self.report_of(tracker, outcome, CustomerNames::default()).await
    }

    /// A result with WhatsApp's names for the customer.
    pub async fn report_of(
        &self,
        tracker: &str,
        outcome: SendOutcome,
        customer: CustomerNames,
    ) -> Result<(), Refusal> {
        let report = SendReport { tracker: tracker.to_owned(), outcome, at: Millis(self.now()), customer };
        self.writer.report(report).await
    }

    /// The states of interactions that an agent was told of, and what else came in between.
    pub fn told_to(&self, who: &str) -> Vec<String> {
        let to = EventRecipient::Agent(who.into());
        let told = self.told.0.lock().unwrap();
        let mine = told.iter().filter(|(recipient, _)| *recipient == to);
        mine.map(|(_, notice)| match notice.data["messageType"].as_str() {
            Some("InteractionStateChanged") if notice.data["notificationType"] == "StatusChange" => {
                notice.data["interaction"]["state"].as_str().unwrap().to_owned()
            }
            Some("MessageLogUpdated") => {
                let kinds = notice.data["messages"].as_array().unwrap().iter().map(|m| m["type"].as_str());
                kinds.flatten().collect::<Vec<_>>().join("+")
            }
            Some("ChannelStateChanged") => {
                format!("channel {}", notice.data["media"]["channels"][0]["state"].as_str().unwrap())
            }
            _ => notice.data["notificationType"].as_str().unwrap_or_default().to_owned(),
        })
        .collect()
    }
}

pub fn actor(who: &str) -> Actor {
    let role = if who == "sue" { Role::Supervisor } else { Role::Agent };
    Actor { employee: who.into(), role }
}

pub fn text_to(id: &InteractionId, text: &str) -> Command {
    let what = Outgoing::Text(text.to_owned());
    Command::Send { id: id.clone(), what, visibility: Visibility::All }
}

pub fn texts(log: &[MessageDto]) -> Vec<&str> {
    log.iter().filter(|entry| entry.kind == "Text").filter_map(|entry| entry.text.as_deref()).collect()
}

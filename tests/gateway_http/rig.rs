//! A gateway on port 0 with a fake writer behind it.

use super::config::TestConfig;
use deskline::config::schema::Config;
use deskline::domain::Millis;
use deskline::domain::agent::AgentState;
use deskline::domain::mask::Mask;
use deskline::domain::profile::AttributeValue;
use deskline::domain::template::Template;
use deskline::gateway::accept::{self, ListenerLimits};
use deskline::gateway::audit::{self, Audit};
use deskline::gateway::feed::{self, Organization};
use deskline::gateway::http::{admin, router};
use deskline::gateway::hub::{ClientEvent, EventRecipient, Hub, HubLimits, Publish};
use deskline::gateway::library::LibraryCache;
use deskline::gateway::services::{ServiceParts, Services};
use deskline::gateway::webhook::WebhookVerifier;
use deskline::gateway::whatsapp::catalog::TemplateCatalog;
use deskline::gateway::whatsapp::signature;
use deskline::gateway::writer::api::{Command, Refusal};
use deskline::gateway::writer::handle::{ReadRequest, WriterRequest};
use deskline::gateway::writer::model::account::Account;
use deskline::gateway::writer::model::contact::ContactCommand;
use deskline::gateway::writer::model::event::LogEvent;
use deskline::gateway::writer::model::views::{
    LiveView, SessionView, StatusSnapshot, Suggested, WorkbinView,
};
use deskline::gateway::writer::{Clock, WriterHandle};
use deskline::proto::channel;
use deskline::proto::media::{ChannelDto, InteractionDto, LogPage, MessageDto};
use deskline::proto::watch::LiveSession;
use deskline::store::library::ResponseStore;
use deskline::store::{
    Batch, ContactCard, ContactLookup, ContactPage, EventRecord, PastSession, Sqlite, Store,
};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub fn config() -> TestConfig {
    TestConfig::new("secret")
        .tables(
            r#"
            [gateway]
            poll-timeout = 300
            websocket = true
            [[gateway.group]]
            name = "Billing"
            interaction-workspace = { a = "group" }
            [[gateway.corporate-favourite]]
            category = "Help"
            type = "AgentGroup"
            id = "Billing"
            display-name = "Money"
            [[gateway.action-code]]
            name = "Lunch"
            code = "L"
            [[gateway.business-attribute]]
            name = "DispositionCode"
            values = ["Solved", { name = "Spam", default = true }]
            [[gateway.business-attribute]]
            name = "Case"
            interaction-workspace = { "interaction.case-data.order" = "Order" }
            values = [
              { name = "Order", interaction-workspace = { "display-type" = "int", int.min-value = 1 } },
            ]
            "#,
        )
        .queue("wa-inbound", "display-name = 'WhatsApp'")
        .agent(
            "ana",
            "last-name = 'Ruiz'
            groups = ['Billing']
            skills = { French = 5 }
            interaction-workspace = { a = 'agent' }",
        )
        .agent("bob", "first-name = ''\nphone = '+34 600 000 202'")
        .agent("sup", "role = 'supervisor'")
        .agent("lead", "role = 'supervisor'\nprivileges = ['coach']\noversees = ['Billing']")
        .agent("adm", "role = 'administrator'")
}

/// Nothing in these tests takes that long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// What can differ between the tests' gateways.
pub struct Setup {
    pub config: TestConfig,
    pub hub: HubLimits,
    pub listener: ListenerLimits,
    pub mask: Mask,
    pub request_timeout: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            config: config(),
            hub: HubLimits::default(),
            listener: ListenerLimits::default(),
            mask: Mask::default(),
            request_timeout: PATIENCE,
        }
    }
}

pub struct Rig {
    pub base: String,
    pub http: Client,
    pub hub: Arc<Hub>,
    pub asked: Arc<Asked>,
    pub services: Arc<Services>,
    pub library: Arc<dyn ResponseStore>,
    dir: tempfile::TempDir,
    pub stop: watch::Sender<bool>,
    pub done: Option<oneshot::Receiver<()>>,
    _desk: JoinHandle<()>,
    pub store: Sqlite,
    /// The time that audit and feed know.
    pub time: Arc<AtomicI64>,
    written: watch::Sender<u64>,
    /// The state of the account that the writer reports.
    pub account: watch::Sender<Account>,
}

/// What the writer was asked, as text.
#[derive(Default)]
pub struct Asked {
    log: Mutex<Vec<String>>,
    news: Notify,
}

impl Asked {
    fn push(&self, text: String) {
        self.log.lock().unwrap().push(text);
        self.news.notify_waiters();
    }

    pub fn count(&self, part: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|text| text.contains(part)).count()
    }

    /// Waits until the writer was asked that so many times.
    pub async fn wait(&self, part: &str, times: usize) {
        let wait = async {
            loop {
                let news = self.news.notified();
                tokio::pin!(news);
                news.as_mut().enable();
                if self.count(part) >= times {
                    return;
                }
                news.await;
            }
        };
        if timeout(PATIENCE, wait).await.is_err() {
            panic!("never asked {part}: {:#?}", self.log.lock().unwrap());
        }
    }
}

fn interaction(state: &str) -> InteractionDto {
    serde_json::from_value(
        json!({"id": "i1", "mediatype": "whatsappsession", "state": state, "contactId": "c1"}),
    )
    .unwrap()
}

fn templates() -> Vec<Template> {
    vec![Template {
        name: "go_on".into(),
        language: "en".into(),
        category: "UTILITY".into(),
        body: "Hello {{1}}, may we go on about {{order}}?".into(),
        ..Template::default()
    }]
}

pub fn event(text: &str) -> Arc<Value> {
    Arc::new(json!({"messageType": "Test", "text": text}))
}

/// Keeps a list, answers everything, publishes a little. Sessions named `gone` are gone, `stuck` ones
/// never answered.
async fn writer(mut asks: mpsc::Receiver<WriterRequest>, hub: Arc<Hub>, asked: Arc<Asked>) {
    let mut stuck = Vec::new();
    while let Some(ask) = asks.recv().await {
        let text = format!("{ask:?}");
        match ask {
            WriterRequest::Command { actor, operation, command, answer, .. } => {
                asked.push(format!("{} {operation:?} {command:?}", actor.employee));
                let outcome = match &command {
                    Command::Complete(id) if id.as_str() == "gone" => {
                        Err(Refusal::Gone("it went to Bob".into()))
                    }
                    Command::Complete(id) if id.as_str() == "stuck" => {
                        stuck.push(answer);
                        continue;
                    }
                    Command::SetState(_) => {
                        let data = json!({"messageType": "ChannelStateChanged",
                            "media": {"channels": [{"name": "whatsappsession", "state": "Ready"}]}});
                        let notice = ClientEvent { channel: channel::MEDIA, data: Arc::new(data) };
                        hub.publish(&EventRecipient::Agent(actor.employee), notice);
                        Ok(())
                    }
                    _ => Ok(()),
                };
                let _ = answer.send(outcome);
            }
            WriterRequest::Webhook { raw, answer } => {
                asked.push(format!("webhook {}", raw.len()));
                let broken = raw.starts_with(b"broken");
                let _ = answer.send(if broken { Err(Refusal::Store("disk full".into())) } else { Ok(()) });
            }
            WriterRequest::Read(ReadRequest::Session { answer, .. }) => {
                let channel = ChannelDto {
                    name: "whatsappsession".into(),
                    state: "Ready".into(),
                    ..Default::default()
                };
                let interactions = vec![interaction("Processing")];
                let view = SessionView { channel, interactions, ..SessionView::default() };
                let _ = answer.send(Ok(view));
            }
            WriterRequest::Read(ReadRequest::Messages { id, answer, .. }) => {
                let one = MessageDto { index: 1, kind: "Text".into(), ..Default::default() };
                let found = id.as_str() == "i1";
                let page = LogPage { messages: vec![one], ..LogPage::default() };
                let _ = answer.send(if found { Ok(page) } else { Err(Refusal::NotFound(id)) });
            }
            WriterRequest::Read(ReadRequest::History { contact, since, until, answer, .. }) => {
                asked.push(format!("history {contact} {since:?} {until:?}"));
                let past = |id: &str, started, ended, agent: Option<&str>| PastSession {
                    id: id.into(),
                    started: Millis(started),
                    ended: Option::map(ended, Millis),
                    agent: agent.map(Into::into),
                    ..PastSession::default()
                };
                let found = contact.as_str() == "c1";
                let all = vec![
                    past("i1", 3000, None, None),
                    past("i0", 1000, Some(2000), Some("ana")),
                    past("h", 0, Some(1), Some("eve")),
                ];
                let _ =
                    answer.send(if found { Ok(all) } else { Err(Refusal::Forbidden("not yours".into())) });
            }
            WriterRequest::Contact { act, answer, .. } => {
                let outcome = match &act {
                    ContactCommand::Update { changes, .. } if changes.is_empty() => {
                        Err(Refusal::Conflict("somebody else has changed FirstName in between".into()))
                    }
                    ContactCommand::Delete(_) => Ok(None),
                    _ => Ok(Some(contact())),
                };
                asked.push(format!("{act:?}"));
                let _ = answer.send(outcome);
            }
            WriterRequest::Read(ReadRequest::Look { lookup, answer }) => {
                asked.push(format!("{lookup:?}"));
                let nobody =
                    matches!(&lookup, ContactLookup::Cards(ids) if ids.iter().all(|id| id.as_str() != "c1"));
                let cards = if nobody { Vec::new() } else { vec![contact()] };
                let _ = answer.send(Ok(ContactPage { cards, total: 57 }));
            }
            WriterRequest::Read(ReadRequest::Suggest { id, answer, .. }) => {
                let contacts = vec![(contact(), "the same number")];
                let suggested = Suggested { contact: "c9".into(), is_known: false, contacts };
                let found = id.as_str() == "i1";
                let _ = answer.send(if found { Ok(suggested) } else { Err(Refusal::NotFound(id)) });
            }
            WriterRequest::Replay { client, channel, .. } => {
                asked.push(format!("replay {channel}"));
                let notice = ClientEvent { channel, data: event("kept") };
                hub.publish(&EventRecipient::Client(client), notice);
            }
            WriterRequest::Presence { employee, connected } => {
                asked.push(format!("presence {employee} {connected}"))
            }
            WriterRequest::Read(ReadRequest::Workbins { answer, .. }) => {
                let view = |name: &str, of_group| WorkbinView {
                    name: name.into(),
                    display_name: format!("The {name}"),
                    of_group,
                    owner: if of_group { "Billing" } else { "ana" }.into(),
                    interactions: vec![interaction("InWorkbin")],
                };
                let _ = answer.send(Ok(vec![view("mine", false), view("ours", true)]));
            }
            WriterRequest::Follow { employee, workbins, on } => {
                asked.push(format!("follow {employee} {workbins:?} {on}"))
            }
            WriterRequest::Read(ReadRequest::Why { id, answer }) => {
                // A prefix is no ID.
                let known = id.as_str().len() > 3 || id.as_str() == "i1";
                let _ = answer.send(if known {
                    Ok("it was the only one".into())
                } else {
                    Err(Refusal::NotFound(id))
                });
            }
            WriterRequest::Read(ReadRequest::Live { sessions, answer }) => {
                let one = LiveSession {
                    id: "i1".into(),
                    state: "Queued".into(),
                    queue: "wa-inbound".into(),
                    customer: "34600000101".into(),
                    number: Some("34600000101".into()),
                    last: "call me at 600 000 101".into(),
                    ..LiveSession::default()
                };
                asked.push(format!("live {sessions:?}"));
                let more = ["abc1", "abd2"].map(|id| LiveSession { id: id.into(), ..one.clone() });
                let more = more.into_iter().filter(|_| sessions.is_none());
                let sessions = std::iter::once(one.clone()).chain(more).collect();
                let view = LiveView { seq: 1, sessions, agents: Vec::new(), queues: Vec::new() };
                let _ = answer.send(Ok(view));
            }
            WriterRequest::Read(ReadRequest::Status { answer }) => {
                let board = StatusSnapshot {
                    agents: vec![
                        ("ana".into(), AgentState::Ready, 1, 4),
                        ("bob".into(), AgentState::NotReady, 0, 4),
                    ],
                    queues: vec![("wa-inbound".into(), 3)],
                    events: 7,
                    open: 4,
                    reasons: [("bob".into(), "L".to_owned())].into(),
                    ..StatusSnapshot::default()
                };
                let _ = answer.send(Ok(board));
            }
            _ => asked.push(text),
        }
    }
}

impl Rig {
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    /// A gateway that cuts requests off after four seconds.
    pub async fn impatient() -> Self {
        Self::with(Setup { request_timeout: Duration::from_secs(4), ..Setup::default() }).await
    }

    pub async fn with(setup: Setup) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        let Setup { config, hub, listener: limits, mask, request_timeout } = setup;
        let gateway = Config::from(config).gateway;
        let (written, log) = watch::channel(0);
        let (account, known) = watch::channel(Account::default());
        let (handle, asks) = WriterHandle::channel(log.clone(), known);
        let hub = Arc::new(Hub::new(hub));
        let asked = Arc::new(Asked::default());
        let (stop, stopping) = watch::channel(false);
        let answer = |query: &str| signature::verify(query, "right");
        let signed = |body: &[u8], header: Option<&str>| {
            assert!(!body.starts_with(b"panic"), "on purpose");
            header == Some("sha256=right")
        };
        let dir = tempfile::tempdir().unwrap();
        let store = Sqlite::open(dir.path()).unwrap();
        let library: Arc<dyn ResponseStore> = Arc::new(store.clone());
        let log_of: Arc<dyn Store> = Arc::new(store.clone());
        let time = Arc::new(AtomicI64::new(1_800_000_000_000));
        let now: Clock = Arc::new({
            let time = Arc::clone(&time);
            move || Millis(time.load(Ordering::SeqCst))
        });
        let (audit, rows) = Audit::new(Arc::clone(&log_of), Arc::clone(&now));
        tokio::spawn(audit::write_rows(Arc::clone(&log_of), rows));
        let organization = Organization::from_config(&gateway);
        let (feed, follow) =
            feed::start(log_of, organization, handle.clone(), log, now, jiff::tz::TimeZone::UTC)
                .await
                .unwrap();
        tokio::spawn(follow.run());
        let services = Services::new(ServiceParts {
            feed: Some(feed),
            mask,
            audit: Some(audit),
            target_book: Arc::new(store.clone()),
            library: LibraryCache::new(Arc::clone(&library)),
            gateway: Arc::new(gateway),
            options: toml::from_str("a = 'tenant'").unwrap(),
            read_options: |table| {
                table.iter().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
            },
            verify_password: |hash, password| hash == password,
            writer: handle,
            hub: Arc::clone(&hub),
            templates: TemplateCatalog::fixed(templates()),
            webhook: Some(WebhookVerifier {
                answer_challenge: Box::new(answer),
                is_signed: Box::new(signed),
            }),
            stopping: stopping.clone(),
            request_timeout,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (ended, done) = oneshot::channel();
        let app = router(&services);
        let mut until = stopping.clone();
        tokio::spawn(async move {
            let until = async move { drop(until.wait_for(|stop| *stop).await) };
            accept::run(listener, app, limits, until).await;
            let _ = ended.send(());
        });
        tokio::spawn(Arc::clone(&services).track_presence());
        let _desk = tokio::spawn(writer(asks, Arc::clone(&hub), Arc::clone(&asked)));
        let http = Client::builder().timeout(PATIENCE).build().unwrap();
        let done = Some(done);
        Self {
            base,
            http,
            hub,
            asked,
            services,
            library,
            dir,
            stop,
            done,
            _desk,
            store,
            time,
            written,
            account,
        }
    }

    /// The file of its store.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("gateway.db")
    }

    /// Writes events into the log as the writer would.
    pub async fn happens(&self, events: &[LogEvent]) {
        let at = Millis(self.time.load(Ordering::SeqCst));
        let record = |event: &LogEvent| EventRecord {
            kind: event.kind(),
            interaction: event.interaction().cloned(),
            body: serde_json::to_string(event).unwrap(),
        };
        let records = events.iter().map(record).collect();
        let written = self.store.append(Batch { at, records, ..Batch::default() }).await.unwrap();
        self.written.send_replace(written.last_seq);
    }

    /// The admin listener's address.
    pub async fn admin(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(accept::run(
            listener,
            admin::router(&self.services),
            ListenerLimits::default(),
            std::future::pending(),
        ));
        base
    }

    pub async fn form(&self, form: &str) -> (StatusCode, Value) {
        let request = self
            .http
            .post(format!("{}/auth/v3/oauth/token", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "Basic Y2xpZW50OnNlY3JldA==")
            .body(form.to_owned());
        read(request.send().await.unwrap()).await
    }

    pub async fn token(&self, user: &str) -> String {
        let (status, token) = self
            .form(&format!("grant_type=password&username=acme%5C{user}&password=secret&client_id=x&scope=*"))
            .await;
        assert_eq!(status, 200, "{token}");
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// A signed-in person with a workspace session.
    pub async fn person(&self, user: &str) -> Person<'_> {
        let request = self
            .http
            .post(format!("{}/workspace/v3/initialize-workspace", self.base))
            .header("content-type", "application/json")
            .bearer_auth(self.token(user).await);
        let response = request.send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(!cookie.contains("Secure") && cookie.contains("HttpOnly"), "{cookie}");
        let (status, body) = read(response).await;
        assert_eq!((status, &body["status"]["code"]), (StatusCode::OK, &json!(1)));
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Person { rig: self, cookie }
    }
}

pub async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[derive(Clone)]
pub struct Person<'a> {
    pub rig: &'a Rig,
    pub cookie: String,
}

impl Person<'_> {
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> (StatusCode, Value) {
        let request = self
            .rig
            .http
            .request(method, format!("{}{path}", self.rig.base))
            .header("cookie", &self.cookie)
            .header("content-type", "application/json")
            .body(body);
        read(request.send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
        self.send(Method::POST, &format!("/workspace/v3{path}"), body).await
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, &format!("/workspace/v3{path}"), "").await
    }

    /// Bayeux messages to any notification path; the replies and events, in order.
    pub async fn bayeux(&self, suffix: &str, messages: Value) -> Vec<Value> {
        let (status, body) = self.post(&format!("/notifications{suffix}"), messages.to_string()).await;
        assert_eq!(status, 200, "{body}");
        body.as_array().unwrap().clone()
    }

    pub async fn handshake(&self) -> String {
        let replies = self
            .bayeux(
                "/handshake",
                json!([{"id": "1", "version": "1.0", "channel": "/meta/handshake",
                    "supportedConnectionTypes": ["long-polling", "callback-polling"]}]),
            )
            .await;
        assert_eq!(replies[0]["successful"], true);
        replies[0]["clientId"].as_str().unwrap().to_owned()
    }

    pub async fn subscribe(&self, client: &str, names: Value) -> Value {
        let message =
            json!([{"id": "2", "channel": "/meta/subscribe", "subscription": names, "clientId": client}]);
        self.bayeux("/", message).await.remove(0)
    }

    /// A connect; the reply and the texts or kinds of its events.
    pub async fn connect(&self, client: &str, at_once: bool) -> (Value, Vec<Value>) {
        let mut message = json!({"id": "3", "channel": "/meta/connect", "connectionType": "long-polling",
            "clientId": client});
        if at_once {
            message["advice"] = json!({"timeout": 0});
        }
        let mut all = self.bayeux("/connect", json!([message])).await;
        let reply = all.remove(0);
        (reply, all)
    }
}

/// A contact with a number of WhatsApp's.
fn contact() -> ContactCard {
    let first = vec![AttributeValue::plain("Lucía")];
    ContactCard {
        id: "c1".into(),
        names: vec![("wa.number".into(), "34600000101".into())],
        attributes: [
            ("FirstName".to_owned(), first),
            ("EmailAddress".to_owned(), vec![AttributeValue::plain("lucia@shop.example")]),
        ]
        .into(),
        changed: Some(("ana".into(), Millis(1000))),
        last_merge: None,
        last_merge_name: Some("Lucia".into()),
    }
}

impl Rig {
    /// The uses of standard responses that are kept, as text.
    pub fn uses(&self) -> Vec<String> {
        let data = rusqlite::Connection::open(self.dir.path().join("gateway.db")).unwrap();
        let mut wanted = data
            .prepare("SELECT employee || ' ' || interaction || ' ' || response || ' ' || kind FROM response_usage ORDER BY seq")
            .unwrap();
        wanted.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

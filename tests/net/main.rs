//! The connection against a small server that does what a test tells it to.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

mod oversee;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request as HttpRequest, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use deskline::config::schema::Transport;
use deskline::net::{
    self, CallError, Carrier, ConnectionSettings, FromNet, LinkState, StopReason, ToNet, probe,
};
use deskline::proto::bayeux::{self, BayeuxMessage};
use deskline::proto::event::Event;
use deskline::proto::request::Request;
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

/// Nothing in these tests takes longer, unless it never happens.
const LIMIT: Duration = Duration::from_secs(180);

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

#[derive(Default)]
struct Knobs {
    refuse_upgrade: bool,
    password_is_wrong: bool,
    /// The number of the session cookie that is good.
    session: u32,
    /// Requests whose path ends so are never answered.
    silent: Option<&'static str>,
    /// Requests whose path ends so are forbidden.
    forbidden: Option<&'static str>,
    /// The good client id; a server that forgot has none.
    client: Option<String>,
    clients: u32,
    events: VecDeque<Json>,
    /// What requests are answered with, by the beginning of what they are for; others are accepted.
    answers: Vec<(&'static str, Json)>,
    /// There is nothing where the path begins so.
    missing: Option<&'static str>,
    /// Nobody may be asked about this agent.
    refused_agent: Option<&'static str>,
    /// What was posted, without what makes and ends a session or carries events.
    posts: Vec<String>,
}

struct Fake {
    knobs: Mutex<Knobs>,
    log: watch::Sender<Vec<String>>,
    stir: Notify,
}

impl Fake {
    fn note(&self, what: impl Into<String>) {
        self.log.send_modify(|log| log.push(what.into()));
    }

    /// Replies to an array; `None` in place of a connect that is to be held.
    fn answer(&self, messages: &[BayeuxMessage]) -> (Vec<Json>, Option<Json>) {
        let (mut events, mut replies, mut held) = (Vec::new(), Vec::new(), None);
        for message in messages {
            let mut knobs = self.knobs.lock().unwrap();
            let mut reply = json!({"id": message.id, "channel": message.channel, "successful": true});
            if message.channel == bayeux::HANDSHAKE {
                assert_eq!(messages.len(), 1, "a handshake is alone");
                knobs.clients += 1;
                let id = format!("c{}", knobs.clients);
                knobs.client = Some(id.clone());
                reply["clientId"] = json!(id);
                reply["advice"] = json!({"reconnect": "retry", "interval": 0, "timeout": 30000});
                drop(knobs);
                self.note("handshake");
            } else if message.client_id.is_none() || message.client_id != knobs.client {
                reply["successful"] = json!(false);
                reply["error"] = json!("402::session_unknown");
                reply["advice"] = json!({"reconnect": "handshake", "interval": 0});
            } else if message.channel == bayeux::SUBSCRIBE {
                drop(knobs);
                let name = message.subscriptions()[0].to_owned();
                reply["subscription"] = json!(name);
                if name.ends_with("/initialization") {
                    events.push(json!({"channel": name, "data": {"state": "Executing"}}));
                    events.push(json!({"channel": name, "data": {"state": "Complete",
                        "data": {"user": {"employeeId": "ana"}, "configuration": {}}}}));
                }
                self.note(format!("subscribe {name}"));
            } else if message.channel == bayeux::CONNECT {
                let at_once = message.advice.as_ref().and_then(|advice| advice.timeout) == Some(0);
                drop(knobs);
                self.note(if at_once { "connect at once" } else { "connect" });
                if !at_once {
                    held = Some(reply);
                    continue;
                }
            } else {
                drop(knobs);
                self.note(message.channel.clone());
            }
            replies.push(reply);
        }
        // Events before replies, as one of the known servers does.
        events.extend(replies);
        (events, held)
    }

    /// What ends a held connect: events, or that the session was forgotten.
    fn due(&self, held: &mut Option<Json>) -> Vec<Json> {
        let mut knobs = self.knobs.lock().unwrap();
        let mut out: Vec<Json> = knobs.events.drain(..).collect();
        if knobs.client.is_none()
            && let Some(mut reply) = held.take()
        {
            reply["successful"] = json!(false);
            reply["error"] = json!("402::session_unknown");
            reply["advice"] = json!({"reconnect": "handshake", "interval": 0});
            out.push(reply);
        }
        out
    }

    async fn poll(&self, messages: &[BayeuxMessage]) -> Vec<Json> {
        let (mut out, mut held) = self.answer(messages);
        while out.is_empty() {
            let stirred = self.stir.notified();
            let due = self.due(&mut held);
            if due.is_empty() {
                stirred.await;
                continue;
            }
            out.extend(due);
        }
        out.extend(held);
        out
    }

    async fn socket(self: Arc<Self>, mut socket: WebSocket) {
        let mut held = None;
        loop {
            let stirred = self.stir.notified();
            let due = self.due(&mut held);
            if !due.is_empty() {
                let _ = socket.send(Frame::text(Json::from(due).to_string())).await;
                continue;
            }
            tokio::select! {
                frame = socket.recv() => match frame {
                    Some(Ok(Frame::Text(text))) => {
                        let (out, waits) = self.answer(&bayeux::parse(text.as_bytes()).unwrap());
                        held = waits.or(held);
                        if !out.is_empty() {
                            let _ = socket.send(Frame::text(Json::from(out).to_string())).await;
                        }
                    }
                    Some(Ok(_)) => {}
                    _ => return,
                },
                () = stirred => {}
            }
        }
    }
}

fn has_cookie(headers: &HeaderMap, session: u32) -> bool {
    let cookies = headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    cookies.split("; ").any(|pair| pair == format!("WORKSPACE_SESSIONID=s{session}"))
}

async fn handle(State(fake): State<Arc<Fake>>, request: HttpRequest) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let headers = parts.headers.clone();
    assert_eq!(headers["x-api-key"], "key", "{path}");
    let notifications = path.starts_with("/workspace/v3/notifications");
    if path == "/auth/v3/oauth/token" {
        fake.note("token");
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        // The user is `T\ana+é`, the client `id` without a secret.
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            "grant_type=password&username=T%5Cana%2B%C3%A9&password=p%26w&client_id=id&scope=*"
        );
        assert_eq!(headers["authorization"], "Basic aWQ6");
        if fake.knobs.lock().unwrap().password_is_wrong {
            return (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#).into_response();
        }
        return r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#.into_response();
    }
    if path == "/auth/v3/ping" {
        return "".into_response();
    }
    if path == "/workspace/v3/initialize-workspace" {
        fake.note("initialize");
        assert_eq!(headers["authorization"], "Bearer t");
        assert_eq!(headers["content-length"], "0");
        let mut knobs = fake.knobs.lock().unwrap();
        knobs.session += 1;
        let cookie = format!("WORKSPACE_SESSIONID=s{}; Path=/; HttpOnly", knobs.session);
        return ([("set-cookie", cookie)], r#"{"status":{"code":1}}"#).into_response();
    }
    assert!(!headers.contains_key("authorization"), "the token is not sent again: {path}");
    let upgrade = headers.contains_key("upgrade");
    if upgrade {
        let (refuse, known) = {
            let knobs = fake.knobs.lock().unwrap();
            (knobs.refuse_upgrade, has_cookie(&headers, knobs.session))
        };
        if refuse {
            fake.note("refused upgrade");
            return StatusCode::BAD_REQUEST.into_response();
        }
        if !known {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        fake.note("upgrade");
        let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.unwrap();
        return upgrade.on_upgrade(move |socket| fake.socket(socket));
    }
    if !has_cookie(&headers, fake.knobs.lock().unwrap().session) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    if notifications {
        let out = fake.poll(&bayeux::parse(&body).unwrap()).await;
        let cookie = [("set-cookie", "BAYEUX_BROWSER=b; HttpOnly")];
        return (cookie, axum::Json(out)).into_response();
    }
    let what = path.trim_start_matches("/workspace/v3/");
    let text = serde_json::from_slice::<Json>(&body).ok();
    let agent = text.as_ref().and_then(|json| json.pointer("/data/agentId")).and_then(Json::as_str);
    if parts.method == "POST" && what != "logout" {
        fake.knobs
            .lock()
            .unwrap()
            .posts
            .push(format!("{what} {}", agent.unwrap_or_default()).trim().to_owned());
    }
    match text.as_ref().and_then(|json| json.pointer("/data/message")).and_then(Json::as_str) {
        Some(text) => fake.note(format!("{what} {text}")),
        None => fake.note(what),
    }
    {
        let knobs = fake.knobs.lock().unwrap();
        let missing = knobs.missing.is_some_and(|path| what.starts_with(path));
        if missing || agent.is_some_and(|agent| knobs.refused_agent == Some(agent)) {
            return (StatusCode::NOT_FOUND, r#"{"status":{"code":404,"message":"not here"}}"#)
                .into_response();
        }
    }
    let ends = |suffix: Option<&str>| suffix.is_some_and(|suffix| what.ends_with(suffix));
    loop {
        let stirred = fake.stir.notified();
        let (forbidden, silent) = {
            let knobs = fake.knobs.lock().unwrap();
            (ends(knobs.forbidden), ends(knobs.silent))
        };
        if forbidden {
            let refusal = r#"{"status":{"code":403,"message":"a supervisor cannot send"}}"#;
            return (StatusCode::FORBIDDEN, refusal).into_response();
        }
        if !silent {
            break;
        }
        stirred.await;
    }
    if let Some((_, data)) =
        fake.knobs.lock().unwrap().answers.iter().find(|(path, _)| what.starts_with(path))
    {
        return axum::Json(json!({"status": {"code": 0}, "data": data})).into_response();
    }
    if what == "current-session" {
        return r#"{"status":{"code":0},"data":{"user":{"employeeId":"ana"}}}"#.into_response();
    }
    r#"{"status":{"code":1}}"#.into_response()
}

/// A server in a runtime of its own, so that it can be killed with all its connections.
struct Server {
    fake: Arc<Fake>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    async fn start(knobs: Knobs) -> Self {
        let log = watch::Sender::new(Vec::new());
        let fake = Arc::new(Fake { knobs: Mutex::new(knobs), log, stir: Notify::new() });
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), fake).await
    }

    async fn at(address: SocketAddr, fake: Arc<Fake>) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let app = Router::new().fallback(handle).with_state(fake.clone());
        let (ready, bound) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            // The port of a server that was just killed may need a moment to be free.
            let listener = loop {
                match tokio::net::TcpListener::bind(address).await {
                    Ok(listener) => break listener,
                    Err(_) => tokio::task::yield_now().await,
                }
            };
            ready.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
        let address = soon("the server", bound).await.unwrap();
        Self { fake, address, runtime: Some(runtime) }
    }

    fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    fn settings(&self) -> ConnectionSettings {
        ConnectionSettings {
            url: format!("http://{}", self.address).parse().unwrap(),
            user: "T\\ana+é".to_owned(),
            password: "p&w".to_owned().into(),
            client_id: "id".to_owned(),
            client_secret: None,
            api_key: Some("key".to_owned().into()),
            transport: Transport::Auto,
            ca: None,
        }
    }

    fn connect(&self) -> Desk {
        let (to, from, task) = net::start(self.settings());
        Desk { to, from, task }
    }

    fn log(&self) -> Vec<String> {
        self.fake.log.borrow().clone()
    }

    fn count(&self, what: &str) -> usize {
        self.log().iter().filter(|noted| *noted == what).count()
    }

    async fn noted(&self, what: &str, times: usize) {
        let mut log = self.fake.log.subscribe();
        let enough = |log: &Vec<String>| log.iter().filter(|noted| *noted == what).count() >= times;
        soon(what, log.wait_for(enough)).await.unwrap();
    }

    fn set(&self, change: impl FnOnce(&mut Knobs)) {
        change(&mut self.fake.knobs.lock().unwrap());
        self.fake.stir.notify_waiters();
    }

    fn push(&self, text: &str) {
        let event = json!({"channel": "/workspace/v3/media/whatsappsession", "data": {
            "messageType": "MessageLogUpdated", "interactionId": "i", "messages": [{"index": 1, "type": "Text", "text": text}]}});
        self.set(|knobs| knobs.events.push_back(event));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Desk {
    to: mpsc::Sender<ToNet>,
    from: mpsc::Receiver<FromNet>,
    task: JoinHandle<()>,
}

impl Desk {
    /// The first report that `pick` wants; others are passed over.
    async fn until<T>(&mut self, what: &str, mut pick: impl FnMut(FromNet) -> Option<T>) -> T {
        soon(what, async {
            loop {
                let report = self.from.recv().await.unwrap_or_else(|| panic!("it ended before {what}"));
                if let Some(found) = pick(report) {
                    return found;
                }
            }
        })
        .await
    }

    async fn online(&mut self) -> Carrier {
        let online = |report| match report {
            FromNet::Link(LinkState::Online { carrier }) => Some(carrier),
            _ => None,
        };
        self.until("online", online).await
    }

    async fn lost(&mut self) -> String {
        let lost = |report| match report {
            FromNet::Link(LinkState::Lost { reason, .. }) => Some(reason),
            _ => None,
        };
        self.until("lost", lost).await
    }

    async fn stopped(&mut self) -> StopReason {
        let stopped = |report| match report {
            FromNet::Link(LinkState::Stopped { reason }) => Some(reason),
            _ => None,
        };
        self.until("stopped", stopped).await
    }

    /// Whether the next start of a session is the first, and of a fresh one.
    async fn session(&mut self) -> (bool, bool) {
        let started = |report| match report {
            FromNet::SessionStarted { session, first, fresh } => {
                assert_eq!(session.user.unwrap().employee_id, "ana");
                Some((first, fresh))
            }
            _ => None,
        };
        self.until("a session", started).await
    }

    async fn text(&mut self) -> String {
        let text = |report| match report {
            FromNet::Event(Event::Messages { messages, .. }) => messages[0].text.clone(),
            _ => None,
        };
        self.until("a message", text).await
    }

    async fn call(&self, operation: &str, request: Request) {
        self.to.send(ToNet::Call { operation: operation.into(), request }).await.unwrap();
    }

    async fn send(&self, operation: &str, id: &str, text: &str) {
        self.call(
            operation,
            Request::SendMessage {
                id: id.into(),
                text: text.to_owned(),
                to: deskline::domain::message::Visibility::All,
            },
        )
        .await;
    }

    /// The next reply: to what, and what is wrong with it.
    async fn reply(&mut self) -> (String, Option<CallError>) {
        let reply = |report| match report {
            FromNet::Reply { operation, result, .. } => Some((operation.to_string(), result.err())),
            _ => None,
        };
        self.until("a reply", reply).await
    }
}

const SUBSCRIPTIONS: [&str; 5] = [
    "subscribe /workspace/v3/media",
    "subscribe /workspace/v3/media/whatsappsession",
    "subscribe /workspace/v3/media/chat",
    "subscribe /workspace/v3/contacts",
    "subscribe /workspace/v3/workbins",
];

fn sequence(before: &[&str]) -> Vec<String> {
    let first = ["handshake", "subscribe /workspace/v3/initialization"];
    before.iter().chain(&first).chain(&SUBSCRIPTIONS).map(|what| (*what).to_owned()).collect()
}

fn without_connects(log: Vec<String>) -> Vec<String> {
    log.into_iter().filter(|what| !what.starts_with("connect")).collect()
}

#[tokio::test]
async fn the_sequence_over_a_websocket_is_as_the_protocol_says() {
    let server = Server::start(Knobs::default()).await;
    let mut desk = server.connect();
    assert_eq!(desk.from.recv().await, Some(FromNet::Link(LinkState::Connecting { attempt: 1 })));
    assert_eq!(desk.online().await, Carrier::Websocket);
    assert_eq!(desk.session().await, (true, true));
    server.noted("connect", 1).await;
    assert_eq!(without_connects(server.log()), sequence(&["token", "initialize", "upgrade"]));
    assert_eq!(server.count("connect at once"), 1);
    server.push("hola");
    assert_eq!(desk.text().await, "hola");
}

#[tokio::test]
async fn a_refused_upgrade_falls_back_to_long_polling_for_good() {
    let mut server = Server::start(Knobs { refuse_upgrade: true, ..Knobs::default() }).await;
    let mut desk = server.connect();
    assert_eq!(desk.online().await, Carrier::LongPolling);
    assert_eq!(desk.session().await, (true, true));
    assert_eq!(without_connects(server.log()), sequence(&["token", "initialize", "refused upgrade"]));
    server.push("uno");
    assert_eq!(desk.text().await, "uno");
    server.push("dos");
    assert_eq!(desk.text().await, "dos");
    server.kill();
    desk.lost().await;
    let server = Server::at(server.address, server.fake.clone()).await;
    assert_eq!(desk.online().await, Carrier::LongPolling);
    assert_eq!(server.count("refused upgrade"), 1, "the refusal is remembered");
}

#[tokio::test]
async fn a_forgotten_event_session_is_subscribed_again() {
    for refuse_upgrade in [false, true] {
        let server = Server::start(Knobs { refuse_upgrade, ..Knobs::default() }).await;
        let mut desk = server.connect();
        desk.online().await;
        assert_eq!(desk.session().await, (true, true));
        server.noted("connect", 1).await;
        server.set(|knobs| knobs.client = None);
        assert_eq!(desk.session().await, (false, false), "the console is told to read again");
        for what in SUBSCRIPTIONS {
            assert_eq!(server.count(what), 2, "{what}");
        }
        assert_eq!(server.count("initialize"), 1);
        server.push("again");
        assert_eq!(desk.text().await, "again");
    }
}

#[tokio::test]
async fn a_wrong_password_stops_and_ends_the_task() {
    let server = Server::start(Knobs { password_is_wrong: true, ..Knobs::default() }).await;
    let mut desk = server.connect();
    assert_eq!(desk.stopped().await, StopReason::WrongPassword);
    soon("the end of the task", desk.task).await.unwrap();
    assert_eq!(server.log(), ["token"], "it is not tried again");
}

#[tokio::test]
async fn a_killed_server_is_reconnected_with_the_same_session() {
    let mut server = Server::start(Knobs::default()).await;
    let mut desk = server.connect();
    assert_eq!(desk.session().await, (true, true));
    server.kill();
    assert!(!desk.lost().await.is_empty());
    desk.send("off", "i", "x").await;
    let (operation, error) = desk.reply().await;
    assert!(operation == "off" && matches!(error, Some(CallError::NotSent(_))), "{error:?}");
    let server = Server::at(server.address, server.fake.clone()).await;
    assert_eq!(desk.online().await, Carrier::Websocket, "an unreachable server refused nothing");
    assert_eq!(desk.session().await, (false, false));
    assert_eq!((server.count("token"), server.count("initialize")), (1, 1));
    assert!(server.count("current-session") >= 1);
}

#[tokio::test]
async fn a_forgotten_session_is_replaced_with_the_same_token() {
    let mut server = Server::start(Knobs::default()).await;
    let mut desk = server.connect();
    desk.session().await;
    server.kill();
    desk.lost().await;
    server.set(|knobs| knobs.session += 10);
    let server = Server::at(server.address, server.fake.clone()).await;
    assert_eq!(desk.session().await, (false, true), "its channels must be activated again");
    assert_eq!((server.count("token"), server.count("initialize")), (1, 2));
}

#[tokio::test]
async fn a_request_in_a_forgotten_session_is_done_in_a_new_one() {
    let server = Server::start(Knobs::default()).await;
    let mut desk = server.connect();
    desk.session().await;
    server.set(|knobs| knobs.session += 10);
    desk.send("op", "i", "hola").await;
    assert_eq!(desk.reply().await, ("op".to_owned(), None));
    assert_eq!((server.count("token"), server.count("initialize")), (1, 2));
    assert_eq!(server.count("media/whatsappsession/interactions/i/send-message hola"), 1);
}

#[tokio::test]
async fn an_act_that_is_forbidden_costs_no_session() {
    let server = Server::start(Knobs { forbidden: Some("send-message"), ..Knobs::default() }).await;
    let mut desk = server.connect();
    desk.session().await;
    desk.send("op", "i", "hola").await;
    let (_, error) = desk.reply().await;
    let message = "a supervisor cannot send".to_owned();
    assert_eq!(error, Some(CallError::Refused { http: 403, code: 403, message }));
    assert_eq!(server.count("initialize"), 1);
}

#[tokio::test]
async fn a_lost_reply_leaves_the_outcome_unknown() {
    let mut server = Server::start(Knobs { silent: Some("send-message"), ..Knobs::default() }).await;
    let mut desk = server.connect();
    desk.session().await;
    desk.send("op", "i", "hola").await;
    desk.send("behind", "i", "otra").await;
    server.noted("media/whatsappsession/interactions/i/send-message hola", 1).await;
    server.kill();
    let (operation, error) = desk.reply().await;
    assert!(operation == "op" && matches!(error, Some(CallError::OutcomeUnknown(_))), "{error:?}");
    let (operation, error) = desk.reply().await;
    assert!(operation == "behind" && matches!(error, Some(CallError::NotSent(_))), "{error:?}");
}

#[tokio::test]
async fn messages_of_one_session_never_swap_and_delay_no_other() {
    let server =
        Server::start(Knobs { silent: Some("interactions/i/send-message"), ..Knobs::default() }).await;
    let mut desk = server.connect();
    desk.session().await;
    let sent = |id: &str, text: &str| format!("media/whatsappsession/interactions/{id}/send-message {text}");
    desk.send("1", "i", "uno").await;
    server.noted(&sent("i", "uno"), 1).await;
    desk.send("2", "i", "dos").await;
    desk.call("typing", Request::Typing { id: "i".into(), started: true }).await;
    assert_eq!(desk.reply().await, ("typing".to_owned(), None));
    desk.send("3", "j", "tres").await;
    assert_eq!(desk.reply().await, ("3".to_owned(), None));
    assert_eq!(server.count(&sent("i", "dos")), 0, "the second waits for the first");
    server.set(|knobs| knobs.silent = None);
    assert_eq!(desk.reply().await, ("1".to_owned(), None));
    assert_eq!(desk.reply().await, ("2".to_owned(), None));
}

#[tokio::test]
async fn a_mebibyte_passes_on_either_carrier() {
    for refuse_upgrade in [false, true] {
        let server = Server::start(Knobs { refuse_upgrade, ..Knobs::default() }).await;
        let mut desk = server.connect();
        desk.session().await;
        server.push(&"x".repeat(1 << 20));
        assert_eq!(desk.text().await.len(), 1 << 20);
    }
}

#[tokio::test]
async fn signing_out_sends_the_documented_requests_in_order() {
    for refuse_upgrade in [false, true] {
        let server = Server::start(Knobs { refuse_upgrade, ..Knobs::default() }).await;
        let mut desk = server.connect();
        desk.session().await;
        desk.to.send(ToNet::SignOut(Default::default())).await.unwrap();
        assert_eq!(desk.stopped().await, StopReason::SignedOut);
        let log = without_connects(server.log());
        assert_eq!(log[log.len() - 2..], ["/meta/disconnect", "logout"]);
        assert!(soon("the end", desk.from.recv()).await.is_none(), "stopped is the last report");
        soon("the end of the task", desk.task).await.unwrap();
    }
}

#[tokio::test]
async fn a_console_that_goes_away_signs_nobody_out() {
    let server = Server::start(Knobs::default()).await;
    let mut desk = server.connect();
    desk.session().await;
    drop(desk.to);
    soon("the end of the task", desk.task).await.unwrap();
    assert_eq!((server.count("/meta/disconnect"), server.count("logout")), (0, 0));
}

#[tokio::test]
async fn a_probe_describes_every_step() {
    for refuse_upgrade in [false, true] {
        let server = Server::start(Knobs { refuse_upgrade, ..Knobs::default() }).await;
        let steps = soon("the probe", probe::probe(server.settings())).await;
        let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
        let all = [
            "settings",
            "resolve",
            "tcp",
            "http",
            "token",
            "initialize",
            "websocket",
            "handshake",
            "subscribe",
            "complete",
            "logout",
        ];
        assert_eq!(names, all);
        assert!(steps.iter().all(|step| step.result.is_ok()), "{steps:?}");
        let websocket = steps[6].result.clone().unwrap();
        assert_eq!(websocket.contains("long-polling is used"), refuse_upgrade, "{websocket}");
    }
}

#[tokio::test]
async fn a_probe_says_where_it_ended() {
    let mut server = Server::start(Knobs { password_is_wrong: true, ..Knobs::default() }).await;
    let steps = soon("the probe", probe::probe(server.settings())).await;
    let last = steps.last().unwrap();
    assert_eq!(last.name, "token");
    assert!(last.result.clone().unwrap_err().contains("password"));
    server.kill();
    // A port that is bound but never accepts.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let closed = taken.local_addr().unwrap();
    let settings =
        ConnectionSettings { url: format!("http://{closed}").parse().unwrap(), ..server.settings() };
    let steps = soon("the probe", probe::probe(settings)).await;
    assert_eq!(steps.last().unwrap().name, "tcp");
}

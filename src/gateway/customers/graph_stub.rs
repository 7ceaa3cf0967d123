//! A Graph API on a loopback port, for `demo` and for tests, which script its replies.
//!
//! Owns: checking a send as WhatsApp does (token, number, form, optionally the reply window), its ID, and the last bodies.
//! Must not: know who the customers are.

use super::templates::samples;
pub use super::upload::Uploaded;
use super::upload::parse_form;
use super::webhook_sender::MessageIds;
use crate::domain::AttachedData;
use crate::domain::window::REPLY_WINDOW;
use crate::gateway::whatsapp::templates::{APPROVED, page};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The reply to the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StubReply {
    /// The reply of WhatsApp.
    Accept,
    /// An HTTP status and WhatsApp's error code.
    Error(u16, i64),
    /// No reply before [`GraphStub::release_hanging`]; then the connection is closed in the middle of the reply.
    Hang,
    /// The connection is closed in the middle of the reply.
    Close,
}

/// Options of the stub.
#[derive(Clone, Debug)]
pub struct StubOptions {
    /// The access token that it requires.
    pub access_token: SecretString,
    /// The ID of its only business number.
    pub phone_number_id: String,
    /// Whether it refuses free text to customers who did not write in the last 24 hours, see
    /// [`GraphStub::customer_wrote`].
    pub window: bool,
}

/// A send that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedSend {
    /// The ID that the stub assigned.
    pub wamid: String,
    /// The customer: digits, or a business-scoped user id.
    pub to: String,
    /// The text.
    pub text: String,
    /// The sender's own ID (`biz_opaque_callback_data`).
    pub tracker: String,
    /// The template's name; empty for free text.
    pub template: String,
    /// The file, if it is one.
    pub file: Option<Uploaded>,
}

/// Bodies that are kept for tests. Older ones are dropped.
const KEPT: usize = 10_000;

/// Templates on one page of the list.
const TEMPLATES: usize = 4;
/// Bytes of an upload, form included, at most.
const MOST_UPLOAD: usize = 101 * 1024 * 1024;

/// Accepted sends that wait in the channel. Overflow: the send is accepted but not passed on.
const TAKEN: usize = 256;

/// The stub. Dropping it stops the server.
#[derive(Debug)]
pub struct GraphStub {
    url: String,
    shared: Arc<StubServer>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct StubServer {
    options: StubOptions,
    ids: MessageIds,
    state: Mutex<StubState>,
    /// Whether requests answered with [`Reply::Hang`] are still held.
    hanging: watch::Sender<bool>,
    /// The number of bodies so far, for [`GraphStub::wait_for`].
    count: watch::Sender<usize>,
    taken: mpsc::Sender<AcceptedSend>,
}

#[derive(Debug, Default)]
struct StubState {
    templates: Vec<Value>,
    lists: VecDeque<StubReply>,
    account_script: VecDeque<StubReply>,
    unsubscribed: bool,
    script: VecDeque<StubReply>,
    bodies: VecDeque<Bytes>,
    last_messages: HashMap<String, Instant>,
    uploads: HashMap<String, Uploaded>,
    upload_script: VecDeque<StubReply>,
    upload_requests: usize,
    /// The `wa_id` of the recipient in replies, if it differs from the number in the request.
    reply_wa_id: Option<String>,
}

impl GraphStub {
    /// Starts on a free port of the loopback interface. Accepted sends come through the channel, which holds at most 256
    /// and may be dropped.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(options: StubOptions) -> io::Result<(Self, mpsc::Receiver<AcceptedSend>)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (taken, receiver) = mpsc::channel(TAKEN);
        let shared = Arc::new(StubServer {
            options,
            ids: MessageIds::new(),
            state: Mutex::new(StubState { templates: samples(), ..StubState::default() }),
            hanging: watch::Sender::new(true),
            count: watch::Sender::new(0),
            taken,
        });
        let router = Router::new()
            .route("/{version}/{number}/messages", post(messages))
            .route("/{version}/{account}/message_templates", get(list))
            .route("/{version}/{number}", get(number))
            .route("/{version}/{account}/phone_numbers", get(numbers))
            .route("/{version}/{account}/subscribed_apps", get(apps))
            .route("/{version}/{number}/media", post(media).layer(DefaultBodyLimit::max(MOST_UPLOAD)))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the simulated Graph API stopped");
            }
        });
        Ok((Self { url, shared, server }, receiver))
    }

    /// Its address, for `graph-url`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets the replies to the next sends, in order. Later sends are accepted.
    pub fn script(&self, replies: impl IntoIterator<Item = StubReply>) {
        self.shared.state().script.extend(replies);
    }

    /// From now on replies with this `wa_id` for every recipient, whatever the number in the request.
    pub fn reply_with_wa_id(&self, wa_id: &str) {
        self.shared.state().reply_wa_id = Some(wa_id.to_owned());
    }

    /// Replaces the templates of the account, each as WhatsApp lists it.
    pub fn set_templates(&self, templates: Vec<Value>) {
        self.shared.state().templates = templates;
    }

    /// Sets the replies to the next requests for the list of templates, in order.
    pub fn script_lists(&self, replies: impl IntoIterator<Item = StubReply>) {
        self.shared.state().lists.extend(replies);
    }

    /// Sets the replies to the next requests about number and account, in order.
    pub fn script_account_requests(&self, replies: impl IntoIterator<Item = StubReply>) {
        self.shared.state().account_script.extend(replies);
    }

    /// Sets whether an app is subscribed to the account's webhooks. Initially one is.
    pub fn set_subscribed(&self, subscribed: bool) {
        self.shared.state().unsubscribed = !subscribed;
    }

    /// Sets the replies to the next uploads, in order. Later uploads are accepted.
    pub fn script_uploads(&self, replies: impl IntoIterator<Item = StubReply>) {
        self.shared.state().upload_script.extend(replies);
    }

    /// The number of uploads, refused ones included.
    pub fn upload_requests(&self) -> usize {
        self.shared.state().upload_requests
    }

    /// The number of accepted uploads.
    pub fn uploads(&self) -> usize {
        self.shared.state().uploads.len()
    }

    /// Ends the requests that hang, present and future ones.
    pub fn release_hanging(&self) {
        self.shared.hanging.send_replace(false);
    }

    /// The bodies of the sends, oldest first.
    pub fn bodies(&self) -> Vec<Bytes> {
        self.shared.state().bodies.iter().cloned().collect()
    }

    /// Waits for `count` sends and returns their bodies.
    pub async fn wait_for(&self, count: usize) -> Vec<Bytes> {
        // The channel's sender lives as long as the stub, so the wait cannot fail.
        let _ = self.shared.count.subscribe().wait_for(|came| *came >= count).await;
        self.bodies()
    }

    /// Records that a customer wrote, which opens the reply window.
    pub fn customer_wrote(&self, address: &str) {
        self.shared.state().last_messages.insert(address.to_owned(), Instant::now());
    }
}

impl Drop for GraphStub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl StubServer {
    fn state(&self) -> MutexGuard<'_, StubState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The scripted failure of a request, or the refusal of its token; `None` when it is to be processed.
    async fn refusal(&self, reply: StubReply, headers: &HeaderMap) -> Option<Response> {
        match reply {
            StubReply::Hang | StubReply::Close => {
                if reply == StubReply::Hang {
                    // The channel's sender lives as long as the stub, so the wait cannot fail.
                    let _ = self.hanging.subscribe().wait_for(|hanging| !hanging).await;
                }
                let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(io::Error::other("closed"))]);
                return Some(Body::from_stream(broken).into_response());
            }
            StubReply::Error(status, code) => return Some(refused(status, code)),
            StubReply::Accept => {}
        }
        let bearer = format!("Bearer {}", self.options.access_token.expose_secret());
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        (token != Some(bearer.as_str())).then(|| refused(401, 190))
    }

    /// Checks a send. Returns it without an ID, or WhatsApp's error code.
    fn check_send(&self, body: &Value) -> Result<AcceptedSend, i64> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
            return Err(100);
        }
        let to = text(body.get("to"));
        let to = match to.strip_prefix('+') {
            Some(number) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                number.to_owned()
            }
            Some(_) => return Err(131_009),
            None if to.is_empty() => text(body.get("recipient")),
            None => return Err(131_009),
        };
        let tracker = text(body.get("biz_opaque_callback_data"));
        if let Some(template) = body.get("template").filter(|_| !to.is_empty()) {
            let words = self.filled(template)?;
            let template = text(template.get("name"));
            return Ok(AcceptedSend { wamid: String::new(), to, text: words, tracker, template, file: None });
        }
        let words = text(body.get("text").and_then(|text| text.get("body")));
        let length = words.chars().count();
        let kind = text(body.get("type"));
        let file = if kind == "text" { None } else { Some(self.file(&kind, body)?) };
        if to.is_empty() || (file.is_none() && length == 0) {
            return Err(131_008);
        }
        if length > 4096 || tracker.chars().count() > 512 {
            return Err(131_009);
        }
        let open = |at: &Instant| at.elapsed() < REPLY_WINDOW;
        if self.options.window && !self.state().last_messages.get(&to).is_some_and(open) {
            return Err(131_047);
        }
        Ok(AcceptedSend { wamid: String::new(), to, text: words, tracker, template: String::new(), file })
    }

    /// The text of a filled-in template, or WhatsApp's error code.
    fn filled(&self, sent: &Value) -> Result<String, i64> {
        let text =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let language = sent.get("language").map(|language| text(language, "code")).unwrap_or_default();
        let name = text(sent, "name");
        let all = page(&json!({"data": self.state().templates})).templates;
        let (template, status) =
            all.into_iter().find(|(one, _)| one.name == name && one.language == language).ok_or(132_001)?;
        match status.as_str() {
            APPROVED => {}
            "PAUSED" => return Err(132_015),
            "DISABLED" => return Err(132_016),
            _ => return Err(132_001),
        }
        let mut values = AttachedData::new();
        for component in sent.get("components").and_then(Value::as_array).into_iter().flatten() {
            let part = text(component, "type");
            let parameters = component.get("parameters").and_then(Value::as_array);
            for (number, parameter) in (1..).zip(parameters.into_iter().flatten()) {
                let kind = text(parameter, "type");
                let named = parameter.get("parameter_name").and_then(Value::as_str).map(str::to_owned);
                let key = match (part.as_str(), kind.as_str()) {
                    ("button", _) => format!("button.{}", text(component, "index")),
                    (_, "text") => format!("{part}.{}", named.unwrap_or_else(|| number.to_string())),
                    _ => format!("file.{kind}"),
                };
                let link = parameter.get(&kind).map(|file| text(file, "link")).unwrap_or_default();
                values.set(key, if kind == "text" { text(parameter, "text") } else { link });
            }
        }
        let problems = template.problems(&values);
        if values.len() != template.parameters().len() {
            return Err(132_000);
        }
        if problems.is_empty() { Ok(template.filled(&values)) } else { Err(132_012) }
    }

    /// The uploaded file of a send, or WhatsApp's error code.
    fn file(&self, kind: &str, body: &Value) -> Result<Uploaded, i64> {
        let id = body.get(kind).and_then(|media| media.get("id")).and_then(Value::as_str).ok_or(131_008)?;
        let file = self.state().uploads.get(id).cloned().ok_or(131_053)?;
        if crate::domain::response::word_of(&file.mime) != kind {
            return Err(131_053);
        }
        Ok(Uploaded { kind: kind.to_owned(), ..file })
    }
}

async fn messages(
    State(shared): State<Arc<StubServer>>,
    Path((_version, number)): Path<(String, String)>,
    headers: HeaderMap,
    raw: Bytes,
) -> Response {
    let reply = {
        let mut state = shared.state();
        if state.bodies.len() >= KEPT {
            state.bodies.pop_front();
        }
        state.bodies.push_back(raw.clone());
        state.script.pop_front().unwrap_or(StubReply::Accept)
    };
    shared.count.send_modify(|count| *count += 1);
    if let Some(refusal) = shared.refusal(reply, &headers).await {
        return refusal;
    }
    if number != shared.options.phone_number_id {
        return refused(400, 100);
    }
    let body: Value = serde_json::from_slice(&raw).unwrap_or(Value::Null);
    if body.get("status").and_then(Value::as_str) == Some("read") {
        return answer(StatusCode::OK, &json!({"success": true}));
    }
    match shared.check_send(&body) {
        Err(code) => refused(400, code),
        Ok(mut taken) => {
            let to = taken.to.clone();
            let wamid = shared.ids.next(&to);
            taken.wamid.clone_from(&wamid);
            let reply_wa_id = shared.state().reply_wa_id.clone().unwrap_or_else(|| to.clone());
            let accepted = json!({"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": reply_wa_id}],
                "messages": [{"id": wamid}]});
            // When the channel is full, the send is accepted without being passed on.
            let _ = shared.taken.try_send(taken);
            answer(StatusCode::OK, &accepted)
        }
    }
}

/// The scripted failure of a request about number or account, or the refusal of its token.
async fn account_refusal(shared: &StubServer, headers: &HeaderMap) -> Option<Response> {
    let reply = shared.state().account_script.pop_front().unwrap_or(StubReply::Accept);
    shared.refusal(reply, headers).await
}

/// The configured number.
async fn number(
    State(shared): State<Arc<StubServer>>,
    Path((_version, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = account_refusal(&shared, &headers).await {
        return refusal;
    }
    if number != shared.options.phone_number_id {
        return refused(400, 100);
    }
    let body = json!({"id": number, "display_phone_number": "+1 555-010-0100", "verified_name": "Demo Shop",
        "quality_rating": "GREEN"});
    answer(StatusCode::OK, &body)
}

/// The numbers of the account.
async fn numbers(State(shared): State<Arc<StubServer>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = account_refusal(&shared, &headers).await {
        return refusal;
    }
    answer(StatusCode::OK, &json!({"data": [{"id": shared.options.phone_number_id}]}))
}

/// The apps that receive the account's webhooks.
async fn apps(State(shared): State<Arc<StubServer>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = account_refusal(&shared, &headers).await {
        return refusal;
    }
    let apps =
        if shared.state().unsubscribed { json!([]) } else { json!([{"whatsapp_business_api_data": {}}]) };
    answer(StatusCode::OK, &json!({"data": apps}))
}

/// A page of the account's templates. `after` is where it begins.
async fn list(
    State(shared): State<Arc<StubServer>>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let reply = shared.state().lists.pop_front().unwrap_or(StubReply::Accept);
    if let Some(refusal) = shared.refusal(reply, &headers).await {
        return refusal;
    }
    let from = query.get("after").and_then(|after| after.parse::<usize>().ok()).unwrap_or(0);
    let state = shared.state();
    let some: Vec<Value> = state.templates.iter().skip(from).take(TEMPLATES).cloned().collect();
    let next = from + some.len();
    let mut body =
        json!({"data": some, "paging": {"cursors": {"before": from.to_string(), "after": next.to_string()}}});
    if let (Some(Value::Object(paging)), true) = (body.get_mut("paging"), next < state.templates.len()) {
        paging.insert("next".to_owned(), json!("more"));
    }
    answer(StatusCode::OK, &body)
}

/// An upload: a form with `messaging_product`, `type` and `file`.
async fn media(
    State(shared): State<Arc<StubServer>>,
    Path((_version, number)): Path<(String, String)>,
    headers: HeaderMap,
    raw: Bytes,
) -> Response {
    let reply = {
        let mut state = shared.state();
        state.upload_requests += 1;
        state.upload_script.pop_front().unwrap_or(StubReply::Accept)
    };
    // A connection that is closed during an upload is simulated by an error of the server.
    let reply = if matches!(reply, StubReply::Close) { StubReply::Error(500, 2) } else { reply };
    if let Some(refusal) = shared.refusal(reply, &headers).await {
        return refusal;
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let line = kind.split_once("boundary=").map(|(_, line)| format!("--{line}"));
    let Some(file) =
        line.and_then(|line| parse_form(&raw, &line)).filter(|_| number == shared.options.phone_number_id)
    else {
        return refused(400, 100);
    };
    let mut state = shared.state();
    let id = format!("media-{}", state.uploads.len() + 1);
    state.uploads.insert(id.clone(), file);
    answer(StatusCode::OK, &json!({ "id": id }))
}

fn refused(status: u16, code: i64) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answer(
        status,
        &json!({"error": {"message": "simulated refusal", "type": "OAuthException", "code": code}}),
    )
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

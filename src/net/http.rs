//! HTTP requests: sign-in, the workspace session, and requests of the API.
//!
//! Owns: the HTTP client, the token, the cookies. Must not: repeat a request by itself.
//! Invariants: an error says whether the request may have reached the server; no secret is in an error.

use super::dial;
use super::error::{CallError, StopReason, clean_server_text};
use super::settings::ConnectionSettings;
use crate::proto::bayeux::{self, BayeuxMessage};
use crate::proto::envelope::{Envelope, UNREAD};
use crate::proto::request::{Call, ReadPositions};
use crate::proto::session::{SessionDto, TokenDto};
use crate::proto::{AUTH, SESSION_COOKIE, WORKSPACE, wa};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// The time limit of a request that the server does not hold.
pub(super) const REQUEST: Duration = Duration::from_secs(10);
/// The time limit to reach the server; shorter than [`REQUEST`], to distinguish an unreachable server from a slow one.
const CONNECT: Duration = Duration::from_secs(5);
/// The largest accepted body.
const BODY: usize = 8 << 20;
/// How long before its end a token is renewed.
const TOKEN_MARGIN: Duration = Duration::from_secs(30);
const BAYEUX_BROWSER: &str = "BAYEUX_BROWSER";

/// The HTTP side of a connection. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    /// The TLS settings for WebSockets.
    pub tls: Arc<rustls::ClientConfig>,
    pub base: Url,
    pub api_key: Option<HeaderValue>,
}

/// A request that got no reply.
#[derive(Clone, Debug)]
pub(super) enum TransportError {
    /// The request did not reach the server.
    NotReached(String),
    /// The request may have reached the server.
    NoAnswer(String),
}

impl TransportError {
    /// The description in either case.
    pub fn reason(self) -> String {
        match self {
            Self::NotReached(why) | Self::NoAnswer(why) => why,
        }
    }
}

/// A complete reply.
#[derive(Debug)]
pub(super) struct HttpReply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl HttpReply {
    /// The server's reason for a refusal, from any of the known fields.
    fn reason(&self) -> String {
        let json: Json = serde_json::from_slice(&self.body).unwrap_or_default();
        ["/status/message", "/error_description", "/error", "/message"]
            .iter()
            .find_map(|pointer| json.pointer(pointer).and_then(Json::as_str).filter(|text| !text.is_empty()))
            .map_or_else(|| format!("HTTP {}", self.status), clean_server_text)
    }

    fn is_unauthorised(&self) -> bool {
        matches!(self.status.as_u16(), 401..=403)
    }
}

/// Why there is no token or session.
#[derive(Debug)]
pub(super) enum SignInError {
    /// Another attempt would fail as well.
    Stop(StopReason),
    /// Another attempt may succeed.
    Later(String),
}

impl From<TransportError> for SignInError {
    fn from(trouble: TransportError) -> Self {
        Self::Later(trouble.reason())
    }
}

/// The outcome of a request: whether the server accepted the session.
#[derive(Debug)]
pub(super) enum ExchangeOutcome {
    /// The request succeeded, or failed for another reason than the session.
    Over(Result<Envelope, CallError>),
    /// The session was not accepted, so nothing was changed.
    Unauthorised(CallError, StatusCode),
}

/// The cookies of a server.
#[derive(Clone, Debug, Default)]
pub(super) struct Cookies {
    session: Option<SecretString>,
    browser: Option<SecretString>,
}

impl Cookies {
    /// Whether there is a workspace session.
    pub fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// Stores the cookies of a reply. Attributes after the first `;` are ignored.
    pub fn update_from(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let pair = value.split(';').next().unwrap_or_default().trim();
            let Some((name, _)) = pair.split_once('=') else { continue };
            if name.starts_with(SESSION_COOKIE) {
                self.session = Some(pair.to_owned().into());
            } else if name == BAYEUX_BROWSER {
                self.browser = Some(pair.to_owned().into());
            }
        }
    }

    /// The `Cookie` header.
    pub fn header(&self) -> Option<HeaderValue> {
        let pairs: Vec<&str> =
            [&self.session, &self.browser].into_iter().flatten().map(ExposeSecret::expose_secret).collect();
        if pairs.is_empty() {
            return None;
        }
        let mut value = HeaderValue::from_str(&pairs.join("; ")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// The current access token.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    access: Option<(SecretString, Instant)>,
    refresh: Option<SecretString>,
}

impl Http {
    /// Creates the client.
    ///
    /// # Errors
    /// A sentence, when the settings are not usable.
    pub async fn new(settings: &ConnectionSettings) -> Result<Self, String> {
        let secure = match settings.url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(format!("the address must begin with http or https, not {other}")),
        };
        if settings.url.host().is_none() {
            return Err("the address names no host".to_owned());
        }
        let ca = settings.ca.clone();
        // Reading the system's certificates would block other tasks.
        let tls = tokio::task::spawn_blocking(move || dial::tls(ca.as_deref(), secure))
            .await
            .map_err(|why| why.to_string())??;
        let api_key = match &settings.api_key {
            None => None,
            Some(key) => {
                let mut value = HeaderValue::from_str(key.expose_secret())
                    .map_err(|_| "the API key has characters that a header cannot have".to_owned())?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            // On a held request nothing is sent for long, so the kernel must detect that the peer is gone.
            .tcp_keepalive(Duration::from_secs(5))
            .tcp_keepalive_interval(Duration::from_secs(3))
            .tcp_keepalive_retries(2)
            .pool_idle_timeout(Duration::from_secs(45))
            .user_agent(concat!("deskline/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|why| dial::innermost_cause(&why))?;
        Ok(Self { client, tls: Arc::new(tls), base: settings.url.clone(), api_key })
    }

    /// The URL of a path at the server. `None` when URL parsing would change the path.
    pub fn url(&self, path: &str) -> Option<Url> {
        let mut base = self.base.clone();
        base.set_query(None);
        base.set_fragment(None);
        let url = Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).ok()?;
        // Dots, even escaped ones, would be resolved and address another resource.
        let plain = path.split('?').next().unwrap_or(path);
        url.path().ends_with(plain).then_some(url)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        cookies: Option<&Cookies>,
    ) -> Result<RequestBuilder, TransportError> {
        let url = self
            .url(path)
            .ok_or_else(|| TransportError::NotReached("the request has no valid path".to_owned()))?;
        let mut request = self.client.request(method, url).timeout(REQUEST);
        if let Some(key) = &self.api_key {
            request = request.header("x-api-key", key.clone());
        }
        if let Some(cookie) = cookies.and_then(Cookies::header) {
            request = request.header(COOKIE, cookie);
        }
        Ok(request)
    }

    async fn send(&self, request: RequestBuilder) -> Result<HttpReply, TransportError> {
        let place = dial::host_and_port(&self.base);
        let mut response = request.send().await.map_err(|why| {
            let reached = !(why.is_connect() || why.is_builder());
            let said =
                if why.is_timeout() { "no answer in time".to_owned() } else { dial::innermost_cause(&why) };
            if reached {
                TransportError::NoAnswer(format!("{place}: {said}"))
            } else {
                TransportError::NotReached(format!("{place} cannot be reached: {said}"))
            }
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(None) => break,
                Ok(Some(chunk)) if body.len() + chunk.len() <= BODY => body.extend_from_slice(&chunk),
                Ok(Some(_)) => {
                    return Err(TransportError::NoAnswer(format!("{place}: the reply is too large")));
                }
                Err(why) => {
                    return Err(TransportError::NoAnswer(format!(
                        "{place}: {}",
                        dial::innermost_cause(&why)
                    )));
                }
            }
        }
        Ok(HttpReply { status, headers, body: body.freeze() })
    }

    /// Requests any reply, which shows that TCP, TLS and HTTP work.
    pub async fn ping(&self) -> Result<StatusCode, TransportError> {
        let request = self.request(Method::GET, &format!("{AUTH}/ping"), None)?;
        self.send(request).await.map(|reply| reply.status)
    }

    async fn request_token(
        &self,
        settings: &ConnectionSettings,
        form: &[(&str, &str)],
    ) -> Result<HttpReply, TransportError> {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form.iter().copied()).finish();
        let secret = settings.client_secret.as_ref().map_or("", |secret| secret.expose_secret());
        let request = self
            .request(Method::POST, &format!("{AUTH}/oauth/token"), None)?
            .basic_auth(&settings.client_id, Some(secret))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        self.send(request).await
    }

    /// A valid token: the current one, a renewed one, or a new one. The second value is whether it is new.
    pub async fn token(
        &self,
        settings: &ConnectionSettings,
        tokens: &mut Tokens,
    ) -> Result<(SecretString, bool), SignInError> {
        if let Some((access, until)) = &tokens.access
            && *until > Instant::now()
        {
            return Ok((access.clone(), false));
        }
        tokens.access = None;
        if let Some(refresh) = tokens.refresh.take() {
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
            let reply = self.request_token(settings, &form).await?;
            if reply.status.is_success() {
                return tokens.store(&reply);
            }
            tracing::info!(status = reply.status.as_u16(), "the token cannot be renewed; signing in again");
        }
        let form = [
            ("grant_type", "password"),
            ("username", settings.user.as_str()),
            ("password", settings.password.expose_secret()),
            ("client_id", settings.client_id.as_str()),
            ("scope", "*"),
        ];
        let reply = self.request_token(settings, &form).await?;
        if reply.status.is_success() {
            return tokens.store(&reply);
        }
        let error: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
        let error = error.get("error").and_then(Json::as_str).unwrap_or_default();
        Err(match (reply.status.as_u16(), error) {
            (400 | 401 | 403, "invalid_client" | "unauthorized_client" | "unsupported_grant_type") => {
                let why =
                    format!("this client (client-id and its secret) is not accepted: {}", reply.reason());
                SignInError::Stop(StopReason::NotAuthorised(why))
            }
            (400 | 401, _) => SignInError::Stop(StopReason::WrongPassword),
            (403, _) => SignInError::Stop(StopReason::NotAuthorised(reply.reason())),
            (426, _) => SignInError::Stop(StopReason::Outdated),
            (404, _) => SignInError::Later(format!(
                "{} has no Workspace API at this address (HTTP 404)",
                dial::host_and_port(&self.base)
            )),
            _ => SignInError::Later(format!("the server cannot sign agents in now: {}", reply.reason())),
        })
    }

    /// Starts a workspace session. A token that the server does not accept is replaced once.
    pub async fn initialize(
        &self,
        settings: &ConnectionSettings,
        tokens: &mut Tokens,
    ) -> Result<Cookies, SignInError> {
        loop {
            let (token, new) = self.token(settings, tokens).await?;
            let request = self
                .request(Method::POST, &workspace("/initialize-workspace"), None)?
                .bearer_auth(token.expose_secret())
                .header(CONTENT_TYPE, "application/json")
                .header(CONTENT_LENGTH, "0");
            let reply = self.send(request).await?;
            if reply.is_unauthorised() {
                tokens.access = None;
                if new {
                    return Err(SignInError::Stop(StopReason::NotAuthorised(reply.reason())));
                }
                continue;
            }
            if reply.status.as_u16() == 426 {
                return Err(SignInError::Stop(StopReason::Outdated));
            }
            if !reply.status.is_success() {
                return Err(SignInError::Later(format!("no session was begun: {}", reply.reason())));
            }
            let mut cookies = Cookies::default();
            cookies.update_from(&reply.headers);
            if !cookies.has_session() {
                return Err(SignInError::Later(format!("no session was begun: no {SESSION_COOKIE} came")));
            }
            return Ok(cookies);
        }
    }

    /// Sends an array of Bayeux messages.
    pub async fn bayeux(
        &self,
        cookies: &Cookies,
        messages: &[BayeuxMessage],
        limit: Duration,
    ) -> Result<HttpReply, TransportError> {
        let suffix = match messages.first().map(|message| message.channel.as_str()) {
            Some(bayeux::HANDSHAKE) => "handshake",
            Some(bayeux::CONNECT) => "connect",
            Some(bayeux::DISCONNECT) => "disconnect",
            _ => "",
        };
        let body = serde_json::to_vec(messages).map_err(|why| TransportError::NotReached(why.to_string()))?;
        let request = self
            .request(Method::POST, &workspace(&format!("/notifications/{suffix}")), Some(cookies))?
            .timeout(limit)
            .header(CONTENT_TYPE, "application/json;charset=UTF-8")
            .body(body);
        self.send(request).await
    }

    /// Sends a request of the API.
    pub async fn call(&self, cookies: &Cookies, call: &Call) -> ExchangeOutcome {
        let over = |error| ExchangeOutcome::Over(Err(error));
        let method = if call.method == "GET" { Method::GET } else { Method::POST };
        let post = method == Method::POST;
        let mut request = match self.request(method, &call.path, Some(cookies)) {
            Ok(request) => request.header(CONTENT_TYPE, "application/json"),
            Err(trouble) => return over(CallError::NotSent(trouble.reason())),
        };
        request = match call.body.as_ref().map(serde_json::to_vec) {
            Some(Ok(body)) => request.body(body),
            Some(Err(why)) => return over(CallError::NotSent(why.to_string())),
            None if post => request.header(CONTENT_LENGTH, "0"),
            None => request,
        };
        let reply = match self.send(request).await {
            Ok(reply) => reply,
            Err(TransportError::NotReached(why)) => return over(CallError::NotSent(why)),
            Err(TransportError::NoAnswer(why)) => return over(CallError::OutcomeUnknown(why)),
        };
        read_call(&reply)
    }

    /// Reads the workspace session. `Ok(None)` when the server does not know it.
    pub async fn current_session(&self, cookies: &Cookies) -> Result<Option<SessionDto>, String> {
        let call = Call { method: "GET", path: workspace("/current-session"), body: None };
        match self.call(cookies, &call).await {
            ExchangeOutcome::Over(Ok(envelope)) => serde_json::from_value(envelope.data)
                .map(Some)
                .map_err(|_| "the server's account of the session cannot be read".to_owned()),
            ExchangeOutcome::Over(Err(why)) => Err(why.to_string()),
            ExchangeOutcome::Unauthorised(..) => Ok(None),
        }
    }

    /// Ends the workspace session and sends the read positions.
    pub async fn logout(&self, cookies: &Cookies, read: &ReadPositions) -> Result<(), String> {
        let body = json!({"data": {wa::READ: read}}).to_string();
        let request = self
            .request(Method::POST, &workspace("/logout"), Some(cookies))
            .map_err(TransportError::reason)?
            .timeout(Duration::from_secs(5))
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let reply = self.send(request).await.map_err(TransportError::reason)?;
        if reply.status.is_success() { Ok(()) } else { Err(reply.reason()) }
    }
}

impl Tokens {
    fn store(&mut self, reply: &HttpReply) -> Result<(SecretString, bool), SignInError> {
        let unreadable = || SignInError::Later("the server's reply to signing in cannot be read".to_owned());
        let token: TokenDto = serde_json::from_slice(&reply.body).map_err(|_| unreadable())?;
        if token.access_token.is_empty() {
            return Err(unreadable());
        }
        let access = SecretString::from(token.access_token);
        let life = Duration::from_secs(token.expires_in.min(30 * 86_400)).saturating_sub(TOKEN_MARGIN);
        self.access = Some((access.clone(), Instant::now() + life));
        self.refresh = token.refresh_token.map(SecretString::from);
        Ok((access, true))
    }
}

/// The path of an operation of the Workspace API.
pub(super) fn workspace(path: &str) -> String {
    format!("{}{path}", WORKSPACE)
}

/// Reads the reply to a request. Workspace: a failure has an HTTP status, a code in the envelope, or both.
fn read_call(reply: &HttpReply) -> ExchangeOutcome {
    let http = reply.status.as_u16();
    let envelope: Option<Envelope> = if reply.body.iter().all(u8::is_ascii_whitespace) {
        None
    } else {
        serde_json::from_slice(&reply.body).ok()
    };
    let unread = envelope.as_ref().filter(|envelope| envelope.status.code == UNREAD);
    if let Some(unread) = unread.and_then(|envelope| serde_json::from_value(envelope.data.clone()).ok()) {
        return ExchangeOutcome::Over(Err(CallError::Unread { message: reply.reason(), unread }));
    }
    let refused = |code: i64| CallError::Refused { http, code, message: reply.reason() };
    let code = envelope.as_ref().map(|e| e.status.code).filter(|code| *code != 0);
    if matches!(http, 401..=403) {
        return ExchangeOutcome::Unauthorised(refused(code.unwrap_or(i64::from(http))), reply.status);
    }
    ExchangeOutcome::Over(if reply.status.is_success() {
        match envelope {
            Some(envelope) if envelope.status.is_success() => Ok(envelope),
            Some(envelope) => Err(refused(envelope.status.code)),
            None if reply.body.is_empty() => Ok(Envelope::default()),
            None => Err(CallError::OutcomeUnknown("the server's reply cannot be read".to_owned())),
        }
    } else if reply.status.is_server_error() && code.is_none() {
        // Not a reply of the API: a proxy may have replaced it.
        Err(CallError::OutcomeUnknown(format!("HTTP {} came instead of a reply", reply.status)))
    } else {
        Err(refused(code.unwrap_or(i64::from(http))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> HttpReply {
        HttpReply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn replies_are_read_by_status_and_by_code() {
        let read = |status, body: &str| match read_call(&reply(status, body)) {
            ExchangeOutcome::Over(Ok(_)) => "done".to_owned(),
            ExchangeOutcome::Over(Err(CallError::Refused { http, code, message })) => {
                format!("{http} {code} {message}")
            }
            ExchangeOutcome::Over(Err(CallError::Unread { unread, .. })) => {
                format!("unread {} {}", unread.index, unread.text)
            }
            ExchangeOutcome::Over(Err(CallError::OutcomeUnknown(_))) => "unknown".to_owned(),
            ExchangeOutcome::Over(Err(CallError::NotSent(_))) => "not sent".to_owned(),
            ExchangeOutcome::Unauthorised(..) => "unauthorised".to_owned(),
        };
        let cases = [
            (200, r#"{"status":{"code":1}}"#, "done"),
            (200, r#"{"status":{"code":2},"data":{}}"#, "done"),
            (200, "", "done"),
            (200, r#"{"status":{"code":4,"message":"no"}}"#, "200 4 no"),
            (200, "<html>", "unknown"),
            (410, r#"{"status":{"code":410,"message":" gone "}}"#, "410 410 gone"),
            (404, "", "404 404 HTTP 404 Not Found"),
            (
                409,
                r#"{"status":{"code":4091,"message":"read it"},"data":{"interactionId":"i","index":7,"text":"wait"}}"#,
                "unread 7 wait",
            ),
            (409, r#"{"status":{"code":4091,"message":"read it"}}"#, "409 4091 read it"),
            (500, r#"{"status":{"code":500,"message":"broken"}}"#, "500 500 broken"),
            (502, "bad gateway", "unknown"),
            (401, "", "unauthorised"),
            (403, r#"{"status":{"code":603,"message":"Unauthorized"}}"#, "unauthorised"),
        ];
        for (status, body, expected) in cases {
            assert_eq!(read(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn cookies_are_kept_without_their_attributes() {
        let mut headers = HeaderMap::new();
        for value in ["WORKSPACE_SESSIONID_7=abc; Path=/; HttpOnly", "BAYEUX_BROWSER=b; HttpOnly", "other=1"]
        {
            headers.append(SET_COOKIE, HeaderValue::from_static(value));
        }
        let mut cookies = Cookies::default();
        cookies.update_from(&headers);
        assert_eq!(cookies.header().unwrap(), "WORKSPACE_SESSIONID_7=abc; BAYEUX_BROWSER=b");
        assert!(!format!("{cookies:?}").contains("abc"), "no secret in a log");
    }
}

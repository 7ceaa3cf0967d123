//! The client of the Graph API that sends messages and uploads files.
//!
//! Must not: retry. This module decides what an answer means for a retry; [`super::sender`] retries.

use super::client::build_client;
use super::errors::{INVALID_TOKEN, Remedy, effective_code, integer, read_error, reason, remedy};
use super::inbound::CustomerNames;
use super::names::addressee;
use super::templates;
use crate::domain::response::{FileInfo, word_of};
use crate::gateway::writer::api::{Address, Outbound};
use crate::store::library::ResponseStore;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// The address and credentials of a business number at WhatsApp.
#[derive(Clone, Debug)]
pub struct GraphOptions {
    /// The address of the Graph API, without its version.
    pub url: String,
    /// Its version, `v23.0`.
    pub version: String,
    /// Id of the business number.
    pub phone_number_id: String,
    /// Access token.
    pub access_token: SecretString,
    /// The timeout of a request, including the connection. After it the outcome is unknown.
    pub timeout: Duration,
}

/// The default timeout of a request.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a client could not be built.
#[derive(Debug, Error)]
#[error(
    "WhatsApp cannot be reached with these settings: {0}. Check graph-url, graph-version and phone-number-id"
)]
pub struct GraphError(String);

/// The result of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// WhatsApp accepted it.
    Accepted {
        /// WhatsApp's id of the message.
        wamid: String,
        /// WhatsApp's names for the recipient, perhaps other ones than the message was addressed to.
        customer: CustomerNames,
    },
    /// It was certainly not accepted, and a later attempt may succeed.
    Retry {
        /// WhatsApp's code, 0 when it was not reached.
        code: i64,
        /// Why, for an agent.
        reason: String,
        /// How long WhatsApp asks to wait.
        after: Option<Duration>,
        /// Whether this one customer gets too many messages.
        slow_down: bool,
    },
    /// It was certainly not accepted, and no later attempt will succeed.
    Failed {
        /// WhatsApp's code, 0 when there is none.
        code: i64,
        /// Why, for an agent.
        reason: String,
    },
    /// It is unknown whether it was accepted.
    Unknown {
        /// What happened.
        reason: String,
    },
}

/// A client of the Graph API for one business number. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Graph {
    http: reqwest::Client,
    endpoint: url::Url,
    media: url::Url,
    token: SecretString,
    timeout: Duration,
    /// The files; without it none can be sent.
    files: Option<Arc<dyn ResponseStore>>,
}

/// The lowest rate of an upload, in bytes a second. The timeout grows with the size of the file by it.
const SLOWEST: u64 = 100 * 1024;

impl Graph {
    /// Builds a client without a connection.
    ///
    /// # Errors
    /// When the address is not valid, or no client can be built on this machine.
    pub fn new(options: &GraphOptions) -> Result<Self, GraphError> {
        let mut endpoint = url::Url::parse(&options.url).map_err(|error| GraphError(error.to_string()))?;
        if !matches!(endpoint.scheme(), "http" | "https") {
            return Err(GraphError("the address is not http or https".to_owned()));
        }
        let mut media = endpoint.clone();
        for (address, last) in [(&mut endpoint, "messages"), (&mut media, "media")] {
            address
                .path_segments_mut()
                .map_err(|()| GraphError("the address has no path".to_owned()))?
                .pop_if_empty()
                .extend([&options.version, &options.phone_number_id, last]);
        }
        let http = build_client(&endpoint, options.timeout).map_err(|error| GraphError(error.to_string()))?;
        let (token, timeout) = (options.access_token.clone(), options.timeout);
        Ok(Self { http, endpoint, media, token, timeout, files: None })
    }

    /// Adds the library whose files are sent.
    #[must_use]
    pub fn with_files(self, files: Arc<dyn ResponseStore>) -> Self {
        Self { files: Some(files), ..self }
    }

    /// Uploads a file to WhatsApp and returns its ID there. The customer receives nothing, so an upload may be
    /// repeated whatever its result.
    ///
    /// # Errors
    /// The result for the message; never [`Attempt::Unknown`].
    pub async fn upload(&self, file: &FileInfo) -> Result<String, Attempt> {
        let failed = |reason: &str| Attempt::Failed { code: 0, reason: reason.to_owned() };
        let later = |reason: String| Attempt::Retry { code: 0, reason, after: None, slow_down: false };
        let Some(files) = &self.files else {
            return Err(failed("This gateway cannot send files."));
        };
        let bytes = match files.document(file.document.clone()).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                return Err(failed("The file is not in the library any more: ask your administrator."));
            }
            Err(error) => return Err(later(format!("The file could not be read: {error}."))),
        };
        let time = self.timeout + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let (kind, body) = form(file, &bytes);
        let request = self
            .http
            .post(self.media.clone())
            .timeout(time)
            .bearer_auth(self.token.expose_secret())
            .header(CONTENT_TYPE, kind)
            .body(body);
        let response = request
            .send()
            .await
            .map_err(|_| later("The file could not be brought to WhatsApp.".to_owned()))?;
        let status = response.status();
        let bytes = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            let answer: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
            let id = answer.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
            return id.ok_or_else(|| later("WhatsApp did not say how it calls the file.".to_owned()));
        }
        Err(match attempt_from_answer(status, None, &bytes) {
            Attempt::Unknown { reason } => later(reason),
            attempt => attempt,
        })
    }

    /// Sends one message, once.
    ///
    /// `media` is WhatsApp's id of the message's file, see [`Self::upload`].
    pub async fn send(&self, message: &Outbound, media: Option<&str>) -> Attempt {
        let request = self
            .http
            .post(self.endpoint.clone())
            .bearer_auth(self.token.expose_secret())
            .header(CONTENT_TYPE, "application/json")
            .body(body(message, media));
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return attempt_without_answer(&error),
        };
        let status = response.status();
        let after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().parse().ok())
            .map(Duration::from_secs);
        match response.bytes().await {
            Ok(bytes) => attempt_from_answer(status, after, &bytes),
            Err(_) if status.is_success() => {
                Attempt::Unknown { reason: "WhatsApp's answer broke off.".to_owned() }
            }
            // The status alone decides, as if the body were empty.
            Err(_) => attempt_from_answer(status, after, &[]),
        }
    }
}

/// A file as `multipart/form-data`: the content type and the body.
fn form(file: &FileInfo, bytes: &[u8]) -> (String, Vec<u8>) {
    // The document's name is the hash of its content, so the content cannot contain it.
    let line = format!("deskline-{}", file.document);
    let name: String =
        file.name.chars().map(|c| if c.is_control() || matches!(c, '"' | '\\') { '_' } else { c }).collect();
    let mut body = format!(
        "--{line}\r\ncontent-disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
         --{line}\r\ncontent-disposition: form-data; name=\"type\"\r\n\r\n{mime}\r\n\
         --{line}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: {mime}\r\n\r\n",
        mime = file.mime
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{line}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={line}"), body)
}

/// A message as WhatsApp expects it, in the order of its documentation.
#[derive(Serialize)]
struct SendRequest<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<ReplyContext<'a>>,
    r#type: &'static str,
    #[serde(flatten)]
    content: SendContent<'a>,
    biz_opaque_callback_data: &'a str,
}

#[derive(Serialize)]
struct ReplyContext<'a> {
    message_id: &'a str,
}

/// The content, under the name of its type.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum SendContent<'a> {
    Text(TextObject<'a>),
    Image(MediaObject<'a>),
    Video(MediaObject<'a>),
    Audio(MediaObject<'a>),
    Document(MediaObject<'a>),
    Sticker(MediaObject<'a>),
    Template(Value),
}

#[derive(Serialize)]
struct MediaObject<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
}

#[derive(Serialize)]
struct TextObject<'a> {
    preview_url: bool,
    body: &'a str,
}

/// The request's body.
fn body(message: &Outbound, media: Option<&str>) -> Vec<u8> {
    // WhatsApp: without a plus the business's own country code would be put in front of the number.
    let (to, recipient) = match &message.to {
        Address::WaId(id) => (Some(format!("+{}", id.trim_start_matches('+'))), None),
        Address::UserId(id) => (None, Some(id.as_str())),
    };
    let (kind, content) = content(message, media);
    let body = SendRequest {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to,
        recipient,
        context: message.quotes.as_deref().map(|message_id| ReplyContext { message_id }),
        r#type: kind,
        content,
        biz_opaque_callback_data: &message.tracker,
    };
    // Strings, flags and structs always serialise.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn content<'a>(message: &'a Outbound, media: Option<&'a str>) -> (&'static str, SendContent<'a>) {
    if let Some(template) = message.template.as_deref() {
        return ("template", SendContent::Template(templates::body(template)));
    }
    let (Some(file), Some(id)) = (&message.file, media) else {
        let preview_url = message.text.contains("http://") || message.text.contains("https://");
        return ("text", SendContent::Text(TextObject { preview_url, body: &message.text }));
    };
    // WhatsApp: only documents have a file name.
    let plain = MediaObject { id, filename: None };
    match word_of(&file.mime) {
        "image" => ("image", SendContent::Image(plain)),
        "video" => ("video", SendContent::Video(plain)),
        "audio" => ("audio", SendContent::Audio(plain)),
        "sticker" => ("sticker", SendContent::Sticker(plain)),
        _ => ("document", SendContent::Document(MediaObject { id, filename: Some(&file.name) })),
    }
}

fn attempt_without_answer(error: &reqwest::Error) -> Attempt {
    if error.is_connect() {
        // Without a connection no byte of the message was sent.
        let reason = "WhatsApp could not be reached.".to_owned();
        return Attempt::Retry { code: 0, reason, after: None, slow_down: false };
    }
    if error.is_builder() {
        return Attempt::Failed { code: 0, reason: "The gateway could not write the request.".to_owned() };
    }
    let what =
        if error.is_timeout() { "did not answer in time" } else { "closed the connection without an answer" };
    Attempt::Unknown { reason: format!("WhatsApp {what}.") }
}

fn attempt_from_answer(status: StatusCode, after: Option<Duration>, bytes: &[u8]) -> Attempt {
    let answer: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
    if status.is_success() {
        let id = answer.get("messages").and_then(|all| all.get(0)).and_then(|message| message.get("id"));
        return match id.and_then(Value::as_str).filter(|id| !id.is_empty()) {
            Some(wamid) => Attempt::Accepted { wamid: wamid.to_owned(), customer: addressee(&answer) },
            None => Attempt::Unknown { reason: "WhatsApp's answer does not name the message.".to_owned() },
        };
    }
    let error = answer.get("error").filter(|error| error.get("code").and_then(integer).is_some());
    let Some(error) = error else {
        return match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Attempt::Retry {
                code: 0,
                reason: format!("WhatsApp is busy (status {}).", status.as_u16()),
                after,
                slow_down: false,
            },
            // This answer is from a proxy, not from WhatsApp: it may have forwarded the message before it failed.
            status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => Attempt::Unknown {
                reason: format!("WhatsApp could not be heard (status {}).", status.as_u16()),
            },
            StatusCode::UNAUTHORIZED => {
                Attempt::Failed { code: INVALID_TOKEN, reason: reason(INVALID_TOKEN, "") }
            }
            status => Attempt::Failed {
                code: 0,
                reason: format!("WhatsApp refused it with status {} and gave no reason.", status.as_u16()),
            },
        };
    };
    let (code, detail) = read_error(error);
    let code = effective_code(code);
    let reason = reason(code, &detail);
    let transient = error.get("is_transient").and_then(Value::as_bool).unwrap_or(false);
    match remedy(code) {
        Remedy::SlowDown => Attempt::Retry { code, reason, after, slow_down: true },
        Remedy::None
            if !(transient || status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS) =>
        {
            Attempt::Failed { code, reason }
        }
        Remedy::Retry | Remedy::None => Attempt::Retry { code, reason, after, slow_down: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(to: Address, text: &str) -> Outbound {
        Outbound { tracker: "t-1".into(), to, text: text.into(), quotes: None, template: None, file: None }
    }

    #[test]
    fn a_text_is_sent_in_whatsapps_format_and_unchanged() {
        let mut out = message(Address::WaId("15550109999".into()), "  é\u{301}\u{200d}\t\n\"x\" ");
        out.quotes = Some("wamid.Q".into());
        assert_eq!(
            String::from_utf8(body(&out, None)).unwrap(),
            "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"+15550109999\",\
             \"context\":{\"message_id\":\"wamid.Q\"},\"type\":\"text\",\"text\":{\"preview_url\":false,\
             \"body\":\"  é\u{301}\u{200d}\\t\\n\\\"x\\\" \"},\"biz_opaque_callback_data\":\"t-1\"}"
        );
    }

    #[test]
    fn user_id_is_sent_as_recipient_and_a_link_is_previewed() {
        let out = message(Address::UserId("BR.77".into()), "see https://example.com");
        let sent: Value = serde_json::from_slice(&body(&out, None)).unwrap();
        assert_eq!(sent["recipient"], "BR.77");
        assert!(sent.get("to").is_none());
        assert!(sent.get("context").is_none());
        assert_eq!(sent["text"]["preview_url"], true);
    }

    fn graph_error(status: u16, code: i64) -> Attempt {
        let body = format!("{{\"error\":{{\"message\":\"m\",\"code\":{code}}}}}");
        attempt_from_answer(StatusCode::from_u16(status).unwrap(), None, body.as_bytes())
    }

    #[test]
    fn each_reply_gives_the_right_attempt() {
        let accepted = attempt_from_answer(StatusCode::OK, None, br#"{"messages":[{"id":"wamid.1"}]}"#);
        assert_eq!(
            accepted,
            Attempt::Accepted { wamid: "wamid.1".into(), customer: CustomerNames::default() }
        );
        assert!(matches!(attempt_from_answer(StatusCode::OK, None, b"<html>"), Attempt::Unknown { .. }));
        assert!(matches!(attempt_from_answer(StatusCode::BAD_GATEWAY, None, b""), Attempt::Unknown { .. }));
        assert!(matches!(
            attempt_from_answer(StatusCode::TOO_MANY_REQUESTS, None, b""),
            Attempt::Retry { .. }
        ));
        assert!(matches!(
            attempt_from_answer(StatusCode::NOT_FOUND, None, b""),
            Attempt::Failed { code: 0, .. }
        ));
        assert!(matches!(graph_error(400, 131_056), Attempt::Retry { slow_down: true, .. }));
        for (status, code) in [(500, 2), (500, 131_000), (429, 4), (400, 130_429), (400, 80_007), (500, 77)] {
            assert!(matches!(graph_error(status, code), Attempt::Retry { slow_down: false, .. }), "{code}");
        }
        for (status, code) in [(401, 190), (400, 100), (400, 131_047), (400, 131_026), (403, 10)] {
            assert!(
                matches!(graph_error(status, code), Attempt::Failed { code: c, .. } if c == code),
                "{code}"
            );
        }
    }

    #[test]
    fn an_address_may_end_with_a_slash() {
        for url in ["http://127.0.0.1:9", "http://127.0.0.1:9/"] {
            let graph = Graph::new(&GraphOptions {
                url: url.into(),
                version: "v23.0".into(),
                phone_number_id: "42".into(),
                access_token: String::from("t").into(),
                timeout: TIMEOUT,
            });
            assert_eq!(graph.unwrap().endpoint.as_str(), "http://127.0.0.1:9/v23.0/42/messages");
        }
    }
}

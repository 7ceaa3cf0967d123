//! Reads requests and writes replies in the Workspace API's envelope.

use super::services::Services;
use crate::domain::OperationId;
use crate::gateway::writer::api::Refusal;
use crate::proto::envelope::{ACCEPTED, DONE, Envelope};
use axum::Json as AxumJson;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of a request's body, at most. (Workspace: bodies of 1 MiB must be accepted.)
pub const MAX_BODY: usize = 1024 * 1024;
/// Characters of an operation id.
const MOST_OPERATION: usize = 256;

/// A reply of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiReply {
    pub status: StatusCode,
    pub envelope: Envelope,
}

/// The result of a handler.
pub type ApiResult = Result<ApiReply, ApiReply>;

/// The most bytes of a list in one event: below what a client accepts in one message.
const MOST_LIST: usize = 4 << 20;

/// Shortens a list to what fits in one event, given the bytes of each item.
pub fn truncate_to_event<T>(items: &mut Vec<T>, bytes: impl Fn(&T) -> usize) {
    let mut room = MOST_LIST;
    let fitting = items.iter().take_while(|item| {
        let bytes = bytes(item);
        let fits = bytes <= room;
        room = room.saturating_sub(bytes);
        fits
    });
    let fitting = fitting.count();
    items.truncate(fitting);
}

impl ApiReply {
    /// Success, with a result.
    pub fn done(operation: Option<&OperationId>, data: Json) -> Self {
        Self { status: StatusCode::OK, envelope: Envelope::ok(DONE, text(operation), data) }
    }

    /// Accepted; the result comes as an event.
    pub fn accepted(operation: &OperationId) -> Self {
        Self { status: StatusCode::OK, envelope: Envelope::ok(ACCEPTED, text(Some(operation)), Json::Null) }
    }

    /// Failure, with a sentence that says why.
    pub fn failure(status: StatusCode, operation: Option<&OperationId>, sentence: impl Into<String>) -> Self {
        let envelope = Envelope::failure(i64::from(status.as_u16()), text(operation), sentence);
        Self { status, envelope }
    }

    /// Refused by the writer.
    pub fn refused(operation: Option<&OperationId>, refusal: &Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut envelope = Envelope::failure(refusal.code(), text(operation), refusal.to_string());
        if let Refusal::Unread(unread) = refusal {
            envelope.data = serde_json::to_value(unread).unwrap_or_default();
        }
        Self { status, envelope }
    }

    /// 404, with a sentence that says what was not found.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::failure(StatusCode::NOT_FOUND, None, what)
    }

    /// Adds the operation ID of the request.
    #[must_use]
    pub fn to(mut self, operation: &OperationId) -> Self {
        self.envelope.operation_id = text(Some(operation));
        self
    }
}

fn text(operation: Option<&OperationId>) -> Option<String> {
    operation.map(|id| id.as_str().to_owned())
}

impl IntoResponse for ApiReply {
    fn into_response(self) -> Response {
        (self.status, AxumJson(self.envelope)).into_response()
    }
}

/// A request's body: the operation ID and the data. (Workspace: `operationId` may be beside `data` in every request;
/// official clients send no body, or the data one level deeper.)
#[derive(Clone, Debug, PartialEq)]
pub struct RequestBody {
    /// Generated if the request has none.
    pub operation: OperationId,
    /// Empty if the request has none.
    pub data: Map<String, Json>,
}

impl FromRequest<Arc<Services>> for RequestBody {
    type Rejection = ApiReply;

    async fn from_request(request: Request, services: &Arc<Services>) -> Result<Self, ApiReply> {
        read_body(request.into_body(), MAX_BODY, services.body_timeout)
            .await
            .and_then(|body| Self::parse(&body))
    }
}

impl RequestBody {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 with the reason.
    pub fn parse(body: &[u8]) -> Result<Self, ApiReply> {
        let bad = |sentence: String| ApiReply::failure(StatusCode::BAD_REQUEST, None, sentence);
        let json = if body.trim_ascii().is_empty() {
            Json::Null
        } else {
            serde_json::from_slice(body).map_err(|error| bad(format!("the body is not JSON: {error}")))?
        };
        let mut object = match json {
            Json::Null => Map::new(),
            Json::Object(object) => unwrapped(object),
            _ => return Err(bad("the body must be a JSON object".to_owned())),
        };
        let operation = match object.get("operationId") {
            Some(Json::String(id)) if !id.is_empty() => id.clone(),
            Some(Json::Number(id)) => id.to_string(),
            _ => generated()?,
        };
        if operation.len() > MOST_OPERATION {
            return Err(bad(format!("operationId is longer than {MOST_OPERATION} bytes")));
        }
        let operation = OperationId::from(operation);
        let data = match object.remove("data") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(data)) => data,
            Some(_) => return Err(bad("data must be a JSON object".to_owned()).to(&operation)),
        };
        Ok(Self { operation, data })
    }
}

/// The official JS client wraps some bodies once more: `{"inviteData": {"data": …}}`.
fn unwrapped(object: Map<String, Json>) -> Map<String, Json> {
    let inner = match object.iter().next() {
        Some((name, Json::Object(inner)))
            if object.len() == 1 && name.ends_with("Data") && inner.contains_key("data") =>
        {
            Some(inner.clone())
        }
        _ => None,
    };
    inner.unwrap_or(object)
}

fn generated() -> Result<String, ApiReply> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| {
        ApiReply::failure(StatusCode::INTERNAL_SERVER_ERROR, None, "the system gives no random numbers")
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Reads a body of at most `most` bytes. Of a longer one some more is read and dropped, so that the client can read the
/// reply.
///
/// # Errors
/// 413 when it is longer, 400 when it breaks off, 408 when it takes longer than `within`.
pub async fn read_body(body: Body, most: usize, within: Duration) -> Result<Bytes, ApiReply> {
    timeout(within, collect(body, most)).await.unwrap_or_else(|_| {
        let sentence = "the request's body did not come in time: nothing was done";
        Err(ApiReply::failure(StatusCode::REQUEST_TIMEOUT, None, sentence))
    })
}

async fn collect(mut body: Body, most: usize) -> Result<Bytes, ApiReply> {
    let mut kept = BytesMut::new();
    let mut length = 0usize;
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|_| ApiReply::failure(StatusCode::BAD_REQUEST, None, "the request's body broke off"))?;
        let Ok(bytes) = frame.into_data() else { continue };
        length = length.saturating_add(bytes.len());
        if length <= most {
            kept.extend_from_slice(&bytes);
        } else if length > most.saturating_mul(4) {
            break;
        }
    }
    if length > most {
        let sentence = format!("the request's body is longer than {most} bytes");
        return Err(ApiReply::failure(StatusCode::PAYLOAD_TOO_LARGE, None, sentence));
    }
    Ok(kept.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_official_clients_are_read() {
        let empty = RequestBody::parse(b"").unwrap();
        assert!(empty.data.is_empty() && empty.operation.as_str().len() == 32);
        let deep =
            RequestBody::parse(br#"{"NotReadyForMediaData":{"operationId":"o","data":{"reasonCode":"L"}}}"#)
                .unwrap();
        assert_eq!((deep.operation.as_str(), deep.data["reasonCode"].as_str()), ("o", Some("L")));
        let plain = RequestBody::parse(br#"{"operationId":7,"data":{"userData":{"data":1}}}"#).unwrap();
        assert_eq!(plain.operation.as_str(), "7");
        assert!(plain.data.contains_key("userData"));
    }

    #[test]
    fn a_bad_body_is_refused_with_the_reason() {
        for (body, word) in
            [(&b"{"[..], "JSON"), (b"[]", "object"), (br#"{"data":[]}"#, "data must be"), (b"\xff", "JSON")]
        {
            let reply = RequestBody::parse(body).unwrap_err();
            assert_eq!((reply.status, reply.envelope.status.code), (StatusCode::BAD_REQUEST, 400));
            assert!(reply.envelope.status.message.unwrap().contains(word));
        }
    }
}

//! WhatsApp's webhook: looked at for its signature, kept as it came, answered when it is committed.

use super::front::Front;
use super::reply::{Reply, read};
use super::session::query;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Bytes of a webhook. (WhatsApp: payloads reach 3 MB.)
const MOST: usize = 4 * 1024 * 1024;
/// The header with the signature. (WhatsApp.)
const SIGNATURE: &str = "x-hub-signature-256";

/// What WhatsApp asks when a webhook is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `hub.mode`, `subscribe`.
    pub mode: String,
    /// `hub.verify_token`.
    pub token: String,
    /// `hub.challenge`, sent back when the token is right.
    pub challenge: String,
}

/// Answers a [`Challenge`]; `None` when the token is wrong.
pub type Answer = dyn Fn(&Challenge) -> Option<String> + Send + Sync;
/// Whether a body has the right signature; the header may be absent.
pub type Signed = dyn Fn(&[u8], Option<&str>) -> bool + Send + Sync;

/// The secrets of WhatsApp's side, behind two questions.
pub struct Webhook {
    /// Answers the question of the set-up.
    pub answer: Box<Answer>,
    /// Looks at the signature over the raw body.
    pub signed: Box<Signed>,
}

fn webhook(front: &Front) -> Result<&Webhook, Reply> {
    front.webhook.as_ref().ok_or_else(|| Reply::not_found("WhatsApp is not set up on this gateway"))
}

/// `GET /webhooks/whatsapp`: the set-up.
pub async fn verify(State(front): State<Arc<Front>>, RawQuery(raw): RawQuery) -> Result<Response, Reply> {
    let ask = |name: &str| query(raw.as_deref(), name).unwrap_or_default();
    let challenge =
        Challenge { mode: ask("hub.mode"), token: ask("hub.verify_token"), challenge: ask("hub.challenge") };
    (webhook(&front)?.answer)(&challenge).map(IntoResponse::into_response).ok_or_else(|| {
        tracing::warn!("a webhook's set-up came with a wrong verify token");
        Reply::failure(StatusCode::FORBIDDEN, None, "the verify token is wrong")
    })
}

/// `POST /webhooks/whatsapp`. Any failure is answered so that WhatsApp sends it again.
pub async fn receive(State(front): State<Arc<Front>>, request: Request) -> Result<StatusCode, Reply> {
    let webhook = webhook(&front)?;
    let (parts, body) = request.into_parts();
    let body = read(body, MOST).await?;
    let signature = parts.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if !(webhook.signed)(&body, signature) {
        tracing::warn!("a webhook came with a wrong signature or none, and was refused");
        return Err(Reply::failure(StatusCode::FORBIDDEN, None, "the signature is wrong or missing"));
    }
    front.desk.webhook(body).await.map_err(|refusal| {
        tracing::error!(%refusal, "a webhook could not be kept; WhatsApp will send it again");
        Reply::failure(StatusCode::SERVICE_UNAVAILABLE, None, refusal.to_string())
    })?;
    Ok(StatusCode::OK)
}

//! WhatsApp's webhook: looked at for its signature, kept as it came, answered when it is committed.

use super::front::Front;
use super::reply::{Reply, read};
use crate::gateway::whatsapp::signature::VerifyError;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Bytes of a webhook. (WhatsApp: payloads reach 3 MB.)
const MOST: usize = 4 * 1024 * 1024;
/// The header with the signature. (WhatsApp.)
const SIGNATURE: &str = "x-hub-signature-256";

/// What to answer to the query of a webhook's set-up: the text that is asked for, or why not.
pub type Answer = dyn Fn(&str) -> Result<String, VerifyError> + Send + Sync;
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
    (webhook(&front)?.answer)(raw.as_deref().unwrap_or_default()).map(IntoResponse::into_response).map_err(
        |error| {
            tracing::warn!(%error, "a webhook's set-up was refused");
            Reply::failure(StatusCode::FORBIDDEN, None, error.to_string())
        },
    )
}

/// `POST /webhooks/whatsapp`. Any failure is answered so that WhatsApp sends it again.
pub async fn receive(State(front): State<Arc<Front>>, request: Request) -> Result<StatusCode, Reply> {
    let webhook = webhook(&front)?;
    let (parts, body) = request.into_parts();
    let body = read(body, MOST, front.body).await?;
    let signature = parts.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if !(webhook.signed)(&body, signature) {
        tracing::warn!("a webhook came with a wrong signature or none, and was refused");
        return Err(Reply::failure(StatusCode::FORBIDDEN, None, "the signature is wrong or missing"));
    }
    front.writer.webhook(body).await.map_err(|refusal| {
        tracing::error!(%refusal, "a webhook could not be kept; WhatsApp will send it again");
        Reply::failure(StatusCode::SERVICE_UNAVAILABLE, None, refusal.to_string())
    })?;
    Ok(StatusCode::OK)
}

//! WhatsApp's webhook. Its signature is checked, its body is stored unchanged, and it is answered after the commit.

use crate::gateway::reply::{ApiReply, read_body};
use crate::gateway::services::Services;
use crate::gateway::webhook::WebhookVerifier;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Bytes of a webhook. (WhatsApp: payloads reach 3 MB.)
const MOST: usize = 4 * 1024 * 1024;
/// The header with the signature. (WhatsApp.)
const SIGNATURE: &str = "x-hub-signature-256";

fn webhook(services: &Services) -> Result<&WebhookVerifier, ApiReply> {
    services.webhook.as_ref().ok_or_else(|| ApiReply::not_found("WhatsApp is not set up on this gateway"))
}

/// `GET /webhooks/whatsapp`: the set-up.
pub async fn verify(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiReply> {
    (webhook(&services)?.answer_challenge)(raw.as_deref().unwrap_or_default())
        .map(IntoResponse::into_response)
        .map_err(|error| {
            tracing::warn!(%error, "a webhook's set-up was refused");
            ApiReply::failure(StatusCode::FORBIDDEN, None, error.to_string())
        })
}

/// `POST /webhooks/whatsapp`. Any failure is answered so that WhatsApp sends it again.
pub async fn receive(
    State(services): State<Arc<Services>>,
    request: Request,
) -> Result<StatusCode, ApiReply> {
    let webhook = webhook(&services)?;
    let (parts, body) = request.into_parts();
    let body = read_body(body, MOST, services.body_timeout).await?;
    let signature = parts.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if !(webhook.is_signed)(&body, signature) {
        tracing::warn!("a webhook came with a wrong signature or none, and was refused");
        return Err(ApiReply::failure(StatusCode::FORBIDDEN, None, "the signature is wrong or missing"));
    }
    services.writer.webhook(body).await.map_err(|refusal| {
        tracing::error!(%refusal, "a webhook could not be kept; WhatsApp will send it again");
        ApiReply::failure(StatusCode::SERVICE_UNAVAILABLE, None, refusal.to_string())
    })?;
    Ok(StatusCode::OK)
}

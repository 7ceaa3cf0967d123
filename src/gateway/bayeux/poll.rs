//! Long-polling: a request that asks for events is held until there are some.

use super::frame::{BATCH, Frame, write};
use super::message::{MessageOutcome, handle, too_many};
use super::reply::{connected, hold_time, released, unknown};
use crate::gateway::auth::Credential;
use crate::gateway::hub::{ClientEvent, ClientId, EventBatch};
use crate::gateway::reply::{ApiReply, MAX_BODY, read_body};
use crate::gateway::services::Services;
use crate::proto::bayeux::{BayeuxMessage, parse};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::time::timeout;

/// `POST /notifications` and everything below it. The path does not matter.
pub async fn poll(State(services): State<Arc<Services>>, request: Request) -> Result<Response, ApiReply> {
    let by = services.auth.caller(request.headers()).map(|caller| caller.by);
    let body = read_body(request.into_body(), MAX_BODY, services.body_timeout).await?;
    let bad = |sentence: String| ApiReply::failure(StatusCode::BAD_REQUEST, None, sentence);
    let messages = parse(&body).map_err(|error| bad(format!("the body is no Bayeux message: {error}")))?;
    if too_many(&messages) {
        return Err(bad("the body must have at least one message and not too many".to_owned()));
    }
    let frames = answer(&services, by, messages).await;
    let text = write(&frames)
        .map_err(|_| ApiReply::failure(StatusCode::INTERNAL_SERVER_ERROR, None, "an event is not JSON"))?;
    Ok(([(CONTENT_TYPE, "application/json;charset=UTF-8")], text).into_response())
}

async fn answer(services: &Services, by: Option<Credential>, messages: Vec<BayeuxMessage>) -> Vec<Frame> {
    // A connect that comes with other messages is not held: their replies are wanted now.
    let alone = messages.len() == 1;
    let mut frames = Vec::new();
    for message in messages {
        match handle(services, by, message).await {
            MessageOutcome::Reply(reply) => frames.push(Frame::Reply(Box::new(reply))),
            MessageOutcome::Connect(id, message) => {
                let (reply, events) = connect(services, &id, &message, alone).await;
                frames.push(Frame::Reply(Box::new(reply)));
                frames.extend(events.into_iter().map(Frame::Event));
            }
        }
    }
    frames
}

async fn connect(
    services: &Services,
    id: &ClientId,
    message: &BayeuxMessage,
    alone: bool,
) -> (BayeuxMessage, Vec<ClientEvent>) {
    let Some((hold, first)) = services.hub.hold(id) else { return (unknown(message), Vec::new()) };
    let hold_time = hold_time(services, message);
    let taken = if first || !alone || hold_time.is_zero() {
        hold.take(BATCH)
    } else {
        tokio::select! {
            biased;
            taken = timeout(hold_time, hold.next(BATCH)) => taken.unwrap_or(EventBatch::Nothing),
            () = services.stopping() => EventBatch::Nothing,
        }
    };
    match taken {
        EventBatch::Events(events) => (connected(message, services), events),
        EventBatch::Nothing | EventBatch::Replaced => (connected(message, services), Vec::new()),
        EventBatch::Left => (released(message), Vec::new()),
        EventBatch::Gone => (unknown(message), Vec::new()),
    }
}

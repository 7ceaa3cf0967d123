//! Long-polling: a request that asks for events is held until there are some.

use super::{BATCH, Frame, Handled, connected, handle, patience, released, too_many, unknown, write};
use crate::gateway::auth::By;
use crate::gateway::http::Front;
use crate::gateway::http::reply::{MOST, Reply, read};
use crate::gateway::hub::{ClientId, Notice, Taken};
use crate::proto::bayeux::{Message, parse};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::time::timeout;

/// `POST /notifications` and everything below it: the path decides nothing.
pub async fn poll(State(front): State<Arc<Front>>, request: Request) -> Result<Response, Reply> {
    let by = front.auth.caller(request.headers()).map(|caller| caller.by);
    let body = read(request.into_body(), MOST, front.body).await?;
    let bad = |sentence: String| Reply::failure(StatusCode::BAD_REQUEST, None, sentence);
    let messages = parse(&body).map_err(|error| bad(format!("the body is no Bayeux message: {error}")))?;
    if too_many(&messages) {
        return Err(bad("the body must have at least one message and not too many".to_owned()));
    }
    let frames = answer(&front, by, messages).await;
    let text = write(&frames)
        .map_err(|_| Reply::failure(StatusCode::INTERNAL_SERVER_ERROR, None, "an event is not JSON"))?;
    Ok(([(CONTENT_TYPE, "application/json;charset=UTF-8")], text).into_response())
}

async fn answer(front: &Front, by: Option<By>, messages: Vec<Message>) -> Vec<Frame> {
    // Who asks for events along with something else wants the answer to that now.
    let alone = messages.len() == 1;
    let mut frames = Vec::new();
    for message in messages {
        match handle(front, by, message).await {
            Handled::Reply(reply) => frames.push(Frame::Reply(Box::new(reply))),
            Handled::Connect(id, message) => {
                let (reply, events) = connect(front, &id, &message, alone).await;
                frames.push(Frame::Reply(Box::new(reply)));
                frames.extend(events.into_iter().map(Frame::Event));
            }
        }
    }
    frames
}

async fn connect(front: &Front, id: &ClientId, message: &Message, alone: bool) -> (Message, Vec<Notice>) {
    let Some((hold, first)) = front.hub.hold(id) else { return (unknown(message), Vec::new()) };
    let patience = patience(front, message);
    let taken = if first || !alone || patience.is_zero() {
        hold.take(BATCH)
    } else {
        tokio::select! {
            biased;
            taken = timeout(patience, hold.next(BATCH)) => taken.unwrap_or(Taken::Nothing),
            () = front.stopping() => Taken::Nothing,
        }
    };
    match taken {
        Taken::Events(events) => (connected(message, front), events),
        Taken::Nothing | Taken::Replaced => (connected(message, front), Vec::new()),
        Taken::Left => (released(message), Vec::new()),
        Taken::Gone => (unknown(message), Vec::new()),
    }
}

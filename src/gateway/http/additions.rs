//! What this gateway adds to the API, under `/workspace/v3/deskline/`.

use super::front::Front;
use super::media::{has, sees};
use super::reading;
use super::reply::{Answered, Asked, Reply};
use crate::gateway::auth::Caller;
use crate::gateway::desk::api::Command;
use axum::extract::{Path, State};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// `GET /deskline/why/{id}`: why a session was routed as it was, in words. For the agent who has it and
/// for who oversees.
pub async fn why(State(front): State<Arc<Front>>, Path(id): Path<String>, caller: Caller) -> Answered {
    if caller.actor.role.handles_sessions() {
        has(&front, &caller, &id).await.map_err(|refusal| Reply::refused(None, &refusal))?;
    } else {
        sees(&front, &caller, &id.as_str().into()).await?;
    }
    let text = front.desk.why(id.into()).await.map_err(|refusal| Reply::refused(None, &refusal))?;
    Ok(Reply::done(None, Json::from(text)))
}

/// `GET /deskline/board`: who is there and how much waits.
pub async fn board(State(front): State<Arc<Front>>, _caller: Caller) -> Answered {
    let board = front.desk.board().await.map_err(|refusal| Reply::refused(None, &refusal))?;
    let agents: Vec<Json> = board
        .agents
        .iter()
        .map(|(employee, state, sessions, capacity)| {
            json!({"employeeId": employee, "state": state.label(), "sessions": sessions, "capacity": capacity})
        })
        .collect();
    let queues: Vec<Json> =
        board.queues.iter().map(|(name, waiting)| json!({"name": name, "waiting": waiting})).collect();
    let data = json!({"agents": agents, "queues": queues, "events": board.events, "open": board.open});
    Ok(Reply::done(None, data))
}

/// `POST /deskline/interactions/{id}/reopen`: opens a session again that the caller ended a moment ago.
pub async fn reopen(
    State(front): State<Arc<Front>>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    reading::act(&front, &caller, &asked, Command::Reopen(id.into())).await
}

//! What this gateway adds to the API, under `/workspace/v3/deskline/`.

use super::media::{has, sees};
use super::reading;
use crate::domain::InteractionId;
use crate::gateway::auth::Caller;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::gateway::writer::api::{Command, Refusal};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// How many IDs are listed when several start with the given text.
const MOST_NAMED: usize = 5;

/// `GET /deskline/why/{id}`: explains in words why a session was routed as it was. For its agent and for supervisors. A
/// prefix of an ID is enough if only one session has it.
pub async fn why(State(services): State<Arc<Services>>, Path(id): Path<String>, caller: Caller) -> ApiResult {
    let id = InteractionId::from(id.trim());
    let may = if caller.actor.role.handles_sessions() {
        has(&services, &caller, &id).await.is_ok()
    } else {
        sees(&services, &caller, &id).await.is_ok()
    };
    let exact = if may { services.writer.why(id.clone()).await } else { Err(Refusal::NotFound(id.clone())) };
    let text = match exact {
        Err(Refusal::NotFound(_)) => {
            services.writer.why(find_by_prefix(&services, &caller, id.as_str()).await?).await
        }
        other => other,
    };
    Ok(ApiReply::done(None, Json::from(text.map_err(|refusal| ApiReply::refused(None, &refusal))?)))
}

/// The session with this ID or prefix among those that the caller may see.
async fn find_by_prefix(
    services: &Services,
    caller: &Caller,
    prefix: &str,
) -> Result<InteractionId, ApiReply> {
    let refused = |refusal| ApiReply::refused(None, &refusal);
    let is_agent = caller.actor.role.handles_sessions();
    let all: Vec<InteractionId> = if is_agent {
        let view = services.writer.session(caller.actor.employee.clone()).await.map_err(refused)?;
        view.interactions.iter().map(|dto| dto.id.as_str().into()).collect()
    } else {
        let view = services.writer.live(None).await.map_err(refused)?;
        view.sessions.into_iter().map(|session| session.id).collect()
    };
    let mut fits = Vec::new();
    for id in all.into_iter().filter(|id| !prefix.is_empty() && id.as_str().starts_with(prefix)) {
        if is_agent || sees(services, caller, &id).await.is_ok() {
            fits.push(id);
        }
    }
    match fits.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(ApiReply::not_found(format!(
            "no live session that you may see has the ID {prefix}, or one that begins so; sessions that are over are not \
             explained any more"
        ))),
        several => {
            let more = several.len().saturating_sub(MOST_NAMED);
            let named: Vec<&str> = several.iter().take(MOST_NAMED).map(InteractionId::as_str).collect();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let words = format!(
                "{prefix} is the beginning of several IDs: {}{more}; write more of it",
                named.join(", ")
            );
            Err(ApiReply::failure(StatusCode::CONFLICT, None, words))
        }
    }
}

/// `GET /deskline/board`: the agents with their states, and how many sessions wait in each queue.
pub async fn board(State(services): State<Arc<Services>>, _caller: Caller) -> ApiResult {
    let board = services.writer.status().await.map_err(|refusal| ApiReply::refused(None, &refusal))?;
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
    Ok(ApiReply::done(None, data))
}

/// `POST /deskline/interactions/{id}/reopen`: reopens a session that the caller ended a moment ago.
pub async fn reopen(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    reading::execute(&services, &caller, &request, Command::Reopen(id.into())).await
}

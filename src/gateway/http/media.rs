//! Operations on channels and sessions, and reading a session's transcript.

use super::operation::{ParsedOperation, on_all_channels, on_channel, on_interaction};
use super::reading;
use crate::domain::InteractionId;
use crate::domain::interaction::MEDIA_TYPE;
use crate::gateway::auth::Caller;
use crate::gateway::masking;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::gateway::writer::api::{Command, Refusal};
use crate::proto::envelope::DONE;
use crate::proto::media::LogQuery;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde_json::json;
use std::sync::Arc;

/// Whether a media type is served: WhatsApp sessions, also as `chat`, which official clients have in their paths.
pub fn is_known(media: &str) -> bool {
    media == MEDIA_TYPE || media == "chat"
}

/// Refuses media types that this gateway does not serve.
///
/// # Errors
/// 404 for another media type.
pub fn require_known(media: &str) -> Result<(), ApiReply> {
    if is_known(media) {
        return Ok(());
    }
    Err(ApiReply::not_found(format!("there is no media type {media} here: this gateway has {MEDIA_TYPE}")))
}

/// Executes an operation that was parsed.
pub(super) async fn run(
    services: &Services,
    caller: Caller,
    request: &RequestBody,
    parsed: ParsedOperation,
    op: &str,
) -> ApiResult {
    let operation = Some(&request.operation);
    match parsed {
        ParsedOperation::Command(command) => reading::execute(services, &caller, request, command).await,
        ParsedOperation::NoOp => Ok(ApiReply::accepted(&request.operation)),
        ParsedOperation::Unknown => Err(ApiReply::failure(
            StatusCode::NOT_FOUND,
            operation,
            format!("there is no operation {op} here"),
        )),
        ParsedOperation::Invalid(sentence) => {
            Err(ApiReply::failure(StatusCode::BAD_REQUEST, operation, sentence))
        }
    }
}

/// `POST /media/{op}`.
pub async fn all(
    State(services): State<Arc<Services>>,
    Path(op): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let parsed = on_all_channels(&op, &request.data);
    let mut reply = run(&services, caller, &request, parsed, &op).await?;
    if op == "activate" {
        // Workspace: activation is complete when it is answered.
        reply.envelope.status.code = DONE;
    }
    Ok(reply)
}

/// `POST /media/{mediatype}/{op}`.
pub async fn channel(
    State(services): State<Arc<Services>>,
    Path((media, op)): Path<(String, String)>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    require_known(&media).map_err(|reply| reply.to(&request.operation))?;
    let parsed = on_channel(&op, &request.data);
    if let ParsedOperation::Command(Command::StartMonitoring { agent, .. }) = &parsed
        && !services.oversees(&caller.actor.employee, agent)
    {
        let sentence = format!("{agent} is in none of the agent groups that you oversee; nothing was done");
        return Err(ApiReply::failure(StatusCode::FORBIDDEN, Some(&request.operation), sentence));
    }
    run(&services, caller, &request, parsed, &op).await
}

/// `POST /media/{mediatype}/interactions/{id}/{op}`.
pub async fn interaction(
    State(services): State<Arc<Services>>,
    Path((media, id, op)): Path<(String, String, String)>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    require_known(&media).map_err(|reply| reply.to(&request.operation))?;
    let parsed = on_interaction(&op, &id, &request.data);
    if parsed == ParsedOperation::NoOp {
        has(&services, &caller, &id.as_str().into())
            .await
            .map_err(|refusal| ApiReply::refused(Some(&request.operation), &refusal))?;
    }
    run(&services, caller, &request, parsed, &op).await
}

/// Whether an agent has a session.
///
/// # Errors
/// When they do not, or the writer does not answer.
pub async fn has(services: &Services, caller: &Caller, id: &InteractionId) -> Result<(), Refusal> {
    let view = services.writer.session(caller.actor.employee.clone()).await?;
    let has = view.interactions.iter().any(|dto| dto.id == id.as_str());
    if has { Ok(()) } else { Err(Refusal::NotFound(id.clone())) }
}

/// Checks that a supervisor may read a session: they oversee its agent, or monitor an agent in it.
///
/// # Errors
/// 404, as if there were no such session.
pub async fn sees(services: &Services, caller: &Caller, id: &InteractionId) -> Result<(), ApiReply> {
    let Some(feed) = &services.feed else { return Ok(()) };
    let may_see = feed.may_see(&caller.actor.employee, id).await;
    let may_see = may_see.map_err(|refusal| ApiReply::refused(None, &refusal))?;
    if may_see || services.is_monitoring(&caller.actor.employee, id).await {
        return Ok(());
    }
    Err(ApiReply::refused(None, &Refusal::NotFound(id.clone())))
}

/// The part of a transcript that a query selects: an addition of this gateway. Values that are not numbers are ignored,
/// as unknown parameters are.
fn part(query: &str) -> LogQuery {
    let mut part = LogQuery::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "after" => part.after = value.parse().ok(),
            "before" => part.before = value.parse().ok(),
            "limit" => part.limit = value.parse().ok(),
            _ => {}
        }
    }
    part
}

/// `GET /media/{mediatype}/interactions/{id}/messages`.
pub async fn messages(
    State(services): State<Arc<Services>>,
    Path((media, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> ApiResult {
    require_known(&media)?;
    let overseer = !caller.actor.role.handles_sessions();
    let id = InteractionId::from(id);
    if overseer {
        sees(&services, &caller, &id).await?;
    }
    let reader = caller.actor.employee.clone();
    let query = part(query.as_deref().unwrap_or_default());
    let page = services.writer.messages(caller.actor, id.clone(), query).await;
    let mut page = page.map_err(|refusal| ApiReply::refused(None, &refusal))?;
    if let Some(last) = page.messages.iter().map(|message| message.index).max() {
        services.hub.replied(&reader, &id, last);
    }
    if overseer {
        page.messages.iter_mut().for_each(|message| masking::mask_message(&services.mask, message));
    }
    Ok(ApiReply::done(None, json!(page)))
}

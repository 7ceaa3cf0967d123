//! Workbins: listing them, reading their contents, and putting a session into one.
//!
//! Every request is answered with code 1; its result comes as an event on the workbins' channel.

use super::media::run;
use super::operation::ParsedOperation;
use crate::gateway::auth::Caller;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::gateway::writer::api::Command;
use crate::gateway::writer::model::views::WorkbinView;
use crate::proto::channel;
use crate::proto::workbins::{self as wire, WorkbinDto};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value as Json;
use std::sync::Arc;

fn dto(view: &WorkbinView, with_content: bool) -> WorkbinDto {
    WorkbinDto {
        id: view.name.clone(),
        workbin_name: view.name.clone(),
        display_name: view.display_name.clone(),
        kind: if view.of_group { "AgentGroup" } else { "Agent" }.to_owned(),
        owner: view.owner.clone(),
        interactions: with_content.then(|| view.interactions.clone()),
    }
}

/// The workbins of the caller.
async fn views(
    services: &Services,
    caller: &Caller,
    request: &RequestBody,
) -> Result<Vec<WorkbinView>, ApiReply> {
    let views = services.writer.workbins(caller.actor.employee.clone()).await;
    views.map_err(|refusal| ApiReply::refused(Some(&request.operation), &refusal))
}

/// The workbin of that name, if it is one of the caller's.
async fn view(
    services: &Services,
    caller: &Caller,
    request: &RequestBody,
    id: &str,
) -> Result<WorkbinView, ApiReply> {
    let mut all = views(services, caller, request).await?.into_iter();
    let found = all.find(|view| view.name == id).ok_or_else(|| {
        let sentence = format!("there is no workbin {id} for you");
        ApiReply::failure(StatusCode::NOT_FOUND, Some(&request.operation), sentence)
    })?;
    let owner = request.data.get("ownerId").and_then(Json::as_str).filter(|owner| !owner.is_empty());
    if owner.is_some_and(|owner| owner != found.owner) {
        let sentence = "you may look into a workbin of your own or of your group only";
        return Err(ApiReply::failure(StatusCode::FORBIDDEN, Some(&request.operation), sentence));
    }
    Ok(found)
}

/// Publishes the result to the caller and accepts the request.
fn publish_result(services: &Services, caller: &Caller, request: &RequestBody, data: Json) -> ApiResult {
    services.publish(&caller.actor.employee, channel::WORKBINS, data);
    Ok(ApiReply::accepted(&request.operation))
}

fn unknown(request: &RequestBody, op: &str) -> ApiResult {
    let sentence = format!("there is no operation {op} here");
    Err(ApiReply::failure(StatusCode::NOT_FOUND, Some(&request.operation), sentence))
}

/// `POST /workbins/{op}`: an operation on all workbins of the caller.
pub async fn all(
    State(services): State<Arc<Services>>,
    Path(op): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let views = views(&services, &caller, &request).await?;
    let operation = request.operation.as_str();
    let data = match op.as_str() {
        "get-workbins" => {
            let list: Vec<WorkbinDto> = views.iter().map(|view| dto(view, false)).collect();
            wire::list(&list, operation)
        }
        "get-contents" => {
            let wanted = request.data.get("workbinIds").and_then(Json::as_str).unwrap_or_default();
            let wanted: Vec<&str> = wanted.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
            if wanted.is_empty() {
                let sentence = "data.workbinIds is missing or empty: name workbins, with commas between them";
                return Err(ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence));
            }
            let list: Vec<WorkbinDto> = views
                .iter()
                .filter(|view| wanted.contains(&view.name.as_str()))
                .map(|view| dto(view, true))
                .collect();
            wire::contents(&list, operation)
        }
        "subscribe" | "unsubscribe" => {
            let on = op == "subscribe";
            let names = views.into_iter().map(|view| view.name).collect();
            services.writer.follow(caller.actor.employee.clone(), names, on).await;
            wire::ack(ack_word(on), None, operation)
        }
        _ => return unknown(&request, &op),
    };
    publish_result(&services, &caller, &request, data)
}

/// `POST /workbins/{id}/{op}`: an operation on one workbin.
pub async fn one(
    State(services): State<Arc<Services>>,
    Path((id, op)): Path<(String, String)>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let operation = request.operation.as_str();
    let data = match op.as_str() {
        "get-content" => {
            wire::content(&dto(&view(&services, &caller, &request, &id).await?, true), operation)
        }
        "subscribe" | "unsubscribe" => {
            let on = op == "subscribe";
            let found = view(&services, &caller, &request, &id).await?;
            services.writer.follow(caller.actor.employee.clone(), vec![found.name], on).await;
            wire::ack(ack_word(on), Some(&id), operation)
        }
        "add-interaction" => {
            let text =
                |name: &str| request.data.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
            let parsed = text("interactionId").map_or_else(
                || ParsedOperation::Invalid("data.interactionId is missing or empty".to_owned()),
                |interaction| {
                    let owner = text("ownerId").map(str::to_owned);
                    ParsedOperation::Command(Command::Park {
                        id: interaction.into(),
                        workbin: Some(id.clone()),
                        owner,
                    })
                },
            );
            let reply = run(&services, caller.clone(), &request, parsed, &op).await?;
            let ack = wire::ack("AddInteractionToWorkbin", Some(&id), operation);
            services.publish(&caller.actor.employee, channel::WORKBINS, ack);
            return Ok(reply);
        }
        _ => return unknown(&request, &op),
    };
    publish_result(&services, &caller, &request, data)
}

/// `POST /workbins/interactions/{id}/get-details`.
pub async fn details(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let views = views(&services, &caller, &request).await?;
    let Some(found) = views.iter().flat_map(|view| &view.interactions).find(|dto| dto.id == id) else {
        let sentence = format!("there is no session {id} in your workbins: it may have left them");
        return Err(ApiReply::failure(StatusCode::NOT_FOUND, Some(&request.operation), sentence));
    };
    let data = wire::details(found, request.operation.as_str());
    publish_result(&services, &caller, &request, data)
}

const fn ack_word(on: bool) -> &'static str {
    if on { "SubscribeWorkbinEvents" } else { "UnsubscribeWorkbinEvents" }
}

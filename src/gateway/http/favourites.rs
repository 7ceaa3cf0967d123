//! Favourite and recent targets of agents.
//!
//! Each agent sees their own. The administrator's favourites are in every agent's list.

use super::session::query;
use super::targets::{TargetEntry, all, broken, contact};
use crate::config::schema::FavouriteKind;
use crate::domain::Millis;
use crate::domain::target::TargetKind;
use crate::gateway::auth::Caller;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::proto::targets::{kind_of, type_of};
use crate::proto::wa;
use crate::store::targets::{SaveOutcome, SavedTarget};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Favourites of an agent, at most.
const MOST_FAVOURITES: u32 = 100;
/// Recent targets that are stored for an agent.
const MOST_RECENTS: u32 = 100;
/// Bytes of a stored target as JSON, at most.
const MOST_BYTES: usize = 8 * 1024;
/// Characters of a name.
const MOST_NAME: usize = 256;

/// `GET /targets/personal-favorites`.
pub async fn favourites(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    caller: Caller,
) -> ApiResult {
    let known = known(&services, &caller).await?;
    let employee = caller.actor.employee;
    let kept = services.target_book.favourites(employee).await.map_err(|error| broken(&error))?;
    let mut targets = Vec::new();
    let mut corporate = Vec::new();
    for favourite in &services.directory.gateway().corporate_favourite {
        let kind = match favourite.kind {
            FavouriteKind::Agent => TargetKind::Agent,
            FavouriteKind::AgentGroup => TargetKind::AgentGroup,
            FavouriteKind::Skill => TargetKind::Skill,
            FavouriteKind::InteractionQueue => TargetKind::Queue,
        };
        let found = known.iter().find(|target| target.kind == kind && target.is_called(&favourite.id));
        let Some(Json::Object(mut json)) = found.map(|target| target.json.clone()) else { continue };
        json.insert("category".to_owned(), json!(favourite.category));
        json.insert(wa::CORPORATE.to_owned(), json!(true));
        if let Some(name) = &favourite.display_name {
            json.insert("favoriteDisplayName".to_owned(), json!(name));
        }
        corporate.extend(found.map(|target| (target.kind, target.id.clone())));
        targets.push(Json::Object(json));
    }
    for kept in kept {
        let twice = |kind| corporate.iter().any(|(known, id)| *known == kind && *id == kept.id);
        if kind_of(&kept.kind).is_some_and(twice) {
            continue;
        }
        targets.extend(as_now(&services, &known, &kept, &["favoriteDisplayName", "category"]).await?);
    }
    Ok(listed(raw.as_deref(), targets))
}

/// `POST /targets/personal-favorites/save`.
pub async fn save(State(services): State<Arc<Services>>, caller: Caller, request: RequestBody) -> ApiResult {
    let mut kept = wanted(&services, &caller, &request).await?;
    let mut body = target_of(&request);
    body.insert("category".to_owned(), request.data.get("category").cloned().unwrap_or_default());
    kept.body = written(body, &request)?;
    let again = request.data.get("ignoreDuplication").and_then(Json::as_bool) == Some(true);
    let name = format!("{} {}", kept.kind, kept.id);
    let saved = services.target_book.save_favourite(caller.actor.employee, kept, again, MOST_FAVOURITES);
    let failure =
        |sentence: String| ApiReply::failure(StatusCode::CONFLICT, Some(&request.operation), sentence);
    match saved.await.map_err(|error| broken(&error).to(&request.operation))? {
        SaveOutcome::Saved => Ok(ApiReply::done(Some(&request.operation), Json::Null)),
        SaveOutcome::AlreadySaved => Err(failure(format!("{name} is a favourite already"))),
        SaveOutcome::Full => Err(failure(format!(
            "you have {MOST_FAVOURITES} favourites: take one away before you add another"
        ))),
    }
}

/// `POST /targets/personal-favorites/delete/{type}/{id}`. Deleting one that does not exist succeeds.
pub async fn delete(
    State(services): State<Arc<Services>>,
    Path((kind, id)): Path<(String, String)>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let (kind, id) = match kind_of(&kind) {
        Some(kind) => {
            let known = known(&services, &caller).await?;
            let found = known.into_iter().find(|target| target.kind == kind && target.is_called(&id));
            (type_of(kind).to_owned(), found.map_or(id, |target| target.id))
        }
        None => (word(&kind), id),
    };
    let gone = services.target_book.delete_favourite(caller.actor.employee, kind, id);
    gone.await.map_err(|error| broken(&error).to(&request.operation))?;
    Ok(ApiReply::done(Some(&request.operation), Json::Null))
}

/// `GET /targets/recents`, the newest first.
pub async fn recents(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    caller: Caller,
) -> ApiResult {
    let known = known(&services, &caller).await?;
    let kept = services.target_book.recents(caller.actor.employee).await.map_err(|error| broken(&error))?;
    let mut targets = Vec::new();
    for kept in kept {
        targets.extend(as_now(&services, &known, &kept, &["recentInformation"]).await?);
    }
    Ok(listed(raw.as_deref(), targets))
}

/// `POST /targets/recents/add`. They are ordered by arrival, whatever the clients' clocks say.
pub async fn add_recent(
    State(services): State<Arc<Services>>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let mut kept = wanted(&services, &caller, &request).await?;
    let mut body = target_of(&request);
    let information = request.data.get("recentInformation").cloned().unwrap_or_default();
    body.insert("recentInformation".to_owned(), information);
    kept.body = written(body, &request)?;
    let added = services.target_book.add_recent(caller.actor.employee, kept, MOST_RECENTS);
    added.await.map_err(|error| broken(&error).to(&request.operation))?;
    Ok(ApiReply::done(Some(&request.operation), Json::Null))
}

/// `POST /targets/recents/ack-missed-calls`: there are no calls here, so none is missed.
pub async fn no_missed_calls(_caller: Caller, request: RequestBody) -> ApiResult {
    Ok(ApiReply::done(Some(&request.operation), Json::Null))
}

async fn known(services: &Services, caller: &Caller) -> Result<Vec<TargetEntry>, ApiReply> {
    let board = services.writer.status().await.map_err(|refusal| ApiReply::refused(None, &refusal))?;
    Ok(all(&services.directory, &board, &caller.actor.employee))
}

fn word(kind: &str) -> String {
    kind.trim().to_ascii_lowercase().replace('_', "-")
}

fn target_of(request: &RequestBody) -> Map<String, Json> {
    request.data.get("target").and_then(Json::as_object).cloned().unwrap_or_default()
}

fn written(body: Map<String, Json>, request: &RequestBody) -> Result<String, ApiReply> {
    let text = Json::Object(body).to_string();
    if text.len() > MOST_BYTES {
        let sentence = format!("data.target is longer than {MOST_BYTES} bytes");
        return Err(ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence));
    }
    Ok(text)
}

/// The target of a request, by the ID under which it is stored. It must exist, unless this gateway does not know its type:
/// then it is stored as it is, for clients that know the type.
async fn wanted(
    services: &Services,
    caller: &Caller,
    request: &RequestBody,
) -> Result<SavedTarget, ApiReply> {
    let bad = |sentence: &str| ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence);
    let target = target_of(request);
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| match target.get(*name) {
            Some(Json::String(text)) if !text.trim().is_empty() => Some(text.clone()),
            Some(Json::Number(number)) => Some(number.to_string()),
            _ => None,
        });
        found.filter(|text| text.chars().count() <= MOST_NAME)
    };
    let kind = text(&["type"]).ok_or_else(|| bad("data.target.type is missing or too long"))?;
    let id = text(&["id", "employeeId", "contactId", "userName", "name"]);
    let id = id.ok_or_else(|| bad("data.target.id is missing or too long"))?;
    let missing = || ApiReply::not_found(format!("there is no {kind} {id}")).to(&request.operation);
    let (kind, id) = match kind_of(&kind) {
        Some(TargetKind::Contact) => {
            let found = services.target_book.contact(id.as_str().into()).await;
            found.map_err(|error| broken(&error).to(&request.operation))?.ok_or_else(missing)?;
            (type_of(TargetKind::Contact).to_owned(), id)
        }
        Some(wanted) => {
            let known = known(services, caller).await?;
            let found = known.into_iter().find(|target| target.kind == wanted && target.is_called(&id));
            (type_of(wanted).to_owned(), found.ok_or_else(missing)?.id)
        }
        None => (word(&kind), id),
    };
    let at = Millis(jiff::Timestamp::now().as_millisecond());
    Ok(SavedTarget { kind, id, body: String::new(), at })
}

/// A stored target with its present data and the given stored fields. `None` while it is not in the configuration.
async fn as_now(
    services: &Services,
    known: &[TargetEntry],
    kept: &SavedTarget,
    fields: &[&str],
) -> Result<Option<Json>, ApiReply> {
    let body: Map<String, Json> = serde_json::from_str(&kept.body).unwrap_or_default();
    let now = match kind_of(&kept.kind) {
        Some(TargetKind::Contact) => {
            let found = services
                .target_book
                .contact(kept.id.as_str().into())
                .await
                .map_err(|error| broken(&error))?;
            found.as_ref().map(contact)
        }
        Some(kind) => {
            let found = known.iter().find(|target| target.kind == kind && target.id == kept.id);
            found.map(|target| target.json.clone())
        }
        None => Some(Json::Object(body.clone())),
    };
    let Some(Json::Object(mut json)) = now else { return Ok(None) };
    for field in fields {
        if let Some(value) = body.get(*field).filter(|value| !value.is_null()) {
            json.insert((*field).to_owned(), value.clone());
        }
    }
    json.insert("id".to_owned(), json!(kept.id));
    Ok(Some(Json::Object(json)))
}

fn listed(raw: Option<&str>, mut targets: Vec<Json>) -> ApiReply {
    let total = targets.len();
    if let Some(limit) = query(raw, "limit").and_then(|limit| limit.parse().ok()) {
        targets.truncate(limit);
    }
    ApiReply::done(None, json!({"totalMatches": total, "targets": targets}))
}

//! The sessions that a contact had.

use super::contacts::{has_session, is_closed};
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::{EmployeeId, Millis};
use crate::gateway::auth::Caller;
use crate::gateway::masking;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody, truncate_to_event};
use crate::gateway::services::Services;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::model::archive::is_archive;
use crate::proto::ucs::{OwnerDto, PastDto};
use crate::proto::{channel, time, ucs};
use crate::store::PastSession;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use std::sync::Arc;

/// The name of the handler of messages that were written outside every session.
const PHONE: &str = "WhatsApp phone";

/// `POST /ucs/contacts/{id}/get-history`. (Workspace: answered with code 1; the result comes as an event.)
pub async fn history(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let (since, until) = (moment(&request, "fromDate")?, moment(&request, "toDate")?);
    let employee = caller.actor.employee.clone();
    let overseer = !caller.actor.role.handles_sessions();
    if overseer && is_closed(&services, &caller) {
        let has = has_session(&services, &caller, &id).await;
        if !has.map_err(|refusal| ApiReply::refused(Some(&request.operation), &refusal))? {
            let sentence = "no agent whom you oversee has a session of that customer".to_owned();
            return Err(ApiReply::refused(Some(&request.operation), &Refusal::Forbidden(sentence)));
        }
    }
    let past = services.writer.history(caller.actor, id.as_str().into(), since, until).await;
    let past = past.map_err(|refusal| ApiReply::refused(Some(&request.operation), &refusal))?;
    let mut items: Vec<PastDto> = past.iter().map(|past| item(&services, &id, past)).collect();
    if overseer {
        items.iter_mut().for_each(|past| masking::mask_past(&services.mask, past));
    }
    // The newest come first, so a very long history is cut at its old end.
    truncate_to_event(&mut items, |past| serde_json::to_string(past).map_or(0, |text| text.len()));
    let data = ucs::history(&id, &items, Some(request.operation.as_str()));
    services.publish(&employee, channel::CONTACTS, data);
    Ok(ApiReply::accepted(&request.operation))
}

fn moment(request: &RequestBody, name: &str) -> Result<Option<Millis>, ApiReply> {
    let Some(value) = request.data.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    let bad = || {
        let sentence = format!("data.{name} is no time: write it like 2026-11-22T14:02:11Z");
        ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence)
    };
    time::parse(value).map(Some).ok_or_else(bad)
}

fn item(services: &Services, contact: &str, past: &PastSession) -> PastDto {
    PastDto {
        id: past.id.as_str().to_owned(),
        state: if past.ended.is_some() { "Stopped" } else { "InProgress" }.to_owned(),
        type_id: if past.outbound { "Outbound" } else { "Inbound" }.to_owned(),
        subtype_id: if past.outbound { "OutboundNew" } else { "InboundNew" }.to_owned(),
        contact_id: contact.to_owned(),
        subject: past.subject.clone().unwrap_or_default(),
        start_date: past.started.to_rfc3339().into(),
        end_date: past.ended.map(|at| at.to_rfc3339().into()).unwrap_or_default(),
        media_type: if past.media.is_empty() { MEDIA_TYPE } else { &past.media }.to_owned(),
        comment: past.comment.clone().unwrap_or_default(),
        user_data: past
            .user_data
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default(),
        owner_information: if is_archive(&past.id) {
            vec![OwnerDto { first_name: PHONE.to_owned(), ..OwnerDto::default() }]
        } else {
            past.agent.iter().map(|agent| owner(services, agent)).collect()
        },
    }
}

/// An agent who is no longer in the configuration is named by the employee ID.
fn owner(services: &Services, employee: &EmployeeId) -> OwnerDto {
    let known = services.directory.agent(employee);
    OwnerDto {
        dbid: services.directory.number(employee),
        first_name: known.map(|agent| agent.first_name.clone()).unwrap_or_default(),
        last_name: known.map(|agent| agent.last_name.clone()).unwrap_or_default(),
        user_name: known.map_or_else(|| employee.as_str().to_owned(), |agent| agent.user_name.clone()),
    }
}

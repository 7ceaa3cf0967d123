//! Contacts: which sessions a customer had.

use super::contacts::{closed, has_session};
use super::front::Front;
use super::reply::{Answered, Asked, Reply, fit};
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::{EmployeeId, Millis};
use crate::gateway::auth::Caller;
use crate::gateway::hide;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::archive::is_archive;
use crate::proto::ucs::{OwnerDto, PastDto};
use crate::proto::{channel, time, ucs};
use crate::store::Past;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use std::sync::Arc;

/// The name of whoever handled what was written outside every session.
const PHONE: &str = "WhatsApp phone";

/// `POST /ucs/contacts/{id}/get-history`. (Workspace: answered code 1; the result comes as an event.)
pub async fn history(
    State(front): State<Arc<Front>>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let (since, until) = (moment(&asked, "fromDate")?, moment(&asked, "toDate")?);
    let employee = caller.actor.employee.clone();
    let overseer = !caller.actor.role.handles_sessions();
    if overseer && closed(&front, &caller) {
        let has = has_session(&front, &caller, &id).await;
        if !has.map_err(|refusal| Reply::refused(Some(&asked.operation), &refusal))? {
            let sentence = "no agent whom you oversee has a session of that customer".to_owned();
            return Err(Reply::refused(Some(&asked.operation), &Refusal::Forbidden(sentence)));
        }
    }
    let past = front.writer.history(caller.actor, id.as_str().into(), since, until).await;
    let past = past.map_err(|refusal| Reply::refused(Some(&asked.operation), &refusal))?;
    let mut items: Vec<PastDto> = past.iter().map(|past| item(&front, &id, past)).collect();
    if overseer {
        items.iter_mut().for_each(|past| hide::past(&front.mask, past));
    }
    // The newest come first: of a very long history only those are sent.
    fit(&mut items, |past| serde_json::to_string(past).map_or(0, |text| text.len()));
    let data = ucs::history(&id, &items, Some(asked.operation.as_str()));
    front.tell(&employee, channel::CONTACTS, data);
    Ok(Reply::accepted(&asked.operation))
}

fn moment(asked: &Asked, name: &str) -> Result<Option<Millis>, Reply> {
    let Some(value) = asked.data.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    let bad = || {
        let sentence = format!("data.{name} is no time: write it like 2026-11-22T14:02:11Z");
        Reply::failure(StatusCode::BAD_REQUEST, Some(&asked.operation), sentence)
    };
    time::parse(value).map(Some).ok_or_else(bad)
}

fn item(front: &Front, contact: &str, past: &Past) -> PastDto {
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
            past.agent.iter().map(|agent| owner(front, agent)).collect()
        },
    }
}

/// Who was an agent once and is in the configuration no more has a name all the same.
fn owner(front: &Front, employee: &EmployeeId) -> OwnerDto {
    let known = front.directory.agent(employee);
    OwnerDto {
        dbid: front.directory.number(employee),
        first_name: known.map(|agent| agent.first_name.clone()).unwrap_or_default(),
        last_name: known.map(|agent| agent.last_name.clone()).unwrap_or_default(),
        user_name: known.map_or_else(|| employee.as_str().to_owned(), |agent| agent.user_name.clone()),
    }
}

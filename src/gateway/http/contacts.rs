//! Contacts: reading, searching, changing, merging, and assigning them to sessions.
//!
//! (Workspace: answered with code 1; the result comes as an event on the contacts' channel.)

use crate::domain::EmployeeId;
use crate::domain::profile::AttributeValue;
use crate::gateway::auth::Caller;
use crate::gateway::masking;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody, truncate_to_event};
use crate::gateway::services::Services;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::model::contact::ContactCommand;
use crate::proto::channel;
use crate::proto::contact::{self, ContactDto, Query, name};
use crate::proto::wa;
use crate::store::{ContactCard, ContactLookup};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value as Json;
use std::sync::Arc;

/// Contacts in the result of a search, unless the request says otherwise.
const FEW: usize = 50;
/// Contacts in the result of a search, at most.
const MANY: usize = 200;

/// A contact as the caller may see it.
fn visible(services: &Services, caller: &Caller, card: &ContactCard) -> ContactDto {
    let mut contact = dto(services, card);
    if !caller.actor.role.handles_sessions() {
        masking::mask_contact(&services.mask, &mut contact);
    }
    contact
}

fn dto(services: &Services, card: &ContactCard) -> ContactDto {
    let mut attributes = card.attributes.clone();
    for (name, value) in &card.names {
        attributes.entry(name.clone()).or_default().push(AttributeValue::plain(value.as_str()));
    }
    ContactDto {
        id: card.id.as_str().to_owned(),
        attributes,
        changed: card.changed.as_ref().map(|(by, at)| (person(services, by), at.to_rfc3339().into())),
        merged: card.last_merge_name.clone(),
        reason: None,
    }
}

fn person(services: &Services, employee: &EmployeeId) -> String {
    let named =
        |agent: &crate::config::schema::AgentConfig| format!("{} {}", agent.first_name, agent.last_name);
    let name = services.directory.agent(employee).map(named).unwrap_or_default();
    if name.trim().is_empty() { employee.as_str().to_owned() } else { name.trim().to_owned() }
}

fn refused(request: &RequestBody, refusal: &Refusal) -> ApiReply {
    ApiReply::refused(Some(&request.operation), refusal)
}

fn invalid(request: &RequestBody, sentence: impl Into<String>) -> ApiReply {
    ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence)
}

/// Whether the caller sees only the contacts of their own sessions, or of sessions that they oversee.
pub(super) fn is_closed(services: &Services, caller: &Caller) -> bool {
    let person = services.directory.agent(&caller.actor.employee);
    let sees_all = !caller.actor.role.handles_sessions() && person.is_some_and(|one| one.oversees.is_empty());
    !sees_all && !services.directory.gateway().contact_lookup
}

/// Whether a contact has an open session that the caller has or oversees.
pub(super) async fn has_session(
    services: &Services,
    caller: &Caller,
    contact: &str,
) -> Result<bool, Refusal> {
    let me = &caller.actor.employee;
    if let Some(feed) = services.feed.as_ref().filter(|_| !caller.actor.role.handles_sessions()) {
        return feed.sees_contact(me, contact).await;
    }
    let view = services.writer.session(me.clone()).await?;
    Ok(view.interactions.iter().any(|dto| dto.contact_id.as_deref() == Some(contact)))
}

fn number(request: &RequestBody, key: &str) -> Option<usize> {
    request.data.get(key).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok())
}

/// `POST /ucs/contacts/search`.
pub async fn search(
    State(services): State<Arc<Services>>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    if is_closed(&services, &caller) {
        let sentence =
            "the contact directory is closed here: you see the contacts of your own sessions".to_owned();
        return Err(refused(&request, &Refusal::Forbidden(sentence)));
    }
    let text = request.data.get("query").and_then(Json::as_str);
    let text = text.ok_or_else(|| invalid(&request, "data.query is missing: `*` finds everybody"))?;
    let query = Query::parse(text).map_err(|sentence| invalid(&request, sentence))?;
    let start = number(&request, "startIndex").unwrap_or(0);
    let limit = number(&request, "maxResults").unwrap_or(FEW).min(MANY);
    let page = services.writer.look(ContactLookup::Search { query, start, limit }).await;
    let page = page.map_err(|refusal| refused(&request, &refusal))?;
    let mut found: Vec<ContactDto> =
        page.cards.iter().map(|card| visible(&services, &caller, card)).collect();
    // A client that gets fewer than there are requests the next ones from the end of these.
    truncate_to_event(&mut found, |contact| contact.to_json().to_string().len());
    let data = contact::found(&found, page.total, Some(request.operation.as_str()));
    services.publish(&caller.actor.employee, channel::CONTACTS, data);
    Ok(ApiReply::accepted(&request.operation))
}

/// `POST /ucs/contacts/{id}/get-details`. For a contact that was merged, the one into which it was merged.
pub async fn details(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let page = services.writer.look(ContactLookup::Cards(vec![id.as_str().into()])).await;
    let page = page.map_err(|refusal| refused(&request, &refusal))?;
    let Some(card) = page.cards.first() else {
        let gone = Refusal::Gone("that contact is not there: it was deleted, or never was".to_owned());
        return Err(refused(&request, &gone));
    };
    if is_closed(&services, &caller) {
        let has = has_session(&services, &caller, card.id.as_str()).await;
        if !has.map_err(|refusal| refused(&request, &refusal))? {
            let sentence = "you have no session of that contact: the directory is closed here".to_owned();
            return Err(refused(&request, &Refusal::Forbidden(sentence)));
        }
    }
    let data =
        contact::event(name::DETAILS, Some(request.operation.as_str()), &visible(&services, &caller, card));
    services.publish(&caller.actor.employee, channel::CONTACTS, data);
    Ok(ApiReply::accepted(&request.operation))
}

/// Has the writer change contacts, and publishes the result to the caller.
async fn execute(
    services: &Services,
    caller: Caller,
    request: &RequestBody,
    id: &str,
    act: ContactCommand,
) -> ApiResult {
    let event = match &act {
        ContactCommand::Create(_) => name::INSERTED,
        ContactCommand::Delete(_) => name::DELETED,
        ContactCommand::Assign { .. } => name::ASSIGNED,
        ContactCommand::Update { .. } | ContactCommand::Merge { .. } | ContactCommand::Unmerge(_) => {
            name::UPDATED
        }
    };
    let interaction =
        if let ContactCommand::Assign { interaction, .. } = &act { Some(interaction.clone()) } else { None };
    let employee = caller.actor.employee.clone();
    let card = services.writer.contact(caller.actor, Some(request.operation.clone()), act).await;
    let card = card.map_err(|refusal| refused(request, &refusal))?;
    let contact = card.map_or_else(
        || ContactDto { id: id.to_owned(), ..ContactDto::default() },
        |card| dto(services, &card),
    );
    let mut data = contact::event(event, Some(request.operation.as_str()), &contact);
    if let (Some(interaction), Json::Object(map)) = (interaction, &mut data) {
        map.insert("interactionId".to_owned(), interaction.as_str().into());
    }
    services.publish(&employee, channel::CONTACTS, data);
    Ok(ApiReply::accepted(&request.operation))
}

/// `POST /ucs/contacts/create`.
pub async fn create(
    State(services): State<Arc<Services>>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let properties = request.data.get("properties").or_else(|| request.data.get("attributes"));
    let Some(properties) = properties else {
        return Err(invalid(&request, "data.properties is missing: a list of names and values"));
    };
    let act = ContactCommand::Create(contact::read_attributes(properties));
    execute(&services, caller, &request, "", act).await
}

/// `POST /ucs/contacts/{id}/{op}`: `update`, `delete`, and `merge` and `unmerge`, which are additions.
pub async fn change(
    State(services): State<Arc<Services>>,
    Path((id, op)): Path<(String, String)>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let act = match op.as_str() {
        "update" => {
            ContactCommand::Update { id: id.as_str().into(), changes: contact::read_changes(&request.data) }
        }
        "delete" => ContactCommand::Delete(id.as_str().into()),
        "merge" => {
            let from = request.data.get("contactId").and_then(Json::as_str);
            let from = from.ok_or_else(|| invalid(&request, "data.contactId is missing: whom to merge"))?;
            ContactCommand::Merge { into: id.as_str().into(), from: from.into() }
        }
        "unmerge" => ContactCommand::Unmerge(id.as_str().into()),
        _ => {
            let sentence = format!("there is no operation {op} here");
            return Err(ApiReply::failure(StatusCode::NOT_FOUND, Some(&request.operation), sentence));
        }
    };
    execute(&services, caller, &request, &id, act).await
}

/// `POST /ucs/interactions/{id}/assign-contact`.
pub async fn assign(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let contact = request.data.get("contactId").and_then(Json::as_str);
    let contact = contact.ok_or_else(|| invalid(&request, "data.contactId is missing"))?.to_owned();
    let act = ContactCommand::Assign { interaction: id.as_str().into(), contact: contact.as_str().into() };
    execute(&services, caller, &request, &contact, act).await
}

/// `POST /ucs/interactions/{id}/identify-contact`: the contact of the customer, and contacts that may be the same person.
pub async fn identify(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let employee = caller.actor.employee.clone();
    let suggested = services.writer.suggest(caller.actor, id.as_str().into()).await;
    let suggested = suggested.map_err(|refusal| refused(&request, &refusal))?;
    let reason = |reason: &str| Some(reason.to_owned());
    let contacts: Vec<ContactDto> = suggested
        .contacts
        .iter()
        .map(|(card, why)| ContactDto { reason: reason(why), ..dto(&services, card) })
        .collect();
    let operation = Some(request.operation.as_str());
    let mut data = contact::identified(suggested.contact.as_str(), suggested.is_known, &contacts, operation);
    if let Json::Object(map) = &mut data {
        map.insert("interactionId".to_owned(), id.into());
        if !suggested.is_known {
            map.insert(wa::UNKNOWN_CONTACT.to_owned(), 1.into());
        }
    }
    services.publish(&employee, channel::CONTACTS, data);
    Ok(ApiReply::accepted(&request.operation))
}

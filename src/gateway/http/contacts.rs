//! Contacts: read, searched, changed, merged, and assigned to sessions.
//!
//! (Workspace: answered code 1; the result comes as an event on the channel of contacts.)

use super::front::Front;
use super::reply::{Answered, Asked, Reply, fit};
use crate::domain::EmployeeId;
use crate::domain::profile::AttributeValue;
use crate::gateway::auth::Caller;
use crate::gateway::hide;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::contacts::ContactAct;
use crate::proto::channel;
use crate::proto::contact::{self, ContactDto, Query, name};
use crate::proto::wa;
use crate::store::{ContactCard, Lookup};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value as Json;
use std::sync::Arc;

/// How many contacts a search sends unless asked otherwise.
const FEW: usize = 50;
/// How many it sends at most.
const MANY: usize = 200;

/// A contact as that person may see it.
fn seen(front: &Front, caller: &Caller, card: &ContactCard) -> ContactDto {
    let mut contact = dto(front, card);
    if !caller.actor.role.handles_sessions() {
        hide::contact(&front.mask, &mut contact);
    }
    contact
}

fn dto(front: &Front, card: &ContactCard) -> ContactDto {
    let mut attributes = card.attributes.clone();
    for (name, value) in &card.names {
        attributes.entry(name.clone()).or_default().push(AttributeValue::plain(value.as_str()));
    }
    ContactDto {
        id: card.id.as_str().to_owned(),
        attributes,
        changed: card.changed.as_ref().map(|(by, at)| (person(front, by), at.to_rfc3339().into())),
        merged: card.brought_name.clone(),
        reason: None,
    }
}

fn person(front: &Front, employee: &EmployeeId) -> String {
    let named = |agent: &crate::config::schema::Agent| format!("{} {}", agent.first_name, agent.last_name);
    let name = front.directory.agent(employee).map(named).unwrap_or_default();
    if name.trim().is_empty() { employee.as_str().to_owned() } else { name.trim().to_owned() }
}

fn refused(asked: &Asked, refusal: &Refusal) -> Reply {
    Reply::refused(Some(&asked.operation), refusal)
}

fn invalid(asked: &Asked, sentence: impl Into<String>) -> Reply {
    Reply::failure(StatusCode::BAD_REQUEST, Some(&asked.operation), sentence)
}

/// Whether this person sees only the contacts of their own sessions, or of those that they oversee.
pub(super) fn closed(front: &Front, caller: &Caller) -> bool {
    let person = front.directory.agent(&caller.actor.employee);
    let sees_all = !caller.actor.role.handles_sessions() && person.is_some_and(|one| one.oversees.is_empty());
    !sees_all && !front.directory.gateway().contact_lookup
}

/// Whether a contact has a session now that this person has, or oversees.
pub(super) async fn has_session(front: &Front, caller: &Caller, contact: &str) -> Result<bool, Refusal> {
    let me = &caller.actor.employee;
    if let Some(watch) = front.watch.as_ref().filter(|_| !caller.actor.role.handles_sessions()) {
        return watch.sees_contact(me, contact).await;
    }
    let view = front.writer.session(me.clone()).await?;
    Ok(view.interactions.iter().any(|dto| dto.contact_id.as_deref() == Some(contact)))
}

fn number(asked: &Asked, key: &str) -> Option<usize> {
    asked.data.get(key).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok())
}

/// `POST /ucs/contacts/search`.
pub async fn search(State(front): State<Arc<Front>>, caller: Caller, asked: Asked) -> Answered {
    if closed(&front, &caller) {
        let sentence =
            "the contact directory is closed here: you see the contacts of your own sessions".to_owned();
        return Err(refused(&asked, &Refusal::Forbidden(sentence)));
    }
    let text = asked.data.get("query").and_then(Json::as_str);
    let text = text.ok_or_else(|| invalid(&asked, "data.query is missing: `*` finds everybody"))?;
    let query = Query::parse(text).map_err(|sentence| invalid(&asked, sentence))?;
    let start = number(&asked, "startIndex").unwrap_or(0);
    let limit = number(&asked, "maxResults").unwrap_or(FEW).min(MANY);
    let looked = front.writer.look(Lookup::Search { query, start, limit }).await;
    let looked = looked.map_err(|refusal| refused(&asked, &refusal))?;
    let mut found: Vec<ContactDto> = looked.cards.iter().map(|card| seen(&front, &caller, card)).collect();
    // A client that gets fewer than there are requests the next ones from the end of these.
    fit(&mut found, |contact| contact.to_json().to_string().len());
    let data = contact::found(&found, looked.total, Some(asked.operation.as_str()));
    front.tell(&caller.actor.employee, channel::CONTACTS, data);
    Ok(Reply::accepted(&asked.operation))
}

/// `POST /ucs/contacts/{id}/get-details`. Of one that was merged, the one it was merged into.
pub async fn details(
    State(front): State<Arc<Front>>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let looked = front.writer.look(Lookup::Cards(vec![id.as_str().into()])).await;
    let looked = looked.map_err(|refusal| refused(&asked, &refusal))?;
    let Some(card) = looked.cards.first() else {
        let gone = Refusal::Gone("that contact is not there: it was deleted, or never was".to_owned());
        return Err(refused(&asked, &gone));
    };
    if closed(&front, &caller) {
        let has = has_session(&front, &caller, card.id.as_str()).await;
        if !has.map_err(|refusal| refused(&asked, &refusal))? {
            let sentence = "you have no session of that contact: the directory is closed here".to_owned();
            return Err(refused(&asked, &Refusal::Forbidden(sentence)));
        }
    }
    let data = contact::event(name::DETAILS, Some(asked.operation.as_str()), &seen(&front, &caller, card));
    front.tell(&caller.actor.employee, channel::CONTACTS, data);
    Ok(Reply::accepted(&asked.operation))
}

async fn done(front: &Front, caller: Caller, asked: &Asked, id: &str, act: ContactAct) -> Answered {
    let event = match &act {
        ContactAct::Create(_) => name::INSERTED,
        ContactAct::Delete(_) => name::DELETED,
        ContactAct::Assign { .. } => name::ASSIGNED,
        ContactAct::Update { .. } | ContactAct::Merge { .. } | ContactAct::Unmerge(_) => name::UPDATED,
    };
    let interaction = match &act {
        ContactAct::Assign { interaction, .. } => Some(interaction.clone()),
        _ => None,
    };
    let employee = caller.actor.employee.clone();
    let card = front.writer.contact(caller.actor, Some(asked.operation.clone()), act).await;
    let card = card.map_err(|refusal| refused(asked, &refusal))?;
    let contact = card
        .map_or_else(|| ContactDto { id: id.to_owned(), ..ContactDto::default() }, |card| dto(front, &card));
    let mut data = contact::event(event, Some(asked.operation.as_str()), &contact);
    if let (Some(interaction), Json::Object(map)) = (interaction, &mut data) {
        map.insert("interactionId".to_owned(), interaction.as_str().into());
    }
    front.tell(&employee, channel::CONTACTS, data);
    Ok(Reply::accepted(&asked.operation))
}

/// `POST /ucs/contacts/create`.
pub async fn create(State(front): State<Arc<Front>>, caller: Caller, asked: Asked) -> Answered {
    let properties = asked.data.get("properties").or_else(|| asked.data.get("attributes"));
    let Some(properties) = properties else {
        return Err(invalid(&asked, "data.properties is missing: a list of names and values"));
    };
    let act = ContactAct::Create(contact::read_attributes(properties));
    done(&front, caller, &asked, "", act).await
}

/// `POST /ucs/contacts/{id}/{op}`: `update`, `delete`, and `merge` and `unmerge`, which are additions.
pub async fn act(
    State(front): State<Arc<Front>>,
    Path((id, op)): Path<(String, String)>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let act = match op.as_str() {
        "update" => {
            ContactAct::Update { id: id.as_str().into(), changes: contact::read_changes(&asked.data) }
        }
        "delete" => ContactAct::Delete(id.as_str().into()),
        "merge" => {
            let from = asked.data.get("contactId").and_then(Json::as_str);
            let from = from.ok_or_else(|| invalid(&asked, "data.contactId is missing: whom to merge"))?;
            ContactAct::Merge { into: id.as_str().into(), from: from.into() }
        }
        "unmerge" => ContactAct::Unmerge(id.as_str().into()),
        _ => {
            let sentence = format!("there is no operation {op} here");
            return Err(Reply::failure(StatusCode::NOT_FOUND, Some(&asked.operation), sentence));
        }
    };
    done(&front, caller, &asked, &id, act).await
}

/// `POST /ucs/interactions/{id}/assign-contact`.
pub async fn assign(
    State(front): State<Arc<Front>>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let contact = asked.data.get("contactId").and_then(Json::as_str);
    let contact = contact.ok_or_else(|| invalid(&asked, "data.contactId is missing"))?.to_owned();
    let act = ContactAct::Assign { interaction: id.as_str().into(), contact: contact.as_str().into() };
    done(&front, caller, &asked, &contact, act).await
}

/// `POST /ucs/interactions/{id}/identify-contact`: who the customer is, and who they may be.
pub async fn identify(
    State(front): State<Arc<Front>>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let employee = caller.actor.employee.clone();
    let suggested = front.writer.suggest(caller.actor, id.as_str().into()).await;
    let suggested = suggested.map_err(|refusal| refused(&asked, &refusal))?;
    let reason = |reason: &str| Some(reason.to_owned());
    let contacts: Vec<ContactDto> = suggested
        .contacts
        .iter()
        .map(|(card, why)| ContactDto { reason: reason(why), ..dto(&front, card) })
        .collect();
    let operation = Some(asked.operation.as_str());
    let mut data = contact::identified(suggested.contact.as_str(), suggested.is_known, &contacts, operation);
    if let Json::Object(map) = &mut data {
        map.insert("interactionId".to_owned(), id.into());
        if !suggested.is_known {
            map.insert(wa::UNKNOWN_CONTACT.to_owned(), 1.into());
        }
    }
    front.tell(&employee, channel::CONTACTS, data);
    Ok(Reply::accepted(&asked.operation))
}

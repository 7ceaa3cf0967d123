//! The contact directory, and who the customer of a session is.

use super::endpoint::{Endpoint, post};
use super::path::segment;
use crate::domain::profile::Attributes;
use crate::domain::{ContactId, InteractionId};
use crate::proto::contact::{self, AttributeChange, Query};
use serde_json::json;

fn path(id: &ContactId, operation: &str) -> String {
    format!("/ucs/contacts/{}/{operation}", segment(id.as_str()))
}

fn session(id: &InteractionId, operation: &str) -> String {
    format!("/ucs/interactions/{}/{operation}", segment(id.as_str()))
}

pub(super) fn history(contact: &ContactId) -> Endpoint {
    const ATTRIBUTES: [&str; 7] =
        ["Id", "StartDate", "EndDate", "MediaTypeId", "Status", "OwnerId", "Subject"];
    post(path(contact, "get-history"), json!({"returnedAttributes": ATTRIBUTES}))
}

pub(super) fn details(id: &ContactId) -> Endpoint {
    post(path(id, "get-details"), json!({"returnedAttributes": ["*"]}))
}

pub(super) fn search(query: &Query, start: usize, limit: usize) -> Endpoint {
    let data = json!({
        "query": query.to_text(), "returnedAttributes": ["*"], "startIndex": start, "maxResults": limit,
        "sortCriteria": [{"attributeName": "LastName", "mode": "Ascending"}],
    });
    post("/ucs/contacts/search", data)
}

pub(super) fn create(attributes: &Attributes) -> Endpoint {
    post("/ucs/contacts/create", contact::write_properties(attributes))
}

pub(super) fn update(id: &ContactId, changes: &[AttributeChange]) -> Endpoint {
    post(path(id, "update"), contact::write_changes(changes))
}

pub(super) fn delete(id: &ContactId) -> Endpoint {
    post(path(id, "delete"), json!({}))
}

pub(super) fn merge(into: &ContactId, from: &ContactId) -> Endpoint {
    post(path(into, "merge"), json!({"contactId": from}))
}

pub(super) fn unmerge(id: &ContactId) -> Endpoint {
    post(path(id, "unmerge"), json!({}))
}

pub(super) fn identify(id: &InteractionId) -> Endpoint {
    post(session(id, "identify-contact"), json!({"createContactEnabled": false}))
}

pub(super) fn assign(id: &InteractionId, contact: &ContactId) -> Endpoint {
    post(session(id, "assign-contact"), json!({"contactId": contact}))
}

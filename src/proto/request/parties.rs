//! Transfers, conferences and consultations.

use super::endpoint::{Endpoint, post};
use super::path::session;
use crate::domain::{AttachedData, InteractionId};
use crate::proto::{kv, wa};
use serde_json::{Value as Json, json};

/// An agent as the target, with pairs that only the target receives.
fn target(agent: &str, extension: &AttachedData) -> Json {
    json!({"agentId": agent, "extension": kv::to_json(extension)})
}

pub(super) fn transfer(id: &InteractionId, agent: &str, extension: &AttachedData, read: u64) -> Endpoint {
    let mut data = target(agent, extension);
    if let Json::Object(map) = &mut data {
        map.insert(wa::READ.to_owned(), Json::from(read));
    }
    post(session(id, "transfer-agent"), data)
}

pub(super) fn place_in_queue(id: &InteractionId, queue: &str, added: &AttachedData, read: u64) -> Endpoint {
    let data = json!({"queue": queue, "addedProperties": kv::to_json(added), wa::READ: read});
    post(session(id, "place-in-queue"), data)
}

pub(super) fn invite(id: &InteractionId, agent: &str, extension: &AttachedData) -> Endpoint {
    post(session(id, "invite"), target(agent, extension))
}

pub(super) fn invite_by_queue(id: &InteractionId, queue: &str) -> Endpoint {
    post(session(id, "invite-by-queue"), json!({"queue": queue}))
}

pub(super) fn consult(id: &InteractionId, agent: &str, extension: &AttachedData) -> Endpoint {
    post(session(id, "consult"), target(agent, extension))
}

pub(super) fn consult_by_queue(id: &InteractionId, queue: &str) -> Endpoint {
    post(session(id, "consult-by-queue"), json!({"queue": queue}))
}

pub(super) fn cancel_consult(id: &InteractionId) -> Endpoint {
    post(session(id, "cancel-consult"), json!({}))
}

pub(super) fn remove_from_conference(id: &InteractionId, agent: &str) -> Endpoint {
    post(session(id, "remove-from-conference"), json!({"agentId": agent}))
}

//! Templates, and sessions that start with one: additions of this project's gateway.

use super::endpoint::{Endpoint, get, post};
use super::path::own;
use crate::domain::{AttachedData, ContactId, InteractionId};
use crate::proto::kv;
use serde_json::json;

pub(super) fn list() -> Endpoint {
    get("/deskline/templates")
}

pub(super) fn send(id: &InteractionId, name: &str, language: &str, values: &AttachedData) -> Endpoint {
    let data = json!({"template": name, "language": language, "parameters": kv::to_json(values)});
    post(own(id, "send-template"), data)
}

pub(super) fn start_session(
    contact: Option<&ContactId>,
    number: &str,
    nickname: &str,
    (name, language): (&str, &str),
    values: &AttachedData,
) -> Endpoint {
    let data = json!({"contactId": contact, "number": number, "template": name, "language": language,
        "parameters": kv::to_json(values), "nickname": nickname});
    post("/deskline/start-session", data)
}

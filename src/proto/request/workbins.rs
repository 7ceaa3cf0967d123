//! Workbins and the sessions in them.

use super::endpoint::{Endpoint, post};
use super::path::{segment, session};
use crate::domain::InteractionId;
use crate::proto::wa;
use serde_json::json;

pub(super) fn list() -> Endpoint {
    post("/workbins/get-workbins", json!({}))
}

pub(super) fn contents(ids: &[String]) -> Endpoint {
    post("/workbins/get-contents", json!({"workbinIds": ids.join(",")}))
}

pub(super) fn subscribe(id: &str) -> Endpoint {
    post(format!("/workbins/{}/subscribe", segment(id)), json!({"notifyPropertyChanges": false}))
}

/// Uses the path of the session and not that of the workbin, so that it cannot overtake a message of the session.
pub(super) fn park(id: &InteractionId, workbin: &str, read: u64) -> Endpoint {
    post(session(id, "place-in-queue"), json!({"queue": workbin, wa::READ: read}))
}

pub(super) fn pull(id: &InteractionId, workbin: &str) -> Endpoint {
    post(session(id, "pull"), json!({"workbinId": workbin, "sourceId": workbin}))
}

//! Sign-in, the configuration, and the states of channels.

use super::endpoint::{Endpoint, ReadPositions, get, post};
use super::path::channel;
use crate::domain::AttachedData;
use crate::proto::{kv, wa};
use serde_json::{Value as Json, json};

pub(super) fn activate(agent_id: &str, place: Option<&str>) -> Endpoint {
    let mut data = json!({"agentId": agent_id});
    if let (Some(place), Json::Object(map)) = (place, &mut data) {
        map.insert("placeName".to_owned(), Json::from(place));
    }
    post("/activate-channels", data)
}

pub(super) fn configuration() -> Endpoint {
    get("/configuration?types=actionCodes,agentGroups,settings,businessAttributes,monitorableAgentGroups")
}

pub(super) fn ready(media_type: &str) -> Endpoint {
    post(channel(media_type, "ready"), json!({}))
}

pub(super) fn not_ready(media_type: &str, reason: Option<&str>, after_call_work: bool) -> Endpoint {
    let mut data = json!({});
    if let Json::Object(map) = &mut data {
        if let Some(reason) = reason {
            map.insert("reasonCode".to_owned(), Json::from(reason));
        }
        if after_call_work {
            let mode: AttachedData = [(wa::WORK_MODE, wa::AFTER_CALL_WORK)].into_iter().collect();
            map.insert("extension".to_owned(), kv::to_json(&mode));
        }
    }
    post(channel(media_type, "not-ready"), data)
}

pub(super) fn log_off(media_type: &str, read: &ReadPositions) -> Endpoint {
    post(channel(media_type, "logout"), json!({wa::READ: read}))
}

pub(super) fn do_not_disturb(on: bool) -> Endpoint {
    post(format!("/media/dnd-{}", if on { "on" } else { "off" }), json!({}))
}

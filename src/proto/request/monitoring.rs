//! What supervisors do: find agents and monitor them.

use super::endpoint::{Endpoint, get, post};
use super::path::{channel, segment, session};
use crate::domain::InteractionId;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use serde_json::json;

/// How many agents a request asks for.
const LIMIT: usize = 1000;

pub(super) fn groups() -> Endpoint {
    get("/configuration?types=agentGroups,monitorableAgentGroups")
}

pub(super) fn agents(groups: &[String]) -> Endpoint {
    let mut path = format!("/targets?searchTerm=*&types=agent&limit={LIMIT}");
    if !groups.is_empty() {
        path.push_str(&format!("&restrictToGroup={}", segment(&groups.join(","))));
    }
    get(path)
}

pub(super) fn start(agent: &str, mode: MonitorMode, which: MonitoringScope) -> Endpoint {
    let data = json!({"agentId": agent, "monitoringMode": mode.word(),
        "monitoringNextInteractionType": which.word()});
    post(channel(MEDIA_TYPE, "start-monitoring"), data)
}

pub(super) fn stop(agent: &str) -> Endpoint {
    post(channel(MEDIA_TYPE, "stop-monitoring"), json!({"agentId": agent}))
}

pub(super) fn switch(id: &InteractionId, mode: MonitorMode) -> Endpoint {
    post(session(id, mode.operation()), json!({}))
}

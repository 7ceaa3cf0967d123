//! Targets on the wire.

use crate::domain::agent::AgentState;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::target::{Availability, Target, TargetKind};
use crate::text::Clean;
use serde_json::Value as Json;

/// The targets of a reply, and how many there are in all. Kinds that are not known are passed over.
pub fn read(data: &Json) -> (Vec<Target>, u64) {
    let list = data.get("targets").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let total = data.get("totalMatches").and_then(Json::as_u64).unwrap_or(list.len() as u64);
    (list.iter().filter_map(target).collect(), total)
}

/// The word of a kind in `types`.
pub const fn type_of(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Agent => "agent",
        TargetKind::AgentGroup => "agent-group",
        TargetKind::Skill => "skill",
        TargetKind::Queue => "interaction-queue",
    }
}

fn target(json: &Json) -> Option<Target> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    // Servers have two spellings of the kinds.
    let word = text("type")?.to_ascii_lowercase().replace('_', "-");
    let kind = match word.as_str() {
        "queue" => TargetKind::Queue,
        word => TargetKind::ALL.into_iter().find(|kind| type_of(*kind) == word)?,
    };
    let (id, name) = match kind {
        TargetKind::Agent => {
            let id = text("employeeId").or_else(|| text("userName"))?;
            let full =
                [text("firstName"), text("lastName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let full = if full.is_empty() { id.to_owned() } else { full };
            (id, Clean::line(text("name").unwrap_or(&full)))
        }
        _ => {
            let id = text("name")?;
            (id, Clean::line(text("displayName").unwrap_or(id)))
        }
    };
    let number = |key: &str| json.pointer(&format!("/availability/{key}")).and_then(Json::as_u64);
    let availability = match kind {
        TargetKind::Agent => channel(json),
        TargetKind::AgentGroup | TargetKind::Skill => number("readyAgents").map(Availability::Ready),
        TargetKind::Queue => number("waitingCalls").map(Availability::Waiting),
    };
    Some(Target { kind, id: id.to_owned(), name, availability: availability.unwrap_or_default() })
}

/// What an agent does on our channel, or on chat where WhatsApp sessions are served as chat.
fn channel(json: &Json) -> Option<Availability> {
    let channels = json.pointer("/availability/channels")?.as_array()?;
    let named = |name: &str| channels.iter().find(|c| c.get("name").and_then(Json::as_str) == Some(name));
    let channel = named(MEDIA_TYPE).or_else(|| named("chat"))?;
    let word = |key: &str| channel.pointer(&format!("/userState/{key}")).and_then(Json::as_str);
    let state = match (word("state")?, word("workMode")) {
        ("Ready", _) => AgentState::Ready,
        ("NotReady", Some("AfterCallWork")) => AgentState::AfterCallWork,
        ("NotReady", _) => AgentState::NotReady,
        _ => AgentState::LoggedOut,
    };
    let number = |key: &str| channel.get(key).and_then(Json::as_u64);
    Some(Availability::Agent { state, load: number("wa.sessions").zip(number("wa.capacity")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn targets_of_every_kind_are_read_and_strange_ones_passed_over() {
        let channels = json!([{"name": "voice", "userState": {"state": "NotReady"}},
            {"name": "whatsappsession", "userState": {"state": "Ready"}, "wa.sessions": 1, "wa.capacity": 4}]);
        let data = json!({"totalMatches": 9, "targets": [
            {"type": "agent", "name": "Kate London", "employeeId": "kate", "availability": {"channels": channels}},
            {"type": "AGENT_GROUP", "name": "Billing", "availability": {"readyAgents": 3}},
            {"type": "skill", "name": "French"},
            {"type": "interaction-queue", "name": "q", "displayName": "Orders", "availability": {"waitingCalls": 2}},
            {"type": "route-point", "name": "x"}, {"name": "y"}, 7]});
        let (found, total) = read(&data);
        let found: Vec<_> = found
            .iter()
            .map(|t| (t.kind.label(), t.id.as_str(), t.name.as_str(), t.availability.label()))
            .collect();
        let wanted = [
            ("agent", "kate", "Kate London", "Ready 1/4".to_owned()),
            ("group", "Billing", "Billing", "3 ready".to_owned()),
            ("skill", "French", "French", String::new()),
            ("queue", "q", "Orders", "2 waiting".to_owned()),
        ];
        assert_eq!((found, total), (wanted.to_vec(), 9));
        assert_eq!(read(&Json::Null), (Vec::new(), 0));
    }
}

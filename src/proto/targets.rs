//! Targets on the wire: search results, favourites and recent targets.

use crate::domain::Millis;
use crate::domain::agent::AgentState;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::target::{Availability, ListedTarget, Target, TargetKind};
use crate::proto::wa;
use crate::text::Clean;
use serde_json::{Value as Json, json};

/// The category of favourites that this console saves.
const CATEGORY: &str = "Personal";

/// The targets in a reply, and the total number. Unknown kinds are ignored.
pub fn read(data: &Json) -> (Vec<ListedTarget>, u64) {
    let list = data.get("targets").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let total = data.get("totalMatches").and_then(Json::as_u64).unwrap_or(list.len() as u64);
    (list.iter().filter_map(listed).collect(), total)
}

/// The name of a kind in `types`.
pub const fn type_of(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Agent => "agent",
        TargetKind::AgentGroup => "agent-group",
        TargetKind::Skill => "skill",
        TargetKind::Queue => "interaction-queue",
        TargetKind::Contact => "contact",
    }
}

/// Parses the name of a kind in both spellings of servers; also the old short name of a queue.
pub fn kind_of(word: &str) -> Option<TargetKind> {
    match word.trim().to_ascii_lowercase().replace('_', "-").as_str() {
        "queue" => Some(TargetKind::Queue),
        "contact" => Some(TargetKind::Contact),
        word => TargetKind::ALL.into_iter().find(|kind| type_of(*kind) == word),
    }
}

/// The body of a request that saves a favourite.
pub fn save(listed: &ListedTarget) -> Json {
    json!({"target": target_data(listed), "category": CATEGORY, "ignoreDuplication": true})
}

/// The body of a request that adds a recent target. (Workspace: `timeStamp` in milliseconds.)
pub fn recent(listed: &ListedTarget, at: Millis) -> Json {
    json!({"target": target_data(listed), "recentInformation": {"media": MEDIA_TYPE, "timeStamp": at.0}})
}

fn target_data(listed: &ListedTarget) -> Json {
    let target = &listed.target;
    json!({
        "type": type_of(target.kind), "id": target.id, "favoriteDisplayName": target.name.as_str(),
        "numbers": listed.numbers.iter().map(Clean::as_str).collect::<Vec<_>>(),
    })
}

/// One target.
pub(super) fn listed(json: &Json) -> Option<ListedTarget> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let kind = kind_of(text("type")?)?;
    let full = [text("firstName"), text("lastName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let full = Some(full.as_str()).filter(|full| !full.is_empty());
    let shown = text("favoriteDisplayName");
    let corporate = json.get(wa::CORPORATE).and_then(Json::as_bool) == Some(true);
    // A favourite of the administrator is shown under the name that they gave it.
    let given = shown.filter(|_| corporate);
    let (id, name) = match kind {
        TargetKind::Agent => {
            let id = text("employeeId").or_else(|| text("userName")).or_else(|| text("id"))?;
            (id, given.or(text("name")).or(full).or(shown).unwrap_or(id))
        }
        TargetKind::Contact => {
            let id = text("id").or_else(|| text("contactId"))?;
            (id, text("name").or(full).or(shown).unwrap_or(id))
        }
        _ => {
            let id = text("name").or_else(|| text("id"))?;
            (id, given.or(text("displayName")).or(shown).unwrap_or(id))
        }
    };
    let number = |key: &str| json.pointer(&format!("/availability/{key}")).and_then(Json::as_u64);
    let availability = match kind {
        TargetKind::Agent => channel(json),
        TargetKind::AgentGroup | TargetKind::Skill => number("readyAgents").map(Availability::Ready),
        TargetKind::Queue => number("waitingCalls")
            .map(|waiting| Availability::Queue { waiting, ready: number(wa::READY_AGENTS) }),
        TargetKind::Contact => None,
    };
    let target = Target {
        kind,
        id: id.to_owned(),
        name: Clean::line(name),
        availability: availability.unwrap_or_default(),
    };
    let away = matches!(target.availability, Availability::Agent { state: AgentState::NotReady, .. });
    let reason = ours(json).and_then(|channel| channel.pointer("/userState/reason")).and_then(Json::as_str);
    let reason = reason.filter(|reason| away && !reason.trim().is_empty()).map(Clean::line);
    let also = [text("userName"), text("employeeId"), text("displayName"), text("name")];
    let also: Vec<&str> = also.into_iter().flatten().filter(|other| *other != target.name.as_str()).collect();
    Some(ListedTarget {
        target,
        reason,
        numbers: numbers(json),
        also: Clean::line(&also.join(" ")),
        corporate,
    })
}

/// Telephone numbers, in any of the fields that servers use.
fn numbers(json: &Json) -> Vec<Clean> {
    let list = |key: &str| json.get(key).and_then(Json::as_array).into_iter().flatten();
    let phones = json.pointer("/availability/channels").and_then(Json::as_array).into_iter().flatten();
    let phones = phones.filter_map(|channel| channel.get("phoneNumber"));
    let mut numbers: Vec<Clean> = Vec::new();
    for number in list("numbers").chain(list("phoneNumbers")).chain(phones).filter_map(Json::as_str) {
        let number = Clean::line(number);
        if !number.trim().is_empty() && !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// The WhatsApp channel of an agent, or chat where WhatsApp sessions are served as chat.
fn ours(json: &Json) -> Option<&Json> {
    let channels = json.pointer("/availability/channels")?.as_array()?;
    let named = |name: &str| channels.iter().find(|c| c.get("name").and_then(Json::as_str) == Some(name));
    named(MEDIA_TYPE).or_else(|| named("chat"))
}

/// The availability of an agent on a channel.
fn channel(json: &Json) -> Option<Availability> {
    let channel = ours(json)?;
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
    fn targets_of_every_kind_are_read_and_others_ignored() {
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
            .map(|l| &l.target)
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

    #[test]
    fn favourites_of_official_clients_are_read() {
        let data = json!({"targets": [
            {"type": "CONTACT", "id": "c1", "firstName": "Lucía", "numbers": ["+34 600 000 101", "", 7]},
            {"type": "agent", "id": "kate", "favoriteDisplayName": "Kate \u{1b}[31m", "wa.corporate": true},
            {"type": "agent", "employeeId": "ben", "availability": {"channels": [{"name": "whatsappsession",
                "phoneNumber": "+1 555", "userState": {"state": "NotReady", "reason": "Lunch"}}]}},
            {"type": "contact", "name": "nobody"}]});
        let (found, _) = read(&data);
        let names: Vec<_> = found.iter().map(|l| (l.target.id.as_str(), l.target.name.as_str())).collect();
        assert_eq!(names, [("c1", "Lucía"), ("kate", "Kate \u{241b}[31m"), ("ben", "ben")]);
        assert_eq!((found[0].numbers.len(), found[1].corporate), (1, true));
        assert_eq!((found[2].reason.as_deref(), found[2].numbers[0].as_str()), (Some("Lunch"), "+1 555"));
        let saved = save(&found[0]);
        assert_eq!((&saved["target"]["type"], &saved["target"]["id"]), (&json!("contact"), &json!("c1")));
        assert_eq!(recent(&found[0], Millis(5))["recentInformation"]["timeStamp"], 5);
    }
}

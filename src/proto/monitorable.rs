//! Agents whom a supervisor may monitor, in replies of `targets` and `configuration`.

use super::session::{AgentGroupDto, ConfigurationDto};
use super::targets;
use crate::domain::target::{Availability, TargetKind};
use crate::text::Clean;
use serde_json::Value as Json;

/// An agent in a list of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorableAgent {
    /// Employee ID, as requests name them.
    pub id: String,
    pub name: Clean,
    /// The numbers of their groups; `None` if the server does not say.
    pub groups: Option<Vec<String>>,
    /// Whether they may be monitored; `None` if the server does not say.
    pub monitorable: Option<bool>,
    /// Their state on the WhatsApp channel.
    pub availability: Availability,
    pub reason: Option<Clean>,
}

/// The agents in a reply of `targets`; other targets are ignored.
pub fn agents(data: &Json) -> Vec<MonitorableAgent> {
    let list = data.get("targets").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(agent).collect()
}

fn agent(json: &Json) -> Option<MonitorableAgent> {
    let listed = targets::listed(json).filter(|listed| listed.target.kind == TargetKind::Agent)?;
    // Some servers write numbers as text, others as numbers.
    let number = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let groups = json.get("agentGroupsIds").and_then(Json::as_array);
    Some(MonitorableAgent {
        id: listed.target.id,
        name: listed.target.name,
        groups: groups.map(|groups| groups.iter().map(number).collect()),
        monitorable: json.get("isMonitorable").and_then(Json::as_bool),
        availability: listed.target.availability,
        reason: listed.reason,
    })
}

/// The agents who may be monitored: those with the flag. If the server sends the flag for nobody, those in one of
/// `groups`. With `restricted`, the request named these groups, so agents without known groups count as members.
pub fn chosen(
    agents: Vec<MonitorableAgent>,
    groups: &[AgentGroupDto],
    restricted: bool,
) -> Vec<MonitorableAgent> {
    let flagged = agents.iter().any(|agent| agent.monitorable.is_some());
    let inside = |agent: &MonitorableAgent| match &agent.groups {
        Some(theirs) => groups.iter().any(|group| theirs.contains(&group.dbid.to_string())),
        None => restricted,
    };
    let may =
        |agent: &MonitorableAgent| if flagged { agent.monitorable == Some(true) } else { inside(agent) };
    agents.into_iter().filter(may).collect()
}

/// Every group that the configuration names, to look up numbers by name.
pub fn known_groups(configuration: &ConfigurationDto) -> impl Iterator<Item = &AgentGroupDto> {
    configuration.monitorable_agent_groups.iter().chain(&configuration.agent_groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::AgentState;
    use serde_json::json;

    fn ids(agents: Vec<MonitorableAgent>) -> Vec<String> {
        agents.into_iter().map(|agent| agent.id).collect()
    }

    #[test]
    fn the_flag_decides_and_without_any_flag_the_group_does() {
        let groups = [AgentGroupDto { dbid: 106, name: "Sales".into(), ..AgentGroupDto::default() }];
        let flagged = json!({"targets": [
            {"type": "agent", "employeeId": "ana", "agentGroupsIds": ["106"], "isMonitorable": true},
            {"type": "agent", "employeeId": "ben", "agentGroupsIds": ["106"], "isMonitorable": false},
            {"type": "agent", "employeeId": "cy", "agentGroupsIds": ["106"]},
            {"type": "skill", "name": "French"}, 7]});
        assert_eq!(ids(chosen(agents(&flagged), &groups, false)), ["ana"]);
        let plain = json!({"targets": [
            {"type": "AGENT", "employeeId": "ana", "agentGroupsIds": [106]},
            {"type": "agent", "employeeId": "ben", "agentGroupsIds": ["107"]},
            {"type": "agent", "employeeId": "cy"}]});
        assert_eq!(ids(chosen(agents(&plain), &groups, false)), ["ana"]);
        assert_eq!(ids(chosen(agents(&plain), &groups, true)), ["ana", "cy"]);
        assert!(chosen(agents(&plain), &[], false).is_empty());
        assert!(agents(&Json::Null).is_empty());
    }

    #[test]
    fn an_agent_has_a_name_and_does_something() {
        let data = json!({"targets": [{"type": "agent", "employeeId": "ana", "name": "Ana\u{1b}[2J",
            "availability": {"channels": [{"name": "chat", "userState": {"state": "NotReady", "reason": "Lunch"}}]}}]});
        let [ana] = agents(&data).try_into().unwrap();
        assert_eq!((ana.name.as_str(), ana.reason.as_deref()), ("Ana\u{241b}[2J", Some("Lunch")));
        assert!(matches!(ana.availability, Availability::Agent { state: AgentState::NotReady, load: None }));
    }
}

//! Agents whom a supervisor may monitor, as `targets` and `configuration` tell of them.

use super::session::{AgentGroupDto, ConfigurationDto};
use super::targets;
use crate::domain::target::{Availability, TargetKind};
use crate::text::Clean;
use serde_json::Value as Json;

/// An agent among the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorableAgent {
    /// Employee ID, as requests name them.
    pub id: String,
    /// Full name.
    pub name: Clean,
    /// Numbers of the groups they are in; `None` where the server does not say.
    pub groups: Option<Vec<String>>,
    /// Whether they may be monitored; `None` where the server does not say.
    pub monitorable: Option<bool>,
    /// What they do on our channel.
    pub availability: Availability,
    /// Why they are Not Ready.
    pub reason: Option<Clean>,
}

/// The agents of a reply of `targets`. What is no agent is passed over.
pub fn agents(data: &Json) -> Vec<MonitorableAgent> {
    let list = data.get("targets").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(agent).collect()
}

fn agent(json: &Json) -> Option<MonitorableAgent> {
    let listed = targets::listed(json).filter(|listed| listed.target.kind == TargetKind::Agent)?;
    // Numbers stand as text on one server and may stand as numbers on another.
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

/// Those who may be monitored: who carries the flag; where nobody carries it either way, who is in one of `groups`.
/// `restricted` says that the server was asked for these groups only, which counts for who has no groups told.
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

/// Every group that the configuration names, for telling numbers from names.
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

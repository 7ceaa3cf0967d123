//! Agents, groups and queues as configured, and which supervisor may see whom.
//!
//! Owns: the rule which supervisor oversees what. Must not: know sessions.

use crate::config::schema::{AgentConfig, GatewayConfig};
use crate::domain::EmployeeId;
use std::collections::{BTreeMap, BTreeSet};

/// A snapshot of the part of the configuration that the feed needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// The agent groups of agents.
    pub groups: BTreeMap<EmployeeId, BTreeSet<String>>,
    /// The agent group that serves an interaction queue; all agents serve a queue without one.
    pub queues: BTreeMap<String, Option<String>>,
    /// Full names of agents.
    pub names: BTreeMap<EmployeeId, String>,
    /// The agent groups that a person oversees; a person without an entry oversees all.
    pub oversees: BTreeMap<EmployeeId, BTreeSet<String>>,
    /// The service level: how soon a session should be answered, in seconds.
    pub threshold: u64,
}

impl Organization {
    /// Takes the snapshot of a configuration that has been checked.
    pub fn from_config(gateway: &GatewayConfig) -> Self {
        let groups = |agent: &AgentConfig| agent.groups.iter().cloned().collect();
        let name =
            |agent: &AgentConfig| format!("{} {}", agent.first_name, agent.last_name).trim().to_owned();
        let overseers = gateway.agent.iter().filter(|agent| !agent.oversees.is_empty());
        Self {
            groups: gateway.agent.iter().map(|agent| (agent.employee_id().into(), groups(agent))).collect(),
            queues: gateway.queue.iter().map(|queue| (queue.name.clone(), queue.group.clone())).collect(),
            names: gateway.agent.iter().map(|agent| (agent.employee_id().into(), name(agent))).collect(),
            oversees: overseers
                .map(|agent| (agent.employee_id().into(), agent.oversees.iter().cloned().collect()))
                .collect(),
            threshold: gateway.service_level_seconds,
        }
    }

    /// Whether an agent is in a group.
    pub fn is_in(&self, agent: &str, group: &str) -> bool {
        self.groups.get(agent).is_some_and(|groups| groups.contains(group))
    }

    /// What a person may see.
    pub fn scope(&self, person: &EmployeeId) -> Scope<'_> {
        Scope { organization: self, groups: self.oversees.get(person) }
    }
}

/// What one person may see.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    organization: &'a Organization,
    groups: Option<&'a BTreeSet<String>>,
}

impl Scope<'_> {
    /// Whether they see an agent.
    pub fn sees_agent(&self, agent: &str) -> bool {
        self.groups.is_none_or(|mine| {
            self.organization.groups.get(agent).is_some_and(|theirs| !theirs.is_disjoint(mine))
        })
    }

    /// Whether they see what waits in a queue: one for all agents, or for a group that they oversee.
    pub fn sees_queue(&self, queue: &str) -> bool {
        self.groups.is_none_or(|mine| match self.organization.queues.get(queue) {
            Some(Some(group)) => mine.contains(group),
            Some(None) | None => true,
        })
    }

    /// Whether they see a session: by its agent or, while it has none, by its queue.
    pub fn sees(&self, agent: Option<&str>, queue: Option<&str>) -> bool {
        match (agent, queue) {
            (Some(agent), _) => self.sees_agent(agent),
            (None, Some(queue)) => self.sees_queue(queue),
            (None, None) => self.groups.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> Organization {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        Organization {
            groups: [("ana".into(), set(&["Billing"])), ("kate".into(), set(&["Sales", "Billing"]))].into(),
            queues: [("all".to_owned(), None), ("sales".to_owned(), Some("Sales".to_owned()))].into(),
            oversees: [("sue".into(), set(&["Billing"]))].into(),
            ..Organization::default()
        }
    }

    #[test]
    fn a_supervisor_sees_agents_of_their_groups_and_what_waits() {
        let organization = organization();
        let sue = organization.scope(&"sue".into());
        assert!(
            sue.sees(Some("ana"), Some("sales")),
            "with an agent of theirs, whatever queue it came through"
        );
        assert!(sue.sees(Some("kate"), None), "one group in common is enough");
        assert!(!sue.sees(Some("zoe"), Some("all")), "an agent of no group of theirs");
        assert!(sue.sees(None, Some("all")) && !sue.sees(None, Some("sales")));
        assert!(
            !sue.sees(None, None),
            "a session without agent and queue is only for people who see everything"
        );
    }

    #[test]
    fn a_person_without_a_list_sees_everything() {
        let organization = organization();
        let root = organization.scope(&"root".into());
        assert!(root.sees(Some("zoe"), None) && root.sees(None, Some("sales")) && root.sees(None, None));
    }
}

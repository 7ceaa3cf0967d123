//! Checks of agents and agent groups.

use super::{Check, item, key};
use crate::config::hash;
use crate::config::schema::{AgentConfig, GatewayConfig};
use crate::text::phone;
use std::collections::{BTreeMap, BTreeSet};

impl Check<'_> {
    pub(super) fn agents(&mut self, gateway: &GatewayConfig) {
        for (index, agent) in gateway.agent.iter().enumerate() {
            self.agent(&item("agent", index), agent, gateway);
            self.queue_option(&agent.interaction_workspace, &item("agent", index), gateway);
        }
        self.twice("agent", "user-name", gateway.agent.iter().map(|agent| agent.user_name.as_str()));
        self.twice("agent", "employee-id", gateway.agent.iter().map(AgentConfig::employee_id));
    }

    pub(super) fn groups(&mut self, gateway: &GatewayConfig) {
        for (index, group) in gateway.group.iter().enumerate() {
            let at = item("group", index);
            self.name(&at, "name", &group.name);
            self.options(&key(&at, "interaction-workspace"), &group.interaction_workspace);
            self.queue_option(&group.interaction_workspace, &at, gateway);
        }
        self.twice("group", "name", gateway.group.iter().map(|group| group.name.as_str()));
    }

    fn agent(&mut self, at: &[String], agent: &AgentConfig, gateway: &GatewayConfig) {
        self.name(at, "user-name", &agent.user_name);
        if let Some(employee_id) = &agent.employee_id {
            self.name(at, "employee-id", employee_id);
        }
        self.line(at, "first-name", &agent.first_name);
        self.line(at, "last-name", &agent.last_name);
        if let Some(phone) = &agent.phone
            && phone::typed(phone).is_none()
        {
            let sentence =
                format!("{phone:?} is not a telephone number: it takes one such as +34 600 000 101");
            self.wrong(at, "phone", sentence);
        }
        // The value is not shown, since somebody may have written the password itself.
        if !agent.password_hash.starts_with(hash::PREFIX) {
            self.wrong(
                at,
                "password-hash",
                format!("this is not a hash: it begins with {}; run: deskline user passwd", hash::PREFIX),
            );
        } else if !hash::is_hash(&agent.password_hash) {
            self.wrong(
                at,
                "password-hash",
                "this is not a whole hash, so nobody could sign in with it; run: deskline user passwd",
            );
        }
        for group in &agent.groups {
            self.name(at, "groups", group);
        }
        if agent.role.handles_sessions() && !agent.oversees.is_empty() {
            self.wrong(
                at,
                "oversees",
                "an agent oversees nobody: this is for role \"supervisor\" or \"administrator\"",
            );
        }
        if agent.role.handles_sessions() && !agent.privileges.is_empty() {
            self.wrong(
                at,
                "privileges",
                "an agent coaches nobody: this is for role \"supervisor\" or \"administrator\"",
            );
        }
        let groups: BTreeSet<&str> = groups_of(gateway);
        for (index, group) in agent.oversees.iter().enumerate() {
            self.exists(&key(&key(at, "oversees"), &format!("[{index}]")), group, "agent group", &groups);
        }
        self.skills(at, &agent.skills);
        self.range(at, "capacity", agent.capacity, 1..=100);
        self.options(&key(at, "interaction-workspace"), &agent.interaction_workspace);
    }

    pub(super) fn skills(&mut self, at: &[String], skills: &BTreeMap<String, u8>) {
        let at = key(at, "skills");
        for (skill, level) in skills {
            self.name(&at, skill, skill);
            self.range(&at, skill, *level, 0..=100);
        }
    }
}

/// Every agent group: those that are configured, and those that agents name.
pub(super) fn groups_of(gateway: &GatewayConfig) -> BTreeSet<&str> {
    let named = gateway.agent.iter().flat_map(|agent| &agent.groups).map(String::as_str);
    gateway.group.iter().map(|group| group.name.as_str()).chain(named).collect()
}

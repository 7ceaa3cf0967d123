//! Checks of interaction queues.

use super::agents::groups_of;
use super::{Check, key};
use crate::config::options::interaction_workspace;
use crate::config::schema::{AgentConfig, GatewayConfig, QueueConfig};
use crate::domain::options;
use std::collections::BTreeSet;

impl Check<'_> {
    pub(super) fn queue(
        &mut self,
        at: &[String],
        queue: &QueueConfig,
        queues: &BTreeSet<&str>,
        gateway: &GatewayConfig,
    ) {
        self.name(at, "name", &queue.name);
        if let Some(display_name) = &queue.display_name {
            self.name(at, "display-name", display_name);
        }
        self.skills(at, &queue.skills);
        if let Some(group) = &queue.group {
            self.exists(&key(at, "group"), group, "agent group", &groups_of(gateway));
        }
        self.range(at, "priority", queue.priority, -1_000_000..=1_000_000);
        self.range(at, "accept-timeout", queue.accept_timeout, 1..=3600);
        for (index, other) in queue.overflow.iter().enumerate() {
            let path = key(&key(at, "overflow"), &format!("[{index}]"));
            if *other == queue.name {
                let problem = self.problem(&path, "a queue cannot overflow into itself".to_owned());
                self.problems.push(problem);
            } else {
                self.exists(&path, other, "queue", queues);
            }
        }
        self.range(at, "overflow-after", queue.overflow_after, 0..=86_400);
        if queue.overflow_after > 0 && queue.overflow.is_empty() {
            self.wrong(at, "overflow-after", "there is nothing to overflow into: overflow names no queue");
        }
        if queue.overflow_after == 0 && !queue.overflow.is_empty() {
            self.warn(at, "overflow", "this never happens: overflow-after is 0, which turns overflow off");
        }
        self.range(at, "relax-step", queue.relax_step, 0..=100);
        self.range(at, "relax-every", queue.relax_every, 0..=86_400);
        if queue.relax_step > 0 && queue.relax_every == 0 {
            self.wrong(
                at,
                "relax-every",
                "this is 0, and relax-step wants steps: it takes a number from 1 to 86400",
            );
        }
        self.range(at, "relax-min", queue.relax_min, 0..=100);
        self.range(at, "last-agent-hold", queue.last_agent_hold, 0..=3600);
        self.served(at, queue, gateway);
    }

    /// Warns when no agent could ever be offered the sessions of a queue.
    fn served(&mut self, at: &[String], queue: &QueueConfig, gateway: &GatewayConfig) {
        let will_do = |agent: &&AgentConfig| {
            let member = queue.group.as_ref().is_none_or(|group| agent.groups.contains(group));
            let skilled = queue.skills.iter().all(|(skill, level)| {
                let least = if queue.relax_step > 0 { queue.relax_min.min(*level) } else { *level };
                agent.skills.get(skill).copied().unwrap_or_default() >= least
            });
            agent.role.handles_sessions() && member && skilled
        };
        if !gateway.agent.is_empty()
            && !gateway.agent.iter().any(|agent| will_do(&agent))
            && queue.overflow.is_empty()
        {
            let sentence = format!(
                "no agent has the group and the skills for {:?}: what enters it waits for ever",
                queue.name
            );
            self.warn(at, "name", sentence);
        }
    }

    /// Warns when a queue option does not name a queue of this gateway. No error, since it may be meant for another server.
    pub(super) fn queue_option(&mut self, table: &toml::Table, at: &[String], gateway: &GatewayConfig) {
        let Ok(layer) = interaction_workspace(table) else { return };
        let Some(queue) = layer.text(options::QUEUE).filter(|queue| !queue.trim().is_empty()) else { return };
        if !gateway.queue.is_empty() && !gateway.queue.iter().any(|known| known.name == queue.trim()) {
            let mut path = key(at, "interaction-workspace");
            path.extend(options::QUEUE.split('.').map(str::to_owned));
            let warning = self.problem(&path, format!("this gateway has no queue {queue:?}"));
            self.warnings.push(warning);
        }
    }
}

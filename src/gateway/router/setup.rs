//! The router's configuration: queues, agents, and the rules of routing.
//!
//! Owns: the types and their defaults. Must not: read the configuration; others build a [`RouterSetup`].
//! Invariants: the setup of a running router is only replaced as a whole, by
//! [`Router::reconfigure`](super::Router::reconfigure).

use crate::domain::EmployeeId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Skills and their levels: those of an agent, or the lowest that are required.
pub type Skills = BTreeMap<String, u8>;

/// The configuration of a router.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouterSetup {
    /// The interaction queues. The first of two with one name counts.
    pub queues: Vec<QueueSetup>,
    /// The agents. The first of two with one employee ID counts.
    pub agents: Vec<AgentSetup>,
    /// The rules that hold for all of them.
    pub rules: RoutingRules,
}

/// How an agent is selected among those who are eligible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectionStrategy {
    /// The agent with the smallest share of capacity in use; among equals the longest idle one.
    #[default]
    LeastLoaded,
    /// The longest since the last assignment began or ended, or since sign-in.
    LongestIdle,
    /// Each in turn, by employee ID.
    RoundRobin,
}

/// How the skill requirements of a queue are relaxed when nobody meets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relax {
    /// Levels per step. Zero never relaxes.
    pub step: u8,
    /// The time between steps; at least one second.
    pub every: Duration,
    /// No level comes below this one.
    pub min: u8,
    /// How long after the last step skills are not required any more. `None`: never.
    pub drop_after: Option<Duration>,
}

/// An interaction queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSetup {
    pub name: String,
    /// Points that every interaction in it begins with.
    pub priority: i64,
    /// The least level of each skill that an agent must have.
    pub skills: Skills,
    /// How long an offer is open; at least one second (product rule: 5 to 300 s, 30 s by default).
    pub accept_timeout: Duration,
    /// How the agent is chosen.
    pub strategy: SelectionStrategy,
    /// Only members of this agent group. `None`: everybody.
    pub group: Option<String>,
    /// Where interactions go next when they waited too long here, in order.
    pub overflow: Vec<String>,
    /// After how long it overflows. `None`: never. An overflow queue without its own uses that of the first queue.
    pub overflow_after: Option<Duration>,
    /// How the skill requirements are relaxed while an interaction waits.
    pub relax: Option<Relax>,
    /// For how long the customer's last agent is preferred to all others.
    pub last_agent_hold: Duration,
}

impl QueueSetup {
    /// A queue with the default settings.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl Default for QueueSetup {
    fn default() -> Self {
        Self {
            name: String::new(),
            priority: 0,
            skills: Skills::new(),
            accept_timeout: Duration::from_secs(30),
            strategy: SelectionStrategy::default(),
            group: None,
            overflow: Vec::new(),
            overflow_after: None,
            relax: None,
            last_agent_hold: Duration::from_secs(30),
        }
    }
}

/// An agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentSetup {
    /// The employee ID.
    pub id: EmployeeId,
    /// The agent groups they are in.
    pub groups: Vec<String>,
    /// Their skills.
    pub skills: Skills,
    /// The most sessions at the same time. Zero: none.
    pub capacity: u32,
}

impl AgentSetup {
    /// An agent without groups or skills, with the default capacity of 4.
    pub fn named(id: &str) -> Self {
        Self { id: id.into(), groups: Vec::new(), skills: Skills::new(), capacity: 4 }
    }
}

/// The rules that hold for all queues and agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingRules {
    /// How long an agent who is gone keeps sessions.
    pub grace: Duration,
    /// After how many unanswered offers in a row an agent is made not ready. Zero: never.
    pub misses_before_not_ready: u32,
    /// For how long an interaction is not offered again to an agent who rejected it or did not answer.
    pub no_repeat: Duration,
    /// Points of priority per minute of waiting. Zero lets a high priority starve a low one.
    pub ageing_per_minute: u32,
    /// An unanswered customer whose reply window has less than this left is boosted. Zero: never.
    pub window_boost_under: Duration,
    /// The points of that boost.
    pub window_boost: i64,
    /// A session that waits for its customer longer than this does not count as load. `None`: it always counts.
    pub idle_weight_after: Option<Duration>,
    /// How far sessions that wake, returning customers and direct transfers may exceed an agent's capacity.
    pub wake_over_cap: u32,
    /// For how long an agent is the customer's last agent.
    pub last_agent_for: Duration,
    /// How long After Call Work lasts; then the agent is Ready. `None`: until the agent sets another state.
    pub after_call_work: Option<Duration>,
    /// After how long without activity an agent whose customer waits is warned. `None`: never.
    pub inactive_after: Option<Duration>,
    /// How long after the warning their waiting customers go back to the queue.
    pub inactive_warning: Duration,
}

impl Default for RoutingRules {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(60),
            misses_before_not_ready: 1,
            no_repeat: Duration::from_secs(60),
            ageing_per_minute: 1,
            window_boost_under: Duration::from_secs(30 * 60),
            window_boost: 100,
            idle_weight_after: Some(Duration::from_secs(600)),
            wake_over_cap: 1,
            last_agent_for: Duration::from_secs(24 * 3600),
            after_call_work: None,
            inactive_after: Some(Duration::from_secs(180 * 60)),
            inactive_warning: Duration::from_secs(60),
        }
    }
}

/// The config snapshot of the router: a [`RouterSetup`] indexed by name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RoutingConfig {
    queues: BTreeMap<String, QueueSetup>,
    pub(super) agents: BTreeMap<EmployeeId, AgentSetup>,
    pub(super) rules: RoutingRules,
    /// The settings of a queue that is not configured (any more), so that no interaction is stuck in it.
    fallback: QueueSetup,
}

impl RoutingConfig {
    pub(super) fn new(setup: RouterSetup) -> Self {
        let mut queues = BTreeMap::new();
        for queue in setup.queues {
            queues.entry(queue.name.clone()).or_insert(queue);
        }
        let mut agents = BTreeMap::new();
        for agent in setup.agents {
            agents.entry(agent.id.clone()).or_insert(agent);
        }
        Self { queues, agents, rules: setup.rules, fallback: QueueSetup::default() }
    }

    pub(super) fn has_queue(&self, name: &str) -> bool {
        self.queues.contains_key(name)
    }

    pub(super) fn queue(&self, name: &str) -> &QueueSetup {
        self.queues.get(name).unwrap_or(&self.fallback)
    }

    pub(super) fn capacity(&self, agent: &EmployeeId) -> u32 {
        self.agents.get(agent).map_or(0, |agent| agent.capacity)
    }

    /// The load that an agent never exceeds.
    pub(super) fn limit(&self, agent: &EmployeeId) -> u32 {
        match self.capacity(agent) {
            0 => 0,
            capacity => capacity.saturating_add(self.rules.wake_over_cap),
        }
    }
}

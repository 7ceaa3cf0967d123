//! `[[gateway.queue]]` and `[[gateway.workbin]]`.

use serde::Deserialize;
use std::collections::BTreeMap;

/// `[[gateway.queue]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QueueConfig {
    /// Name.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Skills with the least level that will do, 0..=100.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// Only members of this group.
    #[serde(default)]
    pub group: Option<String>,
    /// Priority to begin with, -1000000..=1000000.
    #[serde(default)]
    pub priority: i64,
    /// Seconds an invitation stands, 1..=3600.
    #[serde(default = "accept_timeout")]
    pub accept_timeout: u64,
    /// How an agent is chosen.
    #[serde(default)]
    pub strategy: Strategy,
    /// Queues whose agents may help when nobody answered.
    #[serde(default)]
    pub overflow: Vec<String>,
    /// Seconds until overflow, 0..=86400; 0 turns it off.
    #[serde(default)]
    pub overflow_after: u64,
    /// Levels by which needed skills are lowered at each step, 0..=100; 0 turns it off.
    #[serde(default)]
    pub relax_step: u8,
    /// Seconds between steps, 0..=86400; at least 1 when there are steps.
    #[serde(default)]
    pub relax_every: u64,
    /// The lowest level that steps lead to, 0..=100.
    #[serde(default)]
    pub relax_min: u8,
    /// Seconds a session is held for its last agent, 0..=3600.
    #[serde(default)]
    pub last_agent_hold: u64,
}

const fn accept_timeout() -> u64 {
    30
}

/// How a queue chooses among the agents that will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Who has the least to do.
    #[default]
    LeastLoaded,
    /// Who has had nothing for longest.
    LongestIdle,
    /// In turn.
    RoundRobin,
}

/// `[[gateway.workbin]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorkbinConfig {
    /// Name.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The agent group it is of; every agent has one of their own when absent.
    #[serde(default)]
    pub group: Option<String>,
}

/// The workbin that every agent has when none is configured.
pub const WORKBIN: &str = "whatsapp-workbin";

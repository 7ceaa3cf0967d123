//! `[[gateway.queue]]` and `[[gateway.workbin]]`.

use serde::Deserialize;
use std::collections::BTreeMap;

/// `[[gateway.queue]]`: an interaction queue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QueueConfig {
    pub name: String,
    /// The name for people; `name` when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The required skills with their lowest levels, 0..=100.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// Only members of this group are offered its sessions.
    #[serde(default)]
    pub group: Option<String>,
    /// The initial priority, -1000000..=1000000.
    #[serde(default)]
    pub priority: i64,
    /// Seconds after which an invitation expires, 1..=3600.
    #[serde(default = "accept_timeout")]
    pub accept_timeout: u64,
    /// How an agent is selected.
    #[serde(default)]
    pub strategy: Strategy,
    /// Queues whose agents are offered sessions after the overflow time.
    #[serde(default)]
    pub overflow: Vec<String>,
    /// Seconds before overflow, 0..=86400; 0: off.
    #[serde(default)]
    pub overflow_after: u64,
    /// How many levels each step lowers the required skills, 0..=100; 0: off.
    #[serde(default)]
    pub relax_step: u8,
    /// Seconds between steps, 0..=86400; at least 1 when there are steps.
    #[serde(default)]
    pub relax_every: u64,
    /// The lowest level that steps reach, 0..=100.
    #[serde(default)]
    pub relax_min: u8,
    /// Seconds for which a session is held for its last agent, 0..=3600.
    #[serde(default)]
    pub last_agent_hold: u64,
}

const fn accept_timeout() -> u64 {
    30
}

/// How a queue selects among suitable agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The agent with the lowest load.
    #[default]
    LeastLoaded,
    /// The agent who has been idle for longest.
    LongestIdle,
    /// In turn.
    RoundRobin,
}

/// `[[gateway.workbin]]`: a workbin of each agent or of a group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorkbinConfig {
    pub name: String,
    /// The name for people; `name` when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The agent group that shares it; when absent, every agent has a workbin with this name.
    #[serde(default)]
    pub group: Option<String>,
}

/// The workbin that every agent has when none is configured.
pub const WORKBIN: &str = "whatsapp-workbin";

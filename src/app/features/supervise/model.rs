//! Requests of a supervisor who monitors agents.

use crate::text::Clean;

/// A request about monitoring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum SuperviseRequest {
    /// The agents who may be monitored; the name that was typed, if any.
    Agents(String),
    /// Beginning or ending to monitor an agent.
    Monitor(MonitorChange),
    /// Changing between monitoring, coaching and barge-in.
    Switch,
}

/// Beginning or ending to monitor an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorChange {
    /// The agent's employee ID.
    pub agent: String,
    /// The agent's name.
    pub name: Clean,
    /// Whether monitoring begins.
    pub on: bool,
}

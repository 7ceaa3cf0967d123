//! Requests of a supervisor who monitors agents.

use crate::text::Clean;

/// A request about monitoring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum SuperviseRequest {
    /// Listing the agents who may be monitored; with the name that was typed, if any.
    Agents(String),
    Monitor(MonitorChange),
    /// Switching between monitoring, coaching and barge-in.
    Switch,
}

/// The start or the end of monitoring an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorChange {
    /// The employee ID.
    pub agent: String,
    /// The display name.
    pub name: Clean,
    /// Whether monitoring starts.
    pub on: bool,
}

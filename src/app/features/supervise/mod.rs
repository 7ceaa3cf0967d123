//! Monitoring of agents by a supervisor.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

//! Monitoring of agents by a supervisor.

pub(in crate::app) mod model;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

//! What the agent has viewed, as far as it is stored.

pub(in crate::app) mod update;

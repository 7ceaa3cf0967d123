//! What the agent has viewed, and its storage.

pub(in crate::app) mod update;

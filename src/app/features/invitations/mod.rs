//! Invitations: pending offers of sessions.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

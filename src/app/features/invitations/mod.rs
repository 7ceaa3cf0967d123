//! Invitations: offers that wait for an answer.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

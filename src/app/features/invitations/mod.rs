//! Invitations: offers that wait for an answer.

pub(in crate::app) mod model;

pub use model::*;

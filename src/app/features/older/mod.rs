//! Older messages: earlier sessions of the same customer.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

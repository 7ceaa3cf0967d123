//! Emoji: choosing, completing and inserting them by name.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

//! Workbins: parking sessions and pulling them back.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

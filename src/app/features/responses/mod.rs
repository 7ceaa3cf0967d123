//! Standard responses.

pub(in crate::app) mod model;
mod preview;
pub(in crate::app) mod update;

pub use model::*;
pub use preview::Preview;

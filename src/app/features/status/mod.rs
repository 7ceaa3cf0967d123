//! The status of the agent on each channel.

pub(in crate::app) mod model;
mod overall;
pub(in crate::app) mod update;

pub use model::*;
pub use overall::Overall;

//! Search, links and copies in the transcript of a session.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

//! Search, links and copies in the transcript of a session.

pub(in crate::app) mod model;

pub use model::*;

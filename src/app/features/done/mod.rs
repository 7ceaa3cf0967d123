//! The end of a session: what was read before it, the confirmation, and undoing it.

pub(in crate::app) mod model;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;

//! The list of targets for a transfer, conference or consultation.

pub(in crate::app) mod model;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;

//! Workbins: parking sessions and pulling them back.

pub(in crate::app) mod model;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;

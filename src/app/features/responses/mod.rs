//! Standard responses.

pub(in crate::app) mod model;
mod preview;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;
pub use preview::Preview;

//! The status of the agent on each channel.

pub(in crate::app) mod model;
mod overall;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;
pub use overall::Overall;

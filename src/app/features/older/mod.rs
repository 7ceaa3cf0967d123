//! Older messages: earlier sessions of the same customer.

pub(in crate::app) mod model;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;

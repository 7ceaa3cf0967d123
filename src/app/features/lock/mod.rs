//! The lock of the console.

pub(in crate::app) mod model;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;

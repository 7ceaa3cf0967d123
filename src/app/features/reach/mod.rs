//! Other ways to a customer: templates, new sessions, calls outside the console.

pub(in crate::app) mod model;
pub(in crate::app) mod outside;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;

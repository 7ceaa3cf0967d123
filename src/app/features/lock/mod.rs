//! The lock of the console.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

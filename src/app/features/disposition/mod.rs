//! Dispositions: choosing and attaching them.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

//! Workbins: sessions that are parked and pulled.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

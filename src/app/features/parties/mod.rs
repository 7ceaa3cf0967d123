//! Transfer, conference and consultation.

pub(in crate::app) mod leave;
pub(in crate::app) mod model;
pub(in crate::app) mod update;

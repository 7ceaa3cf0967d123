//! Transfer, conference and consultation.

pub(in crate::app) mod update;

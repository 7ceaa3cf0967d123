//! Contacts: the directory, one contact, its history.

pub(in crate::app) mod model;
pub(in crate::app) mod update;

pub use model::*;

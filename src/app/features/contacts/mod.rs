//! Contacts: the directory, a contact, and its history.

pub(in crate::app) mod model;
pub(in crate::app) mod read;
pub(in crate::app) mod requests;
pub(in crate::app) mod save;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;

pub use model::*;

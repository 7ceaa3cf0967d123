//! The note of a session.

pub(in crate::app) mod update;

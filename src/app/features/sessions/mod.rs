//! The open sessions, and which of them is shown.

pub(in crate::app) mod update;

//! The supervisor's monitor as a state machine, built of the console's parts.
//!
//! Owns: the list of live sessions, its filter and order, and the transcripts in view. Must not: know a request that
//! changes anything; its only effects read.
//! Invariants: memory depends on what is live and what is shown, not on the past: a transcript that is no longer in view
//! is dropped.

pub mod actions;
pub mod layout;
pub mod live_updates;
mod msg;
mod row;
mod state;
mod transcript;
mod update;

pub use actions::{MONITOR_ACTIONS, MonitorAction};
pub use msg::{MonitorEffect, MonitorEvent, MonitorLink, MonitorMsg, MonitoringCounts};
pub use row::MonitorRow;
pub use state::{Monitor, MonitorLayer, Sort};
pub use transcript::TranscriptPane;
pub use update::update;

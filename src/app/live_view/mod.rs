//! The live view on a server without a feed: sessions of agents who are monitored silently.
//!
//! Owns: what the events of the plain Workspace API mean for the live view, and which requests monitoring needs next.
//! Must not: connect, wait, or read a clock. `runtime` sends the requests and passes on events, replies and the time.
//! Invariants: nothing here can write into a session, since its only requests are those of
//! [`ReadOnlyRequest`](crate::proto::read_only::ReadOnlyRequest).

mod monitoring;
mod session;
mod sessions;
mod update;

#[cfg(test)]
mod tests;

pub use monitoring::{ReplyFailure, RequestPurpose, SilentMonitoring};
pub use sessions::MonitoredSessions;
pub use update::LiveUpdate;

//! Who has what: the gateway's state, one writer, behind a handle.
//!
//! Owns: the event log's events, their fold, what commands and webhooks cause, and what clients receive.
//! Must not: speak HTTP or WhatsApp's API.
//! Invariants: one task decides, in order. It decides on state that runs ahead of the log by one batch at
//! most; answers, notifications and sends leave only after that batch is on disk. If it cannot be written, the
//! state is thrown away and built again from the store, on the same path as a start, so that a failed
//! write cannot leave anything half done.
//!
//! A room uses only the rooms to its left:
//!
//! ```text
//! model, api, setup <- state <- wire, project <- decide, views <- ingest, notify, reads <- task
//! ```

pub mod api;
mod decide;
pub mod handle;
mod ids;
mod ingest;
mod live;
mod load;
pub mod model;
mod notify;
mod project;
mod reads;
mod removed;
mod setup;
pub mod state;
mod task;
#[cfg(test)]
mod tests;
mod views;
mod wire;

pub use decide::message::MOST_CHARS;
pub use handle::WriterHandle;
pub use removed::removed;
pub use setup::{Parser, Person, SignOut, WorkbinSetup, WriterSetup};
pub use task::writer::{Clock, WriterStartError, start};

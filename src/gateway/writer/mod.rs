//! Who has what: the gateway's state, one writer, behind a handle.
//!
//! Owns: the event log's words, their fold, what acts and webhooks cause, and what clients are told.
//! Must not: speak HTTP or WhatsApp's API.
//! Invariants: one task decides, in order. It decides on state that runs ahead of the log by one batch at
//! most; answers, notices and sends leave only after that batch is on disk. If it cannot be written, the
//! state is thrown away and built again from the store, on the same path as a start, so that a failed
//! write cannot leave anything half done.

pub mod account;
mod actor;
pub mod api;
pub mod archive;
mod asked;
pub mod contacts;
mod decide;
pub mod ends;
mod entry;
pub mod event;
pub mod handle;
mod identity;
mod ids;
mod ingest;
mod live;
mod load;
mod look_back;
mod monitoring;
mod orphans;
mod outbound;
mod parties;
mod project;
mod reads;
mod routed;
mod sends;
pub mod session;
mod setup;
pub mod state;
mod tell;
#[cfg(test)]
mod tests;
mod wire;
mod work;
mod workbins;

pub use actor::{Clock, StartError, start};
pub use decide::MOST_CHARS;
pub use handle::WriterHandle;
pub use orphans::removed;
pub use setup::{Parser, Person, SignOut, Workbin, WriterSetup};

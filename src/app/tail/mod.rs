//! `deskline tail` as a state machine: which part of the feed to read next, and how to format an entry.
//!
//! Owns: the position in the feed, the filter, and the sentences for people besides the entries.
//! Must not: read, write, wait, or change anything at the server.
//! Invariants: an entry is returned once, in order, and none is left out, however often the connection is lost.

mod line;
mod names;
mod state;
mod summary;

pub use line::format_entry;
pub use state::{Tail, TailStep};
pub use summary::TailSummary;

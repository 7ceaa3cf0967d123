//! The writer through its handle.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

mod account;
mod before_renames;
mod chats;
#[cfg(test)]
#[path = "../rig/config.rs"]
mod config;
mod ends;
mod monitoring;
mod one;
mod parties;
mod reads;
mod removed;
mod rig;
mod searches;
mod templates;
mod watch;
mod workbins;

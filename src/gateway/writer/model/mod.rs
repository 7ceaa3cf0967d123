//! The data that the writer's rules share.
//!
//! Owns: the event log's events, sessions, entries and commands on contacts, as plain data. Must not: decide, write or
//! know a client.
//! Invariants: these files use each other in one direction: [`event`] uses the others, none of them uses it.

pub mod account;
pub mod archive;
pub mod contact;
pub mod entry;
pub mod event;
pub mod logged;
pub mod marks;
pub mod monitoring;
pub mod party;
pub mod prefetch;
pub mod sending;
pub mod session;
pub mod views;
pub mod workbin;

//! The whole program from outside: the built binary in a pty, its gateway as a process of its own, and
//! WhatsApp's side played by the project's own Graph stub and webhook sender.
//!
//! No test counts on time: every wait is for something that can be seen, and fails after
//! [`patience`](rig::patience).

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too, and says what it skipped"
)]

mod agents;
mod api;
mod breaks;
mod case;
mod channels;
mod commands;
mod contacts;
mod demo;
mod ends;
mod kills;
mod monitor;
mod monitoring;
mod options;
mod parties;
mod proxy;
mod pty;
mod responses;
mod rig;
mod round_trip;
mod scope;
mod stops;
mod tail;
mod tail_ssh;
mod targets;
mod terminal;
mod typing;
mod workbins;

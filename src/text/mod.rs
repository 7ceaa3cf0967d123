//! Strangers' text, made fit for a terminal.
//!
//! Owns: cleaning ([`Clean`] is the only string type the screen accepts), measuring, wrapping, bidi order,
//! WhatsApp markup, links, and the composer's buffer.
//! Must not: know what a message or a screen is, read a clock, or write anything.
//! Invariants: a [`Clean`] holds no control character but `\n`, no bidi control, and nothing that a
//! terminal could take for an escape sequence.

pub mod clean;

pub use clean::Clean;

//! Untrusted text, made safe for a terminal.
//!
//! Owns: cleaning ([`Clean`] is the only string type the screen accepts), measuring, wrapping, bidi order,
//! WhatsApp markup, links, emoji names, and the composer's buffer.
//! Must not: know what a message or a screen is, read a clock, or write anything.
//! Invariants: a [`Clean`] holds no control character but `\n`, no bidi control, and nothing that a
//! terminal could interpret as an escape sequence. Every position that a function returns is a byte offset on the edge
//! of a grapheme cluster. Everything is linear in the length of the text.

pub mod bidi;
pub mod clean;
pub mod compose;
pub mod emoji;
pub mod fold;
pub mod links;
pub mod markup;
pub mod nearest;
pub mod phone;
pub mod search;
pub mod width;
pub mod wrap;

pub use clean::Clean;

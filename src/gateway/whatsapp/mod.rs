//! The connection to WhatsApp: webhooks in, Graph API out.
//!
//! Owns: what a webhook says ([`parse`], [`signature`]), what WhatsApp's errors mean ([`errors`]), and how a
//! message is sent ([`graph`], [`sender`], [`templates`], [`catalog`]).
//! Must not: decide who gets a session, or store anything: the writer does both.
//! Invariants: no webhook makes it fail, whatever its bytes; a message whose outcome is unknown is never sent twice.

pub mod account;
mod calls;
pub mod catalog;
pub(in crate::gateway) mod client;
pub mod errors;
mod fields;
pub mod graph;
pub mod inbound;
pub mod inspect;
mod names;
pub mod parse;
mod placeholder;
pub(in crate::gateway) mod remarks;
pub mod sender;
pub mod signature;
pub mod sync;
pub mod templates;
mod token_bucket;

//! The connection to WhatsApp: webhooks in, Graph API out.
//!
//! Owns: parsing webhooks ([`parse`], [`signature`]), the meaning of WhatsApp's errors ([`errors`]), and sending
//! messages ([`graph`], [`sender`], [`templates`], [`catalog`]).
//! Must not: decide who gets a session, or store anything: the writer does both.
//! Invariants: parsing never fails, whatever the bytes of a webhook; a message whose outcome is unknown is never sent twice.

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

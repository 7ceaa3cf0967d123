//! WhatsApp's side: webhooks in, Graph API out.
//!
//! Owns: what a webhook says ([`parse`], [`signature`]), what WhatsApp's errors mean ([`errors`]), and how a
//! message leaves ([`graph`], [`sender`], [`templates`], [`book`]).
//! Must not: decide who gets a session, or keep anything: the writer does both.
//! Invariants: no bytes of a stranger make it fail; a message whose outcome is unknown is never sent twice.

pub mod account;
pub(in crate::gateway) mod around;
pub mod book;
mod calls;
pub mod errors;
mod fields;
pub mod graph;
pub mod inbound;
pub mod inspect;
mod names;
mod pace;
pub mod parse;
mod placeholder;
pub mod sender;
pub mod signature;
pub mod sync;
pub mod templates;

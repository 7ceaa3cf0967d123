//! A small contact centre behind the Workspace API.
//!
//! Owns: who has what ([`writer`]), who gets what ([`router`]), what clients are told ([`hub`]), the HTTP
//! side, and WhatsApp's side ([`whatsapp`]).
//! Must not: know the console.
//! Invariants: the event log is the one truth; state is a fold over it; nothing is answered before what
//! it promises is committed.

pub mod accept;
pub mod audit;
pub mod auth;
pub mod bayeux;
pub mod customers;
pub mod hide;
pub mod http;
pub mod hub;
pub mod router;
pub mod watch;
pub mod whatsapp;
pub mod writer;

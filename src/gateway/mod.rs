//! A small contact centre behind the Workspace API.
//!
//! Owns: which agent has which session ([`writer`]), which agent gets the next one ([`router`]), what clients
//! receive ([`hub`]), the HTTP side, and WhatsApp's side ([`whatsapp`]).
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

//! A small contact centre behind the Workspace API.
//!
//! Owns: which agent has which session ([`writer`]), which agent gets the next one ([`router`]), events for clients
//! ([`hub`]), what supervisors read ([`feed`]), HTTP ([`http`], [`bayeux`]), and WhatsApp ([`whatsapp`]).
//! Must not: know the console.
//! Invariants: the event log is the only source of truth; state is a fold over it; a request is answered after its events
//! are committed. `tests/architecture` holds which of these modules may use which.

pub mod accept;
pub mod audit;
pub mod auth;
pub mod bayeux;
pub mod customers;
pub mod directory;
pub mod feed;
pub mod http;
pub mod hub;
pub mod library;
pub mod masking;
pub mod reply;
pub mod router;
pub mod secret_hash;
pub mod services;
pub mod webhook;
pub mod whatsapp;
pub mod writer;

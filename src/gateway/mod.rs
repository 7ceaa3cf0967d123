//! A small contact centre behind the Workspace API.
//!
//! Owns: which agent has which session ([`writer`]), which agent gets the next one ([`router`]), what clients
//! receive ([`hub`]), what supervisors read ([`feed`]), the HTTP side ([`http`], [`bayeux`]), and WhatsApp's side
//! ([`whatsapp`]).
//! Must not: know the console.
//! Invariants: the event log is the only source of truth; state is a fold over it; nothing is answered before
//! what it promises is committed.

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
pub mod services;
pub mod webhook;
pub mod whatsapp;
pub mod writer;

//! The server's side of Bayeux (CometD), which carries events to clients.
//!
//! Owns: the protocol's messages and both transports, long-polling ([`poll`]) and WebSocket ([`upgrade`]).
//! Must not: keep state between requests; the hub does.
//! Invariants: only `channel` decides what a message is; a client ID is valid only for the person who received it; one
//! connection at a time gets a client's events.

mod frame;
mod message;
mod poll;
mod reply;
mod socket;

pub use poll::poll;
pub use socket::upgrade;

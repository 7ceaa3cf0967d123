//! The subject of the program: interactions, messages, agents, contacts, options.
//!
//! Owns: the types of the trade, and their rules, which are the same in the console and in the gateway.
//! Must not: know the wire, the screen or the store, or read a clock.
//! Invariants: every time is a [`Millis`]; every text from outside that is shown is a [`Clean`](crate::text::Clean).

pub mod agent;
pub mod case;
pub mod contact;
pub mod data;
pub mod delivery;
pub mod field;
pub mod ids;
pub mod interaction;
pub mod mask;
pub mod message;
pub mod monitoring;
pub mod options;
pub mod pending;
pub mod profile;
pub mod reach;
pub mod response;
pub mod role;
pub mod routing_based;
pub mod target;
pub mod template;
pub mod time;
pub mod transcript;
pub mod window;

pub use data::{AttachedData, Value};
pub use ids::{ContactId, EmployeeId, InteractionId, OperationId, ParticipantId};
pub use time::Millis;

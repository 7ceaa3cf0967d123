//! What people may set, and what is said when it is wrong.
//!
//! Owns: the shape of `config.toml`, its defaults and its limits; where files are; where secrets come from.
//! Must not: know the screen, the network or the store.
//! Invariants: an unknown key is an error with line and column; a secret is never in the file itself.

pub mod schema;

pub use schema::Config;

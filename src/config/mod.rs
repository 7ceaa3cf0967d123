//! The configuration file, its checks and its errors.
//!
//! Owns: the structure of `config.toml`, its defaults and its limits; the locations of files; the sources of secrets;
//! hashes of passwords; changes of agents in the file.
//! Must not: know the screen, the network or the store.
//! Invariants: an unknown key is an error with line and column; a secret is never in the file itself; the
//! user's file is never reformatted.

mod check;
mod places;
mod shape;

pub mod changes;
pub mod data_dir;
pub mod error;
pub mod hash;
pub mod load;
pub mod options;
pub mod paths;
pub mod responses;
pub mod schema;
pub mod secret;
pub mod user;

pub use error::{ConfigError, Problem};
pub use load::LoadedConfig;
pub use schema::Config;

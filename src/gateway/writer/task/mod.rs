//! The writer's task: takes requests and webhooks in order, decides, writes, then answers.
//!
//! Owns: the order of things. Must not: know a rule; those are in `decide` and `ingest`.

mod command;
mod commit;
mod contacts;
mod intake;
mod presence;
mod release;
mod requests;
mod run;
mod work;
pub mod writer;

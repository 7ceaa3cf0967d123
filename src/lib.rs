//! deskline: a terminal desk for WhatsApp sessions, and the gateway that serves it.
//!
//! The folders are the architecture. A layer uses only layers to its left:
//!
//! ```text
//! text <- domain <- proto <- app <- ui      pure: no input or output, no clock, no async
//! config                                    types and checks; uses domain
//! term   net   store   gateway              edges; use text, domain, proto, config
//! runtime                                   wires the edges to app; owns the console's loop
//! cli                                       parses, starts, maps errors to exit codes
//! ```
//!
//! `tests/architecture` checks this.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod gateway;
pub mod net;
pub mod proto;
pub mod runtime;
pub mod store;
pub mod telemetry;
pub mod term;
pub mod text;
pub mod ui;

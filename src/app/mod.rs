//! The console as a state machine.
//!
//! Owns: everything a console knows and how each thing that happens changes it.
//! Must not: read a clock, draw, connect, or keep anything on disk; it asks for that with [`Effect`]s.
//! Invariants: [`update`] is the only place where [`State`] changes; time arrives inside [`Msg`]; a draft
//! belongs to its session and is never deleted by anything but sending it or the agent's own editing.

pub mod action;
pub mod bar;
pub mod blocks;
pub mod case;
pub mod contacts;
pub mod disposition;
pub mod effect;
pub mod emoji;
pub mod ends;
pub mod form;
pub mod invitation;
pub mod key;
pub mod keymap;
pub mod layer;
pub mod layout;
pub mod lock;
pub mod monitor;
pub mod msg;
pub mod notice;
pub mod older;
pub mod party;
pub mod picker;
pub mod reach;
pub mod responses;
pub mod scroll;
pub mod session;
pub mod slash;
pub mod state;
pub mod status;
pub mod targets;
mod update;
pub mod workbins;

pub use action::Action;
pub use effect::{Effect, Effects};
pub use msg::{Msg, What};
pub use state::State;
pub use update::update;

//! The terminal, borrowed and given back.
//!
//! Owns: the modes set on the terminal and their return ([`guard`]), its input ([`input`], with [`tokenizer`]
//! and [`burst`]),
//! what goes to it ([`screen`], [`clipboard`], [`notify`]), what is known of it without asking ([`caps`]), the signals
//! of a terminal program ([`hangup`]), and the external [`editor`].
//! Must not: know what a session or a message is, decide what a key does, or ask the terminal a question and wait.
//! Invariants: every mode set is reset on every way out but a hang-up; a terminal that has gone ends the input within
//! a second; what is written between frames goes through [`screen::Screen::send`].

pub mod burst;
pub mod caps;
pub mod clipboard;
pub mod editor;
pub mod guard;
pub mod hangup;
pub mod input;
pub mod notify;
mod pen;
pub mod refuse;
pub mod screen;
pub mod tokenizer;
mod travel;

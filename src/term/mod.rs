//! The terminal: its modes, input, output and signals.
//!
//! Owns: the modes of the terminal and their restoration ([`guard`]), its input ([`input`], with [`tokenizer`] and
//! [`burst`]), output to it ([`screen`], [`clipboard`], [`notify`]), its capabilities as far as the environment tells
//! ([`caps`]), the signals of a terminal program ([`hangup`]), and the external [`editor`].
//! Must not: know what a session or a message is, decide what a key does, or ask the terminal a question and wait.
//! Invariants: every mode is reset on every exit except a hang-up; when the terminal has gone, the input ends within a
//! second; output between frames goes through [`screen::Screen::send`].

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

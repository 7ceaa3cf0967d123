//! Looks by meaning.
//!
//! The themes here use only the sixteen colours that every terminal has and that its owner chose, and mostly none: text is drawn
//! in the terminal's own colours, so that it can be read on any background. Nothing is said by a look alone;
//! a mark or a word says it too.

mod custom;
mod roles;

pub use custom::{BUILT_IN, ROLES};
pub use roles::Theme;

//! Themes: a style for each role.
//!
//! The built-in themes use only the sixteen colours that every terminal has and its owner can choose, and mostly none: text
//! has the terminal's own colours, so that it is readable on any background. A style never carries meaning alone; there is
//! always a mark or a word too.

mod custom;
mod roles;

pub use custom::{BUILT_IN, ROLES};
pub use roles::Theme;

//! Who has what: the gateway's state, one writer, behind a handle.

pub mod api;
pub mod handle;

pub use handle::Desk;

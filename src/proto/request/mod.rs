//! Requests of the Workspace API: the method, path and body of each.
//!
//! `list` has every request, one file per subject builds the paths and bodies.

mod channels;
mod contacts;
mod endpoint;
mod interactions;
mod list;
mod monitoring;
mod parties;
mod path;
mod responses;
mod targets;
mod templates;
mod workbins;

pub use endpoint::{Call, ReadPositions};
pub use list::Request;
pub use path::segment;

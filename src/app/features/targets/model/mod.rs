//! The targets of a transfer, conference or consultation.

mod choice;
mod list;

pub use choice::TargetChoice;
pub(in crate::app) use choice::{TargetPart, TargetsRequest};
pub use list::Targets;

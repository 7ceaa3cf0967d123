//! The archive of a contact: the IDs of its days.
//!
//! Owns: the form of these IDs. Must not: decide what belongs into the archive.

use crate::domain::{ContactId, InteractionId, Millis};

/// The prefix of the ID of a day in the archive.
const PREFIX: &str = "phone-";

/// The day of a moment, for IDs.
pub fn day(at: Millis) -> String {
    at.to_rfc3339().chars().take(10).collect()
}

/// The ID of a contact's day.
pub fn id(contact: &ContactId, at: Millis) -> InteractionId {
    InteractionId::from(format!("{PREFIX}{contact}-{}", day(at)))
}

/// Whether an ID is that of a day in the archive.
pub fn is_archive(id: &InteractionId) -> bool {
    id.as_str().starts_with(PREFIX)
}

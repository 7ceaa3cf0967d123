//! What was read from the store before a command is decided.
//!
//! Owns: the data. Must not: read.

use crate::domain::{ContactId, InteractionId};
use crate::store::PrefetchResult;

/// What has to be known before a session can be begun.
#[derive(Debug)]
pub struct PrefetchedContacts {
    /// What the store says of the customer.
    pub found: PrefetchResult,
    /// The session's ID, if one begins.
    pub interaction: InteractionId,
    /// The contact's name, if it is a new one.
    pub contact: ContactId,
}

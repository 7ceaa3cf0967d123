//! Commands on contacts.
//!
//! Owns: the data. Must not: decide anything.

use crate::domain::profile::Attributes;
use crate::domain::{ContactId, InteractionId};
use crate::proto::contact::AttributeChange;

/// An act on contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactCommand {
    /// A new contact.
    Create(Attributes),
    /// Changes attributes.
    Update {
        id: ContactId,
        /// The changes.
        changes: Vec<AttributeChange>,
    },
    /// Takes a contact out of the directory.
    Delete(ContactId),
    /// Makes one of two.
    Merge {
        /// The one that stays.
        into: ContactId,
        /// The one that becomes part of it.
        from: ContactId,
    },
    /// Takes the last merge into a contact back.
    Unmerge(ContactId),
    /// Says who the customer of a session is.
    Assign { interaction: InteractionId, contact: ContactId },
}

impl ContactCommand {
    /// The contacts that must be known to decide it.
    pub fn about(&self) -> Vec<ContactId> {
        match self {
            Self::Create(_) => Vec::new(),
            Self::Update { id, .. } | Self::Delete(id) | Self::Unmerge(id) => vec![id.clone()],
            Self::Merge { into, from } => vec![into.clone(), from.clone()],
            Self::Assign { contact, .. } => vec![contact.clone()],
        }
    }
}

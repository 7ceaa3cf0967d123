//! A contact with everything that is known about it, and how contacts are looked up.

use crate::domain::profile::Attributes;
use crate::domain::{ContactId, EmployeeId, Millis};
use crate::proto::contact::Query;

/// A merge of another contact into this one, with the data that is needed to undo it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeRecord {
    /// The contact that was merged into it.
    pub contact: ContactId,
    /// The lists that the merge replaced.
    pub before: Attributes,
    /// The lists that it added.
    pub added: Attributes,
    pub at: Millis,
    pub by: EmployeeId,
}

/// All data of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactCard {
    /// The contact, or the one into which it was merged.
    pub id: ContactId,
    /// Identifiers and names at WhatsApp of the customers who are this contact: `wa.*` names and values.
    pub names: Vec<(String, String)>,
    /// The attributes that people entered.
    pub attributes: Attributes,
    /// The agent who changed it last, and when.
    pub changed: Option<(EmployeeId, Millis)>,
    /// The last merge that was not undone.
    pub last_merge: Option<MergeRecord>,
    /// The display name of the merged contact.
    pub last_merge_name: Option<String>,
}

/// Which contacts to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactLookup {
    /// These, as far as they exist.
    Cards(Vec<ContactId>),
    /// The matching ones, ordered by name.
    Search {
        query: Query,
        /// How many are skipped.
        start: usize,
        /// The most contacts to return.
        limit: usize,
    },
}

/// The contacts that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactPage {
    pub cards: Vec<ContactCard>,
    /// How many match; counted up to 10 000.
    pub total: usize,
}

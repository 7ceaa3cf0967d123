//! What the writer hands to the store: events, raw webhooks and changes of the tables.

use super::contact_card::MergeRecord;
use super::rows::{Alias, AuditRow};
use crate::domain::profile::Attributes;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use bytes::Bytes;

/// An event as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its kind, for people who read the log.
    pub kind: &'static str,
    /// The interaction it is about.
    pub interaction: Option<InteractionId>,
    /// The event as JSON.
    pub body: String,
}

/// A change of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum TableChange {
    /// A raw webhook has been parsed.
    WebhookParsed(i64),
    /// A session began.
    Session {
        id: InteractionId,
        contact: ContactId,
        /// The business number that received it.
        phone_number_id: String,
        /// The queue it entered.
        queue: String,
        started: Millis,
    },
    /// The kind of a session that was not begun by a customer on WhatsApp.
    SessionKind {
        id: InteractionId,
        media: String,
        /// Whether an agent began it.
        outbound: bool,
        subject: String,
    },
    /// A day of a contact in the archive, new or with another message. It counts as over from the start.
    Archive {
        /// The ID of the archive session.
        id: InteractionId,
        contact: ContactId,
        /// The ID of our number.
        phone_number_id: String,
        /// When the message was written.
        at: Millis,
    },
    /// A customer wrote.
    CustomerWrote { contact: ContactId, at: Millis },
    /// A session ended.
    SessionEnded { id: InteractionId, at: Millis },
    /// A session that had ended continues.
    SessionReopened(InteractionId),
    /// Nothing of a session is in progress any more, so a start does not need its events.
    SessionSettled(InteractionId),
    /// An entry of a session's log. An existing entry is not changed.
    Message {
        interaction: InteractionId,
        index: u64,
        at: Millis,
        /// The entry, JSON.
        body: String,
    },
    /// An identifier that WhatsApp will refer to, and the entry that it belongs to. An existing mark is not changed.
    Mark { key: String, entry: Option<(InteractionId, u64)> },
    /// All attached data of a session.
    UserData {
        interaction: InteractionId,
        /// The pairs, JSON.
        data: String,
    },
    /// The note of a session.
    Comment { interaction: InteractionId, comment: String },
    /// A contact, new or with new names. Absent names stay as they are.
    Contact {
        id: ContactId,
        /// The name chosen on WhatsApp.
        profile_name: Option<String>,
        /// The user name on WhatsApp.
        username: Option<String>,
        at: Millis,
    },
    /// An alias of a contact. An alias of another contact is not changed.
    Alias { alias: Alias, contact: ContactId },
    /// Replaces every attribute in `set`. An empty list removes one.
    Attributes { contact: ContactId, set: Attributes, by: EmployeeId, at: Millis },
    /// A contact is removed from the directory until its customer writes again.
    ContactDeleted(ContactId),
    /// A contact was merged into another one.
    Merged {
        /// The contact that remains.
        into: ContactId,
        /// What the merge adds.
        brought: MergeRecord,
    },
    /// The last merge was undone.
    Unmerged {
        /// The contact that remained.
        into: ContactId,
        /// The contact that is separate again.
        from: ContactId,
        /// Attributes of the first one that are replaced.
        set: Attributes,
    },
    /// A customer was assigned to a contact.
    Assigned { customer: ContactId, to: ContactId },
    /// An agent has served a contact.
    Served { contact: ContactId, employee: EmployeeId, at: Millis },
    /// A row for the audit.
    Audit(AuditRow),
    /// The last record of this batch is a checkpoint: events before it that belong to no live session are not needed
    /// any more.
    Checkpoint,
}

/// What is written in one transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    pub at: Millis,
    /// Raw webhooks, as received.
    pub webhooks: Vec<Bytes>,
    /// Events, in order.
    pub records: Vec<EventRecord>,
    /// Changes of the tables, in order.
    pub changes: Vec<TableChange>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.webhooks.is_empty() && self.records.is_empty() && self.changes.is_empty()
    }
}

/// The numbers that a written batch got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReceipt {
    /// The number of the last event in the log.
    pub last_seq: u64,
    /// The numbers of the webhooks, in order.
    pub webhooks: Vec<i64>,
}

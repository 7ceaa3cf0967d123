//! What the store returns: events, sessions, aliases, the audit, and rows that a decision needs.

use super::contact_card::ContactCard;
use crate::domain::contact::AliasKind;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::proto::media::LogQuery;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// An event as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Consecutive, from 1.
    pub seq: u64,
    pub at: Millis,
    /// The event as JSON.
    pub body: String,
}

/// A row of the audit: an action or a view of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number; assigned by the store.
    pub seq: u64,
    pub at: Millis,
    /// Employee ID, or the user name of a sign-in that failed.
    pub who: String,
    /// Their role; empty when nobody is signed in.
    pub role: String,
    /// The operation, or `saw`.
    pub act: String,
    /// The session it was about.
    pub interaction: Option<InteractionId>,
    /// `done`, or the HTTP status of the refusal.
    pub outcome: String,
}

/// The identity of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactRow {
    pub id: ContactId,
    /// The name chosen on WhatsApp.
    pub profile_name: Option<String>,
    /// The user name on WhatsApp.
    pub username: Option<String>,
    /// The contact they were assigned to or merged into; `None` when it is this one.
    pub home: Option<ContactId>,
    /// First name of that contact.
    pub first_name: Option<String>,
    /// Last name of that contact.
    pub last_name: Option<String>,
    /// Whether that contact has a description.
    pub is_known: bool,
    /// The agent who served the customer last, and when.
    pub served: Option<(EmployeeId, Millis)>,
    /// When the customer wrote last.
    pub wrote_at: Option<Millis>,
}

/// An identifier of a customer at WhatsApp.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    pub kind: AliasKind,
    pub value: String,
}

/// A session's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub contact: ContactId,
    /// The number of its last entry.
    pub last_index: u64,
}

/// A session of a contact, open or ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastSession {
    pub id: InteractionId,
    pub started: Millis,
    /// When it ended; `None` while it is open.
    pub ended: Option<Millis>,
    /// The agent who was the last to be in it or to write in it.
    pub agent: Option<EmployeeId>,
    /// Its media type; empty for a WhatsApp session.
    pub media: String,
    /// Whether an agent began it.
    pub outbound: bool,
    /// Its subject, otherwise the first message of the customer.
    pub subject: Option<String>,
    pub comment: Option<String>,
    /// Attached data, JSON.
    pub user_data: Option<String>,
}

/// The events that a start reads first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartupEvents {
    /// The number of the last checkpoint; 0 when there was none. All events from it on have to be read too.
    pub checkpoint: u64,
    /// The number of the last event.
    pub last_seq: u64,
    /// The events before the checkpoint that are still needed, in order.
    pub before: Vec<StoredEvent>,
}

/// A raw webhook that has not been parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnparsedWebhook {
    pub id: i64,
    pub at: Millis,
    pub raw: Bytes,
}

/// Which rows a decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrefetchQuery {
    /// Aliases whose contacts are read.
    pub aliases: BTreeSet<Alias>,
    /// Marks whose entries are read.
    pub marks: BTreeSet<String>,
    /// Sessions, in addition to those of the marks.
    pub sessions: BTreeSet<InteractionId>,
    /// Contacts, in addition to those of the aliases.
    pub contacts: BTreeSet<ContactId>,
    /// Marks whose entries are read with their content.
    pub quoted: BTreeSet<String>,
    /// Contacts whose newest archived messages are read.
    pub archives: BTreeSet<ContactId>,
    /// Contacts whose card is read.
    pub cards: Vec<ContactId>,
}

/// The rows that a decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrefetchResult {
    /// Which contact an alias belongs to.
    pub aliases: BTreeMap<Alias, ContactId>,
    /// The contacts of the aliases, and the requested ones.
    pub contacts: BTreeMap<ContactId, ContactRow>,
    /// All aliases of the requested contacts.
    pub own: BTreeMap<ContactId, Vec<Alias>>,
    /// The marks that exist, and their entries.
    pub marks: BTreeMap<String, Option<(InteractionId, u64)>>,
    /// The sessions of the marks, and the requested ones.
    pub sessions: BTreeMap<InteractionId, SessionRow>,
    /// The requested entries by mark, as JSON.
    pub quoted: BTreeMap<String, String>,
    /// The newest archived messages of the requested contacts, the oldest first: time of writing, and JSON.
    pub archives: BTreeMap<ContactId, Vec<(Millis, String)>>,
    /// The cards of the requested contacts, as far as they exist.
    pub cards: Vec<ContactCard>,
}

impl PrefetchResult {
    /// Adds the results of another query.
    pub fn add(&mut self, other: Self) {
        self.aliases.extend(other.aliases);
        self.contacts.extend(other.contacts);
        self.own.extend(other.own);
        self.marks.extend(other.marks);
        self.sessions.extend(other.sessions);
        self.quoted.extend(other.quoted);
        self.archives.extend(other.archives);
        self.cards.extend(other.cards);
    }
}

/// The part of a session's log to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRequest {
    pub interaction: InteractionId,
    /// The entries to read.
    pub query: LogQuery,
    /// The agent who reads: without entries for supervisors. `None` reads everything.
    pub agent: Option<EmployeeId>,
}

/// A part of a session's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredEntries {
    /// The contact of the customer.
    pub contact: ContactId,
    /// The entries, JSON, in order.
    pub bodies: Vec<String>,
    /// Whether there are entries before these.
    pub older: bool,
    /// Whether there are entries after these.
    pub newer: bool,
    /// Whether the agent who reads wrote in this session, joined or left it.
    pub was_in: bool,
}

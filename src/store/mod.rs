//! What is kept on disk. For the gateway: the event log, raw webhooks, and tables that answer questions
//! about the past. For the console: its [`drafts`].
//!
//! Owns: the [`Store`] trait, its words, and the SQLite that stands behind it.
//! Must not: know what an event means. Events are text to it; the tables are filled by [`Change`]s that
//! the writer derives from its events.
//! Invariants: a [`Batch`] is written whole or not at all, and [`Store::append`] returns only after it
//! is on disk. The tables are written in the transaction of the events they come from. Nothing here
//! assumes that the store is in this process.

mod contacts;
pub mod drafts;
pub mod library;
mod read;
mod schema;
mod sqlite;
pub mod targets;
mod write;

pub use sqlite::Sqlite;

use crate::domain::profile::Attributes;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::proto::contact::Query;
use crate::proto::media::LogQuery;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use thiserror::Error;

/// What goes wrong with a store. Nothing was written then, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Another gateway has the folder.
    #[error("another gateway is using {}: stop it first, or give this one a data-dir of its own", .0.display())]
    Locked(PathBuf),
    /// The folder or a file in it cannot be used.
    #[error("{} cannot be used: {reason}. Check that it exists and that this user may write there", path.display())]
    Path {
        /// Which.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Written by a newer program.
    #[error(
        "the data is of version {found} and this program knows versions up to {known}: use the newer program"
    )]
    Newer {
        /// Version of the data.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// A gateway of an older program is running on it.
    #[error(
        "a gateway of an older program is running on this data (version {found}, and this program writes \
         {known}): restart it with this program first"
    )]
    Older {
        /// Version of the data.
        found: i64,
        /// The one this program writes.
        known: i64,
    },
    /// No room.
    #[error("the disk is full: make room, then try again")]
    Full,
    /// Anything else the database says.
    #[error("the database says: {0}")]
    Database(String),
    /// The store has stopped.
    #[error("the store has stopped")]
    Stopped,
}

/// An event as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its kind, for people who look into the log.
    pub kind: &'static str,
    /// The interaction it is about.
    pub interaction: Option<InteractionId>,
    /// The event itself, JSON.
    pub body: String,
}

/// An event as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number: from 1, each one more.
    pub seq: u64,
    /// When it was written.
    pub at: Millis,
    /// The event itself, JSON.
    pub body: String,
}

/// Who did or saw what, for the audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// Its number; given by the store.
    pub seq: u64,
    /// When.
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

/// What is known of who a customer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactRow {
    /// The contact.
    pub id: ContactId,
    /// The name chosen on WhatsApp.
    pub profile_name: Option<String>,
    /// The user name on WhatsApp.
    pub username: Option<String>,
    /// The contact they were assigned to or merged into; `None` when it is this one.
    pub home: Option<ContactId>,
    /// First name there.
    pub first_name: Option<String>,
    /// Last name there.
    pub last_name: Option<String>,
    /// Whether anybody has described that contact.
    pub is_known: bool,
    /// Who served them last, and when.
    pub served: Option<(EmployeeId, Millis)>,
    /// When they wrote last.
    pub heard: Option<Millis>,
}

/// A name by which WhatsApp calls a customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    /// `wa_id` or `user_id`.
    pub kind: &'static str,
    /// The name.
    pub value: String,
}

/// A session's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The customer.
    pub contact: ContactId,
    /// The number of its last entry.
    pub last_index: u64,
}

/// A session of a contact, open or over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Its name.
    pub id: InteractionId,
    /// When it began.
    pub started: Millis,
    /// When it ended; `None` while it is open.
    pub ended: Option<Millis>,
    /// The agent who was the last to be in it or to write in it.
    pub agent: Option<EmployeeId>,
    /// Its media type; empty for a WhatsApp session.
    pub media: String,
    /// Whether an agent began it.
    pub outbound: bool,
    /// What it was about, else the customer's first words.
    pub subject: Option<String>,
    /// The note.
    pub comment: Option<String>,
    /// Attached data, JSON.
    pub user_data: Option<String>,
}

/// What a merge brought to a contact, kept so that it can be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The contact that was merged into it.
    pub contact: ContactId,
    /// The lists that the merge replaced.
    pub before: Attributes,
    /// Those that it put there.
    pub added: Attributes,
    /// When.
    pub at: Millis,
    /// Who did it.
    pub by: EmployeeId,
}

/// Everything known of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactCard {
    /// The contact. Of one that was merged, the one it was merged into.
    pub id: ContactId,
    /// What WhatsApp calls the customers who are this contact: `wa.*` names and values.
    pub names: Vec<(String, String)>,
    /// What people have written down.
    pub attributes: Attributes,
    /// Who changed it last, and when.
    pub changed: Option<(EmployeeId, Millis)>,
    /// The last merge that was not taken back.
    pub brought: Option<Brought>,
    /// What people called the contact that it brought.
    pub brought_name: Option<String>,
}

/// What is asked about contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// These, as far as they are there.
    Cards(Vec<ContactId>),
    /// Those that fit, ordered by name.
    Search {
        /// What fits.
        query: Query,
        /// How many are passed over.
        start: usize,
        /// How many at most.
        limit: usize,
    },
}

/// What was found of contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// The contacts.
    pub cards: Vec<ContactCard>,
    /// How many fit; counted up to 10 000.
    pub total: usize,
}

/// A change of the tables.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A raw webhook has been parsed.
    WebhookParsed(i64),
    /// A session began.
    Session {
        /// Its name.
        id: InteractionId,
        /// The customer.
        contact: ContactId,
        /// Our number it came to.
        phone_number_id: String,
        /// The queue it entered.
        queue: String,
        /// When.
        started: Millis,
    },
    /// What a session is, where it is not one that a customer began on WhatsApp.
    SessionKind {
        /// Which.
        id: InteractionId,
        /// Its media type.
        media: String,
        /// Whether an agent began it.
        outbound: bool,
        /// What it was about.
        subject: String,
    },
    /// A day of a contact in the archive, new or with another message. It counts as over from the start.
    Archive {
        /// The ID of the archive session.
        id: InteractionId,
        /// The contact.
        contact: ContactId,
        /// The ID of our number.
        phone_number_id: String,
        /// When the message was written.
        at: Millis,
    },
    /// A customer wrote.
    Heard {
        /// The contact.
        contact: ContactId,
        /// When.
        at: Millis,
    },
    /// A session ended.
    SessionEnded {
        /// Which.
        id: InteractionId,
        /// When.
        at: Millis,
    },
    /// A session that was over continues.
    SessionReopened(InteractionId),
    /// Nothing of a session is under way any more: its events are not needed to start again.
    SessionSettled(InteractionId),
    /// An entry of a session's log. One that is there already stays as it is.
    Message {
        /// The session.
        interaction: InteractionId,
        /// Its number.
        index: u64,
        /// When it was written.
        at: Millis,
        /// The entry, JSON.
        body: String,
    },
    /// A name that WhatsApp will use again, and the entry it stands for. The first one stays.
    Mark {
        /// The name.
        key: String,
        /// The entry.
        entry: Option<(InteractionId, u64)>,
    },
    /// Attached data of a session, whole.
    UserData {
        /// The session.
        interaction: InteractionId,
        /// The pairs, JSON.
        data: String,
    },
    /// The note of a session.
    Comment {
        /// The session.
        interaction: InteractionId,
        /// The note.
        comment: String,
    },
    /// A contact, new or with new names. Names that are absent stay as they are.
    Contact {
        /// The contact.
        id: ContactId,
        /// The name chosen on WhatsApp.
        profile_name: Option<String>,
        /// The user name on WhatsApp.
        username: Option<String>,
        /// When.
        at: Millis,
    },
    /// An alias of a contact. One that is taken stays with whom it was.
    Alias {
        /// The alias.
        alias: Alias,
        /// The contact.
        contact: ContactId,
    },
    /// Attributes of a contact: those that are named, whole. An empty list removes one.
    Attributes {
        /// The contact.
        contact: ContactId,
        /// The attributes.
        set: Attributes,
        /// Who.
        by: EmployeeId,
        /// When.
        at: Millis,
    },
    /// A contact is out of the directory until its customer comes again.
    ContactDeleted(ContactId),
    /// A contact was merged into another one.
    Merged {
        /// Which one stays.
        into: ContactId,
        /// What it brings.
        brought: Brought,
    },
    /// The last merge was taken back.
    Unmerged {
        /// The contact that stayed.
        into: ContactId,
        /// The one that is itself again.
        from: ContactId,
        /// What changes of the first one: those that are named, whole.
        set: Attributes,
    },
    /// A customer is this contact.
    Assigned {
        /// Who.
        customer: ContactId,
        /// The contact.
        to: ContactId,
    },
    /// An agent has served a contact.
    Served {
        /// The contact.
        contact: ContactId,
        /// The agent.
        employee: EmployeeId,
        /// When.
        at: Millis,
    },
    /// Somebody saw what is said in a session.
    Audit(Audited),
    /// The last record of this batch says all that is needed of what came before it and belongs to no
    /// live session.
    Checkpoint,
}

/// What is written in one go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// When.
    pub at: Millis,
    /// Raw webhooks, as they came.
    pub webhooks: Vec<Bytes>,
    /// Events, in order.
    pub records: Vec<Record>,
    /// Changes of the tables, in order.
    pub changes: Vec<Change>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.webhooks.is_empty() && self.records.is_empty() && self.changes.is_empty()
    }
}

/// What writing gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The number of the last event in the log.
    pub last_seq: u64,
    /// The numbers of the webhooks, in order.
    pub webhooks: Vec<i64>,
}

/// What a start begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// The number of the last checkpoint; 0 when there was none. All events from it on are to be read too.
    pub checkpoint: u64,
    /// The number of the last event.
    pub last_seq: u64,
    /// The events before the checkpoint that are needed still, in order.
    pub before: Vec<Stored>,
}

/// A raw webhook that has not been parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsed {
    /// Its number.
    pub id: i64,
    /// When it was received.
    pub at: Millis,
    /// Its body.
    pub raw: Bytes,
}

/// What is asked about the past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whose names these are.
    pub aliases: BTreeSet<Alias>,
    /// Which entries these names stand for.
    pub marks: BTreeSet<String>,
    /// Sessions, beside those of the marks.
    pub sessions: BTreeSet<InteractionId>,
    /// Contacts, beside those of the aliases.
    pub contacts: BTreeSet<ContactId>,
    /// Marks whose entries are wanted in full.
    pub quoted: BTreeSet<String>,
    /// Contacts whose newest archived messages are wanted.
    pub archives: BTreeSet<ContactId>,
    /// Contacts whose full record is wanted.
    pub cards: Vec<ContactId>,
}

/// What is known about the past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Which contact an alias belongs to.
    pub aliases: BTreeMap<Alias, ContactId>,
    /// The contacts of those, and those asked for.
    pub contacts: BTreeMap<ContactId, ContactRow>,
    /// All aliases of the contacts asked for.
    pub own: BTreeMap<ContactId, Vec<Alias>>,
    /// Names seen, and the entries they stand for.
    pub marks: BTreeMap<String, Option<(InteractionId, u64)>>,
    /// The sessions of those, and those asked for.
    pub sessions: BTreeMap<InteractionId, SessionRow>,
    /// The wanted entries by mark, as JSON.
    pub quoted: BTreeMap<String, String>,
    /// The newest archived messages of the wanted contacts, the oldest first: time of writing, and JSON.
    pub archives: BTreeMap<ContactId, Vec<(Millis, String)>>,
    /// The full records of the wanted contacts, as far as they exist.
    pub cards: Vec<ContactCard>,
}

impl Found {
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
pub struct WantedLog {
    /// The session.
    pub interaction: InteractionId,
    /// The entries to read.
    pub query: LogQuery,
    /// The agent who reads: without entries for supervisors. `None` reads everything.
    pub agent: Option<EmployeeId>,
}

/// A part of a session's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredLog {
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

/// A place where the gateway's truth is kept.
pub trait Store: Send + Sync + 'static {
    /// Writes a batch, whole or not at all, and returns when it is safe on disk.
    fn append(&self, batch: Batch) -> BoxFuture<'_, Result<Written, StoreError>>;
    /// What a start needs first. Operations done since `since` are among it.
    fn start(&self, since: Millis) -> BoxFuture<'_, Result<Start, StoreError>>;
    /// Events after `after`, at most `limit`.
    fn events(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>>;
    /// Events of an interaction before a number, of some kinds, in order.
    fn events_of(
        &self,
        interaction: InteractionId,
        kinds: &'static [&'static str],
        before: u64,
    ) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>>;
    /// Adds to the audit; returns when it is safe on disk. Nothing is ever changed or removed there.
    fn audit(&self, rows: Vec<Audited>) -> BoxFuture<'_, Result<(), StoreError>>;
    /// The audit after a number, at most `limit` rows, from a moment on.
    fn audited(
        &self,
        after: u64,
        since: Millis,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Audited>, StoreError>>;
    /// The number of the last event written before a moment; 0 when there is none.
    fn seq_at(&self, at: Millis) -> BoxFuture<'_, Result<u64, StoreError>>;
    /// Webhooks that have not been parsed, oldest first, at most `limit`.
    fn unparsed(&self, limit: u32) -> BoxFuture<'_, Result<Vec<Unparsed>, StoreError>>;
    /// Reads what has to be known to decide. Few rows, found by their keys, on the writing connection: it
    /// never waits for readers.
    fn find(&self, wanted: Wanted) -> BoxFuture<'_, Result<Found, StoreError>>;
    /// A part of the log of a session, open or over; `None` when there is no such session.
    fn log(&self, wanted: WantedLog) -> BoxFuture<'_, Result<Option<StoredLog>, StoreError>>;
    /// Answers questions about contacts.
    fn look(&self, lookup: Lookup) -> BoxFuture<'_, Result<Looked, StoreError>>;
    /// The sessions of a contact that began from `since` to `until`, the newest first, at most 1000.
    fn history(
        &self,
        contact: ContactId,
        since: Option<Millis>,
        until: Option<Millis>,
    ) -> BoxFuture<'_, Result<Vec<Past>, StoreError>>;
}

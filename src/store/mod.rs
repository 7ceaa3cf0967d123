//! Data on disk. For the gateway: the event log, raw webhooks, and tables for queries about the past.
//! For the console: its [`drafts`].
//!
//! Owns: the [`Store`] trait, its types, and the implementation with SQLite.
//! Must not: know what an event means. For the store, events are text; the tables are filled by [`TableChange`]s that
//! the writer derives from its events.
//! Invariants: a [`Batch`] is written completely or not at all, and [`Store::append`] returns only after it
//! is on disk. The tables are written in the transaction of the events they come from. Nothing here
//! assumes that the store is in this process.

mod batch;
mod contact_card;
mod contacts;
pub mod drafts;
mod error;
mod interface;
pub mod library;
mod read;
mod rows;
mod schema;
mod sqlite;
pub mod targets;
mod write;

pub use batch::{Batch, EventRecord, TableChange, WriteReceipt};
pub use contact_card::{ContactCard, ContactLookup, ContactPage, MergeRecord};
pub use error::StoreError;
pub use interface::Store;
pub use rows::{
    Alias, AuditRow, ContactRow, LogRequest, PastSession, PrefetchQuery, PrefetchResult, SessionRow,
    StartupEvents, StoredEntries, StoredEvent, UnparsedWebhook,
};
pub use sqlite::Sqlite;

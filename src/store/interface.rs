//! What the gateway needs of a store, whichever database it is.
//!
//! Owns: the [`Store`] trait. Must not: know SQL, or assume that the store is in this process.

use super::batch::{Batch, WriteReceipt};
use super::contact_card::{ContactLookup, ContactPage};
use super::error::StoreError;
use super::rows::{
    AuditRow, LogRequest, PastSession, PrefetchQuery, PrefetchResult, StartupEvents, StoredEntries,
    StoredEvent, UnparsedWebhook,
};
use crate::domain::{ContactId, InteractionId, Millis};
use futures_util::future::BoxFuture;

/// Where the gateway's event log and tables are stored.
pub trait Store: Send + Sync + 'static {
    /// Writes a batch, completely or not at all, and returns when it is on disk.
    fn append(&self, batch: Batch) -> BoxFuture<'_, Result<WriteReceipt, StoreError>>;
    /// The events that a start has to read first, with the operations since `since`.
    fn startup_events(&self, since: Millis) -> BoxFuture<'_, Result<StartupEvents, StoreError>>;
    /// Events after `after`, at most `limit`.
    fn events(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>>;
    /// Events of an interaction before a number, of some kinds, in order.
    fn events_of(
        &self,
        interaction: InteractionId,
        kinds: &'static [&'static str],
        before: u64,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>>;
    /// Appends rows to the audit; returns when they are on disk. Rows are never changed or removed.
    fn audit(&self, rows: Vec<AuditRow>) -> BoxFuture<'_, Result<(), StoreError>>;
    /// The rows of the audit after number `after` and not older than `since`, at most `limit`.
    fn audit_rows(
        &self,
        after: u64,
        since: Millis,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<AuditRow>, StoreError>>;
    /// The number of the last event written before `at`; 0 when there is none.
    fn seq_at(&self, at: Millis) -> BoxFuture<'_, Result<u64, StoreError>>;
    /// Webhooks that have not been parsed, oldest first, at most `limit`.
    fn unparsed(&self, limit: u32) -> BoxFuture<'_, Result<Vec<UnparsedWebhook>, StoreError>>;
    /// Reads the rows that a decision needs: few, by key, on the writing connection, so that it never waits for
    /// readers.
    fn prefetch(&self, wanted: PrefetchQuery) -> BoxFuture<'_, Result<PrefetchResult, StoreError>>;
    /// A part of the log of a session, open or over; `None` when there is no such session.
    fn session_log(&self, wanted: LogRequest) -> BoxFuture<'_, Result<Option<StoredEntries>, StoreError>>;
    /// Looks up contacts.
    fn look_up_contacts(&self, lookup: ContactLookup) -> BoxFuture<'_, Result<ContactPage, StoreError>>;
    /// The sessions of a contact that began from `since` to `until`, the newest first, at most 1000.
    fn history(
        &self,
        contact: ContactId,
        since: Option<Millis>,
        until: Option<Millis>,
    ) -> BoxFuture<'_, Result<Vec<PastSession>, StoreError>>;
}

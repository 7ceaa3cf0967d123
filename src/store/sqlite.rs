//! The store in SQLite, on separate threads.
//!
//! Owns: the connection, its thread, the files' modes and the lock of the folder.
//! Invariants: one thread touches the connection that writes; requests are done in order; one gateway has a
//! folder. A second thread has a connection that only reads.

use super::{
    AuditRow, Batch, ContactLookup, ContactPage, LogRequest, PastSession, PrefetchQuery, PrefetchResult,
    StartupEvents, Store, StoreError, StoredEntries, StoredEvent, UnparsedWebhook, WriteReceipt, contacts,
    read, schema, write,
};
use crate::domain::{ContactId, InteractionId, Millis};
use futures_util::future::BoxFuture;
use rusqlite::{Connection, OpenFlags};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The file in the folder.
const DATABASE: &str = "gateway.db";
/// How many requests wait for the thread. Overflow: the caller waits.
const JOBS: usize = 64;

/// A store in a folder. Dropping it ends the thread after the earlier requests.
#[derive(Clone, Debug)]
pub struct Sqlite {
    jobs: mpsc::Sender<Job>,
    /// The thread that only reads, for queries that may take long.
    reads: mpsc::Sender<Job>,
}

impl Sqlite {
    /// Opens the store in a folder and creates both if needed. Blocks; call it at the start only.
    ///
    /// # Errors
    /// When the folder cannot be used or another gateway has it, or the data cannot be read.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let lock = lock_dir(dir)?;
        Self::with(dir, Some(lock), |connection| {
            schema::migrate(connection)?;
            contacts::index_missing(connection).map_err(StoreError::from)
        })
    }

    /// Opens an existing store for reading only, whether or not a gateway has the folder.
    ///
    /// # Errors
    /// When there is nothing that can be read, or a version of this program other than this one wrote it.
    pub fn read_only(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        let mut connection = reader(&path)?;
        schema::check_version(&mut connection)?;
        Self::start(dir, None, connection, reader(&path)?)
    }

    /// Opens the store whether or not a gateway has the folder. `prepare` is passed `true` when no gateway has it.
    pub(super) fn on(
        dir: &Path,
        prepare: impl FnOnce(&mut Connection, bool) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let lock = match lock_dir(dir) {
            Ok(lock) => Some(lock),
            Err(StoreError::Locked(_)) => None,
            Err(error) => return Err(error),
        };
        let alone = lock.is_some();
        Self::with(dir, lock, |connection| prepare(connection, alone))
    }

    fn with(
        dir: &Path,
        lock: Option<File>,
        prepare: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        let mut connection = connect(&path)?;
        prepare(&mut connection)?;
        let reader = reader(&path)?;
        Self::start(dir, lock, connection, reader)
    }

    fn start(
        dir: &Path,
        lock: Option<File>,
        mut connection: Connection,
        mut reader: Connection,
    ) -> Result<Self, StoreError> {
        let broken =
            |error: std::io::Error| StoreError::Path { path: dir.to_owned(), reason: error.to_string() };
        let (reads, mut read_jobs) = mpsc::channel::<Job>(JOBS);
        let reader_thread = std::thread::Builder::new()
            .name("store-reads".to_owned())
            .spawn(move || {
                while let Some(job) = read_jobs.blocking_recv() {
                    job(&mut reader);
                }
            })
            .map_err(broken)?;
        let (jobs, mut write_jobs) = mpsc::channel::<Job>(JOBS);
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                while let Some(job) = write_jobs.blocking_recv() {
                    job(&mut connection);
                }
                // The lock is released last, when nothing can be read or written any more.
                let _ = reader_thread.join();
                drop(connection);
                drop(lock);
            })
            .map_err(broken)?;
        Ok(Self { jobs, reads })
    }

    /// Runs a job on the thread that writes, in order.
    pub(super) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        on(&self.jobs, job)
    }

    /// Runs a query that may take long, on the thread that reads. It sees everything that was committed before.
    pub(super) fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        on(&self.reads, job)
    }
}

fn on<T: Send + 'static>(
    thread: &mpsc::Sender<Job>,
    job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
) -> BoxFuture<'_, Result<T, StoreError>> {
    Box::pin(async move {
        let (answer, reply) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The job runs even if the caller is gone.
            let _ = answer.send(job(connection).map_err(StoreError::from));
        });
        thread.send(job).await.map_err(|_| StoreError::Stopped)?;
        reply.await.map_err(|_| StoreError::Stopped)?
    })
}

impl Store for Sqlite {
    fn append(&self, batch: Batch) -> BoxFuture<'_, Result<WriteReceipt, StoreError>> {
        self.run(move |connection| write::append(connection, &batch))
    }

    fn startup_events(&self, since: Millis) -> BoxFuture<'_, Result<StartupEvents, StoreError>> {
        self.run(move |connection| read::start(connection, since))
    }

    fn events(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        self.read(move |connection| read::events(connection, after, limit))
    }

    fn events_of(
        &self,
        interaction: InteractionId,
        kinds: &'static [&'static str],
        before: u64,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        self.read(move |connection| read::events_of(connection, &interaction, kinds, before))
    }

    fn audit(&self, rows: Vec<AuditRow>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |connection| write::audit(connection, &rows))
    }

    fn audit_rows(
        &self,
        after: u64,
        since: Millis,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<AuditRow>, StoreError>> {
        self.read(move |connection| read::audited(connection, after, since, limit))
    }

    fn seq_at(&self, at: Millis) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.read(move |connection| read::seq_at(connection, at))
    }

    fn unparsed(&self, limit: u32) -> BoxFuture<'_, Result<Vec<UnparsedWebhook>, StoreError>> {
        self.run(move |connection| read::unparsed(connection, limit))
    }

    fn prefetch(&self, wanted: PrefetchQuery) -> BoxFuture<'_, Result<PrefetchResult, StoreError>> {
        self.run(move |connection| read::find(connection, &wanted))
    }

    fn session_log(&self, wanted: LogRequest) -> BoxFuture<'_, Result<Option<StoredEntries>, StoreError>> {
        self.read(move |connection| read::log(connection, &wanted))
    }

    fn look_up_contacts(&self, lookup: ContactLookup) -> BoxFuture<'_, Result<ContactPage, StoreError>> {
        self.read(move |connection| contacts::look_up(connection, &lookup))
    }

    fn history(
        &self,
        contact: ContactId,
        since: Option<Millis>,
        until: Option<Millis>,
    ) -> BoxFuture<'_, Result<Vec<PastSession>, StoreError>> {
        self.read(move |connection| read::history(connection, &contact, since, until))
    }
}

/// Creates the folder, readable by its owner only, and takes its lock.
fn lock_dir(dir: &Path) -> Result<File, StoreError> {
    let unusable =
        |error: std::io::Error| StoreError::Path { path: dir.to_owned(), reason: error.to_string() };
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unusable)?;
    let lock = private(&dir.join("lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // SQLite gives its side files the mode of the main file, so the main file is created first.
    private(path).map_err(|error| StoreError::Path { path: path.to_owned(), reason: error.to_string() })?;
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// A second connection that cannot write.
fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

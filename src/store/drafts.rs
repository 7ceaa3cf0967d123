//! The console's drafts and unsent messages on disk, so that they outlive the console.
//!
//! Several consoles of one agent may run in one home directory. Each has a separate slot in the file, so that a message
//! sent from one does not delete the draft of another. A console that starts takes the lowest free slot and
//! the drafts of the other free slots. A slot is taken as long as its console holds a lock, which ends with the
//! process.
//!
//! One thread owns the file. Saving never blocks typing: saves that accumulate while the disk is busy become one,
//! since only the last text of a session counts.

use crate::domain::message::Visibility;
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Draft, PendingMessage, SendState};
use crate::domain::{InteractionId, Millis, OperationId};
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;
use tokio::sync::oneshot;

/// Why drafts cannot be saved.
#[derive(Debug, Error)]
pub enum DraftError {
    /// SQLite reports an error.
    #[error("drafts cannot be kept on disk: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be created.
    #[error("drafts cannot be kept on disk: {0}")]
    File(#[from] std::io::Error),
    /// The thread has ended.
    #[error("drafts cannot be kept on disk: their thread has ended")]
    Ended,
}

/// The data that an earlier run saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedDrafts {
    /// Drafts by session.
    pub drafts: Vec<(InteractionId, Draft)>,
    /// Messages that the server may or may not have received, oldest first.
    pub unsent: Vec<(InteractionId, PendingMessage)>,
    /// Files that are attached to drafts.
    pub files: Vec<(InteractionId, Vec<Enclosure>)>,
    /// Sessions, each with the index of the last entry that was viewed.
    pub seen: Vec<(InteractionId, u64)>,
    /// The session that was viewed last.
    pub last: Option<InteractionId>,
}

/// Changes that are not on disk yet. Bounded by the open sessions and by the messages that one person sends while
/// the disk is busy.
#[derive(Debug, Default)]
struct PendingWrites {
    drafts: HashMap<InteractionId, Draft>,
    files: HashMap<InteractionId, Vec<Enclosure>>,
    unsent: HashMap<OperationId, Option<(InteractionId, PendingMessage)>>,
    seen: HashMap<InteractionId, u64>,
    /// The last of them.
    last: Option<InteractionId>,
}

enum DraftCommand {
    /// Write the changes.
    Write,
    /// Read everything.
    Load(oneshot::Sender<Result<SavedDrafts, DraftError>>),
    /// Write the remaining changes and end the thread.
    Close(oneshot::Sender<()>),
}

/// A handle to the drafts of one agent at one server.
#[derive(Clone, Debug)]
pub struct Drafts {
    changed: Arc<Mutex<PendingWrites>>,
    // Overflow: the command is dropped. One `Write` writes every change, and a full channel contains one already.
    orders: SyncSender<DraftCommand>,
    /// Holds the slot of this console. `None` where the file system has no locks.
    _place: Option<Arc<File>>,
}

/// The most consoles of one home directory that have separate drafts.
const PLACES: usize = 64;
/// For how many sessions the last viewed entry is stored. More than an agent has in a shift.
const SEEN: i64 = 500;

/// Locks a slot by a file beside the drafts. `None` when the slot is taken.
fn lock(db: &Path, place: usize) -> std::io::Result<Option<File>> {
    let path = db.with_extension(format!("{place}.lock"));
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The owner of the rows of a slot. The first slot has the name of earlier versions, which had only one.
fn owner_at(owner: &str, place: usize) -> String {
    if place == 0 { owner.to_owned() } else { format!("{owner}\n{place}") }
}

/// Takes the lowest free slot.
fn take_place(path: &Path) -> (usize, Option<File>) {
    for place in 0..PLACES {
        match lock(path, place) {
            Ok(Some(file)) => return (place, Some(file)),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "consoles of one home directory cannot be distinguished");
                return (0, None);
            }
        }
    }
    (PLACES, None)
}

/// Moves the data of consoles that have ended from their slots to this one. Two drafts of one session are joined.
fn take_over(db: &Connection, path: &Path, owner: &str, place: usize) -> Result<(), DraftError> {
    let mine = owner_at(owner, place);
    for other in (0..PLACES).filter(|other| *other != place) {
        let theirs = owner_at(owner, other);
        let sql = "SELECT EXISTS (SELECT 1 FROM draft WHERE owner = ?1) OR EXISTS (SELECT 1 FROM unsent WHERE owner = ?1)
                       OR EXISTS (SELECT 1 FROM enclosure WHERE owner = ?1)";
        if !db.query_row(sql, [&theirs], |row| row.get::<_, bool>(0))? {
            continue;
        }
        // Locked until its drafts are moved, so that no other console takes the slot meanwhile.
        let Some(_held) = lock(path, other)? else { continue };
        let transaction = db.unchecked_transaction()?;
        transaction.execute(
            "INSERT INTO draft (owner, session, text, internal)
                 SELECT ?1, session, text, internal FROM draft WHERE owner = ?2
                 ON CONFLICT (owner, session) DO UPDATE SET
                     text = CASE WHEN text = excluded.text THEN text ELSE text || char(10) || excluded.text END,
                     internal = max(internal, excluded.internal)",
            params![mine, theirs],
        )?;
        transaction.execute("DELETE FROM draft WHERE owner = ?1", [&theirs])?;
        for table in ["unsent", "enclosure"] {
            transaction.execute(
                &format!("UPDATE OR IGNORE {table} SET owner = ?1 WHERE owner = ?2"),
                params![mine, theirs],
            )?;
            transaction.execute(&format!("DELETE FROM {table} WHERE owner = ?1"), [&theirs])?;
        }
        transaction.commit()?;
    }
    Ok(())
}

impl Drafts {
    /// Opens the file, for one agent at one server.
    ///
    /// # Errors
    /// When the file cannot be created or is no database.
    pub fn open(path: &Path, server: &str, user: &str) -> Result<Self, DraftError> {
        // Created before SQLite does it, so that it is never readable by others.
        OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        let db = Connection::open(path)?;
        db.busy_timeout(std::time::Duration::from_secs(2))?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE IF NOT EXISTS draft (
                 owner TEXT NOT NULL, session TEXT NOT NULL, text TEXT NOT NULL,
                 internal INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (owner, session)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS unsent (
                 owner TEXT NOT NULL, operation TEXT NOT NULL, session TEXT NOT NULL, text TEXT NOT NULL,
                 at INTEGER NOT NULL, internal INTEGER NOT NULL DEFAULT 0,
                 PRIMARY KEY (owner, operation)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS enclosure (
                 owner TEXT NOT NULL, name TEXT NOT NULL, files TEXT NOT NULL,
                 PRIMARY KEY (owner, name)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS seen (
                 owner TEXT NOT NULL, session TEXT NOT NULL, entry INTEGER NOT NULL, turn INTEGER NOT NULL,
                 PRIMARY KEY (owner, session)) WITHOUT ROWID;",
        )?;
        for (table, column) in [("draft", "internal"), ("unsent", "internal"), ("unsent", "held")] {
            column_of(&db, table, column)?;
        }
        let agent = format!("{user}\n{server}");
        let (place, held) = take_place(path);
        if held.is_some() {
            take_over(&db, path, &agent, place)?;
        }
        let owner = owner_at(&agent, place);
        let changed = Arc::new(Mutex::new(PendingWrites::default()));
        let (orders, receiver) = sync_channel(4);
        let mine = Arc::clone(&changed);
        std::thread::Builder::new()
            .name("drafts".to_owned())
            .spawn(move || serve(&db, &Owner { agent, place: owner }, &mine, &receiver))?;
        Ok(Self { changed, orders, _place: held.map(Arc::new) })
    }

    /// Saves the draft of a session; an empty one is removed. Does not wait.
    pub fn save(&self, session: InteractionId, draft: Draft) {
        self.change(|changes| {
            changes.drafts.insert(session, draft);
        });
    }

    /// Saves that this session was viewed last, up to an entry. Does not wait.
    pub fn mark_viewed(&self, session: InteractionId, entry: u64) {
        self.change(|changes| {
            changes.seen.insert(session.clone(), entry);
            changes.last = Some(session);
        });
    }

    /// Saves the files of a draft; an empty list removes them. Does not wait.
    pub fn save_files(&self, session: InteractionId, files: Vec<Enclosure>) {
        self.change(|changes| {
            changes.files.insert(session, files);
        });
    }

    /// Saves a message until [`Self::remove_message`]. Does not wait.
    pub fn save_message(&self, session: InteractionId, message: PendingMessage) {
        self.change(|changes| {
            changes.unsent.insert(message.operation.clone(), Some((session, message)));
        });
    }

    /// Removes a message: the server has it, or it was withdrawn. Does not wait.
    pub fn remove_message(&self, operation: OperationId) {
        self.change(|changes| {
            changes.unsent.insert(operation, None);
        });
    }

    fn change(&self, change: impl FnOnce(&mut PendingWrites)) {
        change(&mut self.changed.lock().unwrap_or_else(PoisonError::into_inner));
        match self.orders.try_send(DraftCommand::Write) {
            Ok(()) | Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Disconnected(_)) => tracing::warn!("drafts are not kept any more"),
        }
    }

    /// Reads what an earlier run saved.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn load(&self) -> Result<SavedDrafts, DraftError> {
        let (answer, reply) = oneshot::channel();
        let orders = self.orders.clone();
        let sent = tokio::task::spawn_blocking(move || orders.send(DraftCommand::Load(answer)).is_ok()).await;
        if !sent.unwrap_or(false) {
            return Err(DraftError::Ended);
        }
        reply.await.map_err(|_| DraftError::Ended)?
    }

    /// Writes the remaining changes and ends the thread.
    pub async fn close(self) {
        let (answer, reply) = oneshot::channel();
        let orders = self.orders.clone();
        let sent =
            tokio::task::spawn_blocking(move || orders.send(DraftCommand::Close(answer)).is_ok()).await;
        if sent.unwrap_or(false) {
            let _ = reply.await;
        }
    }
}

/// Adds a column that a file of an earlier version lacks. Its messages were all for customers, and none was held.
fn column_of(db: &Connection, table: &str, column: &str) -> Result<(), rusqlite::Error> {
    let sql = "SELECT COUNT(*) FROM pragma_table_info(?1) WHERE name = ?2";
    let known: i64 = db.query_row(sql, [table, column], |row| row.get(0))?;
    if known == 0 {
        db.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0"))?;
    }
    Ok(())
}

/// A message that is not for the customer is for colleagues.
const fn reader(internal: bool) -> Visibility {
    if internal { Visibility::Agent } else { Visibility::All }
}

/// The owner of rows.
struct Owner {
    /// The agent at the server: what was viewed is shared by all consoles of the agent.
    agent: String,
    /// This console of the agent.
    place: String,
}

fn serve(db: &Connection, owner: &Owner, changed: &Mutex<PendingWrites>, orders: &Receiver<DraftCommand>) {
    while let Ok(order) = orders.recv() {
        let due = std::mem::take(&mut *changed.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(error) = write(db, owner, &due) {
            tracing::warn!(%error, "a draft was not kept");
        }
        match order {
            DraftCommand::Write => {}
            DraftCommand::Load(answer) => {
                let _ = answer.send(load(db, owner));
            }
            DraftCommand::Close(answer) => {
                let _ = answer.send(());
                return;
            }
        }
    }
}

fn write(db: &Connection, owner: &Owner, due: &PendingWrites) -> Result<(), rusqlite::Error> {
    if due.drafts.is_empty() && due.unsent.is_empty() && due.files.is_empty() && due.seen.is_empty() {
        return Ok(());
    }
    let transaction = db.unchecked_transaction()?;
    write_seen(&transaction, &owner.agent, due)?;
    let owner = owner.place.as_str();
    for (session, draft) in &due.drafts {
        if draft.text.is_empty() {
            transaction.execute(
                "DELETE FROM draft WHERE owner = ?1 AND session = ?2",
                params![owner, session.as_str()],
            )?;
        } else {
            transaction.execute(
                "INSERT OR REPLACE INTO draft (owner, session, text, internal) VALUES (?1, ?2, ?3, ?4)",
                params![owner, session.as_str(), draft.text, draft.to != Visibility::All],
            )?;
        }
    }
    for (session, files) in &due.files {
        keep_files(&transaction, owner, &format!("draft {session}"), files)?;
    }
    for (operation, message) in &due.unsent {
        let file = message.iter().filter_map(|(_, message)| message.file.clone()).collect::<Vec<_>>();
        keep_files(&transaction, owner, &format!("unsent {operation}"), &file)?;
        match message {
            None => transaction.execute(
                "DELETE FROM unsent WHERE owner = ?1 AND operation = ?2",
                params![owner, operation.as_str()],
            )?,
            Some((session, message)) => transaction.execute(
                "INSERT OR REPLACE INTO unsent (owner, operation, session, text, at, held, internal)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    owner,
                    operation.as_str(),
                    session.as_str(),
                    message.text,
                    message.at.0,
                    matches!(message.state, SendState::Held { .. }),
                    message.to != Visibility::All
                ],
            )?,
        };
    }
    transaction.commit()
}

fn write_seen(db: &Connection, agent: &str, due: &PendingWrites) -> Result<(), rusqlite::Error> {
    let last = due.last.iter().filter_map(|id| due.seen.get(id).map(|entry| (id, entry)));
    let others = due.seen.iter().filter(|(id, _)| Some(*id) != due.last.as_ref());
    for (session, entry) in others.chain(last) {
        db.execute(
            "INSERT INTO seen (owner, session, entry, turn)
                 VALUES (?1, ?2, ?3, (SELECT COALESCE(MAX(turn), 0) + 1 FROM seen WHERE owner = ?1))
                 ON CONFLICT (owner, session) DO UPDATE SET
                     entry = max(entry, excluded.entry), turn = excluded.turn",
            params![agent, session.as_str(), i64::try_from(*entry).unwrap_or(i64::MAX)],
        )?;
    }
    let sql =
        "DELETE FROM seen WHERE owner = ?1 AND turn <= (SELECT MAX(turn) FROM seen WHERE owner = ?1) - ?2";
    db.execute(sql, params![agent, SEEN]).map(drop)
}

/// Saves files under a name; an empty list removes them.
fn keep_files(db: &Connection, owner: &str, name: &str, files: &[Enclosure]) -> Result<(), rusqlite::Error> {
    if files.is_empty() {
        let sql = "DELETE FROM enclosure WHERE owner = ?1 AND name = ?2";
        return db.execute(sql, params![owner, name]).map(drop);
    }
    let text = serde_json::to_string(files)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let sql = "INSERT OR REPLACE INTO enclosure (owner, name, files) VALUES (?1, ?2, ?3)";
    db.execute(sql, params![owner, name, text]).map(drop)
}

fn load(db: &Connection, owner: &Owner) -> Result<SavedDrafts, DraftError> {
    let mut statement = db.prepare("SELECT session, entry FROM seen WHERE owner = ?1 ORDER BY turn")?;
    let seen = statement.query_map([&owner.agent], |row| {
        Ok((InteractionId::from(row.get::<_, String>(0)?), u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0)))
    })?;
    let seen: Vec<(InteractionId, u64)> = seen.collect::<Result<_, _>>()?;
    let last = seen.last().map(|(id, _)| id.clone());
    let owner = owner.place.as_str();
    let mut statement =
        db.prepare("SELECT session, text, internal FROM draft WHERE owner = ?1 ORDER BY session")?;
    let drafts = statement.query_map([owner], |row| {
        let draft = Draft { text: row.get(1)?, to: reader(row.get(2)?) };
        Ok((InteractionId::from(row.get::<_, String>(0)?), draft))
    })?;
    let mut statement = db.prepare(
        "SELECT session, operation, text, at, held, internal FROM unsent WHERE owner = ?1 ORDER BY at, operation",
    )?;
    let unsent = statement.query_map([owner], |row| {
        let at = Millis(row.get(3)?);
        let held = row.get(4)?;
        let message = PendingMessage {
            operation: OperationId::from(row.get::<_, String>(1)?),
            text: row.get(2)?,
            to: reader(row.get(5)?),
            at,
            state: if held { SendState::Held { due: at, left: 0 } } else { SendState::Unknown },
            file: None,
        };
        Ok((InteractionId::from(row.get::<_, String>(0)?), message))
    })?;
    let drafts = drafts.collect::<Result<_, _>>()?;
    let mut unsent: Vec<(InteractionId, PendingMessage)> = unsent.collect::<Result<_, _>>()?;
    let mut statement = db.prepare("SELECT name, files FROM enclosure WHERE owner = ?1 ORDER BY name")?;
    let kept =
        statement.query_map([owner], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut files = Vec::new();
    for row in kept {
        let (name, text) = row?;
        let read: Vec<Enclosure> = serde_json::from_str(&text).unwrap_or_default();
        if let Some(session) = name.strip_prefix("draft ") {
            files.push((InteractionId::from(session), read));
        } else if let Some(operation) = name.strip_prefix("unsent ")
            && let Some((_, message)) = unsent.iter_mut().find(|(_, m)| m.operation.as_str() == operation)
        {
            message.file = read.into_iter().next();
        }
    }
    Ok(SavedDrafts { drafts, unsent, files, seen, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn drafts_outlive_their_console_and_belong_to_one_agent() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let drafts = Drafts::open(&path, "http://a", "ana").unwrap();
        let draft = |text: &str, to| Draft { text: text.into(), to };
        drafts.save("i1".into(), draft("Su pedido 👨‍👩‍👧", Visibility::Agent));
        drafts.save("i2".into(), draft("gone", Visibility::All));
        drafts.save("i2".into(), Draft::default());
        drafts.close().await;
        let again = Drafts::open(&path, "http://a", "ana").unwrap();
        assert_eq!(
            again.load().await.unwrap().drafts,
            [("i1".into(), draft("Su pedido 👨‍👩‍👧", Visibility::Agent))]
        );
        let other = Drafts::open(&path, "http://a", "kim").unwrap();
        assert_eq!(other.load().await.unwrap(), SavedDrafts::default());
    }

    fn draft(text: &str) -> Draft {
        Draft { text: text.into(), to: Visibility::All }
    }

    #[tokio::test]
    async fn a_draft_is_cleared_by_its_own_console_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let first = Drafts::open(&path, "http://a", "ana").unwrap();
        let second = Drafts::open(&path, "http://a", "ana").unwrap();
        first.save("i1".into(), draft("of the first"));
        second.save("i1".into(), draft("of the second"));
        first.save("i1".into(), Draft::default());
        first.close().await;
        // The second console is still running, so one that starts now leaves its draft alone.
        let third = Drafts::open(&path, "http://a", "ana").unwrap();
        assert_eq!(third.load().await.unwrap().drafts, []);
        assert_eq!(second.load().await.unwrap().drafts, [("i1".into(), draft("of the second"))]);
        third.close().await;
        second.close().await;
        // The next console to start takes it over.
        let next = Drafts::open(&path, "http://a", "ana").unwrap();
        assert_eq!(next.load().await.unwrap().drafts, [("i1".into(), draft("of the second"))]);
    }

    #[tokio::test]
    async fn drafts_of_two_ended_consoles_are_both_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let first = Drafts::open(&path, "http://a", "ana").unwrap();
        let second = Drafts::open(&path, "http://a", "ana").unwrap();
        for (console, text) in [(&first, "one"), (&second, "two")] {
            console.save("i1".into(), draft(text));
            console.save("i2".into(), draft("the same"));
        }
        second.save("i3".into(), draft("alone"));
        first.close().await;
        second.close().await;
        let next = Drafts::open(&path, "http://a", "ana").unwrap();
        let expected = [("i1", "one\ntwo"), ("i2", "the same"), ("i3", "alone")];
        let expected = expected.map(|(id, text)| (InteractionId::from(id), draft(text)));
        assert_eq!(next.load().await.unwrap().drafts, expected);
        next.close().await;
        let again = Drafts::open(&path, "http://a", "ana").unwrap();
        assert_eq!(again.load().await.unwrap().drafts, expected, "taken over once");
    }

    #[tokio::test]
    async fn what_was_viewed_outlives_the_console() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let drafts = Drafts::open(&path, "http://a", "ana").unwrap();
        for (session, entry) in [("i1", 4), ("i2", 9), ("i1", 6), ("i2", 3)] {
            drafts.mark_viewed(session.into(), entry);
        }
        drafts.mark_viewed("i1".into(), 6);
        drafts.close().await;
        let kept = Drafts::open(&path, "http://a", "ana").unwrap().load().await.unwrap();
        assert_eq!(kept.last, Some("i1".into()));
        let seen: HashMap<_, _> = kept.seen.into_iter().collect();
        assert_eq!(seen.get(&InteractionId::from("i1")), Some(&6));
        assert!(seen.contains_key(&InteractionId::from("i2")));
    }

    #[tokio::test]
    async fn a_message_that_was_held_is_marked_as_not_sent() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let message = |operation: &str, state| PendingMessage {
            file: None,
            operation: operation.into(),
            text: "text".to_owned(),
            to: Visibility::All,
            at: Millis(7),
            state,
        };
        let held = SendState::Held { due: Millis(9), left: 1 };
        let drafts = Drafts::open(&path, "http://a", "ana").unwrap();
        drafts.save_message("i1".into(), message("d-1", held.clone()));
        drafts.save_message("i1".into(), message("d-2", held));
        drafts.save_message("i1".into(), message("d-2", SendState::Sending));
        drafts.close().await;
        let kept = Drafts::open(&path, "http://a", "ana").unwrap().load().await.unwrap();
        let held: Vec<bool> =
            kept.unsent.iter().map(|(_, m)| matches!(m.state, SendState::Held { .. })).collect();
        assert_eq!(held, [true, false]);
    }

    #[tokio::test]
    async fn a_file_of_an_earlier_version_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(
            "CREATE TABLE unsent (owner TEXT NOT NULL, operation TEXT NOT NULL, session TEXT NOT NULL,
                 text TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (owner, operation)) WITHOUT ROWID;
             INSERT INTO unsent VALUES ('ana' || char(10) || 'http://a', 'd-1', 'i1', 'words', 5);",
        )
        .unwrap();
        drop(old);
        let kept = Drafts::open(&path, "http://a", "ana").unwrap().load().await.unwrap();
        assert_eq!(kept.unsent.first().map(|(_, m)| m.state.clone()), Some(SendState::Unknown));
    }

    #[tokio::test]
    async fn unsent_messages_are_loaded_in_order_until_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let message = |operation: &str, at| PendingMessage {
            operation: operation.into(),
            text: format!("text of {operation}"),
            file: None,
            at: Millis(at),
            to: if at == 10 { Visibility::Agent } else { Visibility::All },
            state: SendState::Queued,
        };
        let drafts = Drafts::open(&path, "http://a", "ana").unwrap();
        for (operation, at) in [("d-3", 30), ("d-1", 10), ("d-2", 20)] {
            drafts.save_message("i1".into(), message(operation, at));
        }
        drafts.remove_message("d-2".into());
        drafts.close().await;
        let kept = Drafts::open(&path, "http://a", "ana").unwrap().load().await.unwrap();
        let names: Vec<_> =
            kept.unsent.iter().map(|(_, m)| (m.operation.as_str(), m.to, m.state.clone())).collect();
        let unknown = SendState::Unknown;
        assert_eq!(names, [("d-1", Visibility::Agent, unknown.clone()), ("d-3", Visibility::All, unknown)]);
    }

    #[tokio::test]
    async fn a_file_of_an_earlier_version_was_all_for_customers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch(
                "CREATE TABLE draft (owner TEXT NOT NULL, session TEXT NOT NULL, text TEXT NOT NULL,
                    PRIMARY KEY (owner, session)) WITHOUT ROWID;
                 CREATE TABLE unsent (owner TEXT NOT NULL, operation TEXT NOT NULL, session TEXT NOT NULL,
                    text TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (owner, operation)) WITHOUT ROWID;
                 INSERT INTO draft VALUES ('ana' || char(10) || 'http://a', 'i1', 'hola');
                 INSERT INTO unsent VALUES ('ana' || char(10) || 'http://a', 'd-1', 'i1', 'sale hoy', 7);",
            )
            .unwrap();
        for _ in 0..2 {
            let kept = Drafts::open(&path, "http://a", "ana").unwrap().load().await.unwrap();
            assert_eq!(kept.drafts, [("i1".into(), Draft { text: "hola".into(), to: Visibility::All })]);
            assert_eq!(kept.unsent.first().unwrap().1.to, Visibility::All);
        }
    }

    #[tokio::test]
    async fn files_are_loaded_with_their_draft_and_message() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.db");
        let file = |name: &str| {
            let mut one = Enclosure { response: "r".into(), ..Enclosure::default() };
            one.file.name = name.into();
            one
        };
        let drafts = Drafts::open(&path, "http://a", "ana").unwrap();
        drafts.save_files("i1".into(), vec![file("a.pdf"), file("b.jpg")]);
        drafts.save_files("i2".into(), vec![file("gone.pdf")]);
        drafts.save_files("i2".into(), Vec::new());
        for (operation, file) in
            [("d-1", Some(file("sent.pdf"))), ("d-2", Some(file("done.pdf"))), ("d-3", None)]
        {
            let (text, at, state) = ("x".to_owned(), Millis(1), SendState::Queued);
            drafts.save_message(
                "i1".into(),
                PendingMessage { operation: operation.into(), text, file, to: Visibility::All, at, state },
            );
        }
        drafts.remove_message("d-2".into());
        drafts.close().await;
        let kept = Drafts::open(&path, "http://a", "ana").unwrap().load().await.unwrap();
        assert_eq!(kept.files, [("i1".into(), vec![file("a.pdf"), file("b.jpg")])]);
        let files: Vec<_> = kept.unsent.iter().map(|(_, m)| m.file.clone()).collect();
        assert_eq!(files, [Some(file("sent.pdf")), None]);
    }
}

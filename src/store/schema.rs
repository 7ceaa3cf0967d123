//! The tables, and the migration from older versions.

use super::StoreError;
use rusqlite::Connection;

/// Each step migrates the data from the version before to its own, which is its position in the list, from 1.
/// A released step never changes.
const STEPS: &[&str] = &[
    "
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    interaction TEXT,
    body TEXT NOT NULL
);
CREATE INDEX event_of_interaction ON event (interaction, seq) WHERE interaction IS NOT NULL;
CREATE INDEX event_operation ON event (at) WHERE kind = 'operation_done';
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    parsed INTEGER NOT NULL DEFAULT 0,
    raw BLOB NOT NULL
);
CREATE INDEX webhook_unparsed ON webhook (id) WHERE parsed = 0;
CREATE TABLE contact (
    id TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    profile_name TEXT,
    username TEXT,
    first_name TEXT,
    last_name TEXT,
    served_by TEXT,
    served_at INTEGER
) WITHOUT ROWID;
CREATE TABLE alias (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    contact TEXT NOT NULL REFERENCES contact (id),
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE INDEX alias_of_contact ON alias (contact);
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL,
    phone_number_id TEXT NOT NULL,
    queue TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    live INTEGER NOT NULL DEFAULT 1,
    last_index INTEGER NOT NULL DEFAULT 0,
    user_data TEXT,
    comment TEXT
) WITHOUT ROWID;
CREATE INDEX session_of_contact ON session (contact, started);
CREATE INDEX session_live ON session (id) WHERE live = 1;
CREATE TABLE message (
    interaction TEXT NOT NULL,
    idx INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (interaction, idx)
) WITHOUT ROWID;
CREATE TABLE mark (
    key TEXT PRIMARY KEY,
    interaction TEXT,
    idx INTEGER
) WITHOUT ROWID;
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('checkpoint', 0);
",
    TARGETS,
    "
ALTER TABLE contact ADD COLUMN owner TEXT;
ALTER TABLE contact ADD COLUMN merged_into TEXT;
ALTER TABLE contact ADD COLUMN home TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE contact ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN changed_by TEXT;
ALTER TABLE contact ADD COLUMN changed_at INTEGER;
UPDATE contact SET home = id;
CREATE INDEX contact_of_home ON contact (home);
CREATE INDEX contact_listed ON contact (sort_key, id) WHERE listed = 1;
CREATE INDEX contact_unindexed ON contact (id) WHERE indexed = 0;
CREATE TABLE contact_attribute (
    contact TEXT NOT NULL REFERENCES contact (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    value TEXT NOT NULL,
    description TEXT NOT NULL,
    is_primary INTEGER NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (contact, name, position)
) WITHOUT ROWID;
CREATE TABLE contact_word (
    word TEXT NOT NULL,
    name TEXT NOT NULL,
    contact TEXT NOT NULL REFERENCES contact (id),
    PRIMARY KEY (word, name, contact)
) WITHOUT ROWID;
CREATE INDEX contact_word_of_name ON contact_word (name, word, contact);
CREATE INDEX contact_word_of_contact ON contact_word (contact);
CREATE TABLE contact_merge (
    into_contact TEXT NOT NULL REFERENCES contact (id),
    from_contact TEXT NOT NULL REFERENCES contact (id),
    before TEXT NOT NULL,
    added TEXT NOT NULL,
    at INTEGER NOT NULL,
    by TEXT NOT NULL
);
CREATE INDEX contact_merge_of ON contact_merge (into_contact);
",
    "
ALTER TABLE session ADD COLUMN media TEXT;
ALTER TABLE session ADD COLUMN outbound INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN subject TEXT;
ALTER TABLE contact ADD COLUMN heard_at INTEGER;
",
    RESPONSES,
    "
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    act TEXT NOT NULL,
    interaction TEXT,
    outcome TEXT NOT NULL
);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
",
    // The folding of text has changed: contacts are indexed again when the store is opened.
    "
UPDATE contact SET indexed = 0;
",
];

/// Favourite and recent targets.
const TARGETS: &str = "
CREATE TABLE target_favourite (
    employee TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (employee, kind, id)
) WITHOUT ROWID;
CREATE TABLE target_recent (
    employee TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (employee, kind, id)
) WITHOUT ROWID;
";

/// Standard responses.
const RESPONSES: &str = "
CREATE TABLE response_category (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    description TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE response (
    id TEXT PRIMARY KEY,
    category TEXT NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE response_document (
    id TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
);
CREATE TABLE response_favorite (
    employee TEXT NOT NULL,
    response TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (employee, response)
) WITHOUT ROWID;
CREATE TABLE response_usage (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    employee TEXT NOT NULL,
    operation TEXT NOT NULL,
    interaction TEXT NOT NULL,
    response TEXT NOT NULL,
    kind TEXT NOT NULL,
    UNIQUE (employee, operation)
);
INSERT INTO meta (name, value) VALUES ('responses', 0);
";

/// Checks that the tables are of this version, without changing them.
pub(super) fn check_version(connection: &mut Connection) -> Result<(), StoreError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found: i64 =
        connection.query_row("SELECT COALESCE(MAX(version), 0) FROM migration", [], |row| row.get(0))?;
    match found {
        found if found == known => Ok(()),
        found if found > known => Err(StoreError::Newer { found, known }),
        found => Err(StoreError::Older { found, known }),
    }
}

/// Migrates the tables to the newest version, each step in a separate transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY) WITHOUT ROWID")?;
    let found: i64 =
        connection.query_row("SELECT COALESCE(MAX(version), 0) FROM migration", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, step) in (1_i64..).zip(STEPS).filter(|(version, _)| *version > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.execute("INSERT INTO migration (version) VALUES (?1)", [version])?;
        transaction.commit()?;
    }
    Ok(())
}

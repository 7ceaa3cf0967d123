//! Standard responses on disk: the library, its files, the favourites of agents, and the record of uses.
//!
//! Must not: decide who may see what. Invariants: a library is replaced in one transaction, after its files;
//! a file is named by the hash of its content and never changes. An import may run beside a gateway.

use super::schema;
use super::{Sqlite, StoreError};
use crate::domain::response::{Category, StandardResponse};
use crate::domain::{EmployeeId, InteractionId, Millis, OperationId};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// All responses and their categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseLibrary {
    /// Parents precede their children.
    pub categories: Vec<Category>,
    /// Responses, by name.
    pub responses: Vec<StandardResponse>,
}

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Responses that are new.
    pub added: usize,
    /// Responses that existed and have changed.
    pub updated: usize,
    /// Responses that are unchanged.
    pub same: usize,
    /// Responses that were removed.
    pub removed: usize,
}

/// A use of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseUse {
    pub at: Millis,
    pub employee: EmployeeId,
    pub interaction: InteractionId,
    pub response: String,
    /// How it was used, as the API names it.
    pub kind: String,
    /// The operation that reported it: a repeat counts once.
    pub operation: OperationId,
}

/// Where the library is stored.
pub trait ResponseStore: fmt::Debug + Send + Sync + 'static {
    /// A number that goes up with every change of the library.
    fn version(&self) -> BoxFuture<'_, Result<i64, StoreError>>;
    /// Reads the whole library.
    fn load(&self) -> BoxFuture<'_, Result<ResponseLibrary, StoreError>>;
    /// The favourites of an agent, the oldest first.
    fn favorites(&self, employee: EmployeeId) -> BoxFuture<'_, Result<Vec<String>, StoreError>>;
    /// Adds or removes a favourite.
    fn set_favorite(
        &self,
        employee: EmployeeId,
        response: String,
        on: bool,
        at: Millis,
    ) -> BoxFuture<'_, Result<(), StoreError>>;
    /// Removes all favourites of an agent.
    fn clear_favorites(&self, employee: EmployeeId) -> BoxFuture<'_, Result<(), StoreError>>;
    /// Records a use.
    fn record_use(&self, used: ResponseUse) -> BoxFuture<'_, Result<(), StoreError>>;
    /// Reads a file.
    fn document(&self, id: String) -> BoxFuture<'_, Result<Option<Bytes>, StoreError>>;
    /// Stores a file.
    fn put_document(&self, id: String, bytes: Bytes) -> BoxFuture<'_, Result<(), StoreError>>;
    /// Adds to the library, or replaces it. Its files are stored before, by [`ResponseStore::put_document`]. With `dry`
    /// nothing is changed, only counted.
    fn import(
        &self,
        shelf: ResponseLibrary,
        replace: bool,
        dry: bool,
    ) -> BoxFuture<'_, Result<ImportCounts, StoreError>>;
}

impl Sqlite {
    /// Opens the data of a folder beside a gateway that may be running on it. For writing to the library and
    /// for reading the rest only: the tables of sessions have one writer.
    ///
    /// # Errors
    /// When the folder cannot be used, or a gateway of another version has it.
    pub fn open_shared(dir: &Path) -> Result<Self, StoreError> {
        Self::on(
            dir,
            |connection, alone| {
                if alone { schema::migrate(connection) } else { schema::check_version(connection) }
            },
        )
    }
}

impl ResponseStore for Sqlite {
    fn version(&self) -> BoxFuture<'_, Result<i64, StoreError>> {
        self.run(|connection| {
            connection.query_row("SELECT value FROM meta WHERE name = 'responses'", [], |row| row.get(0))
        })
    }

    fn load(&self) -> BoxFuture<'_, Result<ResponseLibrary, StoreError>> {
        self.run(|connection| shelf(connection))
    }

    fn favorites(&self, employee: EmployeeId) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "SELECT response FROM response_favorite WHERE employee = ?1 ORDER BY at, response",
                )?
                .query_map([employee.as_str()], |row| row.get(0))?
                .collect()
        })
    }

    fn set_favorite(
        &self,
        employee: EmployeeId,
        response: String,
        on: bool,
        at: Millis,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |connection| {
            let sql = if on {
                "INSERT INTO response_favorite (employee, response, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
            } else {
                "DELETE FROM response_favorite WHERE employee = ?1 AND response = ?2 AND ?3 IS NOT NULL"
            };
            connection.prepare_cached(sql)?.execute(params![employee.as_str(), response, at.0]).map(drop)
        })
    }

    fn clear_favorites(&self, employee: EmployeeId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |connection| {
            let sql = "DELETE FROM response_favorite WHERE employee = ?1";
            connection.prepare_cached(sql)?.execute([employee.as_str()]).map(drop)
        })
    }

    fn record_use(&self, used: ResponseUse) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO response_usage (at, employee, operation, interaction, response, kind)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    used.at.0,
                    used.employee.as_str(),
                    used.operation.as_str(),
                    used.interaction.as_str(),
                    used.response,
                    used.kind
                ])
                .map(drop)
        })
    }

    fn document(&self, id: String) -> BoxFuture<'_, Result<Option<Bytes>, StoreError>> {
        self.run(move |connection| {
            connection
                .prepare_cached("SELECT bytes FROM response_document WHERE id = ?1")?
                .query_row([id], |row| row.get::<_, Vec<u8>>(0))
                .optional()
                .map(|found| found.map(Bytes::from))
        })
    }

    fn put_document(&self, id: String, bytes: Bytes) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO response_document (id, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute(params![id, bytes.as_ref()])
                .map(drop)
        })
    }

    fn import(
        &self,
        new: ResponseLibrary,
        replace: bool,
        dry: bool,
    ) -> BoxFuture<'_, Result<ImportCounts, StoreError>> {
        self.run(move |connection| put(connection, &new, replace, dry))
    }
}

fn shelf(connection: &Connection) -> rusqlite::Result<ResponseLibrary> {
    let categories: rusqlite::Result<Vec<Category>> = connection
        .prepare_cached("SELECT id, path, language, description FROM response_category ORDER BY path")?
        .query_map([], |row| {
            Ok(Category {
                id: row.get(0)?,
                path: row.get(1)?,
                language: row.get(2)?,
                description: row.get(3)?,
            })
        })?
        .collect();
    let bodies: rusqlite::Result<Vec<String>> = connection
        .prepare_cached("SELECT body FROM response ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect();
    let mut responses: Vec<StandardResponse> =
        bodies?.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
    responses.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
    Ok(ResponseLibrary { categories: categories?, responses })
}

fn put(
    connection: &mut Connection,
    new: &ResponseLibrary,
    replace: bool,
    dry: bool,
) -> rusqlite::Result<ImportCounts> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = shelf(&transaction)?;
    let mut changed = ImportCounts::default();
    for one in &new.responses {
        match before.responses.iter().find(|old| old.id == one.id) {
            None => changed.added += 1,
            // The time of writing is not compared.
            Some(old) if StandardResponse { modified: one.modified, ..old.clone() } == *one => {
                changed.same += 1
            }
            Some(_) => changed.updated += 1,
        }
    }
    let kept: BTreeSet<&str> = new.responses.iter().map(|one| one.id.as_str()).collect();
    let gone: Vec<&str> =
        before.responses.iter().map(|old| old.id.as_str()).filter(|id| !kept.contains(id)).collect();
    changed.removed = if replace { gone.len() } else { 0 };
    if dry {
        return Ok(changed);
    }
    if replace {
        transaction.execute("DELETE FROM response", [])?;
        transaction.execute("DELETE FROM response_category", [])?;
    }
    for category in &new.categories {
        transaction.execute(
            "INSERT INTO response_category (id, path, language, description) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET language = ?3, description = ?4",
            params![category.id, category.path, category.language, category.description],
        )?;
    }
    for one in &new.responses {
        let body = serde_json::to_string(one)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        transaction.execute(
            "INSERT INTO response (id, category, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET category = ?2, body = ?3",
            params![one.id, one.category, body],
        )?;
    }
    transaction.execute("UPDATE meta SET value = value + 1 WHERE name = 'responses'", [])?;
    transaction.commit()?;
    Ok(changed)
}

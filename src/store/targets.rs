//! The favourite and recent targets of agents, and contacts as targets.
//!
//! Must not: know more of a target than its type and its ID. Invariants: reading contacts never waits for the
//! thread that writes sessions, and that thread never waits for it.

use super::{Sqlite, StoreError};
use crate::domain::contact::visible_name;
use crate::domain::{ContactId, EmployeeId, Millis};
use crate::text::fold;
use crate::text::search::{MatchMode, Search};
use futures_util::future::BoxFuture;
use rusqlite::{Connection, OptionalExtension as _, Result, params};
use std::fmt;

/// A favourite or recent target of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedTarget {
    /// Its type, as the API names it.
    pub kind: String,
    /// Its ID within the type.
    pub id: String,
    /// As it was saved, JSON.
    pub body: String,
    pub at: Millis,
}

/// The result of saving a favourite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    Saved,
    /// It was saved before and is unchanged.
    AlreadySaved,
    /// The agent has the most favourites that are allowed.
    Full,
}

/// A contact as a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactTarget {
    pub id: ContactId,
    /// First name in the contact database.
    pub first_name: Option<String>,
    /// Last name in the contact database.
    pub last_name: Option<String>,
    /// The name chosen on WhatsApp.
    pub profile_name: Option<String>,
    /// The user name on WhatsApp.
    pub username: Option<String>,
    pub numbers: Vec<String>,
}

impl ContactTarget {
    /// The display name, if there is any.
    pub fn name(&self) -> Option<String> {
        let full: Vec<&str> = self.first_name.iter().chain(&self.last_name).map(String::as_str).collect();
        let full = full.join(" ");
        let others = [&self.profile_name, &self.username].into_iter().flatten().map(String::as_str);
        std::iter::once(full.as_str())
            .chain(others)
            .find_map(visible_name)
            .map(str::to_owned)
            .or_else(|| self.numbers.first().map(|number| format!("+{number}")))
    }
}

/// Where favourite and recent targets are stored.
pub trait TargetStore: fmt::Debug + Send + Sync + 'static {
    /// An agent's favourites, the oldest first.
    fn favourites(&self, employee: EmployeeId) -> BoxFuture<'_, Result<Vec<SavedTarget>, StoreError>>;
    /// Saves a favourite, up to `most` of an agent. An existing one is overwritten only with `again`.
    fn save_favourite(
        &self,
        employee: EmployeeId,
        kept: SavedTarget,
        again: bool,
        most: u32,
    ) -> BoxFuture<'_, Result<SaveOutcome, StoreError>>;
    /// Removes a favourite; returns whether it existed.
    fn delete_favourite(
        &self,
        employee: EmployeeId,
        kind: String,
        id: String,
    ) -> BoxFuture<'_, Result<bool, StoreError>>;
    /// An agent's recent targets, the newest first.
    fn recents(&self, employee: EmployeeId) -> BoxFuture<'_, Result<Vec<SavedTarget>, StoreError>>;
    /// Adds a recent target and removes all but the newest `most`.
    fn add_recent(
        &self,
        employee: EmployeeId,
        kept: SavedTarget,
        most: u32,
    ) -> BoxFuture<'_, Result<(), StoreError>>;
    /// The contacts that match a search, the best first and at most `limit`, and how many match in all.
    fn contacts(
        &self,
        search: String,
        how: MatchMode,
        limit: usize,
    ) -> BoxFuture<'_, Result<(Vec<ContactTarget>, usize), StoreError>>;
    /// One contact.
    fn contact(&self, id: ContactId) -> BoxFuture<'_, Result<Option<ContactTarget>, StoreError>>;
}

impl TargetStore for Sqlite {
    fn favourites(&self, employee: EmployeeId) -> BoxFuture<'_, Result<Vec<SavedTarget>, StoreError>> {
        self.run(move |connection| {
            let sql =
                "SELECT kind, id, body, at FROM target_favourite WHERE employee = ?1 ORDER BY at, kind, id";
            kept(connection, sql, &employee)
        })
    }

    fn save_favourite(
        &self,
        employee: EmployeeId,
        kept: SavedTarget,
        again: bool,
        most: u32,
    ) -> BoxFuture<'_, Result<SaveOutcome, StoreError>> {
        self.run(move |connection| {
            let whose = employee.as_str();
            let there: Option<i64> = connection
                .prepare_cached(
                    "SELECT at FROM target_favourite WHERE employee = ?1 AND kind = ?2 AND id = ?3",
                )?
                .query_row(params![whose, kept.kind, kept.id], |row| row.get(0))
                .optional()?;
            if there.is_some() && !again {
                return Ok(SaveOutcome::AlreadySaved);
            }
            let count: u32 = connection
                .prepare_cached("SELECT COUNT(*) FROM target_favourite WHERE employee = ?1")?
                .query_row([whose], |row| row.get(0))?;
            if there.is_none() && count >= most {
                return Ok(SaveOutcome::Full);
            }
            connection
                .prepare_cached(
                    "INSERT INTO target_favourite (employee, kind, id, body, at) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT DO UPDATE SET body = ?4",
                )?
                .execute(params![whose, kept.kind, kept.id, kept.body, kept.at.0])?;
            Ok(SaveOutcome::Saved)
        })
    }

    fn delete_favourite(
        &self,
        employee: EmployeeId,
        kind: String,
        id: String,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.run(move |connection| {
            let gone = connection
                .prepare_cached("DELETE FROM target_favourite WHERE employee = ?1 AND kind = ?2 AND id = ?3")?
                .execute(params![employee.as_str(), kind, id])?;
            Ok(gone > 0)
        })
    }

    fn recents(&self, employee: EmployeeId) -> BoxFuture<'_, Result<Vec<SavedTarget>, StoreError>> {
        self.run(move |connection| {
            let sql =
                "SELECT kind, id, body, at FROM target_recent WHERE employee = ?1 ORDER BY at DESC, kind, id";
            kept(connection, sql, &employee)
        })
    }

    fn add_recent(
        &self,
        employee: EmployeeId,
        kept: SavedTarget,
        most: u32,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            transaction
                .prepare_cached(
                    "INSERT INTO target_recent (employee, kind, id, body, at) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT DO UPDATE SET body = ?4, at = ?5",
                )?
                .execute(params![employee.as_str(), kept.kind, kept.id, kept.body, kept.at.0])?;
            transaction
                .prepare_cached(
                    "DELETE FROM target_recent WHERE employee = ?1 AND (kind, id) NOT IN
                       (SELECT kind, id FROM target_recent WHERE employee = ?1
                         ORDER BY at DESC, kind, id LIMIT ?2)",
                )?
                .execute(params![employee.as_str(), most])?;
            transaction.commit()
        })
    }

    fn contacts(
        &self,
        search: String,
        how: MatchMode,
        limit: usize,
    ) -> BoxFuture<'_, Result<(Vec<ContactTarget>, usize), StoreError>> {
        self.read(move |connection| contacts(connection, Search::new(&search, how), limit))
    }

    fn contact(&self, id: ContactId) -> BoxFuture<'_, Result<Option<ContactTarget>, StoreError>> {
        self.read(move |connection| Ok(people(connection, Some(&id))?.pop()))
    }
}

fn kept(connection: &Connection, sql: &str, employee: &EmployeeId) -> Result<Vec<SavedTarget>> {
    connection
        .prepare_cached(sql)?
        .query_map([employee.as_str()], |row| {
            Ok(SavedTarget { kind: row.get(0)?, id: row.get(1)?, body: row.get(2)?, at: Millis(row.get(3)?) })
        })?
        .collect()
}

/// All contacts, or one. SQL cannot ignore accents, so a search reads all of them.
fn people(connection: &Connection, one: Option<&ContactId>) -> Result<Vec<ContactTarget>> {
    connection
        .prepare_cached(
            "SELECT id, first_name, last_name, profile_name, username,
                    (SELECT group_concat(value, char(10)) FROM alias
                      WHERE contact = contact.id AND kind = 'wa_id')
               FROM contact WHERE ?1 IS NULL OR id = ?1",
        )?
        .query_map([one.map(|id| id.as_str())], |row| {
            let numbers: Option<String> = row.get(5)?;
            Ok(ContactTarget {
                id: row.get::<_, String>(0)?.into(),
                first_name: row.get(1)?,
                last_name: row.get(2)?,
                profile_name: row.get(3)?,
                username: row.get(4)?,
                numbers: numbers.iter().flat_map(|numbers| numbers.lines()).map(str::to_owned).collect(),
            })
        })?
        .collect()
}

fn contacts(
    connection: &Connection,
    mut search: Search,
    limit: usize,
) -> Result<(Vec<ContactTarget>, usize)> {
    let mut found = Vec::new();
    for person in people(connection, None)? {
        let name = person.name().unwrap_or_default();
        let others = person.profile_name.iter().chain(&person.username).map(String::as_str);
        let rung = || person.numbers.iter().any(|number| search.rings(number)).then_some((1, 0));
        let rung = rung();
        if let Some(rate) = search.some(std::iter::once(name.as_str()).chain(others)).or(rung) {
            found.push((Search::order(rate), fold::folded(&name), person));
        }
    }
    found.sort_by(|a, b| (a.0, &a.1, a.2.id.as_str()).cmp(&(b.0, &b.1, b.2.id.as_str())));
    let total = found.len();
    Ok((found.into_iter().take(limit).map(|(.., person)| person).collect(), total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::AliasKind;
    use crate::store::{Alias, Batch, Store as _, TableChange};

    fn target(kind: &str, id: &str, at: i64) -> SavedTarget {
        SavedTarget { kind: kind.into(), id: id.into(), body: format!("{{\"n\":{at}}}"), at: Millis(at) }
    }

    #[tokio::test]
    async fn favourites_and_recents_are_per_agent_and_survive_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let store = Sqlite::open(dir.path()).unwrap();
        let ana = EmployeeId::from("ana");
        for (one, again, wanted) in [
            (target("agent", "kate", 1), false, SaveOutcome::Saved),
            (target("agent", "kate", 2), false, SaveOutcome::AlreadySaved),
            (target("agent", "kate", 3), true, SaveOutcome::Saved),
            (target("skill", "kate", 4), false, SaveOutcome::Saved),
            (target("skill", "x", 5), false, SaveOutcome::Full),
        ] {
            assert_eq!(store.save_favourite(ana.clone(), one, again, 2).await.unwrap(), wanted);
        }
        for (id, at) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            store.add_recent(ana.clone(), target("agent", id, at), 2).await.unwrap();
        }
        assert!(store.delete_favourite(ana.clone(), "skill".into(), "kate".into()).await.unwrap());
        assert!(!store.delete_favourite("ben".into(), "agent".into(), "kate".into()).await.unwrap());
        drop(store);
        let mut again = Sqlite::open(dir.path());
        while again.is_err() {
            tokio::task::yield_now().await;
            again = Sqlite::open(dir.path());
        }
        let store = again.unwrap();
        let favourites = store.favourites(ana.clone()).await.unwrap();
        assert_eq!(favourites, [SavedTarget { body: "{\"n\":3}".into(), ..target("agent", "kate", 1) }]);
        let recents = store.recents(ana).await.unwrap();
        assert_eq!(recents.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c", "a"]);
        assert_eq!(store.recents("ben".into()).await.unwrap(), []);
    }

    #[tokio::test]
    async fn contacts_are_found_by_name_without_accents_and_by_number() {
        let dir = tempfile::tempdir().unwrap();
        let store = Sqlite::open(dir.path()).unwrap();
        let mut changes = Vec::new();
        for (id, name, number) in [("c1", "Lucía Fernández", "34600000101"), ("c2", "Karim", "212600000012")]
        {
            changes.push(TableChange::Contact {
                id: id.into(),
                profile_name: Some(name.into()),
                username: None,
                at: Millis(1),
            });
            let alias = Alias { kind: AliasKind::WaId, value: number.into() };
            changes.push(TableChange::Alias { alias, contact: id.into() });
        }
        store.append(Batch { changes, ..Batch::default() }).await.unwrap();
        let ids = async |search: &str, how, limit| {
            let (found, total) = store.contacts(search.into(), how, limit).await.unwrap();
            (found.into_iter().map(|one| one.id.to_string()).collect::<Vec<_>>(), total)
        };
        assert_eq!(ids("lucia", MatchMode::Part, 9).await, (vec!["c1".to_owned()], 1));
        assert_eq!(ids("frndz", MatchMode::Fuzzy, 9).await, (vec!["c1".to_owned()], 1));
        assert_eq!(ids("+212 600 000", MatchMode::Part, 9).await, (vec!["c2".to_owned()], 1));
        assert_eq!(ids("0034600000101", MatchMode::Part, 9).await, (vec!["c1".to_owned()], 1));
        assert_eq!(ids("*", MatchMode::Part, 1).await, (vec!["c2".to_owned()], 2));
        assert_eq!(ids("nobody", MatchMode::Part, 9).await, (vec![], 0));
        let one = store.contact("c1".into()).await.unwrap().unwrap();
        assert_eq!(one.name().as_deref(), Some("Lucía Fernández"));
        assert_eq!(store.contact("c9".into()).await.unwrap(), None);
    }
}

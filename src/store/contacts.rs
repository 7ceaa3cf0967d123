//! Contacts: their data, the index by which they are found, and which customer is which contact.
//!
//! A customer whom WhatsApp identifies is a row of `contact`, and so is a contact that an agent created. `owner`
//! is the contact to which a customer was assigned (NULL: itself), `merged_into` the contact into which one was
//! merged, and `home` the contact that results from both. Assigning and merging move no data, so both can be
//! undone completely.
//!
//! Invariants: `home` and the index are written in the same transaction as the columns from which they follow.

mod search;

use super::{ContactCard, ContactLookup, ContactPage, MergeRecord, PrefetchResult};
use crate::domain::contact::AliasKind;
use crate::domain::profile::{AttributeValue, Attributes, FIRST_NAME, LAST_NAME, main_value};
use crate::domain::{ContactId, EmployeeId, Millis};
use crate::proto::wa;
use crate::text::{fold, phone};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::collections::BTreeSet;

/// The most merges in a row that are followed.
const MAX_MERGES: usize = 64;

/// The home of a row: the contact to which it was assigned, or the one into which that was merged.
fn home_of(connection: &Connection, id: &str) -> Result<String> {
    let owner = connection
        .prepare_cached("SELECT COALESCE(owner, id) FROM contact WHERE id = ?1")?
        .query_row([id], |row| row.get::<_, String>(0))
        .optional()?;
    root_of(connection, owner.unwrap_or_else(|| id.to_owned()))
}

fn root_of(connection: &Connection, mut id: String) -> Result<String> {
    for _ in 0..MAX_MERGES {
        let next: Option<Option<String>> = connection
            .prepare_cached("SELECT merged_into FROM contact WHERE id = ?1")?
            .query_row([&id], |row| row.get(0))
            .optional()?;
        match next.flatten() {
            Some(next) => id = next,
            None => break,
        }
    }
    Ok(id)
}

/// Recalculates the home of every row whose home is one of these, and indexes the homes.
fn update_homes(connection: &Connection, touched: &[&str]) -> Result<()> {
    let mut homes: BTreeSet<String> = touched.iter().map(|id| (*id).to_owned()).collect();
    for home in touched {
        let ids: Vec<String> = connection
            .prepare_cached("SELECT id FROM contact WHERE home = ?1 OR id = ?1")?
            .query_map([home], |row| row.get(0))?
            .collect::<Result<_>>()?;
        for id in ids {
            let now = home_of(connection, &id)?;
            connection.prepare_cached("UPDATE contact SET home = ?2 WHERE id = ?1")?.execute([&id, &now])?;
            homes.insert(now);
        }
    }
    homes.iter().try_for_each(|home| index(connection, home))
}

/// Writes the words by which a contact is found and its sort key. A contact that is merged, deleted or only an
/// identity of another one gets no words.
fn index(connection: &Connection, id: &str) -> Result<()> {
    connection.prepare_cached("DELETE FROM contact_word WHERE contact = ?1")?.execute([id])?;
    let attributes = attributes(connection, id)?;
    let is_listed: bool = connection
        .prepare_cached(
            "SELECT merged_into IS NULL AND deleted = 0 AND (home = id OR ?2) FROM contact WHERE id = ?1",
        )?
        .query_row(params![id, !attributes.is_empty()], |row| row.get(0))
        .optional()?
        .unwrap_or_default();
    let names = names(connection, id)?;
    let name =
        [LAST_NAME, FIRST_NAME].map(|name| main_value(&attributes, name).unwrap_or_default()).join(" ");
    let order = if name.trim().is_empty() {
        names.iter().find(|(name, _)| name == wa::PROFILE_NAME).map_or("", |(_, value)| value.as_str())
    } else {
        name.trim()
    };
    connection
        .prepare_cached("UPDATE contact SET listed = ?2, sort_key = ?3, indexed = 1 WHERE id = ?1")?
        .execute(params![id, is_listed, fold::folded(order)])?;
    if !is_listed {
        return Ok(());
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO contact_word (word, name, contact) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    let known =
        attributes.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, &value.value)));
    for (name, value) in known.chain(names.iter().map(|(name, value)| (name, value))) {
        for word in words(value) {
            insert.execute([&word, name, id])?;
        }
    }
    Ok(())
}

/// The words by which a value is found: its folded words, its symbols, and every suffix of a number.
fn words(value: &str) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = fold::words(value).into_iter().chain(fold::symbols(value)).collect();
    let digits = phone::digits(value);
    if digits.len() >= 5 && !value.chars().any(char::is_alphabetic) {
        let ends = (0..=digits.len().saturating_sub(search::MIN_DIGITS)).filter_map(|at| digits.get(at..));
        words.extend(ends.map(str::to_owned));
    }
    words
}

/// The form of a value in which phrases are searched.
fn folded_phrase(value: &str) -> String {
    fold::words(value).join(" ")
}

/// The identifiers and names at WhatsApp of all rows whose home is this contact.
fn names(connection: &Connection, home: &str) -> Result<Vec<(String, String)>> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut aliases = connection.prepare_cached(
        "SELECT alias.kind, alias.value FROM contact JOIN alias ON alias.contact = contact.id
          WHERE contact.home = ?1 ORDER BY contact.created, contact.id, alias.kind DESC, alias.value",
    )?;
    for row in aliases.query_map([home], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
        let (kind, value) = row?;
        let name = match AliasKind::from_word(&kind) {
            Some(AliasKind::WaId) => wa::NUMBER,
            Some(AliasKind::UserId) | None => wa::USER_ID,
        };
        names.push((name.to_owned(), value));
    }
    let mut called = connection
        .prepare_cached("SELECT profile_name, username FROM contact WHERE home = ?1 ORDER BY created, id")?;
    let rows = called.query_map([home], |row| Ok((row.get::<_, Option<String>>(0)?, row.get(1)?)))?;
    for row in rows {
        let (profile, user): (_, Option<String>) = row?;
        for (name, value) in [(wa::PROFILE_NAME, profile), (wa::USER_NAME, user)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let pair = (name.to_owned(), value);
                if !names.contains(&pair) {
                    names.push(pair);
                }
            }
        }
    }
    Ok(names)
}

fn attributes(connection: &Connection, id: &str) -> Result<Attributes> {
    let mut attributes = Attributes::new();
    let mut statement = connection.prepare_cached(
        "SELECT name, value, description, is_primary FROM contact_attribute WHERE contact = ?1 ORDER BY name, position",
    )?;
    let rows = statement.query_map([id], |row| {
        let value = AttributeValue { value: row.get(1)?, description: row.get(2)?, primary: row.get(3)? };
        Ok((row.get::<_, String>(0)?, value))
    })?;
    for row in rows {
        let (name, value) = row?;
        attributes.entry(name).or_default().push(value);
    }
    Ok(attributes)
}

/// Indexes contacts that are stored without an index, or with one of an older version.
pub(super) fn index_missing(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction()?;
    let ids: Vec<String> = transaction
        .prepare("SELECT id FROM contact WHERE indexed = 0")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    for id in &ids {
        refold(&transaction, id)?;
        index(&transaction, id)?;
    }
    transaction.commit()
}

/// Writes the text in which phrases are searched again.
fn refold(connection: &Connection, id: &str) -> Result<()> {
    let values: Vec<(String, i64, String)> = connection
        .prepare_cached("SELECT name, position, value FROM contact_attribute WHERE contact = ?1")?
        .query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_>>()?;
    let mut update = connection.prepare_cached(
        "UPDATE contact_attribute SET folded = ?4 WHERE contact = ?1 AND name = ?2 AND position = ?3",
    )?;
    for (name, position, value) in values {
        update.execute(params![id, name, position, folded_phrase(&value)])?;
    }
    Ok(())
}

/// Indexes the home of a customer who has new names.
pub(super) fn index_home(connection: &Connection, id: &str) -> Result<usize> {
    index(connection, &home_of(connection, id)?)?;
    Ok(1)
}

/// Restores the home of a customer who wrote again, if it was deleted.
pub(super) fn restore(connection: &Connection, id: &str) -> Result<()> {
    let home = home_of(connection, id)?;
    let back = connection
        .prepare_cached("UPDATE contact SET deleted = 0 WHERE id = ?1 AND deleted = 1")?
        .execute([&home])?;
    if back > 0 { index(connection, &home) } else { Ok(()) }
}

/// Replaces every attribute that is named in `attributes`.
pub(super) fn set_attributes(
    connection: &Connection,
    id: &str,
    attributes: &Attributes,
    by: &EmployeeId,
    at: Millis,
) -> Result<usize> {
    write_attributes(connection, id, attributes)?;
    connection
        .prepare_cached("UPDATE contact SET changed_by = ?2, changed_at = ?3, deleted = 0 WHERE id = ?1")?
        .execute(params![id, by.as_str(), at.0])?;
    index(connection, id)?;
    Ok(1)
}

fn write_attributes(connection: &Connection, id: &str, attributes: &Attributes) -> Result<()> {
    for (name, values) in attributes {
        connection
            .prepare_cached("DELETE FROM contact_attribute WHERE contact = ?1 AND name = ?2")?
            .execute([id, name])?;
        for (position, value) in (0_i64..).zip(values) {
            connection
                .prepare_cached(
                    "INSERT INTO contact_attribute (contact, name, position, value, description, is_primary, folded)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    id,
                    name,
                    position,
                    value.value,
                    value.description,
                    value.primary,
                    folded_phrase(&value.value)
                ])?;
        }
    }
    Ok(())
}

/// Removes a contact from the directory. Customers whose home it is are then without any description.
pub(super) fn delete(connection: &Connection, id: &str) -> Result<usize> {
    connection.prepare_cached("DELETE FROM contact_attribute WHERE contact = ?1")?.execute([id])?;
    connection.prepare_cached("UPDATE contact SET deleted = 1 WHERE id = ?1")?.execute([id])?;
    index(connection, id)?;
    Ok(1)
}

/// Merges one contact into another.
pub(super) fn merge(connection: &Connection, into: &str, brought: &MergeRecord) -> Result<usize> {
    let json = |attributes: &Attributes| {
        serde_json::to_string(attributes)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    };
    let from = brought.contact.as_str();
    connection
        .prepare_cached(
            "INSERT INTO contact_merge (into_contact, from_contact, before, added, at, by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            into,
            from,
            json(&brought.before)?,
            json(&brought.added)?,
            brought.at.0,
            brought.by.as_str()
        ])?;
    connection.prepare_cached("UPDATE contact SET merged_into = ?2 WHERE id = ?1")?.execute([from, into])?;
    write_attributes(connection, into, &brought.added)?;
    update_homes(connection, &[from, into])?;
    Ok(1)
}

/// Undoes the last merge into a contact.
pub(super) fn unmerge(connection: &Connection, into: &str, from: &str, set: &Attributes) -> Result<usize> {
    connection
        .prepare_cached(
            "DELETE FROM contact_merge WHERE rowid = (SELECT rowid FROM contact_merge
              WHERE into_contact = ?1 AND from_contact = ?2 ORDER BY rowid DESC LIMIT 1)",
        )?
        .execute([into, from])?;
    connection.prepare_cached("UPDATE contact SET merged_into = NULL WHERE id = ?1")?.execute([from])?;
    write_attributes(connection, into, set)?;
    update_homes(connection, &[into, from])?;
    Ok(1)
}

/// Assigns a customer to a contact.
pub(super) fn assign(connection: &Connection, customer: &str, to: &str) -> Result<usize> {
    let before = home_of(connection, customer)?;
    let owner = (customer != to).then_some(to);
    connection.prepare_cached("UPDATE contact SET owner = ?2, home = ?3 WHERE id = ?1")?.execute(params![
        customer,
        owner,
        root_of(connection, to.to_owned())?
    ])?;
    update_homes(connection, &[&before, to, customer])?;
    Ok(1)
}

/// The home of a customer with its first and last name, and whether the home has a description.
pub(super) fn home_with_name(
    connection: &Connection,
    id: &str,
) -> Result<(ContactId, Option<String>, Option<String>, bool)> {
    let home = home_of(connection, id)?;
    let attributes = attributes(connection, &home)?;
    let of = |name| main_value(&attributes, name).map(str::to_owned);
    let (mut first, last) = (of(FIRST_NAME), of(LAST_NAME));
    let mut is_known = !attributes.is_empty();
    if home != id && first.is_none() && last.is_none() {
        // A contact without a description has its name at WhatsApp.
        first = whatsapp_name(connection, &home)?;
        is_known |= first.is_some();
    }
    Ok((home.as_str().into(), first, last, is_known))
}

/// Answers a lookup.
pub(super) fn look_up(connection: &Connection, lookup: &ContactLookup) -> Result<ContactPage> {
    match lookup {
        ContactLookup::Cards(ids) => {
            let mut cards = Vec::new();
            for id in ids {
                cards.extend(card(connection, id.as_str())?);
            }
            Ok(ContactPage { total: cards.len(), cards })
        }
        ContactLookup::Search { query, start, limit } => {
            let (ids, total) = search::matching_ids(connection, query, *start, *limit)?;
            let mut cards = Vec::new();
            for id in ids {
                cards.extend(card(connection, &id)?);
            }
            Ok(ContactPage { cards, total })
        }
    }
}

/// The card of the home of a row; `None` when that was deleted.
pub(super) fn card(connection: &Connection, id: &str) -> Result<Option<ContactCard>> {
    let home = root_of(connection, id.to_owned())?;
    let row = connection
        .prepare_cached("SELECT changed_by, changed_at FROM contact WHERE id = ?1 AND deleted = 0")?
        .query_row([&home], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?)))
        .optional()?;
    let Some((by, at)) = row else { return Ok(None) };
    let brought = connection
        .prepare_cached(
            "SELECT from_contact, before, added, at, by FROM contact_merge WHERE into_contact = ?1
              ORDER BY rowid DESC LIMIT 1",
        )?
        .query_row([&home], |row| {
            // Written by this program, so it can be read.
            let json = |text: String| serde_json::from_str(&text).unwrap_or_default();
            Ok(MergeRecord {
                contact: row.get::<_, String>(0)?.into(),
                before: json(row.get(1)?),
                added: json(row.get(2)?),
                at: Millis(row.get(3)?),
                by: row.get::<_, String>(4)?.into(),
            })
        })
        .optional()?;
    let brought_name = match &brought {
        Some(brought) => Some(display_name(connection, brought.contact.as_str())?),
        None => None,
    };
    Ok(Some(ContactCard {
        names: names(connection, &home)?,
        attributes: attributes(connection, &home)?,
        changed: by.map(EmployeeId::from).zip(at.map(Millis)),
        id: home.into(),
        last_merge: brought,
        last_merge_name: brought_name,
    }))
}

/// The display name of a contact.
fn display_name(connection: &Connection, id: &str) -> Result<String> {
    let attributes = attributes(connection, id)?;
    let name =
        [FIRST_NAME, LAST_NAME].map(|name| main_value(&attributes, name).unwrap_or_default()).join(" ");
    if !name.trim().is_empty() {
        return Ok(name.trim().to_owned());
    }
    Ok(whatsapp_name(connection, id)?.unwrap_or_else(|| id.to_owned()))
}

/// The customer's name at WhatsApp: the profile name, otherwise the number.
fn whatsapp_name(connection: &Connection, id: &str) -> Result<Option<String>> {
    let profile: Option<Option<String>> = connection
        .prepare_cached("SELECT profile_name FROM contact WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if let Some(profile) = profile.flatten() {
        return Ok(Some(profile));
    }
    connection
        .prepare_cached("SELECT value FROM alias WHERE contact = ?1 ORDER BY kind DESC LIMIT 1")?
        .query_row([id], |row| row.get(0))
        .optional()
}

/// Adds the homes of the contacts that were found.
pub(super) fn add_homes(connection: &Connection, found: &mut PrefetchResult) -> Result<()> {
    for row in found.contacts.values_mut() {
        let (home, first, last, is_known) = home_with_name(connection, row.id.as_str())?;
        row.home = (home != row.id).then_some(home);
        (row.first_name, row.last_name, row.is_known) = (first, last, is_known);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Alias, Batch, Sqlite, Store as _, TableChange};
    use super::*;
    use crate::domain::profile::{EMAIL, PHONE};
    use crate::proto::contact::Query;

    fn contact(id: &str, first: &str, last: &str, phones: &[&str]) -> Vec<TableChange> {
        let plain = |values: &[&str]| values.iter().map(|v| AttributeValue::plain(*v)).collect::<Vec<_>>();
        let set: Attributes = [
            (FIRST_NAME.to_owned(), plain(&[first])),
            (LAST_NAME.to_owned(), plain(&[last])),
            (PHONE.to_owned(), plain(phones)),
            (EMAIL.to_owned(), plain(&[&format!("{id}@example.org")])),
        ]
        .into();
        let id = ContactId::from(id);
        vec![
            TableChange::Contact { id: id.clone(), profile_name: None, username: None, at: Millis(1) },
            TableChange::Attributes { contact: id, set, by: "ana".into(), at: Millis(2) },
        ]
    }

    async fn store(changes: Vec<TableChange>) -> (tempfile::TempDir, Sqlite) {
        let dir = tempfile::tempdir().unwrap();
        let store = Sqlite::open(dir.path()).unwrap();
        store.append(Batch { changes, ..Batch::default() }).await.unwrap();
        (dir, store)
    }

    async fn ids(store: &Sqlite, query: &str) -> Vec<String> {
        let query = Query::parse(query).unwrap();
        let looked =
            store.look_up_contacts(ContactLookup::Search { query, start: 0, limit: 50 }).await.unwrap();
        looked.cards.iter().map(|card| card.id.as_str().to_owned()).collect()
    }

    #[tokio::test]
    async fn contacts_are_found_by_words_phrases_and_digits_of_any_field() {
        let mut changes = contact("c1", "Lucía", "de la Cruz", &["+34 600 000 101"]);
        changes.extend(contact("c2", "Luc", "Cruz", &["(555) 010-0142"]));
        changes.push(TableChange::Alias {
            alias: Alias { kind: AliasKind::WaId, value: "4915112345678".into() },
            contact: "c2".into(),
        });
        let (_dir, store) = store(changes).await;
        let by_alias = format!("{}:5678", wa::NUMBER);
        for (query, expected) in [
            ("lucia*", vec!["c1"]),
            ("LUC*", vec!["c2", "c1"]),
            ("luc", vec!["c2"]),
            ("FirstName:luc* AND LastName:cruz*", vec!["c2", "c1"]),
            ("LastName:\"la cruz\"*", vec!["c1"]),
            ("LastName:\"cruz la\"*", vec![]),
            ("600000101", vec!["c1"]),
            ("PhoneNumber:0101*", vec!["c1"]),
            ("+34\\ 600", vec![]),
            ("0034600000101", vec!["c1"]),
            ("0600000101", vec!["c1"]),
            ("\u{663}\u{664}600*", vec!["c1"]),
            ("15112345*", vec!["c2"]),
            (by_alias.as_str(), vec!["c2"]),
            ("EmailAddress:c2@example*", vec!["c2"]),
            ("(FirstName:nobody* OR LastName:cruz*) AND luc", vec!["c2"]),
            ("*", vec!["c2", "c1"]),
        ] {
            assert_eq!(ids(&store, query).await, expected, "{query}");
        }
    }

    #[tokio::test]
    async fn signs_typed_in_a_search_are_no_wildcards() {
        let mut changes = contact("c1", "Ana", "Ruiz", &["+34 600 000 101"]);
        changes.extend(contact("c2", "100%", "under_score", &[]));
        changes.extend(contact("c3", "Rosa 🌸", "Gil?", &[]));
        let (_dir, store) = store(changes).await;
        for (typed, expected) in [
            ("%", vec!["c2"]),
            ("_", vec!["c2"]),
            ("%%", vec!["c2"]),
            ("🌸", vec!["c3"]),
            ("?", vec!["c3"]),
            ("ru_z", vec![]),
            ("an%", vec!["c1"]),
            ("\\", vec![]),
            ("'", vec![]),
            ("+34 600", vec!["c1"]),
            ("0034 600 000", vec!["c1"]),
        ] {
            let query = Query::keywords(typed, &[]).to_text();
            assert_eq!(ids(&store, &query).await, expected, "{typed} {query}");
        }
        for everybody in ["", "*", " "] {
            assert_eq!(ids(&store, &Query::keywords(everybody, &[]).to_text()).await.len(), 3);
        }
    }

    #[tokio::test]
    async fn assigned_customer_has_the_whatsapp_name_of_the_contact() {
        let customer = |id: &str, name: &str| TableChange::Contact {
            id: id.into(),
            profile_name: Some(name.into()),
            username: None,
            at: Millis(1),
        };
        let (dir, store) = store(vec![customer("c1", "Priya"), customer("c2", "Lucía Ferrer")]).await;
        let assigned = TableChange::Assigned { customer: "c1".into(), to: "c2".into() };
        store.append(Batch { changes: vec![assigned], ..Batch::default() }).await.unwrap();
        let connection = Connection::open(dir.path().join("gateway.db")).unwrap();
        let is = home_with_name(&connection, "c1").unwrap();
        assert_eq!(is, ("c2".into(), Some("Lucía Ferrer".to_owned()), None, true));
        assert_eq!(home_with_name(&connection, "c2").unwrap(), ("c2".into(), None, None, false));
    }

    #[tokio::test]
    async fn contacts_of_an_older_version_are_found_by_the_new_fold() {
        let (dir, store) = store(contact("c1", "Łukasz", "de Şahin", &[])).await;
        drop(store);
        // As the previous version wrote them.
        let connection = Connection::open(dir.path().join("gateway.db")).unwrap();
        connection
            .execute_batch(
                "DELETE FROM migration WHERE version = 7;
                 DELETE FROM contact_word;
                 INSERT INTO contact_word (word, name, contact) VALUES ('łukasz', 'FirstName', 'c1'), ('de', 'LastName', 'c1'), ('şahin', 'LastName', 'c1');
                 UPDATE contact_attribute SET folded = 'de şahin' WHERE name = 'LastName';
                 UPDATE contact SET sort_key = 'de şahin łukasz', indexed = 1;",
            )
            .unwrap();
        drop(connection);
        let mut opened = Sqlite::open(dir.path());
        while opened.is_err() {
            // The thread of the first one may still lock the folder.
            tokio::task::yield_now().await;
            opened = Sqlite::open(dir.path());
        }
        let store = opened.unwrap();
        for query in ["sahin", "ŞAHİN", "LUKASZ", "LastName:\"de sahin\"*"] {
            assert_eq!(ids(&store, query).await, ["c1"], "{query}");
        }
    }

    #[tokio::test]
    async fn a_search_among_many_reads_ranges_of_an_index_only() {
        let mut changes = Vec::new();
        for n in 0..2000 {
            changes.extend(contact(
                &format!("c{n:05}"),
                "Ana",
                &format!("Lopez{n}"),
                &[&format!("34600{n:06}")],
            ));
        }
        let (dir, store) = store(changes).await;
        let query = Query::parse("ana* AND (LastName:lopez77* OR 600000077)").unwrap();
        let looked = store
            .look_up_contacts(ContactLookup::Search { query: query.clone(), start: 10, limit: 5 })
            .await
            .unwrap();
        assert_eq!((looked.cards.len(), looked.total), (1, 11));
        let connection = Connection::open(dir.path().join("gateway.db")).unwrap();
        let mut values = Vec::new();
        let sql = search::compile(&query, &mut values).unwrap();
        let plan: Vec<String> = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap()
            .query_map(rusqlite::params_from_iter(&values), |row| row.get(3))
            .unwrap()
            .collect::<Result<_>>()
            .unwrap();
        let scans = plan.iter().filter(|step| step.contains("contact_word"));
        assert!(
            scans.clone().count() >= 3 && scans.clone().all(|step| step.starts_with("SEARCH")),
            "{plan:?}"
        );
        let everybody: Vec<String> = connection
            .prepare(
                "EXPLAIN QUERY PLAN SELECT id FROM contact WHERE listed = 1 ORDER BY sort_key, id LIMIT 10",
            )
            .unwrap()
            .query_map([], |row| row.get(3))
            .unwrap()
            .collect::<Result<_>>()
            .unwrap();
        assert!(everybody.iter().all(|step| !step.contains("TEMP B-TREE")), "{everybody:?}");
    }

    #[tokio::test]
    async fn contacts_from_before_the_index_are_found() {
        let (dir, store) = store(contact("c1", "Ana", "López", &[])).await;
        drop(store);
        let connection = Connection::open(dir.path().join("gateway.db")).unwrap();
        connection.execute_batch("DELETE FROM contact_word; UPDATE contact SET indexed = 0").unwrap();
        drop(connection);
        let mut opened = Sqlite::open(dir.path());
        while opened.is_err() {
            // The thread of the first one may still hold the folder.
            tokio::task::yield_now().await;
            opened = Sqlite::open(dir.path());
        }
        assert_eq!(ids(&opened.unwrap(), "lopez").await, ["c1"]);
    }
}

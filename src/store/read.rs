//! Reading the log and the tables.

use super::{
    Alias, AuditRow, ContactRow, LogRequest, PastSession, PrefetchQuery, PrefetchResult, SessionRow,
    StartupEvents, StoredEntries, StoredEvent, UnparsedWebhook, contacts,
};
use crate::domain::contact::AliasKind;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::proto::media::{LogQuery, PageBudget};
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

/// The most sessions of a contact that are returned: the maximum of the option.
const HISTORY: i64 = 1000;
/// The most messages of a contact's archive that are read.
const ARCHIVED: i64 = 20;

pub(super) fn start(connection: &Connection, since: Millis) -> Result<StartupEvents> {
    let checkpoint: i64 =
        connection.query_row("SELECT value FROM meta WHERE name = 'checkpoint'", [], |row| row.get(0))?;
    let last: i64 = connection.query_row("SELECT COALESCE(MAX(seq), 0) FROM event", [], |row| row.get(0))?;
    let mut statement = connection.prepare(
        "SELECT seq, at, body FROM event WHERE seq IN (
             SELECT event.seq FROM session JOIN event ON event.interaction = session.id
              WHERE session.live = 1 AND event.seq < ?1
              UNION
             SELECT seq FROM event WHERE kind = 'operation_done' AND at >= ?2 AND seq < ?1)
         ORDER BY seq",
    )?;
    let before = statement.query_map(params![checkpoint, since.0], stored)?.collect::<Result<_>>()?;
    Ok(StartupEvents { checkpoint: unsigned(checkpoint), last_seq: unsigned(last), before })
}

pub(super) fn events(connection: &Connection, after: u64, limit: u32) -> Result<Vec<StoredEvent>> {
    connection
        .prepare_cached("SELECT seq, at, body FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2")?
        .query_map(params![i64::try_from(after).unwrap_or(i64::MAX), limit], stored)?
        .collect()
}

pub(super) fn events_of(
    connection: &Connection,
    interaction: &InteractionId,
    kinds: &[&str],
    before: u64,
) -> Result<Vec<StoredEvent>> {
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, body, kind FROM event WHERE interaction = ?1 AND seq < ?2 ORDER BY seq",
    )?;
    let rows = statement.query_map(params![interaction.as_str(), before], |row| {
        let kind = row.get_ref(3)?.as_str()?;
        kinds.contains(&kind).then(|| stored(row)).transpose()
    })?;
    rows.filter_map(Result::transpose).collect()
}

pub(super) fn audited(
    connection: &Connection,
    after: u64,
    since: Millis,
    limit: u32,
) -> Result<Vec<AuditRow>> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT seq, at, who, role, act, interaction, outcome FROM audit
              WHERE seq > ?1 AND at >= ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(params![after, since.0, limit], |row| {
            Ok(AuditRow {
                seq: unsigned(row.get(0)?),
                at: Millis(row.get(1)?),
                who: row.get(2)?,
                role: row.get(3)?,
                act: row.get(4)?,
                interaction: row.get::<_, Option<String>>(5)?.map(InteractionId::from),
                outcome: row.get(6)?,
            })
        })?
        .collect()
}

/// The log is ordered by time, so a binary search needs no index on it.
pub(super) fn seq_at(connection: &Connection, at: Millis) -> Result<u64> {
    let (mut low, mut high): (i64, i64) =
        connection.query_row("SELECT 0, COALESCE(MAX(seq), 0) FROM event", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut statement =
        connection.prepare_cached("SELECT at FROM event WHERE seq >= ?1 ORDER BY seq LIMIT 1")?;
    // Everything up to `low` is before the moment, everything after `high` is not.
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let then: i64 = statement.query_row([middle], |row| row.get(0))?;
        if then < at.0 { low = middle } else { high = middle - 1 }
    }
    Ok(unsigned(low))
}

pub(super) fn unparsed(connection: &Connection, limit: u32) -> Result<Vec<UnparsedWebhook>> {
    connection
        .prepare_cached("SELECT id, at, raw FROM webhook WHERE parsed = 0 ORDER BY id LIMIT ?1")?
        .query_map([limit], |row| {
            let raw = Bytes::from(row.get::<_, Vec<u8>>(2)?);
            Ok(UnparsedWebhook { id: row.get(0)?, at: Millis(row.get(1)?), raw })
        })?
        .collect()
}

/// Entries that a person may read; `?2` is the agent, or NULL for a reader who may read everything.
const READABLE: &str =
    "interaction = ?1 AND (?2 IS NULL OR json_extract(body, '$.visibility') IS NOT 'Supervisor')";

pub(super) fn log(connection: &Connection, wanted: &LogRequest) -> Result<Option<StoredEntries>> {
    // One snapshot for all queries.
    let snapshot = connection.unchecked_transaction()?;
    let id = wanted.interaction.as_str();
    let contact: Option<String> = snapshot
        .prepare_cached(
            "SELECT COALESCE(contact.home, session.contact) FROM session
               LEFT JOIN contact ON contact.id = session.contact WHERE session.id = ?1",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(contact) = contact else { return Ok(None) };
    let agent = wanted.agent.as_ref().map(EmployeeId::as_str);
    let was_in = snapshot
        .prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM message
              WHERE interaction = ?1 AND json_extract(body, '$.from.personId') = ?2)",
        )?
        .query_row(params![id, agent], |row| row.get(0))?;
    let LogQuery { after, before, limit } = wanted.query;
    let bound =
        |index: Option<u64>, none| index.map_or(none, |index| i64::try_from(index).unwrap_or(i64::MAX));
    let (after, before) = (bound(after, 0), bound(before, i64::MAX));
    // A read after an entry goes upwards from there, any other downwards from the newest.
    let upwards = wanted.query.after.is_some();
    let direction = if upwards { "ASC" } else { "DESC" };
    let mut entries: Vec<(i64, String)> = Vec::new();
    let mut page = PageBudget::new(limit);
    let mut statement = snapshot.prepare_cached(&format!(
        "SELECT idx, body FROM message WHERE {READABLE} AND idx > ?3 AND idx < ?4 ORDER BY idx {direction}"
    ))?;
    let mut rows = statement.query(params![id, agent, after, before])?;
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        if !page.takes(body.len()) {
            break;
        }
        entries.push((row.get(0)?, body));
    }
    if !upwards {
        entries.reverse();
    }
    let beyond = |condition: &str, index: i64| -> Result<bool> {
        snapshot
            .prepare_cached(&format!(
                "SELECT EXISTS(SELECT 1 FROM message WHERE {READABLE} AND {condition})"
            ))?
            .query_row(params![id, agent, index], |row| row.get(0))
    };
    let (older, newer) = match (entries.first(), entries.last()) {
        (Some((first, _)), Some((last, _))) => (beyond("idx < ?3", *first)?, beyond("idx > ?3", *last)?),
        _ => (false, false),
    };
    let bodies = entries.into_iter().map(|(_, body)| body).collect();
    Ok(Some(StoredEntries { contact: contact.into(), bodies, older, newer, was_in }))
}

/// The agent is the author of the last entry by an agent: whoever leaves or completes a session is there.
pub(super) fn history(
    connection: &Connection,
    contact: &ContactId,
    since: Option<Millis>,
    until: Option<Millis>,
) -> Result<Vec<PastSession>> {
    let since = since.map_or(i64::MIN, |at| at.0);
    let until = until.map_or(i64::MAX, |at| at.0);
    connection
        .prepare_cached(
            "SELECT id, started, ended,
                    (SELECT json_extract(body, '$.from.personId') FROM message
                      WHERE interaction = session.id AND json_extract(body, '$.from.type') = 'Agent'
                      ORDER BY idx DESC LIMIT 1),
                    COALESCE(NULLIF(subject, ''), (SELECT substr(json_extract(body, '$.text'), 1, 160) FROM message
                      WHERE interaction = session.id AND json_extract(body, '$.from.type') = 'Customer'
                        AND json_extract(body, '$.text') IS NOT NULL ORDER BY idx LIMIT 1)),
                    comment, user_data, COALESCE(media, ''), outbound
               FROM session
              WHERE contact IN (SELECT id FROM contact WHERE home = ?1) AND started BETWEEN ?2 AND ?3
              ORDER BY started DESC, id DESC LIMIT ?4",
        )?
        .query_map(params![contact.as_str(), since, until, HISTORY], |row| {
            Ok(PastSession {
                id: row.get::<_, String>(0)?.into(),
                started: Millis(row.get(1)?),
                ended: row.get::<_, Option<i64>>(2)?.map(Millis),
                agent: row.get::<_, Option<String>>(3)?.map(EmployeeId::from),
                subject: row.get(4)?,
                comment: row.get(5)?,
                user_data: row.get(6)?,
                media: row.get(7)?,
                outbound: row.get(8)?,
            })
        })?
        .collect()
}

pub(super) fn find(connection: &Connection, wanted: &PrefetchQuery) -> Result<PrefetchResult> {
    let mut found = PrefetchResult::default();
    for alias in &wanted.aliases {
        let contact: Option<String> = connection
            .prepare_cached("SELECT contact FROM alias WHERE kind = ?1 AND value = ?2")?
            .query_row([alias.kind.word(), &alias.value], |row| row.get(0))
            .optional()?;
        let Some(contact) = contact else { continue };
        found.aliases.insert(alias.clone(), contact.as_str().into());
        if let Some(row) = contact_row(connection, &contact)? {
            found.contacts.insert(row.id.clone(), row);
        }
    }
    for id in &wanted.contacts {
        if let Some(row) = contact_row(connection, id.as_str())? {
            found.own.insert(row.id.clone(), aliases_of(connection, id.as_str())?);
            found.contacts.insert(row.id.clone(), row);
        }
    }
    contacts::add_homes(connection, &mut found)?;
    for id in &wanted.cards {
        found.cards.extend(contacts::card(connection, id.as_str())?);
    }
    let mut sessions = wanted.sessions.clone();
    for key in &wanted.marks {
        let entry = connection
            .prepare_cached("SELECT interaction, idx FROM mark WHERE key = ?1")?
            .query_row([key], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?)))
            .optional()?;
        let Some((interaction, index)) = entry else { continue };
        let entry = interaction.zip(index).map(|(id, index)| (InteractionId::from(id), unsigned(index)));
        sessions.extend(entry.iter().map(|(id, _)| id.clone()));
        if let Some((id, index)) = entry.as_ref().filter(|_| wanted.quoted.contains(key)) {
            let body = connection
                .prepare_cached("SELECT body FROM message WHERE interaction = ?1 AND idx = ?2")?
                .query_row(params![id.as_str(), i64::try_from(*index).unwrap_or(i64::MAX)], |row| row.get(0))
                .optional()?;
            found.quoted.extend(body.map(|body| (key.clone(), body)));
        }
        found.marks.insert(key.clone(), entry);
    }
    for contact in &wanted.archives {
        found.archives.insert(contact.clone(), newest_archived(connection, contact)?);
    }
    for id in sessions {
        let row = connection
            .prepare_cached("SELECT contact, last_index FROM session WHERE id = ?1")?
            .query_row([id.as_str()], |row| {
                let contact = row.get::<_, String>(0)?.into();
                Ok(SessionRow { contact, last_index: unsigned(row.get(1)?) })
            })
            .optional()?;
        if let Some(row) = row {
            found.sessions.insert(id, row);
        }
    }
    Ok(found)
}

/// The newest archived messages of a contact, the oldest of them first: those of days that have neither a
/// queue nor another channel.
fn newest_archived(connection: &Connection, contact: &ContactId) -> Result<Vec<(Millis, String)>> {
    let mut newest: Vec<(Millis, String)> = connection
        .prepare_cached(
            "SELECT message.at, message.body FROM session JOIN message ON message.interaction = session.id
              WHERE session.contact = ?1 AND session.queue = '' AND session.media IS NULL
              ORDER BY message.at DESC, message.idx DESC LIMIT ?2",
        )?
        .query_map(params![contact.as_str(), ARCHIVED], |row| Ok((Millis(row.get(0)?), row.get(1)?)))?
        .collect::<Result<_>>()?;
    newest.reverse();
    Ok(newest)
}

fn aliases_of(connection: &Connection, contact: &str) -> Result<Vec<Alias>> {
    let alias = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let named = |(kind, value): (String, String)| Some(Alias { kind: AliasKind::from_word(&kind)?, value });
    let rows: Vec<(String, String)> = connection
        .prepare_cached(
            "SELECT kind, value FROM alias WHERE contact IN (SELECT id FROM contact WHERE home = ?1)
              ORDER BY kind, value",
        )?
        .query_map([contact], alias)?
        .collect::<Result<_>>()?;
    Ok(rows.into_iter().filter_map(named).collect())
}

fn contact_row(connection: &Connection, id: &str) -> Result<Option<ContactRow>> {
    connection
        .prepare_cached(
            "SELECT profile_name, username, served_by, served_at, heard_at FROM contact WHERE id = ?1",
        )?
        .query_row([id], |row| {
            let by = row.get::<_, Option<String>>(2)?.map(EmployeeId::from);
            let at = row.get::<_, Option<i64>>(3)?.map(Millis);
            Ok(ContactRow {
                id: id.into(),
                profile_name: row.get(0)?,
                username: row.get(1)?,
                served: by.zip(at),
                wrote_at: row.get::<_, Option<i64>>(4)?.map(Millis),
                ..ContactRow::default()
            })
        })
        .optional()
}

fn stored(row: &Row<'_>) -> Result<StoredEvent> {
    Ok(StoredEvent { seq: unsigned(row.get(0)?), at: Millis(row.get(1)?), body: row.get(2)? })
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

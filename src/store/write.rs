//! Writing a batch in one transaction.

use super::{Alias, AuditRow, Batch, TableChange, WriteReceipt, contacts};
use crate::domain::{ContactId, InteractionId, Millis};
use rusqlite::{Connection, Result, ToSql, Transaction, TransactionBehavior, params};

pub(super) fn append(connection: &mut Connection, batch: &Batch) -> Result<WriteReceipt> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut written = WriteReceipt::default();
    for raw in &batch.webhooks {
        transaction
            .prepare_cached("INSERT INTO webhook (at, raw) VALUES (?1, ?2)")?
            .execute(params![batch.at.0, raw.as_ref()])?;
        written.webhooks.push(transaction.last_insert_rowid());
    }
    for record in &batch.records {
        transaction
            .prepare_cached("INSERT INTO event (at, kind, interaction, body) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                batch.at.0,
                record.kind,
                record.interaction.as_ref().map(|id| id.as_str()),
                record.body
            ])?;
    }
    let last: i64 = transaction
        .prepare_cached("SELECT COALESCE(MAX(seq), 0) FROM event")?
        .query_row([], |row| row.get(0))?;
    for change in &batch.changes {
        apply(&transaction, change, last)?;
    }
    transaction.commit()?;
    written.last_seq = u64::try_from(last).unwrap_or(0);
    Ok(written)
}

pub(super) fn audit(connection: &mut Connection, rows: &[AuditRow]) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for row in rows {
        audited(&transaction, row)?;
    }
    transaction.commit()
}

fn audited(transaction: &Transaction<'_>, row: &AuditRow) -> Result<usize> {
    transaction
        .prepare_cached(
            "INSERT INTO audit (at, who, role, act, interaction, outcome) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            row.at.0,
            row.who,
            row.role,
            row.act,
            row.interaction.as_ref().map(|id| id.as_str()),
            row.outcome
        ])
}

fn run(transaction: &Transaction<'_>, sql: &str, values: &[&dyn ToSql]) -> Result<usize> {
    transaction.prepare_cached(sql)?.execute(values)
}

fn apply(transaction: &Transaction<'_>, change: &TableChange, last_seq: i64) -> Result<usize> {
    let run = |sql: &str, values: &[&dyn ToSql]| run(transaction, sql, values);
    match change {
        TableChange::WebhookParsed(id) => run("UPDATE webhook SET parsed = 1 WHERE id = ?1", &[id]),
        TableChange::Session { id, contact, phone_number_id, queue, started } => {
            insert_session(transaction, id, contact, phone_number_id, queue, *started)
        }
        TableChange::SessionKind { id, media, outbound, subject } => run(
            "UPDATE session SET media = ?2, outbound = ?3, subject = ?4 WHERE id = ?1",
            &[&id.as_str(), media, outbound, subject],
        ),
        TableChange::Archive { id, contact, phone_number_id, at } => {
            save_archive(transaction, id, contact, phone_number_id, *at)
        }
        TableChange::SessionEnded { id, at } => {
            run("UPDATE session SET ended = ?2 WHERE id = ?1", &[&id.as_str(), &at.0])
        }
        TableChange::SessionReopened(id) => {
            run("UPDATE session SET ended = NULL, live = 1 WHERE id = ?1", &[&id.as_str()])
        }
        TableChange::SessionSettled(id) => run("UPDATE session SET live = 0 WHERE id = ?1", &[&id.as_str()]),
        TableChange::Message { interaction, index, at, body } => {
            let index = i64::try_from(*index).unwrap_or(i64::MAX);
            message(transaction, interaction.as_str(), index, *at, body)
        }
        TableChange::Mark { key, entry } => insert_mark(transaction, key, entry.as_ref()),
        TableChange::UserData { interaction, data } => {
            run("UPDATE session SET user_data = ?2 WHERE id = ?1", &[&interaction.as_str(), data])
        }
        TableChange::Comment { interaction, comment } => {
            run("UPDATE session SET comment = ?2 WHERE id = ?1", &[&interaction.as_str(), comment])
        }
        TableChange::Contact { id, profile_name, username, at } => {
            save_contact(transaction, id, profile_name.as_deref(), username.as_deref(), *at)
        }
        TableChange::Alias { alias, contact } => insert_alias(transaction, alias, contact),
        TableChange::CustomerWrote { contact, at } => run(
            "UPDATE contact SET heard_at = MAX(COALESCE(heard_at, ?2), ?2) WHERE id = ?1",
            &[&contact.as_str(), &at.0],
        ),
        TableChange::Served { contact, employee, at } => run(
            "UPDATE contact SET served_by = ?2, served_at = ?3 WHERE id = ?1",
            &[&contact.as_str(), &employee.as_str(), &at.0],
        ),
        TableChange::Attributes { contact, set, by, at } => {
            contacts::set_attributes(transaction, contact.as_str(), set, by, *at)
        }
        TableChange::ContactDeleted(contact) => contacts::delete(transaction, contact.as_str()),
        TableChange::Merged { into, brought } => contacts::merge(transaction, into.as_str(), brought),
        TableChange::Unmerged { into, from, set } => {
            contacts::unmerge(transaction, into.as_str(), from.as_str(), set)
        }
        TableChange::Assigned { customer, to } => {
            contacts::assign(transaction, customer.as_str(), to.as_str())
        }
        TableChange::Audit(row) => audited(transaction, row),
        TableChange::Checkpoint => run("UPDATE meta SET value = ?1 WHERE name = 'checkpoint'", &[&last_seq]),
    }
}

fn insert_session(
    transaction: &Transaction<'_>,
    id: &InteractionId,
    contact: &ContactId,
    phone_number_id: &str,
    queue: &str,
    started: Millis,
) -> Result<usize> {
    contacts::restore(transaction, contact.as_str())?;
    run(
        transaction,
        "INSERT INTO session (id, contact, phone_number_id, queue, started) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
        &[&id.as_str(), &contact.as_str(), &phone_number_id, &queue, &started.0],
    )
}

/// Inserts or extends a day of a contact's archive.
fn save_archive(
    transaction: &Transaction<'_>,
    id: &InteractionId,
    contact: &ContactId,
    phone_number_id: &str,
    at: Millis,
) -> Result<usize> {
    run(
        transaction,
        "INSERT INTO session (id, contact, phone_number_id, queue, started, ended, live)
             VALUES (?1, ?2, ?3, '', ?4, ?4, 0)
             ON CONFLICT (id) DO UPDATE SET started = MIN(started, ?4), ended = MAX(ended, ?4)",
        &[&id.as_str(), &contact.as_str(), &phone_number_id, &at.0],
    )
}

fn insert_mark(
    transaction: &Transaction<'_>,
    key: &str,
    entry: Option<&(InteractionId, u64)>,
) -> Result<usize> {
    let (interaction, index) = match entry {
        Some((id, index)) => (Some(id.as_str()), i64::try_from(*index).ok()),
        None => (None, None),
    };
    run(
        transaction,
        "INSERT INTO mark (key, interaction, idx) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        &[&key, &interaction, &index],
    )
}

/// Inserts a contact or updates its names at WhatsApp; absent names stay as they are.
fn save_contact(
    transaction: &Transaction<'_>,
    id: &ContactId,
    profile_name: Option<&str>,
    username: Option<&str>,
    at: Millis,
) -> Result<usize> {
    run(
        transaction,
        "INSERT INTO contact (id, created, profile_name, username, home) VALUES (?1, ?2, ?3, ?4, ?1)
             ON CONFLICT (id) DO UPDATE SET profile_name = COALESCE(?3, profile_name),
                                            username = COALESCE(?4, username)",
        &[&id.as_str(), &at.0, &profile_name, &username],
    )?;
    contacts::index_home(transaction, id.as_str())
}

fn insert_alias(transaction: &Transaction<'_>, alias: &Alias, contact: &ContactId) -> Result<usize> {
    run(
        transaction,
        "INSERT INTO alias (kind, value, contact) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        &[&alias.kind.word(), &alias.value, &contact.as_str()],
    )?;
    contacts::index_home(transaction, contact.as_str())
}

fn message(
    transaction: &Transaction<'_>,
    interaction: &str,
    index: i64,
    at: Millis,
    body: &str,
) -> Result<usize> {
    transaction
        .prepare_cached(
            "INSERT INTO message (interaction, idx, at, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![interaction, index, at.0, body])?;
    transaction
        .prepare_cached("UPDATE session SET last_index = MAX(last_index, ?2) WHERE id = ?1")?
        .execute(params![interaction, index])
}

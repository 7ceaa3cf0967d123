//! Writing a batch in one transaction.

use super::{Audited, Batch, Change, Written, contacts};
use crate::domain::Millis;
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};

pub(super) fn append(connection: &mut Connection, batch: &Batch) -> Result<Written> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut written = Written::default();
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

pub(super) fn audit(connection: &mut Connection, rows: &[Audited]) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for row in rows {
        audited(&transaction, row)?;
    }
    transaction.commit()
}

fn audited(transaction: &Transaction<'_>, row: &Audited) -> Result<usize> {
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

fn apply(transaction: &Transaction<'_>, change: &Change, last_seq: i64) -> Result<usize> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| transaction.prepare_cached(sql)?.execute(values);
    match change {
        Change::WebhookParsed(id) => run("UPDATE webhook SET parsed = 1 WHERE id = ?1", &[id]),
        Change::Session { id, contact, phone_number_id, queue, started } => {
            contacts::came(transaction, contact.as_str())?;
            run(
            "INSERT INTO session (id, contact, phone_number_id, queue, started) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            &[&id.as_str(), &contact.as_str(), phone_number_id, queue, &started.0],
        )
        }
        Change::SessionKind { id, media, outbound, subject } => run(
            "UPDATE session SET media = ?2, outbound = ?3, subject = ?4 WHERE id = ?1",
            &[&id.as_str(), media, outbound, subject],
        ),
        Change::Archive { id, contact, phone_number_id, at } => run(
            "INSERT INTO session (id, contact, phone_number_id, queue, started, ended, live)
             VALUES (?1, ?2, ?3, '', ?4, ?4, 0)
             ON CONFLICT (id) DO UPDATE SET started = MIN(started, ?4), ended = MAX(ended, ?4)",
            &[&id.as_str(), &contact.as_str(), phone_number_id, &at.0],
        ),
        Change::Heard { contact, at } => run(
            "UPDATE contact SET heard_at = MAX(COALESCE(heard_at, ?2), ?2) WHERE id = ?1",
            &[&contact.as_str(), &at.0],
        ),
        Change::SessionEnded { id, at } => {
            run("UPDATE session SET ended = ?2 WHERE id = ?1", &[&id.as_str(), &at.0])
        }
        Change::SessionReopened(id) => {
            run("UPDATE session SET ended = NULL, live = 1 WHERE id = ?1", &[&id.as_str()])
        }
        Change::SessionSettled(id) => run("UPDATE session SET live = 0 WHERE id = ?1", &[&id.as_str()]),
        Change::Message { interaction, index, at, body } => {
            let index = i64::try_from(*index).unwrap_or(i64::MAX);
            message(transaction, interaction.as_str(), index, *at, body)
        }
        Change::Mark { key, entry } => {
            let (interaction, index) = match entry {
                Some((id, index)) => (Some(id.as_str()), i64::try_from(*index).ok()),
                None => (None, None),
            };
            run(
                "INSERT INTO mark (key, interaction, idx) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                &[key, &interaction, &index],
            )
        }
        Change::UserData { interaction, data } => {
            run("UPDATE session SET user_data = ?2 WHERE id = ?1", &[&interaction.as_str(), data])
        }
        Change::Comment { interaction, comment } => {
            run("UPDATE session SET comment = ?2 WHERE id = ?1", &[&interaction.as_str(), comment])
        }
        Change::Contact { id, profile_name, username, at } => {
            run(
                "INSERT INTO contact (id, created, profile_name, username, home) VALUES (?1, ?2, ?3, ?4, ?1)
             ON CONFLICT (id) DO UPDATE SET profile_name = COALESCE(?3, profile_name),
                                            username = COALESCE(?4, username)",
                &[&id.as_str(), &at.0, profile_name, username],
            )?;
            contacts::named(transaction, id.as_str())
        }
        Change::Alias { alias, contact } => {
            run(
                "INSERT INTO alias (kind, value, contact) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                &[&alias.kind, &alias.value, &contact.as_str()],
            )?;
            contacts::named(transaction, contact.as_str())
        }
        Change::Attributes { contact, set, by, at } => {
            contacts::set(transaction, contact.as_str(), set, by, *at)
        }
        Change::ContactDeleted(contact) => contacts::delete(transaction, contact.as_str()),
        Change::Merged { into, brought } => contacts::merge(transaction, into.as_str(), brought),
        Change::Unmerged { into, from, set } => {
            contacts::unmerge(transaction, into.as_str(), from.as_str(), set)
        }
        Change::Assigned { customer, to } => contacts::assign(transaction, customer.as_str(), to.as_str()),
        Change::Served { contact, employee, at } => run(
            "UPDATE contact SET served_by = ?2, served_at = ?3 WHERE id = ?1",
            &[&contact.as_str(), &employee.as_str(), &at.0],
        ),
        Change::Audit(row) => audited(transaction, row),
        Change::Checkpoint => run("UPDATE meta SET value = ?1 WHERE name = 'checkpoint'", &[&last_seq]),
    }
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

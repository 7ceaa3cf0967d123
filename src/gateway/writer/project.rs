//! Events as the store keeps them: the record, and the changes of the tables.

use super::model::entry::{self, EntryAuthor, EntryKind, consults, speaks};
use super::model::event::LogEvent;
use super::model::logged::{Archived, EntryLogged};
use super::model::marks::{aliases, conflict_mark, not_routed_day, not_routed_mark, status_mark};
use super::model::monitoring::Watcher;
use super::model::session::SessionStarted;
use super::state::WriterState;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::message::Visibility;
use crate::domain::reach::ContactMethod;
use crate::domain::role::Role;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::proto::media::ParticipantDto;
use crate::store::{AuditRow, EventRecord, MergeRecord, StoreError, TableChange};

/// An event as a line of the log.
pub(super) fn record(event: &LogEvent) -> Result<EventRecord, StoreError> {
    let body = json(event)?;
    Ok(EventRecord { kind: event.kind(), interaction: event.interaction().cloned(), body })
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Database(error.to_string()))
}

/// What an event changes in the tables. `state` has the event in it.
pub(super) fn changes(state: &WriterState, event: &LogEvent) -> Result<Vec<TableChange>, StoreError> {
    Ok(match event {
        LogEvent::WebhookParsed { webhook } => vec![TableChange::WebhookParsed(*webhook)],
        LogEvent::ContactCreated { contact, names, at } | LogEvent::ContactNamed { contact, names, at } => {
            contact_changes(contact, names, *at)
        }
        LogEvent::ContactAliased { contact, names, .. } => alias_changes(contact, names).collect(),
        LogEvent::ContactConflict { names, .. } => vec![mark(conflict_mark(names))],
        LogEvent::ContactEdited { contact, set, by, at } => {
            let (contact, set, by, at) = (contact.clone(), set.clone(), by.clone(), *at);
            vec![TableChange::Attributes { contact, set, by, at }]
        }
        LogEvent::ContactDeleted { contact, .. } => vec![TableChange::ContactDeleted(contact.clone())],
        LogEvent::ContactsMerged { into, from, before, added, by, at } => {
            let (contact, before, added, by) = (from.clone(), before.clone(), added.clone(), by.clone());
            let brought = MergeRecord { contact, before, added, at: *at, by };
            vec![TableChange::Merged { into: into.clone(), brought }]
        }
        LogEvent::ContactsUnmerged { into, from, set, .. } => {
            vec![TableChange::Unmerged { into: into.clone(), from: from.clone(), set: set.clone() }]
        }
        LogEvent::ContactAssigned { customer, to, .. } => {
            vec![TableChange::Assigned { customer: customer.clone(), to: to.clone() }]
        }
        LogEvent::SessionStarted(start) => session_changes(start),
        LogEvent::ContactReached { id, contact, by, way, address, at, .. } => {
            reached(id, contact, by, way, address, *at)?
        }
        LogEvent::EntryLogged(logged) => entry_changes(state, logged)?,
        LogEvent::MessageArchived(archived) => archived_changes(archived)?,
        LogEvent::ChangeUnmatched(change) => change.mark.clone().map(mark).into_iter().collect(),
        LogEvent::NotRouted { message, at } => {
            vec![mark(not_routed_mark(&message.wamid)), mark(not_routed_day(message, *at))]
        }
        LogEvent::SendAccepted { interaction, index, wamid, .. } => {
            vec![TableChange::Mark { key: wamid.clone(), entry: Some((interaction.clone(), *index)) }]
        }
        LogEvent::StatusUnmatched(status) => vec![mark(status_mark(&status.wamid, &status.status))],
        LogEvent::Unplaced { wamid, .. } => vec![mark(wamid.clone())],
        LogEvent::UserDataSet { interaction, .. } | LogEvent::UserDataDeleted { interaction, .. } => {
            user_data_changes(state, interaction)?
        }
        LogEvent::CommentSet { interaction, comment } => {
            vec![TableChange::Comment { interaction: interaction.clone(), comment: comment.clone() }]
        }
        LogEvent::Completed { interaction, by, at } => end_changes(state, interaction, by, *at),
        LogEvent::Reopened { interaction, .. } => vec![TableChange::SessionReopened(interaction.clone())],
        LogEvent::SupervisorSet { interaction, watcher, role, at } => {
            vec![TableChange::Audit(audit_row(interaction, watcher, *role, *at))]
        }
        LogEvent::Checkpoint { .. } => vec![TableChange::Checkpoint],
        LogEvent::Routing(_)
        | LogEvent::SessionContact { .. }
        | LogEvent::MonitoringStarted { .. }
        | LogEvent::MonitoringStopped { .. }
        | LogEvent::SupervisorGone { .. }
        | LogEvent::SendAttempted { .. }
        | LogEvent::SendFailed { .. }
        | LogEvent::SendDeferred { .. }
        | LogEvent::SendUnknown { .. }
        | LogEvent::PartyAsked { .. }
        | LogEvent::PartyAnswered { .. }
        | LogEvent::TargetSpent { .. }
        | LogEvent::PartyLeft { .. }
        | LogEvent::WorkbinPlaced { .. }
        | LogEvent::WorkbinLeft { .. }
        | LogEvent::OperationDone { .. }
        | LogEvent::AccountChanged { .. }
        | LogEvent::AccountNotice { .. } => Vec::new(),
    })
}

/// The mark of something that has no entry.
const fn mark(key: String) -> TableChange {
    TableChange::Mark { key, entry: None }
}

fn alias_changes(contact: &ContactId, names: &CustomerNames) -> impl Iterator<Item = TableChange> {
    aliases(names).map(|alias| TableChange::Alias { alias, contact: contact.clone() })
}

fn session_changes(start: &SessionStarted) -> Vec<TableChange> {
    let session = TableChange::Session {
        id: start.interaction.clone(),
        contact: start.contact.clone(),
        phone_number_id: start.phone_number_id.clone(),
        queue: start.queue.clone(),
        started: start.at,
    };
    let kind = start.outbound.then(|| TableChange::SessionKind {
        id: start.interaction.clone(),
        media: MEDIA_TYPE.to_owned(),
        outbound: true,
        subject: String::new(),
    });
    std::iter::once(session).chain(kind).collect()
}

fn user_data_changes(state: &WriterState, id: &InteractionId) -> Result<Vec<TableChange>, StoreError> {
    let Some(session) = state.sessions.get(id) else { return Ok(Vec::new()) };
    Ok(vec![TableChange::UserData { interaction: id.clone(), data: json(&session.user_data)? }])
}

fn end_changes(state: &WriterState, id: &InteractionId, by: &EmployeeId, at: Millis) -> Vec<TableChange> {
    let mut changes = vec![TableChange::SessionEnded { id: id.clone(), at }];
    if let Some(session) = state.sessions.get(id) {
        let (contact, employee) = (session.contact.clone(), by.clone());
        changes.push(TableChange::Served { contact, employee, at });
    }
    changes
}

/// Reading a session as its supervisor is audited.
fn audit_row(id: &InteractionId, watcher: &Watcher, role: Role, at: Millis) -> AuditRow {
    AuditRow {
        seq: 0,
        at,
        who: watcher.supervisor.as_str().to_owned(),
        role: role.word().to_owned(),
        act: "saw".to_owned(),
        interaction: Some(id.clone()),
        outcome: "done".to_owned(),
    }
}

fn contact_changes(contact: &ContactId, names: &CustomerNames, at: Millis) -> Vec<TableChange> {
    let mut changes = vec![TableChange::Contact {
        id: contact.clone(),
        profile_name: names.profile_name.clone(),
        username: names.username.clone(),
        at,
    }];
    changes.extend(alias_changes(contact, names));
    changes
}

fn entry_changes(state: &WriterState, logged: &EntryLogged) -> Result<Vec<TableChange>, StoreError> {
    let (interaction, index) = (logged.interaction.clone(), logged.entry.index);
    let body = json(&logged.entry)?;
    let mut changes =
        vec![TableChange::Message { interaction: interaction.clone(), index, at: logged.at, body }];
    if let Some(key) = &logged.mark {
        changes.push(TableChange::Mark { key: key.clone(), entry: Some((interaction.clone(), index)) });
    }
    if let (Some(session), EntryAuthor::Customer) =
        (state.sessions.get(&interaction), EntryAuthor::of(&logged.entry.from))
        && speaks(&logged.entry)
    {
        changes.push(TableChange::CustomerWrote { contact: session.contact.clone(), at: logged.at });
    }
    // Advice is no service to the customer.
    let moved = matches!(EntryKind::of(&logged.entry), EntryKind::Joined | EntryKind::Left)
        && !consults(&logged.entry.from);
    if let (true, Some(session), Some(agent)) =
        (moved, state.sessions.get(&interaction), logged.entry.from.person_id.as_deref())
    {
        let (contact, employee) = (session.contact.clone(), agent.into());
        changes.push(TableChange::Served { contact, employee, at: logged.at });
    }
    Ok(changes)
}

fn archived_changes(archived: &Archived) -> Result<Vec<TableChange>, StoreError> {
    let Archived { contact, phone_number_id, logged } = archived;
    let (id, index) = (logged.interaction.clone(), logged.entry.index);
    let body = json(&logged.entry)?;
    let mut changes = vec![
        TableChange::Archive {
            id: id.clone(),
            contact: contact.clone(),
            phone_number_id: phone_number_id.clone(),
            at: logged.at,
        },
        TableChange::Message { interaction: id.clone(), index, at: logged.at, body },
    ];
    changes.extend(logged.mark.clone().map(|key| TableChange::Mark { key, entry: Some((id, index)) }));
    Ok(changes)
}

/// Contact outside this desk becomes a separate interaction in the history, with one entry.
fn reached(
    id: &InteractionId,
    contact: &ContactId,
    by: &ParticipantDto,
    way: &str,
    address: &str,
    at: Millis,
) -> Result<Vec<TableChange>, StoreError> {
    let done = ContactMethod::of_media_type(way).map_or("reached", ContactMethod::done);
    let mut made = entry::entry(EntryKind::Notice, by.clone(), Visibility::Agent, at);
    made.index = 1;
    made.text = Some(format!("{} {done} {address}", by.nickname));
    let (id, subject) = (id.clone(), address.to_owned());
    Ok(vec![
        TableChange::Session {
            id: id.clone(),
            contact: contact.clone(),
            phone_number_id: String::new(),
            queue: String::new(),
            started: at,
        },
        TableChange::SessionKind { id: id.clone(), media: way.to_owned(), outbound: true, subject },
        TableChange::Message { interaction: id.clone(), index: 1, at, body: json(&made)? },
        TableChange::SessionEnded { id: id.clone(), at },
        TableChange::SessionSettled(id),
    ])
}

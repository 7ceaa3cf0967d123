//! Events as the store keeps them: the record, and the changes of the tables.

use super::event::{EntryLogged, Event};
use super::session::consults;
use super::state::State;
use crate::domain::{ContactId, Millis};
use crate::gateway::whatsapp::inbound::Names;
use crate::store::{Alias, Brought, Change, Record, StoreError};

/// An event as a line of the log.
pub(super) fn record(event: &Event) -> Result<Record, StoreError> {
    let body = json(event)?;
    Ok(Record { kind: event.kind(), interaction: event.interaction().cloned(), body })
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Database(error.to_string()))
}

/// The aliases among names.
pub(super) fn aliases(names: &Names) -> impl Iterator<Item = Alias> {
    let named = |kind, value: &Option<String>| {
        value.as_ref().filter(|value| !value.is_empty()).map(|value| Alias { kind, value: value.clone() })
    };
    [named("wa_id", &names.wa_id), named("user_id", &names.user_id)].into_iter().flatten()
}

/// What an event changes in the tables. `state` has the event in it.
pub(super) fn changes(state: &State, event: &Event) -> Result<Vec<Change>, StoreError> {
    Ok(match event {
        Event::WebhookParsed { webhook } => vec![Change::WebhookParsed(*webhook)],
        Event::ContactCreated { contact, names, at } | Event::ContactNamed { contact, names, at } => {
            contact_changes(contact, names, *at)
        }
        Event::ContactConflict { names, .. } => {
            vec![Change::Mark { key: conflict_mark(names), entry: None }]
        }
        Event::ContactEdited { contact, set, by, at } => {
            vec![Change::Attributes { contact: contact.clone(), set: set.clone(), by: by.clone(), at: *at }]
        }
        Event::ContactDeleted { contact, .. } => vec![Change::ContactDeleted(contact.clone())],
        Event::ContactsMerged { into, from, before, added, by, at } => vec![Change::Merged {
            into: into.clone(),
            brought: Brought {
                contact: from.clone(),
                before: before.clone(),
                added: added.clone(),
                at: *at,
                by: by.clone(),
            },
        }],
        Event::ContactsUnmerged { into, from, set, .. } => {
            vec![Change::Unmerged { into: into.clone(), from: from.clone(), set: set.clone() }]
        }
        Event::ContactAssigned { customer, to, .. } => {
            vec![Change::Assigned { customer: customer.clone(), to: to.clone() }]
        }
        Event::SessionStarted(start) => vec![Change::Session {
            id: start.interaction.clone(),
            contact: start.contact.clone(),
            phone_number_id: start.phone_number_id.clone(),
            queue: start.queue.clone(),
            started: start.at,
        }],
        Event::EntryLogged(logged) => entry_changes(state, logged)?,
        Event::SendAccepted { interaction, index, wamid, .. } => {
            vec![Change::Mark { key: wamid.clone(), entry: Some((interaction.clone(), *index)) }]
        }
        Event::StatusUnmatched(stray) => {
            vec![Change::Mark { key: status_mark(&stray.wamid, &stray.word), entry: None }]
        }
        Event::Unplaced { wamid, .. } => vec![Change::Mark { key: wamid.clone(), entry: None }],
        Event::UserDataSet { interaction, .. } | Event::UserDataDeleted { interaction, .. } => {
            match state.sessions.get(interaction) {
                Some(session) => {
                    let data = json(&session.user_data)?;
                    vec![Change::UserData { interaction: interaction.clone(), data }]
                }
                None => Vec::new(),
            }
        }
        Event::CommentSet { interaction, comment } => {
            vec![Change::Comment { interaction: interaction.clone(), comment: comment.clone() }]
        }
        Event::Completed { interaction, by, at } => {
            let mut changes = vec![Change::SessionEnded { id: interaction.clone(), at: *at }];
            if let Some(session) = state.sessions.get(interaction) {
                let contact = session.contact.clone();
                changes.push(Change::Served { contact, employee: by.clone(), at: *at });
            }
            changes
        }
        Event::Checkpoint { .. } => vec![Change::Checkpoint],
        Event::Routing(_)
        | Event::SessionContact { .. }
        | Event::SendAttempted { .. }
        | Event::SendFailed { .. }
        | Event::SendDeferred { .. }
        | Event::SendUnknown { .. }
        | Event::PartyAsked { .. }
        | Event::PartyAnswered { .. }
        | Event::PartyLeft { .. }
        | Event::OperationDone { .. }
        | Event::AccountNotice { .. } => Vec::new(),
    })
}

fn contact_changes(contact: &ContactId, names: &Names, at: Millis) -> Vec<Change> {
    let mut changes = vec![Change::Contact {
        id: contact.clone(),
        profile_name: names.profile_name.clone(),
        username: names.username.clone(),
        at,
    }];
    changes.extend(aliases(names).map(|alias| Change::Alias { alias, contact: contact.clone() }));
    changes
}

fn entry_changes(state: &State, logged: &EntryLogged) -> Result<Vec<Change>, StoreError> {
    let (interaction, index) = (logged.interaction.clone(), logged.entry.index);
    let body = json(&logged.entry)?;
    let mut changes = vec![Change::Message { interaction: interaction.clone(), index, at: logged.at, body }];
    if let Some(key) = &logged.mark {
        changes.push(Change::Mark { key: key.clone(), entry: Some((interaction.clone(), index)) });
    }
    // Advice is no service to the customer.
    let moved = matches!(logged.entry.kind.as_str(), "ParticipantJoined" | "ParticipantLeft")
        && !consults(&logged.entry.from);
    if let (true, Some(session), Some(agent)) =
        (moved, state.sessions.get(&interaction), logged.entry.from.person_id.as_deref())
    {
        let (contact, employee) = (session.contact.clone(), agent.into());
        changes.push(Change::Served { contact, employee, at: logged.at });
    }
    Ok(changes)
}

/// Under what a status is known when it comes again.
pub(super) fn status_mark(wamid: &str, word: &str) -> String {
    format!("status:{word}:{wamid}")
}

/// Under what it is known that these names belong to two contacts.
pub(super) fn conflict_mark(names: &Names) -> String {
    let [one, other] = [&names.wa_id, &names.user_id].map(|name| name.as_deref().unwrap_or_default());
    format!("conflict:{one}:{other}")
}

//! The stored data that a webhook needs, read before it is processed and updated on the way.
//!
//! Must not: decide anything.

use crate::domain::{ContactId, Millis};
use crate::gateway::whatsapp::inbound::{
    Content, CustomerNames, InboundMessage, NotRoutedReason, UnroutedMessage, WebhookUpdate,
};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::Archived;
use crate::gateway::writer::model::marks::{
    self, aliases, conflict_mark, forms, history_mark, not_routed_day, not_routed_mark, status_mark,
};
use crate::gateway::writer::model::{archive, sending};
use crate::gateway::writer::setup::WriterSetup;
use crate::gateway::writer::state::WriterState;
use crate::store::{PrefetchQuery, PrefetchResult, SessionRow};

/// WhatsApp is younger than this moment: an earlier time is invalid.
const FIRST: Millis = Millis(1_230_768_000_000);

/// One message, status or change of a webhook.
pub struct Incoming {
    /// The webhook's number in the store.
    pub webhook: i64,
    pub received: Millis,
    pub update: WebhookUpdate,
}

/// What has to be known of the past before these updates can be processed.
pub fn wanted(incoming: &[&Incoming], setup: &WriterSetup) -> PrefetchQuery {
    let mut wanted = PrefetchQuery::default();
    for Incoming { update, received, .. } in incoming {
        let received = *received;
        match update {
            WebhookUpdate::Message(message)
            | WebhookUpdate::Echo(message)
            | WebhookUpdate::Call(message)
            | WebhookUpdate::History { message, .. } => {
                wanted.aliases.extend(forms(&message.customer));
                wanted.marks.insert(conflict_mark(&message.customer));
                let quotes = message.quotes.as_deref();
                wanted.quoted.extend(quotes.into_iter().flat_map(|id| [id.to_owned(), history_mark(id)]));
                let ids =
                    [Some(message.wamid.as_str()), about(&message.content), quotes].into_iter().flatten();
                wanted.marks.extend(ids.flat_map(|id| [id.to_owned(), history_mark(id)]));
                wanted.marks.extend(marks::stands_in_for(&message.wamid).map(history_mark));
                let other = not_ours(setup, message);
                wanted.marks.extend(other.iter().flat_map(|other| not_routed_marks(other, received)));
            }
            WebhookUpdate::Status(status) => {
                wanted.aliases.extend(aliases(&status.customer));
                wanted.marks.insert(conflict_mark(&status.customer));
                wanted.marks.insert(status.wamid.clone());
                wanted.marks.insert(status_mark(&status.wamid, &status.status));
                let ticket = status.tracker.as_deref().and_then(sending::ticket);
                wanted.sessions.extend(ticket.map(|(interaction, _)| interaction));
                let other = other_number(setup, &status.wamid, status.phone_number_id.as_deref());
                wanted.marks.extend(other.iter().flat_map(|other| not_routed_marks(other, received)));
            }
            WebhookUpdate::Renamed { old, new, .. } => {
                wanted.aliases.extend(aliases(old).chain(aliases(new)));
                wanted.marks.insert(conflict_mark(new));
            }
            WebhookUpdate::NotRouted(message) => wanted.marks.extend(not_routed_marks(message, received)),
            WebhookUpdate::AccountChanged(_) | WebhookUpdate::Unhandled { .. } => {}
        }
    }
    wanted
}

/// What has to be known in addition once the contacts are known: their days in the archive, for messages that
/// may belong there, and their newest archived messages, for a session that may start.
pub fn wanted_of_archives(
    incoming: &[&Incoming],
    found: &PrefetchResult,
    state: &WriterState,
) -> PrefetchQuery {
    let mut wanted = PrefetchQuery::default();
    for Incoming { update, received, .. } in incoming {
        let (WebhookUpdate::Message(message)
        | WebhookUpdate::Echo(message)
        | WebhookUpdate::Call(message)
        | WebhookUpdate::History { message, .. }) = update
        else {
            continue;
        };
        let at = clamped(message.at, *received);
        let begins = matches!(update, WebhookUpdate::Message(_)) && about(&message.content).is_none();
        for owner in forms(&message.customer).filter_map(|alias| found.aliases.get(&alias)) {
            if !begins {
                wanted.sessions.insert(archive::id(owner, at));
            } else if !state.has_open_session(owner) {
                wanted.archives.insert(owner.clone());
            }
        }
    }
    wanted
}

/// A message or a status that is for another number than this gateway's.
pub fn other_number(setup: &WriterSetup, wamid: &str, named: Option<&str>) -> Option<UnroutedMessage> {
    let (named, own) = named.zip(setup.phone_number_id.as_deref())?;
    let about = named.to_owned();
    (named != own).then(|| UnroutedMessage { wamid: wamid.to_owned(), why: NotRoutedReason::Number, about })
}

/// A message that is not from a customer to this gateway's number.
pub fn not_ours(setup: &WriterSetup, message: &InboundMessage) -> Option<UnroutedMessage> {
    let wamid = &message.wamid;
    other_number(setup, wamid, message.phone_number_id.as_deref()).or_else(|| {
        let is_own = message.customer.wa_id.as_deref().is_some_and(|id| setup.is_own_number(id));
        is_own.then(|| UnroutedMessage {
            wamid: wamid.clone(),
            why: NotRoutedReason::Author,
            about: String::new(),
        })
    })
}

pub fn not_routed_marks(message: &UnroutedMessage, received: Millis) -> [String; 2] {
    [not_routed_mark(&message.wamid), not_routed_day(message, received)]
}

/// When something was written: by WhatsApp's clock, but not after it was received. An invalid time becomes
/// the time of receipt.
pub fn clamped(at: Millis, received: Millis) -> Millis {
    if at < FIRST { received } else { at.min(received) }
}

/// The ID of the message that a content refers to.
pub fn about(content: &Content) -> Option<&str> {
    match content {
        Content::Reaction { of, .. } | Content::Edit { of, .. } | Content::Revoke { of } => Some(of),
        Content::Text(_) | Content::Media { .. } | Content::Placeholder(_) | Content::Note(_) => None,
    }
}

/// Adds what an event changes to what was found.
pub fn learn(found: &mut PrefetchResult, event: &LogEvent) {
    match event {
        LogEvent::EntryLogged(logged) => {
            let (id, index) = (&logged.interaction, logged.entry.index);
            if let Some(row) = found.sessions.get_mut(id) {
                row.last_index = row.last_index.max(index);
            }
            if let Some(mark) = &logged.mark {
                found.marks.insert(mark.clone(), Some((id.clone(), index)));
            }
        }
        LogEvent::SendAccepted { interaction, index, wamid, .. } => {
            found.marks.insert(wamid.clone(), Some((interaction.clone(), *index)));
        }
        LogEvent::StatusUnmatched(stray) => {
            found.marks.insert(status_mark(&stray.wamid, &stray.status), None);
        }
        LogEvent::MessageArchived(archived) => learn_archived(found, archived),
        LogEvent::ChangeUnmatched(change) => {
            found.marks.extend(change.mark.clone().map(|mark| (mark, None)));
        }
        LogEvent::NotRouted { message, at } => {
            found.marks.extend(not_routed_marks(message, *at).map(|mark| (mark, None)));
        }
        LogEvent::ContactConflict { names, .. } => {
            found.marks.insert(conflict_mark(names), None);
        }
        LogEvent::ContactAliased { contact, names, .. } => learn_aliases(found, contact, names),
        LogEvent::ContactCreated { contact, names, .. } | LogEvent::ContactNamed { contact, names, .. } => {
            learn_aliases(found, contact, names);
            let row = found.contacts.entry(contact.clone()).or_default();
            row.id = contact.clone();
            row.profile_name = names.profile_name.clone().or_else(|| row.profile_name.take());
            row.username = names.username.clone().or_else(|| row.username.take());
        }
        LogEvent::Routing(_)
        | LogEvent::WebhookParsed { .. }
        | LogEvent::ContactEdited { .. }
        | LogEvent::ContactDeleted { .. }
        | LogEvent::ContactsMerged { .. }
        | LogEvent::ContactsUnmerged { .. }
        | LogEvent::ContactAssigned { .. }
        | LogEvent::SessionContact { .. }
        | LogEvent::SessionStarted(_)
        | LogEvent::SendAttempted { .. }
        | LogEvent::SendDeferred { .. }
        | LogEvent::SendFailed { .. }
        | LogEvent::SendUnknown { .. }
        | LogEvent::Unplaced { .. }
        | LogEvent::UserDataSet { .. }
        | LogEvent::UserDataDeleted { .. }
        | LogEvent::CommentSet { .. }
        | LogEvent::PartyAsked { .. }
        | LogEvent::TargetSpent { .. }
        | LogEvent::PartyAnswered { .. }
        | LogEvent::PartyLeft { .. }
        | LogEvent::MonitoringStarted { .. }
        | LogEvent::MonitoringStopped { .. }
        | LogEvent::SupervisorSet { .. }
        | LogEvent::SupervisorGone { .. }
        | LogEvent::WorkbinPlaced { .. }
        | LogEvent::WorkbinLeft { .. }
        | LogEvent::ContactReached { .. }
        | LogEvent::Completed { .. }
        | LogEvent::Reopened { .. }
        | LogEvent::OperationDone { .. }
        | LogEvent::AccountChanged { .. }
        | LogEvent::AccountNotice { .. }
        | LogEvent::Checkpoint { .. } => {}
    }
}

fn learn_archived(found: &mut PrefetchResult, archived: &Archived) {
    let Archived { contact, logged, .. } = archived;
    let (id, index) = (&logged.interaction, logged.entry.index);
    let new = SessionRow { contact: contact.clone(), last_index: 0 };
    let row = found.sessions.entry(id.clone()).or_insert(new);
    row.last_index = row.last_index.max(index);
    if let (Some(mark), Ok(body)) = (&logged.mark, serde_json::to_string(&logged.entry)) {
        found.marks.insert(mark.clone(), Some((id.clone(), index)));
        found.quoted.insert(mark.clone(), body.clone());
        found.archives.entry(contact.clone()).or_default().push((logged.at, body));
    }
}

fn learn_aliases(found: &mut PrefetchResult, contact: &ContactId, names: &CustomerNames) {
    for alias in aliases(names) {
        found.aliases.entry(alias).or_insert_with(|| contact.clone());
    }
}

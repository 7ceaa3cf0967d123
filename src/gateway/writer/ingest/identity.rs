//! Who a customer is: the names that WhatsApp uses for them, now and before.
//!
//! Must not: merge two contacts. Where a merge may be right, a person decides.

use super::context::Ingest;
use crate::domain::contact::AliasKind;
use crate::domain::{ContactId, InteractionId, Millis};
use crate::gateway::whatsapp::inbound::{CustomerNames, InboundMessage};
use crate::gateway::writer::api::SendReport;
use crate::gateway::writer::ids::Ids;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::marks::{aliases, conflict_mark, forms};
use crate::gateway::writer::model::sending;
use crate::gateway::writer::setup::WriterSetup;
use crate::gateway::writer::state::WriterState;
use crate::store::{Alias, ContactRow, PrefetchQuery, PrefetchResult, Store, StoreError};

/// What has to be known before the names in WhatsApp's answer to a send can be processed. Nothing when the
/// customer already has these names.
pub async fn prefetch_names(
    store: &dyn Store,
    state: &WriterState,
    report: &SendReport,
) -> Result<Option<PrefetchResult>, StoreError> {
    let session = sending::ticket(&report.tracker).and_then(|(id, _)| state.sessions.get(&id));
    let Some(session) = session else { return Ok(None) };
    let own: Vec<Alias> = aliases(&session.names).collect();
    let new = aliases(&report.customer).filter(|alias| !own.contains(alias));
    let mut wanted = PrefetchQuery { aliases: new.collect(), ..PrefetchQuery::default() };
    if wanted.aliases.is_empty() {
        return Ok(None);
    }
    wanted.contacts.insert(session.contact.clone());
    wanted.marks.insert(conflict_mark(&report.customer));
    store.prefetch(wanted).await.map(Some)
}

/// The events for the names in WhatsApp's answer to a send, after the events of the answer itself.
pub fn reported(
    state: &WriterState,
    setup: &WriterSetup,
    found: &PrefetchResult,
    report: &SendReport,
    now: Millis,
    events: &mut Vec<LogEvent>,
) {
    let session = sending::ticket(&report.tracker).and_then(|(id, _)| state.sessions.get(&id));
    if let Some(session) = session {
        let ingest = Ingest { state, setup, found, now, received: now };
        ingest.also_called((&session.id, &session.contact), &report.customer, events);
    }
}

impl Ingest<'_> {
    /// WhatsApp names the recipient of our message, perhaps under another name than the one it was addressed
    /// to: the customer's answer will come under that name.
    pub fn also_called(
        &self,
        (session, contact): (&InteractionId, &ContactId),
        names: &CustomerNames,
        events: &mut Vec<LogEvent>,
    ) {
        let home = |id: &ContactId| {
            let row = self.found.contacts.get(id);
            row.and_then(|row| row.home.clone()).unwrap_or_else(|| id.clone())
        };
        let (mut new, mut taken) = (CustomerNames::default(), None);
        for alias in aliases(names).filter(|alias| !self.setup.is_own_number(&alias.value)) {
            match self.found.aliases.get(&alias) {
                None => match alias.kind {
                    AliasKind::WaId => new.wa_id = Some(alias.value),
                    AliasKind::UserId => new.user_id = Some(alias.value),
                },
                Some(known) if home(known) == home(contact) => {}
                Some(known) => taken = Some((known.clone(), alias.value)),
            }
        }
        let at = self.now;
        if let Some((other, name)) = taken.filter(|_| !self.seen(&conflict_mark(names))) {
            let (contact, names) = (contact.clone(), names.clone());
            events.push(LogEvent::ContactConflict { contact, other, names, at });
            let text = format!("WhatsApp calls this customer {name} too, and that is another contact");
            self.line(session, text, at, events);
        }
        if new != CustomerNames::default() {
            events.push(LogEvent::ContactAliased { contact: contact.clone(), names: new, at });
        }
    }

    /// The contact with any of these names, or a new one.
    pub fn contact(&self, message: &InboundMessage, ids: &mut Ids) -> (ContactRow, Vec<LogEvent>) {
        let names = &message.customer;
        let mut owners: Vec<&ContactId> =
            aliases(names).filter_map(|alias| self.found.aliases.get(&alias)).collect();
        if owners.is_empty() {
            // The other form of the number is known, perhaps because an agent wrote to it.
            owners.extend(forms(names).find_map(|alias| self.found.aliases.get(&alias)));
        }
        // Of two contacts, the one who is being served; else the one with the number.
        owners.sort_by_key(|owner| self.open_session(owner, message).is_none());
        let Some(&owner) = owners.first() else {
            let id = ContactId::from(ids.next());
            let (contact, names) = (id.clone(), names.clone());
            let created = LogEvent::ContactCreated { contact, names, at: self.now };
            return (ContactRow { id, ..ContactRow::default() }, vec![created]);
        };
        let events = self.more_names(owner, names, owners.iter().find(|other| **other != owner).copied());
        let row = self.found.contacts.get(owner).cloned();
        (row.unwrap_or_else(|| ContactRow { id: owner.clone(), ..ContactRow::default() }), events)
    }

    /// Adds the new names to a contact, and flags those that belong to another contact.
    pub fn more_names(
        &self,
        owner: &ContactId,
        names: &CustomerNames,
        other: Option<&ContactId>,
    ) -> Vec<LogEvent> {
        let mut events = Vec::new();
        if let Some(other) = other.filter(|_| !self.seen(&conflict_mark(names))) {
            let (contact, other, names) = (owner.clone(), other.clone(), names.clone());
            events.push(LogEvent::ContactConflict { contact, other, names, at: self.now });
        }
        let row = self.found.contacts.get(owner);
        let mut new = names.clone();
        let mut is_new = false;
        for alias in aliases(names) {
            match self.found.aliases.get(&alias) {
                None => is_new = true,
                Some(known) if known == owner => {}
                Some(_) => match alias.kind {
                    AliasKind::WaId => new.wa_id = None,
                    AliasKind::UserId => new.user_id = None,
                },
            }
        }
        let differs = |new: &Option<String>, old: Option<&String>| new.is_some() && new.as_ref() != old;
        is_new |= differs(&new.profile_name, row.and_then(|row| row.profile_name.as_ref()));
        is_new |= differs(&new.username, row.and_then(|row| row.username.as_ref()));
        if is_new {
            events.push(LogEvent::ContactNamed { contact: owner.clone(), names: new, at: self.now });
        }
        events
    }

    pub fn renamed(&self, old: &CustomerNames, new: &CustomerNames) -> Vec<LogEvent> {
        let owner_of =
            |names: &CustomerNames| aliases(names).find_map(|alias| self.found.aliases.get(&alias));
        let (owner, names, other) = match (owner_of(old), owner_of(new)) {
            (Some(owner), other) => (owner, new, other.filter(|other| *other != owner)),
            (None, Some(owner)) => (owner, old, None),
            (None, None) => {
                tracing::info!("an unknown customer changed names");
                return Vec::new();
            }
        };
        self.more_names(owner, names, other)
    }
}

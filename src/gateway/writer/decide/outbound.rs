//! What agents begin: a template in a session, a session with a template, and other ways to the customer.
//!
//! Owns: the rules for these. Must not: know which templates there are; the caller has checked that.
//! Invariants: a customer has one open session on a number of ours, whoever began it. A session that an
//! agent begins is theirs at once, and its reply window opens when the customer answers.

use super::context::{CommandContext, CommandOutcome, refusal_of, routing};
use crate::domain::ContactId;
use crate::domain::contact::AliasKind;
use crate::domain::message::Visibility;
use crate::domain::reach::number;
use crate::gateway::router::Fact;
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::gateway::writer::api::{Command, FilledTemplate, Recipient, Refusal};
use crate::gateway::writer::ids::Ids;
use crate::gateway::writer::model::entry::{self, EntryKind, agent_party};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::gateway::writer::model::marks::forms;
use crate::gateway::writer::model::prefetch::PrefetchedContacts;
use crate::gateway::writer::model::session::{SessionStarted, SessionState};
use crate::store::{ContactRow, PrefetchQuery, Store, StoreError};

/// Reads the contacts that a command needs. `before` is what commands of the same batch have learned, which
/// the store does not have yet.
pub async fn prefetch_contacts(
    store: &dyn Store,
    command: &Command,
    before: Option<PrefetchedContacts>,
    ids: &mut Ids,
) -> Result<Option<PrefetchedContacts>, StoreError> {
    let Command::StartSession { to, .. } = command else { return Ok(before) };
    let mut wanted = PrefetchQuery::default();
    wanted.contacts.extend(to.contact.clone());
    if let Some(names) = to.number.as_deref().and_then(|text| number(text).ok()).map(of_number) {
        wanted.aliases.extend(forms(&names));
    }
    let mut found = store.prefetch(wanted).await?;
    if let Some(before) = before {
        found.aliases.extend(before.found.aliases);
        found.contacts.extend(before.found.contacts);
    }
    let (interaction, contact) = (ids.next().into(), ids.next().into());
    Ok(Some(PrefetchedContacts { found, interaction, contact }))
}

pub fn of_number(digits: String) -> CustomerNames {
    CustomerNames { wa_id: Some(digits), ..CustomerNames::default() }
}

impl CommandContext<'_> {
    /// A session with a customer who has none, begun with a template.
    pub fn start_session(
        &self,
        to: &Recipient,
        template: &FilledTemplate,
        nickname: Option<&str>,
        prefetched: Option<&PrefetchedContacts>,
    ) -> CommandOutcome {
        let prefetched =
            prefetched.ok_or_else(|| Refusal::Store("the customer was not looked for".to_owned()))?;
        let phone = self.setup.phone_number_id.as_deref().ok_or_else(|| {
            Refusal::Conflict(
                "this gateway has no WhatsApp number, so nothing was sent; ask your administrator".to_owned(),
            )
        })?;
        let digits = to.number.as_deref().map(number).transpose();
        let digits = digits.map_err(|wrong| Refusal::Invalid(format!("{wrong}; nothing was sent")))?;
        if digits.as_ref().is_some_and(|digits| self.setup.is_own_number(digits)) {
            return Err(Refusal::Invalid("that is the business's own number; nothing was sent".to_owned()));
        }
        let view = self.state.router.agent_state(self.me());
        if view.load >= view.capacity {
            let places = self.places_taken(self.me());
            return Err(Refusal::Conflict(format!("{places}; nothing was sent")));
        }
        let (row, names, mut events) = self.resolve_recipient(to, digits, prefetched)?;
        if let Some(open) = self.state.open_session(&row.id, phone) {
            return Err(self.already_served(open));
        }
        let id = prefetched.interaction.clone();
        let start = SessionStarted {
            interaction: id.clone(),
            contact: row.id,
            phone_number_id: phone.to_owned(),
            queue: self.setup.queue.clone(),
            names,
            first_name: row.first_name,
            last_name: row.last_name,
            owner: row.home,
            is_known: row.is_known,
            outbound: true,
            heard: row.wrote_at,
            at: self.now,
        };
        // Only to compute from: the state changes by the event.
        let session = SessionState::new(&start);
        let address = session.address().ok_or_else(|| {
            Refusal::Conflict("this contact has no number on WhatsApp: give one; nothing was sent".to_owned())
        })?;
        let assigned = self.state.router.assign(self.me(), &id, &self.setup.queue, self.now);
        let assigned = routing(assigned.map_err(refusal_of)?);
        events.push(LogEvent::SessionStarted(start));
        events.extend(assigned);
        let own = self.setup.people.get(self.me()).map(|person| person.nickname.as_str());
        let nickname = nickname.filter(|name| !name.trim().is_empty()).or(own);
        let party = agent_party(self.me(), nickname.unwrap_or(self.me().as_str()), 1);
        let mut joined = entry::entry(EntryKind::Joined, party.clone(), Visibility::Agent, self.now);
        joined.index = 1;
        let mut made = self.template_entry(template, party);
        made.index = 2;
        for (entry, send_to) in [(joined, None), (made, Some(address))] {
            let interaction = id.clone();
            events.push(LogEvent::EntryLogged(EntryLogged {
                interaction,
                at: self.now,
                entry,
                mark: None,
                send_to,
            }));
        }
        events.push(LogEvent::Routing(Fact::AgentSpoke { interaction: id, at: self.now }));
        Ok(events)
    }

    /// The recipient's contact, its names at WhatsApp, and the events for what is new.
    pub fn resolve_recipient(
        &self,
        to: &Recipient,
        digits: Option<String>,
        prefetched: &PrefetchedContacts,
    ) -> Result<(ContactRow, CustomerNames, Vec<LogEvent>), Refusal> {
        let found = &prefetched.found;
        let row = |id: &ContactId| {
            let known = found.contacts.get(id).cloned();
            known.unwrap_or_else(|| ContactRow { id: id.clone(), ..ContactRow::default() })
        };
        let named = |row: &ContactRow, mut names: CustomerNames| {
            names.profile_name.clone_from(&row.profile_name);
            names.username.clone_from(&row.username);
            names
        };
        let Some(digits) = digits else {
            let Some(contact) = to.contact.as_ref().filter(|id| found.contacts.contains_key(*id)) else {
                return Err(Refusal::Invalid("there is no such contact; nothing was sent".to_owned()));
            };
            let row = row(contact);
            let mut names = CustomerNames::default();
            for alias in found.own.get(contact).into_iter().flatten() {
                match alias.kind {
                    AliasKind::WaId => names.wa_id = Some(alias.value.clone()),
                    AliasKind::UserId => names.user_id = Some(alias.value.clone()),
                }
            }
            let names = named(&row, names);
            return Ok((row, names, Vec::new()));
        };
        let names = of_number(digits);
        // If a form of the number is known, messages go to that form.
        if let Some((alias, owner)) = forms(&names).find_map(|form| found.aliases.get_key_value(&form)) {
            let row = row(owner);
            let names = named(&row, of_number(alias.value.clone()));
            return Ok((row, names, Vec::new()));
        }
        let at = self.now;
        match to.contact.as_ref().filter(|id| found.contacts.contains_key(*id)) {
            Some(contact) => {
                let row = row(contact);
                let new = LogEvent::ContactNamed { contact: contact.clone(), names: names.clone(), at };
                let names = named(&row, names);
                Ok((row, names, vec![new]))
            }
            None if to.contact.is_some() => {
                Err(Refusal::Invalid("there is no such contact; nothing was sent".to_owned()))
            }
            None => {
                let contact = prefetched.contact.clone();
                let new = LogEvent::ContactCreated { contact: contact.clone(), names: names.clone(), at };
                Ok((ContactRow { id: contact, ..ContactRow::default() }, names, vec![new]))
            }
        }
    }

    /// Why no second session begins.
    pub fn already_served(&self, open: &SessionState) -> Refusal {
        let who = open.customer_name();
        let words = match self.state.router.owner(&open.id) {
            Some(owner) if owner == self.me() => {
                format!("you have a session with {who} already: write there")
            }
            Some(owner) => {
                let owner = self.setup.person_name(owner);
                format!("{owner} has a session with {who} now: ask {owner} for it, or to write for you")
            }
            None => {
                let queue = self.setup.queue_name(&open.queue);
                format!("a session with {who} waits for an agent in {queue} already")
            }
        };
        Refusal::Conflict(format!("{words}; nothing was sent"))
    }
}

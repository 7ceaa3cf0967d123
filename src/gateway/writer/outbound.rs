//! What agents begin: a template in a session, a session with a template, and other ways to the customer.
//!
//! Owns: the rules for these. Must not: know which templates there are; who asks has looked.
//! Invariants: a customer has one open session on a number of ours, whoever began it. A session that an
//! agent begins is theirs at once, and its reply window opens when the customer answers.

use super::api::{Command, FilledTemplate, Recipient, Refusal};
use super::decide::{Act, Outcome, refused, routing};
use super::entry;
use super::event::{EntryLogged, Event, SessionStarted};
use super::ids::Ids;
use super::project::forms;
use super::session::{Session, consults};
use super::wire::agent_party;
use crate::domain::message::Visibility;
use crate::domain::reach::{Way, number};
use crate::domain::{ContactId, InteractionId, Value};
use crate::gateway::router::Fact;
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;
use crate::store::{ContactRow, PrefetchQuery, PrefetchResult, Store, StoreError};

/// Characters of an address that is noted.
const MOST_ADDRESS: usize = 254;

/// What has to be known before a session can be begun.
#[derive(Debug)]
pub(super) struct Ground {
    /// What the store says of the customer.
    pub found: PrefetchResult,
    /// The session's name, if one begins.
    pub interaction: InteractionId,
    /// The contact's name, if it is a new one.
    pub contact: ContactId,
}

/// Reads what an act needs to know of the past. `before` is what acts of the same batch have learned, which
/// the store does not have yet.
pub(super) async fn look_up(
    store: &dyn Store,
    command: &Command,
    before: Option<Ground>,
    ids: &mut Ids,
) -> Result<Option<Ground>, StoreError> {
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
    Ok(Some(Ground { found, interaction, contact }))
}

fn of_number(digits: String) -> CustomerNames {
    CustomerNames { wa_id: Some(digits), ..CustomerNames::default() }
}

/// The template that an entry is, if it is one.
pub(super) fn template_of(entry: &MessageDto) -> Option<Box<FilledTemplate>> {
    let data = &entry.user_data;
    let parameters = match data.get(wa::TEMPLATE_PARAMETERS) {
        Some(Value::List(list)) => list.clone(),
        _ => crate::domain::AttachedData::new(),
    };
    Some(Box::new(FilledTemplate {
        name: data.text(wa::TEMPLATE)?.to_owned(),
        language: data.text(wa::TEMPLATE_LANGUAGE)?.to_owned(),
        parameters,
        text: entry.text.clone().unwrap_or_default(),
    }))
}

impl Act<'_> {
    fn template_entry(&self, template: &FilledTemplate, party: ParticipantDto) -> MessageDto {
        let mut made = entry::entry("Text", party, Visibility::All, self.now);
        made.text = Some(template.text.clone());
        made.user_data.set(wa::TEMPLATE, template.name.as_str());
        made.user_data.set(wa::TEMPLATE_LANGUAGE, template.language.as_str());
        if !template.parameters.is_empty() {
            made.user_data.set(wa::TEMPLATE_PARAMETERS, Value::List(template.parameters.clone()));
        }
        if let Some(operation) = self.operation {
            made.user_data.set(wa::OPERATION, operation.as_str());
        }
        made
    }

    /// A template in a session that goes on, whether its reply window is open or not.
    pub fn send_template(&self, session: &Session, template: &FilledTemplate) -> Outcome {
        let Some(party) = session.party_of(self.me()).cloned() else {
            return Err(Refusal::NotFound(session.id.clone()));
        };
        if consults(&party) {
            return Err(Refusal::Forbidden(
                "you are asked for advice here: the template was not sent".to_owned(),
            ));
        }
        let Some(address) = session.address() else {
            return Err(Refusal::Conflict(
                "WhatsApp gave neither a number nor a user id for this customer, so nothing can be sent"
                    .to_owned(),
            ));
        };
        let mut made = self.template_entry(template, party);
        made.index = session.last_index() + 1;
        let interaction = session.id.clone();
        let logged =
            EntryLogged { interaction, at: self.now, entry: made, mark: None, send_to: Some(address) };
        let spoke = self.state.router.agent_spoke(self.me(), &session.id, self.now).unwrap_or_default();
        Ok(std::iter::once(Event::EntryLogged(logged)).chain(routing(spoke)).collect())
    }

    /// A session with a customer who has none, begun with a template.
    pub fn start_session(
        &self,
        to: &Recipient,
        template: &FilledTemplate,
        nickname: Option<&str>,
        ground: Option<&Ground>,
    ) -> Outcome {
        let ground = ground.ok_or_else(|| Refusal::Store("the customer was not looked for".to_owned()))?;
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
        let (row, names, mut events) = self.whom(to, digits, ground)?;
        if let Some(open) = self.state.open_session(&row.id, phone) {
            return Err(self.is_served(open));
        }
        let id = ground.interaction.clone();
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
        // Only to ask it what it would be: the state takes it in by the event.
        let session = Session::new(&start);
        let address = session.address().ok_or_else(|| {
            Refusal::Conflict("this contact has no number on WhatsApp: give one; nothing was sent".to_owned())
        })?;
        let assigned = self.state.router.assign(self.me(), &id, &self.setup.queue, self.now);
        let assigned = routing(assigned.map_err(refused)?);
        events.push(Event::SessionStarted(start));
        events.extend(assigned);
        let own = self.setup.people.get(self.me()).map(|person| person.nickname.as_str());
        let nickname = nickname.filter(|name| !name.trim().is_empty()).or(own);
        let party = agent_party(self.me(), nickname.unwrap_or(self.me().as_str()), 1);
        let mut joined = entry::entry("ParticipantJoined", party.clone(), Visibility::Agent, self.now);
        joined.index = 1;
        let mut made = self.template_entry(template, party);
        made.index = 2;
        for (entry, send_to) in [(joined, None), (made, Some(address))] {
            let interaction = id.clone();
            events.push(Event::EntryLogged(EntryLogged {
                interaction,
                at: self.now,
                entry,
                mark: None,
                send_to,
            }));
        }
        events.push(Event::Routing(Fact::AgentSpoke { interaction: id, at: self.now }));
        Ok(events)
    }

    /// The contact that is meant, what WhatsApp calls them, and what is new about that.
    fn whom(
        &self,
        to: &Recipient,
        digits: Option<String>,
        ground: &Ground,
    ) -> Result<(ContactRow, CustomerNames, Vec<Event>), Refusal> {
        let found = &ground.found;
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
                    "wa_id" => names.wa_id = Some(alias.value.clone()),
                    _ => names.user_id = Some(alias.value.clone()),
                }
            }
            let names = named(&row, names);
            return Ok((row, names, Vec::new()));
        };
        let names = of_number(digits);
        // WhatsApp's own form of a number that is known is the one to write to.
        if let Some((alias, owner)) = forms(&names).find_map(|form| found.aliases.get_key_value(&form)) {
            let row = row(owner);
            let names = named(&row, of_number(alias.value.clone()));
            return Ok((row, names, Vec::new()));
        }
        let at = self.now;
        match to.contact.as_ref().filter(|id| found.contacts.contains_key(*id)) {
            Some(contact) => {
                let row = row(contact);
                let new = Event::ContactNamed { contact: contact.clone(), names: names.clone(), at };
                let names = named(&row, names);
                Ok((row, names, vec![new]))
            }
            None if to.contact.is_some() => {
                Err(Refusal::Invalid("there is no such contact; nothing was sent".to_owned()))
            }
            None => {
                let contact = ground.contact.clone();
                let new = Event::ContactCreated { contact: contact.clone(), names: names.clone(), at };
                Ok((ContactRow { id: contact, ..ContactRow::default() }, names, vec![new]))
            }
        }
    }

    /// Why no second session begins.
    fn is_served(&self, open: &Session) -> Refusal {
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

    /// Notes that the customer was reached outside this desk.
    pub fn note_contact(&self, session: &Session, way: Way, address: &str) -> Outcome {
        let Some(party) = session.party_of(self.me()).cloned() else {
            return Err(Refusal::NotFound(session.id.clone()));
        };
        if address.trim().is_empty()
            || address.chars().count() > MOST_ADDRESS
            || address.chars().any(char::is_control)
        {
            return Err(Refusal::Invalid(format!(
                "data.address takes one line of 1 to {MOST_ADDRESS} characters; nothing was noted"
            )));
        }
        let index = session.last_index() + 1;
        let mut made = entry::entry("Notice", entry::system(), Visibility::Agent, self.now);
        made.index = index;
        made.text = Some(format!("{} {} {address}, outside this desk", party.nickname, way.done()));
        let interaction = session.id.clone();
        let logged = EntryLogged {
            interaction: interaction.clone(),
            at: self.now,
            entry: made,
            mark: None,
            send_to: None,
        };
        let noted = Event::ContactReached {
            id: InteractionId::from(format!("{interaction}-{index}")),
            interaction,
            contact: session.contact.clone(),
            by: party,
            way: way.media_type().to_owned(),
            address: address.to_owned(),
            at: self.now,
        };
        Ok(vec![Event::EntryLogged(logged), noted])
    }
}

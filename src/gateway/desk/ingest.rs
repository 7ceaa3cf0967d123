//! What a webhook causes.
//!
//! Owns: who a customer is, which session a message belongs to, which message a status is about.
//! Must not: refuse. What fits nowhere is kept as an event.
//! Invariants: pure; an update that came before causes nothing; two contacts are never made one.

use super::entry;
use super::event::{EntryLogged, Event, SessionStarted, Stray};
use super::ids::Ids;
use super::project::{aliases, conflict_mark, forms, status_mark};
use super::sends;
use super::session::{Session, words};
use super::setup::DeskSetup;
use super::state::{State, Ticket};
use super::workbins;
use crate::domain::window::REPLY_WINDOW;
use crate::domain::{ContactId, InteractionId, Millis};
use crate::gateway::router::{Enqueued, Fact};
use crate::gateway::whatsapp::inbound::{Content, InboundMessage, InboundStatus, Names, Update};
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;
use crate::store::{ContactRow, Found, Wanted};

/// What has to be known of the past before these updates can be understood.
pub(super) fn wanted<'a>(updates: impl Iterator<Item = &'a Update>) -> Wanted {
    let mut wanted = Wanted::default();
    for update in updates {
        match update {
            Update::Message(message) | Update::Echo(message) => {
                wanted.aliases.extend(forms(&message.customer));
                wanted.marks.insert(message.wamid.clone());
                wanted.marks.insert(conflict_mark(&message.customer));
                wanted.marks.extend(message.quotes.clone());
                wanted.marks.extend(about(&message.content).map(str::to_owned));
            }
            Update::Status(status) => {
                wanted.marks.insert(status.wamid.clone());
                wanted.marks.insert(status_mark(&status.wamid, &status.word));
                let ticket = status.tracker.as_deref().and_then(sends::ticket);
                wanted.sessions.extend(ticket.map(|(interaction, _)| interaction));
            }
            Update::Renamed { old, new, .. } => {
                wanted.aliases.extend(aliases(old).chain(aliases(new)));
                wanted.marks.insert(conflict_mark(new));
            }
            Update::Account { .. } => {}
        }
    }
    wanted
}

/// The id of the message that a content is about.
fn about(content: &Content) -> Option<&str> {
    match content {
        Content::Reaction { of, .. } | Content::Edit { of, .. } | Content::Revoke { of } => Some(of),
        _ => None,
    }
}

/// Notes in what was found what an event adds to it.
pub(super) fn learn(found: &mut Found, event: &Event) {
    match event {
        Event::EntryLogged(logged) => {
            let (id, index) = (&logged.interaction, logged.entry.index);
            if let Some(row) = found.sessions.get_mut(id) {
                row.last_index = row.last_index.max(index);
            }
            if let Some(mark) = &logged.mark {
                found.marks.insert(mark.clone(), Some((id.clone(), index)));
            }
        }
        Event::SendAccepted { interaction, index, wamid, .. } => {
            found.marks.insert(wamid.clone(), Some((interaction.clone(), *index)));
        }
        Event::StatusUnmatched(stray) => {
            found.marks.insert(status_mark(&stray.wamid, &stray.word), None);
        }
        Event::Unplaced { wamid, .. } => {
            found.marks.insert(wamid.clone(), None);
        }
        Event::ContactConflict { names, .. } => {
            found.marks.insert(conflict_mark(names), None);
        }
        Event::ContactCreated { contact, names, .. } | Event::ContactNamed { contact, names, .. } => {
            for alias in aliases(names) {
                found.aliases.entry(alias).or_insert_with(|| contact.clone());
            }
            let row = found.contacts.entry(contact.clone()).or_default();
            row.id = contact.clone();
            row.profile_name = names.profile_name.clone().or_else(|| row.profile_name.take());
            row.username = names.username.clone().or_else(|| row.username.take());
        }
        _ => {}
    }
}

/// An update in its circumstances.
#[derive(Clone, Copy)]
pub(super) struct Ingest<'a> {
    pub state: &'a State,
    pub setup: &'a DeskSetup,
    pub found: &'a Found,
    pub now: Millis,
}

impl Ingest<'_> {
    /// The events of an update.
    pub fn decide(&self, update: &Update, ids: &mut Ids) -> Vec<Event> {
        match update {
            Update::Message(message) if !self.seen(&message.wamid) => self.message(message, ids),
            Update::Echo(message) if !self.seen(&message.wamid) => self.echo(message, ids),
            Update::Message(_) | Update::Echo(_) => Vec::new(),
            Update::Status(status) => self.status(status),
            Update::Renamed { old, new, at } => self.renamed(old, new, *at),
            Update::Account { field, text } => {
                let (field, text) = (field.clone(), text.clone());
                vec![Event::AccountNotice { field, text, at: self.now }]
            }
        }
    }

    fn seen(&self, mark: &str) -> bool {
        self.found.marks.contains_key(mark)
    }

    /// The contact of some names: one who is known by any of them, or a new one.
    fn contact(&self, message: &InboundMessage, ids: &mut Ids) -> (ContactRow, Vec<Event>) {
        let names = &message.customer;
        let phone = message.phone_number_id.as_deref().unwrap_or_default();
        let mut owners: Vec<&ContactId> =
            aliases(names).filter_map(|alias| self.found.aliases.get(&alias)).collect();
        if owners.is_empty() {
            // Known by the other form of the number, perhaps because an agent wrote to that.
            owners.extend(forms(names).find_map(|alias| self.found.aliases.get(&alias)));
        }
        // Of two, the one who is being served; else the one with the number.
        owners.sort_by_key(|owner| self.state.open_session(owner, phone).is_none());
        let Some(&owner) = owners.first() else {
            let id = ContactId::from(ids.next());
            let (contact, names) = (id.clone(), names.clone());
            let created = Event::ContactCreated { contact, names, at: self.now };
            return (ContactRow { id, ..ContactRow::default() }, vec![created]);
        };
        let events = self.more_names(owner, names, owners.iter().find(|other| **other != owner).copied());
        let row = self.found.contacts.get(owner).cloned();
        (row.unwrap_or_else(|| ContactRow { id: owner.clone(), ..ContactRow::default() }), events)
    }

    /// Adds what is new among names to a contact, and flags what belongs to another one.
    fn more_names(&self, owner: &ContactId, names: &Names, other: Option<&ContactId>) -> Vec<Event> {
        let mut events = Vec::new();
        if let Some(other) = other.filter(|_| !self.seen(&conflict_mark(names))) {
            let (contact, other, names) = (owner.clone(), other.clone(), names.clone());
            events.push(Event::ContactConflict { contact, other, names, at: self.now });
        }
        let row = self.found.contacts.get(owner);
        let mut new = names.clone();
        let mut is_new = false;
        for alias in aliases(names) {
            match self.found.aliases.get(&alias) {
                None => is_new = true,
                Some(known) if known == owner => {}
                Some(_) if alias.kind == "wa_id" => new.wa_id = None,
                Some(_) => new.user_id = None,
            }
        }
        let differs = |new: &Option<String>, old: Option<&String>| new.is_some() && new.as_ref() != old;
        is_new |= differs(&new.profile_name, row.and_then(|row| row.profile_name.as_ref()));
        is_new |= differs(&new.username, row.and_then(|row| row.username.as_ref()));
        if is_new {
            events.push(Event::ContactNamed { contact: owner.clone(), names: new, at: self.now });
        }
        events
    }

    fn renamed(&self, old: &Names, new: &Names, at: Millis) -> Vec<Event> {
        let owner_of = |names: &Names| aliases(names).find_map(|alias| self.found.aliases.get(&alias));
        let (owner, names, other) = match (owner_of(old), owner_of(new)) {
            (Some(owner), other) => (owner, new, other.filter(|other| *other != owner)),
            (None, Some(owner)) => (owner, old, None),
            (None, None) => {
                let text = "a customer who is not known changed names".to_owned();
                return vec![Event::AccountNotice { field: "messages".to_owned(), text, at }];
            }
        };
        self.more_names(owner, names, other)
    }

    /// The entry that a name of WhatsApp stands for, if its session is known.
    fn entry_of(&self, mark: &str) -> Option<Ticket> {
        self.found.marks.get(mark)?.clone()
    }

    /// The number of the next entry of a session, after those in `events`.
    fn next_index(&self, id: &InteractionId, events: &[Event]) -> u64 {
        let stored = || self.found.sessions.get(id).map(|row| row.last_index);
        let last = self.state.sessions.get(id).map(Session::last_index).or_else(stored).unwrap_or(0);
        let mine = |event: &&Event| matches!(event, Event::EntryLogged(logged) if logged.interaction == *id);
        last + events.iter().filter(mine).count() as u64 + 1
    }

    fn log(
        &self,
        id: &InteractionId,
        mut entry: MessageDto,
        at: Millis,
        mark: &str,
        events: &mut Vec<Event>,
    ) {
        entry.index = self.next_index(id, events);
        let (interaction, mark) = (id.clone(), Some(mark.to_owned()));
        events.push(Event::EntryLogged(EntryLogged { interaction, at, entry, mark, send_to: None }));
    }

    /// What was written, as an entry of a session.
    fn entry(&self, id: &InteractionId, message: &InboundMessage, from: ParticipantDto) -> MessageDto {
        let here = |mark: &str| self.entry_of(mark).filter(|(of, _)| of == id).map(|(_, index)| index);
        let of = about(&message.content).and_then(here);
        let mut made = entry::content(&message.content, of, from, message.at);
        if let Some(index) = message.quotes.as_deref().and_then(here) {
            entry::set_index(&mut made.user_data, wa::QUOTES, index);
        }
        made
    }

    /// An entry about a message of any session stands in that session, even when it is over.
    fn log_about(&self, message: &InboundMessage, from: ParticipantDto, events: &mut Vec<Event>) -> bool {
        let Some((id, _)) = about(&message.content).and_then(|mark| self.entry_of(mark)) else {
            return false;
        };
        if !self.state.sessions.contains_key(&id) && !self.found.sessions.contains_key(&id) {
            return false;
        }
        self.log(&id, self.entry(&id, message, from), message.at, &message.wamid, events);
        true
    }

    fn message(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<Event> {
        let (contact, mut events) = self.contact(message, ids);
        let phone = message.phone_number_id.as_deref().unwrap_or_default();
        let open = self.state.open_session(&contact.id, phone);
        let known_name = open.map(Session::customer_name);
        let name =
            message.customer.profile_name.clone().or(known_name).or_else(|| contact.profile_name.clone());
        let from = entry::customer(name.as_deref().unwrap_or("Customer"));
        if self.log_about(message, from.clone(), &mut events) {
            return events;
        }
        let ends = message.at.plus(REPLY_WINDOW);
        if let Some(session) = open {
            let made = self.entry(&session.id, message, from);
            self.log(&session.id, made, message.at, &message.wamid, &mut events);
            let ends = Some(ends).max(session.window_ends);
            let spoke = self.state.router.customer_spoke(&session.id, ends, self.now);
            events.extend(spoke.unwrap_or_default().into_iter().map(Event::Routing));
            events.extend(workbins::resume(self.state, self.setup, session, self.now));
            return events;
        }
        let id = InteractionId::from(ids.next());
        let mut names = message.customer.clone();
        names.profile_name = names.profile_name.or(contact.profile_name);
        names.username = names.username.or(contact.username);
        let queue = self.setup.queue.clone();
        events.push(Event::SessionStarted(SessionStarted {
            interaction: id.clone(),
            contact: contact.id,
            phone_number_id: phone.to_owned(),
            queue,
            names,
            first_name: contact.first_name,
            last_name: contact.last_name,
            outbound: false,
            heard: None,
            owner: contact.home,
            is_known: contact.is_known,
            at: self.now,
        }));
        let made = self.entry(&id, message, from);
        self.log(&id, made, message.at, &message.wamid, &mut events);
        let mut entered = Enqueued::new(id, &self.setup.queue, self.now);
        entered.last_agent = contact.served;
        entered.window_ends = Some(ends);
        events.push(Event::Routing(Fact::Enqueued(entered)));
        events
    }

    /// Staff wrote from the phone: it stands in the open session and counts as an answer.
    fn echo(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<Event> {
        let (contact, mut events) = self.contact(message, ids);
        if self.log_about(message, entry::phone_app(), &mut events) {
            return events;
        }
        let phone = message.phone_number_id.as_deref().unwrap_or_default();
        let Some(session) = self.state.open_session(&contact.id, phone) else {
            let (wamid, text) = (message.wamid.clone(), words(&message.content));
            events.push(Event::Unplaced { wamid, contact: contact.id, text, at: message.at });
            return events;
        };
        let made = self.entry(&session.id, message, entry::phone_app());
        self.log(&session.id, made, message.at, &message.wamid, &mut events);
        events.push(Event::Routing(Fact::AgentSpoke { interaction: session.id.clone(), at: self.now }));
        events
    }

    fn status(&self, status: &InboundStatus) -> Vec<Event> {
        let mark = status_mark(&status.wamid, &status.word);
        if self.seen(&mark) {
            return Vec::new();
        }
        let by_mark = self.entry_of(&status.wamid);
        let is_named = by_mark.is_some();
        let Some(ticket) = by_mark.or_else(|| self.tracked(status)) else {
            let InboundStatus { wamid, word, error, at, .. } = status.clone();
            return vec![Event::StatusUnmatched(Stray { wamid, word, error, at })];
        };
        let mut events = Vec::new();
        let failed = status.word == "failed";
        if !is_named && !failed {
            // WhatsApp's word came before, or instead of, its answer to the send.
            events = sends::accepted(self.state, &ticket, &status.wamid, status.at);
        }
        let made = entry::status(ticket.1, &status.word, status.error.as_ref(), status.at);
        let session = self.state.sessions.get(&ticket.0);
        let wait = session.and_then(|session| session.wait_after(&made, self.now));
        self.log(&ticket.0, made, status.at, &mark, &mut events);
        events.extend(wait.map(Event::Routing));
        if failed && self.state.sends.contains_key(&ticket) {
            let (interaction, index) = ticket;
            let (code, reason) = status.error.clone().unwrap_or_default();
            events.push(Event::SendFailed { interaction, index, code, reason, at: status.at });
        }
        events
    }

    /// The entry that our own name in a status stands for, if there is one.
    fn tracked(&self, status: &InboundStatus) -> Option<Ticket> {
        let (id, index) = sends::ticket(status.tracker.as_deref()?)?;
        let last = self.next_index(&id, &[]) - 1;
        (1..=last).contains(&index).then_some((id, index))
    }
}

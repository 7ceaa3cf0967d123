//! What a webhook causes.
//!
//! Owns: which session a message belongs to, which lines go around it, which message a status is about.
//! Must not: refuse. What fits nowhere is kept as an event.
//! Invariants: pure; an update that came before causes nothing; two contacts are never made one.

use super::account;
use super::archive::{self, history_mark};
use super::entry;
use super::event::{Archived, EntryLogged, Event, SessionStarted, Stray, UnmatchedChange};
use super::ids::Ids;
use super::look_back::{about, clamped, not_ours, other_number};
use super::project::{not_routed_day, not_routed_mark, status_mark};
use super::sends;
use super::session::{Session, preview};
use super::setup::WriterSetup;
use super::state::{State, Ticket};
use super::workbins;
use crate::domain::window::REPLY_WINDOW;
use crate::domain::{ContactId, InteractionId, Millis};
use crate::gateway::router::{Enqueued, Fact};
use crate::gateway::whatsapp::account::AccountChange;
use crate::gateway::whatsapp::inbound::{
    Content, InboundMessage, InboundStatus, NotRoutedReason, UnroutedMessage, WebhookUpdate,
};
use crate::gateway::whatsapp::remarks::one_line;
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;
use crate::store::{ContactRow, PrefetchResult};
use std::time::Duration;

/// A message that takes longer than this to arrive is late.
const LATE: Duration = Duration::from_secs(5 * 60);
/// The most characters of a name from WhatsApp in a sentence.
const MOST_NAMED: usize = 40;
/// The most characters of a quoted message.
const MOST_QUOTED: usize = 120;

/// A change whose message is not known waits for it.
fn waiting(message: &InboundMessage, from: &ParticipantDto, mark: Option<&str>) -> Option<Event> {
    let of = about(&message.content)?.to_owned();
    let entry = entry::content(&message.content, Some(0), from.clone(), message.at);
    let mark = mark.map(str::to_owned);
    Some(Event::ChangeUnmatched(UnmatchedChange { of, at: message.at, entry, mark }))
}

/// An update in its circumstances.
#[derive(Clone, Copy)]
pub(super) struct Ingest<'a> {
    pub state: &'a State,
    pub setup: &'a WriterSetup,
    pub found: &'a PrefetchResult,
    pub now: Millis,
    /// When the webhook was received.
    pub received: Millis,
}

impl Ingest<'_> {
    /// The events of an update.
    pub fn decide(&self, update: &WebhookUpdate, ids: &mut Ids) -> Vec<Event> {
        match update {
            WebhookUpdate::Message(message) => self.once(message, |message| self.message(message, ids)),
            WebhookUpdate::Echo(message) => self.once(message, |message| self.echo(message, ids)),
            WebhookUpdate::Call(message) => self.once(message, |message| self.call(message, ids)),
            WebhookUpdate::History { message, by_staff } => {
                self.once(message, |message| self.history(message, *by_staff, ids))
            }
            WebhookUpdate::Status(status) => self.status(status),
            WebhookUpdate::Renamed { old, new, .. } => self.renamed(old, new),
            WebhookUpdate::NotRouted(message) => self.not_routed(message),
            WebhookUpdate::AccountChanged(change) => {
                account::decide(self.state, change, self.now).into_iter().collect()
            }
            WebhookUpdate::Unhandled { field, text } => {
                tracing::info!(field, text, "a webhook changes nothing here");
                Vec::new()
            }
        }
    }

    pub(super) fn seen(&self, mark: &str) -> bool {
        self.found.marks.contains_key(mark)
    }

    /// Processes a message that is for this number and is new, with the time at which it was written.
    fn once(&self, message: &InboundMessage, take: impl FnOnce(&InboundMessage) -> Vec<Event>) -> Vec<Event> {
        if let Some(other) = not_ours(self.setup, message) {
            return self.not_routed(&other);
        }
        if self.seen(&message.wamid) {
            return Vec::new();
        }
        take(&InboundMessage { at: clamped(message.at, self.received), ..message.clone() })
    }

    /// The ID of our number. A message that names none is for the only one.
    pub(super) fn phone<'b>(&'b self, message: &'b InboundMessage) -> &'b str {
        let own = self.setup.phone_number_id.as_deref();
        message.phone_number_id.as_deref().or(own).unwrap_or_default()
    }

    /// The open session that a message of a contact belongs to.
    pub(super) fn open_session(&self, contact: &ContactId, message: &InboundMessage) -> Option<&Session> {
        let open = self.state.open_session(contact, self.phone(message));
        // Older logs have sessions without a number.
        open.or_else(|| self.state.open_session(contact, ""))
    }

    /// Withholds a message from agents, and reports that once a day.
    fn not_routed(&self, message: &UnroutedMessage) -> Vec<Event> {
        if self.seen(&not_routed_mark(&message.wamid)) {
            return Vec::new();
        }
        let mut events = Vec::new();
        if !self.seen(&not_routed_day(message, self.received)) {
            let kept = "They are kept and not shown to agents.";
            let text = match message.why {
                NotRoutedReason::Group => format!("Messages of a WhatsApp group came in. {kept}"),
                NotRoutedReason::Number => format!(
                    "Messages for another number (phone-number-id {}) came in. {kept} Check phone-number-id.",
                    one_line(&message.about, MOST_NAMED)
                ),
                NotRoutedReason::Field => format!(
                    "Messages came in the webhook field {}, which is not for messages. {kept}",
                    one_line(&message.about, MOST_NAMED)
                ),
                NotRoutedReason::Author => {
                    format!("Messages that the business itself wrote came in without their customer. {kept}")
                }
            };
            let change = AccountChange::notice("messages", "messages", text);
            events.push(Event::AccountChanged { change, at: self.now });
        }
        events.push(Event::NotRouted { message: message.clone(), at: self.received });
        events
    }

    /// The entry with that WhatsApp ID, live or of the history, if its session is known.
    fn entry_of(&self, wamid: &str) -> Option<Ticket> {
        let marks = &self.found.marks;
        let live = marks.get(wamid).and_then(Clone::clone);
        live.or_else(|| marks.get(&history_mark(wamid)).and_then(Clone::clone))
    }

    /// The number of the next entry of a session, after those in `events`.
    fn next_index(&self, id: &InteractionId, events: &[Event]) -> u64 {
        let stored = || self.found.sessions.get(id).map(|row| row.last_index);
        let last = self.state.sessions.get(id).map(Session::last_index).or_else(stored).unwrap_or(0);
        let mine = |event: &&Event| match event {
            Event::EntryLogged(logged) => logged.interaction == *id,
            Event::MessageArchived(archived) => archived.logged.interaction == *id,
            _ => false,
        };
        last + events.iter().filter(mine).count() as u64 + 1
    }

    /// Writes an entry into a session of a contact, followed by the changes that were waiting for it.
    pub(super) fn log_in(
        &self,
        id: &InteractionId,
        contact: &ContactId,
        entry: MessageDto,
        at: Millis,
        mark: &str,
        events: &mut Vec<Event>,
    ) {
        let of = self.next_index(id, events);
        let mut log = |mut entry: MessageDto, at: Millis, mark: Option<String>| {
            entry.index = self.next_index(id, events);
            let logged = EntryLogged { interaction: id.clone(), at, entry, mark, send_to: None };
            events.push(if archive::is_archive(id) {
                let phone_number_id = self.setup.phone_number_id.clone().unwrap_or_default();
                Event::MessageArchived(Archived { contact: contact.clone(), phone_number_id, logged })
            } else {
                Event::EntryLogged(logged)
            });
        };
        log(entry, at, Some(mark.to_owned()));
        for change in self.state.waits_for(archive::wamid(mark)) {
            let mut made = change.entry.clone();
            entry::set_index(&mut made.user_data, wa::OF, of);
            log(made, change.at, None);
        }
    }

    /// Writes a line for agents before a message.
    pub(super) fn line(&self, id: &InteractionId, text: String, at: Millis, events: &mut Vec<Event>) {
        let mut entry = entry::line(text, at);
        entry.index = self.next_index(id, events);
        let interaction = id.clone();
        events.push(Event::EntryLogged(EntryLogged { interaction, at, entry, mark: None, send_to: None }));
    }

    /// Writes the lines that precede a message: WhatsApp's remarks, what the message answers if that is
    /// elsewhere, and that it is late.
    fn lines(
        &self,
        session: (&InteractionId, &ContactId),
        message: &InboundMessage,
        from: &ParticipantDto,
        events: &mut Vec<Event>,
    ) {
        let late = self.received.since(message.at);
        let late = (late > LATE).then(|| format!("The next message came {} late", archive::span(late)));
        let quoted = self.quoted(session, message, from);
        for text in message.remarks.iter().cloned().chain(quoted).chain(late) {
            self.line(session.0, text, message.at, events);
        }
    }

    /// The text of what a message answers, where that is not in the session.
    fn quoted(
        &self,
        (id, contact): (&InteractionId, &ContactId),
        message: &InboundMessage,
        from: &ParticipantDto,
    ) -> Option<String> {
        let wamid = message.quotes.as_deref()?;
        let who = entry::who(from);
        let not_here = || format!("{who} replies to a message that is not here");
        let Some((of, index)) = self.entry_of(wamid) else { return Some(not_here()) };
        if of == *id {
            return None;
        }
        let live = self.state.sessions.get(&of);
        let owner = live.map(|session| &session.contact);
        if owner.or_else(|| self.found.sessions.get(&of).map(|row| &row.contact)) != Some(contact) {
            return Some(not_here());
        }
        let entry = live.and_then(|session| session.entries.iter().find(|entry| entry.index == index));
        let words = entry.map(|entry| preview(entry)).or_else(|| {
            let bodies = &self.found.quoted;
            let body = bodies.get(wamid).or_else(|| bodies.get(&history_mark(wamid)))?;
            serde_json::from_str(body).ok().map(|entry| preview(&entry))
        });
        let words = one_line(&words.unwrap_or_default(), MOST_QUOTED);
        Some(if words.is_empty() { not_here() } else { format!("{who} replies to “{words}”") })
    }

    /// What was written, as an entry of a session.
    pub(super) fn entry(
        &self,
        id: &InteractionId,
        message: &InboundMessage,
        from: ParticipantDto,
    ) -> MessageDto {
        let here = |mark: &str| self.entry_of(mark).filter(|(of, _)| of == id).map(|(_, index)| index);
        let of = about(&message.content).and_then(here);
        let mut made = entry::content(&message.content, of, from, message.at);
        if let Some(index) = message.quotes.as_deref().and_then(here) {
            entry::set_index(&mut made.user_data, wa::QUOTES, index);
        }
        made
    }

    /// An entry about a message of any session stands in that session, even when it is over.
    fn log_about(
        &self,
        message: &InboundMessage,
        from: &ParticipantDto,
        mark: &str,
        events: &mut Vec<Event>,
    ) -> bool {
        let Some(of) = about(&message.content) else { return false };
        let known = self.entry_of(of).and_then(|(id, _)| {
            let live = self.state.sessions.get(&id).map(|session| session.contact.clone());
            let contact = live.or_else(|| self.found.sessions.get(&id).map(|row| row.contact.clone()));
            Some((id, contact?))
        });
        if let Some((id, contact)) = known {
            let made = self.entry(&id, message, from.clone());
            self.log_in(&id, &contact, made, message.at, mark, events);
            return true;
        }
        false
    }

    /// Whether a message changes one in a session that is over. Nobody would read the change there, so it
    /// counts as a new message.
    fn rewrites_what_is_over(&self, message: &InboundMessage) -> bool {
        let Content::Edit { of, .. } = &message.content else { return false };
        self.entry_of(of).is_some_and(|(id, _)| match self.state.sessions.get(&id) {
            Some(session) => session.over,
            None => self.found.sessions.contains_key(&id),
        })
    }

    /// The customer as the author of a message.
    fn author(&self, contact: &ContactRow, message: &InboundMessage) -> ParticipantDto {
        let open = self.open_session(&contact.id, message).map(Session::customer_name);
        let name = message.customer.profile_name.clone().or(open).or_else(|| contact.profile_name.clone());
        entry::customer(name.as_deref().unwrap_or("Customer"))
    }

    fn message(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<Event> {
        let (contact, mut events) = self.contact(message, ids);
        let open = self.open_session(&contact.id, message);
        let from = self.author(&contact, message);
        let rewrites = self.rewrites_what_is_over(message);
        if !rewrites && self.log_about(message, &from, &message.wamid, &mut events) {
            if let Some(session) = open.filter(|_| matches!(message.content, Content::Edit { .. })) {
                events.extend(workbins::resume(self.state, self.setup, session, self.now));
            }
            return events;
        }
        events.extend(waiting(message, &from, None));
        if let Some(session) = open {
            self.lines((&session.id, &contact.id), message, &from, &mut events);
            self.say(session, message, from, &mut events);
            return events;
        }
        if about(&message.content).is_some() && !rewrites {
            // Nobody can answer it: it starts no session.
            self.archive(&contact.id, message, from, &message.wamid, &mut events);
            return events;
        }
        self.begin(contact, message, from, ids, &mut events);
        events
    }

    /// Logs a customer's message in an open session.
    fn say(
        &self,
        session: &Session,
        message: &InboundMessage,
        from: ParticipantDto,
        events: &mut Vec<Event>,
    ) {
        let made = self.entry(&session.id, message, from);
        let speaks = entry::speaks(&made);
        self.log_in(&session.id, &session.contact, made, message.at, &message.wamid, events);
        if !speaks {
            return;
        }
        let ends = Some(message.at.plus(REPLY_WINDOW)).max(session.window_ends);
        let spoke = self.state.router.customer_spoke(&session.id, ends, self.now);
        events.extend(spoke.unwrap_or_default().into_iter().map(Event::Routing));
        events.extend(workbins::resume(self.state, self.setup, session, self.now));
    }

    /// Starts a session with a customer's message.
    fn begin(
        &self,
        contact: ContactRow,
        message: &InboundMessage,
        from: ParticipantDto,
        ids: &mut Ids,
        events: &mut Vec<Event>,
    ) {
        let id = InteractionId::from(ids.next());
        let mut names = message.customer.clone();
        names.profile_name = names.profile_name.or(contact.profile_name);
        names.username = names.username.or(contact.username);
        // A late message does not shorten the window that a later one has opened.
        let heard =
            contact.wrote_at.map(|heard| heard.min(self.received)).filter(|heard| *heard > message.at);
        let ends = heard.unwrap_or(message.at).plus(REPLY_WINDOW);
        events.push(Event::SessionStarted(SessionStarted {
            interaction: id.clone(),
            contact: contact.id.clone(),
            phone_number_id: self.phone(message).to_owned(),
            queue: self.setup.queue.clone(),
            names,
            first_name: contact.first_name,
            last_name: contact.last_name,
            outbound: false,
            heard,
            owner: contact.home,
            is_known: contact.is_known,
            at: self.now,
        }));
        for text in self.news(&contact.id, contact.wrote_at) {
            self.line(&id, text, message.at, events);
        }
        self.lines((&id, &contact.id), message, &from, events);
        let made = self.entry(&id, message, from);
        self.log_in(&id, &contact.id, made, message.at, &message.wamid, events);
        let mut entered = Enqueued::new(id, &self.setup.queue, self.now);
        entered.last_agent = contact.served;
        entered.window_ends = Some(ends);
        events.push(Event::Routing(Fact::Enqueued(entered)));
    }

    /// Staff wrote from the phone: it stands in the open session and counts as an answer.
    fn echo(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<Event> {
        let (contact, mut events) = self.contact(message, ids);
        let from = entry::phone_app();
        if self.log_about(message, &from, &message.wamid, &mut events) {
            return events;
        }
        events.extend(waiting(message, &from, None));
        let Some(session) = self.open_session(&contact.id, message) else {
            self.archive(&contact.id, message, from, &message.wamid, &mut events);
            return events;
        };
        self.lines((&session.id, &contact.id), message, &from, &mut events);
        let made = self.entry(&session.id, message, from);
        let answers = entry::speaks(&made) && session.is_answered_at(message.at);
        self.log_in(&session.id, &contact.id, made, message.at, &message.wamid, &mut events);
        if answers {
            events.push(Event::Routing(Fact::AgentSpoke { interaction: session.id.clone(), at: self.now }));
        }
        events
    }

    /// Logs a call in the open session, else in the contact's past: this gateway does not take calls.
    fn call(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<Event> {
        let (contact, mut events) = self.contact(message, ids);
        let from = self.author(&contact, message);
        match self.open_session(&contact.id, message) {
            Some(session) => self.say(session, message, from, &mut events),
            None => self.archive(&contact.id, message, from, &message.wamid, &mut events),
        }
        events
    }

    /// Logs a message that was written before the gateway had the number.
    fn history(&self, message: &InboundMessage, by_staff: bool, ids: &mut Ids) -> Vec<Event> {
        let mark = history_mark(&message.wamid);
        let has_file = archive::stands_in_for(&message.wamid).is_some_and(|id| self.seen(&history_mark(id)));
        if self.seen(&mark) || has_file {
            return Vec::new();
        }
        let (contact, mut events) = self.contact(message, ids);
        let from = if by_staff { entry::phone_app() } else { self.author(&contact, message) };
        if self.log_about(message, &from, &mark, &mut events) {
            return events;
        }
        match waiting(message, &from, Some(&mark)) {
            // Chunks come in any order: the message may still come, or is too old for the history.
            Some(waits) => events.push(waits),
            None => self.archive(&contact.id, message, from, &mark, &mut events),
        }
        events
    }

    fn status(&self, status: &InboundStatus) -> Vec<Event> {
        let mark = status_mark(&status.wamid, &status.word);
        if self.seen(&mark) {
            return Vec::new();
        }
        let at = clamped(status.at, self.received);
        let by_mark = self.entry_of(&status.wamid);
        let is_named = by_mark.is_some();
        let Some(ticket) = by_mark.or_else(|| self.tracked(status)) else {
            if let Some(other) = other_number(self.setup, &status.wamid, status.phone_number_id.as_deref()) {
                return self.not_routed(&other);
            }
            let InboundStatus { wamid, word, error, .. } = status.clone();
            return vec![Event::StatusUnmatched(Stray { wamid, word, error, at })];
        };
        let live = self.state.sessions.get(&ticket.0).map(|session| &session.contact);
        let contact = live.or_else(|| self.found.sessions.get(&ticket.0).map(|row| &row.contact));
        let mut events = Vec::new();
        let failed = status.word == "failed";
        if !is_named && !failed {
            // WhatsApp's word came before, or instead of, its answer to the send.
            events.extend(sends::accepted(self.state, &ticket, &status.wamid, at));
        }
        let mut made = entry::status(ticket.1, &status.word, status.error.as_ref(), at);
        made.index = self.next_index(&ticket.0, &events);
        let session = self.state.sessions.get(&ticket.0);
        let wait = session.and_then(|session| session.wait_after(&made, self.now));
        let interaction = ticket.0.clone();
        let mark = Some(mark);
        events.push(Event::EntryLogged(EntryLogged { interaction, at, entry: made, mark, send_to: None }));
        events.extend(wait.map(Event::Routing));
        if let Some(contact) = contact {
            self.also_called((&ticket.0, contact), &status.customer, &mut events);
        }
        if failed && self.state.sends.contains_key(&ticket) {
            let (interaction, index) = ticket;
            let (code, reason) = status.error.clone().unwrap_or_default();
            events.push(Event::SendFailed { interaction, index, code, reason, at });
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

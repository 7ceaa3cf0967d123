//! The events that a webhook causes.
//!
//! Owns: which session a message belongs to, which lines go around it, which message a status is about.
//! Must not: refuse. An update that matches nothing is kept as an event.
//! Invariants: pure; an update that is repeated causes nothing; two contacts are never merged.

pub mod archive;
pub mod context;
pub mod identity;
pub mod prefetch;
use crate::domain::InteractionId;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::window::REPLY_WINDOW;
use crate::gateway::router::{Enqueued, Fact};
use crate::gateway::whatsapp::account::AccountChange;
use crate::gateway::whatsapp::inbound::{
    Content, InboundMessage, InboundStatus, NotRoutedReason, UnroutedMessage, WebhookUpdate,
};
use crate::gateway::whatsapp::remarks::one_line;
use crate::gateway::writer::decide::{account, sends, workbins};
use crate::gateway::writer::ids::Ids;
use crate::gateway::writer::model::entry;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::{EntryLogged, UnmatchedChange, UnmatchedStatus};
use crate::gateway::writer::model::marks::{
    self, history_mark, not_routed_day, not_routed_mark, status_mark,
};
use crate::gateway::writer::model::sending::{self, EntryKey};
use crate::gateway::writer::model::session::{SessionStarted, SessionState};
use crate::proto::media::ParticipantDto;
use crate::store::ContactRow;
use context::Ingest;
use prefetch::{about, clamped, not_ours, other_number};

/// The most characters of a name from WhatsApp in a sentence.
const MOST_NAMED: usize = 40;

/// Keeps a change until its message is known.
pub fn waiting(message: &InboundMessage, from: &ParticipantDto, mark: Option<&str>) -> Option<LogEvent> {
    let of = about(&message.content)?.to_owned();
    let entry = entry::content(&message.content, Some(0), from.clone(), message.at);
    let mark = mark.map(str::to_owned);
    Some(LogEvent::ChangeUnmatched(UnmatchedChange { of, at: message.at, entry, mark }))
}

impl Ingest<'_> {
    /// The events of an update.
    pub fn decide(&self, update: &WebhookUpdate, ids: &mut Ids) -> Vec<LogEvent> {
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

    /// Processes a message that is for this number and is new, with the time at which it was written.
    pub fn once(
        &self,
        message: &InboundMessage,
        take: impl FnOnce(&InboundMessage) -> Vec<LogEvent>,
    ) -> Vec<LogEvent> {
        if let Some(other) = not_ours(self.setup, message) {
            return self.not_routed(&other);
        }
        if self.seen(&message.wamid) {
            return Vec::new();
        }
        take(&InboundMessage { at: clamped(message.at, self.received), ..message.clone() })
    }

    /// Withholds a message from agents, and reports that once a day.
    pub fn not_routed(&self, message: &UnroutedMessage) -> Vec<LogEvent> {
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
            events.push(LogEvent::AccountChanged { change, at: self.now });
        }
        events.push(LogEvent::NotRouted { message: message.clone(), at: self.received });
        events
    }

    pub fn message(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<LogEvent> {
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
    pub fn say(
        &self,
        session: &SessionState,
        message: &InboundMessage,
        from: ParticipantDto,
        events: &mut Vec<LogEvent>,
    ) {
        let made = self.entry(&session.id, message, from);
        let speaks = entry::speaks(&made);
        self.log_in(&session.id, &session.contact, made, message.at, &message.wamid, events);
        if !speaks {
            return;
        }
        let ends = Some(message.at.plus(REPLY_WINDOW)).max(session.window_ends);
        let spoke = self.state.router.customer_spoke(&session.id, ends, self.now);
        events.extend(spoke.unwrap_or_default().into_iter().map(LogEvent::Routing));
        events.extend(workbins::resume(self.state, self.setup, session, self.now));
    }

    /// Starts a session with a customer's message.
    pub fn begin(
        &self,
        contact: ContactRow,
        message: &InboundMessage,
        from: ParticipantDto,
        ids: &mut Ids,
        events: &mut Vec<LogEvent>,
    ) {
        let id = InteractionId::from(ids.next());
        let mut names = message.customer.clone();
        names.profile_name = names.profile_name.or(contact.profile_name);
        names.username = names.username.or(contact.username);
        // A late message does not shorten the window that a later one has opened.
        let heard =
            contact.wrote_at.map(|heard| heard.min(self.received)).filter(|heard| *heard > message.at);
        let ends = heard.unwrap_or(message.at).plus(REPLY_WINDOW);
        events.push(LogEvent::SessionStarted(SessionStarted {
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
        events.push(LogEvent::Routing(Fact::Enqueued(entered)));
    }

    /// Logs a message that staff wrote on the phone. In an open session it counts as an answer.
    pub fn echo(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<LogEvent> {
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
            events
                .push(LogEvent::Routing(Fact::AgentSpoke { interaction: session.id.clone(), at: self.now }));
        }
        events
    }

    /// Logs a call in the open session, else in the contact's past: this gateway does not take calls.
    pub fn call(&self, message: &InboundMessage, ids: &mut Ids) -> Vec<LogEvent> {
        let (contact, mut events) = self.contact(message, ids);
        let from = self.author(&contact, message);
        match self.open_session(&contact.id, message) {
            Some(session) => self.say(session, message, from, &mut events),
            None => self.archive(&contact.id, message, from, &message.wamid, &mut events),
        }
        events
    }

    /// Logs a message that was written before the gateway had the number.
    pub fn history(&self, message: &InboundMessage, by_staff: bool, ids: &mut Ids) -> Vec<LogEvent> {
        let mark = history_mark(&message.wamid);
        let has_file = marks::stands_in_for(&message.wamid).is_some_and(|id| self.seen(&history_mark(id)));
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

    pub fn status(&self, status: &InboundStatus) -> Vec<LogEvent> {
        let mark = status_mark(&status.wamid, &status.status);
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
            let InboundStatus { wamid, status, error, .. } = status.clone();
            return vec![LogEvent::StatusUnmatched(UnmatchedStatus { wamid, status, error, at })];
        };
        let live = self.state.sessions.get(&ticket.0).map(|session| &session.contact);
        let contact = live.or_else(|| self.found.sessions.get(&ticket.0).map(|row| &row.contact));
        let mut events = Vec::new();
        let failed = status.status == DeliveryStatus::Failed;
        if !is_named && !failed {
            // The status came before, or instead of, WhatsApp's answer to the send.
            events.extend(sends::accepted(self.state, &ticket, &status.wamid, at));
        }
        let mut made = entry::status(ticket.1, &status.status, status.error.as_ref(), at);
        made.index = self.next_index(&ticket.0, &events);
        let session = self.state.sessions.get(&ticket.0);
        let wait = session.and_then(|session| session.wait_after(&made, self.now));
        let interaction = ticket.0.clone();
        let mark = Some(mark);
        events.push(LogEvent::EntryLogged(EntryLogged { interaction, at, entry: made, mark, send_to: None }));
        events.extend(wait.map(LogEvent::Routing));
        if let Some(contact) = contact {
            self.also_called((&ticket.0, contact), &status.customer, &mut events);
        }
        if failed && self.state.sends.contains_key(&ticket) {
            let (interaction, index) = ticket;
            let (code, reason) = status.error.clone().unwrap_or_default();
            events.push(LogEvent::SendFailed { interaction, index, code, reason, at });
        }
        events
    }

    /// The entry that the tracker in a status names, if there is one.
    pub fn tracked(&self, status: &InboundStatus) -> Option<EntryKey> {
        let (id, index) = sending::ticket(status.tracker.as_deref()?)?;
        let last = self.next_index(&id, &[]) - 1;
        (1..=last).contains(&index).then_some((id, index))
    }
}

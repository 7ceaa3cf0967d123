//! An update of a webhook with the data that decisions about it need.
//!
//! Owns: what all rules for updates need: where an entry belongs, its number, and the lines before it.
//! Must not: decide what an update causes.

use super::prefetch::about;
use crate::domain::{ContactId, InteractionId, Millis};
use crate::gateway::whatsapp::inbound::{Content, InboundMessage};
use crate::gateway::whatsapp::remarks::one_line;
use crate::gateway::writer::model::archive;
use crate::gateway::writer::model::entry::{self, preview};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::{Archived, EntryLogged};
use crate::gateway::writer::model::marks::{self, history_mark};
use crate::gateway::writer::model::sending::EntryKey;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::setup::WriterSetup;
use crate::gateway::writer::state::WriterState;
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;
use crate::store::{ContactRow, PrefetchResult};
use std::time::Duration;

/// A message that takes longer than this to arrive is late.
const LATE: Duration = Duration::from_secs(5 * 60);

/// The most characters of a quoted message.
const MOST_QUOTED: usize = 120;

/// An update with the data that decisions about it need.
#[derive(Clone, Copy)]
pub struct Ingest<'a> {
    pub state: &'a WriterState,
    pub setup: &'a WriterSetup,
    pub found: &'a PrefetchResult,
    pub now: Millis,
    /// When the webhook was received.
    pub received: Millis,
}

impl Ingest<'_> {
    pub fn seen(&self, mark: &str) -> bool {
        self.found.marks.contains_key(mark)
    }

    /// The ID of our number. A message that names none is for the only one.
    pub fn phone<'b>(&'b self, message: &'b InboundMessage) -> &'b str {
        let own = self.setup.phone_number_id.as_deref();
        message.phone_number_id.as_deref().or(own).unwrap_or_default()
    }

    /// The open session that a message of a contact belongs to.
    pub fn open_session(&self, contact: &ContactId, message: &InboundMessage) -> Option<&SessionState> {
        let open = self.state.open_session(contact, self.phone(message));
        // Older logs have sessions without a number.
        open.or_else(|| self.state.open_session(contact, ""))
    }

    /// The entry with that WhatsApp ID, live or of the history, if its session is known.
    pub fn entry_of(&self, wamid: &str) -> Option<EntryKey> {
        let marks = &self.found.marks;
        let live = marks.get(wamid).and_then(Clone::clone);
        live.or_else(|| marks.get(&history_mark(wamid)).and_then(Clone::clone))
    }

    /// The number of the next entry of a session, after those in `events`.
    pub fn next_index(&self, id: &InteractionId, events: &[LogEvent]) -> u64 {
        let stored = || self.found.sessions.get(id).map(|row| row.last_index);
        let last = self.state.sessions.get(id).map(SessionState::last_index).or_else(stored).unwrap_or(0);
        let mine = |event: &&LogEvent| {
            matches!(event, LogEvent::EntryLogged(logged) | LogEvent::MessageArchived(Archived { logged, .. })
                if logged.interaction == *id)
        };
        last + events.iter().filter(mine).count() as u64 + 1
    }

    /// Writes an entry into a session of a contact, followed by the changes that were waiting for it.
    pub fn log_in(
        &self,
        id: &InteractionId,
        contact: &ContactId,
        entry: MessageDto,
        at: Millis,
        mark: &str,
        events: &mut Vec<LogEvent>,
    ) {
        let of = self.next_index(id, events);
        let mut log = |mut entry: MessageDto, at: Millis, mark: Option<String>| {
            entry.index = self.next_index(id, events);
            let logged = EntryLogged { interaction: id.clone(), at, entry, mark, send_to: None };
            events.push(if archive::is_archive(id) {
                let phone_number_id = self.setup.phone_number_id.clone().unwrap_or_default();
                LogEvent::MessageArchived(Archived { contact: contact.clone(), phone_number_id, logged })
            } else {
                LogEvent::EntryLogged(logged)
            });
        };
        log(entry, at, Some(mark.to_owned()));
        for change in self.state.changes_waiting_for(marks::wamid(mark)) {
            let mut made = change.entry.clone();
            entry::set_index(&mut made.user_data, wa::OF, of);
            log(made, change.at, None);
        }
    }

    /// Writes a line for agents before a message.
    pub fn line(&self, id: &InteractionId, text: String, at: Millis, events: &mut Vec<LogEvent>) {
        let mut entry = entry::line(text, at);
        entry.index = self.next_index(id, events);
        let interaction = id.clone();
        events.push(LogEvent::EntryLogged(EntryLogged { interaction, at, entry, mark: None, send_to: None }));
    }

    /// Writes the lines that precede a message: WhatsApp's remarks, what the message answers if that is
    /// elsewhere, and that it is late.
    pub fn lines(
        &self,
        session: (&InteractionId, &ContactId),
        message: &InboundMessage,
        from: &ParticipantDto,
        events: &mut Vec<LogEvent>,
    ) {
        let late = self.received.since(message.at);
        let late = (late > LATE).then(|| format!("The next message came {} late", span(late)));
        let quoted = self.quoted(session, message, from);
        for text in message.remarks.iter().cloned().chain(quoted).chain(late) {
            self.line(session.0, text, message.at, events);
        }
    }

    /// The text of what a message answers, where that is not in the session.
    pub fn quoted(
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
    pub fn entry(&self, id: &InteractionId, message: &InboundMessage, from: ParticipantDto) -> MessageDto {
        let here = |mark: &str| self.entry_of(mark).filter(|(of, _)| of == id).map(|(_, index)| index);
        let of = about(&message.content).and_then(here);
        let mut made = entry::content(&message.content, of, from, message.at);
        if let Some(index) = message.quotes.as_deref().and_then(here) {
            entry::set_index(&mut made.user_data, wa::QUOTES, index);
        }
        made
    }

    /// An entry about a message is logged in the session of that message, even when the session is over.
    pub fn log_about(
        &self,
        message: &InboundMessage,
        from: &ParticipantDto,
        mark: &str,
        events: &mut Vec<LogEvent>,
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
    pub fn rewrites_what_is_over(&self, message: &InboundMessage) -> bool {
        let Content::Edit { of, .. } = &message.content else { return false };
        self.entry_of(of).is_some_and(|(id, _)| match self.state.sessions.get(&id) {
            Some(session) => session.over,
            None => self.found.sessions.contains_key(&id),
        })
    }

    /// The customer as the author of a message.
    pub fn author(&self, contact: &ContactRow, message: &InboundMessage) -> ParticipantDto {
        let open = self.open_session(&contact.id, message).map(SessionState::customer_name);
        let name = message.customer.profile_name.clone().or(open).or_else(|| contact.profile_name.clone());
        entry::customer(name.as_deref().unwrap_or("Customer"))
    }
}

/// A duration, rounded to its largest unit.
pub fn span(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    let (count, word) = match minutes {
        0..=59 => (minutes.max(1), "minute"),
        60..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

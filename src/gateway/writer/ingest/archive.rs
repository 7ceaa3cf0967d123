//! What a customer and the business wrote to each other outside every session.
//!
//! Owns: the archive sessions that hold the days of a contact: what staff wrote from the phone app while no
//! session was open, what a customer did that starts none, and the history that came with the number.
//! Must not: notify anybody. Agents find it in the contact's past, in quotes, and in lines when a session
//! starts.
//! Invariants: a message has the same place whatever order messages arrive in, and a second arrival has no
//! effect.

use super::context::{Ingest, span};
use crate::domain::{ContactId, Millis};
use crate::gateway::whatsapp::inbound::InboundMessage;
use crate::gateway::whatsapp::remarks::one_line;
use crate::gateway::writer::model::archive::id;
use crate::gateway::writer::model::entry::{EntryAuthor, EntryKind, preview};
use crate::gateway::writer::model::event::LogEvent;
use crate::proto::media::{MessageDto, ParticipantDto};
use std::time::Duration;

/// The most lines that a new session starts with.
const MOST_LINES: usize = 3;

/// Older messages are not mentioned when a session starts.
const NEWS: Duration = Duration::from_secs(7 * 24 * 3600);

/// The most characters of a message in such a line.
const MOST_WORDS: usize = 120;

impl Ingest<'_> {
    /// Logs a message outside every session.
    pub fn archive(
        &self,
        contact: &ContactId,
        message: &InboundMessage,
        from: ParticipantDto,
        mark: &str,
        events: &mut Vec<LogEvent>,
    ) {
        let id = id(contact, message.at);
        let made = self.entry(&id, message, from);
        self.log_in(&id, contact, made, message.at, mark, events);
    }

    /// What happened outside every session since the customer's last message, in lines for a session that
    /// starts.
    pub fn news(&self, contact: &ContactId, heard: Option<Millis>) -> Vec<String> {
        let since = self.received.minus(NEWS).max(heard.unwrap_or_default());
        let stored = self.found.archives.get(contact).into_iter().flatten();
        let news = stored.filter(|(at, _)| *at > since).filter_map(|(at, body)| {
            let entry: MessageDto = serde_json::from_str(body).ok()?;
            let ago = span(self.received.since(*at));
            let words = one_line(&preview(&entry), MOST_WORDS);
            let kind = EntryKind::of(&entry);
            match EntryAuthor::of(&entry.from) {
                EntryAuthor::Agent => Some(format!("Written from the WhatsApp phone {ago} ago: “{words}”")),
                EntryAuthor::Customer if kind == EntryKind::Placeholder => {
                    Some(format!("{ago} ago the customer {words}"))
                }
                // The customer's own messages are read in the contact's past.
                EntryAuthor::Customer | EntryAuthor::Supervisor | EntryAuthor::System => {
                    (kind == EntryKind::Notice).then(|| format!("{words} ({ago} ago)"))
                }
            }
        });
        let news: Vec<String> = news.collect();
        let older = news.len().saturating_sub(MOST_LINES);
        news.into_iter().skip(older).collect()
    }
}

//! What a customer and the business wrote to each other outside every session.
//!
//! Owns: the archive sessions that hold the days of a contact: what staff wrote from the phone app while no
//! session was open, what a customer did that starts none, and the history that came with the number.
//! Must not: notify anybody. Agents find it in the contact's past, in quotes, and in lines when a session
//! starts.
//! Invariants: a message has the same place whatever order messages arrive in, and a second arrival has no
//! effect.

use super::entry;
use super::event::Event;
use super::ingest::Ingest;
use super::session::preview;
use crate::domain::{ContactId, InteractionId, Millis};
use crate::gateway::whatsapp::inbound::InboundMessage;
use crate::gateway::whatsapp::parse::FILE_PENDING_PREFIX;
use crate::gateway::whatsapp::remarks::one_line;
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;
use std::collections::HashMap;
use std::time::Duration;

/// The prefix of the ID of a day in the archive.
const PREFIX: &str = "phone-";
/// The prefix of the mark of a message of the history: the same message may also arrive live.
const HISTORY: &str = "history:";
/// The most lines that a new session starts with.
const MOST_LINES: usize = 3;
/// Older messages are not mentioned when a session starts.
const NEWS: Duration = Duration::from_secs(7 * 24 * 3600);
/// The most characters of a message in such a line.
const MOST_WORDS: usize = 120;

/// The day of a moment, for IDs.
pub(super) fn day(at: Millis) -> String {
    at.to_rfc3339().chars().take(10).collect()
}

/// The ID of a contact's day.
pub(super) fn id(contact: &ContactId, at: Millis) -> InteractionId {
    InteractionId::from(format!("{PREFIX}{contact}-{}", day(at)))
}

/// Whether an ID is that of a day in the archive.
pub fn is_archive(id: &InteractionId) -> bool {
    id.as_str().starts_with(PREFIX)
}

/// The mark of a message of the history.
pub(super) fn history_mark(wamid: &str) -> String {
    format!("{HISTORY}{wamid}")
}

/// WhatsApp's ID in the mark of a message.
pub(super) fn wamid(mark: &str) -> &str {
    mark.strip_prefix(HISTORY).unwrap_or(mark)
}

/// The ID of the message whose file this placeholder stands for.
pub(super) fn stands_in_for(wamid: &str) -> Option<&str> {
    wamid.strip_prefix(FILE_PENDING_PREFIX)
}

/// Sorts the log of a day by time. It was written in the order in which WhatsApp delivered it.
pub(super) fn in_order(mut log: Vec<MessageDto>) -> Vec<MessageDto> {
    log.sort_by_key(|entry| entry.timestamp_seconds);
    let numbers = log.iter().zip(1_u64..).map(|(entry, new)| (entry.index, new));
    let numbers: HashMap<u64, u64> = numbers.collect();
    for entry in &mut log {
        let renumbered = |old: u64| numbers.get(&old).copied();
        entry.index = renumbered(entry.index).unwrap_or(entry.index);
        for key in [wa::OF, wa::QUOTES] {
            let old = entry.user_data.number(key).and_then(|old| u64::try_from(old).ok());
            if let Some(new) = old.and_then(renumbered) {
                entry::set_index(&mut entry.user_data, key, new);
            }
        }
    }
    log
}

/// A duration, rounded to its largest unit.
pub(super) fn span(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    let (count, word) = match minutes {
        0..=59 => (minutes.max(1), "minute"),
        60..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

impl Ingest<'_> {
    /// Logs a message outside every session.
    pub(super) fn archive(
        &self,
        contact: &ContactId,
        message: &InboundMessage,
        from: ParticipantDto,
        mark: &str,
        events: &mut Vec<Event>,
    ) {
        let id = id(contact, message.at);
        let made = self.entry(&id, message, from);
        self.log_in(&id, contact, made, message.at, mark, events);
    }

    /// What happened outside every session since the customer's last message, in lines for a session that
    /// starts.
    pub(super) fn news(&self, contact: &ContactId, heard: Option<Millis>) -> Vec<String> {
        let since = self.received.minus(NEWS).max(heard.unwrap_or_default());
        let stored = self.found.archives.get(contact).into_iter().flatten();
        let news = stored.filter(|(at, _)| *at > since).filter_map(|(at, body)| {
            let entry: MessageDto = serde_json::from_str(body).ok()?;
            let ago = span(self.received.since(*at));
            let words = one_line(&preview(&entry), MOST_WORDS);
            match (entry.from.kind.as_str(), entry.kind.as_str(), entry.user_data.text(wa::KIND)) {
                ("Agent", _, _) => Some(format!("Written from the WhatsApp phone {ago} ago: “{words}”")),
                ("Customer", _, Some("placeholder")) => Some(format!("{ago} ago the customer {words}")),
                (_, "Notice", _) => Some(format!("{words} ({ago} ago)")),
                // The customer's own messages are read in the contact's past.
                _ => None,
            }
        });
        let news: Vec<String> = news.collect();
        let older = news.len().saturating_sub(MOST_LINES);
        news.into_iter().skip(older).collect()
    }
}

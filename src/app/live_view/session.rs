//! A monitored session: what is shown of it, and how far its log was reported.
//!
//! Owns: the order of the log's entries. Must not: report an entry twice.
//! Invariants: entries are reported in order; those behind a gap wait until the log has been read; the visible entries
//! are not kept, so the memory of a session does not grow with its log.

use crate::domain::message::{Body, Message};
use crate::domain::transcript::Transcript;
use crate::domain::{AttachedData, Millis};
use crate::proto::decode;
use crate::proto::media::MessageDto;
use crate::proto::watch::LiveSession;
use std::collections::BTreeMap;

/// The maximum number of entries kept behind a gap. Overflow: they are dropped, and the log is read once more.
const MAX_HELD: usize = 256;
/// The maximum length of the last message in characters.
const LAST_WORDS: usize = 200;

/// Whether the log of a session has to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogStatus {
    /// Everything before the next event is known.
    Complete,
    /// It has to be read.
    Wanted,
    /// It was requested.
    Requested,
    /// It could not be read, and will be requested again later.
    Failed,
}

#[derive(Clone, Debug)]
pub(super) struct MonitoredSession {
    pub(super) live: LiveSession,
    /// The media type, which is part of the session's addresses.
    pub(super) media: String,
    pub(super) data: AttachedData,
    pub(super) comment: String,
    pub(super) log: LogStatus,
    /// Whether it was seen since the connection was established.
    pub(super) confirmed: bool,
    /// The log from its beginning, without holes and without its visible entries.
    transcript: Transcript,
    /// Up to which entry the log was reported.
    reported: u64,
    /// Entries behind a gap.
    held: BTreeMap<u64, MessageDto>,
}

/// What new entries of a log changed.
#[derive(Debug, Default)]
pub(super) struct LogChange {
    /// Entries to report, in order.
    pub(super) entries: Vec<MessageDto>,
    /// Whether the log is longer than before.
    pub(super) grew: bool,
    /// Whether the log has to be read, and did not have to before.
    pub(super) is_wanted: bool,
}

impl MonitoredSession {
    /// A session whose log has to be read, and was reported up to an entry before.
    pub(super) fn new(live: LiveSession, media: String, reported: u64) -> Self {
        Self {
            live,
            media,
            data: AttachedData::new(),
            comment: String::new(),
            log: LogStatus::Wanted,
            confirmed: true,
            transcript: Transcript::default(),
            reported,
            held: BTreeMap::new(),
        }
    }

    /// The session as the monitor shows it.
    pub(super) fn live(&self) -> LiveSession {
        let mut live = self.live.clone();
        // The log is more precise than what the server says of the session.
        if self.transcript.last_index() > 0 {
            live.waiting_since = self.transcript.waiting_since().map(Millis::to_rfc3339);
        }
        live
    }

    pub(super) const fn reported(&self) -> u64 {
        self.reported
    }

    /// Takes entries that came as an event.
    pub(super) fn push(&mut self, messages: Vec<MessageDto>) -> LogChange {
        self.confirmed = true;
        self.hold(messages);
        let is_overflow = self.held.len() > MAX_HELD && !self.is_next_held();
        if is_overflow {
            self.held.clear();
        }
        let is_wanted = is_overflow && self.want_log();
        let change = self.advance(false);
        LogChange { is_wanted: is_wanted || change.is_wanted, ..change }
    }

    /// Applies the complete log.
    pub(super) fn take_log(&mut self, log: Vec<MessageDto>) -> LogChange {
        // Entries were dropped since it was requested, so it has to be read once more.
        let is_stale = self.log == LogStatus::Wanted;
        self.hold(log);
        if !is_stale {
            self.log = LogStatus::Complete;
        }
        // Numbers that are missing in the log do not exist: on some servers they have holes.
        self.advance(!is_stale)
    }

    /// Records that the log could not be read.
    pub(super) fn fail_log(&mut self) {
        if self.log == LogStatus::Requested {
            self.log = LogStatus::Failed;
        }
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    fn hold(&mut self, messages: Vec<MessageDto>) {
        let read = self.transcript.last_index();
        let fresh = messages.into_iter().filter(|message| message.index > read);
        self.held.extend(fresh.map(|message| (message.index, message)));
    }

    /// Whether the first held entry follows the known part of the log.
    fn is_next_held(&self) -> bool {
        let next = self.transcript.last_index() + 1;
        self.held.first_key_value().is_some_and(|(index, _)| *index <= next)
    }

    /// Moves held entries into the log as far as they follow it; with `over_gaps` all of them.
    fn advance(&mut self, over_gaps: bool) -> LogChange {
        let before = self.transcript.last_index();
        let mut change = LogChange::default();
        while over_gaps || self.is_next_held() {
            let Some((index, message)) = self.held.pop_first() else { break };
            self.append(index, decode::message(&message));
            if index > self.reported {
                self.reported = index;
                change.entries.push(message);
            }
        }
        let read = self.transcript.last_index();
        change.grew = read > before;
        if !self.held.is_empty() {
            change.is_wanted = self.want_log();
        } else if change.grew && self.log != LogStatus::Requested {
            self.log = LogStatus::Complete;
        }
        self.live.last_index = read.max(self.live.last_index);
        change
    }

    fn append(&mut self, index: u64, message: Message) {
        if let Some(words) = last_words(&message) {
            self.live.last = words;
        }
        self.transcript.insert(message);
        // Also where the transcript keeps no entry, such as for typing.
        self.transcript.cover(1, index);
        self.transcript.drop_lines();
    }

    /// Records that the log has to be read; false when that was known.
    fn want_log(&mut self) -> bool {
        let wants = match self.log {
            LogStatus::Complete => true,
            LogStatus::Requested => self.held.is_empty(),
            LogStatus::Wanted | LogStatus::Failed => false,
        };
        if wants {
            self.log = LogStatus::Wanted;
        }
        wants
    }
}

/// The text of a message, shortened; `None` when it has no text of a person.
fn last_words(message: &Message) -> Option<String> {
    let words = match &message.body {
        Body::Text(text) | Body::Url(text) | Body::Placeholder(text) => text.as_str(),
        Body::Media(media) => media.caption.as_ref().or(media.name.as_ref()).unwrap_or(&media.kind),
        Body::Joined
        | Body::Left
        | Body::Notice(_)
        | Body::Error(_)
        | Body::Typing(_)
        | Body::Status { .. }
        | Body::Reaction { .. }
        | Body::Edit { .. }
        | Body::Revoke { .. }
        | Body::Unknown(_) => return None,
    };
    Some(words.chars().take(LAST_WORDS).collect())
}

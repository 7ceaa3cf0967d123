//! Earlier sessions of the same customer: which there are, and those that have been read.
//!
//! They stand above the session that goes on. Nothing of them counts as new, and their logs do not change.

use crate::domain::transcript::Transcript;
use crate::domain::{InteractionId, Millis, OperationId};
use crate::text::Clean;

/// An earlier session, or an interaction of another channel, as the server's history tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its name.
    pub id: InteractionId,
    /// When it began.
    pub started: Option<Millis>,
    /// Who handled it.
    pub handled_by: Option<Clean>,
    /// The media type, when it is another one.
    pub channel: Option<Clean>,
    /// What it was about, where another channel says so.
    pub subject: Option<Clean>,
}

/// An earlier session that has been read.
#[derive(Clone, Debug)]
pub struct OlderSession {
    /// Its name.
    pub id: InteractionId,
    /// Its log.
    pub transcript: Transcript,
    /// When it began.
    pub started: Option<Millis>,
    /// Who handled it.
    pub handled_by: Option<Clean>,
    /// The media type, when it is another one.
    pub channel: Option<Clean>,
    /// What it was about, where another channel says so.
    pub subject: Option<Clean>,
}

/// What is known of which there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// The server was asked by this request; the answer comes as an event.
    Asked(OperationId),
    /// Those that have not been read, the oldest first.
    Left(Vec<Earlier>),
}

/// The row above everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// So many sessions can be read.
    Sessions(usize),
    /// One is being read.
    Reading,
    /// The last one could not be read; it can be tried again.
    Failed,
}

/// The earlier sessions of a session's customer.
#[derive(Clone, Debug, Default)]
pub struct Older {
    /// Those that have been read, the oldest first.
    pub shown: Vec<OlderSession>,
    /// The rest.
    pub known: Known,
    /// The one that is being read.
    pub reading: Option<Earlier>,
    /// Whether what was asked for last could not be read.
    pub failed: bool,
    /// How many are still to be read for what the agent asked.
    pub wanted: usize,
    /// Whether the next part of the log of the uppermost earlier session is being read.
    pub reads_part: bool,
}

impl Older {
    /// The row above everything, when there is more to see.
    pub fn more(&self) -> Option<More> {
        match (&self.reading, &self.known) {
            (Some(_), _) => Some(More::Reading),
            (None, Known::Left(left)) if self.failed && !left.is_empty() => Some(More::Failed),
            (None, Known::Left(left)) if !left.is_empty() => Some(More::Sessions(left.len())),
            _ => None,
        }
    }

    /// The part of the earlier sessions that is not read, in words for a search; empty when all is read.
    pub fn unread_part(&self) -> &'static str {
        match self.more() {
            Some(More::Sessions(1)) => "1 older session is not shown and was not searched",
            Some(More::Sessions(_)) => "older sessions that are not shown were not searched",
            Some(More::Reading | More::Failed) => "older messages that are not read yet were not searched",
            None => "",
        }
    }

    /// Takes the next one to read, when one is wanted and none is being read.
    pub fn take_next(&mut self) -> Option<Earlier> {
        if self.wanted == 0 || self.reading.is_some() {
            return None;
        }
        let Known::Left(left) = &mut self.known else { return None };
        self.reading = left.pop();
        if self.reading.is_none() {
            self.wanted = 0;
        }
        self.reading.clone()
    }

    /// What is under way is not answered any more: it can be asked for again.
    pub fn interrupted(&mut self) {
        self.failed |= self.wanted > 0;
        self.wanted = 0;
        self.reads_part = false;
        match (&mut self.known, self.reading.take()) {
            (Known::Left(left), Some(earlier)) => left.push(earlier),
            (known @ Known::Asked(_), _) => *known = Known::Nothing,
            _ => {}
        }
    }
}

/// A request for older messages, each with the session whose customer they are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum OlderRequest {
    /// The list of earlier sessions.
    History(InteractionId),
    /// The log of the next earlier session.
    Log(InteractionId),
    /// The next part of the log of the uppermost earlier session.
    Part(InteractionId),
}

impl OlderRequest {
    /// The session that the request is for.
    pub const fn session(&self) -> &InteractionId {
        match self {
            Self::History(id) | Self::Log(id) | Self::Part(id) => id,
        }
    }
}

//! Earlier sessions of the same customer: the known ones, and those that have been read.
//!
//! They are shown above the current session. Their messages never count as new, and their logs do not change.

use crate::domain::transcript::Transcript;
use crate::domain::{InteractionId, Millis, OperationId};
use crate::text::Clean;

/// An earlier session, or an interaction of another channel, as the server's history describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub id: InteractionId,
    pub started: Option<Millis>,
    pub handled_by: Option<Clean>,
    /// The media type, if it is not the session's.
    pub channel: Option<Clean>,
    /// The subject, if the other channel has one.
    pub subject: Option<Clean>,
}

/// An earlier session that has been read.
#[derive(Clone, Debug)]
pub struct OlderSession {
    pub id: InteractionId,
    pub transcript: Transcript,
    pub started: Option<Millis>,
    pub handled_by: Option<Clean>,
    /// The media type, if it is not the session's.
    pub channel: Option<Clean>,
    /// The subject, if the other channel has one.
    pub subject: Option<Clean>,
}

/// The list of earlier sessions, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known {
    #[default]
    Nothing,
    /// The list was requested by this operation; the result arrives as an event.
    Asked(OperationId),
    /// Those that have not been read, the oldest first.
    Left(Vec<Earlier>),
}

/// The content of the row above everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// This many sessions can be read.
    Sessions(usize),
    Reading,
    /// The last read failed; it can be tried again.
    Failed,
}

/// The earlier sessions of a session's customer.
#[derive(Clone, Debug, Default)]
pub struct Older {
    /// Those that have been read, the oldest first.
    pub shown: Vec<OlderSession>,
    /// The other ones.
    pub known: Known,
    /// The session whose log is being read.
    pub reading: Option<Earlier>,
    /// Whether the last read failed.
    pub failed: bool,
    /// The number of sessions that the agent requested and that are not read yet.
    pub wanted: usize,
    /// Whether the next part of the uppermost earlier session's log is being read.
    pub reads_part: bool,
}

impl Older {
    /// The row above everything, if there is more to see.
    pub fn more(&self) -> Option<More> {
        match (&self.reading, &self.known) {
            (Some(_), _) => Some(More::Reading),
            (None, Known::Left(left)) if self.failed && !left.is_empty() => Some(More::Failed),
            (None, Known::Left(left)) if !left.is_empty() => Some(More::Sessions(left.len())),
            _ => None,
        }
    }

    /// In words for a search: what part of the earlier sessions is not read; empty when all is read.
    pub fn unread_part(&self) -> &'static str {
        match self.more() {
            Some(More::Sessions(1)) => "1 older session is not shown and was not searched",
            Some(More::Sessions(_)) => "older sessions that are not shown were not searched",
            Some(More::Reading | More::Failed) => "older messages that are not read yet were not searched",
            None => "",
        }
    }

    /// Takes the next session to read, if one is wanted and none is being read.
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

    /// Resets pending reads, because their answers will not arrive. They can be requested again.
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

/// A request for older messages, with the session whose customer wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum OlderRequest {
    History(InteractionId),
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

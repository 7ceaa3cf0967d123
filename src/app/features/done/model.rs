//! The end of a session in the console: what was read before it, the confirmation, and undoing it.

use crate::app::core::note_draft::NoteDraft;
use crate::app::core::party_request::PartyRequest;
use crate::domain::response::Enclosure;
use crate::domain::transcript::Draft;
use crate::domain::{InteractionId, Millis};
use crate::text::Clean;
use std::collections::VecDeque;
use std::time::Duration;

/// How long an entry must have been visible before a key to count as read. A frame is drawn at once after a
/// pause, so this excludes only entries that arrived together with the key.
const SEEN: Duration = Duration::from_millis(1);

/// How far the log of a session has been shown on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadLog {
    /// The last entry that was shown long enough.
    upto: u64,
    /// Later entries and their times of arrival.
    arrived: VecDeque<(u64, Millis)>,
}

impl ReadLog {
    /// The index of the last entry that was read; 0 for none.
    pub const fn upto(&self) -> u64 {
        self.upto
    }

    /// Records that the log now reaches up to this entry.
    pub fn arrived(&mut self, last: u64, now: Millis) {
        if last > self.arrived.back().map_or(self.upto, |(index, _)| *index) {
            self.arrived.push_back((last, now));
        }
    }

    /// Records since when the end of the log has been visible.
    pub fn shown(&mut self, since: Millis, now: Millis) {
        while let Some((index, _)) = self.arrived.pop_front_if(|(_, at)| since.max(*at).plus(SEEN) <= now) {
            self.upto = self.upto.max(index);
        }
    }

    /// Records that an entry was shown elsewhere: quoted in a confirmation, or by an earlier run of the
    /// console.
    pub fn seen(&mut self, index: u64) {
        self.upto = self.upto.max(index);
    }
}

/// The ways in which an agent ends a session or passes it on.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    Done,
    /// Leaving it to colleagues.
    Leave,
    /// Placing it in a workbin.
    Park,
    /// Transferring it to another agent or a queue.
    Transfer(Box<PartyRequest>),
}

impl Ending {
    /// The confirmation question.
    pub fn question(&self) -> String {
        match self {
            Self::Done => "Finish the session anyway?".to_owned(),
            Self::Leave => "Leave the session anyway?".to_owned(),
            Self::Park => "Park the session anyway?".to_owned(),
            Self::Transfer(request) => format!("Transfer it to {} anyway?", request.target.called()),
        }
    }

    /// The part of a notice that says what did not happen.
    pub const fn undone(&self) -> &'static str {
        match self {
            Self::Done => "the session is not finished",
            Self::Leave => "you have not left the session",
            Self::Park => "the session is not parked",
            Self::Transfer(_) => "the session is not transferred",
        }
    }
}

/// A session that was finished a moment ago and can be reopened.
#[derive(Clone, Debug)]
pub struct FinishedSession {
    pub id: InteractionId,
    /// The time until which it can be undone.
    pub until: Millis,
    /// The notice that offers to undo.
    pub(in crate::app) offer: Clean,
    pub(in crate::app) name: Clean,
    /// The unsent draft.
    pub(in crate::app) draft: Draft,
    /// The files attached to the draft.
    pub(in crate::app) enclosures: Vec<Enclosure>,
    /// The unsaved note.
    pub(in crate::app) note: Option<NoteDraft>,
}

/// A request about the end of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum DoneRequest {
    Complete(InteractionId),
    /// Reopening a finished session, with the customer's name.
    Reopen(InteractionId, Clean),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_came_with_the_key_is_not_read() {
        let mut read = ReadLog::default();
        read.arrived(3, Millis(1000));
        read.shown(Millis(0), Millis(1000));
        assert_eq!(read.upto(), 0, "nobody can have acted on it yet");
        read.arrived(4, Millis(1001));
        read.shown(Millis(0), Millis(1001));
        assert_eq!(read.upto(), 3);
        // The session came into view only now.
        read.shown(Millis(5000), Millis(5000));
        assert_eq!(read.upto(), 3);
        read.shown(Millis(5000), Millis(5001));
        assert_eq!(read.upto(), 4);
        read.arrived(4, Millis(9000));
        read.shown(Millis(5000), Millis(9500));
        assert_eq!(read.upto(), 4, "known entries change nothing");
    }
}

//! The end of a session, as the desk sees it: what was read before it, what is asked once more, and what can be taken
//! back.

use super::party::PartyRequest;
use super::session::NoteDraft;
use crate::domain::response::Enclosure;
use crate::domain::transcript::Draft;
use crate::domain::{InteractionId, Millis};
use crate::text::Clean;
use std::collections::VecDeque;
use std::time::Duration;

/// How long before a key an entry must have come into view to count as read. A frame is drawn at once after a pause,
/// so that this is only what came together with the key.
const SEEN: Duration = Duration::from_millis(1);

/// How far a log has been on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadLog {
    /// The last entry that was on it long enough.
    upto: u64,
    /// Later entries, and when they came.
    arrived: VecDeque<(u64, Millis)>,
}

impl ReadLog {
    /// The index of the last entry that was read; 0 for none.
    pub const fn upto(&self) -> u64 {
        self.upto
    }

    /// The log reaches so far now.
    pub fn arrived(&mut self, last: u64, now: Millis) {
        if last > self.arrived.back().map_or(self.upto, |(index, _)| *index) {
            self.arrived.push_back((last, now));
        }
    }

    /// Its end has been on the screen since then.
    pub fn shown(&mut self, since: Millis, now: Millis) {
        while let Some((index, _)) = self.arrived.pop_front_if(|(_, at)| since.max(*at).plus(SEEN) <= now) {
            self.upto = self.upto.max(index);
        }
    }

    /// That entry was seen elsewhere: quoted in a question, or by an earlier run of this console.
    pub fn seen(&mut self, index: u64) {
        self.upto = self.upto.max(index);
    }
}

/// What ends a session for the agent, or gives it away.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// Done.
    Done,
    /// Leaving it to colleagues.
    Leave,
    /// Parking it in a workbin.
    Park,
    /// Giving it to somebody else.
    Transfer(Box<PartyRequest>),
}

impl Ending {
    /// The question.
    pub fn question(&self) -> String {
        match self {
            Self::Done => "Finish the session anyway?".to_owned(),
            Self::Leave => "Leave the session anyway?".to_owned(),
            Self::Park => "Park the session anyway?".to_owned(),
            Self::Transfer(request) => format!("Transfer it to {} anyway?", request.target.called()),
        }
    }

    /// What was not done.
    pub const fn undone(&self) -> &'static str {
        match self {
            Self::Done => "the session is not finished",
            Self::Leave => "you have not left the session",
            Self::Park => "the session is not parked",
            Self::Transfer(_) => "the session is not transferred",
        }
    }
}

/// A session that was finished a moment ago and can be opened again.
#[derive(Clone, Debug)]
pub struct Undo {
    /// The session.
    pub id: InteractionId,
    /// Until when.
    pub until: Millis,
    /// The notice that offers it.
    pub(super) offer: Clean,
    /// The customer's name.
    pub(super) name: Clean,
    /// What was written in it and not sent.
    pub(super) draft: Draft,
    /// Files that stood with that.
    pub(super) enclosures: Vec<Enclosure>,
    /// A note that was not saved.
    pub(super) note: Option<NoteDraft>,
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

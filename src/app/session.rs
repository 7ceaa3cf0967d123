//! One open session on the desk: the interaction, its log, the draft, and where one reads.

use super::blocks::Measure;
use super::older::Older;
use super::party::PartyRequest;
use super::scroll::Scroll;
use crate::domain::interaction::Interaction;
use crate::domain::message::{Body, Side};
use crate::domain::options::Options;
use crate::domain::pending::{self, Urgency};
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Inserted, Transcript};
use crate::domain::{Millis, OperationId};
use crate::text::Clean;
use crate::text::compose::Composer;
use jiff::tz::TimeZone;
use std::time::Duration;

/// How long "is typing" stands after the last sign of it, when no stop comes.
pub const TYPING_SHOWN: Duration = Duration::from_secs(25);
/// The customer is told at most this often that the agent types.
pub const TYPING_SENT_EVERY: Duration = Duration::from_secs(5);

/// A search in a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The words.
    pub words: Clean,
    /// Indexes of the messages that hold them, oldest first.
    pub hits: Vec<u64>,
    /// Which of them is shown.
    pub at: usize,
}

/// An open session.
#[derive(Clone, Debug)]
pub struct Session {
    /// As last told by the server.
    pub interaction: Interaction,
    /// Its log.
    pub transcript: Transcript,
    /// Earlier sessions of the same customer.
    pub older: Older,
    /// What is being written. It belongs to this session and to no other.
    pub draft: Composer,
    /// Files that go out after the draft, in this order.
    pub enclosures: Vec<Enclosure>,
    /// Standard responses that were put into the draft.
    pub(super) used: Vec<String>,
    /// Messages on their way, and the responses in them.
    pub(super) reports: Vec<(OperationId, Vec<String>)>,
    /// Whether the slash that the draft begins with was pasted, so that it is no command.
    pub pasted_slash: bool,
    /// Where one reads.
    pub scroll: Scroll,
    /// Messages that came while one read further up.
    pub below: usize,
    /// Customer messages that nobody has looked at.
    pub unread: usize,
    /// The options this session began with. An edit reaches the next session.
    pub options: Options,
    /// Until when the customer counts as typing.
    pub typing_until: Option<Millis>,
    /// When the customer was last told that the agent types; `None` when told that they stopped.
    pub typing_sent: Option<Millis>,
    /// When the draft last changed, while a stop has not been sent.
    pub typed_at: Option<Millis>,
    /// What went wrong, at the top of the session, until the next success.
    pub trouble: Option<Clean>,
    /// The search that is on.
    pub search: Option<Search>,
    /// The request that reads the log, while it is under way.
    pub reading: Option<OperationId>,
    /// The request that finishes the session, while it is under way.
    pub finishing: Option<OperationId>,
    /// The transfer, conference or consultation that is being asked for.
    pub asked: Option<PartyRequest>,
    /// Whether the agent is leaving it to the others.
    pub leaving: bool,
}

impl Session {
    /// A session as it opens, with the options of that moment.
    pub fn open(interaction: Interaction, options: Options) -> Self {
        Self {
            interaction,
            transcript: Transcript::default(),
            older: Older::default(),
            draft: Composer::new(),
            enclosures: Vec::new(),
            used: Vec::new(),
            reports: Vec::new(),
            pasted_slash: false,
            scroll: Scroll::Bottom,
            below: 0,
            unread: 0,
            options,
            typing_until: None,
            typing_sent: None,
            typed_at: None,
            trouble: None,
            search: None,
            reading: None,
            finishing: None,
            asked: None,
            leaving: false,
        }
    }

    /// The customer's name.
    pub fn name(&self) -> Clean {
        self.interaction.party.display_name()
    }

    /// The transcript under the earlier ones, measured for a width.
    pub fn measure<'a>(&'a self, width: u16, zone: &'a TimeZone) -> Measure<'a> {
        Measure {
            transcript: &self.transcript,
            older: &self.older.shown,
            more: self.older.more(),
            width,
            zone,
            me: self.interaction.my_participant.as_ref(),
        }
    }

    /// Since when the customer waits: by the log, or by the server before the log is here.
    pub fn waiting_since(&self) -> Option<Millis> {
        if self.transcript.lines().is_empty() {
            self.interaction.waiting_since
        } else {
            self.transcript.waiting_since()
        }
    }

    /// How urgent an answer is.
    pub fn urgency(&self, now: Millis) -> Urgency {
        pending::urgency(self.waiting_since(), now, self.options.pending)
    }

    /// Whether the customer types.
    pub fn is_typing(&self, now: Millis) -> bool {
        self.typing_until.is_some_and(|until| now < until)
    }

    /// Bytes of the draft over the limit; 0 when it fits.
    pub fn over_limit(&self) -> usize {
        self.draft.len_bytes().saturating_sub(self.options.max_text)
    }

    /// The last words, for the list.
    pub fn last_words(&self) -> Clean {
        let line = self.transcript.lines().iter().rev().find_map(|line| match &line.message.body {
            Body::Text(text) => Some(Clean::line(text)),
            Body::Media(media) => Some(Clean::line(&format!("▣ {}", media.kind))),
            Body::Placeholder(text) => Some(Clean::line(text)),
            _ => None,
        });
        line.unwrap_or_default()
    }

    /// Notes what an insertion into the log means for who reads it. `seen` tells whether the agent sees
    /// this session now.
    pub fn note(&mut self, inserted: Inserted, seen: bool) -> Option<Side> {
        let Inserted::Line(place) = inserted else { return None };
        let line = self.transcript.lines().get(place)?;
        let side = line.message.side;
        if side == Side::Customer {
            self.typing_until = None;
            if !(seen && self.scroll == Scroll::Bottom) {
                self.unread += 1;
            }
        }
        if self.scroll != Scroll::Bottom {
            self.below += 1;
        }
        Some(side)
    }

    /// Moves where one reads, and forgets what counted as not seen once the newest is shown.
    pub fn set_scroll(&mut self, scroll: Scroll) {
        self.scroll = scroll;
        if scroll == Scroll::Bottom {
            self.below = 0;
            self.unread = 0;
        }
    }

    /// The earliest moment at which something of this session looks different.
    pub fn next_change(&self, now: Millis) -> Option<Millis> {
        let wait = pending::next_change(self.waiting_since(), now, self.options.pending);
        [wait, self.typing_until.filter(|until| *until > now)].into_iter().flatten().min()
    }
}

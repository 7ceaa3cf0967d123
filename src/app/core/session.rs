//! One open session on the desk: the interaction, its log, the draft, and where one reads.

use crate::app::core::blocks::Measure;
use crate::app::core::note_draft::NoteDraft;
use crate::app::core::party_request::PartyRequest;
use crate::app::core::scroll::Scroll;
use crate::app::features::done::model::ReadLog;
use crate::app::features::emoji::model::Emojis;
use crate::app::features::older::model::Older;
use crate::app::features::search::model::TranscriptSearch;
use crate::domain::interaction::Interaction;
use crate::domain::message::{Body, Side, Visibility};
use crate::domain::options::Options;
use crate::domain::pending::{self, Urgency};
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Draft, Inserted, PendingMessage, SendState, Transcript, TranscriptEntry};
use crate::domain::window::{ReplyWindow, reply_window};
use crate::domain::{Millis, OperationId};
use crate::proto::wa;
use crate::text::Clean;
use crate::text::compose::Composer;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long "is typing" stands after the last sign of it, when no stop comes.
pub const TYPING_SHOWN: Duration = Duration::from_secs(25);
/// The customer is told at most this often that the agent types.
pub const TYPING_SENT_EVERY: Duration = Duration::from_secs(5);

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
    /// The note, while it is written and not saved.
    pub note: Option<NoteDraft>,
    /// To whom what is written goes: to everybody, or to colleagues only.
    pub to: Visibility,
    /// Whether it was said that nobody is left to read what is written for colleagues.
    pub(in crate::app) alone_told: bool,
    /// For whom the text was that an editor has now.
    pub editing: Option<Visibility>,
    /// Files that go out after the draft, in this order.
    pub enclosures: Vec<Enclosure>,
    /// Standard responses that were put into the draft.
    pub(in crate::app) used: Vec<String>,
    /// Messages on their way, and the responses in them.
    pub(in crate::app) reports: Vec<(OperationId, Vec<String>)>,
    /// Whether the slash that the draft begins with was pasted, so that it is no command.
    pub pasted_slash: bool,
    /// Where one reads.
    pub scroll: Scroll,
    /// Messages that came while one read further up.
    pub below: usize,
    /// Customer messages that nobody has looked at.
    pub unread: usize,
    /// How far the log has been shown on the screen.
    pub(in crate::app) read: ReadLog,
    /// The index of the last entry that was in view.
    pub(in crate::app) seen: u64,
    /// Whether the last line break of the draft is an Enter that arrived together with its line.
    pub(in crate::app) pasted_line: bool,
    /// Messages of others for colleagues only that nobody has viewed. No customer waits because of them.
    pub aside: usize,
    /// When the last of them came.
    pub news_at: Option<Millis>,
    /// The options this session began with. An edit reaches the next session.
    pub options: Options,
    /// The emoji on offer, as of the same moment.
    pub emojis: Emojis,
    /// Until when the customer counts as typing.
    pub typing_until: Option<Millis>,
    /// When the customer was last told that the agent types; `None` when told that they stopped.
    pub typing_sent: Option<Millis>,
    /// When the draft last changed, while a stop has not been sent.
    pub typed_at: Option<Millis>,
    /// What went wrong, at the top of the session, until the next success.
    pub trouble: Option<Clean>,
    /// The search that is on.
    pub search: Option<TranscriptSearch>,
    /// The request that reads the log, while it is under way.
    pub reading: Option<OperationId>,
    /// The request that finishes the session, while it is under way.
    pub finishing: Option<OperationId>,
    /// The transfer, conference or consultation that is being asked for.
    pub asked: Option<PartyRequest>,
    /// Whether the agent is leaving it to the others.
    pub leaving: bool,
    /// Failed messages whose text the agent took back into the input.
    pub(in crate::app) taken_back: BTreeSet<u64>,
}

impl Session {
    /// A session as it opens, with the options of that moment.
    pub fn open(interaction: Interaction, options: Options) -> Self {
        let to = if interaction.writes_aside() { Visibility::Agent } else { Visibility::All };
        Self {
            interaction,
            transcript: Transcript::default(),
            older: Older::default(),
            draft: Composer::new(),
            note: None,
            to,
            alone_told: false,
            editing: None,
            enclosures: Vec::new(),
            used: Vec::new(),
            reports: Vec::new(),
            pasted_slash: false,
            scroll: Scroll::Bottom,
            below: 0,
            unread: 0,
            read: ReadLog::default(),
            seen: 0,
            pasted_line: false,
            aside: 0,
            news_at: None,
            options,
            emojis: Emojis::All,
            typing_until: None,
            typing_sent: None,
            typed_at: None,
            trouble: None,
            search: None,
            reading: None,
            finishing: None,
            asked: None,
            leaving: false,
            taken_back: BTreeSet::new(),
        }
    }

    /// What is being written, to be kept.
    pub fn unsent_draft(&self) -> Draft {
        Draft { text: self.draft.text().to_owned(), to: self.to }
    }

    /// Whether what is written goes to colleagues only.
    pub fn is_internal(&self) -> bool {
        self.to != Visibility::All
    }

    /// Whether nobody has said who the customer is.
    pub fn is_unknown(&self) -> bool {
        let Interaction { contact, party, user_data, .. } = &self.interaction;
        let said = user_data.number(wa::UNKNOWN_CONTACT).is_some_and(|n| n != 0);
        said || (contact.is_none() && party.contact_name.is_none())
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

    /// The uppermost transcript: of the first earlier session that is shown, else of this one.
    pub fn uppermost(&self) -> &Transcript {
        self.older.shown.first().map_or(&self.transcript, |older| &older.transcript)
    }

    /// Since when the customer waits: by the log, or by the server before the log is here.
    pub fn waiting_since(&self) -> Option<Millis> {
        let unknown = self.transcript.lines().is_empty()
            || (self.transcript.has_older() && self.transcript.waiting_since().is_some());
        if unknown && self.interaction.waiting_since.is_some() {
            self.interaction.waiting_since
        } else {
            self.transcript.waiting_since()
        }
    }

    /// How urgent an answer is.
    pub fn urgency(&self, now: Millis) -> Urgency {
        pending::urgency(self.waiting_since(), now, self.options.pending)
    }

    /// When the mark of new messages ends to blink, while it does: [`Millis`] without end when nothing but
    /// looking at them ends it. (Workspace: `whatsappsession.new-message-blinking`.)
    pub fn blinks_until(&self, now: Millis) -> Option<Millis> {
        let since = self.news_at.filter(|_| self.unread > 0 && self.options.blinking)?;
        let until = self.options.blinking_for.map_or(Millis(i64::MAX), |length| since.plus(length));
        (now < until).then_some(until)
    }

    /// The agent's own messages that did not reach the customer and were neither repeated nor taken back.
    pub fn failed(&self) -> Vec<(u64, &Clean)> {
        let mut failed = self.transcript.failed(self.interaction.my_participant.as_ref());
        failed.retain(|(index, _)| !self.taken_back.contains(index));
        failed
    }

    /// The messages of [`Self::failed`] for which the customer is still waiting.
    pub fn open_failures(&self) -> Vec<(u64, &Clean)> {
        let mut failed = self.failed();
        failed.retain(|(index, _)| self.transcript.is_open_failure(*index));
        failed
    }

    /// Whether a message of the agent in this session was refused or did not reach the customer.
    pub fn has_failures(&self) -> bool {
        let refused = |pending: &PendingMessage| matches!(pending.state, SendState::Refused(_));
        self.transcript.pending().iter().any(refused) || !self.failed().is_empty()
    }

    /// When the last message that is held leaves.
    pub fn held_until(&self) -> Option<Millis> {
        self.transcript.pending().iter().rev().find_map(|pending| match pending.state {
            SendState::Held { due, .. } => Some(due),
            _ => None,
        })
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
            Body::Text(text) if line.message.visibility == Visibility::All => Some(Clean::line(text)),
            // With the mark for text that only colleagues read.
            Body::Text(text) => Some(Clean::line(&format!("◆ {text}"))),
            Body::Media(media) => Some(Clean::line(&format!("▣ {}", media.kind))),
            Body::Placeholder(text) => Some(Clean::line(text)),
            _ => None,
        });
        line.unwrap_or_default()
    }

    /// Notes what an insertion into the log means for who reads it. `seen` tells whether the agent sees
    /// this session now.
    pub fn take_note(&mut self, inserted: Inserted, seen: bool) -> Option<Side> {
        let Inserted::Line(place) = inserted else { return None };
        let line = self.transcript.lines().get(place)?;
        let (side, is_aside) = (line.message.side, self.is_aside(line));
        if side == Side::Customer {
            self.typing_until = None;
            if !(seen && self.scroll == Scroll::Bottom) && line.message.index > self.seen {
                self.unread += 1;
            }
        }
        if is_aside && !(seen && self.scroll == Scroll::Bottom) {
            self.aside += 1;
        }
        if self.scroll != Scroll::Bottom {
            self.below += 1;
        }
        Some(side)
    }

    /// Whether WhatsApp's reply window is closed, so that only a template can be sent.
    pub fn is_window_closed(&self, now: Millis) -> bool {
        reply_window(self.interaction.window_ends, now) == ReplyWindow::Closed
    }

    /// Notes that an earlier run had viewed everything up to this entry.
    pub(in crate::app) fn looked_at_up_to(&mut self, entry: u64) {
        self.seen = self.seen.max(entry);
        self.read.seen(entry);
        let new = |line: &&TranscriptEntry| line.message.side == Side::Customer && line.message.index > entry;
        self.unread = self.unread.min(self.transcript.lines().iter().filter(new).count());
    }

    /// Forgets the earlier sessions and every position in them.
    pub fn forget_older(&mut self) {
        self.older = Older::default();
        if self.search.as_ref().is_some_and(|search| search.hits.iter().any(|hit| hit.back > 0)) {
            self.search = None;
        }
        if matches!(self.scroll, Scroll::Held { back, .. } if back > 0) {
            self.set_scroll(Scroll::Bottom);
        }
    }

    /// Moves where one reads, and forgets what counted as not seen once the newest is shown.
    pub fn set_scroll(&mut self, scroll: Scroll) {
        self.scroll = scroll;
        if scroll == Scroll::Bottom {
            self.below = 0;
            self.unread = 0;
            self.aside = 0;
        }
    }

    /// Whether an entry was written by another person for colleagues only.
    fn is_aside(&self, line: &TranscriptEntry) -> bool {
        let message = &line.message;
        let is_spoken = matches!(message.body, Body::Text(_) | Body::Url(_) | Body::Media(_));
        let is_ours = matches!(message.side, Side::Agent | Side::Supervisor);
        let is_own = self.interaction.my_participant.as_ref() == Some(&message.participant);
        is_spoken && is_ours && !is_own && message.visibility != Visibility::All
    }

    /// The earliest moment at which something of this session looks different.
    pub fn next_change(&self, now: Millis) -> Option<Millis> {
        let wait = pending::next_change(self.waiting_since(), now, self.options.pending);
        let blinks = self.blinks_until(now).filter(|until| until.0 < i64::MAX);
        // A message that is held says how many seconds it is.
        let held = self.transcript.pending().iter().filter_map(|pending| match pending.state {
            SendState::Held { due, .. } if due > now => {
                Some(Millis(now.0 + (due.0 - now.0 - 1).rem_euclid(1000) + 1))
            }
            _ => None,
        });
        let typing = self.typing_until.filter(|until| *until > now);
        [wait, typing, blinks].into_iter().flatten().chain(held).min()
    }
}

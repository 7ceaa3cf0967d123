//! One open session: the interaction, its log, the draft, and the scroll position.

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

/// How long "is typing" is shown after the last signal, when no stop arrives.
pub const TYPING_SHOWN: Duration = Duration::from_secs(25);
/// The minimum time between two typing signals to the customer.
pub const TYPING_SENT_EVERY: Duration = Duration::from_secs(5);

/// An open session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The latest version from the server.
    pub interaction: Interaction,
    pub transcript: Transcript,
    /// Earlier sessions of the same customer.
    pub older: Older,
    /// The text being typed. It belongs to this session only.
    pub draft: Composer,
    /// The note while it is edited and not saved yet.
    pub note: Option<NoteDraft>,
    /// The addressees of the draft: everybody, or colleagues only.
    pub to: Visibility,
    /// Whether the notice was shown that nobody is left to read internal messages.
    pub(in crate::app) no_reader_reported: bool,
    /// The addressees of the text in the external editor, while one is open.
    pub editing: Option<Visibility>,
    /// Files that are sent after the draft, in this order.
    pub enclosures: Vec<Enclosure>,
    /// Standard responses that were put into the draft.
    pub(in crate::app) used: Vec<String>,
    /// Messages being sent, and the responses used in them.
    pub(in crate::app) reports: Vec<(OperationId, Vec<String>)>,
    /// Whether the slash at the start of the draft was pasted, so that it is not a command.
    pub pasted_slash: bool,
    pub scroll: Scroll,
    /// The number of messages that arrived while the agent had scrolled up.
    pub below: usize,
    /// The number of customer messages that nobody has viewed.
    pub unread: usize,
    /// How far the log has been shown on the screen.
    pub(in crate::app) read: ReadLog,
    /// The index of the last entry that was in view.
    pub(in crate::app) seen: u64,
    /// Whether the last line break of the draft is an Enter that arrived together with its line.
    pub(in crate::app) pasted_line: bool,
    /// The number of other people's internal messages that nobody has viewed. No customer waits because of
    /// them.
    pub aside: usize,
    /// When the last of them came.
    pub news_at: Option<Millis>,
    /// The options as of the start of the session. Changes apply to later sessions.
    pub options: Options,
    /// The available emoji, as of the same moment.
    pub emojis: Emojis,
    /// The time until which the customer counts as typing.
    pub typing_until: Option<Millis>,
    /// When the last typing signal was sent to the customer; `None` after a stop.
    pub typing_sent: Option<Millis>,
    /// When the draft last changed, until a stop is sent.
    pub typed_at: Option<Millis>,
    /// The last error, shown at the top of the session until the next success.
    pub trouble: Option<Clean>,
    pub search: Option<TranscriptSearch>,
    /// The request that reads the log, while it is pending.
    pub reading: Option<OperationId>,
    /// The request that finishes the session, while it is pending.
    pub finishing: Option<OperationId>,
    /// The pending transfer, conference or consultation.
    pub asked: Option<PartyRequest>,
    /// Whether the agent is leaving the session to the others.
    pub leaving: bool,
    /// Failed messages whose text the agent took back into the input.
    pub(in crate::app) taken_back: BTreeSet<u64>,
}

impl Session {
    /// A new open session with the options of this moment.
    pub fn open(interaction: Interaction, options: Options) -> Self {
        let to = if interaction.writes_aside() { Visibility::Agent } else { Visibility::All };
        Self {
            interaction,
            transcript: Transcript::default(),
            older: Older::default(),
            draft: Composer::new(),
            note: None,
            to,
            no_reader_reported: false,
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

    /// The draft in the form in which it is stored.
    pub fn unsent_draft(&self) -> Draft {
        Draft { text: self.draft.text().to_owned(), to: self.to }
    }

    /// Whether the draft goes to colleagues only.
    pub fn is_internal(&self) -> bool {
        self.to != Visibility::All
    }

    /// Whether the customer is not identified yet.
    pub fn is_unknown(&self) -> bool {
        let Interaction { contact, party, user_data, .. } = &self.interaction;
        let said = user_data.number(wa::UNKNOWN_CONTACT).is_some_and(|n| n != 0);
        said || (contact.is_none() && party.contact_name.is_none())
    }

    /// The customer's name.
    pub fn name(&self) -> Clean {
        self.interaction.party.display_name()
    }

    /// The transcript with the earlier ones above it, laid out for a width.
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

    /// The uppermost transcript: that of the first earlier session that is shown, or of this one.
    pub fn uppermost(&self) -> &Transcript {
        self.older.shown.first().map_or(&self.transcript, |older| &older.transcript)
    }

    /// When the customer began to wait: by the log, or by the server until the log is loaded.
    pub fn waiting_since(&self) -> Option<Millis> {
        let unknown = self.transcript.lines().is_empty()
            || (self.transcript.has_older() && self.transcript.waiting_since().is_some());
        if unknown && self.interaction.waiting_since.is_some() {
            self.interaction.waiting_since
        } else {
            self.transcript.waiting_since()
        }
    }

    /// How urgently the customer needs an answer.
    pub fn urgency(&self, now: Millis) -> Urgency {
        pending::urgency(self.waiting_since(), now, self.options.pending)
    }

    /// When the mark of new messages stops blinking, if it blinks: the maximum [`Millis`] when only viewing
    /// them ends it. (Workspace: `whatsappsession.new-message-blinking`.)
    pub fn blinks_until(&self, now: Millis) -> Option<Millis> {
        let since = self.news_at.filter(|_| self.unread > 0 && self.options.blinking)?;
        let until = self.options.blinking_for.map_or(Millis(i64::MAX), |length| since.plus(length));
        (now < until).then_some(until)
    }

    /// The agent's messages that did not reach the customer and were neither sent again nor taken back.
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

    /// When the last held message is sent.
    pub fn held_until(&self) -> Option<Millis> {
        self.transcript.pending().iter().rev().find_map(|pending| match pending.state {
            SendState::Held { due, .. } => Some(due),
            _ => None,
        })
    }

    /// Whether the customer is typing.
    pub fn is_typing(&self, now: Millis) -> bool {
        self.typing_until.is_some_and(|until| now < until)
    }

    /// Bytes of the draft over the limit; 0 when it fits.
    pub fn over_limit(&self) -> usize {
        self.draft.len_bytes().saturating_sub(self.options.max_text)
    }

    /// The last message as one line, for the list.
    pub fn last_words(&self) -> Clean {
        let line = self.transcript.lines().iter().rev().find_map(|line| match &line.message.body {
            Body::Text(text) if line.message.visibility == Visibility::All => Some(Clean::line(text)),
            // Marked as text that only colleagues read.
            Body::Text(text) => Some(Clean::line(&format!("◆ {text}"))),
            Body::Media(media) => Some(Clean::line(&format!("▣ {}", media.kind))),
            Body::Placeholder(text) => Some(Clean::line(text)),
            _ => None,
        });
        line.unwrap_or_default()
    }

    /// Updates the counts after an insertion into the log. `seen` says whether the agent is viewing this
    /// session now.
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

    /// Records that an earlier run had viewed everything up to this entry.
    pub(in crate::app) fn looked_at_up_to(&mut self, entry: u64) {
        self.seen = self.seen.max(entry);
        self.read.seen(entry);
        let new = |line: &&TranscriptEntry| line.message.side == Side::Customer && line.message.index > entry;
        self.unread = self.unread.min(self.transcript.lines().iter().filter(new).count());
    }

    /// Drops the earlier sessions and every position in them.
    pub fn forget_older(&mut self) {
        self.older = Older::default();
        if self.search.as_ref().is_some_and(|search| search.hits.iter().any(|hit| hit.back > 0)) {
            self.search = None;
        }
        if matches!(self.scroll, Scroll::Held { back, .. } if back > 0) {
            self.set_scroll(Scroll::Bottom);
        }
    }

    /// Sets the scroll position, and resets the counts of unseen messages once the newest one is shown.
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

    /// The earliest time at which something shown of this session changes.
    pub fn next_change(&self, now: Millis) -> Option<Millis> {
        let wait = pending::next_change(self.waiting_since(), now, self.options.pending);
        let blinks = self.blinks_until(now).filter(|until| until.0 < i64::MAX);
        // A held message shows how many seconds are left.
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

//! The log of a session: in order, each entry once, with known gaps.
//!
//! Entries arrive as events and by re-reading, in any order and more than once. People see [`TranscriptEntry`]s: visible
//! entries with the changes that other entries (statuses, reactions, edits) made, followed by the messages that this
//! console has sent and the server has not confirmed yet.

use super::delivery::Delivery;
use super::message::{Body, Message, Side, Visibility};
use super::pending::Wait;
use super::response::Enclosure;
use super::{Millis, OperationId, ParticipantId};
use crate::text::Clean;
use std::collections::{BTreeMap, BTreeSet};

/// A visible entry with its delivery, reactions and edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptEntry {
    pub message: Message,
    pub delivery: Delivery,
    /// In the order of arrival.
    pub reactions: Vec<Clean>,
    /// Whether its sender changed it.
    pub edited: bool,
    /// Whether its sender deleted it.
    pub revoked: bool,
    /// Incremented with every change, for caches.
    pub revision: u32,
}

/// The state of a message that is not in the log yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendState {
    /// Held for a moment, so that the agent can take it back.
    Held {
        /// When it is sent.
        due: Millis,
        /// Seconds until then, as of the last tick.
        left: u64,
    },
    /// Not sent because there is no connection; sent, in order, when there is one.
    Queued,
    /// Sent and not confirmed.
    Sending,
    /// The connection broke before the reply. The log is read before the message is sent again.
    Unknown,
    /// The server refused it, for this reason.
    Refused(Clean),
}

/// A message of this console that is not in the log yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessage {
    pub operation: OperationId,
    /// The text exactly as typed.
    pub text: String,
    /// Who may read it. Retries keep it, so that a message for colleagues never goes to the customer.
    pub to: Visibility,
    /// The file to send instead of a text.
    pub file: Option<Enclosure>,
    pub at: Millis,
    pub state: SendState,
}

/// A text that has not been sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub text: String,
    /// Who may read it.
    pub to: Visibility,
}

/// The effect of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// A new visible entry at this position.
    Line(usize),
    /// The visible entry at this position changed.
    Changed(usize),
    /// Nothing visible changed.
    Silent,
    /// The entry was known already.
    Known,
}

/// The log of one session.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    lines: Vec<TranscriptEntry>,
    /// Indexes seen, as runs `start -> end` (both included), so that gaps are known and memory is small.
    seen: BTreeMap<u64, u64>,
    /// Statuses, reactions and edits that arrived before their message.
    early: BTreeMap<u64, Vec<Message>>,
    /// The highest entry that [`Transcript::drop_lines`] dropped; 0 when none was.
    dropped: u64,
    /// The first loaded entry, once it is known.
    first: Option<u64>,
    pending: Vec<PendingMessage>,
    wait: Wait,
}

impl Transcript {
    /// The visible entries in order.
    pub fn lines(&self) -> &[TranscriptEntry] {
        &self.lines
    }

    /// The messages that are not in the log yet, oldest first.
    pub fn pending(&self) -> &[PendingMessage] {
        &self.pending
    }

    /// Adds an entry. The order of arrival does not matter, and adding an entry again changes nothing.
    pub fn insert(&mut self, message: Message) -> Inserted {
        if matches!(message.body, Body::Typing(_)) {
            return Inserted::Silent;
        }
        if !self.mark_seen(message.index) {
            return Inserted::Known;
        }
        if let Some(operation) = &message.operation {
            self.pending.retain(|p| p.operation != *operation);
        }
        match Self::about(&message.body) {
            Some(of) => self.apply(of, message),
            None if matches!(message.body, Body::Unknown(_)) => Inserted::Silent,
            None => self.insert_line(message),
        }
    }

    /// Inserts a part of the log before all loaded entries; the cost depends on that part only.
    pub fn insert_older(&mut self, messages: impl IntoIterator<Item = Message>) {
        let (mut lines, mut rest) = (Vec::new(), Vec::new());
        let first = self.lines.first().map_or(u64::MAX, |line| line.message.index);
        for message in messages {
            let is_line = message.index < first
                && Self::about(&message.body).is_none()
                && !matches!(message.body, Body::Typing(_) | Body::Unknown(_));
            if is_line && self.mark_seen(message.index) {
                lines.push(TranscriptEntry::new(message));
            } else {
                rest.push(message);
            }
        }
        lines.sort_by_key(|line| line.message.index);
        let early: Vec<u64> = lines.iter().map(|line| line.message.index).collect();
        self.lines.splice(0..0, lines);
        for place in 0..early.len() {
            self.note_wait(place);
        }
        for index in early {
            for message in self.early.remove(&index).unwrap_or_default() {
                self.apply(index, message);
            }
        }
        for message in rest {
            self.insert(message);
        }
    }

    /// Records that this range is loaded. Missing indexes in it are entries that this reader may not see.
    pub fn cover(&mut self, from: u64, to: u64) {
        if from > to {
            return;
        }
        let (mut start, mut end) = (from, to);
        while let Some((s, e)) = self.seen.range(..=end.saturating_add(1)).next_back().map(|(s, e)| (*s, *e))
            && e.saturating_add(1) >= start
        {
            self.seen.remove(&s);
            (start, end) = (start.min(s), end.max(e));
        }
        self.seen.insert(start, end);
    }

    /// Records the first loaded entry. Earlier entries are loaded on request.
    pub fn begin_at(&mut self, first: u64) {
        self.first = Some(first.max(1));
    }

    /// The first loaded entry; `None` before it is known.
    pub const fn first(&self) -> Option<u64> {
        self.first
    }

    /// Whether there are entries before the first loaded one.
    pub fn has_older(&self) -> bool {
        self.first.is_some_and(|first| first > 1)
    }

    /// The first missing index between the first loaded entry and the highest index seen; `None` when none is missing.
    pub fn gap(&self) -> Option<u64> {
        let first = self.first.unwrap_or(1);
        let mut runs = self.seen.iter().filter(|(_, end)| **end >= first);
        let (start, end) = runs.next()?;
        if *start > first {
            return Some(first);
        }
        runs.next().map(|_| end + 1)
    }

    /// The highest index seen; 0 when there is none.
    pub fn last_index(&self) -> u64 {
        self.seen.last_key_value().map_or(0, |(_, end)| *end)
    }

    /// Drops the visible entries, for a reader that follows a log without showing it. The indexes seen and the customer's
    /// waiting time are kept.
    pub fn drop_lines(&mut self) {
        self.dropped = self.lines.last().map_or(self.dropped, |line| self.dropped.max(line.message.index));
        self.lines.clear();
    }

    /// Adds a message that is being sent.
    pub fn send(&mut self, pending: PendingMessage) {
        self.pending.push(pending);
    }

    /// Changes the state of a pending message; false when there is no such message.
    pub fn set_pending(&mut self, operation: &OperationId, state: SendState) -> bool {
        let found = self.pending.iter_mut().find(|p| p.operation == *operation);
        found.map(|p| p.state = state).is_some()
    }

    /// Removes a pending message, for instance to put its text back into the composer.
    pub fn take_pending(&mut self, operation: &OperationId) -> Option<PendingMessage> {
        let at = self.pending.iter().position(|p| p.operation == *operation)?;
        Some(self.pending.remove(at))
    }

    /// The time of the customer's first entry after the last answer that did not fail, in the order of the log.
    /// (Workspace: the indicator disappears when the agent sends a message to the contact.)
    pub const fn waiting_since(&self) -> Option<Millis> {
        self.wait.since()
    }

    /// Whether an answer failed and no later one succeeded.
    pub fn is_open_failure(&self, index: u64) -> bool {
        self.wait.is_open_failure(index)
    }

    /// The failed messages of a participant that they have not sent again, oldest first.
    pub fn failed(&self, participant: Option<&ParticipantId>) -> Vec<(u64, &Clean)> {
        let mut failed: Vec<(u64, &Clean)> = Vec::new();
        let pending = self.pending.iter().filter(|pending| pending.file.is_none());
        let mut said: BTreeSet<Clean> = pending.map(|pending| Clean::new(&pending.text)).collect();
        for line in self.lines.iter().rev().filter(|line| Some(&line.message.participant) == participant) {
            let Body::Text(text) = &line.message.body else { continue };
            let is_new = said.insert(text.clone());
            if is_new && line.delivery.failure().is_some() {
                failed.push((line.message.index, text));
            }
        }
        failed.reverse();
        failed
    }

    /// Updates [`Self::waiting_since`] for the entry at `place`.
    fn note_wait(&mut self, place: usize) {
        let Some(TranscriptEntry { message, .. }) = self.lines.get(place) else { return };
        match message.side {
            Side::Customer if is_spoken(&message.body) => self.wait.heard(message.index, message.at),
            Side::Agent | Side::Supervisor if is_answer(message) => self.wait.answer(message.index),
            Side::Customer | Side::Agent | Side::Supervisor | Side::System => {}
        }
    }

    /// The position of an entry in `lines`.
    fn place(&self, index: u64) -> Option<usize> {
        self.lines.binary_search_by_key(&index, |line| line.message.index).ok()
    }

    fn about(body: &Body) -> Option<u64> {
        match body {
            Body::Status { of, .. }
            | Body::Reaction { of, .. }
            | Body::Edit { of, .. }
            | Body::Revoke { of } => Some(*of),
            Body::Text(_)
            | Body::Url(_)
            | Body::Media(_)
            | Body::Placeholder(_)
            | Body::Joined
            | Body::Left
            | Body::Notice(_)
            | Body::Error(_)
            | Body::Typing(_)
            | Body::Unknown(_) => None,
        }
    }

    fn insert_line(&mut self, message: Message) -> Inserted {
        let index = message.index;
        let line = TranscriptEntry::new(message);
        let place = if self.lines.last().is_none_or(|last| last.message.index < index) {
            self.lines.push(line);
            self.lines.len() - 1
        } else {
            let place = self.lines.partition_point(|l| l.message.index < index);
            self.lines.insert(place, line);
            place
        };
        self.note_wait(place);
        for early in self.early.remove(&index).unwrap_or_default() {
            self.apply(index, early);
        }
        Inserted::Line(place)
    }

    fn apply(&mut self, of: u64, message: Message) -> Inserted {
        if of <= self.dropped {
            if let Body::Status { step, failure, .. } = &message.body {
                self.wait.status(of, *step, failure.is_some());
            }
            return Inserted::Silent;
        }
        let place = self.place(of);
        let Some(line) = place.and_then(|place| self.lines.get_mut(place)) else {
            self.early.entry(of).or_default().push(message);
            return Inserted::Silent;
        };
        line.revision = line.revision.wrapping_add(1);
        match message.body {
            Body::Status { step, failure, .. } => {
                self.wait.status(of, step, failure.is_some());
                if let Some(step) = step {
                    line.delivery.reached(step, message.at);
                }
                if let Some(failure) = failure {
                    line.delivery.failed(failure);
                }
            }
            Body::Reaction { emoji, .. } if emoji.is_empty() => {
                line.reactions.pop();
            }
            Body::Reaction { emoji, .. } => line.reactions = vec![emoji],
            Body::Edit { text, .. } => {
                line.message.body = Body::Text(text);
                line.edited = true;
            }
            Body::Revoke { .. } => line.revoked = true,
            Body::Text(_)
            | Body::Url(_)
            | Body::Media(_)
            | Body::Placeholder(_)
            | Body::Joined
            | Body::Left
            | Body::Notice(_)
            | Body::Error(_)
            | Body::Typing(_)
            | Body::Unknown(_) => {}
        }
        place.map_or(Inserted::Silent, Inserted::Changed)
    }

    /// Records an index; false when it was known. Adjacent runs are joined.
    fn mark_seen(&mut self, index: u64) -> bool {
        let before = self.seen.range(..=index).next_back().map(|(s, e)| (*s, *e));
        if before.is_some_and(|(_, end)| end >= index) {
            return false;
        }
        let start = match before {
            Some((start, end)) if end + 1 == index => start,
            _ => index,
        };
        let end = self.seen.remove(&(index + 1)).unwrap_or(index);
        self.seen.insert(start, end);
        true
    }
}

/// Whether an entry is a message.
const fn is_spoken(body: &Body) -> bool {
    matches!(body, Body::Text(_) | Body::Url(_) | Body::Media(_) | Body::Placeholder(_))
}

/// Whether a message answers the customer.
fn is_answer(message: &Message) -> bool {
    let is_ours = matches!(message.side, Side::Agent | Side::Supervisor);
    is_ours && is_spoken(&message.body) && message.visibility == Visibility::All
}

impl TranscriptEntry {
    fn new(message: Message) -> Self {
        Self {
            message,
            delivery: Delivery::default(),
            reactions: Vec::new(),
            edited: false,
            revoked: false,
            revision: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::{DeliveryStep, Failure};

    fn entry(index: u64, side: Side, body: Body) -> Message {
        Message {
            index,
            body,
            side,
            name: Clean::default(),
            participant: "p".into(),
            visibility: Visibility::All,
            at: Millis(index as i64),
            operation: None,
            quotes: None,
        }
    }

    fn text(index: u64) -> Message {
        entry(index, Side::Customer, Body::Text(format!("m{index}").into()))
    }

    fn indexes(t: &Transcript) -> Vec<u64> {
        t.lines().iter().map(|l| l.message.index).collect()
    }

    #[test]
    fn entries_in_disorder_and_repeats_end_in_order() {
        let mut t = Transcript::default();
        for i in [3, 1, 3, 2, 1, 5] {
            t.insert(text(i));
        }
        assert_eq!(indexes(&t), [1, 2, 3, 5]);
        assert_eq!(t.gap(), Some(4));
        assert_eq!(t.last_index(), 5);
        t.insert(text(4));
        assert_eq!(t.gap(), None);
        assert_eq!(indexes(&t), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_hole_at_the_start_is_a_gap() {
        let mut t = Transcript::default();
        assert_eq!(t.gap(), None);
        t.insert(text(4));
        assert_eq!(t.gap(), Some(1));
    }

    #[test]
    fn a_status_before_its_message_is_kept_for_it() {
        let mut t = Transcript::default();
        let status =
            |i| entry(i, Side::System, Body::Status { of: 1, step: Some(DeliveryStep::Read), failure: None });
        assert_eq!(t.insert(status(2)), Inserted::Silent);
        assert_eq!(t.insert(text(1)), Inserted::Line(0));
        assert_eq!(t.lines()[0].delivery.step(), Some(DeliveryStep::Read));
        assert_eq!(t.insert(status(2)), Inserted::Known);
    }

    #[test]
    fn a_late_entry_keeps_positions_right() {
        let mut t = Transcript::default();
        t.insert(text(1));
        t.insert(text(3));
        assert_eq!(t.insert(text(2)), Inserted::Line(1));
        let status = entry(
            4,
            Side::System,
            Body::Status { of: 3, step: Some(DeliveryStep::Delivered), failure: None },
        );
        assert_eq!(t.insert(status), Inserted::Changed(2));
        assert_eq!(t.lines()[2].delivery.step(), Some(DeliveryStep::Delivered));
    }

    #[test]
    fn the_log_confirms_what_was_sent() {
        let mut t = Transcript::default();
        t.send(PendingMessage {
            operation: "op-1".into(),
            to: Visibility::All,
            text: "hi".into(),
            file: None,
            at: Millis(1),
            state: SendState::Sending,
        });
        let mut echo = entry(1, Side::Agent, Body::Text("hi".into()));
        echo.operation = Some("op-1".into());
        t.insert(echo);
        assert!(t.pending().is_empty());
    }

    #[test]
    fn the_wait_starts_at_the_first_unanswered_message() {
        let mut t = Transcript::default();
        t.insert(text(1));
        t.insert(text(2));
        assert_eq!(t.waiting_since(), Some(Millis(1)));
        t.insert(entry(3, Side::Agent, Body::Text("answer".into())));
        assert_eq!(t.waiting_since(), None);
        let mut note = entry(5, Side::Agent, Body::Text("internal".into()));
        note.visibility = Visibility::Agent;
        t.insert(text(4));
        t.insert(note);
        assert_eq!(t.waiting_since(), Some(Millis(4)));
        // An answer that arrives late still answers only the messages before it.
        t.insert(text(8));
        t.insert(text(6));
        t.insert(entry(7, Side::Agent, Body::Text("late".into())));
        assert_eq!(t.waiting_since(), Some(Millis(8)));
    }

    #[test]
    fn late_message_does_not_lengthen_the_wait() {
        let mut t = Transcript::default();
        t.insert(entry(2, Side::Customer, Body::Text("now".into())));
        let mut late = entry(3, Side::Customer, Body::Text("days ago".into()));
        late.at = Millis(1);
        t.insert(late);
        assert_eq!(t.waiting_since(), Some(Millis(2)));
        t.insert(text(1));
        assert_eq!(t.waiting_since(), Some(Millis(1)), "one that comes first in the log does");
    }

    #[test]
    fn older_parts_are_inserted_before_without_loss() {
        let mut t = Transcript::default();
        for i in 41..=50 {
            t.insert(text(i));
        }
        assert_eq!(t.gap(), Some(1), "nothing says yet that the rest is wanted only later");
        t.begin_at(41);
        assert_eq!((t.gap(), t.has_older()), (None, true));
        t.insert_older((31..=40).map(text));
        t.begin_at(31);
        t.insert_older((1..=30).map(text));
        t.begin_at(1);
        assert_eq!(indexes(&t), (1..=50).collect::<Vec<_>>());
        assert_eq!((t.gap(), t.has_older(), t.waiting_since()), (None, false, Some(Millis(1))));
        t.insert(text(53));
        assert_eq!(t.gap(), Some(51));
    }

    #[test]
    fn a_part_that_comes_twice_or_overlaps_changes_nothing() {
        let mut t = Transcript::default();
        t.insert_older((11..=20).map(text));
        t.insert_older((5..=15).map(text));
        t.insert_older((5..=15).map(text));
        assert_eq!(indexes(&t), (5..=20).collect::<Vec<_>>());
    }

    #[test]
    fn entries_that_a_reader_may_not_see_are_no_gap() {
        let mut t = Transcript::default();
        for i in [3, 4, 9, 12] {
            t.insert(text(i));
        }
        t.begin_at(3);
        assert_eq!(t.gap(), Some(5));
        t.cover(3, 9);
        assert_eq!(t.gap(), Some(10));
        t.cover(10, 12);
        assert_eq!((t.gap(), t.last_index()), (None, 12));
    }

    #[test]
    fn an_answer_in_an_older_part_is_found() {
        let mut t = Transcript::default();
        t.insert(text(9));
        assert_eq!(t.waiting_since(), Some(Millis(9)));
        t.insert_older([text(5), entry(6, Side::Agent, Body::Text("answer".into())), text(7)]);
        assert_eq!(t.waiting_since(), Some(Millis(7)));
    }

    #[test]
    fn statuses_of_an_older_message_are_kept_for_it() {
        let mut t = Transcript::default();
        t.insert(entry(
            9,
            Side::System,
            Body::Status { of: 2, step: Some(DeliveryStep::Read), failure: None },
        ));
        t.insert_older([text(1), text(2)]);
        assert_eq!(t.lines()[1].delivery.step(), Some(DeliveryStep::Read));
    }

    #[test]
    fn dropped_lines_still_count_for_the_wait() {
        let mut t = Transcript::default();
        t.insert(text(1));
        t.insert(entry(2, Side::Agent, Body::Text("answer".into())));
        t.drop_lines();
        assert_eq!((t.lines().len(), t.last_index(), t.waiting_since()), (0, 2, None));
        let failure = Failure { code: 0, reason: "x".into() };
        let failed = entry(3, Side::System, Body::Status { of: 2, step: None, failure: Some(failure) });
        assert_eq!(t.insert(failed), Inserted::Silent);
        assert_eq!((t.waiting_since(), t.early.len()), (Some(Millis(1)), 0));
        assert_eq!(t.insert(text(1)), Inserted::Known);
    }
}

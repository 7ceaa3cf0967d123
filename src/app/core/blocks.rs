//! A transcript as rows: which row is where at a given width. Scrolling and drawing share this calculation.
//!
//! A block is an entry with what belongs to it (the date before it, the name above it, the failure below it),
//! or the heading of a session where earlier sessions are shown. Blocks are built on demand, so the cost
//! depends on what is visible.

use crate::app::features::older::model::{More, OlderSession};
use crate::app::features::search::model::Hit;
use crate::domain::delivery::DeliveryStep;
use crate::domain::message::{Body, Message, Side, Visibility};
use crate::domain::transcript::{PendingMessage, SendState, Transcript, TranscriptEntry};
use crate::domain::{Millis, ParticipantId};
use crate::text::{Clean, wrap};
use jiff::tz::TimeZone;

/// The side on which a row is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// The customer.
    Left,
    /// The agent and colleagues.
    Right,
    /// Dates, notices and errors.
    Center,
}

/// The kind of a row, which decides its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Customer,
    Own,
    Colleague,
    /// Text that the customer does not see.
    Internal,
    /// Not confirmed by the server yet.
    Unsent,
    /// A name, a quotation, a reaction or a deleted message.
    Faint,
    Date,
    /// The row that offers older messages.
    Older,
    /// A message of the system.
    Notice,
    Error,
}

/// One row of the screen, before styling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRow {
    pub align: Align,
    pub tone: Tone,
    /// The whole text that the row is a part of. Formatting and links are searched in all of it.
    pub text: Clean,
    /// The byte range of the text that this row shows.
    pub part: std::ops::Range<usize>,
    /// Whether a person wrote the text, so that formatting marks and links apply.
    pub written: bool,
    /// Time and ticks, shown faint after the text.
    pub tail: Option<Clean>,
}

/// A transcript and the parameters of its layout.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'a> {
    pub transcript: &'a Transcript,
    /// Earlier sessions shown above it, the oldest first.
    pub older: &'a [OlderSession],
    /// The row above everything, which offers older messages.
    pub more: Option<More>,
    pub width: u16,
    /// The agent's time zone.
    pub zone: &'a TimeZone,
    /// The agent's own party, which distinguishes own messages from a colleague's.
    pub me: Option<&'a ParticipantId>,
}

/// The number of blocks: those of earlier sessions, the entries, then the messages that are not in the log yet.
pub fn count(measure: &Measure<'_>) -> usize {
    measure.first_of(0)
        + measure.head()
        + measure.transcript.lines().len()
        + measure.transcript.pending().len()
}

/// The content of a block.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) enum Kind<'a> {
    /// The heading of a session: of this earlier one, or of the current session.
    Head(Option<&'a OlderSession>),
    /// The entry at this index; with its session when that is an earlier one.
    Line(usize, Option<&'a OlderSession>),
    /// A message that is not in the log yet, by its index.
    Pending(usize),
}

impl Measure<'_> {
    /// Blocks before the first entry of the current session: its heading, if it has one.
    fn head(&self) -> usize {
        usize::from(self.more.is_some() || !self.older.is_empty())
    }

    /// The first block of the session this many sessions back.
    fn first_of(&self, back: usize) -> usize {
        let above = self.older.len().saturating_sub(back);
        self.older.iter().take(above).map(|older| 1 + older.transcript.lines().len()).sum()
    }

    /// How many sessions back a block is, and its content. Past the end: a pending message that does not exist.
    pub(in crate::app) fn kind(&self, place: usize) -> (usize, Kind<'_>) {
        let mut local = place;
        for (i, older) in self.older.iter().enumerate() {
            let blocks = 1 + older.transcript.lines().len();
            if local < blocks {
                let kind = match local.checked_sub(1) {
                    None => Kind::Head(Some(older)),
                    Some(line) => Kind::Line(line, Some(older)),
                };
                return (self.older.len() - i, kind);
            }
            local -= blocks;
        }
        let lines = self.transcript.lines().len();
        match local.checked_sub(self.head()) {
            None => (0, Kind::Head(None)),
            Some(line) if line < lines => (0, Kind::Line(line, None)),
            Some(later) => (0, Kind::Pending(later - lines)),
        }
    }

    /// The message in a block, as a search identifies it.
    pub fn hit(&self, place: usize) -> Option<Hit> {
        match self.kind(place) {
            (back, Kind::Line(line, older)) => {
                let lines = older.map_or(self.transcript, |older| &older.transcript).lines();
                lines.get(line).map(|line| Hit { back, index: line.message.index })
            }
            _ => None,
        }
    }

    /// The block of an entry of the session `back` sessions back, or of the entry after it; the session's
    /// heading when `index` is 0.
    pub(in crate::app) fn place(&self, back: usize, index: u64) -> usize {
        let first = self.first_of(back);
        let older = back.checked_sub(1).and_then(|back| self.older.iter().rev().nth(back));
        let lines = older.map_or(self.transcript, |older| &older.transcript).lines();
        let head = if older.is_some() { 1 } else { self.head() };
        match index {
            0 => first,
            _ => first + head + lines.partition_point(|line| line.message.index < index),
        }
    }

    /// The number of rows of a block.
    pub fn height(&self, place: usize) -> usize {
        self.block(place).len()
    }

    /// The rows of a block; empty past the end.
    pub fn block(&self, place: usize) -> Vec<BlockRow> {
        let mut rows = Vec::new();
        match self.kind(place).1 {
            Kind::Head(older) => self.heading(&mut rows, older, place == 0),
            Kind::Line(place, older) => {
                // In an earlier session nobody counts as this agent: every name is shown.
                let nobody = ParticipantId::default();
                let of = older.map_or(*self, |older| Measure {
                    transcript: &older.transcript,
                    me: Some(&nobody),
                    ..*self
                });
                let lines = of.transcript.lines();
                let Some(line) = lines.get(place) else { return rows };
                let before = place.checked_sub(1).and_then(|before| lines.get(before));
                let date = before.map(|line| line.message.at).or(older.and_then(|older| older.started));
                of.date(&mut rows, date, line.message.at);
                of.line(&mut rows, line, before);
            }
            Kind::Pending(place) => {
                let Some(pending) = self.transcript.pending().get(place) else { return rows };
                let before = self.transcript.lines().last().map(|line| line.message.at);
                self.date(&mut rows, before, pending.at);
                self.pending(&mut rows, pending);
            }
        }
        rows
    }

    /// The heading of a session: when an earlier one was, and who handled it. The first one also offers older
    /// messages.
    fn heading(&self, rows: &mut Vec<BlockRow>, older: Option<&OlderSession>, first: bool) {
        let more = self.more.filter(|_| first).map(|more| match more {
            More::Sessions(1) => "▲ see older messages (1 session)".to_owned(),
            More::Sessions(left) => format!("▲ see older messages ({left} sessions)"),
            More::Failed => "▲ older messages could not be read: try again".to_owned(),
            More::Reading => "▲ reading older messages…".to_owned(),
        });
        rows.extend(more.map(|words| centred(Tone::Older, Clean::line(&words))));
        if let Some(older) = older {
            let date = older.started.map(|at| at.in_zone(self.zone).strftime("%a %-d %b %Y").to_string());
            let by = older.handled_by.as_ref().map(|name| format!("handled by {name}"));
            let what = older.channel.as_ref().map_or_else(
                || "earlier session".to_owned(),
                |channel| {
                    let about =
                        older.subject.as_ref().map_or(String::new(), |subject| format!(": {subject}"));
                    format!("earlier, by {channel}{about}")
                },
            );
            let parts: Vec<String> = [what].into_iter().chain(date).chain(by).collect();
            let text = Clean::line(&format!("── {} ──", parts.join(" · ")));
            self.written(rows, Align::Center, Tone::Date, &text, false, None);
        } else if !self.older.is_empty() {
            rows.push(centred(Tone::Date, Clean::line("── this session ──")));
        }
    }

    fn date(&self, rows: &mut Vec<BlockRow>, before: Option<Millis>, at: Millis) {
        let at = at.in_zone(self.zone);
        if before.is_none_or(|before| before.in_zone(self.zone).date() != at.date()) {
            rows.push(centred(Tone::Date, Clean::line(&at.strftime("── %a %-d %b %Y ──").to_string())));
        }
    }

    fn line(&self, rows: &mut Vec<BlockRow>, line: &TranscriptEntry, before: Option<&TranscriptEntry>) {
        let message = &line.message;
        let (align, tone) = self.place_of(line);
        let spoken = !matches!(message.body, Body::Joined | Body::Left | Body::Notice(_) | Body::Error(_));
        if !spoken {
            // Notices have no name above them.
        } else if message.visibility != Visibility::All && message.side != Side::System {
            let coach = if message.side == Side::Supervisor { " (coach)" } else { "" };
            let text = Clean::line(&format!("{}{coach} · the customer does not see this", message.name));
            rows.push(whole(align, Tone::Faint, text));
        } else if tone == Tone::Colleague
            && !matches!(message.body, Body::Joined | Body::Left)
            && before.is_none_or(|before| {
                before.message.participant != message.participant
                    || matches!(before.message.body, Body::Joined)
            })
        {
            let what = if message.side == Side::Supervisor { " (supervisor)" } else { "" };
            rows.push(whole(align, Tone::Faint, Clean::line(&format!("{}{what}", message.name))));
        }
        if let Some(quoted) = message.quotes.and_then(|index| self.quoted(index)) {
            rows.push(whole(align, Tone::Faint, quoted));
        }
        let time = message.at.in_zone(self.zone).strftime("%H:%M").to_string();
        let edited = if line.edited { "edited " } else { "" };
        let tail = Clean::line(format!("{edited}{time} {}", ticks(line)).trim_end());
        match &message.body {
            _ if line.revoked => {
                self.written(rows, align, Tone::Faint, &"⊘ deleted by its sender".into(), false, Some(tail));
            }
            Body::Text(text) => self.written(rows, align, tone, text, true, Some(tail)),
            Body::Url(url) => self.written(rows, align, tone, url, true, Some(tail)),
            Body::Placeholder(text) => {
                self.written(rows, align, tone, &Clean::new(&format!("▢ {text}")), false, Some(tail));
            }
            Body::Media(media) => {
                let name =
                    media.name.as_ref().or(media.mime.as_ref()).map_or(String::new(), |n| format!(" {n}"));
                let caption = media.caption.as_ref().map_or(String::new(), |caption| format!("\n{caption}"));
                let text = Clean::new(&format!("▣ {}{name}{caption}", media.kind));
                self.written(rows, align, tone, &text, true, Some(tail));
            }
            Body::Joined | Body::Left => rows.push(centred(Tone::Notice, party_line(message))),
            Body::Notice(text) => self.written(rows, Align::Center, Tone::Notice, text, false, None),
            Body::Error(text) => {
                let text = Clean::new(&format!("⚠ {text}"));
                self.written(rows, Align::Center, Tone::Error, &text, false, None);
            }
            _ => {}
        }
        if !line.reactions.is_empty() {
            let all: Vec<&str> = line.reactions.iter().map(Clean::as_str).collect();
            rows.push(whole(align, Tone::Faint, Clean::line(&all.join(" "))));
        }
        if let Some(failure) = line.delivery.failure() {
            let text = Clean::line(&format!("⚠ not delivered: {}", failure.reason));
            self.written(rows, Align::Center, Tone::Error, &text, false, None);
        }
    }

    fn pending(&self, rows: &mut Vec<BlockRow>, pending: &PendingMessage) {
        let (tail, why): (Clean, _) = match &pending.state {
            SendState::Held { left, .. } => (Clean::line(&format!("leaves in {left} s")), None),
            SendState::Queued => ("waits for the connection".into(), None),
            SendState::Sending => ("sending…".into(), None),
            SendState::Unknown => ("not confirmed yet".into(), None),
            SendState::Refused(reason) => ("not sent".into(), Some(reason)),
        };
        if pending.to != Visibility::All {
            rows.push(whole(Align::Right, Tone::Faint, "the customer does not see this".into()));
        }
        let text = match &pending.file {
            Some(file) => Clean::line(&format!("▣ {}", file.file.name)),
            None => Clean::new(&pending.text),
        };
        self.written(rows, Align::Right, Tone::Unsent, &text, true, Some(tail));
        if let Some(reason) = why {
            let text = Clean::line(&format!("⚠ not sent: {reason}"));
            self.written(rows, Align::Center, Tone::Error, &text, false, None);
        }
    }

    fn place_of(&self, line: &TranscriptEntry) -> (Align, Tone) {
        let message = &line.message;
        match message.side {
            Side::Customer => (Align::Left, Tone::Customer),
            Side::System => (Align::Center, Tone::Notice),
            Side::Agent | Side::Supervisor if message.visibility != Visibility::All => {
                (Align::Right, Tone::Internal)
            }
            Side::Agent if self.me.is_none_or(|me| *me == message.participant) => (Align::Right, Tone::Own),
            Side::Supervisor if self.me == Some(&message.participant) => (Align::Right, Tone::Own),
            Side::Agent | Side::Supervisor => (Align::Right, Tone::Colleague),
        }
    }

    fn quoted(&self, index: u64) -> Option<Clean> {
        let lines = self.transcript.lines();
        let place = lines.binary_search_by_key(&index, |line| line.message.index).ok()?;
        let words: String = match &lines.get(place)?.message.body {
            Body::Text(text) | Body::Url(text) | Body::Notice(text) | Body::Placeholder(text) => {
                text.chars().take(60).collect()
            }
            Body::Media(media) => media.kind.to_string(),
            _ => "a message".to_owned(),
        };
        Some(Clean::line(&format!("▏{words}")))
    }

    /// The maximum width of a message: most of a narrow view, three quarters of a wide one.
    fn bubble(&self, align: Align) -> u16 {
        match align {
            Align::Center => self.width,
            // The other side stays visible even where there is little room.
            _ if self.width < 60 => self.width - self.width / 8,
            _ => self.width / 4 * 3,
        }
    }

    fn written(
        &self,
        rows: &mut Vec<BlockRow>,
        align: Align,
        tone: Tone,
        text: &Clean,
        written: bool,
        tail: Option<Clean>,
    ) {
        let bubble = self.bubble(align).max(1);
        let parts = wrap::wrap(text, bubble);
        let last_width = parts.last().map_or(0, |part| part.width);
        let make = |part: std::ops::Range<usize>| BlockRow {
            align,
            tone,
            text: text.clone(),
            part,
            written,
            tail: None,
        };
        rows.extend(parts.iter().map(|part| make(part.start..part.end)));
        let Some(tail) = tail else { return };
        let room = self.width.saturating_sub(last_width);
        let needs = crate::text::width::str_width(&tail).saturating_add(2);
        match rows.last_mut() {
            Some(last) if usize::from(room) >= usize::from(needs) => last.tail = Some(tail),
            _ => rows.push(BlockRow { tail: Some(tail), ..make(0..0) }),
        }
    }
}

/// The ticks of a message: one when sent, two when delivered, two and “read” when read.
fn ticks(line: &TranscriptEntry) -> &'static str {
    if !matches!(line.message.side, Side::Agent | Side::Supervisor)
        || line.message.visibility != Visibility::All
    {
        return "";
    }
    if line.delivery.failure().is_some() {
        return "✗";
    }
    match line.delivery.step() {
        None => "",
        Some(DeliveryStep::Stored) => "·",
        Some(DeliveryStep::Sent) => "✓",
        Some(DeliveryStep::Delivered) => "✓✓",
        Some(DeliveryStep::Read | DeliveryStep::Played) => "✓✓ read",
    }
}

/// The line for a participant who joined or left; for a supervisor, with the mode.
fn party_line(message: &Message) -> Clean {
    let name = &message.name;
    let coaches = message.visibility != Visibility::All;
    Clean::line(&match (&message.body, message.side) {
        (Body::Joined, Side::Supervisor) if coaches => {
            format!("{name} coaches; the customer does not see it")
        }
        (Body::Joined, Side::Supervisor) => format!("{name}, a supervisor, joined"),
        (_, Side::Supervisor) => format!("{name}, a supervisor, left"),
        (Body::Joined, _) => format!("{name} joined"),
        _ => format!("{name} left"),
    })
}

fn whole(align: Align, tone: Tone, text: Clean) -> BlockRow {
    BlockRow { align, tone, part: 0..text.len(), text, written: false, tail: None }
}

fn centred(tone: Tone, text: Clean) -> BlockRow {
    whole(Align::Center, tone, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::core::scroll::Scroll;

    fn transcript(texts: &[(Side, &str, i64)]) -> Transcript {
        let mut t = Transcript::default();
        for (i, (side, text, at)) in texts.iter().enumerate() {
            t.insert(Message {
                index: i as u64 + 1,
                body: Body::Text((*text).into()),
                side: *side,
                name: "x".into(),
                participant: "p".into(),
                visibility: Visibility::All,
                at: Millis::from_secs(*at),
                operation: None,
                quotes: None,
            });
        }
        t
    }

    fn measure<'a>(t: &'a Transcript, width: u16) -> Measure<'a> {
        static UTC: TimeZone = TimeZone::UTC;
        Measure { transcript: t, older: &[], more: None, width, zone: &UTC, me: None }
    }

    fn words(rows: &[BlockRow]) -> Vec<&str> {
        rows.iter().map(|row| row.text.get(row.part.clone()).unwrap()).collect()
    }

    #[test]
    fn a_day_is_named_at_the_start_and_at_midnight() {
        let day = 86_400;
        let t = transcript(&[(Side::Customer, "a", 10), (Side::Agent, "b", 20), (Side::Customer, "c", day)]);
        let m = measure(&t, 80);
        assert_eq!(words(&m.block(0)), ["── Thu 1 Jan 1970 ──", "a"]);
        assert_eq!(words(&m.block(1)), ["b"]);
        assert_eq!(words(&m.block(2)), ["── Fri 2 Jan 1970 ──", "c"]);
        assert_eq!(m.block(1)[0].align, Align::Right);
        assert_eq!(m.block(0)[1].tail.as_ref().unwrap().as_str(), "00:00");
    }

    #[test]
    fn reading_back_stays_where_it_is_while_messages_come() {
        let texts: Vec<_> = (0..50).map(|i| (Side::Customer, "hello there", i)).collect();
        let mut t = transcript(&texts);
        let held = Scroll::Bottom.moved(&measure(&t, 40), 10, -20);
        let top = held.top(&measure(&t, 40), 10);
        assert!(matches!(held, Scroll::Held { .. }));
        let mut more = t.lines()[0].message.clone();
        more.index = 51;
        t.insert(more);
        assert_eq!(held.top(&measure(&t, 40), 10), top);
        // A new width keeps the message.
        assert_eq!(held.top(&measure(&t, 7), 10).0, top.0);
        assert_eq!(held.moved(&measure(&t, 40), 10, 500), Scroll::Bottom);
        assert_eq!(Scroll::Bottom.moved(&measure(&t, 40), 10, -5000).top(&measure(&t, 40), 10), (0, 0));
    }

    #[test]
    fn moving_up_and_down_again_ends_where_it_began() {
        let texts: Vec<_> =
            (0..30).map(|i| (Side::Agent, "some words that wrap in a narrow view", i)).collect();
        let t = transcript(&texts);
        let m = measure(&t, 12);
        let start = Scroll::Bottom.moved(&m, 8, -40);
        for rows in [1, 3, 7, 20] {
            assert_eq!(start.moved(&m, 8, -rows).moved(&m, 8, rows), start);
        }
    }

    #[test]
    fn a_short_session_has_nowhere_to_scroll() {
        let t = transcript(&[(Side::Customer, "a", 1)]);
        assert_eq!(Scroll::Bottom.moved(&measure(&t, 40), 10, -3), Scroll::Bottom);
        let empty = Transcript::default();
        assert_eq!(Scroll::Bottom.moved(&measure(&empty, 0), 0, -3), Scroll::Bottom);
    }
}

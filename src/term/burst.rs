//! Distinguishes a paste without brackets from typing, by its speed and by what arrives together.
//!
//! Owns: the keys held back for a moment. Must not: read a clock; times arrive from outside.
//! Invariants: keys come out in the order they came in; what types a character is held back only inside a paste,
//! an Enter only as long as it takes to see whether text follows at once; a line break inside a paste never comes
//! out as Enter, and neither does one that arrived together with its line: some terminals paste line by line, with
//! pauses. A link that stalled delivers a typed line in the same way; the agent then presses Enter once more, which
//! costs less than a message that was never meant to be sent.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What counts as a paste: text that follows a line break faster than fingers type, and a line break that
/// arrives together with [`LINE`] characters before it. Text before that may come out as keys, which type the
/// same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BurstThresholds {
    /// Keys closer together than this belong together. It is also how long an Enter is held back.
    pub gap: Duration,
    /// After a paste, text within this time still belongs to it: a slow link delivers it in pieces.
    pub tail: Duration,
    /// The same after a pasted line, or after a paste whose end did not come: the next piece takes longer.
    pub line_tail: Duration,
}

/// This many characters together with a line break are a pasted line. A single one may be typed on a slow link.
pub const LINE: usize = 2;

impl Default for BurstThresholds {
    fn default() -> Self {
        Self {
            gap: Duration::from_millis(5),
            tail: Duration::from_millis(120),
            line_tail: Duration::from_millis(500),
        }
    }
}

/// An output of the detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedInput {
    /// One key.
    Key(KeyEvent),
    /// Pasted text; line breaks are `\n`. A line break alone is an Enter that arrived together with its line.
    Paste(String),
}

/// Holds keys back until it is clear whether they are typed or pasted.
#[derive(Debug)]
pub struct BurstDetector {
    rules: BurstThresholds,
    /// An Enter alone, or the text of a paste.
    held: Vec<(KeyEvent, char)>,
    last: Option<Instant>,
    /// Until when text belongs to the paste before it.
    paste_until: Option<Instant>,
    /// Characters that arrived together, without a pause. Absent until [`begin_read`](Self::begin_read) is
    /// called.
    together: Option<usize>,
    /// Whether the held keys end a pasted line.
    line: bool,
}

impl BurstDetector {
    /// A detector that holds nothing.
    pub fn new(rules: BurstThresholds) -> Self {
        Self { rules, held: Vec::new(), last: None, paste_until: None, together: None, line: false }
    }

    /// The keys that follow arrived together, in one read. An Enter in the next read, however soon, may be a
    /// key press.
    pub fn begin_read(&mut self) {
        self.together = Some(0);
    }

    /// A paste was cut off at `now`, so the rest of it may come without brackets.
    pub fn paste_cut_off(&mut self, now: Instant) {
        self.paste_until = Some(now + self.rules.line_tail);
    }

    /// When [`BurstDetector::flush_expired`] has something to do; absent when nothing is held.
    pub fn deadline(&self) -> Option<Instant> {
        if self.held.is_empty() { None } else { self.last.map(|last| last + self.rules.gap) }
    }

    /// Takes a key that arrived at `now`. Whatever is complete is appended to `out`.
    pub fn key(&mut self, now: Instant, key: KeyEvent, out: &mut Vec<TypedInput>) {
        self.flush_expired(now, out);
        let text = text_of(&key);
        let together = self.together.unwrap_or(0);
        self.together =
            self.together.map(|count| if matches!(text, None | Some('\n')) { 0 } else { count + 1 });
        match text {
            // Something is held, so this follows it at once; or a paste is still going on.
            Some(text) if !self.held.is_empty() || self.is_pasting(now) => {
                self.line |= text == '\n';
                self.held.push((key, text));
                self.last = Some(now);
            }
            Some('\n') => {
                self.line = together >= LINE;
                self.held.push((key, '\n'));
                self.last = Some(now);
            }
            Some(_) => out.push(TypedInput::Key(key)),
            None => {
                self.flush(out);
                self.paste_until = None;
                out.push(TypedInput::Key(key));
            }
        }
    }

    /// Appends to `out` what can wait no longer at `now`.
    pub fn flush_expired(&mut self, now: Instant, out: &mut Vec<TypedInput>) {
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            self.flush(out);
        }
    }

    /// Appends everything held to `out`: something that is not a key came after it.
    pub fn flush(&mut self, out: &mut Vec<TypedInput>) {
        let Some(last) = self.last.filter(|_| !self.held.is_empty()) else {
            return;
        };
        let line = std::mem::take(&mut self.line);
        if self.held.len() == 1 && !line && !self.is_pasting(last) {
            out.extend(self.held.drain(..).map(|(key, _)| TypedInput::Key(key)));
            return;
        }
        out.push(TypedInput::Paste(self.held.drain(..).map(|(_, text)| text).collect()));
        let tail = if line { self.rules.line_tail } else { self.rules.tail };
        self.paste_until = self.paste_until.max(Some(last + tail));
    }

    fn is_pasting(&self, now: Instant) -> bool {
        self.paste_until.is_some_and(|until| now <= until)
    }
}

/// The character that a key types. A terminal sends a pasted line feed as Ctrl+J.
fn text_of(key: &KeyEvent) -> Option<char> {
    let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    match key.code {
        KeyCode::Char(c) if plain => Some(c),
        KeyCode::Enter if key.modifiers.is_empty() => Some('\n'),
        KeyCode::Tab if key.modifiers.is_empty() => Some('\t'),
        KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => Some('\n'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char) -> KeyEvent {
        let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    /// Feeds (millisecond, key) pairs and lets everything settle.
    fn run(rules: BurstThresholds, keys: &[(u64, KeyEvent)]) -> Vec<TypedInput> {
        let start = Instant::now();
        let mut detector = BurstDetector::new(rules);
        let mut out = Vec::new();
        for (at, key) in keys {
            detector.key(start + Duration::from_millis(*at), *key, &mut out);
        }
        if let Some(deadline) = detector.deadline() {
            detector.flush_expired(deadline, &mut out);
        }
        assert_eq!(detector.deadline(), None);
        out
    }

    fn at(ms: u64, text: &str) -> Vec<(u64, KeyEvent)> {
        text.chars().map(|c| (ms, key(c))).collect()
    }

    fn keys(text: &str) -> Vec<TypedInput> {
        text.chars().map(|c| TypedInput::Key(key(c))).collect()
    }

    #[test]
    fn typing_stays_typing_and_enter_sends() {
        let typed: Vec<_> = "hola\n".chars().zip(0..).map(|(c, n)| (n * 30, key(c))).collect();
        assert_eq!(run(BurstThresholds::default(), &typed), keys("hola\n"));
    }

    #[test]
    fn what_types_a_character_is_not_held_back() {
        let mut detector = BurstDetector::new(BurstThresholds::default());
        let mut out = Vec::new();
        detector.key(Instant::now(), key('x'), &mut out);
        assert_eq!((out, detector.deadline()), (keys("x"), None));
    }

    #[test]
    fn a_line_that_arrives_at_once_is_still_typed() {
        // As after a stall of the link, or from a script.
        assert_eq!(run(BurstThresholds::default(), &at(0, "hello\n")), keys("hello\n"));
        assert_eq!(run(BurstThresholds::default(), &at(0, "hello")), keys("hello"));
        assert_eq!(run(BurstThresholds::default(), &at(0, "k\n")), keys("k\n"));
    }

    /// Feeds reads as (millisecond, text) pairs, with the settling between them, and returns the Enters and
    /// the text.
    fn reads(reads: &[(u64, &str)]) -> (usize, String) {
        let start = Instant::now();
        let mut detector = BurstDetector::new(BurstThresholds::default());
        let mut out = Vec::new();
        for (at, text) in reads {
            let now = start + Duration::from_millis(*at);
            detector.flush_expired(now, &mut out);
            detector.begin_read();
            for c in text.chars() {
                detector.key(now, key(c), &mut out);
            }
        }
        if let Some(deadline) = detector.deadline() {
            detector.flush_expired(deadline, &mut out);
        }
        let enters = out.iter().filter(|typed| **typed == TypedInput::Key(key('\n'))).count();
        let text = out.iter().map(|typed| match typed {
            TypedInput::Key(key) => key.code.as_char().map(String::from).unwrap_or_default(),
            TypedInput::Paste(text) => text.clone(),
        });
        (enters, text.collect())
    }

    #[test]
    fn lines_pasted_one_by_one_are_no_enters() {
        for pause in [0, 4, 6, 50, 119, 121, 300, 499, 501, 2000] {
            let lines = [(0, "one\n"), (pause, "two\n"), (2 * pause, "\n"), (3 * pause, "three\n")];
            let (enters, text) = reads(&lines);
            // An empty line that arrives alone and late is an Enter that a person pressed.
            let alone = usize::from(pause > 500);
            assert_eq!(enters, alone, "{pause} ms");
            let expected = if alone == 1 { "one\ntwo\nthree\n" } else { "one\ntwo\n\nthree\n" };
            assert_eq!(text, expected, "{pause} ms");
        }
    }

    #[test]
    fn a_pasted_line_cut_into_reads_is_no_enter() {
        for cut in 1..=2 {
            let (head, tail) = "line\n".split_at(cut);
            assert_eq!(reads(&[(0, head), (1, tail)]), (0, "line\n".to_owned()), "cut at {cut}");
        }
    }

    #[test]
    fn enter_after_a_pasted_line_sends_it() {
        assert_eq!(reads(&[(0, "one\n"), (700, "\n")]), (1, "one\n".to_owned()));
        assert_eq!(reads(&[(0, "hello"), (90, "\n")]), (1, "hello".to_owned()));
    }

    #[test]
    fn keys_that_repeat_in_one_read_are_typed() {
        assert_eq!(reads(&[(0, &"x".repeat(20)), (300, "\n")]), (1, "x".repeat(20)));
        assert_eq!(reads(&[(0, "k\n")]), (1, "k".to_owned()));
    }

    #[test]
    fn a_line_break_inside_a_burst_never_becomes_enter() {
        let mut expected = keys("one");
        expected.push(TypedInput::Paste("\ntwo\n".to_owned()));
        assert_eq!(run(BurstThresholds::default(), &at(0, "one\ntwo\n")), expected);
        assert_eq!(run(BurstThresholds::default(), &at(0, "\n\nx")), [TypedInput::Paste("\n\nx".to_owned())]);
    }

    #[test]
    fn a_late_piece_of_a_paste_still_belongs_to_it() {
        let mut pieces = at(0, "\ntwo");
        pieces.extend(at(80, "\n"));
        pieces.extend(at(150, "x"));
        let expected = ["\ntwo", "\n", "x"].map(|text| TypedInput::Paste(text.to_owned()));
        assert_eq!(run(BurstThresholds::default(), &pieces), expected);
    }

    #[test]
    fn typing_goes_on_after_a_paste() {
        let mut pieces = at(0, "\ntwo");
        pieces.extend(at(400, "x\n"));
        let mut expected = vec![TypedInput::Paste("\ntwo".to_owned())];
        expected.extend(keys("x\n"));
        assert_eq!(run(BurstThresholds::default(), &pieces), expected);
    }

    #[test]
    fn a_command_key_ends_a_burst_and_keeps_its_place() {
        let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
        let control = KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL);
        let mut pieces = at(0, "ab");
        pieces.push((1, escape));
        pieces.extend(at(1, "\ncd"));
        pieces.push((2, control));
        let mut expected = keys("ab");
        expected.extend([
            TypedInput::Key(escape),
            TypedInput::Paste("\ncd".to_owned()),
            TypedInput::Key(control),
        ]);
        assert_eq!(run(BurstThresholds::default(), &pieces), expected);
    }

    #[test]
    fn a_pasted_line_feed_is_a_line_break_and_a_typed_one_a_key() {
        let feed = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::CONTROL);
        assert_eq!(run(BurstThresholds::default(), &[(0, feed)]), [TypedInput::Key(feed)]);
        let mut pieces = at(0, "abc");
        pieces.push((0, feed));
        pieces.extend(at(0, "d"));
        let mut expected = keys("abc");
        expected.push(TypedInput::Paste("\nd".to_owned()));
        assert_eq!(run(BurstThresholds::default(), &pieces), expected);
    }
}

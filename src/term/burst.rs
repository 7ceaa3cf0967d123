//! Tells a paste without brackets from typing, by its speed.
//!
//! Owns: the keys held back for a moment. Must not: read a clock; times arrive from outside.
//! Invariants: keys come out in the order they came in; a key that is not text is held back by nothing but the text
//! before it; a line break inside a paste never comes out as Enter.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What counts as a paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Keys closer together than this belong together. It is also how long a typed key is held back.
    pub gap: Duration,
    /// From this many keys on they are a paste.
    pub keys: usize,
    /// After a paste, text within this time still belongs to it: a slow link delivers it in pieces.
    pub tail: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { gap: Duration::from_millis(5), keys: 4, tail: Duration::from_millis(120) }
    }
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// One key.
    Key(KeyEvent),
    /// Pasted text; line breaks are `\n`.
    Paste(String),
}

/// Holds keys back until it is clear whether they are typed or pasted.
#[derive(Debug)]
pub struct BurstDetector {
    rules: Rules,
    held: Vec<(KeyEvent, char)>,
    last: Option<Instant>,
    /// Until when text belongs to the paste before it.
    paste_until: Option<Instant>,
}

impl BurstDetector {
    /// A detector that holds nothing.
    pub fn new(rules: Rules) -> Self {
        Self { rules, held: Vec::new(), last: None, paste_until: None }
    }

    /// When [`BurstDetector::settle`] has something to do; absent when nothing is held.
    pub fn deadline(&self) -> Option<Instant> {
        if self.held.is_empty() { None } else { self.last.map(|last| last + self.rules.gap) }
    }

    /// Takes a key that arrived at `now`. Whatever is complete is appended to `out`.
    pub fn key(&mut self, now: Instant, key: KeyEvent, out: &mut Vec<Typed>) {
        self.settle(now, out);
        match text_of(&key) {
            Some(text) => {
                self.held.push((key, text));
                self.last = Some(now);
            }
            None => {
                self.release(out);
                self.paste_until = None;
                out.push(Typed::Key(key));
            }
        }
    }

    /// Appends to `out` what can wait no longer at `now`.
    pub fn settle(&mut self, now: Instant, out: &mut Vec<Typed>) {
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            self.release(out);
        }
    }

    /// Appends everything held to `out`: something that is not a key came after it.
    pub fn release(&mut self, out: &mut Vec<Typed>) {
        let Some(last) = self.last.filter(|_| !self.held.is_empty()) else {
            return;
        };
        let tail = self.paste_until.is_some_and(|until| last <= until);
        // Without a line break inside, a paste types just what it holds. A line and its Enter are left keys too:
        // that is how a typed line arrives after the link stalled, and it was meant to be sent.
        let inner =
            self.held.split_last().is_some_and(|(_, before)| before.iter().any(|(_, text)| *text == '\n'));
        if !tail && (self.held.len() < self.rules.keys || !inner) {
            out.extend(self.held.drain(..).map(|(key, _)| Typed::Key(key)));
            return;
        }
        out.push(Typed::Paste(self.held.drain(..).map(|(_, text)| text).collect()));
        self.paste_until = Some(last + self.rules.tail);
    }
}

/// What a key would type. Ctrl+J is what a terminal makes of a pasted line feed.
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
    fn run(rules: Rules, keys: &[(u64, KeyEvent)]) -> Vec<Typed> {
        let start = Instant::now();
        let mut detector = BurstDetector::new(rules);
        let mut out = Vec::new();
        for (at, key) in keys {
            detector.key(start + Duration::from_millis(*at), *key, &mut out);
        }
        if let Some(deadline) = detector.deadline() {
            detector.settle(deadline, &mut out);
        }
        assert_eq!(detector.deadline(), None);
        out
    }

    fn at(ms: u64, text: &str) -> Vec<(u64, KeyEvent)> {
        text.chars().map(|c| (ms, key(c))).collect()
    }

    fn keys(text: &str) -> Vec<Typed> {
        text.chars().map(|c| Typed::Key(key(c))).collect()
    }

    #[test]
    fn typing_stays_typing_and_enter_sends() {
        let typed: Vec<_> = "hola\n".chars().zip(0..).map(|(c, n)| (n * 30, key(c))).collect();
        assert_eq!(run(Rules::default(), &typed), keys("hola\n"));
    }

    #[test]
    fn two_keys_at_once_are_two_keys() {
        assert_eq!(run(Rules::default(), &at(0, "k\n")), keys("k\n"));
    }

    #[test]
    fn a_burst_with_line_breaks_never_becomes_enter() {
        let out = run(Rules::default(), &at(0, "one\ntwo\n"));
        assert_eq!(out, [Typed::Paste("one\ntwo\n".to_owned())]);
    }

    #[test]
    fn a_late_piece_of_a_paste_still_belongs_to_it() {
        let mut pieces = at(0, "one\ntwo");
        pieces.extend(at(80, "\n"));
        pieces.extend(at(150, "x"));
        let expected = ["one\ntwo", "\n", "x"].map(|text| Typed::Paste(text.to_owned()));
        assert_eq!(run(Rules::default(), &pieces), expected);
    }

    #[test]
    fn typing_goes_on_after_a_paste() {
        let mut pieces = at(0, "one\ntwo");
        pieces.extend(at(400, "\n"));
        assert_eq!(
            run(Rules::default(), &pieces),
            [Typed::Paste("one\ntwo".to_owned()), Typed::Key(key('\n'))]
        );
    }

    #[test]
    fn a_command_key_ends_a_burst_and_keeps_its_place() {
        let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
        let control = KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL);
        let mut pieces = at(0, "ab");
        pieces.push((1, escape));
        pieces.extend(at(1, "ab\ncd"));
        pieces.push((2, control));
        let mut expected = keys("ab");
        expected.extend([Typed::Key(escape), Typed::Paste("ab\ncd".to_owned()), Typed::Key(control)]);
        assert_eq!(run(Rules::default(), &pieces), expected);
    }

    #[test]
    fn a_pasted_line_feed_is_a_line_break_and_a_typed_one_a_key() {
        let feed = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::CONTROL);
        assert_eq!(run(Rules::default(), &[(0, feed)]), [Typed::Key(feed)]);
        let mut pieces = at(0, "abc");
        pieces.push((0, feed));
        pieces.extend(at(0, "d"));
        assert_eq!(run(Rules::default(), &pieces), [Typed::Paste("abc\nd".to_owned())]);
    }

    #[test]
    fn a_line_that_arrives_at_once_is_still_typed() {
        // As after a stall of the link, or from a script.
        assert_eq!(run(Rules::default(), &at(0, "hello\n")), keys("hello\n"));
        assert_eq!(run(Rules::default(), &at(0, "hello")), keys("hello"));
        assert_eq!(run(Rules::default(), &at(0, "one\ntwo\n")), [Typed::Paste("one\ntwo\n".to_owned())]);
    }
}

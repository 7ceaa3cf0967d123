//! Turns the bytes of a terminal into keys: an incremental tokenizer that never takes a sequence for text.
//!
//! Owns: the bytes of an unfinished sequence, character or paste. Must not: read a clock or a file; times arrive from
//! outside, so the bytes may come from a terminal, a test or a network channel.
//! Invariants: however the bytes are split, the same tokens come out while the pauses are shorter than the
//! [`Delays`]; beyond them nothing of a sequence becomes a character; OSC, DCS, APC, PM, SOS and unknown CSI are
//! dropped whole, in their 8-bit forms too; nothing unfinished swallows keys for longer than [`STRING_TIME`] or
//! [`PASTE_TIME`]; memory is bounded by [`PASTE_PIECE`]; each byte is looked at a constant number of times.
//!
//! Two forms are ambiguous. `CSI 1 ; 2 R` is Shift+F3 and also a cursor position: since deskline never asks for the
//! position, a row of 1 with a modifier that a key can have is the key, and every other position (`1;1` too) is a
//! reply. `ESC` is the Esc key and also the start of Alt and of sequences: it is the key after [`Delays::escape`].

mod keys;
mod mouse;
mod paste;
mod sequence;
mod string;
mod token;

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use paste::PASTE_PIECE;
use paste::Paste;
use sequence::ParsedSequence;
use string::{DroppedString, StringByte};
pub use token::InputToken;
use token::{ESC, plain};

/// An unfinished string (OSC, DCS, APC, PM, SOS) is given up at the first pause after this time.
pub const STRING_TIME: Duration = Duration::from_secs(2);
/// An unfinished paste is delivered at the first pause after this time.
pub const PASTE_TIME: Duration = Duration::from_secs(10);
/// An unfinished string longer than this is given up at the first pause. In bytes.
const STRING_SIZE: usize = 1024 * 1024;
/// The longest sequence that may be a key. A longer one is read to its end and dropped. In bytes.
const SEQUENCE_SIZE: usize = 64;
/// A pause that a terminal does not make inside what it sends, but a person between two keys does.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the rest of a sequence that is surely one may be late before the next byte is a key again.
const REST: Duration = Duration::from_secs(5);

/// How long an unfinished sequence may wait for its next byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// After this time a lone `ESC` is the Esc key. Short, because it is also how long Esc takes to do something.
    pub escape: Duration,
    /// Until this time after a lone `ESC`, an Enter still belongs to it, although the Esc key was delivered:
    /// a line break by mistake does no harm, but sending an unfinished message does.
    pub late_enter: Duration,
    /// After this time a longer beginning (`ESC [`) is a key that a person pressed (`Alt+[`).
    pub sequence: Duration,
    /// After this time without a byte an unfinished string is dropped and an unfinished paste is delivered.
    pub idle: Duration,
}

impl Delays {
    /// For a terminal on this machine.
    pub const LOCAL: Self = Self {
        escape: Duration::from_millis(50),
        late_enter: Duration::from_millis(50),
        sequence: Duration::from_millis(500),
        idle: Duration::from_secs(1),
    };
    /// For a terminal at the other end of a network, where a packet ends anywhere.
    pub const REMOTE: Self = Self {
        escape: Duration::from_millis(150),
        late_enter: Duration::from_millis(300),
        sequence: Duration::from_secs(1),
        idle: Duration::from_secs(2),
    };
}

#[derive(Debug)]
enum TokenizerState {
    /// Between tokens.
    Ground,
    /// A character of several bytes has begun.
    Character,
    /// Bytes from `ESC` on that are not complete.
    Sequence,
    /// Inside OSC, DCS, APC, PM or SOS. Nothing of it is kept.
    Dropping(DroppedString),
    Pasting(Paste),
}

/// The state machine over bytes.
#[derive(Debug)]
pub struct Tokenizer {
    delays: Delays,
    state: TokenizerState,
    /// The unfinished character or sequence.
    held: Vec<u8>,
    /// How many bytes of `held` were already delivered as a key, because the rest was late. If the others
    /// turn out to be no sequence, they are keys themselves.
    delivered: usize,
    /// The sequence began with an 8-bit control, which no key does.
    eight_bit: bool,
    /// When the last byte came.
    last: Option<Instant>,
    /// When a lone `ESC` was delivered as the Esc key.
    escape_at: Option<Instant>,
    /// A string was given up, so its terminator may still come.
    string_given_up: bool,
}

impl Tokenizer {
    /// A tokenizer without held bytes.
    pub fn new(delays: Delays) -> Self {
        Self {
            delays,
            state: TokenizerState::Ground,
            held: Vec::new(),
            delivered: 0,
            eight_bit: false,
            last: None,
            escape_at: None,
            string_given_up: false,
        }
    }

    /// Processes bytes that arrived together at `now`. Complete tokens are appended to `out`.
    pub fn feed(&mut self, now: Instant, bytes: &[u8], out: &mut Vec<InputToken>) {
        self.flush_expired(now, out);
        if self.is_key_into_paste(now, bytes) {
            self.give_up_paste(out);
        }
        if self.held == [ESC] && self.delivered == 0 && matches!(bytes, [ESC, b'[' | b'O', ..]) {
            // Terminals that write Alt as a second `ESC` send both together: this one was the Esc key.
            self.reset();
            out.push(InputToken::Key(plain(KeyCode::Esc)));
        }
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            if let TokenizerState::Pasting(paste) = &mut self.state {
                let (used, end) = paste.take(rest, out);
                if end {
                    self.state = TokenizerState::Ground;
                }
                rest = rest.get(used..).unwrap_or_default();
                continue;
            }
            self.byte(now, *first, out);
            rest = after;
        }
        if !bytes.is_empty() {
            self.last = Some(now);
        }
    }

    /// When [`Tokenizer::flush_expired`] has something to do; absent when nothing is unfinished.
    pub fn deadline(&self) -> Option<Instant> {
        let last = self.last?;
        let pause_after = |began: Instant, time: Duration, full: bool| {
            let wait = if full || last >= began + time { PAUSE } else { self.delays.idle };
            last + wait
        };
        match &self.state {
            TokenizerState::Ground => None,
            TokenizerState::Character => Some(last + self.delays.sequence),
            TokenizerState::Sequence => Some(last + self.sequence_delay()),
            TokenizerState::Dropping(string) => {
                Some(pause_after(string.began, STRING_TIME, string.size >= STRING_SIZE))
            }
            TokenizerState::Pasting(paste) => Some(pause_after(paste.began, PASTE_TIME, false)),
        }
    }

    /// Ends what cannot wait any longer at `now`, and appends it to `out`.
    pub fn flush_expired(&mut self, now: Instant, out: &mut Vec<InputToken>) {
        // A late sequence has two deadlines, one after the other.
        for _ in 0..2 {
            if self.deadline().is_some_and(|deadline| now >= deadline) {
                self.expire(now, out);
            }
        }
    }

    /// Ends everything unfinished at once, because reading stops: an Esc and a paste are delivered, the rest
    /// is dropped.
    pub fn finish(&mut self, now: Instant, out: &mut Vec<InputToken>) {
        let is_escape = self.delivered == 0 && matches!(self.held.as_slice(), [ESC] | [ESC, ESC]);
        if is_escape || matches!(self.state, TokenizerState::Pasting(_)) {
            self.expire(now, out);
        }
        self.reset();
    }

    fn sequence_delay(&self) -> Duration {
        match (self.held.as_slice(), self.delivered) {
            ([_] | [ESC, ESC], _) => self.delays.escape,
            // A person may have pressed Esc and then typed this; only a terminal sends the next byte at once.
            ([_, _], 1) => self.delays.escape,
            ([_, _], 0) => self.delays.sequence,
            // With parameters it is certainly a sequence, so its rest will come.
            _ => REST,
        }
    }

    fn expire(&mut self, now: Instant, out: &mut Vec<InputToken>) {
        match std::mem::replace(&mut self.state, TokenizerState::Ground) {
            TokenizerState::Ground => {}
            TokenizerState::Character => self.held.clear(),
            TokenizerState::Dropping(_) => self.string_given_up = true,
            TokenizerState::Pasting(paste) => paste.cut_off(out),
            TokenizerState::Sequence => self.expire_sequence(now, out),
        }
    }

    fn expire_sequence(&mut self, now: Instant, out: &mut Vec<InputToken>) {
        let began = self.last.unwrap_or(now);
        match (self.held.as_slice(), self.delivered) {
            ([ESC], 0) => {
                out.push(InputToken::Key(plain(KeyCode::Esc)));
                self.escape_at = Some(began);
                self.held.clear();
            }
            ([ESC, ESC], 0) => {
                out.extend([InputToken::Key(plain(KeyCode::Esc)), InputToken::Key(plain(KeyCode::Esc))]);
                self.escape_at = Some(began);
                self.held.clear();
            }
            ([ESC, second], 0) if !self.eight_bit => {
                // The rest of a sequence may still come, so this stays the beginning of one.
                out.extend(keys::alt(*second).map(InputToken::Key));
                self.delivered = 2;
                self.state = TokenizerState::Sequence;
            }
            (_, 1) if self.held.len() == 2 => self.replay(now, out),
            _ => self.held.clear(),
        }
        if !matches!(self.state, TokenizerState::Sequence) {
            self.delivered = 0;
            self.eight_bit = false;
        }
    }

    fn byte(&mut self, now: Instant, byte: u8, out: &mut Vec<InputToken>) {
        match &mut self.state {
            TokenizerState::Ground | TokenizerState::Pasting(_) => self.ground(now, byte, out),
            TokenizerState::Character => self.character(now, byte, out),
            TokenizerState::Sequence => self.sequence(now, byte, out),
            TokenizerState::Dropping(string) => match string.take(byte) {
                StringByte::Inside => {}
                StringByte::End => self.state = TokenizerState::Ground,
                StringByte::Key => {
                    self.state = TokenizerState::Ground;
                    self.string_given_up = true;
                    self.ground(now, byte, out);
                }
                StringByte::Escape => {
                    self.begin(&[ESC]);
                    self.sequence(now, byte, out);
                }
            },
        }
    }

    /// Processes a byte between tokens.
    fn ground(&mut self, now: Instant, byte: u8, out: &mut Vec<InputToken>) {
        let escape = self.escape_at.take();
        let since = |limit: Duration| escape.is_some_and(|at| now < at + limit);
        match byte {
            ESC => self.begin(&[ESC]),
            b'[' | b'O' | b']' | b'P' if since(self.delays.sequence) => {
                self.begin(&[ESC, byte]);
                self.delivered = 1;
            }
            b'\r' if since(self.delays.late_enter) => {
                out.push(InputToken::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT)));
            }
            0x00..=0x7f => out.extend(keys::single(byte).map(InputToken::Key)),
            0x80..=0x9f => self.eight_bit_control(now, byte, out),
            0xc2..=0xf4 => {
                self.held.clear();
                self.held.push(byte);
                self.state = TokenizerState::Character;
            }
            // No character starts with this byte.
            0xa0..=0xc1 | 0xf5.. => {}
        }
    }

    fn begin(&mut self, bytes: &[u8]) {
        self.held.clear();
        self.held.extend_from_slice(bytes);
        self.delivered = 0;
        self.eight_bit = false;
        self.state = TokenizerState::Sequence;
    }

    /// An 8-bit control is `ESC` and a byte in one; those that start nothing are dropped.
    fn eight_bit_control(&mut self, now: Instant, byte: u8, out: &mut Vec<InputToken>) {
        let second = byte - 0x40;
        if matches!(second, b'[' | b'O' | b']' | b'P' | b'X' | b'^' | b'_') {
            self.begin(&[ESC]);
            self.eight_bit = true;
            self.sequence(now, second, out);
        }
    }

    fn character(&mut self, now: Instant, byte: u8, out: &mut Vec<InputToken>) {
        if !(0x80..=0xbf).contains(&byte) {
            // What was unfinished was no character; this byte is complete.
            self.held.clear();
            self.state = TokenizerState::Ground;
            return self.ground(now, byte, out);
        }
        self.held.push(byte);
        match std::str::from_utf8(&self.held) {
            Ok(text) => out.extend(text.chars().filter_map(keys::character).map(InputToken::Key)),
            Err(error) if error.error_len().is_none() => return,
            Err(_) => {}
        }
        self.held.clear();
        self.state = TokenizerState::Ground;
    }

    fn sequence(&mut self, now: Instant, byte: u8, out: &mut Vec<InputToken>) {
        if self.held.len() >= SEQUENCE_SIZE {
            if !sequence::is_unfinished(byte) {
                out.extend(self.held.starts_with(&[ESC, ESC]).then(|| InputToken::Key(plain(KeyCode::Esc))));
                self.reset();
                if !(0x40..=0x7e).contains(&byte) {
                    self.ground(now, byte, out);
                }
            }
            return;
        }
        self.held.push(byte);
        if self.delivered > 0 && sequence::is_text(&self.held) {
            return self.replay(now, out);
        }
        if self.held == [ESC, ESC, ESC] {
            out.push(InputToken::Key(plain(KeyCode::Esc)));
            self.held.pop();
            return;
        }
        let parsed = sequence::parse(&self.held);
        if self.delivered == 0 && self.held.starts_with(&[ESC, ESC]) && parsed.is_no_key() {
            // Esc was pressed, and then the terminal sent something.
            out.push(InputToken::Key(plain(KeyCode::Esc)));
        }
        match parsed {
            ParsedSequence::More => return,
            ParsedSequence::Tokens(tokens) => {
                self.string_given_up = false;
                out.extend(tokens);
            }
            ParsedSequence::Paste => {
                self.reset();
                self.state = TokenizerState::Pasting(Paste::new(now));
                return;
            }
            ParsedSequence::String => {
                self.reset();
                let string = DroppedString::new(now);
                self.state = TokenizerState::Dropping(string);
                return self.byte(now, byte, out);
            }
            ParsedSequence::Terminator => {
                // A terminator belongs to a string that was given up; otherwise a person pressed Alt+\.
                if !std::mem::take(&mut self.string_given_up) {
                    out.extend(keys::alt(b'\\').map(InputToken::Key));
                }
            }
            ParsedSequence::Broken if self.delivered > 0 => return self.replay(now, out),
            // A letter that ends no key was typed by a person.
            ParsedSequence::Nothing if self.delivered > 0 && self.held.len() == 3 => {
                return self.replay(now, out);
            }
            ParsedSequence::Broken => {
                self.reset();
                return self.ground(now, byte, out);
            }
            ParsedSequence::Nothing => {}
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.state = TokenizerState::Ground;
        self.held.clear();
        self.delivered = 0;
        self.eight_bit = false;
    }

    /// Processes the apparent rest of a late sequence as typed by a person.
    fn replay(&mut self, now: Instant, out: &mut Vec<InputToken>) {
        let typed = self.held.get(self.delivered..).unwrap_or_default().to_vec();
        self.reset();
        for byte in typed {
            self.byte(now, byte, out);
        }
    }

    /// Whether these bytes, arriving in a paste that does not continue, are a key of a person who wants to
    /// leave it.
    fn is_key_into_paste(&self, now: Instant, bytes: &[u8]) -> bool {
        let TokenizerState::Pasting(_) = &self.state else { return false };
        if self.last.is_none_or(|last| now < last + PAUSE * 2) {
            return false;
        }
        match bytes {
            [ESC, _, ..] => {
                matches!(sequence::parse(bytes), ParsedSequence::Tokens(tokens) if matches!(tokens.as_slice(), [InputToken::Key(_)]))
            }
            [byte] => byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n' | &ESC),
            _ => false,
        }
    }

    fn give_up_paste(&mut self, out: &mut Vec<InputToken>) {
        if let TokenizerState::Pasting(paste) = std::mem::replace(&mut self.state, TokenizerState::Ground) {
            paste.cut_off(out);
        }
    }
}

#[cfg(test)]
mod tests;

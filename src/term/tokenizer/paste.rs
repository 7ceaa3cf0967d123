//! The text between the brackets of a paste.
//!
//! Invariant: each byte is looked at once, and at most [`PASTE_PIECE`] of them are kept.

use std::time::Instant;

use super::token::{ESC, InputToken};

/// The longest piece of a paste that is kept in memory; a longer paste is delivered in pieces. In bytes.
pub const PASTE_PIECE: usize = 256 * 1024;
const BEGIN: &[u8] = b"\x1b[200~";
const END: &[u8] = b"\x1b[201~";

#[derive(Debug)]
pub(super) struct Paste {
    pub(super) began: Instant,
    text: Vec<u8>,
    /// The possible beginning of a closing bracket.
    bracket: Vec<u8>,
}

impl Paste {
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, text: Vec::new(), bracket: Vec::new() }
    }

    /// Takes bytes up to the end of the paste: returns how many, and whether the end was among them.
    pub(super) fn take(&mut self, bytes: &[u8], out: &mut Vec<InputToken>) -> (usize, bool) {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            if self.bracket.is_empty() {
                let plain = rest.iter().position(|byte| *byte == ESC).unwrap_or(rest.len());
                let room = PASTE_PIECE.saturating_sub(self.text.len()).max(1);
                let count = plain.min(room);
                self.text.extend_from_slice(rest.get(..count).unwrap_or_default());
                used += count;
                if self.text.len() >= PASTE_PIECE {
                    self.deliver(false, false, out);
                }
                if count == plain && plain < rest.len() {
                    self.bracket.push(ESC);
                    used += 1;
                }
                continue;
            }
            let Some(byte) = rest.first() else { break };
            self.bracket.push(*byte);
            if self.bracket == END {
                self.bracket.clear();
                self.deliver(true, false, out);
                return (used + 1, true);
            }
            if self.bracket == BEGIN {
                // A start inside a paste is not text.
                self.bracket.clear();
            } else if !BEGIN.starts_with(&self.bracket) && !END.starts_with(&self.bracket) {
                self.bracket.pop();
                self.text.append(&mut self.bracket);
                // The byte is processed again: it may start a bracket.
                continue;
            }
            used += 1;
        }
        (used, false)
    }

    /// Delivers what arrived of a paste that has no end.
    pub(super) fn cut_off(mut self, out: &mut Vec<InputToken>) {
        // An unfinished bracket is not text: most likely it is the end of the paste.
        self.bracket.clear();
        self.deliver(true, true, out);
    }

    /// Delivers what is kept; before the end of the paste, without a character or a line break that is cut in
    /// two.
    fn deliver(&mut self, last: bool, cut_off: bool, out: &mut Vec<InputToken>) {
        let mut bytes = std::mem::take(&mut self.text);
        if !last {
            let whole = match std::str::from_utf8(&bytes) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                Ok(_) | Err(_) => bytes.len(),
            };
            // A character has at most four bytes; a longer piece is no character and stays.
            let whole = if bytes.len() - whole > 4 { bytes.len() } else { whole };
            let whole =
                if bytes.get(..whole).is_some_and(|text| text.ends_with(b"\r")) { whole - 1 } else { whole };
            self.text = bytes.split_off(whole);
        }
        if bytes.is_empty() && !cut_off {
            return;
        }
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").replace('\r', "\n");
        out.push(InputToken::Paste { text, cut_off });
    }
}

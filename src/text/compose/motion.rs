//! Cursor motions: pure functions from a text and a byte offset to another offset.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// The first edge of a cluster at `at` or after it.
pub(super) fn snap(text: &str, at: usize) -> usize {
    let at = (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    match GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0) {
        Ok(false) => right(text, at),
        _ => at,
    }
}

pub(super) fn left(text: &str, at: usize) -> usize {
    GraphemeCursor::new(at, text.len(), true).prev_boundary(text, 0).ok().flatten().unwrap_or(0)
}

pub(super) fn right(text: &str, at: usize) -> usize {
    GraphemeCursor::new(at, text.len(), true).next_boundary(text, 0).ok().flatten().unwrap_or(text.len())
}

/// The start of the word before `at`.
pub(super) fn word_left(text: &str, at: usize) -> usize {
    let words = text.get(..at).unwrap_or_default().split_word_bound_indices();
    let start = words.rev().find(|(_, word)| is_word(word)).map_or(0, |(start, _)| start);
    // The edge of a word is the edge of a cluster in every script in use; this covers the exceptions.
    if snap(text, start) == start { start } else { left(text, start) }
}

/// The end of the word after `at`.
pub(super) fn word_right(text: &str, at: usize) -> usize {
    let mut words = text.get(at..).unwrap_or_default().split_word_bound_indices();
    let end = words.find(|(_, word)| is_word(word)).map(|(start, word)| at + start + word.len());
    snap(text, end.unwrap_or(text.len()))
}

/// Letters, digits and emoji; not spaces and punctuation.
fn is_word(part: &str) -> bool {
    part.chars().any(|c| c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace()))
}

/// The start of the line that contains `at`.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// The end of the line that contains `at`, before its newline.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| at + newline)
}

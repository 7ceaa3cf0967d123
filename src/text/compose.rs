//! The composer's buffer: the reply being written.
//!
//! Owns: the text, the cursor, undo, the kill slot, and the history of sent texts. Motions and deletions work on
//! grapheme clusters: one Backspace deletes a whole family emoji.
//! Must not: know keys, limits or sessions; send; or drop a text without undo (except [`Composer::take`]).
//! Invariants: the cursor is on the edge of a cluster. The text holds no control character but `\n` and no
//! bidi control, so that what is shown is what is sent; every other byte is kept as it was typed.

mod history;
mod motion;
mod undo;

use std::borrow::Cow;
use std::ops::Range;

use crate::text::clean::is_bidi_control;
use crate::text::width::{cluster_width, clusters, str_width};
use crate::text::wrap::{Row, wrap};
use history::History;
use undo::{UndoHistory, UndoStep};

/// How many letters after a colon are needed for emoji suggestions.
const MIN_EMOJI_PREFIX: usize = 2;

/// A multi-line text with a cursor.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    text: String,
    /// Byte offset.
    cursor: usize,
    /// The column that `up` and `down` keep to.
    goal: Option<u16>,
    undo: UndoHistory,
    killed: String,
    /// The last operation was a kill, so the next kill appends to it.
    killing: bool,
    history: History,
}

/// The visible rows of a composer, and the position of the cursor in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposerView {
    /// The visible rows, as ranges of the whole text.
    pub rows: Vec<Row>,
    /// Row of the cursor, counted from the first visible one.
    pub cursor_row: u16,
    /// Column of the cursor, always inside the width.
    pub cursor_col: u16,
    /// How many rows are above the first visible one.
    pub first_row: usize,
}

impl Composer {
    /// An empty composer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// UTF-8 bytes written; the server's limit counts these.
    pub fn len_bytes(&self) -> usize {
        self.text.len()
    }

    /// The cursor as a byte offset, always on the edge of a cluster.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Replaces the whole text, as one step of undo, and goes to its end.
    pub fn set_text(&mut self, text: String) {
        self.history.leave();
        self.show(&text);
    }

    /// Returns the text and empties the buffer. The text is added to the history unless it is blank; it cannot be undone.
    pub fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            self.history.leave();
        } else {
            self.history.push(&text);
        }
        self.cursor = 0;
        self.undo.clear();
        self.moved();
        text
    }

    /// An empty buffer with the history of another one.
    pub fn with_history_of(other: &Self) -> Self {
        let mut history = other.history.clone();
        history.leave();
        Self { history, ..Self::new() }
    }

    /// Inserts typed text. Undo reverts typing word by word.
    pub fn insert(&mut self, typed: &str) {
        self.moved_by_edit();
        if let Some(step) = self.splice(self.cursor..self.cursor, &plain(typed)) {
            self.undo.record_typing(step);
        }
    }

    /// Inserts pasted text, as one step of undo.
    pub fn paste(&mut self, pasted: &str) {
        self.edit(self.cursor..self.cursor, pasted);
    }

    /// Inserts a line break.
    pub fn newline(&mut self) {
        self.insert("\n");
    }

    /// Replaces a range of bytes, as one step of undo, and puts the cursor after the new text. A range that cuts
    /// clusters is widened to whole clusters; a range beyond the text is cut to the text.
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        let end = motion::snap(&self.text, range.end);
        let mut start = motion::snap(&self.text, range.start.min(end));
        if start > range.start {
            start = motion::left(&self.text, start);
        }
        self.edit(start..end, with);
    }

    /// Deletes the cluster before the cursor.
    pub fn backspace(&mut self) {
        self.edit(motion::left(&self.text, self.cursor)..self.cursor, "");
    }

    /// Deletes the cluster after the cursor.
    pub fn delete(&mut self) {
        self.edit(self.cursor..motion::right(&self.text, self.cursor), "");
    }

    /// Moves one cluster back.
    pub fn left(&mut self) {
        self.go(motion::left(&self.text, self.cursor));
    }

    /// Moves one cluster forward.
    pub fn right(&mut self) {
        self.go(motion::right(&self.text, self.cursor));
    }

    /// Moves to the start of this word or of the previous one.
    pub fn word_left(&mut self) {
        self.go(motion::word_left(&self.text, self.cursor));
    }

    /// Moves to the end of this word or of the next one.
    pub fn word_right(&mut self) {
        self.go(motion::word_right(&self.text, self.cursor));
    }

    /// Moves to the start of the line.
    pub fn home(&mut self) {
        self.go(motion::line_start(&self.text, self.cursor));
    }

    /// Moves to the end of the line.
    pub fn end(&mut self) {
        self.go(motion::line_end(&self.text, self.cursor));
    }

    /// Moves to the start of the text.
    pub fn buffer_start(&mut self) {
        self.go(0);
    }

    /// Moves to the end of the text.
    pub fn buffer_end(&mut self) {
        self.go(self.text.len());
    }

    /// Moves one row up, as drawn at this width; false, without a move, on the first row.
    pub fn up(&mut self, width: u16) -> bool {
        self.go_rows(width, |row| row.checked_sub(1))
    }

    /// Moves one row down, as drawn at this width; false, without a move, on the last row.
    pub fn down(&mut self, width: u16) -> bool {
        self.go_rows(width, |row| row.checked_add(1))
    }

    /// Cuts to the end of the line; at the end, cuts the line break.
    pub fn kill_to_end(&mut self) {
        let end = motion::line_end(&self.text, self.cursor);
        let end = if end == self.cursor { motion::right(&self.text, end) } else { end };
        self.kill_forward(end);
    }

    /// Cuts from the start of the line; at the start, cuts the line break before it.
    pub fn kill_to_start(&mut self) {
        let start = motion::line_start(&self.text, self.cursor);
        let start = if start == self.cursor { motion::left(&self.text, start) } else { start };
        self.kill_back(start);
    }

    /// Cuts the word before the cursor.
    pub fn kill_word_back(&mut self) {
        self.kill_back(motion::word_left(&self.text, self.cursor));
    }

    /// Cuts the word after the cursor.
    pub fn kill_word_forward(&mut self) {
        self.kill_forward(motion::word_right(&self.text, self.cursor));
    }

    /// Inserts the last cut text; consecutive cuts count as one.
    pub fn yank(&mut self) {
        let killed = self.killed.clone();
        self.edit(self.cursor..self.cursor, &killed);
    }

    /// Reverts the last step; false when there is none.
    pub fn undo(&mut self) -> bool {
        self.moved();
        let Some(step) = self.undo.back() else { return false };
        self.text.replace_range(step.at..step.at + step.inserted.len(), &step.removed);
        self.cursor = step.cursor_before;
        true
    }

    /// Applies the last reverted step again; false when there is none.
    pub fn redo(&mut self) -> bool {
        self.moved();
        let Some(step) = self.undo.again() else { return false };
        self.text.replace_range(step.at..step.at + step.removed.len(), &step.inserted);
        self.cursor = step.cursor_after;
        true
    }

    /// Shows the previous sent text; the draft is kept. False when there is nothing older.
    pub fn history_prev(&mut self) -> bool {
        let entry = self.history.prev(&self.text);
        entry.is_some_and(|entry| self.show(&entry))
    }

    /// Shows the next sent text, and after the newest the draft. False when the draft is shown already.
    pub fn history_next(&mut self) -> bool {
        let entry = self.history.next();
        entry.is_some_and(|entry| self.show(&entry))
    }

    /// The `:name` before the cursor: its range with the colon, and the name without it. The name has at least two
    /// characters; the colon starts the text or does not follow a letter or digit.
    pub fn emoji_prefix(&self) -> Option<(Range<usize>, &str)> {
        let before = self.text.get(..self.cursor)?;
        let name_len = before
            .bytes()
            .rev()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
            .count();
        let (rest, name) = before.split_at_checked(before.len() - name_len)?;
        let rest = rest.strip_suffix(':')?;
        let in_word = rest.ends_with(|c: char| c.is_alphanumeric() || c == ':');
        (name_len >= MIN_EMOJI_PREFIX && !in_word).then_some((rest.len()..self.cursor, name))
    }

    /// The rows to draw in `width` columns and at most `max_rows` rows (0 counts as 1, for both), around the
    /// cursor. The last column is kept for the cursor.
    pub fn layout(&self, width: u16, max_rows: u16) -> ComposerView {
        let rows = rows(&self.text, width);
        let (at, col) = self.place(&rows, width);
        let max_rows = usize::from(max_rows.max(1));
        let first_row = at.saturating_sub(max_rows / 2).min(rows.len().saturating_sub(max_rows));
        ComposerView {
            rows: rows.into_iter().skip(first_row).take(max_rows).collect(),
            cursor_row: u16::try_from(at - first_row).unwrap_or(u16::MAX),
            cursor_col: col,
            first_row,
        }
    }

    /// The cursor's row and column.
    fn place(&self, rows: &[Row], width: u16) -> (usize, u16) {
        let at = rows.partition_point(|row| row.start <= self.cursor).saturating_sub(1);
        let start = rows.get(at).map_or(0, |row| row.start);
        let before = self.text.get(start..self.cursor).unwrap_or_default();
        // After spaces beyond the edge, the cursor stays at the edge.
        (at, str_width(before).min(width.saturating_sub(1)))
    }

    fn go_rows(&mut self, width: u16, step: impl Fn(usize) -> Option<usize>) -> bool {
        let rows = rows(&self.text, width);
        let (at, col) = self.place(&rows, width);
        let goal = self.goal.unwrap_or(col);
        let Some(to) = step(at) else { return false };
        let Some(row) = rows.get(to) else { return false };
        // A row that is cut inside a word ends where the next one starts; that position belongs to the next row.
        let cut = rows.get(to + 1).is_some_and(|next| next.start == row.end);
        let mut target = row.start;
        let mut cells = 0_u16;
        for (at, cluster) in clusters(row.of(&self.text)) {
            let end = row.start + at + cluster.len();
            cells = cells.saturating_add(cluster_width(cluster));
            if cells > goal || (cut && end == row.end) {
                break;
            }
            target = end;
        }
        self.go(target);
        self.goal = Some(goal);
        true
    }

    fn go(&mut self, to: usize) {
        self.moved();
        self.cursor = to;
    }

    /// Ends the runs of typing and of kills that a motion interrupts.
    fn moved(&mut self) {
        self.moved_by_edit();
        self.undo.break_typing();
    }

    fn moved_by_edit(&mut self) {
        self.goal = None;
        self.killing = false;
    }

    /// Replaces the shown text with another one.
    fn show(&mut self, text: &str) -> bool {
        self.edit(0..self.text.len(), text);
        true
    }

    /// Replaces a range, on cluster edges, as one step.
    fn edit(&mut self, range: Range<usize>, with: &str) {
        self.moved();
        if let Some(step) = self.splice(range, &plain(with)) {
            self.undo.record(step);
        }
    }

    /// Replaces a range and returns the step for undo; `None` when nothing changed.
    fn splice(&mut self, range: Range<usize>, with: &str) -> Option<UndoStep> {
        let removed = self.text.get(range.clone())?.to_owned();
        let cursor_before = self.cursor;
        let at = range.start;
        self.text.replace_range(range, with);
        // The clusters before and after may have become one.
        self.cursor = motion::snap(&self.text, at + with.len());
        let cursor_after = self.cursor;
        (removed != with).then(|| UndoStep {
            at,
            removed,
            inserted: with.to_owned(),
            cursor_before,
            cursor_after,
        })
    }

    fn kill_forward(&mut self, end: usize) {
        let cut = self.text.get(self.cursor..end).unwrap_or_default().to_owned();
        let before = self.killed_before();
        self.kill(self.cursor..end, before + &cut);
    }

    fn kill_back(&mut self, start: usize) {
        let cut = self.text.get(start..self.cursor).unwrap_or_default().to_owned();
        let after = self.killed_before();
        self.kill(start..self.cursor, cut + &after);
    }

    /// The text cut by the kills directly before this one.
    fn killed_before(&self) -> String {
        if self.killing { self.killed.clone() } else { String::new() }
    }

    fn kill(&mut self, range: Range<usize>, killed: String) {
        if range.is_empty() {
            return;
        }
        self.edit(range, "");
        self.killed = killed;
        self.killing = true;
    }
}

fn rows(text: &str, width: u16) -> Vec<Row> {
    wrap(text, width.saturating_sub(1))
}

/// The text as the buffer stores it: tabs become spaces, line breaks become `\n`, other controls are removed.
fn plain(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c != '\n' && (c.is_control() || is_bidi_control(c) || is_separator(c));
    if !text.contains(steers) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut last = None;
    for c in text.chars() {
        match c {
            '\n' if last == Some('\r') => {}
            '\r' => out.push('\n'),
            '\t' => out.push_str("    "),
            c if is_separator(c) => out.push('\n'),
            c if steers(c) => {}
            c => out.push(c),
        }
        last = Some(c);
    }
    out.into()
}

/// Unicode's line and paragraph separators.
fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests;

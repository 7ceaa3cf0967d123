//! The texts that were sent from this composer.

use std::collections::VecDeque;

/// How many entries are kept; the oldest is dropped.
const MAX_ENTRIES: usize = 100;

#[derive(Clone, Debug, Default)]
pub(super) struct History {
    entries: VecDeque<String>,
    /// The entry that is shown; `None` while the draft is shown.
    shown: Option<usize>,
    draft: String,
}

impl History {
    /// Adds an entry, unless it repeats the newest, and goes back to an empty draft.
    pub(super) fn push(&mut self, entry: &str) {
        self.shown = None;
        self.draft.clear();
        if self.entries.back().is_some_and(|last| last == entry) {
            return;
        }
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry.to_owned());
    }

    /// The entry before the shown one. `text` is stored as the draft when the draft was shown.
    pub(super) fn prev(&mut self, text: &str) -> Option<String> {
        let to = self.shown.unwrap_or(self.entries.len()).checked_sub(1)?;
        let entry = self.entries.get(to)?.clone();
        if self.shown.is_none() {
            self.draft = text.to_owned();
        }
        self.shown = Some(to);
        Some(entry)
    }

    /// The entry after the shown one; after the newest, the draft.
    pub(super) fn next(&mut self) -> Option<String> {
        let to = self.shown? + 1;
        let entry = self.entries.get(to).cloned();
        self.shown = entry.is_some().then_some(to);
        Some(entry.unwrap_or_else(|| std::mem::take(&mut self.draft)))
    }

    /// Goes back to the draft without showing it.
    pub(super) fn leave(&mut self) {
        self.shown = None;
        self.draft.clear();
    }
}

//! What was done to the buffer, and how to take it back.

use std::collections::VecDeque;

/// Steps kept; the oldest is forgotten.
const MAX_STEPS: usize = 500;

/// One change: `removed` stood at byte `at`, `inserted` stands there now.
#[derive(Clone, Debug)]
pub(super) struct UndoStep {
    pub(super) at: usize,
    pub(super) removed: String,
    pub(super) inserted: String,
    pub(super) cursor_before: usize,
    pub(super) cursor_after: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct UndoHistory {
    done: VecDeque<UndoStep>,
    undone: Vec<UndoStep>,
    /// The newest step is typing that may go on.
    typing: bool,
}

impl UndoHistory {
    /// Records a change that stands alone.
    pub(super) fn record(&mut self, step: UndoStep) {
        self.undone.clear();
        if self.done.len() == MAX_STEPS {
            self.done.pop_front();
        }
        self.done.push_back(step);
        self.typing = false;
    }

    /// Records typing: it joins the typing before it, up to the end of a word and its spaces.
    pub(super) fn record_typing(&mut self, step: UndoStep) {
        if self.typing
            && let Some(last) = self.done.back_mut()
            && last.at + last.inserted.len() == step.at
            && step.removed.is_empty()
            && (!last.inserted.ends_with(char::is_whitespace)
                || step.inserted.starts_with(char::is_whitespace))
        {
            last.inserted.push_str(&step.inserted);
            last.cursor_after = step.cursor_after;
            return;
        }
        self.record(step);
        self.typing = true;
    }

    /// The cursor moved: typing that follows is a step of its own.
    pub(super) fn break_typing(&mut self) {
        self.typing = false;
    }

    /// The step to take back now.
    pub(super) fn back(&mut self) -> Option<&UndoStep> {
        self.typing = false;
        self.undone.push(self.done.pop_back()?);
        self.undone.last()
    }

    /// The step to do again now.
    pub(super) fn again(&mut self) -> Option<&UndoStep> {
        self.typing = false;
        self.done.push_back(self.undone.pop()?);
        self.done.back()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

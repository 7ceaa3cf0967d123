//! The undo history of the composer.

use std::collections::VecDeque;

/// How many steps are kept; the oldest is dropped.
const MAX_STEPS: usize = 500;

/// One change: at byte `at`, `removed` was replaced by `inserted`.
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
    /// Whether more typing may join the newest step.
    typing: bool,
}

impl UndoHistory {
    /// Records a change as a step of its own.
    pub(super) fn record(&mut self, step: UndoStep) {
        self.undone.clear();
        if self.done.len() == MAX_STEPS {
            self.done.pop_front();
        }
        self.done.push_back(step);
        self.typing = false;
    }

    /// Records typing. It joins the step before it, up to the end of a word and its spaces.
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

    /// The cursor moved, so the next typing starts a new step.
    pub(super) fn break_typing(&mut self) {
        self.typing = false;
    }

    /// Moves one step to the undone ones and returns it, for the caller to revert.
    pub(super) fn back(&mut self) -> Option<&UndoStep> {
        self.typing = false;
        self.undone.push(self.done.pop_back()?);
        self.undone.last()
    }

    /// Takes the last undone step back and returns it, for the caller to apply again.
    pub(super) fn again(&mut self) -> Option<&UndoStep> {
        self.typing = false;
        self.done.push_back(self.undone.pop()?);
        self.done.back()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

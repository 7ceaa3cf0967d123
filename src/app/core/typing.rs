//! Keys that edit a buffer: the draft, a prompt, a field.

use crate::app::core::action::Action;
use crate::app::core::key::Key;
use crate::text::compose::Composer;

pub(in crate::app) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Applies an editing action to a buffer; other actions are ignored.
pub(in crate::app) fn edit(buffer: &mut Composer, action: Action, width: u16) {
    match action {
        Action::Newline => buffer.newline(),
        Action::Left => buffer.left(),
        Action::Right => buffer.right(),
        Action::WordLeft => buffer.word_left(),
        Action::WordRight => buffer.word_right(),
        Action::LineStart => buffer.home(),
        Action::LineEnd => buffer.end(),
        Action::Up if !buffer.up(width) => {
            buffer.history_prev();
        }
        Action::Down if !buffer.down(width) => {
            buffer.history_next();
        }
        Action::Backspace => buffer.backspace(),
        Action::Delete => buffer.delete(),
        Action::KillWordBack => buffer.kill_word_back(),
        Action::KillWord => buffer.kill_word_forward(),
        Action::KillLine => buffer.kill_to_start(),
        Action::KillToEnd => buffer.kill_to_end(),
        Action::Yank => buffer.yank(),
        Action::Undo => {
            buffer.undo();
        }
        Action::Redo => {
            buffer.redo();
        }
        _ => {}
    }
}

/// Applies a key to a buffer of several lines with this width in columns.
pub(in crate::app) fn write_into(buffer: &mut Composer, key: Key, action: Option<Action>, width: u16) {
    match (key.typed(), action) {
        (Some(c), _) => buffer.insert(c.encode_utf8(&mut [0; 4])),
        (None, Some(Action::Up | Action::Down) | None) => {}
        (None, Some(action)) => edit(buffer, action, width),
    }
}

pub(in crate::app) fn type_into(buffer: &mut Composer, key: Key, action: Option<Action>) {
    if action != Some(Action::Newline) {
        write_into(buffer, key, action, u16::MAX);
    }
}

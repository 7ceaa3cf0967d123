//! The output of the tokenizer.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent};

pub(super) const ESC: u8 = 0x1b;

/// A token: the meaning of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputToken {
    /// A key was pressed or repeats. Releases are dropped.
    Key(KeyEvent),
    /// Text between the brackets of a paste, or a piece of it. Line breaks are `\n`.
    Paste {
        /// The text.
        text: String,
        /// Whether the end of the paste was missing, so that the rest may come without brackets.
        cut_off: bool,
    },
    /// The terminal's window got or lost the focus.
    Focus(bool),
    /// A mouse report.
    Mouse(MouseEvent),
    /// The terminal reports its size in columns and rows unasked (mode 2048).
    Resize(u16, u16),
}

/// A key without modifiers.
pub(super) fn plain(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

//! What can be done in the monitor: one table for keys, palette, help and documents.
//!
//! Invariants: nothing here changes anything at the server. Every character that is typed goes into the filter, so no
//! act has a character for its key.

use crate::app::core::key::Key;

/// An act of the monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// See [`ACTS`].
    Up,
    /// See [`ACTS`].
    Down,
    /// See [`ACTS`].
    PageUp,
    /// See [`ACTS`].
    PageDown,
    /// See [`ACTS`].
    Oldest,
    /// See [`ACTS`].
    Newest,
    /// See [`ACTS`].
    Sort,
    /// See [`ACTS`].
    Longest,
    /// See [`ACTS`].
    Follow,
    /// See [`ACTS`].
    Pin,
    /// See [`ACTS`].
    Pane,
    /// See [`ACTS`].
    Unpin,
    /// See [`ACTS`].
    Zoom,
    /// See [`ACTS`].
    Clear,
    /// See [`ACTS`].
    Help,
    /// See [`ACTS`].
    Palette,
    /// See [`ACTS`].
    Redraw,
    /// See [`ACTS`].
    Suspend,
    /// See [`ACTS`].
    Quit,
}

/// Act, help, keys. In the order of the help.
pub const ACTS: &[(Act, &str, &[&str])] = &[
    (Act::Up, "choose the session above", &["Up", "Ctrl+P"]),
    (Act::Down, "choose the session below", &["Down", "Ctrl+N"]),
    (Act::Longest, "choose the session whose customer waits longest", &["Alt+W", "F4"]),
    (Act::Follow, "choose whichever session something is said in (on, off)", &["F5"]),
    (Act::Sort, "sort by the next column", &["F6"]),
    (Act::Pin, "pin the chosen session (four at most), or take it out", &["F2"]),
    (Act::Pane, "scroll in the next pane of the grid", &["Tab"]),
    (Act::Unpin, "empty the grid", &["F3"]),
    (Act::PageUp, "read further up", &["PageUp"]),
    (Act::PageDown, "read further down", &["PageDown"]),
    (Act::Oldest, "go to the first message", &["Ctrl+Home"]),
    (Act::Newest, "go to the newest message", &["Ctrl+End"]),
    (Act::Zoom, "messages over the whole screen, or back to the list", &["Enter"]),
    (Act::Clear, "empty the filter, and close what lies over the screen", &["Esc"]),
    (Act::Help, "show the keys", &["F1"]),
    (Act::Palette, "find a command", &["Ctrl+K"]),
    (Act::Redraw, "draw the screen anew", &["Ctrl+L"]),
    (Act::Suspend, "suspend to the shell (fg comes back)", &["Ctrl+Z"]),
    (Act::Quit, "quit", &["F10", "Ctrl+C"]),
];

/// The act of a key.
pub fn of(key: Key) -> Option<Act> {
    let has = |keys: &[&str]| keys.iter().any(|name| Key::parse(name) == Ok(key));
    ACTS.iter().find(|(_, _, keys)| has(keys)).map(|(act, ..)| *act)
}

/// The first key of an act, for hints.
pub fn hint(act: Act) -> &'static str {
    ACTS.iter()
        .find(|(one, ..)| *one == act)
        .and_then(|(_, _, keys)| keys.first().copied())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::core::key::Code;
    use std::collections::BTreeSet;

    #[test]
    fn every_key_is_one_and_none_is_a_character_that_could_be_typed() {
        let mut seen = BTreeSet::new();
        for (act, _, keys) in ACTS {
            for name in *keys {
                let key = Key::parse(name).unwrap();
                assert!(seen.insert(key), "{name} is bound twice");
                assert!(!matches!(key.code, Code::Char(_)) || key.ctrl || key.alt, "{name}");
                assert_eq!(of(key), Some(*act));
            }
        }
    }
}

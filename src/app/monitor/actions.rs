//! The monitor's actions: one table for keys, palette, help and documents.
//!
//! Invariants: no action changes anything at the server. Every typed character goes into the filter, so no key of an action
//! is a character.

use crate::app::core::key::Key;

/// An action of the monitor; [`MONITOR_ACTIONS`] describes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MonitorAction {
    Up,
    Down,
    PageUp,
    PageDown,
    Oldest,
    Newest,
    Sort,
    Longest,
    Follow,
    Pin,
    Pane,
    Unpin,
    Zoom,
    Clear,
    Help,
    Palette,
    Redraw,
    Suspend,
    Quit,
}

/// The actions with their help and keys, in the order of the help.
pub const MONITOR_ACTIONS: &[(MonitorAction, &str, &[&str])] = &[
    (MonitorAction::Up, "choose the session above", &["Up", "Ctrl+P"]),
    (MonitorAction::Down, "choose the session below", &["Down", "Ctrl+N"]),
    (MonitorAction::Longest, "choose the session with the longest wait", &["Alt+W", "F4"]),
    (MonitorAction::Follow, "choose the session of each new message (on, off)", &["F5"]),
    (MonitorAction::Sort, "sort by the next column", &["F6"]),
    (MonitorAction::Pin, "pin the chosen session (four at most), or unpin it", &["F2"]),
    (MonitorAction::Pane, "scroll in the next pane of the grid", &["Tab"]),
    (MonitorAction::Unpin, "unpin all sessions", &["F3"]),
    (MonitorAction::PageUp, "read further up", &["PageUp"]),
    (MonitorAction::PageDown, "read further down", &["PageDown"]),
    (MonitorAction::Oldest, "go to the first message", &["Ctrl+Home"]),
    (MonitorAction::Newest, "go to the newest message", &["Ctrl+End"]),
    (MonitorAction::Zoom, "show the messages on the whole screen, or the list again", &["Enter"]),
    (MonitorAction::Clear, "clear the filter, or close the help or the palette", &["Esc"]),
    (MonitorAction::Help, "show the keys", &["F1"]),
    (MonitorAction::Palette, "find a command", &["Ctrl+K"]),
    (MonitorAction::Redraw, "redraw the screen", &["Ctrl+L"]),
    (MonitorAction::Suspend, "suspend to the shell (fg returns)", &["Ctrl+Z"]),
    (MonitorAction::Quit, "quit", &["F10", "Ctrl+C"]),
];

/// The action of a key.
pub fn action_of(key: Key) -> Option<MonitorAction> {
    let has = |keys: &[&str]| keys.iter().any(|name| Key::parse(name) == Ok(key));
    MONITOR_ACTIONS.iter().find(|(_, _, keys)| has(keys)).map(|(action, ..)| *action)
}

/// The first key of an action, for hints.
pub fn hint(action: MonitorAction) -> &'static str {
    MONITOR_ACTIONS
        .iter()
        .find(|(one, ..)| *one == action)
        .and_then(|(_, _, keys)| keys.first().copied())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::core::key::Code;
    use std::collections::BTreeSet;

    #[test]
    fn keys_are_unique_and_no_characters() {
        let mut seen = BTreeSet::new();
        for (action, _, keys) in MONITOR_ACTIONS {
            for name in *keys {
                let key = Key::parse(name).unwrap();
                assert!(seen.insert(key), "{name} is bound twice");
                assert!(!matches!(key.code, Code::Char(_)) || key.ctrl || key.alt, "{name}");
                assert_eq!(action_of(key), Some(*action));
            }
        }
    }
}

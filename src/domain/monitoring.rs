//! A supervisor in an agent's session: watching, coaching, or taking part. (Workspace: Team Lead.)

use serde::{Deserialize, Serialize};

/// The mode in which a supervisor is in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MonitorMode {
    /// Silent: the supervisor reads along. Nobody sees it, unless the gateway is configured to notify agents.
    Monitor,
    /// Coaching: only agents see the supervisor and their messages.
    Coach,
    /// Barge-in: everybody sees the supervisor, the customer too.
    #[serde(rename = "Bargein")]
    BargeIn,
}

impl MonitorMode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Monitor, Self::Coach, Self::BargeIn];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Monitor => "Monitor",
            Self::Coach => "Coach",
            Self::BargeIn => "Bargein",
        }
    }

    /// Parses the word. Case does not matter, and both spellings of `BargeIn` are accepted.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.replace(['-', ' '], "");
        Self::ALL.into_iter().find(|mode| mode.word().eq_ignore_ascii_case(&word))
    }

    /// The operation that switches to this mode.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Monitor => "switch-to-monitor",
            Self::Coach => "switch-to-coach",
            Self::BargeIn => "switch-to-barge-in",
        }
    }

    /// Whether a switch to another mode is allowed. Workspace: from silent to coaching, from both to barge-in, and from
    /// coaching and barge-in back to silent. So there is no direct switch from barge-in to coaching.
    pub const fn may_switch(self, to: Self) -> bool {
        !matches!((self, to), (Self::BargeIn, Self::Coach))
    }
}

/// Which sessions of an agent are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MonitoringScope {
    /// Only the next session.
    NextInteraction,
    /// All sessions, until monitoring is stopped.
    AllInteractions,
}

impl MonitoringScope {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NextInteraction => "NextInteraction",
            Self::AllInteractions => "AllInteractions",
        }
    }

    /// Parses the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::NextInteraction, Self::AllInteractions].into_iter().find(|one| one.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switches_are_those_of_workspace() {
        use MonitorMode::{BargeIn, Coach, Monitor};
        let allowed =
            [(Monitor, Coach), (Monitor, BargeIn), (Coach, BargeIn), (Coach, Monitor), (BargeIn, Monitor)];
        for from in MonitorMode::ALL {
            for to in MonitorMode::ALL {
                assert_eq!(
                    from.may_switch(to),
                    from == to || allowed.contains(&(from, to)),
                    "{from:?} {to:?}"
                );
            }
        }
    }

    #[test]
    fn a_mode_is_read_however_it_is_spelled() {
        for (word, mode) in [("Monitor", MonitorMode::Monitor), ("coach", MonitorMode::Coach)] {
            assert_eq!(MonitorMode::from_word(word), Some(mode));
        }
        for word in ["Bargein", "BargeIn", "barge-in"] {
            assert_eq!(MonitorMode::from_word(word), Some(MonitorMode::BargeIn));
        }
        assert_eq!(MonitorMode::from_word("Connect"), None);
    }
}

//! A supervisor in an agent's session: watching, coaching, or in it. (Workspace: Team Lead.)

use serde::{Deserialize, Serialize};

/// How a supervisor is in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MonitorMode {
    /// Silent: reads along, and nobody sees it, unless the shop wants agents told.
    Monitor,
    /// Coaching: only agents see it and what is written.
    Coach,
    /// Barge-in: all see it.
    #[serde(rename = "Bargein")]
    BargeIn,
}

impl MonitorMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Monitor, Self::Coach, Self::BargeIn];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Monitor => "Monitor",
            Self::Coach => "Coach",
            Self::BargeIn => "Bargein",
        }
    }

    /// Reads the word; the case does not matter, and `BargeIn` is spelled either way.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.replace(['-', ' '], "");
        Self::ALL.into_iter().find(|mode| mode.word().eq_ignore_ascii_case(&word))
    }

    /// The operation that changes to it.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Monitor => "switch-to-monitor",
            Self::Coach => "switch-to-coach",
            Self::BargeIn => "switch-to-barge-in",
        }
    }

    /// Whether one may go from this mode to another. Workspace: from silent to coaching, from both to
    /// barge-in, and from these two back to silent; so who has barged in goes back to silent before they coach.
    pub const fn may_switch(self, to: Self) -> bool {
        !matches!((self, to), (Self::BargeIn, Self::Coach))
    }
}

/// Which sessions of an agent are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Monitored {
    /// Only the next one.
    NextInteraction,
    /// All of them, until it is stopped.
    AllInteractions,
}

impl Monitored {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NextInteraction => "NextInteraction",
            Self::AllInteractions => "AllInteractions",
        }
    }

    /// Reads the word.
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

//! Roles and privileges.

use serde::{Deserialize, Serialize};

/// The role of a person who signs in. The server enforces it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Handles sessions.
    #[default]
    Agent,
    /// Sees sessions and cannot write.
    Supervisor,
    /// Sees sessions and settings.
    Administrator,
}

/// What a supervisor or an administrator may do in an agent's session besides reading it. Nobody has a privilege unless
/// the configuration grants it. (Workspace: privileges of Team Lead.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privilege {
    /// Write to the agents without the customer seeing it.
    Coach,
    /// Write to everybody.
    BargeIn,
}

impl Privilege {
    /// The word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Coach => "coach",
            Self::BargeIn => "barge-in",
        }
    }
}

impl Role {
    /// Parses the word in the configuration.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Agent, Self::Supervisor, Self::Administrator].into_iter().find(|role| role.word() == word)
    }

    /// The word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }

    /// Whether this role may be given sessions and write in them.
    pub const fn handles_sessions(self) -> bool {
        matches!(self, Self::Agent)
    }
}

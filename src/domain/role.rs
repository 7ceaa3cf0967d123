//! Who may do what.

use serde::{Deserialize, Serialize};

/// The role of a person who signs in. It is the server that holds people to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Handles sessions.
    #[default]
    Agent,
    /// Sees sessions and writes nothing.
    Supervisor,
    /// Sees sessions and settings.
    Administrator,
}

/// What a supervisor or an administrator may do in an agent's session besides reading it. Nobody may unless
/// configured. (Workspace: privileges of Team Lead.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privilege {
    /// Write to the agents, unseen by the customer.
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
    /// Reads the word.
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

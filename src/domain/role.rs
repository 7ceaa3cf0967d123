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

impl Role {
    /// Whether this role may be given sessions and write in them.
    pub const fn handles_sessions(self) -> bool {
        matches!(self, Self::Agent)
    }
}

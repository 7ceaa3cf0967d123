//! The state of an agent on a channel.

use super::Millis;
use crate::text::Clean;

/// What an agent is doing, as everybody may see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// Not signed in on the channel.
    #[default]
    LoggedOut,
    /// Takes new sessions.
    Ready,
    /// Takes none, for a reason.
    NotReady,
    /// Finishes the last one and takes none.
    AfterCallWork,
    /// Wants to be offered nothing at all.
    DoNotDisturb,
}

impl AgentState {
    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LoggedOut => "Signed out",
            Self::Ready => "Ready",
            Self::NotReady => "Not Ready",
            Self::AfterCallWork => "After Call Work",
            Self::DoNotDisturb => "Do Not Disturb",
        }
    }
}

/// A reason an agent may give for being not ready: an action code of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is sent.
    pub code: String,
    /// What people read.
    pub name: Clean,
}

/// The state of the agent's channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// The state.
    pub state: AgentState,
    /// The name of the reason, when there is one.
    pub reason: Option<Clean>,
    /// Since when, when the server says so.
    pub since: Option<Millis>,
}

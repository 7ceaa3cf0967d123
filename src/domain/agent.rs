//! The state of an agent on a channel.

use super::Millis;
use crate::text::Clean;

/// The state of an agent on a channel. Everybody may see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// Not signed in on the channel.
    #[default]
    LoggedOut,
    /// Takes new sessions.
    Ready,
    /// Takes no new sessions, for a reason.
    NotReady,
    /// Finishes the last session and takes no new ones.
    AfterCallWork,
    /// Must not be offered anything.
    DoNotDisturb,
}

impl AgentState {
    /// The name for people.
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

/// An entry of a status menu. (Workspace: the words of `agent-status.enabled-actions-global`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusAction {
    Ready,
    /// Not Ready without a reason.
    NotReady,
    /// Not Ready, one entry per reason.
    NotReadyReason,
    /// After Call Work without a reason.
    AfterCallWork,
    /// After Call Work, one entry per reason.
    AfterCallWorkReason,
    DoNotDisturb,
    /// Log off the channels.
    LogOff,
}

impl StatusAction {
    /// All entries, in the default order of the menus.
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::NotReady,
        Self::NotReadyReason,
        Self::AfterCallWork,
        Self::AfterCallWorkReason,
        Self::DoNotDisturb,
        Self::LogOff,
    ];

    /// The name in the option.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::NotReady => "NotReady",
            Self::NotReadyReason => "NotReadyReason",
            Self::AfterCallWork => "AfterCallWork",
            Self::AfterCallWorkReason => "AfterCallWorkReason",
            Self::DoNotDisturb => "Dnd",
            Self::LogOff => "LogOff",
        }
    }

    /// Parses a comma-separated list; `None` when a name is unknown.
    pub fn list(words: &str) -> Option<Vec<Self>> {
        let one =
            |word: &str| Self::ALL.into_iter().find(|action| action.word().eq_ignore_ascii_case(word.trim()));
        words.split(',').map(one).collect()
    }
}

/// A reason for Not Ready: an action code of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The code that requests carry.
    pub code: String,
    pub name: Clean,
}

/// The state of the agent's channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    pub state: AgentState,
    pub reason: Option<Clean>,
    pub since: Option<Millis>,
}

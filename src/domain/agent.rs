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

/// An entry of a status menu. (Workspace: the words of `agent-status.enabled-actions-global`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusAction {
    /// Ready.
    Ready,
    /// Not Ready without a reason.
    NotReady,
    /// Not Ready, one entry a reason.
    NotReadyReason,
    /// After Call Work without a reason.
    AfterCallWork,
    /// After Call Work, one entry a reason.
    AfterCallWorkReason,
    /// Do Not Disturb.
    DoNotDisturb,
    /// Log off the channels.
    LogOff,
}

impl StatusAction {
    /// All of them, in the order of the menus when nobody says otherwise.
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::NotReady,
        Self::NotReadyReason,
        Self::AfterCallWork,
        Self::AfterCallWorkReason,
        Self::DoNotDisturb,
        Self::LogOff,
    ];

    /// The word of the option.
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

    /// Reads a list of words with commas between them; nothing when one is not known.
    pub fn list(words: &str) -> Option<Vec<Self>> {
        let one =
            |word: &str| Self::ALL.into_iter().find(|action| action.word().eq_ignore_ascii_case(word.trim()));
        words.split(',').map(one).collect()
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

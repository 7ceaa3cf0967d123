//! The agent's status over all channels, and what can be wanted of it.

use crate::domain::agent::Channel;
use crate::domain::interaction::MEDIA_TYPE;
use crate::text::Clean;

/// What an agent wants to be on a channel, or on all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewStatus {
    /// Take new sessions.
    Ready,
    /// Take none; the code of the reason.
    NotReady(Option<String>),
    /// Finish up and take none; the code of the reason.
    AfterCallWork(Option<String>),
    /// Be signed out of the channel.
    LogOff,
}

/// A channel with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedChannel {
    /// The media type.
    pub name: String,
    /// How the agent is on it.
    pub channel: Channel,
}

/// What people call a channel.
pub fn called(name: &str) -> Clean {
    match name {
        MEDIA_TYPE => "WhatsApp".into(),
        other => Clean::line(other),
    }
}

/// What choosing in a list of statuses means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusChoice {
    /// Set the status on a channel, or on all.
    Set(Option<String>, NewStatus),
    /// Open the menu of a channel.
    Channel(String),
}

/// A request about the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum StatusRequest {
    /// Activating the channels, and the status to set afterwards.
    Activate(Option<NewStatus>),
    /// Changing the status, with the words for it.
    Change(&'static str),
}

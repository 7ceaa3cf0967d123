//! The agent's status, and the requests to change it.

use crate::domain::agent::Channel;
use crate::domain::interaction::MEDIA_TYPE;
use crate::text::Clean;

/// The status that an agent requests on a channel, or on all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewStatus {
    /// Takes new sessions.
    Ready,
    /// Takes no new sessions; with the code of the reason.
    NotReady(Option<String>),
    /// Finishes the last session and takes no new ones; with the code of the reason.
    AfterCallWork(Option<String>),
    /// Signed out of the channel.
    LogOff,
}

/// The agent's state on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedChannel {
    /// The media type.
    pub name: String,
    pub channel: Channel,
}

/// The display name of a channel.
pub fn channel_label(name: &str) -> Clean {
    match name {
        MEDIA_TYPE => "WhatsApp".into(),
        other => Clean::line(other),
    }
}

/// The meaning of the chosen row in a list of statuses.
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
    /// Activating the channels; with the status to set afterwards.
    Activate(Option<NewStatus>),
    /// Changing the status; with the text for a notice.
    Change(&'static str),
}

//! What changed in the live view.

use crate::domain::InteractionId;
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::session::ConfigurationDto;
use crate::proto::watch::FeedEntry;

/// One change of the live view, for the monitor and for `tail`.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveUpdate {
    /// The connection is established, for the first time or again.
    Online,
    /// The server's configuration.
    Configured(Box<ConfigurationDto>),
    /// The agents are known. Before this update the live view is incomplete.
    Known,
    /// Agents appeared, disappeared, or changed their state.
    Agents,
    /// A session began, or changed.
    Session(InteractionId),
    /// A session has ended, or can no longer be seen.
    Gone(InteractionId),
    /// Something happened. The entry is the one that the feed of our own gateway would contain.
    Entry(Box<FeedEntry>),
    /// How many agents are monitored. Reported when every agent has been requested and a number has changed.
    Counted {
        monitored: usize,
        /// Agents for whom the server refused it.
        refused: usize,
    },
    /// A part of a transcript that was [requested](super::SilentMonitoring::read), or why it could not be read.
    Transcript { id: InteractionId, part: LogQuery, result: Result<LogPage, String> },
}

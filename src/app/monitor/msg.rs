//! What happens to the monitor, and what it wants done.

use crate::app::core::key::Key;
use crate::domain::pending::Thresholds;
use crate::domain::{InteractionId, Millis};
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::watch::LivePage;

/// An event with its time.
#[derive(Clone, Debug)]
pub struct MonitorMsg {
    pub at: Millis,
    /// MonitorEvent.
    pub what: MonitorEvent,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum MonitorEvent {
    Key(Key),
    /// A paste, which goes into the filter.
    Paste(String),
    /// The screen has a new size.
    Resize(u16, u16),
    /// The moment of [`Monitor::next_wake`](super::Monitor::next_wake) has come.
    Wake,
    /// The connection changed.
    Link(MonitorLink),
    /// From when on an answer is late, as the server or the configuration file says.
    Thresholds(Thresholds),
    /// The live view, or what changed in it.
    Live(Box<LivePage>),
    /// A part of the log of a session, or why it could not be read.
    Log {
        id: InteractionId,
        part: LogQuery,
        result: Result<LogPage, String>,
    },
    /// The server keeps no feed: agents are monitored one by one.
    WithoutFeed(MonitoringCounts),
    /// The process was asked to end.
    Terminate,
}

/// Agents on a server that keeps no feed. Such a server has no queues, service level and counts either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonitoringCounts {
    pub monitored: usize,
    /// Agents who could not be monitored.
    pub refused: usize,
}

/// Something that has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MonitorEffect {
    /// Read a part of the log of a session.
    Read {
        id: InteractionId,
        part: LogQuery,
    },
    /// Draw every cell again.
    Redraw,
    /// Stop, for job control.
    Suspend,
    Quit,
}

/// The connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MonitorLink {
    #[default]
    Connecting,
    Online,
    Lost {
        reason: String,
        /// The time of the next attempt.
        retry_at: Millis,
    },
    /// Not tried again.
    Stopped {
        reason: String,
    },
}

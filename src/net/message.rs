//! What the console and its connection send each other.

use super::error::{CallError, StopReason};
use crate::domain::OperationId;
use crate::proto::bayeux::client::Carrier;
use crate::proto::envelope::Envelope;
use crate::proto::event::Event;
use crate::proto::request::{ReadPositions, Request};
use crate::proto::session::SessionDto;
use std::time::Duration;

/// How the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It is being made.
    Connecting {
        /// From 1; starts over after each time online.
        attempt: u32,
    },
    /// Connected.
    Online {
        /// What carries events.
        carrier: Carrier,
    },
    /// Not connected; the next attempt comes by itself.
    Lost {
        /// What happened, a sentence without its full stop.
        reason: String,
        /// Time until the next attempt.
        retry_in: Duration,
    },
    /// It will not be tried again. The last report.
    Stopped {
        /// Why.
        reason: StopReason,
    },
}

/// What the connection reports.
#[derive(Clone, Debug, PartialEq)]
pub enum FromNet {
    /// The link changed.
    Link(LinkState),
    /// The session can be used, or events may have been missed since it last could: read again what matters.
    SessionStarted {
        /// The person and the configuration; the latter only where the server sent it along.
        session: Box<SessionDto>,
        /// Whether it is the first of this connection.
        first: bool,
        /// Whether the server began a new workspace session: its channels must be activated.
        fresh: bool,
    },
    /// An event of the server. Events of initialization are not reported.
    Event(Event),
    /// A request is over.
    Reply {
        /// Which.
        operation: OperationId,
        /// What it was.
        request_name: &'static str,
        /// How it went.
        result: Result<Envelope, CallError>,
    },
    /// How long the server took for a request.
    Latency(Duration),
}

/// What the console wants of the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum ToNet {
    /// A request. While there is no session it is answered with [`CallError::NotSent`] at once.
    Call {
        /// Its name for itself: a repeat has the same.
        operation: OperationId,
        /// The request.
        request: Request,
    },
    /// Sign out and stop; the open sessions were read so far.
    SignOut(ReadPositions),
}

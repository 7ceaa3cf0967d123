//! The messages between the console and its connection.

use super::error::{CallError, StopReason};
use crate::domain::OperationId;
use crate::proto::bayeux::client::Carrier;
use crate::proto::envelope::Envelope;
use crate::proto::event::Event;
use crate::proto::request::{ReadPositions, Request};
use crate::proto::session::SessionDto;
use std::time::Duration;

/// The state of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// An attempt is under way.
    Connecting {
        /// Counts from 1 after each connection.
        attempt: u32,
    },
    Online {
        carrier: Carrier,
    },
    /// Not connected; the next attempt follows automatically.
    Lost {
        /// A sentence without the full stop.
        reason: String,
        retry_in: Duration,
    },
    /// There is no further attempt. The last report.
    Stopped {
        reason: StopReason,
    },
}

/// A report of the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum FromNet {
    /// The link changed.
    Link(LinkState),
    /// The session can be used. Events may have been missed before, so state must be read again.
    SessionStarted {
        /// The person, and the configuration if the server included it.
        session: Box<SessionDto>,
        /// Whether it is the first session of this connection.
        first: bool,
        /// Whether it is a new workspace session, whose channels must be activated.
        fresh: bool,
    },
    /// An event of the server. Events of initialization are not reported.
    Event(Event),
    /// A request has ended.
    Reply { operation: OperationId, request_name: &'static str, result: Result<Envelope, CallError> },
    /// How long the server took for a request.
    Latency(Duration),
}

/// A command to the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum ToNet {
    /// Sends a request. Without a session, it fails with [`CallError::NotSent`] at once.
    Call {
        /// A repeat of the request has the same ID.
        operation: OperationId,
        request: Request,
    },
    /// Signs out and stops. Holds the read positions of the open sessions.
    SignOut(ReadPositions),
}

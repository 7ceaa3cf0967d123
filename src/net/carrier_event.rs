//! What a carrier of Bayeux messages reports.

use crate::proto::bayeux::BayeuxMessage;

/// A report of a carrier.
#[derive(Debug)]
pub(super) enum CarrierEvent {
    /// An array arrived.
    Received(Vec<BayeuxMessage>),
    /// This array got no reply, although the server may be reachable.
    Failed(Vec<BayeuxMessage>),
    /// The server does not know the workspace session.
    Unauthorised(String),
    /// The carrier is broken.
    Broken(String),
}

//! What comes in through a carrier.

use crate::proto::bayeux::BayeuxMessage;

/// Something the carrier has to say.
#[derive(Debug)]
pub(super) enum Arrival {
    /// An array came.
    Received(Vec<BayeuxMessage>),
    /// This array got no answer, while the server may well be there.
    Failed(Vec<BayeuxMessage>),
    /// The server does not know the workspace session.
    Unauthorised(String),
    /// It carries nothing any more.
    Broken(String),
}

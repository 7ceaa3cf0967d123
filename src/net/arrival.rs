//! What comes in through a carrier.

use crate::proto::bayeux::Message;

/// Something the carrier has to say.
#[derive(Debug)]
pub(super) enum Arrival {
    /// An array came.
    Received(Vec<Message>),
    /// This array got no answer, while the server may well be there.
    Failed(Vec<Message>),
    /// The server does not know the workspace session.
    Unauthorised(String),
    /// It carries nothing any more.
    Broken(String),
}

//! Requests of transfer, conference and consultation.

use crate::domain::InteractionId;
use crate::text::Clean;

/// A request about the parties of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum PartiesRequest {
    /// A step of a transfer, conference or consultation.
    Step(InteractionId, PartyStep),
    /// Cancelling a consultation.
    Cancel(InteractionId),
    /// Leaving a session.
    Leave(InteractionId),
    /// Removing a colleague.
    Remove,
}

/// A step of a transfer, conference or consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum PartyStep {
    /// The agent's own options of this moment are read.
    Person,
    /// The server's configuration of this moment is read.
    Configured,
    /// The pairs are attached.
    Attached,
    /// The target is asked.
    Asked,
}

/// A colleague to remove from a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The session.
    pub session: InteractionId,
    /// The colleague's employee ID.
    pub agent: String,
    /// The colleague's name.
    pub name: Clean,
}

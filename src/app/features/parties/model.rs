//! Requests for transfer, conference and consultation.

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
    /// Reading the agent's current options.
    Person,
    /// Reading the server's current configuration.
    Configured,
    /// Attaching the pairs.
    Attached,
    /// Asking the target.
    Asked,
}

/// A colleague to remove from a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    pub session: InteractionId,
    /// The employee ID.
    pub agent: String,
    /// The display name.
    pub name: Clean,
}

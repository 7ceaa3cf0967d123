//! Messages on their way to WhatsApp.
//!
//! Owns: the data, and the name by which a message is known to WhatsApp. Must not: decide anything.

use crate::domain::{InteractionId, Millis};
use crate::gateway::writer::api::Outbound;

/// A message of ours that is not settled.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingMessage {
    /// What the sender gets.
    pub message: Outbound,
    /// How far it is.
    pub stage: SendStage,
}

/// How far a send is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendStage {
    /// Not tried yet.
    Waiting,
    /// Being tried.
    Attempting,
    /// Tried; the outcome is unknown since then.
    Unknown(Millis),
}

/// An entry that is being sent.
pub type EntryKey = (InteractionId, u64);

/// Our own name for a message of ours.
pub fn tracker((interaction, index): &EntryKey) -> String {
    format!("{interaction}:{index}")
}

/// The entry that a tracker names.
pub fn ticket(tracker: &str) -> Option<EntryKey> {
    let (interaction, index) = tracker.rsplit_once(':')?;
    Some((InteractionId::from(interaction), index.parse().ok()?))
}

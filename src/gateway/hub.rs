//! What clients are told: one bounded queue for each signed-in client.

use crate::domain::EmployeeId;
use serde_json::Value as Json;
use std::sync::Arc;

/// The name of a client's Bayeux session.
pub type ClientId = Arc<str>;

/// An event for clients.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The channel, by its Workspace API name.
    pub channel: &'static str,
    /// The event. Shared, since several clients may get the same one.
    pub data: Arc<Json>,
}

/// Who gets an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Every client of an agent.
    Agent(EmployeeId),
    /// One client, for instance at a late subscription.
    Client(ClientId),
}

/// Where the desk puts what clients should know. Never blocks: a client whose queue is full is marked,
/// and told to begin anew (its queue is dropped, it re-reads).
pub trait Publish: Send + Sync + 'static {
    /// Hands an event over.
    fn publish(&self, to: &Recipient, notice: Notice);
}

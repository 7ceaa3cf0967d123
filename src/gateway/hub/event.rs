//! Events for clients, and their recipients.

use crate::domain::{EmployeeId, InteractionId};
use serde_json::Value as Json;
use std::sync::Arc;

/// The name of a client's Bayeux session.
pub type ClientId = Arc<str>;

/// An event for clients.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientEvent {
    /// The channel, by its Workspace API name.
    pub channel: &'static str,
    /// The event. Shared, since several clients may get the same one.
    pub data: Arc<Json>,
}

impl ClientEvent {
    /// The session whose transcript this event extends, and the number of the last entry in it.
    pub(super) fn last_entry(&self) -> Option<(InteractionId, u64)> {
        if self.data.get("messageType").and_then(Json::as_str) != Some("MessageLogUpdated") {
            return None;
        }
        let id = self.data.get("interactionId").and_then(Json::as_str)?;
        let entries = self.data.get("messages").and_then(Json::as_array)?;
        let last = entries.iter().filter_map(|entry| entry.get("index").and_then(Json::as_u64)).max()?;
        Some((id.into(), last))
    }
}

/// The recipients of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventRecipient {
    /// Every client of an agent.
    Agent(EmployeeId),
    /// One client, for instance at a late subscription.
    Client(ClientId),
}

/// Where the writer publishes events for clients. Never blocks: a client whose queue is full is removed and has to
/// handshake again.
pub trait Publish: Send + Sync + 'static {
    /// Queues an event for its recipients.
    fn publish(&self, to: &EventRecipient, event: ClientEvent);
}

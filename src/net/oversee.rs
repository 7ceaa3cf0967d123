//! The connection of a read-only client: events, and the few requests that monitoring needs.
//!
//! Owns: the operation IDs of its requests. Must not: write anything into a session.
//! Invariants: a [`ReadOnlyClient`] sends nothing but a [`ReadOnlyRequest`], so monitoring cannot change a session.

use super::backoff::random_u32;
use super::message::{FromNet, ToNet};
use super::settings::ConnectionSettings;
use crate::domain::OperationId;
use crate::proto::read_only::ReadOnlyRequest;
use crate::proto::request::ReadPositions;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Sends the requests of a read-only client.
#[derive(Debug)]
pub struct ReadOnlyClient {
    to: mpsc::Sender<ToNet>,
    /// A random prefix of the operation IDs, so that two runs never use the same ID.
    name: String,
    count: u64,
}

impl ReadOnlyClient {
    fn call(&mut self, request: ReadOnlyRequest) -> (OperationId, ToNet) {
        self.count += 1;
        let operation = OperationId::from(format!("{}-{}", self.name, self.count));
        (operation.clone(), ToNet::Call { operation, request: request.into() })
    }

    /// Sends a request, and returns the ID that its reply will have. `None` when the queue is full or closed.
    pub fn try_send(&mut self, request: ReadOnlyRequest) -> Option<OperationId> {
        let (operation, call) = self.call(request);
        self.to.try_send(call).ok().map(|()| operation)
    }

    /// Sends a request, and waits while the queue is full. `None` when it is closed.
    pub async fn send(&mut self, request: ReadOnlyRequest) -> Option<OperationId> {
        let (operation, call) = self.call(request);
        self.to.send(call).await.ok().map(|()| operation)
    }

    /// Signs out and ends the connection. Do not drop this client before the last report has arrived.
    pub async fn sign_out(&self) {
        // After the end of the connection no sign-out is possible.
        let _ = self.to.send(ToNet::SignOut(ReadPositions::new())).await;
    }
}

/// Starts a connection like [`super::start`]. No channel is activated, since a read-only client takes no sessions.
pub fn start(settings: ConnectionSettings) -> (ReadOnlyClient, mpsc::Receiver<FromNet>, JoinHandle<()>) {
    let (to, from, task) = super::start(settings);
    (
        ReadOnlyClient { to, name: format!("watch-{:08x}{:08x}", random_u32(), random_u32()), count: 0 },
        from,
        task,
    )
}

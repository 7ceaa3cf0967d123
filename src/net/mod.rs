//! The console's connection to a server.
//!
//! Owns: signing in, the workspace session, the carrier of events (WebSocket, or long-polling where that
//! is refused), requests, liveness, and reconnecting.
//! Must not: interpret events, store messages for later, or log what people wrote.
//! Invariants: credentials live in memory only; requests about one interaction keep their order; every
//! [`ToNet::Call`] is answered exactly once; [`LinkState::Stopped`] is the last report.
//!
//! Proxies from the environment (`HTTP_PROXY` and similar) are not used, and redirects are not followed.

mod backoff;
mod calls;
mod carrier_event;
mod dial;
mod driver;
pub mod error;
mod http;
mod link;
pub mod message;
mod open;
pub mod oversee;
mod polling;
pub mod probe;
pub mod reader;
pub mod settings;
mod socket;
pub mod verify;
mod wake;

pub use crate::proto::bayeux::client::Carrier;
pub use error::{CallError, StopReason};
pub use message::{FromNet, LinkState, ToNet};
pub use settings::ConnectionSettings;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How many commands of the console may wait. Overflow: the sender waits; a console that must not wait uses `try_send`.
const TO_NET: usize = 256;
/// How many reports may wait for the console. Overflow: the connection waits, and so does the server; reports of latency
/// are dropped.
const FROM_NET: usize = 1024;
/// How many commands of the request queue to the connection may wait. Overflow: the sender waits.
const ORDERS: usize = 16;

/// Starts a connection. It runs until the console signs out or further attempts would fail as well. Dropping the sender
/// ends it without sign-out; the server then keeps the agent's sessions for a grace period.
pub fn start(settings: ConnectionSettings) -> (mpsc::Sender<ToNet>, mpsc::Receiver<FromNet>, JoinHandle<()>) {
    let (to_net, commands) = mpsc::channel(TO_NET);
    let (out, from_net) = mpsc::channel(FROM_NET);
    let task = tokio::spawn(run(settings, commands, out));
    (to_net, from_net, task)
}

async fn run(settings: ConnectionSettings, commands: mpsc::Receiver<ToNet>, out: mpsc::Sender<FromNet>) {
    let stopped = |reason| FromNet::Link(LinkState::Stopped { reason });
    let http = match http::Http::new(&settings).await {
        Ok(http) => http,
        Err(why) => {
            // A receiver that is gone needs no report. This applies to every `let _ =` on a channel in this module.
            let _ = out.send(stopped(StopReason::BadSettings(why))).await;
            return;
        }
    };
    let (orders_in, orders) = mpsc::channel(ORDERS);
    let (access_in, access) = watch::channel(calls::Access::Offline);
    let mut calls = calls::RequestQueue::new(http.clone(), commands, out.clone(), access, orders_in);
    let driver = driver::Driver::new(settings, http, out.clone(), access_in, orders);
    let reason = tokio::select! {
        reason = driver.run() => reason,
        () = calls.run() => None,
    };
    calls.finish().await;
    if let Some(reason) = reason {
        tracing::info!(%reason, "connection stopped");
        let _ = out.send(stopped(reason)).await;
    }
}

//! Takes connections and hands their requests to a router.
//!
//! Owns: how many connections there are, how long the head of a request may take, and how connections end.
//! Must not: know what a request means.
//! Invariants: a connection counts until it is closed, a WebSocket included; a failing `accept` never
//! ends the loop; after the shutdown nothing is left running.

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

/// The limits of one listener.
#[derive(Clone, Copy, Debug)]
pub struct ListenerLimits {
    /// Connections at the same time. One more waits in the kernel until another one closes.
    pub connections: usize,
    /// Time for the head of a request, from the end of the previous request. It is also how long a connection may idle.
    pub head: Duration,
    /// Time for running requests to finish at shutdown.
    pub drain: Duration,
}

impl Default for ListenerLimits {
    fn default() -> Self {
        Self { connections: 4096, head: Duration::from_secs(60), drain: Duration::from_secs(5) }
    }
}

/// The address of the client, found in the extensions of every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// A connection's permit among [`ListenerLimits::connections`], found in the extensions of every request. A handler that
/// takes over the connection, such as a WebSocket, must keep it.
#[derive(Clone, Debug)]
pub struct ConnectionSlot(#[expect(dead_code, reason = "held for its drop")] Arc<OwnedSemaphorePermit>);

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Serves until `shutdown` completes, then lets running requests finish within [`ListenerLimits::drain`].
pub async fn run(
    listener: TcpListener,
    router: Router,
    limits: ListenerLimits,
    shutdown: impl Future<Output = ()>,
) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut pause = FIRST_PAUSE;
    tokio::pin!(shutdown);
    loop {
        let next = async {
            // The slot comes before the connection, so that a connection that cannot be served is not accepted.
            let slot = Arc::clone(&slots).acquire_owned().await.ok()?;
            Some((slot, listener.accept().await))
        };
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = next => accepted,
        };
        match accepted {
            Some((slot, Ok((stream, peer)))) => {
                pause = FIRST_PAUSE;
                let slot = ConnectionSlot(Arc::new(slot));
                connections.spawn(serve(stream, peer, slot, router.clone(), limits, stopping.clone()));
            }
            Some((_, Err(error))) => {
                // Mostly "too many open files": waiting is all that helps, and the listener stays good.
                tracing::warn!(%error, pause = ?pause, "a connection could not be accepted");
                tokio::select! {
                    () = &mut shutdown => break,
                    () = sleep(pause) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            None => break,
        }
    }
    drop(listener);
    stop.send_replace(true);
    let drained = timeout(limits.drain, async { while connections.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(left = connections.len(), "connections were cut off at shutdown");
        connections.shutdown().await;
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    slot: ConnectionSlot,
    router: Router,
    limits: ListenerLimits,
    mut stopping: watch::Receiver<bool>,
) {
    // Events are small and must not be late, so Nagle's algorithm is off.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(slot.clone());
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = async { drop(stopping.wait_for(|stop| *stop).await) } => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

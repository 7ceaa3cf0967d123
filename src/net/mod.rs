//! The console's connection to a server.
//!
//! Owns: signing in, the workspace session, the carrier of events (WebSocket, or long-polling where that
//! is refused), requests, liveness, and coming back after a break.
//! Must not: know what an event means to the desk, keep a message for later, or log what people wrote.
//! Invariants: credentials live in memory only; requests about one interaction keep their order; every
//! [`ToNet::Call`] is answered exactly once; [`LinkState::Stopped`] is the last report.
//!
//! Proxies named in the environment (`HTTP_PROXY` and its like) are not used, and redirects are not followed.

mod backoff;
mod calls;
mod dial;
mod driver;
mod http;
mod link;
pub mod oversee;
mod polling;
pub mod probe;
pub mod reader;
mod socket;
pub mod verify;
mod wake;

use crate::config::schema::Transport;
use crate::domain::OperationId;
use crate::proto::envelope::{Envelope, Unread};
use crate::proto::event::Event;
use crate::proto::request::{Read, Request};
use crate::proto::session::SessionDto;
use crate::proto::{self, channel};
use crate::text::Clean;
use secrecy::SecretString;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use url::Url;

pub use crate::proto::bayeux::client::Carrier;

/// How many wishes of the console may wait. Overflow: the sender waits, so a console that must not wait
/// uses `try_send`.
const TO_NET: usize = 256;
/// How many reports may wait for the console. Overflow: the connection waits, and the server holds back;
/// latencies are dropped instead.
const FROM_NET: usize = 1024;
/// How many orders of the requests' side to the connection may wait. Overflow: the sender waits.
const ORDERS: usize = 16;

/// What is subscribed: initialization first and alone, then the others.
const CHANNELS: [&str; 6] = [
    channel::INITIALIZATION,
    channel::MEDIA,
    channel::WHATSAPP,
    channel::CHAT,
    channel::CONTACTS,
    channel::WORKBINS,
];

/// Where to connect and as whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's address; a path in it stands before those of the API.
    pub url: Url,
    /// Who signs in. Genesys wants `tenant\user`.
    pub user: String,
    /// Their password.
    pub password: SecretString,
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret; empty when there is none.
    pub client_secret: Option<SecretString>,
    /// The key that Genesys's public gateway wants, sent as `x-api-key`.
    pub api_key: Option<SecretString>,
    /// What may carry events.
    pub transport: Transport,
    /// Certificates (PEM) to trust besides the system's.
    pub ca: Option<Vec<u8>>,
}

/// How the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It is being made.
    Connecting {
        /// From 1; starts over after every time it stood.
        attempt: u32,
    },
    /// It stands.
    Online {
        /// What carries events.
        carrier: Carrier,
    },
    /// It does not, and will be tried again by itself.
    Lost {
        /// What happened, a sentence without its full stop.
        reason: String,
        /// Time until the next attempt.
        retry_in: Duration,
    },
    /// It will not be tried again. The last report.
    Stopped {
        /// Why.
        reason: StopReason,
    },
}

/// Why the connection is not tried again. Displays as a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopReason {
    /// The agent signed out.
    #[error("You are signed out.")]
    SignedOut,
    /// The server does not take the user name and password.
    #[error("The server does not accept this user name and password. Check both and sign in again.")]
    WrongPassword,
    /// The server knows who it is and will not have them, or not this client.
    #[error("The server refuses access: {0}. Ask the administrator, then start again.")]
    NotAuthorised(String),
    /// The same person signed in elsewhere.
    #[error(
        "This agent signed in somewhere else, and that place has the sessions now. Sign in again to take them back."
    )]
    Replaced,
    /// The server no longer speaks to this version.
    #[error("The server wants a newer deskline. Update it, then start again.")]
    Outdated,
    /// The settings cannot work.
    #[error("The connection cannot be made: {0}. Correct the setting, then start again.")]
    BadSettings(String),
}

/// Why a request has no result. The words in it may be the server's; they are clean and one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The server answered no. Nothing was done.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        http: u16,
        /// Code of the reply envelope; the HTTP status where there was none.
        code: i64,
        /// The server's reason.
        message: String,
    },
    /// The server did not end a session, since its customer wrote something that was not read. Nothing has
    /// changed.
    #[error("{message}")]
    Unread {
        /// The server's reason.
        message: String,
        /// What the customer wrote.
        unread: Unread,
    },
    /// Surely nothing reached the server.
    #[error("Not sent: {0}.")]
    NotSent(String),
    /// It may have reached the server. Look before it is repeated.
    #[error("Not known whether it was done: {0}.")]
    OutcomeUnknown(String),
}

/// What the connection reports.
#[derive(Clone, Debug, PartialEq)]
pub enum FromNet {
    /// The link changed.
    Link(LinkState),
    /// The session can be used, or events may have been missed since it last could: read again what matters.
    SessionStarted {
        /// The person and the configuration; the latter only where the server sent it along.
        session: Box<SessionDto>,
        /// Whether it is the first of this connection.
        first: bool,
        /// Whether the server began a new workspace session: its channels must be activated.
        fresh: bool,
    },
    /// The server told something. Events of initialization are not reported.
    Event(Event),
    /// A request is over.
    Reply {
        /// Which.
        operation: OperationId,
        /// What it was.
        request_name: &'static str,
        /// How it went.
        result: Result<Envelope, RequestError>,
    },
    /// How long the server took for a request.
    Latency(Duration),
}

/// What the console wants of the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum ToNet {
    /// A request. While there is no session it is answered with [`RequestError::NotSent`] at once.
    Call {
        /// Its name for itself: a repeat has the same.
        operation: OperationId,
        /// The request.
        request: Request,
    },
    /// Sign out and stop; the open sessions were read so far.
    SignOut(Read),
}

/// Starts to connect, and goes on until it is told to stop or something says that trying is of no use.
/// Dropping the sender ends it without signing out; the server then keeps the agent's sessions for a while.
pub fn start(settings: Settings) -> (mpsc::Sender<ToNet>, mpsc::Receiver<FromNet>, JoinHandle<()>) {
    let (to_net, wishes) = mpsc::channel(TO_NET);
    let (out, from_net) = mpsc::channel(FROM_NET);
    let task = tokio::spawn(run(settings, wishes, out));
    (to_net, from_net, task)
}

async fn run(settings: Settings, wishes: mpsc::Receiver<ToNet>, out: mpsc::Sender<FromNet>) {
    let stopped = |reason| FromNet::Link(LinkState::Stopped { reason });
    let http = match http::Http::new(&settings).await {
        Ok(http) => http,
        Err(why) => {
            // A receiver that is gone needs no report; so everywhere in this room.
            let _ = out.send(stopped(StopReason::BadSettings(why))).await;
            return;
        }
    };
    let (orders_in, orders) = mpsc::channel(ORDERS);
    let (access_in, access) = watch::channel(calls::Access::Offline);
    let mut calls = calls::Calls::new(http.clone(), wishes, out.clone(), access, orders_in);
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

/// A path of the Workspace API.
fn workspace(path: &str) -> String {
    format!("{}{path}", proto::WORKSPACE)
}

/// Words of a server, safe to show and of bearable length.
fn words(raw: &str) -> String {
    Clean::line(raw.trim()).chars().take(300).collect()
}

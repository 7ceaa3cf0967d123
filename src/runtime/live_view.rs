//! The connection of a supervisor on a server that keeps no feed: it monitors agents silently.
//!
//! Owns: the connection and its end. Must not: decide what to request or what events mean; see
//! [`crate::app::live_view`].
//! Invariants: monitoring that began is ended at the end, as far as the server answers within [`GOODBYE`].

use super::clock;
use crate::app::live_view::{LiveUpdate, MonitoredSessions, ReplyFailure, RequestPurpose, SilentMonitoring};
use crate::domain::InteractionId;
use crate::net::oversee::{self, ReadOnlyClient};
use crate::net::{CallError, ConnectionSettings, FromNet, LinkState, StopReason};
use crate::proto::envelope::Envelope;
use crate::proto::media::LogQuery;
use crate::proto::read_only::ReadOnlyRequest;
use std::collections::BTreeSet;
use std::future::pending;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Time for ending everything that began.
pub const GOODBYE: Duration = Duration::from_secs(2);

/// What the connection brings.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveViewEvent {
    /// The live view changed; never empty.
    Updates(Vec<LiveUpdate>),
    /// The connection was lost; the next attempt follows by itself.
    Lost {
        /// What happened, a sentence without its full stop.
        reason: String,
        /// Time until the next attempt.
        retry_in: Duration,
    },
    /// Nothing more will come.
    Stopped(StopReason),
}

/// The connection.
#[derive(Debug)]
pub struct LiveViewClient {
    client: ReadOnlyClient,
    from_net: mpsc::Receiver<FromNet>,
    task: JoinHandle<()>,
    monitoring: SilentMonitoring,
}

impl LiveViewClient {
    /// Starts to connect.
    pub fn start(settings: ConnectionSettings) -> Self {
        let (client, from_net, task) = oversee::start(settings);
        Self { client, from_net, task, monitoring: SilentMonitoring::new(clock::now()) }
    }

    /// What is known of the sessions.
    pub const fn sessions(&self) -> &MonitoredSessions {
        self.monitoring.sessions()
    }

    /// The state machine that decides what is requested.
    pub const fn monitoring(&self) -> &SilentMonitoring {
        &self.monitoring
    }

    /// Requests a part of a transcript; it arrives as an update.
    pub fn read(&mut self, id: InteractionId, part: LogQuery) {
        self.monitoring.read(id, part);
    }

    /// Waits for the next event. Dropping the future loses no event.
    pub async fn next(&mut self) -> LiveViewEvent {
        loop {
            if let Some(reason) = self.monitoring.take_refusal() {
                return LiveViewEvent::Stopped(StopReason::NotAuthorised(reason));
            }
            let failed = self.send_requests();
            if !failed.is_empty() {
                return LiveViewEvent::Updates(failed);
            }
            let wake_at = self.monitoring.next_wake();
            let event = tokio::select! {
                Some(report) = self.from_net.recv() => self.take(report),
                () = sleep(wake_at.map(clock::until).unwrap_or_default()), if wake_at.is_some() => {
                    LiveViewEvent::Updates(self.monitoring.wake(clock::now()))
                }
                else => pending().await,
            };
            if !matches!(&event, LiveViewEvent::Updates(updates) if updates.is_empty()) {
                return event;
            }
        }
    }

    fn take(&mut self, report: FromNet) -> LiveViewEvent {
        let now = clock::now();
        LiveViewEvent::Updates(match report {
            FromNet::Link(LinkState::Lost { reason, retry_in }) => {
                self.monitoring.disconnected();
                return LiveViewEvent::Lost { reason, retry_in };
            }
            FromNet::Link(LinkState::Stopped { reason }) => {
                self.monitoring.disconnected();
                return LiveViewEvent::Stopped(reason);
            }
            FromNet::Link(LinkState::Connecting { .. } | LinkState::Online { .. }) | FromNet::Latency(_) => {
                Vec::new()
            }
            FromNet::SessionStarted { session, fresh, .. } => self.monitoring.connected(&session, fresh, now),
            FromNet::Event(event) => self.monitoring.event(event, now),
            FromNet::Reply { operation, result, .. } => {
                let purpose = self.monitoring.take_purpose(&operation);
                purpose.map(|purpose| self.answer(purpose, result)).unwrap_or_default()
            }
        })
    }

    fn answer(&mut self, purpose: RequestPurpose, result: Result<Envelope, CallError>) -> Vec<LiveUpdate> {
        let result = result.map(|envelope| envelope.data).map_err(|error| {
            tracing::info!(request = purpose.name(), %error, "a request of the live view failed");
            failure(&error)
        });
        self.monitoring.answer(purpose, result, clock::now())
    }

    /// Sends the requests that are due, until the first that cannot be sent.
    fn send_requests(&mut self) -> Vec<LiveUpdate> {
        while let Some((request, purpose)) = self.monitoring.next_request() {
            match self.client.try_send(request) {
                Some(operation) => self.monitoring.sent(operation, purpose),
                None => {
                    let error = CallError::NotSent("the connection is busy or closed".to_owned());
                    return self.answer(purpose, Err(error));
                }
            }
        }
        Vec::new()
    }

    /// Ends all monitoring and signs out, as far as that is done within [`GOODBYE`].
    pub async fn end(mut self) {
        let task = self.task.abort_handle();
        let goodbye = async {
            if self.monitoring.is_online() {
                let mut stops = BTreeSet::new();
                for agent in self.monitoring.monitored_agents() {
                    stops.extend(self.client.send(ReadOnlyRequest::Stop(agent)).await);
                }
                while !stops.is_empty() {
                    match self.from_net.recv().await {
                        Some(FromNet::Reply { operation, .. }) => drop(stops.remove(&operation)),
                        Some(
                            FromNet::Link(_)
                            | FromNet::SessionStarted { .. }
                            | FromNet::Event(_)
                            | FromNet::Latency(_),
                        ) => {}
                        None => return,
                    }
                }
            }
            self.client.sign_out().await;
            while self.from_net.recv().await.is_some() {}
        };
        if timeout(GOODBYE, goodbye).await.is_err() {
            tracing::info!("the server did not confirm the end of monitoring in time");
        }
        task.abort();
    }
}

fn failure(error: &CallError) -> ReplyFailure {
    let refused = match error {
        CallError::Refused { http, .. } => Some(*http),
        CallError::Unread { .. } | CallError::NotSent(_) | CallError::OutcomeUnknown(_) => None,
    };
    ReplyFailure { refused, reason: error.to_string() }
}

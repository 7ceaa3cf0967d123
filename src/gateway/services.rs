//! What the handlers of HTTP and Bayeux requests share.
//!
//! Owns: the parts of the gateway that handlers use, and the task that tracks who is connected.
//! Must not: know a route, or decide anything about sessions; the writer does.

use super::audit::Audit;
use super::auth::{Auth, PasswordVerifier};
use super::directory::{Directory, ReadOptions};
use super::feed::Feed;
use super::hub::{ClientEvent, EventRecipient, Hub, Publish as _};
use super::library::LibraryCache;
use super::webhook::WebhookVerifier;
use super::whatsapp::catalog::TemplateCatalog;
use super::writer::WriterHandle;
use super::writer::api::Actor;
use crate::config::schema::GatewayConfig;
use crate::domain::mask::Mask;
use crate::domain::{EmployeeId, InteractionId};
use crate::proto::{channel, event};
use crate::store::targets::TargetStore;
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often presence is checked and expired tokens and sessions are removed.
const SWEEP: Duration = Duration::from_secs(1);

/// What [`Services`] are built from.
pub struct ServiceParts {
    pub gateway: Arc<GatewayConfig>,
    /// Options of all agents, as the file has them.
    pub options: toml::Table,
    pub read_options: ReadOptions,
    pub verify_password: PasswordVerifier,
    pub writer: WriterHandle,
    pub library: LibraryCache,
    /// The writer publishes to the same hub.
    pub hub: Arc<Hub>,
    /// Favourites and recent targets of agents, and the contacts among the targets.
    pub target_book: Arc<dyn TargetStore>,
    /// Without it there is no WhatsApp webhook.
    pub webhook: Option<WebhookVerifier>,
    /// Without it supervisors have neither feed nor live view.
    pub feed: Option<Feed>,
    /// What is masked for read-only clients.
    pub mask: Mask,
    /// Without it nothing is audited.
    pub audit: Option<Audit>,
    /// The WhatsApp templates that may be sent.
    pub templates: TemplateCatalog,
    /// Becomes true when the gateway stops: held polls and sockets then end.
    pub stopping: watch::Receiver<bool>,
    /// The time limit of a request; only polls and sockets take longer.
    pub request_timeout: Duration,
}

/// What all handlers share.
pub struct Services {
    pub directory: Arc<Directory>,
    pub auth: Auth,
    pub writer: WriterHandle,
    pub library: LibraryCache,
    pub hub: Arc<Hub>,
    pub target_book: Arc<dyn TargetStore>,
    pub webhook: Option<WebhookVerifier>,
    pub feed: Option<Feed>,
    pub mask: Mask,
    pub audit: Option<Audit>,
    pub templates: TemplateCatalog,
    /// How long a poll is held.
    pub poll_timeout: Duration,
    pub request_timeout: Duration,
    /// The time limit for the body of a request. It is shorter than that of the whole request, so that a client that
    /// sends too slowly gets the reason.
    pub body_timeout: Duration,
    stopping: watch::Receiver<bool>,
}

impl Services {
    /// Puts the parts together.
    pub fn new(parts: ServiceParts) -> Arc<Self> {
        let poll_timeout = Duration::from_secs(parts.gateway.poll_timeout);
        let tokens = Duration::from_secs(parts.gateway.token_lifetime);
        // A session outlives each of its clients, the longest poll and the grace period of its agent.
        let grace = Duration::from_secs(parts.gateway.grace);
        let sessions = parts.hub.limits().keep.max(poll_timeout).max(grace) + Duration::from_secs(60);
        let directory = Arc::new(Directory::new(parts.gateway, &parts.options, parts.read_options));
        Arc::new(Self {
            auth: Auth::new(Arc::clone(&directory), parts.verify_password, tokens, sessions),
            directory,
            writer: parts.writer,
            library: parts.library,
            hub: parts.hub,
            target_book: parts.target_book,
            webhook: parts.webhook,
            feed: parts.feed,
            mask: parts.mask,
            audit: parts.audit,
            templates: parts.templates,
            poll_timeout,
            request_timeout: parts.request_timeout,
            body_timeout: parts.request_timeout / 2,
            stopping: parts.stopping,
        })
    }

    /// Publishes an event on one channel to all clients of a person.
    pub fn publish(&self, employee: &EmployeeId, channel: &'static str, data: Json) {
        self.hub
            .publish(&EventRecipient::Agent(employee.clone()), ClientEvent { channel, data: Arc::new(data) });
    }

    /// Whether a supervisor or administrator may monitor an agent.
    pub fn oversees(&self, person: &EmployeeId, agent: &EmployeeId) -> bool {
        let overseer = self.directory.agent(person).is_some_and(|person| !person.role.handles_sessions());
        let visible =
            self.feed.as_ref().map(|feed| feed.organization().scope(person).sees_agent(agent.as_str()));
        overseer && visible.unwrap_or(true)
    }

    /// Whether a supervisor is in a session because they monitor one of its agents.
    pub async fn is_monitoring(&self, supervisor: &EmployeeId, id: &InteractionId) -> bool {
        self.monitored_sessions(supervisor).await.contains(id)
    }

    /// The sessions that a supervisor monitors. Empty when the writer does not answer.
    async fn monitored_sessions(&self, supervisor: &EmployeeId) -> Vec<InteractionId> {
        let view = self.writer.session(supervisor.clone()).await.unwrap_or_default();
        let monitored = view.interactions.into_iter().filter(|one| one.monitor_mode.is_some());
        monitored.map(|one| one.id.into()).collect()
    }

    /// Records in the audit that a supervisor or administrator read sessions. Notifies the agents of these sessions
    /// where `show-silent-monitoring` asks for that.
    pub async fn record_views(&self, viewer: &Actor, sessions: impl IntoIterator<Item = InteractionId>) {
        let Some(audit) = &self.audit else { return };
        let mut new = audit.record_views(&viewer.employee, viewer.role, sessions).await;
        if new.is_empty() || !self.directory.gateway().show_silent_monitoring {
            return;
        }
        // The agents of monitored sessions know about the supervisor already.
        let monitored = self.monitored_sessions(&viewer.employee).await;
        new.retain(|id| !monitored.contains(id));
        // A writer that does not answer is stopping.
        let Ok(view) = self.writer.live(Some(new)).await else { return };
        let user = self.directory.user(&viewer.employee);
        let name = format!("{} {}", user.first_name, user.last_name);
        let name = if name.trim().is_empty() { viewer.employee.as_str() } else { name.trim() };
        for session in view.sessions {
            for agent in &session.agents {
                let data = event::seen(session.id.as_str(), name);
                self.publish(&agent.as_str().into(), channel::WHATSAPP, data);
            }
        }
    }

    /// Completes when the gateway stops.
    pub async fn stopping(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the sender was dropped, which is a stop too.
        let _ = stopping.wait_for(|stop| *stop).await;
    }

    /// Reports to the writer who is connected, and removes expired tokens, sessions and clients, until the gateway stops.
    /// Must run exactly once.
    pub async fn track_presence(self: Arc<Self>) {
        let mut ticks = interval(SWEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stopping() => return,
                () = self.hub.arrival() => {}
                _ = ticks.tick() => self.auth.sweep(|session, employee| self.hub.serves(session, employee)),
            }
            for (employee, connected) in self.hub.sweep(Instant::now()) {
                self.writer.presence(employee, connected).await;
            }
        }
    }
}

//! What every handler works with.

use super::directory::{Directory, ReadOptions};
use super::responses::Shelves;
use super::webhook::Webhook;
use crate::config::schema::Gateway;
use crate::domain::mask::Mask;
use crate::domain::{EmployeeId, InteractionId};
use crate::gateway::audit::Audit;
use crate::gateway::auth::{Auth, Verify};
use crate::gateway::hub::{Hub, Notice, Publish as _, Recipient};
use crate::gateway::watch::Watch;
use crate::gateway::whatsapp::book::Templates;
use crate::gateway::writer::WriterHandle;
use crate::gateway::writer::api::Actor;
use crate::proto::{channel, event};
use crate::store::targets::TargetBook;
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// What the HTTP side is made of.
pub struct Setup {
    /// The gateway's settings.
    pub gateway: Arc<Gateway>,
    /// Options of everybody, as the file has them.
    pub options: toml::Table,
    /// Reads such a table.
    pub read_options: ReadOptions,
    /// Looks at passwords.
    pub verify: Verify,
    /// The writer.
    pub writer: WriterHandle,
    /// The standard responses.
    pub shelves: Shelves,
    /// The clients. The writer publishes to the same one.
    pub hub: Arc<Hub>,
    /// What agents keep of targets.
    pub book: Arc<dyn TargetBook>,
    /// WhatsApp's side of a webhook; none is served without it.
    pub webhook: Option<Webhook>,
    /// What supervisors read; none can without it.
    pub watch: Option<Watch>,
    /// What is hidden from who only looks on.
    pub mask: Mask,
    /// Who did what; nobody notes it without it.
    pub audit: Option<Audit>,
    /// The templates that may be sent.
    pub templates: Templates,
    /// Turns true when the gateway stops: held polls and sockets then end.
    pub stopping: watch::Receiver<bool>,
    /// Time for a request; only polls and sockets take longer.
    pub request: Duration,
}

/// The HTTP side's state, shared by all requests.
pub struct Front {
    /// The configuration, as clients see it.
    pub directory: Arc<Directory>,
    /// Who is signed in.
    pub auth: Auth,
    /// The writer.
    pub writer: WriterHandle,
    /// The standard responses.
    pub shelves: Shelves,
    /// The clients.
    pub hub: Arc<Hub>,
    /// What agents keep of targets.
    pub book: Arc<dyn TargetBook>,
    /// WhatsApp's side of a webhook.
    pub webhook: Option<Webhook>,
    /// What supervisors read.
    pub watch: Option<Watch>,
    /// What is hidden from who only looks on.
    pub mask: Mask,
    /// Who did what.
    pub audit: Option<Audit>,
    /// The templates that may be sent.
    pub templates: Templates,
    /// How long a poll is held.
    pub poll: Duration,
    /// Time for a request.
    pub request: Duration,
    /// Time for the body of a request: less than for all of it, so that who sends too slowly is told so.
    pub body: Duration,
    stopping: watch::Receiver<bool>,
}

/// How often presence and what has ended are looked at.
const SWEEP: Duration = Duration::from_secs(1);

impl Front {
    /// Tells one person, on one channel.
    pub fn tell(&self, employee: &EmployeeId, channel: &'static str, data: Json) {
        self.hub.publish(&Recipient::Agent(employee.clone()), Notice { channel, data: Arc::new(data) });
    }

    /// Whether somebody who oversees is in a session, monitoring one of its agents.
    pub async fn monitors(&self, overseer: &EmployeeId, id: &str) -> bool {
        self.monitored(overseer).await.iter().any(|one| one.as_str() == id)
    }

    /// The sessions that somebody who oversees is in. None when the writer does not answer.
    async fn monitored(&self, overseer: &EmployeeId) -> Vec<InteractionId> {
        let view = self.writer.session(overseer.clone()).await.unwrap_or_default();
        let monitored = view.interactions.into_iter().filter(|one| one.monitor_mode.is_some());
        monitored.map(|one| one.id.into()).collect()
    }

    /// Notes that somebody who oversees saw what is said in sessions, and tells their agents where the shop wants that.
    pub async fn saw(&self, who: &Actor, sessions: impl IntoIterator<Item = InteractionId>) {
        let Some(audit) = &self.audit else { return };
        let mut new = audit.saw(&who.employee, who.role, sessions).await;
        if new.is_empty() || !self.directory.gateway().show_silent_monitoring {
            return;
        }
        // Of those whom they monitor agents know already.
        let monitored = self.monitored(&who.employee).await;
        new.retain(|id| !monitored.contains(id));
        // A writer that does not answer is stopping.
        let Ok(view) = self.writer.live(Some(new)).await else { return };
        let user = self.directory.user(&who.employee);
        let name = format!("{} {}", user.first_name, user.last_name);
        let name = if name.trim().is_empty() { who.employee.as_str() } else { name.trim() };
        for session in view.sessions {
            for agent in &session.agents {
                let data = event::seen(session.id.as_str(), name);
                self.tell(&agent.as_str().into(), channel::WHATSAPP, data);
            }
        }
    }

    /// Whether somebody oversees an agent.
    pub fn oversees(&self, person: &EmployeeId, agent: &EmployeeId) -> bool {
        let overseer = self.directory.agent(person).is_some_and(|person| !person.role.handles_sessions());
        let seen = self.watch.as_ref().map(|watch| watch.house().scope(person).sees_agent(agent.as_str()));
        overseer && seen.unwrap_or(true)
    }

    /// Puts it together.
    pub fn new(setup: Setup) -> Arc<Self> {
        let poll = Duration::from_secs(setup.gateway.poll_timeout);
        let tokens = Duration::from_secs(setup.gateway.token_lifetime);
        // A session outlives every client of it, the longest poll and the grace of its agent.
        let grace = Duration::from_secs(setup.gateway.grace);
        let sessions = setup.hub.limits().keep.max(poll).max(grace) + Duration::from_secs(60);
        let directory = Arc::new(Directory::new(setup.gateway, &setup.options, setup.read_options));
        Arc::new(Self {
            auth: Auth::new(Arc::clone(&directory), setup.verify, tokens, sessions),
            directory,
            writer: setup.writer,
            shelves: setup.shelves,
            hub: setup.hub,
            book: setup.book,
            webhook: setup.webhook,
            watch: setup.watch,
            mask: setup.mask,
            audit: setup.audit,
            templates: setup.templates,
            poll,
            request: setup.request,
            body: setup.request / 2,
            stopping: setup.stopping,
        })
    }

    /// Ready when the gateway stops.
    pub async fn stopping(&self) {
        let mut stopping = self.stopping.clone();
        // A sender that is gone has stopped too.
        let _ = stopping.wait_for(|stop| *stop).await;
    }

    /// Reports to the writer who is connected and forgets what has ended, until the gateway stops. Must run, once.
    pub async fn keep(self: Arc<Self>) {
        let mut ticks = interval(SWEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stopping() => return,
                () = self.hub.arrival() => {}
                _ = ticks.tick() => self.auth.sweep(|session, employee| self.hub.serves(session, employee)),
            }
            for (employee, there) in self.hub.sweep(Instant::now()) {
                self.writer.presence(employee, there).await;
            }
        }
    }
}

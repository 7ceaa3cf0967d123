//! The notifications that clients receive for an event.
//!
//! Owns: which event makes which notices, and for whom. Must not: send them; they wait for the commit.

mod requests;

use super::model::entry::{EntryKind, is_for_agents};
use super::model::event::LogEvent;
use super::model::logged::EntryLogged;
use super::model::monitoring::Watcher;
use super::model::party::LeaveReason;
use super::model::session::SessionState;
use super::model::workbin::UnparkReason;
use super::reads;
use super::setup::WriterSetup;
use super::state::WriterState;
use super::wire::{self, InteractionStatus};
use crate::domain::{EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::hub::{ClientEvent, ClientId, EventRecipient};
use crate::gateway::router::{Fact, ReleaseReason, RevokeReason};
use crate::gateway::whatsapp::account::AccountChange;
use crate::proto::media::{InteractionDto, LogQuery, MediaDto, MessageDto};
use crate::proto::{channel, event as wire_event, wa, workbins};
use serde_json::Value as Json;
use std::sync::Arc;

/// How many entries of a log are sent at once to somebody who joins a session.
const NEWEST: u32 = 200;

/// An event for clients, and its recipient.
pub(super) type ClientNotification = (EventRecipient, ClientEvent);

/// The request that caused an event. Only its sender sees the ID.
#[derive(Clone, Copy, Debug)]
pub(super) struct CausingRequest<'a> {
    /// Who asked.
    pub employee: &'a EmployeeId,
    /// The request's name.
    pub operation: &'a OperationId,
}

/// How the content of a workbin changed.
enum Change {
    Placed,
    Taken { because: &'static str },
}

/// Makes the notifications of events.
#[derive(Clone, Copy)]
pub(super) struct ClientNotifier<'a> {
    pub setup: &'a WriterSetup,
    /// The state with the event in it.
    pub state: &'a WriterState,
    pub now: Millis,
    pub cause: Option<CausingRequest<'a>>,
}

impl ClientNotifier<'_> {
    fn operation(&self, employee: &EmployeeId) -> Option<&str> {
        self.cause.filter(|cause| cause.employee == employee).map(|cause| cause.operation.as_str())
    }

    /// The notifications of an event.
    pub fn notifications(&self, event: &LogEvent) -> Vec<ClientNotification> {
        match event {
            LogEvent::Routing(fact) => self.routing_notifications(fact),
            LogEvent::EntryLogged(logged) => self.entry_notifications(logged),
            LogEvent::UserDataSet { interaction, .. }
            | LogEvent::UserDataDeleted { interaction, .. }
            | LogEvent::SessionContact { interaction, .. }
            | LogEvent::CommentSet { interaction, .. } => self.all_parties(interaction, "PropertiesUpdated"),
            LogEvent::PartyAsked { interaction, asked, .. } => self.party_asked(interaction, asked),
            LogEvent::PartyAnswered { interaction, asked, answer, .. } => {
                // The answer comes first: it says how the request ended.
                let answer = self.request_result(interaction, asked, answer);
                answer.into_iter().chain(self.request_state(interaction, asked)).collect()
            }
            LogEvent::PartyLeft { interaction, agent, how, to, .. } => {
                self.party_left(interaction, agent, *how, to)
            }
            LogEvent::WorkbinPlaced { interaction, workbin, owner, by, .. } => {
                self.workbin_placed(interaction, workbin, owner, by)
            }
            LogEvent::WorkbinLeft { interaction, workbin, owner, why, .. } => {
                self.workbin_left(interaction, workbin, owner, *why)
            }
            LogEvent::Completed { interaction, .. } => {
                let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
                let all = session.agents().chain(overseers(session));
                all.map(|one| self.session_completed(session, &one)).collect()
            }
            LogEvent::AccountChanged { change, .. } => {
                let all = self.setup.people.keys().filter(|person| self.setup.is_overseer(person));
                all.map(|person| account(&EventRecipient::Agent(person.clone()), change)).collect()
            }
            LogEvent::SupervisorSet { interaction, watcher, .. } => {
                self.monitoring_started(interaction, watcher)
            }
            LogEvent::SupervisorGone { interaction, watcher, .. } => {
                self.monitoring_ended(interaction, watcher)
            }
            LogEvent::WebhookParsed { .. }
            | LogEvent::ContactCreated { .. }
            | LogEvent::ContactNamed { .. }
            | LogEvent::ContactAliased { .. }
            | LogEvent::ContactConflict { .. }
            | LogEvent::ContactEdited { .. }
            | LogEvent::ContactDeleted { .. }
            | LogEvent::ContactsMerged { .. }
            | LogEvent::ContactsUnmerged { .. }
            | LogEvent::ContactAssigned { .. }
            | LogEvent::SessionStarted(_)
            | LogEvent::SendAttempted { .. }
            | LogEvent::SendDeferred { .. }
            | LogEvent::SendAccepted { .. }
            | LogEvent::SendFailed { .. }
            | LogEvent::SendUnknown { .. }
            | LogEvent::StatusUnmatched(_)
            | LogEvent::MessageArchived(_)
            | LogEvent::ChangeUnmatched(_)
            | LogEvent::NotRouted { .. }
            | LogEvent::Unplaced { .. }
            | LogEvent::TargetSpent { .. }
            | LogEvent::MonitoringStarted { .. }
            | LogEvent::MonitoringStopped { .. }
            | LogEvent::ContactReached { .. }
            | LogEvent::Reopened { .. }
            | LogEvent::OperationDone { .. }
            | LogEvent::AccountNotice { .. }
            | LogEvent::Checkpoint { .. } => Vec::new(),
        }
    }

    fn party_left(
        &self,
        interaction: &InteractionId,
        agent: &EmployeeId,
        how: LeaveReason,
        to: &str,
    ) -> Vec<ClientNotification> {
        let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
        vec![self.left_session(session, agent, how, |dto| {
            if !to.is_empty() {
                dto.user_data.set(wa::LEFT_TO, to);
            }
        })]
    }

    fn workbin_placed(
        &self,
        interaction: &InteractionId,
        workbin: &str,
        owner: &str,
        by: &EmployeeId,
    ) -> Vec<ClientNotification> {
        let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
        let placed = self.interaction(session, by, InteractionStatus::InWorkbin, "StatusChange");
        let changed = self.workbin_changed(session, workbin, owner, &Change::Placed);
        std::iter::once(placed).chain(changed).collect()
    }

    fn workbin_left(
        &self,
        interaction: &InteractionId,
        workbin: &str,
        owner: &str,
        why: UnparkReason,
    ) -> Vec<ClientNotification> {
        let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
        let because = match why {
            UnparkReason::Customer => "customer",
            UnparkReason::Pulled => "pulled",
            UnparkReason::Unreachable => "unreachable",
        };
        self.workbin_changed(session, workbin, owner, &Change::Taken { because })
    }

    /// Notifies a participant that a session is over, and whoever ended it of how long that can be undone.
    fn session_completed(&self, session: &SessionState, one: &EmployeeId) -> ClientNotification {
        let past = InteractionStatus::Completed;
        let mut dto = wire::interaction(self.setup, self.state, session, one, past, self.now);
        if let Some(ended) = session.ended.as_ref().filter(|ended| ended.by == *one) {
            let left = ended.until().since(self.now).as_millis();
            dto.user_data.set(wa::UNDO, i64::try_from(left).unwrap_or(i64::MAX));
        }
        let data = wire_event::interaction(&dto, "StatusChange", self.operation(one));
        to_client(&EventRecipient::Agent(one.clone()), channel::WHATSAPP, data)
    }

    /// Notifies somebody that a session continues without them, and how they left it.
    fn left_session(
        &self,
        session: &SessionState,
        who: &EmployeeId,
        how: LeaveReason,
        say: impl FnOnce(&mut InteractionDto),
    ) -> ClientNotification {
        let past = InteractionStatus::Completed;
        let mut dto = wire::interaction(self.setup, self.state, session, who, past, self.now);
        let word = match how {
            LeaveReason::Left => "left",
            LeaveReason::Removed => "removed",
            LeaveReason::Transferred => "transferred",
        };
        dto.user_data.set(wa::LEFT, word);
        say(&mut dto);
        let data = wire_event::interaction(&dto, "StatusChange", self.operation(who));
        to_client(&EventRecipient::Agent(who.clone()), channel::WHATSAPP, data)
    }

    /// Notifies a supervisor of a session that they entered, or in which their mode changed.
    fn monitoring_started(&self, interaction: &InteractionId, watcher: &Watcher) -> Vec<ClientNotification> {
        let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
        let supervisor = &watcher.supervisor;
        let mut all = vec![self.interaction(session, supervisor, InteractionStatus::Active, "StatusChange")];
        let to = EventRecipient::Agent(supervisor.clone());
        all.push(self.newest(&to, session, supervisor, self.operation(supervisor)));
        all.extend(self.silent_monitoring(session));
        all
    }

    /// Notifies a supervisor that they are out of a session.
    fn monitoring_ended(&self, interaction: &InteractionId, watcher: &Watcher) -> Vec<ClientNotification> {
        let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
        let gone = self.left_session(session, &watcher.supervisor, LeaveReason::Left, |dto| {
            dto.monitor_mode = Some(watcher.mode.word().to_owned());
        });
        std::iter::once(gone).chain(self.silent_monitoring(session)).collect()
    }

    /// Notifies agents of silent supervisors, where the configuration says so. For other supervisors there is an entry.
    fn silent_monitoring(&self, session: &SessionState) -> Vec<ClientNotification> {
        let agents = session.agents().filter(|_| self.setup.show_silent_monitoring);
        agents
            .map(|agent| self.interaction(session, &agent, InteractionStatus::Active, "ParticipantsUpdated"))
            .collect()
    }

    /// Notifies those who may pull from a workbin that its content changed. The writer passes it only to followers.
    fn workbin_changed(
        &self,
        session: &SessionState,
        workbin: &str,
        owner: &str,
        change: &Change,
    ) -> Vec<ClientNotification> {
        let (operation, content, because) = match change {
            Change::Placed => ("PlaceInWorkbin", "Add", None),
            Change::Taken { because } => ("Pull", "Remove", Some(*because)),
        };
        let people = self.setup.workbin_people(workbin, owner);
        let notice = |agent: &EmployeeId| {
            let past = InteractionStatus::InWorkbin;
            let dto = wire::interaction(self.setup, self.state, session, agent, past, self.now);
            let data = workbins::changed(&dto, operation, content, workbin, owner, because);
            to_client(&EventRecipient::Agent(agent.clone()), channel::WORKBINS, data)
        };
        people.iter().map(notice).collect()
    }

    fn routing_notifications(&self, fact: &Fact) -> Vec<ClientNotification> {
        let changed = |interaction: &InteractionId, agent: &EmployeeId, status| {
            let session = self.state.sessions.get(interaction);
            session.map(|session| self.interaction(session, agent, status, "StatusChange"))
        };
        match fact {
            Fact::SignedIn { agent, .. }
            | Fact::SignedOut { agent, .. }
            | Fact::StateSet { agent, .. }
            | Fact::MadeNotReady { agent, .. } => {
                vec![self.channel(&EventRecipient::Agent(agent.clone()), agent)]
            }
            Fact::Offered { interaction, agent, lapses, .. } => {
                changed(interaction, agent, InteractionStatus::Invited(*lapses)).into_iter().collect()
            }
            Fact::Accepted { interaction, agent, .. }
            | Fact::Assigned { interaction, agent, .. }
            | Fact::PartyBack { interaction, agent, .. } => {
                let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
                let to = EventRecipient::Agent(agent.clone());
                let log = self.newest(&to, session, agent, self.operation(agent));
                vec![self.interaction(session, agent, InteractionStatus::Active, "StatusChange"), log]
            }
            Fact::Rejected { interaction, agent, .. } => {
                let gone = changed(interaction, agent, InteractionStatus::Revoked);
                gone.into_iter().chain(self.invite_declined(interaction, agent, "refused")).collect()
            }
            Fact::OfferExpired { interaction, agent, .. } => {
                let gone = changed(interaction, agent, InteractionStatus::Revoked);
                gone.into_iter().chain(self.invite_declined(interaction, agent, "no answer")).collect()
            }
            Fact::OfferRevoked { interaction, agent, why: RevokeReason::Cancelled, .. } => {
                changed(interaction, agent, InteractionStatus::Cancelled).into_iter().collect()
            }
            Fact::OfferRevoked { interaction, agent, .. } => {
                changed(interaction, agent, InteractionStatus::Revoked).into_iter().collect()
            }
            Fact::Requeued { interaction, agent, .. } => {
                changed(interaction, agent, InteractionStatus::Queued).into_iter().collect()
            }
            // The workbin says so.
            Fact::Released { why: ReleaseReason::Workbin, .. } => Vec::new(),
            Fact::Released { interaction, agent, .. } => {
                changed(interaction, agent, InteractionStatus::Completed).into_iter().collect()
            }
            // The reply window and the wait moved.
            Fact::CustomerSpoke { interaction, .. }
            | Fact::AgentSpoke { interaction, .. }
            | Fact::ReplyFailed { interaction, .. } => self.all_parties(interaction, "PropertiesUpdated"),
            Fact::ConnectionLost { .. }
            | Fact::ConnectionBack { .. }
            | Fact::AgentSeen { .. }
            | Fact::InactiveWarned { .. }
            | Fact::Enqueued(_)
            | Fact::TargetFailed { .. }
            | Fact::Closed { .. }
            | Fact::PartyGone { .. }
            | Fact::Parked { .. }
            | Fact::Urgent { .. }
            | Fact::LastAgentOver { .. }
            | Fact::Relaxed { .. }
            | Fact::Overflowed { .. } => Vec::new(),
        }
    }

    fn entry_notifications(&self, logged: &EntryLogged) -> Vec<ClientNotification> {
        let Some(session) = self.state.sessions.get(&logged.interaction) else { return Vec::new() };
        let mut told = Vec::new();
        let came_or_went = matches!(EntryKind::of(&logged.entry), EntryKind::Joined | EntryKind::Left);
        let agents = session.agents().filter(|_| is_for_agents(&logged.entry));
        for agent in agents.chain(overseers(session)) {
            if came_or_went {
                told.push(self.interaction(
                    session,
                    &agent,
                    InteractionStatus::Active,
                    "ParticipantsUpdated",
                ));
            }
            let to = EventRecipient::Agent(agent.clone());
            let one = wire::message(self.setup, &logged.entry, &agent);
            let one = std::slice::from_ref(&*one);
            told.push(self.messages(&to, &session.id, one, self.operation(&agent)));
        }
        told
    }

    /// Sends everybody in a session its current state.
    fn all_parties(&self, interaction: &InteractionId, notification: &str) -> Vec<ClientNotification> {
        let session = self.state.sessions.get(interaction).filter(|session| !session.over);
        let Some(session) = session else { return Vec::new() };
        let all = session.agents().chain(overseers(session));
        all.map(|one| self.interaction(session, &one, InteractionStatus::Active, notification)).collect()
    }

    /// Notifies everybody else in a session that somebody started or stopped typing.
    pub fn typing(
        &self,
        session: &SessionState,
        from: &EmployeeId,
        entry: &MessageDto,
    ) -> Vec<ClientNotification> {
        let others = session.agents().chain(overseers(session)).filter(|one| one != from);
        let one = std::slice::from_ref(entry);
        others.map(|agent| self.messages(&EventRecipient::Agent(agent), &session.id, one, None)).collect()
    }

    fn interaction(
        &self,
        session: &SessionState,
        agent: &EmployeeId,
        status: InteractionStatus,
        notification: &str,
    ) -> ClientNotification {
        self.interaction_to(&EventRecipient::Agent(agent.clone()), session, agent, status, notification)
    }

    fn interaction_to(
        &self,
        to: &EventRecipient,
        session: &SessionState,
        agent: &EmployeeId,
        status: InteractionStatus,
        notification: &str,
    ) -> ClientNotification {
        let dto = wire::interaction(self.setup, self.state, session, agent, status, self.now);
        to_client(to, channel::WHATSAPP, wire_event::interaction(&dto, notification, self.operation(agent)))
    }

    fn messages(
        &self,
        to: &EventRecipient,
        id: &InteractionId,
        entries: &[MessageDto],
        by: Option<&str>,
    ) -> ClientNotification {
        to_client(to, channel::WHATSAPP, wire_event::messages(id.as_str(), entries, by))
    }

    /// The newest part of a log, as somebody who has just joined may read it. The rest is read on request.
    fn newest(
        &self,
        to: &EventRecipient,
        session: &SessionState,
        reader: &EmployeeId,
        by: Option<&str>,
    ) -> ClientNotification {
        let query = LogQuery { limit: Some(NEWEST), ..LogQuery::default() };
        let page = reads::page(self.setup, session, reader, query);
        self.messages(to, &session.id, &page.messages, by)
    }

    fn channel(&self, to: &EventRecipient, agent: &EmployeeId) -> ClientNotification {
        let media = MediaDto { channels: vec![wire::channel(self.state, agent)] };
        to_client(to, channel::MEDIA, wire_event::channels(&media))
    }

    /// What a client receives that subscribes late.
    pub fn replay(&self, agent: &EmployeeId, client: &ClientId, subscribed: &str) -> Vec<ClientNotification> {
        let to = EventRecipient::Client(ClientId::clone(client));
        match subscribed {
            channel::MEDIA => vec![self.channel(&to, agent)],
            channel::WHATSAPP | channel::CHAT => {
                let mut told = Vec::new();
                if self.setup.is_overseer(agent) {
                    let troubles = self.state.account.current(self.now);
                    told.extend(troubles.map(|trouble| account(&to, &trouble.change)));
                }
                for (id, lapses) in self.state.router.offers_of(agent) {
                    if let Some(session) = self.state.sessions.get(&id) {
                        let status = InteractionStatus::Invited(lapses);
                        told.push(self.interaction_to(&to, session, agent, status, "StatusChange"));
                    }
                }
                let all = self.state.sessions.values();
                for session in all.filter(|session| session.is_open_for(agent)) {
                    told.push(self.interaction_to(
                        &to,
                        session,
                        agent,
                        InteractionStatus::Active,
                        "StatusChange",
                    ));
                    told.push(self.newest(&to, session, agent, None));
                }
                told
            }
            _ => Vec::new(),
        }
    }
}

/// The supervisors who are in a session.
fn overseers(session: &SessionState) -> impl Iterator<Item = EmployeeId> + '_ {
    session.watchers.iter().map(|watcher| watcher.supervisor.clone())
}

/// Sends a change of the account.
fn account(to: &EventRecipient, change: &AccountChange) -> ClientNotification {
    let AccountChange { topic, status, text, .. } = change;
    to_client(to, channel::WHATSAPP, wire_event::account(topic, status.word(), text))
}

fn to_client(to: &EventRecipient, channel: &'static str, data: Json) -> ClientNotification {
    (to.clone(), ClientEvent { channel, data: Arc::new(data) })
}

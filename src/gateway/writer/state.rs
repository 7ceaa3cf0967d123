//! The fold of the event log: everything that is live.
//!
//! Owns: open sessions, sends under way, requests done, and the router.
//! Must not: decide, refuse, read a clock or the store.
//! Invariants: state is the fold of events and of nothing else; what is over and settled is forgotten
//! here and found in the store.

use super::model::account::Account;
use super::model::event::LogEvent;
use super::model::logged::{EntryLogged, UnmatchedChange, UnmatchedStatus};
use super::model::monitoring::Monitoring;
use super::model::sending::{self, EntryKey, OutgoingMessage, SendStage};
use super::model::session::{Ended, SessionStarted, SessionState};
use super::model::workbin::Parked;
use super::model::{entry, marks};
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::router::{Fact, Router, RouterSetup};
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::gateway::writer::api::Outbound;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// How long a request's name is remembered.
pub const OPERATIONS_KEPT: Duration = Duration::from_secs(24 * 3600);

/// How many statuses without a message are kept; the oldest goes first. They wait for an answer of
/// WhatsApp that a status has overtaken, which is a matter of seconds.
const MAX_UNMATCHED_STATUSES: usize = 1024;

/// How many changes without a message are kept; the oldest is dropped first. Most wait for a message that
/// WhatsApp delivers late, the others for one that never comes.
const MAX_UNMATCHED_CHANGES: usize = 1024;

/// Everything that is live.
#[derive(Clone, Debug, PartialEq)]
pub struct WriterState {
    /// Sessions: open ones, and those that are over with something under way.
    pub sessions: BTreeMap<InteractionId, SessionState>,
    /// The open session of a customer on a number of ours.
    by_contact: BTreeMap<(ContactId, String), InteractionId>,
    /// Messages of ours that are not settled. Those of one session are in order.
    pub sends: BTreeMap<EntryKey, OutgoingMessage>,
    operations: BTreeMap<(EmployeeId, OperationId), Millis>,
    operation_order: VecDeque<(Millis, EmployeeId, OperationId)>,
    /// Who monitors whom: one rule for each pair.
    pub monitoring: Vec<Monitoring>,
    /// Statuses whose message is not known.
    pub unmatched_statuses: VecDeque<UnmatchedStatus>,
    /// Reactions, changes and deletions whose message is not known.
    pub unmatched_changes: VecDeque<UnmatchedChange>,
    /// The state of the account at WhatsApp.
    pub account: Account,
    since: BTreeMap<EmployeeId, Millis>,
    /// Assigns interactions to agents.
    pub router: Router,
    unsettled: Vec<InteractionId>,
}

impl WriterState {
    /// Before the first event.
    pub fn new(setup: RouterSetup) -> Self {
        Self {
            sessions: BTreeMap::new(),
            by_contact: BTreeMap::new(),
            sends: BTreeMap::new(),
            operations: BTreeMap::new(),
            operation_order: VecDeque::new(),
            monitoring: Vec::new(),
            unmatched_statuses: VecDeque::new(),
            unmatched_changes: VecDeque::new(),
            account: Account::default(),
            since: BTreeMap::new(),
            router: Router::new(setup),
            unsettled: Vec::new(),
        }
    }

    /// Applies an event. It cannot fail: what does not match the state is ignored.
    pub fn apply(&mut self, event: &LogEvent) {
        match event {
            LogEvent::Routing(fact) => self.apply_routing(fact),
            LogEvent::SessionStarted(start) => self.start(start),
            LogEvent::EntryLogged(logged) => self.log(logged),
            LogEvent::MessageArchived(archived) => self.remove_matched_changes(&archived.logged),
            LogEvent::ChangeUnmatched(change) => self.keep_unmatched_change(change),
            LogEvent::StatusUnmatched(status) => self.keep_unmatched_status(status),
            LogEvent::ContactNamed { contact, names, .. } => self.rename(contact, names),
            LogEvent::SessionContact { interaction, contact, first_name, last_name, is_known, .. } => {
                let (first, last) = (first_name.as_deref(), last_name.as_deref());
                self.with(interaction, |session| session.set_contact(contact, first, last, *is_known));
            }
            LogEvent::UserDataSet { interaction, data } => {
                self.with(interaction, |session| session.set_data(data))
            }
            LogEvent::UserDataDeleted { interaction, keys } => {
                self.with(interaction, |session| session.delete_data(keys))
            }
            LogEvent::CommentSet { interaction, comment } => {
                self.with(interaction, |session| session.comment.clone_from(comment))
            }
            LogEvent::PartyAsked { interaction, asked, .. } => {
                self.with(interaction, |session| session.begin_request(asked))
            }
            LogEvent::TargetSpent { interaction } => self.with(interaction, SessionState::spend_target),
            LogEvent::PartyAnswered { interaction, .. } => self.with(interaction, SessionState::end_request),
            LogEvent::WorkbinPlaced { interaction, workbin, owner, by, at } => {
                let (workbin, owner, by, at) = (workbin.clone(), owner.clone(), by.clone(), *at);
                self.with(interaction, |session| session.workbin = Some(Parked { workbin, owner, by, at }));
            }
            LogEvent::WorkbinLeft { interaction, .. } => self.with(interaction, SessionState::leave_workbin),
            LogEvent::Completed { interaction, by, at } => self.complete(interaction, by, *at),
            LogEvent::Reopened { interaction, .. } => self.reopen(interaction),
            LogEvent::OperationDone { employee, operation, at } => {
                self.remember_operation(employee, operation, *at);
            }
            LogEvent::MonitoringStarted { rule, .. } => self.start_monitoring(rule),
            LogEvent::MonitoringStopped { supervisor, agent, .. } => self.stop_monitoring(supervisor, agent),
            LogEvent::SupervisorSet { interaction, watcher, .. } => {
                self.with(interaction, |session| session.set_watcher(watcher))
            }
            LogEvent::SupervisorGone { interaction, watcher, .. } => {
                self.with(interaction, |session| session.remove_watcher(&watcher.supervisor))
            }
            LogEvent::AccountChanged { change, at } => self.account.apply(change, *at),
            LogEvent::Checkpoint { facts, strays, monitoring, changes, account } => {
                self.account.clone_from(account);
                self.monitoring.clone_from(monitoring);
                self.resume(facts, strays, changes);
            }
            LogEvent::SendAttempted { interaction, index, .. } => {
                self.set_stage(interaction, *index, SendStage::Attempting)
            }
            LogEvent::SendDeferred { interaction, index, .. } => {
                self.set_stage(interaction, *index, SendStage::Waiting)
            }
            LogEvent::SendUnknown { interaction, index, at, .. } => {
                self.set_stage(interaction, *index, SendStage::Unknown(*at))
            }
            LogEvent::SendAccepted { interaction, index, wamid, .. } => {
                self.accept_send(interaction, *index, wamid)
            }
            LogEvent::SendFailed { interaction, index, .. } => self.settle_send(interaction, *index),
            LogEvent::WebhookParsed { .. }
            | LogEvent::ContactCreated { .. }
            | LogEvent::ContactAliased { .. }
            | LogEvent::ContactConflict { .. }
            | LogEvent::ContactEdited { .. }
            | LogEvent::ContactDeleted { .. }
            | LogEvent::ContactsMerged { .. }
            | LogEvent::ContactsUnmerged { .. }
            | LogEvent::ContactAssigned { .. }
            | LogEvent::NotRouted { .. }
            | LogEvent::Unplaced { .. }
            | LogEvent::PartyLeft { .. }
            | LogEvent::ContactReached { .. }
            | LogEvent::AccountNotice { .. } => {}
        }
    }

    fn apply_routing(&mut self, fact: &Fact) {
        self.router.apply(fact);
        self.apply_fact(fact);
    }

    /// Applies what a checkpoint repeats of earlier events.
    fn resume(&mut self, facts: &[Fact], statuses: &[UnmatchedStatus], changes: &[UnmatchedChange]) {
        facts.iter().for_each(|fact| self.apply_routing(fact));
        statuses.iter().for_each(|status| self.keep_unmatched_status(status));
        changes.iter().for_each(|change| self.keep_unmatched_change(change));
    }

    fn start(&mut self, start: &SessionStarted) {
        let place = (start.contact.clone(), start.phone_number_id.clone());
        self.by_contact.insert(place, start.interaction.clone());
        self.sessions.insert(start.interaction.clone(), SessionState::new(start));
    }

    fn rename(&mut self, contact: &ContactId, names: &CustomerNames) {
        for session in self.sessions.values_mut().filter(|session| session.contact == *contact) {
            session.rename(names);
        }
    }

    fn start_monitoring(&mut self, rule: &Monitoring) {
        self.stop_monitoring(&rule.supervisor, &rule.agent);
        self.monitoring.push(rule.clone());
    }

    fn stop_monitoring(&mut self, supervisor: &EmployeeId, agent: &EmployeeId) {
        self.monitoring.retain(|rule| rule.supervisor != *supervisor || rule.agent != *agent);
    }

    /// Supervisors who monitor somebody, or are in a session.
    pub fn overseers(&self) -> BTreeSet<&EmployeeId> {
        let sessions = self.sessions.values().filter(|session| !session.over);
        let watchers = sessions.flat_map(|session| &session.watchers).map(|watcher| &watcher.supervisor);
        self.monitoring.iter().map(|rule| &rule.supervisor).chain(watchers).collect()
    }

    /// Advances the router to this time and returns its new facts, which are already applied.
    pub fn step(&mut self, now: Millis) -> Vec<Fact> {
        let facts = self.router.step(now);
        for fact in &facts {
            self.apply_fact(fact);
        }
        facts
    }

    /// Applies what a fact means besides routing.
    fn apply_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::SignedIn { agent, at }
            | Fact::SignedOut { agent, at }
            | Fact::StateSet { agent, at, .. }
            | Fact::MadeNotReady { agent, at, .. } => {
                self.since.insert(agent.clone(), *at);
            }
            // While somebody keeps it, it belongs where it was.
            Fact::Enqueued(entered) => {
                if entered.return_to.is_none() {
                    self.with(&entered.interaction, |session| session.queue.clone_from(&entered.queue));
                }
            }
            Fact::Overflowed { interaction, to, .. } => {
                if self.router.owner(interaction).is_none() {
                    self.with(interaction, |session| session.queue.clone_from(to));
                }
            }
            Fact::Rejected { interaction, agent, .. } => self.with(interaction, |session| {
                if session.asking.is_some() {
                    session.refused_by.push(agent.clone());
                }
            }),
            Fact::ConnectionLost { .. }
            | Fact::ConnectionBack { .. }
            | Fact::AgentSeen { .. }
            | Fact::InactiveWarned { .. }
            | Fact::Offered { .. }
            | Fact::Accepted { .. }
            | Fact::OfferExpired { .. }
            | Fact::OfferRevoked { .. }
            | Fact::Assigned { .. }
            | Fact::Requeued { .. }
            | Fact::TargetFailed { .. }
            | Fact::Released { .. }
            | Fact::Closed { .. }
            | Fact::CustomerSpoke { .. }
            | Fact::AgentSpoke { .. }
            | Fact::ReplyFailed { .. }
            | Fact::PartyGone { .. }
            | Fact::PartyBack { .. }
            | Fact::Parked { .. }
            | Fact::Urgent { .. }
            | Fact::LastAgentOver { .. }
            | Fact::Relaxed { .. } => {}
        }
    }

    fn with(&mut self, id: &InteractionId, change: impl FnOnce(&mut SessionState)) {
        if let Some(session) = self.sessions.get_mut(id) {
            change(session);
        }
    }

    fn log(&mut self, logged: &EntryLogged) {
        self.remove_matched_changes(logged);
        let Some(session) = self.sessions.get_mut(&logged.interaction) else { return };
        session.log(logged);
        if let Some(to) = &logged.send_to {
            let logged_entry = &logged.entry;
            let text = logged_entry.url.as_ref().or(logged_entry.text.as_ref()).cloned().unwrap_or_default();
            let (template, file) = (entry::template_of(logged_entry), entry::file(logged_entry));
            let ticket = (logged.interaction.clone(), logged_entry.index);
            let tracker = sending::tracker(&ticket);
            let message = Outbound { tracker, to: to.clone(), text, quotes: None, template, file };
            self.sends.insert(ticket, OutgoingMessage { message, stage: SendStage::Waiting });
        }
    }

    fn complete(&mut self, id: &InteractionId, by: &EmployeeId, at: Millis) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.over = true;
        session.ended = Some(Ended { by: by.clone(), at });
        let place = (session.contact.clone(), session.phone_number_id.clone());
        if self.by_contact.get(&place) == Some(id) {
            self.by_contact.remove(&place);
        }
        self.unsettle(id);
    }

    /// The session is empty at first: an event follows for each participant who comes back.
    fn reopen(&mut self, id: &InteractionId) {
        let Some(session) = self.sessions.get_mut(id).filter(|session| session.over) else { return };
        session.over = false;
        session.ended = None;
        session.parties.clear();
        session.watchers.clear();
        let place = (session.contact.clone(), session.phone_number_id.clone());
        self.by_contact.insert(place, id.clone());
        self.unsettled.retain(|unsettled| unsettled != id);
    }

    fn unsettle(&mut self, id: &InteractionId) {
        if !self.unsettled.contains(id) {
            self.unsettled.push(id.clone());
        }
    }

    fn set_stage(&mut self, interaction: &InteractionId, index: u64, stage: SendStage) {
        if let Some(message) = self.sends.get_mut(&(interaction.clone(), index)) {
            message.stage = stage;
        }
    }

    fn accept_send(&mut self, interaction: &InteractionId, index: u64, wamid: &str) {
        self.unmatched_statuses.retain(|status| status.wamid != wamid);
        self.unmatched_changes.retain(|change| change.of != wamid);
        self.settle_send(interaction, index);
    }

    /// The outcome of a send is known.
    fn settle_send(&mut self, interaction: &InteractionId, index: u64) {
        self.sends.remove(&(interaction.clone(), index));
        if self.sessions.get(interaction).is_some_and(|session| session.over) {
            self.unsettle(interaction);
        }
    }

    fn keep_unmatched_status(&mut self, status: &UnmatchedStatus) {
        if self.unmatched_statuses.len() >= MAX_UNMATCHED_STATUSES {
            self.unmatched_statuses.pop_front();
        }
        self.unmatched_statuses.push_back(status.clone());
    }

    fn keep_unmatched_change(&mut self, change: &UnmatchedChange) {
        if self.unmatched_changes.len() >= MAX_UNMATCHED_CHANGES {
            self.unmatched_changes.pop_front();
        }
        self.unmatched_changes.push_back(change.clone());
    }

    /// Removes the changes that waited for a logged message: they are in the log now.
    fn remove_matched_changes(&mut self, logged: &EntryLogged) {
        if let Some(mark) = &logged.mark {
            self.unmatched_changes.retain(|change| change.of != marks::wamid(mark));
        }
    }

    /// The changes that wait for a message, in the order of arrival.
    pub fn changes_waiting_for<'a>(
        &'a self,
        wamid: &'a str,
    ) -> impl Iterator<Item = &'a UnmatchedChange> + 'a {
        self.unmatched_changes.iter().filter(move |change| change.of == wamid)
    }

    fn remember_operation(&mut self, employee: &EmployeeId, operation: &OperationId, at: Millis) {
        let oldest = at.minus(OPERATIONS_KEPT);
        while self.operation_order.front().is_some_and(|(then, ..)| *then < oldest) {
            if let Some((_, employee, operation)) = self.operation_order.pop_front() {
                self.operations.remove(&(employee, operation));
            }
        }
        self.operation_order.push_back((at, employee.clone(), operation.clone()));
        self.operations.insert((employee.clone(), operation.clone()), at);
    }

    /// Removes the sessions that are over, have nothing under way and cannot be reopened, and returns their
    /// IDs.
    pub fn sweep(&mut self, now: Millis) -> Vec<InteractionId> {
        let mut settled = Vec::new();
        for id in std::mem::take(&mut self.unsettled) {
            if self.settles_at(&id).is_some_and(|at| at > now) {
                self.unsettled.push(id);
            } else if !self.is_sending(&id) && self.sessions.remove(&id).is_some() {
                settled.push(id);
            }
        }
        settled
    }

    /// When a session that is over can no longer be reopened.
    fn settles_at(&self, id: &InteractionId) -> Option<Millis> {
        self.sessions.get(id)?.ended.as_ref().map(Ended::until)
    }

    fn is_sending(&self, id: &InteractionId) -> bool {
        self.sends.range((id.clone(), 0)..).next().is_some_and(|((of, _), _)| of == id)
    }

    /// When the next session that is over is to be removed.
    pub fn next_settled(&self) -> Option<Millis> {
        self.unsettled.iter().filter_map(|id| self.settles_at(id)).min()
    }

    /// Whether a request was done already.
    pub fn has_done(&self, employee: &EmployeeId, operation: &OperationId) -> bool {
        self.operations.contains_key(&(employee.clone(), operation.clone()))
    }

    /// The open session of a customer on a number of ours.
    pub fn open_session(&self, contact: &ContactId, phone_number_id: &str) -> Option<&SessionState> {
        self.sessions.get(self.by_contact.get(&(contact.clone(), phone_number_id.to_owned()))?)
    }

    /// Whether a customer has an open session with any of our numbers.
    pub fn has_open_session(&self, contact: &ContactId) -> bool {
        let mut from = self.by_contact.range((contact.clone(), String::new())..);
        from.next().is_some_and(|((of, _), _)| of == contact)
    }

    /// Since when an agent is in the state they are in.
    pub fn since(&self, employee: &EmployeeId) -> Option<Millis> {
        self.since.get(employee).copied()
    }

    /// Agents who ever signed in, also those the configuration has no more.
    pub fn agents(&self) -> impl Iterator<Item = &EmployeeId> {
        self.since.keys()
    }

    /// What a [`LogEvent::Checkpoint`] has to say about agents.
    pub fn agent_facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        for agent in self.agents() {
            let view = self.router.agent_state(agent);
            if !view.signed_in {
                continue;
            }
            let since = self.since(agent).unwrap_or(view.idle_since);
            facts.push(Fact::SignedIn { agent: agent.clone(), at: view.idle_since });
            facts.push(Fact::StateSet { agent: agent.clone(), work: view.work, at: since });
            if let Some(at) = view.gone_since {
                facts.push(Fact::ConnectionLost { agent: agent.clone(), at });
            }
        }
        facts
    }
}

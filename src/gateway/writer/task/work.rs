//! One batch of work: events as they are decided, and what waits for them to be on disk.
//!
//! Invariants: an event is applied, added to the batch and turned into notifications in one place and in one order.

use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::whatsapp::account::AccountChange;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::decide::{follow_up, monitoring};
use crate::gateway::writer::handle::ReplySender;
use crate::gateway::writer::model::entry::{EntryAuthor, EntryKind};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::gateway::writer::model::sending::EntryKey;
use crate::gateway::writer::notify::{CausingRequest, ClientNotification, ClientNotifier};
use crate::gateway::writer::project;
use crate::gateway::writer::setup::WriterSetup;
use crate::gateway::writer::state::WriterState;
use crate::store::{Batch, StoreError, TableChange};
use crate::telemetry::redact;
use std::collections::BTreeSet;

/// What is sent after the commit, in order.
pub enum PendingOutput {
    /// A notification of a client.
    Notify(ClientNotification),
    /// A reply. It receives the failure, if the commit failed.
    Reply(SendReply),
}

/// Sends a reply: the one that was decided, or the failure of the commit.
type SendReply = Box<dyn FnOnce(Option<&Refusal>) + Send>;

/// An answer that waits for the commit.
pub fn answer<T: Send + 'static>(to: ReplySender<T>, result: Result<T, Refusal>) -> PendingOutput {
    PendingOutput::Reply(Box::new(move |failed| {
        // The requester may be gone.
        let _ = to.send(match failed {
            Some(refusal) => Err(refusal.clone()),
            None => result,
        });
    }))
}

/// Logs an entry; its text only where the log may contain it.
pub fn log(logged: &EntryLogged) {
    let (entry, session) = (&logged.entry, logged.interaction.as_str());
    let text = entry.text.as_deref().or(entry.url.as_deref()).unwrap_or_default();
    let (from, kind, index) = (entry.from.participant_id.as_str(), entry.kind.as_str(), entry.index);
    tracing::info!(session, index, from, kind, text = %redact(text), "entry");
}

/// Logs a change of the account for the administrator.
pub fn warn(change: &AccountChange) {
    let AccountChange { field, topic, status: standing, text, .. } = change;
    tracing::warn!(field, topic, standing = standing.word(), text, "the account at WhatsApp");
}

/// One batch.
pub struct Work<'a> {
    pub setup: &'a WriterSetup,
    pub state: &'a mut WriterState,
    pub now: Millis,
    pub batch: Batch,
    pub outputs: Vec<PendingOutput>,
    /// Entries that are to be sent.
    pub tickets: Vec<EntryKey>,
    /// Why the batch must not be written.
    pub failure: Option<StoreError>,
    /// Agents who came into a session, and sessions that somebody came into or left, for who monitors them.
    came: Vec<(InteractionId, EmployeeId)>,
    touched: BTreeSet<InteractionId>,
}

impl<'a> Work<'a> {
    pub fn new(setup: &'a WriterSetup, state: &'a mut WriterState, now: Millis) -> Self {
        let batch = Batch { at: now, ..Batch::default() };
        Self {
            setup,
            state,
            now,
            batch,
            outputs: Vec::new(),
            tickets: Vec::new(),
            failure: None,
            came: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Takes an event in.
    pub fn push(&mut self, event: &LogEvent, cause: Option<CausingRequest<'_>>) {
        if let LogEvent::EntryLogged(logged) = event {
            log(logged);
            self.note_party(logged);
        }
        if let LogEvent::AccountChanged { change, .. } = event {
            warn(change);
        }
        if let LogEvent::ContactConflict { contact, other, .. } = event {
            let (contact, other) = (contact.as_str(), other.as_str());
            tracing::warn!(
                contact,
                other,
                "WhatsApp calls two contacts by the same name: nothing was merged"
            );
        }
        self.state.apply(event);
        self.write(event, cause);
    }

    /// Writes an event down that the state has already.
    pub fn write(&mut self, event: &LogEvent, cause: Option<CausingRequest<'_>>) {
        if let LogEvent::EntryLogged(logged) = event
            && logged.send_to.is_some()
        {
            self.tickets.push((logged.interaction.clone(), logged.entry.index));
        }
        let made =
            project::record(event).and_then(|record| Ok((record, project::changes(self.state, event)?)));
        match made {
            Ok((record, changes)) => {
                self.batch.records.push(record);
                self.batch.changes.extend(changes);
            }
            Err(error) => self.failure = Some(error),
        }
        let told = self.notifier(cause).notifications(event);
        self.outputs.extend(told.into_iter().map(PendingOutput::Notify));
    }

    /// Makes notifications of the state as it is now.
    pub fn notifier<'b>(&'b self, cause: Option<CausingRequest<'b>>) -> ClientNotifier<'b> {
        ClientNotifier { setup: self.setup, state: self.state, now: self.now, cause }
    }

    /// Advances the router to the time of the batch.
    pub fn step(&mut self) {
        let facts = self.state.step(self.now);
        for fact in &facts {
            self.write(&LogEvent::Routing(fact.clone()), None);
        }
        facts.iter().for_each(|fact| self.follow(fact));
    }

    /// Takes in what a fact means for who is in its session.
    pub fn follow(&mut self, fact: &Fact) {
        for event in follow_up::after(self.state, fact, self.now) {
            self.push(&event, None);
        }
    }

    /// Before the entry is taken in: who is there already and is only promoted does not come.
    pub fn note_party(&mut self, logged: &EntryLogged) {
        let entry = &logged.entry;
        let kind = EntryKind::of(entry);
        let moves = matches!(kind, EntryKind::Joined | EntryKind::Left);
        if !moves || EntryAuthor::of(&entry.from) != EntryAuthor::Agent {
            return;
        }
        self.touched.insert(logged.interaction.clone());
        let Some(agent) = entry.from.person_id.as_deref().map(EmployeeId::from) else { return };
        if kind == EntryKind::Left {
            return;
        }
        let session = self.state.sessions.get(&logged.interaction);
        if session.is_none_or(|session| session.party_of(&agent).is_none()) {
            self.came.push((logged.interaction.clone(), agent));
        }
    }

    /// Lets supervisors follow the agents whom they monitor. After a whole act: entries are numbered as it is decided.
    pub fn follow_agents(&mut self) {
        let (came, touched) = (std::mem::take(&mut self.came), std::mem::take(&mut self.touched));
        for event in monitoring::follow(self.state, self.setup, &came, &touched, self.now) {
            self.push(&event, None);
        }
    }

    /// Ends the batch: what is over and settled is forgotten.
    pub fn finish(&mut self) {
        self.follow_agents();
        let settled = self.state.sweep(self.now);
        self.batch.changes.extend(settled.into_iter().map(TableChange::SessionSettled));
    }
}

/// What is left of a batch of work when the state is no longer needed for it.
pub struct Parts {
    pub batch: Batch,
    pub outputs: Vec<PendingOutput>,
    pub tickets: Vec<EntryKey>,
    pub failure: Option<StoreError>,
}

impl Parts {
    pub fn of(work: Work<'_>) -> Self {
        Self { batch: work.batch, outputs: work.outputs, tickets: work.tickets, failure: work.failure }
    }
}

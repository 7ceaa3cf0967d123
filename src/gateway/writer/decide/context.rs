//! A command with the data that decisions about it need: sender, time and state.
//!
//! Owns: what all rules for commands need. Must not: change anything, or wait for anything.

use crate::domain::{AttachedData, EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::router::{self, Fact};
use crate::gateway::writer::api::{Actor, ReadState, Refusal};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::prefetch::PrefetchedContacts;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::setup::WriterSetup;
use crate::gateway::writer::state::WriterState;

/// The events that a command leads to, or why it is refused.
pub type CommandOutcome = Result<Vec<LogEvent>, Refusal>;

/// A command with the data that decisions about it need.
#[derive(Clone, Copy)]
pub struct CommandContext<'a> {
    pub state: &'a WriterState,
    pub setup: &'a WriterSetup,
    pub actor: &'a Actor,
    pub operation: Option<&'a OperationId>,
    pub now: Millis,
    /// What the actor has read.
    pub reading: &'a ReadState,
    /// What was read from the store for a command that needs it.
    pub prefetched: Option<&'a PrefetchedContacts>,
}

pub fn routing(facts: Vec<Fact>) -> Vec<LogEvent> {
    facts.into_iter().map(LogEvent::Routing).collect()
}

pub fn refusal_of(refusal: router::RoutingError) -> Refusal {
    match refusal {
        router::RoutingError::Gone { .. } | router::RoutingError::NotYours { .. } => {
            Refusal::Gone(refusal.to_string())
        }
        router::RoutingError::UnknownInteraction(id) => Refusal::NotFound(id),
        router::RoutingError::UnknownAgent(_) => Refusal::Forbidden(refusal.to_string()),
        router::RoutingError::UnknownQueue(_)
        | router::RoutingError::NotSignedIn(_)
        | router::RoutingError::Waiting(_)
        | router::RoutingError::NobodyThere
        | router::RoutingError::NotWaiting(_) => Refusal::Conflict(refusal.to_string()),
    }
}

impl CommandContext<'_> {
    /// The person who sends the command.
    pub fn me(&self) -> &EmployeeId {
        &self.actor.employee
    }

    /// What occupies the places of an agent who has none free, and how to get one. An invitation occupies a
    /// place too.
    pub fn places_taken(&self, agent: &EmployeeId) -> String {
        let view = self.state.router.agent_state(agent);
        let offered = u32::try_from(self.state.router.offers_of(agent).len()).unwrap_or(u32::MAX);
        let counted = |count: u32, what: &str| match count {
            1 => format!("1 {what}"),
            many => format!("{many} {what}s"),
        };
        let sessions = counted(view.load.saturating_sub(offered), "session");
        match offered {
            0 => format!("no free place: {sessions} of {}. Finish or park one first", view.capacity),
            some => format!(
                "no free place: {sessions} + {} of {}. Reject the invitation, or finish or park a session, first",
                counted(some, "invitation"),
                view.capacity
            ),
        }
    }

    /// A session that the actor has.
    pub fn own_session(&self, id: &InteractionId) -> Result<&SessionState, Refusal> {
        let Some(session) = self.state.sessions.get(id) else { return Err(Refusal::NotFound(id.clone())) };
        if session.over {
            return Err(Refusal::Gone(format!("session {id} is over")));
        }
        if session.party_of(self.me()).is_some() {
            return Ok(session);
        }
        if session.workbin.as_ref().is_some_and(|parked| parked.by == *self.me()) {
            return Err(Refusal::Conflict(format!("session {id} is in a workbin: pull it back first")));
        }
        if session.was_in(self.me()) {
            return Err(Refusal::Gone(format!(
                "session {id} is no longer with you: it went to its queue or to a colleague"
            )));
        }
        if self.state.router.offers_of(self.me()).iter().any(|(offered, _)| offered == id) {
            return Err(Refusal::Conflict(format!("session {id} is only offered to you: accept it first")));
        }
        Err(Refusal::NotFound(id.clone()))
    }

    pub fn name(&self, agent: &EmployeeId) -> String {
        self.setup.person_name(agent)
    }

    pub fn nickname(&self, session: &SessionState, agent: &EmployeeId) -> String {
        let party = session.party_of(agent).map(|party| party.nickname.clone());
        let person = self.setup.people.get(agent);
        party.or_else(|| person.map(|person| person.nickname.clone())).unwrap_or_else(|| agent.to_string())
    }

    /// A session that the actor owns, in which nobody is being asked.
    pub fn owned_without_invite(&self, id: &InteractionId) -> Result<&SessionState, Refusal> {
        let session = self.owned_session(id)?;
        match &session.asking {
            Some(asked) => Err(Refusal::Conflict(format!(
                "{} already: wait for the answer or call it off; nothing was done",
                asked.under_way()
            ))),
            None => Ok(session),
        }
    }

    /// Whether the actor owns a session.
    pub fn owns(&self, id: &InteractionId) -> bool {
        self.state.router.owner(id) == Some(self.me())
    }

    /// A session that the actor owns.
    pub fn owned_session(&self, id: &InteractionId) -> Result<&SessionState, Refusal> {
        let session = self.own_session(id)?;
        match self.state.router.owner(id) {
            Some(owner) if owner != self.me() => Err(Refusal::Forbidden(format!(
                "only {}, whose session this is, can do that; nothing was done",
                self.name(owner)
            ))),
            Some(_) | None => Ok(session),
        }
    }
}

/// Pairs without those that only the gateway may write.
pub fn own_pairs(data: &AttachedData) -> AttachedData {
    let own = data.iter().filter(|(key, _)| !key.starts_with("wa."));
    own.map(|(key, value)| (key, value.clone())).collect()
}

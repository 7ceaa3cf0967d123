//! Commands of people and of the writer, with their checks.
//!
//! Owns: the refusals. Must not: change anything; a command returns facts to log and to apply.
//! Invariants: a command that would change nothing returns no facts; it is not refused.

use super::agent::AgentRecord;
use super::fact::{CandidateFilter, Enqueued, Fact, WorkState};
use super::interaction::{DeclinedOffer, InteractionRecord, SearchState};
use super::reason::{GoneReason, ReleaseReason, RequeueReason, TargetFailure};
use super::state::Router;
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::time::Duration;

/// How often the activity of an agent is recorded.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// Why the router refuses a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoutingError {
    /// No such agent.
    #[error("there is no agent {0}; check the employee ID")]
    UnknownAgent(EmployeeId),
    /// No such queue.
    #[error("there is no interaction queue {0}; ask your administrator to configure it")]
    UnknownQueue(String),
    /// No such interaction.
    #[error("there is no session {0}; it may be over")]
    UnknownInteraction(InteractionId),
    /// The offer is not open any more.
    #[error("this invitation is no longer yours: {why}")]
    Gone { interaction: InteractionId, why: GoneReason },
    /// The agent does not own it.
    #[error("session {interaction} is not with agent {agent}")]
    NotYours { interaction: InteractionId, agent: EmployeeId },
    /// The agent is not signed in.
    #[error("agent {0} is not signed in")]
    NotSignedIn(EmployeeId),
    /// It waits in a queue already.
    #[error("session {0} waits in a queue already")]
    Waiting(InteractionId),
    /// A colleague was requested, and no candidate is signed in.
    #[error("nobody else who could take it is signed in")]
    NobodyThere,
    /// There is no search for an agent that could be cancelled.
    #[error("nobody is being looked for in session {0}")]
    NotWaiting(InteractionId),
}

type CommandResult = Result<Vec<Fact>, RoutingError>;

/// A request for a colleague.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColleagueRequest {
    /// The queue whose rules apply; `None`: the one it is in.
    pub queue: Option<String>,
    /// Only this agent.
    pub target: Option<EmployeeId>,
    /// Only these agents.
    pub only: Option<CandidateFilter>,
    /// Agents who are excluded.
    pub except: Vec<EmployeeId>,
    /// When it ends. A request for one agent ends by itself.
    pub until: Option<Millis>,
    /// Whether the owner keeps it until somebody accepts.
    pub keep: bool,
    /// Whether the agent who accepts joins the owner.
    pub join: bool,
}

impl Router {
    fn find_agent(&self, agent: &EmployeeId) -> Result<Option<&AgentRecord>, RoutingError> {
        if self.config.agents.contains_key(agent) || self.agents.contains_key(agent) {
            Ok(self.agents.get(agent))
        } else {
            Err(RoutingError::UnknownAgent(agent.clone()))
        }
    }

    fn require_signed_in(&self, agent: &EmployeeId) -> Result<&AgentRecord, RoutingError> {
        let found = self.find_agent(agent)?.filter(|found| found.signed_in);
        found.ok_or_else(|| RoutingError::NotSignedIn(agent.clone()))
    }

    fn require_item(&self, id: &InteractionId) -> Result<&InteractionRecord, RoutingError> {
        self.items.get(id).ok_or_else(|| RoutingError::UnknownInteraction(id.clone()))
    }

    /// An agent signs in.
    pub fn sign_in(&self, agent: &EmployeeId, now: Millis) -> CommandResult {
        if !self.config.agents.contains_key(agent) {
            return Err(RoutingError::UnknownAgent(agent.clone()));
        }
        let there = |found: &AgentRecord| found.signed_in && found.gone_since.is_none();
        if self.agents.get(agent).is_some_and(there) {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::SignedIn { agent: agent.clone(), at: now }])
    }

    /// An agent signs out. The next step revokes their offers; their sessions are requeued after the grace.
    pub fn sign_out(&self, agent: &EmployeeId, now: Millis) -> CommandResult {
        match self.find_agent(agent)? {
            Some(found) if found.signed_in => Ok(vec![Fact::SignedOut { agent: agent.clone(), at: now }]),
            Some(_) | None => Ok(Vec::new()),
        }
    }

    /// An agent lost the last connection.
    pub fn connection_lost(&self, agent: &EmployeeId, now: Millis) -> CommandResult {
        match self.find_agent(agent)? {
            Some(found) if found.signed_in && found.gone_since.is_none() => {
                Ok(vec![Fact::ConnectionLost { agent: agent.clone(), at: now }])
            }
            Some(_) | None => Ok(Vec::new()),
        }
    }

    /// An agent is connected again. After the grace the agent has to sign in again.
    pub fn connection_back(&self, agent: &EmployeeId, now: Millis) -> CommandResult {
        match self.require_signed_in(agent)?.gone_since {
            Some(_) => Ok(vec![Fact::ConnectionBack { agent: agent.clone(), at: now }]),
            None => Ok(Vec::new()),
        }
    }

    /// An agent sets their state.
    pub fn set_state(&self, agent: &EmployeeId, work: WorkState, now: Millis) -> CommandResult {
        if self.require_signed_in(agent)?.work == work {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::StateSet { agent: agent.clone(), work, at: now }])
    }

    /// An agent was active: a key, a request. Recorded at most once a minute, and when it ends a warning.
    pub fn record_activity(&self, agent: &EmployeeId, now: Millis) -> CommandResult {
        let found = self.require_signed_in(agent)?;
        if found.warned.is_none() && now.since(found.seen) < SEEN_EVERY {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::AgentSeen { agent: agent.clone(), at: now }])
    }

    /// An interaction enters a queue: a new customer, or a transfer, which takes it from its owner unless that is
    /// `return_to`.
    pub fn enqueue(&self, fact: Enqueued) -> CommandResult {
        if !self.config.has_queue(&fact.queue) {
            return Err(RoutingError::UnknownQueue(fact.queue));
        }
        for agent in [&fact.target, &fact.return_to].into_iter().flatten() {
            self.find_agent(agent)?;
        }
        if self.items.get(&fact.interaction).is_some_and(|item| item.search != SearchState::Idle) {
            return Err(RoutingError::Waiting(fact.interaction));
        }
        Ok(vec![Fact::Enqueued(fact)])
    }

    /// The owner of an interaction requests a colleague. Waiting time and priority stay as they are.
    pub fn request_colleague(
        &self,
        agent: &EmployeeId,
        id: &InteractionId,
        request: ColleagueRequest,
        now: Millis,
    ) -> CommandResult {
        self.require_owner(agent, id)?;
        let item = self.require_item(id)?;
        let queue = match request.queue {
            Some(queue) if !self.config.has_queue(&queue) => return Err(RoutingError::UnknownQueue(queue)),
            Some(queue) => queue,
            None => item.queue.clone(),
        };
        if let Some(target) = &request.target {
            self.find_agent(target)?;
        }
        if item.search != SearchState::Idle {
            return Err(RoutingError::Waiting(id.clone()));
        }
        let mut fact = Enqueued::new(id.clone(), &queue, now);
        fact.enqueued_at = item.enqueued_at;
        fact.priority = item.priority;
        fact.skills.clone_from(&item.asked);
        fact.target = request.target;
        fact.return_to = request.keep.then(|| agent.clone());
        fact.only = request.only;
        fact.except = request.except;
        fact.until = request.until;
        fact.join = request.join;
        let mut entered = item.clone();
        entered.enqueue(&fact);
        if request.keep && self.is_hopeless(&entered) {
            return Err(RoutingError::NobodyThere);
        }
        Ok(vec![Fact::Enqueued(fact)])
    }

    fn offer_to(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> Result<u64, RoutingError> {
        let gone = |why| RoutingError::Gone { interaction: id.clone(), why };
        let Some(item) = self.items.get(id) else { return Err(gone(GoneReason::Over)) };
        if let SearchState::Offered(offer) = item.search
            && let Some(open) = self.offers.get(&offer).filter(|open| open.agent == *agent)
        {
            return if open.expires_at > now { Ok(offer) } else { Err(gone(GoneReason::Expired)) };
        }
        Err(gone(match (item.declined.get(agent), &item.owner) {
            (Some(DeclinedOffer { rejected: true, .. }), _) => GoneReason::Rejected,
            (Some(DeclinedOffer { rejected: false, .. }), _) => GoneReason::Expired,
            (None, Some(_)) => GoneReason::Taken,
            (None, None) => GoneReason::Moved,
        }))
    }

    /// An agent accepts an offer. Accepting an interaction again has no effect.
    pub fn accept(&self, agent: &EmployeeId, interaction: &InteractionId, now: Millis) -> CommandResult {
        self.find_agent(agent)?;
        match self.offer_to(agent, interaction, now) {
            Ok(offer) => {
                let (interaction, agent) = (interaction.clone(), agent.clone());
                Ok(vec![Fact::Accepted { offer, interaction, agent, at: now }])
            }
            Err(_) if self.owner(interaction) == Some(agent) => Ok(Vec::new()),
            Err(refusal) => Err(refusal),
        }
    }

    /// An agent rejects an offer.
    pub fn reject(&self, agent: &EmployeeId, interaction: &InteractionId, now: Millis) -> CommandResult {
        self.find_agent(agent)?;
        let offer = self.offer_to(agent, interaction, now)?;
        Ok(vec![Fact::Rejected { offer, interaction: interaction.clone(), agent: agent.clone(), at: now }])
    }

    /// Assigns an interaction to an agent without an offer and whatever the capacity. `queue` is where an interaction
    /// that came through no queue goes when that agent is lost.
    pub fn assign(&self, agent: &EmployeeId, id: &InteractionId, queue: &str, now: Millis) -> CommandResult {
        self.require_signed_in(agent)?;
        // A session that came through a queue returns there, whether that queue is still configured or not.
        if !self.items.contains_key(id) && !self.config.has_queue(queue) {
            return Err(RoutingError::UnknownQueue(queue.to_owned()));
        }
        if self.owner(id) == Some(agent) {
            return Ok(Vec::new());
        }
        let (interaction, agent, queue) = (id.clone(), agent.clone(), queue.to_owned());
        Ok(vec![Fact::Assigned { interaction, agent, queue, at: now }])
    }

    /// An agent puts an interaction into a workbin or leaves it.
    pub fn release(
        &self,
        agent: &EmployeeId,
        id: &InteractionId,
        why: ReleaseReason,
        now: Millis,
    ) -> CommandResult {
        self.require_owner(agent, id)?;
        Ok(vec![Fact::Released { interaction: id.clone(), agent: agent.clone(), why, at: now }])
    }

    /// An interaction goes back from its agent to its queue, with its first waiting time.
    pub fn requeue(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> CommandResult {
        self.require_owner(agent, id)?;
        let (interaction, agent) = (id.clone(), agent.clone());
        Ok(vec![Fact::Requeued { interaction, agent, why: RequeueReason::Requested, at: now }])
    }

    /// A session in a workbin needs an agent again. The agent who put it there is offered it first if free now;
    /// otherwise, and afterwards, it waits as any other does and prefers that agent as long as its queue prefers a
    /// last agent. `queue` is where it goes when its own queue is not configured any more.
    pub fn resume(&self, id: &InteractionId, last: &EmployeeId, queue: &str, now: Millis) -> CommandResult {
        let item = self.require_item(id)?;
        if item.search != SearchState::Idle || item.owner.is_some() {
            return Err(RoutingError::Waiting(id.clone()));
        }
        let home = if self.config.has_queue(&item.home) { item.home.as_str() } else { queue };
        let mut fact = Enqueued::new(id.clone(), home, now);
        fact.priority = item.priority;
        fact.skills.clone_from(&item.asked);
        fact.last_agent = Some((last.clone(), now));
        let found = self.agents.get(last).filter(|_| self.config.agents.contains_key(last));
        let free = found.is_some_and(|found| {
            super::decide::find_absence(Some(found)).is_none() && found.load() < self.config.limit(last)
        });
        fact.target = free.then(|| last.clone());
        self.enqueue(fact)
    }

    /// Moves what waits in a queue that is no longer configured to another queue, with its waiting time.
    pub fn leave_removed_queues(&self, to: &str, now: Millis) -> Vec<Fact> {
        let stuck = self.items.iter().filter(|(_, item)| {
            item.owner.is_none() && item.search == SearchState::Waiting && !self.config.has_queue(&item.queue)
        });
        let moved = |(id, item): (&InteractionId, &InteractionRecord)| {
            Fact::Enqueued(Enqueued {
                priority: item.priority,
                skills: item.asked.clone(),
                last_agent: item.last_agent.clone(),
                window_ends: item.window_ends,
                enqueued_at: item.enqueued_at,
                target: item.target.clone(),
                return_to: item.return_to.clone(),
                only: item.only.clone(),
                except: item.except.clone(),
                until: item.until,
                join: item.join,
                ..Enqueued::new(id.clone(), to, now)
            })
        };
        stuck.map(moved).collect()
    }

    fn require_owner(&self, agent: &EmployeeId, id: &InteractionId) -> Result<(), RoutingError> {
        if self.require_item(id)?.owner.as_ref() == Some(agent) {
            return Ok(());
        }
        Err(RoutingError::NotYours { interaction: id.clone(), agent: agent.clone() })
    }

    /// Cancels a direct offer or a request for a colleague.
    pub fn cancel(&self, id: &InteractionId, now: Millis) -> CommandResult {
        if self.require_item(id)?.search == SearchState::Idle {
            return Err(RoutingError::NotWaiting(id.clone()));
        }
        let offer = self.cancellation(id, now).filter(|fact| matches!(fact, Fact::OfferRevoked { .. }));
        let failed = Fact::TargetFailed { interaction: id.clone(), why: TargetFailure::Cancelled, at: now };
        Ok(offer.into_iter().chain([failed]).collect())
    }

    /// Makes a participant the owner, whoever else has an open offer.
    pub fn hand_over(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> CommandResult {
        let queue = self.require_item(id)?.queue.clone();
        let offer = self.cancellation(id, now).filter(|fact| matches!(fact, Fact::OfferRevoked { .. }));
        Ok(offer.into_iter().chain(self.assign(agent, id, &queue, now)?).collect())
    }

    /// An interaction ends. Closing it again has no effect.
    pub fn close(&self, id: &InteractionId, now: Millis) -> CommandResult {
        if !self.items.contains_key(id) {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::Closed { interaction: id.clone(), at: now }])
    }

    /// The customer wrote. Refused when the session has ended: enqueue a new one.
    pub fn customer_spoke(
        &self,
        id: &InteractionId,
        window_ends: Option<Millis>,
        now: Millis,
    ) -> CommandResult {
        self.require_item(id)?;
        Ok(vec![Fact::CustomerSpoke { interaction: id.clone(), at: now, window_ends }])
    }

    /// The owner or another participant answered the customer.
    pub fn agent_spoke(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> CommandResult {
        if !self.require_item(id)?.beside.contains(agent) {
            self.require_owner(agent, id)?;
        }
        Ok(vec![Fact::AgentSpoke { interaction: id.clone(), at: now }])
    }
}

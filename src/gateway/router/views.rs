//! Queries that do not change the router.
//!
//! Owns: read-only answers. Must not: have state of its own.

use super::agent::{AgentRecord, Counters};
use super::decision::Candidate;
use super::explain::{Explanation, Placement};
use super::fact::WorkState;
use super::interaction::SearchState;
use super::lanes::ServiceRank;
use super::state::Router;
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::time::Duration;

/// A place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// How many interactions are served before this one.
    pub ahead: usize,
    /// How many wait in the queue, this one included.
    pub of: usize,
}

/// The state of an agent, for readers outside the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// Whether they are signed in.
    pub signed_in: bool,
    /// Since when they are gone: signed out, or without a connection.
    pub gone_since: Option<Millis>,
    /// The state that the agent or the router set.
    pub work: WorkState,
    /// Sessions that count, and offers.
    pub load: u32,
    /// The most sessions at once.
    pub capacity: u32,
    /// Since when the agent is idle: the latest of sign-in, assignment, and end of an assignment.
    pub idle_since: Millis,
    /// What became of the offers made to them.
    pub counters: Counters,
}

impl Router {
    /// The position of an interaction in its queue; `None` when it does not wait. The cost is proportional to the
    /// number of interactions ahead: for a whole queue use [`Router::waiting`].
    pub fn position(&self, interaction: &InteractionId) -> Option<Position> {
        let item = self.items.get(interaction)?;
        let (_, place) = item.lane.as_ref()?;
        let (mut ahead, mut of) = (0, 0);
        for lane in self.lanes.of_queue(&item.queue) {
            ahead += lane.range(..place).count();
            of += lane.len();
        }
        Some(Position { ahead, of })
    }

    /// The interactions that wait in a queue, in the order of service.
    pub fn waiting(&self, queue: &str) -> Vec<InteractionId> {
        let mut places: Vec<&ServiceRank> = self.lanes.of_queue(queue).flatten().collect();
        places.sort_unstable();
        places.into_iter().map(|place| place.id.clone()).collect()
    }

    /// How long the customer will probably wait, from the rate of the last acceptances in the queue. `None` when the
    /// interaction does not wait or there were too few acceptances.
    pub fn expected_wait(&self, interaction: &InteractionId) -> Option<Duration> {
        let ahead = self.position(interaction)?.ahead;
        let answers = self.answers.get(&self.items.get(interaction)?.queue)?;
        let gaps = u32::try_from(answers.len()).ok()?.checked_sub(1).filter(|gaps| *gaps >= 2)?;
        let pace = answers.back()?.since(*answers.front()?) / gaps;
        Some(pace.saturating_mul(u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1)))
    }

    /// Sessions of an agent that count, and offers to them.
    pub fn load(&self, agent: &EmployeeId) -> u32 {
        self.agents.get(agent).map_or(0, AgentRecord::load)
    }

    /// The open offers to an agent, oldest first, each with its expiry.
    pub fn offers_of(&self, agent: &EmployeeId) -> Vec<(InteractionId, Millis)> {
        let offers = self.agents.get(agent).into_iter().flat_map(|agent| &agent.offers);
        let open = offers.filter_map(|offer| self.offers.get(offer));
        open.map(|offer| (offer.interaction.clone(), offer.expires_at)).collect()
    }

    /// The interactions that an agent owns.
    pub fn interactions_of(&self, agent: &EmployeeId) -> Vec<InteractionId> {
        self.agents.get(agent).map(|agent| agent.active.iter().cloned().collect()).unwrap_or_default()
    }

    /// The owner of an interaction.
    pub fn owner(&self, interaction: &InteractionId) -> Option<&EmployeeId> {
        self.items.get(interaction)?.owner.as_ref()
    }

    /// The agent to whom an interaction is offered now.
    pub fn offered_to(&self, interaction: &InteractionId) -> Option<&EmployeeId> {
        self.offer_on(interaction).map(|offer| &offer.agent)
    }

    /// Whether an agent is searched for.
    pub fn is_searching(&self, interaction: &InteractionId) -> bool {
        self.items.get(interaction).is_some_and(|item| item.search != SearchState::Idle)
    }

    /// Whether the router has the interaction, that is, it has not ended.
    pub fn contains(&self, interaction: &InteractionId) -> bool {
        self.items.contains_key(interaction)
    }

    /// All interactions that have not ended.
    pub fn interactions(&self) -> impl Iterator<Item = &InteractionId> {
        self.items.keys()
    }

    /// The state of an agent. An agent who never signed in is signed out.
    pub fn agent_state(&self, id: &EmployeeId) -> AgentView {
        let agent = self.agents.get(id).cloned().unwrap_or_default();
        AgentView {
            signed_in: agent.signed_in,
            gone_since: agent.gone_since,
            load: agent.load(),
            capacity: self.config.capacity(id),
            idle_since: agent.idle_since,
            counters: agent.counters,
            work: agent.work,
        }
    }

    /// What became of the offers from a queue.
    pub fn queue_counters(&self, queue: &str) -> Counters {
        self.counters.get(queue).copied().unwrap_or_default()
    }

    /// Explains the placement of an interaction as of `now`. `None` when it has ended: its decisions are in the log.
    pub fn explain(&self, interaction: &InteractionId, now: Millis) -> Option<Explanation> {
        let item = self.items.get(interaction)?;
        let needs = item.needs(&self.config);
        let placement = match (item.search, &item.owner) {
            (SearchState::Waiting, None) => {
                let position = self.position(interaction).unwrap_or(Position { ahead: 0, of: 1 });
                Placement::Waiting { ahead: position.ahead, of: position.of }
            }
            (SearchState::Offered(_), None) => {
                self.offer_on(interaction).map_or(Placement::Unassigned, |offer| {
                    Placement::Offered(offer.agent.clone(), offer.expires_at)
                })
            }
            (SearchState::Idle, Some(owner)) => Placement::With(owner.clone()),
            (_, Some(owner)) => Placement::WithAndWaiting(owner.clone()),
            (SearchState::Idle, None) => Placement::Unassigned,
        };
        let mut candidates = Vec::new();
        if item.search == SearchState::Waiting {
            let candidate = |id: &EmployeeId| Candidate {
                agent: id.clone(),
                eligibility: self.check_eligibility(item, &needs, id, self.load(id), now),
            };
            candidates = self.config.agents.keys().map(candidate).collect();
            candidates.sort_by_key(|candidate| !candidate.eligibility.is_fit());
        }
        Some(Explanation {
            interaction: interaction.clone(),
            now,
            placement,
            queue: item.queue.clone(),
            queue_known: self.config.has_queue(&item.queue),
            enqueued_at: item.enqueued_at,
            priority: self.priority(item, now),
            needs,
            relaxed: item.relaxed,
            candidates,
            decisions: item.decisions.iter().cloned().collect(),
            history: item.history.iter().cloned().collect(),
        })
    }
}

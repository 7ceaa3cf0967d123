//! What may be asked of the router without changing it.
//!
//! Owns: read-only answers. Must not: keep anything of its own.

use super::Router;
use super::explain::{Candidate, Explanation, Whereabouts};
use super::fact::WorkState;
use super::state::{Agent, Counters, Place, Search};
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::time::Duration;

/// A place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// How many are served before this one.
    pub ahead: usize,
    /// How many wait in the queue, this one included.
    pub of: usize,
}

/// An agent as others may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// Whether they are signed in.
    pub signed_in: bool,
    /// Since when they are gone: signed out, or without a connection.
    pub gone_since: Option<Millis>,
    /// What they set, or the router set for them.
    pub work: WorkState,
    /// Sessions that count, and offers.
    pub load: u32,
    /// How many they may have.
    pub capacity: u32,
    /// Since when they wait for an assignment: the latest of sign-in, assignment, and end of one.
    pub idle_since: Millis,
    /// What became of the offers made to them.
    pub counters: Counters,
}

impl Router {
    /// Where an interaction stands in its queue; `None` when it does not wait. Costs as much as there are
    /// ahead of it: for all of a queue ask [`Router::waiting`] once.
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

    /// Those who wait in a queue, in the order they are served.
    pub fn waiting(&self, queue: &str) -> Vec<InteractionId> {
        let mut places: Vec<&Place> = self.lanes.of_queue(queue).flatten().collect();
        places.sort_unstable();
        places.into_iter().map(|place| place.id.clone()).collect()
    }

    /// How long the customer can expect to wait still, from the pace of the last answers in the queue.
    /// `None` when it does not wait or there were too few answers to tell.
    pub fn expected_wait(&self, interaction: &InteractionId) -> Option<Duration> {
        let ahead = self.position(interaction)?.ahead;
        let answers = self.answers.get(&self.items.get(interaction)?.queue)?;
        let gaps = u32::try_from(answers.len()).ok()?.checked_sub(1).filter(|gaps| *gaps >= 2)?;
        let pace = answers.back()?.since(*answers.front()?) / gaps;
        Some(pace.saturating_mul(u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1)))
    }

    /// Sessions of an agent that count, and offers to them.
    pub fn load(&self, agent: &EmployeeId) -> u32 {
        self.agents.get(agent).map_or(0, Agent::load)
    }

    /// What an agent is offered, oldest first, each with when it lapses.
    pub fn offers_of(&self, agent: &EmployeeId) -> Vec<(InteractionId, Millis)> {
        let offers = self.agents.get(agent).into_iter().flat_map(|agent| &agent.offers);
        let standing = offers.filter_map(|offer| self.offers.get(offer));
        standing.map(|offer| (offer.interaction.clone(), offer.lapses)).collect()
    }

    /// What an agent has.
    pub fn interactions_of(&self, agent: &EmployeeId) -> Vec<InteractionId> {
        self.agents.get(agent).map(|agent| agent.active.iter().cloned().collect()).unwrap_or_default()
    }

    /// Who has an interaction.
    pub fn owner(&self, interaction: &InteractionId) -> Option<&EmployeeId> {
        self.items.get(interaction)?.owner.as_ref()
    }

    /// To whom an interaction is offered now.
    pub fn offered_to(&self, interaction: &InteractionId) -> Option<&EmployeeId> {
        self.offer_on(interaction).map(|offer| &offer.agent)
    }

    /// Whether a colleague is being searched for.
    pub fn is_searching(&self, interaction: &InteractionId) -> bool {
        self.items.get(interaction).is_some_and(|item| item.search != Search::No)
    }

    /// Whether the router knows an interaction: it is not over.
    pub fn knows(&self, interaction: &InteractionId) -> bool {
        self.items.contains_key(interaction)
    }

    /// Everything that is not over.
    pub fn interactions(&self) -> impl Iterator<Item = &InteractionId> {
        self.items.keys()
    }

    /// How an agent is. One who never signed in is signed out.
    pub fn agent_state(&self, id: &EmployeeId) -> AgentView {
        let agent = self.agents.get(id).cloned().unwrap_or_default();
        AgentView {
            signed_in: agent.signed_in,
            gone_since: agent.gone_since,
            load: agent.load(),
            capacity: self.house.capacity(id),
            idle_since: agent.idle_since,
            counters: agent.counters,
            work: agent.work,
        }
    }

    /// What became of the offers from a queue.
    pub fn queue_counters(&self, queue: &str) -> Counters {
        self.counters.get(queue).copied().unwrap_or_default()
    }

    /// Why an interaction is where it is, as of `now`. `None` when it is over: the log has its decisions.
    pub fn explain(&self, interaction: &InteractionId, now: Millis) -> Option<Explanation> {
        let item = self.items.get(interaction)?;
        let needs = item.needs(&self.house);
        let whereabouts = match (item.search, &item.owner) {
            (Search::Waiting, None) => {
                let position = self.position(interaction).unwrap_or(Position { ahead: 0, of: 1 });
                Whereabouts::Waiting { ahead: position.ahead, of: position.of }
            }
            (Search::Offered(_), None) => self.offer_on(interaction).map_or(Whereabouts::Nowhere, |offer| {
                Whereabouts::Offered(offer.agent.clone(), offer.lapses)
            }),
            (Search::No, Some(owner)) => Whereabouts::With(owner.clone()),
            (_, Some(owner)) => Whereabouts::WithAndWaiting(owner.clone()),
            (Search::No, None) => Whereabouts::Nowhere,
        };
        let mut candidates = Vec::new();
        if item.search == Search::Waiting {
            let judged = |id: &EmployeeId| Candidate {
                agent: id.clone(),
                verdict: self.judge(item, &needs, id, self.load(id), now),
            };
            candidates = self.house.agents.keys().map(judged).collect();
            candidates.sort_by_key(|candidate| !candidate.verdict.is_fit());
        }
        Some(Explanation {
            interaction: interaction.clone(),
            now,
            whereabouts,
            queue: item.queue.clone(),
            queue_known: self.house.has_queue(&item.queue),
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

//! Who gets which interaction.
//!
//! Owns: queues, offers, owners, and the decision which agent is offered which interaction; it can explain each one.
//! Must not: read a clock, use randomness, or do any input or output. Time is an argument of type [`Millis`].
//! Invariants:
//! - The state follows from the [`Fact`]s that were applied and from nothing else. The same facts, setup and
//!   clock give the same decisions.
//! - An interaction is offered to at most one agent at a time, and an offer has a number, so a late
//!   answer to an old offer has no effect.
//! - Sessions that count plus offers never exceed an agent's capacity by more than
//!   [`RoutingRules::wake_over_cap`], except for what a supervisor assigns or the agent takes ([`Fact::Assigned`]).
//!
//! How to drive it: a command ([`Router::accept`] and its like) answers with facts; log them and
//! [`Router::apply`] them; then [`Router::step`], which applies what it returns, so log that before anything
//! acts on it. Sleep until [`Router::next_deadline`]. If the log cannot be written after a step, the router
//! is ahead of the log and must be built again from it.

mod agent;
mod apply;
mod commands;
mod decide;
mod decision;
mod due;
mod explain;
mod fact;
mod interaction;
mod lanes;
mod offers;
mod reason;
mod setup;
mod timers;
mod views;

pub use agent::Counters;
pub use commands::{ColleagueRequest, RoutingError};
pub use decision::{Candidate, Decision, Eligibility, MOST_LISTED, Priority, SelectionReason};
pub use explain::{Explanation, HistoryEvent, HistoryEventKind, Placement};
pub use fact::{CandidateFilter, Enqueued, Fact, WorkState};
pub use reason::{GoneReason, ReleaseReason, RequeueReason, RevokeReason, TargetFailure};
pub use setup::{AgentSetup, QueueSetup, Relax, RouterSetup, RoutingRules, SelectionStrategy, Skills};
pub use views::{AgentView, Position};

use crate::domain::{EmployeeId, InteractionId, Millis};
use agent::AgentRecord;
use interaction::{InteractionRecord, OpenOffer};
use lanes::Lanes;
use setup::RoutingConfig;
use std::collections::{BTreeMap, VecDeque};
use timers::Timers;

/// The router. See the [module](self).
#[derive(Clone, Debug)]
pub struct Router {
    config: RoutingConfig,
    agents: BTreeMap<EmployeeId, AgentRecord>,
    items: BTreeMap<InteractionId, InteractionRecord>,
    offers: BTreeMap<u64, OpenOffer>,
    next_offer: u64,
    next_seq: u64,
    /// The agent who was offered the last interaction, per queue.
    turns: BTreeMap<String, EmployeeId>,
    /// The times of the latest acceptances, per queue. The expected wait is calculated from them.
    answers: BTreeMap<String, VecDeque<Millis>>,
    counters: BTreeMap<String, Counters>,
    lanes: Lanes,
    timers: Timers,
}

/// Two routers are equal when their records are. Timers are not compared: they follow from the records, and a router
/// that was just rebuilt checks once more what the other one has checked.
impl PartialEq for Router {
    fn eq(&self, other: &Self) -> bool {
        self.config == other.config
            && self.agents == other.agents
            && self.items == other.items
            && self.offers == other.offers
            && (self.next_offer, self.next_seq) == (other.next_offer, other.next_seq)
            && self.turns == other.turns
            && self.answers == other.answers
            && self.counters == other.counters
            && self.lanes == other.lanes
    }
}

impl Router {
    /// A router with the agents of the setup, all signed out.
    pub fn new(setup: RouterSetup) -> Self {
        Self {
            config: RoutingConfig::new(setup),
            agents: BTreeMap::new(),
            items: BTreeMap::new(),
            offers: BTreeMap::new(),
            next_offer: 1,
            next_seq: 1,
            turns: BTreeMap::new(),
            answers: BTreeMap::new(),
            counters: BTreeMap::new(),
            lanes: Lanes::default(),
            timers: Timers::default(),
        }
    }

    /// A router with the state that follows from the facts of a log.
    pub fn rebuild<'a>(setup: RouterSetup, facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut router = Self::new(setup);
        for fact in facts {
            router.apply(fact);
        }
        router
    }

    /// Goes on with another setup. Nobody loses what they have; offers that stand keep their time. Agents
    /// who are not in it any more get nothing new; queues that are not in it any more have default settings.
    pub fn reconfigure(&mut self, setup: RouterSetup) {
        self.config = RoutingConfig::new(setup);
        for id in self.items.keys().cloned().collect::<Vec<_>>() {
            self.update_lane_and_timer(&id, Millis(i64::MIN));
        }
        for id in self.agents.keys().cloned().collect::<Vec<_>>() {
            self.arm_agent(&id);
        }
    }
}

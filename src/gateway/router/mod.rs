//! Who gets which interaction.
//!
//! Owns: queues, offers, who has what, and the decision who is offered what; it can explain each one.
//! Must not: read a clock, roll dice, or do any input or output. Time comes in as [`Millis`].
//! Invariants:
//! - State is the fold of the [`Fact`]s that were applied and of nothing else. The same facts, setup and
//!   clock give the same decisions.
//! - An interaction is offered to at most one agent at a time, and an offer has a number, so a late
//!   answer to an old one finds nothing.
//! - Sessions that count plus offers never exceed an agent's capacity by more than
//!   [`Rules::wake_over_cap`], but for what a supervisor or the agent themselves takes ([`Fact::Assigned`]).
//!
//! How to drive it: a command ([`Router::accept`] and its like) answers with facts; log them and
//! [`Router::apply`] them; then [`Router::step`], which applies what it returns, so log that before anything
//! acts on it. Sleep until [`Router::next_deadline`]. If the log cannot be written after a step, the router
//! is ahead of the log and must be built again from it.

mod apply;
mod commands;
mod decide;
mod due;
mod explain;
mod fact;
mod setup;
mod state;
mod views;

pub use commands::{GoneWhy, Refusal, Wish};
pub use explain::{
    Candidate, Choice, Decision, Event, Explanation, MOST_LISTED, Priority, Verdict, What, Whereabouts,
};
pub use fact::{Enqueued, Fact, Only, ReleaseWhy, RequeueWhy, RevokeWhy, TargetWhy, WorkState};
pub use setup::{AgentSetup, QueueSetup, Relax, Rules, Setup, Skills, Strategy};
pub use state::Counters;
pub use views::{AgentView, Position};

use crate::domain::{EmployeeId, InteractionId, Millis};
use setup::House;
use state::{Agent, Item, Lanes, Offer, Timers};
use std::collections::{BTreeMap, VecDeque};

/// The router. See the [module](self).
#[derive(Clone, Debug)]
pub struct Router {
    house: House,
    agents: BTreeMap<EmployeeId, Agent>,
    items: BTreeMap<InteractionId, Item>,
    offers: BTreeMap<u64, Offer>,
    next_offer: u64,
    next_seq: u64,
    /// Whose turn it last was, per queue.
    turns: BTreeMap<String, EmployeeId>,
    /// The latest acceptances, per queue, for the expected wait.
    answers: BTreeMap<String, VecDeque<Millis>>,
    counters: BTreeMap<String, Counters>,
    lanes: Lanes,
    timers: Timers,
}

/// Two routers are equal when they know the same. What they are to look at when is left out: it follows
/// from the rest, and one that has just been rebuilt looks once more at what the other has seen.
impl PartialEq for Router {
    fn eq(&self, other: &Self) -> bool {
        self.house == other.house
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
    /// A router that knows of nobody but those in the setup, all signed out.
    pub fn new(setup: Setup) -> Self {
        Self {
            house: House::new(setup),
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

    /// A router that knows what the facts of a log say.
    pub fn rebuild<'a>(setup: Setup, facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut router = Self::new(setup);
        for fact in facts {
            router.apply(fact);
        }
        router
    }

    /// Goes on with another setup. Nobody loses what they have; offers that stand keep their time. Agents
    /// who are not in it any more get nothing new; queues that are not in it any more have default settings.
    pub fn reconfigure(&mut self, setup: Setup) {
        self.house = House::new(setup);
        for id in self.items.keys().cloned().collect::<Vec<_>>() {
            self.settle(&id, Millis(i64::MIN));
        }
        for id in self.agents.keys().cloned().collect::<Vec<_>>() {
            self.arm_agent(&id);
        }
    }
}

//! The state of the router.
//!
//! Owns: the records of agents and interactions, the open offers, the lanes and the timers; building them from a log.
//! Must not: decide or check anything; that is `decide` and `commands`.

use super::agent::{AgentRecord, Counters};
use super::fact::Fact;
use super::interaction::{InteractionRecord, OpenOffer};
use super::lanes::Lanes;
use super::setup::{RouterSetup, RoutingConfig};
use super::timers::Timers;
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::collections::{BTreeMap, VecDeque};

/// The router. See the [module](super).
#[derive(Clone, Debug)]
pub struct Router {
    pub(super) config: RoutingConfig,
    pub(super) agents: BTreeMap<EmployeeId, AgentRecord>,
    pub(super) items: BTreeMap<InteractionId, InteractionRecord>,
    pub(super) offers: BTreeMap<u64, OpenOffer>,
    pub(super) next_offer: u64,
    pub(super) next_seq: u64,
    /// The agent who was offered the last interaction, per queue.
    pub(super) turns: BTreeMap<String, EmployeeId>,
    /// The times of the latest acceptances, per queue. The expected wait is calculated from them.
    pub(super) answers: BTreeMap<String, VecDeque<Millis>>,
    pub(super) counters: BTreeMap<String, Counters>,
    pub(super) lanes: Lanes,
    pub(super) timers: Timers,
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

    /// Replaces the setup. Owners keep their interactions and open offers keep their expiry. Agents who are not in the setup
    /// any more get nothing new; queues that are not in it any more have default settings.
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

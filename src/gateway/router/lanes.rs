//! The order of waiting interactions.
//!
//! Owns: the lanes. Invariants: a waiting interaction is in exactly one lane, any other in none. All
//! interactions of a lane have the same requirements, so an agent who is eligible for one is eligible for all,
//! except those that the agent declined.

use super::fact::CandidateFilter;
use super::setup::Skills;
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the interactions of a lane have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneKey {
    pub queue: String,
    pub needs: Skills,
    pub target: Option<EmployeeId>,
    pub preferred: Option<EmployeeId>,
    pub only: Option<CandidateFilter>,
}

/// A rank in the order; the smallest is served first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ServiceRank {
    pub score: Reverse<i128>,
    pub enqueued_at: Millis,
    pub seq: u64,
    pub id: InteractionId,
}

/// All waiting interactions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lanes(pub BTreeMap<Arc<LaneKey>, BTreeSet<ServiceRank>>);

impl Lanes {
    /// Puts an interaction into a lane.
    pub fn insert(&mut self, class: Arc<LaneKey>, place: ServiceRank) {
        self.0.entry(class).or_default().insert(place);
    }

    /// Takes an interaction out of a lane; an empty lane goes.
    pub fn remove(&mut self, class: &Arc<LaneKey>, place: &ServiceRank) {
        if let Some(lane) = self.0.get_mut(class) {
            lane.remove(place);
            if lane.is_empty() {
                self.0.remove(class);
            }
        }
    }

    /// The lanes of a queue.
    pub fn of_queue<'a>(&'a self, queue: &'a str) -> impl Iterator<Item = &'a BTreeSet<ServiceRank>> {
        let first = LaneKey {
            queue: queue.to_owned(),
            needs: Skills::new(),
            target: None,
            preferred: None,
            only: None,
        };
        self.0
            .range(Arc::new(first)..)
            .take_while(move |(class, _)| class.queue == queue)
            .map(|(_, lane)| lane)
    }
}

//! What the router knows about an agent.
//!
//! Owns: the record and how each event about the agent changes it. Must not: choose agents; that is `decide`.

use super::fact::WorkState;
use crate::domain::{InteractionId, Millis};
use std::collections::BTreeSet;

/// Counts of what became of offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Offers made.
    pub offered: u64,
    /// Offers accepted.
    pub answered: u64,
    /// Offers not answered in time.
    pub missed: u64,
    /// Offers declined.
    pub rejected: u64,
}

/// An agent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AgentRecord {
    pub signed_in: bool,
    /// Since when the agent is gone: signed out, or without a connection.
    pub gone_since: Option<Millis>,
    pub work: WorkState,
    /// Since when the agent is in this state.
    pub work_since: Millis,
    pub offers: BTreeSet<u64>,
    pub active: BTreeSet<InteractionId>,
    /// How many of the active ones count as load; parked ones do not.
    pub weight: u32,
    /// Sessions of other owners that the agent has joined.
    pub beside: BTreeSet<InteractionId>,
    pub idle_since: Millis,
    /// Offers in a row without an answer.
    pub misses: u32,
    pub seen: Millis,
    pub warned: Option<Millis>,
    pub counters: Counters,
}

impl Default for AgentRecord {
    fn default() -> Self {
        Self {
            signed_in: false,
            gone_since: None,
            work: WorkState::NotReady { reason: String::new() },
            work_since: Millis(0),
            offers: BTreeSet::new(),
            active: BTreeSet::new(),
            weight: 0,
            beside: BTreeSet::new(),
            idle_since: Millis(0),
            misses: 0,
            seen: Millis(0),
            warned: None,
            counters: Counters::default(),
        }
    }
}

impl AgentRecord {
    /// Sessions that count, sessions that the agent has joined, and open offers.
    pub fn load(&self) -> u32 {
        let more = self.offers.len().saturating_add(self.beside.len());
        self.weight.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
    }

    /// Notes that the agent did something; a warning about inactivity is over.
    pub fn record_activity(&mut self, at: Millis) {
        self.seen = self.seen.max(at);
        self.warned = None;
    }

    /// Signs the agent in as not ready. An agent who was signed in keeps the state: only the connection is back.
    pub fn sign_in(&mut self, at: Millis) {
        if !self.signed_in {
            self.signed_in = true;
            self.work = WorkState::NotReady { reason: String::new() };
            self.idle_since = self.idle_since.max(at);
            self.misses = 0;
        }
        self.gone_since = None;
        self.record_activity(at);
    }

    /// Signs the agent out; a grace period that has begun goes on.
    pub fn sign_out(&mut self, at: Millis) {
        self.signed_in = false;
        self.gone_since = self.gone_since.or(Some(at));
        self.warned = None;
    }

    /// Notes when the last connection was lost: the grace period begins.
    pub fn lose_connection(&mut self, at: Millis) {
        self.gone_since = self.gone_since.or(Some(at));
    }

    /// Ends the grace period.
    pub fn restore_connection(&mut self, at: Millis) {
        if self.signed_in {
            self.gone_since = None;
        }
        self.record_activity(at);
    }

    /// Sets the state that the agent chose.
    pub fn set_state(&mut self, work: &WorkState, at: Millis) {
        self.work = work.clone();
        self.work_since = at;
        self.misses = 0;
        self.record_activity(at);
    }

    /// Sets the agent not ready on behalf of the router. This is no sign of activity.
    pub fn make_not_ready(&mut self, reason: &str) {
        self.work = WorkState::NotReady { reason: reason.to_owned() };
        self.misses = 0;
    }

    /// Counts one more session.
    pub const fn add_weight(&mut self) {
        self.weight = self.weight.saturating_add(1);
    }
}

//! Why an interaction was offered to an agent and to no other.
//!
//! Owns: the record of a decision, as the event log keeps it, and its sentences. Must not: decide anything.
//! Invariants: a [`Decision`] is logged with its offer, so it names at most [`MOST_LISTED`] candidates.

use super::setup::SelectionStrategy;
use crate::domain::{EmployeeId, Millis};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How many of the other candidates a decision in the log names; the rest are counted.
pub const MOST_LISTED: usize = 24;
/// How many decisions are remembered per interaction.
pub(super) const MOST_DECISIONS: usize = 3;

/// The parts of the priority in a queue. The greater total is served first; among equals the longest waiting one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priority {
    /// Points of the queue.
    pub queue: i64,
    /// Points of the interaction itself.
    pub own: i64,
    /// Points for waiting, so far.
    pub ageing: i64,
    /// Points because the reply window is about to close.
    pub boost: i64,
}

impl Priority {
    /// All points together.
    pub const fn total(self) -> i64 {
        self.queue.saturating_add(self.own).saturating_add(self.ageing).saturating_add(self.boost)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue, own, ageing, boost } = self;
        write!(f, "{} (queue {queue}, own {own}, waiting {ageing}, reply window {boost})", self.total())
    }
}

/// Whether an agent may have an interaction, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are described at the variant")]
pub enum Eligibility {
    /// Could take it, with this load of this capacity.
    Fit { load: u32, capacity: u32 },
    /// Not signed in.
    NotSignedIn,
    /// The connection broke; no new offers until it is back.
    ConnectionLost,
    /// Not ready, for this reason.
    NotReady { reason: String },
    /// Finishes the last session.
    AfterCallWork,
    /// Takes no offers.
    DoNotDisturb,
    /// Not in the agent group of the queue.
    NotInGroup { group: String },
    /// Has the skill at level `has` (0: not at all), and level `needs` is required.
    Skill { skill: String, needs: u8, has: u8 },
    /// Has as many sessions and offers as they may.
    AtCapacity { load: u32, capacity: u32 },
    /// Did not accept it so many seconds ago.
    Declined { seconds_ago: u64, rejected: bool },
    /// Is its owner, or excluded.
    HasIt,
    /// It is a direct offer to another agent.
    NotTheTarget,
}

impl Eligibility {
    /// Whether the agent could have it.
    pub const fn is_fit(&self) -> bool {
        matches!(self, Self::Fit { .. })
    }
}

impl fmt::Display for Eligibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fit { load, capacity } => write!(f, "can take it, {load}/{capacity} in use"),
            Self::NotSignedIn => f.write_str("not signed in"),
            Self::ConnectionLost => f.write_str("connection lost"),
            Self::NotReady { reason } if reason.is_empty() => f.write_str("not ready"),
            Self::NotReady { reason } => write!(f, "not ready ({reason})"),
            Self::AfterCallWork => f.write_str("after call work"),
            Self::DoNotDisturb => f.write_str("do not disturb"),
            Self::NotInGroup { group } => write!(f, "not in group {group}"),
            Self::Skill { skill, needs, has: 0 } => write!(f, "no skill {skill} (needs {needs})"),
            Self::Skill { skill, needs, has } => write!(f, "no skill {skill} >= {needs} (has {has})"),
            Self::AtCapacity { load, capacity } => write!(f, "at capacity {load}/{capacity}"),
            Self::Declined { seconds_ago, rejected: true } => write!(f, "declined {seconds_ago} s ago"),
            Self::Declined { seconds_ago, rejected: false } => {
                write!(f, "did not answer {seconds_ago} s ago")
            }
            Self::HasIt => f.write_str("has it already"),
            Self::NotTheTarget => f.write_str("it is for somebody else"),
        }
    }
}

/// A candidate, and whether they may have the interaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub agent: EmployeeId,
    #[serde(flatten)]
    pub eligibility: Eligibility,
}

/// Why an agent was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectionReason {
    /// The best of the eligible agents, by the strategy of the queue.
    Best,
    /// Served this customer last.
    LastAgent,
    /// The target of a direct offer.
    Target,
}

/// How an offer came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub at: Millis,
    /// The selected agent.
    pub agent: EmployeeId,
    /// Why this agent.
    pub choice: SelectionReason,
    pub strategy: SelectionStrategy,
    pub queue: String,
    pub priority: Priority,
    /// For how long the customer had waited, in milliseconds.
    pub waited_ms: u64,
    /// The other candidates: the eligible ones in the order of selection, then those signed in, then the rest.
    pub passed_over: Vec<Candidate>,
    /// How many more candidates there were.
    #[serde(default)]
    pub unlisted: u32,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match (self.choice, self.strategy) {
            (SelectionReason::LastAgent, _) => "served this customer last",
            (SelectionReason::Target, _) => "was named",
            (SelectionReason::Best, SelectionStrategy::LeastLoaded) => "the least load",
            (SelectionReason::Best, SelectionStrategy::LongestIdle) => "the longest idle",
            (SelectionReason::Best, SelectionStrategy::RoundRobin) => "next in turn",
        };
        let waited = HumanDuration(Duration::from_millis(self.waited_ms));
        writeln!(f, "{} offered to {}: {why}", self.at.to_rfc3339(), self.agent)?;
        writeln!(f, "  queue {}, priority {}, waited {waited}", self.queue, self.priority)?;
        for candidate in &self.passed_over {
            writeln!(f, "  passed over {}: {}", candidate.agent, candidate.eligibility)?;
        }
        if self.unlisted > 0 {
            writeln!(f, "  and {} more", self.unlisted)?;
        }
        Ok(())
    }
}

/// A duration for people: `0:42`, `1:02:03`.
pub(super) struct HumanDuration(pub Duration);

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
        if hours > 0 { write!(f, "{hours}:{minutes:02}:{secs:02}") } else { write!(f, "{minutes}:{secs:02}") }
    }
}

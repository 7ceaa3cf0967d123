//! Why an interaction is where it is: decisions, verdicts on candidates, and sentences for people.
//!
//! Owns: the words of an explanation. Must not: decide anything.
//! Invariants: a [`Decision`] travels in the log with its offer, so it names at most
//! [`MOST_LISTED`] candidates; an [`Explanation`] of now names all of them.

use super::fact::{ReleaseWhy, RequeueWhy, RevokeWhy, TargetWhy};
use super::setup::{Skills, Strategy};
use crate::domain::{EmployeeId, InteractionId, Millis};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How many passed-over candidates a decision in the log names; the rest are counted.
pub const MOST_LISTED: usize = 24;
/// How many decisions are remembered per interaction.
pub(super) const MOST_DECISIONS: usize = 3;
/// How many past events are remembered per interaction.
pub(super) const MOST_EVENTS: usize = 16;

/// What the order in a queue follows, part by part. The greater total comes first, then who waits longest.
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

/// What stands against an agent for an interaction, or that nothing does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are told at the variant")]
pub enum Verdict {
    /// Nothing: could take it, with this load of this capacity.
    Fit { load: u32, capacity: u32 },
    /// Not signed in.
    NotSignedIn,
    /// The connection broke; no new offers until it is back.
    ConnectionLost,
    /// Not ready, for this reason.
    NotReady { reason: String },
    /// Finishes the last session.
    AfterCallWork,
    /// Wants to be offered nothing.
    DoNotDisturb,
    /// Not in the agent group of the queue.
    NotInGroup { group: String },
    /// Has the skill at `has` (0: not at all), and `needs` is asked for.
    Skill { skill: String, needs: u8, has: u8 },
    /// Has as many sessions and offers as they may.
    AtCapacity { load: u32, capacity: u32 },
    /// Did not take it so many seconds ago.
    Declined { seconds_ago: u64, rejected: bool },
    /// Is the one who has it.
    HasIt,
    /// It is for somebody else.
    NotTheTarget,
}

impl Verdict {
    /// Whether the agent could have it.
    pub const fn is_fit(&self) -> bool {
        matches!(self, Self::Fit { .. })
    }
}

impl fmt::Display for Verdict {
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

/// A candidate and what stands against them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub agent: EmployeeId,
    /// What.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Why the chosen one was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Best of those who fit, by the strategy of the queue.
    Best,
    /// Served this customer last.
    LastAgent,
    /// Was named in a direct offer.
    Target,
}

/// How an offer came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub at: Millis,
    /// Who was chosen.
    pub agent: EmployeeId,
    /// What for.
    pub choice: Choice,
    /// By which strategy.
    pub strategy: Strategy,
    /// The queue.
    pub queue: String,
    /// How it stood in the queue.
    pub priority: Priority,
    /// For how long the customer had waited, in milliseconds.
    pub waited_ms: u64,
    /// The other candidates: those who fit in the order of choice, then those signed in, then the rest.
    pub passed_over: Vec<Candidate>,
    /// How many more there were.
    #[serde(default)]
    pub unlisted: u32,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match (self.choice, self.strategy) {
            (Choice::LastAgent, _) => "served this customer last",
            (Choice::Target, _) => "was named",
            (Choice::Best, Strategy::LeastLoaded) => "the least load",
            (Choice::Best, Strategy::LongestIdle) => "the longest idle",
            (Choice::Best, Strategy::RoundRobin) => "next in turn",
        };
        let waited = Span(Duration::from_millis(self.waited_ms));
        writeln!(f, "{} offered to {}: {why}", self.at.to_rfc3339(), self.agent)?;
        writeln!(f, "  queue {}, priority {}, waited {waited}", self.queue, self.priority)?;
        for candidate in &self.passed_over {
            writeln!(f, "  passed over {}: {}", candidate.agent, candidate.verdict)?;
        }
        if self.unlisted > 0 {
            writeln!(f, "  and {} more", self.unlisted)?;
        }
        Ok(())
    }
}

/// What happened to an interaction, for its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the facts they stand for")]
pub enum What {
    Queued,
    Offered,
    Accepted,
    Rejected,
    NoAnswer,
    Revoked(RevokeWhy),
    Requeued(RequeueWhy),
    TargetFailed(TargetWhy),
    Assigned,
    Released(ReleaseWhy),
    Urgent(bool),
    LastAgentOver,
    Relaxed { step: u8, dropped: bool },
    Overflowed,
}

/// One line of an interaction's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// What.
    pub what: What,
    /// Who, or which queue.
    pub name: Option<Arc<str>>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("nobody");
        write!(f, "{} ", self.at.to_rfc3339())?;
        match self.what {
            What::Queued => write!(f, "queued in {name}"),
            What::Offered => write!(f, "offered to {name}"),
            What::Accepted => write!(f, "accepted by {name}"),
            What::Rejected => write!(f, "rejected by {name}"),
            What::NoAnswer => write!(f, "not answered by {name}"),
            What::Revoked(RevokeWhy::AgentGone) => write!(f, "offer taken back: {name} is gone"),
            What::Revoked(RevokeWhy::AgentNotReady) => write!(f, "offer taken back: {name} is not ready"),
            What::Revoked(RevokeWhy::Cancelled) => write!(f, "offer to {name} cancelled"),
            What::Requeued(RequeueWhy::GraceOver) => write!(f, "back in the queue: {name} was gone too long"),
            What::Requeued(RequeueWhy::Inactive) => write!(f, "back in the queue: {name} was inactive"),
            What::Requeued(RequeueWhy::OverCapacity) => {
                write!(f, "back in the queue: it woke and {name} had no room")
            }
            What::Requeued(RequeueWhy::Asked) => write!(f, "back in the queue from {name}"),
            What::TargetFailed(TargetWhy::Rejected) => write!(f, "{name} said no"),
            What::TargetFailed(TargetWhy::NoAnswer) => write!(f, "{name} did not answer"),
            What::TargetFailed(TargetWhy::Unavailable) => write!(f, "{name} was not free"),
            What::TargetFailed(TargetWhy::NobodyLeft) => f.write_str("nobody is left to ask"),
            What::TargetFailed(TargetWhy::Cancelled) => f.write_str("request cancelled"),
            What::Assigned => write!(f, "given to {name}"),
            What::Released(ReleaseWhy::Workbin) => write!(f, "put into a workbin by {name}"),
            What::Released(ReleaseWhy::Left) => write!(f, "left by {name}"),
            What::Released(ReleaseWhy::Taken) => write!(f, "taken from {name}"),
            What::Urgent(true) => f.write_str("reply window about to close: moved up"),
            What::Urgent(false) => f.write_str("no longer urgent"),
            What::LastAgentOver => f.write_str("last agent no longer preferred"),
            What::Relaxed { dropped: true, .. } => f.write_str("skills no longer asked for"),
            What::Relaxed { step, .. } => write!(f, "skills relaxed, step {step}"),
            What::Overflowed => write!(f, "overflowed to {name}"),
        }
    }
}

/// Where an interaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Waits in its queue, with so many ahead out of so many.
    Waiting {
        /// How many are served before it.
        ahead: usize,
        /// How many wait in this queue, itself included.
        of: usize,
    },
    /// Is offered to an agent until then.
    Offered(EmployeeId, Millis),
    /// Is with an agent.
    With(EmployeeId),
    /// Is with an agent, who asked for another to be found.
    WithAndWaiting(EmployeeId),
    /// With nobody: in a workbin.
    Nowhere,
}

/// Everything there is to say about where an interaction is and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Which one.
    pub interaction: InteractionId,
    /// As of when.
    pub now: Millis,
    /// Where it is.
    pub whereabouts: Whereabouts,
    /// Its queue.
    pub queue: String,
    /// Whether the configuration still has that queue; if not, the defaults apply.
    pub queue_known: bool,
    /// Since when the customer waits or waited.
    pub enqueued_at: Millis,
    /// How it stands in the queue.
    pub priority: Priority,
    /// The skills asked for at present.
    pub needs: Skills,
    /// How many steps they came down.
    pub relaxed: u8,
    /// Every agent, and what stands against them now. Empty when it does not wait.
    pub candidates: Vec<Candidate>,
    /// The latest decisions, oldest first.
    pub decisions: Vec<Arc<Decision>>,
    /// What happened, oldest first.
    pub history: Vec<Event>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.interaction)?;
        match &self.whereabouts {
            Whereabouts::Waiting { ahead, of } => {
                let waited = Span(self.now.since(self.enqueued_at));
                writeln!(f, "number {} of {of} in {}, waiting {waited}", ahead + 1, self.queue)?;
            }
            Whereabouts::Offered(agent, lapses) => {
                writeln!(f, "offered to {agent} for another {}", Span(lapses.since(self.now)))?;
            }
            Whereabouts::With(agent) => writeln!(f, "with {agent}")?,
            Whereabouts::WithAndWaiting(agent) => {
                writeln!(f, "with {agent}, another is asked for in {}", self.queue)?;
            }
            Whereabouts::Nowhere => writeln!(f, "with nobody and in no queue")?,
        }
        if !self.queue_known {
            writeln!(f, "  queue {} is not configured: the defaults apply", self.queue)?;
        }
        writeln!(f, "  priority {}", self.priority)?;
        for (skill, level) in &self.needs {
            writeln!(f, "  needs {skill} >= {level}{}", if self.relaxed > 0 { " (relaxed)" } else { "" })?;
        }
        for candidate in &self.candidates {
            writeln!(f, "  {}: {}", candidate.agent, candidate.verdict)?;
        }
        for decision in &self.decisions {
            write!(f, "{decision}")?;
        }
        for event in &self.history {
            writeln!(f, "{event}")?;
        }
        Ok(())
    }
}

/// A span for people: `0:42`, `1:02:03`.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
        if hours > 0 { write!(f, "{hours}:{minutes:02}:{secs:02}") } else { write!(f, "{minutes}:{secs:02}") }
    }
}

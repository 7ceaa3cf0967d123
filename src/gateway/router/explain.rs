//! Why an interaction is where it is: its history and its candidates, in sentences for people.
//!
//! Owns: the sentences of an explanation. Must not: decide anything.
//! Invariants: an [`Explanation`] names all candidates, unlike a logged [`Decision`].

use super::decision::{Candidate, Decision, HumanDuration, Priority};
use super::reason::{ReleaseReason, RequeueReason, RevokeReason, TargetFailure};
use super::setup::Skills;
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::fmt;
use std::sync::Arc;

/// History events that are kept per interaction.
pub(super) const MOST_EVENTS: usize = 16;

/// What happened to an interaction, for its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the facts")]
pub enum HistoryEventKind {
    Queued,
    Offered,
    Accepted,
    Rejected,
    NoAnswer,
    Revoked(RevokeReason),
    Requeued(RequeueReason),
    TargetFailed(TargetFailure),
    Assigned,
    Released(ReleaseReason),
    Urgent(bool),
    LastAgentOver,
    Relaxed { step: u8, dropped: bool },
    Overflowed,
}

/// An entry of an interaction's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEvent {
    pub at: Millis,
    pub kind: HistoryEventKind,
    /// The agent or the queue.
    pub name: Option<Arc<str>>,
}

impl fmt::Display for HistoryEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("nobody");
        write!(f, "{} ", self.at.to_rfc3339())?;
        match self.kind {
            HistoryEventKind::Queued => write!(f, "queued in {name}"),
            HistoryEventKind::Offered => write!(f, "offered to {name}"),
            HistoryEventKind::Accepted => write!(f, "accepted by {name}"),
            HistoryEventKind::Rejected => write!(f, "rejected by {name}"),
            HistoryEventKind::NoAnswer => write!(f, "not answered by {name}"),
            HistoryEventKind::Revoked(RevokeReason::AgentGone) => {
                write!(f, "offer taken back: {name} is gone")
            }
            HistoryEventKind::Revoked(RevokeReason::AgentNotReady) => {
                write!(f, "offer taken back: {name} is not ready")
            }
            HistoryEventKind::Revoked(RevokeReason::Cancelled) => write!(f, "offer to {name} cancelled"),
            HistoryEventKind::Requeued(RequeueReason::GraceOver) => {
                write!(f, "back in the queue: {name} was gone too long")
            }
            HistoryEventKind::Requeued(RequeueReason::Inactive) => {
                write!(f, "back in the queue: {name} was inactive")
            }
            HistoryEventKind::Requeued(RequeueReason::OverCapacity) => {
                write!(f, "back in the queue: it woke and {name} had no room")
            }
            HistoryEventKind::Requeued(RequeueReason::Requested) => {
                write!(f, "back in the queue from {name}")
            }
            HistoryEventKind::TargetFailed(TargetFailure::Rejected) => write!(f, "{name} said no"),
            HistoryEventKind::TargetFailed(TargetFailure::NoAnswer) => write!(f, "{name} did not answer"),
            HistoryEventKind::TargetFailed(TargetFailure::Unavailable) => write!(f, "{name} was not free"),
            HistoryEventKind::TargetFailed(TargetFailure::NobodyLeft) => f.write_str("nobody is left to ask"),
            HistoryEventKind::TargetFailed(TargetFailure::Cancelled) => f.write_str("request cancelled"),
            HistoryEventKind::Assigned => write!(f, "given to {name}"),
            HistoryEventKind::Released(ReleaseReason::Workbin) => write!(f, "put into a workbin by {name}"),
            HistoryEventKind::Released(ReleaseReason::Left) => write!(f, "left by {name}"),
            HistoryEventKind::Released(ReleaseReason::Taken) => write!(f, "taken from {name}"),
            HistoryEventKind::Urgent(true) => f.write_str("reply window about to close: moved up"),
            HistoryEventKind::Urgent(false) => f.write_str("no longer urgent"),
            HistoryEventKind::LastAgentOver => f.write_str("last agent no longer preferred"),
            HistoryEventKind::Relaxed { dropped: true, .. } => f.write_str("skills no longer asked for"),
            HistoryEventKind::Relaxed { step, .. } => write!(f, "skills relaxed, step {step}"),
            HistoryEventKind::Overflowed => write!(f, "overflowed to {name}"),
        }
    }
}

/// Where an interaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Waits in its queue.
    Waiting {
        /// How many interactions are served before it.
        ahead: usize,
        /// How many wait in this queue, itself included.
        of: usize,
    },
    /// Offered to an agent until this time.
    Offered(EmployeeId, Millis),
    /// Owned by an agent.
    With(EmployeeId),
    /// Owned by an agent who has requested a colleague.
    WithAndWaiting(EmployeeId),
    /// Owned by nobody: in a workbin.
    Unassigned,
}

/// Where an interaction is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub interaction: InteractionId,
    pub now: Millis,
    pub placement: Placement,
    pub queue: String,
    /// Whether the configuration still has that queue; if not, the defaults apply.
    pub queue_known: bool,
    /// Since when the customer waits or waited.
    pub enqueued_at: Millis,
    /// Its priority in the queue.
    pub priority: Priority,
    /// The skills that are required now.
    pub needs: Skills,
    /// How many steps they were relaxed.
    pub relaxed: u8,
    /// Every agent, and whether they may have it now. Empty when it does not wait.
    pub candidates: Vec<Candidate>,
    /// The latest decisions, oldest first.
    pub decisions: Vec<Arc<Decision>>,
    /// What happened, oldest first.
    pub history: Vec<HistoryEvent>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.interaction)?;
        match &self.placement {
            Placement::Waiting { ahead, of } => {
                let waited = HumanDuration(self.now.since(self.enqueued_at));
                writeln!(f, "number {} of {of} in {}, waiting {waited}", ahead + 1, self.queue)?;
            }
            Placement::Offered(agent, lapses) => {
                writeln!(f, "offered to {agent} for another {}", HumanDuration(lapses.since(self.now)))?;
            }
            Placement::With(agent) => writeln!(f, "with {agent}")?,
            Placement::WithAndWaiting(agent) => {
                writeln!(f, "with {agent}, another is asked for in {}", self.queue)?;
            }
            Placement::Unassigned => writeln!(f, "with nobody and in no queue")?,
        }
        if !self.queue_known {
            writeln!(f, "  queue {} is not configured: the defaults apply", self.queue)?;
        }
        writeln!(f, "  priority {}", self.priority)?;
        for (skill, level) in &self.needs {
            writeln!(f, "  needs {skill} >= {level}{}", if self.relaxed > 0 { " (relaxed)" } else { "" })?;
        }
        for candidate in &self.candidates {
            writeln!(f, "  {}: {}", candidate.agent, candidate.eligibility)?;
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

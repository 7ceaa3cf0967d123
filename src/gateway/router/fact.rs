//! The routing facts: the events of the log that concern routing.
//!
//! Owns: their serialised form. Must not: decide anything.
//! Invariants: the serialised names never change their meaning; the state of the router follows from these
//! facts and from nothing else. A fact has happened, so applying it cannot fail.

use super::decision::Decision;
use super::reason::{ReleaseReason, RequeueReason, RevokeReason, TargetFailure};
use super::setup::Skills;
use crate::domain::{EmployeeId, InteractionId, Millis};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The state of a signed-in agent on the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WorkState {
    /// Takes new sessions.
    Ready,
    /// Takes no sessions. Open offers are revoked and go to other agents.
    NotReady {
        /// The reason's code; empty when none was given.
        #[serde(default)]
        reason: String,
    },
    /// Finishes the last session and takes no new ones; open offers may still be accepted.
    AfterCallWork,
    /// Takes no sessions. Open offers are revoked and go to other agents.
    DoNotDisturb,
}

impl WorkState {
    /// Whether new sessions may be offered.
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Whether open offers are revoked.
    pub const fn refuses_offers(&self) -> bool {
        matches!(self, Self::NotReady { .. } | Self::DoNotDisturb)
    }
}

/// A restriction of the candidates of a request for a colleague, beside the requirements of the queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateFilter {
    /// Members of this agent group.
    Group(String),
    /// Agents with this skill, at any level.
    Skill(String),
}

/// An interaction that waits, as it enters a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enqueued {
    pub interaction: InteractionId,
    pub queue: String,
    /// Points in addition to those of the queue.
    #[serde(default)]
    pub priority: i64,
    /// Required skills, in addition to those of the queue.
    #[serde(default, skip_serializing_if = "Skills::is_empty")]
    pub skills: Skills,
    /// The agent who last served this customer, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_agent: Option<(EmployeeId, Millis)>,
    /// When the reply window closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_ends: Option<Millis>,
    /// Since when the customer waits. A transfer keeps the first such time; order and position follow it.
    pub enqueued_at: Millis,
    /// When it entered this queue. Relaxing and overflow follow it.
    pub at: Millis,
    /// Offer it to this agent only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<EmployeeId>,
    /// The agent who gets it back when the target does not take it. An owner keeps it until somebody accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<EmployeeId>,
    /// Offer it to these only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<CandidateFilter>,
    /// Agents who are excluded: the one who made the request, and the participants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<EmployeeId>,
    /// When the request for a colleague ends. Without an owner the interaction then waits as any other does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// Whether the agent who accepts joins the owner instead of replacing them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub join: bool,
}

impl Enqueued {
    /// A new interaction in a queue, without any further requirement.
    pub fn new(interaction: impl Into<InteractionId>, queue: &str, at: Millis) -> Self {
        Self {
            interaction: interaction.into(),
            queue: queue.to_owned(),
            priority: 0,
            skills: Skills::new(),
            last_agent: None,
            window_ends: None,
            enqueued_at: at,
            at,
            target: None,
            return_to: None,
            only: None,
            except: Vec::new(),
            until: None,
            join: false,
        }
    }
}

/// Something that happened and that routing depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of every variant are the same few, described at the variant")]
pub enum Fact {
    /// An agent signed in, as not ready. For an agent who was signed in only the connection is back.
    SignedIn { agent: EmployeeId, at: Millis },
    /// An agent signed out, or was gone for longer than the grace.
    SignedOut { agent: EmployeeId, at: Millis },
    /// A signed-in agent lost the last connection.
    ConnectionLost { agent: EmployeeId, at: Millis },
    /// The connection is back.
    ConnectionBack { agent: EmployeeId, at: Millis },
    /// An agent set their state.
    StateSet { agent: EmployeeId, work: WorkState, at: Millis },
    /// The router set an agent not ready, and why.
    MadeNotReady { agent: EmployeeId, reason: String, at: Millis },
    /// An agent was active. Recorded at most once a minute.
    AgentSeen { agent: EmployeeId, at: Millis },
    /// An inactive agent whose customer waits was warned.
    InactiveWarned { agent: EmployeeId, at: Millis },
    /// An interaction entered a queue.
    Enqueued(Enqueued),
    /// It is offered to an agent, until `lapses`.
    Offered {
        offer: u64,
        interaction: InteractionId,
        agent: EmployeeId,
        at: Millis,
        lapses: Millis,
        why: Arc<Decision>,
    },
    /// The agent accepted it.
    Accepted { offer: u64, interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// The agent rejected it. The state of the agent stays as it is.
    Rejected { offer: u64, interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// The agent did not answer in time.
    #[serde(rename = "offer_lapsed")]
    OfferExpired { offer: u64, interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// The offer was revoked.
    OfferRevoked { offer: u64, interaction: InteractionId, agent: EmployeeId, why: RevokeReason, at: Millis },
    /// An agent has it without an offer: pulled from a workbin, begun by the agent, or assigned by a supervisor.
    /// `queue` is where an interaction that came through no queue goes when that agent is lost.
    Assigned { interaction: InteractionId, agent: EmployeeId, queue: String, at: Millis },
    /// It went from its agent back to the queue, with its first waiting time.
    Requeued { interaction: InteractionId, agent: EmployeeId, why: RequeueReason, at: Millis },
    /// A direct offer or a request for a colleague failed. The interaction stays with its owner; without one it waits in its
    /// queue for any agent.
    TargetFailed { interaction: InteractionId, why: TargetFailure, at: Millis },
    /// An agent does not own it any more.
    Released { interaction: InteractionId, agent: EmployeeId, why: ReleaseReason, at: Millis },
    /// It ended. The router removes it.
    Closed { interaction: InteractionId, at: Millis },
    /// The customer wrote; the reply window starts again.
    CustomerSpoke { interaction: InteractionId, at: Millis, window_ends: Option<Millis> },
    /// An agent answered the customer. A note is no answer.
    AgentSpoke { interaction: InteractionId, at: Millis },
    /// The answer did not reach the customer, who is waiting again since `since`.
    ReplyFailed { interaction: InteractionId, since: Millis, at: Millis },
    /// A participant beside the owner left it.
    PartyGone { interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// A participant beside the owner of a session that had ended is in it again.
    PartyBack { interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// Its customer has been silent for so long that it does not count as load any more.
    Parked { interaction: InteractionId, at: Millis },
    /// Its reply window is about to close (or no longer is).
    Urgent { interaction: InteractionId, urgent: bool, at: Millis },
    /// The last agent is not preferred any more.
    LastAgentOver { interaction: InteractionId, at: Millis },
    /// The skill requirements were relaxed to this step, or dropped.
    Relaxed { interaction: InteractionId, step: u8, dropped: bool, at: Millis },
    /// It waited too long in one queue and now waits in the next.
    Overflowed { interaction: InteractionId, from: String, to: String, at: Millis },
}

impl Fact {
    /// When it happened.
    pub const fn at(&self) -> Millis {
        match self {
            Self::Enqueued(Enqueued { at, .. })
            | Self::SignedIn { at, .. }
            | Self::SignedOut { at, .. }
            | Self::ConnectionLost { at, .. }
            | Self::ConnectionBack { at, .. }
            | Self::StateSet { at, .. }
            | Self::MadeNotReady { at, .. }
            | Self::AgentSeen { at, .. }
            | Self::InactiveWarned { at, .. }
            | Self::Offered { at, .. }
            | Self::Accepted { at, .. }
            | Self::Rejected { at, .. }
            | Self::OfferExpired { at, .. }
            | Self::OfferRevoked { at, .. }
            | Self::Assigned { at, .. }
            | Self::Requeued { at, .. }
            | Self::TargetFailed { at, .. }
            | Self::Released { at, .. }
            | Self::Closed { at, .. }
            | Self::CustomerSpoke { at, .. }
            | Self::AgentSpoke { at, .. }
            | Self::ReplyFailed { at, .. }
            | Self::PartyGone { at, .. }
            | Self::PartyBack { at, .. }
            | Self::Parked { at, .. }
            | Self::Urgent { at, .. }
            | Self::LastAgentOver { at, .. }
            | Self::Relaxed { at, .. }
            | Self::Overflowed { at, .. } => *at,
        }
    }

    /// The agent whom it is about, if any.
    pub const fn agent(&self) -> Option<&EmployeeId> {
        match self {
            Self::SignedIn { agent, .. }
            | Self::SignedOut { agent, .. }
            | Self::ConnectionLost { agent, .. }
            | Self::ConnectionBack { agent, .. }
            | Self::StateSet { agent, .. }
            | Self::MadeNotReady { agent, .. }
            | Self::AgentSeen { agent, .. }
            | Self::InactiveWarned { agent, .. }
            | Self::Offered { agent, .. }
            | Self::Accepted { agent, .. }
            | Self::Rejected { agent, .. }
            | Self::OfferExpired { agent, .. }
            | Self::OfferRevoked { agent, .. }
            | Self::Assigned { agent, .. }
            | Self::Requeued { agent, .. }
            | Self::PartyGone { agent, .. }
            | Self::PartyBack { agent, .. }
            | Self::Released { agent, .. } => Some(agent),
            Self::Enqueued(_)
            | Self::TargetFailed { .. }
            | Self::Closed { .. }
            | Self::CustomerSpoke { .. }
            | Self::AgentSpoke { .. }
            | Self::ReplyFailed { .. }
            | Self::Parked { .. }
            | Self::Urgent { .. }
            | Self::LastAgentOver { .. }
            | Self::Relaxed { .. }
            | Self::Overflowed { .. } => None,
        }
    }

    /// The interaction it is about, if any.
    pub const fn interaction(&self) -> Option<&InteractionId> {
        match self {
            Self::Enqueued(Enqueued { interaction, .. })
            | Self::Offered { interaction, .. }
            | Self::Accepted { interaction, .. }
            | Self::Rejected { interaction, .. }
            | Self::OfferExpired { interaction, .. }
            | Self::OfferRevoked { interaction, .. }
            | Self::Assigned { interaction, .. }
            | Self::Requeued { interaction, .. }
            | Self::TargetFailed { interaction, .. }
            | Self::Released { interaction, .. }
            | Self::Closed { interaction, .. }
            | Self::CustomerSpoke { interaction, .. }
            | Self::AgentSpoke { interaction, .. }
            | Self::ReplyFailed { interaction, .. }
            | Self::PartyGone { interaction, .. }
            | Self::PartyBack { interaction, .. }
            | Self::Parked { interaction, .. }
            | Self::Urgent { interaction, .. }
            | Self::LastAgentOver { interaction, .. }
            | Self::Relaxed { interaction, .. }
            | Self::Overflowed { interaction, .. } => Some(interaction),
            Self::SignedIn { .. }
            | Self::SignedOut { .. }
            | Self::ConnectionLost { .. }
            | Self::ConnectionBack { .. }
            | Self::StateSet { .. }
            | Self::MadeNotReady { .. }
            | Self::AgentSeen { .. }
            | Self::InactiveWarned { .. } => None,
        }
    }
}

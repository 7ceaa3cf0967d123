//! The routing facts: what the event log says happened, as far as routing goes.
//!
//! Owns: the words of the log. Must not: decide anything.
//! Invariants: the serialised names never change their meaning; router state is the fold of these and of
//! nothing else. A fact says what has happened, so applying one cannot fail.

use super::explain::Decision;
use super::setup::Skills;
use crate::domain::{EmployeeId, InteractionId, Millis};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an agent who is signed in has set on the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WorkState {
    /// Takes new sessions.
    Ready,
    /// Takes none. Open offers go on to others.
    NotReady {
        /// The reason's code; empty when none was given.
        #[serde(default)]
        reason: String,
    },
    /// Finishes the last session and takes none; offers that stand may still be accepted.
    AfterCallWork,
    /// Takes none. Open offers go on to others.
    DoNotDisturb,
}

impl WorkState {
    /// Whether new sessions may be offered.
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Whether offers that stand are taken back.
    pub const fn refuses_offers(&self) -> bool {
        matches!(self, Self::NotReady { .. } | Self::DoNotDisturb)
    }
}

/// Why an offer was taken back before it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeWhy {
    /// The agent signed out or lost the connection.
    AgentGone,
    /// The agent is not ready any more.
    AgentNotReady,
    /// Whoever asked for it asks no more.
    Cancelled,
}

/// Why an interaction went from its agent back to the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequeueWhy {
    /// The agent was gone for longer than the grace.
    GraceOver,
    /// The agent gave no sign of life while the customer waited.
    Inactive,
    /// It woke, and its agent had no room for it.
    OverCapacity,
    /// Somebody asked for it.
    Asked,
}

/// Why an agent has an interaction no longer, without a queue being involved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseWhy {
    /// Put into a workbin.
    Workbin,
    /// The agent left a session that others carry on.
    Left,
    /// Taken away by a supervisor.
    Taken,
}

/// Why a direct offer to one agent came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetWhy {
    /// The agent said no.
    Rejected,
    /// The agent did not answer.
    NoAnswer,
    /// The agent was never free to be asked.
    Unavailable,
    /// Nobody is left who could be asked: all have refused or are not signed in.
    NobodyLeft,
    /// Whoever asked for it asks no more.
    Cancelled,
}

/// To whom a request for a colleague is narrowed, beside what the queue asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// Members of this agent group.
    Group(String),
    /// Who has this skill, at any level.
    Skill(String),
}

/// An interaction that waits, as it enters a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enqueued {
    /// Which one.
    pub interaction: InteractionId,
    /// The queue.
    pub queue: String,
    /// Points of its own, beside those of the queue.
    #[serde(default)]
    pub priority: i64,
    /// Skills asked for beside those of the queue.
    #[serde(default, skip_serializing_if = "Skills::is_empty")]
    pub skills: Skills,
    /// Who last served this customer, and until when.
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
    /// Who has it back when the target does not take it. If they have it now they keep it until somebody accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<EmployeeId>,
    /// Offer it to these only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// Offer it to none of these: who asked, and who is in it already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<EmployeeId>,
    /// When the request for a colleague is given up. It then waits as any other does, if nobody has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// Whether who accepts joins the one who has it, instead of taking their place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub join: bool,
}

impl Enqueued {
    /// A new customer in a queue, with nothing special about them.
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
#[expect(missing_docs, reason = "the fields of every variant are the same few, told at the variant")]
pub enum Fact {
    /// An agent signed in; not ready until they say so. If they were, it is as a connection that is back.
    SignedIn { agent: EmployeeId, at: Millis },
    /// An agent signed out, or was gone so long that they count as signed out.
    SignedOut { agent: EmployeeId, at: Millis },
    /// The last connection of a signed-in agent broke.
    ConnectionLost { agent: EmployeeId, at: Millis },
    /// It is back.
    ConnectionBack { agent: EmployeeId, at: Millis },
    /// An agent set their state.
    StateSet { agent: EmployeeId, work: WorkState, at: Millis },
    /// The router set an agent not ready, and why.
    MadeNotReady { agent: EmployeeId, reason: String, at: Millis },
    /// An agent gave a sign of life. To be noted at most once a minute.
    AgentSeen { agent: EmployeeId, at: Millis },
    /// An agent gave none for long while a customer waits, and is warned.
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
    /// The agent took it.
    Accepted { offer: u64, interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// The agent said no. Their state stays as it is.
    Rejected { offer: u64, interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// The agent did not answer in time.
    OfferLapsed { offer: u64, interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// The offer was taken back.
    OfferRevoked { offer: u64, interaction: InteractionId, agent: EmployeeId, why: RevokeWhy, at: Millis },
    /// An agent has it without an offer: pulled from a workbin, begun by them, or given by a supervisor.
    /// `queue` is where it goes, if it came through none, when that agent is lost.
    Assigned { interaction: InteractionId, agent: EmployeeId, queue: String, at: Millis },
    /// It went from its agent back to the queue, with its first waiting time.
    Requeued { interaction: InteractionId, agent: EmployeeId, why: RequeueWhy, at: Millis },
    /// A direct offer, or a wait that its asker gave up, is over. It stays with the agent who has it;
    /// if nobody has, it waits in its queue for anybody.
    TargetFailed { interaction: InteractionId, why: TargetWhy, at: Millis },
    /// An agent has it no longer.
    Released { interaction: InteractionId, agent: EmployeeId, why: ReleaseWhy, at: Millis },
    /// It is over. The router forgets it.
    Closed { interaction: InteractionId, at: Millis },
    /// The customer wrote; the reply window runs anew.
    CustomerSpoke { interaction: InteractionId, at: Millis, window_ends: Option<Millis> },
    /// An agent answered the customer. A note is no answer.
    AgentSpoke { interaction: InteractionId, at: Millis },
    /// The answer did not reach the customer, who is waiting again since `since`.
    ReplyFailed { interaction: InteractionId, since: Millis, at: Millis },
    /// An agent who had joined beside its owner is out of it.
    PartyGone { interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// A participant beside the owner of a session that had ended is in it again.
    PartyBack { interaction: InteractionId, agent: EmployeeId, at: Millis },
    /// Its customer was silent for so long that it counts nothing.
    Parked { interaction: InteractionId, at: Millis },
    /// Its reply window is about to close (or no longer is).
    Urgent { interaction: InteractionId, urgent: bool, at: Millis },
    /// The time in which its last agent comes first is over.
    LastAgentOver { interaction: InteractionId, at: Millis },
    /// The skills asked for came down to this step, or are asked for no more.
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
            | Self::OfferLapsed { at, .. }
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

    /// The agent it names first, if any.
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
            | Self::OfferLapsed { agent, .. }
            | Self::OfferRevoked { agent, .. }
            | Self::Assigned { agent, .. }
            | Self::Requeued { agent, .. }
            | Self::PartyGone { agent, .. }
            | Self::PartyBack { agent, .. }
            | Self::Released { agent, .. } => Some(agent),
            _ => None,
        }
    }

    /// The interaction it is about, if any.
    pub const fn interaction(&self) -> Option<&InteractionId> {
        match self {
            Self::Enqueued(Enqueued { interaction, .. })
            | Self::Offered { interaction, .. }
            | Self::Accepted { interaction, .. }
            | Self::Rejected { interaction, .. }
            | Self::OfferLapsed { interaction, .. }
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
            _ => None,
        }
    }
}

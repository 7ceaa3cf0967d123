//! Requests for a colleague, their results, and how agents leave a session.
//!
//! Owns: the data, as the event log has it. Must not: decide anything.

use crate::domain::{EmployeeId, OperationId};
use crate::gateway::router::CandidateFilter;
use crate::gateway::writer::api::InviteKind;
use serde::{Deserialize, Serialize};

/// The purpose of a request for a colleague.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitePurpose {
    /// To take the session from who has it.
    Transfer,
    /// To take it from a queue, where it was put.
    Queue,
    /// To join it.
    Conference,
    /// To advise, unseen by the customer.
    Consult,
}

impl InvitePurpose {
    /// The kind of the request, as a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Transfer | Self::Queue => "transfer",
            Self::Conference => "conference",
            Self::Consult => "consultation",
        }
    }
}

impl From<InviteKind> for InvitePurpose {
    fn from(want: InviteKind) -> Self {
        match want {
            InviteKind::Transfer => Self::Transfer,
            InviteKind::Conference => Self::Conference,
            InviteKind::Consult => Self::Consult,
        }
    }
}

/// A request for a colleague.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRequest {
    /// The person who sends a request.
    pub by: EmployeeId,
    /// What for.
    pub purpose: InvitePurpose,
    /// The agent, if one agent is requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<EmployeeId>,
    /// The agent's name; otherwise the group searched, in the words that follow "nobody".
    pub whom: String,
    /// Through which queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The agents among whom it is searched, unless one agent is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<CandidateFilter>,
    /// The ID of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
}

impl InviteRequest {
    /// That it is going on, as the beginning of a sentence.
    pub fn under_way(&self) -> String {
        match self.target {
            Some(_) => format!("{} is being asked", self.whom),
            None => format!("somebody {} is being looked for", self.whom),
        }
    }
}

/// The result of a request for a colleague.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum InviteResult {
    /// Somebody accepted.
    Accepted { by: EmployeeId },
    /// The agent rejected it.
    Refused,
    /// The agent did not answer in time.
    NoAnswer,
    /// The agent could not be asked, or nobody accepted in time.
    Nobody,
    /// Nobody is left to ask: all have refused or are not signed in.
    NobodyLeft,
    /// It was cancelled.
    Cancelled,
}

/// How an agent left a session that continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// The agent left.
    Left,
    /// The owner removed the agent.
    Removed,
    /// The agent gave the session to somebody.
    Transferred,
}

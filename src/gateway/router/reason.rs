//! Why an offer, an assignment or a request for a colleague ended.
//!
//! Invariants: the serialised names are in the event log and never change.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why an offer was revoked before it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// The agent signed out or lost the connection.
    AgentGone,
    /// The agent is not ready any more.
    AgentNotReady,
    /// The request was cancelled.
    Cancelled,
}

/// Why an interaction went from its agent back to the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequeueReason {
    /// The agent was gone for longer than the grace.
    GraceOver,
    /// The agent was inactive while the customer waited.
    Inactive,
    /// It woke, and its agent had no free capacity.
    OverCapacity,
    /// On request.
    #[serde(rename = "asked")]
    Requested,
}

/// Why an agent does not own an interaction any more, without a queue being involved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// Put into a workbin.
    Workbin,
    /// The agent left a session that others continue.
    Left,
    /// Taken away by a supervisor.
    Taken,
}

/// Why a direct offer or a request for a colleague failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetFailure {
    /// The agent rejected it.
    Rejected,
    /// The agent did not answer.
    NoAnswer,
    /// The agent was never free.
    Unavailable,
    /// No candidate is left: all have rejected it or are not signed in.
    NobodyLeft,
    /// The request was cancelled.
    Cancelled,
}

/// Why an invitation is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoneReason {
    /// It was not answered in time.
    Expired,
    /// This agent declined it.
    Rejected,
    /// Another agent has it.
    Taken,
    /// It was offered to somebody else.
    Moved,
    /// The session is over, or never was.
    Over,
}

impl fmt::Display for GoneReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "it was not answered in time",
            Self::Rejected => "you declined it",
            Self::Taken => "another agent has it",
            Self::Moved => "it was withdrawn",
            Self::Over => "the session is over",
        })
    }
}

//! The envelope of every reply.

use crate::domain::InteractionId;
use serde::{Deserialize, Serialize};

/// Done; the result, if any, is in `data`.
pub const DONE: i64 = 0;
/// Accepted; the result comes as an event.
pub const ACCEPTED: i64 = 1;
/// Done in part: the reply has both `data` and `error`.
pub const PARTIAL: i64 = 2;

/// Refused because the customer wrote something that the agent has not read. `data` is an [`Unread`].
pub const UNREAD: i64 = 4091;

/// Unread messages of the customer in a session that an agent wants to end or hand over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    #[serde(rename = "interactionId", default)]
    pub interaction: InteractionId,
    /// The index of the newest unread entry. A repeat of the request with this index confirms that it was read.
    #[serde(default)]
    pub index: u64,
    /// How many unread entries there are.
    #[serde(default)]
    pub count: usize,
    /// The text of the newest one, shortened.
    #[serde(default)]
    pub text: String,
}

/// The result code of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// [`DONE`], [`ACCEPTED`], [`PARTIAL`], or a failure.
    pub code: i64,
    /// Why it failed, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Status {
    /// Whether the request was done or accepted.
    pub const fn is_success(&self) -> bool {
        matches!(self.code, DONE | ACCEPTED | PARTIAL)
    }
}

/// The reply to every request of the Workspace API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// A reply without it counts as [`DONE`].
    #[serde(default)]
    pub status: Status,
    /// The operation ID of the request, echoed.
    #[serde(rename = "operationId", default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub data: serde_json::Value,
}

impl Envelope {
    /// A reply for a request that succeeded.
    pub fn ok(code: i64, operation_id: Option<String>, data: serde_json::Value) -> Self {
        Self { status: Status { code, message: None }, operation_id, data }
    }

    /// A reply for a request that failed, with a sentence for people.
    pub fn failure(code: i64, operation_id: Option<String>, message: impl Into<String>) -> Self {
        Self {
            status: Status { code, message: Some(message.into()) },
            operation_id,
            data: serde_json::Value::Null,
        }
    }
}

//! Asking somebody else into a session: what was asked.

use crate::domain::OperationId;
use crate::domain::routing_based::RequestKind;
use crate::domain::target::Target;
use crate::text::Clean;

/// A transfer, a conference or a consultation that is being asked for in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// Who is asked.
    pub target: Target,
    /// The request that asked, once it went out.
    pub operation: Option<OperationId>,
    /// Whether the server has it, so that now the target must answer.
    pub waiting: bool,
    /// The last entry that was read when it was asked for.
    pub read: u64,
}

impl PartyRequest {
    /// What was asked: `transfer to Kate London`.
    pub fn what(&self) -> Clean {
        let preposition = if self.kind == RequestKind::OneStepTransfer { "to" } else { "with" };
        Clean::line(&format!("{} {preposition} {}", self.kind.label(), self.target.called()))
    }

    /// The line at the top of the session.
    pub fn status(&self) -> Clean {
        let hint = if self.kind == RequestKind::InitConference { "; /cancel takes it back" } else { "" };
        let how = if self.waiting { "waiting for an answer" } else { "asking…" };
        Clean::line(&format!("{}: {how}{}", self.what(), if self.waiting { hint } else { "" }))
    }
}

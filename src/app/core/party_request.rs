//! A pending request to bring somebody else into a session.

use crate::domain::OperationId;
use crate::domain::data::Value;
use crate::domain::interaction::Interaction;
use crate::domain::routing_based::RequestKind;
use crate::domain::target::{Availability, Target};
use crate::proto::targets::kind_of;
use crate::proto::wa::{self, request};
use crate::text::Clean;

/// A pending transfer, conference or consultation of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyRequest {
    pub kind: RequestKind,
    pub target: Target,
    /// The operation of the request, once it was sent.
    pub operation: Option<OperationId>,
    /// Whether the server has accepted the request, so that the target must answer now.
    pub waiting: bool,
    /// The last entry that was read when the request was made.
    pub read: u64,
    /// Whether the server itself reports the request and can therefore cancel every kind. Other servers report
    /// nothing.
    pub reported: bool,
    /// Whether the agent has cancelled the request and the server has not answered yet.
    pub taking_back: bool,
    /// The names of those who have refused so far; others may still accept.
    pub refused: Clean,
}

impl PartyRequest {
    /// Creates a request that is about to be sent.
    pub fn new(kind: RequestKind, target: Target, read: u64) -> Self {
        let refused = Clean::default();
        Self {
            kind,
            target,
            operation: None,
            waiting: false,
            read,
            reported: false,
            taking_back: false,
            refused,
        }
    }

    /// The request that the server reports in this agent's session.
    pub fn reported_in(interaction: &Interaction) -> Option<Self> {
        let Some(Value::List(pairs)) = interaction.user_data.get(wa::REQUEST) else { return None };
        let kind = match pairs.text(request::KIND)? {
            "transfer" => RequestKind::OneStepTransfer,
            "conference" => RequestKind::OneStepConference,
            "consultation" => RequestKind::InitConference,
            _ => return None,
        };
        let id = pairs.text(request::TARGET)?;
        let target = Target {
            kind: kind_of(pairs.text(request::TARGET_TYPE)?)?,
            id: id.to_owned(),
            name: Clean::line(pairs.text(request::NAME).unwrap_or(id)),
            availability: Availability::Unknown,
        };
        Some(Self {
            operation: pairs.text(request::OPERATION).map(OperationId::from),
            waiting: true,
            reported: true,
            refused: pairs.text(request::REFUSED).map(Clean::line).unwrap_or_default(),
            // The request was already sent, so how far the session was read no longer matters.
            ..Self::new(kind, target, 0)
        })
    }

    /// Whether the server can cancel the request. A server that does not report requests cancels
    /// consultations only.
    pub fn can_be_taken_back(&self) -> bool {
        self.operation.is_none() || self.reported || self.kind == RequestKind::InitConference
    }

    /// The request in words: `transfer to Kate London`.
    pub fn what(&self) -> Clean {
        let preposition = if self.kind == RequestKind::OneStepTransfer { "to" } else { "with" };
        Clean::line(&format!("{} {preposition} {}", self.kind.label(), self.target.called()))
    }

    /// The line at the top of the session.
    pub fn status(&self) -> Clean {
        let what = self.what();
        if self.taking_back {
            return Clean::line(&format!("{what}: taking it back…"));
        }
        if !self.waiting {
            return Clean::line(&format!("{what}: asking…"));
        }
        let hint = if self.can_be_taken_back() { "; /cancel takes it back" } else { "" };
        let refused =
            if self.refused.is_empty() { String::new() } else { format!(" (refused: {})", self.refused) };
        Clean::line(&format!("{what}: waiting for an answer{refused}{hint}"))
    }
}

//! Requests for the list of targets, its parts, and the meaning of its rows.

use crate::domain::ContactId;
use crate::domain::target::{Target, TargetKind};
use crate::text::Clean;

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum TargetPart {
    All,
    /// The agent's favourites and those set for everybody.
    Favourites,
    /// The agent's last targets.
    Recents,
    /// The targets of a kind.
    Kind(TargetKind),
}

impl TargetPart {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Favourites => "Favourites",
            Self::Recents => "Recents",
            Self::Kind(TargetKind::Agent) => "Agents",
            Self::Kind(TargetKind::AgentGroup) => "Groups",
            Self::Kind(TargetKind::Skill) => "Skills",
            Self::Kind(TargetKind::Queue) => "Queues",
            Self::Kind(TargetKind::Contact) => "Contacts",
        }
    }
}

/// A search: the query, and the kinds to search.
pub(in crate::app) type TargetSearch = (String, Vec<TargetKind>);

/// A request for the list of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum TargetsRequest {
    Search(TargetSearch),
    Favourites,
    Recents,
    /// Marking a target as a favourite, or unmarking it.
    Mark {
        target: Target,
        on: bool,
    },
}

/// The meaning of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetChoice {
    /// Invite this target into the session, or transfer the session to it.
    Target(Target),
    /// A contact, who cannot get a session.
    Contact { contact: ContactId, name: Clean },
}

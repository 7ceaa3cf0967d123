//! Requests for the list of targets, its parts, and what its rows mean.

use crate::domain::ContactId;
use crate::domain::target::{Target, TargetKind};
use crate::text::Clean;

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum TargetPart {
    /// All that are found.
    All,
    /// The agent's favourites and everybody's.
    Favourites,
    /// Those that the agent asked last.
    Recents,
    /// Those of a kind.
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

/// A search: what was typed, and the kinds that are looked through.
pub(in crate::app) type TargetSearch = (String, Vec<TargetKind>);

/// A request for the list of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum TargetsRequest {
    /// A search.
    Search(TargetSearch),
    /// The favourites.
    Favourites,
    /// The recent targets.
    Recents,
    /// Marking a target as a favourite, or unmarking it.
    Mark {
        /// The target.
        target: Target,
        /// Whether it becomes a favourite.
        on: bool,
    },
}

/// What a row of the list means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetChoice {
    /// Ask this target into the session, or give it the session.
    Target(Target),
    /// A contact, who cannot be given a session.
    Contact {
        /// The contact.
        contact: ContactId,
        /// The contact's name.
        name: Clean,
    },
}

//! Targets of transfers, conferences and consultations.

use super::agent::AgentState;
use crate::text::Clean;

/// The kind of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKind {
    Agent,
    AgentGroup,
    Skill,
    Queue,
    /// A contact: somebody outside the contact centre, who is listed but cannot take a session.
    Contact,
}

impl TargetKind {
    /// All kinds that can take a session.
    pub const ALL: [Self; 4] = [Self::Agent, Self::AgentGroup, Self::Skill, Self::Queue];

    /// The name for people, which slash commands use too.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::AgentGroup => "group",
            Self::Skill => "skill",
            Self::Queue => "queue",
            Self::Contact => "contact",
        }
    }

    /// Whether it can take a session.
    pub fn takes_sessions(self) -> bool {
        self != Self::Contact
    }

    /// Parses the name in a command; case does not matter.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label().eq_ignore_ascii_case(word))
    }
}

/// Whether a target could answer now, if the server says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Availability {
    /// The server does not say.
    #[default]
    Unknown,
    Agent {
        state: AgentState,
        /// The number of their sessions, and the most they can have.
        load: Option<(u64, u64)>,
    },
    /// How many agents of a group or with a skill are Ready.
    Ready(u64),
    Queue {
        /// How many sessions wait in the queue.
        waiting: u64,
        /// How many agents who may get them are Ready, when the server says so.
        ready: Option<u64>,
    },
}

impl Availability {
    /// A sort key: targets that could answer at once come first.
    pub const fn order(self) -> u8 {
        match self {
            Self::Agent { state: AgentState::Ready, load: Some((sessions, most)) } if sessions >= most => 2,
            Self::Agent { state: AgentState::Ready, .. } => 0,
            Self::Ready(agents) if agents > 0 => 0,
            Self::Queue { .. } | Self::Unknown => 1,
            Self::Agent { state: AgentState::AfterCallWork, .. } => 2,
            Self::Agent { state: AgentState::NotReady | AgentState::DoNotDisturb, .. } | Self::Ready(_) => 3,
            Self::Agent { state: AgentState::LoggedOut, .. } => 4,
        }
    }

    /// Whether the server says that no agent of a group or with a skill is Ready. (For a single agent, the server says
    /// why they cannot be a target.)
    pub const fn is_nobody_ready(self) -> bool {
        matches!(self, Self::Ready(0) | Self::Queue { ready: Some(0), .. })
    }

    /// For people: `Ready 1/4`, `3 ready`, `2 waiting`; empty when unknown.
    pub fn label(self) -> String {
        match self {
            Self::Unknown => String::new(),
            Self::Agent { state: AgentState::LoggedOut, .. } => AgentState::LoggedOut.label().to_owned(),
            Self::Agent { state: AgentState::Ready, load: Some((sessions, most)) } if sessions >= most => {
                format!("Busy {sessions}/{most}")
            }
            Self::Agent { state, load: Some((sessions, most)) } => {
                format!("{} {sessions}/{most}", state.label())
            }
            Self::Agent { state, load: None } => state.label().to_owned(),
            Self::Ready(agents) => format!("{agents} ready"),
            Self::Queue { waiting, ready: None } => format!("{waiting} waiting"),
            Self::Queue { waiting, ready: Some(ready) } => format!("{waiting} waiting, {ready} ready"),
        }
    }
}

/// A target in a list, with what the list shows and searches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTarget {
    pub target: Target,
    /// Why an agent is not ready.
    pub reason: Option<Clean>,
    pub numbers: Vec<Clean>,
    /// Other names that a search finds.
    pub also: Clean,
    /// Whether the administrator made it a favourite for everybody.
    pub corporate: bool,
}

/// A target of a transfer, conference or consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub kind: TargetKind,
    /// The employee ID of an agent, otherwise the name.
    pub id: String,
    pub name: Clean,
    pub availability: Availability,
}

impl Target {
    /// The target in a sentence: an agent by name, other targets with their kind.
    pub fn called(&self) -> Clean {
        match self.kind {
            TargetKind::Agent => self.name.clone(),
            kind => Clean::line(&format!("the {} {}", kind.label(), self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_shown_with_kind_and_availability() {
        let ready = Availability::Agent { state: AgentState::Ready, load: Some((1, 4)) };
        assert_eq!(ready.label(), "Ready 1/4");
        assert_eq!(Availability::Ready(3).label(), "3 ready");
        assert_eq!(Availability::Queue { waiting: 2, ready: None }.label(), "2 waiting");
        assert_eq!(Availability::Queue { waiting: 2, ready: Some(1) }.label(), "2 waiting, 1 ready");
        let full = Availability::Agent { state: AgentState::Ready, load: Some((4, 4)) };
        assert_eq!(full.label(), "Busy 4/4");
        let out = Availability::Agent { state: AgentState::LoggedOut, load: Some((0, 4)) };
        assert_eq!(out.label(), "Signed out");
        assert!(ready.order() < full.order() && full.order() < out.order());
        assert!(Availability::Ready(3).order() < Availability::Ready(0).order());
        for kind in TargetKind::ALL {
            assert_eq!(TargetKind::named(&kind.label().to_uppercase()), Some(kind));
        }
        let group = Target {
            kind: TargetKind::AgentGroup,
            id: "Billing".into(),
            name: "Billing".into(),
            availability: Availability::Unknown,
        };
        assert_eq!(group.called().as_str(), "the group Billing");
    }
}

//! Whom a session can be given to, or who can be asked to join it.

use super::agent::AgentState;
use crate::text::Clean;

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// A person.
    Agent,
    /// An agent group.
    AgentGroup,
    /// A skill.
    Skill,
    /// An interaction queue.
    Queue,
    /// A contact: somebody outside, who stands in lists and cannot be given a session.
    Contact,
}

impl TargetKind {
    /// All that a session can be given to.
    pub const ALL: [Self; 4] = [Self::Agent, Self::AgentGroup, Self::Skill, Self::Queue];

    /// The word that people read and write in a command.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::AgentGroup => "group",
            Self::Skill => "skill",
            Self::Queue => "queue",
            Self::Contact => "contact",
        }
    }

    /// Whether a session can be given to it.
    pub fn takes_sessions(self) -> bool {
        self != Self::Contact
    }

    /// The kind of that word in a command, in any case.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label().eq_ignore_ascii_case(word))
    }
}

/// Whether a target could answer now, as far as the server says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Availability {
    /// The server does not say.
    #[default]
    Unknown,
    /// An agent.
    Agent {
        /// What they do.
        state: AgentState,
        /// Sessions they have, of how many at most.
        load: Option<(u64, u64)>,
    },
    /// So many agents of a group or with a skill are Ready.
    Ready(u64),
    /// A queue.
    Queue {
        /// Sessions that wait in the queue.
        waiting: u64,
        /// Agents who are Ready and may get them, when the server says so.
        ready: Option<u64>,
    },
}

impl Availability {
    /// A place in an order that begins with who could answer at once.
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

    /// Whether the server says that none of several agents is Ready. For a single agent, the server says why
    /// they cannot be asked.
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

/// A target in a list: with what the list shows beside it and finds it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTarget {
    /// The target.
    pub target: Target,
    /// Why an agent is not ready.
    pub reason: Option<Clean>,
    /// Telephone numbers.
    pub numbers: Vec<Clean>,
    /// Other names it is found by.
    pub also: Clean,
    /// Whether the administrator made it a favourite of everybody.
    pub corporate: bool,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// As the server knows it: the employee ID of an agent, else the name.
    pub id: String,
    /// As people read it.
    pub name: Clean,
    /// Whether it could answer now.
    pub availability: Availability,
}

impl Target {
    /// How a sentence calls it: an agent by name, anything else with what it is.
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
    fn a_target_says_what_it_is_and_whether_it_could_answer() {
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

//! An interaction of the contact centre, as the console sees it.

use super::contact::Party;
use super::message::Visibility;
use super::monitoring::MonitorMode;
use super::routing_based::RequestKind;
use super::{AttachedData, ContactId, InteractionId, Millis, ParticipantId};
use crate::text::Clean;
use std::time::Duration;

/// The media type of WhatsApp sessions.
pub const MEDIA_TYPE: &str = "whatsappsession";

/// Where an interaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InteractionState {
    /// Offered to this agent.
    Invited,
    /// The offer was withdrawn or not answered.
    Revoked,
    /// With this agent. Holds the server's word (`Processing`, `Chatting`, …).
    Active(String),
    /// Parked in a workbin.
    InWorkbin,
    /// Waits in a queue.
    Queued,
    /// Done.
    Completed,
    /// Ended before it was completed.
    Canceled,
}

impl InteractionState {
    /// Parses the server's word. An unknown word means that the interaction is active.
    pub fn from_word(word: &str) -> Self {
        match word {
            "Invited" => Self::Invited,
            "Revoked" => Self::Revoked,
            "InWorkbin" => Self::InWorkbin,
            "Queued" => Self::Queued,
            "Completed" => Self::Completed,
            "Canceled" => Self::Canceled,
            other => Self::Active(other.to_owned()),
        }
    }

    /// Whether the agent handles it now.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active(_))
    }
}

/// The kinds of invitations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OfferKind {
    /// A session that no agent has had yet.
    #[default]
    New,
    /// A session that an agent has handled before and that was queued again.
    Returned,
    /// A colleague invites this agent.
    Asked(RequestKind),
}

/// An offer that the agent has not answered yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    pub kind: OfferKind,
    /// The colleague who invites, when the server names them.
    pub from: Option<Clean>,
    /// Whether the invitation is for this agent alone: nobody else is invited when they reject it.
    pub is_personal: bool,
    /// When the offer expires, by this machine's clock. `None` when the server does not say.
    pub lapses: Option<Millis>,
    /// The whole time to answer, for the countdown bar.
    pub total: Option<Duration>,
    /// The customer's first words.
    pub preview: Option<Clean>,
}

/// An agent or supervisor in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    pub participant: ParticipantId,
    /// Employee ID, when the server says so.
    pub employee_id: Option<String>,
    pub name: Clean,
    /// Who sees that they are in the session. The customer does not see a consultant.
    pub visibility: Visibility,
    pub supervises: bool,
}

impl Colleague {
    /// Whether they only advise, without the customer seeing them.
    pub fn advises(&self) -> bool {
        !self.supervises && self.visibility != Visibility::All
    }

    /// Their role in the session, for people.
    pub fn role(&self) -> &'static str {
        match (self.supervises, self.visibility) {
            (true, Visibility::Supervisor) => "watching",
            (true, Visibility::Agent) => "coach",
            (true, Visibility::All) => "supervisor",
            (false, Visibility::All) => "agent",
            (false, Visibility::Agent | Visibility::Supervisor) => "consultant",
        }
    }
}

/// An interaction as the server last reported it. Always complete, never a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    pub id: InteractionId,
    /// Its media type; [`MEDIA_TYPE`] for ours.
    pub media_type: String,
    pub state: InteractionState,
    pub party: Party,
    /// The customer in the contact database, when the server says so.
    pub contact: Option<ContactId>,
    /// The queue or skill that routed it, for people.
    pub origin: Option<Clean>,
    /// When the customer's session began.
    pub started: Option<Millis>,
    /// When the reply window closes, by the server's clock.
    pub window_ends: Option<Millis>,
    /// Since when the customer waits for an answer, when the server says so.
    pub waiting_since: Option<Millis>,
    /// Attached data, uncleaned, for requests. Screens show [`Interaction::case_data`].
    pub user_data: AttachedData,
    /// The agent's own party in the session, when the server says so.
    pub my_participant: Option<ParticipantId>,
    /// Who is in the session besides the customer, when the server says so.
    pub colleagues: Vec<Colleague>,
    /// The mode in which this console's user monitors it, when they do.
    pub monitor: Option<MonitorMode>,
    /// The employee ID of the agent whom they monitor, when the server says so.
    pub monitored_agent: Option<String>,
    pub comment: Clean,
    /// The operations that the server allows. Empty: the server does not say.
    pub capabilities: Vec<String>,
    /// The offer, while the state is [`InteractionState::Invited`].
    pub offer: Option<Offer>,
}

impl Interaction {
    /// The attached data for people: everything except the keys that only programs read.
    pub fn case_data(&self) -> impl Iterator<Item = (Clean, Clean)> + '_ {
        self.user_data
            .iter()
            .filter(|(key, _)| !key.starts_with("wa."))
            .map(|(key, value)| (Clean::line(key), Clean::line(&value.to_text())))
    }

    /// The colleagues without this console's user.
    pub fn others<'a>(&'a self, my_employee_id: &'a str) -> impl Iterator<Item = &'a Colleague> {
        self.colleagues.iter().filter(move |one| {
            self.my_participant.as_ref() != Some(&one.participant)
                && one.employee_id.as_deref() != Some(my_employee_id)
        })
    }

    /// Whether this console's user only advises.
    pub fn am_consulted(&self) -> bool {
        let mine = |one: &&Colleague| Some(&one.participant) == self.my_participant.as_ref();
        self.colleagues.iter().find(mine).is_some_and(Colleague::advises)
    }

    /// Whether messages of this console's user go to agents only, because they advise or coach.
    pub fn writes_aside(&self) -> bool {
        self.am_consulted() || self.monitor == Some(MonitorMode::Coach)
    }

    /// Whether this console's user only watches and cannot write.
    pub fn am_silent(&self) -> bool {
        self.monitor == Some(MonitorMode::Monitor)
    }

    /// Whether the server allows an operation. True when the server does not say what it allows.
    pub fn may(&self, operation: &str) -> bool {
        self.capabilities.is_empty() || self.capabilities.iter().any(|c| c == operation)
    }
}

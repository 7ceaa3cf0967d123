//! A session on its way through the contact centre, as the console sees it.

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
    /// With this agent. The word is the server's (`Processing`, `Chatting`, …).
    Active(String),
    /// Parked.
    InWorkbin,
    /// Waits in a queue.
    Queued,
    /// Done.
    Completed,
    /// Given up.
    Canceled,
}

impl InteractionState {
    /// Reads the server's word; one that is not known means the interaction is active.
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

    /// Whether the agent has it open.
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
    /// A session that an agent has had and that waits in a queue again.
    Returned,
    /// A colleague asks for this agent.
    Asked(RequestKind),
}

/// An offer that waits for an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The kind of the invitation.
    pub kind: OfferKind,
    /// The colleague who asks, when the server names them.
    pub from: Option<Clean>,
    /// Whether this agent is asked by name: then nobody else is asked when they reject the invitation.
    pub is_personal: bool,
    /// When the offer lapses, by this machine's clock. `None` when the server does not say.
    pub lapses: Option<Millis>,
    /// The whole time there was to answer, for the countdown bar.
    pub total: Option<Duration>,
    /// The customer's first words.
    pub preview: Option<Clean>,
}

/// An agent or supervisor in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// The party.
    pub participant: ParticipantId,
    /// Employee ID, when the server says so.
    pub employee_id: Option<String>,
    /// The name to show.
    pub name: Clean,
    /// Who sees that they are there: not the customer, for one who is only consulted.
    pub visibility: Visibility,
    /// Whether it is a supervisor.
    pub supervises: bool,
}

impl Colleague {
    /// Whether they are here for advice only, unseen by the customer.
    pub fn advises(&self) -> bool {
        !self.supervises && self.visibility != Visibility::All
    }

    /// What they are here as.
    pub fn role(&self) -> &'static str {
        match (self.supervises, self.visibility) {
            (true, Visibility::Supervisor) => "watching",
            (true, Visibility::Agent) => "coach",
            (true, Visibility::All) => "supervisor",
            (false, Visibility::All) => "agent",
            (false, _) => "consultant",
        }
    }
}

/// An interaction as last told by the server. Always whole, never a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    /// Its name.
    pub id: InteractionId,
    /// Its media type; [`MEDIA_TYPE`] for ours.
    pub media_type: String,
    /// Where it is.
    pub state: InteractionState,
    /// The customer.
    pub party: Party,
    /// The customer in the contact database, when the server says so.
    pub contact: Option<ContactId>,
    /// The queue or skill it came through, for people.
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
    /// How the person at this desk is in it, when they are so as a supervisor.
    pub monitor: Option<MonitorMode>,
    /// The employee ID of the agent because of whom they are so, when the server says so.
    pub monitored_agent: Option<String>,
    /// The note of the interaction.
    pub comment: Clean,
    /// What the server says may be done. Empty means it does not say.
    pub capabilities: Vec<String>,
    /// The offer, while the state is [`InteractionState::Invited`].
    pub offer: Option<Offer>,
}

impl Interaction {
    /// The pairs an agent is shown: everything but the keys that only programs read.
    pub fn case_data(&self) -> impl Iterator<Item = (Clean, Clean)> + '_ {
        self.user_data
            .iter()
            .filter(|(key, _)| !key.starts_with("wa."))
            .map(|(key, value)| (Clean::line(key), Clean::line(&value.to_text())))
    }

    /// The colleagues without the agent at this desk.
    pub fn others<'a>(&'a self, my_employee_id: &'a str) -> impl Iterator<Item = &'a Colleague> {
        self.colleagues.iter().filter(move |one| {
            self.my_participant.as_ref() != Some(&one.participant)
                && one.employee_id.as_deref() != Some(my_employee_id)
        })
    }

    /// Whether the agent at this desk is in it for advice only.
    pub fn am_consulted(&self) -> bool {
        let mine = |one: &&Colleague| Some(&one.participant) == self.my_participant.as_ref();
        self.colleagues.iter().find(mine).is_some_and(Colleague::advises)
    }

    /// Whether what the person at this desk writes is for the agents alone: they advise, or coach.
    pub fn writes_aside(&self) -> bool {
        self.am_consulted() || self.monitor == Some(MonitorMode::Coach)
    }

    /// Whether the person at this desk only watches: what they write goes nowhere.
    pub fn am_silent(&self) -> bool {
        self.monitor == Some(MonitorMode::Monitor)
    }

    /// Whether the server allows an operation, as far as it says anything at all.
    pub fn may(&self, operation: &str) -> bool {
        self.capabilities.is_empty() || self.capabilities.iter().any(|c| c == operation)
    }
}

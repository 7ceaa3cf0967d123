//! An entry of a session's log, as the console sees it.

use super::delivery::{DeliveryStep, Failure};
use super::{Millis, OperationId, ParticipantId};
use crate::text::Clean;

/// Who wrote an entry, which decides where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The customer: left.
    Customer,
    /// An agent: right.
    Agent,
    /// A supervisor: right, marked.
    Supervisor,
    /// The system: centred.
    System,
}

/// Who can see an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Everybody, the customer too.
    #[default]
    All,
    /// Agents and supervisors.
    Agent,
    /// Supervisors.
    Supervisor,
}

impl Visibility {
    /// Parses the word on the wire.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "All" => Some(Self::All),
            "Agent" => Some(Self::Agent),
            "Supervisor" => Some(Self::Supervisor),
            _ => None,
        }
    }

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Agent => "Agent",
            Self::Supervisor => "Supervisor",
        }
    }
}

/// A file or other media that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// WhatsApp's type: `image`, `video`, `audio`, `document`, `sticker`, …
    pub kind: Clean,
    /// The name of the file, if it has one.
    pub name: Option<Clean>,
    pub caption: Option<Clean>,
    pub mime: Option<Clean>,
}

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Text(Clean),
    /// A link sent as such.
    Url(Clean),
    /// Media, shown as a placeholder.
    Media(Media),
    /// Anything else that a customer sent, described in words: a location, a contact card, an unknown type.
    Placeholder(Clean),
    Joined,
    Left,
    /// A notice of the system.
    Notice(Clean),
    /// An error.
    Error(Clean),
    /// Somebody started or stopped typing. Never stored.
    Typing(bool),
    /// The delivery status of another message. Never shown as an entry.
    Status {
        /// The index of that message.
        of: u64,
        step: Option<DeliveryStep>,
        failure: Option<Failure>,
    },
    /// A reaction to another message; an empty one removes it. Never shown as an entry.
    Reaction {
        /// The index of that message.
        of: u64,
        emoji: Clean,
    },
    /// A new text for another message.
    Edit {
        /// The index of that message.
        of: u64,
        text: Clean,
    },
    /// Another message was deleted by its sender.
    Revoke {
        /// The index of that message.
        of: u64,
    },
    /// A type that this version does not know; kept so that the numbering has no hole.
    Unknown(Clean),
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number in the session, from 1, without holes. It identifies the entry.
    pub index: u64,
    pub body: Body,
    pub side: Side,
    pub name: Clean,
    pub participant: ParticipantId,
    pub visibility: Visibility,
    pub at: Millis,
    /// The request that created it, when this console sent that request.
    pub operation: Option<OperationId>,
    /// The index of the message that this one quotes.
    pub quotes: Option<u64>,
}

//! An entry of a session's log, as the console sees it.

use super::delivery::{DeliveryStep, Failure};
use super::{Millis, OperationId, ParticipantId};
use crate::text::Clean;

/// Whose words they are, and so on which side they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The customer: left.
    Customer,
    /// An agent of ours: right.
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

/// Something other than text that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// WhatsApp's type: `image`, `video`, `audio`, `document`, `sticker`, …
    pub kind: Clean,
    /// File name, where there is one.
    pub name: Option<Clean>,
    /// Caption.
    pub caption: Option<Clean>,
    /// MIME type.
    pub mime: Option<Clean>,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Text.
    Text(Clean),
    /// A link sent as such.
    Url(Clean),
    /// Media, as a placeholder.
    Media(Media),
    /// Anything else a customer sent, in words: a location, a contact card, an unknown kind.
    Placeholder(Clean),
    /// Somebody joined.
    Joined,
    /// Somebody left.
    Left,
    /// A line of the system.
    Notice(Clean),
    /// Something went wrong.
    Error(Clean),
    /// Somebody types, or stops. Never kept.
    Typing(bool),
    /// How far the message with that index got. Never shown as a line.
    Status {
        /// The message it is about.
        of: u64,
        /// The step, when it got further.
        step: Option<DeliveryStep>,
        /// The failure, when it failed.
        failure: Option<Failure>,
    },
    /// A reaction to the message with that index; an empty one takes it back. Never a line of its own.
    Reaction {
        /// The message it is about.
        of: u64,
        /// The emoji.
        emoji: Clean,
    },
    /// New text for the message with that index.
    Edit {
        /// The message it is about.
        of: u64,
        /// What it reads now.
        text: Clean,
    },
    /// The message with that index was deleted by its sender.
    Revoke {
        /// The message it is about.
        of: u64,
    },
    /// A kind this version does not know; kept so that the numbering has no hole.
    Unknown(Clean),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number in the session, from 1, without holes. Entries are told apart by it.
    pub index: u64,
    /// What it is.
    pub body: Body,
    /// Whose it is.
    pub side: Side,
    /// The name of the party, for showing.
    pub name: Clean,
    /// The party.
    pub participant: ParticipantId,
    /// Who can see it.
    pub visibility: Visibility,
    /// When it was written.
    pub at: Millis,
    /// The request that made it, when it was one of this desk's.
    pub operation: Option<OperationId>,
    /// The index of the message this one answers.
    pub quotes: Option<u64>,
}

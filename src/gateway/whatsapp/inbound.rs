//! What a webhook says, in our words.

use super::account::AccountChange;
use crate::domain::Millis;
use serde::{Deserialize, Serialize};

/// The names of one customer. WhatsApp may leave any of them out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// Digits without a plus.
    pub wa_id: Option<String>,
    /// Business-scoped user id.
    pub user_id: Option<String>,
    /// User name; changes freely, for showing only.
    pub username: Option<String>,
    /// Profile name.
    pub profile_name: Option<String>,
}

/// One thing that a webhook tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// A customer wrote.
    Message(InboundMessage),
    /// Staff wrote from the phone app: stands in the transcript and counts as an answer.
    Echo(InboundMessage),
    /// A message of the history that came with the number. Nobody has to answer it.
    History {
        /// The message.
        message: InboundMessage,
        /// Whether the business wrote it.
        by_staff: bool,
    },
    /// A call began, ended or was missed. It starts no session.
    Call(InboundMessage),
    /// A message that must not reach an agent. The raw webhook is kept.
    NotRouted(NotRouted),
    /// A message of ours got further, or failed.
    Status(InboundStatus),
    /// A customer's names changed: the old ones and the new ones are one customer.
    Renamed {
        /// Before.
        old: Names,
        /// Now.
        new: Names,
        /// When.
        at: Millis,
    },
    /// The account, its number or a template changed: administrators must be notified.
    AccountChanged(AccountChange),
    /// A report that belongs to no session, for the log.
    Account {
        /// WhatsApp's field name.
        field: String,
        /// In words.
        text: String,
    },
}

/// A message that belongs to no private chat with this number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRouted {
    /// WhatsApp's ID of the message.
    pub wamid: String,
    /// The reason.
    pub why: Why,
    /// The group, the number or the field; empty where there is none to name.
    pub about: String,
}

/// Why a message is not routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It was written in a group.
    Group,
    /// It is for another business number.
    Number,
    /// It came in a field of the webhook that is not for messages.
    Field,
    /// The business wrote it, and its recipient is unknown.
    Author,
}

impl Why {
    /// The label in the metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Number => "number",
            Self::Field => "field",
            Self::Author => "author",
        }
    }
}

/// A message of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundMessage {
    /// WhatsApp's id. One is made from the content where there is none, the same for the same content.
    pub wamid: String,
    /// The number it came to.
    pub phone_number_id: Option<String>,
    /// The customer.
    pub customer: Names,
    /// When it was written.
    pub at: Millis,
    /// What it is.
    pub content: Content,
    /// The id of the message it answers.
    pub quotes: Option<String>,
    /// WhatsApp's remarks about the message, one line for an agent each.
    pub around: Vec<String>,
}

/// What a message is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Text, exactly.
    Text(String),
    /// Media, as a placeholder.
    Media {
        /// `image`, `video`, `audio`, `voice`, `document`, `sticker`.
        kind: String,
        /// WhatsApp's id of the file.
        id: Option<String>,
        /// MIME type.
        mime: Option<String>,
        /// File name.
        name: Option<String>,
        /// Caption.
        caption: Option<String>,
    },
    /// Anything else, in words for an agent.
    Placeholder(String),
    /// An event that needs no answer, in words for an agent.
    Note(String),
    /// A reaction; an empty emoji takes it back.
    Reaction {
        /// Id of the message it is about.
        of: String,
        /// The emoji.
        emoji: String,
    },
    /// New text for an earlier message.
    Edit {
        /// Id of that message.
        of: String,
        /// What it reads now.
        text: String,
    },
    /// An earlier message was deleted.
    Revoke {
        /// Id of that message.
        of: String,
    },
}

/// How far a message of ours got.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundStatus {
    /// WhatsApp's id of our message.
    pub wamid: String,
    /// The ID of the number that it was sent from.
    pub phone_number_id: Option<String>,
    /// WhatsApp's names for the recipient.
    pub customer: Names,
    /// Our own name for it, where it came back.
    pub tracker: Option<String>,
    /// `sent`, `delivered`, `read`, `played`, `failed`, or another word.
    pub word: String,
    /// When.
    pub at: Millis,
    /// Error code and reason in an agent's words, with `failed`.
    pub error: Option<(i64, String)>,
}

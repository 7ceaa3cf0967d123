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
    /// The account, its number or a template changed: administrators must hear of it.
    AccountChanged(AccountChange),
    /// Something that belongs to no session, for the log.
    Account {
        /// WhatsApp's field name.
        field: String,
        /// In words.
        text: String,
    },
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
    /// Our own name for it, where it came back.
    pub tracker: Option<String>,
    /// `sent`, `delivered`, `read`, `played`, `failed`, or another word.
    pub word: String,
    /// When.
    pub at: Millis,
    /// Error code and reason in an agent's words, with `failed`.
    pub error: Option<(i64, String)>,
}

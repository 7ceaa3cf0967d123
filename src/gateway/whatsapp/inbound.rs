//! The updates that a webhook contains, as types of the gateway.

use super::account::AccountChange;
use crate::domain::Millis;
use crate::domain::delivery::DeliveryStatus;
use serde::{Deserialize, Serialize};

/// The names of one customer. WhatsApp may leave any of them out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerNames {
    /// Digits without a plus.
    pub wa_id: Option<String>,
    /// Business-scoped user id.
    pub user_id: Option<String>,
    /// User name. It may change at any time, so it is for display only.
    pub username: Option<String>,
    /// Profile name.
    pub profile_name: Option<String>,
}

/// One update of a webhook.
#[derive(Clone, Debug, PartialEq)]
pub enum WebhookUpdate {
    /// A customer wrote.
    Message(InboundMessage),
    /// Staff wrote from the phone app: an entry of the transcript that counts as an answer.
    Echo(InboundMessage),
    /// A message of the number's history. It needs no answer.
    History {
        /// The message.
        message: InboundMessage,
        /// Whether the business wrote it.
        by_staff: bool,
    },
    /// A call began, ended or was missed. It starts no session.
    Call(InboundMessage),
    /// A message that must not reach an agent. The raw webhook is kept.
    NotRouted(UnroutedMessage),
    /// A status of a message that we sent.
    Status(InboundStatus),
    /// A customer's names changed: the old ones and the new ones are one customer.
    Renamed { old: CustomerNames, new: CustomerNames, at: Millis },
    /// The account, its number or a template changed: administrators must be notified.
    AccountChanged(AccountChange),
    /// Something that changes nothing in the gateway. It is only written to the program's log.
    Unhandled {
        /// WhatsApp's field name.
        field: String,
        text: String,
    },
}

/// A message that belongs to no private chat with this number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnroutedMessage {
    /// WhatsApp's ID of the message.
    pub wamid: String,
    /// The reason.
    pub why: NotRoutedReason,
    /// The group, the number or the field; empty if unknown.
    pub about: String,
}

/// Why a message is not routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotRoutedReason {
    /// It was written in a group.
    Group,
    /// It is for another business number.
    Number,
    /// It came in a field of the webhook that is not for messages.
    Field,
    /// The business wrote it, and its recipient is unknown.
    Author,
}

impl NotRoutedReason {
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
    /// WhatsApp's ID. Without one, an ID is derived from the content.
    pub wamid: String,
    /// The number it came to.
    pub phone_number_id: Option<String>,
    pub customer: CustomerNames,
    /// When it was written.
    pub at: Millis,
    pub content: Content,
    /// The id of the message it answers.
    pub quotes: Option<String>,
    /// WhatsApp's remarks about the message, one line for an agent each.
    pub remarks: Vec<String>,
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
    /// Any other content, described for an agent.
    Placeholder(String),
    /// An event that needs no answer, described for an agent.
    Note(String),
    /// A reaction; an empty emoji removes it.
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
        /// The new text.
        text: String,
    },
    /// An earlier message was deleted.
    Revoke {
        /// Id of that message.
        of: String,
    },
}

impl Content {
    /// The content as plain text, as a quotation or an edited message shows it.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) | Self::Placeholder(text) | Self::Note(text) | Self::Edit { text, .. } => {
                text.clone()
            }
            Self::Media { caption: Some(caption), .. } => caption.clone(),
            Self::Media { kind, .. } => kind.clone(),
            Self::Reaction { emoji, .. } => emoji.clone(),
            Self::Revoke { .. } => "deleted".to_owned(),
        }
    }
}

/// A delivery status of a message that we sent.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundStatus {
    /// WhatsApp's id of our message.
    pub wamid: String,
    /// The ID of the number that it was sent from.
    pub phone_number_id: Option<String>,
    /// WhatsApp's names for the recipient.
    pub customer: CustomerNames,
    /// Our own ID of it, if WhatsApp returns it.
    pub tracker: Option<String>,
    pub status: DeliveryStatus,
    pub at: Millis,
    /// Error code and reason in an agent's words, with `failed`.
    pub error: Option<(i64, String)>,
}

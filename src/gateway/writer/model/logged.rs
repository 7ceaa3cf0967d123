//! Entries and statuses as the event log has them.
//!
//! Owns: the data around an entry. Must not: decide anything.

use crate::domain::delivery::DeliveryStatus;
use crate::domain::{ContactId, InteractionId, Millis};
use crate::gateway::writer::api::Address;
use crate::proto::media::MessageDto;
use serde::{Deserialize, Serialize};

/// An entry of a session's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryLogged {
    pub interaction: InteractionId,
    /// When it was written.
    pub at: Millis,
    /// The entry, as clients see it.
    pub entry: MessageDto,
    /// WhatsApp's name for it, so that it is known when it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// Where it is to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_to: Option<Address>,
}

/// A message in the archive of a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Archived {
    pub contact: ContactId,
    /// The ID of our number.
    pub phone_number_id: String,
    /// The message, as an entry of the archive session of its day.
    pub logged: EntryLogged,
}

/// A reaction, a change or a deletion without its message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnmatchedChange {
    /// WhatsApp's ID of the missing message.
    pub of: String,
    /// When it was written.
    pub at: Millis,
    /// The entry, still without the number of the entry that it refers to.
    pub entry: MessageDto,
    /// WhatsApp's ID of the change itself, where no other event has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// A status without its message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnmatchedStatus {
    /// WhatsApp's id of the message.
    pub wamid: String,
    #[serde(rename = "word")]
    pub status: DeliveryStatus,
    /// Code and reason, with `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<(i64, String)>,
    pub at: Millis,
}

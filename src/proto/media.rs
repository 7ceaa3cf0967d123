//! Interactions, messages and channels on the wire.

use super::kv;
use crate::domain::AttachedData;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// An interaction. Only the fields that this project reads or writes are typed; all others are in `rest`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InteractionDto {
    pub id: String,
    /// Media type; some servers write `mediaType`.
    #[serde(alias = "mediaType")]
    pub mediatype: String,
    /// `Inbound`, `Outbound`, `Internal`.
    pub interaction_type: String,
    /// `InboundNew`, `InternalConferenceInvite`, …
    pub interaction_subtype: String,
    /// `Invited`, `Processing`, `Completed`, …
    pub state: String,
    /// The allowed operations.
    pub capabilities: Vec<String>,
    /// The queue that it is in or came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(with = "kv::pairs")]
    pub user_data: AttachedData,
    #[serde(with = "kv::pairs", skip_serializing_if = "AttachedData::is_empty")]
    pub extension: AttachedData,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The ID in the contact database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
    #[serde(skip_serializing_if = "Json::is_null")]
    pub received_at: Json,
    /// The mode of the supervisor who receives this: `Monitor`, `Coach`, `Bargein`; absent for agents. Some Genesys
    /// software spells it `moniterMode`.
    #[serde(alias = "moniterMode", skip_serializing_if = "Option::is_none")]
    pub monitor_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<ChatDto>,
    #[serde(flatten)]
    pub rest: serde_json::Map<String, Json>,
}

/// The chat part of an interaction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ChatDto {
    pub participants: Vec<ParticipantDto>,
    #[serde(skip_serializing_if = "Json::is_null")]
    pub start_at: Json,
    /// The participant ID of the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub my_participant_id: Option<String>,
    /// `Supervisor` for a receiver who monitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub my_user_type: Option<String>,
    /// Entries, if the server includes them.
    pub messages: Vec<MessageDto>,
    /// Whether the session continues while its parties are away. WhatsApp sessions do.
    pub is_async_mode: bool,
}

/// A party of a session. In the `from` of a message, the ID is called `participantId`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ParticipantDto {
    #[serde(alias = "id")]
    pub participant_id: String,
    /// `Customer`, `Agent`, `Supervisor`, `External`.
    #[serde(rename = "type")]
    pub kind: String,
    pub nickname: String,
    /// `All`, `Agent`, `Supervisor`.
    pub visibility: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
}

/// An entry of a session's log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MessageDto {
    /// Its number, from 1, increasing.
    pub index: u64,
    /// `Text`, `ParticipantJoined`, `ParticipantLeft`, `TypingStarted`, `TypingStopped`, `PushUrl`, `Notice`, `CustomNotice`, …
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none", alias = "noticeText")]
    pub text: Option<String>,
    /// The link of a `PushUrl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub from: ParticipantDto,
    pub visibility: String,
    /// When, ISO-8601.
    pub timestamp: Json,
    /// When, in seconds since the epoch.
    pub timestamp_seconds: i64,
    #[serde(with = "kv::pairs", skip_serializing_if = "AttachedData::is_empty")]
    pub user_data: AttachedData,
}

/// Which part of a session's log is requested: an addition of this project's gateway. With nothing set, the whole log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Only entries after this index, from the oldest on.
    pub after: Option<u64>,
    /// Only entries before this index.
    pub before: Option<u64>,
    /// The most entries. Without `after`, the newest ones.
    pub limit: Option<u32>,
}

impl LogQuery {
    /// The newest entries.
    pub const NEWEST: Self = Self { after: None, before: None, limit: Some(PAGE) };

    /// The entries after an index.
    pub const fn after(index: u64) -> Self {
        Self { after: Some(index), ..Self::NEWEST }
    }

    /// The entries before an index.
    pub const fn before(index: u64) -> Self {
        Self { before: Some(index), ..Self::NEWEST }
    }

    /// The query string. Servers that do not know it return the whole log.
    pub fn to_query(&self) -> String {
        let parts = [("after", self.after), ("before", self.before), ("limit", self.limit.map(u64::from))];
        let parts: Vec<String> =
            parts.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?))).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

/// How many entries a client of this project requests at once.
const PAGE: u32 = 200;
/// The most bytes of the entries of one page as JSON, far below the limit of a client for one message.
const PAGE_BYTES: usize = 512 * 1024;
/// The most entries of one page.
const PAGE_ENTRIES: u32 = 1000;

/// Counts how much still fits into a page of a log. One entry always fits, however long it is. Without a limit,
/// everything fits.
#[derive(Clone, Copy, Debug)]
pub struct PageBudget {
    left: Option<(u32, usize)>,
    is_empty: bool,
}

impl PageBudget {
    /// An empty page for at most `limit` entries.
    pub fn new(limit: Option<u32>) -> Self {
        let left = limit.map(|limit| (limit.clamp(1, PAGE_ENTRIES), PAGE_BYTES));
        Self { left, is_empty: true }
    }

    /// Whether an entry of this many bytes still fits; if so, counts it.
    pub fn takes(&mut self, bytes: usize) -> bool {
        let Some((entries, room)) = &mut self.left else { return true };
        let fits = *entries > 0 && (self.is_empty || bytes <= *room);
        if fits {
            (*entries, *room) = (*entries - 1, room.saturating_sub(bytes));
            self.is_empty = false;
        }
        fits
    }
}

/// A part of a session's log, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogPage {
    pub messages: Vec<MessageDto>,
    /// Whether there are entries before these. A server that ignores [`LogQuery`] never sets it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub older: bool,
    /// Whether there are entries after these.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub newer: bool,
}

/// The state of a media channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ChannelDto {
    pub name: String,
    /// Whether sessions may be offered.
    pub available: bool,
    /// `Ready`, `NotReady`, `LoggedOut`.
    pub state: String,
    /// Do Not Disturb.
    pub dnd: bool,
    /// Of `NotReady`: the pair `ReasonCode`.
    #[serde(with = "kv::pairs")]
    pub reasons: AttachedData,
    /// Since when, in milliseconds.
    #[serde(skip_serializing_if = "Json::is_null")]
    pub timestamp: Json,
    /// Interactions of the channel.
    pub interactions: Vec<Json>,
    /// Pairs; see [`super::wa::WORK_MODE`].
    #[serde(with = "kv::pairs", skip_serializing_if = "AttachedData::is_empty")]
    pub extension: AttachedData,
}

/// Channels, as events and `current-session` nest them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaDto {
    /// The channels that changed, or all.
    pub channels: Vec<ChannelDto>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interaction_of_genesyss_simulator_loses_nothing() {
        let wire = serde_json::json!({
            "capabilities": ["accept", "reject"], "ticketId": 5, "id": "f1a3", "mediatype": "email",
            "interactionType": "Inbound", "interactionSubtype": "InboundNew", "state": "Invited",
            "receivedAt": "Sun Nov 22 2026 10:09:39 GMT+0000 (Coordinated Universal Time)",
            "userData": [{"key": "Priority", "type": "interger", "value": 8}]
        });
        let dto: InteractionDto = serde_json::from_value(wire).unwrap();
        assert_eq!((dto.id.as_str(), dto.state.as_str()), ("f1a3", "Invited"));
        assert_eq!(dto.user_data.number("Priority"), Some(8));
        assert_eq!(dto.rest.get("ticketId"), Some(&serde_json::json!(5)));
    }
}

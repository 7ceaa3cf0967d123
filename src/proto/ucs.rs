//! Contacts on the wire: the sessions that a customer had.

use crate::domain::AttachedData;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The name of the event with a history.
const HISTORY: &str = "EventGetContactHistory";
/// `messageType` of results about contacts.
pub(super) const MESSAGE: &str = "UcsMessage";

/// An interaction of a contact's history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PastDto {
    pub id: String,
    /// `Stopped`, `Pending`, `InProgress`.
    pub state: String,
    /// `Inbound`, `Outbound`.
    pub type_id: String,
    /// `InboundNew`, …
    pub subtype_id: String,
    /// The contact.
    pub contact_id: String,
    pub subject: String,
    pub start_date: Json,
    #[serde(skip_serializing_if = "Json::is_null")]
    pub end_date: Json,
    pub media_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    #[serde(with = "super::kv::pairs", skip_serializing_if = "AttachedData::is_empty")]
    pub user_data: AttachedData,
    pub owner_information: Vec<OwnerDto>,
}

/// Who handled an interaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OwnerDto {
    #[serde(rename = "DBID")]
    pub dbid: i64,
    pub first_name: String,
    pub last_name: String,
    pub user_name: String,
}

/// The data of the event with a history.
pub fn history(contact: &str, interactions: &[PastDto], operation_id: Option<&str>) -> Json {
    json!({
        "name": HISTORY, "operationId": operation_id, "contactId": contact, "interactions": interactions,
        "messageType": MESSAGE,
    })
}

/// Reads the contact and the history from the data of that event. Items that cannot be read are left out; `None` when it
/// is another event.
pub fn read_history(data: &Json) -> Option<(String, Vec<PastDto>)> {
    if data.get("name").and_then(Json::as_str) != Some(HISTORY) {
        return None;
    }
    let contact = data.get("contactId").and_then(Json::as_str)?.to_owned();
    let items = data.get("interactions").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    Some((contact, items.iter().filter_map(|item| serde_json::from_value(item.clone()).ok()).collect()))
}

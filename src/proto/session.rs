//! The agent's own session: who they are, what the server has configured.

use super::kv;
use super::media::MediaDto;
use crate::domain::AttachedData;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The reply of `oauth/token`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenDto {
    /// What to send as bearer.
    pub access_token: String,
    /// `bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    /// What to renew it with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// The person who signed in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct UserDto {
    /// Number in the configuration database.
    pub dbid: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Name to sign in with.
    pub user_name: String,
    /// Employee ID.
    pub employee_id: String,
    /// Place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_place: Option<String>,
    /// Agent login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_login: Option<String>,
    /// Options of the person: section `interaction-workspace` and others, as pairs.
    #[serde(with = "kv::pairs")]
    pub user_properties: AttachedData,
    /// The active session, in `current-session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_session: Option<ActiveSessionDto>,
    /// The role, from our gateway.
    #[serde(rename = "wa.role", skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// What the session has open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ActiveSessionDto {
    /// Place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_place: Option<String>,
    /// Channels with their interactions.
    pub media: MediaDto,
}

/// The data of `current-session`, and of the event that completes initialization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionDto {
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<UserDto>,
    /// The configuration, where it is sent along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ConfigurationDto>,
    /// Agents whom a supervisor monitors, in `current-session` of our gateway.
    #[serde(rename = "wa.monitored", skip_serializing_if = "Option::is_none")]
    pub monitored: Option<Vec<String>>,
}

/// What the server has configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConfigurationDto {
    /// Reasons for states.
    pub action_codes: Vec<ActionCodeDto>,
    /// Groups, with their options.
    pub agent_groups: Vec<AgentGroupDto>,
    /// The groups whose agents this person may monitor; empty for who oversees nobody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub monitorable_agent_groups: Vec<AgentGroupDto>,
    /// Lists of values.
    pub business_attributes: Vec<BusinessAttributeDto>,
    /// Options of the tenant: sections as pairs of pairs, or a plain object.
    pub settings: Json,
    /// Options of the person, as in [`UserDto::user_properties`], so that one request brings every layer.
    /// From our gateway; absent on other servers.
    #[serde(rename = "wa.userProperties", skip_serializing_if = "Option::is_none")]
    pub user_properties: Option<Json>,
}

/// A reason for a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ActionCodeDto {
    /// What people read.
    pub name: String,
    /// What is sent.
    pub code: String,
    /// `NotReady`, `Login`, …
    #[serde(rename = "type")]
    pub kind: String,
}

/// An agent group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentGroupDto {
    /// Number.
    #[serde(rename = "DBID")]
    pub dbid: i64,
    /// Name.
    pub name: String,
    /// Options: section name to option to value.
    pub settings: Json,
}

/// A list of values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BusinessAttributeDto {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// The values.
    pub values: Vec<BusinessAttributeValueDto>,
    /// Its annex: sections as pairs of pairs, or a plain object.
    pub user_properties: Json,
}

/// A value of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BusinessAttributeValueDto {
    /// Number.
    pub id: i64,
    /// What is stored.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// Whether it is the one to begin with.
    pub default: bool,
    /// Its annex: sections as pairs of pairs, or a plain object.
    pub user_properties: Json,
}

impl ConfigurationDto {
    /// The business attribute of that name.
    pub fn business_attribute(&self, name: &str) -> Option<&BusinessAttributeDto> {
        self.business_attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The layers of a section: the tenant's, then each group's.
    pub fn layers(&self, section: &str) -> Vec<AttachedData> {
        let groups = self.agent_groups.iter().map(|group| &group.settings);
        std::iter::once(&self.settings).chain(groups).map(|settings| section_of(settings, section)).collect()
    }
}

/// One section of settings, whichever way they are written.
pub fn section_of(settings: &Json, section: &str) -> AttachedData {
    let found = match settings {
        Json::Array(list) => list
            .iter()
            .find(|item| item.get("key").and_then(Json::as_str) == Some(section))
            .and_then(|i| i.get("value")),
        Json::Object(map) => map.get(section),
        _ => None,
    };
    found.map(kv::from_json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_of_a_group_come_after_those_of_the_tenant() {
        let configuration: ConfigurationDto = serde_json::from_value(json!({
            "settings": [{"key": "interaction-workspace", "type": "kvlist",
                "value": [{"key": "a", "type": "str", "value": "1"}, {"key": "b", "type": "str", "value": "1"}]}],
            "agentGroups": [{"DBID": 1, "name": "Sales", "settings": {"interaction-workspace": {"b": "2"}}}]
        }))
        .unwrap();
        let layers = configuration.layers("interaction-workspace");
        let b: Vec<Option<&str>> = layers.iter().map(|layer| layer.text("b")).collect();
        assert_eq!(b, [Some("1"), Some("2")]);
    }
}

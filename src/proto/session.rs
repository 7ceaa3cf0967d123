//! The workspace session: who signed in, and the configuration of the server.

use super::kv;
use super::media::MediaDto;
use crate::domain::AttachedData;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The reply of `oauth/token`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenDto {
    /// The bearer token.
    pub access_token: String,
    /// `bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    /// The token that renews it.
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
    /// The number in the configuration database.
    pub dbid: i64,
    pub first_name: String,
    pub last_name: String,
    pub user_name: String,
    pub employee_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_login: Option<String>,
    /// Options of the person: section `interaction-workspace` and others, as pairs.
    #[serde(with = "kv::pairs")]
    pub user_properties: AttachedData,
    /// The active session, in `current-session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_session: Option<ActiveSessionDto>,
    /// The role; from this project's gateway only.
    #[serde(rename = "wa.role", skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// The active part of a workspace session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ActiveSessionDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_place: Option<String>,
    pub media: MediaDto,
}

/// The data of `current-session`, and of the event that completes initialization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<UserDto>,
    /// The configuration, if it is included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ConfigurationDto>,
    /// The agents whom the supervisor monitors, in `current-session` of this project's gateway.
    #[serde(rename = "wa.monitored", skip_serializing_if = "Option::is_none")]
    pub monitored: Option<Vec<String>>,
}

/// The configuration of the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConfigurationDto {
    /// Reasons for agent states.
    pub action_codes: Vec<ActionCodeDto>,
    pub agent_groups: Vec<AgentGroupDto>,
    /// The groups whose agents this person may monitor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub monitorable_agent_groups: Vec<AgentGroupDto>,
    /// The business attributes.
    pub business_attributes: Vec<BusinessAttributeDto>,
    /// Options of the tenant: sections as pairs of pairs, or a plain object.
    pub settings: Json,
    /// Options of the person, as in [`UserDto::user_properties`], so that one reply has every layer. From this project's
    /// gateway only.
    #[serde(rename = "wa.userProperties", skip_serializing_if = "Option::is_none")]
    pub user_properties: Option<Json>,
}

/// A reason for an agent state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ActionCodeDto {
    pub name: String,
    pub code: String,
    /// `NotReady`, `Login`, …
    #[serde(rename = "type")]
    pub kind: String,
}

/// An agent group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentGroupDto {
    #[serde(rename = "DBID")]
    pub dbid: i64,
    pub name: String,
    /// Options by section and name.
    pub settings: Json,
}

/// A business attribute: a list of values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BusinessAttributeDto {
    pub id: i64,
    pub name: String,
    pub display_name: String,
    pub values: Vec<BusinessAttributeValueDto>,
    /// The annex: sections as pairs of pairs, or a plain object.
    pub user_properties: Json,
}

/// A value of a business attribute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BusinessAttributeValueDto {
    pub id: i64,
    pub name: String,
    pub display_name: String,
    /// Whether it is the default.
    pub default: bool,
    /// The annex: sections as pairs of pairs, or a plain object.
    pub user_properties: Json,
}

impl ConfigurationDto {
    /// The business attribute with this name.
    pub fn business_attribute(&self, name: &str) -> Option<&BusinessAttributeDto> {
        self.business_attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The layers of a section: that of the tenant, then that of each group.
    pub fn layers(&self, section: &str) -> Vec<AttachedData> {
        let groups = self.agent_groups.iter().map(|group| &group.settings);
        std::iter::once(&self.settings).chain(groups).map(|settings| section_of(settings, section)).collect()
    }
}

/// A section of settings, in either notation.
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

//! `[[gateway.action-code]]`, `[[gateway.business-attribute]]` and `[[gateway.corporate-favourite]]`.

use serde::Deserialize;

/// `[[gateway.action-code]]`: a reason for an agent state.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ActionCode {
    pub name: String,
    /// The code in requests.
    pub code: String,
    /// The state that it explains: `NotReady`, or another type of action code of the Workspace API.
    #[serde(rename = "type", default = "not_ready")]
    pub kind: String,
}

fn not_ready() -> String {
    "NotReady".to_owned()
}

/// `[[gateway.business-attribute]]`: a list of values.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BusinessAttribute {
    pub name: String,
    /// The name for people; `name` when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The annex: options of the section with that name, such as the order of case data.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
    #[serde(default)]
    pub values: Vec<ConfiguredValue>,
}

/// A value of a business attribute: a name alone, or with more fields.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a name, or a table with `name` and perhaps `display-name`, `default` and `interaction-workspace`"
)]
pub enum ConfiguredValue {
    Name(String),
    /// A name with more fields.
    #[serde(rename_all = "kebab-case")]
    Full {
        name: String,
        #[serde(default)]
        display_name: Option<String>,
        /// Whether it is the default.
        #[serde(default)]
        default: bool,
        /// The annex: options of the section with that name, such as the type of a field.
        #[serde(default)]
        interaction_workspace: toml::Table,
    },
}

/// `[[gateway.corporate-favourite]]`. (Workspace: a section named by `teamcommunicator.corporate-favorites`.)
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorporateFavourite {
    /// The heading under which other clients show it.
    #[serde(default)]
    pub category: String,
    #[serde(rename = "type")]
    pub kind: FavouriteKind,
    /// The employee ID or user name of an agent, otherwise the name of the target.
    pub id: String,
    /// The name for people; that of the target when absent.
    #[serde(default)]
    pub display_name: Option<String>,
}

/// The kind of a corporate favourite, spelled as in the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum FavouriteKind {
    Agent,
    AgentGroup,
    Skill,
    InteractionQueue,
}

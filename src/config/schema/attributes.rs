//! `[[gateway.action-code]]`, `[[gateway.business-attribute]]` and `[[gateway.corporate-favourite]]`.

use serde::Deserialize;

/// `[[gateway.action-code]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ActionCode {
    /// What people read.
    pub name: String,
    /// What is sent.
    pub code: String,
    /// Which state it explains: `NotReady`, or another type of the Workspace API's action codes.
    #[serde(rename = "type", default = "not_ready")]
    pub kind: String,
}

fn not_ready() -> String {
    "NotReady".to_owned()
}

/// `[[gateway.business-attribute]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BusinessAttribute {
    /// Name.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Its annex: options of the section with that name, such as the order of case data.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
    /// Values.
    #[serde(default)]
    pub values: Vec<ConfiguredValue>,
}

/// A value of a business attribute: a name, or more.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a name, or a table with `name` and perhaps `display-name`, `default` and `interaction-workspace`"
)]
pub enum ConfiguredValue {
    /// A name.
    Name(String),
    /// A name, what people read, and whether it is the one to begin with.
    #[serde(rename_all = "kebab-case")]
    Full {
        /// What is stored.
        name: String,
        /// What people read.
        #[serde(default)]
        display_name: Option<String>,
        /// Whether it is the one to begin with.
        #[serde(default)]
        default: bool,
        /// Its annex: options of the section with that name, such as the kind of a field.
        #[serde(default)]
        interaction_workspace: toml::Table,
    },
}

/// `[[gateway.corporate-favourite]]`. (Workspace: a section named by `teamcommunicator.corporate-favorites`.)
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorporateFavourite {
    /// The heading it stands under for other clients.
    #[serde(default)]
    pub category: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: FavouriteKind,
    /// Employee ID or user name of an agent, else the name.
    pub id: String,
    /// What people read; its own name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
}

/// What a corporate favourite is, in the words of the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum FavouriteKind {
    /// An agent.
    Agent,
    /// An agent group.
    AgentGroup,
    /// A skill.
    Skill,
    /// An interaction queue.
    InteractionQueue,
}

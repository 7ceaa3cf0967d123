//! The shape of `config.toml`.

mod agents;
mod attributes;
mod console;
mod gateway;
mod queues;
mod whatsapp;

pub use agents::{AgentConfig, GroupConfig};
pub use attributes::{ActionCode, BusinessAttribute, ConfiguredValue, CorporateFavourite, FavouriteKind};
pub use console::{BidiMode, Colors, ConsoleConfig, Privacy, Transport};
pub use gateway::{GatewayConfig, SignOut};
pub use queues::{QueueConfig, Strategy, WORKBIN, WorkbinConfig};
pub use whatsapp::{TextTemplate, WhatsAppConfig};

pub use crate::domain::routing_based::Words as RoutingBased;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The console's own settings.
    pub console: ConsoleConfig,
    /// Options with Genesys's names; dotted keys read as one name. See [`crate::domain::options`].
    pub interaction_workspace: toml::Table,
    /// The words of routing-based requests.
    pub routing_based: RoutingBased,
    /// Themes of one's own, by name: a theme to begin with, and the looks of roles.
    pub theme: BTreeMap<String, OwnTheme>,
    /// Key bindings: name of an action to one key or a list of keys; an empty list unbinds.
    pub keys: BTreeMap<String, Keys>,
    /// The gateway's settings; only `serve` and `user` read them.
    pub gateway: GatewayConfig,
    /// What is hidden from who only looks on.
    pub privacy: Privacy,
}

/// One key or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a key as text, or a list of keys")]
pub enum Keys {
    /// One.
    One(String),
    /// Several, or none.
    Many(Vec<String>),
}

/// `[theme.NAME]`: a theme of one's own. `base` names the theme that comes with the program and that the rest
/// is taken from; every other key is a role, with its look in words such as `bold cyan on blue`. Which roles
/// and words there are, the screen knows.
pub type OwnTheme = BTreeMap<String, String>;

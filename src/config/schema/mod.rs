//! The structure of `config.toml`, one file per table.

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
    pub console: ConsoleConfig,
    /// Options with the names of Genesys; dotted keys are one name. See [`crate::domain::options`].
    pub interaction_workspace: toml::Table,
    /// The values of routing-based requests.
    pub routing_based: RoutingBased,
    /// Custom themes by name.
    pub theme: BTreeMap<String, OwnTheme>,
    /// Key bindings: the name of an action to a key or a list of keys; an empty list unbinds it.
    pub keys: BTreeMap<String, Keys>,
    /// Read by `serve` and `user` only.
    pub gateway: GatewayConfig,
    pub privacy: Privacy,
}

/// The keys of an action.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a key as text, or a list of keys")]
pub enum Keys {
    One(String),
    /// Several, or none.
    Many(Vec<String>),
}

/// `[theme.NAME]`: a custom theme. `base` names the built-in theme that it changes; every other key is a role, with a look
/// such as `bold cyan on blue`. `ui` defines the roles and words.
pub type OwnTheme = BTreeMap<String, String>;

//! `[[gateway.agent]]` and `[[gateway.group]]`.

use crate::domain::role::{Privilege, Role};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[[gateway.agent]]`: a person who can sign in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgentConfig {
    pub user_name: String,
    /// The user name when absent; see [`Self::employee_id`].
    #[serde(default)]
    pub employee_id: Option<String>,
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    #[serde(default)]
    pub role: Role,
    /// The hash of the password, made by `deskline user`.
    pub password_hash: String,
    #[serde(default)]
    pub groups: Vec<String>,
    /// Skills with their levels, 0..=100.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// A telephone number by which colleagues find them.
    #[serde(default)]
    pub phone: Option<String>,
    /// The most sessions at a time, 1..=100.
    #[serde(default = "capacity")]
    pub capacity: u32,
    /// Agent groups that a supervisor or administrator oversees; empty: all.
    #[serde(default)]
    pub oversees: Vec<String>,
    /// What a supervisor or administrator may do in the sessions that they oversee, besides reading them.
    #[serde(default)]
    pub privileges: Vec<Privilege>,
    /// Options of this person.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
}

impl AgentConfig {
    /// The employee ID, or the user name if there is none.
    pub fn employee_id(&self) -> &str {
        self.employee_id.as_deref().unwrap_or(&self.user_name)
    }
}

const fn capacity() -> u32 {
    4
}

/// `[[gateway.group]]`: an agent group with options.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GroupConfig {
    pub name: String,
    /// Options of its members.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
}

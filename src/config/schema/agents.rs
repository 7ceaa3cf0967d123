//! `[[gateway.agent]]` and `[[gateway.group]]`.

use crate::domain::role::{Privilege, Role};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[[gateway.agent]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgentConfig {
    /// Name to sign in with.
    pub user_name: String,
    /// Employee ID; the user name when absent.
    #[serde(default)]
    pub employee_id: Option<String>,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    pub last_name: String,
    /// Role.
    #[serde(default)]
    pub role: Role,
    /// Hash of the password, made by `deskline user`.
    pub password_hash: String,
    /// Agent groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Skills with their levels, 0..=100.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// Telephone number by which colleagues find them.
    #[serde(default)]
    pub phone: Option<String>,
    /// Sessions at a time, 1..=100.
    #[serde(default = "capacity")]
    pub capacity: u32,
    /// Agent groups that a supervisor or administrator oversees; empty: all.
    #[serde(default)]
    pub oversees: Vec<String>,
    /// What a supervisor or administrator may do in the sessions they oversee besides reading them.
    #[serde(default)]
    pub privileges: Vec<Privilege>,
    /// Options of this person.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
}

impl AgentConfig {
    /// The employee ID, which is the user name where none is given.
    pub fn employee_id(&self) -> &str {
        self.employee_id.as_deref().unwrap_or(&self.user_name)
    }
}

const fn capacity() -> u32 {
    4
}

/// `[[gateway.group]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GroupConfig {
    /// Name.
    pub name: String,
    /// Options of its members.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
}

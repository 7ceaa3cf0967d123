//! The configuration as clients see it: people, groups, reasons, lists, options.
//!
//! Owns: the numbers of people, groups and skills, and replacing the settings after an edit. Must not: decide who may do
//! what.

use crate::config::schema::{AgentConfig, ConfiguredValue, GatewayConfig};
use crate::domain::options::SECTION;
use crate::domain::{AttachedData, EmployeeId, Value};
use crate::proto::kv;
use crate::proto::session::{
    ActionCodeDto, AgentGroupDto, BusinessAttributeDto, BusinessAttributeValueDto, ConfigurationDto,
    SessionDto, UserDto,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

/// Reads a table of options into pairs. Dotted keys are tables in it.
pub type ReadOptions = fn(&toml::Table) -> AttachedData;

/// The first number, as in a configuration database.
const FIRST_NUMBER: i64 = 101;

/// The configuration as clients see it. People, groups and skills are those of the start; other settings are replaced as a
/// whole by [`Directory::apply`].
#[derive(Debug)]
pub struct Directory {
    gateway: Arc<GatewayConfig>,
    options: ReadOptions,
    groups: Vec<String>,
    skills: Vec<String>,
    /// The lock is held only to copy or replace the pointer.
    live: RwLock<Arc<Live>>,
}

/// The settings that an edit of the file changes without a restart.
#[derive(Debug)]
struct Live {
    /// Options of everybody.
    tenant: AttachedData,
    /// For reasons, business attributes, options of groups and people, and password hashes.
    gateway: Arc<GatewayConfig>,
}

fn numbered<T>(list: &[T]) -> impl Iterator<Item = (i64, &T)> {
    (FIRST_NUMBER..).zip(list)
}

impl Directory {
    /// `tenant` contains the options of everybody.
    pub fn new(gateway: Arc<GatewayConfig>, tenant: &toml::Table, options: ReadOptions) -> Self {
        let agents = &gateway.agent;
        let groups: BTreeSet<&String> =
            agents.iter().flat_map(|a| &a.groups).chain(gateway.group.iter().map(|g| &g.name)).collect();
        let skills: BTreeSet<&String> = agents
            .iter()
            .flat_map(|a| a.skills.keys())
            .chain(gateway.queue.iter().flat_map(|q| q.skills.keys()))
            .collect();
        let (groups, skills) = (groups.into_iter().cloned().collect(), skills.into_iter().cloned().collect());
        let live = RwLock::new(Arc::new(Live { tenant: options(tenant), gateway: Arc::clone(&gateway) }));
        Self { gateway, options, groups, skills, live }
    }

    /// Replaces the settings with checked ones, for every later request. Of people, groups and queues it takes only options
    /// and password hashes.
    pub fn apply(&self, gateway: Arc<GatewayConfig>, tenant: &toml::Table) {
        let live = Arc::new(Live { tenant: (self.options)(tenant), gateway });
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
    }

    fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The present password hash of a person. A person who was removed from the file keeps the old one until the gateway is
    /// restarted.
    pub fn password_hash(&self, agent: &AgentConfig) -> String {
        let live = self.live();
        let now = live.gateway.agent.iter().find(|other| other.user_name == agent.user_name);
        now.unwrap_or(agent).password_hash.clone()
    }

    /// The options of a person.
    fn own(&self, employee: &EmployeeId) -> AttachedData {
        let live = self.live();
        let agent = live.gateway.agent.iter().find(|agent| agent.employee_id() == employee.as_str());
        agent.map(|agent| (self.options)(&agent.interaction_workspace)).unwrap_or_default()
    }

    fn properties(&self, employee: &EmployeeId) -> AttachedData {
        let own = self.own(employee);
        let section = (!own.is_empty()).then_some((SECTION, Value::List(own)));
        section.into_iter().collect()
    }

    /// The settings with which the gateway was started.
    pub fn gateway(&self) -> &GatewayConfig {
        &self.gateway
    }

    /// All people who may sign in.
    pub fn agents(&self) -> &[AgentConfig] {
        &self.gateway.agent
    }

    /// The person with a user name.
    pub fn by_user_name(&self, name: &str) -> Option<&AgentConfig> {
        self.agents().iter().find(|agent| agent.user_name == name)
    }

    /// The person with an employee ID.
    pub fn agent(&self, employee: &EmployeeId) -> Option<&AgentConfig> {
        self.agents().iter().find(|agent| agent.employee_id() == employee.as_str())
    }

    /// People with their numbers.
    pub fn numbered_agents(&self) -> impl Iterator<Item = (i64, &AgentConfig)> {
        numbered(self.agents())
    }

    /// Agent groups with their numbers.
    pub fn groups(&self) -> impl Iterator<Item = (i64, &String)> {
        numbered(&self.groups)
    }

    /// Skills with their numbers.
    pub fn skills(&self) -> impl Iterator<Item = (i64, &String)> {
        numbered(&self.skills)
    }

    /// The number of a person.
    pub fn number(&self, employee: &EmployeeId) -> i64 {
        let found = self.numbered_agents().find(|(_, agent)| agent.employee_id() == employee.as_str());
        found.map_or(0, |(number, _)| number)
    }

    /// A person as clients see them.
    pub fn user(&self, employee: &EmployeeId) -> UserDto {
        let Some(agent) = self.agent(employee) else { return UserDto::default() };
        UserDto {
            dbid: self.number(employee),
            first_name: agent.first_name.clone(),
            last_name: agent.last_name.clone(),
            user_name: agent.user_name.clone(),
            employee_id: agent.employee_id().to_owned(),
            default_place: Some(format!("Place_{}", agent.user_name)),
            agent_login: Some(agent.employee_id().to_owned()),
            user_properties: self.properties(employee),
            active_session: None,
            role: serde_json::to_value(agent.role).ok().and_then(|word| word.as_str().map(str::to_owned)),
        }
    }

    /// The data of a new workspace session: the person and their configuration.
    pub fn session(&self, employee: &EmployeeId) -> SessionDto {
        SessionDto {
            user: Some(self.user(employee)),
            configuration: Some(self.configuration(employee)),
            monitored: None,
        }
    }

    /// The configuration that a person sees, with only their own groups.
    pub fn configuration(&self, employee: &EmployeeId) -> ConfigurationDto {
        let agent = self.agent(employee);
        let mine = agent.map(|agent| agent.groups.as_slice()).unwrap_or_default();
        let overseer = agent.filter(|agent| !agent.role.handles_sessions());
        let monitors = |name: &String| {
            overseer.is_some_and(|agent| agent.oversees.is_empty() || agent.oversees.contains(name))
        };
        let group = |(dbid, name): (i64, &String)| AgentGroupDto {
            dbid,
            name: name.clone(),
            settings: self.of_group(name),
        };
        ConfigurationDto {
            action_codes: self.action_codes(),
            agent_groups: self.groups().filter(|(_, name)| mine.contains(name)).map(group).collect(),
            monitorable_agent_groups: self.groups().filter(|(_, name)| monitors(name)).map(group).collect(),
            business_attributes: self.business_attributes(),
            settings: kv::to_json(
                &[(SECTION, Value::List(self.live().tenant.clone()))].into_iter().collect(),
            ),
            user_properties: Some(kv::to_json(&self.properties(employee))),
        }
    }

    fn of_group(&self, name: &str) -> Json {
        let live = self.live();
        let group = live.gateway.group.iter().find(|group| group.name == name);
        let options = group.map(|group| (self.options)(&group.interaction_workspace)).unwrap_or_default();
        // Workspace: options of a group are a plain object, unlike those of the tenant.
        let plain: serde_json::Map<String, Json> =
            options.iter().map(|(name, value)| (name.to_owned(), Json::from(value.to_text()))).collect();
        json!({ SECTION: plain })
    }

    fn action_codes(&self) -> Vec<ActionCodeDto> {
        let live = self.live();
        let codes = live.gateway.action_code.iter();
        codes
            .map(|code| ActionCodeDto {
                name: code.name.clone(),
                code: code.code.clone(),
                kind: code.kind.clone(),
            })
            .collect()
    }

    /// Business attributes with their values.
    pub fn business_attributes(&self) -> Vec<BusinessAttributeDto> {
        numbered(&self.live().gateway.business_attribute)
            .map(|(id, attribute)| BusinessAttributeDto {
                id,
                name: attribute.name.clone(),
                display_name: attribute.display_name.clone().unwrap_or_else(|| attribute.name.clone()),
                values: numbered(&attribute.values).map(|(id, value)| Self::value(id, value)).collect(),
                user_properties: Self::annex(Some(&attribute.interaction_workspace)),
            })
            .collect()
    }

    fn value(id: i64, value: &ConfiguredValue) -> BusinessAttributeValueDto {
        let (name, display, default, annex) = match value {
            ConfiguredValue::Name(name) => (name, None, false, None),
            ConfiguredValue::Full { name, display_name, default, interaction_workspace } => {
                (name, display_name.as_ref(), *default, Some(interaction_workspace))
            }
        };
        BusinessAttributeValueDto {
            id,
            name: name.clone(),
            display_name: display.unwrap_or(name).clone(),
            default,
            user_properties: Self::annex(annex),
        }
    }

    /// Options of an object, as sections of pairs.
    fn annex(options: Option<&toml::Table>) -> Json {
        match options.filter(|options| !options.is_empty()) {
            Some(options) => {
                let section = Value::List(crate::config::options::annex(options).unwrap_or_default());
                kv::to_json(&[(SECTION, section)].into_iter().collect())
            }
            None => json!([]),
        }
    }
}

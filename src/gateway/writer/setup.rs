//! What the writer takes from the configuration.

use super::model::monitoring::{Monitoring, Watcher};
use super::model::session::SessionState;
use super::model::workbin::{PRIVATE_QUEUE, Parked};
pub use crate::config::schema::SignOut;
use crate::config::schema::{self as config, GatewayConfig, QueueConfig, Strategy as ConfigStrategy};
use crate::domain::EmployeeId;
use crate::domain::mask::Mask;
use crate::domain::monitoring::MonitorMode;
use crate::domain::role::{Privilege, Role};
use crate::domain::routing_based::Words;
use crate::gateway::router::{AgentSetup, QueueSetup, Relax, RouterSetup, RoutingRules, SelectionStrategy};
use crate::gateway::whatsapp::inbound::WebhookUpdate;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Reads a webhook's body. Total: what it does not understand it says in words.
pub type Parser = Arc<dyn Fn(&[u8]) -> Vec<WebhookUpdate> + Send + Sync>;

/// A person who signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The name under which their messages are shown when they choose none.
    pub nickname: String,
    /// Their full name, for colleagues.
    pub name: String,
    /// The name with which the person signs in.
    pub login: String,
    pub role: Role,
    /// What they may do in the sessions they oversee besides reading them.
    pub privileges: Vec<Privilege>,
}

/// A workbin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkbinSetup {
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// The agent group it is of; else everybody has one of their own.
    pub group: Option<String>,
}

/// Everything the writer needs to know beforehand.
#[derive(Clone)]
pub struct WriterSetup {
    /// The router's part.
    pub router: RouterSetup,
    /// The interaction queue that new sessions enter.
    pub queue: String,
    /// The number's id at WhatsApp; none when this gateway has no number.
    pub phone_number_id: Option<String>,
    /// The number itself, in digits; empty when it is not configured.
    pub own_number: String,
    /// What people call the queues, where that is not their name.
    pub queue_names: BTreeMap<String, String>,
    /// People.
    pub people: BTreeMap<EmployeeId, Person>,
    /// Workbins; the first without a group is where sessions are put when nobody says where.
    pub workbins: Vec<WorkbinSetup>,
    /// Where the sessions of who signs out go.
    pub sign_out: SignOut,
    /// The state that an accepted session has on the wire.
    pub active_state: String,
    /// Whether agents may read of customers they do not serve.
    pub contact_lookup: bool,
    /// How long WhatsApp's word about a send of unknown outcome is waited for.
    pub unknown_outcome_wait: Duration,
    /// The words of routing-based requests.
    pub words: Words,
    /// What the customer receives when an agent joins; `{name}` is the agent's nickname. Empty: nothing is sent.
    pub joined_text: String,
    /// Whether agents see who monitors them silently.
    pub show_silent_monitoring: bool,
    /// What personal data is masked for read-only clients.
    pub mask: Mask,
    /// Who reads webhooks.
    pub parser: Parser,
}

impl WriterSetup {
    /// The setup of a configuration that has been checked, with the words of routing-based requests as they
    /// are unless configured, and nothing hidden.
    pub fn from_config(
        gateway: &GatewayConfig,
        parser: impl Fn(&[u8]) -> Vec<WebhookUpdate> + Send + Sync + 'static,
    ) -> Self {
        let mut queues: Vec<QueueSetup> = gateway.queue.iter().map(queue_setup).collect();
        let named = gateway.whatsapp.as_ref().map(|whatsapp| whatsapp.queue.clone());
        let queue = named
            .or_else(|| queues.first().map(|queue| queue.name.clone()))
            .unwrap_or_else(|| "default".to_owned());
        if !queues.iter().any(|known| known.name == queue) {
            queues.push(QueueSetup::named(&queue));
        }
        let nickname = |agent: &crate::config::schema::AgentConfig| {
            let first = agent.first_name.trim();
            if first.is_empty() { agent.employee_id().to_owned() } else { first.to_owned() }
        };
        let full_name = |agent: &crate::config::schema::AgentConfig| {
            let name = format!("{} {}", agent.first_name.trim(), agent.last_name.trim());
            let name = name.trim();
            if name.is_empty() { agent.employee_id().to_owned() } else { name.to_owned() }
        };
        let person = |agent: &crate::config::schema::AgentConfig| Person {
            nickname: nickname(agent),
            name: full_name(agent),
            login: agent.user_name.clone(),
            role: agent.role,
            privileges: agent.privileges.clone(),
        };
        Self {
            router: RouterSetup { queues, agents: agent_setups(gateway), rules: rules(gateway) },
            queue,
            phone_number_id: gateway.whatsapp.as_ref().map(|whatsapp| whatsapp.phone_number_id.clone()),
            own_number: gateway.whatsapp.as_ref().map_or_else(String::new, |whatsapp| {
                whatsapp.display_phone_number.chars().filter(char::is_ascii_digit).collect()
            }),
            queue_names: gateway
                .queue
                .iter()
                .filter_map(|queue| Some((queue.name.clone(), queue.display_name.clone()?)))
                .collect(),
            people: gateway.agent.iter().map(|agent| (agent.employee_id().into(), person(agent))).collect(),
            workbins: workbins(&gateway.workbin),
            sign_out: gateway.sign_out_to,
            active_state: gateway.active_state.clone(),
            contact_lookup: gateway.contact_lookup,
            unknown_outcome_wait: Duration::from_secs(gateway.unknown_outcome_wait),
            words: Words::default(),
            joined_text: gateway.conference_joined_text.clone(),
            show_silent_monitoring: gateway.show_silent_monitoring,
            mask: Mask::default(),
            parser: Arc::new(parser),
        }
    }

    /// Whether somebody oversees, and handles no sessions.
    pub fn is_overseer(&self, employee: &EmployeeId) -> bool {
        self.people.get(employee).is_some_and(|person| !person.role.handles_sessions())
    }

    /// Whether a number is the business's own.
    pub fn is_own_number(&self, digits: &str) -> bool {
        !self.own_number.is_empty() && self.own_number == digits
    }

    /// How long an agent has to accept an offer from a queue.
    pub fn accept_timeout(&self, queue: &str) -> Duration {
        let found = self.router.queues.iter().find(|known| known.name == queue);
        found.map_or_else(|| QueueSetup::default().accept_timeout, |queue| queue.accept_timeout)
    }

    /// What people call a queue.
    pub fn queue_name<'a>(&'a self, queue: &'a str) -> &'a str {
        self.queue_names.get(queue).map_or(queue, String::as_str)
    }
}

fn workbins(configured: &[config::WorkbinConfig]) -> Vec<WorkbinSetup> {
    let made = |workbin: &config::WorkbinConfig| WorkbinSetup {
        name: workbin.name.clone(),
        display_name: workbin.display_name.clone().unwrap_or_else(|| workbin.name.clone()),
        group: workbin.group.clone(),
    };
    let mut all: Vec<WorkbinSetup> = configured.iter().map(made).collect();
    if all.iter().all(|workbin| workbin.group.is_some()) {
        let name = config::WORKBIN.to_owned();
        all.insert(0, WorkbinSetup { name, display_name: "My workbin".to_owned(), group: None });
    }
    all
}

fn agent_setups(gateway: &GatewayConfig) -> Vec<AgentSetup> {
    let agents = gateway.agent.iter().filter(|agent| agent.role.handles_sessions());
    agents
        .map(|agent| AgentSetup {
            id: agent.employee_id().into(),
            groups: agent.groups.clone(),
            skills: agent.skills.clone(),
            capacity: agent.capacity,
        })
        .collect()
}

fn queue_setup(queue: &QueueConfig) -> QueueSetup {
    let relax = (queue.relax_step > 0).then(|| Relax {
        step: queue.relax_step,
        every: Duration::from_secs(queue.relax_every.max(1)),
        min: queue.relax_min,
        drop_after: None,
    });
    QueueSetup {
        name: queue.name.clone(),
        priority: queue.priority,
        skills: queue.skills.clone(),
        accept_timeout: Duration::from_secs(queue.accept_timeout),
        strategy: match queue.strategy {
            ConfigStrategy::LeastLoaded => SelectionStrategy::LeastLoaded,
            ConfigStrategy::LongestIdle => SelectionStrategy::LongestIdle,
            ConfigStrategy::RoundRobin => SelectionStrategy::RoundRobin,
        },
        group: queue.group.clone(),
        overflow: queue.overflow.clone(),
        overflow_after: (queue.overflow_after > 0).then(|| Duration::from_secs(queue.overflow_after)),
        relax,
        last_agent_hold: Duration::from_secs(queue.last_agent_hold),
    }
}

fn rules(gateway: &GatewayConfig) -> RoutingRules {
    let idle = gateway.idle_after_minutes;
    RoutingRules {
        grace: Duration::from_secs(gateway.grace),
        misses_before_not_ready: gateway.misses_before_not_ready,
        no_repeat: Duration::from_secs(gateway.no_repeat),
        ageing_per_minute: gateway.ageing_per_minute.round().clamp(0.0, f64::from(u32::MAX)) as u32,
        idle_weight_after: (idle > 0).then(|| Duration::from_secs(idle.saturating_mul(60))),
        wake_over_cap: gateway.wake_over_capacity,
        last_agent_for: Duration::from_secs(gateway.last_agent_hours.saturating_mul(3600)),
        after_call_work: (gateway.after_call_work_seconds > 0)
            .then(|| Duration::from_secs(gateway.after_call_work_seconds)),
        ..RoutingRules::default()
    }
}

impl WriterSetup {
    /// The workbin of that name.
    pub(super) fn workbin(&self, name: &str) -> Option<&WorkbinSetup> {
        let name = name.strip_suffix(PRIVATE_QUEUE).unwrap_or(name);
        self.workbins.iter().find(|workbin| workbin.name == name)
    }

    /// Where sessions are put when nobody says where: the first workbin of the agent's own.
    pub(super) fn own_workbin(&self) -> Option<&WorkbinSetup> {
        self.workbins.iter().find(|workbin| workbin.group.is_none())
    }

    pub(super) fn is_member(&self, agent: &EmployeeId, group: &str) -> bool {
        let setup = self.router.agents.iter().find(|setup| setup.id == *agent);
        setup.is_some_and(|setup| setup.groups.iter().any(|known| known == group))
    }

    /// Whether an agent may use a workbin.
    pub(super) fn may_use(&self, agent: &EmployeeId, workbin: &WorkbinSetup) -> bool {
        workbin.group.as_ref().is_none_or(|group| self.is_member(agent, group))
    }

    /// Who may pull what is parked there.
    pub(super) fn workbin_people(&self, parked_in: &str, owner: &str) -> Vec<EmployeeId> {
        if self.workbin(parked_in).is_some_and(|workbin| workbin.group.is_some()) {
            let agents = self.router.agents.iter().filter(|agent| agent.groups.iter().any(|g| g == owner));
            return agents.map(|agent| agent.id.clone()).collect();
        }
        vec![owner.into()]
    }

    pub(super) fn has_agent(&self, employee: &EmployeeId) -> bool {
        self.router.agents.iter().any(|agent| agent.id == *employee)
    }

    /// Whether an agent can pull what is parked there.
    pub(super) fn is_reachable(&self, parked: &Parked) -> bool {
        let Some(workbin) = self.workbin(&parked.workbin) else { return false };
        let same_owner = workbin.group.as_ref().is_none_or(|group| *group == parked.owner);
        let people = self.workbin_people(&parked.workbin, &parked.owner);
        same_owner && people.iter().any(|person| self.has_agent(person))
    }

    /// The full name of an agent, or the employee ID of somebody unknown.
    pub(super) fn person_name(&self, agent: &EmployeeId) -> String {
        self.people.get(agent).map_or_else(|| agent.to_string(), |person| person.name.clone())
    }

    /// The names of the agents who have refused the current request for a colleague.
    pub(super) fn refusals(&self, session: &SessionState) -> String {
        let names: Vec<String> = session.refused_by.iter().map(|agent| self.person_name(agent)).collect();
        names.join(", ")
    }

    /// Who monitors, as they come into a session.
    pub(super) fn watcher(&self, rule: &Monitoring) -> Watcher {
        let person = self.people.get(&rule.supervisor);
        Watcher {
            supervisor: rule.supervisor.clone(),
            agent: rule.agent.clone(),
            mode: rule.mode,
            nickname: person
                .map_or_else(|| rule.supervisor.as_str().to_owned(), |person| person.nickname.clone()),
        }
    }
}

pub(super) fn may(setup: &WriterSetup, supervisor: &EmployeeId, mode: MonitorMode) -> bool {
    let person = setup.people.get(supervisor);
    privilege(mode).is_none_or(|wanted| person.is_some_and(|person| person.privileges.contains(&wanted)))
}

/// The privilege that a mode takes.
pub(super) const fn privilege(mode: MonitorMode) -> Option<Privilege> {
    match mode {
        MonitorMode::Monitor => None,
        MonitorMode::Coach => Some(Privilege::Coach),
        MonitorMode::BargeIn => Some(Privilege::BargeIn),
    }
}

//! Checks of `[gateway]`, and of its lists that have no separate file.

use super::{Check, item, key};
use crate::config::schema::{
    ActionCode, AgentConfig, BusinessAttribute, ConfiguredValue, FavouriteKind, GatewayConfig,
};
use std::collections::BTreeSet;

/// The types of action codes. Workspace API: `actionCodes`.
const ACTION_TYPES: [&str; 13] = [
    "Login",
    "Logout",
    "Ready",
    "NotReady",
    "BusyOn",
    "BusyOff",
    "ForwardOn",
    "Forwardoff",
    "InternalCall",
    "InboundCall",
    "OutboundCall",
    "Conference",
    "Transfer",
];

impl Check<'_> {
    pub(super) fn gateway(&mut self, gateway: &GatewayConfig) {
        let at = key(&[], "gateway");
        if gateway.admin_listen.is_some_and(|admin| admin == gateway.listen && admin.port() != 0) {
            self.wrong(&at, "admin-listen", "this is the same as listen: give it a port of its own");
        }
        if let Some(path) = &gateway.data_dir {
            self.path(&at, "data-dir", path);
        }
        self.range(&at, "poll-timeout", gateway.poll_timeout, 1..=300);
        self.range(&at, "token-lifetime", gateway.token_lifetime, 60..=604_800);
        self.range(&at, "grace", gateway.grace, 0..=3600);
        self.range(&at, "service-level-seconds", gateway.service_level_seconds, 1..=86_400);
        self.range(&at, "misses-before-not-ready", gateway.misses_before_not_ready, 1..=100);
        self.range(&at, "no-repeat", gateway.no_repeat, 0..=3600);
        self.range(&at, "ageing-per-minute", gateway.ageing_per_minute, 0.0..=1000.0);
        self.range(&at, "last-agent-hours", gateway.last_agent_hours, 0..=8760);
        self.range(&at, "idle-after-minutes", gateway.idle_after_minutes, 0..=10_080);
        self.range(&at, "wake-over-capacity", gateway.wake_over_capacity, 0..=100);
        self.range(&at, "after-call-work-seconds", gateway.after_call_work_seconds, 0..=86_400);
        self.name(&at, "active-state", &gateway.active_state);
        self.line(&at, "conference-joined-text", &gateway.conference_joined_text);
        self.range(&at, "unknown-outcome-wait", gateway.unknown_outcome_wait, 1..=3600);
        self.range(&at, "max-connections", gateway.max_connections, 1..=100_000);

        let queues: BTreeSet<&str> = gateway.queue.iter().map(|queue| queue.name.as_str()).collect();
        if let Some(whatsapp) = &gateway.whatsapp {
            self.whatsapp(&key(&at, "whatsapp"), whatsapp, &queues);
        }
        self.agents(gateway);
        self.groups(gateway);
        for (index, queue) in gateway.queue.iter().enumerate() {
            self.queue(&item("queue", index), queue, &queues, gateway);
        }
        self.twice("queue", "name", gateway.queue.iter().map(|queue| queue.name.as_str()));
        self.workbins(gateway, &queues);
        self.action_codes(&gateway.action_code);
        self.business_attributes(&gateway.business_attribute);
        self.corporate_favourites(gateway);
    }

    fn workbins(&mut self, gateway: &GatewayConfig, queues: &BTreeSet<&str>) {
        for (index, workbin) in gateway.workbin.iter().enumerate() {
            let at = item("workbin", index);
            self.name(&at, "name", &workbin.name);
            if queues.contains(workbin.name.as_str()) {
                let sentence =
                    format!("{:?} is a queue already: give the workbin another name", workbin.name);
                self.wrong(&at, "name", sentence);
            }
            for (name, value) in [("display-name", &workbin.display_name), ("group", &workbin.group)] {
                if let Some(value) = value {
                    self.name(&at, name, value);
                }
            }
        }
        self.twice("workbin", "name", gateway.workbin.iter().map(|workbin| workbin.name.as_str()));
    }

    fn corporate_favourites(&mut self, gateway: &GatewayConfig) {
        for (index, favourite) in gateway.corporate_favourite.iter().enumerate() {
            let at = item("corporate-favourite", index);
            self.line(&at, "category", &favourite.category);
            if let Some(display_name) = &favourite.display_name {
                self.name(&at, "display-name", display_name);
            }
            let (id, agents) = (&favourite.id, &gateway.agent);
            let (what, there) = match favourite.kind {
                FavouriteKind::Agent => {
                    let is = |agent: &AgentConfig| agent.user_name == *id || agent.employee_id() == id;
                    ("agent", agents.iter().any(is))
                }
                FavouriteKind::AgentGroup => {
                    let named = gateway.group.iter().any(|group| group.name == *id);
                    ("agent group", named || agents.iter().any(|agent| agent.groups.contains(id)))
                }
                FavouriteKind::Skill => {
                    let needed = gateway.queue.iter().any(|queue| queue.skills.contains_key(id));
                    ("skill", needed || agents.iter().any(|agent| agent.skills.contains_key(id)))
                }
                FavouriteKind::InteractionQueue => {
                    ("queue", gateway.queue.iter().any(|queue| queue.name == *id))
                }
            };
            if !there {
                self.wrong(&at, "id", format!("there is no {what} {id:?}"));
            }
        }
    }

    fn action_codes(&mut self, codes: &[ActionCode]) {
        let mut seen = BTreeSet::new();
        for (index, code) in codes.iter().enumerate() {
            let at = item("action-code", index);
            self.name(&at, "name", &code.name);
            self.name(&at, "code", &code.code);
            if !ACTION_TYPES.contains(&code.kind.as_str()) {
                self.wrong(
                    &at,
                    "type",
                    format!("there is no type {:?}: it takes {}", code.kind, ACTION_TYPES.join(", ")),
                );
            }
            if !seen.insert((&code.kind, &code.code)) {
                self.wrong(
                    &at,
                    "code",
                    format!("{:?} is taken by another one above of the same type", code.code),
                );
            }
        }
    }

    fn business_attributes(&mut self, attributes: &[BusinessAttribute]) {
        for (index, attribute) in attributes.iter().enumerate() {
            let at = item("business-attribute", index);
            self.name(&at, "name", &attribute.name);
            if let Some(display_name) = &attribute.display_name {
                self.name(&at, "display-name", display_name);
            }
            self.annex(&at, &attribute.interaction_workspace);
            let mut seen = BTreeSet::new();
            let mut defaults = 0;
            for value in &attribute.values {
                let (name, default) = match value {
                    ConfiguredValue::Name(name) => (name, false),
                    ConfiguredValue::Full { name, default, interaction_workspace, .. } => {
                        self.annex(&at, interaction_workspace);
                        (name, *default)
                    }
                };
                self.name(&at, "values", name);
                if !seen.insert(name) {
                    self.wrong(&at, "values", format!("{name:?} occurs twice"));
                }
                defaults += usize::from(default);
            }
            if defaults > 1 {
                self.wrong(&at, "values", "more than one value is the default: only one can be");
            }
        }
        self.twice("business-attribute", "name", attributes.iter().map(|attribute| attribute.name.as_str()));
    }
}

//! `[gateway]`.

use super::{
    ActionCode, AgentConfig, BusinessAttribute, CorporateFavourite, GroupConfig, QueueConfig, WhatsAppConfig,
    WorkbinConfig,
};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[gateway]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GatewayConfig {
    /// Where it listens. Port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where health and metrics are served; nowhere when absent.
    pub admin_listen: Option<SocketAddr>,
    /// Where the data is kept; absolute after a load. For commands, see [`Loaded::data_dir`](crate::config::LoadedConfig::data_dir).
    pub data_dir: Option<PathBuf>,
    /// Whether WebSocket is offered besides long-polling.
    pub websocket: bool,
    /// Seconds a long poll is held, 1..=300.
    pub poll_timeout: u64,
    /// Seconds an access token lives, 60..=604800.
    pub token_lifetime: u64,
    /// Seconds an agent whose connection broke keeps their sessions, 0..=3600.
    pub grace: u64,
    /// Seconds within which a session is to be answered, for the service level, 1..=86400.
    pub service_level_seconds: u64,
    /// Unanswered invitations until an agent is made Not Ready, 1..=100.
    pub misses_before_not_ready: u32,
    /// Seconds in which a session is not offered again to who missed or rejected it, 0..=3600.
    pub no_repeat: u64,
    /// Points of priority a waiting session gains each minute, 0..=1000.
    pub ageing_per_minute: f64,
    /// Hours in which the last agent is preferred, 0..=8760; 0 turns it off.
    pub last_agent_hours: u64,
    /// Minutes after which a session that waits for its customer takes no capacity, 0..=10080; 0
    /// turns it off.
    pub idle_after_minutes: u64,
    /// Sessions over capacity that customers who come back may cause, 0..=100.
    pub wake_over_capacity: u32,
    /// Seconds after which After Call Work ends by itself, 0..=86400; 0: it ends when the agent says so.
    pub after_call_work_seconds: u64,
    /// Where the sessions of an agent who signs out go.
    pub sign_out_to: SignOut,
    /// The state that an accepted session has on the wire.
    pub active_state: String,
    /// Seconds to wait for WhatsApp's word about a send whose outcome is unknown, 1..=3600.
    pub unknown_outcome_wait: u64,
    /// What the customer is told when an agent joins a conference; `{name}` is the agent. Empty: nothing.
    pub conference_joined_text: String,
    /// Whether agents are told who monitors their sessions silently. Who coaches or barges in is always seen.
    pub show_silent_monitoring: bool,
    /// Whether agents may read of customers they do not serve: the contact directory, and the history and the
    /// transcripts of every contact.
    pub contact_lookup: bool,
    /// Most connections at a time, 1..=100000.
    pub max_connections: usize,
    /// WhatsApp's side; without it no webhook is served.
    pub whatsapp: Option<WhatsAppConfig>,
    /// Agents.
    pub agent: Vec<AgentConfig>,
    /// Agent groups that carry options of their own. Groups named by agents exist without this.
    pub group: Vec<GroupConfig>,
    /// Interaction queues.
    pub queue: Vec<QueueConfig>,
    /// Workbins. Without one that has no group, every agent has [`WORKBIN`](super::queues::WORKBIN).
    pub workbin: Vec<WorkbinConfig>,
    /// Reasons for Not Ready and After Call Work.
    pub action_code: Vec<ActionCode>,
    /// Business attributes.
    pub business_attribute: Vec<BusinessAttribute>,
    /// Targets that are favourites of everybody.
    pub corporate_favourite: Vec<CorporateFavourite>,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8700)),
            admin_listen: None,
            data_dir: None,
            websocket: true,
            poll_timeout: 30,
            token_lifetime: 43_200,
            grace: 60,
            service_level_seconds: 60,
            misses_before_not_ready: 1,
            no_repeat: 60,
            ageing_per_minute: 1.0,
            last_agent_hours: 24,
            idle_after_minutes: 10,
            wake_over_capacity: 1,
            after_call_work_seconds: 0,
            sign_out_to: SignOut::Workbin,
            active_state: "Processing".to_owned(),
            unknown_outcome_wait: 60,
            conference_joined_text: "{name} has joined the conversation.".to_owned(),
            show_silent_monitoring: false,
            contact_lookup: true,
            max_connections: 4096,
            whatsapp: None,
            agent: Vec::new(),
            group: Vec::new(),
            queue: Vec::new(),
            workbin: Vec::new(),
            action_code: Vec::new(),
            business_attribute: Vec::new(),
            corporate_favourite: Vec::new(),
        }
    }
}

/// Where the sessions of an agent who signs out go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum SignOut {
    /// Into the agent's workbin. (Workspace.)
    #[default]
    #[serde(rename = "workbin")]
    Workbin,
    /// Into the workbin when the customer has an answer, else back to the queue at once.
    #[serde(rename = "answered-to-workbin")]
    Answered,
    /// Back to the queue when the grace is over.
    #[serde(rename = "queue")]
    Queue,
}

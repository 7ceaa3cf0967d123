//! `[gateway]`.

use super::{
    ActionCode, AgentConfig, BusinessAttribute, CorporateFavourite, GroupConfig, QueueConfig, WhatsAppConfig,
    WorkbinConfig,
};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[gateway]`: the settings of the gateway.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GatewayConfig {
    /// Port 0: a free port.
    pub listen: SocketAddr,
    /// The listener for health and metrics; none when absent.
    pub admin_listen: Option<SocketAddr>,
    /// The folder of the data; absolute after loading. For commands, see [`LoadedConfig::data_dir`](crate::config::LoadedConfig::data_dir).
    pub data_dir: Option<PathBuf>,
    /// Whether WebSocket is available besides long-polling.
    pub websocket: bool,
    /// Seconds for which a long poll is held, 1..=300.
    pub poll_timeout: u64,
    /// Lifetime of an access token in seconds, 60..=604800.
    pub token_lifetime: u64,
    /// Seconds for which an agent keeps their sessions after the connection broke, 0..=3600.
    pub grace: u64,
    /// Seconds within which a session should be answered, for the service level, 1..=86400.
    pub service_level_seconds: u64,
    /// After how many missed invitations an agent becomes Not Ready, 1..=100.
    pub misses_before_not_ready: u32,
    /// Seconds for which a session is not offered again to an agent who missed or rejected it, 0..=3600.
    pub no_repeat: u64,
    /// Priority points that a waiting session gains per minute, 0..=1000.
    pub ageing_per_minute: f64,
    /// Hours for which the last agent of a customer is preferred, 0..=8760; 0: off.
    pub last_agent_hours: u64,
    /// Minutes after which a session that waits for its customer takes no capacity, 0..=10080; 0: off.
    pub idle_after_minutes: u64,
    /// How many sessions over capacity returning customers may cause, 0..=100.
    pub wake_over_capacity: u32,
    /// Seconds after which After Call Work ends, 0..=86400; 0: only the agent ends it.
    pub after_call_work_seconds: u64,
    /// Where the sessions of an agent go when they sign out.
    pub sign_out_to: SignOut,
    /// The state that an accepted session has on the wire.
    pub active_state: String,
    /// Seconds to wait for a status of WhatsApp when the outcome of a send is unknown, 1..=3600.
    pub unknown_outcome_wait: u64,
    /// The message to the customer when an agent joins a conference; `{name}` is the agent. Empty: none.
    pub conference_joined_text: String,
    /// Whether agents see who monitors their sessions silently. Supervisors who coach or barge in are always visible.
    pub show_silent_monitoring: bool,
    /// Whether agents may read data of customers whom they do not serve: the contact directory, and the history and the
    /// transcripts of every contact.
    pub contact_lookup: bool,
    /// The most connections at a time, 1..=100000.
    pub max_connections: usize,
    /// Without it, no webhook is served.
    pub whatsapp: Option<WhatsAppConfig>,
    pub agent: Vec<AgentConfig>,
    /// Agent groups with options. Groups that agents name exist without an entry here.
    pub group: Vec<GroupConfig>,
    pub queue: Vec<QueueConfig>,
    /// If none is personal (without a group), every agent has [`WORKBIN`](super::queues::WORKBIN).
    pub workbin: Vec<WorkbinConfig>,
    /// Reasons for Not Ready and After Call Work.
    pub action_code: Vec<ActionCode>,
    pub business_attribute: Vec<BusinessAttribute>,
    /// Targets that are favourites for everybody.
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

/// Where the sessions of an agent go when they sign out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum SignOut {
    /// Into the agent's workbin. (Workspace.)
    #[default]
    #[serde(rename = "workbin")]
    Workbin,
    /// Into the workbin if the customer has an answer, otherwise back to the queue at once.
    #[serde(rename = "answered-to-workbin")]
    Answered,
    /// Back to the queue after the grace period.
    #[serde(rename = "queue")]
    Queue,
}

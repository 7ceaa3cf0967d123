//! What clients and the rest of the gateway read of the writer's state.
//!
//! Owns: the data. Must not: build it.

use crate::domain::agent::AgentState;
use crate::domain::{ContactId, EmployeeId};
use crate::gateway::whatsapp::inbound::NotRoutedReason;
use crate::proto::media::{ChannelDto, InteractionDto};
use crate::proto::watch::{LiveAgent, LiveQueue, LiveSession};
use crate::store::ContactCard;
use std::collections::BTreeMap;

/// Who the customer of a session may be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggested {
    /// The contact they are now.
    pub contact: ContactId,
    /// Whether anybody has described that contact.
    pub is_known: bool,
    /// Who they may be, the likeliest first, and why.
    pub contacts: Vec<(ContactCard, &'static str)>,
}

/// What an agent has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionView {
    /// The channel.
    pub channel: ChannelDto,
    /// Offered and open sessions.
    pub interactions: Vec<InteractionDto>,
    /// Agents whom they monitor.
    pub monitored: Vec<EmployeeId>,
}

/// A workbin with what is in it, as one agent sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkbinView {
    /// Its name, which is its id too.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// Whether it is of a group; else it is the agent's own.
    pub of_group: bool,
    /// The agent or the group.
    pub owner: String,
    /// What is in it, the one that was put there last first.
    pub interactions: Vec<InteractionDto>,
}

/// What supervisors read of the live sessions, agents and queues at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveView {
    /// The number of the last event of the log that it takes in.
    pub seq: u64,
    /// Sessions.
    pub sessions: Vec<LiveSession>,
    /// All agents.
    pub agents: Vec<LiveAgent>,
    /// All queues.
    pub queues: Vec<LiveQueue>,
}

/// Who is there and how much waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusSnapshot {
    /// Agents: state, sessions, capacity.
    pub agents: Vec<(EmployeeId, AgentState, u32, u32)>,
    /// Codes of the reasons of those who are not ready and gave one.
    pub reasons: BTreeMap<EmployeeId, String>,
    /// Queues: name, waiting sessions.
    pub queues: Vec<(String, usize)>,
    /// Entries in the event log.
    pub events: u64,
    /// Open sessions, waiting ones included.
    pub open: usize,
    /// Messages that were withheld from agents since the start, by reason.
    pub not_routed: BTreeMap<NotRoutedReason, u64>,
}

//! Requests that are routed by attached data: to an agent group, a skill or an agent, through a queue.
//!
//! Owns: what the `IW_RoutingBased*` pairs mean here. Must not: decide who gets anything.
//! Invariants: pairs are read once: those of an earlier request do not narrow a later one.

use crate::domain::routing_based::{TARGET_ID, TARGET_TYPE};
use crate::domain::target::TargetKind;
use crate::domain::{AttachedData, EmployeeId};
use crate::gateway::router::{CandidateFilter, ColleagueRequest};
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::setup::WriterSetup;

/// What the keys begin with.
const PREFIX: &str = "IW_RoutingBased";

/// The agents to whom a request is limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetFilter {
    /// No limit: the rules of the queue apply.
    None,
    /// To one agent.
    Agent(EmployeeId),
    /// To a group or a skill.
    Only(CandidateFilter),
}

impl TargetFilter {
    pub const fn agent(&self) -> Option<&EmployeeId> {
        match self {
            Self::Agent(agent) => Some(agent),
            Self::None | Self::Only(_) => None,
        }
    }

    /// A request to the router with this limit and nothing else.
    pub fn colleague_request(&self) -> ColleagueRequest {
        let only = match self {
            Self::Only(only) => Some(only.clone()),
            Self::None | Self::Agent(_) => None,
        };
        ColleagueRequest { target: self.agent().cloned(), only, ..ColleagueRequest::default() }
    }
}

/// The pairs that routing reads, among others.
pub fn pairs(data: &AttachedData) -> AttachedData {
    let ours = data.iter().filter(|(key, _)| key.starts_with(PREFIX));
    ours.map(|(key, value)| (key, value.clone())).collect()
}

/// The group or skill that a search is limited to, in the words that follow "nobody".
pub fn words(only: &CandidateFilter) -> String {
    match only {
        CandidateFilter::Group(group) => format!("in agent group {group}"),
        CandidateFilter::Skill(skill) => format!("with skill {skill}"),
    }
}

/// The limit that the pairs attached to a session set for the next request.
pub fn target_filter(setup: &WriterSetup, session: &SessionState) -> Result<TargetFilter, Refusal> {
    let data = &session.user_data;
    let (Some(id), true) = (data.text(TARGET_ID).filter(|id| !id.is_empty()), session.is_targeted) else {
        return Ok(TargetFilter::None);
    };
    let kind = data.text(TARGET_TYPE).unwrap_or_default();
    let agents = &setup.router.agents;
    let (narrow, there) = match setup.words.target_kind(kind) {
        Some(TargetKind::Agent) => {
            (TargetFilter::Agent(id.into()), agents.iter().any(|agent| agent.id.as_str() == id))
        }
        Some(TargetKind::AgentGroup) => {
            let there = agents.iter().any(|agent| agent.groups.iter().any(|group| group == id));
            (TargetFilter::Only(CandidateFilter::Group(id.to_owned())), there)
        }
        Some(TargetKind::Skill) => {
            let has = |level: &u8| *level > 0;
            let there = agents.iter().any(|agent| agent.skills.get(id).is_some_and(has));
            (TargetFilter::Only(CandidateFilter::Skill(id.to_owned())), there)
        }
        Some(TargetKind::Queue | TargetKind::Contact) | None => {
            let words = &setup.words;
            return Err(Refusal::Conflict(format!(
                "{TARGET_TYPE} is {kind:?}, and this gateway routes to {}, {} and {}; nothing was done",
                words.agent, words.agent_group, words.skill
            )));
        }
    };
    if there {
        return Ok(narrow);
    }
    let who = match &narrow {
        TargetFilter::Only(only) => words(only),
        TargetFilter::None | TargetFilter::Agent(_) => format!("with employee ID {id}"),
    };
    Err(Refusal::Conflict(format!("there is no agent {who}; nothing was done")))
}

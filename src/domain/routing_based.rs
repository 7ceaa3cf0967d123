//! The data that a transfer, conference or consultation attaches to the session, for routing strategies and for agents who
//! read the session later: who requested what from whom.
//!
//! Genesys names the four keys but publishes no values for the last two, so the values are configurable.

use super::AttachedData;
use super::target::{Target, TargetKind};

/// Key: the employee ID of the requesting agent.
pub const ORIGINAL_EMPLOYEE: &str = "IW_RoutingBasedOriginalEmployeeId";
/// Key: the ID of the target.
pub const TARGET_ID: &str = "IW_RoutingBasedTargetId";
/// Key: the type of the target.
pub const TARGET_TYPE: &str = "IW_RoutingBasedTargetType";
/// Key: the type of the request.
pub const REQUEST_TYPE: &str = "IW_RoutingBasedRequestType";

/// The prefix of the keys that requests attach.
const PREFIX: &str = "IW_RoutingBased";

/// Whether a key is one that requests attach. Such keys are for routing strategies, not for agents.
pub fn is_routing_key(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// The business attribute with the subtypes of interactions.
pub const SUBTYPES: &str = "InteractionSubtype";
/// The subtype that a conference needs. (Workspace: an administrator adds it.)
pub const INVITE_SUBTYPE: &str = "InternalConferenceInvite";

/// What an agent requests from a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// The target takes over the session.
    OneStepTransfer,
    /// The target joins the session, and the customer sees it.
    OneStepConference,
    /// The target advises; the customer does not see it.
    InitConference,
}

impl RequestKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::OneStepTransfer, Self::OneStepConference, Self::InitConference];

    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OneStepTransfer => "transfer",
            Self::OneStepConference => "conference",
            Self::InitConference => "consultation",
        }
    }
}

/// The values of the two type keys, as configured in `[routing-based]`. Genesys publishes no valid values; the defaults
/// follow its vocabulary for voice. Console and gateway must have the same values.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Words {
    /// Target type of an agent.
    pub agent: String,
    /// Target type of an agent group.
    pub agent_group: String,
    /// Target type of a skill.
    pub skill: String,
    /// Request type of a transfer.
    pub one_step_transfer: String,
    /// Request type of a conference.
    pub one_step_conference: String,
    /// Request type of a consultation.
    pub init_conference: String,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            agent: "Agent".to_owned(),
            agent_group: "AgentGroup".to_owned(),
            skill: "Skill".to_owned(),
            one_step_transfer: "OneStepTransfer".to_owned(),
            one_step_conference: "OneStepConference".to_owned(),
            init_conference: "InitConference".to_owned(),
        }
    }
}

impl Words {
    /// The kind of target that a type means; case does not matter. There is no type for queues.
    pub fn target_kind(&self, word: &str) -> Option<TargetKind> {
        let words = [
            (&self.agent, TargetKind::Agent),
            (&self.agent_group, TargetKind::AgentGroup),
            (&self.skill, TargetKind::Skill),
        ];
        words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, kind)| kind)
    }

    /// The kind of request that a type means; case does not matter.
    pub fn request_kind(&self, word: &str) -> Option<RequestKind> {
        let words = [
            (&self.one_step_transfer, RequestKind::OneStepTransfer),
            (&self.one_step_conference, RequestKind::OneStepConference),
            (&self.init_conference, RequestKind::InitConference),
        ];
        words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, kind)| kind)
    }

    /// The four pairs. No pairs for a queue, whose request has the queue's name, and for a contact, which cannot be a target.
    pub fn pairs(&self, employee_id: &str, target: &Target, kind: RequestKind) -> AttachedData {
        let target_type = match target.kind {
            TargetKind::Agent => &self.agent,
            TargetKind::AgentGroup => &self.agent_group,
            TargetKind::Skill => &self.skill,
            TargetKind::Queue | TargetKind::Contact => return AttachedData::new(),
        };
        let request_type = match kind {
            RequestKind::OneStepTransfer => &self.one_step_transfer,
            RequestKind::OneStepConference => &self.one_step_conference,
            RequestKind::InitConference => &self.init_conference,
        };
        [
            (ORIGINAL_EMPLOYEE, employee_id),
            (TARGET_ID, target.id.as_str()),
            (TARGET_TYPE, target_type.as_str()),
            (REQUEST_TYPE, request_type.as_str()),
        ]
        .into_iter()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::target::Availability;

    fn pairs(words: &Words, kind: TargetKind, request: RequestKind) -> Vec<(String, String)> {
        let target = Target {
            kind,
            id: "kate".into(),
            name: "Kate London".into(),
            availability: Availability::Unknown,
        };
        let data = words.pairs("ana", &target, request);
        data.iter().map(|(key, value)| (key.to_owned(), value.to_text())).collect()
    }

    #[test]
    fn every_target_and_request_has_its_type() {
        let targets = [
            (TargetKind::Agent, "Agent"),
            (TargetKind::AgentGroup, "AgentGroup"),
            (TargetKind::Skill, "Skill"),
        ];
        let requests = [
            (RequestKind::OneStepTransfer, "OneStepTransfer"),
            (RequestKind::OneStepConference, "OneStepConference"),
            (RequestKind::InitConference, "InitConference"),
        ];
        for (kind, kind_word) in targets {
            for (request, request_word) in requests {
                let wanted = [
                    ("IW_RoutingBasedOriginalEmployeeId", "ana"),
                    ("IW_RoutingBasedTargetId", "kate"),
                    ("IW_RoutingBasedTargetType", kind_word),
                    ("IW_RoutingBasedRequestType", request_word),
                ];
                let wanted = wanted.map(|(key, value)| (key.to_owned(), value.to_owned()));
                assert_eq!(pairs(&Words::default(), kind, request), wanted);
            }
        }
    }

    #[test]
    fn types_can_be_configured() {
        let words = Words { skill: "S".into(), init_conference: "Ask".into(), ..Words::default() };
        let found = pairs(&words, TargetKind::Skill, RequestKind::InitConference);
        let values: Vec<&str> = found.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["ana", "kate", "S", "Ask"]);
    }

    #[test]
    fn a_queue_has_no_pairs() {
        for request in RequestKind::ALL {
            assert_eq!(pairs(&Words::default(), TargetKind::Queue, request), []);
        }
    }
}

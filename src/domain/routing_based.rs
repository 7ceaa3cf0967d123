//! What a transfer, a conference or a consultation attaches to the session, so that a routing strategy
//! and whoever reads the session later know who asked whom for what.
//!
//! Genesys names the four keys and publishes no values for the last two: the words are a table.

use super::AttachedData;
use super::target::{Target, TargetKind};

/// Key: the employee ID of the agent who asks.
pub const ORIGINAL_EMPLOYEE: &str = "IW_RoutingBasedOriginalEmployeeId";
/// Key: the target as the server knows it.
pub const TARGET_ID: &str = "IW_RoutingBasedTargetId";
/// Key: what the target is.
pub const TARGET_TYPE: &str = "IW_RoutingBasedTargetType";
/// Key: what is asked for.
pub const REQUEST_TYPE: &str = "IW_RoutingBasedRequestType";

/// The prefix of the keys that requests attach.
const PREFIX: &str = "IW_RoutingBased";

/// Whether a key is one of those that requests attach: useful to a routing strategy, not to an agent.
pub fn is_routing_key(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// The business attribute with the subtypes of interactions.
pub const SUBTYPES: &str = "InteractionSubtype";
/// The subtype that a conference needs. (Workspace: an administrator adds it.)
pub const INVITE_SUBTYPE: &str = "InternalConferenceInvite";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// The session goes to somebody else.
    OneStepTransfer,
    /// Somebody joins the session, and the customer sees it.
    OneStepConference,
    /// Somebody is asked without the customer.
    InitConference,
}

impl RequestKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OneStepTransfer, Self::OneStepConference, Self::InitConference];

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OneStepTransfer => "transfer",
            Self::OneStepConference => "conference",
            Self::InitConference => "consultation",
        }
    }
}

/// The values of the two type keys, as `[routing-based]` has them. Genesys publishes no legal ones; these
/// follow its vocabulary for voice. Both ends must have the same.
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
    /// What a target type means, in any case. No word stands for a queue.
    pub fn target_kind(&self, word: &str) -> Option<TargetKind> {
        let words = [
            (&self.agent, TargetKind::Agent),
            (&self.agent_group, TargetKind::AgentGroup),
            (&self.skill, TargetKind::Skill),
        ];
        words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, kind)| kind)
    }

    /// The kind that a request type means, in upper or lower case.
    pub fn request_kind(&self, word: &str) -> Option<RequestKind> {
        let words = [
            (&self.one_step_transfer, RequestKind::OneStepTransfer),
            (&self.one_step_conference, RequestKind::OneStepConference),
            (&self.init_conference, RequestKind::InitConference),
        ];
        words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, kind)| kind)
    }

    /// The four pairs. None for a queue, which is asked by its own name, and for a contact, who cannot be asked.
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
    fn every_target_and_request_has_its_words() {
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
    fn a_shop_may_have_its_own_words() {
        let words = Words { skill: "S".into(), init_conference: "Ask".into(), ..Words::default() };
        let found = pairs(&words, TargetKind::Skill, RequestKind::InitConference);
        let values: Vec<&str> = found.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["ana", "kate", "S", "Ask"]);
    }

    #[test]
    fn a_queue_is_asked_by_its_name_alone() {
        for request in RequestKind::ALL {
            assert_eq!(pairs(&Words::default(), TargetKind::Queue, request), []);
        }
    }
}

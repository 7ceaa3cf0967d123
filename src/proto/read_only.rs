//! The requests of a read-only client, which monitors sessions silently on a plain Workspace API.
//!
//! Owns: the list of these requests. Must not: contain a request that writes into a session.
//! Invariants: the only invitation that can be accepted is the preview of a silently monitored session.

use super::media::LogQuery;
use super::request::Request;
use crate::domain::InteractionId;
use crate::domain::interaction::{Interaction, InteractionState};
use crate::domain::monitoring::{MonitorMode, MonitoringScope};

/// The preview of a session that is monitored silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentPreview(InteractionId);

impl SilentPreview {
    /// The preview of an interaction; `None` if it is not a preview. Invitations to coach, to join or to handle a session are not
    /// previews.
    pub fn of(interaction: &Interaction) -> Option<Self> {
        (interaction.am_silent() && interaction.state == InteractionState::Invited)
            .then(|| Self(interaction.id.clone()))
    }

    /// The session's ID.
    pub const fn id(&self) -> &InteractionId {
        &self.0
    }
}

/// A request of a read-only client. Three of these are posted; a customer sees none of them.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadOnlyRequest {
    /// Groups whose agents may be monitored.
    Groups,
    /// Agents of these groups, or all of them.
    Agents(Vec<String>),
    /// The log of a session.
    Log {
        /// Its media type.
        media: String,
        /// The session.
        id: InteractionId,
        /// The part to read.
        part: LogQuery,
    },
    /// Monitor all sessions of an agent, silently.
    Start(String),
    /// Stop monitoring them.
    Stop(String),
    /// Open a session that is previewed.
    Accept {
        preview: SilentPreview,
        /// The name for other participants; nobody sees it while monitoring is silent.
        nickname: String,
    },
}

impl From<ReadOnlyRequest> for Request {
    fn from(request: ReadOnlyRequest) -> Self {
        match request {
            ReadOnlyRequest::Groups => Self::MonitorableGroups,
            ReadOnlyRequest::Agents(groups) => Self::MonitorableAgents { groups },
            ReadOnlyRequest::Log { media, id, part } => Self::MessagesOf { media, id, part },
            ReadOnlyRequest::Start(agent) => Self::StartMonitoring {
                agent,
                mode: MonitorMode::Monitor,
                which: MonitoringScope::AllInteractions,
            },
            ReadOnlyRequest::Stop(agent) => Self::StopMonitoring { agent },
            ReadOnlyRequest::Accept { preview, nickname } => Self::Accept { id: preview.0, nickname },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;
    use crate::proto::decode;
    use serde_json::json;

    fn read(state: &str, mode: Option<&str>) -> Interaction {
        let dto = json!({"id": "i", "state": state, "monitorMode": mode});
        decode::interaction(&serde_json::from_value(dto).unwrap(), Millis(0))
    }

    #[test]
    fn only_a_silent_preview_can_be_accepted() {
        assert!(SilentPreview::of(&read("Invited", Some("Monitor"))).is_some());
        for (state, mode) in [
            ("Invited", None),
            ("Invited", Some("Coach")),
            ("Invited", Some("Bargein")),
            ("Processing", Some("Monitor")),
        ] {
            assert_eq!(SilentPreview::of(&read(state, mode)), None, "{state} {mode:?}");
        }
    }

    #[test]
    fn posted_requests_start_accept_or_stop_silent_monitoring() {
        let preview = SilentPreview::of(&read("Invited", Some("Monitor"))).unwrap();
        let all = [
            ReadOnlyRequest::Groups,
            ReadOnlyRequest::Agents(vec!["Sales & more".into()]),
            ReadOnlyRequest::Log { media: "chat".into(), id: "i".into(), part: LogQuery::default() },
            ReadOnlyRequest::Start("ana".into()),
            ReadOnlyRequest::Stop("ana".into()),
            ReadOnlyRequest::Accept { preview, nickname: "Sam".into() },
        ];
        let posted: Vec<String> = all
            .into_iter()
            .map(|request| Request::from(request).call(&"op".into()))
            .filter(|call| call.method != "GET")
            .map(|call| format!("{} {}", call.path, call.body.unwrap()["data"]))
            .collect();
        let media = "/workspace/v3/media/whatsappsession";
        let wanted = [
            format!(
                r#"{media}/start-monitoring {{"agentId":"ana","monitoringMode":"Monitor","monitoringNextInteractionType":"AllInteractions"}}"#
            ),
            format!(r#"{media}/stop-monitoring {{"agentId":"ana"}}"#),
            format!(r#"{media}/interactions/i/accept {{"nickname":"Sam"}}"#),
        ];
        assert_eq!(posted, wanted);
    }
}

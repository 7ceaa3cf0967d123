//! Turns an operation's name and data into a command to the writer.

use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::domain::{AttachedData, InteractionId};
use crate::gateway::writer::api::{AfterLeave, Command, InviteKind, InviteTarget, Outgoing, RequestedState};
use crate::proto::{kv, wa};
use serde_json::{Map, Value as Json};

/// Characters of a name or a code.
const MOST_SHORT: usize = 256;

/// Data of a request.
pub type RequestData = Map<String, Json>;

/// The result of parsing an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum ParsedOperation {
    Command(Command),
    /// It is accepted and changes nothing, provided that the session exists.
    NoOp,
    /// No operation has that name.
    Unknown,
    /// The data is not valid; contains a sentence that says why.
    Invalid(String),
}

impl From<Result<Command, String>> for ParsedOperation {
    fn from(result: Result<Command, String>) -> Self {
        match result {
            Ok(command) => Self::Command(command),
            Err(sentence) => Self::Invalid(sentence),
        }
    }
}

/// An operation on a session. (Workspace: `/media/{mediatype}/interactions/{id}/<op>`.)
pub fn on_interaction(op: &str, id: &str, data: &RequestData) -> ParsedOperation {
    let id = || InteractionId::from(id);
    let command = match op {
        "accept" => short(data, "nickname").map(|nickname| Command::Accept { id: id(), nickname }),
        "reject" => Ok(Command::Reject(id())),
        "complete" => Ok(Command::Complete(id())),
        "leave" => after_leave(data).map(|after| Command::Leave(id(), after)),
        "transfer-agent" => request_party(id(), data, InviteKind::Transfer, agent(data)),
        "invite" => request_party(id(), data, InviteKind::Conference, agent(data)),
        "invite-by-queue" => request_party(id(), data, InviteKind::Conference, queue(data)),
        "consult" => request_party(id(), data, InviteKind::Consult, agent(data)),
        "consult-by-queue" => request_party(id(), data, InviteKind::Consult, queue(data)),
        "switch-to-monitor" => Ok(Command::SwitchMonitoring { id: id(), mode: MonitorMode::Monitor }),
        "switch-to-coach" => Ok(Command::SwitchMonitoring { id: id(), mode: MonitorMode::Coach }),
        "switch-to-barge-in" => Ok(Command::SwitchMonitoring { id: id(), mode: MonitorMode::BargeIn }),
        "cancel-consult" => Ok(Command::CancelInvite(id())),
        "remove-from-conference" => {
            needed(data, "agentId").map(|agent| Command::Remove { id: id(), agent: agent.into() })
        }
        "place-in-queue" => place_in_queue(id(), data),
        "pull" => {
            // Clients of Genesys's simulator send `sourceId`.
            let workbin = ["workbinId", "sourceId"].iter().find_map(|name| optional(data, name));
            Ok(Command::Pull { id: id(), workbin: workbin.filter(|name| !name.is_empty()) })
        }
        "send-message" => send(id(), data, |data| needed(data, "message").map(Outgoing::Text)),
        "send-url" => send(id(), data, |data| link(data).map(Outgoing::Url)),
        "send-custom-notification" => send(id(), data, |data| {
            let text = optional(data, "message").unwrap_or_default();
            Ok(Outgoing::Notification { text, data: pairs(data, "userData") })
        }),
        "send-typing-started" => Ok(Command::Typing { id: id(), started: true }),
        "send-typing-stopped" => Ok(Command::Typing { id: id(), started: false }),
        "attach-user-data" | "update-user-data" => match data.get("userData") {
            Some(Json::Array(_) | Json::Object(_)) => {
                Ok(Command::SetUserData { id: id(), data: pairs(data, "userData") })
            }
            _ => Err("data.userData must be a list of pairs".to_owned()),
        },
        "delete-user-data" => keys(data).map(|keys| Command::DeleteUserData { id: id(), keys }),
        // An empty note removes the note.
        "set-comment" => match data.get("comment") {
            Some(Json::String(comment)) => Ok(Command::SetComment { id: id(), comment: comment.clone() }),
            _ => Err("data.comment must be text".to_owned()),
        },
        "update-nickname" => {
            return match short(data, "nickname") {
                Ok(Some(_)) => ParsedOperation::NoOp,
                Ok(None) => ParsedOperation::Invalid("data.nickname is missing or empty".to_owned()),
                Err(sentence) => ParsedOperation::Invalid(sentence),
            };
        }
        _ => return ParsedOperation::Unknown,
    };
    command.into()
}

/// An operation on a channel. (Workspace: `/media/{mediatype}/<op>`.)
pub fn on_channel(op: &str, data: &RequestData) -> ParsedOperation {
    let state = match op {
        "start-monitoring" => return start_monitoring(data).into(),
        "stop-monitoring" => {
            return needed(data, "agentId").map(|agent| Command::StopMonitoring(agent.into())).into();
        }
        "ready" => RequestedState::Ready,
        "not-ready" => {
            let reason = match short(data, "reasonCode") {
                Ok(reason) => reason,
                Err(sentence) => return ParsedOperation::Invalid(sentence),
            };
            if pairs(data, "extension").text(wa::WORK_MODE) == Some(wa::AFTER_CALL_WORK) {
                RequestedState::AfterCallWork(reason)
            } else {
                RequestedState::NotReady(reason)
            }
        }
        "logout" => RequestedState::LoggedOut,
        _ => return ParsedOperation::Unknown,
    };
    ParsedOperation::Command(Command::SetState(state))
}

/// An operation on all channels at once. (Workspace: `/media/<op>`.)
pub fn on_all_channels(op: &str, data: &RequestData) -> ParsedOperation {
    match op {
        "dnd-on" => ParsedOperation::Command(Command::SetState(RequestedState::DoNotDisturb(true))),
        "dnd-off" => ParsedOperation::Command(Command::SetState(RequestedState::DoNotDisturb(false))),
        "activate" => ParsedOperation::Command(Command::Activate),
        "deactivate" => ParsedOperation::Command(Command::SetState(RequestedState::LoggedOut)),
        op => on_channel(op, data),
    }
}

fn start_monitoring(data: &RequestData) -> Result<Command, String> {
    let agent = needed(data, "agentId")?.into();
    let word = needed(data, "monitoringMode")?;
    let mode = MonitorMode::from_word(&word)
        .ok_or_else(|| format!("data.monitoringMode {word:?} is none of Monitor, Coach, Bargein"))?;
    let word = needed(data, "monitoringNextInteractionType")?;
    let which = MonitoringScope::from_word(&word).ok_or_else(|| {
        format!("data.monitoringNextInteractionType {word:?} is none of NextInteraction, AllInteractions")
    })?;
    Ok(Command::StartMonitoring { agent, mode, which })
}

fn agent(data: &RequestData) -> Result<InviteTarget, String> {
    needed(data, "agentId").map(|agent| InviteTarget::Agent(agent.into()))
}

fn queue(data: &RequestData) -> Result<InviteTarget, String> {
    needed(data, "queue").map(InviteTarget::Queue)
}

/// A request for a colleague: a transfer, a conference or a consultation.
fn request_party(
    id: InteractionId,
    data: &RequestData,
    want: InviteKind,
    whom: Result<InviteTarget, String>,
) -> Result<Command, String> {
    Ok(Command::Invite { id, want, whom: whom?, extension: pairs(data, "extension") })
}

fn place_in_queue(id: InteractionId, data: &RequestData) -> Result<Command, String> {
    let mut set = pairs(data, "addedProperties");
    set.merge(&pairs(data, "changedProperties"));
    let deleted = data.get("deletedProperties").map(key_names).unwrap_or_default();
    Ok(Command::PlaceInQueue { id, queue: needed(data, "queue")?, set, deleted })
}

fn send(
    id: InteractionId,
    data: &RequestData,
    what: impl FnOnce(&RequestData) -> Result<Outgoing, String>,
) -> Result<Command, String> {
    let visibility = match optional(data, "visibility").as_deref() {
        None => Visibility::All,
        // An unknown word is refused, so that nothing is shown to a customer by mistake.
        Some(word) => Visibility::from_word(word)
            .ok_or_else(|| format!("visibility {word:?} is none of All, Agent, Supervisor"))?,
    };
    Ok(Command::Send { id, what: what(data)?, visibility })
}

fn after_leave(data: &RequestData) -> Result<AfterLeave, String> {
    match optional(data, "afterAction").as_deref() {
        None | Some("CloseIfNoAgents") => Ok(AfterLeave::CloseIfNoAgents),
        Some("ForceClose") => Ok(AfterLeave::ForceClose),
        Some("KeepAlive") => Ok(AfterLeave::KeepAlive),
        Some(other) => {
            Err(format!("afterAction {other:?} is none of CloseIfNoAgents, ForceClose, KeepAlive"))
        }
    }
}

fn link(data: &RequestData) -> Result<String, String> {
    let text = needed(data, "url")?;
    let web = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if web {
        Ok(text)
    } else {
        Err("data.url must be an address that begins with http:// or https://".to_owned())
    }
}

/// Keys as a list of texts, or as pairs whose values do not matter.
fn keys(data: &RequestData) -> Result<Vec<String>, String> {
    match data.get("keys").or_else(|| data.get("userData")) {
        Some(list @ Json::Array(_)) => Ok(key_names(list)),
        _ => Err("data.keys must be a list of texts".to_owned()),
    }
}

fn key_names(list: &Json) -> Vec<String> {
    let named = |item: &Json| item.as_str().or_else(|| item.get("key")?.as_str()).map(str::to_owned);
    list.as_array().into_iter().flatten().filter_map(named).collect()
}

/// A text of the data, if there is one.
pub fn optional(data: &RequestData, name: &str) -> Option<String> {
    data.get(name).and_then(Json::as_str).map(str::to_owned)
}

/// A name or code. Others see it, so its length is limited.
///
/// # Errors
/// When it is too long.
pub fn short(data: &RequestData, name: &str) -> Result<Option<String>, String> {
    let text = optional(data, name).filter(|text| !text.is_empty());
    match &text {
        Some(text) if text.chars().count() > MOST_SHORT => {
            Err(format!("data.{name} is longer than {MOST_SHORT} characters"))
        }
        _ => Ok(text),
    }
}

/// A text that is required.
///
/// # Errors
/// A sentence that names it.
pub fn needed(data: &RequestData, name: &str) -> Result<String, String> {
    optional(data, name)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| format!("data.{name} is missing or empty"))
}

fn pairs(data: &RequestData, name: &str) -> AttachedData {
    data.get(name).map(kv::from_json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn data(json: Json) -> RequestData {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn a_visibility_that_is_not_known_is_refused() {
        let parsed =
            on_interaction("send-message", "i", &data(json!({"message": "psst", "visibility": "agents"})));
        assert!(matches!(parsed, ParsedOperation::Invalid(sentence) if sentence.contains("agents")));
        let parsed =
            on_interaction("send-message", "i", &data(json!({"message": "psst", "visibility": "Agent"})));
        assert!(matches!(
            parsed,
            ParsedOperation::Command(Command::Send { visibility: Visibility::Agent, .. })
        ));
    }

    #[test]
    fn keys_are_read_in_both_shapes() {
        for body in [json!({"keys": ["a", "b"]}), json!({"userData": [{"key": "a"}, {"key": "b"}]})] {
            let parsed = on_interaction("delete-user-data", "i", &data(body));
            let keys = vec!["a".to_owned(), "b".to_owned()];
            assert_eq!(parsed, ParsedOperation::Command(Command::DeleteUserData { id: "i".into(), keys }));
        }
    }

    #[test]
    fn a_request_for_a_colleague_needs_its_agent_or_queue() {
        let both = data(json!({"agentId": "ben", "queue": "q", "extension": [{"key": "a", "value": "b"}]}));
        let extension: AttachedData = [("a", "b")].into_iter().collect();
        let (ben, q) = (|| InviteTarget::Agent("ben".into()), || InviteTarget::Queue("q".into()));
        for (op, want, whom) in [
            ("transfer-agent", InviteKind::Transfer, ben()),
            ("invite", InviteKind::Conference, ben()),
            ("invite-by-queue", InviteKind::Conference, q()),
            ("consult", InviteKind::Consult, ben()),
            ("consult-by-queue", InviteKind::Consult, q()),
        ] {
            let extension = extension.clone();
            let expected = Command::Invite { id: "i".into(), want, whom, extension };
            assert_eq!(on_interaction(op, "i", &both), ParsedOperation::Command(expected));
            assert!(
                matches!(on_interaction(op, "i", &RequestData::new()), ParsedOperation::Invalid(_)),
                "{op}"
            );
        }
        for op in ["place-in-queue", "remove-from-conference"] {
            assert!(
                matches!(on_interaction(op, "i", &RequestData::new()), ParsedOperation::Invalid(_)),
                "{op}"
            );
        }
    }

    #[test]
    fn a_transfer_to_a_queue_changes_pairs() {
        let body = json!({"queue": "q", "addedProperties": [{"key": "a", "value": "1"}],
            "changedProperties": [{"key": "b", "value": "2"}], "deletedProperties": [{"key": "c"}]});
        let set = [("a", "1"), ("b", "2")].into_iter().collect();
        let deleted = vec!["c".to_owned()];
        let expected = Command::PlaceInQueue { id: "i".into(), queue: "q".to_owned(), set, deleted };
        assert_eq!(on_interaction("place-in-queue", "i", &data(body)), ParsedOperation::Command(expected));
    }

    #[test]
    fn after_call_work_is_a_not_ready_with_an_extension() {
        let body = json!({"reasonCode": "W", "extension": [
            {"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]});
        let state = RequestedState::AfterCallWork(Some("W".into()));
        assert_eq!(on_channel("not-ready", &data(body)), ParsedOperation::Command(Command::SetState(state)));
    }

    #[test]
    fn a_name_or_a_code_of_any_length_is_refused() {
        let long = "é".repeat(MOST_SHORT + 1);
        let data = data(json!({"nickname": &long, "reasonCode": &long}));
        for parsed in [
            on_interaction("accept", "i", &data),
            on_interaction("update-nickname", "i", &data),
            on_channel("not-ready", &data),
        ] {
            assert!(
                matches!(&parsed, ParsedOperation::Invalid(sentence) if sentence.contains("256")),
                "{parsed:?}"
            );
        }
    }

    #[test]
    fn only_web_addresses_are_sent_as_links() {
        for bad in ["javascript:alert(1)", "file:///etc/passwd", "", "x"] {
            let parsed = on_interaction("send-url", "i", &data(json!({"url": bad})));
            assert!(matches!(parsed, ParsedOperation::Invalid(_)), "{bad}");
        }
    }
}

//! Events of the Workspace API, read and written.

use super::media::{InteractionDto, MediaDto, MessageDto};
use super::responses::{self, ResponsesEvent};
use super::session::SessionDto;
use super::ucs::{self, PastDto};
use super::workbins::{self, WorkbinEvent};
use super::{channel, contact, time, wa};
use serde_json::{Value as Json, json};

/// An event of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The progress of initialization, in percent.
    InitializationProgress(u8),
    /// Initialization is done.
    InitializationComplete(Box<SessionDto>),
    /// Initialization failed, with the server's words.
    InitializationFailed(String),
    /// Channels changed.
    Channels(MediaDto),
    /// An interaction changed. It is always complete.
    Interaction {
        interaction: Box<InteractionDto>,
        /// `StatusChange`, `PropertiesUpdated`, `ParticipantsUpdated`, …
        notification: String,
        operation_id: Option<String>,
    },
    /// Entries of a session's log.
    Messages { interaction_id: String, messages: Vec<MessageDto>, operation_id: Option<String> },
    /// The interactions that a contact had.
    History {
        /// The contact.
        contact_id: String,
        /// In no particular order.
        interactions: Vec<PastDto>,
    },
    /// An event about workbins.
    Workbins(WorkbinEvent),
    /// The result of a request about contacts, or a contact that a colleague has changed.
    Contacts(Box<contact::ContactsResult>),
    /// An event about standard responses.
    Responses { told: ResponsesEvent, operation_id: Option<String> },
    /// A service of the server became unavailable or available.
    Service {
        /// `IXN`, `UCS`, …
        name: String,
        available: bool,
    },
    /// A request failed after it had been accepted.
    Error { message: String, code: i64, operation_id: Option<String>, interaction_id: Option<String> },
    /// The result for a session that this agent placed in a queue. An addition of this project's gateway.
    TransferOutcome {
        interaction_id: String,
        /// Who accepted it, for people; `None`: nobody.
        by: Option<String>,
    },
    /// An invited agent did not accept; others still may. An addition of this project's gateway.
    Declined {
        interaction_id: String,
        by: String,
        /// `refused` or `no answer`.
        answer: String,
        /// `transfer`, `conference` or `consultation`.
        request: String,
    },
    /// A supervisor reads along. An addition of this project's gateway, sent only if it is configured to notify agents.
    Seen { interaction_id: String, by: String },
    /// A change of the account at WhatsApp: a trouble, its end, or news. An addition of this project's gateway, for
    /// supervisors and administrators.
    Account {
        topic: String,
        /// `trouble`, `over` or `news`.
        standing: String,
        text: String,
    },
    /// An event that this version does not know.
    Other {
        /// Its `messageType`.
        kind: String,
        /// The Bayeux channel.
        channel: String,
        data: Json,
    },
}

impl Event {
    /// Reads an event. Never fails: unknown events are [`Event::Other`].
    pub fn decode(on: &str, data: &Json) -> Self {
        let kind = data.get("messageType").and_then(Json::as_str).unwrap_or_default();
        let operation_id = data.get("operationId").and_then(Json::as_str).map(str::to_owned);
        let other = || Self::Other { kind: kind.to_owned(), channel: on.to_owned(), data: data.clone() };
        if on == channel::INITIALIZATION || kind.starts_with("WorkspaceInitialization") {
            return Self::decode_initialization(data).unwrap_or_else(other);
        }
        match kind {
            "ChannelStateChanged" => field(data, "media").map_or_else(other, Self::Channels),
            "InteractionStateChanged" => match field(data, "interaction") {
                Some(interaction) => Self::Interaction {
                    interaction: Box::new(interaction),
                    notification: text(data, "notificationType"),
                    operation_id,
                },
                None => other(),
            },
            "MessageLogUpdated" => match field(data, "messages") {
                Some(messages) => Self::Messages {
                    interaction_id: data
                        .get("interactionId")
                        .or_else(|| data.get("id"))
                        .and_then(Json::as_str)
                        .unwrap_or_default()
                        .to_owned(),
                    messages,
                    operation_id,
                },
                None => other(),
            },
            "UcsMessage" => match ucs::read_history(data) {
                Some((contact_id, interactions)) => Self::History { contact_id, interactions },
                None => match (responses::read(data), contact::read(data)) {
                    (Some(told), _) => Self::Responses { told, operation_id },
                    (None, Some(answer)) => Self::Contacts(Box::new(answer)),
                    (None, None) => other(),
                },
            },
            workbins::KIND => Self::Workbins(workbins::read(data)),
            "ServiceStateChanged" => Self::Service {
                name: text(data, "serviceName"),
                available: text(data, "serviceState") == "AVAILABLE",
            },
            "EventError" => {
                let error = data.get("error").unwrap_or(data);
                Self::Error {
                    message: text(error, "errorMessage"),
                    code: error.get("errorCode").and_then(Json::as_i64).unwrap_or(0),
                    operation_id,
                    interaction_id: data.get("interactionId").and_then(Json::as_str).map(str::to_owned),
                }
            }
            wa::TRANSFER_OUTCOME => Self::TransferOutcome {
                interaction_id: text(data, "interactionId"),
                by: data.get("by").and_then(Json::as_str).filter(|by| !by.is_empty()).map(str::to_owned),
            },
            wa::ACCOUNT_CHANGED => Self::Account {
                topic: text(data, "topic"),
                standing: text(data, "standing"),
                text: text(data, "text"),
            },
            wa::REQUEST_DECLINED => Self::Declined {
                interaction_id: text(data, "interactionId"),
                by: text(data, "by"),
                answer: text(data, "answer"),
                request: text(data, "request"),
            },
            wa::SESSION_SEEN => {
                Self::Seen { interaction_id: text(data, "interactionId"), by: text(data, "by") }
            }
            _ => other(),
        }
    }

    fn decode_initialization(data: &Json) -> Option<Self> {
        match data.get("state").and_then(Json::as_str)? {
            "Complete" => field(data, "data").map(|session| Self::InitializationComplete(Box::new(session))),
            "Failed" => {
                let words = data.pointer("/data/message").or_else(|| data.get("message"));
                Some(Self::InitializationFailed(
                    words.and_then(Json::as_str).unwrap_or("the server gave no reason").to_owned(),
                ))
            }
            _ => {
                let percent = data.pointer("/progress/percentComplete").and_then(Json::as_u64).unwrap_or(0);
                Some(Self::InitializationProgress(u8::try_from(percent).unwrap_or(100)))
            }
        }
    }
}

fn field<T: serde::de::DeserializeOwned>(data: &Json, name: &str) -> Option<T> {
    serde_json::from_value(data.get(name)?.clone()).ok()
}

fn text(data: &Json, name: &str) -> String {
    data.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn with_operation(mut data: Json, operation_id: Option<&str>) -> Json {
    if let (Some(id), Json::Object(map)) = (operation_id, &mut data) {
        map.insert("operationId".to_owned(), Json::from(id));
    }
    data
}

/// The data of [`Event::Account`].
pub fn account(topic: &str, standing: &str, text: &str) -> Json {
    json!({"messageType": wa::ACCOUNT_CHANGED, "topic": topic, "standing": standing, "text": text})
}

/// The data of [`Event::Seen`].
pub fn seen(interaction: &str, by: &str) -> Json {
    json!({"messageType": wa::SESSION_SEEN, "interactionId": interaction, "by": by})
}

/// The data of [`Event::Declined`].
pub fn declined(
    interaction: &str,
    by: &str,
    answer: &str,
    request: &str,
    operation_id: Option<&str>,
) -> Json {
    let data = json!({
        "messageType": wa::REQUEST_DECLINED, "interactionId": interaction, "by": by, "answer": answer,
        "request": request,
    });
    with_operation(data, operation_id)
}

/// The data of `ChannelStateChanged`.
pub fn channels(media: &MediaDto) -> Json {
    json!({"media": media, "messageType": "ChannelStateChanged"})
}

/// The data of `InteractionStateChanged`.
pub fn interaction(dto: &InteractionDto, notification: &str, operation_id: Option<&str>) -> Json {
    let data = json!({
        "interaction": dto, "notificationType": notification, "messageType": "InteractionStateChanged",
    });
    with_operation(data, operation_id)
}

/// The data of `MessageLogUpdated`. The session is in `interactionId` and in `id`, since clients read either.
pub fn messages(interaction_id: &str, messages: &[MessageDto], operation_id: Option<&str>) -> Json {
    let data = json!({
        "interactionId": interaction_id, "id": interaction_id, "notificationType": "NewMessages",
        "messages": messages, "messageType": "MessageLogUpdated",
    });
    with_operation(data, operation_id)
}

/// The data of `EventError`.
pub fn error(message: &str, code: i64, operation_id: Option<&str>) -> Json {
    with_operation(
        json!({"error": {"errorMessage": message, "errorCode": code}, "messageType": "EventError"}),
        operation_id,
    )
}

/// The data of the event that completes initialization.
pub fn initialization_complete(session: &SessionDto, submitted: crate::domain::Millis) -> Json {
    json!({
        "state": "Complete", "submittedAt": submitted.to_rfc3339(), "executionTime": 1, "actualWaitTime": 1,
        "data": session, "messageType": "WorkspaceInitializationComplete",
    })
}

/// The time of an entry, from whichever field has it.
pub fn message_time(message: &MessageDto) -> crate::domain::Millis {
    time::parse(&message.timestamp)
        .unwrap_or_else(|| crate::domain::Millis::from_secs(message.timestamp_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_read_under_either_name_of_the_session() {
        for key in ["interactionId", "id"] {
            let data = json!({key: "i1", "messageType": "MessageLogUpdated", "messages": [{"index": 3, "type": "Text"}]});
            match Event::decode(channel::CHAT, &data) {
                Event::Messages { interaction_id, messages, .. } => {
                    assert_eq!((interaction_id.as_str(), messages[0].index), ("i1", 3));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn an_unknown_event_is_kept_whole() {
        let data = json!({"messageType": "Surprise", "x": 1});
        assert!(
            matches!(Event::decode("/workspace/v3/media", &data), Event::Other { kind, .. } if kind == "Surprise")
        );
        assert!(matches!(Event::decode("/x", &json!(7)), Event::Other { .. }));
    }

    #[test]
    fn the_end_of_initialization_carries_the_person() {
        let session = SessionDto {
            user: Some(super::super::session::UserDto { employee_id: "ana".into(), ..Default::default() }),
            configuration: None,
            ..SessionDto::default()
        };
        let data = initialization_complete(&session, crate::domain::Millis(0));
        match Event::decode(channel::INITIALIZATION, &data) {
            Event::InitializationComplete(read) => assert_eq!(*read, session),
            other => panic!("{other:?}"),
        }
    }
}

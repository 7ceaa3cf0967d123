//! What an agent does in a session.

use super::endpoint::{Endpoint, get, post};
use super::path::{own, segment, session};
use crate::domain::message::Visibility;
use crate::domain::reach::ContactMethod;
use crate::domain::response::Enclosure;
use crate::domain::{AttachedData, InteractionId};
use crate::proto::media::LogQuery;
use crate::proto::{kv, wa};
use serde_json::json;

pub(super) fn accept(id: &InteractionId, nickname: &str) -> Endpoint {
    post(session(id, "accept"), json!({"nickname": nickname}))
}

pub(super) fn reject(id: &InteractionId) -> Endpoint {
    post(session(id, "reject"), json!({}))
}

pub(super) fn complete(id: &InteractionId, read: u64) -> Endpoint {
    post(session(id, "complete"), json!({wa::READ: read}))
}

pub(super) fn reopen(id: &InteractionId) -> Endpoint {
    post(own(id, "reopen"), json!({}))
}

pub(super) fn send_message(id: &InteractionId, text: &str, to: Visibility) -> Endpoint {
    post(session(id, "send-message"), json!({"message": text, "visibility": to.word()}))
}

pub(super) fn send_file(id: &InteractionId, file: &Enclosure) -> Endpoint {
    let data = json!({"documentId": file.file.document, "documentName": file.file.name,
        "standardResponseId": file.response});
    post(session(id, "upload-file"), data)
}

pub(super) fn typing(id: &InteractionId, started: bool) -> Endpoint {
    let operation = if started { "send-typing-started" } else { "send-typing-stopped" };
    post(session(id, operation), json!({}))
}

pub(super) fn messages(id: &InteractionId, part: LogQuery) -> Endpoint {
    get(format!("{}{}", session(id, "messages"), part.to_query()))
}

pub(super) fn messages_of(media_type: &str, id: &InteractionId, part: LogQuery) -> Endpoint {
    let (media_type, id) = (segment(media_type), segment(id.as_str()));
    get(format!("/media/{media_type}/interactions/{id}/messages{}", part.to_query()))
}

pub(super) fn update_user_data(id: &InteractionId, data: &AttachedData) -> Endpoint {
    post(session(id, "update-user-data"), json!({"userData": kv::to_json(data)}))
}

pub(super) fn set_comment(id: &InteractionId, comment: &str) -> Endpoint {
    post(session(id, "set-comment"), json!({"comment": comment}))
}

pub(super) fn leave(id: &InteractionId, read: u64) -> Endpoint {
    post(session(id, "leave"), json!({"afterAction": "KeepAlive", wa::READ: read}))
}

pub(super) fn note_contact(id: &InteractionId, way: ContactMethod, address: &str) -> Endpoint {
    post(own(id, "note-contact"), json!({"mediaType": way.media_type(), "address": address}))
}

pub(super) fn why(id: &InteractionId) -> Endpoint {
    get(format!("/deskline/why/{}", segment(id.as_str())))
}

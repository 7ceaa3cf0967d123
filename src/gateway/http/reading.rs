//! How much of a session a caller has read: as the request says, or as far as the gateway sent it.
//!
//! Owns: sending a command to the writer together with that. Must not: decide what has to be read.

use super::operation::RequestData;
use crate::domain::InteractionId;
use crate::gateway::auth::Caller;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::gateway::writer::api::{Command, ReadState, Refusal, RequestedState};
use crate::proto::media::{LogQuery, MessageDto};
use crate::proto::wa;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Executes a command.
///
/// # Errors
/// When the writer refuses it. A refusal because of unread messages contains them, so they count as sent.
pub(super) async fn execute(
    services: &Services,
    caller: &Caller,
    request: &RequestBody,
    command: Command,
) -> ApiResult {
    let operation = Some(&request.operation);
    let reading = of(services, caller, &request.data, &command);
    let accepted = if let Command::Accept { id, .. } | Command::Pull { id, .. } = &command {
        Some(id.clone())
    } else {
        None
    };
    let done =
        services.writer.act_having_read(caller.actor.clone(), operation.cloned(), command, reading).await;
    match done {
        Ok(()) => {
            if let Some(id) = accepted {
                mark_read_up_to_joining(services, caller, id).await;
            }
            Ok(ApiReply::accepted(&request.operation))
        }
        Err(refusal) => {
            if let Refusal::Unread(unread) = &refusal {
                services.hub.replied(&caller.actor.employee, &unread.interaction, unread.index);
            }
            Err(ApiReply::refused(operation, &refusal))
        }
    }
}

/// What the caller has read of the sessions that a command is about.
pub(super) fn of(services: &Services, caller: &Caller, data: &RequestData, command: &Command) -> ReadState {
    let signs_out = matches!(command, Command::SignOut | Command::SetState(RequestedState::LoggedOut));
    let id = command.parts_with();
    if !signs_out && id.is_none() {
        return ReadState::Everything;
    }
    let given = match (data.get(wa::READ), id) {
        (Some(Json::Object(each)), None) => {
            let read = each.iter().filter_map(|(id, last)| Some((id.as_str().into(), last.as_u64()?)));
            Some(read.collect())
        }
        (Some(last), Some(id)) => last.as_u64().map(|last| BTreeMap::from([(id.clone(), last)])),
        _ => None,
    };
    let session = caller.session();
    ReadState::UpTo(given.unwrap_or_else(|| services.hub.sent(session.as_ref(), &caller.actor.employee)))
}

/// Counts everything before the caller joined as read, if the caller receives no events: the invitation said what the
/// session was about. They have to read what comes later.
async fn mark_read_up_to_joining(services: &Services, caller: &Caller, id: InteractionId) {
    let employee = &caller.actor.employee;
    if services.hub.follows_sessions(caller.session().as_ref(), employee) {
        return;
    }
    // If the log cannot be read, nothing counts as read.
    let log = services
        .writer
        .messages(caller.actor.clone(), id.clone(), LogQuery::NEWEST)
        .await
        .unwrap_or_default();
    let mine = |entry: &&MessageDto| {
        entry.kind == "ParticipantJoined" && entry.from.person_id.as_deref() == Some(employee.as_str())
    };
    if let Some(joined) = log.messages.iter().rev().find(mine) {
        services.hub.replied(employee, &id, joined.index);
    }
}

//! What whoever asks has read, by their own word or by what they were sent.
//!
//! Owns: how an act reaches the desk, with that beside it. Must not: decide what has to be read.

use super::front::Front;
use super::operation::Data;
use super::reply::{Answered, Asked, Reply};
use crate::domain::InteractionId;
use crate::gateway::auth::Caller;
use crate::gateway::desk::api::{Command, Reading, Refusal, WantedState};
use crate::proto::media::{LogQuery, MessageDto};
use crate::proto::wa;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Does an act.
///
/// # Errors
/// Why it was not done; what was not read is then in the reply, so that the client has been sent it.
pub(super) async fn act(front: &Front, caller: &Caller, asked: &Asked, command: Command) -> Answered {
    let operation = Some(&asked.operation);
    let reading = of(front, caller, &asked.data, &command);
    let taken = match &command {
        Command::Accept { id, .. } | Command::Pull { id, .. } => Some(id.clone()),
        _ => None,
    };
    let done = front.desk.act_having_read(caller.actor.clone(), operation.cloned(), command, reading).await;
    match done {
        Ok(()) => {
            if let Some(id) = taken {
                learn(front, caller, id).await;
            }
            Ok(Reply::accepted(&asked.operation))
        }
        Err(refusal) => {
            if let Refusal::Unread(unread) = &refusal {
                front.hub.replied(&caller.actor.employee, &unread.interaction, unread.index);
            }
            Err(Reply::refused(operation, &refusal))
        }
    }
}

/// What they have read of the sessions that a command is about.
pub(super) fn of(front: &Front, caller: &Caller, data: &Data, command: &Command) -> Reading {
    let signs_out = matches!(command, Command::SignOut | Command::SetState(WantedState::LoggedOut));
    let id = command.parts_with();
    if !signs_out && id.is_none() {
        return Reading::Everything;
    }
    let said = match (data.get(wa::READ), id) {
        (Some(Json::Object(each)), None) => {
            let read = each.iter().filter_map(|(id, last)| Some((id.as_str().into(), last.as_u64()?)));
            Some(read.collect())
        }
        (Some(last), Some(id)) => last.as_u64().map(|last| BTreeMap::from([(id.clone(), last)])),
        _ => None,
    };
    let session = caller.session();
    Reading::UpTo(said.unwrap_or_else(|| front.hub.sent(session.as_ref(), &caller.actor.employee)))
}

/// Who gets no events was told what the session is about when it was offered; what comes later they have to read.
async fn learn(front: &Front, caller: &Caller, id: InteractionId) {
    let employee = &caller.actor.employee;
    if front.hub.follows_sessions(caller.session().as_ref(), employee) {
        return;
    }
    // Without an answer they have read nothing.
    let log =
        front.desk.messages(caller.actor.clone(), id.clone(), LogQuery::NEWEST).await.unwrap_or_default();
    let mine = |entry: &&MessageDto| {
        entry.kind == "ParticipantJoined" && entry.from.person_id.as_deref() == Some(employee.as_str())
    };
    if let Some(joined) = log.messages.iter().rev().find(mine) {
        front.hub.replied(employee, &id, joined.index);
    }
}

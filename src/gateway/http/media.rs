//! Channels and sessions.

use super::front::Front;
use super::operation::{Parsed, on_all_channels, on_channel, on_interaction};
use super::reading;
use super::reply::{Answered, Asked, Reply};
use crate::domain::InteractionId;
use crate::domain::interaction::MEDIA_TYPE;
use crate::gateway::auth::Caller;
use crate::gateway::hide;
use crate::gateway::writer::api::{Command, Refusal};
use crate::proto::envelope::DONE;
use crate::proto::media::LogQuery;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde_json::json;
use std::sync::Arc;

/// Whether a media type is served: WhatsApp sessions, also under the name that official clients have
/// in the path of every chat.
pub fn is_known(media: &str) -> bool {
    media == MEDIA_TYPE || media == "chat"
}

/// Refuses media types that are not here.
///
/// # Errors
/// When it is another one.
pub fn known(media: &str) -> Result<(), Reply> {
    if is_known(media) {
        return Ok(());
    }
    Err(Reply::not_found(format!("there is no media type {media} here: this gateway has {MEDIA_TYPE}")))
}

pub(super) async fn ask(front: &Front, caller: Caller, asked: &Asked, parsed: Parsed, op: &str) -> Answered {
    let operation = Some(&asked.operation);
    match parsed {
        Parsed::Ask(command) => reading::act(front, &caller, asked, command).await,
        Parsed::Nothing => Ok(Reply::accepted(&asked.operation)),
        Parsed::Unknown => {
            Err(Reply::failure(StatusCode::NOT_FOUND, operation, format!("there is no operation {op} here")))
        }
        Parsed::Invalid(sentence) => Err(Reply::failure(StatusCode::BAD_REQUEST, operation, sentence)),
    }
}

/// `POST /media/{op}`.
pub async fn all(
    State(front): State<Arc<Front>>,
    Path(op): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let parsed = on_all_channels(&op, &asked.data);
    let mut reply = ask(&front, caller, &asked, parsed, &op).await?;
    if op == "activate" {
        // Workspace: activation is done when it is answered.
        reply.envelope.status.code = DONE;
    }
    Ok(reply)
}

/// `POST /media/{mediatype}/{op}`.
pub async fn channel(
    State(front): State<Arc<Front>>,
    Path((media, op)): Path<(String, String)>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    known(&media).map_err(|reply| reply.to(&asked.operation))?;
    let parsed = on_channel(&op, &asked.data);
    if let Parsed::Ask(Command::StartMonitoring { agent, .. }) = &parsed
        && !front.oversees(&caller.actor.employee, agent)
    {
        let sentence = format!("{agent} is in none of the agent groups that you oversee; nothing was done");
        return Err(Reply::failure(StatusCode::FORBIDDEN, Some(&asked.operation), sentence));
    }
    ask(&front, caller, &asked, parsed, &op).await
}

/// `POST /media/{mediatype}/interactions/{id}/{op}`.
pub async fn act(
    State(front): State<Arc<Front>>,
    Path((media, id, op)): Path<(String, String, String)>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    known(&media).map_err(|reply| reply.to(&asked.operation))?;
    let parsed = on_interaction(&op, &id, &asked.data);
    if parsed == Parsed::Nothing {
        has(&front, &caller, &id)
            .await
            .map_err(|refusal| Reply::refused(Some(&asked.operation), &refusal))?;
    }
    ask(&front, caller, &asked, parsed, &op).await
}

/// Whether an agent has a session.
///
/// # Errors
/// When they do not, or the writer does not answer.
pub async fn has(front: &Front, caller: &Caller, id: &str) -> Result<(), Refusal> {
    let view = front.writer.session(caller.actor.employee.clone()).await?;
    let there = view.interactions.iter().any(|dto| dto.id == id);
    if there { Ok(()) } else { Err(Refusal::NotFound(id.into())) }
}

/// Refuses somebody who oversees others what is said in sessions of agents whom they do not oversee, unless one whom they
/// monitor is in it.
///
/// # Errors
/// As if there were no such session.
pub async fn sees(front: &Front, caller: &Caller, id: &InteractionId) -> Result<(), Reply> {
    let Some(watch) = &front.watch else { return Ok(()) };
    let seen = watch.may_see(&caller.actor.employee, id).await;
    let seen = seen.map_err(|refusal| Reply::refused(None, &refusal))?;
    if seen || front.monitors(&caller.actor.employee, id.as_str()).await {
        return Ok(());
    }
    Err(Reply::refused(None, &Refusal::NotFound(id.clone())))
}

/// The part of a log that a query asks for: an addition of this gateway. Values that are no numbers are
/// ignored, like any other parameter.
fn part(query: &str) -> LogQuery {
    let mut part = LogQuery::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "after" => part.after = value.parse().ok(),
            "before" => part.before = value.parse().ok(),
            "limit" => part.limit = value.parse().ok(),
            _ => {}
        }
    }
    part
}

/// `GET /media/{mediatype}/interactions/{id}/messages`.
pub async fn messages(
    State(front): State<Arc<Front>>,
    Path((media, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Answered {
    known(&media)?;
    let overseer = !caller.actor.role.handles_sessions();
    let id = InteractionId::from(id);
    if overseer {
        sees(&front, &caller, &id).await?;
    }
    let reader = caller.actor.employee.clone();
    let query = part(query.as_deref().unwrap_or_default());
    let page = front.writer.messages(caller.actor, id.clone(), query).await;
    let mut page = page.map_err(|refusal| Reply::refused(None, &refusal))?;
    if let Some(last) = page.messages.iter().map(|message| message.index).max() {
        front.hub.replied(&reader, &id, last);
    }
    if overseer {
        page.messages.iter_mut().for_each(|message| hide::message(&front.mask, message));
    }
    Ok(Reply::done(None, json!(page)))
}

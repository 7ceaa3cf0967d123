//! Templates, sessions that agents begin, and other ways to a customer: additions of this gateway.

use super::front::Front;
use super::reply::{Answered, Asked, Reply};
use crate::domain::AttachedData;
use crate::domain::reach::Way;
use crate::domain::template::Template;
use crate::gateway::auth::Caller;
use crate::gateway::http::operation::{Data, needed, optional, short};
use crate::gateway::writer::api::{Command, FilledTemplate, Recipient};
use crate::proto::{kv, templates};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use std::sync::Arc;

/// `GET /deskline/templates`: what may be sent outside the reply window.
pub async fn list(State(front): State<Arc<Front>>, _caller: Caller) -> Answered {
    let book = front.templates.list().await;
    let account = front.writer.account();
    let mut offered = book.templates.clone();
    offered.retain(|one| account.borrow().blocked(&one.name, &one.language).is_none());
    Ok(Reply::done(None, templates::list(&offered, book.read_at, book.trouble.as_deref())))
}

/// `POST /deskline/interactions/{id}/send-template`.
pub async fn send(
    State(front): State<Arc<Front>>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let template = filled(&front, &asked).await?;
    act(&front, caller, &asked, Command::SendTemplate { id: id.into(), template }).await
}

/// `POST /deskline/start-session`: a session with a contact or a number, begun with a template.
pub async fn start(State(front): State<Arc<Front>>, caller: Caller, asked: Asked) -> Answered {
    let template = filled(&front, &asked).await?;
    let some = |name: &str| optional(&asked.data, name).filter(|text| !text.trim().is_empty());
    let to = Recipient { contact: some("contactId").map(Into::into), number: some("number") };
    if to == Recipient::default() {
        return Err(invalid(&asked, "data.contactId or data.number must say with whom".to_owned()));
    }
    let nickname = short(&asked.data, "nickname").map_err(|sentence| invalid(&asked, sentence))?;
    act(&front, caller, &asked, Command::StartSession { to, template, nickname }).await
}

/// `POST /deskline/interactions/{id}/note-contact`: the customer was reached outside this desk.
pub async fn note(
    State(front): State<Arc<Front>>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Answered {
    let word = optional(&asked.data, "mediaType").unwrap_or_default();
    let way = Way::of_media_type(&word)
        .ok_or_else(|| invalid(&asked, format!("data.mediaType {word:?} is none of voice, sms, email")))?;
    let address = needed(&asked.data, "address").map_err(|sentence| invalid(&asked, sentence))?;
    act(&front, caller, &asked, Command::NoteContact { id: id.into(), way, address }).await
}

async fn act(front: &Front, caller: Caller, asked: &Asked, command: Command) -> Answered {
    let operation = Some(asked.operation.clone());
    match front.writer.act(caller.actor, operation, command).await {
        Ok(()) => Ok(Reply::accepted(&asked.operation)),
        Err(refusal) => Err(Reply::refused(Some(&asked.operation), &refusal)),
    }
}

fn invalid(asked: &Asked, sentence: String) -> Reply {
    Reply::failure(StatusCode::BAD_REQUEST, Some(&asked.operation), sentence)
}

/// The template that a request names, with what it fills in.
async fn filled(front: &Front, asked: &Asked) -> Result<FilledTemplate, Reply> {
    let need = |name: &str| needed(&asked.data, name).map_err(|sentence| invalid(asked, sentence));
    let (name, language) = (need("template")?, need("language")?);
    let book = front.templates.list().await;
    let why =
        front.writer.account().borrow().blocked(&name, &language).map(|trouble| trouble.change.text.clone());
    if let Some(why) = why.or_else(|| book.why_refused(&name, &language)) {
        let sentence = format!("{why}. Nothing was sent: choose another template");
        return Err(Reply::failure(StatusCode::CONFLICT, Some(&asked.operation), sentence));
    }
    let Some(template) = book.find(&name, &language) else {
        let sentence = format!(
            "there is no approved template {name:?} in the language {language:?}: look at the list again; \
             nothing was sent"
        );
        return Err(Reply::failure(StatusCode::NOT_FOUND, Some(&asked.operation), sentence));
    };
    let parameters = values(template, &asked.data);
    let problems = template.problems(&parameters);
    if !problems.is_empty() {
        let sentences = problems.into_iter().map(|problem| match problem.key.as_str() {
            "" => problem.sentence,
            key => format!("{key}: {}", problem.sentence),
        });
        let sentences = sentences.collect::<Vec<_>>().join("; ");
        return Err(invalid(asked, format!("the template {name} was not sent: {sentences}")));
    }
    let text = template.filled(&parameters);
    Ok(FilledTemplate { name, language, parameters, text })
}

/// What a request fills in, in the template's order.
fn values(template: &Template, data: &Data) -> AttachedData {
    let given = data.get("parameters").map(kv::from_json).unwrap_or_default();
    let mut all = AttachedData::new();
    for parameter in template.parameters() {
        if let Some(value) = given.get(&parameter.key) {
            all.set(parameter.key, value.to_text());
        }
    }
    for (key, value) in
        given.iter().filter(|(key, _)| template.parameters().iter().all(|one| one.key != *key))
    {
        all.set(key, value.to_text());
    }
    all
}

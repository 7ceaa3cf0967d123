//! Templates, outbound sessions, and contact on other channels: additions of this gateway.

use crate::domain::AttachedData;
use crate::domain::reach::ContactMethod;
use crate::domain::template::Template;
use crate::gateway::auth::Caller;
use crate::gateway::http::operation::{RequestData, needed, optional, short};
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::gateway::writer::api::{Command, FilledTemplate, Recipient};
use crate::proto::{kv, templates};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use std::sync::Arc;

/// `GET /deskline/templates`: the templates that may be sent outside the reply window.
pub async fn list(State(services): State<Arc<Services>>, _caller: Caller) -> ApiResult {
    let book = services.templates.list().await;
    let account = services.writer.account();
    let mut offered = book.templates.clone();
    offered.retain(|one| account.borrow().blocked(&one.name, &one.language).is_none());
    Ok(ApiReply::done(None, templates::list(&offered, book.read_at, book.read_error.as_deref())))
}

/// `POST /deskline/interactions/{id}/send-template`.
pub async fn send(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let template = filled(&services, &request).await?;
    execute(&services, caller, &request, Command::SendTemplate { id: id.into(), template }).await
}

/// `POST /deskline/start-session`: starts a session with a contact or a number by sending a template.
pub async fn start(State(services): State<Arc<Services>>, caller: Caller, request: RequestBody) -> ApiResult {
    let template = filled(&services, &request).await?;
    let some = |name: &str| optional(&request.data, name).filter(|text| !text.trim().is_empty());
    let to = Recipient { contact: some("contactId").map(Into::into), number: some("number") };
    if to == Recipient::default() {
        return Err(invalid(&request, "data.contactId or data.number must say with whom".to_owned()));
    }
    let nickname = short(&request.data, "nickname").map_err(|sentence| invalid(&request, sentence))?;
    execute(&services, caller, &request, Command::StartSession { to, template, nickname }).await
}

/// `POST /deskline/interactions/{id}/note-contact`: records that the customer was contacted on another channel.
pub async fn note(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let word = optional(&request.data, "mediaType").unwrap_or_default();
    let way = ContactMethod::of_media_type(&word)
        .ok_or_else(|| invalid(&request, format!("data.mediaType {word:?} is none of voice, sms, email")))?;
    let address = needed(&request.data, "address").map_err(|sentence| invalid(&request, sentence))?;
    execute(&services, caller, &request, Command::NoteContact { id: id.into(), way, address }).await
}

async fn execute(services: &Services, caller: Caller, request: &RequestBody, command: Command) -> ApiResult {
    let operation = Some(request.operation.clone());
    match services.writer.act(caller.actor, operation, command).await {
        Ok(()) => Ok(ApiReply::accepted(&request.operation)),
        Err(refusal) => Err(ApiReply::refused(Some(&request.operation), &refusal)),
    }
}

fn invalid(request: &RequestBody, sentence: String) -> ApiReply {
    ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence)
}

/// The template that a request names, with the request's parameters.
async fn filled(services: &Services, request: &RequestBody) -> Result<FilledTemplate, ApiReply> {
    let need = |name: &str| needed(&request.data, name).map_err(|sentence| invalid(request, sentence));
    let (name, language) = (need("template")?, need("language")?);
    let book = services.templates.list().await;
    let why = services
        .writer
        .account()
        .borrow()
        .blocked(&name, &language)
        .map(|trouble| trouble.change.text.clone());
    if let Some(why) = why.or_else(|| book.why_refused(&name, &language)) {
        let sentence = format!("{why}. Nothing was sent: choose another template");
        return Err(ApiReply::failure(StatusCode::CONFLICT, Some(&request.operation), sentence));
    }
    let Some(template) = book.find(&name, &language) else {
        let sentence = format!(
            "there is no approved template {name:?} in the language {language:?}: look at the list again; \
             nothing was sent"
        );
        return Err(ApiReply::failure(StatusCode::NOT_FOUND, Some(&request.operation), sentence));
    };
    let parameters = values(template, &request.data);
    let problems = template.problems(&parameters);
    if !problems.is_empty() {
        let sentences = problems.into_iter().map(|problem| match problem.key.as_str() {
            "" => problem.sentence,
            key => format!("{key}: {}", problem.sentence),
        });
        let sentences = sentences.collect::<Vec<_>>().join("; ");
        return Err(invalid(request, format!("the template {name} was not sent: {sentences}")));
    }
    let text = template.filled(&parameters);
    Ok(FilledTemplate { name, language, parameters, text })
}

/// The parameters of a request, in the template's order.
fn values(template: &Template, data: &RequestData) -> AttachedData {
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

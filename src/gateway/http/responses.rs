//! Standard responses: reading the library, favourites, and reports of use.
//!
//! Invariants: agents see only responses that are approved and valid now; a category is returned even if it is empty.
//! Favourites and uses belong to one agent.

use super::media::{has, require_known};
use crate::config::schema::AgentConfig;
use crate::domain::message::Visibility;
use crate::domain::profile::{self, Attributes, main_value};
use crate::domain::response::{Category, FieldCode, FileInfo, StandardResponse, render};
use crate::domain::{InteractionId, Millis, OperationId};
use crate::gateway::auth::Caller;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::gateway::writer::api::{Command, Outgoing, Refusal};
use crate::proto::media::InteractionDto;
use crate::proto::responses::{CategoryDto, FileDto, ResponseDto, ResponsesEvent, USED, event, plain};
use crate::proto::{channel, wa};
use crate::store::library::{ResponseLibrary, ResponseUse};
use crate::store::{ContactLookup, StoreError};
use crate::text::fold;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::Value as Json;
use std::sync::Arc;

/// Responses in the result of a search, at most.
const MOST_FOUND: usize = 1000;
/// Uses that may be reported. (Workspace: `responseType`.)
const USES: [&str; 5] = [
    "SystemAutoResponse",
    "SuggestedResponsesIgnored",
    "SuggestedResponseChoosen",
    "SuggestedResponseNotReceived",
    "AdministratorResponse",
];

fn now() -> Millis {
    Millis(jiff::Timestamp::now().as_millisecond())
}

fn broken(operation: &OperationId, error: &StoreError) -> ApiReply {
    ApiReply::refused(Some(operation), &Refusal::Store(error.to_string()))
}

async fn library(services: &Services, request: &RequestBody) -> Result<Arc<ResponseLibrary>, ApiReply> {
    services.library.content().await.map_err(|error| broken(&request.operation, &error))
}

/// A response that agents may use now.
fn valid<'a>(
    library: &'a ResponseLibrary,
    id: &str,
    request: &RequestBody,
) -> Result<&'a StandardResponse, ApiReply> {
    let found = library.responses.iter().find(|one| one.id == id && one.is_valid(now()));
    found.ok_or_else(|| {
        ApiReply::not_found("there is no such standard response, or not any more: look again")
            .to(&request.operation)
    })
}

/// Publishes the result to the caller and accepts the request. (Workspace: results come as events.)
fn publish_result(services: &Services, caller: &Caller, request: &RequestBody, data: Json) -> ApiResult {
    services.publish(&caller.actor.employee, channel::CONTACTS, data);
    Ok(ApiReply::accepted(&request.operation))
}

fn category_dto(category: &Category) -> CategoryDto {
    CategoryDto {
        category_id: category.id.clone(),
        name: category.name().to_owned(),
        language: category.language.clone(),
        status: "Approved".to_owned(),
        description: category.description.clone(),
        kind: "Category".to_owned(),
        ..CategoryDto::default()
    }
}

fn response_dto(one: &StandardResponse) -> ResponseDto {
    ResponseDto {
        id: one.id.clone(),
        standard_response_id: one.id.clone(),
        name: one.name.clone(),
        lang: one.language.clone(),
        body: Some(one.body.clone()),
        status: "Approved".to_owned(),
        subject: one.name.clone(),
        is_active: true,
        usage_type: one.usage.clone(),
        description: one.description.clone(),
        modified_date: one.modified.to_rfc3339().into(),
        version: Json::from(1),
        category_id: one.category.clone(),
        attachments: one.files.iter().map(file_dto).collect(),
    }
}

fn file_dto(file: &FileInfo) -> FileDto {
    FileDto {
        document_id: file.document.clone(),
        name: file.name.clone(),
        mime: file.mime.clone(),
        size: file.size,
    }
}

/// `POST /ucs/responses/categories/get-root`.
pub async fn root(State(services): State<Arc<Services>>, caller: Caller, request: RequestBody) -> ApiResult {
    let library = library(&services, &request).await?;
    let language = request.data.get("language").and_then(Json::as_str).unwrap_or_default().trim();
    let fits = |category: &&Category| {
        language.is_empty()
            || category.language.is_empty()
            || category.language.eq_ignore_ascii_case(language)
    };
    let roots = library.categories.iter().filter(|category| category.parent().is_none()).filter(fits);
    let result = ResponsesEvent::Root(roots.map(category_dto).collect());
    publish_result(&services, &caller, &request, event(&result, request.operation.as_str()))
}

/// `POST /ucs/responses/categories/{id}/get-details`.
pub async fn category(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let library = library(&services, &request).await?;
    let Some(category) = library.categories.iter().find(|category| category.id == id) else {
        return Err(ApiReply::not_found("there is no such category").to(&request.operation));
    };
    // A request that does not say what to leave out gets everything.
    let wants = |name: &str| request.data.get(name).and_then(Json::as_bool).unwrap_or(true);
    let mut dto = category_dto(category);
    if wants("returnChildrenCategories") {
        let inside = library.categories.iter().filter(|one| one.parent() == Some(category.path.as_str()));
        dto.children_categories = inside.map(category_dto).collect();
    }
    if wants("returnChildrenSRInfo") {
        let at = now();
        let inside = library.responses.iter().filter(|one| one.category == id && one.is_valid(at));
        dto.children_std_responses = inside.map(response_dto).collect();
    }
    let result = ResponsesEvent::Category(Box::new(dto));
    publish_result(&services, &caller, &request, event(&result, request.operation.as_str()))
}

/// `POST /ucs/responses/{id}/get-details`.
pub async fn details(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let library = library(&services, &request).await?;
    let result = ResponsesEvent::Response(Box::new(response_dto(valid(&library, &id, &request)?)));
    publish_result(&services, &caller, &request, event(&result, request.operation.as_str()))
}

/// `POST /ucs/responses/search`: each word must occur in the name, the text or the description. `*` finds all.
pub async fn search(
    State(services): State<Arc<Services>>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let library = library(&services, &request).await?;
    let Some(query) = request.data.get("query").and_then(Json::as_str) else {
        let sentence = "data.query is missing: the words to look for, or *";
        return Err(ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence));
    };
    let words: Vec<String> = fold::folded(query).split_whitespace().map(str::to_owned).collect();
    let words: Vec<&str> =
        words.iter().map(|word| word.trim_matches('*')).filter(|w| !w.is_empty()).collect();
    let most =
        request.data.get("maxResults").and_then(Json::as_u64).and_then(|most| usize::try_from(most).ok());
    let at = now();
    let matches = |one: &&StandardResponse| {
        let text = fold::folded(&format!("{} {} {}", one.name, one.body, one.description));
        words.iter().all(|word| text.contains(word))
    };
    let found = library.responses.iter().filter(|one| one.is_valid(at)).filter(matches);
    let found = found.take(most.unwrap_or(MOST_FOUND).min(MOST_FOUND)).map(response_dto).collect();
    publish_result(
        &services,
        &caller,
        &request,
        event(&ResponsesEvent::Found(found), request.operation.as_str()),
    )
}

/// `POST /ucs/responses/{id}/render-field-codes`: for an agent who has the session.
pub async fn rendered(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let refused = |refusal: Refusal| ApiReply::refused(Some(&request.operation), &refusal);
    let library = library(&services, &request).await?;
    let response = valid(&library, &id, &request)?;
    let session = interaction(&request)?;
    let view = services.writer.session(caller.actor.employee.clone()).await.map_err(refused)?;
    let Some(session) = view.interactions.iter().find(|dto| dto.id == session.as_str()) else {
        return Err(refused(Refusal::NotFound(session)));
    };
    let agent = services.directory.agent(&caller.actor.employee);
    let contact = match session.contact_id.as_deref() {
        Some(id) => {
            services.writer.look(ContactLookup::Cards(vec![id.into()])).await.map_err(refused)?.cards.pop()
        }
        None => None,
    };
    let contact = contact.map(|card| card.attributes).unwrap_or_default();
    let done = render(&response.body, |code| value(code, session, &contact, agent));
    let result = ResponsesEvent::Rendered { body: done.text, unknown: done.unknown, empty: done.empty };
    publish_result(&services, &caller, &request, event(&result, request.operation.as_str()))
}

fn interaction(request: &RequestBody) -> Result<InteractionId, ApiReply> {
    let id = request.data.get("interactionId").and_then(Json::as_str).filter(|id| !id.is_empty());
    id.map(InteractionId::from).ok_or_else(|| {
        let sentence = "data.interactionId is missing: the session that it is for";
        ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence)
    })
}

/// The value of a field code in a session: from the attached data, else from the contact. If the contact has no name, the
/// customer's profile name on WhatsApp is used.
fn value(
    code: &FieldCode,
    session: &InteractionDto,
    contact: &Attributes,
    agent: Option<&AgentConfig>,
) -> Option<String> {
    let data =
        |key: &str| session.user_data.get(key).map(|value| value.to_text()).filter(|v| !v.trim().is_empty());
    let code = match code {
        FieldCode::AttachedData(key) => return data(key),
        FieldCode::Named(code) => *code,
    };
    let chosen = data(wa::PROFILE_NAME).unwrap_or_default();
    let chosen = chosen.trim();
    let (first, rest) = chosen.split_once(char::is_whitespace).unwrap_or((chosen, ""));
    let of_contact = data("FirstName").is_some() || data("LastName").is_some();
    let named = |known: Option<String>, chosen: &str| {
        if of_contact { known } else { (!chosen.is_empty()).then(|| chosen.trim().to_owned()) }
    };
    let known = |name: &str| {
        let of_contact = || main_value(contact, name).filter(|value| !value.trim().is_empty());
        data(name).or_else(|| of_contact().map(str::to_owned))
    };
    let agent = |part: fn(&AgentConfig) -> &str| agent.map(|agent| part(agent).to_owned());
    let joined = |first: Option<String>, last: Option<String>| {
        format!("{} {}", first.unwrap_or_default(), last.unwrap_or_default()).trim().to_owned()
    };
    match code {
        "Contact.FirstName" => named(data("FirstName"), first),
        "Contact.LastName" => named(data("LastName"), rest),
        "Contact.FullName" => named(Some(joined(data("FirstName"), data("LastName"))), chosen),
        "Contact.Title" => known(profile::TITLE),
        "Contact.PhoneNumber" | "Contact.PrimaryPhoneNumber" => {
            known(profile::PHONE).or_else(|| data(wa::NUMBER).map(|number| format!("+{number}")))
        }
        "Contact.EmailAddress" | "Contact.PrimaryEmailAddress" => known(profile::EMAIL),
        "Agent.FirstName" => agent(|agent| &agent.first_name),
        "Agent.LastName" => agent(|agent| &agent.last_name),
        "Agent.FullName" => Some(joined(agent(|agent| &agent.first_name), agent(|agent| &agent.last_name))),
        "Interaction.Id" => Some(session.id.clone()),
        "Interaction.Subject" => session.subject.clone().or_else(|| data("Subject")),
        "Interaction.DateCreated" => {
            session.received_at.as_str().map(|at| at.chars().take(10).collect::<String>())
        }
        _ => None,
    }
}

/// `POST /ucs/responses/{id}/report-usage`.
pub async fn report(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let interaction = interaction(&request)?;
    let kind = request.data.get("responseType").and_then(Json::as_str).unwrap_or("SuggestedResponseChoosen");
    if !USES.contains(&kind) {
        let sentence = format!("data.responseType {kind:?} is none of {}", USES.join(", "));
        return Err(ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence));
    }
    let library = library(&services, &request).await?;
    if !library.responses.iter().any(|one| one.id == id) {
        return Err(ApiReply::not_found("there is no such standard response").to(&request.operation));
    }
    has(&services, &caller, &interaction)
        .await
        .map_err(|refusal| ApiReply::refused(Some(&request.operation), &refusal))?;
    let used = ResponseUse {
        at: now(),
        employee: caller.actor.employee.clone(),
        interaction,
        response: id,
        kind: kind.to_owned(),
        operation: request.operation.clone(),
    };
    services.library.store.record_use(used).await.map_err(|error| broken(&request.operation, &error))?;
    publish_result(&services, &caller, &request, plain(USED, request.operation.as_str()))
}

/// `POST /ucs/responses/get-favorites`: the favourites that may be used now.
pub async fn favorites(
    State(services): State<Arc<Services>>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let library = library(&services, &request).await?;
    let favorites = services.library.store.favorites(caller.actor.employee.clone()).await;
    let favorites = favorites.map_err(|error| broken(&request.operation, &error))?;
    let at = now();
    let known = |id: &String| library.responses.iter().find(|one| one.id == *id && one.is_valid(at));
    let result = ResponsesEvent::Favorites(favorites.iter().filter_map(known).map(response_dto).collect());
    publish_result(&services, &caller, &request, event(&result, request.operation.as_str()))
}

async fn set_favorite(
    services: &Services,
    caller: &Caller,
    request: &RequestBody,
    id: String,
    on: bool,
) -> ApiResult {
    if on {
        valid(&*library(services, request).await?, &id, request)?;
    }
    let employee = caller.actor.employee.clone();
    let kept = services.library.store.set_favorite(employee, id, on, now()).await;
    kept.map_err(|error| broken(&request.operation, &error))?;
    let name = if on { "EventAddFavoriteResponse" } else { "EventRemoveFavoriteResponse" };
    publish_result(services, caller, request, plain(name, request.operation.as_str()))
}

/// `POST /ucs/responses/{id}/add-to-favorites`.
pub async fn add_favorite(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    set_favorite(&services, &caller, &request, id, true).await
}

/// `POST /ucs/responses/{id}/remove-from-favorites`.
pub async fn remove_favorite(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    set_favorite(&services, &caller, &request, id, false).await
}

/// `POST /ucs/responses/remove-all-favorites`.
pub async fn clear_favorites(
    State(services): State<Arc<Services>>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    let cleared = services.library.store.clear_favorites(caller.actor.employee.clone()).await;
    cleared.map_err(|error| broken(&request.operation, &error))?;
    publish_result(
        &services,
        &caller,
        &request,
        plain("EventRemoveAllFavoriteResponses", request.operation.as_str()),
    )
}

/// `GET /ucs/responses/{id}/attachments/{document}`: the bytes, as a download that a browser does not display.
pub async fn attachment(
    State(services): State<Arc<Services>>,
    Path((id, document)): Path<(String, String)>,
    _caller: Caller,
) -> Result<Response, ApiReply> {
    let request = RequestBody::parse(b"")?;
    let library = library(&services, &request).await?;
    let found = file(valid(&library, &id, &request)?, &document, &request)?;
    let bytes = services.library.store.document(found.document.clone()).await;
    let bytes = bytes.map_err(|error| broken(&request.operation, &error))?;
    let bytes = bytes.ok_or_else(|| ApiReply::not_found("the file is gone"))?;
    let kind = [(CONTENT_TYPE, "application/octet-stream"), (CONTENT_DISPOSITION, "attachment")];
    Ok((kind, bytes).into_response())
}

fn file<'a>(
    response: &'a StandardResponse,
    document: &str,
    request: &RequestBody,
) -> Result<&'a FileInfo, ApiReply> {
    let found = response.files.iter().find(|file| file.document == document);
    found.ok_or_else(|| {
        ApiReply::not_found("this standard response has no such file, or not any more").to(&request.operation)
    })
}

/// `POST /media/{mediatype}/interactions/{id}/upload-file`: sends a file of a response to the customer as a
/// separate message.
pub async fn upload_file(
    State(services): State<Arc<Services>>,
    Path((media, id)): Path<(String, String)>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    require_known(&media).map_err(|reply| reply.to(&request.operation))?;
    let text = |name: &str| request.data.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let (Some(document), Some(response)) = (text("documentId"), text("standardResponseId")) else {
        let sentence = "data.documentId and data.standardResponseId are needed: which file of which response";
        return Err(ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence));
    };
    let library = library(&services, &request).await?;
    let found = file(valid(&library, response, &request)?, document, &request)?.clone();
    let command = Command::Send { id: id.into(), what: Outgoing::File(found), visibility: Visibility::All };
    let operation = Some(request.operation.clone());
    let done = services.writer.act(caller.actor, operation, command).await;
    done.map_err(|refusal| ApiReply::refused(Some(&request.operation), &refusal))?;
    Ok(ApiReply::accepted(&request.operation))
}

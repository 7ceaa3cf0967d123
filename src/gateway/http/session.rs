//! The workspace session: beginning, reading and ending it.

use super::reading;
use crate::domain::interaction::MEDIA_TYPE;
use crate::gateway::auth::Caller;
use crate::gateway::reply::{ApiReply, ApiResult, RequestBody};
use crate::gateway::services::Services;
use crate::gateway::writer::api::{Command, Refusal};
use crate::proto::SESSION_COOKIE;
use crate::proto::media::MediaDto;
use crate::proto::session::ActiveSessionDto;
use axum::Extension;
use axum::extract::{FromRequest as _, Path, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// A query's value by name.
pub fn query(raw: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// `POST /initialize-workspace`: exchanges a token for a workspace session with a cookie. The result is sent
/// when a client subscribes to the initialization channel.
pub async fn initialize(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, ApiReply> {
    let Some(caller) = services.auth.bearer(request.headers()) else {
        if query(raw.as_deref(), "code").is_some() {
            return Err(ApiReply::failure(
                StatusCode::NOT_IMPLEMENTED,
                None,
                "this gateway has no sign-in page, so it knows no codes: send Authorization: Bearer with a \
                 token from /auth/v3/oauth/token",
            ));
        }
        return Err(ApiReply::failure(
            StatusCode::UNAUTHORIZED,
            None,
            "the access token is missing or its time is over: get one from /auth/v3/oauth/token",
        ));
    };
    let operation = RequestBody::from_request(request, &services).await?.operation;
    let value = services.auth.begin(&caller.actor.employee).map_err(|error| {
        ApiReply::failure(StatusCode::INTERNAL_SERVER_ERROR, Some(&operation), error.to_string())
    })?;
    // Without `Secure`, because clients do not send such a cookie over plain HTTP.
    let cookie = format!("{SESSION_COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict");
    Ok(([(SET_COOKIE, cookie)], ApiReply::accepted(&operation)).into_response())
}

/// `POST /activate-channels`: signs the agent in on WhatsApp sessions. Without a list it activates all channels.
pub async fn activate(
    State(services): State<Arc<Services>>,
    caller: Caller,
    request: RequestBody,
) -> ApiResult {
    if let Some(Json::Array(channels)) = request.data.get("channels") {
        let name =
            |channel: &Json| channel.as_str().or_else(|| channel.get("name")?.as_str()).map(str::to_owned);
        let ours = channels.iter().filter_map(name).any(|name| super::media::is_known(&name));
        if !ours && !channels.is_empty() {
            let sentence = format!("none of these channels is here: this gateway has {MEDIA_TYPE}");
            return Err(ApiReply::failure(StatusCode::BAD_REQUEST, Some(&request.operation), sentence));
        }
    }
    services
        .writer
        .act(caller.actor, Some(request.operation.clone()), Command::Activate)
        .await
        .map_err(|refusal| ApiReply::refused(Some(&request.operation), &refusal))?;
    Ok(ApiReply::done(Some(&request.operation), Json::Null))
}

/// `GET /current-session`: the caller, their channel and their open sessions. Clients rebuild their state from it.
pub async fn current(State(services): State<Arc<Services>>, caller: Caller) -> ApiResult {
    let view = services.writer.session(caller.actor.employee.clone()).await;
    let view = view.map_err(|refusal| ApiReply::refused(None, &refusal))?;
    let mut channel = view.channel;
    if channel.name.is_empty() {
        MEDIA_TYPE.clone_into(&mut channel.name);
    }
    channel.interactions =
        view.interactions.iter().filter_map(|dto| serde_json::to_value(dto).ok()).collect();
    let mut session = services.directory.session(&caller.actor.employee);
    if !caller.actor.role.handles_sessions() {
        session.monitored = Some(view.monitored.iter().map(|agent| agent.as_str().to_owned()).collect());
    }
    if let Some(user) = &mut session.user {
        user.active_session = Some(ActiveSessionDto {
            current_place: user.default_place.clone(),
            media: MediaDto { channels: vec![channel] },
        });
    }
    let mut data = serde_json::to_value(session).unwrap_or_default();
    if let Json::Object(map) = &mut data {
        map.insert("pending-login-async".to_owned(), json!({"state": "Complete", "errors": []}));
    }
    Ok(ApiReply::done(None, data))
}

/// `GET /configuration?types=`.
pub async fn configuration(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    caller: Caller,
) -> ApiResult {
    let configuration = services.directory.configuration(&caller.actor.employee);
    let Ok(Json::Object(all)) = serde_json::to_value(configuration) else {
        return Err(ApiReply::failure(
            StatusCode::INTERNAL_SERVER_ERROR,
            None,
            "the configuration is not JSON",
        ));
    };
    let Some(types) = query(raw.as_deref(), "types").filter(|types| !types.is_empty()) else {
        return Ok(ApiReply::done(None, Json::Object(all)));
    };
    let wanted: Vec<&str> = types.split(',').map(str::trim).collect();
    // The person's settings belong to the type `settings`.
    let type_of = |name: &str| if name == "wa.userProperties" { "settings" } else { name }.to_owned();
    let some: Map<String, Json> =
        all.into_iter().filter(|(name, _)| wanted.contains(&type_of(name).as_str())).collect();
    Ok(ApiReply::done(None, Json::Object(some)))
}

/// `GET /configuration/business-attribute/{id}`, by number or name.
pub async fn business_attribute(
    State(services): State<Arc<Services>>,
    Path(id): Path<String>,
    _caller: Caller,
) -> ApiResult {
    let mut all = services.directory.business_attributes().into_iter();
    match all.find(|attribute| attribute.id.to_string() == id || attribute.name == id) {
        Some(attribute) => Ok(ApiReply::done(None, serde_json::to_value(attribute).unwrap_or_default())),
        None => Err(ApiReply::not_found(format!("there is no business attribute {id}"))),
    }
}

/// `POST /logout`: ends the workspace session, and signs the agent out if they have no other client. It
/// succeeds without a session, too.
pub async fn logout(
    State(services): State<Arc<Services>>,
    caller: Option<Extension<Caller>>,
    request: RequestBody,
) -> ApiResult {
    if let Some(Extension(caller)) = caller {
        end(&services, caller, &request).await?;
    }
    Ok(ApiReply::done(Some(&request.operation), Json::Null))
}

async fn end(services: &Services, caller: Caller, request: &RequestBody) -> Result<(), ApiReply> {
    let (operation, command) = (&request.operation, Command::SignOut);
    // Before the clients are removed, because they know what was sent.
    let reading = reading::of(services, &caller, &request.data, &command);
    let others = match caller.session() {
        Some(session) => {
            services.auth.end(&session);
            services.hub.close_session(&session, &caller.actor.employee)
        }
        None => services.hub.has_clients(&caller.actor.employee),
    };
    if others {
        return Ok(());
    }
    let done = services.writer.act_having_read(caller.actor, Some(operation.clone()), command, reading).await;
    // Any other refusal means that the agent was not signed in on the channel.
    match done {
        Err(refusal @ (Refusal::Store(_) | Refusal::Stopping)) => {
            Err(ApiReply::refused(Some(operation), &refusal))
        }
        Err(_) | Ok(()) => Ok(()),
    }
}

/// `GET /logout?redirect_uri=`: the form for browsers. It redirects only to paths of this server.
pub async fn logout_browser(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    caller: Option<Extension<Caller>>,
) -> Result<Response, ApiReply> {
    let request = RequestBody::parse(b"")?;
    if let Some(Extension(caller)) = caller {
        end(&services, caller, &request).await?;
    }
    let target = query(raw.as_deref(), "redirect_uri")
        .filter(|to| to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']));
    Ok(match target {
        Some(target) => (StatusCode::FOUND, [(LOCATION, target)]).into_response(),
        None => ApiReply::done(Some(&request.operation), Json::Null).into_response(),
    })
}

/// `/auth-keep-alive`: does nothing; any request keeps the session alive.
pub async fn keep_alive(_caller: Caller) -> ApiReply {
    ApiReply::done(None, Json::Null)
}

/// `GET /info`.
pub async fn info() -> axum::Json<Json> {
    axum::Json(json!({"name": "deskline", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /doc`.
pub async fn doc() -> &'static str {
    "The Workspace API v3 for WhatsApp sessions. What this gateway adds to it is in docs/protocol.md.\n"
}

//! The gateway's HTTP side.
//!
//! Owns: the routes, who may use them ([`permission`]), and how requests and replies are written.
//! Must not: decide anything about sessions or agents; the writer does.
//! Invariants: every reply of the API is an envelope, errors included; every request has a time limit; a panic in one
//! request affects no other.

pub mod admin;
pub mod permission;
pub mod responses;
pub mod session;
pub mod webhook;

mod additions;
mod audit;
mod channels;
mod contacts;
mod favourites;
mod media;
mod oauth;
mod operation;
mod reading;
mod targets;
mod ucs;
mod watch;
mod workbins;

use crate::gateway::bayeux;
use crate::gateway::reply::ApiReply;
use crate::gateway::services::Services;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::timeout;

/// The routes of the public listener.
pub fn router(services: &Arc<Services>) -> Router {
    Router::new()
        .merge(workspace())
        .merge(auth())
        .route("/webhooks/whatsapp", get(webhook::verify).post(webhook::receive))
        .route_layer(from_fn_with_state(Arc::clone(services), permission::check))
        .fallback(async || ApiReply::not_found("there is nothing at this address"))
        .layer(from_fn_with_state(Arc::clone(services), guard))
        .with_state(Arc::clone(services))
}

fn workspace() -> Router<Arc<Services>> {
    let api = Router::new()
        .route("/initialize-workspace", post(session::initialize))
        .route("/activate-channels", post(session::activate))
        .route("/current-session", get(session::current))
        .route("/configuration", get(session::configuration))
        .route("/configuration/business-attribute/{id}", get(session::business_attribute))
        .route("/logout", post(session::logout).get(session::logout_browser))
        .route("/auth-keep-alive", get(session::keep_alive).post(session::keep_alive))
        .route("/info", get(session::info))
        .route("/doc", get(session::doc))
        .route("/media/{op}", post(media::all))
        .route("/media/{media}/{op}", post(media::channel))
        .route("/media/{media}/interactions/{id}/messages", get(media::messages))
        .route("/media/{media}/interactions/{id}/upload-file", post(responses::upload_file))
        .route("/media/{media}/interactions/{id}/{op}", post(media::interaction))
        .route("/targets", get(targets::search))
        .route("/targets/{kind}/{id}", get(targets::one))
        .route("/targets/personal-favorites", get(favourites::favourites))
        .route("/targets/personal-favorites/save", post(favourites::save))
        .route("/targets/personal-favorites/delete/{kind}/{id}", post(favourites::delete))
        .route("/targets/recents", get(favourites::recents))
        .route("/targets/recents/add", post(favourites::add_recent))
        .route("/targets/recents/ack-missed-calls", post(favourites::no_missed_calls))
        .route("/workbins/{op}", post(workbins::all))
        .route("/workbins/{id}/{op}", post(workbins::one))
        .route("/workbins/interactions/{id}/get-details", post(workbins::details))
        .route("/ucs/contacts/search", post(contacts::search))
        .route("/ucs/contacts/create", post(contacts::create))
        .route("/ucs/contacts/{id}/get-details", post(contacts::details))
        .route("/ucs/contacts/{id}/get-history", post(ucs::history))
        .route("/ucs/contacts/{id}/{op}", post(contacts::change))
        .route("/ucs/interactions/{id}/assign-contact", post(contacts::assign))
        .route("/ucs/interactions/{id}/identify-contact", post(contacts::identify))
        .route("/ucs/responses/categories/get-root", post(responses::root))
        .route("/ucs/responses/categories/{id}/get-details", post(responses::category))
        .route("/ucs/responses/search", post(responses::search))
        .route("/ucs/responses/get-favorites", post(responses::favorites))
        .route("/ucs/responses/remove-all-favorites", post(responses::clear_favorites))
        .route("/ucs/responses/{id}/get-details", post(responses::details))
        .route("/ucs/responses/{id}/render-field-codes", post(responses::rendered))
        .route("/ucs/responses/{id}/report-usage", post(responses::report))
        .route("/ucs/responses/{id}/add-to-favorites", post(responses::add_favorite))
        .route("/ucs/responses/{id}/remove-from-favorites", post(responses::remove_favorite))
        .route("/ucs/responses/{id}/attachments/{document}", get(responses::attachment))
        .route("/deskline/why/{id}", get(additions::why))
        .route("/deskline/board", get(additions::board))
        .route("/deskline/audit", get(audit::read))
        .route("/deskline/feed", get(watch::feed))
        .route("/deskline/live", get(watch::live))
        .route("/deskline/templates", get(channels::list))
        .route("/deskline/start-session", post(channels::start))
        .route("/deskline/interactions/{id}/send-template", post(channels::send))
        .route("/deskline/interactions/{id}/note-contact", post(channels::note))
        .route("/deskline/interactions/{id}/reopen", post(additions::reopen));
    let events = get(bayeux::upgrade).post(bayeux::poll);
    Router::new()
        .nest("/workspace/v3", api)
        .route("/workspace/v3/notifications", events.clone())
        .route("/workspace/v3/notifications/", events.clone())
        .route("/workspace/v3/notifications/{kind}", events)
}

fn auth() -> Router<Arc<Services>> {
    Router::new()
        .route("/auth/v3/oauth/token", post(oauth::token))
        .route("/auth/v3/userinfo", get(oauth::user_info))
        .route("/auth/v3/openid/userinfo", get(oauth::open_id))
        .route("/auth/v3/ping", get(oauth::ping))
        .route("/auth/v3/sign-out", post(oauth::sign_out).get(oauth::sign_out))
}

/// Wraps every request: adds a time limit, catches panics, and puts every failure into an envelope.
async fn guard(State(services): State<Arc<Services>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_poll = path.starts_with("/workspace/v3/notifications");
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = if is_poll { Ok(answer.await) } else { timeout(services.request_timeout, answer).await };
    let response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(path, "a request ended in a panic");
            let sentence = "something went wrong inside the gateway: look before you repeat this";
            return ApiReply::failure(StatusCode::INTERNAL_SERVER_ERROR, None, sentence).into_response();
        }
        Err(_) => {
            let sentence = format!(
                "the gateway could not answer within {} s: look whether it was done before you repeat it",
                services.request_timeout.as_secs()
            );
            return ApiReply::failure(StatusCode::GATEWAY_TIMEOUT, None, sentence).into_response();
        }
    };
    enveloped(response)
}

/// Puts failures that axum made itself into an envelope.
fn enveloped(response: Response) -> Response {
    let status = response.status();
    let written = response.headers().contains_key(CONTENT_TYPE)
        && response.headers().get(CONTENT_TYPE)
            != Some(&HeaderValue::from_static("text/plain; charset=utf-8"));
    if written || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let sentence = match status {
        StatusCode::METHOD_NOT_ALLOWED => "this address does not take that method",
        StatusCode::PAYLOAD_TOO_LARGE => "the request's body is too long",
        StatusCode::NOT_FOUND => "there is nothing at this address",
        _ => "the request could not be read",
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    let mut reply = ApiReply::failure(status, None, sentence).into_response();
    // Headers such as `Allow` stay.
    for (name, value) in &parts.headers {
        reply.headers_mut().insert(name, value.clone());
    }
    reply
}

//! The Authentication API, as far as a desk needs it.

use crate::gateway::accept::Peer;
use crate::gateway::auth::{Caller, SignInRefusal};
use crate::gateway::reply::{ApiReply, read_body};
use crate::gateway::services::Services;
use crate::proto::session::TokenDto;
use axum::Extension;
use axum::Json as AxumJson;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Bytes of a form.
const MOST_FORM: usize = 16 * 1024;

/// `POST /oauth/token`. The client's own name and secret are not asked for: its `Authorization` header
/// passes unread.
pub async fn token(
    State(services): State<Arc<Services>>,
    peer: Option<Extension<Peer>>,
    request: Request,
) -> Result<Response, ApiReply> {
    let body = read_body(request.into_body(), MOST_FORM, services.body_timeout).await?;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let address =
        peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |Extension(Peer(peer))| peer.ip().to_canonical());
    Ok(match field("grant_type").as_deref() {
        Some("password") => match (field("username"), field("password")) {
            (Some(user), Some(password)) => {
                let granted = services.auth.sign_in(&user, password, address).await;
                if let Some(audit) = &services.audit {
                    let outcome = if granted.is_ok() { "done" } else { "refused" };
                    let user: String = user.chars().take(80).collect();
                    audit.record(&user, None, "sign-in", None, outcome).await;
                }
                answer(granted)
            }
            _ => refused(StatusCode::BAD_REQUEST, "invalid_request", "username or password is missing"),
        },
        Some("refresh_token") => match field("refresh_token") {
            Some(refresh) => answer(services.auth.renew(&refresh)),
            None => refused(StatusCode::BAD_REQUEST, "invalid_request", "refresh_token is missing"),
        },
        Some(_) => refused(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "this gateway takes the grants password and refresh_token",
        ),
        None => refused(StatusCode::BAD_REQUEST, "invalid_request", "grant_type is missing"),
    })
}

fn answer(granted: Result<TokenDto, SignInRefusal>) -> Response {
    let error = match granted {
        Ok(token) => return ([(CACHE_CONTROL, "no-store")], AxumJson(token)).into_response(),
        Err(error) => error,
    };
    let sentence = error.to_string();
    match error {
        SignInRefusal::Wrong | SignInRefusal::Expired => {
            refused(StatusCode::BAD_REQUEST, "invalid_grant", &sentence)
        }
        SignInRefusal::Wait(wait) => {
            let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", &sentence);
            response.headers_mut().insert(RETRY_AFTER, (wait.as_secs() + 1).into());
            response
        }
        SignInRefusal::Busy => refused(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", &sentence),
        SignInRefusal::NoRandom => refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &sentence),
    }
}

/// An error in the form that OAuth prescribes; the token request has no envelope.
fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    (status, AxumJson(json!({"error": error, "error_description": description}))).into_response()
}

/// `GET /userinfo`: without an envelope, as in the Authentication API.
pub async fn user_info(State(services): State<Arc<Services>>, caller: Caller) -> AxumJson<Json> {
    let user = services.directory.user(&caller.actor.employee);
    AxumJson(json!({
        "username": user.user_name, "loginName": user.user_name, "cmeUserName": user.user_name,
        "dbid": user.dbid, "contactCenterId": "deskline", "environmentId": "deskline",
        "authorities": [user.role], "properties": {},
    }))
}

/// `GET /openid/userinfo`.
pub async fn open_id(State(services): State<Arc<Services>>, caller: Caller) -> AxumJson<Json> {
    let user = services.directory.user(&caller.actor.employee);
    AxumJson(json!({
        "sub": user.employee_id, "user_name": user.user_name, "given_name": user.first_name,
        "family_name": user.last_name, "dbid": user.dbid, "contact_center_id": "deskline",
        "environment_id": "deskline",
    }))
}

/// `GET /ping`: 200 when the caller is signed in, 403 otherwise.
pub async fn ping(caller: Option<Extension<Caller>>) -> ApiReply {
    match caller {
        Some(_) => ApiReply::done(None, Json::Null),
        None => ApiReply::failure(StatusCode::FORBIDDEN, None, "you are not signed in"),
    }
}

/// `POST` or `GET /sign-out`: ends the token. It succeeds without a token, too.
pub async fn sign_out(State(services): State<Arc<Services>>, request: Request) -> ApiReply {
    if let Some(caller) = services.auth.bearer(request.headers()) {
        services.auth.sign_out(&caller);
    }
    ApiReply::done(None, Json::Null)
}

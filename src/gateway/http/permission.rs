//! Who may use which route: one table for all routes.
//!
//! Reading requires a signed-in person, writing requires an agent. The table lists the exceptions, so a route that is
//! missing in it is closed, not open.

use super::audit;
use crate::domain::role::Role;
use crate::domain::{EmployeeId, InteractionId};
use crate::gateway::auth::Caller;
use crate::gateway::reply::ApiReply;
use crate::gateway::services::Services;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Everybody, or the handler checks.
    Nothing,
    /// Any person who is signed in.
    Person,
    /// An agent, who handles sessions.
    Agent,
    /// An agent, or a supervisor or administrator in a session that they monitor.
    Party,
    /// A supervisor or an administrator.
    Overseer,
    /// An administrator.
    Administrator,
}

/// The exceptions.
const TABLE: &[(&str, Requirement)] = &[
    ("/auth/v3/oauth/token", Requirement::Nothing),
    ("/auth/v3/ping", Requirement::Nothing),
    ("/auth/v3/sign-out", Requirement::Nothing),
    ("/webhooks/whatsapp", Requirement::Nothing),
    ("/workspace/v3/info", Requirement::Nothing),
    ("/workspace/v3/doc", Requirement::Nothing),
    ("/workspace/v3/initialize-workspace", Requirement::Nothing),
    ("/workspace/v3/logout", Requirement::Nothing),
    ("/workspace/v3/notifications", Requirement::Nothing),
    ("/workspace/v3/notifications/", Requirement::Nothing),
    ("/workspace/v3/notifications/{kind}", Requirement::Nothing),
    ("/workspace/v3/auth-keep-alive", Requirement::Person),
    // The requests below only read, although they are POST.
    ("/workspace/v3/ucs/contacts/{id}/get-history", Requirement::Person),
    ("/workspace/v3/deskline/audit", Requirement::Administrator),
    ("/workspace/v3/ucs/contacts/{id}/get-details", Requirement::Person),
    ("/workspace/v3/ucs/contacts/search", Requirement::Person),
    ("/workspace/v3/ucs/responses/categories/get-root", Requirement::Person),
    ("/workspace/v3/ucs/responses/categories/{id}/get-details", Requirement::Person),
    ("/workspace/v3/ucs/responses/{id}/get-details", Requirement::Person),
    ("/workspace/v3/ucs/responses/search", Requirement::Person),
    ("/workspace/v3/ucs/responses/get-favorites", Requirement::Person),
    ("/workspace/v3/deskline/board", Requirement::Overseer),
    ("/workspace/v3/deskline/feed", Requirement::Overseer),
    ("/workspace/v3/deskline/live", Requirement::Overseer),
];

/// The route of an operation on a channel.
const CHANNEL: &str = "/workspace/v3/media/{media}/{op}";
/// The route of an operation on a session.
const SESSION: &str = "/workspace/v3/media/{media}/interactions/{id}/{op}";

/// What a supervisor may do in a session that they monitor silently.
const MONITORING: [&str; 3] = ["accept", "leave", "switch-to-monitor"];
/// What a supervisor with a privilege may do there too. The writer checks the privilege.
const PRIVILEGED: [&str; 6] = [
    "switch-to-coach",
    "switch-to-barge-in",
    "send-message",
    "send-url",
    "send-typing-started",
    "send-typing-stopped",
];

/// Who may use a route, given by its pattern and the last segment of the path.
pub fn requirement(method: &Method, route: &str, op: &str) -> Requirement {
    match route {
        CHANNEL if matches!(op, "start-monitoring" | "stop-monitoring") => return Requirement::Overseer,
        SESSION if MONITORING.contains(&op) || PRIVILEGED.contains(&op) => return Requirement::Party,
        _ => {}
    }
    if let Some((_, required)) = TABLE.iter().find(|(known, _)| *known == route) {
        return *required;
    }
    if *method == Method::GET || *method == Method::HEAD { Requirement::Person } else { Requirement::Agent }
}

/// Whether a supervisor may do the request's operation on its session: they monitor it, and have a privilege if one is
/// required.
async fn is_permitted_party(services: &Services, overseer: &EmployeeId, path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (op, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let person = services.directory.agent(overseer);
    let privileged = person.is_some_and(|person| !person.privileges.is_empty());
    if !privileged && !MONITORING.contains(&op) {
        return false;
    }
    services.is_monitoring(overseer, &id.into()).await
}

/// Identifies the caller, refuses the request if they may not make it, and records it in the audit.
pub async fn check(State(services): State<Arc<Services>>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let op = request.uri().path().rsplit('/').next().unwrap_or_default();
    let required = requirement(request.method(), route, op);
    let current_session = route == "/workspace/v3/current-session";
    let caller = services.auth.caller(request.headers());
    let who = caller.as_ref().map(|caller| caller.actor.clone());
    let role = who.as_ref().map(|actor| actor.role);
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    let overseer = who.as_ref().filter(|actor| !actor.role.handles_sessions());
    let required = if let (Requirement::Party, Some(actor)) = (required, overseer)
        && !is_permitted_party(&services, &actor.employee, request.uri().path()).await
    {
        Requirement::Agent
    } else {
        required
    };
    let refused = match (required, role) {
        (Requirement::Nothing, _)
        | (Requirement::Person | Requirement::Party, Some(_))
        | (Requirement::Agent, Some(Role::Agent))
        | (Requirement::Overseer, Some(Role::Supervisor | Role::Administrator))
        | (Requirement::Administrator, Some(Role::Administrator)) => None,
        // Workspace: reading the session too early is forbidden, not unauthorised.
        (_, None) if current_session => Some((
            StatusCode::FORBIDDEN,
            "there is no session yet: call initialize-workspace with an access token first",
        )),
        (_, None) => Some((
            StatusCode::UNAUTHORIZED,
            "you are not signed in, or your session is over: sign in and call initialize-workspace",
        )),
        (Requirement::Agent, Some(_)) => Some((
            StatusCode::FORBIDDEN,
            "your role may look and not act: nothing was done; sign in as an agent to handle sessions",
        )),
        (Requirement::Overseer, Some(_)) => {
            Some((StatusCode::FORBIDDEN, "only a supervisor or an administrator may see this"))
        }
        (Requirement::Administrator, Some(_)) => {
            Some((StatusCode::FORBIDDEN, "only an administrator may see this"))
        }
    };
    let path = request.uri().path();
    let (action, read) = (audit::action(request.method(), path), audit::reads(request.method(), path));
    let response = match refused {
        Some((status, sentence)) => ApiReply::failure(status, None, sentence).into_response(),
        None => next.run(request).await,
    };
    if let (Some(actor), Some((act, about))) = (&who, &action) {
        let (who, session) = (actor.employee.as_str(), about.as_ref().map(InteractionId::as_str));
        tracing::info!(who, act, session, status = response.status().as_u16(), "request");
    }
    let Some(actor) = who else { return response };
    let status = response.status();
    if let (Some(audit), Some((action, about))) = (&services.audit, action) {
        let outcome = if status.is_success() { "done".to_owned() } else { status.as_u16().to_string() };
        audit.record(actor.employee.as_str(), Some(actor.role), &action, about, &outcome).await;
    }
    if let Some(id) = read.filter(|_| status.is_success() && !actor.role.handles_sessions()) {
        services.record_views(&actor, [id]).await;
    }
    response
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiReply;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiReply> {
        let missing = || ApiReply::failure(StatusCode::UNAUTHORIZED, None, "you are not signed in");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_is_not_in_the_table_is_closed() {
        assert_eq!(requirement(&Method::POST, "/workspace/v3/new", "new"), Requirement::Agent);
        assert_eq!(requirement(&Method::DELETE, "/workspace/v3/new", "new"), Requirement::Agent);
        assert_eq!(requirement(&Method::GET, "/workspace/v3/new", "new"), Requirement::Person);
        assert_eq!(
            requirement(&Method::POST, "/workspace/v3/new", "leave"),
            Requirement::Agent,
            "only in a session"
        );
        assert_eq!(requirement(&Method::POST, SESSION, "new"), Requirement::Agent);
    }
}

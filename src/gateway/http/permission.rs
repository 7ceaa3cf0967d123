//! Who may ask for what: one table for all routes.
//!
//! The rule is: to read one must be signed in, to write one must be an agent. The table lists what
//! differs. So a route that is forgotten here is closed, not open.

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

/// What a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing, or the handler looks itself.
    Nothing,
    /// Somebody.
    Person,
    /// An agent: whoever may be given sessions and write in them.
    Agent,
    /// An agent, or a supervisor or administrator in a session that they monitor.
    Party,
    /// A supervisor or an administrator.
    Overseer,
    /// An administrator.
    Administrator,
}

/// Routes that differ from the rule.
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
    // Reads, though it is asked by POST.
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

/// The route of what is done with a channel; the operation stands last.
const CHANNEL: &str = "/workspace/v3/media/{media}/{op}";
/// The route of what is done in a session; the operation stands last.
const SESSION: &str = "/workspace/v3/media/{media}/interactions/{id}/{op}";

/// What who oversees may do in a session that they monitor silently.
const WATCHING: [&str; 3] = ["accept", "leave", "switch-to-monitor"];
/// What they may do there besides, with a privilege. The writer decides which one it takes.
const ADVISING: [&str; 6] = [
    "switch-to-coach",
    "switch-to-barge-in",
    "send-message",
    "send-url",
    "send-typing-started",
    "send-typing-stopped",
];

/// What a route takes, by its pattern and by the last part of the address.
pub fn need(method: &Method, route: &str, op: &str) -> Requirement {
    match route {
        CHANNEL if matches!(op, "start-monitoring" | "stop-monitoring") => return Requirement::Overseer,
        SESSION if WATCHING.contains(&op) || ADVISING.contains(&op) => return Requirement::Party,
        _ => {}
    }
    if let Some((_, need)) = TABLE.iter().find(|(known, _)| *known == route) {
        return *need;
    }
    if *method == Method::GET || *method == Method::HEAD { Requirement::Person } else { Requirement::Agent }
}

/// Whether somebody who oversees may do that to that session: they are in it, and have a privilege where it takes one.
async fn takes_part(services: &Services, overseer: &EmployeeId, path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (op, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let person = services.directory.agent(overseer);
    let privileged = person.is_some_and(|person| !person.privileges.is_empty());
    if !privileged && !WATCHING.contains(&op) {
        return false;
    }
    services.is_monitoring(overseer, id).await
}

/// Finds out who asks, and refuses who may not.
pub async fn check(State(services): State<Arc<Services>>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let op = request.uri().path().rsplit('/').next().unwrap_or_default();
    let need = need(request.method(), route, op);
    let current_session = route == "/workspace/v3/current-session";
    let caller = services.auth.caller(request.headers());
    let who = caller.as_ref().map(|caller| caller.actor.clone());
    let role = who.as_ref().map(|actor| actor.role);
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    let overseer = who.as_ref().filter(|actor| !actor.role.handles_sessions());
    let need = if let (Requirement::Party, Some(actor)) = (need, overseer)
        && !takes_part(&services, &actor.employee, request.uri().path()).await
    {
        Requirement::Agent
    } else {
        need
    };
    let refused = match (need, role) {
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
    let (act, look) = (audit::act(request.method(), path), audit::reads(request.method(), path));
    let response = match refused {
        Some((status, sentence)) => ApiReply::failure(status, None, sentence).into_response(),
        None => next.run(request).await,
    };
    if let (Some(actor), Some((act, about))) = (&who, &act) {
        let (who, session) = (actor.employee.as_str(), about.as_ref().map(InteractionId::as_str));
        tracing::info!(who, act, session, status = response.status().as_u16(), "asked");
    }
    let Some(actor) = who else { return response };
    let status = response.status();
    if let (Some(audit), Some((act, about))) = (&services.audit, act) {
        let outcome = if status.is_success() { "done".to_owned() } else { status.as_u16().to_string() };
        audit.record(actor.employee.as_str(), Some(actor.role), &act, about, &outcome).await;
    }
    if let Some(id) = look.filter(|_| status.is_success() && !actor.role.handles_sessions()) {
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
    fn a_route_nobody_thought_of_is_closed() {
        assert_eq!(need(&Method::POST, "/workspace/v3/new", "new"), Requirement::Agent);
        assert_eq!(need(&Method::DELETE, "/workspace/v3/new", "new"), Requirement::Agent);
        assert_eq!(need(&Method::GET, "/workspace/v3/new", "new"), Requirement::Person);
        assert_eq!(
            need(&Method::POST, "/workspace/v3/new", "leave"),
            Requirement::Agent,
            "only in a session"
        );
        assert_eq!(need(&Method::POST, SESSION, "new"), Requirement::Agent);
    }
}

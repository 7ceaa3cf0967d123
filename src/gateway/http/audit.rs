//! Which requests are recorded in the audit, and reading the audit as an administrator.

use crate::domain::{InteractionId, Millis};
use crate::gateway::auth::Caller;
use crate::gateway::reply::{ApiReply, ApiResult};
use crate::gateway::services::Services;
use crate::proto::time;
use axum::extract::{Query, State};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Rows of one page at most.
const PAGE: u32 = 1000;

/// The name of a request in the audit, and its session. `None` for requests that only read, and for typing, which is not
/// recorded anywhere.
pub(super) fn action(method: &Method, path: &str) -> Option<(String, Option<InteractionId>)> {
    if *method == Method::GET || *method == Method::HEAD {
        return None;
    }
    let path = path.strip_prefix("/workspace/v3/")?;
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let session =
        segments.iter().position(|segment| *segment == "interactions").and_then(|at| segments.get(at + 1));
    let last = *segments.last()?;
    if last.starts_with("send-typing") || segments.first() == Some(&"notifications") {
        return None;
    }
    // A client chooses the path, so it is cut.
    let action: String = match session {
        Some(_) => last.to_owned(),
        None => segments.join("/"),
    };
    Some((action.chars().take(80).collect(), session.map(|id| InteractionId::from(*id))))
}

/// The session whose transcript a request reads.
pub(super) fn reads(method: &Method, path: &str) -> Option<InteractionId> {
    let path = path.strip_prefix("/workspace/v3/media/").filter(|_| *method == Method::GET)?;
    let mut segments = path.split('/').skip(1);
    let (kind, id, what) = (segments.next()?, segments.next()?, segments.next()?);
    (kind == "interactions" && what == "messages").then(|| id.into())
}

/// The parameters of a request for the audit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only rows with a higher number.
    #[serde(default)]
    after: u64,
    /// Only rows that are not older, in ISO 8601.
    since: Option<String>,
}

/// `GET /deskline/audit`: who did what and who read which session, for administrators.
pub async fn read(
    State(services): State<Arc<Services>>,
    Query(query): Query<AuditQuery>,
    _caller: Caller,
) -> ApiResult {
    let audit = services.audit.as_ref().ok_or_else(|| ApiReply::not_found("this gateway keeps no audit"))?;
    let since = match query.since {
        None => Millis(i64::MIN),
        Some(text) => time::parse(&Json::from(text)).ok_or_else(|| {
            ApiReply::failure(
                StatusCode::BAD_REQUEST,
                None,
                "since is no time: write it like 2026-11-22T14:02:11Z",
            )
        })?,
    };
    let rows = audit.read(query.after, since, PAGE).await.map_err(|error| {
        ApiReply::failure(StatusCode::SERVICE_UNAVAILABLE, None, format!("the audit cannot be read: {error}"))
    })?;
    let next = rows.last().map_or(query.after, |row| row.seq);
    let whole = rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
    let rows: Vec<Json> = rows
        .iter()
        .map(|row| {
            json!({"seq": row.seq, "at": row.at.to_rfc3339(), "who": row.who, "role": row.role, "act": row.act,
                "session": row.interaction, "outcome": row.outcome})
        })
        .collect();
    Ok(ApiReply::done(None, json!({"rows": rows, "next": next, "whole": whole})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_named_by_their_operation_and_session() {
        let of = |path: &str| {
            action(&Method::POST, path).map(|(action, id)| (action, id.map(|id| id.to_string())))
        };
        let id = || Some("s1".to_owned());
        assert_eq!(
            of("/workspace/v3/media/whatsappsession/interactions/s1/send-message"),
            Some(("send-message".into(), id()))
        );
        assert_eq!(
            of("/workspace/v3/media/whatsappsession/ready"),
            Some(("media/whatsappsession/ready".into(), None))
        );
        assert_eq!(of("/workspace/v3/media/whatsappsession/interactions/s1/send-typing-started"), None);
        assert_eq!(of("/workspace/v3/notifications/connect"), None);
        assert_eq!(action(&Method::GET, "/workspace/v3/targets"), None);
    }

    #[test]
    fn only_reading_a_log_is_a_look() {
        let path = "/workspace/v3/media/whatsappsession/interactions/s1/messages";
        assert_eq!(reads(&Method::GET, path), Some("s1".into()));
        assert_eq!(reads(&Method::POST, path), None);
        assert_eq!(reads(&Method::GET, "/workspace/v3/media/whatsappsession/interactions/s1/x"), None);
        assert_eq!(reads(&Method::GET, "/workspace/v3/current-session"), None);
    }
}

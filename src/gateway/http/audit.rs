//! What of the requests goes into the audit, and the audit for who administers.

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

/// What a request is in the audit: the operation and the session it is about. `None` for what is only read, and for
/// typing, which leaves no trace anywhere.
pub(super) fn act(method: &Method, path: &str) -> Option<(String, Option<InteractionId>)> {
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
    // What stands in the place of a name is nobody's secret; a name itself is a stranger's and stays short.
    let act: String = match session {
        Some(_) => last.to_owned(),
        None => segments.join("/"),
    };
    Some((act.chars().take(80).collect(), session.map(|id| InteractionId::from(*id))))
}

/// The session whose log a request reads.
pub(super) fn reads(method: &Method, path: &str) -> Option<InteractionId> {
    let path = path.strip_prefix("/workspace/v3/media/").filter(|_| *method == Method::GET)?;
    let mut segments = path.split('/').skip(1);
    let (kind, id, what) = (segments.next()?, segments.next()?, segments.next()?);
    (kind == "interactions" && what == "messages").then(|| id.into())
}

/// What is asked of the audit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// After which number.
    #[serde(default)]
    after: u64,
    /// From when on, ISO-8601.
    since: Option<String>,
}

/// `GET /deskline/audit`: who did what and who saw what, for an administrator.
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
        let of = |path: &str| act(&Method::POST, path).map(|(act, id)| (act, id.map(|id| id.to_string())));
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
        assert_eq!(act(&Method::GET, "/workspace/v3/targets"), None);
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

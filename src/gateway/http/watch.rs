//! The feed and the live view for supervisors: additions of this gateway.
//!
//! Reading here changes nothing for the customer: no message is marked as read, and nobody joins.

use crate::gateway::auth::Caller;
use crate::gateway::feed::{Feed, PAGE};
use crate::gateway::masking;
use crate::gateway::reply::{ApiReply, ApiResult};
use crate::gateway::services::Services;
use crate::proto::time;
use crate::proto::watch::{EVENTS, Filter, is_event};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded;

/// The longest wait of one request, in seconds.
const LONGEST: u64 = 25;

/// The parameters of a request.
#[derive(Default)]
struct FeedQuery {
    after: Option<u64>,
    since: Option<crate::domain::Millis>,
    limit: Option<usize>,
    wait: u64,
    filter: Filter,
}

/// `GET /deskline/feed`: the entries after a number or since a time.
pub async fn feed(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    caller: Caller,
) -> ApiResult {
    let feed = feed_of(&services)?;
    let query = parse_query(raw.as_deref().unwrap_or_default())?;
    let failed = |error| {
        ApiReply::failure(StatusCode::SERVICE_UNAVAILABLE, None, format!("the log cannot be read: {error}"))
    };
    let after = match (query.after, query.since) {
        (Some(after), _) => after,
        (None, Some(since)) => feed.seq_at(since).await.map_err(failed)?,
        (None, None) => feed.head(),
    };
    let me = &caller.actor.employee;
    let wait = Duration::from_secs(query.wait);
    let mut page =
        feed.feed(me, &query.filter, after, query.limit.unwrap_or(PAGE), wait).await.map_err(failed)?;
    let messages = page.entries.iter().filter(|entry| entry.event == "message");
    let sessions: BTreeSet<_> = messages.filter_map(|entry| entry.session.clone()).collect();
    services.record_views(&caller.actor, sessions).await;
    page.entries.iter_mut().for_each(|entry| masking::mask_entry(&services.mask, entry));
    done(&page)
}

/// `GET /deskline/live`: all open sessions, agents and queues, or what changed after a number.
pub async fn live(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    caller: Caller,
) -> ApiResult {
    let feed = feed_of(&services)?;
    let query = parse_query(raw.as_deref().unwrap_or_default())?;
    let wait = Duration::from_secs(query.wait);
    let page = feed.live(&caller.actor.employee, query.after, wait).await;
    let mut page = page.map_err(|refusal| ApiReply::refused(None, &refusal))?;
    page.sessions.iter_mut().for_each(|session| masking::mask_session(&services.mask, session));
    done(&page)
}

fn feed_of(services: &Services) -> Result<&Feed, ApiReply> {
    services.feed.as_ref().ok_or_else(|| ApiReply::not_found("this gateway keeps no feed"))
}

fn done(page: &impl Serialize) -> ApiResult {
    let data = serde_json::to_value(page).unwrap_or(Json::Null);
    Ok(ApiReply::done(None, data))
}

fn parse_query(raw: &str) -> Result<FeedQuery, ApiReply> {
    let mut query = FeedQuery::default();
    let bad = |name: &str, valid: &str| {
        ApiReply::failure(StatusCode::BAD_REQUEST, None, format!("{name} is not valid: it takes {valid}"))
    };
    for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
        let filter = &mut query.filter;
        match name.as_ref() {
            "after" => query.after = Some(value.parse().map_err(|_| bad("after", "a number of the feed"))?),
            "since" => {
                let at = time::parse(&Json::from(value.as_ref()));
                query.since = Some(at.ok_or_else(|| bad("since", "a time like 2026-11-22T14:02:11Z"))?);
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=PAGE).contains(limit));
                query.limit = Some(limit.ok_or_else(|| bad("limit", "a whole number from 1 to 500"))?);
            }
            "wait" => {
                let wait: u64 =
                    value.parse().map_err(|_| bad("wait", "a whole number of seconds from 0 to 25"))?;
                query.wait = wait.min(LONGEST);
            }
            "agent" => filter.agents.push(value.into_owned()),
            "group" => filter.groups.push(value.into_owned()),
            "queue" => filter.queues.push(value.into_owned()),
            "contact" => filter.contacts.push(value.into_owned()),
            "session" => filter.sessions.push(value.into_owned()),
            "event" if EVENTS.iter().any(|(event, _)| is_event(event, &value)) => {
                filter.events.push(value.into_owned())
            }
            "event" => {
                let names: Vec<&str> = EVENTS.iter().map(|(event, _)| *event).collect();
                return Err(bad("event", &format!("the part before a dot, or one of {}", names.join(", "))));
            }
            other => return Err(bad(other, "nothing: there is no such parameter")),
        }
    }
    Ok(query)
}

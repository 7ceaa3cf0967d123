//! The replies to Bayeux messages, with their advice to the client.

use crate::gateway::services::Services;
use crate::proto::bayeux::{Advice, BayeuxMessage};
use std::time::Duration;

pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The fields that every reply to a message has.
fn reply(to: &BayeuxMessage) -> BayeuxMessage {
    BayeuxMessage { id: to.id.clone(), channel: to.channel.clone(), ..BayeuxMessage::default() }
}

pub(super) fn good(to: &BayeuxMessage) -> BayeuxMessage {
    BayeuxMessage { successful: Some(true), ..reply(to) }
}

pub(super) fn bad(to: &BayeuxMessage, error: &str) -> BayeuxMessage {
    BayeuxMessage { successful: Some(false), error: Some(error.to_owned()), ..reply(to) }
}

/// The client is not known (any more): it must handshake again.
pub(super) fn unknown(to: &BayeuxMessage) -> BayeuxMessage {
    let advice = Advice { reconnect: Some("handshake".to_owned()), interval: Some(0), ..Advice::default() };
    BayeuxMessage { advice: Some(advice), ..bad(to, "402::session_unknown") }
}

/// The reply to a successful connect.
pub(super) fn connected(to: &BayeuxMessage, services: &Services) -> BayeuxMessage {
    BayeuxMessage { advice: Some(retry(services)), ..good(to) }
}

/// The reply to the connect of a client that has disconnected: it must not reconnect. (CometD.)
pub(super) fn released(to: &BayeuxMessage) -> BayeuxMessage {
    let advice = Advice { reconnect: Some("none".to_owned()), ..Advice::default() };
    BayeuxMessage { advice: Some(advice), ..good(to) }
}

pub(super) fn retry(services: &Services) -> Advice {
    Advice {
        reconnect: Some("retry".to_owned()),
        interval: Some(0),
        timeout: Some(millis(services.poll_timeout)),
        max_interval: None,
    }
}

/// How long a connect is held: the gateway's time-out, or the client's if that is shorter.
pub(super) fn hold_time(services: &Services, message: &BayeuxMessage) -> Duration {
    let wanted = message.advice.as_ref().and_then(|advice| advice.timeout).map(Duration::from_millis);
    wanted.map_or(services.poll_timeout, |wanted| wanted.min(services.poll_timeout))
}

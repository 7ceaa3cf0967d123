//! The replies to Bayeux messages, with their advice to the client.

use crate::gateway::services::Services;
use crate::proto::bayeux::{Advice, Message};
use std::time::Duration;

pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The fields that every reply to a message has.
fn reply(to: &Message) -> Message {
    Message { id: to.id.clone(), channel: to.channel.clone(), ..Message::default() }
}

pub(super) fn good(to: &Message) -> Message {
    Message { successful: Some(true), ..reply(to) }
}

pub(super) fn bad(to: &Message, error: &str) -> Message {
    Message { successful: Some(false), error: Some(error.to_owned()), ..reply(to) }
}

/// The client is not known (any more): it must handshake again.
pub(super) fn unknown(to: &Message) -> Message {
    let advice = Advice { reconnect: Some("handshake".to_owned()), interval: Some(0), ..Advice::default() };
    Message { advice: Some(advice), ..bad(to, "402::session_unknown") }
}

/// The reply to a successful connect.
pub(super) fn connected(to: &Message, services: &Services) -> Message {
    Message { advice: Some(retry(services)), ..good(to) }
}

/// The reply to the connect of a client that has disconnected: it must not reconnect. (CometD.)
pub(super) fn released(to: &Message) -> Message {
    let advice = Advice { reconnect: Some("none".to_owned()), ..Advice::default() };
    Message { advice: Some(advice), ..good(to) }
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
pub(super) fn hold_time(services: &Services, message: &Message) -> Duration {
    let wanted = message.advice.as_ref().and_then(|advice| advice.timeout).map(Duration::from_millis);
    wanted.map_or(services.poll_timeout, |wanted| wanted.min(services.poll_timeout))
}

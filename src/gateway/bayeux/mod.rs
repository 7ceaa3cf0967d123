//! The server's side of Bayeux (CometD), which carries events to clients.
//!
//! Owns: the protocol's messages and both transports, long-polling ([`poll`]) and WebSocket
//! ([`upgrade`]).
//! Must not: keep anything between requests; that is the hub's.
//! Invariants: only `channel` decides what a message is; a client's name does nothing for anybody but
//! the person it belongs to; one connection at a time gets a client's events.

mod poll;
mod socket;

pub use poll::poll;
pub use socket::upgrade;

use crate::domain::Millis;
use crate::gateway::auth::{Caller, Credential};
use crate::gateway::hub::{ClientEvent, ClientId, Publish as _, Recipient};
use crate::gateway::services::Services;
use crate::proto::bayeux::{Advice, CONNECT, DISCONNECT, HANDSHAKE, Message, SUBSCRIBE, UNSUBSCRIBE, covers};
use crate::proto::{channel, event};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// Events in one reply or frame, at most.
const BATCH: usize = 200;
/// Messages in one request or frame, at most.
const MOST_MESSAGES: usize = 200;
/// Bytes of a channel's name.
const MOST_NAME: usize = 256;

/// Something on its way to a client.
#[derive(Debug, PartialEq)]
enum Frame {
    Reply(Box<Message>),
    Event(ClientEvent),
}

impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Reply(message) => message.serialize(serializer),
            // Not by way of a `Message`: the event is shared by many clients and stays where it is.
            Self::Event(notice) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("channel", notice.channel)?;
                map.serialize_entry("data", &*notice.data)?;
                map.end()
            }
        }
    }
}

/// The outcome of a message.
enum MessageOutcome {
    /// It is answered.
    Reply(Message),
    /// It asks for events: the transport's to answer.
    Connect(ClientId, Message),
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The reply to a message, so far neither good nor bad.
fn reply(to: &Message) -> Message {
    Message { id: to.id.clone(), channel: to.channel.clone(), ..Message::default() }
}

fn good(to: &Message) -> Message {
    Message { successful: Some(true), ..reply(to) }
}

fn bad(to: &Message, error: &str) -> Message {
    Message { successful: Some(false), error: Some(error.to_owned()), ..reply(to) }
}

/// The client is not known (any more): it must handshake again.
fn unknown(to: &Message) -> Message {
    let advice = Advice { reconnect: Some("handshake".to_owned()), interval: Some(0), ..Advice::default() };
    Message { advice: Some(advice), ..bad(to, "402::session_unknown") }
}

/// A connect that went well.
fn connected(to: &Message, services: &Services) -> Message {
    Message { advice: Some(retry(services)), ..good(to) }
}

/// The connect of a client that said goodbye: there is nothing to go on with. (CometD.)
fn released(to: &Message) -> Message {
    let advice = Advice { reconnect: Some("none".to_owned()), ..Advice::default() };
    Message { advice: Some(advice), ..good(to) }
}

fn retry(services: &Services) -> Advice {
    Advice {
        reconnect: Some("retry".to_owned()),
        interval: Some(0),
        timeout: Some(millis(services.poll_timeout)),
        max_interval: None,
    }
}

/// How long a connect is held: as the gateway says, or less if the client says so.
fn patience(services: &Services, message: &Message) -> Duration {
    let asked = message.advice.as_ref().and_then(|advice| advice.timeout).map(Duration::from_millis);
    asked.map_or(services.poll_timeout, |asked| asked.min(services.poll_timeout))
}

/// Answers a message, as far as that needs no transport. `by` is how the connection knows its person;
/// that is looked at for every message, so a session that has ended has ended here too.
async fn handle(services: &Services, by: Option<Credential>, message: Message) -> MessageOutcome {
    let caller = by.and_then(|by| services.auth.known(by));
    if message.channel.is_empty() {
        return MessageOutcome::Reply(bad(&message, "400::channel_missing"));
    }
    if !message.channel.starts_with('/') {
        return MessageOutcome::Reply(bad(&message, "405::channel_invalid"));
    }
    if message.channel == HANDSHAKE {
        return handshake(services, caller.as_ref(), &message);
    }
    let known = message.client_id.as_deref().zip(caller.as_ref());
    let Some((id, caller)) = known.filter(|(id, caller)| services.hub.knows(id, &caller.actor.employee))
    else {
        return MessageOutcome::Reply(unknown(&message));
    };
    match message.channel.as_str() {
        CONNECT => MessageOutcome::Connect(id.into(), message),
        SUBSCRIBE => MessageOutcome::Reply(subscribe(services, caller, id, &message).await),
        UNSUBSCRIBE => {
            let done = services.hub.unsubscribe(id, &message.subscriptions());
            let answer = if done { good(&message) } else { bad(&message, "403::unsubscribe_failed") };
            MessageOutcome::Reply(Message { subscription: message.subscription, ..answer })
        }
        DISCONNECT => {
            services.hub.close(id);
            MessageOutcome::Reply(good(&message))
        }
        name if name.starts_with("/meta/") => {
            let error = format!("404:{name}:unknown_meta_channel");
            MessageOutcome::Reply(bad(&message, &error))
        }
        // Events are the gateway's to make; acts go by REST.
        _ => MessageOutcome::Reply(bad(&message, "403::publish_denied")),
    }
}

fn handshake(services: &Services, caller: Option<&Caller>, message: &Message) -> MessageOutcome {
    let denied = || {
        let advice = Advice { reconnect: Some("none".to_owned()), ..Advice::default() };
        MessageOutcome::Reply(Message { advice: Some(advice), ..bad(message, "403::handshake_denied") })
    };
    let Some(caller) = caller else { return denied() };
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        return denied();
    }
    let id: ClientId = format!("{:032x}", u128::from_be_bytes(bytes)).into();
    if !services.hub.open(ClientId::clone(&id), &caller.actor.employee, caller.session()) {
        tracing::warn!(employee = %caller.actor.employee, "somebody has too many clients connected");
        return denied();
    }
    let mut kinds = vec!["long-polling".to_owned()];
    if services.directory.gateway().websocket {
        kinds.insert(0, "websocket".to_owned());
    }
    let advice = Advice { max_interval: Some(millis(services.hub.limits().max_interval)), ..retry(services) };
    let answer = Message {
        client_id: Some(id.to_string()),
        version: Some("1.0".to_owned()),
        minimum_version: Some("1.0".to_owned()),
        supported_connection_types: Some(kinds),
        advice: Some(advice),
        ..good(message)
    };
    MessageOutcome::Reply(answer)
}

async fn subscribe(services: &Services, caller: &Caller, id: &str, message: &Message) -> Message {
    let names = message.subscriptions();
    let refused = if names.is_empty() {
        Some("403::subscription_missing")
    } else if !names.iter().all(|name| is_channel(name)) {
        Some("403::subscription_invalid")
    } else if names.iter().any(|name| name.starts_with("/meta/")) {
        Some("403:meta channels are not subscribed:subscribe_denied")
    } else {
        None
    };
    let before = if refused.is_none() { services.hub.subscribe(id, &names) } else { None };
    let answer = match (refused, before) {
        (Some(error), _) => bad(message, error),
        (None, None) => bad(message, "403:too many subscriptions:subscribe_denied"),
        (None, Some(before)) => {
            catch_up(services, caller, id, &names, &before).await;
            good(message)
        }
    };
    Message { subscription: message.subscription.clone(), ..answer }
}

/// Gives a late subscriber what it would have heard. (Workspace: clients subscribe after the fact and
/// wait for what is already there.)
async fn catch_up(services: &Services, caller: &Caller, id: &str, names: &[&str], before: &[String]) {
    let now = |channel: &str| names.iter().any(|name| covers(name, channel));
    let had = |channel: &str| before.iter().any(|name| covers(name, channel));
    let client = ClientId::from(id);
    if now(channel::INITIALIZATION) {
        let notice =
            ClientEvent { channel: channel::INITIALIZATION, data: Arc::new(initialized(services, caller)) };
        services.hub.publish(&Recipient::Client(ClientId::clone(&client)), notice);
    }
    let employee = || caller.actor.employee.clone();
    if now(channel::MEDIA) {
        services.writer.replay(employee(), ClientId::clone(&client), channel::MEDIA).await;
    }
    // Chat is another name for the same events, of use only to who has not the real one.
    if now(channel::WHATSAPP) || (now(channel::CHAT) && !had(channel::WHATSAPP)) {
        services.writer.replay(employee(), client, channel::WHATSAPP).await;
    }
}

/// The event that completes initialization. It is made when a client subscribes, however late, because its content does
/// not depend on the time of initialization.
fn initialized(services: &Services, caller: &Caller) -> Json {
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    event::initialization_complete(&services.directory.session(&caller.actor.employee), now)
}

fn is_channel(name: &str) -> bool {
    let wild_only_last = || {
        let Some((head, _)) = name.rsplit_once('/') else { return false };
        !head.contains('*')
    };
    name.len() <= MOST_NAME
        && name.len() > 1
        && name.starts_with('/')
        && !name.contains("//")
        && wild_only_last()
}

/// Writes frames as one JSON array.
fn write(frames: &[Frame]) -> Result<String, serde_json::Error> {
    serde_json::to_string(frames)
}

/// Whether a request has no message, or too many.
fn too_many(messages: &[Message]) -> bool {
    messages.is_empty() || messages.len() > MOST_MESSAGES
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_wildcard_stands_last_or_not_at_all() {
        for good in ["/a", "/a/b", "/a/*", "/**", "/workspace/v3/media/chat"] {
            assert!(is_channel(good), "{good}");
        }
        for bad in ["", "/", "a", "/a//b", "/*/b", "/**/b", &format!("/{}", "x".repeat(300))] {
            assert!(!is_channel(bad), "{bad}");
        }
    }

    #[test]
    fn an_event_is_written_as_channel_and_data() {
        let notice = ClientEvent { channel: channel::MEDIA, data: Arc::new(json!({"a": 1})) };
        let text = write(&[Frame::Event(notice)]).unwrap();
        assert_eq!(text, r#"[{"channel":"/workspace/v3/media","data":{"a":1}}]"#);
    }
}

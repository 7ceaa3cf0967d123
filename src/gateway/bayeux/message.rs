//! What the gateway does with a Bayeux message.
//!
//! Owns: handshake, subscriptions and the events that a late subscriber has missed. Must not: hold a connect; the
//! transports do.

use super::reply::{bad, good, millis, retry, unknown};
use crate::domain::Millis;
use crate::gateway::auth::{Caller, Credential};
use crate::gateway::hub::{ClientEvent, ClientId, EventRecipient, Publish as _};
use crate::gateway::services::Services;
use crate::proto::bayeux::{
    Advice, BayeuxMessage, CONNECT, DISCONNECT, HANDSHAKE, SUBSCRIBE, UNSUBSCRIBE, covers,
};
use crate::proto::{channel, event};
use serde_json::Value as Json;
use std::sync::Arc;

/// Messages in one request or frame, at most.
const MOST_MESSAGES: usize = 200;
/// Bytes of a channel's name, at most.
const MOST_NAME: usize = 256;

/// The outcome of a message.
pub(super) enum MessageOutcome {
    /// The reply.
    Reply(BayeuxMessage),
    /// The client asks for events. The transport answers.
    Connect(ClientId, BayeuxMessage),
}

/// Whether a request has no message, or too many.
pub(super) fn too_many(messages: &[BayeuxMessage]) -> bool {
    messages.is_empty() || messages.len() > MOST_MESSAGES
}

/// Answers a message, except for a connect, which the transport answers. `by` is the credential of the connection; it
/// is checked for every message, so a session that has ended cannot be used here either.
pub(super) async fn handle(
    services: &Services,
    by: Option<Credential>,
    message: BayeuxMessage,
) -> MessageOutcome {
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
            MessageOutcome::Reply(BayeuxMessage { subscription: message.subscription, ..answer })
        }
        DISCONNECT => {
            services.hub.close(id);
            MessageOutcome::Reply(good(&message))
        }
        name if name.starts_with("/meta/") => {
            let error = format!("404:{name}:unknown_meta_channel");
            MessageOutcome::Reply(bad(&message, &error))
        }
        // Clients do not publish: their requests go by REST.
        _ => MessageOutcome::Reply(bad(&message, "403::publish_denied")),
    }
}

fn handshake(services: &Services, caller: Option<&Caller>, message: &BayeuxMessage) -> MessageOutcome {
    let denied = || {
        let advice = Advice { reconnect: Some("none".to_owned()), ..Advice::default() };
        MessageOutcome::Reply(BayeuxMessage { advice: Some(advice), ..bad(message, "403::handshake_denied") })
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
    let answer = BayeuxMessage {
        client_id: Some(id.to_string()),
        version: Some("1.0".to_owned()),
        minimum_version: Some("1.0".to_owned()),
        supported_connection_types: Some(kinds),
        advice: Some(advice),
        ..good(message)
    };
    MessageOutcome::Reply(answer)
}

async fn subscribe(services: &Services, caller: &Caller, id: &str, message: &BayeuxMessage) -> BayeuxMessage {
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
    BayeuxMessage { subscription: message.subscription.clone(), ..answer }
}

/// Sends a late subscriber what it would have received. (Workspace clients subscribe after initialization and wait for
/// the state of what exists already.)
async fn catch_up(services: &Services, caller: &Caller, id: &str, names: &[&str], before: &[String]) {
    let now = |channel: &str| names.iter().any(|name| covers(name, channel));
    let had = |channel: &str| before.iter().any(|name| covers(name, channel));
    let client = ClientId::from(id);
    if now(channel::INITIALIZATION) {
        let event =
            ClientEvent { channel: channel::INITIALIZATION, data: Arc::new(initialized(services, caller)) };
        services.hub.publish(&EventRecipient::Client(ClientId::clone(&client)), event);
    }
    let employee = || caller.actor.employee.clone();
    if now(channel::MEDIA) {
        services.writer.replay(employee(), ClientId::clone(&client), channel::MEDIA).await;
    }
    // The chat channel carries the same events, so a client that has the WhatsApp channel does not need them twice.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_the_last_segment_of_a_channel() {
        for good in ["/a", "/a/b", "/a/*", "/**", "/workspace/v3/media/chat"] {
            assert!(is_channel(good), "{good}");
        }
        for bad in ["", "/", "a", "/a//b", "/*/b", "/**/b", &format!("/{}", "x".repeat(300))] {
            assert!(!is_channel(bad), "{bad}");
        }
    }
}

//! Bayeux messages (CometD), which console and gateway read and write.

pub mod client;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// `/meta/handshake`.
pub const HANDSHAKE: &str = "/meta/handshake";
/// `/meta/connect`.
pub const CONNECT: &str = "/meta/connect";
/// `/meta/subscribe`.
pub const SUBSCRIBE: &str = "/meta/subscribe";
/// `/meta/unsubscribe`.
pub const UNSUBSCRIBE: &str = "/meta/unsubscribe";
/// `/meta/disconnect`.
pub const DISCONNECT: &str = "/meta/disconnect";

/// A message of any kind. Fields that a kind does not have are not written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BayeuxMessage {
    /// The ID of the request, echoed in its reply. Written as text; numbers are accepted.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "id")]
    pub id: Option<String>,
    /// Decides what kind of message it is.
    pub channel: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The lowest supported version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_version: Option<String>,
    /// Transports, in a handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_connection_types: Option<Vec<String>>,
    /// Transport, in a connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_type: Option<String>,
    /// The subscribed channels: text, or a list of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successful: Option<bool>,
    /// `code:arguments:text`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the client should do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<Json>,
}

/// Advice of the server, or of a client about its own timeout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Advice {
    /// `retry`, `handshake`, `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconnect: Option<String>,
    /// Milliseconds to wait before the next connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<u64>,
    /// Milliseconds for which a connect is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Milliseconds after which a silent session is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_interval: Option<u64>,
}

impl BayeuxMessage {
    /// An event on a channel.
    pub fn event(channel: &str, data: Json) -> Self {
        Self { channel: channel.to_owned(), data: Some(data), ..Self::default() }
    }

    /// Whether this is a reply or request of the protocol itself.
    pub fn is_meta(&self) -> bool {
        self.channel.starts_with("/meta/")
    }

    /// The channels in `subscription`, one or many.
    pub fn subscriptions(&self) -> Vec<&str> {
        match &self.subscription {
            Some(Json::String(one)) => vec![one.as_str()],
            Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Parses a body or a frame: an array of messages, or a single message.
///
/// # Errors
/// When it is neither.
pub fn parse(body: &[u8]) -> Result<Vec<BayeuxMessage>, serde_json::Error> {
    let json: Json = serde_json::from_slice(body)?;
    match json {
        Json::Array(_) => serde_json::from_value(json),
        one => Ok(vec![serde_json::from_value(one)?]),
    }
}

/// Whether a subscription covers a channel: the same channel, `/*` for one level, `/**` for any depth.
pub fn covers(subscription: &str, channel: &str) -> bool {
    if let Some(base) = subscription.strip_suffix("/**") {
        return channel.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
    }
    if let Some(base) = subscription.strip_suffix("/*") {
        return channel
            .strip_prefix(base)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|rest| !rest.is_empty() && !rest.contains('/'));
    }
    subscription == channel
}

fn id<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Json::deserialize(deserializer)? {
        Json::String(text) => Some(text),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cover_one_level_or_all() {
        assert!(covers("/a/b", "/a/b") && !covers("/a/b", "/a/b/c"));
        assert!(covers("/a/*", "/a/b") && !covers("/a/*", "/a/b/c") && !covers("/a/*", "/a"));
        assert!(covers("/a/**", "/a/b/c") && covers("/**", "/a") && !covers("/a/**", "/ab/c"));
    }

    #[test]
    fn a_single_object_and_a_numeric_id_are_read() {
        let messages = parse(br#"{"id":7,"channel":"/meta/connect","advice":{"timeout":0}}"#).unwrap();
        assert_eq!(messages[0].id.as_deref(), Some("7"));
        assert_eq!(messages[0].advice.as_ref().unwrap().timeout, Some(0));
    }
}

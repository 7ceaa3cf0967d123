//! What a client receives: replies to its messages, and events.

use crate::gateway::hub::ClientEvent;
use crate::proto::bayeux::BayeuxMessage;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// Events in one reply or frame, at most.
pub(super) const BATCH: usize = 200;

/// Something on its way to a client.
#[derive(Debug, PartialEq)]
pub(super) enum Frame {
    Reply(Box<BayeuxMessage>),
    Event(ClientEvent),
}

impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Reply(message) => message.serialize(serializer),
            // Not converted to a `BayeuxMessage`: many clients share the data, so it is not copied.
            Self::Event(event) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("channel", event.channel)?;
                map.serialize_entry("data", &*event.data)?;
                map.end()
            }
        }
    }
}

/// Writes frames as one JSON array.
pub(super) fn write(frames: &[Frame]) -> Result<String, serde_json::Error> {
    serde_json::to_string(frames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::channel;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn an_event_is_written_as_channel_and_data() {
        let event = ClientEvent { channel: channel::MEDIA, data: Arc::new(json!({"a": 1})) };
        let text = write(&[Frame::Event(event)]).unwrap();
        assert_eq!(text, r#"[{"channel":"/workspace/v3/media","data":{"a":1}}]"#);
    }
}

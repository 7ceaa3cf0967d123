//! The events that wait for one client, in order.
//!
//! Owns: how many wait, and which of them can be merged into fewer events. Must not: know clients.
//! Invariants: the events of a session are sent in the order in which they happened; an event is left out
//! only if a later one repeats all of it.

use super::event::ClientEvent;
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::sync::Arc;

/// How far back a mergeable event is searched.
const LOOK_BACK: usize = 64;
/// The most bytes of a merged event.
const MOST_MERGED: usize = 256 * 1024;
/// Bytes that every event counts in addition to its texts.
const OVERHEAD: usize = 16;

#[derive(Debug, Default)]
pub(super) struct EventQueue {
    events: VecDeque<QueuedEvent>,
    bytes: usize,
}

#[derive(Debug)]
struct QueuedEvent {
    event: ClientEvent,
    bytes: usize,
}

/// What an event says about a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EventSubject {
    /// New entries of its log, not caused by a request.
    Log,
    /// Its full current state, not caused by a request: the newest replaces all others.
    Properties,
    /// Anything else.
    Other,
}

/// About how many bytes a value takes in memory and on the wire.
pub(super) fn weight(data: &Json) -> usize {
    match data {
        Json::Null | Json::Bool(_) | Json::Number(_) => OVERHEAD,
        Json::String(text) => OVERHEAD + text.len(),
        Json::Array(items) => OVERHEAD + items.iter().map(weight).sum::<usize>(),
        Json::Object(map) => {
            OVERHEAD + map.iter().map(|(key, value)| key.len() + weight(value)).sum::<usize>()
        }
    }
}

/// The session that an event is about, and what it says about it.
fn about(data: &Json) -> Option<(&str, EventSubject)> {
    let text = |pointer: &str| data.pointer(pointer).and_then(Json::as_str);
    let in_reply = data.get("operationId").is_some();
    match text("/messageType")? {
        "MessageLogUpdated" => {
            Some((text("/interactionId")?, if in_reply { EventSubject::Other } else { EventSubject::Log }))
        }
        "InteractionStateChanged" => {
            let properties = text("/notificationType") == Some("PropertiesUpdated") && !in_reply;
            Some((
                text("/interaction/id")?,
                if properties { EventSubject::Properties } else { EventSubject::Other },
            ))
        }
        _ => Some((text("/interactionId")?, EventSubject::Other)),
    }
}

impl EventQueue {
    /// How many events wait.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// How many bytes they have.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds an event and its weight. Merges it with a waiting one if it can.
    pub fn push(&mut self, event: ClientEvent, bytes: usize) {
        match self.mergeable(&event) {
            Some((place, EventSubject::Log)) => self.extend(place, &event, bytes),
            Some((place, EventSubject::Properties)) => {
                if let Some(old) = self.events.remove(place) {
                    self.bytes -= old.bytes;
                }
                self.append(event, bytes);
            }
            Some((_, EventSubject::Other)) | None => self.append(event, bytes),
        }
    }

    fn append(&mut self, event: ClientEvent, bytes: usize) {
        self.bytes += bytes;
        self.events.push_back(QueuedEvent { event, bytes });
    }

    /// The newest waiting event of the same kind about the same session, if no event of another kind came
    /// after it.
    fn mergeable(&self, event: &ClientEvent) -> Option<(usize, EventSubject)> {
        let (session, what) = about(&event.data).filter(|(_, what)| *what != EventSubject::Other)?;
        for (place, waiting) in self.events.iter().enumerate().rev().take(LOOK_BACK) {
            match about(&waiting.event.data).filter(|(other, _)| *other == session) {
                None => {}
                Some((_, EventSubject::Other)) => return None,
                Some((_, other)) if other == what && waiting.event.channel == event.channel => {
                    return (what != EventSubject::Log || waiting.bytes < MOST_MERGED)
                        .then_some((place, what));
                }
                Some(_) => {}
            }
        }
        None
    }

    fn extend(&mut self, place: usize, event: &ClientEvent, bytes: usize) {
        let Some(waiting) = self.events.get_mut(place) else { return };
        // Other clients may share the event, so it is copied before it is changed.
        let data = Arc::make_mut(&mut waiting.event.data);
        if let Some(Json::Array(all)) = data.get_mut("messages")
            && let Some(Json::Array(more)) = event.data.get("messages")
        {
            all.extend(more.iter().cloned());
            waiting.bytes += bytes;
            self.bytes += bytes;
        }
    }

    /// Takes up to `most` events of about `bytes` in total, but at least one.
    pub fn take(&mut self, most: usize, bytes: usize) -> Vec<ClientEvent> {
        let mut taken = Vec::new();
        let mut room = bytes;
        while taken.len() < most
            && let Some(waiting) =
                self.events.pop_front_if(|waiting| taken.is_empty() || waiting.bytes <= room)
        {
            room = room.saturating_sub(waiting.bytes);
            self.bytes -= waiting.bytes;
            taken.push(waiting.event);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(data: Json) -> ClientEvent {
        ClientEvent { channel: crate::proto::channel::WHATSAPP, data: Arc::new(data) }
    }

    fn log(session: &str, index: u64) -> ClientEvent {
        event(json!({"messageType": "MessageLogUpdated", "interactionId": session,
            "messages": [{"index": index}]}))
    }

    fn state(session: &str, notification: &str, version: u64) -> ClientEvent {
        event(json!({"messageType": "InteractionStateChanged", "notificationType": notification,
            "interaction": {"id": session, "version": version}}))
    }

    fn pushed(events: impl IntoIterator<Item = ClientEvent>) -> EventQueue {
        let mut queue = EventQueue::default();
        for event in events {
            let bytes = weight(&event.data);
            queue.push(event, bytes);
        }
        queue
    }

    /// A summary of each event: its session, and the entries or the version in it.
    fn summaries(queue: &mut EventQueue) -> Vec<String> {
        let taken = queue.take(usize::MAX, usize::MAX);
        taken
            .iter()
            .map(|event| match event.data.get("messages").and_then(Json::as_array) {
                Some(all) => {
                    let indexes: Vec<String> = all.iter().map(|one| one["index"].to_string()).collect();
                    format!("{} {}", event.data["interactionId"].as_str().unwrap(), indexes.join(","))
                }
                None => format!(
                    "{} v{}",
                    event.data["interaction"]["id"].as_str().unwrap(),
                    event.data["interaction"]["version"]
                ),
            })
            .collect()
    }

    #[test]
    fn a_burst_in_two_sessions_becomes_few_events() {
        let burst = (1..=500).flat_map(|n| {
            ["a", "b"].into_iter().flat_map(move |id| [log(id, n), state(id, "PropertiesUpdated", n)])
        });
        let mut queue = pushed(burst);
        assert_eq!(queue.len(), 4);
        let all: Vec<String> = (1..=500).map(|n| n.to_string()).collect();
        let all = all.join(",");
        assert_eq!(
            summaries(&mut queue),
            [format!("a {all}"), format!("b {all}"), "a v500".into(), "b v500".into()]
        );
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn events_of_a_session_stay_in_order() {
        let mut queue = pushed([
            log("a", 1),
            state("a", "StatusChange", 1),
            log("a", 2),
            state("a", "PropertiesUpdated", 2),
            log("a", 3),
        ]);
        assert_eq!(summaries(&mut queue), ["a 1", "a v1", "a 2,3", "a v2"]);
    }

    #[test]
    fn an_event_caused_by_a_request_is_not_merged() {
        let mut reply = log("a", 2);
        Arc::make_mut(&mut reply.data)["operationId"] = json!("op");
        let mut queue = pushed([log("a", 1), reply, log("a", 3), log("a", 4)]);
        assert_eq!(summaries(&mut queue), ["a 1", "a 2", "a 3,4"]);
    }

    #[test]
    fn merging_does_not_change_an_event_shared_with_others() {
        let shared = log("a", 1);
        let mut queue = pushed([shared.clone(), log("a", 2)]);
        assert_eq!(summaries(&mut queue), ["a 1,2"]);
        assert_eq!(shared, log("a", 1));
    }

    #[test]
    fn merging_ends_at_a_size() {
        let long = |n| {
            event(json!({"messageType": "MessageLogUpdated", "interactionId": "a",
                "messages": [{"index": n, "text": "x".repeat(MOST_MERGED / 3)}]}))
        };
        let mut queue = pushed((1..=8).map(long));
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.take(9, MOST_MERGED).len(), 1, "one at least, and no more than fits");
    }
}

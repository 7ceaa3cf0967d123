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
    notice: ClientEvent,
    bytes: usize,
}

/// What an event says about a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EventSubject {
    /// New entries of its log, not in answer to a request.
    Log,
    /// Its full current state, not in answer to a request: the newest replaces all others.
    Properties,
    /// Anything else.
    Else,
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
    let asked_for = data.get("operationId").is_some();
    match text("/messageType")? {
        "MessageLogUpdated" => {
            Some((text("/interactionId")?, if asked_for { EventSubject::Else } else { EventSubject::Log }))
        }
        "InteractionStateChanged" => {
            let properties = text("/notificationType") == Some("PropertiesUpdated") && !asked_for;
            Some((
                text("/interaction/id")?,
                if properties { EventSubject::Properties } else { EventSubject::Else },
            ))
        }
        _ => Some((text("/interactionId")?, EventSubject::Else)),
    }
}

impl EventQueue {
    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds an event of that weight: a burst in one session becomes few events.
    pub fn push(&mut self, notice: ClientEvent, bytes: usize) {
        match self.mergeable(&notice) {
            Some((place, EventSubject::Log)) => self.extend(place, &notice, bytes),
            Some((place, EventSubject::Properties)) => {
                if let Some(old) = self.events.remove(place) {
                    self.bytes -= old.bytes;
                }
                self.append(notice, bytes);
            }
            Some((_, EventSubject::Else)) | None => self.append(notice, bytes),
        }
    }

    fn append(&mut self, notice: ClientEvent, bytes: usize) {
        self.bytes += bytes;
        self.events.push_back(QueuedEvent { notice, bytes });
    }

    /// The newest waiting event of the same kind about the same session, if nothing of another kind came
    /// after it.
    fn mergeable(&self, notice: &ClientEvent) -> Option<(usize, EventSubject)> {
        let (session, what) = about(&notice.data).filter(|(_, what)| *what != EventSubject::Else)?;
        for (place, waiting) in self.events.iter().enumerate().rev().take(LOOK_BACK) {
            match about(&waiting.notice.data).filter(|(other, _)| *other == session) {
                None => {}
                Some((_, EventSubject::Else)) => return None,
                Some((_, other)) if other == what && waiting.notice.channel == notice.channel => {
                    return (what != EventSubject::Log || waiting.bytes < MOST_MERGED)
                        .then_some((place, what));
                }
                Some(_) => {}
            }
        }
        None
    }

    fn extend(&mut self, place: usize, notice: &ClientEvent, bytes: usize) {
        let Some(waiting) = self.events.get_mut(place) else { return };
        // Other clients may share the event: theirs stays unchanged.
        let data = Arc::make_mut(&mut waiting.notice.data);
        if let Some(Json::Array(all)) = data.get_mut("messages")
            && let Some(Json::Array(more)) = notice.data.get("messages")
        {
            all.extend(more.iter().cloned());
            waiting.bytes += bytes;
            self.bytes += bytes;
        }
    }

    /// Takes up to `most` events of about so many bytes, at least one.
    pub fn take(&mut self, most: usize, bytes: usize) -> Vec<ClientEvent> {
        let mut taken = Vec::new();
        let mut room = bytes;
        while taken.len() < most
            && let Some(waiting) =
                self.events.pop_front_if(|waiting| taken.is_empty() || waiting.bytes <= room)
        {
            room = room.saturating_sub(waiting.bytes);
            self.bytes -= waiting.bytes;
            taken.push(waiting.notice);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn notice(data: Json) -> ClientEvent {
        ClientEvent { channel: crate::proto::channel::WHATSAPP, data: Arc::new(data) }
    }

    fn log(session: &str, index: u64) -> ClientEvent {
        notice(json!({"messageType": "MessageLogUpdated", "interactionId": session,
            "messages": [{"index": index}]}))
    }

    fn state(session: &str, notification: &str, version: u64) -> ClientEvent {
        notice(json!({"messageType": "InteractionStateChanged", "notificationType": notification,
            "interaction": {"id": session, "version": version}}))
    }

    fn pushed(notices: impl IntoIterator<Item = ClientEvent>) -> EventQueue {
        let mut queue = EventQueue::default();
        for notice in notices {
            let bytes = weight(&notice.data);
            queue.push(notice, bytes);
        }
        queue
    }

    /// A summary of each event: its session, and the entries or the version in it.
    fn said(queue: &mut EventQueue) -> Vec<String> {
        let taken = queue.take(usize::MAX, usize::MAX);
        taken
            .iter()
            .map(|notice| match notice.data.get("messages").and_then(Json::as_array) {
                Some(all) => {
                    let indexes: Vec<String> = all.iter().map(|one| one["index"].to_string()).collect();
                    format!("{} {}", notice.data["interactionId"].as_str().unwrap(), indexes.join(","))
                }
                None => format!(
                    "{} v{}",
                    notice.data["interaction"]["id"].as_str().unwrap(),
                    notice.data["interaction"]["version"]
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
            said(&mut queue),
            [format!("a {all}"), format!("b {all}"), "a v500".into(), "b v500".into()]
        );
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn what_happens_to_a_session_stays_in_its_order() {
        let mut queue = pushed([
            log("a", 1),
            state("a", "StatusChange", 1),
            log("a", 2),
            state("a", "PropertiesUpdated", 2),
            log("a", 3),
        ]);
        assert_eq!(said(&mut queue), ["a 1", "a v1", "a 2,3", "a v2"]);
    }

    #[test]
    fn an_answer_to_a_request_stays_an_event_of_its_own() {
        let mut asked = log("a", 2);
        Arc::make_mut(&mut asked.data)["operationId"] = json!("op");
        let mut queue = pushed([log("a", 1), asked, log("a", 3), log("a", 4)]);
        assert_eq!(said(&mut queue), ["a 1", "a 2", "a 3,4"]);
    }

    #[test]
    fn an_event_that_others_have_too_is_not_changed_for_them() {
        let shared = log("a", 1);
        let mut queue = pushed([shared.clone(), log("a", 2)]);
        assert_eq!(said(&mut queue), ["a 1,2"]);
        assert_eq!(shared, log("a", 1));
    }

    #[test]
    fn an_event_that_took_in_much_takes_in_no_more() {
        let long = |n| {
            notice(json!({"messageType": "MessageLogUpdated", "interactionId": "a",
                "messages": [{"index": n, "text": "x".repeat(MOST_MERGED / 3)}]}))
        };
        let mut queue = pushed((1..=8).map(long));
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.take(9, MOST_MERGED).len(), 1, "one at least, and no more than fits");
    }
}

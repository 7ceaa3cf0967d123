//! Describes a WhatsApp call in words. This gateway takes no calls: they ring on other devices.

use super::errors::integer;
use super::fields::{text, word};
use super::inbound::Content;
use super::names::digits;
use serde_json::Value;

/// Who began a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallInitiator {
    Customer,
    Business,
}

/// Who began the call: as WhatsApp says, else according to the caller's number.
pub(super) fn caller(call: &Value, own: Option<&str>) -> CallInitiator {
    let from_own = word(call, "from").zip(own).is_some_and(|(from, own)| digits(&from) == own);
    match text(call, "direction").map(str::to_ascii_uppercase).as_deref() {
        Some("BUSINESS_INITIATED") => CallInitiator::Business,
        Some("USER_INITIATED") => CallInitiator::Customer,
        _ if from_own => CallInitiator::Business,
        _ => CallInitiator::Customer,
    }
}

/// What happened with the call. After a missed call the customer waits for an answer.
pub(super) fn content(call: &Value, caller: CallInitiator) -> Content {
    let status = text(call, "status").unwrap_or_default().to_ascii_uppercase();
    let lasted = lasted(call);
    let ended = matches!(text(call, "event"), Some("terminate" | "end" | "ended" | "hangup"));
    let missed = matches!(text(call, "event"), Some("missed" | "missed_call"))
        || (ended && lasted.is_none() && status != "COMPLETED");
    match (caller, missed, ended) {
        (CallInitiator::Customer, true, _) => {
            Content::Placeholder("called on WhatsApp, and the call was missed".to_owned())
        }
        (CallInitiator::Customer, false, true) => {
            Content::Note(format!("The customer's call on WhatsApp ended{}", lasted.unwrap_or_default()))
        }
        (CallInitiator::Customer, false, false) => Content::Note("The customer calls on WhatsApp".to_owned()),
        (CallInitiator::Business, true, _) => {
            Content::Note("A call to the customer was not answered".to_owned())
        }
        (CallInitiator::Business, false, true) => {
            Content::Note(format!("A call to the customer ended{}", lasted.unwrap_or_default()))
        }
        (CallInitiator::Business, false, false) => Content::Note("The customer is being called".to_owned()),
    }
}

/// How long the call lasted, if it was answered.
fn lasted(call: &Value) -> Option<String> {
    let number = |key: &str| call.get(key).and_then(integer);
    let counted = number("start_time").zip(number("end_time")).map(|(start, end)| end.saturating_sub(start));
    let seconds = number("duration").or(counted).filter(|seconds| (1..=86_400).contains(seconds))?;
    Some(match (seconds / 60, seconds % 60) {
        (0, seconds) => format!(" after {seconds} s"),
        (minutes, seconds) => format!(" after {minutes} min {seconds} s"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_missed_or_ended_in_words() {
        for (call, words) in [
            (
                json!({"event": "terminate", "direction": "USER_INITIATED", "status": "FAILED"}),
                "called on WhatsApp, and the call was missed",
            ),
            (
                json!({"event": "terminate", "direction": "USER_INITIATED", "status": "COMPLETED", "duration": 125}),
                "The customer's call on WhatsApp ended after 2 min 5 s",
            ),
            (
                json!({"event": "terminate", "direction": "BUSINESS_INITIATED", "status": ["FAILED"]}),
                "A call to the customer was not answered",
            ),
            (
                json!({"event": "terminate", "from": "9", "start_time": "10", "end_time": 15}),
                "A call to the customer ended after 5 s",
            ),
            (json!({"event": "connect", "from": "1"}), "The customer calls on WhatsApp"),
            (json!({"event": "connect", "direction": "BUSINESS_INITIATED"}), "The customer is being called"),
            (
                json!({"event": "terminate", "duration": -4, "status": 5}),
                "called on WhatsApp, and the call was missed",
            ),
        ] {
            assert_eq!(content(&call, caller(&call, Some("9"))).to_text(), words, "{call}");
        }
    }
}

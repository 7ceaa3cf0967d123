//! Parses the body of a webhook. Pure and total: any bytes give a result, and the same bytes give the same one.
//!
//! Every message of a body gives an update, whatever its form: an unknown one becomes a placeholder. A missing or
//! invalid time is taken from the entry; without one it is the epoch.

use super::account;
use super::calls::{self, CallInitiator};
use super::errors::{read_error, reason};
use super::fields::{items, list, repair_json, text, timestamp, word};
use super::inbound::{
    Content, CustomerNames, InboundMessage, InboundStatus, NotRoutedReason, UnroutedMessage, WebhookUpdate,
};
use super::names::{Author, customer, digits, group, is_by_business, recipient};
use super::placeholder::content;
use super::remarks::remarks;
use crate::domain::Millis;
use crate::domain::delivery::DeliveryStatus;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Parses the body of a webhook as it was received.
pub fn parse(raw: &[u8]) -> Vec<WebhookUpdate> {
    let body = match serde_json::from_slice(raw).or_else(|_| serde_json::from_str(&repair_json(raw))) {
        Ok(Value::Object(body)) => Value::Object(body),
        Ok(_) => return vec![note("body", "a webhook is not a JSON object; its bytes are kept")],
        Err(error) => {
            return vec![note("body", format!("a webhook is not JSON ({error}); its bytes are kept"))];
        }
    };
    let mut reader = WebhookParser::default();
    match body.get("entry") {
        Some(entries) => items(entries).for_each(|entry| reader.entry(entry)),
        None => reader.updates.push(note("body", "a webhook has no entries; its bytes are kept")),
    }
    reader.updates
}

/// The prefix of the ID of a message of the history whose file comes later.
pub(in crate::gateway) const FILE_PENDING_PREFIX: &str = "file-of:";

#[derive(Default)]
struct WebhookParser {
    updates: Vec<WebhookUpdate>,
    /// How often each derived ID was used in this body: two equal messages are two messages.
    made: HashMap<String, u32>,
}

/// The kind of messages that a webhook field contains.
#[derive(Clone, Copy, PartialEq)]
enum FieldKind {
    /// Present messages of private chats.
    Chat,
    /// Present messages that staff wrote on the phone.
    Echoes,
    /// Messages of the history.
    History,
    /// Unknown.
    Elsewhere,
}

/// One field of a webhook, and the data that applies to all its items.
struct FieldContext<'a> {
    field: &'a str,
    kind: FieldKind,
    value: &'a Value,
    phone_number_id: Option<String>,
    /// The business number, in digits.
    own: Option<String>,
    /// The time of the entry.
    at: Millis,
}

impl<'a> FieldContext<'a> {
    fn new(field: &'a str, value: &'a Value, at: Millis) -> Self {
        let metadata = value.get("metadata");
        let own = metadata.and_then(|m| word(m, "display_phone_number"));
        let own: Option<String> = own.map(|number| number.chars().filter(char::is_ascii_digit).collect());
        let kind = match field {
            // A field without a name is treated as the most frequent one.
            "messages" | "unknown" => FieldKind::Chat,
            "smb_message_echoes" | "message_echoes" => FieldKind::Echoes,
            "history" => FieldKind::History,
            _ => FieldKind::Elsewhere,
        };
        Self {
            field,
            kind,
            value,
            phone_number_id: metadata.and_then(|m| word(m, "phone_number_id")),
            own: own.filter(|number| !number.is_empty()),
            at,
        }
    }
}

impl WebhookParser {
    fn entry(&mut self, entry: &Value) {
        let at = entry.get("time").map_or(Millis(0), timestamp);
        let before = self.updates.len();
        for change in list(entry, "changes") {
            self.change(change, at);
        }
        if self.updates.len() == before {
            self.note("entry", "an entry of a webhook says nothing that is known here");
        }
    }

    fn change(&mut self, change: &Value, at: Millis) {
        let field = text(change, "field").unwrap_or("unknown");
        let empty = Value::Null;
        let value = change.get("value").unwrap_or(&empty);
        let part = FieldContext::new(field, value, at);
        let before = self.updates.len();
        self.updates.extend(account::read_change(field, value).map(WebhookUpdate::AccountChanged));
        for thread in list(value, "history").flat_map(|chunk| list(chunk, "threads")) {
            list(thread, "messages").for_each(|message| self.past(message, &part, Some(thread)));
        }
        list(value, "messages").for_each(|message| self.message(message, &part, Author::Customer));
        list(value, "message_echoes").for_each(|message| self.message(message, &part, Author::Staff));
        list(value, "calls").for_each(|call| self.call(call, &part));
        list(value, "statuses").for_each(|status| self.status(status, &part));
        list(value, "user_id_update").for_each(|update| self.user_id_update(update, at));
        for preference in list(value, "user_preferences") {
            let part = |key| text(preference, key).unwrap_or("unknown");
            self.note(field, format!("a customer set {} to {}", part("category"), part("value")));
        }
        let refused = list(value, "history").flat_map(|chunk| list(chunk, "errors"));
        for error in list(value, "errors").chain(refused) {
            let (code, _) = read_error(error);
            self.updates.push(WebhookUpdate::AccountChanged(account::account_error(field, code)));
        }
        if self.updates.len() == before {
            self.note(field, "a webhook says nothing that is known here; its bytes are kept");
        }
    }

    /// Assigns a message to its private chat, or marks it as not routed.
    fn message(&mut self, message: &Value, part: &FieldContext<'_>, author: Author) {
        if let Some(group) = group(message) {
            return self.not_routed(message, part, NotRoutedReason::Group, group);
        }
        let by_business = is_by_business(message, part.value, part.own.as_deref());
        match (part.kind, author) {
            (FieldKind::History, _) => self.past(message, part, None),
            (FieldKind::Echoes, _) => self.live(message, part, Author::Staff),
            (FieldKind::Chat, Author::Customer) if by_business => self.live(message, part, Author::Staff),
            (FieldKind::Chat, author) => self.live(message, part, author),
            (FieldKind::Elsewhere, _) => {
                self.not_routed(message, part, NotRoutedReason::Field, part.field.to_owned())
            }
        }
    }

    fn live(&mut self, message: &Value, part: &FieldContext<'_>, author: Author) {
        let customer = customer(message, part.value, part.own.as_deref(), author);
        let at = message.get("timestamp").map_or(part.at, timestamp);
        if text(message, "type") == Some("system") || message.get("system").is_some_and(Value::is_object) {
            return self.system(message, &customer, at);
        }
        let content = content(message);
        if customer == CustomerNames::default() {
            if author == Author::Staff {
                return self.not_routed(message, part, NotRoutedReason::Author, String::new());
            }
            return self
                .note("messages", "a message names no customer, so it is on no desk; its bytes are kept");
        }
        let message = self.inbound(message, part, customer, at, content);
        self.updates.push(match author {
            Author::Customer => WebhookUpdate::Message(message),
            Author::Staff => WebhookUpdate::Echo(message),
        });
    }

    /// A message that was written before the gateway had the number, or a change of one. Its thread in the
    /// history is named after the customer.
    fn past(&mut self, message: &Value, part: &FieldContext<'_>, thread: Option<&Value>) {
        if let Some(group) = group(message).or_else(|| thread.and_then(group)) {
            return self.not_routed(message, part, NotRoutedReason::Group, group);
        }
        let chat = thread.and_then(|thread| word(thread, "id")).map(|id| digits(&id));
        let by_staff = match (word(message, "from").map(|from| digits(&from)), &chat) {
            (Some(from), Some(chat)) => from != *chat,
            (Some(from), None) => part.own == Some(from),
            (None, _) => false,
        };
        let author = if by_staff { Author::Staff } else { Author::Customer };
        let mut customer = customer(message, part.value, part.own.as_deref(), author);
        if customer == CustomerNames::default() {
            match chat {
                Some(id) if id.contains(char::is_alphabetic) => customer.user_id = Some(id),
                Some(id) => customer.wa_id = Some(id),
                None => return self.not_routed(message, part, NotRoutedReason::Author, String::new()),
            }
        }
        let at = message.get("timestamp").map_or(part.at, timestamp);
        let stands_in = text(message, "type") == Some("media_placeholder");
        let mut message = self.inbound(message, part, customer, at, content(message));
        if stands_in {
            // The file comes later, in a webhook of its own and under the same ID.
            message.wamid = format!("{FILE_PENDING_PREFIX}{}", message.wamid);
        }
        self.updates.push(WebhookUpdate::History { message, by_staff });
    }

    fn call(&mut self, call: &Value, part: &FieldContext<'_>) {
        if let Some(group) = group(call) {
            return self.not_routed(call, part, NotRoutedReason::Group, group);
        }
        if part.kind != FieldKind::Chat && part.field != "calls" {
            return self.not_routed(call, part, NotRoutedReason::Field, part.field.to_owned());
        }
        let caller = calls::caller(call, part.own.as_deref());
        let author = if caller == CallInitiator::Customer { Author::Customer } else { Author::Staff };
        let customer = customer(call, part.value, part.own.as_deref(), author);
        if customer == CustomerNames::default() {
            return self.note(part.field, "a call names no customer");
        }
        let at = call.get("timestamp").map_or(part.at, timestamp);
        let mut made = self.inbound(call, part, customer, at, calls::content(call, caller));
        // A call has one ID but several events.
        made.wamid = format!("call:{}:{}", text(call, "event").unwrap_or_default(), made.wamid);
        self.updates.push(WebhookUpdate::Call(made));
    }

    fn inbound(
        &mut self,
        message: &Value,
        part: &FieldContext<'_>,
        customer: CustomerNames,
        at: Millis,
        content: Content,
    ) -> InboundMessage {
        InboundMessage {
            wamid: self.id(message, part),
            phone_number_id: part.phone_number_id.clone(),
            customer,
            at,
            content,
            quotes: message.get("context").and_then(|context| word(context, "id")),
            remarks: remarks(message),
        }
    }

    fn not_routed(&mut self, message: &Value, part: &FieldContext<'_>, why: NotRoutedReason, about: String) {
        let wamid = self.id(message, part);
        self.updates.push(WebhookUpdate::NotRouted(UnroutedMessage { wamid, why, about }));
    }

    fn id(&mut self, message: &Value, part: &FieldContext<'_>) -> String {
        word(message, "id").unwrap_or_else(|| self.made_id(message, part.phone_number_id.as_deref()))
    }

    /// An ID derived from the content. A second equal message in one body gets another one.
    fn made_id(&mut self, message: &Value, phone_number_id: Option<&str>) -> String {
        let mut hash = Sha256::new();
        hash.update(phone_number_id.unwrap_or_default());
        hash.update(message.to_string());
        let mut id = "made.".to_owned();
        for byte in hash.finalize().iter().take(16) {
            let _ = write!(id, "{byte:02x}");
        }
        let count = self.made.entry(id.clone()).or_default();
        *count += 1;
        if *count > 1 { format!("{id}.{count}") } else { id }
    }

    /// WhatsApp: a customer's number or user id changed.
    fn system(&mut self, message: &Value, customer: &CustomerNames, at: Millis) {
        let empty = Value::Null;
        let system = message.get("system").unwrap_or(&empty);
        let mut old = CustomerNames { profile_name: None, username: None, ..customer.clone() };
        let mut new = CustomerNames::default();
        if let Some(id) = word(system, "new_wa_id").or_else(|| word(system, "wa_id")) {
            new.wa_id = Some(digits(&id));
            old.wa_id = old.wa_id.or_else(|| word(system, "customer").map(|id| digits(&id)));
        }
        new.user_id = word(system, "user_id");
        if let Some(previous) = word(system, "previous_user_id") {
            old.user_id = Some(previous);
        }
        if old == CustomerNames::default() || new == CustomerNames::default() || old == new {
            let kind = text(system, "type").unwrap_or("unknown");
            self.note(
                "messages",
                format!("WhatsApp tells of a change at a customer: {}", kind.replace('_', " ")),
            );
        } else {
            self.updates.push(WebhookUpdate::Renamed { old, new, at });
        }
    }

    fn user_id_update(&mut self, update: &Value, at: Millis) {
        let id = update.get("user_id");
        let part = |key: &str| id.and_then(|id| word(id, key));
        let previous = part("previous").or_else(|| word(update, "previous_user_id"));
        let current = part("current").or_else(|| word(update, "user_id"));
        if let (Some(previous), Some(current)) = (previous, current) {
            let at = update.get("timestamp").map_or(at, timestamp);
            let old = CustomerNames { user_id: Some(previous), ..CustomerNames::default() };
            let new = CustomerNames {
                user_id: Some(current),
                wa_id: word(update, "wa_id").map(|id| digits(&id)),
                ..CustomerNames::default()
            };
            self.updates.push(WebhookUpdate::Renamed { old, new, at });
        }
    }

    fn status(&mut self, status: &Value, part: &FieldContext<'_>) {
        let progress = DeliveryStatus::from_word(text(status, "status").unwrap_or("unknown"));
        let Some(wamid) = word(status, "id") else {
            return self.note("messages", format!("a status \"{}\" names no message", progress.word()));
        };
        let first = list(status, "errors").next().map(read_error);
        let error = match (first, &progress) {
            (Some((code, detail)), _) => Some((code, reason(code, &detail))),
            (None, DeliveryStatus::Failed) => Some((0, "WhatsApp gave no reason.".to_owned())),
            (None, DeliveryStatus::Reached(_) | DeliveryStatus::Other(_)) => None,
        };
        self.updates.push(WebhookUpdate::Status(InboundStatus {
            wamid,
            phone_number_id: part.phone_number_id.clone(),
            customer: recipient(status, part.value),
            tracker: word(status, "biz_opaque_callback_data"),
            status: progress,
            at: status.get("timestamp").map_or(part.at, timestamp),
            error,
        }));
    }

    fn note(&mut self, field: &str, text: impl Into<String>) {
        self.updates.push(note(field, text));
    }
}

fn note(field: &str, text: impl Into<String>) -> WebhookUpdate {
    WebhookUpdate::Unhandled { field: field.to_owned(), text: text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: &Value) -> Vec<u8> {
        json!({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).to_string().into_bytes()
    }

    fn only_message(value: &Value) -> InboundMessage {
        match parse(&body(value)).as_slice() {
            [WebhookUpdate::Message(message)] => message.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bytes_that_are_not_json_are_reported() {
        for raw in [&b""[..], b"{", b"\xff\xfe", b"[1]", b"null", b"{}"] {
            assert!(matches!(parse(raw).as_slice(), [WebhookUpdate::Unhandled { .. }]), "{raw:?}");
        }
    }

    #[test]
    fn half_an_emoji_does_not_lose_the_message() {
        let raw = br#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[
            {"from":"1","id":"a","type":"text","text":{"body":"\\ \ud83d! \ude00 \ud83d\ude00 \" \u00e9"}}]}}]}]}"#;
        match parse(raw).as_slice() {
            [WebhookUpdate::Message(message)] => {
                assert_eq!(message.content, Content::Text("\\ \u{fffd}! \u{fffd} 😀 \" é".to_owned()));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn derived_id_is_stable_and_different_for_a_second_message() {
        let message = json!({"from": "1", "type": "text", "text": {"body": "hi"}});
        let one = only_message(&json!({"messages": [message]}));
        assert_eq!(one.wamid, only_message(&json!({"messages": [message]})).wamid);
        let ids: Vec<String> = parse(&body(&json!({"messages": [message, message]})))
            .into_iter()
            .filter_map(|update| if let WebhookUpdate::Message(m) = update { Some(m.wamid) } else { None })
            .collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids.first(), Some(&one.wamid));
        assert_ne!(ids.first(), ids.last());
    }

    #[test]
    fn times_are_read_as_text_number_and_fraction() {
        for (given, at) in [
            (json!("1700000000"), 1_700_000_000_000),
            (json!(1_700_000_000), 1_700_000_000_000),
            (json!(1_700_000_000.5), 1_700_000_000_000),
            (json!(1_700_000_000_123_i64), 1_700_000_000_123),
            (json!("soon"), 0),
            (json!(-5), 0),
            (json!(i64::MAX), 0),
        ] {
            let value = json!({"messages": [{"from": "1", "id": "a", "timestamp": given}]});
            assert_eq!(only_message(&value).at, Millis(at));
        }
    }

    #[test]
    fn a_customer_is_found_by_id_and_not_by_place() {
        let value = json!({
            "contacts": [
                {"wa_id": "2", "profile": {"name": "Two"}},
                {"wa_id": 1, "user_id": "XX.1", "profile": {"name": "One", "username": "one"}}],
            "messages": [{"from": "+1", "id": "a", "type": "text", "text": {"body": "x"}}]});
        let expected = CustomerNames {
            wa_id: Some("1".into()),
            user_id: Some("XX.1".into()),
            username: Some("one".into()),
            profile_name: Some("One".into()),
        };
        assert_eq!(only_message(&value).customer, expected);
        // The only contact is not the sender: its name is not the sender's.
        let value = json!({"contacts": [{"wa_id": "2", "profile": {"name": "Two"}}],
            "messages": [{"from": "1", "id": "a"}]});
        assert_eq!(only_message(&value).customer.profile_name, None);
    }

    #[test]
    fn message_without_a_customer_is_reported_without_its_text() {
        let value = json!({"messages": [{"id": "a", "type": "text", "text": {"body": "boo"}}]});
        match parse(&body(&value)).as_slice() {
            [WebhookUpdate::Unhandled { text, .. }] => assert!(!text.contains("boo")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_failed_status_without_an_error_has_a_reason() {
        let value = json!({"statuses": [{"id": "w", "status": "failed", "biz_opaque_callback_data": "t1"}]});
        match parse(&body(&value)).as_slice() {
            [WebhookUpdate::Status(status)] => {
                assert_eq!(status.tracker.as_deref(), Some("t1"));
                assert_eq!(status.error, Some((0, "WhatsApp gave no reason.".to_owned())));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_new_number_renames_the_customer() {
        let value = json!({"messages": [{"from": "1", "id": "a", "timestamp": "5", "type": "system",
            "system": {"type": "user_changed_number", "new_wa_id": "2"}}]});
        let name = |id: &str| CustomerNames { wa_id: Some(id.to_owned()), ..CustomerNames::default() };
        assert_eq!(
            parse(&body(&value)),
            [WebhookUpdate::Renamed { old: name("1"), new: name("2"), at: Millis::from_secs(5) }]
        );
    }
}

//! What a webhook's body says. Pure and total: any bytes give an answer, and the same bytes the same one.
//!
//! Every message of a body gives an update, whatever its shape: what is not known becomes a placeholder in
//! words. A time that is missing or not readable is taken from the entry, else it is the epoch.

use super::account;
use super::errors::{integer, read, reason};
use super::inbound::{Content, InboundMessage, InboundStatus, Names, Update};
use super::placeholder::content;
use crate::domain::Millis;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Reads a webhook's body as it came.
pub fn parse(raw: &[u8]) -> Vec<Update> {
    let body = match serde_json::from_slice(raw).or_else(|_| serde_json::from_str(&mended(raw))) {
        Ok(Value::Object(body)) => Value::Object(body),
        Ok(_) => return vec![note("body", "a webhook is not a JSON object; its bytes are kept")],
        Err(error) => {
            return vec![note("body", format!("a webhook is not JSON ({error}); its bytes are kept"))];
        }
    };
    let mut reader = Reader::default();
    match body.get("entry") {
        Some(entries) => items(entries).for_each(|entry| reader.entry(entry)),
        None => reader.updates.push(note("body", "a webhook has no entries; its bytes are kept")),
    }
    reader.updates
}

/// JSON whose only fault is half a surrogate pair or a broken byte, made whole: one such emoji must not
/// cost the other messages of the body.
fn mended(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(escape) = after.chars().next() else {
            out.push('\\');
            return out;
        };
        let unit = |text: &str| {
            text.strip_prefix('u').and_then(|t| t.get(..4)).and_then(|hex| u16::from_str_radix(hex, 16).ok())
        };
        let second = after.get(5..).and_then(|text| text.strip_prefix('\\')).and_then(unit);
        let (kept, length) = match unit(after) {
            Some(0xD800..=0xDBFF) if matches!(second, Some(0xDC00..=0xDFFF)) => (after.get(..11), 11),
            Some(0xD800..=0xDFFF) => (Some("ufffd"), 5),
            Some(_) => (after.get(..5), 5),
            None => (after.get(..escape.len_utf8()), escape.len_utf8()),
        };
        out.push('\\');
        out.push_str(kept.unwrap_or_default());
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[derive(Default)]
struct Reader {
    updates: Vec<Update>,
    /// How often a made id was given out in this body: two equal messages are two messages.
    made: HashMap<String, u32>,
}

/// Who a message is from.
#[derive(Clone, Copy, PartialEq)]
enum Author {
    Customer,
    Staff,
}

impl Reader {
    fn entry(&mut self, entry: &Value) {
        let at = entry.get("time").map_or(Millis(0), moment);
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
        if let Some(changed) = account::read(field, value) {
            return self.updates.push(Update::AccountChanged(changed));
        }
        let before = self.updates.len();
        if field == "history" {
            let messages: usize = list(value, "history")
                .flat_map(|chunk| list(chunk, "threads"))
                .map(|thread| list(thread, "messages").count())
                .sum();
            self.note(
                field,
                format!("{messages} earlier messages of the phone app came in; they are kept, not shown"),
            );
        }
        list(value, "messages").for_each(|message| self.message(message, value, at, Author::Customer));
        list(value, "message_echoes").for_each(|message| self.message(message, value, at, Author::Staff));
        list(value, "statuses").for_each(|status| self.status(status, at));
        list(value, "user_id_update").for_each(|update| self.user_id_update(update, at));
        for preference in list(value, "user_preferences") {
            let part = |key| text(preference, key).unwrap_or("unknown");
            self.note(field, format!("a customer set {} to {}", part("category"), part("value")));
        }
        for error in list(value, "errors") {
            let (code, detail) = read(error);
            self.note(field, format!("code {code}: {}", reason(code, &detail)));
        }
        if self.updates.len() == before {
            self.note(field, "a webhook says nothing that is known here; its bytes are kept");
        }
    }

    fn message(&mut self, message: &Value, value: &Value, at: Millis, author: Author) {
        let metadata = value.get("metadata");
        let phone_number_id = metadata.and_then(|m| word(m, "phone_number_id"));
        let own = metadata.and_then(|m| word(m, "display_phone_number")).map(|n| digits(&n));
        let customer = customer(message, value, own.as_deref(), author);
        let at = message.get("timestamp").map_or(at, moment);
        if text(message, "type") == Some("system") || message.get("system").is_some_and(Value::is_object) {
            return self.system(message, &customer, at);
        }
        for error in list(message, "errors") {
            let (code, detail) = read(error);
            // The placeholder already says that a kind is not supported.
            if code != 131_051 {
                self.note(
                    "messages",
                    format!("a customer's message came with code {code}: {}", reason(code, &detail)),
                );
            }
        }
        let content = content(message);
        if customer == Names::default() {
            self.note("messages", "a message names no customer, so it is on no desk; its bytes are kept");
            return;
        }
        let wamid = match word(message, "id") {
            Some(id) => id,
            None => self.made_id(message, phone_number_id.as_deref()),
        };
        let quotes = message.get("context").and_then(|context| word(context, "id"));
        let message = InboundMessage { wamid, phone_number_id, customer, at, content, quotes };
        self.updates.push(match author {
            Author::Customer => Update::Message(message),
            Author::Staff => Update::Echo(message),
        });
    }

    /// The same for the same content, but another for its second appearance in one body.
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
    fn system(&mut self, message: &Value, customer: &Names, at: Millis) {
        let empty = Value::Null;
        let system = message.get("system").unwrap_or(&empty);
        let mut old = Names { profile_name: None, username: None, ..customer.clone() };
        let mut new = Names::default();
        if let Some(id) = word(system, "new_wa_id").or_else(|| word(system, "wa_id")) {
            new.wa_id = Some(digits(&id));
            old.wa_id = old.wa_id.or_else(|| word(system, "customer").map(|id| digits(&id)));
        }
        new.user_id = word(system, "user_id");
        if let Some(previous) = word(system, "previous_user_id") {
            old.user_id = Some(previous);
        }
        if old == Names::default() || new == Names::default() || old == new {
            let kind = text(system, "type").unwrap_or("unknown");
            self.note(
                "messages",
                format!("WhatsApp tells of a change at a customer: {}", kind.replace('_', " ")),
            );
        } else {
            self.updates.push(Update::Renamed { old, new, at });
        }
    }

    fn user_id_update(&mut self, update: &Value, at: Millis) {
        let id = update.get("user_id");
        let part = |key: &str| id.and_then(|id| word(id, key));
        let previous = part("previous").or_else(|| word(update, "previous_user_id"));
        let current = part("current").or_else(|| word(update, "user_id"));
        if let (Some(previous), Some(current)) = (previous, current) {
            let at = update.get("timestamp").map_or(at, moment);
            let old = Names { user_id: Some(previous), ..Names::default() };
            let new = Names {
                user_id: Some(current),
                wa_id: word(update, "wa_id").map(|id| digits(&id)),
                ..Names::default()
            };
            self.updates.push(Update::Renamed { old, new, at });
        }
    }

    fn status(&mut self, status: &Value, at: Millis) {
        let progress = text(status, "status").unwrap_or("unknown");
        let Some(wamid) = word(status, "id") else {
            return self.note("messages", format!("a status \"{progress}\" names no message"));
        };
        let first = list(status, "errors").next().map(read);
        let error = match (first, progress) {
            (Some((code, detail)), _) => Some((code, reason(code, &detail))),
            (None, "failed") => Some((0, "WhatsApp gave no reason.".to_owned())),
            (None, _) => None,
        };
        self.updates.push(Update::Status(InboundStatus {
            wamid,
            tracker: word(status, "biz_opaque_callback_data"),
            word: progress.to_owned(),
            at: status.get("timestamp").map_or(at, moment),
            error,
        }));
    }

    fn note(&mut self, field: &str, text: impl Into<String>) {
        self.updates.push(note(field, text));
    }
}

fn note(field: &str, text: impl Into<String>) -> Update {
    Update::Account { field: field.to_owned(), text: text.into() }
}

/// The customer of a message: who it is from, or for an echo who it went to. What the message leaves out
/// comes from the contact with the same id, or from the only contact there is.
fn customer(message: &Value, value: &Value, own: Option<&str>, author: Author) -> Names {
    let (mut number, user) = match author {
        Author::Customer => (word(message, "from"), "from_user_id"),
        Author::Staff => (word(message, "to"), "to_user_id"),
    };
    // A deletion in the phone app comes with the two ends swapped.
    if author == Author::Staff && own.is_some() && number.as_deref().map(digits).as_deref() == own {
        number = word(message, "from");
    }
    let mut names = Names { user_id: word(message, user), ..Names::default() };
    match number {
        // WhatsApp is free to put a user id where a number was.
        Some(id) if id.contains(char::is_alphabetic) => names.user_id = names.user_id.or(Some(id)),
        Some(id) => names.wa_id = Some(digits(&id)),
        None => {}
    }
    let contacts: Vec<Names> = list(value, "contacts").map(contact).collect();
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    let known = contacts
        .iter()
        .find(|c| same(&c.wa_id, &names.wa_id) || same(&c.user_id, &names.user_id))
        .or_else(|| contacts.first().filter(|_| contacts.len() == 1))
        .filter(|c| {
            same(&c.wa_id, &names.wa_id)
                || same(&c.user_id, &names.user_id)
                || !(differ(&c.wa_id, &names.wa_id) || differ(&c.user_id, &names.user_id))
        });
    if let Some(known) = known {
        names.wa_id = names.wa_id.or_else(|| known.wa_id.clone());
        names.user_id = names.user_id.or_else(|| known.user_id.clone());
        names.username = known.username.clone();
        names.profile_name = known.profile_name.clone();
    }
    // A name alone tells nobody apart.
    if names.wa_id.is_none() && names.user_id.is_none() { Names::default() } else { names }
}

fn contact(contact: &Value) -> Names {
    let profile = contact.get("profile");
    Names {
        wa_id: word(contact, "wa_id").map(|id| digits(&id)),
        user_id: word(contact, "user_id"),
        username: profile.and_then(|p| word(p, "username")),
        profile_name: profile.and_then(|p| word(p, "name")),
    }
}

/// A content in words.
pub(super) fn words(content: &Content) -> String {
    match content {
        Content::Text(text) | Content::Placeholder(text) | Content::Edit { text, .. } => text.clone(),
        Content::Media { caption: Some(caption), .. } => caption.clone(),
        Content::Media { kind, .. } => kind.clone(),
        Content::Reaction { emoji, .. } => emoji.clone(),
        Content::Revoke { .. } => "deleted".to_owned(),
    }
}

/// Seconds as text or number; numbers that can only be milliseconds are taken as such.
fn moment(value: &Value) -> Millis {
    const MILLIS_FROM: i64 = 100_000_000_000;
    match integer(value) {
        Some(secs @ 0..MILLIS_FROM) => Millis::from_secs(secs),
        Some(millis @ MILLIS_FROM..=253_402_300_799_999) => Millis(millis),
        _ => Millis(0),
    }
}

fn digits(id: &str) -> String {
    id.trim().trim_start_matches('+').to_owned()
}

/// An array's items; anything else that is there counts as its own only item.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Value::Array(many) => (many.as_slice(), None),
        Value::Null => (&[][..], None),
        one => (&[][..], Some(one)),
    };
    many.iter().chain(one)
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).into_iter().flat_map(items)
}

/// A text that is not empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A name or number as text; WhatsApp writes some as numbers.
pub(super) fn word(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
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
            [Update::Message(message)] => message.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bytes_that_are_not_json_are_told_and_not_lost_silently() {
        for raw in [&b""[..], b"{", b"\xff\xfe", b"[1]", b"null", b"{}"] {
            assert!(matches!(parse(raw).as_slice(), [Update::Account { .. }]), "{raw:?}");
        }
    }

    #[test]
    fn half_an_emoji_does_not_cost_the_message() {
        let raw = br#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[
            {"from":"1","id":"a","type":"text","text":{"body":"\\ \ud83d! \ude00 \ud83d\ude00 \" \u00e9"}}]}}]}]}"#;
        match parse(raw).as_slice() {
            [Update::Message(message)] => {
                assert_eq!(message.content, Content::Text("\\ \u{fffd}! \u{fffd} 😀 \" é".to_owned()));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_without_an_id_gets_the_same_one_each_time_and_a_twin_another() {
        let message = json!({"from": "1", "type": "text", "text": {"body": "hi"}});
        let one = only_message(&json!({"messages": [message]}));
        assert_eq!(one.wamid, only_message(&json!({"messages": [message]})).wamid);
        let ids: Vec<String> = parse(&body(&json!({"messages": [message, message]})))
            .into_iter()
            .filter_map(|update| if let Update::Message(m) = update { Some(m.wamid) } else { None })
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
        let expected = Names {
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
    fn a_message_of_nobody_is_noted_without_its_words() {
        let value = json!({"messages": [{"id": "a", "type": "text", "text": {"body": "boo"}}]});
        match parse(&body(&value)).as_slice() {
            [Update::Account { text, .. }] => assert!(!text.contains("boo")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_failed_status_has_words_even_without_an_error() {
        let value = json!({"statuses": [{"id": "w", "status": "failed", "biz_opaque_callback_data": "t1"}]});
        match parse(&body(&value)).as_slice() {
            [Update::Status(status)] => {
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
        let name = |id: &str| Names { wa_id: Some(id.to_owned()), ..Names::default() };
        assert_eq!(
            parse(&body(&value)),
            [Update::Renamed { old: name("1"), new: name("2"), at: Millis::from_secs(5) }]
        );
    }
}

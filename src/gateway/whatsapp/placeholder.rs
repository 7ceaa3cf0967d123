//! The content of a message of any kind: text, media, or a description of what a terminal cannot show.

use super::fields::{list, text, word};
use super::inbound::Content;
use serde_json::Value;

/// The kinds, in the order in which they are tried when a message does not name its kind.
const KINDS: [&str; 16] = [
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "button",
    "order",
    "reaction",
    "edit",
    "revoke",
    "unsupported",
    "system",
];

/// The most characters of a list in a placeholder.
const LIST_LIMIT: usize = 1000;

/// The content of one message. Never fails: unknown content is described.
pub(super) fn content(message: &Value) -> Content {
    let found = || KINDS.into_iter().find(|kind| message.get(*kind).is_some());
    let kind = text(message, "type").or_else(found).unwrap_or("unknown");
    let part = message.get(kind).unwrap_or(&Value::Null);
    let say = |words: &str| Content::Placeholder(words.to_owned());
    match kind {
        "text" => text(part, "body")
            .map_or_else(|| say("sent an empty message"), |body| Content::Text(body.to_owned())),
        "image" | "video" | "audio" | "document" | "sticker" => media(kind, part),
        "voice" => media("audio", part),
        "location" => location(part),
        "contacts" => contacts(message),
        "interactive" => interactive(part),
        "button" => text(part, "text")
            .or_else(|| text(part, "payload"))
            .map_or_else(|| say("pressed a button"), |title| Content::Text(title.to_owned())),
        "order" => order(part),
        "reaction" => match word(part, "message_id") {
            Some(of) => Content::Reaction { of, emoji: text(part, "emoji").unwrap_or_default().to_owned() },
            None => say("reacted to a message"),
        },
        "edit" => match (word(part, "original_message_id"), part.get("message")) {
            (Some(of), Some(new)) => Content::Edit { of, text: content_once(new).to_text() },
            _ => say("edited a message (WhatsApp does not say which one or how)"),
        },
        "revoke" => word(part, "original_message_id").map_or_else(
            || say("deleted a message (WhatsApp does not say which one)"),
            |of| Content::Revoke { of },
        ),
        "media_placeholder" => say("sent a file"),
        "request_welcome" => say("opened the chat for the first time"),
        "ephemeral" => say("sent a message that disappears (WhatsApp does not pass it on)"),
        "unsupported" | "unknown" => unsupported(message.get("unsupported").and_then(|u| text(u, "type"))),
        other => {
            Content::Placeholder(format!("sent something that deskline does not know ({})", short(other)))
        }
    }
}

/// The new state of an edited message. An edit of an edit would nest without end; WhatsApp has none.
fn content_once(message: &Value) -> Content {
    if message.get("edit").is_some() {
        return Content::Placeholder("edited".to_owned());
    }
    content(message)
}

fn media(kind: &str, part: &Value) -> Content {
    let voice = kind == "audio" && part.get("voice").and_then(Value::as_bool).unwrap_or(false);
    Content::Media {
        kind: if voice { "voice" } else { kind }.to_owned(),
        id: word(part, "id"),
        mime: word(part, "mime_type"),
        name: word(part, "filename"),
        caption: word(part, "caption"),
    }
}

fn location(part: &Value) -> Content {
    let place: Vec<&str> = ["name", "address"].into_iter().filter_map(|key| text(part, key)).collect();
    let point = || Some(format!("{}, {}", word(part, "latitude")?, word(part, "longitude")?));
    Content::Placeholder(match (place.is_empty(), point()) {
        (false, _) => format!("shared a location: {}", place.join(", ")),
        (true, Some(point)) => format!("shared a location: {point}"),
        (true, None) => "shared a location".to_owned(),
    })
}

fn contacts(message: &Value) -> Content {
    let cards: Vec<String> = list(message, "contacts")
        .map(|card| {
            let name = card.get("name");
            let name = ["formatted_name", "first_name", "last_name"]
                .into_iter()
                .find_map(|key| name.and_then(|name| text(name, key)))
                .unwrap_or("no name");
            let phones: Vec<String> = list(card, "phones")
                .filter_map(|phone| {
                    word(phone, "phone").or_else(|| Some(format!("+{}", word(phone, "wa_id")?)))
                })
                .collect();
            if phones.is_empty() { name.to_owned() } else { format!("{name} ({})", phones.join(", ")) }
        })
        .collect();
    let word = if cards.len() > 1 { "contact cards" } else { "a contact card" };
    Content::Placeholder(cut(format!("sent {word}: {}", cards.join("; "))))
}

fn interactive(part: &Value) -> Content {
    let kind = text(part, "type").unwrap_or_default();
    let reply = part.get(kind).unwrap_or(&Value::Null);
    match kind {
        "button_reply" | "list_reply" => text(reply, "title").or_else(|| text(reply, "id")).map_or_else(
            || Content::Placeholder("chose an answer".to_owned()),
            |title| Content::Text(title.to_owned()),
        ),
        "nfm_reply" => form(reply),
        "call_permission_reply" => Content::Placeholder(match text(reply, "response") {
            Some("accept") => "allowed you to call".to_owned(),
            Some("reject") => "did not allow you to call".to_owned(),
            _ => "answered the question whether you may call".to_owned(),
        }),
        "" => Content::Placeholder("chose an answer (WhatsApp did not pass it on)".to_owned()),
        other => {
            Content::Placeholder(format!("sent an answer that deskline does not know ({})", short(other)))
        }
    }
}

/// A filled-in form (WhatsApp: Flow). Its answers are JSON inside a text, which may be broken.
fn form(reply: &Value) -> Content {
    let answers: Value = text(reply, "response_json")
        .and_then(|json| serde_json::from_str(json).ok())
        .or_else(|| reply.get("response_json").cloned())
        .unwrap_or(Value::Null);
    let fields: Vec<String> = answers
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "flow_token")
        .map(|(key, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{}: {value}", key.replace('_', " "))
        })
        .collect();
    Content::Placeholder(match (fields.is_empty(), text(reply, "body")) {
        (false, _) => cut(format!("filled in a form: {}", fields.join("; "))),
        (true, Some(body)) => format!("filled in a form: {}", short(body)),
        (true, None) => "filled in a form".to_owned(),
    })
}

fn order(part: &Value) -> Content {
    let lines: Vec<String> = list(part, "product_items")
        .map(|item| {
            let quantity = word(item, "quantity").unwrap_or_else(|| "1".to_owned());
            let product = word(item, "product_retailer_id").unwrap_or_else(|| "a product".to_owned());
            match (word(item, "item_price"), word(item, "currency")) {
                (Some(price), Some(currency)) => format!("{quantity} × {product} at {price} {currency}"),
                (Some(price), None) => format!("{quantity} × {product} at {price}"),
                (None, _) => format!("{quantity} × {product}"),
            }
        })
        .collect();
    let mut summary = "sent an order".to_owned();
    if !lines.is_empty() {
        summary = format!("{summary}: {}", lines.join("; "));
    }
    match text(part, "text") {
        Some(note) => Content::Placeholder(cut(format!("{summary} — {note}"))),
        None => Content::Placeholder(cut(summary)),
    }
}

fn unsupported(kind: Option<&str>) -> Content {
    let what = match kind {
        Some("poll_creation" | "poll" | "pool") => "a poll",
        Some("poll_update") => "a vote in a poll",
        Some("edit") => "a change to an earlier message",
        Some("pin") => "a pinned message",
        Some("gif") => "a GIF",
        Some("group_invite") => "an invitation to a group",
        Some("keep_in_chat") => "a kept message",
        Some("link_preview") => "a link with a preview",
        Some("media_placeholder" | "view_once") => "a file to be seen once",
        Some("product") => "a product",
        Some("order") => "an order",
        Some("list") => "a list",
        Some("hsm" | "template") => "a template message",
        Some("event_creation" | "event") => "an event",
        Some("unknown") | None => "something",
        Some(other) => {
            let other = short(&other.replace('_', " "));
            return Content::Placeholder(format!("sent something that WhatsApp does not pass on ({other})"));
        }
    };
    Content::Placeholder(format!("sent {what} (WhatsApp does not pass it on)"))
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LIST_LIMIT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words_of(message: &Value) -> String {
        content(message).to_text()
    }

    #[test]
    fn content_that_a_terminal_cannot_show_is_described() {
        for (message, expected) in [
            (
                json!({"type": "location", "location": {"latitude": 1.5, "longitude": 2, "name": "Kiosk", "address": "Pier 4"}}),
                "shared a location: Kiosk, Pier 4",
            ),
            (json!({"location": {"latitude": 1.5, "longitude": 2}}), "shared a location: 1.5, 2"),
            (
                json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Ida"}, "phones": [{"phone": "+1 55"}]}, {}]}),
                "sent contact cards: Ida (+1 55); no name",
            ),
            (json!({"type": "contacts", "contacts": [{}]}), "sent a contact card: no name"),
            (
                json!({"type": "unsupported", "unsupported": {"type": "poll_creation"}}),
                "sent a poll (WhatsApp does not pass it on)",
            ),
            (json!({"type": "unsupported"}), "sent something (WhatsApp does not pass it on)"),
            (
                json!({"type": "order", "order": {"text": "asap", "product_items": [
                    {"product_retailer_id": "cup", "quantity": "2", "item_price": 3.5, "currency": "EUR"}]}}),
                "sent an order: 2 × cup at 3.5 EUR — asap",
            ),
            (
                json!({"type": "interactive", "interactive": {"type": "nfm_reply",
                    "nfm_reply": {"body": "Sent", "response_json": "{\"flow_token\":\"x\",\"shoe_size\":42}"}}}),
                "filled in a form: shoe size: 42",
            ),
            (
                json!({"type": "interactive", "interactive": {"type": "nfm_reply",
                    "nfm_reply": {"body": "Sent", "response_json": "{broken"}}}),
                "filled in a form: Sent",
            ),
            (json!({"type": "interactive"}), "chose an answer (WhatsApp did not pass it on)"),
            (json!({"type": "hologram"}), "sent something that deskline does not know (hologram)"),
            (json!({"type": "text"}), "sent an empty message"),
            (json!(7), "sent something (WhatsApp does not pass it on)"),
        ] {
            let content = content(&message);
            assert!(matches!(content, Content::Placeholder(_)), "{message}");
            assert_eq!(content.to_text(), expected);
        }
    }

    #[test]
    fn an_answer_by_button_or_list_reads_as_its_title() {
        for reply in ["button_reply", "list_reply"] {
            let message = json!({"type": "interactive", "interactive": {"type": reply, reply: {"id": "x", "title": "Yes"}}});
            assert_eq!(content(&message), Content::Text("Yes".to_owned()));
        }
        let message = json!({"type": "button", "button": {"payload": "p", "text": "Stop"}});
        assert_eq!(content(&message), Content::Text("Stop".to_owned()));
    }

    #[test]
    fn an_edited_picture_reads_as_its_new_caption() {
        let message = json!({"type": "edit", "edit": {"original_message_id": "w",
            "message": {"type": "image", "image": {"caption": "better"}}}});
        assert_eq!(content(&message), Content::Edit { of: "w".into(), text: "better".into() });
    }

    #[test]
    fn a_long_list_is_cut_between_characters() {
        let cards: Vec<Value> = (0..500).map(|_| json!({"name": {"formatted_name": "名前"}})).collect();
        let words = words_of(&json!({"type": "contacts", "contacts": cards}));
        assert_eq!(words.chars().count(), LIST_LIMIT + 1);
        assert!(words.ends_with('…'));
    }
}

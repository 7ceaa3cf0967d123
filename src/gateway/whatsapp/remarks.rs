//! WhatsApp's remarks about a message, each as one line for an agent.

use super::errors::{read_error, reason_for_received};
use super::fields::{list, text, word};
use serde_json::Value;

/// The most characters of a headline, a text or a name in a line; the rest is cut.
const MOST_LINE: usize = 160;
/// The most characters of a link. A cut link leads nowhere, so this is generous.
const MOST_LINK: usize = 500;
/// The most error lines of one message.
const MOST_ERRORS: usize = 3;

/// The lines that precede a message, in reading order.
pub(super) fn remarks(message: &Value) -> Vec<String> {
    let context = message.get("context");
    let is = |key: &str| context.and_then(|context| context.get(key)).and_then(Value::as_bool) == Some(true);
    let mut lines = Vec::new();
    lines.extend(message.get("referral").and_then(referral));
    let product = context.and_then(|context| context.get("referred_product"));
    lines.extend(product.and_then(product_line));
    if is("frequently_forwarded") {
        lines.push("The next message was forwarded many times".to_owned());
    } else if is("forwarded") {
        lines.push("The next message was forwarded".to_owned());
    }
    // A placeholder already says that a kind is not supported.
    let errors = list(message, "errors").map(read_error).filter(|(code, _)| *code != 131_051);
    lines.extend(
        errors
            .take(MOST_ERRORS)
            .map(|(code, detail)| one_line(&reason_for_received(code, &detail), MOST_LINE)),
    );
    lines
}

/// The ad or the post that brought the customer.
fn referral(referral: &Value) -> Option<String> {
    let part =
        |key: &str, most| text(referral, key).map(|words| one_line(words, most)).filter(|t| !t.is_empty());
    let what = match text(referral, "source_type") {
        Some("post") => "a post",
        _ => "an ad",
    };
    let link = part("source_url", MOST_LINK).map(|url| format!("({url})"));
    let said: Vec<String> =
        [part("headline", MOST_LINE), part("body", MOST_LINE)].into_iter().flatten().collect();
    let said = Some(said.join(" – ")).filter(|said| !said.is_empty());
    let details: Vec<String> = [said, link].into_iter().flatten().collect();
    if details.is_empty() {
        let is_known = referral.as_object().is_some_and(|parts| !parts.is_empty());
        return is_known.then(|| format!("The customer came from {what}"));
    }
    Some(format!("The customer came from {what}: {}", details.join(" ")))
}

fn product_line(product: &Value) -> Option<String> {
    let part = |key: &str| word(product, key).map(|words| one_line(&words, MOST_LINE));
    match (part("product_retailer_id"), part("catalog_id")) {
        (Some(id), Some(catalog)) => {
            Some(format!("The customer asks about the product {id} of the catalog {catalog}"))
        }
        (Some(id), None) => Some(format!("The customer asks about the product {id}")),
        (None, Some(catalog)) => Some(format!("The customer asks about a product of the catalog {catalog}")),
        (None, None) => None,
    }
}

/// A text as one line, cut to a number of characters.
pub(in crate::gateway) fn one_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_ad_is_one_line_with_headline_body_and_link() {
        let message = json!({"referral": {"source_type": "ad", "source_url": "https://fb.me/x",
            "headline": "Chat\nwith  us", "body": "Summer sale"}});
        assert_eq!(
            remarks(&message),
            ["The customer came from an ad: Chat with us – Summer sale (https://fb.me/x)"]
        );
        for (referral, expected) in [
            (json!({"source_type": "post", "body": "New shop"}), "The customer came from a post: New shop"),
            (json!({"source_url": "https://fb.me/x"}), "The customer came from an ad: (https://fb.me/x)"),
            (json!({"source_id": "7"}), "The customer came from an ad"),
        ] {
            assert_eq!(remarks(&json!({"referral": referral})), [expected]);
        }
        for nothing in [json!({}), json!(null), json!("x"), json!([1])] {
            assert_eq!(remarks(&json!({"referral": nothing})), [""; 0]);
        }
    }

    #[test]
    fn a_product_and_forwarding_are_described() {
        let message = json!({"context": {"forwarded": true, "frequently_forwarded": true,
            "referred_product": {"catalog_id": 7, "product_retailer_id": "red-42"}}});
        assert_eq!(
            remarks(&message),
            [
                "The customer asks about the product red-42 of the catalog 7",
                "The next message was forwarded many times"
            ]
        );
        assert_eq!(remarks(&json!({"context": {"forwarded": true}})), ["The next message was forwarded"]);
        assert_eq!(remarks(&json!({"context": {"id": "w", "from": "1"}})), [""; 0]);
    }

    #[test]
    fn an_error_inside_a_message_gives_its_reason() {
        let lines = |code: i64, detail: &str| {
            remarks(&json!({"errors": [{"code": code, "error_data": {"details": detail}}]})).join("|")
        };
        assert!(lines(131_052, "gone").contains("could not fetch the customer's file"));
        assert!(lines(131_060, "").contains("not available"));
        assert!(lines(999, "odd").contains("odd") && !lines(999, "odd").contains("refused"));
        assert_eq!(lines(131_051, "x"), "");
    }

    #[test]
    fn every_line_is_bounded_and_one_line() {
        let long = "字\r\n".repeat(5000);
        let message = json!({"referral": {"headline": long, "body": long, "source_url": long},
            "context": {"referred_product": {"catalog_id": long, "product_retailer_id": long}},
            "errors": (0..50).map(|_| json!({"code": 5, "title": long})).collect::<Vec<_>>()});
        let lines = remarks(&message);
        assert_eq!(lines.len(), 2 + MOST_ERRORS);
        for line in lines {
            assert!(line.chars().count() < 1000 && !line.contains(['\n', '\r']), "{line}");
        }
    }
}

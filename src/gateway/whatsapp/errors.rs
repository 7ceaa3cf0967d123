//! What WhatsApp's error codes mean for an agent, and whether a retry can help.

use serde_json::Value;

/// What to do after a refused send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// WhatsApp has a problem or is busy: retry later.
    Retry,
    /// Too many messages to this one customer: retry after 4^n seconds.
    SlowDown,
    /// A retry would fail the same way.
    None,
}

/// The code of an access token that is not valid.
pub const INVALID_TOKEN: i64 = 190;

/// The code that WhatsApp means: an explicit 0 means that the token is not valid.
pub const fn effective_code(code: i64) -> i64 {
    if code == 0 { INVALID_TOKEN } else { code }
}

/// What to do about a code. An unknown code is final.
pub const fn remedy(code: i64) -> Remedy {
    match code {
        2 | 4 | 80_007 | 130_429 | 131_000 | 131_016 | 131_057 | 133_004 => Remedy::Retry,
        131_056 => Remedy::SlowDown,
        _ => Remedy::None,
    }
}

/// What happened and what to do, for an agent. `detail` is WhatsApp's own text; it is added where our sentence
/// alone does not say which part is wrong. Code 0 is an error without a code.
pub fn reason(code: i64, detail: &str) -> String {
    let detail = detail.trim();
    match (words(code), detail.is_empty()) {
        (Some((words, true)), false) => format!("{words} WhatsApp says: {detail}"),
        (Some((words, _)), _) => words.to_owned(),
        (None, true) if code == 0 => "WhatsApp gave no reason.".to_owned(),
        (None, true) => format!("WhatsApp refused it with code {code} and gave no reason."),
        (None, false) => format!("WhatsApp refused it (code {code}): {detail}"),
    }
}

/// Why a part of a customer's message is missing. `detail` is WhatsApp's own text.
pub fn reason_for_received(code: i64, detail: &str) -> String {
    let detail = detail.trim();
    match (words(code), detail.is_empty()) {
        (Some(_), _) => reason(code, detail),
        (None, true) => format!("WhatsApp could not pass on all of the next message (code {code})."),
        (None, false) => {
            format!("WhatsApp could not pass on all of the next message (code {code}): {detail}")
        }
    }
}

/// Our words for a code, and whether WhatsApp's detail is worth showing too.
const fn words(code: i64) -> Option<(&'static str, bool)> {
    Some(match code {
        190 => (
            "The gateway's access to WhatsApp has lapsed. Tell your administrator: the access token is not valid.",
            false,
        ),
        3 | 10 | 200..=299 => (
            "The gateway lacks a permission at WhatsApp. Tell your administrator: the access token's permissions.",
            true,
        ),
        2 | 131_000 | 131_016 | 133_004 => ("WhatsApp has trouble at the moment.", false),
        4 | 80_007 => ("The account has made too many calls to WhatsApp.", false),
        100 | 131_008 | 131_009 => ("WhatsApp did not accept a value in the message.", true),
        368 | 131_031 => {
            ("WhatsApp has locked or restricted the business account. Tell your administrator.", true)
        }
        130_429 => ("The business number sends more than WhatsApp takes in a second.", false),
        130_472 | 131_049 => (
            "WhatsApp held the message back to limit marketing to this customer. Do not try again today.",
            false,
        ),
        130_497 => ("WhatsApp does not allow this business to write to the customer's country.", true),
        131_021 => ("The customer's number is the business's own number.", false),
        131_026 => (
            "It cannot be delivered: the customer may not be on WhatsApp, may have an old version, or may have blocked you.",
            false,
        ),
        131_030 => (
            "The business number is a test number, and this customer is not on its list of recipients. Tell your administrator.",
            false,
        ),
        131_037 | 131_045 | 133_010 | 133_016 => {
            ("The business number is not fully registered with WhatsApp. Tell your administrator.", true)
        }
        131_042 => ("WhatsApp could not charge the business account. Tell your administrator.", false),
        131_047 => (
            "More than 24 hours have passed since the customer last wrote, so only a template may be sent.",
            false,
        ),
        131_048 | 131_064 => (
            "WhatsApp has limited what this number may send, because messages were reported or the limit is reached. Tell your administrator.",
            false,
        ),
        131_050 => ("The customer has stopped marketing messages.", false),
        131_051 => ("WhatsApp does not pass on messages of this kind.", false),
        131_052 => ("WhatsApp could not fetch the customer's file.", true),
        131_053 => ("WhatsApp could not use the file: check its type and size.", true),
        131_056 => ("Too many messages went to this customer in a short time.", false),
        131_057 => ("The business number is in maintenance for about a minute.", false),
        131_060 => ("The message is not available: WhatsApp did not pass it on.", true),
        131_062 => {
            ("This kind of message needs the customer's phone number, and WhatsApp does not give it.", false)
        }
        132_000 => ("The template has another number of parameters. Look at it again: it was changed.", true),
        132_001 => {
            ("WhatsApp has no approved template of this name in this language. Choose another one.", false)
        }
        132_005 => ("The template is too long when it is filled in.", true),
        132_007 => ("WhatsApp holds what was filled in against its rules. Tell your administrator.", true),
        132_012 | 132_018 => ("What was filled into the template has not the form that it wants.", true),
        132_015 => (
            "WhatsApp has paused the template, because customers did not like it. Choose another one.",
            false,
        ),
        132_016 => ("WhatsApp has disabled the template for good. Choose another one.", false),
        132_002..=132_018 => ("The template does not fit.", true),
        137_000 => ("The customer's identity has changed and has to be confirmed before you write.", false),
        _ => return None,
    })
}

/// Reads an error in any of WhatsApp's forms: the code, and the most specific text.
pub fn read_error(error: &Value) -> (i64, String) {
    let code = error.get("code").and_then(integer).unwrap_or(0);
    fn text(value: Option<&Value>) -> Option<&str> {
        value.and_then(Value::as_str).filter(|text| !text.trim().is_empty())
    }
    let detail = text(error.get("error_data").and_then(|data| data.get("details")))
        .or_else(|| text(error.get("details")))
        .or_else(|| text(error.get("error_user_msg")))
        .or_else(|| text(error.get("message")))
        .or_else(|| text(error.get("title")))
        .unwrap_or_default();
    (code, detail.to_owned())
}

/// A whole number, also when it is written as text or with a fraction.
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and that is wanted")]
            number.as_f64().map(|float| float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_known_code_has_a_sentence_and_an_unknown_one_is_named() {
        assert!(reason(131_047, "long text").starts_with("More than 24 hours"));
        assert!(!reason(131_047, "long text").contains("long text"));
        assert!(reason(132_012, "body: 2").ends_with("WhatsApp says: body: 2"));
        assert_eq!(reason(0, ""), "WhatsApp gave no reason.");
        assert_eq!(reason(999, ""), "WhatsApp refused it with code 999 and gave no reason.");
        assert_eq!(reason(999, "odd"), "WhatsApp refused it (code 999): odd");
    }

    #[test]
    fn every_form_of_an_error_is_read() {
        let new = json!({"code": 131_026, "title": "t", "message": "m", "error_data": {"details": "d"}});
        assert_eq!(read_error(&new), (131_026, "d".to_owned()));
        assert_eq!(read_error(&json!({"code": 1, "details": "d", "title": "t"})), (1, "d".to_owned()));
        assert_eq!(read_error(&json!({"code": "131053", "title": "t"})), (131_053, "t".to_owned()));
        assert_eq!(read_error(&json!("nonsense")), (0, String::new()));
    }

    #[test]
    fn only_outages_and_limits_are_tried_again() {
        for code in [2, 4, 80_007, 130_429, 131_000, 131_016, 133_004] {
            assert_eq!(remedy(code), Remedy::Retry, "{code}");
        }
        assert_eq!(remedy(131_056), Remedy::SlowDown);
        for code in [0, 100, 190, 131_026, 131_047, 131_049, 424_242] {
            assert_eq!(remedy(code), Remedy::None, "{code}");
        }
    }
}

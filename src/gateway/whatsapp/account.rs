//! What WhatsApp reports about the account, its number and its templates.
//!
//! Owns: which changes an administrator must be notified of, their text, and what ends them. Must not: store anything.
//! Invariants: the text is made of the keys that are listed here, with short and cleaned values, so that
//! nothing about a customer can be in it, whatever a webhook contains.

use super::errors::{integer, reason};
use super::fields::text;
use crate::domain::Millis;
use crate::text::Clean;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Keys whose values are reported.
const REPORTED_KEYS: &[&str] = &[
    "alert_description",
    "alert_severity",
    "alert_status",
    "alert_type",
    "correct_category",
    "current_limit",
    "decision",
    "description",
    "disable_date",
    "display_phone_number",
    "event",
    "expiration",
    "max_daily_conversation_per_phone",
    "max_daily_conversations_per_business",
    "max_phone_numbers_per_business",
    "message_template_category",
    "message_template_language",
    "message_template_name",
    "new_category",
    "new_quality_score",
    "old_limit",
    "previous_category",
    "previous_quality_score",
    "reason",
    "recommendation",
    "rejection_reason",
    "restriction_type",
    "title",
    "violation_type",
    "waba_ban_date",
    "waba_ban_state",
];
/// Keys whose values are searched for reported keys.
const NESTED_KEYS: &[&str] = &[
    "alert_info",
    "ban_info",
    "disable_info",
    "lock_info",
    "other_info",
    "rejection_info",
    "restriction_info",
    "violation_info",
];
/// The most characters of one value.
const MOST_VALUE: usize = 120;
/// The most characters of all values together.
const MOST_TEXT: usize = 400;
/// The deepest level at which these keys are searched.
const DEPTH: u8 = 3;

/// The state of a topic after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeStatus {
    /// Something is wrong, until the same topic is [`Resolved`](Self::Resolved).
    #[serde(rename = "trouble")]
    Problem,
    /// It works again.
    #[serde(rename = "over")]
    Resolved,
    /// It happened, and nothing has to be done about it.
    #[serde(rename = "news")]
    Notice,
}

impl ChangeStatus {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Problem => "trouble",
            Self::Resolved => "over",
            Self::Notice => "news",
        }
    }
}

/// A template, identified as WhatsApp does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateName {
    pub name: String,
    pub language: String,
}

/// A change of the account that an administrator must be notified of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChange {
    /// WhatsApp's name for the field of the webhook; `send` and `templates` for errors in answers to the
    /// gateway.
    pub field: String,
    /// The topic. A later change of the same topic replaces this one.
    pub topic: String,
    #[serde(rename = "standing")]
    pub status: ChangeStatus,
    /// A description of one line.
    pub text: String,
    /// The template, if the change is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateName>,
    /// When the problem ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

impl AccountChange {
    /// Something that happened and does not have to end.
    pub fn notice(field: &str, topic: &str, text: String) -> Self {
        Self::new(field, topic, ChangeStatus::Notice, text)
    }

    fn new(field: &str, topic: impl Into<String>, status: ChangeStatus, text: String) -> Self {
        Self { field: field.to_owned(), topic: topic.into(), status, text, template: None, until: None }
    }
}

/// An error of the account that a webhook reports beside messages. WhatsApp's own details are left out: they may name a
/// customer.
pub fn account_error(field: &str, code: i64) -> AccountChange {
    let what = format!("WhatsApp reports an error of the account: {} (code {code})", reason(code, ""));
    AccountChange::notice(field, &format!("error {code}"), what)
}

/// Reads a change of a webhook; `None` when its field is not about the account.
pub fn read_change(field: &str, value: &Value) -> Option<AccountChange> {
    let event = text(value, "event").unwrap_or_default();
    let details = details(value);
    let generic = |status, topic: &str, what: &str| {
        let said = if details.is_empty() { String::new() } else { format!(": {details}") };
        AccountChange::new(field, topic, status, format!("{what}{said}"))
    };
    Some(match field {
        "message_template_status_update" => template_status(field, value, event, &details),
        "message_template_quality_update" => {
            let template = template_of(value);
            let status = match text(value, "new_quality_score") {
                Some("RED") => ChangeStatus::Problem,
                _ => ChangeStatus::Resolved,
            };
            let topic = format!("template-quality {} {}", template.name, template.language);
            let what = "the quality of a template changed at WhatsApp";
            AccountChange { template: Some(template), ..generic(status, &topic, what) }
        }
        "phone_number_quality_update" => {
            let status = match event {
                "FLAGGED" | "DOWNGRADE" => ChangeStatus::Problem,
                "UNFLAGGED" | "UPGRADE" | "ONBOARDING" => ChangeStatus::Resolved,
                _ => ChangeStatus::Notice,
            };
            generic(
                status,
                "number-quality",
                "the quality or limit of the business number changed at WhatsApp",
            )
        }
        "account_update" => {
            let ban = value.pointer("/ban_info/waba_ban_state").and_then(Value::as_str).unwrap_or_default();
            let status = match (event, ban) {
                (_, "REINSTATE") | ("VERIFIED_ACCOUNT" | "ACCOUNT_REINSTATED", _) => ChangeStatus::Resolved,
                ("DISABLED_UPDATE" | "ACCOUNT_RESTRICTION" | "ACCOUNT_DELETED" | "ACCOUNT_LOCKED", _) => {
                    ChangeStatus::Problem
                }
                (_, "DISABLE" | "SCHEDULE_FOR_DISABLE") => ChangeStatus::Problem,
                _ => ChangeStatus::Notice,
            };
            let change = generic(status, "account", "WhatsApp changed how the business account stands");
            AccountChange { until: expiration(value), ..change }
        }
        "account_review_update" => {
            let status = match text(value, "decision") {
                Some("REJECTED") => ChangeStatus::Problem,
                Some("APPROVED") => ChangeStatus::Resolved,
                _ => ChangeStatus::Notice,
            };
            generic(status, "account-review", "WhatsApp reviewed the business account")
        }
        "account_alerts" => {
            let info = value.get("alert_info").unwrap_or(value);
            let kind = short(text(info, "alert_type").unwrap_or("alert"));
            let status = match (text(info, "alert_severity"), text(info, "alert_status")) {
                (_, Some("NONE" | "RESOLVED" | "INACTIVE")) => ChangeStatus::Resolved,
                (Some("CRITICAL" | "WARNING"), _) => ChangeStatus::Problem,
                _ => ChangeStatus::Notice,
            };
            generic(status, &format!("alert {kind}"), "WhatsApp has an alert for the business account")
        }
        "security" => generic(ChangeStatus::Notice, "security", "security of the business number"),
        _ => {
            let families = ["account_", "business_", "phone_number_", "message_template_", "template_"];
            if !families.iter().any(|family| field.starts_with(family)) {
                return None;
            }
            let what = format!("WhatsApp changed the account ({})", short(&field.replace('_', " ")));
            let template = Some(template_of(value)).filter(|template| !template.name.is_empty());
            AccountChange { template, ..generic(ChangeStatus::Notice, &short(field), &what) }
        }
    })
}

fn template_status(field: &str, value: &Value, event: &str, details: &str) -> AccountChange {
    let template = template_of(value);
    let (status, words) = match event {
        "APPROVED" | "REINSTATED" | "UNPAUSED" | "ACTIVE" => (ChangeStatus::Resolved, "is approved"),
        "FLAGGED" => (ChangeStatus::Notice, "was flagged and may be paused or disabled"),
        "PAUSED" => (ChangeStatus::Problem, "is paused"),
        "DISABLED" => (ChangeStatus::Problem, "is disabled"),
        "REJECTED" => (ChangeStatus::Problem, "was rejected"),
        "PENDING" | "IN_APPEAL" => (ChangeStatus::Problem, "is being reviewed"),
        "DELETED" | "PENDING_DELETION" => (ChangeStatus::Problem, "is being deleted"),
        _ => (ChangeStatus::Problem, "is not approved"),
    };
    let effect =
        if status == ChangeStatus::Problem { "; it is not offered until it is approved again" } else { "" };
    let text = format!(
        "the template {} ({}) {words} at WhatsApp{effect}: {details}",
        template.name, template.language
    );
    let change = AccountChange::new(field, topic_of(&template), status, text);
    AccountChange { template: Some(template), ..change }
}

/// The topic for whether a template may be sent.
pub fn topic_of(template: &TemplateName) -> String {
    format!("template {} {}", template.name, template.language)
}

fn template_of(value: &Value) -> TemplateName {
    let part = |key| short(text(value, key).unwrap_or_default());
    TemplateName { name: part("message_template_name"), language: part("message_template_language") }
}

/// When a restriction ends, if the webhook says so.
fn expiration(value: &Value) -> Option<Millis> {
    let list = value.get("restriction_info")?;
    let all = list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice);
    all.iter().filter_map(|one| integer(one.get("expiration")?)).max().map(Millis::from_secs)
}

fn short(words: &str) -> String {
    Clean::line(words).as_str().chars().take(MOST_VALUE).collect()
}

/// The listed keys and their values, in the order of the payload.
fn details(value: &Value) -> String {
    let mut out = Vec::new();
    walk(value, DEPTH, &mut out);
    out.join(", ").chars().take(MOST_TEXT).collect()
}

fn walk(value: &Value, depth: u8, out: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(all) => all.iter().for_each(|one| walk(one, depth, out)),
        Value::Object(map) => {
            for (key, value) in map {
                let words = match value {
                    Value::String(text) => short(text),
                    Value::Number(number) => number.to_string(),
                    Value::Bool(flag) => flag.to_string(),
                    Value::Array(_) | Value::Object(_) if NESTED_KEYS.contains(&key.as_str()) => {
                        walk(value, depth, out);
                        continue;
                    }
                    Value::Array(_) | Value::Object(_) | Value::Null => continue,
                };
                if REPORTED_KEYS.contains(&key.as_str()) && !words.is_empty() && words != "NONE" {
                    out.push(format!("{} {words}", key.replace('_', " ")));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The problem of the account behind an error code, as a topic and a sentence; `None` when the code is about
/// one message.
pub const fn problem_for_code(code: i64) -> Option<(&'static str, &'static str)> {
    Some(match code {
        190 => (
            "access",
            "WhatsApp does not accept the gateway's access token, so nothing can be sent: renew the token",
        ),
        3 | 10 | 200..=299 => (
            "permission",
            "the gateway's access token lacks a permission at WhatsApp, so messages are refused: check its permissions",
        ),
        368 | 131_031 => {
            ("locked", "WhatsApp has locked or restricted the business account, so messages are refused")
        }
        131_037 | 131_045 | 133_010 | 133_016 => (
            "registration",
            "the business number is not fully registered with WhatsApp, so messages are refused",
        ),
        131_042 => ("payment", "WhatsApp could not charge the business account, so messages are refused"),
        131_048 | 131_064 => ("limited", "WhatsApp has limited what the business number may send"),
        _ => return None,
    })
}

/// What an error code of WhatsApp means for the account. `of` is the request: `send` or `templates`.
pub fn problem_from_refusal(of: &str, code: i64) -> Option<AccountChange> {
    let (topic, sentence) = problem_for_code(code)?;
    let text = format!("{sentence} (code {code})");
    Some(AccountChange::new(of, format!("{of} {topic}"), ChangeStatus::Problem, text))
}

/// WhatsApp accepted a message, so the problem of that topic is resolved.
pub fn sending_works_again(topic: &str) -> AccountChange {
    AccountChange::new("send", topic, ChangeStatus::Resolved, "WhatsApp takes messages again".to_owned())
}

/// WhatsApp refused to send a template because of the template's state.
pub fn template_refused(template: TemplateName, code: i64) -> Option<AccountChange> {
    let words = match code {
        132_015 => "is paused",
        132_016 => "is disabled",
        _ => return None,
    };
    let text = format!(
        "the template {} ({}) {words} at WhatsApp; it is not offered until it is approved again (code {code})",
        template.name, template.language
    );
    let change = AccountChange::new("send", topic_of(&template), ChangeStatus::Problem, text);
    Some(AccountChange { template: Some(template), ..change })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn customer_name_in_an_unknown_key_is_never_reported() {
        const NAME: &str = "Karim Haddad 15550142";
        let fields = [
            "message_template_status_update",
            "message_template_quality_update",
            "template_category_update",
            "phone_number_quality_update",
            "account_update",
            "account_alerts",
            "account_review_update",
            "business_capability_update",
            "security",
            "account_something_new",
        ];
        let value = json!({
            "event": "PAUSED", "wa_id": NAME, "name": NAME, "customer": {"event": NAME, "reason": NAME},
            "list": [NAME, {"title": NAME}], "profile": {"name": NAME}, NAME: "x", "EVENT": NAME,
            "ban_info": {"who": NAME, "deeper": {"event": NAME}, "waba_ban_state": "DISABLE"},
            "other_info": {"title": "FIRST_PAUSE", "contacts": [{"reason": NAME}]},
            "restriction_info": [{"restriction_type": "RESTRICTED", "by": NAME}],
        });
        for field in fields {
            let change = read_change(field, &value).unwrap();
            let all = serde_json::to_string(&change).unwrap();
            assert!(!all.contains("Karim") && !all.contains("15550142"), "{field}: {all}");
        }
        assert!(read_change("account_update", &value).unwrap().text.contains("waba ban state DISABLE"));
    }

    #[test]
    fn values_are_one_clean_line_and_short() {
        let value = json!({"event": "PAUSED", "reason": format!("a\u{1b}[31m\nb{}", "x".repeat(5000)),
            "message_template_name": "n\u{202e}ame", "message_template_language": "en"});
        let change = read_change("message_template_status_update", &value).unwrap();
        assert!(!change.text.contains(['\u{1b}', '\n', '\u{202e}']), "{:?}", change.text);
        assert!(change.text.chars().count() < 600);
    }

    #[test]
    fn a_problem_begins_and_ends_under_one_topic() {
        use ChangeStatus::{Notice, Problem, Resolved};
        let template = |event: &str| {
            (
                "message_template_status_update",
                json!({"event": event, "message_template_name": "t",
                "message_template_language": "en"}),
            )
        };
        let rows = [
            (template("PAUSED"), "template t en", Problem),
            (template("DISABLED"), "template t en", Problem),
            (template("REJECTED"), "template t en", Problem),
            (template("APPROVED"), "template t en", Resolved),
            (template("FLAGGED"), "template t en", Notice),
            (("account_update", json!({"event": "ACCOUNT_RESTRICTION"})), "account", Problem),
            (
                (
                    "account_update",
                    json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}),
                ),
                "account",
                Problem,
            ),
            (
                (
                    "account_update",
                    json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}),
                ),
                "account",
                Resolved,
            ),
            (("phone_number_quality_update", json!({"event": "FLAGGED"})), "number-quality", Problem),
            (("phone_number_quality_update", json!({"event": "UNFLAGGED"})), "number-quality", Resolved),
            (("account_review_update", json!({"decision": "REJECTED"})), "account-review", Problem),
            (
                (
                    "account_alerts",
                    json!({"alert_info": {"alert_type": "LIMIT", "alert_severity": "CRITICAL"}}),
                ),
                "alert LIMIT",
                Problem,
            ),
            (("security", json!({"event": "PIN_CHANGED"})), "security", Notice),
            (
                ("business_capability_update", json!({"max_phone_numbers_per_business": 25})),
                "business_capability_update",
                Notice,
            ),
        ];
        for ((field, value), topic, status) in rows {
            let change = read_change(field, &value).unwrap();
            assert_eq!((change.topic.as_str(), change.status), (topic, status), "{field} {value}");
        }
        assert_eq!(read_change("messages", &json!({"event": "PAUSED"})), None);
        assert_eq!(read_change("calls", &json!({})), None);
    }

    #[test]
    fn only_codes_about_the_account_are_problems_of_it() {
        for code in [190, 3, 10, 200, 299, 368, 131_031, 131_042, 133_010] {
            assert!(problem_for_code(code).is_some(), "{code}");
        }
        for code in [0, 4, 100, 300, 131_026, 131_047, 131_056, 132_015] {
            assert_eq!(problem_for_code(code), None, "{code}");
        }
    }
}

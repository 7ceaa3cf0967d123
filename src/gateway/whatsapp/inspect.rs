//! Checks with WhatsApp whether the settings of a number would work, for `deskline check`.
//!
//! Must not: change anything; it only reads. Invariants: each request has a deadline, and all together have one.

use super::client::build_client;
use super::errors::{INVALID_TOKEN, effective_code, read_error, reason};
use super::graph::GraphOptions;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// The deadline of one request.
const QUESTION: Duration = Duration::from_secs(10);
/// The deadline of all requests together.
const ALL: Duration = Duration::from_secs(25);

/// One item of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckItem {
    /// The item.
    pub name: &'static str,
    /// Its state, or what is wrong with it, as a sentence.
    pub result: Result<String, String>,
}

/// Why a request has no usable answer.
enum RequestFailure {
    /// WhatsApp does not accept the token.
    Token(String),
    /// Any other reason.
    Else(String),
}

/// Checks access token, number and webhooks. `number` is the number as people dial it, if it is
/// configured; without the ID of the business account, the account itself is not checked.
pub async fn inspect(options: &GraphOptions, number: &str, business_account: Option<&str>) -> Vec<CheckItem> {
    let mut steps = Vec::new();
    if timeout(ALL, run_checks(options, number, business_account, &mut steps)).await.is_err() {
        let result = Err(format!("WhatsApp took longer than {} s", ALL.as_secs()));
        steps.push(CheckItem { name: "WhatsApp", result });
    }
    steps
}

async fn run_checks(
    options: &GraphOptions,
    number: &str,
    business_account: Option<&str>,
    steps: &mut Vec<CheckItem>,
) {
    let mut step = |name, result| steps.push(CheckItem { name, result });
    let id = options.phone_number_id.as_str();
    let fields = "display_phone_number,verified_name,quality_rating";
    match read_object(options, &[id], fields).await {
        Err(RequestFailure::Token(why)) => return step("access token", Err(why)),
        Err(RequestFailure::Else(why)) => {
            return step("business number", Err(format!("phone-number-id {id}: {why}")));
        }
        Ok(answer) => {
            step("access token", Ok("WhatsApp accepts it".to_owned()));
            step("business number", same_number(&answer, number));
        }
    }
    let Some(account) = business_account else {
        let sentence = "not looked at: business-account-id is not set";
        return step("webhooks", Ok(sentence.to_owned()));
    };
    let of_account = read_object(options, &[account, "phone_numbers"], "id").await;
    let owned = of_account.map_err(words).and_then(|answer| {
        let ids = answer.get("data").and_then(Value::as_array);
        let is_ours = ids.into_iter().flatten().any(|one| one.get("id").and_then(Value::as_str) == Some(id));
        if is_ours {
            Ok(format!("the number belongs to the account {account}"))
        } else {
            Err(format!("the account {account} has no number with the phone-number-id {id}"))
        }
    });
    step("business account", owned);
    let apps = read_object(options, &[account, "subscribed_apps"], "").await;
    let subscribed = apps.map_err(words).and_then(|answer| {
        match answer.get("data").and_then(Value::as_array).map_or(0, Vec::len) {
            0 => {
                Err("no app is subscribed to the account, so no message comes in: subscribe yours".to_owned())
            }
            many => {
                Ok(format!("{many} app{} subscribed to the account", if many == 1 { " is" } else { "s are" }))
            }
        }
    });
    step("webhooks", subscribed);
}

fn words(why: RequestFailure) -> String {
    match why {
        RequestFailure::Token(why) | RequestFailure::Else(why) => why,
    }
}

/// Whether WhatsApp's number is the configured one.
fn same_number(answer: &Value, configured: &str) -> Result<String, String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = text("display_phone_number");
    if digits(number).is_empty() {
        return Err("WhatsApp returned no number for phone-number-id: is it the ID of a number?".to_owned());
    }
    if !digits(configured).is_empty() && digits(configured) != digits(number) {
        return Err(format!("phone-number-id belongs to {number}, but display-phone-number is {configured}"));
    }
    let quality = match text("quality_rating") {
        "" => String::new(),
        rating => format!(", quality {rating}"),
    };
    Ok(format!("{number} {}{quality}", text("verified_name")).trim().to_owned())
}

/// Reads one object.
async fn read_object(options: &GraphOptions, path: &[&str], fields: &str) -> Result<Value, RequestFailure> {
    let failed = |why: String| RequestFailure::Else(why);
    let mut url = url::Url::parse(&options.url).map_err(|error| failed(format!("graph-url: {error}")))?;
    url.path_segments_mut()
        .map_err(|()| failed("graph-url has no path".to_owned()))?
        .pop_if_empty()
        .push(&options.version)
        .extend(path);
    if !fields.is_empty() {
        url.query_pairs_mut().append_pair("fields", fields);
    }
    let http =
        build_client(&url, QUESTION.min(options.timeout)).map_err(|error| failed(error.to_string()))?;
    let request = http.get(url).bearer_auth(options.access_token.expose_secret());
    let response = request.send().await.map_err(|error| {
        let what = if error.is_timeout() { "did not answer in time" } else { "could not be reached" };
        failed(format!("WhatsApp {what}"))
    })?;
    let status = response.status();
    let bytes = response.bytes().await.map_err(|_| failed("WhatsApp's answer broke off".to_owned()))?;
    let json: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    match (status, json.get("error")) {
        (StatusCode::OK, None) if json.is_object() => Ok(json),
        (StatusCode::UNAUTHORIZED, None) => Err(RequestFailure::Token(reason(INVALID_TOKEN, ""))),
        (_, Some(error)) => {
            let (code, detail) = read_error(error);
            let words = reason(effective_code(code), &detail);
            Err(if effective_code(code) == INVALID_TOKEN {
                RequestFailure::Token(words)
            } else {
                failed(words)
            })
        }
        (status, None) => Err(failed(format!("WhatsApp answered with status {}", status.as_u16()))),
    }
}

//! Templates as the Graph API lists and sends them.
//!
//! Must not: refuse a list because of one template. A template that cannot be sent stays in the list with the reason.

use super::client::build_client;
use crate::domain::AttachedData;
use crate::domain::template::{Button, Header, Template};
use crate::gateway::whatsapp::errors::{INVALID_TOKEN, effective_code, read_error, reason};
use crate::gateway::writer::api::FilledTemplate;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The status of a template that may be sent.
pub const APPROVED: &str = "APPROVED";

/// Templates per page.
const PAGE: usize = 100;
/// The most pages that are read: WhatsApp lets an account have 6000 templates.
const PAGES: usize = 60;

/// A page of the list: templates with their status, and where the next page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplatePage {
    /// Templates with WhatsApp's word for their status.
    pub templates: Vec<(Template, String)>,
    /// Where the next page begins, when there is one.
    pub after: Option<String>,
}

/// Reads a page of `GET /{business-account-id}/message_templates`.
pub fn page(json: &Value) -> TemplatePage {
    let items = json.get("data").and_then(Value::as_array);
    let paging = json.get("paging");
    let more = paging.and_then(|paging| paging.get("next")).is_some();
    let after = paging.and_then(|paging| paging.pointer("/cursors/after")).and_then(Value::as_str);
    TemplatePage {
        templates: items.into_iter().flatten().filter_map(template).collect(),
        after: after.filter(|_| more).map(str::to_owned),
    }
}

fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// One template; `None` when it has no name or no language.
fn template(json: &Value) -> Option<(Template, String)> {
    let mut made = Template {
        name: text(json, "name").to_owned(),
        language: text(json, "language").to_owned(),
        category: text(json, "category").to_owned(),
        ..Template::default()
    };
    if made.name.is_empty() || made.language.is_empty() {
        return None;
    }
    if made.category == "AUTHENTICATION" {
        "it carries a code that a program has to make".clone_into(&mut made.unusable);
    }
    for component in json.get("components").and_then(Value::as_array).into_iter().flatten() {
        match text(component, "type") {
            "HEADER" => header(&mut made, component),
            "BODY" => {
                text(component, "text").clone_into(&mut made.body);
                examples(&mut made.examples, "body", component);
            }
            "FOOTER" => text(component, "text").clone_into(&mut made.footer),
            "BUTTONS" => buttons(&mut made, component),
            "CALL_PERMISSION_REQUEST" => {}
            other => unusable(&mut made, &other.replace('_', " ").to_lowercase()),
        }
    }
    Some((made, text(json, "status").to_owned()))
}

fn unusable(made: &mut Template, what: &str) {
    if made.unusable.is_empty() {
        made.unusable = format!("it has a part that a desk cannot fill in: {what}");
    }
}

fn header(made: &mut Template, component: &Value) {
    match text(component, "format") {
        "TEXT" | "" => {
            made.header = Header::Text(text(component, "text").to_owned());
            examples(&mut made.examples, "header", component);
        }
        kind @ ("IMAGE" | "VIDEO" | "DOCUMENT") => made.header = Header::Media(kind.to_lowercase()),
        other => unusable(made, &format!("{} in its header", other.to_lowercase())),
    }
}

fn buttons(made: &mut Template, component: &Value) {
    for (place, button) in
        component.get("buttons").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        let kind = text(button, "type");
        let url = if kind == "URL" { text(button, "url") } else { "" };
        let example = button.get("example").and_then(|all| all.get(0)).and_then(Value::as_str);
        if let (Some(example), Some((start, _))) = (example, url.split_once("{{")) {
            // WhatsApp's example is the whole link; the parameter is its end.
            let end = example.strip_prefix(start).unwrap_or(example);
            made.examples.insert(format!("button.{place}"), end.to_owned());
        }
        if !matches!(kind, "QUICK_REPLY" | "PHONE_NUMBER" | "URL" | "VOICE_CALL" | "REQUEST_CONTACT_INFO") {
            unusable(made, &format!("a button of the kind {}", kind.replace('_', " ").to_lowercase()));
        }
        made.buttons.push(Button { text: text(button, "text").to_owned(), url: url.to_owned() });
    }
}

/// Examples of numbered and of named parameters.
fn examples(all: &mut BTreeMap<String, String>, part: &str, component: &Value) {
    let Some(example) = component.get("example") else { return };
    let listed = example.get(format!("{part}_text"));
    // The body's examples are a list in a list, the header's are not.
    let listed = listed.and_then(|list| list.get(0).filter(|first| first.is_array()).or(Some(list)));
    for (number, value) in (1..).zip(listed.and_then(Value::as_array).into_iter().flatten()) {
        if let Some(value) = value.as_str() {
            all.insert(format!("{part}.{number}"), value.to_owned());
        }
    }
    let named = example.get(format!("{part}_text_named_params")).and_then(Value::as_array);
    for one in named.into_iter().flatten() {
        all.insert(format!("{part}.{}", text(one, "param_name")), text(one, "example").to_owned());
    }
}

/// The `template` of a send, in the order of WhatsApp's documentation.
pub(super) fn body(template: &FilledTemplate) -> Value {
    let mut made = json!({"name": template.name, "language": {"code": template.language}});
    let components = components(&template.parameters);
    if let (Value::Object(map), false) = (&mut made, components.is_empty()) {
        map.insert("components".to_owned(), Value::Array(components));
    }
    made
}

fn components(values: &AttachedData) -> Vec<Value> {
    let parameter = |name: &str, value: &str| {
        let mut made = json!({"type": "text", "text": value});
        if let (Value::Object(map), false) = (&mut made, name.bytes().all(|byte| byte.is_ascii_digit())) {
            map.insert("parameter_name".to_owned(), json!(name));
        }
        made
    };
    let (mut header, mut body, mut buttons) = (Vec::new(), Vec::new(), Vec::new());
    for (key, value) in values.iter() {
        let (part, name) = key.split_once('.').unwrap_or((key, ""));
        let value = value.to_text();
        match part {
            "header" => header.push(parameter(name, &value)),
            "file" => header.push(json!({"type": name, name: {"link": value}})),
            "body" => body.push(parameter(name, &value)),
            _ => buttons.push(json!({"type": "button", "sub_type": "url", "index": name,
                "parameters": [{"type": "text", "text": value}]})),
        }
    }
    let part =
        |kind: &str, all: Vec<Value>| (!all.is_empty()).then(|| json!({"type": kind, "parameters": all}));
    part("header", header).into_iter().chain(part("body", body)).chain(buttons).collect()
}

/// Reads the list of templates from WhatsApp.
#[derive(Clone, Debug)]
pub struct TemplateSource {
    http: reqwest::Client,
    endpoint: url::Url,
    token: SecretString,
}

impl TemplateSource {
    /// Builds a source without a connection.
    ///
    /// # Errors
    /// When the address is not valid, or no client can be built on this machine.
    pub fn new(
        url: &str,
        version: &str,
        business_account: &str,
        token: SecretString,
        timeout: Duration,
    ) -> Result<Self, String> {
        let mut endpoint = url::Url::parse(url).map_err(|error| error.to_string())?;
        endpoint
            .path_segments_mut()
            .map_err(|()| "the address has no path".to_owned())?
            .pop_if_empty()
            .extend([version, business_account, "message_templates"]);
        let http = build_client(&endpoint, timeout).map_err(|error| error.to_string())?;
        Ok(Self { http, endpoint, token })
    }

    /// The whole list, whatever the status of each.
    ///
    /// # Errors
    /// WhatsApp's error code, or 0 without one, and the reason for an administrator.
    pub async fn read(&self) -> Result<Vec<(Template, String)>, (i64, String)> {
        let mut all = Vec::new();
        let mut after = None;
        for _ in 0..PAGES {
            let page = page(&self.page(after.as_deref()).await?);
            all.extend(page.templates);
            after = page.after;
            if after.is_none() {
                break;
            }
        }
        Ok(all)
    }

    async fn page(&self, after: Option<&str>) -> Result<Value, (i64, String)> {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("fields", "name,language,status,category,components")
            .append_pair("limit", &PAGE.to_string())
            .extend_pairs(after.map(|after| ("after", after)));
        let request = self.http.get(url).bearer_auth(self.token.expose_secret());
        let response = request.send().await.map_err(|error| {
            let what = if error.is_timeout() { "did not answer in time" } else { "could not be reached" };
            (0, format!("WhatsApp {what}."))
        })?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|_| (0, "WhatsApp's answer broke off.".to_owned()))?;
        let json: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        match (status, json.get("error")) {
            (StatusCode::OK, None) if json.get("data").is_some_and(Value::is_array) => Ok(json),
            (_, Some(error)) => {
                let (code, detail) = read_error(error);
                Err((effective_code(code), reason(effective_code(code), &detail)))
            }
            (StatusCode::UNAUTHORIZED, None) => Err((INVALID_TOKEN, reason(INVALID_TOKEN, ""))),
            (status, None) => Err((0, format!("WhatsApp's answer is no list (status {}).", status.as_u16()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_sent_in_whatsapps_format() {
        let filled = FilledTemplate {
            name: "order_update".into(),
            language: "pt_BR".into(),
            parameters: [
                ("header.1", "77"),
                ("body.1", "Ana"),
                ("body.order_no", "77"),
                ("button.1", "t/77"),
            ]
            .into_iter()
            .collect(),
            text: String::new(),
        };
        assert_eq!(
            body(&filled),
            json!({"name": "order_update", "language": {"code": "pt_BR"}, "components": [
                {"type": "header", "parameters": [{"type": "text", "text": "77"}]},
                {"type": "body", "parameters": [{"type": "text", "text": "Ana"},
                    {"type": "text", "parameter_name": "order_no", "text": "77"}]},
                {"type": "button", "sub_type": "url", "index": "1",
                    "parameters": [{"type": "text", "text": "t/77"}]},
            ]})
        );
        let plain = FilledTemplate { parameters: AttachedData::new(), ..filled.clone() };
        assert!(body(&plain).get("components").is_none());
        let file = [("file.image", "https://shop.example/a.png")].into_iter().collect();
        let file = FilledTemplate { parameters: file, ..filled };
        assert_eq!(
            body(&file)["components"][0]["parameters"][0],
            json!({"type": "image", "image": {"link": "https://shop.example/a.png"}})
        );
    }
}

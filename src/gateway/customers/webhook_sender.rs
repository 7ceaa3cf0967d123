//! Sends webhooks in WhatsApp's format, signs them, and repeats them as WhatsApp does.

use crate::gateway::whatsapp::client::build_client;
use crate::gateway::whatsapp::signature::sign;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// How often a webhook that was not answered with 200 is repeated.
const REPEATS: u32 = 12;

/// Sends webhooks to a gateway.
#[derive(Debug)]
pub struct WebhookSender {
    http: reqwest::Client,
    url: url::Url,
    app_secret: SecretString,
    phone_number_id: String,
    ids: MessageIds,
}

/// One customer as webhooks name them.
#[derive(Clone, Copy, Debug)]
pub struct Customer<'a> {
    /// Number (digits), or a business-scoped user id.
    pub address: &'a str,
    /// Profile name.
    pub name: &'a str,
    /// User name.
    pub username: Option<&'a str>,
}

/// Generates message IDs that no earlier run has used, because a gateway that kept its data would treat the message as a
/// repeat.
#[derive(Debug)]
pub(super) struct MessageIds {
    run: i64,
    next: AtomicU64,
}

impl MessageIds {
    pub(super) fn new() -> Self {
        Self { run: jiff::Timestamp::now().as_microsecond(), next: AtomicU64::new(1) }
    }

    pub(super) fn next(&self, address: &str) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("wamid.{}", STANDARD.encode(format!("{address}/{:x}/{number:x}", self.run)))
    }
}

impl WebhookSender {
    /// A sender to `{gateway_url}/webhooks/whatsapp`.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub fn new(gateway_url: &str, app_secret: SecretString, phone_number_id: &str) -> std::io::Result<Self> {
        let url = url::Url::parse(&format!("{}/webhooks/whatsapp", gateway_url.trim_end_matches('/')))
            .map_err(std::io::Error::other)?;
        let http = build_client(&url, Duration::from_secs(10)).map_err(std::io::Error::other)?;
        Ok(Self {
            http,
            url,
            app_secret,
            phone_number_id: phone_number_id.to_owned(),
            ids: MessageIds::new(),
        })
    }

    /// Requests the verification of the webhook with the verify token, as WhatsApp does when the webhook is configured.
    pub async fn verify(&self, token: &str) -> bool {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs([
            ("hub.mode", "subscribe"),
            ("hub.verify_token", token),
            ("hub.challenge", "112358"),
        ]);
        for repeat in 0..REPEATS {
            match self.http.get(url.clone()).send().await {
                Ok(answer) => return answer.text().await.is_ok_and(|text| text == "112358"),
                // The gateway may still be starting.
                Err(_) => sleep(back_off(repeat)).await,
            }
        }
        false
    }

    /// Sends a message of a customer. `parts` contains its `type` and content. Returns its ID.
    pub async fn message(&self, from: Customer<'_>, parts: Value) -> String {
        let id = self.ids.next(from.address);
        let mut message = json!({"id": id, "timestamp": seconds()});
        let mut contact = json!({"profile": {"name": from.name}});
        let number = from.address.bytes().all(|byte| byte.is_ascii_digit());
        let (in_message, in_contact) = if number { ("from", "wa_id") } else { ("from_user_id", "user_id") };
        set(&mut message, in_message, json!(from.address));
        set(&mut contact, in_contact, json!(from.address));
        if let Some(username) = from.username {
            set(&mut contact, "profile", json!({"name": from.name, "username": username}));
        }
        if let Value::Object(parts) = parts {
            parts.into_iter().for_each(|(key, part)| set(&mut message, &key, part));
        }
        self.deliver(json!({"contacts": [contact], "messages": [message]})).await;
        id
    }

    /// Reports the delivery status of a message of the gateway.
    pub async fn status(&self, wamid: &str, tracker: &str, word: &str, error: Option<i64>) {
        let mut status = json!({"id": wamid, "status": word, "timestamp": seconds()});
        if !tracker.is_empty() {
            set(&mut status, "biz_opaque_callback_data", json!(tracker));
        }
        if let Some(code) = error {
            set(&mut status, "errors", json!([{"code": code, "title": "simulated"}]));
        }
        self.deliver(json!({"statuses": [status]})).await;
    }

    /// Posts a `value` of the field `messages` until it is answered with 200. Returns `false` after the last attempt.
    pub async fn deliver(&self, mut value: Value) -> bool {
        set(&mut value, "messaging_product", json!("whatsapp"));
        set(
            &mut value,
            "metadata",
            json!({"display_phone_number": "15550100100", "phone_number_id": self.phone_number_id}),
        );
        let body = json!({"object": "whatsapp_business_account",
            "entry": [{"id": "simulated", "changes": [{"field": "messages", "value": value}]}]})
        .to_string();
        let signature = sign(self.app_secret.expose_secret().as_bytes(), body.as_bytes());
        for repeat in 0..REPEATS {
            let request = self
                .http
                .post(self.url.clone())
                .header("Content-Type", "application/json")
                .header("X-Hub-Signature-256", &signature)
                .body(body.clone());
            match request.send().await {
                Ok(answer) if answer.status() == reqwest::StatusCode::OK => return true,
                Ok(answer) => tracing::debug!(status = answer.status().as_u16(), "simulated webhook refused"),
                Err(error) => tracing::debug!(%error, "simulated webhook not answered"),
            }
            sleep(back_off(repeat)).await;
        }
        tracing::warn!("the gateway did not take a simulated webhook; it is lost");
        false
    }
}

fn set(value: &mut Value, key: &str, part: Value) {
    if let Value::Object(map) = value {
        map.insert(key.to_owned(), part);
    }
}

/// The present time in WhatsApp's format.
fn seconds() -> String {
    jiff::Timestamp::now().as_second().to_string()
}

fn back_off(repeat: u32) -> Duration {
    Duration::from_millis(100).saturating_mul(2_u32.saturating_pow(repeat)).min(Duration::from_secs(30))
}

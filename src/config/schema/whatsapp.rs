//! `[gateway.whatsapp]`.

use crate::domain::template::{Header, Template};
use serde::Deserialize;
use std::path::PathBuf;

/// `[gateway.whatsapp]`: the WhatsApp number and its Graph API.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WhatsAppConfig {
    /// The ID of the number at WhatsApp.
    pub phone_number_id: String,
    /// The number for people.
    #[serde(default)]
    pub display_phone_number: String,
    /// The address of the Graph API.
    #[serde(default = "graph_url")]
    pub graph_url: String,
    /// The version of the Graph API.
    #[serde(default = "graph_version")]
    pub graph_version: String,
    /// A file (mode 0600) with the app secret, which signs webhooks. Or `DESKLINE_APP_SECRET`.
    #[serde(default)]
    pub app_secret_file: Option<PathBuf>,
    /// A file (mode 0600) with the access token. Or `DESKLINE_ACCESS_TOKEN`.
    #[serde(default)]
    pub access_token_file: Option<PathBuf>,
    /// A file (mode 0600) with the token for the verification of the webhook. Or `DESKLINE_VERIFY_TOKEN`.
    #[serde(default)]
    pub verify_token_file: Option<PathBuf>,
    /// The interaction queue of new sessions.
    pub queue: String,
    /// The ID of the business account at WhatsApp, for its list of templates.
    #[serde(default)]
    pub business_account_id: Option<String>,
    /// Minutes after which the list of templates is read again, 1..=1440.
    #[serde(default = "template_refresh")]
    pub template_refresh: u64,
    /// Templates in addition to those that WhatsApp lists.
    #[serde(default)]
    pub template: Vec<TextTemplate>,
}

impl WhatsAppConfig {
    /// The settings of a number with its Graph API and its queue, with defaults for everything else.
    pub fn at(phone_number_id: &str, graph_url: &str, queue: &str) -> Self {
        Self {
            phone_number_id: phone_number_id.to_owned(),
            display_phone_number: String::new(),
            graph_url: graph_url.to_owned(),
            graph_version: graph_version(),
            app_secret_file: None,
            access_token_file: None,
            verify_token_file: None,
            queue: queue.to_owned(),
            business_account_id: None,
            template_refresh: template_refresh(),
            template: Vec::new(),
        }
    }
}

const fn template_refresh() -> u64 {
    10
}

fn graph_url() -> String {
    "https://graph.facebook.com".to_owned()
}

fn graph_version() -> String {
    "v23.0".to_owned()
}

/// `[[gateway.whatsapp.template]]`: a template with text only, as WhatsApp has approved it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextTemplate {
    pub name: String,
    pub language: String,
    #[serde(default = "category")]
    pub category: String,
    /// Line above the body.
    #[serde(default)]
    pub header: String,
    /// The text with placeholders.
    pub body: String,
    /// Line below the body.
    #[serde(default)]
    pub footer: String,
}

fn category() -> String {
    "UTILITY".to_owned()
}

impl TextTemplate {
    /// Converts it into the template that agents choose.
    pub fn template(&self) -> Template {
        let header = self.header.clone();
        Template {
            name: self.name.clone(),
            language: self.language.clone(),
            category: self.category.clone(),
            header: if header.is_empty() { Header::None } else { Header::Text(header) },
            body: self.body.clone(),
            footer: self.footer.clone(),
            ..Template::default()
        }
    }
}

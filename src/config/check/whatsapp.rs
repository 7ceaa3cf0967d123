//! Checks of `[gateway.whatsapp]`.

use super::{Check, is_loopback, key};
use crate::config::places::Path;
use crate::config::schema::{TextTemplate, WhatsAppConfig};
use crate::domain::template::{MOST_BODY, MOST_HEADER};
use std::collections::BTreeSet;

impl Check<'_> {
    pub(super) fn whatsapp(&mut self, at: &[String], whatsapp: &WhatsAppConfig, queues: &BTreeSet<&str>) {
        let id = &whatsapp.phone_number_id;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_digit()) {
            self.wrong(
                at,
                "phone-number-id",
                format!("{id:?} is not an id: it takes the digits that WhatsApp shows as Phone number ID"),
            );
        }
        self.line(at, "display-phone-number", &whatsapp.display_phone_number);
        if let Some(url) = self.url(at, "graph-url", &whatsapp.graph_url)
            && url.scheme() == "http"
            && !is_loopback(&url)
        {
            self.warn(
                at,
                "graph-url",
                "http sends the access token and every message unprotected; use https",
            );
        }
        let numbers = whatsapp.graph_version.strip_prefix('v').and_then(|version| version.split_once('.'));
        if !numbers.is_some_and(|(major, minor)| major.parse::<u16>().is_ok() && minor.parse::<u16>().is_ok())
        {
            let sentence =
                format!("{:?} is not a version: it takes one such as v23.0", whatsapp.graph_version);
            self.wrong(at, "graph-version", sentence);
        }
        for (name, path) in [
            ("app-secret-file", &whatsapp.app_secret_file),
            ("access-token-file", &whatsapp.access_token_file),
            ("verify-token-file", &whatsapp.verify_token_file),
        ] {
            if let Some(path) = path {
                self.path(at, name, path);
            }
        }
        self.exists(&key(at, "queue"), &whatsapp.queue, "queue", queues);
        if let Some(id) = &whatsapp.business_account_id
            && (id.is_empty() || !id.chars().all(|c| c.is_ascii_digit()))
        {
            let sentence = format!(
                "{id:?} is not an id: it takes the digits that WhatsApp shows as WhatsApp Business Account ID"
            );
            self.wrong(at, "business-account-id", sentence);
        }
        self.range(at, "template-refresh", whatsapp.template_refresh, 1..=1440);
        let mut seen = BTreeSet::new();
        for (index, template) in whatsapp.template.iter().enumerate() {
            let at: Path = at.iter().cloned().chain(["template".to_owned(), format!("[{index}]")]).collect();
            self.template(&at, template);
            if !seen.insert((&template.name, &template.language)) {
                let sentence =
                    format!("{:?} is listed above in {:?} already", template.name, template.language);
                self.wrong(&at, "name", sentence);
            }
        }
    }

    fn template(&mut self, at: &[String], template: &TextTemplate) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if template.name.is_empty() || template.name.len() > 512 || !template.name.chars().all(fits) {
            let sentence = format!(
                "{:?} is no template's name: it takes lower-case letters, digits and underscores",
                template.name
            );
            self.wrong(at, "name", sentence);
        }
        self.name(at, "language", &template.language);
        self.name(at, "category", &template.category);
        if template.body.trim().is_empty() {
            self.wrong(at, "body", "this is empty: it takes the text that WhatsApp has approved");
        }
        for (name, text, most) in [
            ("header", &template.header, MOST_HEADER),
            ("body", &template.body, MOST_BODY),
            ("footer", &template.footer, MOST_HEADER),
        ] {
            if text.chars().count() > most {
                self.wrong(at, name, format!("this is longer than {most} characters"));
            }
        }
    }
}

//! The list of templates on the wire. An addition of this project's gateway.

use super::time;
use crate::domain::Millis;
use crate::domain::template::Template;
use serde_json::{Value as Json, json};

/// The templates that WhatsApp has approved, as the server last read them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovedTemplates {
    pub templates: Vec<Template>,
    /// When the server read the list from WhatsApp.
    pub read_at: Option<Millis>,
    /// Why the last attempt to read the list failed.
    pub trouble: Option<String>,
}

/// Writes a list.
pub fn list(templates: &[Template], read_at: Option<Millis>, trouble: Option<&str>) -> Json {
    json!({"templates": templates, "readAt": read_at.map(Millis::to_rfc3339), "trouble": trouble})
}

/// Reads a list. Templates that cannot be read are left out.
pub fn read(data: &Json) -> ApprovedTemplates {
    let items = data.get("templates").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let templates = items.iter().filter_map(|item| serde_json::from_value(item.clone()).ok());
    ApprovedTemplates {
        templates: templates.filter(|one: &Template| !one.name.is_empty()).collect(),
        read_at: data.get("readAt").and_then(time::parse),
        trouble: data.get("trouble").and_then(Json::as_str).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::template::{Button, Header};

    #[test]
    fn a_list_survives_the_wire_and_odd_items_do_not_break_it() {
        let one = |header| Template {
            name: "hello".into(),
            language: "en".into(),
            header,
            body: "Hi {{1}}".into(),
            buttons: vec![Button { text: "Go".into(), url: "https://x.example/{{1}}".into() }],
            examples: [("body.1".to_owned(), "Ana".to_owned())].into(),
            ..Template::default()
        };
        let all = [one(Header::None), one(Header::Text("t".into())), one(Header::Media("image".into()))];
        let mut wire = list(&all, Some(Millis(1000)), None);
        wire["templates"].as_array_mut().unwrap().extend([json!(7), json!({"name": ""})]);
        assert_eq!(
            read(&wire),
            ApprovedTemplates { templates: all.into(), read_at: Some(Millis(1000)), trouble: None }
        );
        assert_eq!(read(&json!("nonsense")), ApprovedTemplates::default());
    }
}

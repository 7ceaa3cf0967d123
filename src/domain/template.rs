//! Message templates, which may be sent outside the reply window, and their parameters.
//!
//! Owns: the parameters of a template, its text when they are filled in, and what WhatsApp would refuse.
//! Must not: know how templates are listed or sent.
//! Invariant: [`Template::parameters`] alone defines the keys; console and gateway use it.

use super::AttachedData;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most characters of a header when it is filled in. (WhatsApp.)
pub const MOST_HEADER: usize = 60;
/// The most characters of a body when it is filled in. (WhatsApp: error 132005 beyond.)
pub const MOST_BODY: usize = 1024;
/// The most characters of the link of a file, or of the end of a button's link.
pub const MOST_LINK: usize = 2000;
/// The most consecutive spaces in a parameter. (WhatsApp.)
const MOST_SPACES: usize = 4;

/// The header of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", content = "text", rename_all = "camelCase")]
pub enum Header {
    /// Nothing.
    #[default]
    None,
    /// A line of text.
    Text(String),
    /// A file: `image`, `video` or `document`.
    Media(String),
}

/// A button below the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Button {
    /// The label.
    pub text: String,
    /// The link it opens, which may end in a placeholder; empty for other buttons.
    pub url: String,
}

/// A template that WhatsApp has approved, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Template {
    /// Lower-case letters, digits and underscores.
    pub name: String,
    /// Such as `es` or `pt_BR`.
    pub language: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    pub category: String,
    pub header: Header,
    /// The text, with placeholders such as `{{1}}` or `{{order}}`.
    pub body: String,
    /// A line below the body.
    pub footer: String,
    /// Buttons, in their order.
    pub buttons: Vec<Button>,
    /// Example values by parameter key.
    pub examples: BTreeMap<String, String>,
    /// Why this program cannot send it, for people; empty when it can.
    pub unusable: String,
}

/// The position of a parameter in its template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterPosition {
    Header,
    /// The file of the header, as a link; holds the type of the file.
    File(String),
    Body,
    /// The end of the link of the button with this index.
    Button(usize),
}

/// A parameter of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The key in requests: `header.1`, `file.image`, `body.order`, `button.0`.
    pub key: String,
    pub place: ParameterPosition,
    /// The placeholder's name in the template: a number or a word.
    pub name: String,
    /// An example; empty when the template has none.
    pub example: String,
}

impl Parameter {
    /// The label for people.
    pub fn label(&self) -> String {
        match &self.place {
            ParameterPosition::Header => format!("Header {}", self.name),
            ParameterPosition::File(kind) => format!("Link to the {kind}"),
            ParameterPosition::Body if self.is_numbered() => format!("Text {}", self.name),
            ParameterPosition::Body => self.name.replace('_', " "),
            ParameterPosition::Button(_) => format!("End of link “{}”", self.name),
        }
    }

    /// Whether WhatsApp identifies it by its position, and not by its name.
    pub fn is_numbered(&self) -> bool {
        self.name.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The most characters of its value.
    pub const fn most(&self) -> usize {
        match self.place {
            ParameterPosition::Header => MOST_HEADER,
            ParameterPosition::Body => MOST_BODY,
            ParameterPosition::File(_) | ParameterPosition::Button(_) => MOST_LINK,
        }
    }

    /// What is wrong with a value, if anything.
    pub fn problem(&self, value: &str) -> Option<String> {
        let chars = value.chars().count();
        if value.trim().is_empty() {
            return Some("this must be filled in".to_owned());
        }
        if value.chars().any(char::is_control) {
            return Some("WhatsApp takes no new line and no tab here".to_owned());
        }
        if value.contains(&" ".repeat(MOST_SPACES + 1)) {
            return Some(format!("WhatsApp takes at most {MOST_SPACES} spaces in a row here"));
        }
        if chars > self.most() {
            return Some(format!(
                "{} characters too many: there is room for {}",
                chars - self.most(),
                self.most()
            ));
        }
        match self.place {
            ParameterPosition::File(_)
                if !value.starts_with("https://") || value.contains(char::is_whitespace) =>
            {
                Some("this takes an address that begins with https://".to_owned())
            }
            ParameterPosition::Button(_) if value.contains(char::is_whitespace) => {
                Some("a link has no space in it".to_owned())
            }
            ParameterPosition::Header
            | ParameterPosition::File(_)
            | ParameterPosition::Body
            | ParameterPosition::Button(_) => None,
        }
    }
}

/// A value that WhatsApp would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateProblem {
    /// The key of the parameter; empty when the whole text is the problem.
    pub key: String,
    /// What is wrong, for people.
    pub sentence: String,
}

impl Template {
    /// The parameters in the order of the text. A placeholder that occurs twice is one parameter.
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut all: Vec<Parameter> = Vec::new();
        let mut add = |key: String, place: ParameterPosition, name: &str| {
            if all.iter().all(|known| known.key != key) {
                let example = self.examples.get(&key).cloned().unwrap_or_default();
                all.push(Parameter { key, place, name: name.to_owned(), example });
            }
        };
        match &self.header {
            Header::None => {}
            Header::Text(text) => {
                for name in names(text) {
                    add(format!("header.{name}"), ParameterPosition::Header, name);
                }
            }
            Header::Media(kind) => add(format!("file.{kind}"), ParameterPosition::File(kind.clone()), kind),
        }
        for name in names(&self.body) {
            add(format!("body.{name}"), ParameterPosition::Body, name);
        }
        for (place, button) in self.buttons.iter().enumerate() {
            if names(&button.url).next().is_some() {
                add(format!("button.{place}"), ParameterPosition::Button(place), &button.text);
            }
        }
        // WhatsApp takes numbered parameters in the order of their numbers.
        all.sort_by_key(|one| {
            let part = match one.place {
                ParameterPosition::Header | ParameterPosition::File(_) => 0,
                ParameterPosition::Body => 1,
                ParameterPosition::Button(_) => 2,
            };
            (part, one.name.parse::<u32>().ok().filter(|_| part < 2))
        });
        all
    }

    /// Header, body and footer with the values filled in. Placeholders without a value stay.
    pub fn filled(&self, values: &AttachedData) -> String {
        let header = match &self.header {
            Header::Text(text) => fill(text, "header", values),
            Header::Media(kind) => {
                let link = values.text(&format!("file.{kind}")).unwrap_or_default();
                format!("[{kind}] {link}").trim_end().to_owned()
            }
            Header::None => String::new(),
        };
        let parts = [header, fill(&self.body, "body", values), self.footer.clone()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Every value that WhatsApp would refuse.
    pub fn problems(&self, values: &AttachedData) -> Vec<TemplateProblem> {
        let parameters = self.parameters();
        let mut problems = Vec::new();
        if !self.unusable.is_empty() {
            problems.push(TemplateProblem { key: String::new(), sentence: self.unusable.clone() });
        }
        for parameter in &parameters {
            let value = values.text(&parameter.key).unwrap_or_default();
            problems.extend(
                parameter
                    .problem(value)
                    .map(|sentence| TemplateProblem { key: parameter.key.clone(), sentence }),
            );
        }
        for (key, _) in values.iter().filter(|(key, _)| parameters.iter().all(|one| one.key != *key)) {
            let sentence = format!("the template has no parameter {key}");
            problems.push(TemplateProblem { key: key.to_owned(), sentence });
        }
        let long =
            |text: String, most: usize| text.chars().count().checked_sub(most).filter(|over| *over > 0);
        let header = match &self.header {
            Header::Text(text) => long(fill(text, "header", values), MOST_HEADER),
            Header::None | Header::Media(_) => None,
        };
        let over = header
            .map(|over| format!("the header is {over} characters too long: there is room for {MOST_HEADER}"))
            .or_else(|| {
                let over = long(fill(&self.body, "body", values), MOST_BODY)?;
                Some(format!("the text is {over} characters too long: there is room for {MOST_BODY}"))
            });
        problems.extend(over.map(|sentence| TemplateProblem { key: String::new(), sentence }));
        problems
    }
}

/// The names of the placeholders of a text, in order.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once("}}")?;
        let name = name.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (!name.is_empty() && name.len() <= 64 && name.chars().all(fits)).then_some(name)
    })
}

/// A text with its placeholders filled in where there are values.
fn fill(text: &str, part: &str, values: &AttachedData) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let value = after.split_once("}}").and_then(|(name, behind)| {
            Some((values.text(&format!("{part}.{}", name.trim())).filter(|value| !value.is_empty())?, behind))
        });
        match value {
            Some((value, behind)) => {
                out.push_str(value);
                rest = behind;
            }
            None => {
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Template {
        Template {
            name: "order_update".into(),
            language: "en".into(),
            category: "UTILITY".into(),
            header: Header::Text("Order {{1}}".into()),
            body: "Hello {{2}}, your order {{1}} ships {{ 3 }}. Thank you, {{2}}.".into(),
            footer: "Example shop".into(),
            buttons: vec![
                Button { text: "Stop".into(), url: String::new() },
                Button { text: "Track".into(), url: "https://shop.example/{{1}}".into() },
            ],
            ..Template::default()
        }
    }

    fn values(pairs: &[(&str, &str)]) -> AttachedData {
        pairs.iter().copied().collect()
    }

    #[test]
    fn parameters_occur_once_and_in_whatsapps_order() {
        let keys: Vec<String> = order().parameters().into_iter().map(|one| one.key).collect();
        assert_eq!(keys, ["header.1", "body.1", "body.2", "body.3", "button.1"]);
        let named =
            Template { body: "{{order_no}} for {{name}}, not {{x y}} or {{}}".into(), ..Template::default() };
        let keys: Vec<String> = named.parameters().into_iter().map(|one| one.key).collect();
        assert_eq!(keys, ["body.order_no", "body.name"]);
    }

    #[test]
    fn filled_text_keeps_placeholders_without_a_value() {
        let some = values(&[("body.1", "77"), ("body.2", "Ana {{1}}"), ("header.1", "77")]);
        assert_eq!(
            order().filled(&some),
            "Order 77\nHello Ana {{1}}, your order 77 ships {{ 3 }}. Thank you, Ana {{1}}.\nExample shop"
        );
    }

    #[test]
    fn refused_values_are_reported_by_parameter() {
        let bad = values(&[
            ("header.1", "x"),
            ("body.1", "two\nlines"),
            ("body.2", " "),
            ("body.3", "a     b"),
            ("button.1", "a b"),
            ("body.9", "?"),
        ]);
        let found: Vec<String> = order().problems(&bad).into_iter().map(|one| one.key).collect();
        assert_eq!(found, ["body.1", "body.2", "body.3", "button.1", "body.9"]);
        let good = values(&[
            ("header.1", "1"),
            ("body.1", "1"),
            ("body.2", "Ana"),
            ("body.3", "today"),
            ("button.1", "1"),
        ]);
        assert_eq!(order().problems(&good), []);
        let long = "x".repeat(900);
        let mut two = good.clone();
        two.set("body.1", long.as_str());
        two.set("body.2", long.as_str());
        let found = order().problems(&two);
        assert!(found.len() == 1 && found[0].sentence.contains("characters too long"), "{found:?}");
    }

    #[test]
    fn a_file_is_given_as_a_link() {
        let template =
            Template { header: Header::Media("image".into()), body: "Hi".into(), ..Template::default() };
        assert_eq!(template.parameters()[0].key, "file.image");
        assert_eq!(template.problems(&values(&[("file.image", "file:///etc/passwd")])).len(), 1);
        assert_eq!(template.problems(&values(&[("file.image", "https://shop.example/a.png")])), []);
    }
}

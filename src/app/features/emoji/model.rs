//! The emoji that are available by name.

use crate::proto::session::BusinessAttributeDto;
use crate::text::fold::folded;
use crate::text::{Clean, emoji};

/// The emoji available in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Emojis {
    /// All known emoji.
    #[default]
    All,
    /// Only those of a business attribute: name and emoji, in its order.
    /// (Workspace: `whatsappsession.emojis-business-attribute`.)
    These(Vec<(String, String)>),
}

impl Emojis {
    /// The values of a business attribute: the name is the name to type, the display name is the emoji. A value
    /// with only one of the two gets the other from the known names.
    pub fn of(attribute: &BusinessAttributeDto) -> Self {
        let value = |name: &str, display: &str| {
            let code = name.trim().trim_matches(':');
            let display = Clean::line(display.trim());
            let (code, emoji) = if !display.is_empty() && display.as_str() != name.trim() {
                (code.to_owned(), display.as_str().to_owned())
            } else if let Some(known) = emoji::lookup(&format!(":{code}:")) {
                (code.to_owned(), known.to_owned())
            } else {
                (emoji::name(code)?.to_owned(), code.to_owned())
            };
            let code = Clean::line(&code).as_str().to_lowercase();
            (!code.is_empty()).then_some((code, emoji))
        };
        Self::These(attribute.values.iter().filter_map(|v| value(&v.name, &v.display_name)).collect())
    }

    /// Suggestions for the beginning of a name, best first.
    pub fn complete(&self, prefix: &str, limit: usize) -> Vec<(&str, &str)> {
        let these = match self {
            Self::All => return emoji::complete(prefix, limit),
            Self::These(these) => these,
        };
        let prefix = folded(prefix);
        let starts = |name: &str| folded(name).starts_with(&prefix);
        let word =
            |name: &str| name.split(['_', '-', ' ']).skip(1).any(|word| folded(word).starts_with(&prefix));
        let first = these.iter().filter(|(name, _)| starts(name));
        let second = these.iter().filter(|(name, _)| !starts(name) && word(name));
        first.chain(second).take(limit).map(|(name, emoji)| (name.as_str(), emoji.as_str())).collect()
    }

    /// All emoji, by name.
    pub fn all(&self) -> Vec<(String, String)> {
        match self {
            Self::All => emoji::all().map(|(name, emoji)| (name.to_owned(), emoji.to_owned())).collect(),
            Self::These(these) => these.clone(),
        }
    }

    /// The emoji with this name, without colons.
    pub fn lookup(&self, name: &str) -> Option<&str> {
        match self {
            Self::All => emoji::lookup(&format!(":{name}:")),
            Self::These(these) => {
                let name = folded(name);
                these.iter().find(|(known, _)| folded(known) == name).map(|(_, emoji)| emoji.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_values_of_an_attribute_are_exactly_what_is_offered() {
        let attribute: BusinessAttributeDto = serde_json::from_value(json!({"name": "Emojis", "values": [
            {"name": "smile", "displayName": "🙂"}, {"name": ":tada:", "displayName": ":tada:"},
            {"name": "👋"}, {"name": "our logo"}, {"name": "Big_Smile", "displayName": "😁"}]}))
        .unwrap();
        let emojis = Emojis::of(&attribute);
        assert_eq!(emojis.complete("smi", 9), [("smile", "🙂"), ("big_smile", "😁")]);
        assert_eq!(emojis.complete("", 9).len(), 4, "{emojis:?}");
        assert_eq!((emojis.lookup("tada"), emojis.lookup("wave")), (Some("🎉"), Some("👋")));
        assert_eq!((emojis.lookup("heart"), emojis.lookup("our logo")), (None, None));
        assert_eq!(Emojis::All.lookup("heart"), Some("❤️"));
    }
}

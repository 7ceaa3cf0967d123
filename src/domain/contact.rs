//! Who a customer is: the name on the screen, and the kinds of identifiers.

use crate::text::{Clean, width};

/// A name without surrounding blanks, or `None` if no character of it is visible. A customer whose name is only a
/// filler, a blank Braille cell or a bidi override is shown by number, like one without a name.
pub fn visible_name(name: &str) -> Option<&str> {
    let name = name.trim();
    width::is_visible(name).then_some(name)
}

/// The kinds of identifiers that WhatsApp has for a customer, in the order of their words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AliasKind {
    /// The customer's ID for this business, which the customer keeps when the number changes.
    UserId,
    /// The number in digits.
    WaId,
}

impl AliasKind {
    /// Parses the word in the store.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "user_id" => Some(Self::UserId),
            "wa_id" => Some(Self::WaId),
            _ => None,
        }
    }

    /// The word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UserId => "user_id",
            Self::WaId => "wa_id",
        }
    }
}

/// The customer of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// The name in the contact database.
    pub contact_name: Option<Clean>,
    /// The name the customer chose on WhatsApp.
    pub profile_name: Option<Clean>,
    /// The number in digits, with or without `+`. A customer may have none.
    pub number: Option<Clean>,
}

impl Party {
    /// The name of the contact; otherwise the profile name after a `~`, as WhatsApp marks names that nobody has
    /// checked; otherwise `Customer` and the last four digits. (Workspace: default nickname.)
    pub fn display_name(&self) -> Clean {
        let seen = |name: &&Clean| visible_name(name).is_some();
        if let Some(name) = self.contact_name.as_ref().filter(seen) {
            return name.clone();
        }
        if let Some(name) = self.profile_name.as_ref().filter(seen) {
            return Clean::line(&format!("~{name}"));
        }
        let digits: Vec<char> =
            self.number.iter().flat_map(|n| n.chars()).filter(char::is_ascii_digit).collect();
        let last: String = digits.iter().skip(digits.len().saturating_sub(4)).collect();
        Clean::line(format!("Customer {last}").trim_end())
    }

    /// The number with a `+` and in groups of three digits.
    pub fn display_number(&self) -> Option<Clean> {
        let number = self.number.as_ref()?;
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then(|| Clean::line(&format!("+{digits}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invisible_name_is_replaced_by_the_number() {
        for blank in [
            "\u{2800}",
            "\u{1160}",
            "\u{202e}",
            "\u{3164}\u{115f}",
            "\u{200b} \u{feff}",
            "\u{ad}",
            "\u{301}",
            " ",
        ] {
            assert_eq!(visible_name(blank), None, "{blank:?}");
            let party = Party {
                contact_name: Some(blank.into()),
                profile_name: Some(blank.into()),
                number: Some("15550100142".into()),
            };
            assert_eq!(party.display_name().as_str(), "Customer 0142", "{blank:?}");
        }
        for name in ["a", "\u{202e}Karim", "🙂", "李", ".", "\u{2800}x"] {
            assert!(visible_name(name).is_some(), "{name:?}");
        }
    }

    #[test]
    fn the_best_known_name_is_shown() {
        let mut party = Party::default();
        assert_eq!(party.display_name().as_str(), "Customer");
        party.number = Some("+1 555 010 0142".into());
        assert_eq!(party.display_name().as_str(), "Customer 0142");
        party.profile_name = Some("Karim".into());
        assert_eq!(party.display_name().as_str(), "~Karim");
        party.contact_name = Some("Karim Haddad".into());
        assert_eq!(party.display_name().as_str(), "Karim Haddad");
        assert_eq!(party.display_number().unwrap().as_str(), "+15550100142");
    }
}

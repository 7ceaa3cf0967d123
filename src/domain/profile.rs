//! The attributes of a contact, each with one or several values.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// First name.
pub const FIRST_NAME: &str = "FirstName";
/// Last name.
pub const LAST_NAME: &str = "LastName";
/// Title.
pub const TITLE: &str = "Title";
/// The company they work for.
pub const COMPANY: &str = "CompanyName";
/// Telephone numbers.
pub const PHONE: &str = "PhoneNumber";
/// E-mail addresses.
pub const EMAIL: &str = "EmailAddress";

/// Attributes whose values a merge of contacts joins. Of all others, one contact's values stay.
pub const JOINED: [&str; 2] = [PHONE, EMAIL];

/// The most characters of a value or its description.
const MOST_VALUE: usize = 256;
/// The most values of one attribute.
const MOST_VALUES: usize = 32;
/// The most characters of an attribute's name.
const MOST_NAME: usize = 64;

/// One value of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct AttributeValue {
    pub value: String,
    /// A description, such as `home`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether it is the value to use first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

impl AttributeValue {
    /// A value without a description.
    pub fn plain(value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::default() }
    }
}

/// Attributes by name, each with its values in order.
pub type Attributes = BTreeMap<String, Vec<AttributeValue>>;

/// The main value of an attribute: the primary one, otherwise the first.
pub fn main_value<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    let values = attributes.get(name)?;
    let main = values.iter().find(|value| value.primary).or_else(|| values.first())?;
    Some(main.value.as_str())
}

/// Values as they are stored: trimmed, without empty and repeated ones, and, if there are several, exactly one primary
/// value: the first one that is marked as such.
pub fn tidy(values: &[AttributeValue]) -> Vec<AttributeValue> {
    let mut tidied: Vec<AttributeValue> = Vec::new();
    let mut has_primary = false;
    for given in values {
        let value = given.value.trim();
        if value.is_empty() || tidied.iter().any(|known| known.value == value) {
            continue;
        }
        let primary = given.primary && !has_primary;
        has_primary |= primary;
        let description = given.description.trim().to_owned();
        tidied.push(AttributeValue { value: value.to_owned(), description, primary });
    }
    if tidied.len() > 1
        && !has_primary
        && let Some(first) = tidied.first_mut()
    {
        first.primary = true;
    }
    tidied
}

/// Checks the values of an attribute.
///
/// # Errors
/// A sentence that names the attribute, the value and what is wrong.
pub fn check(name: &str, values: &[AttributeValue]) -> Result<(), String> {
    let strange = |text: &str| text.chars().any(char::is_control);
    let long = |text: &str, most: usize| text.chars().count() > most;
    if name.trim().is_empty() || long(name, MOST_NAME) || strange(name) {
        return Err(format!("an attribute has a name of 1 to {MOST_NAME} characters"));
    }
    if name.starts_with("wa.") {
        return Err(format!("{name} is what WhatsApp calls the customer: it cannot be edited"));
    }
    if values.len() > MOST_VALUES {
        return Err(format!("{name} has more than {MOST_VALUES} values"));
    }
    for AttributeValue { value, description, .. } in values {
        if long(value, MOST_VALUE) || long(description, MOST_VALUE) {
            return Err(format!("a value of {name} is longer than {MOST_VALUE} characters"));
        }
        if strange(value) || strange(description) {
            return Err(format!("a value of {name} has characters that are not text"));
        }
        match name {
            EMAIL if !is_email(value.trim()) => {
                return Err(format!("{value} is no e-mail address: it looks like ana@example.org"));
            }
            PHONE if !is_number(value.trim()) => {
                return Err(format!("{value} is no number: write 5 to 15 digits, such as +34 600 000 101"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a text looks like an e-mail address. Only its server can know whether it exists.
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == ',');
    sound(local)
        && !local.contains('@')
        && sound(host)
        && host.contains('.')
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

/// Whether a text is a telephone number: 5 to 15 digits, with the usual punctuation between them.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let inner = text.strip_prefix('+').unwrap_or(text);
    (5..=15).contains(&digits)
        && inner.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '/' | '(' | ')'))
}

/// The changes to a contact with the attributes `into` when `from` is merged into it, as complete new lists. Numbers
/// and addresses are joined; of all other attributes, the values of `into` stay.
pub fn merged(into: &Attributes, from: &Attributes) -> Attributes {
    let mut set = Attributes::new();
    for (name, theirs) in from {
        match into.get(name).filter(|own| !own.is_empty()) {
            None => {
                set.insert(name.clone(), theirs.clone());
            }
            Some(own) if JOINED.contains(&name.as_str()) => {
                let new = theirs.iter().filter(|value| own.iter().all(|known| known.value != value.value));
                let new: Vec<_> =
                    new.map(|value| AttributeValue { primary: false, ..value.clone() }).collect();
                if !new.is_empty() {
                    set.insert(name.clone(), own.iter().cloned().chain(new).collect());
                }
            }
            Some(_) => {}
        }
    }
    set
}

/// The changes that revert a merge: the lists without the values that it added. Later edits stay. `added` is the result
/// of [`merged`], `before` the lists that it replaced.
pub fn parted(now: &Attributes, before: &Attributes, added: &Attributes) -> Attributes {
    let mut set = Attributes::new();
    for (name, with) in added {
        let old = before.get(name).cloned().unwrap_or_default();
        let current = now.get(name).cloned().unwrap_or_default();
        let left = if current == *with {
            old
        } else {
            let brought = |value: &AttributeValue| with.contains(value) && !old.contains(value);
            current.iter().filter(|value| !brought(value)).cloned().collect()
        };
        if left != current {
            set.insert(name.clone(), left);
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[&str]) -> Vec<AttributeValue> {
        values.iter().map(|value| AttributeValue::plain(*value)).collect()
    }

    #[test]
    fn impossible_numbers_and_addresses_are_refused_with_a_sentence() {
        for (name, value, fits) in [
            (EMAIL, "lucia@example.org", true),
            (EMAIL, "lucia@example", false),
            (EMAIL, "lucia example@x.org", false),
            (EMAIL, "@example.org", false),
            (EMAIL, "a@b@example.org", false),
            (PHONE, "+34 600 000 101", true),
            (PHONE, "(555) 010-0142", true),
            (PHONE, "call me", false),
            (PHONE, "123", false),
            (PHONE, "1234567890123456", false),
            ("wa.number", "34600", false),
            (FIRST_NAME, "a\u{7}b", false),
            ("Loyalty", "gold", true),
        ] {
            assert_eq!(check(name, &list(&[value])).is_ok(), fits, "{name} {value}");
        }
    }

    #[test]
    fn one_of_several_values_is_primary() {
        let mut given = list(&[" a ", "b", "", "a"]);
        let tidied = tidy(&given);
        assert_eq!(
            tidied.iter().map(|v| (v.value.as_str(), v.primary)).collect::<Vec<_>>(),
            [("a", true), ("b", false)]
        );
        given[1].primary = true;
        assert!(tidy(&given)[1].primary && !tidy(&given)[0].primary);
    }

    #[test]
    fn a_reverted_merge_leaves_nothing_but_later_edits() {
        let into: Attributes =
            [(PHONE.to_owned(), list(&["1"])), (FIRST_NAME.to_owned(), list(&["Ana"]))].into();
        let from: Attributes = [
            (PHONE.to_owned(), list(&["2", "1"])),
            (FIRST_NAME.to_owned(), list(&["Anna"])),
            (EMAIL.to_owned(), list(&["a@b.c"])),
        ]
        .into();
        let added = merged(&into, &from);
        let mut now = into.clone();
        now.extend(added.clone());
        assert_eq!(now[PHONE].len(), 2);
        assert_eq!(now[FIRST_NAME], list(&["Ana"]));
        let mut back = now.clone();
        back.extend(parted(&now, &into, &added));
        back.retain(|_, values| !values.is_empty());
        assert_eq!(back, into);
        now.get_mut(PHONE).unwrap().push(AttributeValue::plain("3"));
        let set = parted(&now, &into, &added);
        assert_eq!(set[PHONE], list(&["1", "3"]));
    }
}

//! The types of fields that people fill in, and which values each type accepts.
//!
//! Owns: the check of each type, and the sentences that are shown below the field.
//! Must not: know where a value is stored.

use crate::text::Clean;
use crate::text::fold::folded;

/// A value of a field with a list of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedValue {
    pub name: String,
    pub shown: Clean,
}

/// The type of a field. Values are stored as text; the type says which texts are valid.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    Lines,
    /// A whole number, within limits.
    Integer { least: Option<i64>, most: Option<i64> },
    /// A number with a fraction, within limits.
    Float { least: Option<f64>, most: Option<f64> },
    /// Yes or no.
    Bool {
        /// The stored value for yes.
        yes: String,
        /// The stored value for no.
        no: String,
    },
    /// A date, stored as `2026-11-22`.
    Date,
    /// A value from a list.
    Choice(Vec<NamedValue>),
    /// A web address.
    Link,
}

impl FieldType {
    /// Checks a value. An empty value is valid for every type; whether a field is mandatory is checked elsewhere.
    ///
    /// # Errors
    /// A sentence that says what is valid.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        let fits = match self {
            Self::Text | Self::Lines => true,
            Self::Integer { least, most } => value
                .parse::<i64>()
                .is_ok_and(|n| least.is_none_or(|least| n >= least) && most.is_none_or(|most| n <= most)),
            Self::Float { least, most } => value.parse::<f64>().is_ok_and(|n| {
                n.is_finite() && least.is_none_or(|least| n >= least) && most.is_none_or(|most| n <= most)
            }),
            Self::Bool { yes, no } => value == yes || value == no,
            Self::Date => value.parse::<jiff::civil::Date>().is_ok() && value.len() == 10,
            Self::Choice(list) => list.iter().any(|named| named.name == value),
            Self::Link => value.split_once("://").is_some_and(|(scheme, rest)| {
                matches!(scheme, "http" | "https") && !rest.is_empty() && !rest.contains(char::is_whitespace)
            }),
        };
        if fits { Ok(()) } else { Err(format!("this takes {}", self.wants())) }
    }

    /// The valid values, in words that follow "this takes".
    pub fn wants(&self) -> String {
        match self {
            Self::Text | Self::Lines => "text".to_owned(),
            Self::Integer { least, most } => {
                format!("a whole number{}", within(least.map(|n| n.to_string()), most.map(|n| n.to_string())))
            }
            Self::Float { least, most } => {
                format!("a number{}", within(least.map(|n| n.to_string()), most.map(|n| n.to_string())))
            }
            Self::Bool { yes, no } => format!("{yes} or {no}"),
            Self::Date => "a date such as 2026-11-22".to_owned(),
            Self::Choice(_) => "one of its list".to_owned(),
            Self::Link => "an address such as https://example.com".to_owned(),
        }
    }

    /// A value as it is shown.
    pub fn shown(&self, value: &str) -> Clean {
        let list = match self {
            Self::Choice(list) => list.as_slice(),
            Self::Lines => return Clean::new(value),
            Self::Text
            | Self::Integer { .. }
            | Self::Float { .. }
            | Self::Bool { .. }
            | Self::Date
            | Self::Link => &[],
        };
        list.iter().find(|named| named.name == value).map_or_else(|| Clean::line(value), |n| n.shown.clone())
    }

    /// The stored value for typed text: the name of the value whose name or label was typed, or the stored form of yes
    /// and no. Text that matches nothing is returned unchanged.
    pub fn stored(&self, words: &str) -> String {
        let same = |a: &str, b: &str| folded(a) == folded(b);
        let trimmed = words.trim();
        match self {
            Self::Text | Self::Lines => words.to_owned(),
            Self::Choice(list) => list
                .iter()
                .find(|named| same(&named.name, trimmed) || same(&named.shown, trimmed))
                .map_or_else(|| trimmed.to_owned(), |named| named.name.clone()),
            Self::Bool { yes, no } => match trimmed.to_lowercase().as_str() {
                word if same(word, yes) || matches!(word, "yes" | "true" | "1") => yes.clone(),
                word if same(word, no) || matches!(word, "no" | "false" | "0") => no.clone(),
                _ => trimmed.to_owned(),
            },
            Self::Integer { .. } | Self::Float { .. } | Self::Date | Self::Link => trimmed.to_owned(),
        }
    }
}

fn within(least: Option<String>, most: Option<String>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(" from {least} on"),
        (None, Some(most)) => format!(" up to {most}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_rejects_bad_values_with_a_sentence() {
        let list = FieldType::Choice(vec![NamedValue { name: "g".into(), shown: "Gold".into() }]);
        let cases = [
            (FieldType::Integer { least: Some(1), most: Some(9) }, "5", "10", "from 1 to 9"),
            (FieldType::Integer { least: None, most: Some(9) }, "-5", "1.5", "up to 9"),
            (FieldType::Float { least: Some(0.5), most: None }, "0.75", "0.25", "from 0.5 on"),
            (FieldType::Float { least: None, most: None }, "1e3", "inf", "a number"),
            (FieldType::Bool { yes: "Y".into(), no: "N".into() }, "Y", "yes", "Y or N"),
            (FieldType::Date, "2024-02-29", "2023-02-29", "such as"),
            (FieldType::Link, "https://a.example/x", "javascript:alert(1)", "https://"),
            (list, "g", "Gold", "list"),
        ];
        for (kind, good, bad, says) in cases {
            assert_eq!(kind.check(good), Ok(()), "{kind:?}");
            let sentence = kind.check(bad).unwrap_err();
            assert!(sentence.contains(says), "{kind:?}: {sentence}");
            assert_eq!(kind.check(" "), Ok(()), "{kind:?} takes nothing");
        }
    }

    #[test]
    fn typed_text_becomes_the_stored_value() {
        let list = FieldType::Choice(vec![NamedValue { name: "g".into(), shown: "Öro".into() }]);
        assert_eq!(list.stored(" oro "), "g");
        assert_eq!(list.shown("g").as_str(), "Öro");
        let truth = FieldType::Bool { yes: "1".into(), no: "0".into() };
        assert_eq!((truth.stored("Yes"), truth.stored("no")), ("1".to_owned(), "0".to_owned()));
    }
}

//! PII masking: removes what identifies a customer from texts for read-only clients.
//!
//! Invariants: a masked text keeps the shape of the original, so that a conversation stays readable; the original
//! cannot be derived from it.

use regex::Regex;
use std::borrow::Cow;

/// Replaces a masked digit.
const DOT: char = '•';
/// Replaces a match of a pattern.
const HIDDEN: &str = "[hidden]";
/// How many digits at the end of a number stay visible.
const LEFT: usize = 2;

/// The masking rules in force.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    numbers: bool,
    digits: usize,
    patterns: Vec<Regex>,
}

impl Mask {
    /// Masks phone numbers if `numbers` is set, runs of at least `digits` digits in texts (0: none), and the matches of
    /// the patterns.
    ///
    /// # Errors
    /// The index of a pattern that is not a regular expression, and why.
    pub fn new(numbers: bool, digits: usize, patterns: &[String]) -> Result<Self, (usize, String)> {
        let compiled = patterns.iter().enumerate().map(|(place, pattern)| {
            // Patterns come from an administrator, texts from strangers; this engine takes linear time on any text.
            regex::RegexBuilder::new(pattern)
                .size_limit(1 << 20)
                .build()
                .map_err(|error| (place, error.to_string()))
        });
        Ok(Self { numbers, digits, patterns: compiled.collect::<Result<_, _>>()? })
    }

    /// Whether nothing is masked.
    pub fn is_off(&self) -> bool {
        !self.numbers && self.digits == 0 && self.patterns.is_empty()
    }

    /// Masks a phone number except its last two digits.
    pub fn number<'a>(&self, number: &'a str) -> Cow<'a, str> {
        if !self.numbers {
            return Cow::Borrowed(number);
        }
        let digits = number.chars().filter(char::is_ascii_digit).count();
        Cow::Owned(dotted(number, digits.saturating_sub(LEFT)))
    }

    /// Masks a name if it is a phone number.
    pub fn name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let is_number = name.chars().any(|c| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        if is_number { self.number(name) } else { self.text(name) }
    }

    /// Masks the matches of the patterns in a text, then long runs of digits. Single spaces, dots and dashes between
    /// digits do not end a run, as in the number of a card.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Cow::Borrowed(text);
        for pattern in &self.patterns {
            if let Cow::Owned(found) = pattern.replace_all(&out, HIDDEN) {
                out = Cow::Owned(found);
            }
        }
        let least = if self.numbers && self.digits == 0 { 7 } else { self.digits };
        if least > 0 && out.chars().filter(char::is_ascii_digit).count() >= least {
            out = Cow::Owned(rows(&out, least));
        }
        out
    }
}

/// Replaces the first `hidden` digits by dots.
fn dotted(text: &str, hidden: usize) -> String {
    let mut seen = 0;
    let dot = |c: char| {
        if c.is_ascii_digit() {
            seen += 1;
            if seen <= hidden {
                return DOT;
            }
        }
        c
    };
    text.chars().map(dot).collect()
}

/// Replaces runs of at least `least` digits by dots.
fn rows(text: &str, least: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        out.push_str(before);
        let (row, after) = row_of(from);
        let digits = row.chars().filter(char::is_ascii_digit).count();
        out.push_str(&if digits >= least { dotted(row, digits) } else { row.to_owned() });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Splits a run of digits, with single separators between them, from the start of a text.
fn row_of(text: &str) -> (&str, &str) {
    let mut end = 0;
    let mut between = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if c.is_ascii_digit() => {
                end = at + 1;
                between = false;
            }
            ' ' | '-' | '.' | '\u{a0}' if !between => between = true,
            _ => break,
        }
    }
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(numbers: bool, digits: usize, patterns: &[&str]) -> Mask {
        Mask::new(numbers, digits, &patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_number_keeps_its_shape_and_its_last_two_digits() {
        assert_eq!(mask(true, 0, &[]).number("+34 600 000 101"), "+•• ••• ••• •01");
        assert_eq!(mask(false, 9, &[]).number("34600000101"), "34600000101");
    }

    #[test]
    fn long_runs_of_digits_are_masked_and_short_ones_are_not() {
        let mask = mask(false, 6, &[]);
        assert_eq!(
            mask.text("order 48213, card 4111 1111-1111.1111, 14:02"),
            "order 48213, card •••• ••••-••••.••••, 14:02"
        );
        assert_eq!(mask.text("no digits"), "no digits");
        assert_eq!(mask.text("12  3456"), "12  3456", "two spaces are two rows");
    }

    #[test]
    fn numbers_are_masked_in_texts_and_names_too() {
        let mask = mask(true, 0, &[]);
        assert_eq!(mask.text("call +34 600 000 101"), "call +•• ••• ••• •••");
        assert_eq!(mask.name("15550100142"), "•••••••••42");
        assert_eq!(mask.name("Lucía 5"), "Lucía 5");
    }

    #[test]
    fn matches_of_patterns_are_masked_and_a_bad_pattern_is_named() {
        let mask = mask(false, 0, &[r"[\w.]+@[\w.]+", "(?i)passport \\w+"]);
        assert_eq!(mask.text("I am a.b@c.org, Passport X1"), "I am [hidden], [hidden]");
        let (place, why) = Mask::new(false, 0, &["ok".into(), "(".into()]).unwrap_err();
        assert!(place == 1 && why.contains("unclosed group"), "{why}");
    }

    proptest! {
        #[test]
        fn no_long_row_of_digits_is_left(text in "[0-9 a-é.-]{0,60}") {
            let hidden = mask(false, 4, &[]).text(&text).into_owned();
            let mut row = 0;
            for c in hidden.chars() {
                row = if c.is_ascii_digit() { row + 1 } else { 0 };
                prop_assert!(row < 4, "{hidden}");
            }
            prop_assert_eq!(hidden.chars().count(), text.chars().count());
        }
    }
}

//! Telephone numbers as people type them when they search: only the digits matter.

/// The digits of what was typed when it can only be a telephone number or a part of one: digits, at least two,
/// with the usual marks between them. A `00` or `+` before the country's code is no part of it.
pub fn typed(text: &str) -> Option<String> {
    let marks = |c: char| c.is_whitespace() || "+-()./\u{2011}".contains(c);
    if !text.chars().all(|c| c.is_ascii_digit() || marks(c)) {
        return None;
    }
    let digits = digits(text);
    let digits =
        digits.strip_prefix("00").map(str::to_owned).filter(|rest| !rest.is_empty()).unwrap_or(digits);
    (digits.len() > 1).then_some(digits)
}

/// Whether a number holds what [`typed`] made of a search. The zero that is dialled before a number within a
/// country is not in its international form.
pub fn fits(number: &str, typed: &str) -> bool {
    let number = digits(number);
    number.contains(typed)
        || typed.strip_prefix('0').is_some_and(|rest| rest.len() > 3 && number.contains(rest))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_in_every_writing() {
        for written in ["+34 600 000 101", "0034 600-000-101", "(600) 000 101", "0600000101", "00 101"] {
            assert!(fits("34600000101", &typed(written).unwrap()), "{written}");
        }
        assert!(!fits("34600000101", &typed("999").unwrap()));
        for words in ["", "7", "ana 600", "+", "600x"] {
            assert_eq!(typed(words), None, "{words}");
        }
    }
}

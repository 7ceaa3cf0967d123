//! Telephone numbers as people type them when they search: only the digits matter.

use super::fold::folded;

/// The digits of a search text that can only be a telephone number or a part of one: digits of any script, at
/// least two, with the usual punctuation between them. A leading `00` or `+` is dropped.
pub fn typed(text: &str) -> Option<String> {
    let text = folded(text);
    let text = text.strip_prefix("tel:").unwrap_or(&text);
    if !text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c)) {
        return None;
    }
    let digits = digits(text);
    let digits =
        digits.strip_prefix("00").map(str::to_owned).filter(|rest| !rest.is_empty()).unwrap_or(digits);
    (digits.len() > 1).then_some(digits)
}

/// The digits of a number, without a zero in brackets, which is dialled only within a country.
pub fn digits(number: &str) -> String {
    let number = folded(number);
    let number = match number.split_once("(0)") {
        Some((country, rest)) if country.contains(|c: char| c.is_ascii_digit()) => format!("{country}{rest}"),
        _ => number,
    };
    number.chars().filter(char::is_ascii_digit).collect()
}

/// The forms of a [`typed`] search that a number may contain: the search itself, and the search without the
/// leading zero that is dialled only within a country.
pub fn forms(typed: &str) -> impl Iterator<Item = &str> {
    let national = typed.strip_prefix('0').filter(|rest| rest.len() > 3);
    std::iter::once(typed).chain(national)
}

/// Whether a number contains a [`typed`] search.
pub fn fits(number: &str, typed: &str) -> bool {
    let number = digits(number);
    forms(typed).any(|form| number.contains(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_in_every_writing() {
        for written in [
            "+34 600 000 101",
            "0034 600-000-101",
            "(600) 000 101",
            "0600000101",
            "00 101",
            "٠٠٣٤٦٠٠٠٠٠١٠١",
            "＋３４ ６００",
            "tel:+34600000101",
            "600‑000–101",
            "\u{202a}+34\u{a0}600\u{202c}",
        ] {
            assert!(fits("34600000101", &typed(written).unwrap()), "{written}");
        }
        assert!(fits("+44 (0)20 7946 0000", &typed("+442079460000").unwrap()));
        assert!(fits("442079460000", &typed("+44 (0)20 7946 0000").unwrap()));
        assert!(fits("+٣٤ ٦٠٠", &typed("34600").unwrap()));
        assert!(!fits("34600000101", &typed("999").unwrap()));
        for words in ["", "7", "ana 600", "+", "600x"] {
            assert_eq!(typed(words), None, "{words}");
        }
    }
}

//! Converts errors of the TOML parser into sentences.

use super::error::Problem;
use super::places::{self, KeyLocations, position};
use crate::text::Clean;
use crate::text::nearest::nearest;

/// The problem of a file that is not TOML.
pub fn not_toml(file: &str, text: &str, error: &toml::de::Error) -> Problem {
    let sentence = format!("this is not valid TOML: {}", error.message().replace('\n', "; "));
    problem(file, text, error, String::new(), sentence, false)
}

/// The problem of a file with keys or values that a config does not have.
pub fn not_config(file: &str, text: &str, places: &KeyLocations, error: &toml::de::Error) -> Problem {
    let message = error.message();
    let around = error.span().and_then(|span| places.around(span.start));
    let key = around.map(places::dotted).unwrap_or_default();
    // The value of an unknown key may be a password, so it is not shown.
    problem(file, text, error, key, sentence(message), message.starts_with("unknown field"))
}

fn problem(
    file: &str,
    text: &str,
    error: &toml::de::Error,
    key: String,
    sentence: String,
    hide_value: bool,
) -> Problem {
    let span = error.span();
    let at = span.as_ref().map(|span| position(text, span.start));
    let snippet = match (&span, at) {
        (Some(span), Some((line, column))) => {
            let marked = text.get(span.clone()).unwrap_or_default();
            let width = marked.lines().next().map_or(0, |line| line.chars().count()).max(1);
            snippet(text, line, column, width, hide_value)
        }
        _ => String::new(),
    };
    Problem { file: file.to_owned(), at, key, sentence, snippet }
}

fn snippet(text: &str, line: usize, column: usize, width: usize, hide_value: bool) -> String {
    let Some(whole) = text.split('\n').nth(line - 1) else { return String::new() };
    let whole = Clean::line(whole.trim_end());
    let length = if hide_value { column - 1 + width } else { usize::MAX };
    let shown: String = whole.chars().take(length).collect();
    if shown.is_empty() {
        return String::new();
    }
    let number = line.to_string();
    let (gap, before, mark) = (" ".repeat(number.len()), " ".repeat(column - 1), "^".repeat(width));
    format!("  {number} | {shown}\n  {gap} | {before}{mark}")
}

/// A message of the parser in the words of this program. Unknown messages are returned unchanged.
fn sentence(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        return choice(rest, "there is no key", "The keys here are");
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return choice(rest, "there is no choice", "The choices are");
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return format!("the key {rest} is missing");
    }
    if let Some(rest) = message.strip_prefix("invalid type: ").or(message.strip_prefix("invalid value: "))
        && let Some((found, expected)) = rest.split_once(", expected ")
    {
        return format!("this takes {}, not {}", plain(expected), plain(found));
    }
    if message == "invalid socket address syntax" {
        return "this takes an address and a port, such as \"127.0.0.1:8700\" or \"[::1]:8700\"".to_owned();
    }
    message.strip_prefix("expected ").map_or_else(|| message.to_owned(), |rest| format!("this takes {rest}"))
}

fn choice(rest: &str, missing: &str, valid: &str) -> String {
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let word = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let guess = nearest(word, known.iter().copied())
        .map(|guess| format!("; did you mean `{guess}`?"))
        .unwrap_or_else(|| ".".to_owned());
    format!("{missing} `{word}`{guess} {valid} {}", known.join(", "))
}

/// The names of Rust types in plain words.
fn plain(what: &str) -> String {
    match what {
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u32" | "u64" | "usize" => "a whole number of 0 or more".to_owned(),
        "i64" => "a whole number".to_owned(),
        "f64" => "a number".to_owned(),
        "a sequence" | "sequence" => "a list".to_owned(),
        "a map" | "map" => "a table".to_owned(),
        "a string" | "string" | "path string" | "socket address" => "text in quotes".to_owned(),
        "a boolean" => "true or false".to_owned(),
        other if other.starts_with("struct ") => "a table".to_owned(),
        other => match other.strip_prefix("string ") {
            Some(text) => format!("the text {text}"),
            None => other.replace('`', ""),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_parser_becomes_a_sentence() {
        for (message, expected) in [
            (
                "unknown field `uzer`, expected `url` or `user`",
                "there is no key `uzer`; did you mean `user`? The keys here are url, user",
            ),
            (
                "unknown variant `blue`, expected one of `dark`, `mono`",
                "there is no choice `blue`. The choices are dark, mono",
            ),
            ("missing field `queue`", "the key `queue` is missing"),
            ("invalid type: integer `5`, expected a string", "this takes text in quotes, not integer 5"),
            (
                "invalid value: integer `-5`, expected u64",
                "this takes a whole number of 0 or more, not integer -5",
            ),
            ("something new", "something new"),
        ] {
            assert_eq!(sentence(message), expected);
        }
    }
}

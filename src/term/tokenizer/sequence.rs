//! Parses the bytes from `ESC` on, once there are enough of them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::token::{ESC, InputToken, plain};
use super::{keys, mouse};

/// What the beginning of a sequence turned out to be.
#[derive(Debug)]
pub(super) enum ParsedSequence {
    /// Not complete.
    More,
    /// Complete.
    Tokens(Vec<InputToken>),
    /// A paste begins.
    Paste,
    /// OSC, DCS, APC, PM or SOS, and the first byte of what is in it.
    String,
    /// The end of a string (`ESC \`), outside of one.
    Terminator,
    /// Complete but without meaning here: a reply, a report, a key that deskline does not know.
    Nothing,
    /// The last byte does not belong to it.
    Broken,
}

impl ParsedSequence {
    /// Whether the sequence is complete without being a key.
    pub(super) fn is_no_key(&self) -> bool {
        match self {
            Self::Paste | Self::String | Self::Terminator | Self::Nothing | Self::Broken => true,
            Self::More | Self::Tokens(_) => false,
        }
    }

    fn key(key: Option<KeyEvent>) -> Self {
        key.map_or(Self::Nothing, |key| Self::Tokens(vec![InputToken::Key(key)]))
    }
}

/// Whether a byte leaves a control sequence unfinished: a parameter or an intermediate byte.
pub(super) fn is_unfinished(byte: u8) -> bool {
    (0x20..=0x3f).contains(&byte)
}

/// Whether bytes that may be the late rest of a sequence are more likely what a person typed after `Esc` or
/// `Alt+[`.
pub(super) fn is_text(held: &[u8]) -> bool {
    match held {
        [ESC, b'[', third] => third.is_ascii_lowercase(),
        [ESC, b'O', third] => !matches!(third, b'A'..=b'D' | b'F' | b'H' | b'M' | b'P'..=b'S' | b'1'..=b'9'),
        [ESC, b']', third] => !third.is_ascii_digit(),
        [ESC, b'P', third] => {
            !(third.is_ascii_digit() || matches!(third, b'>' | b'!' | b'+' | b'=' | b'|' | b'$'))
        }
        [ESC, b'_', third] => *third != b'G',
        [ESC, b'X' | b'^', _] => true,
        _ => false,
    }
}

/// Parses bytes that start with `ESC`.
pub(super) fn parse(held: &[u8]) -> ParsedSequence {
    match held {
        [ESC] | [ESC, ESC] | [ESC, b'[' | b'O' | b']' | b'P' | b'X' | b'^' | b'_'] => ParsedSequence::More,
        [ESC, ESC, rest @ ..] => escaped_twice(rest),
        [ESC, b'[', rest @ ..] => control(rest),
        [ESC, b'O', rest @ ..] => shifted(rest),
        [ESC, b']' | b'P' | b'X' | b'^' | b'_', ..] => ParsedSequence::String,
        [ESC, b'\\'] => ParsedSequence::Terminator,
        [ESC, byte @ ..=0x7f] => ParsedSequence::key(keys::alt(*byte)),
        [ESC, rest @ ..] => alt_character(rest),
        _ => ParsedSequence::Broken,
    }
}

/// Parses after a second `ESC`: some terminals send it before a sequence for Alt; otherwise the first one is
/// the Esc key.
fn escaped_twice(rest: &[u8]) -> ParsedSequence {
    let inner: Vec<u8> = std::iter::once(ESC).chain(rest.iter().copied()).collect();
    match (parse(&inner), rest) {
        (ParsedSequence::Tokens(tokens), [b'[' | b'O', ..]) => ParsedSequence::Tokens(
            tokens
                .into_iter()
                .map(|token| match token {
                    InputToken::Key(key) => {
                        InputToken::Key(KeyEvent { modifiers: key.modifiers | KeyModifiers::ALT, ..key })
                    }
                    other => other,
                })
                .collect(),
        ),
        (ParsedSequence::Tokens(tokens), _) => ParsedSequence::Tokens(
            std::iter::once(InputToken::Key(plain(KeyCode::Esc))).chain(tokens).collect(),
        ),
        (parsed, _) => parsed,
    }
}

fn alt_character(rest: &[u8]) -> ParsedSequence {
    match std::str::from_utf8(rest) {
        Ok(text) => ParsedSequence::key(text.chars().next().and_then(keys::character).map(keys::with_alt)),
        Err(error) if error.error_len().is_none() => ParsedSequence::More,
        Err(_) => ParsedSequence::Broken,
    }
}

/// Parses what follows `CSI`.
fn control(rest: &[u8]) -> ParsedSequence {
    let Some((last, before)) = rest.split_last() else { return ParsedSequence::More };
    match rest {
        // X10 mouse reports have three arbitrary bytes after their end.
        [b'M', report @ ..] if report.len() <= 3 => {
            return match report {
                [_, _, ESC] | [_, ESC] | [ESC] => ParsedSequence::Broken,
                [button, column, row] => {
                    mouse::x10(*button, *column, *row).map_or(ParsedSequence::Nothing, one)
                }
                _ => ParsedSequence::More,
            };
        }
        // The function keys of the Linux console.
        [b'['] => return ParsedSequence::More,
        [b'[', letter] => return ParsedSequence::key(keys::linux_function(*letter)),
        _ => {}
    }
    match last {
        b'$' if before.iter().all(u8::is_ascii_digit) && !before.is_empty() => {
            // rxvt writes Shift like this. No report has an intermediate byte after one parameter.
            keys::special(before, *last).map_or(ParsedSequence::More, |key| one(InputToken::Key(key)))
        }
        byte if is_unfinished(*byte) => ParsedSequence::More,
        0x40..=0x7e => complete(before, *last),
        _ => ParsedSequence::Broken,
    }
}

fn one(token: InputToken) -> ParsedSequence {
    ParsedSequence::Tokens(vec![token])
}

/// Parses a control sequence with its last byte.
fn complete(parameters: &[u8], last: u8) -> ParsedSequence {
    match (parameters, last) {
        (b"200", b'~') => ParsedSequence::Paste,
        // The end of a paste that never started.
        (b"201", b'~') => ParsedSequence::Nothing,
        ([], b'I') => one(InputToken::Focus(true)),
        ([], b'O') => one(InputToken::Focus(false)),
        ([b'<', report @ ..], b'M' | b'm') => {
            mouse::sgr(report, last == b'm').map_or(ParsedSequence::Nothing, one)
        }
        // Private sequences, and those with intermediate bytes, are replies.
        ([b'<' | b'=' | b'>' | b'?', ..], _) => ParsedSequence::Nothing,
        (parameters, _) if parameters.iter().any(|byte| (0x20..=0x2f).contains(byte)) => {
            ParsedSequence::Nothing
        }
        (_, b'M') => mouse::urxvt(parameters).map_or(ParsedSequence::Nothing, one),
        (_, b't') => size(parameters).map_or(ParsedSequence::Nothing, one),
        (_, b'u') => {
            ParsedSequence::Tokens(keys::kitty(parameters).into_iter().map(InputToken::Key).collect())
        }
        (_, b'~' | b'^' | b'@') => ParsedSequence::key(keys::special(parameters, last)),
        _ => ParsedSequence::key(keys::letter(parameters, last)),
    }
}

/// A size that the terminal reports unasked: `CSI 48 ; rows ; columns ; …t`.
fn size(parameters: &[u8]) -> Option<InputToken> {
    let numbers = keys::numbers(parameters);
    let number = |place: usize| numbers.get(place).and_then(|field| field.first().copied().flatten());
    if number(0) != Some(48) || numbers.len() < 3 {
        return None;
    }
    let (rows, columns) = (u16::try_from(number(1)?).ok()?, u16::try_from(number(2)?).ok()?);
    (rows > 0 && columns > 0).then_some(InputToken::Resize(columns, rows))
}

/// Parses what follows `SS3`: a key, with its modifiers before it in some terminals.
fn shifted(rest: &[u8]) -> ParsedSequence {
    let Some((last, before)) = rest.split_last() else { return ParsedSequence::More };
    match last {
        b'0'..=b'9' | b';' => ParsedSequence::More,
        0x20..=0x7e => ParsedSequence::key(keys::keypad(before, *last)),
        _ => ParsedSequence::Broken,
    }
}

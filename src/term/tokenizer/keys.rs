//! The tables of keys: control bytes, CSI, SS3, kitty's protocol, modifyOtherKeys.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::token::plain;

/// The key for one byte below 0x80 that starts no sequence.
pub(super) fn single(byte: u8) -> Option<KeyEvent> {
    let control = |c: u8| KeyEvent::new(KeyCode::Char(char::from(c)), KeyModifiers::CONTROL);
    Some(match byte {
        b'\r' => plain(KeyCode::Enter),
        b'\t' => plain(KeyCode::Tab),
        0x7f => plain(KeyCode::Backspace),
        0x00 => control(b' '),
        // A line feed is Ctrl+J: for Enter, terminals send a carriage return.
        0x01..=0x1a => control(byte - 1 + b'a'),
        0x1c..=0x1f => control(byte - 0x1c + b'4'),
        0x1b | 0x80.. => return None,
        _ => return character(char::from(byte)),
    })
}

/// The key for the same byte with `ESC` before it.
pub(super) fn alt(byte: u8) -> Option<KeyEvent> {
    single(byte).map(with_alt)
}

pub(super) fn with_alt(key: KeyEvent) -> KeyEvent {
    KeyEvent { modifiers: key.modifiers | KeyModifiers::ALT, ..key }
}

/// The key that types a character; `None` for control characters, which no key types.
pub(super) fn character(c: char) -> Option<KeyEvent> {
    let modifiers = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    (!c.is_control()).then(|| KeyEvent::new(KeyCode::Char(c), modifiers))
}

/// The parameters: fields between semicolons, each of numbers between colons. A field that is no number is
/// `None`.
pub(super) fn numbers(parameters: &[u8]) -> Vec<Vec<Option<u32>>> {
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    parameters
        .split(|byte| *byte == b';')
        .map(|field| field.split(|byte| *byte == b':').map(number).collect())
        .collect()
}

/// The modifiers of a key, and whether it is pressed, repeats or is released.
struct KeyModifierState {
    modifiers: KeyModifiers,
    kind: KeyEventKind,
    caps_lock: bool,
}

impl KeyModifierState {
    /// Reads the field `modifiers:event`, in which the modifiers have 1 added. `None` with Super or Hyper:
    /// such a key means something to the desktop and types nothing here.
    fn read(field: Option<&Vec<Option<u32>>>) -> Option<Self> {
        let number = |place: usize| field.and_then(|field| field.get(place).copied().flatten());
        let bits = number(0).unwrap_or(1).checked_sub(1)?;
        if bits > 0xff || bits & (8 | 16) != 0 {
            return None;
        }
        let known = [
            (1, KeyModifiers::SHIFT),
            (2, KeyModifiers::ALT),
            (4, KeyModifiers::CONTROL),
            (32, KeyModifiers::ALT),
        ];
        let modifiers = known.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, held)| *held).collect();
        let kind = match number(1) {
            Some(2) => KeyEventKind::Repeat,
            Some(3) => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        };
        Some(Self { modifiers, kind, caps_lock: bits & 64 != 0 })
    }

    /// The key with these modifiers; `None` when it was released.
    fn key(&self, code: KeyCode) -> Option<KeyEvent> {
        let (code, modifiers) = match code {
            KeyCode::Tab if self.modifiers.contains(KeyModifiers::SHIFT) => {
                (KeyCode::BackTab, self.modifiers)
            }
            code => (code, self.modifiers),
        };
        (self.kind != KeyEventKind::Release).then(|| KeyEvent::new_with_kind(code, modifiers, self.kind))
    }
}

/// `CSI … letter`: arrows, Home, End, F1 to F4, BackTab.
pub(super) fn letter(parameters: &[u8], letter: u8) -> Option<KeyEvent> {
    let fields = numbers(parameters);
    let code = match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'R' => KeyCode::F(3),
        b'S' => KeyCode::F(4),
        b'Z' => return Some(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)),
        // rxvt writes Shift with an arrow like this.
        b'a'..=b'd' if parameters.is_empty() => {
            return Some(KeyEvent::new(arrow(letter)?, KeyModifiers::SHIFT));
        }
        _ => return None,
    };
    let first = fields.first().and_then(|field| field.first().copied().flatten());
    // One field holds the modifiers in old terminals; two fields are 1 and the modifiers. More fields are a
    // report.
    let held = match fields.as_slice() {
        [_] if parameters.is_empty() || first == Some(1) => None,
        [only] => Some(only),
        [_, second] if first.is_none_or(|first| first == 1) => Some(second),
        _ => return None,
    };
    let held_down = KeyModifierState::read(held)?;
    // A cursor position in the first row looks like this; F3 alone is sent in other ways.
    let alone = held_down.modifiers.is_empty() && held.is_none_or(|field| field.len() == 1);
    if letter == b'R' && alone && !parameters.is_empty() {
        return None;
    }
    held_down.key(code)
}

fn arrow(letter: u8) -> Option<KeyCode> {
    Some(match letter.to_ascii_uppercase() {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        _ => return None,
    })
}

/// `CSI number ; modifiers ~`, and rxvt's other endings: `$` is Shift, `^` is Ctrl, `@` is both. With 27 it
/// is modifyOtherKeys: `CSI 27 ; modifiers ; character ~`.
pub(super) fn special(parameters: &[u8], last: u8) -> Option<KeyEvent> {
    let fields = numbers(parameters);
    let first = fields.first().and_then(|field| field.first().copied().flatten())?;
    if first == 27 && last == b'~' && fields.len() == 3 {
        let code = fields.get(2).and_then(|field| field.first().copied().flatten())?;
        return typed(KeyModifierState::read(fields.get(1))?, char::from_u32(code)?);
    }
    if fields.len() > 2 {
        return None;
    }
    let code = match first {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => function(first - 10)?,
        17..=21 => function(first - 11)?,
        23..=26 => function(first - 12)?,
        28 | 29 => function(first - 15)?,
        31..=34 => function(first - 17)?,
        _ => return None,
    };
    let mut held = KeyModifierState::read(fields.get(1))?;
    held.modifiers |= match last {
        b'$' => KeyModifiers::SHIFT,
        b'^' => KeyModifiers::CONTROL,
        b'@' => KeyModifiers::SHIFT | KeyModifiers::CONTROL,
        _ => KeyModifiers::NONE,
    };
    held.key(code)
}

fn function(number: u32) -> Option<KeyCode> {
    u8::try_from(number).ok().map(KeyCode::F)
}

/// `CSI [ letter`: F1 to F5 of the Linux console.
pub(super) fn linux_function(letter: u8) -> Option<KeyEvent> {
    matches!(letter, b'A'..=b'E').then(|| plain(KeyCode::F(letter - b'A' + 1)))
}

/// `SS3 letter`: arrows, Home, End, F1 to F4, and the keypad in application mode, with modifiers before the letter in
/// some terminals.
pub(super) fn keypad(before: &[u8], last: u8) -> Option<KeyEvent> {
    let fields = numbers(before);
    let held = KeyModifierState::read(fields.last().filter(|_| !before.is_empty()))?;
    let code = match last {
        b'A'..=b'D' => arrow(last)?,
        b'a'..=b'd' => return Some(KeyEvent::new(arrow(last)?, KeyModifiers::CONTROL)),
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        b'M' => KeyCode::Enter,
        b'I' => KeyCode::Tab,
        b' ' => KeyCode::Char(' '),
        b'X' => KeyCode::Char('='),
        // The characters of the keypad, with 0x40 added.
        b'j'..=b'y' => KeyCode::Char(char::from(last - 0x40)),
        _ => return None,
    };
    held.key(code)
}

/// `CSI code:shifted:base ; modifiers:event ; text u` of kitty's protocol, and what came before it.
pub(super) fn kitty(parameters: &[u8]) -> Vec<KeyEvent> {
    let fields = numbers(parameters);
    let (Some(held), Some(codes)) = (KeyModifierState::read(fields.get(1)), fields.first()) else {
        return Vec::new();
    };
    let number = |place: usize| codes.get(place).copied().flatten();
    let bare = held.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    // The text that the key types is more precise than the key.
    let text = fields.get(2).into_iter().flatten().filter_map(|code| code.and_then(char::from_u32));
    let text: Vec<char> = text.filter(|c| !c.is_control()).collect();
    if bare && !text.is_empty() {
        let key = |c: char| held.key(KeyCode::Char(c));
        return text
            .into_iter()
            .filter_map(key)
            .map(|key| KeyEvent { modifiers: KeyModifiers::NONE, ..key })
            .collect();
    }
    let Some(code) = number(0) else { return Vec::new() };
    if let Some(code) = functional(code) {
        return held.key(code).into_iter().collect();
    }
    // The private range of functional keys types nothing: media keys, and the modifiers themselves.
    if (57344..=63743).contains(&code) {
        return Vec::new();
    }
    let shifted = number(1).filter(|_| bare && held.modifiers.contains(KeyModifiers::SHIFT));
    // A shortcut is identified by its place on a Latin keyboard: Ctrl+С of a Russian one is Ctrl+C.
    let base = number(2).filter(|_| !bare && code > 0x7f);
    let c = shifted.or(base).unwrap_or(code);
    char::from_u32(c).and_then(|c| typed(held, c)).into_iter().collect()
}

/// A key named by its character, as modifyOtherKeys and kitty's protocol do.
fn typed(held: KeyModifierState, c: char) -> Option<KeyEvent> {
    let code = match c {
        '\r' => KeyCode::Enter,
        '\x1b' => KeyCode::Esc,
        '\t' => KeyCode::Tab,
        '\x7f' | '\x08' => KeyCode::Backspace,
        // Like Ctrl+J, which a line feed is.
        '\n' => {
            let modifiers = held.modifiers | KeyModifiers::CONTROL;
            return KeyModifierState { modifiers, ..held }.key(KeyCode::Char('j'));
        }
        c if c.is_control() => return None,
        c if held.caps_lock && c.is_lowercase() && held.modifiers.is_empty() => {
            KeyCode::Char(c.to_uppercase().next().unwrap_or(c))
        }
        c => KeyCode::Char(c),
    };
    held.key(code)
}

/// The keys of kitty's protocol that have their own numbers and mean something here.
fn functional(code: u32) -> Option<KeyCode> {
    Some(match code {
        57376..=57398 => function(code - 57376 + 13)?,
        57399..=57408 => KeyCode::Char(char::from_digit(code - 57399, 10)?),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57414 => KeyCode::Enter,
        57415 => KeyCode::Char('='),
        57416 => KeyCode::Char(','),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        _ => return None,
    })
}

//! A key press, as people write it: `Ctrl+K`, `Alt+Enter`, `F2`, `PageUp`.

use std::fmt;

/// The key itself, without modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character. With Ctrl or Alt it is lower case.
    Char(char),
    /// A function key, from 1 to 24.
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// A key and the modifiers held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    /// Never set for a character, which already includes it.
    pub shift: bool,
}

const NAMED: &[(&str, Code)] = &[
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("BackTab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("Insert", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
    ("Space", Code::Char(' ')),
    ("Plus", Code::Char('+')),
];

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// The character that this key types, if any.
    pub const fn typed(&self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Reads a key as people write it. Case does not matter in names.
    ///
    /// # Errors
    /// A sentence that names the part that cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut key = Self::plain(Code::Esc);
        let mut rest = text.trim();
        while let Some((modifier, after)) = rest.split_once('+').filter(|(_, after)| !after.is_empty()) {
            match modifier.trim().to_ascii_lowercase().as_str() {
                "ctrl" | "c" | "control" => key.ctrl = true,
                "alt" | "a" | "meta" | "m" => key.alt = true,
                "shift" | "s" => key.shift = true,
                other => return Err(format!("{other:?} is not a modifier; use Ctrl, Alt or Shift")),
            }
            rest = after.trim();
        }
        let mut chars = rest.chars();
        key.code = match (chars.next(), chars.next()) {
            (Some(c), None) => Code::Char(c),
            (Some('F' | 'f'), Some(_)) if rest.get(1..).is_some_and(|n| n.parse::<u8>().is_ok()) => {
                let number = rest.get(1..).and_then(|n| n.parse().ok()).unwrap_or(0);
                if !(1..=24).contains(&number) {
                    return Err(format!("{rest:?}: function keys go from F1 to F24"));
                }
                Code::F(number)
            }
            _ => NAMED
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(rest))
                .map(|(_, code)| *code)
                .ok_or_else(|| {
                    format!("{text:?} is not a key; write a character, F1 to F24, or a name such as Enter or PageUp, with Ctrl+, Alt+ or Shift+ before it")
                })?,
        };
        Ok(key.normal())
    }

    /// The normal form: Shift is folded into a character; Ctrl and Alt characters are lower case.
    #[must_use]
    pub fn normal(mut self) -> Self {
        if let Code::Char(c) = self.code {
            if self.ctrl || self.alt {
                if !self.shift || c.is_lowercase() {
                    self.code = Code::Char(c.to_ascii_lowercase());
                }
            } else if self.shift {
                self.code = Code::Char(c.to_uppercase().next().unwrap_or(c));
            }
            self.shift = false;
        }
        if self.code == Code::Tab && self.shift {
            self.code = Code::BackTab;
        }
        if self.code == Code::BackTab {
            self.shift = false;
        }
        self
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if held {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::F(number) => write!(f, "F{number}"),
            // With Ctrl or Alt, a capital letter is a different key from the small letter.
            Code::Char(c) if (self.ctrl || self.alt) && c.is_uppercase() => write!(f, "Shift+{c}"),
            Code::Char(c) if self.ctrl || self.alt => write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_is_written() {
        for text in [
            "Ctrl+K",
            "Alt+Enter",
            "F2",
            "PageUp",
            "Shift+Up",
            "Alt+1",
            "Ctrl+Alt+Left",
            "?",
            "Space",
            "BackTab",
            "Alt+Shift+U",
            "Alt+/",
        ] {
            assert_eq!(Key::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Key::parse("ctrl+k"), Key::parse("Ctrl+K"));
        assert_eq!(Key::parse("Shift+Tab"), Key::parse("BackTab"));
        assert_eq!(Key::parse("shift+a").unwrap().code, Code::Char('A'));
    }

    #[test]
    fn what_is_no_key_is_said() {
        for bad in ["", "Hyper+K", "F0", "F99", "Return+", "word"] {
            assert!(Key::parse(bad).is_err(), "{bad}");
        }
    }
}

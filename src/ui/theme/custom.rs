//! Custom themes: a built-in theme with changed roles.

use super::roles::Theme;
use crate::text::nearest::nearest;
use ratatui::style::{Color, Modifier, Style};

/// The names of the themes that come with the program.
pub const BUILT_IN: [&str; 4] = ["dark", "light", "high-contrast", "mono"];

/// The names of all roles, in the order of [`Theme`].
pub const ROLES: [&str; 28] = [
    "text",
    "faint",
    "rule",
    "bar",
    "title",
    "key",
    "good",
    "warning",
    "error",
    "customer",
    "own",
    "colleague",
    "internal",
    "colleagues",
    "unsent",
    "date",
    "notice",
    "marker",
    "code",
    "link",
    "found",
    "found-here",
    "selected",
    "urgency-waiting",
    "urgency-warning",
    "urgency-overdue",
    "unread",
    "news",
];

const COLORS: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

const MODIFIERS: [(&str, Modifier); 8] = [
    ("plain", Modifier::empty()),
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
    ("struck", Modifier::CROSSED_OUT),
    ("blink", Modifier::SLOW_BLINK),
];

impl Theme {
    /// A theme that comes with the program.
    pub fn built_in(name: &str) -> Option<Self> {
        Some(match name {
            "dark" => Self::dark(),
            "light" => Self::light(),
            "high-contrast" => Self::high_contrast(),
            "mono" => Self::mono(),
            _ => return None,
        })
    }

    /// Sets the look of a role, such as `bold cyan on blue`. Only the sixteen basic colours have names.
    ///
    /// # Errors
    /// A sentence with the valid names, when the role or a word is unknown.
    pub fn set(&mut self, role: &str, look: &str) -> Result<(), String> {
        let style = style(look)?;
        let place = self.role_mut(role).ok_or_else(|| {
            let hint = hint(role, ROLES.into_iter(), || format!("the roles are {}", ROLES.join(", ")));
            format!("there is no role {role:?}; {hint}")
        })?;
        *place = style;
        Ok(())
    }

    /// The theme without blinking.
    #[must_use]
    pub fn without_blink(mut self) -> Self {
        for role in ROLES {
            if let Some(style) = self.role_mut(role) {
                *style = style.remove_modifier(Modifier::SLOW_BLINK | Modifier::RAPID_BLINK);
                style.sub_modifier = Modifier::empty();
            }
        }
        self
    }

    fn role_mut(&mut self, name: &str) -> Option<&mut Style> {
        Some(match name {
            "text" => &mut self.text,
            "faint" => &mut self.faint,
            "rule" => &mut self.rule,
            "bar" => &mut self.bar,
            "title" => &mut self.title,
            "key" => &mut self.key,
            "good" => &mut self.good,
            "warning" => &mut self.warning,
            "error" => &mut self.error,
            "customer" => &mut self.customer,
            "own" => &mut self.own,
            "colleague" => &mut self.colleague,
            "internal" => &mut self.internal,
            "colleagues" => &mut self.colleagues,
            "unsent" => &mut self.unsent,
            "date" => &mut self.date,
            "notice" => &mut self.notice,
            "marker" => &mut self.marker,
            "code" => &mut self.code,
            "link" => &mut self.link,
            "found" => &mut self.found,
            "found-here" => &mut self.found_here,
            "selected" => &mut self.selected,
            "urgency-waiting" => &mut self.urgency_waiting,
            "urgency-warning" => &mut self.urgency_warning,
            "urgency-overdue" => &mut self.urgency_overdue,
            "unread" => &mut self.unread,
            "news" => &mut self.news,
            _ => return None,
        })
    }
}

/// Parses a look.
fn style(look: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = look.split_whitespace();
    let mut seen = false;
    while let Some(word) = words.next() {
        seen = true;
        if word == "on" {
            let name = words.next().ok_or("a colour is missing behind `on`, as in \"bold on blue\"")?;
            let color = color(name).ok_or_else(|| no_color(name))?;
            if style.bg.replace(color).is_some() {
                return Err(format!("{look:?} has two backgrounds"));
            }
        } else if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*modifier);
        } else {
            let color = color(word).ok_or_else(|| no_word(word))?;
            if style.fg.replace(color).is_some() {
                return Err(format!(
                    "{look:?} has two colours: a background is written with `on`, as in \"cyan on blue\""
                ));
            }
        }
    }
    if seen {
        Ok(style)
    } else {
        Err("this is empty: for the terminal's own look write \"plain\"".to_owned())
    }
}

fn color(name: &str) -> Option<Color> {
    COLORS.iter().find(|(known, _)| *known == name).map(|(_, color)| *color)
}

fn no_color(word: &str) -> String {
    let names = COLORS.map(|(name, _)| name);
    let hint = hint(word, names.into_iter(), || format!("the colours are {}", names.join(", ")));
    format!("there is no colour {word:?}; {hint}")
}

fn no_word(word: &str) -> String {
    let (colors, modifiers) = (COLORS.map(|(name, _)| name), MODIFIERS.map(|(name, _)| name));
    let hint = hint(word, modifiers.into_iter().chain(colors), || {
        format!(
            "a look is made of {}, a colour, and `on` with a colour. The colours are {}",
            modifiers.join(", "),
            colors.join(", ")
        )
    });
    format!("{word:?} is not part of a look; {hint}")
}

/// The word that was probably meant, otherwise all valid words.
fn hint<'a>(word: &str, known: impl Iterator<Item = &'a str>, all: impl Fn() -> String) -> String {
    nearest(word, known).map_or_else(all, |guess| format!("did you mean {guess:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_name_and_a_look() {
        assert_eq!(ROLES.len() * size_of::<Style>(), size_of::<Theme>());
        for role in ROLES {
            let mut theme = Theme::dark();
            theme.set(role, "struck black on white").unwrap();
            let mut other = Theme::dark();
            assert_ne!(theme, other, "{role}");
            *other.role_mut(role).unwrap() =
                Style::new().fg(Color::Black).bg(Color::White).add_modifier(Modifier::CROSSED_OUT);
            assert_eq!(theme, other, "{role}");
        }
    }

    #[test]
    fn a_look_is_words_in_any_order() {
        let wanted = Style::new().fg(Color::Cyan).bg(Color::Blue).add_modifier(Modifier::BOLD);
        for look in ["bold cyan on blue", "cyan bold on blue", "  on blue  bold cyan "] {
            assert_eq!(style(look), Ok(wanted), "{look}");
        }
        assert_eq!(style("plain"), Ok(Style::new()));
    }

    #[test]
    fn an_error_names_the_valid_values() {
        for (role, look, part) in [
            ("coleague", "bold", "did you mean \"colleague\"?"),
            ("xyzxyz", "bold", "the roles are text, faint"),
            ("text", "bolt", "did you mean \"bold\"?"),
            ("text", "on bleu", "did you mean \"blue\"?"),
            ("text", "bold on", "missing behind `on`"),
            ("text", "red blue", "has two colours"),
            ("text", "on red on blue", "two backgrounds"),
            ("text", "#ff0000", "The colours are default, black"),
            ("text", " ", "write \"plain\""),
        ] {
            let before = Theme::dark();
            let mut theme = before;
            let said = theme.set(role, look).unwrap_err();
            assert!(said.contains(part), "{role} {look}: {said}");
            assert_eq!(theme, before);
        }
    }

    #[test]
    fn a_still_theme_blinks_nowhere() {
        for name in BUILT_IN {
            let mut theme = Theme::built_in(name).unwrap().without_blink();
            for role in ROLES {
                assert!(
                    !theme.role_mut(role).unwrap().add_modifier.contains(Modifier::SLOW_BLINK),
                    "{name} {role}"
                );
            }
        }
        let overdue = Theme::dark().without_blink().urgency_overdue;
        assert!(overdue.add_modifier.contains(Modifier::BOLD));
    }
}

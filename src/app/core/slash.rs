//! Slash commands: actions typed into the input line.

use crate::app::core::action::{ACTIONS, Action, squeezed};

/// The maximum number of words of a command.
const MOST_WORDS: usize = 4;

/// The meaning of a typed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Text for the customer, exactly as given.
    Words(String),
    /// A command and its arguments.
    Command(Action, String),
    /// A slash and a word that is not a command.
    Unknown(String),
}

/// Parses a typed line. A line that begins with `//` is text that begins with one slash; a text of several
/// lines is never a command.
pub fn parse(text: &str) -> Line {
    let Some(rest) = text.strip_prefix('/') else { return Line::Words(text.to_owned()) };
    if rest.starts_with('/') {
        return Line::Words(rest.to_owned());
    }
    // People type `/log out` as well as `/logout`: the longest beginning that names a command wins.
    let beginnings: Vec<_> = beginnings(rest).take(MOST_WORDS).collect();
    for (command, arguments) in beginnings.into_iter().rev() {
        if let Some(action) = Action::of_slash(command) {
            return Line::Command(action, arguments.trim().to_owned());
        }
    }
    Line::Unknown(rest.split(char::is_whitespace).next().unwrap_or_default().to_owned())
}

/// Each beginning of the text that ends at a word boundary, with the rest of the text.
fn beginnings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    ends.chain([text.len()]).filter_map(|at| text.split_at_checked(at))
}

/// The commands whose name or synonym begins with the given text: name, arguments and effect.
pub fn complete(text: &str) -> Vec<(&'static str, &'static str, &'static str)> {
    let Some(prefix) = text.strip_prefix('/').filter(|rest| !rest.contains(char::is_whitespace)) else {
        return Vec::new();
    };
    let prefix = squeezed(prefix);
    let commands = ACTIONS.iter().filter_map(|info| Some((info.slash?, info)));
    let (mut named, mut meant) = (Vec::new(), Vec::new());
    for ((name, arguments), info) in commands {
        if name.starts_with(&prefix) {
            named.push((name, arguments, info.help));
        } else if info.also.iter().any(|word| squeezed(word).starts_with(&prefix)) {
            meant.push((name, arguments, info.help));
        }
    }
    named.extend(meant);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_commands_and_mistakes_are_told_apart() {
        assert_eq!(parse("hello /done"), Line::Words("hello /done".into()));
        assert_eq!(parse("/done resolved "), Line::Command(Action::Done, "resolved".into()));
        assert_eq!(parse("/DONE"), Line::Command(Action::Done, String::new()));
        assert_eq!(parse("//done"), Line::Words("/done".into()));
        assert_eq!(parse("/dnoe"), Line::Unknown("dnoe".into()));
        assert_eq!(parse("/"), Line::Unknown(String::new()));
    }

    #[test]
    fn words_of_daily_speech_are_commands() {
        let act = |text: &str| match parse(text) {
            Line::Command(action, arguments) => Some((action, arguments)),
            Line::Words(_) | Line::Unknown(_) => None,
        };
        for (text, action, arguments) in [
            ("/logout", Action::SignOut, ""),
            ("/log out", Action::SignOut, ""),
            ("/Log-Out", Action::SignOut, ""),
            ("/log off", Action::LogOff, ""),
            ("/not ready lunch", Action::NotReady, "lunch"),
            ("/break", Action::NotReady, ""),
            ("/reply refund", Action::Responses, "refund"),
            ("/emoji heart", Action::Emoji, "heart"),
            ("/forward agent kate", Action::Transfer, "agent kate"),
            ("/find contact ana", Action::Contacts, "ana"),
            ("/find ana", Action::Search, "ana"),
            // The agent's own words stay as they are.
            ("/note s", Action::Note, "s"),
            ("/note book", Action::Note, "book"),
        ] {
            assert_eq!(act(text), Some((action, arguments.to_owned())), "{text}");
        }
        assert_eq!(act("/log"), None);
    }

    #[test]
    fn the_beginning_of_a_command_finds_it() {
        let found: Vec<_> = complete("/no").into_iter().map(|(name, ..)| name).collect();
        assert_eq!(found, ["note", "notready", "notices"]);
        let found: Vec<_> = complete("/lun").into_iter().map(|(name, ..)| name).collect();
        assert_eq!(found, ["notready"]);
        assert!(complete("no").is_empty() && complete("/note x").is_empty());
    }
}

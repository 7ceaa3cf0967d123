//! Slash commands: an act written into the input line.

use super::action::{ACTIONS, Action};

/// What a written line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Words for the customer, exactly these.
    Words(String),
    /// A command and what follows it.
    Command(Action, String),
    /// Begins like a command and is none.
    Unknown(String),
}

/// Reads a written line. A line that begins with `//` is words that begin with one slash; a text of
/// several lines is never a command.
pub fn parse(text: &str) -> Line {
    let Some(rest) = text.strip_prefix('/') else { return Line::Words(text.to_owned()) };
    if rest.starts_with('/') {
        return Line::Words(rest.to_owned());
    }
    let (command, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match Action::of_slash(&command.to_lowercase()) {
        Some(action) => Line::Command(action, arguments.trim().to_owned()),
        None => Line::Unknown(command.to_owned()),
    }
}

/// The commands that begin like what is written, with what may follow and what they do.
pub fn complete(text: &str) -> Vec<(&'static str, &'static str, &'static str)> {
    let Some(prefix) = text.strip_prefix('/').filter(|rest| !rest.contains(char::is_whitespace)) else {
        return Vec::new();
    };
    let prefix = prefix.to_lowercase();
    ACTIONS
        .iter()
        .filter_map(|info| info.slash.map(|(name, arguments)| (name, arguments, info.help)))
        .filter(|(name, ..)| name.starts_with(&prefix))
        .collect()
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
    fn the_beginning_of_a_command_finds_it() {
        let found: Vec<_> = complete("/no").into_iter().map(|(name, ..)| name).collect();
        assert_eq!(found, ["note", "notready", "notices"]);
        assert!(complete("no").is_empty() && complete("/note x").is_empty());
    }
}

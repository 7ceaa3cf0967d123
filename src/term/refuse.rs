//! Refuses to start without a terminal that can show a screen.

use std::io::{self, IsTerminal};

use crate::term::caps::Caps;

/// Why there is no terminal to draw on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTerminal {
    /// Standard input or output is something else.
    #[error(
        "the console needs a terminal, and {0} is not one; nothing was started; run it in a terminal (over SSH with “ssh -t”)"
    )]
    Missing(&'static str),
    /// The terminal reports that it cannot move its cursor.
    #[error(
        "the console needs a terminal that can move its cursor, and {0}; nothing was started; “deskline tail” writes what happens line by line; if the terminal can do more, set TERM, for example TERM=xterm-256color"
    )]
    Dumb(&'static str),
}

/// Checks that standard input and output are both terminals, and that `TERM` names one that can show a screen.
///
/// # Errors
/// [`NoTerminal`] names the first that is not.
pub fn require_terminal() -> Result<(), NoTerminal> {
    let env = |name: &str| std::env::var(name).ok();
    judge(io::stdin().is_terminal(), io::stdout().is_terminal(), env)
}

fn judge(input: bool, output: bool, env: impl Fn(&str) -> Option<String>) -> Result<(), NoTerminal> {
    let named = env("TERM").is_some_and(|term| !term.is_empty());
    match (input, output, Caps::detect(env).dumb) {
        (true, true, false) => Ok(()),
        (true, true, true) if named => Err(NoTerminal::Dumb("TERM says “dumb”")),
        (true, true, true) => Err(NoTerminal::Dumb("TERM is not set")),
        (false, ..) => Err(NoTerminal::Missing("standard input")),
        (true, false, _) => Err(NoTerminal::Missing("standard output")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(term: Option<&'static str>) -> impl Fn(&str) -> Option<String> {
        move |name| term.filter(|_| name == "TERM").map(str::to_owned)
    }

    #[test]
    fn only_two_terminals_will_do() {
        let xterm = || term(Some("xterm"));
        assert_eq!(judge(true, true, xterm()), Ok(()));
        assert!(judge(false, true, xterm()).unwrap_err().to_string().contains("standard input"));
        assert!(judge(true, false, xterm()).unwrap_err().to_string().contains("standard output"));
        assert!(judge(false, false, xterm()).is_err());
    }

    #[test]
    fn a_terminal_without_a_cursor_is_refused_with_a_way_out() {
        for (term, words) in
            [(term(Some("dumb")), "“dumb”"), (term(None), "not set"), (term(Some("")), "not set")]
        {
            let refusal = judge(true, true, term).unwrap_err().to_string();
            assert!(refusal.contains(words) && refusal.contains("deskline tail"), "{refusal}");
        }
    }
}

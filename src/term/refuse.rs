//! The refusal to draw where nobody could see it.

use std::io::{self, IsTerminal};

/// Standard input or output is not a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the console needs a terminal, and {what} is not one; nothing was started; run it in a terminal (over SSH with “ssh -t”)"
)]
pub struct NoTerminal {
    what: &'static str,
}

/// Checks that standard input and output are both terminals.
///
/// # Errors
/// [`NoTerminal`] names the first that is not.
pub fn require_terminal() -> Result<(), NoTerminal> {
    judge(io::stdin().is_terminal(), io::stdout().is_terminal())
}

fn judge(input: bool, output: bool) -> Result<(), NoTerminal> {
    match (input, output) {
        (true, true) => Ok(()),
        (false, _) => Err(NoTerminal { what: "standard input" }),
        (true, false) => Err(NoTerminal { what: "standard output" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_terminals_will_do() {
        assert_eq!(judge(true, true), Ok(()));
        assert!(judge(false, true).unwrap_err().to_string().contains("standard input"));
        assert!(judge(true, false).unwrap_err().to_string().contains("standard output"));
        assert!(judge(false, false).is_err());
    }
}

//! Errors of a config, for people.

use super::paths::NoHome;
use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a config cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the config file {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// There is no home folder.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// All problems of the file, in the order of its lines; at least one.
    #[error("{}", Lines(.0))]
    Invalid(Vec<Problem>),
}

/// An error or a warning about a config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    /// Line and column from 1, if it has a position.
    pub at: Option<(usize, usize)>,
    /// The key with its tables, such as `console.url`; may be empty.
    pub key: String,
    /// What is wrong and what is valid.
    pub sentence: String,
    /// The line of the file with a mark below it; empty where the key is enough.
    pub snippet: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if let Some((line, column)) = self.at {
            write!(f, "{line}:{column}:")?;
        }
        if !self.key.is_empty() {
            write!(f, " {}:", self.key)?;
        }
        write!(f, " {}", self.sentence)?;
        if !self.snippet.is_empty() {
            write!(f, "\n{}", self.snippet)?;
        }
        Ok(())
    }
}

/// Displays problems one below the other.
struct Lines<'a>(&'a [Problem]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(f, "{gap}{problem}")?;
        }
        Ok(())
    }
}

//! What is said when a config does not do.

use super::paths::NoHome;
use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no config.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the config file {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no home folder to look in.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// Everything that is wrong in the file, in the order of its lines. At least one.
    #[error("{}", Lines(.0))]
    Invalid(Vec<Problem>),
}

/// One thing that is wrong, or worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Line and column from 1, when it has a place.
    pub at: Option<(usize, usize)>,
    /// The key with its tables, as in `console.url`; empty when there is none.
    pub key: String,
    /// What is wrong and what is valid.
    pub sentence: String,
    /// The line of the file with a mark under it; empty where the key says enough.
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

/// Problems, one below the other.
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

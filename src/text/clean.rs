//! The one string type that may reach the screen.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Text that is safe to draw. Line breaks are `\n`; everything else that could steer a terminal was
/// replaced by a visible mark. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clean(Arc<str>);

impl Clean {
    /// Cleans text of any origin and keeps its line breaks.
    pub fn new(raw: &str) -> Self {
        Self(clean(raw, false).into())
    }

    /// Cleans text of any origin into one line: a line break becomes a space.
    pub fn line(raw: &str) -> Self {
        Self(clean(raw, true).into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn clean(raw: &str, one_line: bool) -> String {
    raw.chars()
        .map(|c| match c {
            '\n' if !one_line => '\n',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

impl Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Clean {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for Clean {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

//! The result of a search in a transcript.

use crate::text::Clean;

/// A message that matches a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// How many sessions back: 0 is the current one.
    pub back: usize,
    /// Its index in the log of that session.
    pub index: u64,
}

/// A search in a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptSearch {
    pub words: Clean,
    /// The matching messages, oldest first.
    pub hits: Vec<Hit>,
    /// The index of the shown match.
    pub at: usize,
}

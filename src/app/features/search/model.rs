//! What a search in a transcript found.

use crate::text::Clean;

/// A message that a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// How many sessions back: 0 is the one that goes on.
    pub back: usize,
    /// Its index in the log of that session.
    pub index: u64,
}

/// A search in a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptSearch {
    /// The words.
    pub words: Clean,
    /// The messages that hold them, oldest first.
    pub hits: Vec<Hit>,
    /// Which of them is shown.
    pub at: usize,
}

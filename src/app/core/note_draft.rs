//! The note of a session while it is written.

/// A note that is written and not saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteDraft {
    /// What is written.
    pub text: String,
    /// The saved note that it is meant to replace. Another one there means that somebody else wrote.
    pub over: String,
}

//! The note of a session while it is being edited.

/// A note that is edited and not saved yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteDraft {
    pub text: String,
    /// The saved note that this one replaces. If the saved note is different by now, somebody else has changed
    /// it.
    pub over: String,
}

//! Why a connection ends for good, and why a request has no result.

use crate::proto::envelope::Unread;
use crate::text::Clean;

/// Why the connection is not tried again. Displays as a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopReason {
    /// The agent signed out.
    #[error("You are signed out.")]
    SignedOut,
    /// The server does not take the user name and password.
    #[error("The server does not accept this user name and password. Check both and sign in again.")]
    WrongPassword,
    /// The server knows who it is and will not have them, or not this client.
    #[error("The server refuses access: {0}. Ask the administrator, then start again.")]
    NotAuthorised(String),
    /// The same person signed in elsewhere.
    #[error(
        "This agent signed in somewhere else, and that place has the sessions now. Sign in again to take them back."
    )]
    Replaced,
    /// The server no longer speaks to this version.
    #[error("The server wants a newer deskline. Update it, then start again.")]
    Outdated,
    /// The settings cannot work.
    #[error("The connection cannot be made: {0}. Correct the setting, then start again.")]
    BadSettings(String),
}

/// Why a request has no result. The words in it may be the server's; they are clean and one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The server answered no. Nothing was done.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        http: u16,
        /// Code of the reply envelope; the HTTP status where there was none.
        code: i64,
        /// The server's reason.
        message: String,
    },
    /// The server did not end a session, since its customer wrote something that was not read. Nothing has
    /// changed.
    #[error("{message}")]
    Unread {
        /// The server's reason.
        message: String,
        /// What the customer wrote.
        unread: Unread,
    },
    /// Surely nothing reached the server.
    #[error("Not sent: {0}.")]
    NotSent(String),
    /// It may have reached the server. Look before it is repeated.
    #[error("Not known whether it was done: {0}.")]
    OutcomeUnknown(String),
}

/// Text of a server, safe to show and of limited length.
pub(super) fn clean_server_text(raw: &str) -> String {
    Clean::line(raw.trim()).chars().take(300).collect()
}

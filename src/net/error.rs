//! Why a connection ends for good, and why a request fails.

use crate::proto::envelope::Unread;
use crate::text::Clean;

/// Why there is no further attempt to connect. Displays as a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopReason {
    /// The agent signed out.
    #[error("You are signed out.")]
    SignedOut,
    /// The server does not accept the user name and password.
    #[error("The server does not accept this user name and password. Check both and sign in again.")]
    WrongPassword,
    /// The server refuses this person, or this client.
    #[error("The server refuses access: {0}. Ask the administrator, then start again.")]
    NotAuthorised(String),
    /// The same person signed in elsewhere.
    #[error(
        "This agent signed in somewhere else, and that place has the sessions now. Sign in again to take them back."
    )]
    Replaced,
    /// The server does not support this version any more.
    #[error("The server wants a newer deskline. Update it, then start again.")]
    Outdated,
    /// The settings are not usable.
    #[error("The connection cannot be made: {0}. Correct the setting, then start again.")]
    BadSettings(String),
}

/// Why a request failed. Text of the server in it is clean and one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The server refused the request. Nothing was changed.
    #[error("{message}")]
    Refused {
        http: u16,
        /// The code of the reply envelope; the HTTP status if there was none.
        code: i64,
        message: String,
    },
    /// The server did not end a session because it has unread messages of the customer. Nothing was changed.
    #[error("{message}")]
    Unread { message: String, unread: Unread },
    /// The request did not reach the server.
    #[error("Not sent: {0}.")]
    NotSent(String),
    /// The request may have reached the server. Check before it is repeated.
    #[error("Not known whether it was done: {0}.")]
    OutcomeUnknown(String),
}

/// Text of the server, cleaned and shortened.
pub(super) fn clean_server_text(raw: &str) -> String {
    Clean::line(raw.trim()).chars().take(300).collect()
}

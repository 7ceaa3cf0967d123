//! Why the store could not read or write.

use rusqlite::ErrorCode;
use std::path::PathBuf;
use thiserror::Error;

/// An error of the store. Nothing was written, unless the error says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Another gateway has the folder.
    #[error("another gateway is using {}: stop it first, or give this one a data-dir of its own", .0.display())]
    Locked(PathBuf),
    /// The folder or a file in it cannot be used.
    #[error("{} cannot be used: {reason}. Check that it exists and that this user may write there", path.display())]
    Path {
        path: PathBuf,
        /// The message of the operating system.
        reason: String,
    },
    /// Written by a newer program.
    #[error(
        "the data is of version {found} and this program knows versions up to {known}: use the newer program"
    )]
    Newer {
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// A gateway of an older program is running on it.
    #[error(
        "a gateway of an older program is running on this data (version {found}, and this program writes \
         {known}): restart it with this program first"
    )]
    Older {
        found: i64,
        /// The one this program writes.
        known: i64,
    },
    /// The disk is full.
    #[error("the disk is full: make room, then try again")]
    Full,
    /// Any other error of the database.
    #[error("the database says: {0}")]
    Database(String),
    /// The store has stopped.
    #[error("the store has stopped")]
    Stopped,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Database(error.to_string()),
        }
    }
}

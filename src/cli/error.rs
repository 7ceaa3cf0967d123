//! Errors of commands, and their exit codes.

use crate::config::data_dir::DataDirError;
use crate::config::error::ConfigError;
use crate::net::StopReason;
use crate::net::reader::ReadError;
use std::fmt;
use url::Url;

/// Why a command failed, with its exit code.
#[derive(Debug)]
pub enum CliError {
    /// 1.
    Failed(String),
    /// 2: bad usage or configuration.
    Usage(String),
    /// 3.
    NotAuthorised(String),
    /// 4.
    Unreachable(String),
}

impl CliError {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::NotAuthorised(_) => 3,
            Self::Unreachable(_) => 4,
        }
    }

    /// The error for a read that failed at the server with this address.
    pub(super) fn from_read(error: &ReadError, url: &Url) -> Self {
        match error {
            ReadError::Refused { http: 404, .. } => {
                Self::Failed(format!("{url} does not offer this: only a deskline gateway does"))
            }
            ReadError::Refused { http: 401 | 403, message } => Self::NotAuthorised(message.clone()),
            ReadError::Refused { message, .. } => Self::Usage(message.clone()),
            ReadError::Stop(StopReason::BadSettings(_)) => Self::Usage(error.to_string()),
            ReadError::Stop(_) => Self::NotAuthorised(error.to_string()),
            ReadError::Later(why) => Self::Unreachable(why.clone()),
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(s) | Self::Usage(s) | Self::NotAuthorised(s) | Self::Unreachable(s) => {
                f.write_str(s)
            }
        }
    }
}

impl From<DataDirError> for CliError {
    fn from(error: DataDirError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

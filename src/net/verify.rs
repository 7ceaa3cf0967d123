//! Checks a password at the server, to unlock the console.

use super::error::StopReason;
use super::http::{Http, SignInError, Tokens};
use super::settings::ConnectionSettings;
use secrecy::SecretString;

/// Why a password was not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The password is wrong.
    #[error("the server does not accept this password")]
    Wrong,
    /// The server could not be reached, or could not answer.
    #[error("{0}")]
    Unknown(String),
}

/// Requests a token with the password and discards it. The open connection is not affected.
///
/// # Errors
/// When the password is wrong, or the server cannot be reached.
pub async fn verify(settings: &ConnectionSettings, password: SecretString) -> Result<(), VerifyError> {
    let settings = ConnectionSettings { password, ..settings.clone() };
    let http = Http::new(&settings).await.map_err(VerifyError::Unknown)?;
    match http.token(&settings, &mut Tokens::default()).await {
        Ok(_) => Ok(()),
        Err(SignInError::Stop(StopReason::WrongPassword)) => Err(VerifyError::Wrong),
        Err(SignInError::Stop(reason)) => Err(VerifyError::Unknown(reason.to_string())),
        Err(SignInError::Later(reason)) => Err(VerifyError::Unknown(reason)),
    }
}

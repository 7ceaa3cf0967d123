//! Asking the server whether a password is right, to unlock a desk.

use super::error::StopReason;
use super::http::{Http, SignInError, Tokens};
use super::settings::ConnectionSettings;
use secrecy::SecretString;

/// Why a password is not known to be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The server says it is wrong.
    #[error("the server does not accept this password")]
    Wrong,
    /// The server could not be asked, or cannot answer now.
    #[error("{0}")]
    Unknown(String),
}

/// Asks for a token with a password of the same person, and forgets both. The open connection is not
/// touched.
///
/// # Errors
/// When the password is wrong, or the server cannot be asked.
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

//! Read-only requests without events, for clients that poll for entries after a number.
//!
//! Owns: a sign-in and its session, renewed when the server has forgotten them.
//! Must not: write anything, subscribe, or decide when to retry.

use super::backoff::{Backoff, random_u32};
use super::error::{CallError, StopReason, clean_server_text};
use super::http::{Cookies, ExchangeOutcome, Http, SignInError, Tokens};
use super::settings::ConnectionSettings;
use crate::proto::request::{Call, ReadPositions};
use serde_json::Value as Json;
use std::time::Duration;

/// Why a read failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The server is unreachable or has an error; a retry may succeed. A sentence without the full stop.
    #[error("{0}")]
    Later(String),
    /// The server refused the request.
    #[error("{message}")]
    Refused { http: u16, message: String },
    /// A retry would fail as well.
    #[error(transparent)]
    Stop(StopReason),
}

/// A client for reads, which signs in with the first one.
#[derive(Debug)]
pub struct ApiReader {
    settings: ConnectionSettings,
    http: Http,
    tokens: Tokens,
    cookies: Option<Cookies>,
    backoff: Backoff,
}

impl ApiReader {
    /// A reader that has not signed in yet.
    ///
    /// # Errors
    /// When the settings are not usable.
    pub async fn new(settings: ConnectionSettings) -> Result<Self, ReadError> {
        let http = Http::new(&settings).await.map_err(|why| ReadError::Stop(StopReason::BadSettings(why)))?;
        Ok(Self { settings, http, tokens: Tokens::default(), cookies: None, backoff: Backoff::default() })
    }

    /// Reads a path below the server's address. Signs in first if necessary, and once more when the server has forgotten the
    /// session. Not cancel-safe: the session may be lost, and the next read then starts a new one.
    ///
    /// # Errors
    /// [`ReadError`]; nothing was changed at the server.
    pub async fn get(&mut self, path: &str) -> Result<Json, ReadError> {
        let call = Call { method: "GET", path: path.to_owned(), body: None };
        let mut renewed = false;
        loop {
            let cookies = match self.cookies.take() {
                Some(cookies) => cookies,
                None => {
                    renewed = true;
                    let begun = self.http.initialize(&self.settings, &mut self.tokens).await;
                    begun.map_err(|error| match error {
                        SignInError::Stop(reason) => ReadError::Stop(reason),
                        SignInError::Later(why) => ReadError::Later(clean_server_text(&why)),
                    })?
                }
            };
            match self.http.call(&cookies, &call).await {
                ExchangeOutcome::Over(result) => {
                    self.cookies = Some(cookies);
                    let envelope = result.map_err(|error| match error {
                        // Only requests that end a session can fail so.
                        CallError::Unread { message, .. } => ReadError::Refused { http: 409, message },
                        CallError::Refused { http: http @ 500.., message, .. } => {
                            ReadError::Later(format!("HTTP {http}: {message}"))
                        }
                        CallError::Refused { http, message, .. } => ReadError::Refused { http, message },
                        CallError::NotSent(why) | CallError::OutcomeUnknown(why) => ReadError::Later(why),
                    })?;
                    self.backoff.reset();
                    return Ok(envelope.data);
                }
                ExchangeOutcome::Unauthorised(error, status) if renewed => {
                    let (http, message) = (status.as_u16(), error.to_string());
                    return Err(ReadError::Refused { http, message });
                }
                ExchangeOutcome::Unauthorised(..) => {}
            }
        }
    }

    /// The delay before a retry, which grows until a read succeeds.
    pub fn pause(&mut self) -> Duration {
        self.backoff.next_delay(random_u32())
    }

    /// Signs out if the server still knows the session.
    pub async fn close(mut self) {
        if let Some(cookies) = self.cookies.take()
            && let Err(why) = self.http.logout(&cookies, &ReadPositions::new()).await
        {
            tracing::info!(%why, "the server did not receive the sign-out");
        }
    }
}

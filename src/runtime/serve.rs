//! `deskline serve`: a gateway until it is told to stop.

use super::gateway::{self, StartError};
use crate::config::paths::private_dir;
use crate::config::schema::Config;
use crate::config::secret;
use crate::telemetry;
use crate::term::hangup::{Signal, Signals};
use std::io::Write;
use thiserror::Error;

/// Why serving ended.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The configuration cannot work.
    #[error("{0}")]
    Config(String),
    /// The gateway did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Something of this machine failed.
    #[error("the gateway cannot run here: {0}")]
    Io(#[from] std::io::Error),
    /// The gateway ended by itself.
    #[error("the gateway ended by itself; its log says why")]
    Broken,
}

/// Serves until SIGTERM or SIGINT. Prints one line on stdout when it is ready.
///
/// # Errors
/// Why it did not start, or ended.
pub async fn run(config: Config) -> Result<(), ServeError> {
    let secrets = config
        .gateway
        .whatsapp
        .as_ref()
        .map(|whatsapp| secret::whatsapp(whatsapp, |name| std::env::var(name).ok()))
        .transpose()
        .map_err(|error| ServeError::Config(error.to_string()))?;
    private_dir(&config.gateway.data_dir)?;
    let log = config.gateway.data_dir.join("gateway.log");
    let _log = telemetry::start(&log, &config.console.log_level, config.console.log_messages)
        .map_err(|error| ServeError::Config(error.to_string()))?;
    let mut signals = Signals::new()?;
    let mut running = gateway::start(&config, secrets).await?;
    writeln!(std::io::stdout(), "listening on {}", running.url())?;
    loop {
        tokio::select! {
            signal = signals.next() => if matches!(signal, Signal::Terminate | Signal::Interrupt | Signal::Hangup) {
                break;
            },
            () = running.broken() => return Err(ServeError::Broken),
        }
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

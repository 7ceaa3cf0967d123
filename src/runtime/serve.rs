//! `deskline serve`: a gateway until it is told to stop.

use super::gateway::{self, Running, StartError};
use super::watch;
use crate::config::paths::{Paths, private_dir};
use crate::config::{Config, Loaded, changes, secret};
use crate::telemetry;
use crate::term::hangup::{Signal, Signals};
use std::io::Write;
use std::path::{Path, PathBuf};
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

/// Serves until SIGTERM or SIGINT. Prints one line on stdout when it is ready, and sentences about edits of
/// the configuration on stderr.
///
/// # Errors
/// Why it did not start, or ended.
pub async fn run(loaded: Loaded) -> Result<(), ServeError> {
    let Loaded { config, path, table, .. } = loaded;
    let path = path.or_else(|| Paths::find().ok().map(|paths| paths.config_file())).unwrap_or_default();
    let secrets = config
        .gateway
        .whatsapp
        .as_ref()
        .map(|whatsapp| secret::whatsapp(whatsapp, |name| std::env::var(name).ok()))
        .transpose()
        .map_err(|error| ServeError::Config(error.to_string()))?;
    private_dir(&config.gateway.data_dir)?;
    let log = config.gateway.data_dir.join("gateway.log");
    let _log = telemetry::start(&log, &config.console.log_level, config.privacy.in_logs(&config.console))
        .map_err(|error| ServeError::Config(error.to_string()))?;
    let mut signals = Signals::new()?;
    let mut running = gateway::start(&config, secrets).await?;
    let mut edits = watch::start(&path);
    writeln!(std::io::stdout(), "listening on {}", running.url())?;
    loop {
        tokio::select! {
            signal = signals.next() => if matches!(signal, Signal::Terminate | Signal::Interrupt | Signal::Hangup) {
                break;
            },
            Some(()) = edits.recv() => edited(&path, &table, &running).await,
            () = running.broken() => return Err(ServeError::Broken),
        }
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// Puts an edit of the file into force as far as that needs no restart, or refuses it as a whole.
async fn edited(path: &Path, started: &toml::Table, running: &Running) {
    let file: PathBuf = path.to_owned();
    let read = tokio::task::spawn_blocking(move || Config::load(Some(&file))).await;
    let loaded = match read {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(error)) => {
            tracing::error!(%error, "an edit of the configuration was refused");
            return tell(&format!("the edit is refused, and what was in force stays:\n{error}"));
        }
        Err(error) => return tell(&format!("the edit could not be read: {error}")),
    };
    running.apply(&loaded.config);
    for warning in &loaded.warnings {
        tell(&format!("warning: {warning}"));
    }
    let mut sentence =
        "the configuration was read again: options, business attributes, action codes and passwords are in force"
            .to_owned();
    let restart = changes::gateway(started, &loaded.table);
    if !restart.is_empty() {
        sentence.push_str(&format!("; restart the gateway for {}", restart.join(", ")));
    }
    tracing::info!("{sentence}");
    tell(&sentence);
}

fn tell(sentence: &str) {
    // A closed stderr is nobody to tell.
    let _ = writeln!(std::io::stderr(), "deskline: {sentence}");
}

//! `deskline serve`: runs a gateway until a signal.

use super::gateway::{self, GatewayStartError, Running};
use super::{simulate, watch};
use crate::config::data_dir::DataDirError;
use crate::config::paths::{Paths, private_dir};
use crate::config::{Config, LoadedConfig, changes, secret};
use crate::telemetry;
use crate::term::hangup::Signals;
use std::io::Write;
use std::path::{Path, PathBuf};
use thiserror::Error;
use tokio::sync::mpsc;

/// Options of `deskline serve`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServeOptions {
    /// Serve simulated customers instead of WhatsApp's, with your agents and queues; nothing is sent
    #[arg(long)]
    pub simulate: bool,
    /// Decides who writes what and when; the same number gives the same day [default: 1]
    #[arg(long, requires = "simulate")]
    pub seed: Option<u64>,
    /// How many times faster than life customers are [default: 1]
    #[arg(long, requires = "simulate", value_parser = simulate::speed)]
    pub speed: Option<f64>,
}

/// Why the gateway did not start, or ended.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The configuration cannot work.
    #[error("{0}")]
    Config(String),
    /// There is no usable data folder.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The gateway did not start.
    #[error(transparent)]
    Start(#[from] GatewayStartError),
    /// A file, a socket or a signal handler failed.
    #[error("the gateway cannot run here: {0}")]
    Io(#[from] std::io::Error),
    /// The gateway ended by itself.
    #[error("the gateway ended by itself; its log says why")]
    Broken,
    /// A second signal ended the process during its stop.
    #[error("ended at once, before requests and sends under way had finished; the next start resumes them")]
    EndedAtOnce,
}

/// Serves until SIGTERM or SIGINT. Prints one line on stdout when it is ready, and sentences about edits of the
/// configuration on stderr.
///
/// # Errors
/// When the gateway does not start, or ends by itself.
pub async fn run(loaded: LoadedConfig, options: ServeOptions) -> Result<(), ServeError> {
    let mut data = loaded.data_dir()?;
    let LoadedConfig { mut config, path, table, .. } = loaded;
    let path = path.or_else(|| Paths::find().ok().map(|paths| paths.config_file())).unwrap_or_default();
    let mut customers = match options.simulate {
        true => Some(simulate::customers(options.seed.unwrap_or(1), options.speed.unwrap_or(1.0)).await?),
        false => None,
    };
    if let Some(customers) = &customers {
        simulate::replace_whatsapp(&mut config.gateway, customers.graph_url()).map_err(ServeError::Config)?;
        data.push(simulate::FOLDER);
    }
    let secrets = config
        .gateway
        .whatsapp
        .as_ref()
        .filter(|_| customers.is_none())
        .map(|whatsapp| secret::whatsapp(whatsapp, |name| std::env::var(name).ok()))
        .transpose()
        .map_err(|error| ServeError::Config(error.to_string()))?;
    let secrets = secrets.or_else(|| customers.is_some().then(simulate::secrets));
    private_dir(&data)?;
    let log = data.join("gateway.log");
    let _log = telemetry::start(&log, &config.console.log_level, config.privacy.in_logs(&config.console))
        .map_err(|error| ServeError::Config(error.to_string()))?;
    let mut signals = Signals::new()?;
    let mut running = tokio::select! {
        started = gateway::start(&config, &data, secrets) => started?,
        // The event log is still being read: nothing was accepted yet.
        () = signals.exit() => return Ok(()),
    };
    let mut edits = watch::start(&path);
    let from = path.display();
    print_notice(&format!("configuration: {from}; data and log: {}", data.display()));
    writeln!(std::io::stdout(), "listening on {}", running.url())?;
    if let Some(customers) = &mut customers {
        customers.open(&running.url())?;
        print_notice("the customers are simulated: nothing goes to WhatsApp");
    }
    tokio::select! {
        () = signals.exit() => {}
        // Both are polled together, so that a long edit does not delay a signal.
        () = apply_edits(&mut edits, &path, &table, &mut running) => return Err(ServeError::Broken),
    }
    tracing::info!("stopping");
    print_notice(
        "stopping: requests and sends under way may finish, for ten seconds; a second signal ends it at once",
    );
    drop(customers);
    if running.stop_until_signal(&mut signals).await { Ok(()) } else { Err(ServeError::EndedAtOnce) }
}

/// Applies edits of the file until the gateway fails.
async fn apply_edits(
    edits: &mut mpsc::Receiver<()>,
    path: &Path,
    table: &toml::Table,
    running: &mut Running,
) {
    loop {
        tokio::select! {
            Some(()) = edits.recv() => apply_edit(path, table, running).await,
            () = running.failed() => return,
        }
    }
}

/// Applies an edit of the file as far as that needs no restart, or rejects it as a whole.
async fn apply_edit(path: &Path, started: &toml::Table, running: &Running) {
    let file: PathBuf = path.to_owned();
    let read = tokio::task::spawn_blocking(move || Config::load(Some(&file))).await;
    let loaded = match read {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(error)) => {
            tracing::error!(%error, "an edit of the configuration was refused");
            return print_notice(&format!("the edit is refused, and what was in force stays:\n{error}"));
        }
        Err(error) => return print_notice(&format!("the edit could not be read: {error}")),
    };
    running.apply(&loaded.config);
    for warning in &loaded.warnings {
        print_notice(&format!("warning: {warning}"));
    }
    let mut sentence =
        "the configuration was read again: options, business attributes, action codes and passwords are in force"
            .to_owned();
    let restart = changes::gateway(started, &loaded.table);
    if !restart.is_empty() {
        sentence.push_str(&format!("; restart the gateway for {}", restart.join(", ")));
    }
    tracing::info!("{sentence}");
    print_notice(&sentence);
}

fn print_notice(sentence: &str) {
    // A closed stderr has no reader.
    let _ = writeln!(std::io::stderr(), "deskline: {sentence}");
}

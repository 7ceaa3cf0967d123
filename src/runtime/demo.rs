//! `deskline demo`: gateway, simulated customers and console in one process, with nothing to set up.

use super::console::{self, ConsoleOptions, Exit};
use super::gateway::{self, GatewayStartError};
use super::{colleagues, simulate};
use crate::app::core::settings::Settings;
use crate::config::hash::hash_password;
use crate::config::responses::{ImportContext, load};
use crate::config::schema::{Config, ConsoleConfig};
use crate::domain::AttachedData;
use crate::gateway::customers::Tempo;
use crate::net;
use crate::store::drafts::Drafts;
use crate::store::library::{ResponseLibrary, ResponseStore as _};
use crate::store::{Sqlite, StoreError};
use crate::telemetry;
use crate::term::hangup::Signals;
use crate::ui::Theme;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;
use url::Url;

/// Options of `deskline demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoOptions {
    /// Decides who writes what and when; the same number gives the same day
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many times faster than life
    #[arg(long, default_value_t = 1.0, value_parser = simulate::speed)]
    pub speed: f64,
    /// Keep the data in this folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Run gateway and customers only, and print where to connect as ana
    #[arg(long)]
    pub headless: bool,
}

/// Why the demo does not start.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The gateway does not start.
    #[error(transparent)]
    Gateway(#[from] GatewayStartError),
    /// A file or a socket failed.
    #[error("the demo cannot run here: {0}")]
    Io(#[from] io::Error),
    /// Something could not be set up.
    #[error("the demo cannot be set up: {0}")]
    Setup(String),
}

/// The password of all agents and supervisors in the demo.
const PASSWORD: &str = "demo";
/// The configuration, with a placeholder for the password hash.
const CONFIG: &str = include_str!("demo.toml");
/// The standard responses of the demo: the file and its attachment.
const RESPONSES: [(&str, &str); 2] = [
    ("responses.toml", include_str!("../../docs/examples/responses/responses.toml")),
    ("opening-hours.txt", include_str!("../../docs/examples/responses/opening-hours.txt")),
];

/// Runs the demo. The outer result is about the demo, the inner one about the terminal.
///
/// # Errors
/// When the demo does not start.
pub async fn run(options: DemoOptions) -> Result<io::Result<Exit>, DemoError> {
    // Without --data everything is in a folder that is deleted at the end.
    let temporary;
    let data: &Path = match &options.data {
        Some(data) => {
            crate::config::paths::private_dir(data)?;
            data
        }
        None => {
            temporary = tempfile::Builder::new().prefix("deskline-demo-").tempdir()?;
            temporary.path()
        }
    };
    let _log = telemetry::start(&data.join("deskline.log"), "info", None)
        .map_err(|error| DemoError::Setup(error.to_string()))?;
    let mut customers = simulate::customers(options.seed, options.speed).await?;
    let config = config(customers.graph_url())?;
    let mut running = gateway::start(&config, data, Some(simulate::secrets())).await?;
    import_responses(data).await?;
    let url = Url::parse(&running.url()).map_err(io::Error::other)?;
    let tempo = Tempo::new(options.speed);
    let colleagues = colleagues::start(|user| connection(&url, user), options.seed, tempo);
    customers.open(&running.url())?;
    let ended = if options.headless {
        run_headless(&mut running, &url).await?;
        Ok(Exit::Fine)
    } else {
        // It stays in the terminal's scrollback; the console shows it as a notice, too.
        writeln!(io::stdout(), "{}", more_consoles(&url))?;
        run_console(data, connection(&url, "ana"), second_console(&url, "", "kate")).await
    };
    drop((customers, colleagues));
    if !running.stop_until_signal(&mut Signals::new()?).await {
        tracing::warn!("a second signal ended the demo before it had stopped");
    }
    Ok(ended)
}

fn connection(url: &Url, user: &str) -> net::ConnectionSettings {
    net::ConnectionSettings {
        url: url.clone(),
        user: user.to_owned(),
        password: SecretString::from(PASSWORD),
        client_id: "deskline".to_owned(),
        client_secret: None,
        api_key: None,
        transport: crate::config::schema::Transport::Auto,
        ca: None,
    }
}

/// The shell command that opens another console: the program as it was called, or its full path if a shell would not find
/// it by name.
fn second_console(url: &Url, command: &str, user: &str) -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let found_by_name = called.components().count() == 1;
    let program = if found_by_name { called } else { std::env::current_exe().unwrap_or(called) };
    let program = program.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let program =
        if program.chars().all(plain) { program } else { format!("'{}'", program.replace('\'', "'\\''")) };
    format!("DESKLINE_PASSWORD={PASSWORD} {program}{command} --url {url} --user {user}")
}

/// Explains how to open another console from a shell.
fn more_consoles(url: &Url) -> String {
    format!(
        "another agent, in another terminal: {}\na supervisor: {}",
        second_console(url, "", "kate"),
        second_console(url, " monitor", "sam")
    )
}

/// Imports the standard responses of the manual's example.
async fn import_responses(data: &Path) -> Result<(), DemoError> {
    let folder = data.join("responses");
    crate::config::paths::private_dir(&folder)?;
    for (name, text) in RESPONSES {
        std::fs::write(folder.join(name), text)?;
    }
    let context = ImportContext { now: super::clock::now(), zone: TimeZone::system(), max_text: 4096 };
    let import = load(&folder.join("responses.toml"), &context)
        .map_err(|error| DemoError::Setup(error.to_string()))?;
    let kept = |error: StoreError| DemoError::Setup(error.to_string());
    let store = Sqlite::open_shared(data).map_err(kept)?;
    for (id, path) in &import.documents {
        store.put_document(id.clone(), std::fs::read(path)?.into()).await.map_err(kept)?;
    }
    let library = ResponseLibrary { categories: import.categories, responses: import.responses };
    store.import(library, false, false).await.map(drop).map_err(kept)
}

/// Runs the console, signed in as Ana.
async fn run_console(data: &Path, connection: net::ConnectionSettings, another: String) -> io::Result<Exit> {
    // Drafts are stored for a server. The demo's address changes, so a fixed name replaces it.
    let hints = vec![format!("Another console: {another}")];
    let mut warnings = Vec::new();
    let drafts = Drafts::open(&data.join("console.db"), "demo", "ana")
        .map_err(|error| warnings.push(error.to_string()))
        .ok();
    let settings = Settings { local: AttachedData::new(), ..Settings::default() };
    let (config, theme) = (ConsoleConfig::default(), Theme::default());
    console::run(ConsoleOptions { connection, settings, config, theme, edits: None, drafts, hints, warnings })
        .await
}

async fn run_headless(running: &mut gateway::Running, url: &Url) -> io::Result<()> {
    let mut signals = Signals::new()?;
    let mut out = io::stdout();
    writeln!(out, "listening on {}", running.url())?;
    writeln!(out, "connect with: {}", second_console(url, "", "ana"))?;
    writeln!(out, "{}", more_consoles(url))?;
    tokio::select! {
        () = signals.exit() => Ok(()),
        () = running.failed() => Err(io::Error::other("the gateway ended by itself")),
    }
}

/// The demo's configuration.
fn config(graph_url: &str) -> Result<Config, DemoError> {
    let setup = |error: &dyn std::fmt::Display| DemoError::Setup(error.to_string());
    let hash = hash_password(&SecretString::from(PASSWORD)).map_err(|error| setup(&error))?;
    let text = CONFIG.replace("@password-hash@", &hash);
    let mut config = Config::parse(&text, "the demo's settings").map_err(|error| setup(&error))?.config;
    config.gateway.whatsapp = Some(simulate::whatsapp(graph_url, "wa-inbound"));
    Ok(config)
}

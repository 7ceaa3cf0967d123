//! `deskline demo`: gateway, simulated customers and console in one process, with nothing to set up.

use super::console::{self, Exit, Start};
use super::gateway::{self, StartError};
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

/// What the demo takes from the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
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
    Gateway(#[from] StartError),
    /// Something of this machine failed.
    #[error("the demo cannot run here: {0}")]
    Io(#[from] io::Error),
    /// A value could not be made.
    #[error("the demo cannot be set up: {0}")]
    Setup(String),
}

/// The password of everybody in the demo.
const PASSWORD: &str = "demo";
/// The standard responses of the demo: the file and what is attached.
const RESPONSES: [(&str, &str); 2] = [
    ("responses.toml", include_str!("../../docs/examples/responses/responses.toml")),
    ("opening-hours.txt", include_str!("../../docs/examples/responses/opening-hours.txt")),
];

/// Runs it. The outer result is about the demo, the inner one about the terminal.
///
/// # Errors
/// Why it did not start.
pub async fn run(options: Options) -> Result<io::Result<Exit>, DemoError> {
    // Without --data everything is in a folder that goes when the demo ends.
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
    responses(data).await?;
    let url = Url::parse(&running.url()).map_err(io::Error::other)?;
    let tempo = Tempo::new(options.speed);
    let colleagues = colleagues::start(|user| connection(&url, user), options.seed, tempo);
    customers.open(&running.url())?;
    let ended = if options.headless {
        headless(&mut running, &url).await?;
        Ok(Exit::Fine)
    } else {
        // Shown below the console's screen for those who scroll; the notice is for those who do not.
        writeln!(io::stdout(), "{}", more_consoles(&url))?;
        desk(data, connection(&url, "ana"), second_console(&url, "", "kate")).await
    };
    drop((customers, colleagues));
    if !running.stop_unless_told_again(&mut Signals::new()?).await {
        tracing::warn!("a second signal ended the demo in the middle of its stop");
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

/// The shell command that opens another console: the program's name as it was called, or its full path where
/// a shell would not find that name.
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

/// Explains to a person at a shell how to open another console.
fn more_consoles(url: &Url) -> String {
    format!(
        "another agent, in another terminal: {}\na supervisor: {}",
        second_console(url, "", "kate"),
        second_console(url, " monitor", "sam")
    )
}

/// A few standard responses: those of the manual.
async fn responses(data: &Path) -> Result<(), DemoError> {
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
    let shelf = ResponseLibrary { categories: import.categories, responses: import.responses };
    store.import(shelf, false, false).await.map(drop).map_err(kept)
}

/// The console, signed in as Ana.
async fn desk(data: &Path, connection: net::ConnectionSettings, another: String) -> io::Result<Exit> {
    // Drafts belong to a server; the demo's address changes, the data folder does not.
    let hints = vec![format!("Another console: {another}")];
    let mut warnings = Vec::new();
    let drafts = Drafts::open(&data.join("console.db"), "demo", "ana")
        .map_err(|error| warnings.push(error.to_string()))
        .ok();
    let settings = Settings { local: AttachedData::new(), ..Settings::default() };
    let (config, theme) = (ConsoleConfig::default(), Theme::default());
    console::run(Start { connection, settings, config, theme, edits: None, drafts, hints, warnings }).await
}

async fn headless(running: &mut gateway::Running, url: &Url) -> io::Result<()> {
    let mut signals = Signals::new()?;
    let mut out = io::stdout();
    writeln!(out, "listening on {}", running.url())?;
    writeln!(out, "connect with: {}", second_console(url, "", "ana"))?;
    writeln!(out, "{}", more_consoles(url))?;
    tokio::select! {
        () = signals.exit() => Ok(()),
        () = running.broken() => Err(io::Error::other("the gateway ended by itself")),
    }
}

/// A small shop: agents, supervisors, two queues, reasons and dispositions. Customers come to Ana, whose
/// console the demo opens, or to a simulated colleague to whom she transfers them.
fn config(graph_url: &str) -> Result<Config, DemoError> {
    let hash =
        hash_password(&SecretString::from(PASSWORD)).map_err(|error| DemoError::Setup(error.to_string()))?;
    let text = format!(
        r#"
[interaction-workspace]
intercommunication.whatsappsession.queue = "wa-internal"

[gateway]
listen = "127.0.0.1:0"

[[gateway.agent]]
user-name = "ana"
first-name = "Ana"
last-name = "Ruiz"
password-hash = "{hash}"
groups = ["Billing"]
skills = {{ French = 5, Spanish = 8 }}

[[gateway.agent]]
user-name = "kate"
first-name = "Kate"
last-name = "London"
password-hash = "{hash}"
groups = ["Orders"]
skills = {{ Portuguese = 6 }}

[[gateway.agent]]
user-name = "noah"
first-name = "Noah"
last-name = "Klein"
password-hash = "{hash}"
groups = ["Returns"]
skills = {{ German = 7 }}

[[gateway.agent]]
user-name = "ivy"
first-name = "Ivy"
last-name = "Sato"
password-hash = "{hash}"
groups = ["Warehouse"]
skills = {{ Japanese = 9 }}

[[gateway.agent]]
user-name = "sam"
first-name = "Sam"
last-name = "Okoro"
role = "supervisor"
privileges = ["coach", "barge-in"]
password-hash = "{hash}"
groups = ["Billing", "Orders"]

[[gateway.agent]]
user-name = "vera"
first-name = "Vera"
last-name = "Lind"
role = "supervisor"
password-hash = "{hash}"

[[gateway.queue]]
name = "wa-inbound"
display-name = "WhatsApp"
group = "Billing"

[[gateway.queue]]
name = "wa-internal"
display-name = "Colleagues"

[[gateway.action-code]]
name = "Lunch"
code = "Lunch"

[[gateway.action-code]]
name = "Break"
code = "Break"

[[gateway.action-code]]
name = "Training"
code = "Training"

[[gateway.business-attribute]]
name = "InteractionSubtype"
values = ["InboundNew", "InternalConferenceInvite"]

[[gateway.business-attribute]]
name = "DispositionCode"
display-name = "Disposition"
values = [
    {{ name = "resolved", display-name = "Resolved" }},
    {{ name = "callback", display-name = "Call back" }},
    {{ name = "complaint", display-name = "Complaint" }},
]
"#,
    );
    let loaded = Config::parse(&text, "the demo's settings");
    let mut config = loaded.map_err(|error| DemoError::Setup(error.to_string()))?.config;
    config.gateway.whatsapp = Some(simulate::whatsapp(graph_url, "wa-inbound"));
    Ok(config)
}

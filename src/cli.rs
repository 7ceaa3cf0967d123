//! The command line: reads it, starts what it names, maps errors to sentences and exit codes.
//!
//! Data goes to stdout, diagnostics to stderr, logs to a file.

mod audit;
mod check;
mod connection;
mod console;
mod import;
mod since;
mod tail;
mod user;
mod why;

use crate::config::Config;
use crate::config::data_dir::DataDirError;
use crate::config::error::ConfigError;
use crate::config::load::Loaded;
use crate::runtime;
use clap::{Parser, Subcommand};
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// A terminal desk for WhatsApp sessions. Without a command it starts the agent's console.
#[derive(Debug, Parser)]
#[command(name = "deskline", version, about, long_about = None)]
pub struct Cli {
    /// The configuration file [default: config.toml in the folder deskline of your configuration]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    console: console::Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway: routing, WhatsApp, and the server side of the Workspace API
    Serve(runtime::serve::Options),
    /// Try everything at once: a gateway, simulated customers and the console, with nothing to set up
    Demo(runtime::demo::Options),
    /// Say what is wrong with a configuration and a connection
    Check {
        /// Check the configuration only
        #[arg(long)]
        offline: bool,
    },
    /// Explain why a session went to whom it went
    Why {
        /// The interaction's id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Bring standard responses into the data of the gateway
    Import {
        #[command(subcommand)]
        command: import::Command,
    },
    /// Watch the desk and what is said in it, without being able to touch it. For supervisors
    Monitor,
    /// Write what happens as lines: live sessions, messages, agents. For supervisors
    Tail(tail::Options),
    /// Write who did what and who saw which session, as JSON lines. For administrators
    Audit(audit::Options),
    /// Administer the agents of the configuration file
    User {
        #[command(subcommand)]
        command: user::Command,
    },
}

/// Why a command failed, with its exit code.
#[derive(Debug)]
pub enum Failure {
    /// 1.
    Failed(String),
    /// 2: bad usage or configuration.
    Usage(String),
    /// 3.
    NotAuthorised(String),
    /// 4.
    Unreachable(String),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::NotAuthorised(_) => 3,
            Self::Unreachable(_) => 4,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(s) | Self::Usage(s) | Self::NotAuthorised(s) | Self::Unreachable(s) => {
                f.write_str(s)
            }
        }
    }
}

impl From<DataDirError> for Failure {
    fn from(error: DataDirError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(failure.code())
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        None => console::run(&load(cli.config.as_deref())?, cli.console),
        Some(Command::Serve(options)) => {
            let loaded = load(cli.config.as_deref())?;
            block_on(runtime::serve::run(loaded, options))?.map_err(|error| match error {
                runtime::serve::ServeError::Config(_) | runtime::serve::ServeError::DataDir(_) => {
                    Failure::Usage(error.to_string())
                }
                _ => Failure::Failed(error.to_string()),
            })
        }
        Some(Command::Demo(options)) => console::demo(options),
        Some(Command::Check { offline }) => check::run(cli.config.as_deref(), cli.console, offline),
        Some(Command::Why { id }) => why::run(&load(cli.config.as_deref())?, cli.console, &id),
        Some(Command::Import { command }) => import::run(cli.config.as_deref(), command),
        Some(Command::Monitor) => console::monitor(&load(cli.config.as_deref())?, cli.console),
        Some(Command::Audit(options)) => audit::run(&load(cli.config.as_deref())?, cli.console, &options),
        Some(Command::Tail(options)) => tail::run(&load(cli.config.as_deref())?, cli.console, options),
        Some(Command::User { command }) => user::run(cli.config.as_deref(), command),
    }
}

/// The configuration, with its warnings told.
fn load(path: Option<&std::path::Path>) -> Result<Loaded, Failure> {
    let loaded = Config::load(path)?;
    for warning in &loaded.warnings {
        complain(&format!("warning: {warning}"));
    }
    Ok(loaded)
}

/// Says something to the person who started the program.
fn complain(sentence: &str) {
    // A closed stderr is nobody to tell.
    let _ = writeln!(std::io::stderr(), "deskline: {sentence}");
}

/// Writes a line of data.
fn print(line: &str) -> Result<(), Failure> {
    let written = writeln!(std::io::stdout(), "{line}");
    written.map_err(|error| Failure::Failed(format!("standard output is closed: {error}")))
}

/// Runs a future on a runtime of its own.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("the program could not start its threads: {error}")))?;
    let result = runtime.block_on(future);
    // Nothing that still runs may hold the process back.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    Ok(result)
}

//! The command line: parses it, runs the command, and maps errors to sentences and exit codes.
//!
//! Data goes to stdout, diagnostics to stderr, logs to a file.

mod audit;
mod check;
mod common;
mod connection;
mod console;
mod error;
mod import;
mod since;
mod tail;
mod user;
mod why;

use crate::runtime;
use clap::{Parser, Subcommand};
use common::{block_on, load, print_diagnostic};
use connection::ConnectionArgs;
use error::CliError;
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
    connection: ConnectionArgs,
    #[command(subcommand)]
    command: Option<CliCommand>,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Run the gateway: routing, WhatsApp, and the server side of the Workspace API
    Serve(runtime::serve::ServeOptions),
    /// Try everything at once: a gateway, simulated customers and the console, with nothing to set up
    Demo(runtime::demo::DemoOptions),
    /// Check a configuration and a connection, and report what is wrong
    Check {
        /// Check the configuration only
        #[arg(long)]
        offline: bool,
    },
    /// Explain how a session was routed
    Why {
        /// The interaction's id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Import standard responses into the data of the gateway
    Import {
        #[command(subcommand)]
        command: import::ImportCommand,
    },
    /// Watch sessions and messages, read-only. For supervisors
    Monitor,
    /// Print events as lines: sessions, messages, agents. For supervisors
    Tail(tail::TailArgs),
    /// Print who did what and who saw which session, as JSON lines. For administrators
    Audit(audit::AuditArgs),
    /// Administer the agents of the configuration file
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
}

/// Runs the program.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_diagnostic(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        None => console::run(&load(cli.config.as_deref())?, cli.connection),
        Some(CliCommand::Serve(options)) => {
            let loaded = load(cli.config.as_deref())?;
            block_on(runtime::serve::run(loaded, options))?.map_err(|error| match error {
                runtime::serve::ServeError::Config(_) | runtime::serve::ServeError::DataDir(_) => {
                    CliError::Usage(error.to_string())
                }
                _ => CliError::Failed(error.to_string()),
            })
        }
        Some(CliCommand::Demo(options)) => console::demo(options),
        Some(CliCommand::Check { offline }) => check::run(cli.config.as_deref(), cli.connection, offline),
        Some(CliCommand::Why { id }) => why::run(&load(cli.config.as_deref())?, cli.connection, &id),
        Some(CliCommand::Import { command }) => import::run(cli.config.as_deref(), command),
        Some(CliCommand::Monitor) => console::monitor(&load(cli.config.as_deref())?, cli.connection),
        Some(CliCommand::Audit(options)) => {
            audit::run(&load(cli.config.as_deref())?, cli.connection, &options)
        }
        Some(CliCommand::Tail(options)) => tail::run(&load(cli.config.as_deref())?, cli.connection, options),
        Some(CliCommand::User { command }) => user::run(cli.config.as_deref(), command),
    }
}

//! Shared by all commands: load the configuration, write output, run asynchronous code.

use super::error::CliError;
use crate::config::Config;
use crate::config::load::LoadedConfig;
use std::io::Write;
use std::path::Path;
use std::pin::Pin;

/// Loads the configuration and prints its warnings.
pub(super) fn load(path: Option<&Path>) -> Result<LoadedConfig, CliError> {
    let loaded = Config::load(path)?;
    for warning in &loaded.warnings {
        print_diagnostic(&format!("warning: {warning}"));
    }
    Ok(loaded)
}

/// Writes a sentence to stderr.
pub(super) fn print_diagnostic(sentence: &str) {
    // A failure cannot be reported when stderr is closed.
    let _ = writeln!(std::io::stderr(), "deskline: {sentence}");
}

/// Writes a line of data.
pub(super) fn print_line(line: &str) -> Result<(), CliError> {
    let written = writeln!(std::io::stdout(), "{line}");
    written.map_err(|error| CliError::Failed(format!("standard output is closed: {error}")))
}

/// Runs a future on a new runtime.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Failed(format!("the program could not start its threads: {error}")))?;
    // Boxed, so that the code which drives a future is not built again for each command.
    let future: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(future);
    let result = runtime.block_on(future);
    // Tasks that still run must not delay the end of the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    Ok(result)
}

//! `deskline import`: imports into a gateway's data, for administrators.

use super::common::{block_on, load, print_diagnostic, print_line};
use super::error::CliError;
use crate::config::options::interaction_workspace;
use crate::config::responses::{self, ImportContext};
use crate::domain::Millis;
use crate::domain::options::Options;
use crate::store::library::{ResponseLibrary, ResponseStore as _};
use crate::store::{Sqlite, StoreError};
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// What is brought in.
#[derive(Debug, clap::Subcommand)]
pub enum ImportCommand {
    /// Import standard responses, with their attached files; a gateway may be running
    Responses {
        /// The file, TOML
        file: PathBuf,
        /// Remove the responses that the file does not have
        #[arg(long)]
        replace: bool,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs the import.
pub(super) fn run(config: Option<&Path>, command: ImportCommand) -> Result<(), CliError> {
    let ImportCommand::Responses { file, replace, dry_run } = command;
    let loaded = load(config)?;
    let layer = interaction_workspace(&loaded.config.interaction_workspace).unwrap_or_default();
    let context = ImportContext {
        now: Millis(jiff::Timestamp::now().as_millisecond()),
        zone: TimeZone::system(),
        max_text: Options::resolve(&[&layer]).0.max_text,
    };
    let import = responses::load(&file, &context)?;
    for warning in &import.warnings {
        print_diagnostic(&format!("warning: {warning}"));
    }
    let dir = loaded.data_dir()?;
    print_diagnostic(&format!("{} for the gateway's data in {}", file.display(), dir.display()));
    block_on(async {
        let failed = |error: StoreError| CliError::Failed(error.to_string());
        let store = Sqlite::open_shared(&dir).map_err(failed)?;
        if !dry_run {
            for (id, path) in &import.documents {
                let bytes = std::fs::read(path).map_err(|error| {
                    CliError::Failed(format!("{} cannot be read: {error}", path.display()))
                })?;
                store.put_document(id.clone(), bytes.into()).await.map_err(failed)?;
            }
        }
        let shelf = ResponseLibrary { categories: import.categories, responses: import.responses };
        let changed = store.import(shelf, replace, dry_run).await.map_err(failed)?;
        let would = if dry_run { "would be " } else { "" };
        let mut said = format!(
            "standard responses: {} {would}added, {} {would}changed, {} as before",
            changed.added, changed.updated, changed.same
        );
        if replace {
            said.push_str(&format!(", {} {would}removed", changed.removed));
        }
        print_line(&said)
    })?
}

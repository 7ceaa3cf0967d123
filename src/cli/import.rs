//! `deskline import`: what administrators bring into a gateway's data.

use super::{Failure, complain, load, print};
use crate::config::options::interaction_workspace;
use crate::config::responses::{self, Circumstances};
use crate::domain::Millis;
use crate::domain::options::Options;
use crate::store::library::{Library as _, Shelf};
use crate::store::{Sqlite, StoreError};
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// What is brought in.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Bring in standard responses, with the files beside them; a gateway may be running
    Responses {
        /// The file, TOML
        file: PathBuf,
        /// Remove what the file does not have
        #[arg(long)]
        replace: bool,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs it.
pub(super) fn run(config: Option<&Path>, command: Command) -> Result<(), Failure> {
    let Command::Responses { file, replace, dry_run } = command;
    let loaded = load(config)?;
    let layer = interaction_workspace(&loaded.config.interaction_workspace).unwrap_or_default();
    let around = Circumstances {
        now: Millis(jiff::Timestamp::now().as_millisecond()),
        zone: TimeZone::system(),
        max_text: Options::resolve(&[&layer]).0.max_text,
    };
    let import = responses::load(&file, &around)?;
    for warning in &import.warnings {
        complain(&format!("warning: {warning}"));
    }
    let dir = loaded.data_dir()?;
    complain(&format!("{} for the gateway's data in {}", file.display(), dir.display()));
    super::block_on(async {
        let failed = |error: StoreError| Failure::Failed(error.to_string());
        let store = Sqlite::beside(&dir).map_err(failed)?;
        if !dry_run {
            for (id, path) in &import.documents {
                let bytes = std::fs::read(path).map_err(|error| {
                    Failure::Failed(format!("{} cannot be read: {error}", path.display()))
                })?;
                store.put_document(id.clone(), bytes.into()).await.map_err(failed)?;
            }
        }
        let shelf = Shelf { categories: import.categories, responses: import.responses };
        let changed = store.put(shelf, replace, dry_run).await.map_err(failed)?;
        let would = if dry_run { "would be " } else { "" };
        let mut said = format!(
            "standard responses: {} {would}added, {} {would}changed, {} as before",
            changed.added, changed.updated, changed.same
        );
        if replace {
            said.push_str(&format!(", {} {would}removed", changed.removed));
        }
        print(&said)
    })?
}

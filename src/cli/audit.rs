//! `deskline audit`: who did what and who saw what, as JSON lines. For administrators.

use super::common::{block_on, print_line};
use super::connection::{self, ConnectionArgs};
use super::error::CliError;
use super::since::{Since, since};
use crate::config::load::LoadedConfig;
use crate::net::reader::ApiReader;
use crate::proto::WORKSPACE;
use crate::proto::request::segment;
use serde_json::Value as Json;

/// Which rows to print.
#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    /// Show the rows from here on: a time (2026-11-22T14:00:00Z, 14:00), a span (90s, 10m, 2h30m, 1d), or #NUMBER
    /// for the rows after that one
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Since>,
}

/// Prints the rows, the oldest first.
pub(super) fn run(
    loaded: &LoadedConfig,
    connection: ConnectionArgs,
    args: &AuditArgs,
) -> Result<(), CliError> {
    let settings = connection::settings(&connection.apply_to(&loaded.config.console))?;
    let url = settings.url.clone();
    let at = args.since.map(Since::moment).transpose()?.flatten();
    let since = at.map(|at| format!("&since={}", segment(&at.to_rfc3339()))).unwrap_or_default();
    block_on(async {
        let mut reader = ApiReader::new(settings).await.map_err(|error| CliError::from_read(&error, &url))?;
        let mut after = if let Some(Since::After(number)) = args.since { number } else { 0 };
        let result = loop {
            let path = format!("{WORKSPACE}/deskline/audit?after={after}{since}");
            let page = match reader.get(&path).await {
                Ok(page) => page,
                Err(error) => break Err(CliError::from_read(&error, &url)),
            };
            let rows = page.get("rows").and_then(Json::as_array).cloned().unwrap_or_default();
            if let Err(error) = rows.iter().try_for_each(|row| print_line(&row.to_string())) {
                break Err(error);
            }
            let next = page.get("next").and_then(Json::as_u64).unwrap_or(after);
            if next == after || page.get("whole") == Some(&Json::Bool(true)) {
                break Ok(());
            }
            after = next;
        };
        reader.close().await;
        result
    })?
}

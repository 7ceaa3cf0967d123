//! `deskline audit`: who did what and who saw what, as JSON lines. For administrators.

use super::since::{Since, since};
use super::{Failure, block_on, connection, console, print, tail};
use crate::config::load::Loaded;
use crate::net::reader::Reader;
use crate::proto::WORKSPACE;
use crate::proto::request::segment;
use serde_json::Value as Json;

/// What of the audit is wanted.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Show the rows from here on: a time (2026-11-22T14:00:00Z, 14:00), a span (90s, 10m, 2h30m, 1d), or #NUMBER
    /// for the rows after that one
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Since>,
}

/// Prints it, the oldest first.
pub(super) fn run(loaded: &Loaded, console: console::Options, options: &Options) -> Result<(), Failure> {
    let settings = connection::settings(&console.over(&loaded.config.console))?;
    let url = settings.url.clone();
    let at = options.since.map(Since::moment).transpose()?.flatten();
    let since = at.map(|at| format!("&since={}", segment(&at.to_rfc3339()))).unwrap_or_default();
    block_on(async {
        let mut reader = Reader::new(settings).await.map_err(|error| tail::failure(&error, &url))?;
        let mut after = if let Some(Since::After(number)) = options.since { number } else { 0 };
        let result = loop {
            let path = format!("{WORKSPACE}/deskline/audit?after={after}{since}");
            let page = match reader.get(&path).await {
                Ok(page) => page,
                Err(error) => break Err(tail::failure(&error, &url)),
            };
            let rows = page.get("rows").and_then(Json::as_array).cloned().unwrap_or_default();
            if let Err(error) = rows.iter().try_for_each(|row| print(&row.to_string())) {
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

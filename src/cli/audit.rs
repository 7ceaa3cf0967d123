//! `deskline audit`: who did what and who saw what, as JSON lines. For administrators.

use super::{Failure, block_on, connection, console, print, tail};
use crate::config::load::Loaded;
use crate::net::reader::Reader;
use crate::proto::WORKSPACE;
use crate::proto::request::segment;
use crate::proto::time;
use serde_json::Value as Json;

/// What of the audit is wanted.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// From when on: a time such as 2026-11-22T14:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<String>,
}

fn moment(text: &str) -> Result<String, String> {
    let at = time::parse(&text.into()).ok_or("write a time like 2026-11-22T14:00:00Z")?;
    Ok(at.to_rfc3339())
}

/// Prints it, the oldest first.
pub(super) fn run(loaded: &Loaded, console: console::Options, options: &Options) -> Result<(), Failure> {
    let settings = connection::settings(&console.over(&loaded.config.console))?;
    let url = settings.url.clone();
    let since =
        options.since.as_deref().map(|since| format!("&since={}", segment(since))).unwrap_or_default();
    block_on(async {
        let mut reader = Reader::new(settings).await.map_err(|error| tail::failure(&error, &url))?;
        let mut after = 0;
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

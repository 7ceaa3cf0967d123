//! `deskline tail`: the feed as lines, for people or for programs.

use super::common::{block_on, print_diagnostic};
use super::connection::{self, ConnectionArgs};
use super::error::CliError;
use super::since::{Since, since};
use crate::config::load::LoadedConfig;
use crate::proto::watch::{EVENTS, FeedStart, Filter, is_event};
use crate::runtime::tail::{self, TailError};
use jiff::tz::TimeZone;
use std::future::pending;
use std::io::{self, BufWriter, IsTerminal, Stdout, stdout};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Which events to write.
#[derive(Debug, clap::Args)]
pub struct TailArgs {
    /// One JSON object a line, for programs
    #[arg(long)]
    json: bool,
    /// Only what is with this agent (name, user name or employee ID); may be given more than once
    #[arg(long = "agent", value_name = "ID")]
    agents: Vec<String>,
    /// Only what is with agents of this group; may be given more than once
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Only what is in or came through this interaction queue; may be given more than once
    #[arg(long = "queue", value_name = "QUEUE")]
    queues: Vec<String>,
    /// Only this contact: an ID, a part of the name, or the end of the number; may be given more than once
    #[arg(long = "contact", value_name = "WHO")]
    contacts: Vec<String>,
    /// Only this session: its ID, or the first characters of it; may be given more than once
    #[arg(long = "session", value_name = "ID")]
    sessions: Vec<String>,
    /// Only this kind of event, such as message or session.done; may be given more than once
    #[arg(long = "event", value_name = "EVENT", value_parser = event)]
    events: Vec<String>,
    /// Show the past from here on: a time (2026-11-22T14:00:00Z, 14:00), a span (90s, 10m, 2h30m, 1d), or #NUMBER
    /// for the entries after that one
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Since>,
    /// Continue with new events; without --since tail always does
    #[arg(long)]
    follow: bool,
}

fn event(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    if EVENTS.iter().any(|(name, _)| is_event(name, &text)) {
        return Ok(text);
    }
    let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
    Err(format!(
        "there is no such event; there are: {}; the part before a dot means all of its kind",
        names.join(", ")
    ))
}

/// Runs it.
pub(super) fn run(
    loaded: &LoadedConfig,
    connection: ConnectionArgs,
    options: TailArgs,
) -> Result<(), CliError> {
    let settings = connection::settings(&connection.apply_to(&loaded.config.console))?;
    let follow = options.follow || options.since.is_none();
    let from = match options.since {
        None => FeedStart::Now,
        Some(Since::After(number)) => FeedStart::After(number),
        Some(since) => since.moment()?.map_or(FeedStart::Now, FeedStart::Since),
    };
    let (agents, groups, queues) = (options.agents, options.groups, options.queues);
    let (contacts, sessions, events) = (options.contacts, options.sessions, options.events);
    let options = tail::TailOptions {
        json: options.json,
        filter: Filter { agents, groups, queues, contacts, sessions, events },
        from,
        follow,
        colour: !options.json && stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        zone: TimeZone::system(),
    };
    let url = settings.url.clone();
    block_on(async {
        let mut out = BufWriter::new(stdout());
        let stop = async {
            tokio::select! {
                () = interrupted() => {}
                () = output_closed() => {}
            }
        };
        let result = tail::run(settings, options, &mut out, print_diagnostic, stop).await;
        let summary = result.map_err(|error| match error {
            TailError::Read(error) => CliError::from_read(&error, &url),
            TailError::NoPast => CliError::Usage(error.to_string()),
            TailError::Output(_) => CliError::Failed(error.to_string()),
        })?;
        if let Some(missing) = summary.missing() {
            print_diagnostic(&missing);
        }
        Ok(())
    })?
}

/// Waits for a signal to exit, from the keyboard or from another process.
async fn interrupted() {
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        return pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Waits until the reader of a pipe on stdout has gone. A write would notice it too, but while nothing happens there is none,
/// and a lost SSH connection would leave the program running. Never returns for a file.
async fn output_closed() {
    let Ok(out) = output() else { return pending().await };
    while let Ok(mut guard) = out.ready(Interest::WRITABLE).await {
        if guard.ready().is_write_closed() {
            return;
        }
        guard.clear_ready();
    }
    pending().await
}

#[expect(
    deprecated,
    reason = "its successor is unsafe to call; what it asks for holds, standard output is never closed"
)]
fn output() -> io::Result<AsyncFd<Stdout>> {
    AsyncFd::with_interest(stdout(), Interest::WRITABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_or_a_family() {
        assert_eq!(event("message").as_deref(), Ok("message"));
        assert_eq!(event("session").as_deref(), Ok("session"));
        assert_eq!(event("agent.state").as_deref(), Ok("agent.state"));
        assert!(event("sessions").unwrap_err().contains("session.done"));
    }
}

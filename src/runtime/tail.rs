//! `deskline tail`: reads the feed, or the live view of a server without one, and writes lines.
//!
//! Owns: the connection and the output. Must not: decide what is written; see [`crate::app::tail`].

use super::live_view::{LiveViewClient, LiveViewEvent};
use crate::app::tail::{Tail, TailStep, TailSummary, format_entry};
use crate::net::ConnectionSettings;
use crate::net::reader::{ApiReader, ReadError};
use crate::proto::watch::{FeedEntry, FeedStart, Filter, live_path};
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::io::{self, ErrorKind, Write};
use tokio::time::sleep;

/// What `deskline tail` is started with.
#[derive(Clone, Debug)]
pub struct TailOptions {
    /// One JSON object a line instead of words.
    pub json: bool,
    pub filter: Filter,
    /// Where in the feed to begin.
    pub from: FeedStart,
    /// Whether to continue with new entries.
    pub follow: bool,
    /// Whether the output shows colours.
    pub colour: bool,
    /// The time zone of the lines.
    pub zone: TimeZone,
}

/// Why `deskline tail` ended early.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// Nothing can be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Entries of the past were requested, and the server keeps none.
    #[error("this server keeps no feed, so it cannot be asked for the past: leave out --since")]
    NoPast,
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
}

/// Writes entries until there are no more, the output is closed, or `stop` is ready. `complain` shows people sentences,
/// such as about a lost connection.
///
/// # Errors
/// When reading is refused or cannot begin, or the output fails. A closed output is no error.
pub async fn run(
    settings: ConnectionSettings,
    options: TailOptions,
    out: &mut impl Write,
    mut complain: impl FnMut(&str),
    stop: impl Future<Output = ()>,
) -> Result<TailSummary, TailError> {
    tokio::pin!(stop);
    let mut tail = Tail::new(options.filter.clone(), options.from, options.follow);
    let mut writer = EntryWriter { out, options: &options };
    let mut reader = ApiReader::new(settings.clone()).await?;
    let result = read_feed(&mut reader, &mut tail, &mut writer, &mut complain, &mut stop).await;
    reader.close().await;
    match result {
        Err(TailError::Read(ReadError::Refused { http: 404, .. })) => {
            complain(tail.without_feed().ok_or(TailError::NoPast)?);
            let mut client = LiveViewClient::start(settings);
            let result = read_live_view(&mut client, &mut tail, &mut writer, complain, stop).await;
            client.end().await;
            result?;
        }
        other => other?,
    }
    Ok(tail.summary())
}

/// Writes the feed of a gateway.
async fn read_feed(
    reader: &mut ApiReader,
    tail: &mut Tail,
    writer: &mut EntryWriter<'_, impl Write>,
    mut complain: impl FnMut(&str),
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<(), TailError> {
    if tail.needs_names() {
        let path = live_path(None, 0);
        let data = tokio::select! {
            () = &mut stop => return Ok(()),
            data = reader.get(&path) => data?,
        };
        let page = parse(data, "the server does not say who is there")?;
        tail.resolve_names(&page).iter().for_each(|sentence| complain(sentence));
    }
    loop {
        let path = tail.path();
        let result = tokio::select! {
            () = &mut stop => return Ok(()),
            result = reader.get(&path) => result,
        };
        let data = match result {
            Err(ReadError::Later(reason)) if tail.can_retry() => {
                if let Some(sentence) = tail.lost(&reason) {
                    complain(&sentence);
                }
                let pause = reader.pause();
                tokio::select! {
                    () = &mut stop => return Ok(()),
                    () = sleep(pause) => continue,
                }
            }
            result => result?,
        };
        let step = tail.take_page(parse(data, "the server's feed cannot be read")?);
        let is_done = step.is_done;
        if !writer.write(tail, step, &mut complain)? || is_done {
            return Ok(());
        }
    }
}

/// Writes what happens in the sessions of monitored agents.
async fn read_live_view(
    client: &mut LiveViewClient,
    tail: &mut Tail,
    writer: &mut EntryWriter<'_, impl Write>,
    mut complain: impl FnMut(&str),
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<(), TailError> {
    loop {
        let event = tokio::select! {
            () = &mut stop => return Ok(()),
            event = client.next() => event,
        };
        match event {
            LiveViewEvent::Updates(updates) => {
                let step = tail.take_updates(updates, client.sessions());
                if !writer.write(tail, step, &mut complain)? {
                    return Ok(());
                }
            }
            LiveViewEvent::Lost { reason, .. } => {
                if let Some(sentence) = tail.lost(&reason) {
                    complain(&sentence);
                }
            }
            LiveViewEvent::Stopped(reason) => return Err(ReadError::Stop(reason).into()),
        }
    }
}

fn parse<T: DeserializeOwned>(data: Json, failure: &str) -> Result<T, ReadError> {
    serde_json::from_value(data).map_err(|error| ReadError::Later(format!("{failure}: {error}")))
}

struct EntryWriter<'a, W> {
    out: &'a mut W,
    options: &'a TailOptions,
}

impl<W: Write> EntryWriter<'_, W> {
    /// Shows the sentences of a step and writes its entries; false when nobody reads the output any more.
    fn write(
        &mut self,
        tail: &mut Tail,
        step: TailStep,
        complain: &mut impl FnMut(&str),
    ) -> Result<bool, TailError> {
        step.notices.iter().for_each(|sentence| complain(sentence));
        match self.write_lines(tail, &step.entries) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(TailError::Output(error)),
        }
    }

    fn write_lines(&mut self, tail: &mut Tail, entries: &[FeedEntry]) -> io::Result<()> {
        for entry in entries {
            if self.options.json {
                serde_json::to_writer(&mut *self.out, entry)?;
                self.out.write_all(b"\n")?;
            } else {
                let line = format_entry(entry, &self.options.zone, self.options.colour);
                writeln!(self.out, "{line}")?;
            }
            tail.count(entry);
        }
        self.out.flush()
    }
}

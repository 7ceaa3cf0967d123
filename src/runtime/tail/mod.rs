//! `deskline tail`: what happens, as lines.
//!
//! Owns: where it is in the feed. Must not: write anything to the server, or to a terminal but lines.
//! Invariants: an entry is written once, in order, and none is left out, however often the connection breaks.

mod line;
mod names;

use super::oversee::{News, Oversight, Tell};
use crate::net::ConnectionSettings;
use crate::net::reader::{ApiReader, ReadError};
use crate::proto::watch::{Beginning, Entry, FeedPage, Filter, LivePage, feed_path, live_path};
use jiff::tz::TimeZone;
use std::io::{self, ErrorKind, Write};
use tokio::time::sleep;

/// Entries that are asked for at once.
const PAGE: usize = 500;
/// How long the server holds a question while nothing happens, in seconds.
const WAIT: u64 = 8;

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Options {
    /// One JSON object a line instead of words.
    pub json: bool,
    /// What of the feed.
    pub filter: Filter,
    /// From where on.
    pub from: Beginning,
    /// Whether to go on with what comes.
    pub follow: bool,
    /// Whether the reader of the output sees colour.
    pub colour: bool,
    /// Where the reader is, for times in words.
    pub zone: TimeZone,
}

/// What people are told of a server that keeps no feed.
const PLAIN: &str = "this server keeps no feed: agents are monitored one by one, and what is said and done in their sessions is told from now on; queues, offers and the past are not";

/// Shown where nothing in the past matches.
const NOTHING: &str = "nothing in that time matches";
/// Shown where nothing in the past matches and the command continues.
const NOTHING_YET: &str = "nothing matches so far; new entries are shown";

/// Why it ended early.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// Nothing can be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The past is asked for, and the server keeps none.
    #[error("this server keeps no feed, so it cannot be asked for the past: leave out --since")]
    NoPast,
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
}

/// What was not told in full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Lines.
    pub lines: u64,
    /// Entries whose content is not text, or that this program does not know.
    pub partly: u64,
    /// How often the connection broke.
    pub breaks: u64,
}

impl Told {
    /// What could not be shown, as one line; `None` when all was.
    pub fn missing(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.partly > 0 {
            parts.push(format!(
                "{} of {} lines stand for pictures, files or events without words",
                self.partly, self.lines
            ));
        }
        if self.breaks > 0 {
            let times = if self.breaks == 1 { "once".to_owned() } else { format!("{} times", self.breaks) };
            parts.push(format!("the connection broke {times}; nothing is missing or doubled"));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Writes what happens until there is no more, the output is closed, or `stop` is ready. `complain` tells people of
/// broken connections. A server that keeps no feed is watched over the plain API.
///
/// # Errors
/// When reading is refused, cannot begin, or the output fails. A closed output is no error.
pub async fn run(
    settings: ConnectionSettings,
    options: Options,
    out: &mut impl Write,
    mut complain: impl FnMut(&str),
    stop: impl Future<Output = ()>,
) -> Result<Told, TailError> {
    tokio::pin!(stop);
    let mut reader = ApiReader::new(settings.clone()).await?;
    let result = feed(&mut reader, options.clone(), out, &mut complain, &mut stop).await;
    reader.close().await;
    match result {
        Err(TailError::Read(ReadError::Refused { http: 404, .. })) if options.from != Beginning::Now => {
            Err(TailError::NoPast)
        }
        Err(TailError::Read(ReadError::Refused { http: 404, .. })) => {
            complain(PLAIN);
            let mut oversight = Oversight::start(settings);
            let result = monitored(&mut oversight, &options, out, complain, stop).await;
            oversight.end().await;
            result
        }
        other => other,
    }
}

/// Writes what the feed tells.
async fn feed(
    reader: &mut ApiReader,
    mut options: Options,
    out: &mut impl Write,
    mut complain: impl FnMut(&str),
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<Told, TailError> {
    let mut told = Told::default();
    let mut broken = false;
    let mut began = false;
    if names::has_names(&options.filter) {
        let page = tokio::select! {
            () = &mut stop => return Ok(told),
            page = who_is_there(reader) => page?,
        };
        names::resolve(&mut options.filter, &page).iter().for_each(|unknown| complain(unknown));
    }
    let mut is_past = options.from != Beginning::Now;
    loop {
        let wait = if options.follow && began { WAIT } else { 0 };
        let path = feed_path(&options.filter, &options.from, PAGE, wait);
        let page = tokio::select! {
            () = &mut stop => return Ok(told),
            page = reader.get(&path) => page,
        };
        let data = match page {
            Ok(data) => data,
            // What follows a stream goes on when the server is back; what only looks is told at once.
            Err(ReadError::Later(why)) if began => {
                if !broken {
                    complain(&format!("{why}; trying again"));
                    told.breaks += 1;
                }
                broken = true;
                let pause = reader.pause();
                tokio::select! {
                    () = &mut stop => return Ok(told),
                    () = sleep(pause) => continue,
                }
            }
            Err(error) => return Err(error.into()),
        };
        if std::mem::take(&mut broken) {
            complain("connected again");
        }
        began = true;
        let page: FeedPage = serde_json::from_value(data)
            .map_err(|error| ReadError::Later(format!("the server's feed cannot be read: {error}")))?;
        if !write(&page.entries, &options, out, &mut told)? {
            return Ok(told);
        }
        if is_past && page.next >= page.head {
            is_past = false;
            if told.lines == 0 {
                complain(if options.follow { NOTHING_YET } else { NOTHING });
            }
        }
        if !options.follow && page.next >= page.head {
            return Ok(told);
        }
        options.from = Beginning::After(page.next);
    }
}

/// The agents and the queues that the server knows.
async fn who_is_there(reader: &mut ApiReader) -> Result<LivePage, ReadError> {
    let data = reader.get(&live_path(None, 0)).await?;
    serde_json::from_value(data)
        .map_err(|error| ReadError::Later(format!("the server does not say who is there: {error}")))
}

/// Writes what happens in the sessions of monitored agents.
async fn monitored(
    oversight: &mut Oversight,
    options: &Options,
    out: &mut impl Write,
    mut complain: impl FnMut(&str),
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<Told, TailError> {
    let (mut told, mut broken) = (Told::default(), false);
    let (mut filter, mut is_resolved) = (options.filter.clone(), false);
    loop {
        let news = tokio::select! {
            () = &mut stop => return Ok(told),
            news = oversight.next() => news,
        };
        let mut entries = Vec::new();
        let mut end = None;
        for one in news {
            match one {
                News::Floor(Tell::Entry(entry)) => entries.push(*entry),
                News::Lost { reason, .. } => {
                    if !std::mem::replace(&mut broken, true) {
                        complain(&format!("{reason}; trying again"));
                        told.breaks += 1;
                    }
                }
                News::Online if std::mem::take(&mut broken) => complain("connected again"),
                News::Watching { monitored, refused: 0 } => {
                    complain(&format!("agents monitored: {monitored}"))
                }
                News::Watching { monitored, refused } => {
                    complain(&format!("agents monitored: {monitored}; could not be: {refused}"));
                }
                News::Stopped(reason) => end = Some(reason),
                News::Known if !std::mem::replace(&mut is_resolved, true) => {
                    let page = oversight.floor().page();
                    names::resolve(&mut filter, &page).iter().for_each(|unknown| complain(unknown));
                }
                News::Online
                | News::Configured(_)
                | News::Known
                | News::Floor(_)
                | News::Transcript { .. } => {}
            }
        }
        entries.retain(|entry| filter.wants(entry, |agent, group| oversight.floor().in_group(agent, group)));
        if !write(&entries, options, out, &mut told)? {
            return Ok(told);
        }
        if let Some(reason) = end {
            return Err(ReadError::Stop(reason).into());
        }
    }
}

/// Writes entries; false when nobody reads them any more.
fn write(
    entries: &[Entry],
    options: &Options,
    out: &mut impl Write,
    told: &mut Told,
) -> Result<bool, TailError> {
    match lines(entries, options, out, told) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(TailError::Output(error)),
    }
}

fn lines(entries: &[Entry], options: &Options, out: &mut impl Write, told: &mut Told) -> io::Result<()> {
    for entry in entries {
        if options.json {
            serde_json::to_writer(&mut *out, entry)?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "{}", line::of(entry, &options.zone, options.colour))?;
        }
        told.lines += 1;
        told.partly += u64::from(!line::is_whole(entry));
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_shown_is_said_in_one_line() {
        assert_eq!(Told { lines: 9, ..Told::default() }.missing(), None);
        let told = Told { lines: 9, partly: 2, breaks: 1 };
        assert_eq!(
            told.missing().unwrap(),
            "2 of 9 lines stand for pictures, files or events without words; the connection broke once; nothing is missing or doubled"
        );
    }
}

//! Logging to a file.
//!
//! Owns: the log file, its level, its daily rotation, and [`redact`], which every text of people passes before it is logged.
//! Must not: write to the terminal, wait for a disk, or log messages unless `log-messages` allows it.
//! Invariants: the file has mode 0600. Other crates log warnings and errors only, whatever the level is, because at `debug`
//! and `trace` some of them log frames and bodies. A line is dropped when the queue is full, so that a slow disk never
//! blocks the program.

use crate::config::paths::private_dir;
use crate::domain::mask::Mask;
use crate::text::Clean;
use jiff::civil::Date;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use thiserror::Error;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

/// How many files of past days are kept.
const KEPT: usize = 7;
/// How many lines may wait for the disk. Overflow: lines are dropped.
const WAITING: usize = 16_384;

/// The masking rules of [`redact`]; without them no text is logged. Set once by [`start`].
static MESSAGES: OnceLock<Mask> = OnceLock::new();

/// Why logging could not be started.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The file could not be opened.
    #[error("cannot write the log {}: {source}; name another in console.log-file", path.display())]
    Open { path: PathBuf, source: io::Error },
    /// The level is unknown.
    #[error("there is no log level {0:?}: it takes error, warn, info, debug, trace")]
    Level(String),
    /// Logging was started before.
    #[error("logging is already on")]
    Again,
}

/// Keeps logging active. Dropping it writes the queued lines.
#[must_use = "logging ends when this is dropped"]
pub struct Guard(#[expect(dead_code, reason = "it works by being dropped")] WorkerGuard);

/// Starts the thread that writes lines to `file`. It ends with [`Guard`].
fn write_lines(file: impl Write + Send + 'static) -> (NonBlocking, Guard) {
    let queue = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING).thread_name("log");
    let (lines, guard) = queue.finish(file);
    (lines, Guard(guard))
}

/// Starts to log into `file` at `level`. The file is renamed with its date at midnight, or now if it is from an earlier day;
/// the last seven are kept. With `messages`, [`redact`] returns texts masked by these rules.
///
/// # Errors
/// When the file cannot be opened, the level is unknown, or logging was started before.
pub fn start(file: &Path, level: &str, messages: Option<Mask>) -> Result<Guard, TelemetryError> {
    let filter = filter(level)?;
    let open = |source| TelemetryError::Open { path: file.to_owned(), source };
    let daily = DailyFile::open(file, || Zoned::now().date()).map_err(open)?;
    let (lines, guard) = write_lines(daily);
    tracing::subscriber::set_global_default(subscriber(filter, lines)).map_err(|_| TelemetryError::Again)?;
    if let Some(mask) = messages {
        // It is set once, since a second start has been refused above.
        drop(MESSAGES.set(mask));
    }
    Ok(guard)
}

fn filter(level: &str) -> Result<Targets, TelemetryError> {
    let own: LevelFilter = level.parse().map_err(|_| TelemetryError::Level(level.to_owned()))?;
    Ok(Targets::new().with_default(own.min(LevelFilter::WARN)).with_target("deskline", own))
}

fn subscriber(filter: Targets, lines: NonBlocking) -> impl Subscriber + Send + Sync {
    let format = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE);
    format.with_ansi(false).with_writer(lines).finish().with(filter)
}

/// The form of a text for the log: its length only, unless the configuration allows messages in the log.
pub fn redact(text: &str) -> impl fmt::Display {
    Redacted { text, shown: MESSAGES.get() }
}

struct Redacted<'a> {
    text: &'a str,
    shown: Option<&'a Mask>,
}

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shown {
            Some(mask) => write!(f, "{:?}", Clean::line(&mask.text(self.text))),
            None => write!(f, "‹{} bytes›", self.text.len()),
        }
    }
}

/// A log file that is renamed with its date at midnight. The name of the current file never changes, and its mode is set;
/// the rolling files of the log crate have neither.
struct DailyFile<T> {
    path: PathBuf,
    file: File,
    day: Date,
    today: T,
}

impl<T: Fn() -> Date> DailyFile<T> {
    fn open(path: &Path, today: T) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            private_dir(parent)?;
        }
        let day = today();
        if let Some(written) = last_written(path).filter(|written| *written < day) {
            put_aside(path, written);
        }
        Ok(Self { path: path.to_owned(), file: append(path)?, day, today })
    }
}

impl<T: Fn() -> Date> Write for DailyFile<T> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let today = (self.today)();
        if today != self.day {
            put_aside(&self.path, self.day);
            self.day = today;
            // When the new file cannot be opened, the old one is used, so that no line is lost.
            if let Ok(file) = append(&self.path) {
                self.file = file;
            }
        }
        self.file.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    // Also for a file that another program created. A device such as /dev/null keeps its mode.
    if file.metadata()?.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

fn last_written(path: &Path) -> Option<Date> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let time = Timestamp::try_from(metadata.modified().ok()?).ok()?;
    Some(time.to_zoned(TimeZone::system()).date())
}

/// Renames the file of a day and removes the oldest. Best effort, since a log must not stop the program. If another process
/// with the same log has done it already, its file is kept.
fn put_aside(path: &Path, day: Date) {
    let dated = with_suffix(path, &day.to_string());
    if path.is_file() && !dated.exists() {
        let _ = fs::rename(path, &dated);
    }
    let mut days: Vec<PathBuf> = past_days(path).unwrap_or_default();
    days.sort_unstable();
    for old in days.iter().rev().skip(KEPT) {
        let _ = fs::remove_file(old);
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn past_days(path: &Path) -> Option<Vec<PathBuf>> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dated = |file: &str| {
        let suffix = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        suffix.is_some_and(|suffix| suffix.parse::<Date>().is_ok())
    };
    let files = fs::read_dir(folder).ok()?.flatten();
    Some(files.filter(|file| file.file_name().to_str().is_some_and(dated)).map(|file| file.path()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use std::cell::Cell;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_private_and_seven_past_days_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/deskline.log");
        let today = Cell::new(date(2026, 11, 20));
        let mut log = DailyFile::open(&path, || today.get()).unwrap();
        fs::write(with_suffix(&path, "notes"), "mine").unwrap();
        for _ in 0..10 {
            writeln!(log, "{}", today.get()).unwrap();
            today.set(today.get() + 1.day());
        }
        writeln!(log, "last").unwrap();
        let names = names(path.parent().unwrap());
        assert_eq!(names.len(), 1 + 7 + 1, "{names:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "last\n");
        assert_eq!(fs::read_to_string(with_suffix(&path, "2026-11-23")).unwrap(), "2026-11-23\n");
        assert!(!with_suffix(&path, "2026-11-22").exists());
        assert!(with_suffix(&path, "notes").exists(), "what is no log of ours is left alone");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_file_of_an_earlier_day_is_rotated() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.log");
        fs::write(&path, "old\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let written = last_written(&path).unwrap();
        let mut same = DailyFile::open(&path, || written).unwrap();
        same.write_all(b"same day\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old\nsame day\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(DailyFile::open(&path, || written + 1.day()).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        assert_eq!(fs::read_to_string(with_suffix(&path, &written.to_string())).unwrap(), "old\nsame day\n");
    }

    #[test]
    fn other_crates_log_warnings_only_and_levels_are_checked() {
        assert_eq!(filter("trace").unwrap().to_string(), "deskline=trace,warn");
        assert_eq!(filter("error").unwrap().to_string(), "deskline=error,error");
        assert!(matches!(filter("loud"), Err(TelemetryError::Level(_))));
    }

    #[test]
    fn lines_reach_the_file_without_what_people_wrote() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.log");
        let daily = DailyFile::open(&path, || Zoned::now().date()).unwrap();
        let (lines, guard) = write_lines(daily);
        tracing::subscriber::with_default(subscriber(filter("debug").unwrap(), lines), || {
            tracing::debug!(target: "deskline::net", text = %redact("hola ñ"), "sent");
            tracing::info!(target: "tungstenite", "frame: hola");
        });
        drop(guard);
        let log = fs::read_to_string(&path).unwrap();
        assert!(
            log.contains("sent text=‹7 bytes›") && !log.contains("hola") && !log.contains('\u{1b}'),
            "{log}"
        );
        let mask = Mask::new(true, 4, &["no".to_owned()]).unwrap();
        let text = "hola\u{1b}[2J, no, call +34 600 000 101";
        let shown = Redacted { text, shown: Some(&mask) }.to_string();
        assert!(shown.contains("hola") && !shown.contains('\u{1b}'), "{shown}");
        assert!(shown.contains("[hidden]") && !shown.contains("600"), "{shown}");
    }
}

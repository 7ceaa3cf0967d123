//! The values of `--since`, which all commands parse in the same way.

use super::error::CliError;
use crate::domain::{Millis, time};
use crate::proto::time::parse_text;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::time::Duration;

/// The error for text that is not valid.
const VALID: &str = "write a time like 2026-11-22T14:00:00Z, 2026-11-22 or 14:00, a span like 90s, 10m, 2h30m or 1d, or # and \
                     the number of an entry";
/// A number with at least this many digits is a time in seconds or milliseconds, and not a span without a unit.
const EPOCH_DIGITS: usize = 9;

/// The start of the requested period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// At this moment.
    At(Millis),
    /// This long ago.
    Ago(Duration),
    /// After the entry with this number.
    After(u64),
}

impl Since {
    /// Parses the value of `--since` in the time zone of `now`.
    fn read(text: &str, now: &Zoned) -> Result<Self, String> {
        let text = text.trim();
        if let Some(number) = text.strip_prefix('#') {
            return number.trim().parse().map(Self::After).map_err(|_| VALID.to_owned());
        }
        if let Some(span) = time::span(text) {
            return Ok(Self::Ago(span));
        }
        let is_short = text.len() < EPOCH_DIGITS && text.chars().all(|c| c.is_ascii_digit());
        let at = if is_short { None } else { local(text, now).or_else(|| parse_text(text)) };
        at.map(Self::At).ok_or_else(|| VALID.to_owned())
    }

    /// The moment; `None` for an entry number. A span is subtracted from the current time.
    ///
    /// # Errors
    /// When the result is before the first representable time.
    pub fn moment(self) -> Result<Option<Millis>, CliError> {
        match self {
            Self::After(_) => Ok(None),
            Self::At(at) => Ok(Some(at)),
            Self::Ago(span) => {
                let at =
                    Timestamp::now().checked_sub(span).map_err(|error| CliError::Usage(error.to_string()))?;
                Ok(Some(Millis(at.as_millisecond())))
            }
        }
    }
}

/// A date, a date with a time, or the most recent moment with this local time.
fn local(text: &str, now: &Zoned) -> Option<Millis> {
    let zoned = |at: DateTime| at.to_zoned(now.time_zone().clone()).ok();
    if let Ok(time) = text.parse::<Time>() {
        let today = zoned(now.date().to_datetime(time))?;
        let at = if today > *now { zoned(now.date().yesterday().ok()?.to_datetime(time))? } else { today };
        return Some(Millis(at.timestamp().as_millisecond()));
    }
    // Text with a time zone is a moment already.
    if text.parse::<Timestamp>().is_ok() {
        return None;
    }
    let date = text.parse::<Date>().ok().filter(|_| text.len() <= "2026-11-22".len());
    let at = date.map(|date| date.at(0, 0, 0, 0)).or_else(|| text.parse().ok())?;
    Some(Millis(zoned(at)?.timestamp().as_millisecond()))
}

/// The parser for `--since`.
pub(super) fn since(text: &str) -> Result<Since, String> {
    Since::read(text, &Timestamp::now().to_zoned(TimeZone::system()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Since, String> {
        let now: Zoned = "2026-11-22T15:00:00+01:00[Europe/Madrid]".parse().unwrap();
        Since::read(text, &now)
    }

    #[test]
    fn a_beginning_is_a_time_a_span_or_a_number() {
        let at = |text: &str| Ok(Since::At(Millis(text.parse::<Timestamp>().unwrap().as_millisecond())));
        let ago = |secs| Ok(Since::Ago(Duration::from_secs(secs)));
        let wanted = [
            ("#1234", Ok(Since::After(1234))),
            ("1970-01-01T00:00:01Z", at("1970-01-01T00:00:01Z")),
            ("2026-11-22T14:00:00+01:00", at("2026-11-22T13:00:00Z")),
            ("2026-11-22T14:00", at("2026-11-22T13:00:00Z")),
            ("2026-11-22 14:00", at("2026-11-22T13:00:00Z")),
            ("2026-11-22", at("2026-11-21T23:00:00Z")),
            ("14:00", at("2026-11-22T13:00:00Z")),
            ("23:30", at("2026-11-21T22:30:00Z")),
            ("1795342179", at("2026-11-22T10:09:39Z")),
            ("90s", ago(90)),
            ("10m", ago(600)),
            ("2h", ago(7200)),
            ("1d", ago(86_400)),
            ("2h30m", ago(9000)),
            (" 2H 30M ", ago(9000)),
            ("1w", ago(604_800)),
            ("90 seconds", ago(90)),
        ];
        for (text, wanted) in wanted {
            assert_eq!(read(text), wanted, "{text}");
        }
    }

    #[test]
    fn any_other_text_is_refused_in_one_sentence() {
        for bad in ["", "#", "#x", "yesterday", "-5m", "10x", "90", "1y", "2mo", "25:00", "5m ago"] {
            assert_eq!(read(bad), Err(VALID.to_owned()), "{bad}");
        }
    }
}

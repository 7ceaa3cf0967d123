//! Formats one entry of the feed as one line of plain words, for people, `grep` and screen readers.
//!
//! Invariants: a line is one line, whatever a customer wrote, and nothing in it moves a cursor.

use crate::proto::watch::{EVENTS, FeedEntry};
use crate::text::Clean;
use jiff::tz::TimeZone;

/// The line, without its line break. With `colour` the time is dim and failures are red.
pub fn format_entry(entry: &FeedEntry, zone: &TimeZone, colour: bool) -> String {
    let at: Option<jiff::Timestamp> = entry.at.parse().ok();
    let time = at.map_or_else(
        || Clean::line(&entry.at).to_string(),
        |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    );
    let id = entry.session.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
    let about = match (&entry.customer, &entry.number) {
        _ if entry.event.starts_with("account.") => "WhatsApp account".to_owned(),
        _ if entry.session.is_none() => format!("agent {}", word(&entry.agent)),
        (Some(name), Some(number)) if name != number => {
            let end: String = number.chars().skip(number.chars().count().saturating_sub(4)).collect();
            format!("{name} …{end}{id}")
        }
        (Some(name), _) => format!("{name}{id}"),
        (None, _) => id.trim().to_owned(),
    };
    let said = says(entry);
    let line = Clean::line(&format!("[{about}] {said}").replace(['\n', '\r'], " ⏎ "));
    if !colour {
        return format!("{time} {line}");
    }
    let failed = entry.state.as_deref() == Some("failed");
    let (on, off) = if failed { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
    format!("\x1b[2m{time}\x1b[0m {on}{line}{off}")
}

fn word(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "–".to_owned())
}

/// What happened, in words.
fn says(entry: &FeedEntry) -> String {
    let agent = word(&entry.agent);
    let because = entry.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    match entry.event.as_str() {
        "session.started" => format!("wrote; a session began in {}", word(&entry.queue)),
        "session.queued" => format!("waits in {}", word(&entry.queue)),
        "session.offered" => format!("offered to {agent}"),
        "session.accepted" => format!("accepted by {agent}"),
        "session.rejected" => format!("rejected by {agent}"),
        "session.unanswered" => format!("not answered by {agent}"),
        "session.revoked" => format!("taken back from {agent}{because}"),
        "session.assigned" => format!("is with {agent}"),
        "session.returned" => format!("back in {} from {agent}{because}", word(&entry.queue)),
        "session.released" => format!("no longer with {agent}{because}"),
        "session.parked" => format!("parked in {} by {}{because}", word(&entry.to), word(&entry.from)),
        "session.unparked" => format!("out of {}{because}", word(&entry.to)),
        "session.overflowed" => format!("from {} on to {}", word(&entry.queue), word(&entry.to)),
        "session.reopened" => format!("opened again by {}", word(&entry.from)),
        "session.done" => match &entry.from {
            Some(from) => format!("done by {from}"),
            None => "done".to_owned(),
        },
        "message" => message(entry),
        "message.status" => {
            format!("message {} {}{because}", entry.index.unwrap_or_default(), word(&entry.state))
        }
        "party.joined" => format!("{} joined", entry.name.clone().unwrap_or_else(|| word(&entry.from))),
        "party.left" => match &entry.to {
            Some(to) => format!("{} is out of it{because}, {to} has it", word(&entry.from)),
            None => format!("{} is out of it{because}", word(&entry.from)),
        },
        "party.asked" => format!("{} asks {}{because}", word(&entry.from), word(&entry.to)),
        "party.answered" => match &entry.to {
            Some(to) => format!("{} by {to}{because}", word(&entry.state)),
            None => format!("{}{because}", word(&entry.state)),
        },
        "contact.reached" => {
            format!("{} reached them by {}: {}", word(&entry.from), word(&entry.kind), word(&entry.text))
        }
        "data.set" => {
            let pairs: Vec<String> = entry.data.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("case data {}", pairs.join(", "))
        }
        "note.set" => format!("note: {}", word(&entry.text)),
        "account.trouble" => format!("trouble: {}", word(&entry.text)),
        "account.over" => format!("well again: {}", word(&entry.text)),
        "account.news" => word(&entry.text).to_owned(),
        "agent.signed-in" => "signed in".to_owned(),
        "agent.signed-out" => "signed out".to_owned(),
        "agent.state" => format!("{}{because}", word(&entry.state)),
        "agent.lost" => "lost the connection".to_owned(),
        "agent.back" => "is back".to_owned(),
        other => format!("{other} {}", entry.text.clone().unwrap_or_default()).trim_end().to_owned(),
    }
}

fn message(entry: &FeedEntry) -> String {
    let who = match entry.from.as_deref() {
        Some("customer") => "customer".to_owned(),
        Some("system") | None => "system".to_owned(),
        Some(agent) => agent.to_owned(),
    };
    let to = match entry.visibility.as_deref() {
        Some("Agent") => " to colleagues only",
        Some("Supervisor") => " to supervisors only",
        _ => "",
    };
    let kind = entry.kind.as_deref().filter(|kind| !matches!(*kind, "Text" | "PushUrl"));
    let words = entry.text.clone().unwrap_or_default();
    match kind {
        Some(kind) => format!("{who}{to}: [{kind}] {words}").trim_end().to_owned(),
        None => format!("{who}{to}: {words}"),
    }
}

/// Whether the line contains everything that the entry is about.
pub(super) fn is_complete(entry: &FeedEntry) -> bool {
    let known = EVENTS.iter().any(|(name, _)| *name == entry.event);
    known && !matches!(entry.kind.as_deref(), Some("media" | "placeholder"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(event: &str) -> FeedEntry {
        FeedEntry {
            seq: 1,
            at: "2026-11-22T14:02:11.500Z".into(),
            event: event.into(),
            session: Some("s1".into()),
            agent: Some("ana".into()),
            queue: Some("orders".into()),
            customer: Some("Lucía Fernández".into()),
            number: Some("34600000101".into()),
            ..FeedEntry::default()
        }
    }

    #[test]
    fn a_message_is_one_line_of_words() {
        let mut said = entry("message");
        said.from = Some("customer".into());
        said.text = Some("Hola\n\x1b[2Jadiós".into());
        said.kind = Some("Text".into());
        assert_eq!(
            format_entry(&said, &TimeZone::UTC, false),
            "2026-11-22 14:02:11 [Lucía Fernández …0101 s1] customer: Hola ⏎ ␛[2Jadiós"
        );
        said.from = Some("ana".into());
        said.visibility = Some("Agent".into());
        assert!(format_entry(&said, &TimeZone::UTC, false).contains("] ana to colleagues only: Hola"));
    }

    #[test]
    fn every_event_has_its_own_words() {
        for (event, _) in EVENTS {
            let mut one = entry(event);
            if event.starts_with("agent.") {
                one.session = None;
            }
            let line = format_entry(&one, &TimeZone::UTC, false);
            assert!(!line.contains(&format!("] {event}")), "{line}");
        }
        assert!(format_entry(&entry("new.thing"), &TimeZone::UTC, false).ends_with("] new.thing"));
    }

    #[test]
    fn account_trouble_names_no_agent() {
        let mut one = entry("account.trouble");
        one.session = None;
        one.agent = None;
        one.text = Some("the token is not accepted".into());
        let line = format_entry(&one, &TimeZone::UTC, false);
        assert_eq!(line, "2026-11-22 14:02:11 [WhatsApp account] trouble: the token is not accepted");
    }

    #[test]
    fn colour_is_used_only_when_requested() {
        let mut failed = entry("message.status");
        failed.state = Some("failed".into());
        assert!(!format_entry(&failed, &TimeZone::UTC, false).contains('\x1b'));
        assert!(format_entry(&failed, &TimeZone::UTC, true).contains("\x1b[31m"));
    }
}

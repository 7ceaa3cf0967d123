//! The feed and the live view, which supervisors read.
//!
//! Additions of this project's gateway under `/workspace/v3/deskline/`; `docs/protocol.md` describes them. The names of
//! fields and events are stable: programs read them from `deskline tail --json`.

use super::media::{LogQuery, MessageDto};
use super::wa;
use crate::domain::{InteractionId, Millis};
use crate::text::{fold, phone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every event of the feed: its name, and what it means.
pub const EVENTS: &[(&str, &str)] = &[
    ("session.started", "a customer wrote and a session began, or an agent began one"),
    ("session.queued", "it entered a queue"),
    ("session.offered", "it is offered to an agent"),
    ("session.accepted", "the agent took it"),
    ("session.rejected", "the agent said no"),
    ("session.unanswered", "the agent did not answer the invitation in time"),
    ("session.revoked", "the invitation was taken back"),
    ("session.assigned", "an agent has it without an invitation"),
    ("session.returned", "it went from its agent back to the queue"),
    ("session.released", "its agent has it no longer: parked in a workbin, or left"),
    ("session.parked", "it was put into a workbin"),
    ("session.unparked", "it is out of the workbin"),
    ("session.overflowed", "it waited too long in one queue and waits in the next"),
    ("session.done", "it is over"),
    ("session.reopened", "its agent took the end back within ten seconds"),
    ("message", "somebody wrote"),
    ("message.status", "a message of ours got further, or failed"),
    ("party.joined", "somebody joined"),
    ("party.left", "somebody left"),
    ("party.asked", "a colleague was asked for: transfer, conference or consultation"),
    ("party.answered", "what came of it"),
    ("contact.reached", "an agent noted that the customer was reached another way"),
    ("data.set", "case data was changed"),
    ("note.set", "the note was changed"),
    ("account.trouble", "something at the account at WhatsApp needs an administrator"),
    ("account.over", "it is well again"),
    ("account.news", "something at the account changed"),
    ("agent.signed-in", "an agent signed in"),
    ("agent.signed-out", "an agent signed out"),
    ("agent.state", "an agent's state changed"),
    ("agent.lost", "an agent's connection broke"),
    ("agent.back", "it is back"),
];

/// An entry of the feed. Fields that do not apply are absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FeedEntry {
    /// Increasing and unique, but not without gaps.
    pub seq: u64,
    /// When, ISO-8601 in UTC with milliseconds.
    pub at: String,
    /// One of [`EVENTS`].
    pub event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<InteractionId>,
    /// The employee ID of the agent who has the session, or whom the event is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The interaction queue that it is in or came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The name of the customer for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The customer's number in digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Message and status: the entry's number in the session's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Message: `customer`, `agent`, `supervisor` or `system`. Party: who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Message: the name of its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Message: `All`, `Agent` or `Supervisor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// Message: its type in the log (`Text`, `CustomNotice`, …); of a `CustomNotice` its `wa.kind`. Account:
    /// the topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Status: the word (`sent`, `delivered`, `read`, `failed`). Agent: their state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The reason of a failure, of Not Ready, or of a release; the kind of a request to a colleague.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who was invited, or who has the session now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Case data: the pairs that were set, as text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
}

impl FeedEntry {
    /// Takes the content of an entry of a session's log and returns the name of the event; `None` for entries that are not
    /// in the feed, such as typing.
    pub fn say(&mut self, said: &MessageDto) -> Option<&'static str> {
        self.index = Some(said.index);
        self.name = Some(said.from.nickname.clone()).filter(|name| !name.is_empty());
        let from = match (said.from.kind.as_str(), &said.from.person_id) {
            (_, Some(person)) => person,
            ("Customer" | "Client", None) => "customer",
            ("Supervisor", None) => "supervisor",
            ("Agent", None) => "agent",
            _ => "system",
        };
        self.from = Some(from.to_owned());
        let kind = said.user_data.text(wa::KIND);
        if kind == Some("status") {
            self.index = said.user_data.number(wa::OF).and_then(|of| u64::try_from(of).ok());
            self.state = said.user_data.text(wa::STATUS).map(str::to_owned);
            let reason = said.user_data.text(wa::REASON);
            self.reason = reason.filter(|reason| !reason.is_empty()).map(str::to_owned);
            return Some("message.status");
        }
        match said.kind.as_str() {
            "ParticipantJoined" => return Some("party.joined"),
            "ParticipantLeft" => return Some("party.left"),
            "TypingStarted" | "TypingStopped" => return None,
            _ => {}
        }
        self.kind = Some(kind.map_or_else(|| said.kind.clone(), str::to_owned));
        self.visibility = Some(said.visibility.clone()).filter(|visibility| !visibility.is_empty());
        let media = [wa::MEDIA_CAPTION, wa::MEDIA_NAME, wa::MEDIA_TYPE];
        let words = said.text.as_deref().filter(|text| !text.is_empty()).or(said.url.as_deref());
        let words = words.or_else(|| media.iter().find_map(|key| said.user_data.text(key)));
        self.text = words.map(str::to_owned);
        Some("message")
    }
}

/// A page of the feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FeedPage {
    pub entries: Vec<FeedEntry>,
    /// How far the log has been read: the `after` of the next page.
    pub next: u64,
    /// The number of the newest event.
    pub head: u64,
}

/// A session in the live view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LiveSession {
    pub id: InteractionId,
    /// `Queued`, `Invited`, `Processing`, `InWorkbin`.
    pub state: String,
    /// The employee ID of the agent who has it, is offered it, or parked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The interaction queue that it is in or came through.
    pub queue: String,
    pub contact: String,
    /// The name of the customer for people.
    pub customer: String,
    /// The customer's number in digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// When it began, ISO-8601.
    pub started: String,
    /// Since when the customer has been waiting for an answer, ISO-8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<String>,
    /// When the reply window closes, ISO-8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_ends: Option<String>,
    /// The last message, shortened.
    pub last: String,
    /// The index of the last entry of its log.
    pub last_index: u64,
    /// Employee IDs of all agents in it.
    pub agents: Vec<String>,
}

/// An agent in the live view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LiveAgent {
    pub id: String,
    pub name: String,
    /// The user name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user_name: String,
    pub groups: Vec<String>,
    /// `Ready`, `Not Ready`, `After Call Work`, `Do Not Disturb`, `Logged Out`.
    pub state: String,
    /// How many sessions they have, including offers; parked ones do not count.
    pub sessions: u32,
    /// The most sessions they may have.
    pub capacity: u32,
}

/// An interaction queue in the live view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LiveQueue {
    pub name: String,
    pub display_name: String,
    /// How many sessions wait in it.
    pub waiting: usize,
    /// Since when the first of them has been waiting, ISO-8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_since: Option<String>,
}

/// The counts of the day, which begins at midnight in the gateway's time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Today {
    /// How many sessions began.
    pub started: u64,
    /// How many sessions an agent accepted from a queue.
    pub answered: u64,
    /// Of those, within the threshold.
    pub in_time: u64,
    /// How many sessions ended.
    pub done: u64,
    pub received: u64,
    pub sent: u64,
    /// Messages to customers that failed.
    pub failed: u64,
    /// The threshold of the service level, in seconds.
    pub threshold: u64,
    /// How many sessions began in each of the last twelve slots of five minutes, the newest last.
    pub arrivals: Vec<u64>,
    /// How many sessions an agent accepted from a queue in each of these slots.
    pub answers: Vec<u64>,
    /// Sessions that customers started today and that had a first reply: a message of an agent that the
    /// customer can read and that did not fail.
    pub replied: u64,
    /// Of those, within the threshold.
    pub replied_in_time: u64,
    /// Sessions that customers started today and whose first reply came too late, is still missing after the
    /// threshold, or never came before the end.
    pub missed: u64,
    /// How many first replies there were in each of these slots.
    pub replies: Vec<u64>,
}

impl Today {
    /// The service level in percent: of the sessions that are decided, the share with a first reply within
    /// the threshold. `None` before the first is decided.
    pub fn service_level(&self) -> Option<u64> {
        (self.replied_in_time * 100).checked_div(self.replied_in_time + self.missed)
    }
}

/// The live view, or its changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LivePage {
    /// The number of the last event that it includes: the `after` of the next request.
    pub next: u64,
    /// Whether this is the whole view, and not only the changes.
    pub whole: bool,
    /// All live sessions, or those that changed.
    pub sessions: Vec<LiveSession>,
    /// Sessions that ended, or that this person may no longer see.
    pub gone: Vec<InteractionId>,
    /// All agents whom this person may see.
    pub agents: Vec<LiveAgent>,
    /// All queues that this person may see.
    pub queues: Vec<LiveQueue>,
    pub today: Today,
    /// The current problems of the account at WhatsApp, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Alert>,
}

/// A problem of the account at WhatsApp that needs an administrator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Alert {
    pub topic: String,
    pub text: String,
    /// Since when, ISO-8601.
    pub since: String,
}

/// A filter for the feed. An empty list matches everything; an entry must match one item of every other list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Employee IDs.
    pub agents: Vec<String>,
    /// Agent groups; the server knows who is in them.
    pub groups: Vec<String>,
    /// Interaction queues.
    pub queues: Vec<String>,
    /// Contacts: by ID, by number (digits, from the end), or by a part of the name.
    pub contacts: Vec<String>,
    /// Sessions, by ID or by a prefix of it.
    pub sessions: Vec<String>,
    /// Events by name, or by the part before the dot.
    pub events: Vec<String>,
}

impl Filter {
    /// Whether an entry matches. `in_group(agent, group)` says who is in a group.
    pub fn wants(&self, entry: &FeedEntry, in_group: impl Fn(&str, &str) -> bool) -> bool {
        let one_of = |list: &[String], value: Option<&str>| {
            list.is_empty() || value.is_some_and(|value| list.iter().any(|one| one == value))
        };
        let agent = entry.agent.as_deref();
        one_of(&self.agents, agent)
            && (self.groups.is_empty()
                || agent.is_some_and(|agent| self.groups.iter().any(|group| in_group(agent, group))))
            && one_of(&self.queues, entry.queue.as_deref())
            && (self.sessions.is_empty()
                || entry.session.as_ref().is_some_and(|id| {
                    self.sessions.iter().any(|begin| id.as_str().starts_with(begin.as_str()))
                }))
            && (self.contacts.is_empty() || self.contacts.iter().any(|wanted| is_contact(entry, wanted)))
            && (self.events.is_empty() || self.events.iter().any(|wanted| is_event(&entry.event, wanted)))
    }
}

/// The path of a page of the feed. `wait` is in seconds; the server has its own upper limit.
pub fn feed_path(filter: &Filter, from: &FeedStart, limit: usize, wait: u64) -> String {
    let mut path = format!("{}/deskline/feed?limit={limit}&wait={wait}", super::WORKSPACE);
    let mut add = |name: &str, value: &str| {
        path.push_str(&format!("&{name}={}", super::request::segment(value)));
    };
    match from {
        FeedStart::After(seq) => add("after", &seq.to_string()),
        FeedStart::Since(at) => add("since", &at.to_rfc3339()),
        FeedStart::Now => {}
    }
    let lists = [
        ("agent", &filter.agents),
        ("group", &filter.groups),
        ("queue", &filter.queues),
        ("contact", &filter.contacts),
        ("session", &filter.sessions),
        ("event", &filter.events),
    ];
    for (name, values) in lists {
        values.iter().for_each(|value| add(name, value));
    }
    path
}

/// The path of the live view, or of its changes after an event. `wait` is in seconds.
pub fn live_path(after: Option<u64>, wait: u64) -> String {
    let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
    format!("{}/deskline/live?wait={wait}{after}", super::WORKSPACE)
}

/// The path of a part of a session's log.
pub fn log_path(session: &InteractionId, part: LogQuery) -> String {
    let id = super::request::segment(session.as_str());
    let media = crate::domain::interaction::MEDIA_TYPE;
    format!("{}/media/{media}/interactions/{id}/messages{}", super::WORKSPACE, part.to_query())
}

/// The path of the server's options.
pub fn settings_path() -> String {
    format!("{}/configuration?types=settings,agentGroups", super::WORKSPACE)
}

/// Where a client starts to read the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeedStart {
    /// At the next event.
    #[default]
    Now,
    /// After the event with this number.
    After(u64),
    /// At this moment.
    Since(Millis),
}

/// Whether an item of a filter names this event, or its family.
pub fn is_event(event: &str, wanted: &str) -> bool {
    event == wanted || event.split_once('.').is_some_and(|(family, _)| family == wanted)
}

fn is_contact(entry: &FeedEntry, wanted: &str) -> bool {
    if entry.contact.as_deref() == Some(wanted) {
        return true;
    }
    if let Some(digits) = phone::typed(wanted.trim_start_matches('…')).filter(|digits| digits.len() >= 4) {
        let ends = |number: &str| phone::forms(&digits).any(|form| number.ends_with(form));
        return entry.number.as_deref().is_some_and(|number| ends(&phone::digits(number)));
    }
    let wanted = fold::folded(wanted);
    entry.customer.as_deref().is_some_and(|name| fold::folded(name).contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> FeedEntry {
        FeedEntry {
            seq: 7,
            event: "message.status".into(),
            agent: Some("ana".into()),
            customer: Some("Lucía Fernández".into()),
            number: Some("34600000101".into()),
            ..FeedEntry::default()
        }
    }

    #[test]
    fn an_entry_must_match_every_list_of_a_filter() {
        let wants = |set: &dyn Fn(&mut Filter)| {
            let mut filter = Filter::default();
            set(&mut filter);
            filter.wants(&entry(), |agent, group| (agent, group) == ("ana", "Billing"))
        };
        assert!(wants(&|_| {}));
        assert!(wants(&|f| f.agents = vec!["kate".into(), "ana".into()]));
        assert!(!wants(&|f| f.agents = vec!["kate".into()]));
        assert!(wants(&|f| f.groups = vec!["Billing".into()]));
        assert!(!wants(&|f| f.groups = vec!["Sales".into()]));
        assert!(!wants(&|f| f.queues = vec!["sales".into()]));
        assert!(wants(&|f| f.events = vec!["message".into()]));
        assert!(!wants(&|f| f.events = vec!["session".into(), "messag".into()]));
        for contact in ["lucia", "LUCÍA", "+34 600 000 101", "0034600000101", "٠١٠١", "0101"] {
            assert!(wants(&|f| f.contacts = vec![contact.into()]), "{contact}");
        }
        assert!(!wants(&|f| f.contacts = vec!["0102".into()]));
        assert!(!wants(&|f| {
            f.agents = vec!["ana".into()];
            f.contacts = vec!["karim".into()];
        }));
    }

    #[test]
    fn a_filter_text_stays_one_parameter() {
        let filter = Filter { contacts: vec!["a&wait=0".into()], ..Filter::default() };
        assert_eq!(
            feed_path(&filter, &FeedStart::After(7), 500, 8),
            "/workspace/v3/deskline/feed?limit=500&wait=8&after=7&contact=a%26wait%3D0"
        );
        assert!(
            feed_path(&Filter::default(), &FeedStart::Since(Millis(0)), 1, 0)
                .ends_with("since=1970-01-01T00%3A00%3A00.000Z")
        );
    }

    #[test]
    fn fields_that_do_not_apply_are_absent() {
        let text = serde_json::to_string(&entry()).unwrap();
        assert!(text.starts_with(r#"{"seq":7,"at":"","event":"message.status","agent":"ana""#), "{text}");
        assert!(!text.contains("null") && !text.contains("session\""), "{text}");
    }

    #[test]
    fn the_service_level_is_a_share_of_decided_sessions() {
        assert_eq!(Today::default().service_level(), None);
        let today = Today { replied_in_time: 2, missed: 1, answered: 3, in_time: 3, ..Today::default() };
        assert_eq!(today.service_level(), Some(66), "taking a session is no reply");
    }
}

//! What is known of the monitored sessions, from the events of a plain Workspace API.
//!
//! Owns: which sessions there are, how far the log of each was told. Must not: wait, ask, or read a clock.
//! Invariants: an entry of a log is told once and in order, whether it comes as an event, with the log, or both; of a
//! session no more is kept than its last words and the entries behind a gap; what is no monitored session is not seen.

use crate::domain::contact::visible_name;
use crate::domain::interaction::{Interaction, InteractionState, MEDIA_TYPE};
use crate::domain::message::{Body, Message, Side, Visibility};
use crate::domain::pending::Wait;
use crate::domain::target::Availability;
use crate::domain::{AttachedData, InteractionId, Millis};
use crate::net::oversee::SilentPreview;
use crate::proto::media::{InteractionDto, MessageDto};
use crate::proto::monitorable::Agent;
use crate::proto::watch::{Entry, LiveAgent, LivePage, LiveSession};
use crate::proto::{decode, event, wa};
use crate::text::Clean;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Sessions that are over of which it is remembered how far they were told: one that comes back is not told twice.
const PAST: usize = 1024;
/// Entries that are kept behind a gap. Overflow: they are let go, and the log is read once more.
const HELD: usize = 256;
/// Characters of the last words.
const LAST: usize = 200;

/// What is new.
#[derive(Clone, Debug, PartialEq)]
pub enum Tell {
    /// A session began, or changed.
    Session(InteractionId),
    /// It is over, or not to be seen any more.
    Gone(InteractionId),
    /// Agents came, went, or do something else.
    Agents,
    /// Something happened, as the feed of our own gateway would tell it.
    Entry(Box<Entry>),
    /// A session is previewed: looking into it is wanted.
    Preview(SilentPreview),
}

/// How the log of a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    /// Everything before the next event is known.
    Whole,
    /// It is to be read.
    Wanted,
    /// It was asked for.
    Asked,
    /// It could not be read; another time.
    Failed,
}

#[derive(Clone, Debug)]
struct Session {
    live: LiveSession,
    media: String,
    data: AttachedData,
    comment: String,
    /// Up to which entry the log is known from its beginning.
    read: u64,
    /// Up to which entry it was told.
    told: u64,
    /// Entries behind a gap.
    held: BTreeMap<u64, MessageDto>,
    log: Log,
    /// Since when the customer waits, by the log.
    waits: Wait,
    /// Whether it was seen since the connection was made.
    confirmed: bool,
}

/// Everything that is known.
#[derive(Debug)]
pub struct Floor {
    /// What is older is history, and not told.
    began: Millis,
    /// The number of the last entry that was told.
    seq: u64,
    agents: BTreeMap<String, Agent>,
    /// Names of groups by their numbers.
    groups: BTreeMap<String, String>,
    sessions: BTreeMap<InteractionId, Session>,
    /// Previews that were told and not answered yet.
    previews: BTreeSet<InteractionId>,
    past: VecDeque<(InteractionId, u64)>,
    /// Sessions whose log is to be read, or was when they were put here.
    wanted: VecDeque<InteractionId>,
}

impl Floor {
    /// Nothing is known; what is older than `began` will not be told.
    pub fn new(began: Millis) -> Self {
        Self {
            // Some servers tell times in whole seconds.
            began: Millis(began.0 - began.0.rem_euclid(1000)),
            seq: 0,
            agents: BTreeMap::new(),
            groups: BTreeMap::new(),
            sessions: BTreeMap::new(),
            previews: BTreeSet::new(),
            past: VecDeque::new(),
            wanted: VecDeque::new(),
        }
    }

    /// Everything, as a monitor shows it. Queues and counts are not told by such a server.
    pub fn page(&self) -> LivePage {
        let sessions = self.sessions.keys().filter_map(|id| self.live(id)).collect();
        LivePage { whole: true, sessions, agents: self.live_agents(), ..LivePage::default() }
    }

    /// A session.
    pub fn live(&self, id: &InteractionId) -> Option<LiveSession> {
        let session = self.sessions.get(id)?;
        let mut live = session.live.clone();
        // The log says it best, once it is here.
        if session.read > 0 {
            live.waiting_since = session.waits.since().map(Millis::to_rfc3339);
        }
        Some(live)
    }

    fn live_agents(&self) -> Vec<LiveAgent> {
        let mut has: BTreeMap<&str, u32> = BTreeMap::new();
        for agent in self.sessions.values().filter_map(|session| session.live.agent.as_deref()) {
            *has.entry(agent).or_default() += 1;
        }
        let agents = self.agents.values().map(|agent| {
            let load = match agent.availability {
                Availability::Agent { load: Some((sessions, capacity)), .. } => Some((sessions, capacity)),
                _ => None,
            };
            let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            LiveAgent {
                id: agent.id.clone(),
                name: agent.name.to_string(),
                user_name: String::new(),
                groups: agent.groups.iter().flatten().map(|number| self.group(number).to_owned()).collect(),
                state: state(agent).to_owned(),
                sessions: load
                    .map_or_else(|| has.get(agent.id.as_str()).copied().unwrap_or(0), |(n, _)| number(n)),
                capacity: load.map_or(0, |(_, most)| number(most)),
            }
        });
        agents.collect()
    }

    /// The media type of a session, for its addresses.
    pub fn media(&self, id: &InteractionId) -> Option<&str> {
        self.sessions.get(id).map(|session| session.media.as_str())
    }

    /// An agent.
    pub fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.get(id)
    }

    fn group<'a>(&'a self, number: &'a str) -> &'a str {
        self.groups.get(number).map_or(number, String::as_str)
    }

    /// Whether an agent is in a group, by its name or its number.
    pub fn in_group(&self, agent: &str, group: &str) -> bool {
        let groups = self.agents.get(agent).and_then(|agent| agent.groups.as_ref());
        groups.is_some_and(|theirs| theirs.iter().any(|one| one == group || self.group(one) == group))
    }

    /// Learns what groups are called.
    pub fn name_groups(&mut self, groups: impl IntoIterator<Item = (i64, String)>) {
        self.groups.extend(groups.into_iter().map(|(number, name)| (number.to_string(), name)));
    }

    /// Takes over who there is and what they do.
    pub fn staff(&mut self, agents: Vec<Agent>, now: Millis, out: &mut Vec<Tell>) {
        let known = std::mem::take(&mut self.agents);
        self.agents = agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        if known == self.agents {
            return;
        }
        out.push(Tell::Agents);
        let mut entries = Vec::new();
        for (id, agent) in &self.agents {
            let Some(before) = known.get(id) else { continue };
            let (was, is) = (state(before), state(agent));
            if was == is && before.reason == agent.reason {
                continue;
            }
            let mut entry = Entry { agent: Some(id.clone()), ..Entry::default() };
            entry.event = match (was, is) {
                (_, LOGGED_OUT) => "agent.signed-out",
                (LOGGED_OUT, _) => "agent.signed-in",
                _ => "agent.state",
            }
            .to_owned();
            if entry.event == "agent.state" {
                entry.state = Some(is.to_owned());
                entry.reason = agent.reason.as_ref().map(ToString::to_string);
            }
            entries.push(entry);
        }
        for entry in entries {
            self.tell(entry, now, out);
        }
    }

    /// An interaction came, whole.
    pub fn interaction(&mut self, dto: &InteractionDto, now: Millis, out: &mut Vec<Tell>) {
        let read = decode::interaction(dto, now);
        let id = read.id.clone();
        let supervises =
            dto.chat.as_ref().is_some_and(|chat| chat.my_user_type.as_deref() == Some("Supervisor"));
        if id.as_str().is_empty()
            || !(dto.monitor_mode.is_some() || supervises || self.sessions.contains_key(&id))
        {
            return;
        }
        match &read.state {
            InteractionState::Active(_) => drop(self.previews.remove(&id)),
            InteractionState::Invited => {
                if let Some(preview) = SilentPreview::of(&read).filter(|_| self.previews.insert(id)) {
                    out.push(Tell::Preview(preview));
                }
                return;
            }
            over => {
                self.previews.remove(&id);
                let left = dto.user_data.text(wa::LEFT);
                match (over, left) {
                    (InteractionState::Completed, None) => self.over(&id, None, now, out),
                    (_, left) => self.over(&id, Some(left.unwrap_or(&dto.state)), now, out),
                }
                return;
            }
        }
        let mut live = self.describe(dto, &read);
        let told = self.past.iter().find(|(past, _)| *past == id).map_or(0, |(_, told)| *told);
        let before = self.sessions.get_mut(&id);
        let (was, data, comment) = match before {
            Some(session) => {
                live.last.clone_from(&session.live.last);
                live.last_index = session.live.last_index;
                session.confirmed = true;
                let was = std::mem::replace(&mut session.live, live);
                let data = std::mem::replace(&mut session.data, dto.user_data.clone());
                let note = dto.comment.clone().unwrap_or_default();
                (Some(was), data, std::mem::replace(&mut session.comment, note))
            }
            None => {
                let media = if dto.mediatype.is_empty() { MEDIA_TYPE } else { dto.mediatype.as_str() };
                let session = Session {
                    live,
                    media: media.to_owned(),
                    data: dto.user_data.clone(),
                    comment: dto.comment.clone().unwrap_or_default(),
                    read: 0,
                    told,
                    held: BTreeMap::new(),
                    log: Log::Wanted,
                    waits: Wait::default(),
                    confirmed: true,
                };
                self.sessions.insert(id.clone(), session);
                self.wanted.push_back(id.clone());
                (None, AttachedData::new(), String::new())
            }
        };
        let now_is = self.sessions.get(&id).map(|session| session.live.clone()).unwrap_or_default();
        if was.as_ref() != Some(&now_is) {
            out.push(Tell::Session(id.clone()));
        }
        if was.as_ref().is_none_or(|was| was.agent != now_is.agent) {
            self.happened("session.accepted", &id, now, out, |_| {});
        }
        if was.is_some() {
            self.changed(&id, &data, &comment, now, out);
        }
        if let Some(chat) = &dto.chat
            && !chat.messages.is_empty()
        {
            self.messages(&id, chat.messages.clone(), now, out);
        }
    }

    /// Tells what of the case data and the note is other than before.
    fn changed(
        &mut self,
        id: &InteractionId,
        data: &AttachedData,
        comment: &str,
        now: Millis,
        out: &mut Vec<Tell>,
    ) {
        let Some(session) = self.sessions.get(id) else { return };
        let plain = |data: &AttachedData| -> BTreeMap<String, String> {
            let own = data.iter().filter(|(key, _)| !key.starts_with("wa."));
            own.map(|(key, value)| (key.to_owned(), value.to_text())).collect()
        };
        let (was, is) = (plain(data), plain(&session.data));
        let mut set: BTreeMap<String, String> =
            was.keys().filter(|key| !is.contains_key(*key)).map(|key| (key.clone(), String::new())).collect();
        set.extend(is.into_iter().filter(|(key, value)| was.get(key) != Some(value)));
        let note = (session.comment != comment).then(|| session.comment.clone());
        if !set.is_empty() {
            self.happened("data.set", id, now, out, |entry| entry.data = set);
        }
        if let Some(note) = note {
            self.happened("note.set", id, now, out, |entry| entry.text = Some(note));
        }
    }

    fn describe(&self, dto: &InteractionDto, read: &Interaction) -> LiveSession {
        let name = |one: &crate::domain::interaction::Colleague| {
            one.employee_id.clone().unwrap_or_else(|| one.name.to_string())
        };
        let handling: Vec<_> = read.colleagues.iter().filter(|one| !one.supervises).collect();
        // Who only advises has not the session.
        let open = || handling.iter().filter(|one| !one.advises());
        let watched = dto.rest.get("agentId").and_then(Json::as_str);
        let named = open().find(|one| watched.is_some() && one.employee_id.as_deref() == watched);
        let ours = open().find(|one| one.employee_id.as_ref().is_some_and(|id| self.agents.contains_key(id)));
        let agent = named.or(ours).or_else(|| open().next()).or_else(|| handling.first());
        let origin = read.origin.as_ref().map(ToString::to_string);
        LiveSession {
            id: read.id.clone(),
            state: dto.state.clone(),
            agent: agent.map(|one| name(one)),
            queue: dto.queue.clone().filter(|queue| !queue.is_empty()).or(origin).unwrap_or_default(),
            contact: read.contact.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            customer: customer(dto, read).unwrap_or_default(),
            number: read
                .party
                .number
                .as_ref()
                .map(|number| number.chars().filter(char::is_ascii_digit).collect())
                .filter(|number: &String| !number.is_empty()),
            started: read.started.map(Millis::to_rfc3339).unwrap_or_default(),
            waiting_since: read.waiting_since.map(Millis::to_rfc3339),
            window_ends: read.window_ends.map(Millis::to_rfc3339),
            agents: handling.into_iter().map(name).collect(),
            ..LiveSession::default()
        }
    }

    /// Entries of a log came as an event.
    pub fn messages(
        &mut self,
        id: &InteractionId,
        mut messages: Vec<MessageDto>,
        now: Millis,
        out: &mut Vec<Tell>,
    ) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.confirmed = true;
        messages.retain(|message| message.index > session.read);
        session.held.extend(messages.into_iter().map(|message| (message.index, message)));
        if session.held.len() > HELD && !session.follows() {
            session.held.clear();
            session.want(&mut self.wanted);
        }
        self.read_on(id, false, now, out);
    }

    /// The log came, whole, or could not be read.
    pub fn log(
        &mut self,
        id: &InteractionId,
        log: Option<Vec<MessageDto>>,
        now: Millis,
        out: &mut Vec<Tell>,
    ) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        let Some(log) = log else {
            if session.log == Log::Asked {
                session.log = Log::Failed;
            }
            return;
        };
        let again = session.log == Log::Wanted;
        let fresh = log.into_iter().filter(|message| message.index > session.read);
        session.held.extend(fresh.map(|message| (message.index, message)));
        if !again {
            session.log = Log::Whole;
        }
        // What a log leaves out that is not read again is nowhere: the numbers of some servers have holes.
        self.read_on(id, !again, now, out);
    }

    /// Takes what follows upon what is known; with `over_gaps` all there is.
    fn read_on(&mut self, id: &InteractionId, over_gaps: bool, now: Millis, out: &mut Vec<Tell>) {
        let mut told = Vec::new();
        let Some(session) = self.sessions.get_mut(id) else { return };
        let before = session.read;
        while over_gaps || session.follows() {
            let Some((index, message)) = session.held.pop_first() else { break };
            session.read = index;
            session.note(&decode::message(&message));
            if index > session.told {
                session.told = index;
                told.push(message);
            }
        }
        if !session.held.is_empty() {
            session.want(&mut self.wanted);
        } else if session.read > before && session.log != Log::Asked {
            session.log = Log::Whole;
        }
        if session.read > before {
            session.live.last_index = session.read;
            out.push(Tell::Session(id.clone()));
        }
        for message in told {
            let at = event::message_time(&message);
            if at.0 != 0 && at < self.began {
                continue;
            }
            let at = if at.0 == 0 { now } else { at };
            let mut entry = self.about(id);
            if let Some(name) = entry.say(&message) {
                entry.event = name.to_owned();
                self.tell(entry, at, out);
            }
        }
    }

    /// A session of which there is no more to see; with `why` it may go on elsewhere.
    pub fn over(&mut self, id: &InteractionId, why: Option<&str>, now: Millis, out: &mut Vec<Tell>) {
        if !self.sessions.contains_key(id) {
            return;
        }
        match why {
            None => self.happened("session.done", id, now, out, |_| {}),
            Some(why) => {
                self.happened("session.released", id, now, out, |entry| entry.reason = Some(why.to_owned()));
            }
        }
        if let Some(session) = self.sessions.remove(id) {
            self.past.retain(|(past, _)| past != id);
            self.past.push_back((id.clone(), session.told));
            if self.past.len() > PAST {
                self.past.pop_front();
            }
        }
        out.push(Tell::Gone(id.clone()));
    }

    /// A preview could not be looked into; another one is told again.
    pub fn refused(&mut self, id: &InteractionId) {
        self.previews.remove(id);
    }

    /// The connection was made anew: every log is read again, and every session is to be seen again.
    pub fn resume(&mut self) {
        self.previews.clear();
        self.wanted.clear();
        for (id, session) in &mut self.sessions {
            session.confirmed = false;
            session.log = Log::Wanted;
            self.wanted.push_back(id.clone());
        }
    }

    /// Whether a session was seen since the connection was made.
    pub fn is_confirmed(&self, id: &InteractionId) -> bool {
        self.sessions.get(id).is_some_and(|session| session.confirmed)
    }

    /// Lets go of sessions that were not seen since: they ended while nobody looked.
    pub fn settle(&mut self, now: Millis, out: &mut Vec<Tell>) {
        let lost: Vec<InteractionId> =
            self.sessions.iter().filter(|(_, one)| !one.confirmed).map(|(id, _)| id.clone()).collect();
        for id in lost {
            self.over(&id, Some("while the connection was lost"), now, out);
        }
    }

    /// The next session whose log is to be read; it counts as asked for.
    pub fn next_log(&mut self) -> Option<InteractionId> {
        loop {
            let id = self.wanted.pop_front()?;
            if let Some(session) = self.sessions.get_mut(&id).filter(|session| session.log == Log::Wanted) {
                session.log = Log::Asked;
                return Some(id);
            }
        }
    }

    /// Asks anew for what could not be read.
    pub fn retry_logs(&mut self) {
        for (id, session) in &mut self.sessions {
            if session.log == Log::Failed {
                session.log = Log::Wanted;
                self.wanted.push_back(id.clone());
            }
        }
    }

    /// An entry about a session.
    fn about(&self, id: &InteractionId) -> Entry {
        let mut entry = Entry { session: Some(id.clone()), ..Entry::default() };
        if let Some(Session { live, .. }) = self.sessions.get(id) {
            let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
            entry.agent.clone_from(&live.agent);
            entry.queue = some(&live.queue);
            entry.contact = some(&live.contact);
            entry.customer = some(&live.customer);
            entry.number.clone_from(&live.number);
        }
        entry
    }

    fn happened(
        &mut self,
        name: &str,
        id: &InteractionId,
        now: Millis,
        out: &mut Vec<Tell>,
        fill: impl FnOnce(&mut Entry),
    ) {
        let mut entry = self.about(id);
        entry.event = name.to_owned();
        fill(&mut entry);
        self.tell(entry, now, out);
    }

    fn tell(&mut self, mut entry: Entry, at: Millis, out: &mut Vec<Tell>) {
        self.seq += 1;
        entry.seq = self.seq;
        entry.at = at.to_rfc3339();
        out.push(Tell::Entry(Box::new(entry)));
    }
}

impl Session {
    /// Whether what is held follows upon what is known.
    fn follows(&self) -> bool {
        self.held.first_key_value().is_some_and(|(index, _)| *index <= self.read + 1)
    }

    fn want(&mut self, wanted: &mut VecDeque<InteractionId>) {
        if matches!(self.log, Log::Whole) || (self.log == Log::Asked && self.held.is_empty()) {
            self.log = Log::Wanted;
            wanted.push_back(self.live.id.clone());
        }
    }

    /// The last words, and since when the customer waits, as a transcript counts it.
    fn note(&mut self, said: &Message) {
        if let Body::Status { of, step, failure } = &said.body {
            self.waits.status(*of, *step, failure.is_some());
        }
        let words = match &said.body {
            Body::Text(text) | Body::Url(text) | Body::Placeholder(text) => text.as_str(),
            Body::Media(media) => media.caption.as_ref().or(media.name.as_ref()).unwrap_or(&media.kind),
            _ => return,
        };
        self.live.last = words.chars().take(LAST).collect();
        match said.side {
            Side::Customer => self.waits.heard(said.index, said.at),
            Side::Agent | Side::Supervisor if said.visibility == Visibility::All => {
                self.waits.answer(said.index);
            }
            _ => {}
        }
    }
}

/// What agents call the customer, without the mark of a name nobody has checked: as the feed has it.
fn customer(dto: &InteractionDto, read: &Interaction) -> Option<String> {
    let parties = dto.chat.iter().flat_map(|chat| &chat.participants);
    let party = parties.filter(|party| matches!(party.kind.as_str(), "Customer" | "Client"));
    let known = [&read.party.contact_name, &read.party.profile_name].into_iter().flatten().cloned();
    known
        .chain(party.map(|party| Clean::line(&party.nickname)))
        .find_map(|name| visible_name(&name).map(str::to_owned))
}

const LOGGED_OUT: &str = "Logged Out";

/// What an agent does, in the words of the feed.
fn state(agent: &Agent) -> &'static str {
    use crate::domain::agent::AgentState;
    match agent.availability {
        Availability::Agent { state: AgentState::LoggedOut, .. } => LOGGED_OUT,
        Availability::Agent { state, .. } => state.label(),
        _ => "state not told",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::AgentState;
    use serde_json::json;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn ago(seconds: i64) -> String {
        Millis(NOW.0 - seconds * 1000).to_rfc3339()
    }

    fn agent(id: &str, state: AgentState) -> Agent {
        Agent {
            id: id.into(),
            name: id.into(),
            groups: Some(vec!["106".into()]),
            monitorable: Some(true),
            availability: Availability::Agent { state, load: None },
            reason: None,
        }
    }

    /// Ana is known, nothing else.
    fn floor() -> Floor {
        let mut floor = Floor::new(NOW);
        floor.name_groups([(106, "Sales".to_owned())]);
        floor.staff(vec![agent("ana", AgentState::Ready)], NOW, &mut Vec::new());
        floor
    }

    fn wire(id: &str, state: &str, mode: Option<&str>) -> Json {
        json!({
            "id": id, "mediatype": "chat", "state": state, "monitorMode": mode, "queue": "orders",
            "userData": [{"key": "FirstName", "type": "str", "value": "Lucía"},
                {"key": "PhoneNumber", "type": "str", "value": "+34 600 000 101"}],
            "chat": {"startAt": ago(60), "myUserType": mode.map(|_| "Supervisor"), "participants": [
                {"id": "c", "type": "Customer", "nickname": "Lucía", "visibility": "All"},
                {"id": "a", "type": "Agent", "nickname": "Ana", "personId": "ana", "visibility": "All"},
                {"id": "s", "type": "Supervisor", "nickname": "Sam", "personId": "sam", "visibility": "Supervisor"}]},
        })
    }

    fn said(index: u64, who: &str, text: &str, seconds: i64) -> Json {
        json!({"index": index, "type": "Text", "text": text, "visibility": "All",
            "from": {"type": who, "nickname": who}, "timestamp": ago(seconds)})
    }

    fn comes(floor: &mut Floor, interaction: Json) -> Vec<Tell> {
        let mut out = Vec::new();
        floor.interaction(&serde_json::from_value(interaction).unwrap(), NOW, &mut out);
        out
    }

    fn read(messages: Vec<Json>) -> Vec<MessageDto> {
        serde_json::from_value(Json::from(messages)).unwrap()
    }

    fn says(floor: &mut Floor, id: &str, messages: Vec<Json>) -> Vec<Tell> {
        let mut out = Vec::new();
        floor.messages(&id.into(), read(messages), NOW, &mut out);
        out
    }

    fn reads(floor: &mut Floor, id: &str, messages: Vec<Json>) -> Vec<Tell> {
        let mut out = Vec::new();
        floor.log(&id.into(), Some(read(messages)), NOW, &mut out);
        out
    }

    /// The entries among what is new, a word or two each.
    fn told(out: &[Tell]) -> Vec<String> {
        let entries = out.iter().filter_map(|tell| match tell {
            Tell::Entry(entry) => Some(entry),
            _ => None,
        });
        let words = entries.map(|entry| match (&entry.text, &entry.reason) {
            (Some(words), _) | (None, Some(words)) => format!("{} {words}", entry.event),
            _ => entry.event.clone(),
        });
        words.collect()
    }

    #[test]
    fn a_monitored_session_is_described_and_others_are_not_seen() {
        let mut floor = floor();
        assert_eq!(comes(&mut floor, wire("mine", "Processing", None)), []);
        let out = comes(&mut floor, wire("i", "Processing", Some("Monitor")));
        assert_eq!(told(&out), ["session.accepted"]);
        let live = floor.live(&"i".into()).unwrap();
        assert_eq!((live.agent.as_deref(), live.customer.as_str()), (Some("ana"), "Lucía"));
        assert_eq!((live.queue.as_str(), live.number.as_deref()), ("orders", Some("34600000101")));
        assert_eq!((live.agents, live.started), (vec!["ana".to_owned()], ago(60)));
        assert_eq!(floor.media(&"i".into()), Some("chat"));
        assert_eq!(floor.page().sessions.len(), 1);
        assert!(
            floor.in_group("ana", "Sales") && floor.in_group("ana", "106") && !floor.in_group("ana", "x")
        );
        for over in ["Completed", "Revoked", "Canceled", "Queued", "InWorkbin"] {
            comes(&mut floor, wire("i", "Processing", Some("Monitor")));
            // The end may come without the mode.
            let out = comes(&mut floor, wire("i", over, None));
            assert!(out.contains(&Tell::Gone("i".into())), "{over}");
            let wanted = if over == "Completed" {
                "session.done".to_owned()
            } else {
                format!("session.released {over}")
            };
            assert_eq!(told(&out), [wanted]);
        }
    }

    #[test]
    fn a_silent_preview_is_asked_for_once_and_no_other_invitation_is() {
        let mut floor = floor();
        let previews = |out: Vec<Tell>| out.iter().filter(|tell| matches!(tell, Tell::Preview(_))).count();
        for mode in [None, Some("Coach"), Some("Bargein")] {
            assert_eq!(comes(&mut floor, wire("i", "Invited", mode)), [], "{mode:?}");
        }
        assert_eq!(previews(comes(&mut floor, wire("i", "Invited", Some("Monitor")))), 1);
        assert_eq!(previews(comes(&mut floor, wire("i", "Invited", Some("Monitor")))), 0);
        assert!(floor.page().sessions.is_empty(), "it is not looked into yet");
        floor.refused(&"i".into());
        assert_eq!(previews(comes(&mut floor, wire("i", "Invited", Some("Monitor")))), 1);
        assert_eq!(told(&comes(&mut floor, wire("i", "Processing", Some("Monitor")))), ["session.accepted"]);
    }

    #[test]
    fn the_transcript_that_comes_with_a_session_is_known_and_what_is_new_of_it_told() {
        let mut floor = floor();
        comes(&mut floor, wire("i", "Processing", Some("Monitor")));
        let out = says(
            &mut floor,
            "i",
            vec![said(1, "Customer", "hola", 40), said(2, "Customer", "¿hay alguien?", 0)],
        );
        assert_eq!(told(&out), ["message ¿hay alguien?"], "what is older is history");
        assert_eq!(floor.next_log(), None, "it need not be read any more");
        let live = floor.live(&"i".into()).unwrap();
        assert_eq!((live.last.as_str(), live.last_index), ("¿hay alguien?", 2));
        assert_eq!(live.waiting_since, Some(ago(40)), "since the first word without an answer");
        says(&mut floor, "i", vec![said(3, "Agent", "sí", 0)]);
        assert_eq!(floor.live(&"i".into()).unwrap().waiting_since, None);
        assert_eq!(told(&says(&mut floor, "i", vec![said(3, "Agent", "sí", 0)])), [""; 0], "once");
    }

    #[test]
    fn a_gap_is_read_and_nothing_is_told_twice_or_left_out() {
        let mut floor = floor();
        comes(&mut floor, wire("i", "Processing", Some("Monitor")));
        assert_eq!(floor.next_log(), Some("i".into()), "a log that did not come is asked for");
        // An event overtakes the answer.
        assert_eq!(told(&says(&mut floor, "i", vec![said(3, "Customer", "c", 0)])), [""; 0]);
        let out = reads(&mut floor, "i", vec![said(1, "Customer", "a", 0), said(2, "Customer", "b", 0)]);
        assert_eq!(told(&out), ["message a", "message b", "message c"]);
        // A lost event shows in the next one.
        assert_eq!(told(&says(&mut floor, "i", vec![said(5, "Customer", "e", 0)])), [""; 0]);
        assert_eq!(floor.next_log(), Some("i".into()));
        let all = (1..).zip(["a", "b", "c", "d", "e"]).map(|(index, text)| said(index, "Customer", text, 0));
        assert_eq!(told(&reads(&mut floor, "i", all.collect())), ["message d", "message e"]);
        // Numbers with holes are taken as they are once the log is read.
        says(&mut floor, "i", vec![said(9, "Customer", "i", 0)]);
        assert_eq!(floor.next_log(), Some("i".into()));
        assert_eq!(told(&reads(&mut floor, "i", vec![said(9, "Customer", "i", 0)])), ["message i"]);
        assert_eq!(floor.next_log(), None);
    }

    #[test]
    fn a_log_that_cannot_be_read_is_tried_again() {
        let mut floor = floor();
        comes(&mut floor, wire("i", "Processing", Some("Monitor")));
        assert!(floor.next_log().is_some());
        floor.log(&"i".into(), None, NOW, &mut Vec::new());
        assert_eq!(floor.next_log(), None);
        floor.retry_logs();
        assert!(floor.next_log().is_some());
    }

    #[test]
    fn what_is_kept_behind_a_gap_is_bounded_and_read_later() {
        let mut floor = floor();
        comes(&mut floor, wire("i", "Processing", Some("Monitor")));
        assert!(floor.next_log().is_some());
        let many = |from: u64, to: u64| (from..=to).map(|n| said(n, "Customer", "x", 0)).collect::<Vec<_>>();
        says(&mut floor, "i", many(10, 400));
        assert!(floor.sessions.values().all(|session| session.held.is_empty()));
        says(&mut floor, "i", many(401, 401));
        assert_eq!(told(&reads(&mut floor, "i", many(1, 20))).len(), 20);
        assert!(floor.next_log().is_some(), "the answer was older than what was let go");
        assert_eq!(told(&reads(&mut floor, "i", many(1, 401))).len(), 381);
    }

    #[test]
    fn after_a_break_every_log_is_read_and_what_is_not_seen_again_is_let_go() {
        let mut floor = floor();
        for id in ["i", "j"] {
            comes(&mut floor, wire(id, "Processing", Some("Monitor")));
            says(&mut floor, id, vec![said(1, "Customer", "a", 0)]);
        }
        floor.resume();
        assert_eq!(comes(&mut floor, wire("i", "Processing", Some("Monitor"))), [], "nothing new in it");
        assert!(floor.is_confirmed(&"i".into()) && !floor.is_confirmed(&"j".into()));
        assert_eq!((floor.next_log(), floor.next_log()), (Some("i".into()), Some("j".into())));
        let out = reads(&mut floor, "i", vec![said(1, "Customer", "a", 0), said(2, "Agent", "b", 0)]);
        assert_eq!(told(&out), ["message b"]);
        let mut out = Vec::new();
        floor.settle(NOW, &mut out);
        assert_eq!(told(&out), ["session.released while the connection was lost"]);
        assert_eq!(floor.page().sessions.len(), 1);
        // One that comes back is not told from its beginning.
        comes(&mut floor, wire("j", "Processing", Some("Monitor")));
        let out = says(&mut floor, "j", vec![said(1, "Customer", "a", 0), said(2, "Customer", "c", 0)]);
        assert_eq!(told(&out), ["message c"]);
    }

    #[test]
    fn changed_data_a_note_and_another_agent_are_told() {
        let mut floor = floor();
        let mut session = wire("i", "Processing", Some("Monitor"));
        comes(&mut floor, session.clone());
        session["userData"] = json!([{"key": "FirstName", "type": "str", "value": "Lucía"},
            {"key": "Segment", "type": "str", "value": "Gold"}, {"key": "wa.preview", "type": "str", "value": "x"}]);
        session["comment"] = json!("call back");
        session["chat"]["participants"][1]["personId"] = json!("ben");
        let out = comes(&mut floor, session);
        assert_eq!(told(&out), ["session.accepted", "data.set", "note.set call back"]);
        let Some(Tell::Entry(set)) = out.get(2) else { panic!("{out:?}") };
        let pairs: Vec<_> = set.data.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("PhoneNumber", ""), ("Segment", "Gold")]);
        assert_eq!(set.agent.as_deref(), Some("ben"));
    }

    #[test]
    fn the_kinds_of_entries_are_told_as_the_feed_tells_them_and_numbers_rise() {
        let mut floor = floor();
        let mut out = comes(&mut floor, wire("i", "Processing", Some("Monitor")));
        let status = json!({"index": 4, "type": "CustomNotice", "timestamp": ago(0), "userData": [
            {"key": "wa.kind", "type": "str", "value": "status"}, {"key": "wa.of", "type": "int", "value": 3},
            {"key": "wa.status", "type": "str", "value": "read"}]});
        let plain = |index: u64, kind: &str| json!({"index": index, "type": kind, "timestamp": ago(0)});
        let all = vec![
            plain(1, "ParticipantJoined"),
            plain(2, "TypingStarted"),
            said(3, "Agent", "hola", 0),
            status,
            plain(5, "ParticipantLeft"),
        ];
        out.extend(says(&mut floor, "i", all));
        out.extend(comes(&mut floor, wire("i", "Completed", Some("Monitor"))));
        let wanted = [
            "session.accepted",
            "party.joined",
            "message hola",
            "message.status",
            "party.left",
            "session.done",
        ];
        assert_eq!(told(&out), wanted);
        let entries = out.iter().filter_map(|tell| match tell {
            Tell::Entry(entry) => Some(entry.seq),
            _ => None,
        });
        assert!(entries.collect::<Vec<_>>().is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn what_agents_do_is_told_when_it_changes() {
        let mut floor = floor();
        let mut staff = |state| {
            let mut out = Vec::new();
            floor.staff(vec![agent("ana", state)], NOW, &mut out);
            told(&out)
        };
        assert_eq!(staff(AgentState::Ready), [""; 0]);
        assert_eq!(staff(AgentState::NotReady), ["agent.state"]);
        assert_eq!(staff(AgentState::LoggedOut), ["agent.signed-out"]);
        assert_eq!(staff(AgentState::Ready), ["agent.signed-in"]);
        assert_eq!(floor.page().agents.first().map(|agent| agent.state.clone()), Some("Ready".to_owned()));
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        let mut floor = floor();
        assert_eq!(comes(&mut floor, json!({"state": "Processing", "monitorMode": "Monitor"})), []);
        assert_eq!(says(&mut floor, "nobody", vec![said(1, "Customer", "a", 0)]), []);
        comes(&mut floor, json!({"id": "i", "state": "Strange", "monitorMode": "Sideways"}));
        assert_eq!(
            told(&says(&mut floor, "i", vec![json!({"index": 0, "type": "Text", "text": "x"})])),
            [""; 0]
        );
        let live = floor.live(&"i".into()).unwrap();
        assert_eq!((live.agent, live.customer.as_str(), live.last_index), (None, "", 0));
    }
}

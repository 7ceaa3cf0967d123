//! The monitored sessions and agents, from the events of a plain Workspace API.
//!
//! Owns: which sessions and agents there are, and what is reported of them. Must not: send a request, or read a clock.
//! Invariants: an entry of a log is reported once and in order, whether it comes as an event, with the log, or both;
//! a session that is not monitored is ignored.

use super::session::{LogChange, LogStatus, MonitoredSession};
use super::update::LiveUpdate;
use crate::domain::agent::AgentState;
use crate::domain::contact::visible_name;
use crate::domain::interaction::{Colleague, Interaction, InteractionState, MEDIA_TYPE};
use crate::domain::target::Availability;
use crate::domain::{AttachedData, InteractionId, Millis};
use crate::proto::media::{InteractionDto, MessageDto};
use crate::proto::monitorable::MonitorableAgent;
use crate::proto::read_only::SilentPreview;
use crate::proto::watch::{FeedEntry, LiveAgent, LivePage, LiveSession};
use crate::proto::{decode, event, wa};
use crate::text::Clean;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The maximum number of ended sessions whose reported position is remembered, in case one comes back.
/// Overflow: the one that ended first is forgotten.
const MAX_ENDED: usize = 1024;
/// Why a session was released if it ended while the connection was lost.
pub(super) const WHILE_LOST: &str = "while the connection was lost";

/// The monitored sessions and agents.
#[derive(Debug)]
pub struct MonitoredSessions {
    /// Entries that are older than this are history, and not reported.
    began: Millis,
    /// The number of the last reported entry.
    seq: u64,
    agents: BTreeMap<String, MonitorableAgent>,
    /// Names of groups by number.
    groups: BTreeMap<String, String>,
    sessions: BTreeMap<InteractionId, MonitoredSession>,
    /// Previews that have arrived and were neither opened nor refused yet.
    seen_previews: BTreeSet<InteractionId>,
    /// Previews that have to be opened.
    previews: VecDeque<SilentPreview>,
    /// The reported positions of ended sessions.
    ended: VecDeque<(InteractionId, u64)>,
    /// Sessions whose log has to be read, or had to when they were added.
    wanted: VecDeque<InteractionId>,
}

impl MonitoredSessions {
    /// Creates an empty set. Entries older than `began` will not be reported.
    pub(super) fn new(began: Millis) -> Self {
        Self {
            // Some servers have times in whole seconds.
            began: Millis(began.0 - began.0.rem_euclid(1000)),
            seq: 0,
            agents: BTreeMap::new(),
            groups: BTreeMap::new(),
            sessions: BTreeMap::new(),
            seen_previews: BTreeSet::new(),
            previews: VecDeque::new(),
            ended: VecDeque::new(),
            wanted: VecDeque::new(),
        }
    }

    /// All sessions and agents, as the monitor shows them. Such a server reports no queues and no counts.
    pub fn page(&self) -> LivePage {
        let sessions = self.sessions.values().map(MonitoredSession::live).collect();
        LivePage { whole: true, sessions, agents: self.live_agents(), ..LivePage::default() }
    }

    /// A session, as the monitor shows it.
    pub fn live(&self, id: &InteractionId) -> Option<LiveSession> {
        self.sessions.get(id).map(MonitoredSession::live)
    }

    fn live_agents(&self) -> Vec<LiveAgent> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for agent in self.sessions.values().filter_map(|session| session.live.agent.as_deref()) {
            *counts.entry(agent).or_default() += 1;
        }
        let agents = self.agents.values().map(|agent| {
            let load = match agent.availability {
                Availability::Agent { load, .. } => load,
                Availability::Unknown | Availability::Ready(_) | Availability::Queue { .. } => None,
            };
            let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let counted = counts.get(agent.id.as_str()).copied().unwrap_or(0);
            LiveAgent {
                id: agent.id.clone(),
                name: agent.name.to_string(),
                user_name: String::new(),
                groups: agent.groups.iter().flatten().map(|number| self.group(number).to_owned()).collect(),
                state: state_label(agent).to_owned(),
                sessions: load.map_or(counted, |(sessions, _)| number(sessions)),
                capacity: load.map_or(0, |(_, capacity)| number(capacity)),
            }
        });
        agents.collect()
    }

    /// The media type of a session, which is part of its addresses.
    pub(super) fn media(&self, id: &InteractionId) -> &str {
        self.sessions.get(id).map_or(MEDIA_TYPE, |session| session.media.as_str())
    }

    pub(super) fn agent(&self, id: &str) -> Option<&MonitorableAgent> {
        self.agents.get(id)
    }

    fn group<'a>(&'a self, number: &'a str) -> &'a str {
        self.groups.get(number).map_or(number, String::as_str)
    }

    /// Whether an agent is in a group, by the group's name or number.
    pub fn is_in_group(&self, agent: &str, group: &str) -> bool {
        let groups = self.agents.get(agent).and_then(|agent| agent.groups.as_ref());
        groups.is_some_and(|theirs| theirs.iter().any(|one| one == group || self.group(one) == group))
    }

    /// Adds names of groups.
    pub(super) fn name_groups(&mut self, groups: impl IntoIterator<Item = (i64, String)>) {
        self.groups.extend(groups.into_iter().map(|(number, name)| (number.to_string(), name)));
    }

    /// Replaces the agents and their states.
    pub(super) fn set_agents(
        &mut self,
        agents: Vec<MonitorableAgent>,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        let known = std::mem::take(&mut self.agents);
        self.agents = agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        if known == self.agents {
            return;
        }
        out.push(LiveUpdate::Agents);
        let changes = self.agents.values().filter_map(|agent| state_change(known.get(&agent.id)?, agent));
        for entry in changes.collect::<Vec<_>>() {
            self.report(entry, now, out);
        }
    }

    /// Applies an interaction; the server always sends it complete.
    pub(super) fn interaction(&mut self, dto: &InteractionDto, now: Millis, out: &mut Vec<LiveUpdate>) {
        let read = decode::interaction(dto, now);
        let id = read.id.clone();
        let is_supervisor =
            dto.chat.as_ref().is_some_and(|chat| chat.my_user_type.as_deref() == Some("Supervisor"));
        let is_monitored = dto.monitor_mode.is_some() || is_supervisor || self.sessions.contains_key(&id);
        if id.as_str().is_empty() || !is_monitored {
            return;
        }
        match &read.state {
            InteractionState::Active(_) => self.active(dto, &read, now, out),
            InteractionState::Invited => {
                if let Some(preview) = SilentPreview::of(&read).filter(|_| self.seen_previews.insert(id)) {
                    self.previews.push_back(preview);
                }
            }
            InteractionState::Completed => {
                self.seen_previews.remove(&id);
                self.end(&id, dto.user_data.text(wa::LEFT), now, out);
            }
            InteractionState::Revoked
            | InteractionState::InWorkbin
            | InteractionState::Queued
            | InteractionState::Canceled => {
                self.seen_previews.remove(&id);
                self.end(&id, Some(dto.user_data.text(wa::LEFT).unwrap_or(&dto.state)), now, out);
            }
        }
    }

    fn active(&mut self, dto: &InteractionDto, read: &Interaction, now: Millis, out: &mut Vec<LiveUpdate>) {
        let id = &read.id;
        self.seen_previews.remove(id);
        let mut live = self.describe(dto, read);
        let comment = dto.comment.clone().unwrap_or_default();
        let before = match self.sessions.get_mut(id) {
            Some(session) => {
                live.last.clone_from(&session.live.last);
                live.last_index = session.live.last_index;
                session.confirmed = true;
                Some((
                    std::mem::replace(&mut session.live, live.clone()),
                    std::mem::replace(&mut session.data, dto.user_data.clone()),
                    std::mem::replace(&mut session.comment, comment),
                ))
            }
            None => {
                let media = if dto.mediatype.is_empty() { MEDIA_TYPE } else { dto.mediatype.as_str() };
                let reported =
                    self.ended.iter().find(|(ended, _)| ended == id).map_or(0, |(_, entry)| *entry);
                let mut session = MonitoredSession::new(live.clone(), media.to_owned(), reported);
                session.data.clone_from(&dto.user_data);
                session.comment = comment;
                self.sessions.insert(id.clone(), session);
                self.wanted.push_back(id.clone());
                None
            }
        };
        let was = before.as_ref().map(|(live, ..)| live);
        if was != Some(&live) {
            out.push(LiveUpdate::Session(id.clone()));
        }
        if was.is_none_or(|was| was.agent != live.agent) {
            self.report_session("session.accepted", id, now, out, |_| {});
        }
        if let Some((_, data, comment)) = before {
            self.report_case_data(id, &data, &comment, now, out);
        }
        if let Some(chat) = dto.chat.as_ref().filter(|chat| !chat.messages.is_empty()) {
            self.messages(id, chat.messages.clone(), now, out);
        }
    }

    /// Reports the changes of the case data and the note.
    fn report_case_data(
        &mut self,
        id: &InteractionId,
        data: &AttachedData,
        comment: &str,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        let Some(session) = self.sessions.get(id) else { return };
        let visible = |data: &AttachedData| -> BTreeMap<String, String> {
            let visible = data.iter().filter(|(key, _)| !key.starts_with("wa."));
            visible.map(|(key, value)| (key.to_owned(), value.to_text())).collect()
        };
        let (was, is) = (visible(data), visible(&session.data));
        let mut set: BTreeMap<String, String> =
            was.keys().filter(|key| !is.contains_key(*key)).map(|key| (key.clone(), String::new())).collect();
        set.extend(is.into_iter().filter(|(key, value)| was.get(key) != Some(value)));
        let note = (session.comment != comment).then(|| session.comment.clone());
        if !set.is_empty() {
            self.report_session("data.set", id, now, out, |entry| entry.data = set);
        }
        if let Some(note) = note {
            self.report_session("note.set", id, now, out, |entry| entry.text = Some(note));
        }
    }

    fn describe(&self, dto: &InteractionDto, read: &Interaction) -> LiveSession {
        let name = |one: &Colleague| one.employee_id.clone().unwrap_or_else(|| one.name.to_string());
        let agents: Vec<_> = read.colleagues.iter().filter(|one| !one.supervises).collect();
        let origin = read.origin.as_ref().map(ToString::to_string);
        LiveSession {
            id: read.id.clone(),
            state: dto.state.clone(),
            agent: self.handling_agent(dto, &agents).map(name),
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
            agents: agents.into_iter().map(name).collect(),
            ..LiveSession::default()
        }
    }

    /// The agent who handles the session: the one whom the interaction names, else one who is monitored. An agent who is
    /// only consulted does not handle it, unless nobody else is there.
    fn handling_agent<'a>(&self, dto: &InteractionDto, agents: &[&'a Colleague]) -> Option<&'a Colleague> {
        let handling = || agents.iter().copied().filter(|one| !one.advises());
        let named = dto.rest.get("agentId").and_then(Json::as_str);
        let is_named = |one: &&Colleague| named.is_some() && one.employee_id.as_deref() == named;
        let is_monitored =
            |one: &&Colleague| one.employee_id.as_ref().is_some_and(|id| self.agents.contains_key(id));
        let agent = handling().find(is_named).or_else(|| handling().find(is_monitored));
        agent.or_else(|| handling().next()).or_else(|| agents.first().copied())
    }

    /// Takes entries of a log that came as an event.
    pub(super) fn messages(
        &mut self,
        id: &InteractionId,
        messages: Vec<MessageDto>,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        if let Some(session) = self.sessions.get_mut(id) {
            let change = session.push(messages);
            self.report_log(id, change, now, out);
        }
    }

    /// Applies the complete log of a session; `None` when it could not be read.
    pub(super) fn log(
        &mut self,
        id: &InteractionId,
        log: Option<Vec<MessageDto>>,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        match log {
            Some(log) => {
                let change = session.take_log(log);
                self.report_log(id, change, now, out);
            }
            None => session.fail_log(),
        }
    }

    fn report_log(&mut self, id: &InteractionId, change: LogChange, now: Millis, out: &mut Vec<LiveUpdate>) {
        if change.is_wanted {
            self.wanted.push_back(id.clone());
        }
        if change.grew {
            out.push(LiveUpdate::Session(id.clone()));
        }
        for message in change.entries {
            let at = event::message_time(&message);
            if at.0 != 0 && at < self.began {
                continue;
            }
            let at = if at.0 == 0 { now } else { at };
            let mut entry = self.entry_about(id);
            if let Some(name) = entry.say(&message) {
                entry.event = name.to_owned();
                self.report(entry, at, out);
            }
        }
    }

    /// Removes a session that has ended, or with a reason, one that may continue where it cannot be seen.
    pub(super) fn end(
        &mut self,
        id: &InteractionId,
        reason: Option<&str>,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        if !self.sessions.contains_key(id) {
            return;
        }
        let name = if reason.is_some() { "session.released" } else { "session.done" };
        self.report_session(name, id, now, out, |entry| entry.reason = reason.map(str::to_owned));
        if let Some(session) = self.sessions.remove(id) {
            self.ended.retain(|(ended, _)| ended != id);
            self.ended.push_back((id.clone(), session.reported()));
            if self.ended.len() > MAX_ENDED {
                self.ended.pop_front();
            }
        }
        out.push(LiveUpdate::Gone(id.clone()));
    }

    /// The next preview that has to be opened.
    pub(super) fn next_preview(&mut self) -> Option<SilentPreview> {
        self.previews.pop_front()
    }

    /// A preview could not be opened. When the server offers it again, it is opened again.
    pub(super) fn preview_refused(&mut self, id: &InteractionId) {
        self.seen_previews.remove(id);
    }

    /// The connection was established again: every log is read again, and every session has to be confirmed.
    pub(super) fn resume(&mut self) {
        self.seen_previews.clear();
        self.previews.clear();
        self.wanted.clear();
        for (id, session) in &mut self.sessions {
            session.confirmed = false;
            session.log = LogStatus::Wanted;
            self.wanted.push_back(id.clone());
        }
    }

    /// Whether a session was seen since the connection was established.
    pub(super) fn is_confirmed(&self, id: &InteractionId) -> bool {
        self.sessions.get(id).is_some_and(|session| session.confirmed)
    }

    /// Removes the sessions that were not confirmed: they ended while the connection was lost.
    pub(super) fn end_unconfirmed(&mut self, now: Millis, out: &mut Vec<LiveUpdate>) {
        let lost: Vec<InteractionId> =
            self.sessions.iter().filter(|(_, one)| !one.confirmed).map(|(id, _)| id.clone()).collect();
        for id in lost {
            self.end(&id, Some(WHILE_LOST), now, out);
        }
    }

    /// The next session whose log has to be read; it counts as requested.
    pub(super) fn next_log(&mut self) -> Option<InteractionId> {
        loop {
            let id = self.wanted.pop_front()?;
            let session = self.sessions.get_mut(&id).filter(|session| session.log == LogStatus::Wanted);
            if let Some(session) = session {
                session.log = LogStatus::Requested;
                return Some(id);
            }
        }
    }

    /// Requests again the logs that could not be read.
    pub(super) fn retry_logs(&mut self) {
        for (id, session) in &mut self.sessions {
            if session.log == LogStatus::Failed {
                session.log = LogStatus::Wanted;
                self.wanted.push_back(id.clone());
            }
        }
    }

    /// How many entries are kept behind gaps.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.sessions.values().map(MonitoredSession::held).sum()
    }

    /// The common part of an entry about a session, without its event.
    fn entry_about(&self, id: &InteractionId) -> FeedEntry {
        let mut entry = FeedEntry { session: Some(id.clone()), ..FeedEntry::default() };
        if let Some(MonitoredSession { live, .. }) = self.sessions.get(id) {
            let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
            entry.agent.clone_from(&live.agent);
            entry.queue = some(&live.queue);
            entry.contact = some(&live.contact);
            entry.customer = some(&live.customer);
            entry.number.clone_from(&live.number);
        }
        entry
    }

    fn report_session(
        &mut self,
        name: &str,
        id: &InteractionId,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
        fill: impl FnOnce(&mut FeedEntry),
    ) {
        let mut entry = self.entry_about(id);
        entry.event = name.to_owned();
        fill(&mut entry);
        self.report(entry, now, out);
    }

    fn report(&mut self, mut entry: FeedEntry, at: Millis, out: &mut Vec<LiveUpdate>) {
        self.seq += 1;
        entry.seq = self.seq;
        entry.at = at.to_rfc3339();
        out.push(LiveUpdate::Entry(Box::new(entry)));
    }
}

/// The customer's name as the feed has it: without the mark for a name that nobody has verified.
fn customer(dto: &InteractionDto, read: &Interaction) -> Option<String> {
    let parties = dto.chat.iter().flat_map(|chat| &chat.participants);
    let party = parties.filter(|party| matches!(party.kind.as_str(), "Customer" | "Client"));
    let known = [&read.party.contact_name, &read.party.profile_name].into_iter().flatten().cloned();
    known
        .chain(party.map(|party| Clean::line(&party.nickname)))
        .find_map(|name| visible_name(&name).map(str::to_owned))
}

const LOGGED_OUT: &str = "Logged Out";

/// An agent's state, in the words of the feed.
fn state_label(agent: &MonitorableAgent) -> &'static str {
    match agent.availability {
        Availability::Agent { state: AgentState::LoggedOut, .. } => LOGGED_OUT,
        Availability::Agent { state, .. } => state.label(),
        Availability::Unknown | Availability::Ready(_) | Availability::Queue { .. } => "state unknown",
    }
}

/// The entry about a new state of an agent.
fn state_change(before: &MonitorableAgent, agent: &MonitorableAgent) -> Option<FeedEntry> {
    let (was, is) = (state_label(before), state_label(agent));
    if was == is && before.reason == agent.reason {
        return None;
    }
    let mut entry = FeedEntry { agent: Some(agent.id.clone()), ..FeedEntry::default() };
    match (was, is) {
        (_, LOGGED_OUT) => entry.event = "agent.signed-out".to_owned(),
        (LOGGED_OUT, _) => entry.event = "agent.signed-in".to_owned(),
        _ => {
            entry.event = "agent.state".to_owned();
            entry.state = Some(is.to_owned());
            entry.reason = agent.reason.as_ref().map(ToString::to_string);
        }
    }
    Some(entry)
}

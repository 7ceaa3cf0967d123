//! Monitors agents silently, one by one: the requests that this needs, and the effect of their replies.
//!
//! Owns: which agents are monitored, and what was requested. Must not: send, wait, or read a clock.
//! Invariants: after every lost connection everything is requested again; at most [`MAX_REQUESTS`] requests are under way,
//! and what a person waits for comes first.

use super::sessions::{MonitoredSessions, WHILE_LOST};
use super::update::LiveUpdate;
use crate::domain::{InteractionId, Millis, OperationId};
use crate::proto::event::Event;
use crate::proto::media::{InteractionDto, LogPage, LogQuery, MessageDto};
use crate::proto::monitorable::{self, MonitorableAgent};
use crate::proto::read_only::{ReadOnlyRequest, SilentPreview};
use crate::proto::session::{AgentGroupDto, ConfigurationDto, SessionDto};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

/// The interval in which agents and their states are read, and failed requests are repeated.
const REFRESH: Duration = Duration::from_secs(15);
/// The time for sessions to be confirmed after the last agent was monitored again.
const SETTLE: Duration = Duration::from_secs(5);
/// The maximum number of pending requests, so that a server with many agents is not flooded.
const MAX_REQUESTS: usize = 6;
/// The nickname of a supervisor who has none on the server. Nobody sees it.
const NICKNAME: &str = "Supervisor";

/// The purpose of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestPurpose {
    /// The groups whose agents may be monitored.
    Groups,
    /// The agents.
    Agents {
        /// Whether only agents of the known groups were requested.
        restricted: bool,
    },
    /// To monitor an agent.
    Start(String),
    /// To open a preview.
    Open(SilentPreview),
    /// The whole log of a session.
    Log {
        id: InteractionId,
        /// The entries that were read before; the request is for those that follow.
        before: Vec<MessageDto>,
    },
    /// A part of a transcript that a person wants to see.
    Transcript { id: InteractionId, part: LogQuery },
}

impl RequestPurpose {
    /// A name for the log. It contains nothing of a session's content.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::Agents { .. } => "agents",
            Self::Start(_) => "start monitoring",
            Self::Open(_) => "open preview",
            Self::Log { .. } => "log",
            Self::Transcript { .. } => "transcript",
        }
    }
}

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyFailure {
    /// The HTTP status with which the server refused it; `None` when it is not known whether the server did anything.
    pub refused: Option<u16>,
    pub reason: String,
}

/// Whether an agent is monitored.
#[derive(Clone, Debug, PartialEq, Eq)]
enum AgentStatus {
    /// Monitoring has to be requested.
    New,
    Requested,
    /// Not known whether it began. It is requested again after [`REFRESH`].
    Failed,
    Monitored,
    Refused {
        http: u16,
        /// The agent at that time. When they change, it is requested again: somebody may have signed in.
        was: Box<MonitorableAgent>,
    },
}

/// A supervisor who monitors agents silently, as a state machine.
#[derive(Debug)]
pub struct SilentMonitoring {
    sessions: MonitoredSessions,
    groups: Vec<AgentGroupDto>,
    /// Whether the agents are requested by group. Not every server answers that.
    is_restricted: bool,
    agents: BTreeMap<String, AgentStatus>,
    under_way: HashMap<OperationId, RequestPurpose>,
    /// Requests that are sent before all others and in addition to [`MAX_REQUESTS`].
    urgent: VecDeque<RequestPurpose>,
    transcripts: VecDeque<(InteractionId, LogQuery)>,
    nickname: String,
    is_online: bool,
    /// Whether the agents were ever read.
    is_known: bool,
    refresh_at: Option<Millis>,
    settle_at: Option<Millis>,
    /// Whether `settle_at` has been set on this connection.
    is_settling: bool,
    /// Whether the server has begun a new session, so that it will send everything again.
    is_fresh: bool,
    /// Whether the server lists monitored sessions among those of the supervisor.
    is_listing: bool,
    /// The numbers of monitored and refused agents in the last report.
    counted: Option<(usize, usize)>,
    refusal: Option<String>,
}

impl SilentMonitoring {
    /// Before the first connection. Entries that are older than `now` will not be reported.
    pub fn new(now: Millis) -> Self {
        Self {
            sessions: MonitoredSessions::new(now),
            groups: Vec::new(),
            is_restricted: true,
            agents: BTreeMap::new(),
            under_way: HashMap::new(),
            urgent: VecDeque::new(),
            transcripts: VecDeque::new(),
            nickname: String::new(),
            is_online: false,
            is_known: false,
            refresh_at: None,
            settle_at: None,
            is_settling: false,
            is_fresh: true,
            is_listing: false,
            counted: None,
            refusal: None,
        }
    }

    /// Why there is nobody to monitor, once that is known: the caller then ends the connection.
    pub const fn take_refusal(&mut self) -> Option<String> {
        self.refusal.take()
    }

    /// The monitored sessions.
    pub const fn sessions(&self) -> &MonitoredSessions {
        &self.sessions
    }

    /// Whether the agents are known, so that the live view is complete.
    pub const fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether there is a connection.
    pub const fn is_online(&self) -> bool {
        self.is_online
    }

    /// Requests a part of a transcript; it arrives as [`LiveUpdate::Transcript`].
    pub fn read(&mut self, id: InteractionId, part: LogQuery) {
        self.transcripts.push_back((id, part));
    }

    /// The connection was established: the agents, every session and every log are requested, again after a lost one.
    pub fn connected(&mut self, session: &SessionDto, is_fresh: bool, now: Millis) -> Vec<LiveUpdate> {
        let mut out = vec![LiveUpdate::Online];
        self.is_online = true;
        self.is_fresh = is_fresh;
        self.refresh_at = None;
        self.settle_at = None;
        self.is_settling = false;
        self.urgent.clear();
        // Requests of the old connection may never be answered. A person waits for a transcript.
        for (_, purpose) in self.under_way.drain() {
            if let RequestPurpose::Transcript { id, part } = purpose {
                self.transcripts.push_back((id, part));
            }
        }
        for status in self.agents.values_mut() {
            *status = AgentStatus::New;
        }
        self.sessions.resume();
        if let Some(user) = &session.user {
            let name = [&user.first_name, &user.user_name].into_iter().find(|name| !name.is_empty());
            self.nickname = name.cloned().unwrap_or_else(|| NICKNAME.to_owned());
            let channels = user.active_session.iter().flat_map(|active| &active.media.channels);
            for open in channels.flat_map(|channel| &channel.interactions) {
                if let Ok(dto) = serde_json::from_value::<InteractionDto>(open.clone()) {
                    self.is_listing |= dto.monitor_mode.is_some();
                    self.sessions.interaction(&dto, now, &mut out);
                }
            }
        }
        if let Some(configuration) = &session.configuration {
            self.learn_groups(configuration);
            out.push(LiveUpdate::Configured(Box::new(configuration.clone())));
        }
        self.urgent.push_back(RequestPurpose::Groups);
        out
    }

    /// The connection was lost, or ended.
    pub const fn disconnected(&mut self) {
        self.is_online = false;
    }

    /// Takes an event of the server.
    pub fn event(&mut self, event: Event, now: Millis) -> Vec<LiveUpdate> {
        let mut out = Vec::new();
        match event {
            Event::Interaction { interaction, .. } => self.sessions.interaction(&interaction, now, &mut out),
            Event::Messages { interaction_id, messages, .. } => {
                self.sessions.messages(&interaction_id.as_str().into(), messages, now, &mut out);
            }
            Event::InitializationProgress(_)
            | Event::InitializationComplete(_)
            | Event::InitializationFailed(_)
            | Event::Channels(_)
            | Event::History { .. }
            | Event::Workbins(_)
            | Event::Contacts(_)
            | Event::Responses { .. }
            | Event::Service { .. }
            | Event::Error { .. }
            | Event::TransferOutcome { .. }
            | Event::Declined { .. }
            | Event::Seen { .. }
            | Event::Account { .. }
            | Event::Other { .. } => {}
        }
        out
    }

    /// The next moment at which [`Self::wake`] has something to do.
    pub fn next_wake(&self) -> Option<Millis> {
        [self.refresh_at, self.settle_at].into_iter().flatten().filter(|_| self.is_online).min()
    }

    /// Does what is due.
    pub fn wake(&mut self, now: Millis) -> Vec<LiveUpdate> {
        let mut out = Vec::new();
        if !self.is_online {
            return out;
        }
        if self.refresh_at.take_if(|at| *at <= now).is_some() {
            self.sessions.retry_logs();
            self.request_agents();
        }
        // Sessions that were not confirmed have ended, unless the server never said which ones continue.
        if self.settle_at.take_if(|at| *at <= now).is_some() && (self.is_fresh || self.is_listing) {
            self.sessions.end_unconfirmed(now, &mut out);
        }
        out
    }

    /// The next request to send. The caller reports its outcome with [`Self::sent`] or [`Self::answer`].
    pub fn next_request(&mut self) -> Option<(ReadOnlyRequest, RequestPurpose)> {
        if !self.is_online {
            return None;
        }
        let purpose = match self.urgent.pop_front() {
            Some(urgent) => urgent,
            None if self.under_way.len() >= MAX_REQUESTS => return None,
            None => self.next_purpose()?,
        };
        Some((self.request(&purpose), purpose))
    }

    fn request(&self, purpose: &RequestPurpose) -> ReadOnlyRequest {
        let log = |id: &InteractionId, part| ReadOnlyRequest::Log {
            media: self.sessions.media(id).to_owned(),
            id: id.clone(),
            part,
        };
        match purpose {
            RequestPurpose::Groups => ReadOnlyRequest::Groups,
            RequestPurpose::Agents { restricted: false } => ReadOnlyRequest::Agents(Vec::new()),
            RequestPurpose::Agents { restricted: true } => {
                ReadOnlyRequest::Agents(self.groups.iter().map(|group| group.name.clone()).collect())
            }
            RequestPurpose::Start(agent) => ReadOnlyRequest::Start(agent.clone()),
            RequestPurpose::Open(preview) => {
                ReadOnlyRequest::Accept { preview: preview.clone(), nickname: self.nickname.clone() }
            }
            RequestPurpose::Log { id, before } => {
                log(id, LogQuery::after(before.last().map_or(0, |message| message.index)))
            }
            RequestPurpose::Transcript { id, part } => log(id, *part),
        }
    }

    fn next_purpose(&mut self) -> Option<RequestPurpose> {
        if let Some(preview) = self.sessions.next_preview() {
            return Some(RequestPurpose::Open(preview));
        }
        if let Some((id, part)) = self.transcripts.pop_front() {
            return Some(RequestPurpose::Transcript { id, part });
        }
        let new = self.agents.iter_mut().find(|(_, status)| **status == AgentStatus::New);
        if let Some((agent, status)) = new {
            *status = AgentStatus::Requested;
            return Some(RequestPurpose::Start(agent.clone()));
        }
        self.sessions.next_log().map(|id| RequestPurpose::Log { id, before: Vec::new() })
    }

    /// Records that a request was sent.
    pub fn sent(&mut self, operation: OperationId, purpose: RequestPurpose) {
        self.under_way.insert(operation, purpose);
    }

    /// Removes and returns the purpose of a request whose reply has arrived; `None` for one of an earlier
    /// connection.
    pub fn take_purpose(&mut self, operation: &OperationId) -> Option<RequestPurpose> {
        self.under_way.remove(operation)
    }

    /// Applies the result of a request: the data of the reply, or the failure.
    pub fn answer(
        &mut self,
        purpose: RequestPurpose,
        result: Result<Json, ReplyFailure>,
        now: Millis,
    ) -> Vec<LiveUpdate> {
        let mut out = Vec::new();
        match purpose {
            RequestPurpose::Groups => {
                // A server that does not know these groups may still mark the agents who may be monitored.
                if let Some(configuration) = result.ok().and_then(|data| serde_json::from_value(data).ok()) {
                    self.learn_groups(&configuration);
                }
                self.request_agents();
            }
            RequestPurpose::Agents { restricted } => self.agents_read(restricted, result, now, &mut out),
            RequestPurpose::Start(agent) => self.started(&agent, result, now, &mut out),
            RequestPurpose::Open(preview) => {
                if result.is_err() {
                    self.sessions.preview_refused(preview.id());
                }
            }
            RequestPurpose::Log { id, before } => self.log_read(id, before, result, now, &mut out),
            RequestPurpose::Transcript { id, part } => {
                let result = log_page(result).map_err(|failure| failure.reason);
                out.push(LiveUpdate::Transcript { id, part, result });
            }
        }
        out
    }

    /// The agents whose monitoring has to be ended, as far as that is known.
    pub fn monitored_agents(&self) -> Vec<String> {
        let is_begun =
            |status: &AgentStatus| matches!(status, AgentStatus::Monitored | AgentStatus::Requested);
        self.agents.iter().filter(|(_, status)| is_begun(status)).map(|(id, _)| id.clone()).collect()
    }

    fn learn_groups(&mut self, configuration: &ConfigurationDto) {
        if !configuration.monitorable_agent_groups.is_empty() {
            self.groups.clone_from(&configuration.monitorable_agent_groups);
        }
        let known = monitorable::known_groups(configuration);
        self.sessions.name_groups(known.map(|group| (group.dbid, group.name.clone())));
    }

    fn request_agents(&mut self) {
        let restricted = self.is_restricted && !self.groups.is_empty();
        self.urgent.push_back(RequestPurpose::Agents { restricted });
    }

    fn agents_read(
        &mut self,
        restricted: bool,
        result: Result<Json, ReplyFailure>,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        if !self.is_online {
            return;
        }
        self.refresh_at = Some(now.plus(REFRESH));
        let Ok(data) = result else { return };
        let agents = monitorable::agents(&data);
        if restricted && agents.is_empty() && self.agents.is_empty() {
            // Not every server takes several groups, or their names.
            self.is_restricted = false;
            return self.request_agents();
        }
        let agents = monitorable::chosen(agents, &self.groups, restricted);
        if agents.is_empty() && !self.is_known {
            let reason = "this server names no agents that you may monitor".to_owned();
            self.refusal = Some(reason);
            return;
        }
        let ids: BTreeSet<&str> = agents.iter().map(|agent| agent.id.as_str()).collect();
        self.agents.retain(|id, _| ids.contains(id.as_str()));
        for agent in &agents {
            let status = self.agents.entry(agent.id.clone()).or_insert(AgentStatus::New);
            let is_again = match status {
                AgentStatus::Refused { was, .. } => **was != *agent,
                AgentStatus::Failed => true,
                AgentStatus::New | AgentStatus::Requested | AgentStatus::Monitored => false,
            };
            if is_again {
                *status = AgentStatus::New;
            }
        }
        let mut changes = Vec::new();
        self.sessions.set_agents(agents, now, &mut changes);
        if !std::mem::replace(&mut self.is_known, true) {
            out.push(LiveUpdate::Known);
        }
        out.append(&mut changes);
        self.count(now, out);
    }

    fn started(
        &mut self,
        id: &str,
        result: Result<Json, ReplyFailure>,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        let agent = self.sessions.agent(id).cloned();
        let Some(status) = self.agents.get_mut(id) else { return };
        *status = match (result, agent) {
            (Ok(_), _) => AgentStatus::Monitored,
            (Err(ReplyFailure { refused: Some(http), .. }), Some(agent)) => {
                AgentStatus::Refused { http, was: Box::new(agent) }
            }
            (Err(_), _) => AgentStatus::Failed,
        };
        self.count(now, out);
    }

    /// Reports how many agents are monitored, once every one has been answered.
    fn count(&mut self, now: Millis, out: &mut Vec<LiveUpdate>) {
        let (mut monitored, mut refused, mut forbidden) = (0, 0, 0);
        for status in self.agents.values() {
            match status {
                AgentStatus::New | AgentStatus::Requested | AgentStatus::Failed => return,
                AgentStatus::Monitored => monitored += 1,
                AgentStatus::Refused { http, .. } => {
                    refused += 1;
                    forbidden += usize::from(*http == 403);
                }
            }
        }
        if self.counted.is_none() && forbidden > 0 && forbidden == self.agents.len() {
            let reason = "this server lets you monitor no agent".to_owned();
            self.refusal = Some(reason);
            return;
        }
        if self.counted.replace((monitored, refused)) != Some((monitored, refused)) {
            out.push(LiveUpdate::Counted { monitored, refused });
        }
        if !std::mem::replace(&mut self.is_settling, true) {
            self.settle_at = Some(now.plus(SETTLE));
        }
    }

    fn log_read(
        &mut self,
        id: InteractionId,
        mut before: Vec<MessageDto>,
        result: Result<Json, ReplyFailure>,
        now: Millis,
        out: &mut Vec<LiveUpdate>,
    ) {
        match log_page(result) {
            Ok(page) => {
                before.extend(page.messages);
                if page.newer {
                    self.urgent.push_back(RequestPurpose::Log { id, before });
                } else {
                    self.sessions.log(&id, Some(before), now, out);
                }
            }
            // A supervisor who may no longer read the log does not monitor the session any more.
            Err(ReplyFailure { refused: Some(403 | 404 | 410), .. }) if !self.sessions.is_confirmed(&id) => {
                self.sessions.end(&id, Some(WHILE_LOST), now, out);
            }
            Err(_) => self.sessions.log(&id, None, now, out),
        }
    }
}

/// A page of a log.
fn log_page(result: Result<Json, ReplyFailure>) -> Result<LogPage, ReplyFailure> {
    serde_json::from_value(result?)
        .map_err(|error| ReplyFailure { refused: None, reason: format!("the log cannot be read: {error}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Millis = Millis(1_800_000_000_000);

    /// A monitoring supervisor, and the requests that were sent and not answered.
    struct Supervisor {
        monitoring: SilentMonitoring,
        sent: Vec<(ReadOnlyRequest, RequestPurpose)>,
    }

    impl Supervisor {
        fn online() -> Self {
            let mut supervisor = Self { monitoring: SilentMonitoring::new(NOW), sent: Vec::new() };
            let session = json!({"user": {"userName": "sam"},
                "configuration": {"monitorableAgentGroups": [{"DBID": 106, "name": "Sales"}]}});
            let session: SessionDto = serde_json::from_value(session).unwrap();
            let out = supervisor.monitoring.connected(&session, true, NOW);
            assert_eq!(out.first(), Some(&LiveUpdate::Online));
            supervisor
        }

        /// Sends what is due.
        fn requests(&mut self) -> Vec<ReadOnlyRequest> {
            let mut requests = Vec::new();
            while let Some((request, purpose)) = self.monitoring.next_request() {
                self.monitoring.sent(format!("op-{}", self.sent.len()).as_str().into(), purpose.clone());
                self.sent.push((request.clone(), purpose));
                requests.push(request);
            }
            requests
        }

        /// Answers a request, by its place among all that were sent.
        fn answer(&mut self, place: usize, result: Result<Json, ReplyFailure>) -> Vec<LiveUpdate> {
            let operation = OperationId::from(format!("op-{place}"));
            let purpose = self.monitoring.take_purpose(&operation).unwrap();
            assert_eq!(purpose, self.sent[place].1);
            self.monitoring.answer(purpose, result, NOW)
        }

        /// Answers the first two requests, with agents in the group.
        fn learns(&mut self, agents: &[&str]) -> Vec<LiveUpdate> {
            assert_eq!(self.requests(), [ReadOnlyRequest::Groups]);
            assert_eq!(self.answer(0, Ok(json!({}))), []);
            assert_eq!(self.requests(), [ReadOnlyRequest::Agents(vec!["Sales".into()])]);
            self.answer(1, Ok(targets(agents)))
        }
    }

    fn targets(agents: &[&str]) -> Json {
        let agent = |id: &&str| json!({"type": "agent", "employeeId": id, "agentGroupsIds": ["106"]});
        json!({"targets": agents.iter().map(agent).collect::<Vec<_>>()})
    }

    fn refused(http: u16) -> Result<Json, ReplyFailure> {
        Err(ReplyFailure { refused: Some(http), reason: "no".into() })
    }

    #[test]
    fn agents_are_monitored_and_counted_after_the_last_reply() {
        let mut supervisor = Supervisor::online();
        assert_eq!(supervisor.learns(&["ana", "ben"]), [LiveUpdate::Known, LiveUpdate::Agents]);
        let start = |agent: &str| ReadOnlyRequest::Start(agent.into());
        assert_eq!(supervisor.requests(), [start("ana"), start("ben")]);
        assert_eq!(supervisor.answer(2, Ok(json!({}))), []);
        let counted = LiveUpdate::Counted { monitored: 1, refused: 1 };
        assert_eq!(supervisor.answer(3, refused(409)), [counted]);
        assert_eq!(supervisor.monitoring.monitored_agents(), ["ana"]);
        // Then unconfirmed sessions have some time, and the agents are read again.
        assert_eq!(supervisor.monitoring.next_wake(), Some(NOW.plus(SETTLE)));
        assert_eq!(supervisor.monitoring.wake(NOW.plus(SETTLE)), []);
        assert_eq!(supervisor.monitoring.next_wake(), Some(NOW.plus(REFRESH)));
        supervisor.monitoring.wake(NOW.plus(REFRESH));
        assert!(matches!(supervisor.requests().as_slice(), [ReadOnlyRequest::Agents(_)]));
    }

    #[test]
    fn without_an_agent_monitoring_is_refused() {
        let mut nobody = Supervisor::online();
        nobody.learns(&[]);
        assert_eq!(nobody.requests(), [ReadOnlyRequest::Agents(Vec::new())], "once more without groups");
        assert_eq!(nobody.answer(2, Ok(targets(&[]))), []);
        assert!(nobody.monitoring.take_refusal().unwrap().contains("names no agents"));
        let mut forbidden = Supervisor::online();
        forbidden.learns(&["ana"]);
        forbidden.requests();
        assert_eq!(forbidden.answer(2, refused(403)), []);
        assert!(forbidden.monitoring.take_refusal().unwrap().contains("monitor no agent"));
    }

    #[test]
    fn a_transcript_comes_first_and_few_requests_are_under_way() {
        let mut supervisor = Supervisor::online();
        supervisor.learns(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        supervisor.monitoring.read("i".into(), LogQuery::NEWEST);
        let requests = supervisor.requests();
        assert_eq!(requests.len(), MAX_REQUESTS);
        assert!(matches!(requests.first(), Some(ReadOnlyRequest::Log { .. })));
        assert!(matches!(supervisor.answer(2, Ok(json!({}))).as_slice(), [LiveUpdate::Transcript { .. }]));
        assert_eq!(supervisor.requests().len(), 1, "a reply makes room");
    }

    #[test]
    fn a_lost_connection_begins_everything_again() {
        let mut supervisor = Supervisor::online();
        supervisor.learns(&["ana"]);
        supervisor.monitoring.read("i".into(), LogQuery::NEWEST);
        supervisor.requests();
        supervisor.monitoring.disconnected();
        assert_eq!((supervisor.requests().len(), supervisor.monitoring.next_wake()), (0, None));
        supervisor.monitoring.connected(&SessionDto::default(), true, NOW);
        let requests = supervisor.requests();
        assert!(
            matches!(
                requests.as_slice(),
                [ReadOnlyRequest::Groups, ReadOnlyRequest::Log { .. }, ReadOnlyRequest::Start(_)]
            ),
            "{requests:?}"
        );
    }
}

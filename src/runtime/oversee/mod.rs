//! Watching over the plain Workspace API, for servers that keep no feed: agents are monitored silently, and what that
//! brings as events is made into what monitor and tail show.
//!
//! Owns: whom it monitors, what it has asked. Must not: write into a session; see [`crate::net::oversee`].
//! Invariants: after every break everything is begun again; what was begun is ended, as far as the server can be told.

mod floor;

pub use floor::{Floor, Tell};

use super::clock;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::{InteractionId, OperationId};
use crate::net::oversee::{self, ReadOnlyClient, ReadOnlyRequest, SilentPreview};
use crate::net::{CallError, ConnectionSettings, FromNet, LinkState, StopReason};
use crate::proto::envelope::Envelope;
use crate::proto::event::Event;
use crate::proto::media::{InteractionDto, LogPage, LogQuery, MessageDto};
use crate::proto::monitorable::{self, Agent};
use crate::proto::session::{AgentGroupDto, ConfigurationDto, SessionDto};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::future::pending;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// How often it is looked what agents do, whether there are others, and what failed is tried again.
const REFRESH: Duration = Duration::from_secs(15);
/// How long after the last agent was begun anew a session may take to be seen again.
const SETTLE: Duration = Duration::from_secs(5);
/// Time for everything that was begun to be ended.
pub const GOODBYE: Duration = Duration::from_secs(2);
/// Requests on their way at a time, so that a large floor does not fall upon its server.
const AT_ONCE: usize = 6;

/// What is new.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The connection stands.
    Online,
    /// What the server has configured.
    Configured(Box<ConfigurationDto>),
    /// It broke, and is tried again by itself.
    Lost {
        /// What happened, a sentence without its full stop.
        reason: String,
        /// Time until the next attempt.
        retry_in: Duration,
    },
    /// There is no more to come.
    Stopped(StopReason),
    /// Who there is is known now: from here on the floor is what it says.
    Known,
    /// Something of the floor.
    Floor(Tell),
    /// How many agents are monitored, and how many could not be.
    Watching {
        /// So many are.
        monitored: usize,
        /// So many refused.
        refused: usize,
    },
    /// A transcript that was asked for.
    Transcript {
        /// The session.
        id: InteractionId,
        /// The part to read.
        part: LogQuery,
        /// The part, or why it could not be read.
        result: Result<LogPage, String>,
    },
}

/// What an answer will be about.
#[derive(Debug)]
enum Asked {
    Groups,
    Agents {
        restricted: bool,
    },
    Start(String),
    Look(InteractionId),
    /// The whole log; `before` holds the entries that were read already.
    Log {
        id: InteractionId,
        before: Vec<MessageDto>,
    },
    Transcript {
        id: InteractionId,
        part: LogQuery,
    },
}

/// How it stands with an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// To be begun.
    New,
    /// Asked for.
    Asked,
    /// Not known whether it was begun: another time.
    Failed,
    /// Monitored.
    Monitored,
    /// The server said no.
    Refused {
        /// HTTP status.
        http: u16,
        /// How the agent was then.
        was: Box<Agent>,
    },
}

/// One who watches.
#[derive(Debug)]
pub struct Oversight {
    line: ReadOnlyClient,
    from: mpsc::Receiver<FromNet>,
    task: JoinHandle<()>,
    floor: Floor,
    groups: Vec<AgentGroupDto>,
    /// Whether the server answers with somebody when it is asked for groups.
    restricts: bool,
    agents: BTreeMap<String, Standing>,
    asked: HashMap<OperationId, Asked>,
    transcripts: VecDeque<(InteractionId, LogQuery)>,
    previews: VecDeque<SilentPreview>,
    nickname: String,
    online: bool,
    known: bool,
    refresh: Option<Instant>,
    settle: Option<Instant>,
    /// Whether that moment has been set on this connection.
    settling: bool,
    /// Whether the server has begun a new session, so that it has to tell everything anew.
    fresh: bool,
    /// Whether the server lists monitored sessions among those of the supervisor.
    lists: bool,
    said: Option<(usize, usize)>,
}

impl Oversight {
    /// Starts to connect.
    pub fn start(settings: ConnectionSettings) -> Self {
        let (line, from, task) = oversee::start(settings);
        Self {
            line,
            from,
            task,
            floor: Floor::new(clock::now()),
            groups: Vec::new(),
            restricts: true,
            agents: BTreeMap::new(),
            asked: HashMap::new(),
            transcripts: VecDeque::new(),
            previews: VecDeque::new(),
            nickname: String::new(),
            online: false,
            known: false,
            refresh: None,
            settle: None,
            settling: false,
            fresh: true,
            lists: false,
            said: None,
        }
    }

    /// What is known.
    pub const fn floor(&self) -> &Floor {
        &self.floor
    }

    /// Requests a part of a transcript; it arrives as news.
    pub fn read(&mut self, id: InteractionId, part: LogQuery) {
        self.transcripts.push_back((id, part));
        self.pump();
    }

    /// What is new next, never empty. May be dropped at any time without loss.
    pub async fn next(&mut self) -> Vec<News> {
        loop {
            let mut news = Vec::new();
            tokio::select! {
                Some(report) = self.from.recv() => self.take(report, &mut news),
                () = at(self.refresh), if self.online => {
                    self.refresh = None;
                    self.floor.retry_logs();
                    self.ask_agents();
                }
                () = at(self.settle), if self.online => {
                    self.settle = None;
                    self.settled(&mut news);
                }
                else => pending().await,
            }
            self.pump();
            if !news.is_empty() {
                return news;
            }
        }
    }

    fn take(&mut self, report: FromNet, news: &mut Vec<News>) {
        match report {
            FromNet::Link(LinkState::Lost { reason, retry_in }) => {
                self.online = false;
                news.push(News::Lost { reason, retry_in });
            }
            FromNet::Link(LinkState::Stopped { reason }) => {
                self.online = false;
                news.push(News::Stopped(reason));
            }
            FromNet::Link(_) | FromNet::Latency(_) => {}
            FromNet::SessionStarted { session, fresh, .. } => self.begin(&session, fresh, news),
            FromNet::Event(event) => self.event(event, news),
            FromNet::Reply { operation, result, .. } => {
                if let Some(asked) = self.asked.remove(&operation) {
                    self.answer(asked, result, news);
                }
            }
        }
    }

    /// Begins, or begins again after a break: whom to monitor, every session, every log.
    fn begin(&mut self, session: &SessionDto, fresh: bool, news: &mut Vec<News>) {
        self.online = true;
        self.fresh = fresh;
        self.refresh = None;
        self.settle = None;
        self.settling = false;
        self.previews.clear();
        // What was asked before may never be answered. Somebody waits for a transcript.
        for (_, asked) in self.asked.drain() {
            if let Asked::Transcript { id, part } = asked {
                self.transcripts.push_back((id, part));
            }
        }
        for standing in self.agents.values_mut() {
            *standing = Standing::New;
        }
        self.floor.resume();
        news.push(News::Online);
        if let Some(user) = &session.user {
            let name = [&user.first_name, &user.user_name].into_iter().find(|name| !name.is_empty());
            self.nickname = name.cloned().unwrap_or_else(|| "Supervisor".to_owned());
            let channels = user.active_session.iter().flat_map(|active| &active.media.channels);
            for open in channels.flat_map(|channel| &channel.interactions) {
                if let Ok(dto) = serde_json::from_value::<InteractionDto>(open.clone()) {
                    self.lists |= dto.monitor_mode.is_some();
                    self.event(
                        Event::Interaction {
                            interaction: Box::new(dto),
                            notification: String::new(),
                            operation_id: None,
                        },
                        news,
                    );
                }
            }
        }
        if let Some(configuration) = &session.configuration {
            self.learn_groups(configuration);
            news.push(News::Configured(Box::new(configuration.clone())));
        }
        self.ask(ReadOnlyRequest::Groups, Asked::Groups);
    }

    fn event(&mut self, event: Event, news: &mut Vec<News>) {
        let (now, mut out) = (clock::now(), Vec::new());
        match event {
            Event::Interaction { interaction, .. } => self.floor.interaction(&interaction, now, &mut out),
            Event::Messages { interaction_id, messages, .. } => {
                self.floor.messages(&interaction_id.as_str().into(), messages, now, &mut out);
            }
            _ => {}
        }
        self.tell(out, news);
    }

    fn tell(&mut self, out: Vec<Tell>, news: &mut Vec<News>) {
        for tell in out {
            match tell {
                Tell::Preview(preview) => self.previews.push_back(preview),
                other => news.push(News::Floor(other)),
            }
        }
    }

    fn learn_groups(&mut self, configuration: &ConfigurationDto) {
        if !configuration.monitorable_agent_groups.is_empty() {
            self.groups.clone_from(&configuration.monitorable_agent_groups);
        }
        let known = monitorable::known_groups(configuration);
        self.floor.name_groups(known.map(|group| (group.dbid, group.name.clone())));
    }

    fn ask_agents(&mut self) {
        let names = if self.restricts {
            self.groups.iter().map(|group| group.name.clone()).collect()
        } else {
            Vec::new()
        };
        let restricted = !names.is_empty();
        self.ask(ReadOnlyRequest::Agents(names), Asked::Agents { restricted });
    }

    fn answer(&mut self, asked: Asked, result: Result<Envelope, CallError>, news: &mut Vec<News>) {
        match asked {
            Asked::Groups => {
                // A server that does not know these groups may still mark who may be monitored.
                if let Some(configuration) =
                    result.ok().and_then(|envelope| serde_json::from_value(envelope.data).ok())
                {
                    self.learn_groups(&configuration);
                }
                if self.online {
                    self.ask_agents();
                }
            }
            Asked::Agents { restricted } => self.staffed(restricted, result, news),
            Asked::Start(agent) => self.started(agent, result, news),
            Asked::Look(id) => {
                if result.is_err() {
                    self.floor.refused(&id);
                }
            }
            Asked::Log { id, mut before } => {
                let (now, mut out) = (clock::now(), Vec::new());
                let unseen = !self.floor.is_confirmed(&id);
                match page(result) {
                    Ok(page) => {
                        before.extend(page.messages);
                        let last = before.last().map_or(0, |message| message.index);
                        let next = ReadOnlyRequest::Log {
                            media: self.floor.media(&id).unwrap_or(MEDIA_TYPE).to_owned(),
                            id: id.clone(),
                            part: LogQuery::after(last),
                        };
                        if page.newer {
                            self.ask(next, Asked::Log { id, before });
                            return;
                        }
                        self.floor.log(&id, Some(before), now, &mut out);
                    }
                    // Who may not read it any more does not monitor it any more.
                    Err(CallError::Refused { http: 403 | 404 | 410, .. }) if unseen => {
                        self.floor.over(&id, Some("while the connection was lost"), now, &mut out);
                    }
                    Err(_) => self.floor.log(&id, None, now, &mut out),
                }
                self.tell(out, news);
            }
            Asked::Transcript { id, part } => {
                let result = page(result).map_err(|error| error.to_string());
                news.push(News::Transcript { id, part, result });
            }
        }
    }

    fn staffed(&mut self, restricted: bool, result: Result<Envelope, CallError>, news: &mut Vec<News>) {
        if !self.online {
            return;
        }
        self.refresh = Some(Instant::now() + REFRESH);
        let data = match result {
            Ok(envelope) => envelope.data,
            Err(error) => {
                tracing::warn!(%error, "who can be monitored is not told");
                return;
            }
        };
        let agents = monitorable::agents(&data);
        if restricted && agents.is_empty() && self.agents.is_empty() {
            // Not every server takes several groups, or names of them.
            self.restricts = false;
            return self.ask_agents();
        }
        let agents = monitorable::chosen(agents, &self.groups, restricted);
        if agents.is_empty() && !self.known {
            let why = "this server names no agents that you may monitor".to_owned();
            news.push(News::Stopped(StopReason::NotAuthorised(why)));
            return;
        }
        let here: BTreeSet<&str> = agents.iter().map(|agent| agent.id.as_str()).collect();
        self.agents.retain(|id, _| here.contains(id.as_str()));
        for agent in &agents {
            match self.agents.get_mut(&agent.id) {
                None => drop(self.agents.insert(agent.id.clone(), Standing::New)),
                Some(standing) => match standing {
                    // Somebody who was not there when asked may be now.
                    Standing::Refused { was, .. } if **was != *agent => *standing = Standing::New,
                    Standing::Failed => *standing = Standing::New,
                    _ => {}
                },
            }
        }
        let mut out = Vec::new();
        self.floor.staff(agents, clock::now(), &mut out);
        if !std::mem::replace(&mut self.known, true) {
            news.push(News::Known);
        }
        self.tell(out, news);
        self.watched(news);
    }

    fn started(&mut self, id: String, result: Result<Envelope, CallError>, news: &mut Vec<News>) {
        let agent = self.floor.agent(&id).cloned();
        let Some(standing) = self.agents.get_mut(&id) else { return };
        *standing = match (result, agent) {
            (Ok(_), _) => Standing::Monitored,
            (Err(CallError::Refused { http, message, .. }), Some(agent)) => {
                tracing::info!(http, message, "an agent cannot be monitored");
                Standing::Refused { http, was: Box::new(agent) }
            }
            (Err(_), _) => Standing::Failed,
        };
        self.watched(news);
    }

    /// Says how many are monitored once everybody has answered.
    fn watched(&mut self, news: &mut Vec<News>) {
        let open = |one: &Standing| matches!(one, Standing::New | Standing::Asked | Standing::Failed);
        if self.agents.values().any(open) {
            return;
        }
        let of = |is: fn(&Standing) -> bool| self.agents.values().filter(|one| is(one)).count();
        let refused = of(|one| matches!(one, Standing::Refused { .. }));
        let counts = (self.agents.len() - refused, refused);
        if self.said.is_none()
            && refused > 0
            && of(|one| matches!(one, Standing::Refused { http: 403, .. })) == self.agents.len()
        {
            let why = "this server lets you monitor no agent".to_owned();
            news.push(News::Stopped(StopReason::NotAuthorised(why)));
            return;
        }
        if self.said != Some(counts) {
            self.said = Some(counts);
            news.push(News::Watching { monitored: counts.0, refused });
        }
        if !std::mem::replace(&mut self.settling, true) {
            self.settle = Some(Instant::now() + SETTLE);
        }
    }

    /// What ended while nobody looked is let go, where the server has told what goes on.
    fn settled(&mut self, news: &mut Vec<News>) {
        if self.fresh || self.lists {
            let mut out = Vec::new();
            self.floor.settle(clock::now(), &mut out);
            self.tell(out, news);
        }
    }

    fn ask(&mut self, wish: ReadOnlyRequest, asked: Asked) -> bool {
        let operation = self.line.try_send(wish);
        let sent = operation.is_some();
        if let Some(operation) = operation {
            self.asked.insert(operation, asked);
        }
        sent
    }

    /// Asks for what is due, so much at a time: what a person waits for first.
    fn pump(&mut self) {
        while self.online && self.asked.len() < AT_ONCE {
            let log = |floor: &Floor, id: &InteractionId, part| ReadOnlyRequest::Log {
                media: floor.media(id).unwrap_or(MEDIA_TYPE).to_owned(),
                id: id.clone(),
                part,
            };
            let sent = if let Some(preview) = self.previews.pop_front() {
                let (id, nickname) = (preview.id().clone(), self.nickname.clone());
                self.ask(ReadOnlyRequest::Accept { preview, nickname }, Asked::Look(id))
            } else if let Some((id, part)) = self.transcripts.pop_front() {
                self.ask(log(&self.floor, &id, part), Asked::Transcript { id, part })
            } else if let Some(agent) = self.next_start() {
                self.ask(ReadOnlyRequest::Start(agent.clone()), Asked::Start(agent))
            } else if let Some(id) = self.floor.next_log() {
                self.ask(log(&self.floor, &id, LogQuery::after(0)), Asked::Log { id, before: Vec::new() })
            } else {
                return;
            };
            if !sent {
                return;
            }
        }
    }

    fn next_start(&mut self) -> Option<String> {
        let (id, standing) =
            self.agents.iter_mut().find(|(_, standing)| matches!(standing, Standing::New))?;
        *standing = Standing::Asked;
        Some(id.clone())
    }

    /// Ends what was begun, as far as that is done within [`GOODBYE`].
    pub async fn end(mut self) {
        let task = self.task.abort_handle();
        let bye = async {
            if self.online {
                let begun = |standing: &Standing| matches!(standing, Standing::Monitored | Standing::Asked);
                let begun = self.agents.iter().filter(|(_, one)| begun(one)).map(|(id, _)| id.clone());
                let mut stops = BTreeSet::new();
                for agent in begun.collect::<Vec<_>>() {
                    stops.extend(self.line.send(ReadOnlyRequest::Stop(agent)).await);
                }
                while !stops.is_empty() {
                    match self.from.recv().await {
                        Some(FromNet::Reply { operation, .. }) => drop(stops.remove(&operation)),
                        Some(_) => {}
                        None => return,
                    }
                }
            }
            self.line.sign_out().await;
            while self.from.recv().await.is_some() {}
        };
        if timeout(GOODBYE, bye).await.is_err() {
            tracing::info!("the server was not told of the end in time");
        }
        task.abort();
    }
}

/// The entries of a log.
fn page(result: Result<Envelope, CallError>) -> Result<LogPage, CallError> {
    serde_json::from_value(result?.data)
        .map_err(|error| CallError::OutcomeUnknown(format!("the log cannot be read: {error}")))
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

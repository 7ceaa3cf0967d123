//! The supervisor's console as a state machine: it reads, and nothing in it can write.
//!
//! Owns: what is seen of the desk, how it is filtered and sorted, what is read along. Must not: know a request that
//! changes anything; its only effects read.
//! Invariants: memory follows what is live and what is shown, not what was: a transcript that is not in sight is let go.

pub mod acts;
pub mod layout;
pub mod live_updates;
mod update;

pub use acts::{ACTS, Act};
pub use update::update;

use crate::app::core::blocks::Measure;
use crate::app::core::key::Key;
use crate::app::core::picker::Picker;
use crate::app::core::scroll::Scroll;
use crate::domain::pending::{self, Thresholds, Urgency};
use crate::domain::transcript::Transcript;
use crate::domain::{InteractionId, Millis};
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::time;
use crate::proto::watch::{LiveAgent, LivePage, LiveQueue, LiveSession, Today};
use crate::text::compose::Composer;
use crate::text::{Clean, fold};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Sessions in the grid at most.
pub const PINS: usize = 4;
/// Under so many columns list and messages are not side by side.
pub const SIDE_BY_SIDE: u16 = 60;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Msg {
    /// When.
    pub at: Millis,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A key.
    Key(Key),
    /// A paste, which goes into the filter.
    Paste(String),
    /// The screen has a new size.
    Resize(u16, u16),
    /// A moment came at which the screen looks different.
    Wake,
    /// The connection.
    Link(Link),
    /// When an answer is late, as the shop has it.
    Thresholds(Thresholds),
    /// How the desk stands, or what of it changed.
    Live(Box<LivePage>),
    /// A part of the log of a session, or why it could not be read.
    Log {
        /// The session.
        id: InteractionId,
        /// The part that was requested.
        part: LogQuery,
        /// The part, or the error.
        result: Result<LogPage, String>,
    },
    /// The server keeps no account of its desk: agents are monitored one by one.
    Plain(Plain),
    /// Asked to end.
    Terminate,
}

/// How it stands with a server that tells nothing of queues, service level and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    /// So many agents are monitored.
    pub monitored: usize,
    /// So many could not be.
    pub refused: usize,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read a part of the log of a session.
    Read {
        /// The session.
        id: InteractionId,
        /// The part to read.
        part: LogQuery,
    },
    /// Draw everything anew.
    Redraw,
    /// Stop, as a shell's job.
    Suspend,
    /// End.
    Quit,
}

/// The connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Being made.
    #[default]
    Connecting,
    /// There.
    Online,
    /// Lost; tried again at that moment.
    Lost {
        /// What happened.
        reason: String,
        /// When.
        retry_at: Millis,
    },
    /// Not to be tried again.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// How the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Who waits longest first.
    #[default]
    Waiting,
    /// By agent.
    Agent,
    /// By customer.
    Customer,
    /// By queue.
    Queue,
    /// By the end of the reply window, the nearest first.
    Window,
}

impl Sort {
    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Waiting => Self::Agent,
            Self::Agent => Self::Customer,
            Self::Customer => Self::Queue,
            Self::Queue => Self::Window,
            Self::Window => Self::Waiting,
        }
    }

    /// What it sorts by.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Agent => "agent",
            Self::Customer => "customer",
            Self::Queue => "queue",
            Self::Window => "reply window",
        }
    }
}

/// A live session, cleaned for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The session.
    pub id: InteractionId,
    /// Who has it, or is offered it, by name.
    pub agent: Option<Clean>,
    /// `Queued`, `Invited`, `Processing`, …
    pub state: Clean,
    /// The queue, as people call it.
    pub queue: Clean,
    /// The customer.
    pub customer: Clean,
    /// Their number.
    pub number: Clean,
    /// Since when they wait for an answer.
    pub waiting_since: Option<Millis>,
    /// When the reply window closes.
    pub window_ends: Option<Millis>,
    /// The last words.
    pub last: Clean,
    /// The number of the last entry.
    pub last_index: u64,
    /// What a filter looks at, folded.
    key: String,
}

impl Row {
    fn of(session: &LiveSession, agents: &BTreeMap<String, LiveAgent>, queues: &[LiveQueue]) -> Self {
        let moment = |text: &Option<String>| time::parse(&text.as_deref()?.into());
        let agent = session.agent.as_ref().map(|id| {
            let name = agents.get(id).map(|agent| agent.name.as_str()).filter(|name| !name.is_empty());
            Clean::line(name.unwrap_or(id))
        });
        let queue = queues.iter().find(|queue| queue.name == session.queue);
        let queue = Clean::line(queue.map_or(session.queue.as_str(), |queue| &queue.display_name));
        let number = session.number.as_deref().unwrap_or_default();
        let words = format!(
            "{} {} {} {} +{} {} {}",
            agent.as_ref().map_or("", Clean::as_str),
            session.agent.as_deref().unwrap_or_default(),
            session.customer,
            queue,
            number,
            session.state,
            session.id
        );
        Self {
            id: session.id.clone(),
            agent,
            state: Clean::line(&session.state),
            queue,
            customer: Clean::line(if session.customer.is_empty() { number } else { &session.customer }),
            number: Clean::line(number),
            waiting_since: moment(&session.waiting_since),
            window_ends: moment(&session.window_ends),
            last: Clean::line(&session.last),
            last_index: session.last_index,
            key: fold::folded(&words),
        }
    }

    /// How urgent an answer is.
    pub fn urgency(&self, now: Millis, thresholds: Thresholds) -> Urgency {
        pending::urgency(self.waiting_since, now, thresholds)
    }
}

/// A transcript that is read along.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The log, as far as it is read.
    pub transcript: Transcript,
    /// Where one reads.
    pub scroll: Scroll,
    /// Whether the server was asked and has not answered.
    pub asked: bool,
    /// Why there is nothing.
    pub trouble: Option<Clean>,
    /// Who it is with, also when it is over.
    pub title: Clean,
    /// Whether it is over.
    pub over: bool,
}

impl Reading {
    /// The transcript, measured for a width.
    pub fn measure<'a>(&'a self, width: u16, zone: &'a TimeZone) -> Measure<'a> {
        Measure { transcript: &self.transcript, older: &[], more: None, width, zone, me: None }
    }
}

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Layer {
    /// The keys, scrolled by that many rows.
    Help(usize),
    /// The acts to choose from.
    Palette(Box<Picker<Act>>),
}

/// The state.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// The time, as of the last message.
    pub now: Millis,
    /// Where the supervisor is.
    pub zone: TimeZone,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The connection.
    pub link: Link,
    /// When an answer is late, and when it is too late. (Workspace: `whatsappsession.pending-response-to-customer`.)
    pub thresholds: Thresholds,
    /// Whether the desk was seen at all.
    pub seen: bool,
    rows: BTreeMap<InteractionId, Row>,
    /// The raw sessions, since names of agents and queues may come later.
    raw: BTreeMap<InteractionId, LiveSession>,
    /// Agents by employee ID.
    pub agents: BTreeMap<String, LiveAgent>,
    /// Queues.
    pub queues: Vec<LiveQueue>,
    /// The day so far.
    pub today: Today,
    /// Problems of the account at WhatsApp, the newest first.
    pub alerts: Vec<Clean>,
    /// On a server that does not tell the two before.
    pub plain: Option<Plain>,
    /// What is typed to narrow the list.
    pub filter: Composer,
    /// How it is sorted.
    pub sort: Sort,
    /// What is in the list, in order.
    order: Vec<InteractionId>,
    /// The chosen session.
    pub chosen: Option<InteractionId>,
    /// Whether the choice goes where something is said.
    pub follows: bool,
    /// The grid.
    pub pins: Vec<InteractionId>,
    /// Which pane of the grid is scrolled.
    pub pane: usize,
    /// Whether messages have the whole screen.
    pub zoomed: bool,
    /// Transcripts in sight.
    readings: HashMap<InteractionId, Reading>,
    /// What lies over the screen.
    pub layer: Option<Layer>,
    /// Whether the program ends.
    pub ending: bool,
}

impl Monitor {
    /// Before it is connected.
    pub fn new(zone: TimeZone, size: (u16, u16), now: Millis) -> Self {
        Self {
            now,
            zone,
            size,
            link: Link::Connecting,
            thresholds: Thresholds::default(),
            seen: false,
            rows: BTreeMap::new(),
            raw: BTreeMap::new(),
            agents: BTreeMap::new(),
            queues: Vec::new(),
            today: Today::default(),
            alerts: Vec::new(),
            plain: None,
            filter: Composer::new(),
            sort: Sort::default(),
            order: Vec::new(),
            chosen: None,
            follows: false,
            pins: Vec::new(),
            pane: 0,
            zoomed: false,
            readings: HashMap::new(),
            layer: None,
            ending: false,
        }
    }

    /// The list, in order.
    pub fn listed(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.order.iter().filter_map(|id| self.rows.get(id)).collect::<Vec<_>>().into_iter()
    }

    /// How many sessions are live.
    pub fn live(&self) -> usize {
        self.rows.len()
    }

    /// How many sessions are in the list.
    pub fn in_list(&self) -> usize {
        self.order.len()
    }

    /// The place of the chosen one in the list.
    pub fn place(&self) -> Option<usize> {
        self.order.iter().position(|id| Some(id) == self.chosen.as_ref())
    }

    /// A live session.
    pub fn row(&self, id: &InteractionId) -> Option<&Row> {
        self.rows.get(id)
    }

    /// The visible transcripts: the pinned ones, then the chosen one if it is not among them.
    pub fn panes(&self) -> Vec<InteractionId> {
        let chosen = self.chosen.iter().filter(|id| !self.pins.contains(id));
        self.pins.iter().chain(chosen).cloned().collect()
    }

    /// A transcript in sight.
    pub fn reading(&self, id: &InteractionId) -> Option<&Reading> {
        self.readings.get(id)
    }

    /// Whether the longest wait of all live sessions exceeds the threshold for an answer.
    pub fn is_longest_overdue(&self) -> bool {
        self.longest().is_some_and(|row| row.urgency(self.now, self.thresholds) == Urgency::Overdue)
    }

    /// Who waits longest of all that are live: for an answer or for an agent.
    pub fn longest(&self) -> Option<&Row> {
        self.rows.values().filter(|row| row.waiting_since.is_some()).min_by_key(|row| row.waiting_since)
    }

    /// How many sessions no agent has.
    pub fn queued(&self) -> usize {
        self.rows.values().filter(|row| row.agent.is_none()).count()
    }

    /// How many agents are in each state, in the order of the states' names.
    pub fn agent_states(&self) -> BTreeMap<&str, usize> {
        let mut states = BTreeMap::new();
        for agent in self.agents.values() {
            *states.entry(agent.state.as_str()).or_insert(0) += 1;
        }
        states
    }

    /// Rows of the list that are in view, and from which on: the chosen one is among them.
    pub fn window(&self, height: usize) -> std::ops::Range<usize> {
        let at = self.place().unwrap_or(0);
        let first = (at + 1).saturating_sub(height.max(1));
        first..(first + height).min(self.order.len())
    }

    /// The earliest moment at which the screen looks different though nothing happens.
    pub fn next_wake(&self) -> Option<Millis> {
        let waiting = self.window(usize::from(self.size.1));
        let visible = self.order.get(waiting).unwrap_or_default();
        let mut since: Vec<Millis> =
            visible.iter().filter_map(|id| self.rows.get(id)?.waiting_since).collect();
        since.extend(self.longest().and_then(|row| row.waiting_since));
        let mut moments: Vec<Millis> = since
            .iter()
            .map(|since| {
                let step = if self.now.since(*since) < Duration::from_secs(60) { 1000 } else { 60_000 };
                let waited = (self.now.0 - since.0).max(0);
                Millis(since.0 + (waited / step + 1) * step)
            })
            .collect();
        let urgent = since.iter().filter_map(|s| pending::next_change(Some(*s), self.now, self.thresholds));
        moments.extend(urgent);
        // The reply window is told by the hour, and by the minute in its last hour.
        let windows =
            visible.iter().filter_map(|id| self.rows.get(id)?.window_ends).filter(|ends| *ends > self.now);
        moments.extend(windows.map(|ends| {
            let left = ends.0 - self.now.0;
            let step = if left > 3_600_000 { 3_600_000 } else { 60_000 };
            Millis(self.now.0 + (left - 1).rem_euclid(step) + 1)
        }));
        if matches!(&self.link, Link::Lost { retry_at, .. } if *retry_at > self.now) {
            moments.push(Millis(self.now.0 - self.now.0.rem_euclid(1000) + 1000));
        }
        moments.into_iter().filter(|at| *at > self.now).min()
    }
}

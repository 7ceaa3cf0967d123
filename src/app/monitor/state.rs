//! The state of the monitor.

use super::actions::MonitorAction;
use super::msg::{MonitorLink, MonitoringCounts};
use super::row::MonitorRow;
use super::transcript::TranscriptPane;
use crate::app::core::keymap::Keymap;
use crate::app::core::picker::Picker;
use crate::domain::pending::{self, Thresholds, Urgency};
use crate::domain::{InteractionId, Millis};
use crate::proto::watch::{LiveAgent, LiveQueue, Today};
use crate::text::Clean;
use crate::text::compose::Composer;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Sessions in the grid at most.
pub const PINS: usize = 4;

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The longest wait first.
    #[default]
    Waiting,
    Agent,
    Customer,
    Queue,
    /// By the end of the reply window, the earliest first.
    Window,
}

impl Sort {
    /// The order after this one.
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

    /// The column by which it sorts.
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

/// A layer above the screen.
#[derive(Clone, Debug)]
pub enum MonitorLayer {
    /// The help, scrolled by that many rows.
    Help(usize),
    /// The list of actions.
    Palette(Box<Picker<MonitorAction>>),
}

/// The state of the monitor.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// The time of the last message.
    pub now: Millis,
    pub zone: TimeZone,
    /// Columns and rows.
    pub size: (u16, u16),
    pub link: MonitorLink,
    /// From when on an answer is late. (Workspace: `whatsappsession.pending-response-to-customer`.)
    pub thresholds: Thresholds,
    /// Whether a page of the live view has arrived.
    pub has_page: bool,
    pub(super) rows: BTreeMap<InteractionId, MonitorRow>,
    /// Agents by employee ID.
    pub agents: BTreeMap<String, LiveAgent>,
    pub queues: Vec<LiveQueue>,
    /// Counts since midnight.
    pub today: Today,
    /// Problems of the WhatsApp account, the newest first.
    pub alerts: Vec<Clean>,
    /// Set on a server that keeps no feed, and so no queues and counts.
    pub without_feed: Option<MonitoringCounts>,
    pub filter: Composer,
    pub sort: Sort,
    /// The sessions that match the filter, in order.
    pub(super) order: Vec<InteractionId>,
    /// The chosen session.
    pub chosen: Option<InteractionId>,
    /// Whether the session of each new message is chosen.
    pub follows: bool,
    /// The sessions in the grid.
    pub pins: Vec<InteractionId>,
    /// The pane of the grid that is scrolled.
    pub pane: usize,
    /// Whether the messages fill the whole screen.
    pub zoomed: bool,
    /// The transcripts in view.
    pub(super) transcripts: HashMap<InteractionId, TranscriptPane>,
    /// A layer above the screen.
    pub layer: Option<MonitorLayer>,
    pub ending: bool,
    /// The console's default keys, for editing the filter.
    pub(super) keymap: Keymap,
}

impl Monitor {
    /// The state before the first connection.
    pub fn new(zone: TimeZone, size: (u16, u16), now: Millis) -> Self {
        Self {
            now,
            zone,
            size,
            link: MonitorLink::Connecting,
            thresholds: Thresholds::default(),
            has_page: false,
            rows: BTreeMap::new(),
            agents: BTreeMap::new(),
            queues: Vec::new(),
            today: Today::default(),
            alerts: Vec::new(),
            without_feed: None,
            filter: Composer::new(),
            sort: Sort::default(),
            order: Vec::new(),
            chosen: None,
            follows: false,
            pins: Vec::new(),
            pane: 0,
            zoomed: false,
            transcripts: HashMap::new(),
            layer: None,
            ending: false,
            keymap: Keymap::default(),
        }
    }

    /// The list, in order.
    pub fn listed(&self) -> impl ExactSizeIterator<Item = &MonitorRow> {
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

    /// The position of the chosen session in the list.
    pub fn place(&self) -> Option<usize> {
        self.order.iter().position(|id| Some(id) == self.chosen.as_ref())
    }

    /// A live session.
    pub fn row(&self, id: &InteractionId) -> Option<&MonitorRow> {
        self.rows.get(id)
    }

    /// The sessions whose transcripts are in view: the pinned ones, then the chosen one if it is not among them.
    pub fn panes(&self) -> Vec<InteractionId> {
        let chosen = self.chosen.iter().filter(|id| !self.pins.contains(id));
        self.pins.iter().chain(chosen).cloned().collect()
    }

    /// A transcript in view.
    pub fn transcript(&self, id: &InteractionId) -> Option<&TranscriptPane> {
        self.transcripts.get(id)
    }

    /// Whether the longest wait of all live sessions exceeds the threshold for an answer.
    pub fn is_longest_overdue(&self) -> bool {
        self.longest().is_some_and(|row| row.urgency(self.now, self.thresholds) == Urgency::Overdue)
    }

    /// The session with the longest wait, for an answer or for an agent.
    pub fn longest(&self) -> Option<&MonitorRow> {
        self.rows.values().filter(|row| row.waiting_since.is_some()).min_by_key(|row| row.waiting_since)
    }

    /// How many sessions have no agent.
    pub fn queued(&self) -> usize {
        self.rows.values().filter(|row| row.agent.is_none()).count()
    }

    /// How many agents are in each state, sorted by state.
    pub fn agent_states(&self) -> BTreeMap<&str, usize> {
        let mut states = BTreeMap::new();
        for agent in self.agents.values() {
            *states.entry(agent.state.as_str()).or_insert(0) += 1;
        }
        states
    }

    /// The positions of the list that are in view: the chosen session is among them.
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
        // The reply window is shown in hours, and in minutes in its last hour.
        let windows =
            visible.iter().filter_map(|id| self.rows.get(id)?.window_ends).filter(|ends| *ends > self.now);
        moments.extend(windows.map(|ends| {
            let left = ends.0 - self.now.0;
            let step = if left > 3_600_000 { 3_600_000 } else { 60_000 };
            Millis(self.now.0 + (left - 1).rem_euclid(step) + 1)
        }));
        if matches!(&self.link, MonitorLink::Lost { retry_at, .. } if *retry_at > self.now) {
            moments.push(Millis(self.now.0 - self.now.0.rem_euclid(1000) + 1000));
        }
        moments.into_iter().filter(|at| *at > self.now).min()
    }
}

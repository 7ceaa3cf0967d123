//! Everything a console knows.

use super::keymap::Keymap;
use super::layer::Layer;
use super::layout::{self, Layout};
use super::msg::Link;
use super::notice::{Level, Notices};
use super::responses::{Ask, Library};
use super::session::Session;
use crate::domain::agent::{Channel, Reason};
use crate::domain::interaction::Interaction;
use crate::domain::options::Options;
use crate::domain::response::Enclosure;
use crate::domain::routing_based::Words;
use crate::domain::transcript::Pending;
use crate::domain::{AttachedData, InteractionId, Millis, OperationId};
use crate::proto::session::ConfigurationDto;
use crate::text::Clean;
use jiff::tz::TimeZone;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// What a person set for their console.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name customers see; empty uses the first name.
    pub nickname: String,
    /// Whether the bell rings.
    pub bell: bool,
    /// Whether accepting shows the session even while a reply is being typed.
    pub accept_takes_focus: bool,
    /// Whether customers are shown that the agent types.
    pub send_typing: bool,
    /// Whether the mouse is the desk's.
    pub mouse: bool,
    /// Options of the local file, for what the server does not set.
    pub local: AttachedData,
    /// The words of routing-based requests.
    pub routing_based: Words,
    /// Bindings.
    pub keymap: Keymap,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nickname: String::new(),
            bell: true,
            accept_takes_focus: false,
            send_typing: true,
            mouse: false,
            local: AttachedData::new(),
            routing_based: Words::default(),
            keymap: Keymap::default(),
        }
    }
}

/// The person at the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// Employee ID.
    pub employee_id: String,
    /// Name, for showing.
    pub name: Clean,
    /// The name customers see.
    pub nickname: String,
    /// Agent login, else employee ID.
    pub agent_id: String,
    /// Default place.
    pub place: Option<String>,
}

/// A step of asking somebody into a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartyStep {
    /// The settings of this moment were read.
    Configured,
    /// The pairs were attached.
    Attached,
    /// The target was asked.
    Asked,
}

/// What a request was for, while its answer is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// Activation; ready follows when wanted.
    Activate { ready: bool },
    /// The session's state was read again.
    CurrentSession,
    /// Settings were read again.
    Configuration,
    /// A session's log was read.
    Messages(InteractionId),
    /// The history of a session's customer was asked for.
    History(InteractionId),
    /// The log of an earlier session of that session's customer was read.
    Older(InteractionId),
    /// An invitation was accepted, or rejected.
    Offer(InteractionId),
    /// A session was finished.
    Done(InteractionId),
    /// Targets were searched by that.
    Targets(String),
    /// A step of a transfer, conference or consultation was done.
    Party(InteractionId, PartyStep),
    /// A consultation was taken back.
    Cancel(InteractionId),
    /// The agent left a session.
    Leave(InteractionId),
    /// A message was sent.
    Message(InteractionId),
    /// Something about standard responses.
    Responses(Ask),
    /// Something whose failure is worth a sentence: what it was.
    Act(&'static str),
    /// Something whose failure does not matter.
    Silent,
}

/// The state.
#[derive(Clone, Debug)]
pub struct State {
    /// What the person set.
    pub settings: Settings,
    /// Where the agent is, for times.
    pub zone: TimeZone,
    /// The time, as of the last message.
    pub now: Millis,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Whether the terminal has the focus; true when it does not say.
    pub focused: bool,
    /// The connection.
    pub link: Link,
    /// Whether it was lost and has not been back since.
    pub(super) lost: bool,
    /// How long requests take, smoothed.
    pub latency: Option<Duration>,
    /// Who is signed in.
    pub me: Option<Me>,
    /// The agent's state.
    pub channel: Channel,
    /// Reasons for Not Ready.
    pub reasons: Vec<Reason>,
    /// What the server has configured.
    pub configuration: ConfigurationDto,
    /// The agent's own options on the server.
    pub my_options: AttachedData,
    /// Invitations, the oldest first.
    pub invitations: Vec<Interaction>,
    /// Which invitation F2 and F3 are about.
    pub invitation: usize,
    /// Open sessions, in the order they were opened.
    pub sessions: Vec<Session>,
    /// The session that is shown.
    pub shown: Option<InteractionId>,
    /// Drafts of sessions that are not open (yet): kept until they come back.
    pub drafts: HashMap<InteractionId, String>,
    /// Files that stand with such drafts.
    pub(super) enclosures: HashMap<InteractionId, Vec<Enclosure>>,
    /// Messages of an earlier run whose sessions are not open (yet).
    pub(super) unsent: Vec<(InteractionId, Pending)>,
    /// The standard responses, as far as the server has told them.
    pub library: Library,
    /// Notices.
    pub notices: Notices,
    /// Layers, the topmost last.
    pub layers: Vec<Layer>,
    /// Whether case data is shown.
    pub side_pane: bool,
    /// Whether the program ends.
    pub ending: bool,
    /// The names of requests begin with this, so that no other console has the same.
    desk: String,
    requests: u64,
    pub(super) awaited: HashMap<OperationId, Awaited>,
    /// Sessions to show as soon as they are open, since the agent accepted them.
    pub(super) accepted: Vec<InteractionId>,
    /// Completed by this desk: their end is no news.
    pub(super) finished: Vec<InteractionId>,
    /// Sessions that were placed in a queue, with their names: the server tells later who has them. The
    /// oldest of more than [`Self::GIVEN`] goes.
    pub(super) given: VecDeque<(InteractionId, Clean)>,
}

impl State {
    /// How many sessions that went to a queue are remembered.
    pub(super) const GIVEN: usize = 50;

    /// A console before it is connected. `desk` is a word that no other console has: requests are named by it.
    pub fn new(settings: Settings, zone: TimeZone, desk: &str, size: (u16, u16), now: Millis) -> Self {
        Self {
            settings,
            zone,
            now,
            size,
            focused: true,
            link: Link::Connecting,
            lost: false,
            latency: None,
            me: None,
            channel: Channel::default(),
            reasons: Vec::new(),
            configuration: ConfigurationDto::default(),
            my_options: AttachedData::new(),
            invitations: Vec::new(),
            invitation: 0,
            sessions: Vec::new(),
            shown: None,
            drafts: HashMap::new(),
            enclosures: HashMap::new(),
            library: Library::default(),
            unsent: Vec::new(),
            notices: Notices::default(),
            layers: Vec::new(),
            side_pane: true,
            ending: false,
            desk: desk.to_owned(),
            requests: 0,
            awaited: HashMap::new(),
            accepted: Vec::new(),
            finished: Vec::new(),
            given: VecDeque::new(),
        }
    }

    /// The session that is shown.
    pub fn session(&self) -> Option<&Session> {
        self.by_id(self.shown.as_ref()?)
    }

    /// An open session by its name.
    pub fn by_id(&self, id: &InteractionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.interaction.id == *id)
    }

    pub(super) fn session_mut(&mut self) -> Option<&mut Session> {
        let shown = self.shown.clone()?;
        self.by_id_mut(&shown)
    }

    pub(super) fn by_id_mut(&mut self, id: &InteractionId) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.interaction.id == *id)
    }

    /// Whether the agent has accepted an invitation and the server has not answered yet.
    pub fn is_accepting(&self, id: &InteractionId) -> bool {
        self.accepted.contains(id)
    }

    /// Where everything stands.
    pub fn layout(&self) -> Layout {
        layout::of(self)
    }

    /// Whether requests can go out.
    pub const fn online(&self) -> bool {
        matches!(self.link, Link::Online { .. })
    }

    /// The options as they are now: the server's layers, over what only the local file sets.
    pub fn options(&self) -> Options {
        let tenant = self.configuration.section(crate::domain::options::SECTION);
        Options::resolve(&[&self.settings.local, &tenant, &self.my_options]).0
    }

    /// The values a disposition may have: name and what people read.
    pub fn dispositions(&self) -> Vec<(String, Clean)> {
        let options = self.session().map_or_else(|| self.options(), |session| session.options.clone());
        let attribute = self.configuration.business_attribute(&options.disposition_attribute);
        let values = attribute.map_or(&[][..], |attribute| attribute.values.as_slice());
        let shown = |name: &str, display: &str| Clean::line(if display.is_empty() { name } else { display });
        values.iter().map(|value| (value.name.clone(), shown(&value.name, &value.display_name))).collect()
    }

    /// The earliest moment at which the screen looks different though nothing happens. Without one there
    /// is nothing to wake up for, and an idle screen writes no byte.
    pub fn next_wake(&self) -> Option<Millis> {
        let mut moments: Vec<Millis> = self.sessions.iter().filter_map(|s| s.next_change(self.now)).collect();
        moments.extend(
            self.sessions
                .iter()
                .filter_map(|s| s.typed_at)
                .map(|at| at.plus(super::session::TYPING_SENT_EVERY)),
        );
        moments.extend(self.notices.next_change(self.now));
        let countdown = self.invitations.iter().any(|i| i.offer.as_ref().is_some_and(|o| o.lapses.is_some()));
        let retry = matches!(&self.link, Link::Lost { retry_at, .. } if *retry_at > self.now);
        if countdown || retry {
            moments.push(Millis(self.now.0 - self.now.0.rem_euclid(1000) + 1000));
        }
        // The waiting time of a customer is shown by the second for its first minute, then by the minute.
        for since in self.sessions.iter().filter_map(Session::waiting_since) {
            let step = if self.now.since(since) < Duration::from_secs(60) { 1000 } else { 60_000 };
            let waited = self.now.0.saturating_sub(since.0).max(0);
            moments.push(Millis(since.0 + (waited / step + 1) * step));
        }
        // The reply window is shown by the hour, and by the minute in its last hour.
        if let Some(ends) =
            self.session().and_then(|s| s.interaction.window_ends).filter(|ends| *ends > self.now)
        {
            let left = ends.0 - self.now.0;
            let step = if left > 3_600_000 { 3_600_000 } else { 60_000 };
            moments.push(Millis(self.now.0 + (left - 1).rem_euclid(step) + 1));
        }
        moments.into_iter().filter(|at| *at > self.now).min()
    }

    pub(super) fn operation(&mut self) -> OperationId {
        self.requests += 1;
        format!("{}-{}", self.desk, self.requests).into()
    }

    pub(super) fn say(&mut self, level: Level, text: impl AsRef<str>) {
        self.notices.push(self.now, level, Clean::line(text.as_ref()));
    }
}

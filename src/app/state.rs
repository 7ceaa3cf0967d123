//! Everything a console knows.

use super::action::{Action, Info, Topic};
use super::ends::Undo;
use super::form::Purpose;
use super::key::Key;
use super::keymap::Keymap;
use super::layer::Layer;
use super::layout::{self, Layout};
use super::lock::Lock;
use super::msg::Link;
use super::notice::{Level, Notices};
use super::reach::Ready;
use super::responses::{Ask, Library};
use super::session::Session;
use super::status::{NamedChannel, Wanted};
use super::update;
use super::update::For;
use super::workbins::Workbins;
use crate::domain::agent::{AgentState, Channel, Reason};
use crate::domain::data::Value;
use crate::domain::interaction::Interaction;
use crate::domain::options::{OptionError, Options};
use crate::domain::response::Enclosure;
use crate::domain::routing_based::Words;
use crate::domain::target::Target;
use crate::domain::transcript::{Draft, Pending};
use crate::domain::{AttachedData, InteractionId, Millis, OperationId};
use crate::proto::media::LogQuery;
use crate::proto::session::ConfigurationDto;
use crate::text::Clean;
use jiff::tz::TimeZone;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// What a person set for their console.
#[derive(Clone, Debug, PartialEq)]
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
    /// How long a message is held before it leaves; not at all when zero.
    pub undo_send: Duration,
    /// After how long without a key the desk locks; never when absent. The server may set a shorter time.
    pub lock_after: Option<Duration>,
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
            undo_send: Duration::ZERO,
            lock_after: None,
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
    /// The name to sign in with.
    pub login: Clean,
    /// Name, for showing.
    pub name: Clean,
    /// The name customers see.
    pub nickname: String,
    /// Agent login, else employee ID.
    pub agent_id: String,
    /// Default place.
    pub place: Option<String>,
    /// Whether the server says that this person oversees agents and has no sessions of their own.
    pub oversees: bool,
}

/// A step of asking somebody into a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartyStep {
    /// The agent's own settings of this moment were read.
    Person,
    /// Everybody's settings of this moment were read.
    Configured,
    /// The pairs were attached.
    Attached,
    /// The target was asked.
    Asked,
}

/// What was asked for the list of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TargetsAsked {
    /// A search.
    Search(super::targets::Asked),
    /// The favourites.
    Favourites,
    /// The recent ones.
    Recents,
    /// A target was marked as a favourite, or the mark was taken away.
    Mark {
        /// Which.
        target: Target,
        /// Whether it is one now.
        on: bool,
    },
}

/// What a request was for, while its answer is awaited.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Awaited {
    /// Activation, and what to be then.
    Activate { then: Option<Wanted> },
    /// Which workbins there are was asked for.
    Workbins,
    /// A session was put into a workbin.
    Park(InteractionId),
    /// A session was taken out of a workbin.
    Pull(InteractionId),
    /// The session's state was read again.
    CurrentSession,
    /// Settings were read again, since that session began: it keeps the values of this moment.
    Configuration(InteractionId),
    /// Read a part of a session's log.
    Messages(InteractionId, LogQuery),
    /// The history of a session's customer was asked for.
    History(InteractionId),
    /// The log of an earlier session of that session's customer was read.
    Older(InteractionId),
    /// Read the next part of the log of the uppermost earlier session.
    OlderPart(InteractionId),
    /// An invitation was accepted, or rejected.
    Offer(InteractionId),
    /// Who may be monitored was asked for; the name of whom is meant, if one was given.
    Monitorable(String),
    /// Monitoring was begun, or ended.
    Monitoring {
        /// The agent's employee ID.
        agent: String,
        /// Their name.
        name: Clean,
        /// Whether it was begun.
        on: bool,
    },
    /// A session was finished.
    Done(InteractionId),
    /// Reopen a finished session; the customer's name.
    Reopen(InteractionId, Clean),
    /// Something of the list of targets.
    Targets(TargetsAsked),
    /// A step of a transfer, conference or consultation was done.
    Party(InteractionId, PartyStep),
    /// A consultation was taken back.
    Cancel(InteractionId),
    /// The agent left a session.
    Leave(InteractionId),
    /// That disposition of a session was attached; done with it then or not.
    Disposition(InteractionId, String, bool),
    /// Those pairs of case data were saved, from the form for that.
    Case(Purpose, AttachedData),
    /// That note of a session was saved.
    Note(InteractionId, String),
    /// Something about contacts.
    Contact(For),
    /// A message was sent.
    Message(InteractionId),
    /// The templates were asked for.
    Templates,
    /// A template was sent.
    Template(Box<Ready>),
    /// Something outside this desk was noted.
    Noted,
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
    /// The agent's state on WhatsApp sessions.
    pub channel: Channel,
    /// All channels that the server has told of.
    pub channels: Vec<NamedChannel>,
    /// How many sessions the agent may have, when the server says so.
    pub capacity: Option<usize>,
    /// Whether the next change of state was asked for here.
    pub(super) status_asked: bool,
    /// Reasons for Not Ready.
    pub reasons: Vec<Reason>,
    /// Reasons for After Call Work.
    pub work_reasons: Vec<Reason>,
    /// The agents whom this desk monitors, by employee ID.
    pub(super) monitored: Vec<String>,
    /// Workbins, and what is in them.
    pub workbins: Workbins,
    /// Sessions that are being put into a workbin.
    pub(super) parking: Vec<InteractionId>,
    /// The lock, while the desk is locked.
    pub lock: Option<Lock>,
    /// When somebody last did something at this desk.
    pub(super) active_at: Millis,
    /// What the server has configured.
    pub configuration: ConfigurationDto,
    /// The agent's own options on the server, as last told.
    pub(super) my_options: AttachedData,
    /// The options of the server's layers that are in force.
    pub(super) server_options: AttachedData,
    /// Options of the server that were refused, so that each is told once.
    pub(super) refused_options: Vec<OptionError>,
    /// A business attribute that was to list the emoji and is not there, so that it is told once.
    pub(super) missing_emojis: Option<String>,
    /// Invitations, the oldest first.
    pub invitations: Vec<Interaction>,
    /// Which invitation F2 and F3 are about.
    pub invitation: usize,
    /// Open sessions, in the order they were opened.
    pub sessions: Vec<Session>,
    /// The session that is shown.
    pub shown: Option<InteractionId>,
    /// The session whose newest entries are on the screen, and since when.
    pub(super) view: Option<(InteractionId, Millis)>,
    /// The session that was finished last, while that can be undone.
    pub undo: Option<Undo>,
    /// The reported problems of the account at WhatsApp, by topic. Bounded by what the server keeps.
    pub(super) account: HashMap<String, String>,
    /// Drafts of sessions that are not open (yet): kept until they come back.
    pub drafts: HashMap<InteractionId, Draft>,
    /// Files that stand with such drafts.
    pub(super) enclosures: HashMap<InteractionId, Vec<Enclosure>>,
    /// What an earlier run had viewed of sessions that are not open yet: the index of the last entry.
    pub(super) seen_before: HashMap<InteractionId, u64>,
    /// Whether that was loaded, even if there was nothing.
    pub(super) seen_known: bool,
    /// The session that an earlier run showed, until the agent acts.
    pub(super) shown_before: Option<InteractionId>,
    /// What was last stored as viewed.
    pub(super) seen_last: Option<(InteractionId, u64)>,
    /// Messages of an earlier run whose sessions are not open (yet).
    pub(super) unsent: Vec<(InteractionId, Pending)>,
    /// The standard responses, as far as the server has told them.
    pub library: Library,
    /// Notices.
    pub notices: Notices,
    /// Whether notices now answer what a person has just done.
    pub(super) answers: bool,
    /// Layers, the topmost last.
    pub layers: Vec<Layer>,
    /// Whether case data is shown.
    pub side_pane: bool,
    /// Whether the pairs that routing attached are shown one by one.
    pub routing_shown: bool,
    /// Whether the program ends.
    pub ending: bool,
    /// The names of requests begin with this, so that no other console has the same.
    desk: String,
    requests: u64,
    pub(super) awaited: HashMap<OperationId, Awaited>,
    /// Sessions to show as soon as they are open, since the agent accepted them.
    pub(super) accepted: Vec<InteractionId>,
    /// Requests that begin sessions which are not here yet.
    pub(super) begun: Vec<OperationId>,
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
            channels: Vec::new(),
            capacity: None,
            status_asked: false,
            reasons: Vec::new(),
            work_reasons: Vec::new(),
            monitored: Vec::new(),
            workbins: Workbins::default(),
            parking: Vec::new(),
            lock: None,
            active_at: now,
            configuration: ConfigurationDto::default(),
            my_options: AttachedData::new(),
            server_options: AttachedData::new(),
            refused_options: Vec::new(),
            missing_emojis: None,
            invitations: Vec::new(),
            invitation: 0,
            sessions: Vec::new(),
            shown: None,
            view: None,
            undo: None,
            account: HashMap::new(),
            drafts: HashMap::new(),
            enclosures: HashMap::new(),
            library: Library::default(),
            seen_before: HashMap::new(),
            seen_known: false,
            shown_before: None,
            seen_last: None,
            unsent: Vec::new(),
            notices: Notices::default(),
            answers: false,
            layers: Vec::new(),
            side_pane: true,
            routing_shown: false,
            ending: false,
            desk: desk.to_owned(),
            requests: 0,
            awaited: HashMap::new(),
            accepted: Vec::new(),
            begun: Vec::new(),
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

    /// Whether the person at this desk may monitor agents, as far as the server says.
    pub fn oversees(&self) -> bool {
        let says = self.me.as_ref().is_some_and(|me| me.oversees);
        says || !self.configuration.monitorable_agent_groups.is_empty()
    }

    /// Whether an act is worth offering to the person at this desk.
    pub fn offers(&self, info: &Info) -> bool {
        info.topic != Topic::Supervising || self.oversees()
    }

    /// Whether this desk monitors an agent.
    pub(super) fn is_monitored(&self, agent: &str) -> bool {
        self.monitored.iter().any(|one| one == agent)
    }

    /// Whether the agent has accepted an invitation and the server has not answered yet.
    pub fn is_accepting(&self, id: &InteractionId) -> bool {
        self.accepted.contains(id)
    }

    /// Where everything stands.
    pub fn layout(&self) -> Layout {
        layout::of(self)
    }

    /// Whether a key answers or chooses an invitation here and now. It does so above any layer, unless the
    /// open list uses the key itself.
    pub fn is_for_invitations(&self, key: Key) -> bool {
        let action = self.settings.keymap.action(key);
        let taken = self.layers.last().and_then(Layer::picker).is_some();
        matches!(action, Some(Action::Accept | Action::Reject | Action::NextInvitation))
            && self.lock.is_none()
            && !(taken && self.settings.keymap.in_list(key).is_some())
    }

    /// The key of such an action that works here and now, as people read it; empty when there is none.
    pub fn invitation_key(&self, action: Action) -> String {
        let mut keys = self.settings.keymap.keys(action).iter();
        keys.find(|key| self.is_for_invitations(**key)).map(ToString::to_string).unwrap_or_default()
    }

    /// The rows inside a layer that fills the screen.
    pub(super) fn layer_rows(&self) -> u16 {
        let frame = if self.size.0 < layout::FULL_WIDTH { 1 } else { 2 };
        self.layout().layer.height.saturating_sub(frame).max(1)
    }

    /// Whether requests can go out.
    pub const fn online(&self) -> bool {
        matches!(self.link, Link::Online { .. })
    }

    /// The options as they are now: the server's layers, over what only the local file sets.
    pub fn options(&self) -> Options {
        Options::resolve(&[&self.settings.local, &self.server_options]).0
    }

    /// The options for an interaction: those of now, and over them what a routing strategy attached.
    /// (Workspace: `interaction.override-option-key`.)
    pub fn options_of(&self, interaction: &Interaction) -> Options {
        let mut options = self.options();
        if let Some(Value::List(over)) = interaction.user_data.get(&options.override_key) {
            for (name, value) in over.iter() {
                // What a strategy gets wrong leaves the value before it, as everywhere.
                options.set(name, &value.to_text()).ok();
            }
        }
        options
    }

    /// After how long without a key the desk locks: the shorter of the server's time and the person's.
    pub fn lock_after(&self) -> Option<Duration> {
        let minutes = u64::from(self.options().lock_after_minutes);
        let server = (minutes > 0).then(|| Duration::from_secs(minutes * 60));
        server.into_iter().chain(self.settings.lock_after).min()
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
        moments.extend(self.undo.as_ref().map(|undo| undo.until));
        moments.extend(self.notices.next_change(self.focused).filter(|_| self.lock.is_none()));
        if let Some(list) = self.layers.iter().rev().find_map(Layer::targets)
            && self.online()
            && self.lock.is_none()
        {
            moments.push(list.next_wake());
        }
        moments.extend(update::locks_at(self));
        // After Call Work is shown by the minute.
        if let Some(since) = self.channel.since.filter(|_| self.channel.state == AgentState::AfterCallWork) {
            let minutes = self.now.since(since).as_secs() / 60 + 1;
            moments.push(since.plus(Duration::from_secs(minutes * 60)));
        }
        let countdown = self.invitations.iter().any(|i| i.offer.as_ref().is_some_and(|o| o.lapses.is_some()));
        let retry = matches!(&self.link, Link::Lost { retry_at, .. } if *retry_at > self.now);
        if countdown || retry {
            moments.push(Millis(self.now.0 - self.now.0.rem_euclid(1000) + 1000));
        }
        // The waiting time of a customer is shown by the second for its first minute, then by the minute.
        let seen = self.sessions.iter().filter(|_| self.lock.is_none());
        let offered = self.invitations.iter().filter(|_| self.lock.is_none());
        let offered = offered.filter_map(|invitation| invitation.waiting_since);
        for since in seen.filter_map(Session::waiting_since).chain(offered) {
            let step = if self.now.since(since) < Duration::from_secs(60) { 1000 } else { 60_000 };
            let waited = self.now.0.saturating_sub(since.0).max(0);
            moments.push(Millis(since.0 + (waited / step + 1) * step));
        }
        // The reply window is shown by the hour, and by the minute in its last hour.
        if let Some(ends) = self
            .session()
            .filter(|_| self.lock.is_none())
            .and_then(|s| s.interaction.window_ends)
            .filter(|ends| *ends > self.now)
        {
            let left = ends.0 - self.now.0;
            let step = if left > 3_600_000 { 3_600_000 } else { 60_000 };
            moments.push(Millis(self.now.0 + (left - 1).rem_euclid(step) + 1));
        }
        moments.into_iter().filter(|at| *at > self.now).min()
    }

    /// Whether something of the list of targets is under way.
    pub(super) fn is_awaiting_targets(&self) -> bool {
        self.awaited.values().any(|awaited| matches!(awaited, Awaited::Targets(_)))
    }

    pub(super) fn operation(&mut self) -> OperationId {
        self.requests += 1;
        format!("{}-{}", self.desk, self.requests).into()
    }

    pub(super) fn say(&mut self, level: Level, text: impl AsRef<str>) {
        let text = Clean::line(text.as_ref());
        if self.answers {
            self.notices.answer(self.now, level, text);
        } else {
            self.notices.push(self.now, level, text);
        }
    }
}

//! Everything a console knows.

use crate::app::core::action::{Action, Info, Topic};
use crate::app::core::form::FormPurpose;
use crate::app::core::key::Key;
use crate::app::core::layer::Layer;
use crate::app::core::msg::Link;
use crate::app::core::notice::{Level, Notices};
use crate::app::core::session::Session;
use crate::app::core::settings::Settings;
use crate::app::features::contacts::model::ContactRequest;
use crate::app::features::disposition::model::DispositionRequest;
use crate::app::features::done::model::{DoneRequest, FinishedSession};
use crate::app::features::lock::model::Lock;
use crate::app::features::older::model::OlderRequest;
use crate::app::features::parties::model::PartiesRequest;
use crate::app::features::reach::model::ReachRequest;
use crate::app::features::responses::model::{Library, LibraryRequest};
use crate::app::features::status::model::{NamedChannel, StatusRequest};
use crate::app::features::supervise::model::SuperviseRequest;
use crate::app::features::targets::model::TargetsRequest;
use crate::app::features::workbins::model::{WorkbinRequest, Workbins};
use crate::domain::agent::{Channel, Reason};
use crate::domain::data::Value;
use crate::domain::interaction::Interaction;
use crate::domain::options::{OptionError, Options};
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Draft, PendingMessage};
use crate::domain::{AttachedData, InteractionId, Millis, OperationId};
use crate::proto::media::LogQuery;
use crate::proto::request::ReadPositions;
use crate::proto::session::ConfigurationDto;
use crate::text::Clean;
use jiff::tz::TimeZone;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

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

/// What a request was for, while its reply is awaited: core's own, and one arm for each feature.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum Awaited {
    /// The state of the workspace session.
    CurrentSession,
    /// The configuration, for a session that has just opened: it keeps the values of this moment.
    Configuration(InteractionId),
    /// A part of a session's log.
    Messages(InteractionId, LogQuery),
    /// A message that was sent.
    Message(InteractionId),
    /// A request whose failure does not matter.
    Silent,
    /// Accepting or rejecting an invitation.
    Invitation(InteractionId),
    /// See [`StatusRequest`].
    Status(StatusRequest),
    /// See [`WorkbinRequest`].
    Workbins(WorkbinRequest),
    /// See [`OlderRequest`].
    Older(OlderRequest),
    /// See [`SuperviseRequest`].
    Supervise(SuperviseRequest),
    /// See [`DoneRequest`].
    Done(DoneRequest),
    /// See [`TargetsRequest`].
    Targets(TargetsRequest),
    /// See [`PartiesRequest`].
    Parties(PartiesRequest),
    /// Attaching a disposition.
    Disposition(DispositionRequest),
    /// Saving the pairs of the form with this purpose.
    Case(FormPurpose, AttachedData),
    /// Saving the note of a session.
    Note(InteractionId, String),
    /// See [`ContactRequest`].
    Contacts(ContactRequest),
    /// See [`ReachRequest`].
    Reach(ReachRequest),
    /// See [`LibraryRequest`].
    Responses(LibraryRequest),
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
    pub(in crate::app) lost: bool,
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
    pub(in crate::app) status_asked: bool,
    /// Reasons for Not Ready.
    pub reasons: Vec<Reason>,
    /// Reasons for After Call Work.
    pub work_reasons: Vec<Reason>,
    /// The agents whom this desk monitors, by employee ID.
    pub(in crate::app) monitored: Vec<String>,
    /// Workbins, and what is in them.
    pub workbins: Workbins,
    /// Sessions that are being put into a workbin.
    pub(in crate::app) parking: Vec<InteractionId>,
    /// The lock, while the desk is locked.
    pub lock: Option<Lock>,
    /// When somebody last did something at this desk.
    pub(in crate::app) active_at: Millis,
    /// What the server has configured.
    pub configuration: ConfigurationDto,
    /// The agent's own options on the server, as last told.
    pub(in crate::app) my_options: AttachedData,
    /// The options of the server's layers that are in force.
    pub(in crate::app) server_options: AttachedData,
    /// Options of the server that were refused, so that each is told once.
    pub(in crate::app) refused_options: Vec<OptionError>,
    /// A business attribute that was to list the emoji and is not there, so that it is told once.
    pub(in crate::app) missing_emojis: Option<String>,
    /// Invitations, the oldest first.
    pub invitations: Vec<Interaction>,
    /// Which invitation F2 and F3 are about.
    pub invitation: usize,
    /// Open sessions, in the order they were opened.
    pub sessions: Vec<Session>,
    /// The session that is shown.
    pub shown: Option<InteractionId>,
    /// The session whose newest entries are on the screen, and since when.
    pub(in crate::app) view: Option<(InteractionId, Millis)>,
    /// The session that was finished last, while that can be undone.
    pub undo: Option<FinishedSession>,
    /// The reported problems of the account at WhatsApp, by topic. Bounded by what the server keeps.
    pub(in crate::app) account: HashMap<String, String>,
    /// Drafts of sessions that are not open (yet): kept until they come back.
    pub drafts: HashMap<InteractionId, Draft>,
    /// Files that stand with such drafts.
    pub(in crate::app) enclosures: HashMap<InteractionId, Vec<Enclosure>>,
    /// What an earlier run had viewed of sessions that are not open yet: the index of the last entry.
    pub(in crate::app) seen_before: HashMap<InteractionId, u64>,
    /// Whether that was loaded, even if there was nothing.
    pub(in crate::app) seen_known: bool,
    /// The session that an earlier run showed, until the agent acts.
    pub(in crate::app) shown_before: Option<InteractionId>,
    /// What was last stored as viewed.
    pub(in crate::app) seen_last: Option<(InteractionId, u64)>,
    /// Messages of an earlier run whose sessions are not open (yet).
    pub(in crate::app) unsent: Vec<(InteractionId, PendingMessage)>,
    /// The standard responses, as far as the server has told them.
    pub library: Library,
    /// Notices.
    pub notices: Notices,
    /// Whether notices now answer what a person has just done.
    pub(in crate::app) answers: bool,
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
    pub(in crate::app) awaited: HashMap<OperationId, Awaited>,
    /// Sessions to show as soon as they are open, since the agent accepted them.
    pub(in crate::app) accepted: Vec<InteractionId>,
    /// Requests that begin sessions which are not here yet.
    pub(in crate::app) begun: Vec<OperationId>,
    /// Completed by this desk: their end is no news.
    pub(in crate::app) finished: Vec<InteractionId>,
    /// Sessions that were placed in a queue, with their names: the server tells later who has them. The
    /// oldest of more than [`Self::GIVEN`] goes.
    pub(in crate::app) given: VecDeque<(InteractionId, Clean)>,
}

impl State {
    /// How many sessions that went to a queue are remembered.
    pub(in crate::app) const GIVEN: usize = 50;

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

    pub(in crate::app) fn session_mut(&mut self) -> Option<&mut Session> {
        let shown = self.shown.clone()?;
        self.by_id_mut(&shown)
    }

    pub(in crate::app) fn by_id_mut(&mut self, id: &InteractionId) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.interaction.id == *id)
    }

    /// How far every open session was read.
    pub(in crate::app) fn read_all(&self) -> ReadPositions {
        self.sessions.iter().map(|session| (session.interaction.id.clone(), session.read.upto())).collect()
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
    pub(in crate::app) fn is_monitored(&self, agent: &str) -> bool {
        self.monitored.iter().any(|one| one == agent)
    }

    /// Whether the agent has accepted an invitation and the server has not answered yet.
    pub fn is_accepting(&self, id: &InteractionId) -> bool {
        self.accepted.contains(id)
    }

    /// Whether a key answers or chooses an invitation here and now. It does so above any layer, unless the
    /// open list uses the key itself.
    pub fn is_for_invitations(&self, key: Key) -> bool {
        let action = self.settings.keymap.action(key);
        let taken = self.layers.last().and_then(Layer::list).is_some();
        matches!(action, Some(Action::Accept | Action::Reject | Action::NextInvitation))
            && self.lock.is_none()
            && !(taken && self.settings.keymap.in_list(key).is_some())
    }

    /// The key of such an action that works here and now, as people read it; empty when there is none.
    pub fn invitation_key(&self, action: Action) -> String {
        let mut keys = self.settings.keymap.keys(action).iter();
        keys.find(|key| self.is_for_invitations(**key)).map(ToString::to_string).unwrap_or_default()
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

    /// Whether something of the list of targets is under way.
    pub(in crate::app) fn is_awaiting_targets(&self) -> bool {
        self.awaited.values().any(|awaited| matches!(awaited, Awaited::Targets(_)))
    }

    pub(in crate::app) fn operation(&mut self) -> OperationId {
        self.requests += 1;
        format!("{}-{}", self.desk, self.requests).into()
    }

    pub(in crate::app) fn say(&mut self, level: Level, text: impl AsRef<str>) {
        let text = Clean::line(text.as_ref());
        if self.answers {
            self.notices.answer(self.now, level, text);
        } else {
            self.notices.push(self.now, level, text);
        }
    }
}

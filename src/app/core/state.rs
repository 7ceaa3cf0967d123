//! The state of the console.

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
use crate::app::features::status::model::{NamedChannel, NewStatus, StatusRequest};
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

/// The person who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// Employee ID.
    pub employee_id: String,
    /// The login name.
    pub login: Clean,
    /// The display name.
    pub name: Clean,
    /// The name customers see.
    pub nickname: String,
    /// Agent login, or the employee ID if there is none.
    pub agent_id: String,
    /// The default place.
    pub place: Option<String>,
    /// Whether the server says that this person oversees agents and has no sessions.
    pub oversees: bool,
}

/// The purpose of a pending request: core's own, and one variant for each feature.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum Awaited {
    /// The state of the workspace session.
    CurrentSession,
    /// The configuration for a session that has just opened: it keeps the values of this moment.
    Configuration(InteractionId),
    Messages(InteractionId, LogQuery),
    Message(InteractionId),
    /// A request whose failure does not matter.
    Silent,
    Invitation(InteractionId),
    Status(StatusRequest),
    Workbins(WorkbinRequest),
    Older(OlderRequest),
    Supervise(SuperviseRequest),
    Done(DoneRequest),
    Targets(TargetsRequest),
    Parties(PartiesRequest),
    Disposition(DispositionRequest),
    /// Saving the pairs of the form with this purpose.
    Case(FormPurpose, AttachedData),
    /// Saving the note of a session.
    Note(InteractionId, String),
    Contacts(ContactRequest),
    Reach(ReachRequest),
    Responses(LibraryRequest),
}

/// The complete state of a console.
#[derive(Clone, Debug)]
pub struct State {
    pub settings: Settings,
    /// The agent's time zone.
    pub zone: TimeZone,
    /// The time, as of the last message.
    pub now: Millis,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Whether the terminal has the focus; true when the terminal does not report it.
    pub focused: bool,
    pub link: Link,
    /// Whether the connection was lost and has not come back since.
    pub(in crate::app) lost: bool,
    /// The smoothed duration of a request.
    pub latency: Option<Duration>,
    /// The person who is signed in.
    pub me: Option<Me>,
    /// The agent's state on the WhatsApp channel.
    pub channel: Channel,
    /// All channels that the server has reported.
    pub channels: Vec<NamedChannel>,
    /// The maximum number of sessions of the agent, if the server says so.
    pub capacity: Option<usize>,
    /// Whether this console requested the next change of status.
    pub(in crate::app) status_asked: bool,
    /// The status that was to follow an activation whose reply was lost with the connection.
    pub(in crate::app) status_due: Option<NewStatus>,
    /// Reasons for Not Ready.
    pub reasons: Vec<Reason>,
    /// Reasons for After Call Work.
    pub work_reasons: Vec<Reason>,
    /// The agents whom this console monitors, by employee ID.
    pub(in crate::app) monitored: Vec<String>,
    /// The workbins and their contents.
    pub workbins: Workbins,
    /// Sessions that are being put into a workbin.
    pub(in crate::app) parking: Vec<InteractionId>,
    /// The lock, while the console is locked.
    pub lock: Option<Lock>,
    /// When somebody last used this console.
    pub(in crate::app) active_at: Millis,
    /// The server's configuration.
    pub configuration: ConfigurationDto,
    /// The agent's own options on the server, in the latest version.
    pub(in crate::app) my_options: AttachedData,
    /// The options of the server's layers that are in force.
    pub(in crate::app) server_options: AttachedData,
    /// Refused options of the server, so that each is reported once.
    pub(in crate::app) refused_options: Vec<OptionError>,
    /// A business attribute that should list the emoji but does not exist, so that it is reported once.
    pub(in crate::app) missing_emojis: Option<String>,
    /// Invitations, the oldest first.
    pub invitations: Vec<Interaction>,
    /// The index of the invitation that F2 and F3 refer to.
    pub invitation: usize,
    /// Open sessions, in the order they were opened.
    pub sessions: Vec<Session>,
    pub shown: Option<InteractionId>,
    /// The session whose newest entries are visible, and since when.
    pub(in crate::app) view: Option<(InteractionId, Millis)>,
    /// The session that was finished last, while that can be undone.
    pub undo: Option<FinishedSession>,
    /// The reported problems of the account at WhatsApp, by topic. Bounded by what the server keeps.
    pub(in crate::app) account: HashMap<String, String>,
    /// Drafts of sessions that are not open yet, kept until they open.
    pub drafts: HashMap<InteractionId, Draft>,
    /// Files attached to such drafts.
    pub(in crate::app) enclosures: HashMap<InteractionId, Vec<Enclosure>>,
    /// What an earlier run had viewed of sessions that are not open yet: the index of the last entry.
    pub(in crate::app) seen_before: HashMap<InteractionId, u64>,
    /// Whether `seen_before` was loaded, even if it was empty.
    pub(in crate::app) seen_known: bool,
    /// The session that an earlier run showed, until the agent does something.
    pub(in crate::app) shown_before: Option<InteractionId>,
    /// The last stored view position.
    pub(in crate::app) seen_last: Option<(InteractionId, u64)>,
    /// Messages of an earlier run whose sessions are not open yet.
    pub(in crate::app) unsent: Vec<(InteractionId, PendingMessage)>,
    /// The standard responses that the server has sent so far.
    pub library: Library,
    pub notices: Notices,
    /// Whether new notices answer something that the agent has just done.
    pub(in crate::app) answers: bool,
    /// The open layers, the topmost last.
    pub layers: Vec<Layer>,
    /// Whether case data is shown.
    pub side_pane: bool,
    /// Whether the pairs attached by routing are shown one by one.
    pub routing_shown: bool,
    /// Whether the program is about to end.
    pub ending: bool,
    /// A prefix for the names of requests, which no other console uses.
    desk: String,
    requests: u64,
    pub(in crate::app) awaited: HashMap<OperationId, Awaited>,
    /// Accepted sessions, which are shown as soon as they open.
    pub(in crate::app) accepted: Vec<InteractionId>,
    /// Pending requests that begin new sessions.
    pub(in crate::app) begun: Vec<OperationId>,
    /// Sessions that this console has completed: their end needs no notice.
    pub(in crate::app) finished: Vec<InteractionId>,
    /// Sessions that were placed in a queue, with their names: the server later reports who has them. At more
    /// than [`Self::GIVEN`] the oldest is dropped.
    pub(in crate::app) given: VecDeque<(InteractionId, Clean)>,
}

impl State {
    /// How many sessions placed in a queue are remembered.
    pub(in crate::app) const GIVEN: usize = 50;

    /// The state before the connection. `desk` is a word that no other console uses: it is the prefix of
    /// request names.
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
            status_due: None,
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

    /// The open session with this ID.
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

    /// Whether the person may monitor agents, as far as the server says.
    pub fn oversees(&self) -> bool {
        let says = self.me.as_ref().is_some_and(|me| me.oversees);
        says || !self.configuration.monitorable_agent_groups.is_empty()
    }

    /// Whether an action should be offered to this person.
    pub fn offers(&self, info: &Info) -> bool {
        info.topic != Topic::Supervising || self.oversees()
    }

    /// Whether this console monitors an agent.
    pub(in crate::app) fn is_monitored(&self, agent: &str) -> bool {
        self.monitored.iter().any(|one| one == agent)
    }

    /// Whether the agent has accepted an invitation and the server has not answered yet.
    pub fn is_accepting(&self, id: &InteractionId) -> bool {
        self.accepted.contains(id)
    }

    /// Whether a key answers or chooses an invitation now. It does so above any layer, unless the open list
    /// uses the key itself.
    pub fn is_for_invitations(&self, key: Key) -> bool {
        let action = self.settings.keymap.action(key);
        let taken = self.layers.last().and_then(Layer::list).is_some();
        matches!(action, Some(Action::Accept | Action::Reject | Action::NextInvitation))
            && self.lock.is_none()
            && !(taken && self.settings.keymap.in_list(key).is_some())
    }

    /// The key of such an action that works now, as people read it; empty when there is none.
    pub fn invitation_key(&self, action: Action) -> String {
        let mut keys = self.settings.keymap.keys(action).iter();
        keys.find(|key| self.is_for_invitations(**key)).map(ToString::to_string).unwrap_or_default()
    }

    /// Whether requests can be sent.
    pub const fn online(&self) -> bool {
        matches!(self.link, Link::Online { .. })
    }

    /// The current options: the server's layers above the local file.
    pub fn options(&self) -> Options {
        Options::resolve(&[&self.settings.local, &self.server_options]).0
    }

    /// The options for an interaction: the current ones, overridden by those that a routing strategy attached.
    /// (Workspace: `interaction.override-option-key`.)
    pub fn options_of(&self, interaction: &Interaction) -> Options {
        let mut options = self.options();
        if let Some(Value::List(over)) = interaction.user_data.get(&options.override_key) {
            for (name, value) in over.iter() {
                // An invalid value from a strategy leaves the value before it, as everywhere.
                options.set(name, &value.to_text()).ok();
            }
        }
        options
    }

    /// The idle time after which the console locks: the shorter of the server's and the user's.
    pub fn lock_after(&self) -> Option<Duration> {
        let minutes = u64::from(self.options().lock_after_minutes);
        let server = (minutes > 0).then(|| Duration::from_secs(minutes * 60));
        server.into_iter().chain(self.settings.lock_after).min()
    }

    /// Whether a request of the list of targets is pending.
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

//! The shape of `config.toml`.

use crate::domain::mask::Mask;
use crate::domain::role::{Privilege, Role};
pub use crate::domain::routing_based::Words as RoutingBased;
use crate::domain::template::{Header, Template};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The console's own settings.
    pub console: Console,
    /// Options with Genesys's names; dotted keys read as one name. See [`crate::domain::options`].
    pub interaction_workspace: toml::Table,
    /// The words of routing-based requests.
    pub routing_based: RoutingBased,
    /// Themes of one's own, by name: a theme to begin with, and the looks of roles.
    pub theme: BTreeMap<String, OwnTheme>,
    /// Key bindings: name of an action to one key or a list of keys; an empty list unbinds.
    pub keys: BTreeMap<String, Keys>,
    /// The gateway's settings; only `serve` and `user` read them.
    pub gateway: Gateway,
    /// What is hidden from who only looks on.
    pub privacy: Privacy,
}

/// `[privacy]`: what of customers is hidden in the monitor, the tail and the logs. Agents see everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Privacy {
    /// Phone numbers: only their last two digits are shown.
    pub mask_numbers: bool,
    /// Rows of at least so many digits in texts, 0 (none) or 3..=32.
    pub redact_digits: usize,
    /// Regular expressions; what they find in texts is hidden.
    pub redact: Vec<String>,
}

impl Privacy {
    /// The mask of it.
    ///
    /// # Errors
    /// The place of a pattern that is none, and why.
    pub fn mask(&self) -> Result<Mask, (usize, String)> {
        Mask::new(self.mask_numbers, self.redact_digits, &self.redact)
    }

    /// What may stand in a log of what people write: with `log-messages` all but what this hides, else nothing.
    pub fn in_logs(&self, console: &Console) -> Option<Mask> {
        // A mask that cannot be made was refused when the configuration was checked.
        console.log_messages.then(|| self.mask().ok()).flatten()
    }
}

/// One key or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a key as text, or a list of keys")]
pub enum Keys {
    /// One.
    One(String),
    /// Several, or none.
    Many(Vec<String>),
}

/// `[console]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Console {
    /// The server: a gateway of deskline, or Genesys.
    pub url: String,
    /// Who signs in. Genesys wants `tenant\user`.
    pub user: Option<String>,
    /// A command that prints the password.
    pub password_command: Option<String>,
    /// OAuth client id.
    pub client_id: String,
    /// File (mode 0600) with the OAuth client secret.
    pub client_secret_file: Option<PathBuf>,
    /// File (mode 0600) with the API key that Genesys's public gateway wants.
    pub api_key_file: Option<PathBuf>,
    /// The name customers see; empty uses the agent's first name.
    pub nickname: String,
    /// Which transport carries events.
    pub transport: Transport,
    /// A file of certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Which theme: one that comes with the program, or one of [`Config::theme`].
    pub theme: String,
    /// How many colours.
    pub colors: Colors,
    /// Whether the terminal's mouse is captured. Off leaves selection to the terminal.
    pub mouse: bool,
    /// Ring the bell for an invitation and for a message in a session that is not shown.
    pub bell: bool,
    /// Whether accepting a session shows it at once even while a reply is being typed.
    pub accept_takes_focus: bool,
    /// Whether customers are shown that the agent types.
    pub send_typing: bool,
    /// Whether anything on the screen may blink.
    pub blink: bool,
    /// Seconds that a message is held before it leaves, so that it can be taken back: 0..=10.
    pub undo_send: u64,
    /// Minutes without a key until the desk locks, 0..=1440; 0: never. The server may set a shorter time.
    pub lock_after: u64,
    /// Who reorders right-to-left text.
    pub bidi: BidiMode,
    /// Log file; empty is the state folder's `deskline.log`.
    pub log_file: Option<PathBuf>,
    /// `error`, `warn`, `info`, `debug`, `trace`.
    pub log_level: String,
    /// Whether messages of people may be written to the log.
    pub log_messages: bool,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8700".to_owned(),
            user: None,
            password_command: None,
            client_id: "deskline".to_owned(),
            client_secret_file: None,
            api_key_file: None,
            nickname: String::new(),
            transport: Transport::Auto,
            ca_file: None,
            theme: "dark".to_owned(),
            colors: Colors::Auto,
            mouse: false,
            bell: true,
            accept_takes_focus: false,
            send_typing: true,
            blink: true,
            undo_send: 0,
            lock_after: 0,
            bidi: BidiMode::App,
            log_file: None,
            log_level: "info".to_owned(),
            log_messages: false,
        }
    }
}

/// How events travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// WebSocket, and long-polling when it is refused.
    #[default]
    Auto,
    /// WebSocket only.
    Websocket,
    /// Long-polling only.
    LongPolling,
}

/// `[theme.NAME]`: a theme of one's own. `base` names the theme that comes with the program and that the rest
/// is taken from; every other key is a role, with its look in words such as `bold cyan on blue`. Which roles
/// and words there are, the screen knows.
pub type OwnTheme = BTreeMap<String, String>;

/// How many colours to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colors {
    /// As the environment says (`NO_COLOR`, `TERM`).
    #[default]
    Auto,
    /// The sixteen.
    Sixteen,
    /// None.
    None,
}

/// Who puts right-to-left text in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BidiMode {
    /// This program.
    #[default]
    App,
    /// The terminal, or nobody.
    Terminal,
}

/// `[gateway]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gateway {
    /// Where it listens. Port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where health and metrics are served; nowhere when absent.
    pub admin_listen: Option<SocketAddr>,
    /// Where the data is kept; absolute after a load. For commands, see [`Loaded::data_dir`](super::Loaded::data_dir).
    pub data_dir: Option<PathBuf>,
    /// Whether WebSocket is offered besides long-polling.
    pub websocket: bool,
    /// Seconds a long poll is held, 1..=300.
    pub poll_timeout: u64,
    /// Seconds an access token lives, 60..=604800.
    pub token_lifetime: u64,
    /// Seconds an agent whose connection broke keeps their sessions, 0..=3600.
    pub grace: u64,
    /// Seconds within which a session is to be answered, for the service level, 1..=86400.
    pub service_level_seconds: u64,
    /// Unanswered invitations until an agent is made Not Ready, 1..=100.
    pub misses_before_not_ready: u32,
    /// Seconds in which a session is not offered again to who missed or rejected it, 0..=3600.
    pub no_repeat: u64,
    /// Points of priority a waiting session gains each minute, 0..=1000.
    pub ageing_per_minute: f64,
    /// Hours in which the last agent is preferred, 0..=8760; 0 turns it off.
    pub last_agent_hours: u64,
    /// Minutes after which a session that waits for its customer takes no capacity, 0..=10080; 0
    /// turns it off.
    pub idle_after_minutes: u64,
    /// Sessions over capacity that customers who come back may cause, 0..=100.
    pub wake_over_capacity: u32,
    /// Seconds after which After Call Work ends by itself, 0..=86400; 0: it ends when the agent says so.
    pub after_call_work_seconds: u64,
    /// Where the sessions of an agent who signs out go.
    pub sign_out_to: SignOut,
    /// The state that an accepted session has on the wire.
    pub active_state: String,
    /// Seconds to wait for WhatsApp's word about a send whose outcome is unknown, 1..=3600.
    pub unknown_outcome_wait: u64,
    /// What the customer is told when an agent joins a conference; `{name}` is the agent. Empty: nothing.
    pub conference_joined_text: String,
    /// Whether agents are told who monitors their sessions silently. Who coaches or barges in is always seen.
    pub show_silent_monitoring: bool,
    /// Whether agents may read of customers they do not serve: the contact directory, and the history and the
    /// transcripts of every contact.
    pub contact_lookup: bool,
    /// Most connections at a time, 1..=100000.
    pub max_connections: usize,
    /// WhatsApp's side; without it no webhook is served.
    pub whatsapp: Option<WhatsApp>,
    /// Agents.
    pub agent: Vec<Agent>,
    /// Agent groups that carry options of their own. Groups named by agents exist without this.
    pub group: Vec<Group>,
    /// Interaction queues.
    pub queue: Vec<Queue>,
    /// Workbins. Without one that has no group, every agent has [`WORKBIN`].
    pub workbin: Vec<Workbin>,
    /// Reasons for Not Ready and After Call Work.
    pub action_code: Vec<ActionCode>,
    /// Business attributes.
    pub business_attribute: Vec<BusinessAttribute>,
    /// Targets that are favourites of everybody.
    pub corporate_favourite: Vec<CorporateFavourite>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8700)),
            admin_listen: None,
            data_dir: None,
            websocket: true,
            poll_timeout: 30,
            token_lifetime: 43_200,
            grace: 60,
            service_level_seconds: 60,
            misses_before_not_ready: 1,
            no_repeat: 60,
            ageing_per_minute: 1.0,
            last_agent_hours: 24,
            idle_after_minutes: 10,
            wake_over_capacity: 1,
            after_call_work_seconds: 0,
            sign_out_to: SignOut::Workbin,
            active_state: "Processing".to_owned(),
            unknown_outcome_wait: 60,
            conference_joined_text: "{name} has joined the conversation.".to_owned(),
            show_silent_monitoring: false,
            contact_lookup: true,
            max_connections: 4096,
            whatsapp: None,
            agent: Vec::new(),
            group: Vec::new(),
            queue: Vec::new(),
            workbin: Vec::new(),
            action_code: Vec::new(),
            business_attribute: Vec::new(),
            corporate_favourite: Vec::new(),
        }
    }
}

/// `[gateway.whatsapp]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WhatsApp {
    /// The number's id at WhatsApp.
    pub phone_number_id: String,
    /// The number as people dial it.
    #[serde(default)]
    pub display_phone_number: String,
    /// Where the Graph API is.
    #[serde(default = "graph_url")]
    pub graph_url: String,
    /// Its version.
    #[serde(default = "graph_version")]
    pub graph_version: String,
    /// File (mode 0600) with the app secret that signs webhooks. Or `DESKLINE_APP_SECRET`.
    #[serde(default)]
    pub app_secret_file: Option<PathBuf>,
    /// File (mode 0600) with the access token. Or `DESKLINE_ACCESS_TOKEN`.
    #[serde(default)]
    pub access_token_file: Option<PathBuf>,
    /// File (mode 0600) with the token of the webhook's verification. Or `DESKLINE_VERIFY_TOKEN`.
    #[serde(default)]
    pub verify_token_file: Option<PathBuf>,
    /// The interaction queue that new sessions enter.
    pub queue: String,
    /// The business account's id at WhatsApp, whose templates are listed.
    #[serde(default)]
    pub business_account_id: Option<String>,
    /// Minutes until the list of templates is read again, 1..=1440.
    #[serde(default = "template_refresh")]
    pub template_refresh: u64,
    /// Templates that WhatsApp does not list here.
    #[serde(default)]
    pub template: Vec<TextTemplate>,
}

impl WhatsApp {
    /// A number with its Graph API and its queue, and everything else as it is unless configured.
    pub fn at(phone_number_id: &str, graph_url: &str, queue: &str) -> Self {
        Self {
            phone_number_id: phone_number_id.to_owned(),
            display_phone_number: String::new(),
            graph_url: graph_url.to_owned(),
            graph_version: graph_version(),
            app_secret_file: None,
            access_token_file: None,
            verify_token_file: None,
            queue: queue.to_owned(),
            business_account_id: None,
            template_refresh: template_refresh(),
            template: Vec::new(),
        }
    }
}

const fn template_refresh() -> u64 {
    10
}

/// `[[gateway.whatsapp.template]]`: a template of text alone, as WhatsApp has approved it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextTemplate {
    /// Name.
    pub name: String,
    /// Language.
    pub language: String,
    /// Category.
    #[serde(default = "category")]
    pub category: String,
    /// Line above the body.
    #[serde(default)]
    pub header: String,
    /// Text, with its placeholders.
    pub body: String,
    /// Line below the body.
    #[serde(default)]
    pub footer: String,
}

fn category() -> String {
    "UTILITY".to_owned()
}

impl TextTemplate {
    /// The template.
    pub fn template(&self) -> Template {
        let header = self.header.clone();
        Template {
            name: self.name.clone(),
            language: self.language.clone(),
            category: self.category.clone(),
            header: if header.is_empty() { Header::None } else { Header::Text(header) },
            body: self.body.clone(),
            footer: self.footer.clone(),
            ..Template::default()
        }
    }
}

fn graph_url() -> String {
    "https://graph.facebook.com".to_owned()
}

fn graph_version() -> String {
    "v23.0".to_owned()
}

/// `[[gateway.agent]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Agent {
    /// Name to sign in with.
    pub user_name: String,
    /// Employee ID; the user name when absent.
    #[serde(default)]
    pub employee_id: Option<String>,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    pub last_name: String,
    /// Role.
    #[serde(default)]
    pub role: Role,
    /// Hash of the password, made by `deskline user`.
    pub password_hash: String,
    /// Agent groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Skills with their levels, 0..=100.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// Telephone number by which colleagues find them.
    #[serde(default)]
    pub phone: Option<String>,
    /// Sessions at a time, 1..=100.
    #[serde(default = "capacity")]
    pub capacity: u32,
    /// Agent groups that a supervisor or administrator oversees; empty: all.
    #[serde(default)]
    pub oversees: Vec<String>,
    /// What a supervisor or administrator may do in the sessions they oversee besides reading them.
    #[serde(default)]
    pub privileges: Vec<Privilege>,
    /// Options of this person.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
}

impl Agent {
    /// The employee ID, which is the user name where none is given.
    pub fn employee_id(&self) -> &str {
        self.employee_id.as_deref().unwrap_or(&self.user_name)
    }
}

const fn capacity() -> u32 {
    4
}

/// `[[gateway.group]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// Name.
    pub name: String,
    /// Options of its members.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
}

/// `[[gateway.queue]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Queue {
    /// Name.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Skills with the least level that will do, 0..=100.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// Only members of this group.
    #[serde(default)]
    pub group: Option<String>,
    /// Priority to begin with, -1000000..=1000000.
    #[serde(default)]
    pub priority: i64,
    /// Seconds an invitation stands, 1..=3600.
    #[serde(default = "accept_timeout")]
    pub accept_timeout: u64,
    /// How an agent is chosen.
    #[serde(default)]
    pub strategy: Strategy,
    /// Queues whose agents may help when nobody answered.
    #[serde(default)]
    pub overflow: Vec<String>,
    /// Seconds until overflow, 0..=86400; 0 turns it off.
    #[serde(default)]
    pub overflow_after: u64,
    /// Levels by which needed skills are lowered at each step, 0..=100; 0 turns it off.
    #[serde(default)]
    pub relax_step: u8,
    /// Seconds between steps, 0..=86400; at least 1 when there are steps.
    #[serde(default)]
    pub relax_every: u64,
    /// The lowest level that steps lead to, 0..=100.
    #[serde(default)]
    pub relax_min: u8,
    /// Seconds a session is held for its last agent, 0..=3600.
    #[serde(default)]
    pub last_agent_hold: u64,
}

const fn accept_timeout() -> u64 {
    30
}

/// How a queue chooses among the agents that will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Who has the least to do.
    #[default]
    LeastLoaded,
    /// Who has had nothing for longest.
    LongestIdle,
    /// In turn.
    RoundRobin,
}

/// The workbin that every agent has when none is configured.
pub const WORKBIN: &str = "whatsapp-workbin";

/// Where the sessions of an agent who signs out go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum SignOut {
    /// Into the agent's workbin. (Workspace.)
    #[default]
    #[serde(rename = "workbin")]
    Workbin,
    /// Into the workbin when the customer has an answer, else back to the queue at once.
    #[serde(rename = "answered-to-workbin")]
    Answered,
    /// Back to the queue when the grace is over.
    #[serde(rename = "queue")]
    Queue,
}

/// `[[gateway.workbin]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workbin {
    /// Name.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The agent group it is of; every agent has one of their own when absent.
    #[serde(default)]
    pub group: Option<String>,
}

/// `[[gateway.action-code]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ActionCode {
    /// What people read.
    pub name: String,
    /// What is sent.
    pub code: String,
    /// Which state it explains: `NotReady`, or another type of the Workspace API's action codes.
    #[serde(rename = "type", default = "not_ready")]
    pub kind: String,
}

fn not_ready() -> String {
    "NotReady".to_owned()
}

/// `[[gateway.corporate-favourite]]`. (Workspace: a section named by `teamcommunicator.corporate-favorites`.)
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorporateFavourite {
    /// The heading it stands under for other clients.
    #[serde(default)]
    pub category: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: FavouriteKind,
    /// Employee ID or user name of an agent, else the name.
    pub id: String,
    /// What people read; its own name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
}

/// What a corporate favourite is, in the words of the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum FavouriteKind {
    /// An agent.
    Agent,
    /// An agent group.
    AgentGroup,
    /// A skill.
    Skill,
    /// An interaction queue.
    InteractionQueue,
}

/// `[[gateway.business-attribute]]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BusinessAttribute {
    /// Name.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Its annex: options of the section with that name, such as the order of case data.
    #[serde(default)]
    pub interaction_workspace: toml::Table,
    /// Values.
    #[serde(default)]
    pub values: Vec<AttributeValue>,
}

/// A value of a business attribute: a name, or more.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a name, or a table with `name` and perhaps `display-name`, `default` and `interaction-workspace`"
)]
pub enum AttributeValue {
    /// A name.
    Name(String),
    /// A name, what people read, and whether it is the one to begin with.
    #[serde(rename_all = "kebab-case")]
    Full {
        /// What is stored.
        name: String,
        /// What people read.
        #[serde(default)]
        display_name: Option<String>,
        /// Whether it is the one to begin with.
        #[serde(default)]
        default: bool,
        /// Its annex: options of the section with that name, such as the kind of a field.
        #[serde(default)]
        interaction_workspace: toml::Table,
    },
}

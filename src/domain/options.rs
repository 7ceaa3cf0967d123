//! The options of the section `interaction-workspace`, spelled as Genesys spells them.
//!
//! Values come in layers: the tenant, the agent group, the agent, and last the local file for what the
//! server does not set. A value that is not valid is named with what would be, and the one before it stays.

use super::AttachedData;
use super::agent::StatusAction;
use super::pending::Thresholds;
use super::target::TargetKind;
use std::time::Duration;
use thiserror::Error;

/// The name of the section.
pub const SECTION: &str = "interaction-workspace";
/// Option name.
pub const QUEUE: &str = "intercommunication.whatsappsession.queue";
/// Option name.
pub const MAX_TEXT: &str = "whatsappsession.max-text-message-size";
/// Option name.
pub const TRANSCRIPT_COUNT: &str = "whatsappsession.transcript-interactions-count";
/// Option name.
pub const PENDING: &str = "whatsappsession.pending-response-to-customer";
/// Option name.
pub const EMOJIS: &str = "whatsappsession.emojis-business-attribute";
/// Option name.
pub const BLINKING: &str = "whatsappsession.new-message-blinking";
/// Option name.
pub const BLINKING_DURATION: &str = "whatsappsession.new-message-blinking-duration";
/// Option name.
pub const CROSS_CHANNEL: &str = "whatsappsession.show-cross-channel-messages";
/// Option name.
pub const DISPOSITION_MANDATORY: &str = "interaction.disposition.is-mandatory";
/// Option name.
pub const DISPOSITION_READ_ONLY: &str = "interaction.disposition.is-read-only-on-idle";
/// Option name.
pub const DISPOSITION_KEY: &str = "interaction.disposition.key-name";
/// Option name.
pub const DISPOSITION_ATTRIBUTE: &str = "interaction.disposition.value-business-attribute";
/// Option name.
pub const CASE_CONTENT: &str = "interaction.case-data.content";
/// Option name.
pub const CASE_ATTRIBUTE: &str = "interaction.case-data.format-business-attribute";
/// Option name.
pub const TOAST_CONTENT: &str = "toast.case-data.content";
/// Option name.
pub const TOAST_ATTRIBUTE: &str = "toast.case-data.format-business-attribute";
/// Option name.
pub const OVERRIDE_KEY: &str = "interaction.override-option-key";

/// Option name.
pub const RESPONSE_LANGUAGES: &str = "standard-response.languages";
/// Option name.
pub const RESPONSE_CATEGORIES: &str = "standard-response.categories";
/// Every language or category. (Workspace.)
pub const ALL: &str = "$All$";

/// Option name.
pub const AUTO_READY: &str = "login.whatsappsession.is-auto-ready";

/// Option name.
pub const TARGET_FILTERS: &str = "teamcommunicator.list-filter-showing";
/// Option name.
pub const TARGET_MOST: &str = "teamcommunicator.max-size";
/// Option name.
pub const TARGET_SUGGESTIONS: &str = "teamcommunicator.max-suggestion-size";
/// Option name.
pub const TARGET_RECENTS: &str = "teamcommunicator.recent-max-records";
/// Option name.
pub const TARGET_TIMER: &str = "teamcommunicator.request-start-timer";
/// Option name.
pub const AUTO_NOT_READY_REASON: &str = "login.whatsappsession.auto-not-ready-reason";
/// Option name.
pub const ACTIONS_GLOBAL: &str = "agent-status.enabled-actions-global";
/// Option name.
pub const ACTIONS_BY_CHANNEL: &str = "agent-status.enabled-actions-by-channel";
/// Option name.
pub const LOCK_SETS_NOT_READY: &str = "security.session-lock-set-agent-not-ready";
/// Option name.
pub const LOCK_REASON: &str = "security.session-lock-not-ready-reason";
/// Option name.
pub const LOCK_FORCES_NOT_READY: &str = "security.session-lock-force-not-ready-state";
/// Option name; this program's own, since Genesys's is not published.
pub const LOCK_AFTER: &str = "deskline.lock-after";

/// What the status menus hold unless an option says otherwise.
const ACTIONS: &str = "Ready,NotReady,NotReadyReason,AfterCallWork,AfterCallWorkReason,Dnd,LogOff";
const ACTIONS_VALID: &str =
    "some of Ready, NotReady, NotReadyReason, AfterCallWork, AfterCallWorkReason, Dnd, LogOff, with commas";
/// Option name.
pub const CONTACT_LOOKUP: &str = "contact.lookup.enable";
/// Option name.
pub const CONTACT_CREATE: &str = "contact.lookup.enable-create-contact";
/// Option name.
pub const CONTACT_ASSIGN: &str = "contact.can-use-assign-contact";
/// Option name.
pub const CONTACT_PAGE: &str = "contact.default-directory-page-size";
/// Option name.
pub const CONTACT_PAGES: &str = "contact.available-directory-page-sizes";
/// Option name.
pub const CONTACT_MANDATORY: &str = "contact.mandatory-attributes";
/// Option name.
pub const CONTACT_MULTIPLE: &str = "contact.multiple-value-attributes";
/// Option name.
pub const CONTACT_SEARCH: &str = "contact.directory-search-attributes";
/// Option name.
pub const CONTACT_HISTORY: &str = "contact.myhistory-displayed-columns";

/// Every option this program reads: name, default as text, what is valid.
pub const KNOWN: &[(&str, &str, &str)] = &[
    (QUEUE, "", "the name of an interaction queue, or nothing"),
    (MAX_TEXT, "4096", "a whole number of bytes from 1 to 2147483647"),
    (TRANSCRIPT_COUNT, "1", "a whole number from 1 to 1000"),
    (PENDING, "30,50", "two whole numbers of seconds, the warning before the maximum, such as 30,50"),
    (EMOJIS, "", "the name of a business attribute, or nothing"),
    (BLINKING, "true", "true or false"),
    (BLINKING_DURATION, "0", "a whole number of seconds from 0 (endless) to 2147483647"),
    (CROSS_CHANNEL, "false", "true or false"),
    (DISPOSITION_MANDATORY, "false", "true or false"),
    (DISPOSITION_READ_ONLY, "false", "true or false"),
    (DISPOSITION_KEY, "DispositionCode", "letters, digits, underscores and spaces, at least one"),
    (DISPOSITION_ATTRIBUTE, "DispositionCode", "the name of a business attribute"),
    (CASE_CONTENT, "History,CaseData", "a list of History and CaseData, or nothing"),
    (CASE_ATTRIBUTE, "", "the name of a business attribute, or nothing"),
    (TOAST_CONTENT, "CaseData", "a list of History and CaseData, or nothing"),
    (TOAST_ATTRIBUTE, "", "the name of a business attribute, or nothing"),
    (OVERRIDE_KEY, "IW_OverrideOptions", "the name of a key of attached data"),
    (RESPONSE_LANGUAGES, ALL, "$All$, or languages with commas between, such as English,Spanish"),
    (
        RESPONSE_CATEGORIES,
        ALL,
        "$All$, or paths of categories with commas between, such as Orders/Delivery,Billing",
    ),
    (AUTO_READY, "true", "true or false"),
    (
        TARGET_FILTERS,
        "Agent,AgentGroup,Skill,RoutingPoint,Queue,Contact,InteractionQueue,CustomContact",
        "kinds of targets with commas between them, of Agent, AgentGroup, Skill, InteractionQueue and Contact",
    ),
    (TARGET_MOST, "50", "a whole number from 1 to 1000"),
    (TARGET_SUGGESTIONS, "10", "a whole number from 1 to 1000"),
    (TARGET_RECENTS, "10", "a whole number from 0 to 100"),
    (TARGET_TIMER, "500", "a whole number of milliseconds from 0 to 10000"),
    (AUTO_NOT_READY_REASON, "", "the name or the code of a reason for Not Ready, or nothing"),
    (ACTIONS_GLOBAL, ACTIONS, ACTIONS_VALID),
    (ACTIONS_BY_CHANNEL, ACTIONS, ACTIONS_VALID),
    (LOCK_SETS_NOT_READY, "false", "true or false"),
    (LOCK_REASON, "", "the name or the code of a reason for Not Ready, or nothing"),
    (LOCK_FORCES_NOT_READY, "false", "true or false"),
    (LOCK_AFTER, "0", "a whole number of minutes from 0 (never) to 1440"),
    (CONTACT_LOOKUP, "true", "true or false"),
    (CONTACT_CREATE, "true", "true or false"),
    (CONTACT_ASSIGN, "true", "true or false"),
    (CONTACT_PAGE, "10", "a whole number from 1 to 200"),
    (CONTACT_PAGES, "5,10,25,50", "whole numbers from 1 to 200, with commas between them"),
    (CONTACT_MANDATORY, "FirstName,LastName", "names of attributes with commas between them, or nothing"),
    (
        CONTACT_MULTIPLE,
        "PhoneNumber,EmailAddress",
        "names of attributes with commas between them, or nothing",
    ),
    (
        CONTACT_SEARCH,
        "LastName,FirstName,PhoneNumber,EmailAddress,CompanyName",
        "names of attributes with commas between them, or nothing",
    ),
    (
        CONTACT_HISTORY,
        "Status,Subject,StartDate,EndDate,OwnerId",
        "names of columns with commas between them: Status, Subject, StartDate, EndDate, OwnerId",
    ),
];

/// An option that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OptionError {
    /// No such option.
    #[error("there is no option {name}")]
    Unknown {
        /// As written.
        name: String,
    },
    /// A value that is not valid.
    #[error("{name} = {value:?} is not valid: it takes {valid}")]
    Invalid {
        /// The option.
        name: &'static str,
        /// As written.
        value: String,
        /// What would do.
        valid: &'static str,
    },
}

/// The values in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// [`QUEUE`]: read at each attempt.
    pub queue: Option<String>,
    /// [`MAX_TEXT`]: bytes of UTF-8. Read when a session starts.
    pub max_text: usize,
    /// [`TRANSCRIPT_COUNT`]: earlier sessions per click. Read when a session starts.
    pub transcript_count: u32,
    /// [`PENDING`]. Read when a session starts.
    pub pending: Thresholds,
    /// [`EMOJIS`]. Read when a session starts.
    pub emojis: Option<String>,
    /// [`BLINKING`]. Read when a session starts.
    pub blinking: bool,
    /// [`BLINKING_DURATION`]; `None` is endless. Read when a session starts.
    pub blinking_for: Option<Duration>,
    /// [`CROSS_CHANNEL`]. Read when a session starts.
    pub cross_channel: bool,
    /// [`DISPOSITION_MANDATORY`].
    pub disposition_mandatory: bool,
    /// [`DISPOSITION_READ_ONLY`].
    pub disposition_read_only: bool,
    /// [`DISPOSITION_KEY`].
    pub disposition_key: String,
    /// [`DISPOSITION_ATTRIBUTE`].
    pub disposition_attribute: String,
    /// [`CASE_CONTENT`]: whether case data is shown. Read when a session starts.
    pub case_shown: bool,
    /// [`CASE_ATTRIBUTE`]: what filters, labels and types case data. Read when a session starts.
    pub case_attribute: Option<String>,
    /// [`TOAST_CONTENT`]: whether an invitation shows case data.
    pub toast_shown: bool,
    /// [`TOAST_ATTRIBUTE`]: what filters and labels the case data of an invitation.
    pub toast_attribute: Option<String>,
    /// [`OVERRIDE_KEY`]: where a routing strategy puts options of one session.
    pub override_key: String,
    /// [`RESPONSE_LANGUAGES`]; empty is all. Read when a session starts.
    pub response_languages: Vec<String>,
    /// [`RESPONSE_CATEGORIES`]; empty is all. Read when a session starts.
    pub response_categories: Vec<String>,
    /// [`AUTO_READY`]: Ready at sign-in. Read at sign-in. Genesys names no default; a desk that signs in is
    /// meant to work.
    pub auto_ready: bool,
    /// [`TARGET_FILTERS`]: the kinds that lists of targets have, in their order. Read when a list opens.
    pub target_kinds: Vec<TargetKind>,
    /// [`TARGET_MOST`]: rows of such a list.
    pub target_most: usize,
    /// [`TARGET_SUGGESTIONS`]: rows of it while a name is typed.
    pub target_suggestions: usize,
    /// [`TARGET_RECENTS`]: recent targets.
    pub target_recents: usize,
    /// [`TARGET_TIMER`]: how long nothing is typed before the server is asked.
    pub target_timer: Duration,
    /// [`AUTO_NOT_READY_REASON`]: the reason at sign-in of who is not Ready then. Read at sign-in.
    pub auto_not_ready_reason: Option<String>,
    /// [`ACTIONS_GLOBAL`]: the status menu, in its order. Read when it is opened.
    pub actions_global: Vec<StatusAction>,
    /// [`ACTIONS_BY_CHANNEL`]: the menu of a channel, in its order. Read when it is opened.
    pub actions_by_channel: Vec<StatusAction>,
    /// [`LOCK_SETS_NOT_READY`]. Read when the desk is locked.
    pub lock_sets_not_ready: bool,
    /// [`LOCK_REASON`]. Read when the desk is locked.
    pub lock_reason: Option<String>,
    /// [`LOCK_FORCES_NOT_READY`]: also who is Not Ready already gets the reason. Read when the desk is locked.
    pub lock_forces_not_ready: bool,
    /// [`LOCK_AFTER`]: minutes without a key until the desk locks; 0: never.
    pub lock_after_minutes: u32,
    /// [`CONTACT_LOOKUP`]: whether the directory can be searched.
    pub contact_lookup: bool,
    /// [`CONTACT_CREATE`].
    pub contact_create: bool,
    /// [`CONTACT_ASSIGN`].
    pub contact_assign: bool,
    /// [`CONTACT_PAGE`]: rows.
    pub contact_page: usize,
    /// [`CONTACT_PAGES`]: rows that can be chosen.
    pub contact_pages: Vec<usize>,
    /// [`CONTACT_MANDATORY`]: attributes that must be filled in.
    pub contact_mandatory: Vec<String>,
    /// [`CONTACT_MULTIPLE`]: attributes that may have several values.
    pub contact_multiple: Vec<String>,
    /// [`CONTACT_SEARCH`]: fields of the directory that can be searched alone.
    pub contact_search: Vec<String>,
    /// [`CONTACT_HISTORY`]: what is shown of a past session.
    pub contact_history: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue: None,
            max_text: 4096,
            transcript_count: 1,
            pending: Thresholds::default(),
            emojis: None,
            blinking: true,
            blinking_for: None,
            cross_channel: false,
            disposition_mandatory: false,
            disposition_read_only: false,
            disposition_key: "DispositionCode".to_owned(),
            disposition_attribute: "DispositionCode".to_owned(),
            case_shown: true,
            case_attribute: None,
            toast_shown: true,
            toast_attribute: None,
            override_key: "IW_OverrideOptions".to_owned(),
            response_languages: Vec::new(),
            response_categories: Vec::new(),
            auto_ready: true,
            target_kinds: vec![
                TargetKind::Agent,
                TargetKind::AgentGroup,
                TargetKind::Skill,
                TargetKind::Queue,
                TargetKind::Contact,
            ],
            target_most: 50,
            target_suggestions: 10,
            target_recents: 10,
            target_timer: Duration::from_millis(500),
            auto_not_ready_reason: None,
            actions_global: StatusAction::ALL.to_vec(),
            actions_by_channel: StatusAction::ALL.to_vec(),
            lock_sets_not_ready: false,
            lock_reason: None,
            lock_forces_not_ready: false,
            lock_after_minutes: 0,
            contact_lookup: true,
            contact_create: true,
            contact_assign: true,
            contact_page: 10,
            contact_pages: vec![5, 10, 25, 50],
            contact_mandatory: list("FirstName,LastName"),
            contact_multiple: list("PhoneNumber,EmailAddress"),
            contact_search: list("LastName,FirstName,PhoneNumber,EmailAddress,CompanyName"),
            contact_history: list("Status,Subject,StartDate,EndDate,OwnerId"),
        }
    }
}

impl Options {
    /// The values of layers, the weakest first, and what was refused. Options that this program does
    /// not read are passed over.
    pub fn resolve(layers: &[&AttachedData]) -> (Self, Vec<OptionError>) {
        let mut options = Self::default();
        let mut refused = Vec::new();
        for layer in layers {
            for (name, value) in layer.iter() {
                match options.set(name, &value.to_text()) {
                    Ok(()) | Err(OptionError::Unknown { .. }) => {}
                    Err(error) => refused.push(error),
                }
            }
        }
        (options, refused)
    }

    /// One layer out of several of a server, the weakest first, and what was refused. Options that this
    /// program does not read are left out. A value that is not valid does not count: the one that was in
    /// force `before` stays, and without one what a weaker layer says.
    pub fn merge(layers: &[&AttachedData], before: &AttachedData) -> (AttachedData, Vec<OptionError>) {
        let mut merged = AttachedData::new();
        let mut refused = Vec::new();
        for (name, value) in layers.iter().flat_map(|layer| layer.iter()) {
            match Self::default().set(name, &value.to_text()) {
                Ok(()) => merged.set(name, value.clone()),
                Err(OptionError::Unknown { .. }) => {}
                Err(error) => {
                    refused.push(error);
                    if let Some(stays) = before.get(name) {
                        merged.set(name, stays.clone());
                    }
                }
            }
        }
        (merged, refused)
    }

    /// Sets one option.
    ///
    /// # Errors
    /// When there is no such option, or the value is not valid; the old value stays.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        let Some((name, _, valid)) = KNOWN.iter().find(|(known, ..)| *known == name) else {
            return Err(OptionError::Unknown { name: name.to_owned() });
        };
        let value = value.trim();
        let done = match *name {
            QUEUE => {
                self.queue = named(value);
                Some(())
            }
            MAX_TEXT => whole(value, 1).map(|n| self.max_text = n as usize),
            TRANSCRIPT_COUNT => whole(value, 1).filter(|n| *n <= 1000).map(|n| self.transcript_count = n),
            PENDING => thresholds(value).map(|t| self.pending = t),
            EMOJIS => {
                self.emojis = named(value);
                Some(())
            }
            BLINKING => truth(value).map(|t| self.blinking = t),
            BLINKING_DURATION => {
                whole(value, 0).map(|n| self.blinking_for = (n > 0).then(|| Duration::from_secs(n.into())))
            }
            CROSS_CHANNEL => truth(value).map(|t| self.cross_channel = t),
            DISPOSITION_MANDATORY => truth(value).map(|t| self.disposition_mandatory = t),
            DISPOSITION_READ_ONLY => truth(value).map(|t| self.disposition_read_only = t),
            TARGET_FILTERS => target_kinds(value).map(|kinds| self.target_kinds = kinds),
            TARGET_MOST => whole(value, 1).filter(|n| *n <= 1000).map(|n| self.target_most = n as usize),
            TARGET_SUGGESTIONS => {
                whole(value, 1).filter(|n| *n <= 1000).map(|n| self.target_suggestions = n as usize)
            }
            TARGET_RECENTS => whole(value, 0).filter(|n| *n <= 100).map(|n| self.target_recents = n as usize),
            TARGET_TIMER => whole(value, 0)
                .filter(|n| *n <= 10_000)
                .map(|n| self.target_timer = Duration::from_millis(n.into())),
            AUTO_READY => truth(value).map(|t| self.auto_ready = t),
            CASE_CONTENT => content(value).map(|shown| self.case_shown = shown),
            CASE_ATTRIBUTE => {
                self.case_attribute = named(value);
                Some(())
            }
            TOAST_CONTENT => content(value).map(|shown| self.toast_shown = shown),
            TOAST_ATTRIBUTE => {
                self.toast_attribute = named(value);
                Some(())
            }
            OVERRIDE_KEY => (!value.is_empty()).then(|| value.clone_into(&mut self.override_key)),
            AUTO_NOT_READY_REASON => {
                self.auto_not_ready_reason = named(value);
                Some(())
            }
            ACTIONS_GLOBAL => StatusAction::list(value).map(|list| self.actions_global = list),
            ACTIONS_BY_CHANNEL => StatusAction::list(value).map(|list| self.actions_by_channel = list),
            LOCK_SETS_NOT_READY => truth(value).map(|t| self.lock_sets_not_ready = t),
            LOCK_REASON => {
                self.lock_reason = named(value);
                Some(())
            }
            LOCK_FORCES_NOT_READY => truth(value).map(|t| self.lock_forces_not_ready = t),
            LOCK_AFTER => whole(value, 0).filter(|n| *n <= 1440).map(|n| self.lock_after_minutes = n),
            CONTACT_LOOKUP => truth(value).map(|t| self.contact_lookup = t),
            CONTACT_CREATE => truth(value).map(|t| self.contact_create = t),
            CONTACT_ASSIGN => truth(value).map(|t| self.contact_assign = t),
            CONTACT_PAGE => page(value).map(|n| self.contact_page = n),
            CONTACT_PAGES => {
                let pages: Option<Vec<usize>> = value.split(',').map(|n| page(n.trim())).collect();
                pages.map(|mut pages| {
                    pages.sort_unstable();
                    self.contact_pages = pages;
                })
            }
            CONTACT_MANDATORY => {
                self.contact_mandatory = list(value);
                Some(())
            }
            CONTACT_MULTIPLE => {
                self.contact_multiple = list(value);
                Some(())
            }
            CONTACT_SEARCH => {
                self.contact_search = list(value);
                Some(())
            }
            CONTACT_HISTORY => {
                let columns = list(value);
                let known = |name: &String| {
                    matches!(name.as_str(), "Status" | "Subject" | "StartDate" | "EndDate" | "OwnerId")
                };
                columns.iter().all(known).then(|| self.contact_history = columns)
            }
            RESPONSE_LANGUAGES => {
                self.response_languages = listed(value);
                Some(())
            }
            RESPONSE_CATEGORIES => {
                self.response_categories = listed(value);
                Some(())
            }
            DISPOSITION_KEY => {
                let fits =
                    !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ');
                fits.then(|| value.clone_into(&mut self.disposition_key))
            }
            _ => (!value.is_empty()).then(|| value.clone_into(&mut self.disposition_attribute)),
        };
        done.ok_or_else(|| OptionError::Invalid { name, value: value.to_owned(), valid })
    }
}

fn named(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether a list of parts holds case data; nothing when a part is not known.
fn content(value: &str) -> Option<bool> {
    let mut parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    let known = |part: &str| matches!(part, "History" | "CaseData");
    parts.clone().all(known).then(|| parts.any(|part| part == "CaseData"))
}

/// The items of a list; none when all are meant.
fn listed(value: &str) -> Vec<String> {
    if value.split(',').any(|item| item.trim() == ALL) {
        return Vec::new();
    }
    let items = value.split(',').map(|item| item.trim().trim_matches('/').to_owned());
    items.filter(|item| !item.is_empty()).collect()
}

fn whole(value: &str, least: u32) -> Option<u32> {
    value.parse::<u32>().ok().filter(|n| *n >= least && *n <= 2_147_483_647)
}

fn page(value: &str) -> Option<usize> {
    value.parse().ok().filter(|n| (1..=200).contains(n))
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn truth(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Kinds in their order. Genesys's list has kinds of voice too, which are passed over.
fn target_kinds(value: &str) -> Option<Vec<TargetKind>> {
    let mut kinds = Vec::new();
    for word in value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let kind = match word {
            "Agent" => TargetKind::Agent,
            "AgentGroup" => TargetKind::AgentGroup,
            "Skill" => TargetKind::Skill,
            "Queue" | "InteractionQueue" => TargetKind::Queue,
            "Contact" => TargetKind::Contact,
            "RoutingPoint" | "CustomContact" => continue,
            _ => return None,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    (!kinds.is_empty()).then_some(kinds)
}

fn thresholds(value: &str) -> Option<Thresholds> {
    let (warning, maximum) = value.split_once(',')?;
    let (warning, maximum) = (whole(warning.trim(), 0)?, whole(maximum.trim(), 1)?);
    (warning < maximum).then(|| Thresholds {
        warning: Duration::from_secs(warning.into()),
        maximum: Duration::from_secs(maximum.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let mut set = Options::default();
        for (name, default, _) in KNOWN {
            set.set(name, default).unwrap();
        }
        assert_eq!(set, Options::default());
    }

    #[test]
    fn a_bad_value_is_named_with_what_is_valid_and_the_old_one_stays() {
        let mut options = Options::default();
        options.set(MAX_TEXT, "100").unwrap();
        for bad in ["0", "-1", "2147483648", "many", ""] {
            let error = options.set(MAX_TEXT, bad).unwrap_err().to_string();
            assert!(error.contains(MAX_TEXT) && error.contains("2147483647"), "{error}");
        }
        assert_eq!(options.max_text, 100);
        for bad in ["30", "50,30", "30,30", "a,b"] {
            assert!(options.set(PENDING, bad).is_err(), "{bad}");
        }
        assert!(options.set(TRANSCRIPT_COUNT, "1001").is_err());
        assert_eq!(options.set("whatsapp.x", "1"), Err(OptionError::Unknown { name: "whatsapp.x".into() }));
    }

    #[test]
    fn kinds_of_targets_are_taken_in_their_order_and_a_strange_word_is_refused() {
        let mut options = Options::default();
        options.set(TARGET_FILTERS, "Contact, RoutingPoint,InteractionQueue,Queue").unwrap();
        assert_eq!(options.target_kinds, [TargetKind::Contact, TargetKind::Queue]);
        for bad in ["", "Agents", "Agent;Skill", "RoutingPoint"] {
            assert!(options.set(TARGET_FILTERS, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_bad_value_of_a_server_leaves_the_one_that_was_in_force() {
        let layer = |value: &str| -> AttachedData { [(MAX_TEXT, value), ("x.y", "1")].into_iter().collect() };
        let (good, refused) = Options::merge(&[&layer("200")], &AttachedData::new());
        assert_eq!((good.text(MAX_TEXT), good.get("x.y"), refused.len()), (Some("200"), None, 0));
        let (kept, refused) = Options::merge(&[&layer("100"), &layer("none")], &good);
        assert_eq!((kept.text(MAX_TEXT), refused.len()), (Some("200"), 1));
        // At the first reading there is none: a weaker layer's value counts.
        let (first, _) = Options::merge(&[&layer("100"), &layer("none")], &AttachedData::new());
        assert_eq!(first.text(MAX_TEXT), Some("100"));
    }

    #[test]
    fn a_later_layer_wins_unless_it_is_wrong() {
        let tenant: AttachedData = [(MAX_TEXT, "200"), ("other.option", "x")].into_iter().collect();
        let agent: AttachedData = [(MAX_TEXT, "none"), (PENDING, "5,9")].into_iter().collect();
        let (options, refused) = Options::resolve(&[&tenant, &agent]);
        assert_eq!(options.max_text, 200);
        assert_eq!(options.pending.warning, Duration::from_secs(5));
        assert_eq!(refused.len(), 1);
    }
}

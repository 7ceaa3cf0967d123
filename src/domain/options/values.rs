//! The values of the options, and the defaults.

use crate::domain::agent::StatusAction;
use crate::domain::pending::Thresholds;
use crate::domain::target::TargetKind;
use std::time::Duration;

/// The values in force. [`KNOWN`](super::KNOWN) says which option sets each field, and what is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Read at each attempt to consult through a queue.
    pub queue: Option<String>,
    /// In bytes of UTF-8. Read when a session starts, like the following fields down to `cross_channel`.
    pub max_text: usize,
    /// How many earlier sessions one request for older messages loads.
    pub transcript_count: u32,
    pub pending: Thresholds,
    pub emojis: Option<String>,
    pub blinking: bool,
    /// `None`: without end.
    pub blinking_for: Option<Duration>,
    pub cross_channel: bool,
    pub disposition_mandatory: bool,
    pub disposition_read_only: bool,
    pub disposition_key: String,
    pub disposition_attribute: String,
    /// Whether case data is shown. Read when a session starts.
    pub case_shown: bool,
    /// The business attribute that filters, labels and types case data. Read when a session starts.
    pub case_attribute: Option<String>,
    /// Whether an invitation shows case data.
    pub toast_shown: bool,
    /// The business attribute that filters and labels the case data of an invitation.
    pub toast_attribute: Option<String>,
    /// The key under which a routing strategy puts options of one session.
    pub override_key: String,
    /// Empty: all. Read when a session starts.
    pub response_languages: Vec<String>,
    /// Empty: all. Read when a session starts.
    pub response_categories: Vec<String>,
    /// Whether the agent is Ready after sign-in. Genesys names no default.
    pub auto_ready: bool,
    /// The kinds of targets in a list, in the order of the list. Read when a list opens.
    pub target_kinds: Vec<TargetKind>,
    /// Rows of a list of targets.
    pub target_most: usize,
    /// Rows of a list of targets while a name is typed.
    pub target_suggestions: usize,
    pub target_recents: usize,
    /// How long the console waits after the last key before it searches for targets.
    pub target_timer: Duration,
    /// The reason of agents who are not Ready after sign-in.
    pub auto_not_ready_reason: Option<String>,
    /// The status menu, in its order. Read when the menu opens.
    pub actions_global: Vec<StatusAction>,
    /// The menu of a channel, in its order. Read when the menu opens.
    pub actions_by_channel: Vec<StatusAction>,
    /// This and the other `lock_` fields are read when the console is locked.
    pub lock_sets_not_ready: bool,
    pub lock_reason: Option<String>,
    /// Whether agents who are Not Ready already get the reason too.
    pub lock_forces_not_ready: bool,
    /// Minutes without a key before the console locks; 0: never.
    pub lock_after_minutes: u32,
    /// Whether the contact directory can be searched.
    pub contact_lookup: bool,
    pub contact_create: bool,
    pub contact_assign: bool,
    /// Rows of a page of contacts.
    pub contact_page: usize,
    /// The choices for `contact_page`.
    pub contact_pages: Vec<usize>,
    /// Attributes that must be filled in.
    pub contact_mandatory: Vec<String>,
    /// Attributes that may have several values.
    pub contact_multiple: Vec<String>,
    /// Attributes that can be searched separately.
    pub contact_search: Vec<String>,
    /// The attributes of an earlier session that are shown.
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

/// The names in a comma-separated list.
pub(super) fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

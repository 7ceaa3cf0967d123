//! The options of the section `interaction-workspace`, spelled as Genesys spells them.
//!
//! Values come in layers: the tenant, the agent group, the agent, and last the local file, for options that the
//! server does not set. A value that is not valid is reported together with what is valid, and the previous value
//! stays.

mod names;
mod table;

pub use names::*;
pub use table::{KNOWN, KnownOption};

use super::AttachedData;
use super::agent::StatusAction;
use super::pending::Thresholds;
use super::target::TargetKind;
use std::time::Duration;
use table::list;
use thiserror::Error;

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
    /// When the option does not exist or the value is not valid; the old value stays.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        let Some(known) = KNOWN.iter().find(|known| known.name == name) else {
            return Err(OptionError::Unknown { name: name.to_owned() });
        };
        let (value, set) = (value.trim(), known.set);
        set(self, value).ok_or_else(|| OptionError::Invalid {
            name: known.name,
            value: value.to_owned(),
            valid: known.valid,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let mut set = Options::default();
        for option in KNOWN {
            set.set(option.name, option.default).unwrap();
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

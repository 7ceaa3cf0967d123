//! The options of the section `interaction-workspace`, spelled as Genesys spells them.
//!
//! Values come in layers: the tenant, the agent group, the agent, and last the local file for what the
//! server does not set. A value that is not valid is named with what would be, and the one before it stays.

use super::AttachedData;
use super::agent::StatusAction;
use super::pending::Thresholds;
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
pub const AUTO_READY: &str = "login.whatsappsession.is-auto-ready";

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
    (AUTO_READY, "true", "true or false"),
    (AUTO_NOT_READY_REASON, "", "the name or the code of a reason for Not Ready, or nothing"),
    (ACTIONS_GLOBAL, ACTIONS, ACTIONS_VALID),
    (ACTIONS_BY_CHANNEL, ACTIONS, ACTIONS_VALID),
    (LOCK_SETS_NOT_READY, "false", "true or false"),
    (LOCK_REASON, "", "the name or the code of a reason for Not Ready, or nothing"),
    (LOCK_FORCES_NOT_READY, "false", "true or false"),
    (LOCK_AFTER, "0", "a whole number of minutes from 0 (never) to 1440"),
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
    /// [`AUTO_READY`]: Ready at sign-in. Read at sign-in. Genesys names no default; a desk that signs in is
    /// meant to work.
    pub auto_ready: bool,
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
            auto_ready: true,
            auto_not_ready_reason: None,
            actions_global: StatusAction::ALL.to_vec(),
            actions_by_channel: StatusAction::ALL.to_vec(),
            lock_sets_not_ready: false,
            lock_reason: None,
            lock_forces_not_ready: false,
            lock_after_minutes: 0,
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
            AUTO_READY => truth(value).map(|t| self.auto_ready = t),
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

fn whole(value: &str, least: u32) -> Option<u32> {
    value.parse::<u32>().ok().filter(|n| *n >= least && *n <= 2_147_483_647)
}

fn truth(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
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
    fn a_later_layer_wins_unless_it_is_wrong() {
        let tenant: AttachedData = [(MAX_TEXT, "200"), ("other.option", "x")].into_iter().collect();
        let agent: AttachedData = [(MAX_TEXT, "none"), (PENDING, "5,9")].into_iter().collect();
        let (options, refused) = Options::resolve(&[&tenant, &agent]);
        assert_eq!(options.max_text, 200);
        assert_eq!(options.pending.warning, Duration::from_secs(5));
        assert_eq!(refused.len(), 1);
    }
}

//! The options of the section `interaction-workspace`, spelled as Genesys spells them.
//!
//! Values come in layers: the tenant, the agent group, the agent, and last the local file for what the
//! server does not set. A value that is not valid is named with what would be, and the one before it stays.

use super::AttachedData;
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
pub const RESPONSE_LANGUAGES: &str = "standard-response.languages";
/// Option name.
pub const RESPONSE_CATEGORIES: &str = "standard-response.categories";
/// Every language or category. (Workspace.)
pub const ALL: &str = "$All$";

/// Option name.
pub const AUTO_READY: &str = "login.whatsappsession.is-auto-ready";

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
    (RESPONSE_LANGUAGES, ALL, "$All$, or languages with commas between, such as English,Spanish"),
    (
        RESPONSE_CATEGORIES,
        ALL,
        "$All$, or paths of categories with commas between, such as Orders/Delivery,Billing",
    ),
    (AUTO_READY, "true", "true or false"),
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
    /// [`RESPONSE_LANGUAGES`]; empty is all. Read when a session starts.
    pub response_languages: Vec<String>,
    /// [`RESPONSE_CATEGORIES`]; empty is all. Read when a session starts.
    pub response_categories: Vec<String>,
    /// [`AUTO_READY`]: Ready at sign-in. Read at sign-in. Genesys names no default; a desk that signs in is
    /// meant to work.
    pub auto_ready: bool,
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
            response_languages: Vec::new(),
            response_categories: Vec::new(),
            auto_ready: true,
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

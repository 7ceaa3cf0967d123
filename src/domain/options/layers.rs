//! Values from several layers become the options in force; values that are not valid are reported.

use super::table::KNOWN;
use super::values::Options;
use crate::domain::AttachedData;
use thiserror::Error;

/// Why an option was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OptionError {
    /// No such option.
    #[error("there is no option {name}")]
    Unknown { name: String },
    /// A value that is not valid.
    #[error("{name} = {value:?} is not valid: it takes {valid}")]
    Invalid {
        name: &'static str,
        value: String,
        /// The valid values, in words that follow “it takes”.
        valid: &'static str,
    },
}

impl Options {
    /// Combines layers, the weakest first. Also returns the refused values. Options that this program does not read are
    /// ignored.
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

    /// Merges several layers of a server, the weakest first, into one. Also returns the refused values. Options that this
    /// program does not read are left out. Instead of a value that is not valid, the value in force `before` stays, or
    /// else that of a weaker layer.
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
    use crate::domain::options::{MAX_TEXT, PENDING, TARGET_FILTERS, TRANSCRIPT_COUNT};
    use crate::domain::target::TargetKind;
    use std::time::Duration;

    #[test]
    fn the_defaults_are_those_of_the_table() {
        let mut set = Options::default();
        for option in KNOWN {
            set.set(option.name, option.default).unwrap();
        }
        assert_eq!(set, Options::default());
    }

    #[test]
    fn a_bad_value_is_reported_and_the_old_one_stays() {
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
    fn target_kinds_keep_their_order_and_unknown_words_are_refused() {
        let mut options = Options::default();
        options.set(TARGET_FILTERS, "Contact, RoutingPoint,InteractionQueue,Queue").unwrap();
        assert_eq!(options.target_kinds, [TargetKind::Contact, TargetKind::Queue]);
        for bad in ["", "Agents", "Agent;Skill", "RoutingPoint"] {
            assert!(options.set(TARGET_FILTERS, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_bad_value_of_a_server_keeps_the_previous_one() {
        let layer = |value: &str| -> AttachedData { [(MAX_TEXT, value), ("x.y", "1")].into_iter().collect() };
        let (good, refused) = Options::merge(&[&layer("200")], &AttachedData::new());
        assert_eq!((good.text(MAX_TEXT), good.get("x.y"), refused.len()), (Some("200"), None, 0));
        let (kept, refused) = Options::merge(&[&layer("100"), &layer("none")], &good);
        assert_eq!((kept.text(MAX_TEXT), refused.len()), (Some("200"), 1));
        // On the first reading there is no previous value, so that of the weaker layer counts.
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

//! Reads the options of `[interaction-workspace]` from TOML tables.

use crate::domain::options::{KNOWN, OptionError, Options};
use crate::domain::{AttachedData, case};
use crate::text::nearest::nearest;
use toml::{Table, Value};

/// An option that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedOption {
    /// The path inside the section, as in the file.
    pub path: Vec<String>,
    /// What is wrong and what is valid.
    pub sentence: String,
}

/// The options of a section as one layer for [`Options::resolve`]. Nested tables become dotted names, so
/// `a.b = 1`, `"a.b" = 1` and `[interaction-workspace.a]` with `b = 1` are the same option.
///
/// # Errors
/// Every option that does not exist, has a value that is not valid, or occurs twice.
pub fn interaction_workspace(table: &Table) -> Result<AttachedData, Vec<RefusedOption>> {
    let mut layer = AttachedData::new();
    let mut refused = Vec::new();
    walk(table, &checked, &mut Vec::new(), &mut layer, &mut refused);
    if refused.is_empty() { Ok(layer) } else { Err(refused) }
}

/// The options of the annex of a business attribute or of one of its values.
///
/// # Errors
/// Every option that does not exist, has a value that is not valid, or occurs twice.
pub fn annex(table: &Table) -> Result<AttachedData, Vec<RefusedOption>> {
    let mut layer = AttachedData::new();
    let mut refused = Vec::new();
    let read = |name: &str, value: &Value| case::check(name, &plain(value)).map(|()| plain(value));
    walk(table, &read, &mut Vec::new(), &mut layer, &mut refused);
    if refused.is_empty() { Ok(layer) } else { Err(refused) }
}

fn walk(
    table: &Table,
    read: &dyn Fn(&str, &Value) -> Result<String, String>,
    path: &mut Vec<String>,
    layer: &mut AttachedData,
    refused: &mut Vec<RefusedOption>,
) {
    for (key, value) in table {
        path.push(key.clone());
        if let Value::Table(inner) = value {
            walk(inner, read, path, layer, refused);
        } else {
            let name = path.join(".");
            match read(&name, value) {
                Ok(_) if layer.get(&name).is_some() => {
                    refused.push(RefusedOption {
                        path: path.clone(),
                        sentence: "this option occurs twice".to_owned(),
                    });
                }
                Ok(text) => layer.set(name, text),
                Err(sentence) => refused.push(RefusedOption { path: path.clone(), sentence }),
            }
        }
        path.pop();
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn checked(name: &str, value: &Value) -> Result<String, String> {
    let text = plain(value);
    match Options::default().set(name, &text) {
        Ok(()) => Ok(text),
        // Without the name, which is the key before the sentence.
        Err(OptionError::Invalid { value, valid, .. }) => {
            Err(format!("{value:?} is not valid: it takes {valid}"))
        }
        Err(OptionError::Unknown { .. }) => {
            let known = || KNOWN.iter().map(|known| known.name);
            let guess = nearest(name, known()).map(|guess| format!("; did you mean {guess}?"));
            let all: Vec<&str> = known().collect();
            let guess = guess.unwrap_or_else(|| format!(". The options are {}", all.join(", ")));
            Err(format!("there is no option {name}{guess}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AttachedData, Vec<RefusedOption>> {
        interaction_workspace(&text.parse().unwrap())
    }

    #[test]
    fn dotted_quoted_and_nested_names_are_the_same_option() {
        let dotted = read("whatsappsession.max-text-message-size = 100").unwrap();
        assert_eq!(dotted.text("whatsappsession.max-text-message-size"), Some("100"));
        assert_eq!(read("\"whatsappsession.max-text-message-size\" = \"100\"").unwrap(), dotted);
        assert_eq!(read("[whatsappsession]\nmax-text-message-size = 100").unwrap(), dotted);
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let refused = read(
            "whatsapp.max-text-message-size = 1\n\"whatsappsession.new-message-blinking\" = true\n\
             whatsappsession.new-message-blinking = true\nwhatsappsession.pending-response-to-customer = [30, 50]",
        )
        .unwrap_err();
        let said: Vec<&str> = refused.iter().map(|one| one.sentence.as_str()).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said.iter().any(|s| s.ends_with("did you mean whatsappsession.max-text-message-size?")));
        assert!(said.iter().any(|s| s.contains("occurs twice")));
        assert!(said.iter().any(|s| s.contains("two whole numbers of seconds")));
    }
}

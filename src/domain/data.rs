//! Attached data: the key-value pairs of an interaction.

use serde::{Deserialize, Serialize};

/// A value of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Str(String),
    Int(i64),
    /// Pairs inside a pair.
    List(AttachedData),
    /// A type that this version does not know, kept unchanged.
    Other(serde_json::Value),
}

impl Value {
    /// The value as one line of text, for showing and comparing.
    pub fn to_text(&self) -> String {
        match self {
            Self::Str(text) => text.clone(),
            Self::Int(number) => number.to_string(),
            Self::List(list) => {
                let pairs: Vec<String> = list.iter().map(|(k, v)| format!("{k}={}", v.to_text())).collect();
                pairs.join(", ")
            }
            Self::Other(json) => json.to_string(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// Pairs in the order in which they were attached. Each key occurs once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttachedData(Vec<(String, Value)>);

impl AttachedData {
    /// No pairs.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The value of `key` when it is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Str(text) => Some(text),
            Value::Int(_) | Value::List(_) | Value::Other(_) => None,
        }
    }

    /// The value of `key` as a number, or as text of digits.
    pub fn number(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Int(number) => Some(*number),
            Value::Str(text) => text.trim().parse().ok(),
            Value::Other(json) => json.as_i64(),
            Value::List(_) => None,
        }
    }

    /// Sets `key`. An existing key keeps its position.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some(pair) => pair.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// Sets every pair of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (key, value) in other.iter() {
            self.set(key, value.clone());
        }
    }

    /// Removes `key`; false when it was not there.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(k, _)| k != key);
        self.0.len() != before
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// How many pairs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for AttachedData {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut data = Self::new();
        for (key, value) in pairs {
            data.set(key, value);
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_a_key_again_keeps_its_position() {
        let mut data: AttachedData = [("a", "1"), ("b", "2")].into_iter().collect();
        data.set("a", 9);
        let keys: Vec<_> = data.iter().map(|(k, v)| (k, v.to_text())).collect();
        assert_eq!(keys, [("a", "9".to_owned()), ("b", "2".to_owned())]);
        assert_eq!(data.number("a"), Some(9));
        assert!(data.remove("a") && !data.remove("a"));
    }
}

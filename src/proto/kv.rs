//! Key-value pairs on the wire: attached data, extensions, reasons, settings.
//!
//! A pair is an object with `key`, `type` (`str`, `int` or `kvlist`) and `value`. When reading, the JSON type of the value
//! counts, since servers write other types too.

use crate::domain::{AttachedData, Value};
use serde_json::Value as Json;

/// Reads pairs: a list of pairs, or a plain object.
pub fn from_json(json: &Json) -> AttachedData {
    match json {
        Json::Array(list) => list
            .iter()
            .filter_map(|item| Some((item.get("key")?.as_str()?.to_owned(), value(item.get("value")?))))
            .collect(),
        Json::Object(map) => map.iter().map(|(key, item)| (key.clone(), value(item))).collect(),
        _ => AttachedData::new(),
    }
}

/// Writes a list of pairs.
pub fn to_json(data: &AttachedData) -> Json {
    Json::Array(data.iter().map(|(key, item)| pair(key, item)).collect())
}

fn value(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Str(text.clone()),
        Json::Number(number) if number.is_i64() => Value::Int(number.as_i64().unwrap_or_default()),
        Json::Array(list) if list.iter().all(|item| item.get("key").is_some()) => {
            Value::List(from_json(json))
        }
        other => Value::Other(other.clone()),
    }
}

fn pair(key: &str, item: &Value) -> Json {
    let (kind, value) = match item {
        Value::Str(text) => ("str", Json::from(text.as_str())),
        Value::Int(number) => ("int", Json::from(*number)),
        Value::List(list) => ("kvlist", to_json(list)),
        Value::Other(json) => ("str", Json::from(json.to_string())),
    };
    serde_json::json!({"key": key, "type": kind, "value": value})
}

/// For `#[serde(with)]`: [`AttachedData`] as a list of pairs.
pub mod pairs {
    use super::{AttachedData, from_json, to_json};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes pairs.
    ///
    /// # Errors
    /// Errors of the serializer.
    pub fn serialize<S: Serializer>(data: &AttachedData, serializer: S) -> Result<S::Ok, S::Error> {
        to_json(data).serialize(serializer)
    }

    /// Reads pairs leniently.
    ///
    /// # Errors
    /// Only when the input is not JSON.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AttachedData, D::Error> {
        Ok(from_json(&serde_json::Value::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pairs_survive_the_wire_and_misspelled_types_pass() {
        let wire = json!([
            {"key": "Segment", "type": "str", "value": "Gold"},
            {"key": "Priority", "type": "interger", "value": 8},
            {"key": "More", "type": "kvlist", "value": [{"key": "a", "type": "int", "value": 1}]},
        ]);
        let data = from_json(&wire);
        assert_eq!(data.text("Segment"), Some("Gold"));
        assert_eq!(data.number("Priority"), Some(8));
        assert_eq!(from_json(&to_json(&data)), data);
        assert_eq!(from_json(&json!({"Segment": "Gold"})).text("Segment"), Some("Gold"));
    }
}

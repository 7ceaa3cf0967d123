//! Times on the wire: written as ISO-8601 in UTC, read in every known form.

use crate::domain::Millis;
use serde_json::Value;

/// Reads a time: ISO-8601 with a zone, JavaScript's `Date` text, or a number or digits of seconds
/// (below 10^11) or milliseconds.
pub fn parse(value: &Value) -> Option<Millis> {
    match value {
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().map(|f| f as i64)).map(from_number)
        }
        Value::String(text) => parse_text(text),
        _ => None,
    }
}

/// Reads a time from text; see [`parse`].
pub fn parse_text(text: &str) -> Option<Millis> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Some(from_number(number));
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Millis(at.as_millisecond()));
    }
    // "Sun Nov 22 2026 10:09:39 GMT+0000 (Coordinated Universal Time)"
    let head = text.split(" (").next().unwrap_or(text);
    let zoned = jiff::fmt::strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", head).ok()?;
    zoned.to_timestamp().ok().map(|at| Millis(at.as_millisecond()))
}

fn from_number(number: i64) -> Millis {
    if number.abs() < 100_000_000_000 { Millis::from_secs(number) } else { Millis(number) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_known_form_is_read() {
        let at = Some(Millis(1_795_342_179_000));
        assert_eq!(parse(&json!(1_795_342_179_000_i64)), at);
        assert_eq!(parse(&json!("1795342179")), at);
        assert_eq!(parse(&json!("2026-11-22T10:09:39Z")), at);
        assert_eq!(parse(&json!("2026-11-22T10:09:39.000+00:00")), at);
        assert_eq!(parse(&json!("Sun Nov 22 2026 10:09:39 GMT+0000 (Coordinated Universal Time)")), at);
        assert_eq!(parse(&json!("soon")), None);
        assert_eq!(parse(&json!(null)), None);
    }
}

//! Reads single fields of a webhook, whatever types their values have.

use super::errors::integer;
use crate::domain::Millis;
use serde_json::Value;

/// Repairs JSON whose only fault is half a surrogate pair or an invalid byte, so that one such emoji does not make the
/// other messages of the body unreadable.
pub(super) fn repair_json(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(escape) = after.chars().next() else {
            out.push('\\');
            return out;
        };
        let unit = |text: &str| {
            text.strip_prefix('u').and_then(|t| t.get(..4)).and_then(|hex| u16::from_str_radix(hex, 16).ok())
        };
        let second = after.get(5..).and_then(|text| text.strip_prefix('\\')).and_then(unit);
        let (kept, length) = match unit(after) {
            Some(0xD800..=0xDBFF) if matches!(second, Some(0xDC00..=0xDFFF)) => (after.get(..11), 11),
            Some(0xD800..=0xDFFF) => (Some("ufffd"), 5),
            Some(_) => (after.get(..5), 5),
            None => (after.get(..escape.len_utf8()), escape.len_utf8()),
        };
        out.push('\\');
        out.push_str(kept.unwrap_or_default());
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Seconds as text or number; a number that can only be milliseconds is read as such.
pub(super) fn timestamp(value: &Value) -> Millis {
    const MILLIS_FROM: i64 = 100_000_000_000;
    match integer(value) {
        Some(secs @ 0..MILLIS_FROM) => Millis::from_secs(secs),
        Some(millis @ MILLIS_FROM..=253_402_300_799_999) => Millis(millis),
        _ => Millis(0),
    }
}

/// The items of an array; any other value counts as its only item.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Value::Array(many) => (many.as_slice(), None),
        Value::Null => (&[][..], None),
        one => (&[][..], Some(one)),
    };
    many.iter().chain(one)
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).into_iter().flat_map(items)
}

/// A non-empty text.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A name or number as text; WhatsApp writes some of them as numbers.
pub(super) fn word(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

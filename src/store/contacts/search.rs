//! Searches for contacts in the index of words.
//!
//! Invariants: a search reads ranges of the index only, so its cost does not follow the number of contacts.

use crate::proto::contact::Query;
use crate::text::{fold, phone};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

/// The fewest digits at the end of a number by which it can be found.
pub(super) const MIN_DIGITS: usize = 3;
/// The most matches that are counted.
const COUNTED: usize = 10_000;

/// The contacts of one page, in the order of their names, and how many match in all.
pub(super) fn matching_ids(
    connection: &Connection,
    query: &Query,
    start: usize,
    limit: usize,
) -> Result<(Vec<String>, usize)> {
    let mut values = Vec::new();
    let found = match compile(query, &mut values) {
        Some(sql) => format!("SELECT contact FROM ({sql}) LIMIT {COUNTED}"),
        None => "SELECT id FROM contact WHERE listed = 1".to_owned(),
    };
    let total: i64 = connection
        .prepare_cached(&format!("SELECT COUNT(*) FROM (SELECT DISTINCT * FROM ({found}))"))?
        .query_row(params_from_iter(&values), |row| row.get(0))?;
    let number = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    // All contacts are read in the order of the index; the result of a search is sorted.
    let page = match values.is_empty() {
        true => "SELECT id FROM contact WHERE listed = 1 ORDER BY sort_key, id LIMIT ? OFFSET ?".to_owned(),
        false => format!(
            "SELECT id FROM contact WHERE id IN ({found}) AND listed = 1 ORDER BY +sort_key, id LIMIT ? OFFSET ?"
        ),
    };
    values.extend([number(limit), number(start)]);
    let ids: Vec<String> = connection
        .prepare_cached(&page)?
        .query_map(params_from_iter(&values), |row| row.get(0))?
        .collect::<Result<_>>()?;
    Ok((ids, usize::try_from(total).unwrap_or(0)))
}

/// Compiles a query to SQL that selects contacts; `None` selects everybody. Each word is a range of the index.
pub(super) fn compile(query: &Query, values: &mut Vec<Value>) -> Option<String> {
    match query {
        Query::Everybody => None,
        Query::Words { field, text, prefix, phrase } => {
            let words = search_words(text);
            let last = words.len().saturating_sub(1);
            let mut parts: Vec<String> = Vec::new();
            for (at, forms) in words.iter().enumerate() {
                let of_word = |word: &String| {
                    let name = if let Some(field) = field {
                        values.push(Value::Text(field.clone()));
                        "name = ? AND "
                    } else {
                        ""
                    };
                    values.push(Value::Text(word.clone()));
                    let range = if *prefix && at == last {
                        values.push(Value::Text(format!("{word}\u{10ffff}")));
                        "word >= ? AND word < ?"
                    } else {
                        "word = ?"
                    };
                    format!("SELECT contact FROM contact_word WHERE {name}{range}")
                };
                parts.extend(combine(forms.iter().map(of_word).collect(), "UNION"));
            }
            let phrase_of = fold::words(text);
            if *phrase
                && phrase_of.len() > 1
                && parts.len() > 1
                && let Some(field) = field
            {
                values.push(Value::Text(field.clone()));
                values.push(Value::Text(phrase_of.join(" ")));
                let found = parts.join(" INTERSECT ");
                return Some(format!(
                    "SELECT f.contact FROM ({found}) AS f JOIN contact_attribute AS a ON a.contact = f.contact
                      WHERE a.name = ? AND instr(a.folded, ?) > 0"
                ));
            }
            (!parts.is_empty()).then(|| parts.join(" INTERSECT "))
        }
        Query::All(all) => {
            combine(all.iter().filter_map(|part| compile(part, values)).collect(), "INTERSECT")
        }
        Query::Any(any) => {
            let before = values.len();
            let parts: Vec<Option<String>> = any.iter().map(|part| compile(part, values)).collect();
            if parts.iter().any(Option::is_none) {
                values.truncate(before);
                return None;
            }
            combine(parts.into_iter().flatten().collect(), "UNION")
        }
    }
}

/// The words that a search looks up in the index, each in the forms that it may have there. A number is one
/// word, however it is written. Symbols are searched only in a text without words. Invisible text matches nothing.
fn search_words(text: &str) -> Vec<Vec<String>> {
    if let Some(digits) = phone::typed(text).filter(|digits| digits.len() >= MIN_DIGITS) {
        return vec![phone::forms(&digits).map(str::to_owned).collect()];
    }
    let words = fold::words(text);
    let words = if words.is_empty() { fold::symbols(text) } else { words };
    words.into_iter().map(|word| vec![word]).collect()
}

/// Combines subqueries with `UNION` or `INTERSECT`.
fn combine(mut parts: Vec<String>, by: &str) -> Option<String> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let parts: Vec<String> = parts.iter().map(|part| format!("SELECT contact FROM ({part})")).collect();
    (!parts.is_empty()).then(|| parts.join(&format!(" {by} ")))
}

//! Contacts on the wire: attributes, searches, changes and assignments.
//!
//! (Workspace: `/ucs/contacts/…`; results are events on the channel of contacts.)

use super::ucs::MESSAGE;
use super::wa;
use crate::domain::profile::{AttributeValue, Attributes};
use crate::text::phone;
use serde_json::{Map, Value as Json, json};

/// Names of the events.
pub mod name {
    /// Result of a search.
    pub const SEARCH: &str = "EventSearchContact";
    /// One contact.
    pub const DETAILS: &str = "EventGetContactDetails";
    /// A contact was created.
    pub const INSERTED: &str = "EventContactInserted";
    /// A contact was changed.
    pub const UPDATED: &str = "EventContactUpdated";
    /// A contact was deleted.
    pub const DELETED: &str = "EventContactDeleted";
    /// Contacts that a customer may be.
    pub const IDENTIFIED: &str = "EventIdentifiedContact";
    /// An interaction was assigned to another contact.
    pub const ASSIGNED: &str = "EventInteractionAssignedToContact";
}

/// A contact as it is on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactDto {
    pub id: String,
    /// All attributes, including those from WhatsApp (names with the prefix `wa.`).
    pub attributes: Attributes,
    /// Who changed it last, for people, and when.
    pub changed: Option<(String, Json)>,
    /// The name of the contact that was merged into it last; that merge can be reverted.
    pub merged: Option<String>,
    /// Why it is suggested for a customer.
    pub reason: Option<String>,
}

impl ContactDto {
    /// Writes it as lists and results contain it.
    pub fn to_json(&self) -> Json {
        let mut map = Map::new();
        map.insert("id".to_owned(), json!(self.id));
        map.insert("contactId".to_owned(), json!(self.id));
        map.insert("attributes".to_owned(), json!(self.attributes));
        if let Some((by, at)) = &self.changed {
            map.insert(wa::CHANGED_BY.to_owned(), json!(by));
            map.insert(wa::CHANGED_AT.to_owned(), at.clone());
        }
        if let Some(merged) = &self.merged {
            map.insert(wa::MERGED.to_owned(), json!(merged));
        }
        if let Some(reason) = &self.reason {
            map.insert(wa::SUGGESTED.to_owned(), json!(reason));
        }
        Json::Object(map)
    }

    /// Reads a contact; its ID is in `id` or `contactId`. Attributes that cannot be read are left out.
    pub fn read(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        Some(Self {
            id: text("contactId").or_else(|| text("id")).filter(|id| !id.is_empty())?,
            attributes: json.get("attributes").map(read_attributes).unwrap_or_default(),
            changed: text(wa::CHANGED_BY)
                .map(|by| (by, json.get(wa::CHANGED_AT).cloned().unwrap_or_default())),
            merged: text(wa::MERGED),
            reason: text(wa::SUGGESTED),
        })
    }
}

/// Reads attributes: an object of lists, or a list of properties. Values are objects or plain.
pub fn read_attributes(json: &Json) -> Attributes {
    match json {
        Json::Object(map) => map.iter().map(|(name, values)| (name.clone(), read_values(values))).collect(),
        Json::Array(list) => list
            .iter()
            .filter_map(|item| {
                let values = item.get("values").or_else(|| item.get("value"));
                Some((item.get("name")?.as_str()?.to_owned(), values.map(read_values).unwrap_or_default()))
            })
            .collect(),
        _ => Attributes::new(),
    }
}

fn read_values(json: &Json) -> Vec<AttributeValue> {
    let one = |json: &Json| match json {
        Json::String(text) => Some(AttributeValue::plain(text.as_str())),
        Json::Number(number) => Some(AttributeValue::plain(number.to_string())),
        Json::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let primary = map.get("primary").and_then(Json::as_bool).unwrap_or_default();
            Some(AttributeValue { value: text("value"), description: text("description"), primary })
        }
        _ => None,
    };
    match json {
        Json::Array(list) => list.iter().filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    }
}

/// The kind of change of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueChange {
    /// Adds these values.
    Add(Vec<AttributeValue>),
    /// Replaces all values.
    Set(Vec<AttributeValue>),
    /// Removes these values; an empty list removes all.
    Remove(Vec<String>),
}

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeChange {
    pub name: String,
    /// The change.
    pub turn: ValueChange,
    /// The values when the agent started to edit. If they have changed since, the update is a conflict.
    pub was: Option<Vec<AttributeValue>>,
}

/// Writes changes as the body of an update: `addedProperties`, `changedProperties`, `deletedProperties`.
pub fn write_changes(changes: &[AttributeChange]) -> Json {
    let (mut added, mut changed, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        let (list, values) = match &change.turn {
            ValueChange::Add(values) => (&mut added, json!(values)),
            ValueChange::Set(values) => (&mut changed, json!(values)),
            ValueChange::Remove(values) => (
                &mut deleted,
                values.iter().map(|value| json!({ "value": value })).collect::<Vec<_>>().into(),
            ),
        };
        let mut property = json!({"name": change.name, "values": values});
        if let (Some(was), Json::Object(map)) = (&change.was, &mut property) {
            map.insert(wa::WAS.to_owned(), json!(was));
        }
        list.push(property);
    }
    json!({"addedProperties": added, "changedProperties": changed, "deletedProperties": deleted})
}

/// Reads the body of an update.
pub fn read_changes(data: &Map<String, Json>) -> Vec<AttributeChange> {
    type Make = fn(Vec<AttributeValue>) -> ValueChange;
    let kinds: [(&str, Make); 3] = [
        ("addedProperties", ValueChange::Add),
        ("changedProperties", ValueChange::Set),
        ("deletedProperties", |values| {
            ValueChange::Remove(values.into_iter().map(|value| value.value).collect())
        }),
    ];
    let mut changes = Vec::new();
    for (key, make) in kinds {
        for item in data.get(key).and_then(Json::as_array).into_iter().flatten() {
            let name = item.get("name").and_then(Json::as_str).or_else(|| item.as_str());
            let Some(name) = name else { continue };
            let values = item.get("values").or_else(|| item.get("value")).map(read_values);
            let was = item.get(wa::WAS).map(read_values);
            changes.push(AttributeChange {
                name: name.to_owned(),
                turn: make(values.unwrap_or_default()),
                was,
            });
        }
    }
    changes
}

/// Writes attributes as the body of a creation.
pub fn write_properties(attributes: &Attributes) -> Json {
    let properties = attributes.iter().map(|(name, values)| json!({"name": name, "values": values}));
    json!({"properties": properties.collect::<Vec<_>>()})
}

/// An event about one contact: its name, the request, and the contact.
pub fn event(name: &str, operation_id: Option<&str>, contact: &ContactDto) -> Json {
    let mut data = contact.to_json();
    if let Json::Object(map) = &mut data {
        map.insert("name".to_owned(), json!(name));
        map.insert("operationId".to_owned(), json!(operation_id));
        map.insert("messageType".to_owned(), json!(MESSAGE));
    }
    data
}

/// The result of a search.
pub fn found(contacts: &[ContactDto], total: usize, operation_id: Option<&str>) -> Json {
    let contacts: Vec<Json> = contacts.iter().map(ContactDto::to_json).collect();
    json!({
        "name": name::SEARCH, "operationId": operation_id, "messageType": MESSAGE,
        "contacts": contacts, "totalCount": total,
    })
}

/// The data of [`name::IDENTIFIED`]: the assigned contact, and suggested ones.
pub fn identified(contact: &str, known: bool, suggested: &[ContactDto], operation_id: Option<&str>) -> Json {
    let ids: Vec<&str> = suggested.iter().map(|contact| contact.id.as_str()).collect();
    let list: Vec<Json> = suggested.iter().map(ContactDto::to_json).collect();
    json!({
        "name": name::IDENTIFIED, "operationId": operation_id, "messageType": MESSAGE,
        "contactId": contact, "contactIds": ids, "nbContacts": ids.len(), "contactCreated": !known,
        "contacts": list,
    })
}

/// A result of a request about contacts.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactsResult {
    /// The event's name, one of [`name`].
    pub name: String,
    pub operation_id: Option<String>,
    /// For results about one contact.
    pub contact: Option<ContactDto>,
    /// For results about one interaction.
    pub interaction_id: Option<String>,
    /// The results of a search, or the suggested contacts.
    pub contacts: Vec<ContactDto>,
    /// How many contacts a search found, at least the number in `contacts`.
    pub total: usize,
}

/// Reads the data of an event about contacts; `None` when it is another event.
pub fn read(data: &Json) -> Option<ContactsResult> {
    const KNOWN: [&str; 7] = [
        name::SEARCH,
        name::DETAILS,
        name::INSERTED,
        name::UPDATED,
        name::DELETED,
        name::IDENTIFIED,
        name::ASSIGNED,
    ];
    let text = |key: &str| data.get(key).and_then(Json::as_str).map(str::to_owned);
    let name = text("name").filter(|name| KNOWN.contains(&name.as_str()))?;
    let list = data.get("contacts").and_then(Json::as_array);
    let contacts: Vec<ContactDto> = list.into_iter().flatten().filter_map(ContactDto::read).collect();
    let total = data.get("totalCount").and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok());
    Some(ContactsResult {
        name,
        operation_id: text("operationId"),
        contact: ContactDto::read(data),
        interaction_id: text("interactionId"),
        total: total.unwrap_or(0).max(contacts.len()),
        contacts,
    })
}

/// A search for contacts. (Workspace: like Lucene, such as `FirstName:john* OR LastName:john*`.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Finds all contacts.
    Everybody,
    /// Words in one attribute or in any.
    Words {
        /// The attribute; `None`: any.
        field: Option<String>,
        /// The words as they were typed.
        text: String,
        /// Whether the last word may be the beginning of a longer one.
        prefix: bool,
        /// Whether the words must be adjacent and in this order.
        phrase: bool,
    },
    /// All of these.
    All(Vec<Query>),
    /// One of these.
    Any(Vec<Query>),
}

/// The most levels of brackets in a query.
const DEEPEST: usize = 16;
/// The most words in a query.
const MOST_WORDS: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Or,
    And,
    Term(Query),
}

impl Query {
    /// Finds contacts with each word, or a word that begins with it, in any of `fields`; without fields, in any attribute.
    ///
    /// `*` finds all contacts. A telephone number is one word, however it is written.
    pub fn keywords(text: &str, fields: &[String]) -> Self {
        let number = phone::typed(text);
        let text = number.as_deref().unwrap_or(if text.trim() == "*" { "" } else { text });
        let words = text.split_whitespace().map(|word| {
            let one = |field| Self::Words { field, text: word.to_owned(), prefix: true, phrase: false };
            if fields.is_empty() {
                one(None)
            } else {
                Self::Any(fields.iter().map(|field| one(Some(field.clone()))).collect())
            }
        });
        let words: Vec<Self> = words.take(MOST_WORDS).collect();
        if words.is_empty() { Self::Everybody } else { Self::All(words) }
    }

    /// Finds contacts with these words next to each other in one attribute; the last word may be incomplete.
    pub fn phrase(field: &str, text: &str) -> Self {
        if matches!(text.trim(), "" | "*") {
            return Self::Everybody;
        }
        let (field, text) = (Some(field.to_owned()), text.trim().to_owned());
        Self::Words { field, text, prefix: true, phrase: true }
    }

    /// Writes the query for the wire.
    pub fn to_text(&self) -> String {
        match self {
            Self::Everybody => "*".to_owned(),
            Self::Words { field, text, prefix, phrase } => {
                let field = field.as_ref().map(|field| format!("{field}:")).unwrap_or_default();
                let star = if *prefix { "*" } else { "" };
                let escaped: String = text
                    .chars()
                    .flat_map(|c| {
                        let special = matches!(c, '"' | '\\' | '(' | ')' | ':' | '*');
                        special.then_some('\\').into_iter().chain([c])
                    })
                    .collect();
                if *phrase {
                    format!("{field}\"{escaped}\"{star}")
                } else {
                    format!("{field}{escaped}{star}")
                }
            }
            Self::All(all) => Self::joined(all, " AND "),
            Self::Any(any) => Self::joined(any, " OR "),
        }
    }

    fn joined(parts: &[Self], by: &str) -> String {
        let parts: Vec<String> = parts.iter().map(Self::to_text).collect();
        match parts.as_slice() {
            [one] => one.clone(),
            _ => format!("({})", parts.join(by)),
        }
    }

    /// Parses a query.
    ///
    /// # Errors
    /// A sentence that names the part that cannot be parsed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        if tokens.is_empty() {
            return Ok(Self::Everybody);
        }
        if tokens.iter().filter(|token| matches!(token, Token::Term(_))).count() > MOST_WORDS * 8 {
            return Err("the query has too many words".to_owned());
        }
        let mut rest = tokens.as_slice();
        let query = any(&mut rest, 0)?;
        match rest {
            [] => Ok(query),
            _ => Err("the query has a bracket that nothing opened".to_owned()),
        }
    }
}

fn any(rest: &mut &[Token], depth: usize) -> Result<Query, String> {
    if depth > DEEPEST {
        return Err("the query has too many brackets".to_owned());
    }
    let mut parts = vec![all(rest, depth)?];
    while let [Token::Or, after @ ..] = rest {
        *rest = after;
        parts.push(all(rest, depth)?);
    }
    Ok(single(parts, Query::Any))
}

fn all(rest: &mut &[Token], depth: usize) -> Result<Query, String> {
    let mut parts = Vec::new();
    loop {
        match rest {
            [Token::Open, after @ ..] => {
                *rest = after;
                parts.push(any(rest, depth + 1)?);
                let [Token::Close, after @ ..] = rest else {
                    return Err("the query has a bracket that is not closed".to_owned());
                };
                *rest = after;
            }
            [Token::Term(term), after @ ..] => {
                parts.push(term.clone());
                *rest = after;
            }
            [Token::And, after @ ..] if !parts.is_empty() => *rest = after,
            _ if parts.is_empty() => return Err("the query has a gap where a word should stand".to_owned()),
            _ => return Ok(single(parts, Query::All)),
        }
    }
}

fn single(mut parts: Vec<Query>, join: fn(Vec<Query>) -> Query) -> Query {
    match parts.pop() {
        Some(one) if parts.is_empty() => one,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => Query::Everybody,
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&c) = chars.peek() {
        match c {
            '(' => {
                chars.next();
                tokens.push(Token::Open);
            }
            ')' => {
                chars.next();
                tokens.push(Token::Close);
            }
            c if c.is_whitespace() => {
                chars.next();
            }
            _ => tokens.push(term(&mut chars)?),
        }
    }
    Ok(tokens)
}

fn term(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Token, String> {
    let (mut field, mut word) = (None, String::new());
    let (mut prefix, mut phrase) = (false, false);
    while let Some(&c) = chars.peek() {
        match c {
            '(' | ')' => break,
            c if c.is_whitespace() => break,
            '\\' => {
                chars.next();
                word.extend(chars.next());
            }
            ':' if field.is_none() && !word.is_empty() && !phrase => {
                chars.next();
                field = Some(std::mem::take(&mut word));
            }
            '*' => {
                chars.next();
                prefix = true;
            }
            '"' if word.is_empty() && !phrase => {
                chars.next();
                phrase = true;
                loop {
                    match chars.next() {
                        None => return Err("the query has a quotation that is not closed".to_owned()),
                        Some('"') => break,
                        Some('\\') => word.extend(chars.next()),
                        Some(c) => word.push(c),
                    }
                }
            }
            c => {
                chars.next();
                word.push(c);
            }
        }
    }
    Ok(match word.as_str() {
        "OR" if field.is_none() && !phrase && !prefix => Token::Or,
        "AND" if field.is_none() && !phrase && !prefix => Token::And,
        "" => Token::Term(Query::Everybody),
        _ => Token::Term(Query::Words { field, text: word, prefix, phrase }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(field: Option<&str>, text: &str, prefix: bool) -> Query {
        Query::Words { field: field.map(str::to_owned), text: text.to_owned(), prefix, phrase: false }
    }

    #[test]
    fn the_official_form_of_a_query_is_read() {
        assert_eq!(
            Query::parse("FirstName:john* OR LastName:john*").unwrap(),
            Query::Any(vec![words(Some("FirstName"), "john", true), words(Some("LastName"), "john", true)])
        );
        assert_eq!(Query::parse(" * ").unwrap(), Query::Everybody);
        assert_eq!(Query::parse("").unwrap(), Query::Everybody);
    }

    #[test]
    fn a_query_of_any_text_survives_the_wire() {
        for text in ["ana lópez", "a:b \"c (d) *\\ OR", "+34 (600)"] {
            for query in [
                Query::keywords(text, &["FirstName".to_owned(), "PhoneNumber".to_owned()]),
                Query::keywords(text, &[]),
                Query::phrase("LastName", text),
            ] {
                let read = Query::parse(&query.to_text()).unwrap();
                assert_eq!(read.to_text(), query.to_text(), "{text}");
            }
        }
    }

    #[test]
    fn a_query_that_cannot_be_read_says_why() {
        for bad in ["(ana", "ana)", "a OR", "OR a", "\"ana", &"(".repeat(100)] {
            assert!(Query::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn changes_survive_the_wire() {
        let values = vec![AttributeValue { value: "+34".into(), description: "home".into(), primary: true }];
        let changes = vec![
            AttributeChange {
                name: "EmailAddress".into(),
                turn: ValueChange::Add(values.clone()),
                was: None,
            },
            AttributeChange {
                name: "PhoneNumber".into(),
                turn: ValueChange::Set(values.clone()),
                was: Some(Vec::new()),
            },
            AttributeChange { name: "Title".into(), turn: ValueChange::Remove(vec!["Dr".into()]), was: None },
        ];
        let Json::Object(body) = write_changes(&changes) else { panic!() };
        assert_eq!(read_changes(&body), changes);
    }

    #[test]
    fn a_contact_survives_the_wire() {
        let contact = ContactDto {
            id: "c1".into(),
            attributes: [("FirstName".to_owned(), vec![AttributeValue::plain("Ana")])].into(),
            changed: Some(("Ben".into(), json!("2026-11-22T10:00:00Z"))),
            merged: Some("Anna".into()),
            reason: None,
        };
        let answer = read(&event(name::DETAILS, Some("op"), &contact)).unwrap();
        assert_eq!((answer.contact, answer.operation_id.as_deref()), (Some(contact), Some("op")));
        assert!(read(&json!({"name": "EventOther"})).is_none());
    }
}

//! The events that a command on a contact causes, or why it is refused.
//!
//! Owns: the rules for contacts. Must not: change anything, or wait for anything.
//! Invariants: pure; a value that somebody else has changed in between is not overwritten.

use crate::domain::profile::{
    AttributeValue, Attributes, EMAIL, FIRST_NAME, LAST_NAME, PHONE, check, is_email, merged, parted, tidy,
};
use crate::domain::{ContactId, Millis};
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::gateway::writer::api::{Actor, Refusal};
use crate::gateway::writer::ids::Ids;
use crate::gateway::writer::model::contact::ContactCommand;
use crate::gateway::writer::model::entry::EntryAuthor;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::state::WriterState;
use crate::proto::contact::{AttributeChange, Query, ValueChange};
use crate::proto::wa;
use crate::store::ContactCard;
use std::collections::BTreeSet;

/// Digits that two numbers must have in common at their end to be taken for one.
const SAME_END: usize = 8;

/// How many contacts are suggested for each reason.
pub const SUGGESTED: usize = 10;

/// The events that a command causes, and the contact it is about.
pub type Decided = Result<(Vec<LogEvent>, ContactId), Refusal>;

/// The events that a command causes. `cards` are those of [`ContactCommand::about`], as far as they are there.
pub fn decide(
    act: &ContactCommand,
    cards: &[ContactCard],
    state: &WriterState,
    actor: &Actor,
    ids: &mut Ids,
    at: Millis,
) -> Decided {
    let by = actor.employee.clone();
    let card = |id: &ContactId| {
        cards.iter().find(|card| card.id == *id).ok_or_else(|| {
            Refusal::Gone(
                "that contact is not there any more: it was deleted or merged into another one".to_owned(),
            )
        })
    };
    match act {
        ContactCommand::Create(attributes) => {
            let set = sound(attributes)?;
            if set.values().all(Vec::is_empty) {
                return Err(Refusal::Invalid("a contact needs at least one attribute".to_owned()));
            }
            let contact = ContactId::from(ids.next());
            let created =
                LogEvent::ContactCreated { contact: contact.clone(), names: CustomerNames::default(), at };
            Ok((vec![created, LogEvent::ContactEdited { contact: contact.clone(), set, by, at }], contact))
        }
        ContactCommand::Update { id, changes } => {
            let card = card(id)?;
            let set = changed(&card.attributes, changes)?;
            let contact = id.clone();
            let edited = LogEvent::ContactEdited { contact: contact.clone(), set: set.clone(), by, at };
            Ok((if set.is_empty() { Vec::new() } else { vec![edited] }, contact))
        }
        ContactCommand::Delete(id) => {
            card(id)?;
            if state.sessions.values().any(|session| !session.over && session.owner == *id) {
                let sentence = "this contact has an open session: it can be deleted when the session is over";
                return Err(Refusal::Conflict(sentence.to_owned()));
            }
            Ok((vec![LogEvent::ContactDeleted { contact: id.clone(), by, at }], id.clone()))
        }
        ContactCommand::Merge { into, from } => {
            if into == from {
                return Err(Refusal::Invalid("a contact cannot be merged with itself".to_owned()));
            }
            let (kept, gone) = (card(into)?, card(from)?);
            let added = merged(&kept.attributes, &gone.attributes);
            let old = |name: &String| Some((name.clone(), kept.attributes.get(name)?.clone()));
            let before = added.keys().filter_map(old).collect();
            let (into, from) = (into.clone(), from.clone());
            let merged = LogEvent::ContactsMerged { into: into.clone(), from, before, added, by, at };
            Ok((vec![merged], into))
        }
        ContactCommand::Unmerge(id) => {
            let card = card(id)?;
            let Some(brought) = &card.last_merge else {
                let sentence = "nothing was merged into this contact, or it was undone already";
                return Err(Refusal::Conflict(sentence.to_owned()));
            };
            let set = parted(&card.attributes, &brought.before, &brought.added);
            let (into, from) = (id.clone(), brought.contact.clone());
            Ok((vec![LogEvent::ContactsUnmerged { into, from, set, by, at }], id.clone()))
        }
        ContactCommand::Assign { interaction, contact } => {
            card(contact)?;
            let Some(session) = state.sessions.get(interaction) else {
                return Err(Refusal::NotFound(interaction.clone()));
            };
            if session.owner == *contact {
                return Ok((Vec::new(), contact.clone()));
            }
            let (customer, from, to) = (session.contact.clone(), session.owner.clone(), contact.clone());
            let interaction = interaction.clone();
            Ok((vec![LogEvent::ContactAssigned { interaction, customer, from, to, by, at }], contact.clone()))
        }
    }
}

/// Attributes as they are kept, or why they cannot be.
pub fn sound(attributes: &Attributes) -> Result<Attributes, Refusal> {
    let mut set = Attributes::new();
    for (name, values) in attributes {
        check(name, values).map_err(Refusal::Invalid)?;
        set.insert(name.clone(), tidy(values));
    }
    Ok(set)
}

/// The lists that change.
pub fn changed(now: &Attributes, changes: &[AttributeChange]) -> Result<Attributes, Refusal> {
    let mut set = Attributes::new();
    for AttributeChange { name, turn, was } in changes {
        let current = now.get(name).cloned().unwrap_or_default();
        if was.as_ref().is_some_and(|was| tidy(was) != current) {
            let values: Vec<&str> = current.iter().map(|value| value.value.as_str()).collect();
            let values = if values.is_empty() { "nothing".to_owned() } else { values.join(", ") };
            return Err(Refusal::Conflict(format!(
                "somebody else has changed {name} in between: it is {values} now. Nothing was changed"
            )));
        }
        let base = set.get(name).cloned().unwrap_or(current);
        let new = match turn {
            ValueChange::Add(values) => {
                let has_primary = values.iter().any(|value| value.primary);
                let old = base.into_iter().map(|value| {
                    let primary = value.primary && !has_primary;
                    AttributeValue { primary, ..value }
                });
                old.chain(values.iter().cloned()).collect()
            }
            ValueChange::Set(values) => values.clone(),
            ValueChange::Remove(gone) => {
                base.into_iter().filter(|value| !gone.is_empty() && !gone.contains(&value.value)).collect()
            }
        };
        let new = tidy(&new);
        check(name, &new).map_err(Refusal::Invalid)?;
        set.insert(name.clone(), new);
    }
    set.retain(|name, values| now.get(name).map_or(!values.is_empty(), |old| old != values));
    Ok(set)
}

/// Who the customer of a session may be: what to search, and why those who are found are suggested.
pub fn suggestions(session: &SessionState) -> Vec<(Query, &'static str)> {
    let word = |field: &str, text: &str, prefix| Query::Words {
        field: Some(field.to_owned()),
        text: text.to_owned(),
        prefix,
        phrase: false,
    };
    let mut asked = Vec::new();
    let digits: String =
        session.names.wa_id.iter().flat_map(|id| id.chars()).filter(char::is_ascii_digit).collect();
    let ends = (0..=digits.len().saturating_sub(SAME_END)).filter_map(|at| digits.get(at..));
    let ends: Vec<Query> = ends
        .filter(|end| end.len() >= SAME_END)
        .flat_map(|end| [PHONE, wa::NUMBER].map(|field| word(field, end, false)))
        .collect();
    if !ends.is_empty() {
        asked.push((Query::Any(ends), "the same number"));
    }
    let emails: BTreeSet<&str> = session
        .entries
        .iter()
        .filter(|entry| EntryAuthor::of(&entry.from) == EntryAuthor::Customer)
        .filter_map(|entry| entry.text.as_deref())
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| is_email(word))
        .take(SUGGESTED)
        .collect();
    if !emails.is_empty() {
        let any = emails.iter().map(|email| word(EMAIL, email, false)).collect();
        asked.push((Query::Any(any), "the e-mail address they wrote"));
    }
    let name = session.names.profile_name.as_deref().unwrap_or_default();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1);
    let words: Vec<Query> = words
        .map(|part| Query::Any([FIRST_NAME, LAST_NAME].map(|field| word(field, part, true)).to_vec()))
        .collect();
    if !words.is_empty() {
        asked.push((Query::All(words), "a similar name"));
    }
    asked
}

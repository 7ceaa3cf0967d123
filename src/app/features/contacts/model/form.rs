//! The form of a contact, and what changes when it is saved.

use super::names::{display_name, label};
use crate::app::core::form::{Add, Field, FilledField, Form, FormItem, FormPurpose};
use crate::domain::InteractionId;
use crate::domain::field::FieldType;
use crate::domain::options::Options;
use crate::domain::profile::{
    AttributeValue, Attributes, COMPANY, EMAIL, FIRST_NAME, LAST_NAME, PHONE, TITLE, main_value, tidy,
};
use crate::proto::contact::{AttributeChange, ContactDto, ValueChange};
use crate::proto::{time, wa};
use crate::text::Clean;

/// The attributes that are always in the form of a contact.
const SHOWN: [&str; 4] = [TITLE, FIRST_NAME, LAST_NAME, COMPANY];

/// The form of a contact, or of a new one. `assign` is the session whose customer a new contact is.
pub fn form(
    contact: Option<&ContactDto>,
    given: &Attributes,
    assign: Option<&InteractionId>,
    options: &Options,
) -> Form {
    let attributes = contact.map_or(given, |contact| &contact.attributes);
    let mandatory = |name: &str| options.contact_mandatory.iter().any(|known| known == name);
    let several = |name: &str| options.contact_multiple.iter().any(|known| known == name);
    let mut rows = Vec::new();
    let one = |name: &str, value: &str| {
        FormItem::Field(
            Field::new(name, Clean::line(&label(name)), FieldType::Text, value).mandatory(mandatory(name)),
        )
    };
    let others = attributes
        .keys()
        .map(String::as_str)
        .filter(|name| !SHOWN.contains(name) && !several(name) && !name.starts_with("wa."));
    let wanted = options.contact_mandatory.iter().map(String::as_str);
    let mut singles: Vec<&str> = SHOWN.to_vec();
    for name in others.chain(wanted) {
        if !singles.contains(&name) && !several(name) {
            singles.push(name);
        }
    }
    for name in singles {
        rows.push(one(name, main_value(attributes, name).unwrap_or_default()));
    }
    for name in &options.contact_multiple {
        let values = attributes.get(name).map(Vec::as_slice).unwrap_or_default();
        rows.push(FormItem::Heading(Clean::line(&label(name))));
        for value in values {
            let what = if value.description.is_empty() { label(name) } else { value.description.clone() };
            let alone = values.len() == 1;
            let field = Field::new(name.as_str(), Clean::line(&what), FieldType::Text, &value.value);
            rows.push(FormItem::Field(field.one_of_several(value.primary || alone)));
        }
        let field = Field::new(name.as_str(), Clean::line(&label(name)), FieldType::Text, "");
        let offer = field.one_of_several(false).mandatory(mandatory(name) && values.is_empty());
        let label = Clean::line(&format!("add {}", article(name)));
        rows.push(FormItem::Add(Add { label, offers: vec![offer], repeats: true }));
    }
    let fixed = attributes.iter().filter(|(name, _)| name.starts_with("wa."));
    let fixed: Vec<FormItem> = fixed
        .flat_map(|(name, values)| values.iter().map(move |value| (name, &value.value)))
        .map(|(name, value)| {
            let shown = if name == wa::NUMBER { format!("+{value}") } else { value.clone() };
            FormItem::Field(
                Field::new(name.as_str(), Clean::line(&label(name)), FieldType::Text, &shown).read_only(true),
            )
        })
        .collect();
    if !fixed.is_empty() {
        rows.push(FormItem::Heading("WhatsApp".into()));
        rows.extend(fixed);
    }
    let title = match contact {
        Some(contact) => {
            let by = contact.changed.as_ref().map(|(by, at)| {
                let day = time::parse(at).map(|at| at.to_rfc3339().chars().take(10).collect::<String>());
                format!(" (changed by {by}{})", day.map(|day| format!(", {day}")).unwrap_or_default())
            });
            Clean::line(&format!("Contact {}{}", display_name(contact), by.unwrap_or_default()))
        }
        None => "New contact".into(),
    };
    let purpose = match contact {
        Some(contact) => FormPurpose::Contact(Box::new(contact.clone())),
        None => FormPurpose::NewContact(assign.cloned()),
    };
    Form::new(title, purpose, rows)
}

fn article(name: &str) -> String {
    match name {
        PHONE => "a phone number".to_owned(),
        EMAIL => "an e-mail address".to_owned(),
        other => format!("a value of {other}"),
    }
}

/// The attributes as the form has them, by name. Descriptions stay with their values.
pub fn written(filled: &[FilledField], before: &Attributes) -> Attributes {
    let mut all = Attributes::new();
    for field in filled.iter().filter(|field| !field.name.starts_with("wa.")) {
        let values = all.entry(field.name.clone()).or_default();
        let old = before.get(&field.name).map(Vec::as_slice).unwrap_or_default();
        let place = values.len();
        let same = old.iter().find(|value| value.value == field.value).or_else(|| old.get(place));
        values.push(AttributeValue {
            value: field.value.clone(),
            description: same.map(|value| value.description.clone()).unwrap_or_default(),
            primary: field.primary,
        });
    }
    // A single value needs no primary mark.
    for (name, values) in &mut all {
        *values = tidy(values);
        let was_primary = before.get(name).and_then(|old| old.first()).is_some_and(|value| value.primary);
        if let [one] = values.as_mut_slice() {
            one.primary = was_primary;
        }
    }
    all
}

/// The changes that turn `before` into `written`.
pub fn changes(before: &Attributes, written: &Attributes) -> Vec<AttributeChange> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(written.keys()).collect();
    let names = names.into_iter().filter(|name| !name.starts_with("wa."));
    let of = |attributes: &Attributes, name: &String| attributes.get(name).cloned().unwrap_or_default();
    names
        .filter(|name| of(before, name) != of(written, name))
        .map(|name| {
            let was = Some(of(before, name));
            AttributeChange { name: name.clone(), turn: ValueChange::Set(of(written, name)), was }
        })
        .collect()
}

/// The known attributes of a customer for whom a contact is created.
pub fn given_by(profile_name: Option<&Clean>, number: Option<&Clean>) -> Attributes {
    let mut given = Attributes::new();
    if let Some(name) = profile_name {
        let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
        for (attribute, value) in [(FIRST_NAME, first), (LAST_NAME, last)] {
            if !value.trim().is_empty() {
                given.insert(attribute.to_owned(), vec![AttributeValue::plain(value.trim())]);
            }
        }
    }
    if let Some(number) = number {
        given.insert(PHONE.to_owned(), vec![AttributeValue::plain(number.as_str())]);
    }
    given
}

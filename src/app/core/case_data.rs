//! Case data as a business attribute formats it: which pairs are shown, their order and labels, and which may
//! be edited.
//!
//! (Workspace: `interaction.case-data.format-business-attribute`.) Without an attribute, or where the server
//! does not have it, every pair is shown as text under its key.

use crate::domain::AttachedData;
use crate::domain::case::{self, CaseField};
use crate::domain::field::{FieldType, NamedValue};
use crate::domain::interaction::Interaction;
use crate::domain::options::SECTION;
use crate::domain::routing_based::is_routing_key;
use crate::proto::session::{BusinessAttributeDto, ConfigurationDto, section_of};
use crate::text::Clean;

/// A pair as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub label: Clean,
    /// Its value; empty when a mandatory value is missing.
    pub value: Clean,
    /// Whether the value is a link.
    pub link: bool,
    /// Whether it is mandatory and empty.
    pub missing: bool,
}

/// The display name of a business attribute.
pub fn title(attribute: &BusinessAttributeDto) -> Clean {
    let shown =
        if attribute.display_name.trim().is_empty() { &attribute.name } else { &attribute.display_name };
    Clean::line(shown)
}

/// The fields that an attribute describes, in its order; `None` when there is no such attribute.
pub fn fields(configuration: &ConfigurationDto, attribute: Option<&str>) -> Option<Vec<CaseField>> {
    let attribute = configuration.business_attribute(attribute?)?;
    let read = |name: &str| {
        let values = configuration.business_attribute(name).map_or(&[][..], |list| list.values.as_slice());
        let shown = |display: &str, name: &str| Clean::line(if display.is_empty() { name } else { display });
        let named = |value: &crate::proto::session::BusinessAttributeValueDto| NamedValue {
            name: value.name.clone(),
            shown: shown(&value.display_name, &value.name),
        };
        let first = values.iter().find(|value| value.default).map(|value| value.name.clone());
        (values.iter().map(named).collect(), first)
    };
    let mut fields: Vec<CaseField> = attribute
        .values
        .iter()
        .map(|value| {
            let annex = section_of(&value.user_properties, SECTION);
            CaseField::read(&value.name, &value.display_name, &annex, read)
        })
        .collect();
    case::order(&section_of(&attribute.user_properties, SECTION), &mut fields, |field| &field.name);
    Some(fields)
}

/// The fields of an interaction's case data that an agent may see. `hidden` is a key that is shown elsewhere.
pub fn of(
    configuration: &ConfigurationDto,
    attribute: Option<&str>,
    data: &AttachedData,
    hidden: &[&str],
) -> Vec<CaseField> {
    if let Some(fields) = fields(configuration, attribute) {
        return fields.into_iter().filter(|field| !hidden.contains(&field.name.as_str())).collect();
    }
    let plain = |name: &str, value: &crate::domain::data::Value| CaseField {
        name: name.to_owned(),
        label: Clean::line(name),
        kind: FieldType::Text,
        // Nested pairs belong to programs, so people do not edit them.
        read_only: !matches!(value, crate::domain::data::Value::Str(_) | crate::domain::data::Value::Int(_)),
        mandatory: false,
        default: None,
    };
    data.iter()
        .filter(|(name, _)| !name.starts_with("wa.") && !hidden.contains(name) && !is_routing_key(name))
        .map(|(name, value)| plain(name, value))
        .collect()
}

/// The value of a key as text; empty when the key does not exist.
pub fn value(data: &AttachedData, name: &str) -> String {
    data.get(name).map(crate::domain::data::Value::to_text).unwrap_or_default()
}

/// The pairs of an interaction's case data that are shown.
pub fn shown(
    configuration: &ConfigurationDto,
    attribute: Option<&str>,
    interaction: &Interaction,
    hidden: &[&str],
) -> Vec<Shown> {
    let formatted = fields(configuration, attribute).is_some();
    of(configuration, attribute, &interaction.user_data, hidden)
        .into_iter()
        .filter_map(|field| {
            let value = value(&interaction.user_data, &field.name);
            let empty = value.trim().is_empty();
            let missing = empty && field.mandatory && !field.read_only;
            (!empty || missing || !formatted).then(|| Shown {
                label: field.label,
                value: Clean::line(&field.kind.shown(&value)),
                link: field.kind == FieldType::Link,
                missing,
            })
        })
        .collect()
}

/// The pairs that transfers, conferences and consultations attach. They are shown apart from the case data,
/// unless an attribute names them there.
pub fn routing(configuration: &ConfigurationDto, attribute: Option<&str>, data: &AttachedData) -> Vec<Shown> {
    let named = fields(configuration, attribute).unwrap_or_default();
    let apart = |name: &str| is_routing_key(name) && named.iter().all(|field| field.name != name);
    data.iter()
        .filter(|(name, _)| apart(name))
        .map(|(name, value)| Shown {
            label: Clean::line(name),
            value: Clean::line(&value.to_text()),
            link: false,
            missing: false,
        })
        .collect()
}

/// The mandatory fields that are empty.
pub fn missing(fields: &[CaseField], data: &AttachedData) -> Vec<String> {
    fields
        .iter()
        .filter(|field| field.mandatory && !field.read_only && value(data, &field.name).trim().is_empty())
        .map(|field| field.name.clone())
        .collect()
}

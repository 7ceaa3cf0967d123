//! Fields of case data and dispositions, as a business attribute describes them in its annex.
//!
//! (Workspace: section `interaction-workspace` of the attribute and of each of its values.)

use super::AttachedData;
use super::field::{FieldType, NamedValue};
use crate::text::Clean;

/// In the annex of an attribute: the names of its values, in the order in which they are shown.
pub const ORDER: &str = "interaction.case-data.order";
/// In the annex of a disposition: the path of its folders, separated by `/`. Not a Workspace option; Workspace uses
/// folders of the configuration.
pub const FOLDER: &str = "interaction.disposition.folder";
const TYPE: &str = "display-type";
const READ_ONLY: &str = "read-only";
const MANDATORY: &str = "mandatory";
const INT: (&str, &str) = ("int.min-value", "int.max-value");
const FLOAT: (&str, &str) = ("float.min-value", "float.max-value");
const BOOL: (&str, &str) = ("bool.true-value", "bool.false-value");
const ENUM: &str = "enum.business-attribute";
const ENUM_DEFAULT: &str = "enum.default-value";

/// Every option of an annex, with its valid values.
pub const ANNEX: &[(&str, &str)] = &[
    (ORDER, "names of values with commas between them"),
    (FOLDER, "names of folders with / between them"),
    (TYPE, "string, text, int, float, bool, date, enum or link"),
    (READ_ONLY, "true or false"),
    (MANDATORY, "true or false"),
    (INT.0, "a whole number"),
    (INT.1, "a whole number"),
    (FLOAT.0, "a number"),
    (FLOAT.1, "a number"),
    (BOOL.0, "what is stored for yes"),
    (BOOL.1, "what is stored for no"),
    (ENUM, "the name of a business attribute"),
    (ENUM_DEFAULT, "the name of one of its values"),
];

/// A field of case data.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseField {
    /// The key of the attached data.
    pub name: String,
    pub label: Clean,
    /// Which values are valid.
    pub kind: FieldType,
    /// Whether agents can only read it.
    pub read_only: bool,
    /// Whether it must be filled in before the session can be completed.
    pub mandatory: bool,
    /// The first value of a field that an agent adds.
    pub default: Option<String>,
}

impl CaseField {
    /// Reads a field from the annex of its value. An option that is not valid counts as not set; [`check`] reports it.
    /// `list` returns the values of a business attribute, and the name of its default.
    pub fn read(
        name: &str,
        label: &str,
        annex: &AttachedData,
        list: impl Fn(&str) -> (Vec<NamedValue>, Option<String>),
    ) -> Self {
        let number =
            |name: &str| annex.get(name).and_then(|value| value.to_text().trim().parse::<i64>().ok());
        let real = |name: &str| annex.get(name).and_then(|value| value.to_text().trim().parse::<f64>().ok());
        let text = |name: &str, other: &str| {
            annex.get(name).map_or_else(|| other.to_owned(), |value| value.to_text().trim().to_owned())
        };
        let truth = |name: &str| text(name, "").eq_ignore_ascii_case("true");
        let mut default = None;
        let kind = match text(TYPE, "string").as_str() {
            "text" => FieldType::Lines,
            "int" => FieldType::Integer { least: number(INT.0), most: number(INT.1) },
            "float" => FieldType::Float { least: real(FLOAT.0), most: real(FLOAT.1) },
            "bool" => FieldType::Bool { yes: text(BOOL.0, "true"), no: text(BOOL.1, "false") },
            "date" => FieldType::Date,
            "link" => FieldType::Link,
            "enum" => {
                let (values, first) = list(&text(ENUM, ""));
                default = Some(text(ENUM_DEFAULT, "")).filter(|name| !name.is_empty()).or(first);
                FieldType::Choice(values)
            }
            _ => FieldType::Text,
        };
        let label = if label.trim().is_empty() { name } else { label };
        Self {
            name: name.to_owned(),
            label: Clean::line(label),
            kind,
            read_only: truth(READ_ONLY),
            mandatory: truth(MANDATORY),
            default,
        }
    }
}

/// Sorts values in the order of an attribute's annex. Values that it does not name follow in their old order.
pub fn order<T>(annex: &AttachedData, values: &mut [T], name: impl Fn(&T) -> &str) {
    let order = annex.get(ORDER).map(super::data::Value::to_text).unwrap_or_default();
    let names: Vec<&str> = order.split(',').map(str::trim).collect();
    values.sort_by_key(|value| names.iter().position(|known| *known == name(value)).unwrap_or(usize::MAX));
}

/// The folders of a disposition, outermost first.
pub fn folders(annex: &AttachedData) -> Vec<Clean> {
    let path = annex.get(FOLDER).map(super::data::Value::to_text).unwrap_or_default();
    path.split('/').map(str::trim).filter(|part| !part.is_empty()).map(Clean::line).collect()
}

/// Checks that an option of an annex exists and has a valid value.
///
/// # Errors
/// A sentence that names the valid values.
pub fn check(name: &str, value: &str) -> Result<(), String> {
    let Some((_, valid)) = ANNEX.iter().find(|(known, _)| *known == name) else {
        let all: Vec<&str> = ANNEX.iter().map(|(known, _)| *known).collect();
        return Err(format!("there is no option {name} of an annex. The options are {}", all.join(", ")));
    };
    let value = value.trim();
    let fits = match name {
        TYPE => {
            matches!(value, "string" | "text" | "int" | "float" | "bool" | "date" | "enum" | "link")
        }
        READ_ONLY | MANDATORY => matches!(value, "true" | "false"),
        _ if name == INT.0 || name == INT.1 => value.parse::<i64>().is_ok(),
        _ if name == FLOAT.0 || name == FLOAT.1 => value.parse::<f64>().is_ok_and(f64::is_finite),
        _ => !value.is_empty(),
    };
    if fits { Ok(()) } else { Err(format!("{value:?} is not valid: it takes {valid}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annex(pairs: &[(&str, &str)]) -> AttachedData {
        pairs.iter().copied().collect()
    }

    fn read(pairs: &[(&str, &str)]) -> CaseField {
        let list =
            |_: &str| (vec![NamedValue { name: "g".into(), shown: "Gold".into() }], Some("g".to_owned()));
        CaseField::read("Order", "Order number", &annex(pairs), list)
    }

    #[test]
    fn every_kind_of_field_is_read_from_its_annex() {
        assert_eq!(read(&[]).kind, FieldType::Text);
        let whole = read(&[("display-type", "int"), ("int.min-value", "1"), ("mandatory", "true")]);
        assert_eq!(whole.kind, FieldType::Integer { least: Some(1), most: None });
        assert!(whole.mandatory && !whole.read_only);
        let truth = read(&[("display-type", "bool"), ("bool.true-value", "Y"), ("read-only", "true")]);
        assert_eq!(truth.kind, FieldType::Bool { yes: "Y".into(), no: "false".into() });
        assert!(truth.read_only);
        let list = read(&[("display-type", "enum"), ("enum.business-attribute", "Segment")]);
        assert!(matches!(list.kind, FieldType::Choice(values) if values.len() == 1));
        assert_eq!(list.default.as_deref(), Some("g"));
        assert_eq!(read(&[("display-type", "colour")]).kind, FieldType::Text, "what is not known is text");
    }

    #[test]
    fn values_are_in_the_order_of_the_annex_and_the_others_last() {
        let mut names = ["a", "b", "c", "d"];
        order(&annex(&[(ORDER, "c, a")]), &mut names, |name| name);
        assert_eq!(names, ["c", "a", "b", "d"]);
    }

    #[test]
    fn a_wrong_annex_is_reported_with_valid_values() {
        for (name, value) in [("display-type", "colour"), ("mandatory", "yes"), ("int.min-value", "few")] {
            assert!(check(name, value).is_err_and(|words| words.contains("it takes")), "{name}");
        }
        assert!(check("display", "int").unwrap_err().contains("display-type"));
        assert_eq!(check("float.max-value", "1.5"), Ok(()));
    }
}

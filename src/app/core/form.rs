//! A form: labelled fields to fill in. A layer shows it and keys change it.
//!
//! Owns: the text in each field, the focus, the errors.
//! Must not: know what saving means: [`FormPurpose`] identifies the purpose, and the feature's update saves it.
//! Invariants: the focus is on a row that can take it, if there is one; a read-only field never changes; text
//! is lost only when the [`Form`] is dropped.

use crate::app::core::columns::list_width;
use crate::app::features::reach::model::TemplateDraft;
use crate::domain::InteractionId;
use crate::domain::field::FieldType;
use crate::proto::contact::ContactDto;
use crate::text::Clean;
use crate::text::compose::Composer;
use crate::text::width::str_width;

/// The maximum width in columns of the labels.
const LABEL: u16 = 22;
/// Columns before a label, for the mark of the focused row.
pub const MARK: u16 = 2;
/// The maximum height in rows of a field of several lines.
pub const LINES: u16 = 6;

/// The purpose of a form.
#[derive(Clone, Debug, PartialEq)]
pub enum FormPurpose {
    /// The case data of a session.
    Case {
        session: InteractionId,
        /// Whether saving also finishes the session.
        then_done: bool,
    },
    /// The note of this session.
    Note(InteractionId),
    /// The values of a template's fields.
    Template(Box<TemplateDraft>),
    /// A contact, as it was when the form was opened.
    Contact(Box<ContactDto>),
    /// A new contact, and the session whose customer it is.
    NewContact(Option<InteractionId>),
}

/// A field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name for the caller. Repeated fields have the same name.
    pub name: String,
    /// The label for people.
    pub label: Clean,
    pub kind: FieldType,
    pub mandatory: bool,
    pub read_only: bool,
    /// Whether the user can remove the row.
    pub removable: bool,
    /// Among fields with the same name: whether this is the primary one. `None` for a field that cannot be
    /// repeated.
    pub primary: Option<bool>,
    /// The error sentence shown below the field.
    pub error: Option<Clean>,
    input: Composer,
    before: Option<(String, Option<bool>)>,
}

impl Field {
    /// Creates an editable field with this value.
    pub fn new(name: impl Into<String>, label: impl Into<Clean>, kind: FieldType, value: &str) -> Self {
        let mut input = Composer::new();
        input.insert(value);
        input.buffer_end();
        let before = Some((input.text().to_owned(), None));
        Self {
            name: name.into(),
            label: label.into(),
            kind,
            mandatory: false,
            read_only: false,
            removable: false,
            primary: None,
            error: None,
            input,
            before,
        }
    }

    /// Sets whether the field must be filled in.
    #[must_use]
    pub fn mandatory(self, mandatory: bool) -> Self {
        Self { mandatory, ..self }
    }

    /// Sets whether the field can only be read.
    #[must_use]
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Makes the field one of several with the same name, one of which is primary. The user can remove it.
    #[must_use]
    pub fn one_of_several(self, primary: bool) -> Self {
        let before = self.before.map(|(text, _)| (text, Some(primary)));
        Self { removable: true, primary: Some(primary), before, ..self }
    }

    /// The current value in its stored form.
    pub fn value(&self) -> String {
        self.kind.stored(self.input.text())
    }

    /// The original value; `None` for an added field.
    pub fn before(&self) -> Option<&str> {
        self.before.as_ref().map(|(text, _)| text.as_str())
    }

    /// The input that holds the text.
    pub const fn input(&self) -> &Composer {
        &self.input
    }

    /// Whether letters are typed into it; a list and a yes/no field are stepped through.
    pub const fn is_typed(&self) -> bool {
        !matches!(self.kind, FieldType::Choice(_) | FieldType::Bool { .. })
    }

    /// Replaces the value.
    pub fn set(&mut self, value: &str) {
        if !self.read_only {
            self.input.set_text(value.to_owned());
            self.input.buffer_end();
            self.error = None;
        }
    }

    /// Whether the value differs from the original one.
    pub fn changed(&self) -> bool {
        match &self.before {
            Some((text, primary)) => text != self.input.text() || *primary != self.primary,
            None => true,
        }
    }

    /// Steps to the next value of a list or yes/no field, wrapping at the ends. An optional field can also be
    /// emptied this way.
    fn step(&mut self, forward: bool) {
        let mut values: Vec<String> = match &self.kind {
            FieldType::Choice(list) => list.iter().map(|named| named.name.clone()).collect(),
            FieldType::Bool { yes, no } => vec![yes.clone(), no.clone()],
            _ => return,
        };
        if !self.mandatory {
            values.push(String::new());
        }
        let own = self.value();
        let at = values.iter().position(|value| *value == own);
        let to = match (at, forward) {
            (Some(at), true) => (at + 1) % values.len().max(1),
            (Some(at), false) => (at + values.len().max(1) - 1) % values.len().max(1),
            (None, true) => 0,
            (None, false) => values.len().saturating_sub(1),
        };
        if let Some(value) = values.get(to).cloned() {
            self.set(&value);
        }
    }

    fn check(&mut self) -> bool {
        let value = self.value();
        let wrong = if self.read_only {
            None
        } else if self.mandatory && value.trim().is_empty() {
            Some("this must be filled in".to_owned())
        } else {
            self.kind.check(&value).err()
        };
        self.error = wrong.as_deref().map(Clean::line);
        self.error.is_none()
    }
}

/// A row that adds fields to a form.
#[derive(Clone, Debug)]
pub struct Add {
    /// The label, such as `add a phone number`.
    pub label: Clean,
    /// The fields that can be added. If there are several, the user chooses from a list.
    pub offers: Vec<Field>,
    /// Whether the same field can be added more than once.
    pub repeats: bool,
}

/// A row of a form.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a form has a few dozen rows, and most of them are fields")]
pub enum FormItem {
    /// A title above a group of fields.
    Heading(Clean),
    Field(Field),
    /// A row that adds fields; they are inserted before it.
    Add(Add),
}

impl FormItem {
    const fn takes_focus(&self) -> bool {
        !matches!(self, Self::Heading(_))
    }
}

/// The content of a field when a form is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledField {
    pub name: String,
    /// The value in its stored form.
    pub value: String,
    /// Whether it is the primary one of several fields with the same name.
    pub primary: bool,
    /// Whether it differs from the original, or was added.
    pub changed: bool,
    /// The original value; `None` for an added field.
    pub before: Option<String>,
}

/// A form: rows of fields, one of which has the focus.
#[derive(Clone, Debug)]
pub struct Form {
    pub title: Clean,
    pub purpose: FormPurpose,
    /// An error about the whole form, such as a refusal of the server: a sentence above the fields.
    pub trouble: Option<Clean>,
    /// Whether it was submitted and the server has not answered yet.
    pub saving: bool,
    rows: Vec<FormItem>,
    focus: usize,
    removed: bool,
}

impl Form {
    /// Creates a form with the focus on the first row that can be changed.
    pub fn new(title: impl Into<Clean>, purpose: FormPurpose, rows: Vec<FormItem>) -> Self {
        let open = |row: &FormItem| matches!(row, FormItem::Field(field) if !field.read_only);
        let focus = rows
            .iter()
            .position(open)
            .or_else(|| rows.iter().position(FormItem::takes_focus))
            .unwrap_or_default();
        Self { title: title.into(), purpose, trouble: None, saving: false, rows, focus, removed: false }
    }

    /// All rows, in order.
    pub fn rows(&self) -> &[FormItem] {
        &self.rows
    }

    /// The index of the focused row.
    pub const fn focus(&self) -> usize {
        self.focus
    }

    /// The focused field, if the focus is on a field.
    pub fn field(&self) -> Option<&Field> {
        match self.rows.get(self.focus)? {
            FormItem::Field(field) => Some(field),
            _ => None,
        }
    }

    pub(in crate::app) fn field_mut(&mut self) -> Option<&mut Field> {
        match self.rows.get_mut(self.focus)? {
            FormItem::Field(field) => Some(field),
            _ => None,
        }
    }

    /// The focused row that adds fields, if the focus is on one.
    pub fn add_row(&self) -> Option<&Add> {
        match self.rows.get(self.focus)? {
            FormItem::Add(add) => Some(add),
            _ => None,
        }
    }

    /// The fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.rows.iter().filter_map(|row| match row {
            FormItem::Field(field) => Some(field),
            _ => None,
        })
    }

    /// The first field with this name.
    pub fn named(&mut self, name: &str) -> Option<&mut Field> {
        self.rows.iter_mut().find_map(|row| match row {
            FormItem::Field(field) if field.name == name => Some(field),
            _ => None,
        })
    }

    /// Whether the user changed any field.
    pub fn changed(&self) -> bool {
        self.removed || self.fields().any(Field::changed)
    }

    /// The contents of all fields.
    pub fn filled(&self) -> Vec<FilledField> {
        let fill = |field: &Field| FilledField {
            name: field.name.clone(),
            value: field.value(),
            primary: field.primary == Some(true),
            changed: field.changed(),
            before: field.before().map(str::to_owned),
        };
        self.fields().map(fill).collect()
    }

    /// Moves the focus to the next or the previous row that can take it, wrapping at the ends. The field that
    /// loses the focus is checked.
    pub fn go(&mut self, forward: bool) {
        if let Some(field) = self.field_mut().filter(|field| field.changed()) {
            field.check();
        }
        let count = self.rows.len();
        for steps in 1..=count {
            let to = if forward { self.focus + steps } else { self.focus + count - steps } % count;
            if self.rows.get(to).is_some_and(FormItem::takes_focus) {
                self.focus = to;
                return;
            }
        }
    }

    /// Moves the focus to the row at this index, if it can take it.
    pub fn go_to(&mut self, place: usize) {
        if self.rows.get(place).is_some_and(FormItem::takes_focus) {
            self.focus = place;
        }
    }

    /// Moves the focus to the first field with this name.
    pub fn go_to_named(&mut self, name: &str) {
        let at = self.rows.iter().position(|row| matches!(row, FormItem::Field(field) if field.name == name));
        if let Some(at) = at {
            self.focus = at;
        }
    }

    /// Checks every field and moves the focus to the first wrong one. Returns whether all are right.
    pub fn check(&mut self) -> bool {
        let mut first = None;
        for (place, row) in self.rows.iter_mut().enumerate() {
            if let FormItem::Field(field) = row
                && !field.check()
            {
                first = first.or(Some(place));
            }
        }
        if let Some(place) = first {
            self.focus = place;
        }
        first.is_none()
    }

    /// Shows the server's error at a field and moves the focus there.
    pub fn show_error(&mut self, name: &str, words: &str) {
        self.go_to_named(name);
        if let Some(field) = self.named(name) {
            field.error = Some(Clean::line(words));
        }
    }

    /// Reports that somebody else has changed a field, and moves the focus there. The text stays; saving once
    /// more overwrites the other value.
    pub fn show_conflict(&mut self, name: &str, now: &str) {
        let Some(field) = self.named(name) else { return };
        let shown = field.kind.shown(now);
        field.before = Some((now.to_owned(), field.before.as_ref().and_then(|(_, primary)| *primary)));
        let words = if now.is_empty() {
            "somebody else has emptied this meanwhile. Save again to keep yours".to_owned()
        } else {
            format!("somebody else set this to {shown} meanwhile. Save again to overwrite it")
        };
        self.show_error(name, &words);
    }

    /// Edits the input of the focused field, unless it is read-only.
    pub fn edit(&mut self, change: impl FnOnce(&mut Composer)) {
        if let Some(field) = self.field_mut().filter(|field| !field.read_only && field.is_typed()) {
            let before = field.input.text().to_owned();
            change(&mut field.input);
            if field.input.text() != before {
                field.error = None;
            }
        }
    }

    /// Steps through the values of the focused field.
    pub fn step(&mut self, forward: bool) {
        if let Some(field) = self.field_mut().filter(|field| !field.read_only) {
            field.step(forward);
        }
    }

    /// Adds the offered field at this index of the focused row, and moves the focus to it.
    pub fn add(&mut self, offer: usize) {
        let Some(FormItem::Add(add)) = self.rows.get_mut(self.focus) else { return };
        if offer >= add.offers.len() {
            return;
        }
        let mut field =
            if add.repeats { add.offers.get(offer).cloned() } else { Some(add.offers.remove(offer)) };
        let gone = add.offers.is_empty();
        if let Some(field) = &mut field {
            field.before = None;
            // The first of several fields becomes the primary one.
            let alone = self.fields().all(|other| other.name != field.name);
            field.primary = field.primary.map(|_| alone);
        }
        if gone {
            self.rows.remove(self.focus);
        }
        if let Some(field) = field {
            self.rows.insert(self.focus, FormItem::Field(field));
        }
    }

    /// Removes the focused field, if it is removable. Returns whether it did. If it was the primary one, the
    /// first remaining field of the same name becomes primary.
    pub fn remove(&mut self) -> bool {
        let Some(field) = self.field().filter(|field| field.removable && !field.read_only) else {
            return false;
        };
        let (name, primary) = (field.name.clone(), field.primary == Some(true));
        self.removed |= field.before.is_some();
        self.rows.remove(self.focus);
        if primary && let Some(first) = self.named(&name) {
            first.primary = Some(true);
        }
        if !self.rows.get(self.focus).is_some_and(FormItem::takes_focus) {
            let forward = self.focus == 0;
            self.focus = self.focus.min(self.rows.len());
            self.go(forward);
        }
        true
    }

    /// Makes the focused field the primary one of its name. Returns whether the field can be primary.
    pub fn make_primary(&mut self) -> bool {
        let Some(field) = self.field().filter(|field| field.primary.is_some() && !field.read_only) else {
            return false;
        };
        let name = field.name.clone();
        let focus = self.focus;
        for (place, row) in self.rows.iter_mut().enumerate() {
            if let FormItem::Field(field) = row
                && field.name == name
            {
                field.primary = Some(place == focus);
            }
        }
        true
    }

    /// The column where the values begin and their width in columns, on a screen of this width.
    pub fn columns(&self, screen: u16) -> (u16, u16) {
        let inside = list_width(screen);
        let widest = |field: &Field| str_width(&field.label) + u16::from(field.mandatory) * 2;
        let label = self.fields().map(widest).max().unwrap_or(0).min(LABEL.max(inside / 4)).min(inside / 3);
        // A gap of two after the label.
        let left = if label == 0 { MARK } else { MARK + label + 2 };
        (left, inside.saturating_sub(left).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::NamedValue;

    fn form(rows: Vec<FormItem>) -> Form {
        Form::new("t", FormPurpose::Note("s".into()), rows)
    }

    fn text(name: &str, value: &str) -> Field {
        Field::new(name, name, FieldType::Text, value)
    }

    #[test]
    fn the_focus_passes_headings_and_goes_round() {
        let mut form = form(vec![
            FormItem::Heading("h".into()),
            FormItem::Field(text("a", "").read_only(true)),
            FormItem::Field(text("b", "")),
        ]);
        assert_eq!(form.field().unwrap().name, "b", "the first that can be changed");
        form.go(true);
        assert_eq!(form.field().unwrap().name, "a");
        form.go(false);
        assert_eq!(form.field().unwrap().name, "b");
        form.edit(|input| input.insert("x"));
        form.go(true);
        form.edit(|input| input.insert("x"));
        assert_eq!(form.fields().map(Field::value).collect::<Vec<_>>(), ["", "x"], "a read-only one stays");
    }

    #[test]
    fn what_is_wrong_is_said_below_its_field_and_gone_to() {
        let whole = FieldType::Integer { least: Some(1), most: Some(5) };
        let mut form = form(vec![
            FormItem::Field(Field::new("n", "n", whole, "3")),
            FormItem::Field(text("m", "").mandatory(true)),
        ]);
        assert!(!form.check());
        assert_eq!(form.field().unwrap().error.as_deref(), Some("this must be filled in"));
        form.edit(|input| input.insert("x"));
        assert_eq!(form.field().unwrap().error, None, "writing takes the sentence away");
        form.go(false);
        form.edit(|input| input.insert("3"));
        form.go(true);
        assert_eq!(form.named("n").unwrap().error.as_deref(), Some("this takes a whole number from 1 to 5"));
    }

    #[test]
    fn a_list_is_stepped_through_and_can_be_emptied_unless_it_must_be_filled() {
        let named = |name: &str| NamedValue { name: name.into(), shown: name.to_uppercase().into() };
        let list = FieldType::Choice(vec![named("a"), named("b")]);
        let field = Field::new("c", "c", list, "a");
        let mut open = form(vec![FormItem::Field(field.clone())]);
        let mut seen = Vec::new();
        for _ in 0..3 {
            open.step(true);
            seen.push(open.field().unwrap().value());
        }
        assert_eq!(seen, ["b", "", "a"]);
        let mut must = form(vec![FormItem::Field(field.mandatory(true))]);
        must.step(false);
        assert_eq!(must.field().unwrap().value(), "b");
    }

    #[test]
    fn rows_are_added_and_taken_away_and_one_of_them_is_the_primary() {
        let phone = |value: &str, primary| {
            FormItem::Field(Field::new("p", "Phone", FieldType::Text, value).one_of_several(primary))
        };
        let add = FormItem::Add(Add {
            label: "add a phone".into(),
            offers: vec![Field::new("p", "Phone", FieldType::Text, "").one_of_several(false)],
            repeats: true,
        });
        let mut form = form(vec![phone("1", true), phone("2", false), add]);
        assert!(!form.changed());
        form.go(false);
        form.add(0);
        form.edit(|input| input.insert("3"));
        assert!(form.make_primary());
        let told: Vec<_> = form.filled().into_iter().map(|f| (f.value, f.primary, f.changed)).collect();
        assert_eq!(told, [("1".into(), false, true), ("2".into(), false, false), ("3".into(), true, true)]);
        assert!(form.remove());
        let told: Vec<_> = form.filled().into_iter().map(|f| (f.value, f.primary)).collect();
        assert_eq!(told, [("1".into(), true), ("2".into(), false)], "another is the primary then");
        assert!(!form.changed(), "an added row that is gone changes nothing");
        form.go_to(0);
        assert!(form.remove() && form.changed());
    }
}

//! Forms: every kind of field, what is wrong with one, and more of them than the screen has rows.

use crate::desk::Desk;
use deskline::app::core::form::{Add, Field, Form, FormItem, FormPurpose};
use deskline::app::core::layer::Layer;
use deskline::domain::field::{FieldType, NamedValue};

/// A form with a field of every kind.
pub fn every_kind() -> Layer {
    let named = |name: &str, shown: &str| NamedValue { name: name.into(), shown: shown.into() };
    let field = |name: &str, label: &str, kind, value: &str| Field::new(name, label, kind, value);
    let phone =
        |value: &str, primary| field("phone", "Phone", FieldType::Text, value).one_of_several(primary);
    let segments = FieldType::Choice(vec![named("g", "Gold"), named("s", "Silver")]);
    let rows = vec![
        FormItem::Heading("Who it is".into()),
        FormItem::Field(field("id", "Customer number", FieldType::Text, "10007").read_only(true)),
        FormItem::Field(field("name", "Name", FieldType::Text, "Lucía Fernández").mandatory(true)),
        FormItem::Field(field("segment", "Segment", segments, "g")),
        FormItem::Field(phone("+34 600 000 101", true)),
        FormItem::Field(phone("+34 600 000 102", false)),
        FormItem::Add(Add {
            label: "add a phone number".into(),
            offers: vec![phone("", false)],
            repeats: true,
        }),
        FormItem::Heading("The order".into()),
        FormItem::Field(
            field("pieces", "Pieces", FieldType::Integer { least: Some(1), most: Some(9) }, "2")
                .mandatory(true),
        ),
        FormItem::Field(field(
            "weight",
            "Weight (kg)",
            FieldType::Float { least: Some(0.0), most: None },
            "1.25",
        )),
        FormItem::Field(field("gift", "Gift", FieldType::Bool { yes: "yes".into(), no: "no".into() }, "no")),
        FormItem::Field(field("until", "Promised for", FieldType::Date, "")),
        FormItem::Field(field("link", "Tracking", FieldType::Link, "https://track.example/48213")),
        FormItem::Field(field(
            "words",
            "Remarks",
            FieldType::Lines,
            "leave it with the neighbour\nring twice",
        )),
    ];
    Layer::Form(Box::new(Form::new("Case of Lucía Fernández", FormPurpose::Note("s1".into()), rows)))
}

fn desk(width: u16, height: u16) -> Desk {
    let mut desk = Desk::busy(width, height, 1);
    desk.state.layers.push(every_kind());
    desk
}

#[test]
fn a_form_with_every_kind_of_field() {
    let mut desk = desk(80, 24);
    snapshot!("form_80x24", desk.draw().styled());
    for _ in 0..5 {
        desk.key("Down");
    }
    desk.key("Backspace");
    desk.types("12");
    desk.key("Enter");
    snapshot!("form_wrong_80x24", desk.draw().text());
    desk.does(deskline::app::What::Resize(120, 32));
    snapshot!("form_wrong_120x32", desk.draw().text());
    desk.does(deskline::app::What::Resize(40, 10));
    snapshot!("form_wrong_40x10", desk.draw().text());
}

#[test]
fn a_form_is_scrolled_to_the_focused_field() {
    let mut desk = desk(40, 10);
    snapshot!("form_40x10", desk.draw().text());
    desk.key("Shift+Tab");
    desk.key("Shift+Tab");
    desk.key("Shift+Tab");
    snapshot!("form_end_40x10", desk.draw().text());
    let screen = desk.draw();
    assert!(screen.cursor.is_some_and(|at| at.y < 10));
}

#[test]
fn a_field_with_a_list_opens_it() {
    let mut desk = desk(80, 24);
    desk.key("Down");
    desk.key("Space");
    snapshot!("form_list_80x24", desk.draw().text());
    desk.types("sil");
    desk.key("Enter");
    let shown = desk.draw().text();
    assert!(shown.contains("‹ Silver ›"), "{shown}");
    desk.key("Esc");
    assert!(desk.state.layers.is_empty(), "a note is kept, so nothing is asked");
}

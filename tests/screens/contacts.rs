//! Contacts: the directory, the form, who a customer may be, the history and a past session.

use crate::desk::{Desk, NOW, agent, customer};
use deskline::app::core::layer::Layer;
use deskline::app::core::msg::{Link, RequestError};
use deskline::app::{Effect, What};
use deskline::domain::OperationId;
use deskline::domain::profile::AttributeValue;
use deskline::proto::contact::{self, ContactDto, name};
use deskline::proto::envelope::Envelope;
use deskline::proto::event::Event;
use deskline::proto::ucs::{OwnerDto, PastDto};
use serde_json::json;

fn known(id: &str, first: &str, last: &str, phones: &[&str]) -> ContactDto {
    let mut contact = ContactDto { id: id.into(), ..ContactDto::default() };
    let mut set = |name: &str, values: &[&str]| {
        let values: Vec<_> = values.iter().map(|value| AttributeValue::plain(*value)).collect();
        contact.attributes.insert(name.to_owned(), values);
    };
    set("FirstName", &[first]);
    set("LastName", &[last]);
    set("PhoneNumber", phones);
    set("EmailAddress", &[&format!("{}@example.org", first.to_lowercase())]);
    set("CompanyName", &["Fernández y Hijos"]);
    set("wa.number", &["34600000101"]);
    set("wa.profile-name", &["Lucía 🌸"]);
    if let Some(first) = contact.attributes.get_mut("PhoneNumber").and_then(|list| list.first_mut()) {
        first.primary = phones.len() > 1;
        first.description = "mobile".into();
    }
    contact.changed = Some(("Ben Okafor".into(), json!("2026-11-20T10:00:00Z")));
    contact
}

fn some() -> Vec<ContactDto> {
    vec![
        known("c1", "Lucía", "Fernández", &["+34 600 000 101", "+34 910 000 101"]),
        known("c2", "Lucas", "Fernandes", &["+351 900 000 202"]),
        known("c3", "李", "小龙", &["+86 138 0000 0000"]),
    ]
}

/// A desk whose shown session has that contact.
fn desk(width: u16, height: u16, unknown: bool) -> Desk {
    let mut desk = Desk::busy(width, height, 0);
    if let Some(session) = desk.state.sessions.first_mut() {
        session.interaction.contact = Some("c1".into());
        if unknown {
            session.interaction.user_data.set("wa.unknown-contact", 1);
            session.interaction.party.contact_name = None;
            session.interaction.party.profile_name = Some("Lucía 🌸".into());
        }
    }
    desk
}

fn asked(effects: Vec<Effect>) -> OperationId {
    let operation = effects.into_iter().find_map(|effect| match effect {
        Effect::Call { operation, .. } => Some(operation),
        _ => None,
    });
    operation.unwrap_or_default()
}

fn answer(desk: &mut Desk, data: &serde_json::Value) {
    let Some(answer) = contact::read(data) else { return assert_eq!(data, &json!(null), "no answer") };
    desk.does(What::Event(Event::Contacts(Box::new(answer))));
}

fn directory(desk: &mut Desk) {
    let operation = asked(desk.key_effects("Shift+F8"));
    answer(desk, &contact::found(&some(), 57, Some(operation.as_str())));
}

fn opened(desk: &mut Desk) {
    let operation = asked(desk.key_effects("F8"));
    let contact = some().remove(0);
    answer(desk, &contact::event(name::DETAILS, Some(operation.as_str()), &contact));
}

fn history(desk: &mut Desk) {
    desk.key("Alt+H");
    history_comes(desk);
}

fn history_comes(desk: &mut Desk) {
    let past = |id: &str, day: &str, subject: &str, state: &str, comment: &str| PastDto {
        id: id.into(),
        state: state.into(),
        subject: subject.into(),
        comment: comment.into(),
        start_date: json!(format!("{day}T09:30:00Z")),
        media_type: "whatsappsession".into(),
        owner_information: vec![OwnerDto {
            first_name: "Ben".into(),
            last_name: "Okafor".into(),
            user_name: "ben".into(),
            ..OwnerDto::default()
        }],
        ..PastDto::default()
    };
    let interactions = vec![
        past("s1", "2026-11-22", "Hola, ¿siguen abiertos?", "InProgress", ""),
        past("p2", "2026-11-18", "Mi factura", "Stopped", "wants a callback"),
        past("p1", "2026-09-01", "¿Dónde está mi pedido?", "Stopped", ""),
    ];
    desk.does(What::Event(Event::History { contact_id: "c1".into(), interactions }));
}

fn past(desk: &mut Desk) {
    history(desk);
    desk.key("Down");
    let operation = asked(desk.key_effects("Enter"));
    let messages = vec![
        customer(1, "Mi factura está mal, ¿la pueden mirar por favor? Es la de octubre.", 400_000),
        agent(2, "Claro, un momento.", 399_900),
        customer(3, "gracias", 399_800),
    ];
    desk.does(What::Reply { operation, result: Ok(Envelope::ok(0, None, json!({ "messages": messages }))) });
}

/// One of each, for every size.
pub fn layers() -> Vec<Layer> {
    [directory, opened, history, past]
        .into_iter()
        .filter_map(|open| {
            let mut desk = desk(80, 24, false);
            open(&mut desk);
            desk.state.layers.pop()
        })
        .collect()
}

#[test]
fn the_directory_at_80x24_and_120x32() {
    let mut small = desk(80, 24, false);
    directory(&mut small);
    snapshot!("contacts_directory_80x24", small.draw().styled());
    small.key("Enter");
    snapshot!("contacts_acts_80x24", small.draw().text());
    let mut large = desk(120, 32, false);
    directory(&mut large);
    snapshot!("contacts_directory_120x32", large.draw().text());
}

#[test]
fn the_contact_of_a_session_at_80x24_and_120x32() {
    let mut small = desk(80, 24, false);
    opened(&mut small);
    snapshot!("contacts_form_80x24", small.draw().styled());
    let mut large = desk(120, 32, false);
    opened(&mut large);
    snapshot!("contacts_form_120x32", large.draw().text());
}

#[test]
fn who_an_unknown_customer_may_be_at_80x24_and_120x32() {
    let mut small = desk(80, 24, true);
    let operation = asked(small.key_effects("F8"));
    let mut suggested = some();
    suggested.truncate(2);
    for (contact, why) in suggested.iter_mut().zip(["the same number", "a similar name"]) {
        contact.reason = Some(why.into());
    }
    let data = contact::identified("c9", false, &suggested, Some(operation.as_str()));
    answer(&mut small, &data);
    snapshot!("contacts_suggested_80x24", small.draw().text());
    let large = desk(120, 32, true);
    assert!(large.draw().find("unknown contact").is_some(), "{}", large.draw().text());
    snapshot!("contacts_unknown_120x32", large.draw().text());
}

#[test]
fn a_history_that_comes_again_keeps_the_chosen_row() {
    let mut desk = desk(80, 24, false);
    history(&mut desk);
    desk.key("Down");
    let chosen = desk.draw().text();
    history_comes(&mut desk);
    assert_eq!(desk.draw().text(), chosen);
    assert!(chosen.lines().any(|row| row.contains("▸ 2026-11-18")), "{chosen}");
}

#[test]
fn the_history_and_a_past_session_at_80x24_and_120x32() {
    let mut small = desk(80, 24, false);
    history(&mut small);
    snapshot!("contacts_history_80x24", small.draw().text());
    let mut large = desk(120, 32, false);
    history(&mut large);
    snapshot!("contacts_history_120x32", large.draw().text());
    let mut reading = desk(80, 24, false);
    past(&mut reading);
    reading.types("gracias");
    snapshot!("contacts_past_80x24", reading.draw().styled());
}

#[test]
fn two_contacts_are_side_by_side_before_a_merge() {
    let mut desk = desk(120, 32, false);
    directory(&mut desk);
    desk.key("Enter");
    for _ in 0..2 {
        desk.key("Down");
    }
    let operation = asked(desk.key_effects("Enter"));
    answer(&mut desk, &contact::found(&some(), 3, Some(operation.as_str())));
    desk.key("Enter");
    snapshot!("contacts_merge_120x32", desk.draw().text());
}

fn refused(desk: &mut Desk, operation: OperationId, code: i64, words: &str) {
    let error = RequestError::Refused { code, message: words.to_owned() };
    desk.does(What::Reply { operation, result: Err(error) });
}

#[test]
fn what_was_written_stays_when_it_cannot_be_saved() {
    let mut desk = desk(80, 24, false);
    opened(&mut desk);
    desk.key("Tab");
    desk.types(" María");
    let operation = asked(desk.key_effects("Enter"));
    refused(&mut desk, operation, 409, "somebody else has changed FirstName in between: it is Luisa now");
    let screen = desk.draw();
    assert!(screen.find("Lucía María").is_some(), "{}", screen.text());
    assert!(screen.find("Luisa").is_some(), "{}", screen.text());

    // Once more, and the connection breaks: what was sent may have arrived or not.
    asked(desk.key_effects("Enter"));
    desk.does(What::Link(Link::Lost { reason: "timed out".into(), retry_at: NOW }));
    let screen = desk.draw();
    assert!(screen.find("the connection was lost").is_some(), "{}", screen.text());
    assert!(screen.find("Lucía María").is_some(), "{}", screen.text());
    let nothing = desk.key_effects("Enter");
    assert!(nothing.iter().all(|effect| !matches!(effect, Effect::Call { .. })), "{nothing:?}");
    assert!(desk.draw().find("there is no connection").is_some(), "{}", desk.draw().text());
}

#[test]
fn a_bad_address_and_a_missing_name_stop_the_form() {
    let mut desk = desk(80, 32, false);
    opened(&mut desk);
    desk.key("Tab");
    desk.key("Ctrl+U");
    let effects = desk.key_effects("Enter");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Call { .. })), "{effects:?}");
    assert!(desk.draw().find("this must be filled in").is_some(), "{}", desk.draw().text());
    desk.types("Lucía");
    for _ in 0..40 {
        let on_mail = matches!(desk.state.layers.last(), Some(Layer::Form(form))
            if form.field().is_some_and(|field| field.name == "EmailAddress"));
        if on_mail {
            break;
        }
        desk.key("Tab");
    }
    desk.types(" @");
    let effects = desk.key_effects("Enter");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Call { .. })), "{effects:?}");
    assert!(desk.draw().find("is no e-mail address").is_some(), "{}", desk.draw().text());
}

#[test]
fn a_server_without_contacts_is_said_and_nothing_hangs() {
    let mut desk = desk(80, 24, false);
    let operation = asked(desk.key_effects("Shift+F8"));
    refused(&mut desk, operation, 404, "there is nothing at this address");
    assert!(desk.draw().find("there is nothing at this address").is_some(), "{}", desk.draw().text());
    desk.key("Esc");
    let operation = asked(desk.key_effects("F8"));
    refused(&mut desk, operation, 403, "your role may look and not act");
    assert!(desk.state.layers.is_empty());
    desk.key("F9");
    assert!(desk.draw().find("the contact could not be read").is_some(), "{}", desk.draw().text());
}

#[test]
fn an_older_answer_does_not_take_the_place_of_a_newer_one() {
    let mut desk = desk(80, 24, false);
    let first = asked(desk.key_effects("Shift+F8"));
    let second = asked(desk.key_effects("l"));
    let mut few = some();
    few.truncate(1);
    answer(&mut desk, &contact::found(&few, 1, Some(second.as_str())));
    answer(&mut desk, &contact::found(&some(), 57, Some(first.as_str())));
    assert!(desk.draw().find("Lucas").is_none(), "{}", desk.draw().text());
    assert!(desk.draw().find("Lucía Fernández").is_some());
}

//! Other ways to the customer: the menu, templates, the closed reply window, and what is done outside the desk.

use crate::desk::{Desk, NOW};
use deskline::app::core::layer::Layer;
use deskline::app::core::msg::{Link, RequestError};
use deskline::app::{Effect, What};
use deskline::domain::OperationId;
use deskline::domain::template::{Button, Header, Template};
use deskline::proto::envelope::Envelope;
use deskline::proto::request::Request;
use deskline::proto::templates;

fn all() -> Vec<Template> {
    let one = |name: &str, language: &str, body: &str| Template {
        name: name.into(),
        language: language.into(),
        category: "UTILITY".into(),
        body: body.into(),
        ..Template::default()
    };
    vec![
        Template {
            footer: "Lamplight".into(),
            buttons: vec![Button {
                text: "Track it".into(),
                url: "https://lamplight.example/t/{{1}}".into(),
            }],
            examples: [("body.2".to_owned(), "48213".to_owned())].into(),
            ..one("delivery_today", "en", "Hello {{1}}, your order {{2}} comes today between {{3}}.")
        },
        Template {
            header: Header::Text("Su pedido {{order}}".into()),
            ..one("delivery_today", "es", "Hola {{first_name}}, su pedido llega hoy entre las {{time}}.")
        },
        one("go_on", "en", "Hello {{1}}, we have an answer to your question. May we go on here?"),
        one("go_on", "es", "Hola {{1}}, ya tenemos una respuesta a su consulta. ¿Seguimos por aquí?"),
        one("opening_hours", "es", "Abrimos de lunes a viernes de 9 a 18 h."),
        Template {
            unusable: "it carries a code that a program has to make".into(),
            ..one("sign_in_code", "en", "{{1}} is your code.")
        },
    ]
}

/// The last thing that the server was asked; the configuration when it was asked nothing.
fn request(effects: &[Effect]) -> (OperationId, Request) {
    let call = |effect: &Effect| match effect {
        Effect::Call { operation, request } => Some((operation.clone(), request.clone())),
        _ => None,
    };
    effects.iter().rev().find_map(call).unwrap_or_else(|| ("".into(), Request::Configuration))
}

fn tells(desk: &mut Desk, operation: OperationId, data: serde_json::Value) {
    desk.does(What::Reply { operation, result: Ok(Envelope::ok(0, None, data)) });
}

fn refuses(desk: &mut Desk, operation: OperationId, code: i64, message: &str) {
    let error = RequestError::Refused { code, message: message.into() };
    desk.does(What::Reply { operation, result: Err(error) });
}

/// A session whose contact has another number and an address.
fn desk(width: u16, height: u16) -> Desk {
    let mut desk = Desk::busy(width, height, 0);
    desk.session(
        "s1",
        "Lucía Fernández",
        "34600000101",
        &[
            ("Language", "es"),
            ("Order", "48213"),
            ("PhoneNumber", "+34 910 000 222"),
            ("EmailAddress", "lucia@example.com"),
        ],
    );
    desk
}

/// The reply window of the shown session has closed.
fn closed(width: u16, height: u16) -> Desk {
    let mut desk = desk(width, height);
    desk.later(22 * 3600);
    desk
}

/// The list of templates, told by the server.
fn list(desk: &mut Desk) {
    desk.key("Alt+Y");
    desk.types("templa");
    let (operation, asked) = request(&desk.key_effects("Enter"));
    assert_eq!(asked, Request::Templates);
    tells(desk, operation, templates::list(&all(), Some(NOW), None));
}

pub fn layers() -> Vec<Layer> {
    let mut desk = closed(80, 24);
    desk.key("Alt+Y");
    let menu = desk.state.layers.pop();
    list(&mut desk);
    let templates = desk.state.layers.last().cloned();
    desk.key("Enter");
    let form = desk.state.layers.last().cloned();
    desk.state.layers.clear();
    desk.key("Alt+Y");
    desk.types("mail");
    desk.key("Enter");
    menu.into_iter().chain(templates).chain(form).chain(desk.state.layers.pop()).collect()
}

#[test]
fn the_ways_to_a_customer_at_80x24_and_120x32() {
    let mut small = closed(80, 24);
    small.key("Alt+Y");
    snapshot!("layer_reach_80x24", small.draw().styled());
    let mut large = desk(120, 32);
    large.key("Alt+Y");
    snapshot!("layer_reach_120x32", large.draw().styled());
}

#[test]
fn the_templates_with_a_preview_at_80x24_and_120x32() {
    let mut small = closed(80, 24);
    list(&mut small);
    snapshot!("layer_templates_80x24", small.draw().styled());
    let mut large = closed(120, 32);
    list(&mut large);
    large.key("Shift+Tab");
    large.key("Shift+Tab");
    large.types("code");
    snapshot!("layer_templates_120x32", large.draw().styled());
}

#[test]
fn what_is_filled_in_and_the_last_look_at_80x24() {
    let mut desk = closed(80, 24);
    list(&mut desk);
    desk.key("Enter");
    snapshot!("layer_template_form_80x24", desk.draw().styled());
    desk.key("Enter");
    assert!(desk.draw().text().contains("this must be filled in"), "{}", desk.draw().text());
    desk.types("10 y las 12");
    desk.key("Enter");
    snapshot!("layer_template_look_80x24", desk.draw().styled());
    let (_, sent) = request(&desk.key_effects("Enter"));
    assert!(matches!(sent, Request::SendTemplate { .. }), "{sent:?}");
    let Request::SendTemplate { id, name, language, values } = sent else { return };
    assert_eq!((id.as_str(), name.as_str(), language.as_str()), ("s1", "delivery_today", "es"));
    let values: Vec<(String, String)> =
        values.iter().map(|(key, value)| (key.to_owned(), value.to_text())).collect();
    let expected = [("header.order", "48213"), ("body.first_name", "Lucía"), ("body.time", "10 y las 12")];
    assert_eq!(values, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert!(desk.state.layers.is_empty());
}

#[test]
fn a_closed_window_says_so_and_keeps_what_is_written() {
    let mut desk = closed(80, 24);
    desk.types("Su pedido sale hoy");
    desk.key("Enter");
    snapshot!("window_closed_80x24", desk.draw().styled());
    assert_eq!(desk.state.session().unwrap().draft.text(), "Su pedido sale hoy");
    assert!(desk.state.session().unwrap().transcript.pending().is_empty());
    let mut large = closed(120, 32);
    large.types("Su pedido sale hoy");
    snapshot!("window_closed_120x32", large.draw().styled());
}

#[test]
fn what_the_desk_cannot_do_is_copied_shown_and_noted() {
    let mut desk = desk(80, 24);
    desk.key("Alt+Y");
    desk.types("mail");
    let effects = desk.key_effects("Enter");
    assert!(effects.contains(&Effect::Copy("lucia@example.com".into())), "{effects:?}");
    let (operation, noted) = request(&effects);
    assert!(matches!(noted, Request::NoteContact { address, .. } if address == "lucia@example.com"));
    snapshot!("layer_outside_80x24", desk.draw().styled());
    assert!(desk.key_effects("Enter").contains(&Effect::Copy("mailto:lucia@example.com".into())));
    refuses(&mut desk, operation, 404, "there is nothing at this address");
    assert!(desk.draw().text().contains("it could not be recorded in the history"));
}

#[test]
fn a_number_written_by_hand_is_checked_and_then_offered() {
    let mut desk = Desk::empty(80, 24);
    desk.key("Alt+Y");
    desk.key("Enter");
    desk.types("600 000 101");
    desk.key("Enter");
    let text = desk.draw().text();
    assert!(text.contains("600 000 101") && text.contains("with + and the country code"), "{text}");
    desk.key("Home");
    desk.types("+34 ");
    desk.key("Enter");
    let text = desk.draw().text();
    assert!(text.contains("a new session with +34600000101") && text.contains("Call +34600000101"), "{text}");
    let (operation, asked) = request(&desk.key_effects("Enter"));
    assert_eq!(asked, Request::Templates);
    tells(&mut desk, operation, templates::list(&all(), None, None));
    desk.types("opening");
    desk.key("Enter");
    assert!(desk.draw().text().contains("It begins a new session"), "{}", desk.draw().text());
    let (operation, begins) = request(&desk.key_effects("Enter"));
    assert!(matches!(begins, Request::StartSession { number, .. } if number == "+34600000101"));
    refuses(&mut desk, operation, 409, "Kate London has a session with Lucía now");
    desk.key("F9");
    assert!(desk.draw().text().contains("was not sent: Kate London has a session"), "{}", desk.draw().text());
}

#[test]
fn a_refused_template_comes_back_with_what_was_filled_in() {
    let mut desk = closed(80, 24);
    list(&mut desk);
    desk.types("go");
    desk.key("Enter");
    desk.key("Enter");
    let (operation, _) = request(&desk.key_effects("Enter"));
    refuses(&mut desk, operation, 400, "the template go_on was not sent: body.1: too long");
    let text = desk.draw().text();
    assert!(text.contains("body.1: too long") && text.contains("Lucía"), "{text}");
}

#[test]
fn missing_templates_are_a_sentence_and_the_rest_works() {
    let mut desk = closed(80, 24);
    desk.key("Alt+Y");
    let (operation, _) = request(&desk.key_effects("Enter"));
    refuses(&mut desk, operation, 404, "there is nothing at this address");
    assert!(
        desk.draw().text().contains("the templates could not be read: there is nothing"),
        "{}",
        desk.draw().text()
    );
    desk.key("Esc");
    desk.does(What::Link(Link::Lost { reason: "timed out".into(), retry_at: NOW }));
    desk.key("Alt+Y");
    desk.key("Enter");
    assert!(desk.draw().text().contains("there is no connection"), "{}", desk.draw().text());
    desk.key("Alt+Y");
    desk.types("call");
    assert!(desk.key_effects("Enter").iter().any(|effect| matches!(effect, Effect::Copy(_))));
    assert!(desk.draw().text().contains("It is not added to a history"), "{}", desk.draw().text());
}

#[test]
fn a_template_of_unknown_outcome_says_to_look() {
    let mut desk = closed(80, 24);
    list(&mut desk);
    desk.types("opening");
    desk.key("Enter");
    desk.key("Enter");
    desk.does(What::Link(Link::Lost { reason: "timed out".into(), retry_at: NOW }));
    desk.key("F9");
    assert!(desk.draw().text().contains("check whether it is in the session"), "{}", desk.draw().text());
}

//! What people type: in the palette, as commands, and in texts that are incomplete.

use super::Desk;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::session::Session;
use crate::domain::agent::Reason;
use crate::domain::profile::AttributeValue;
use crate::proto;
use crate::proto::contact::ContactDto;
use crate::proto::request::Request;
use serde_json::json;

fn palette(typed: &str) -> Vec<String> {
    let mut desk = Desk::new();
    desk.state.reasons = vec![
        Reason { code: "L".into(), name: "Almoço".into() },
        Reason { code: "C".into(), name: "Coffee break".into() },
    ];
    desk.keys("Ctrl+K");
    desk.typed(typed);
    let picker = desk.picker();
    picker
        .shown()
        .take(4)
        .map(|item| match &item.value {
            Choice::Do(action) => action.info().name.to_owned(),
            _ => item.label.to_string(),
        })
        .collect()
}

#[test]
fn the_palette_finds_words_of_daily_speech() {
    for (typed, expected) in [
        ("emoji", "emoji"),
        ("log out", "sign-out"),
        ("reply", "responses"),
        ("lunch", "not-ready"),
        ("break", "Not Ready: Coffee break"),
        ("almoco", "Not Ready: Almoço"),
        ("forward", "transfer"),
        ("resend", "retry"),
        ("hang up", "done"),
    ] {
        let found = palette(typed);
        assert!(found.iter().any(|name| name == expected), "{typed}: {found:?}");
    }
}

#[test]
fn the_name_of_a_reason_is_a_command() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk.typed("/lunch");
    desk.keys("Enter");
    let asked = desk.asked();
    assert!(matches!(&asked[..], [(_, Request::NotReady { .. })]), "{asked:?}");
    // A synonym of the command that names no reason opens the list of reasons.
    desk.typed("/break");
    desk.keys("Enter");
    assert!(desk.asked().is_empty() && matches!(desk.state.layers.last(), Some(Layer::Pick(_))));
}

#[test]
fn an_emoji_is_chosen_from_a_list_into_the_draft() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("ok ");
    desk.state.sessions[0].draft.set_text(String::new());
    desk.typed("/emoji rocket");
    desk.keys("Enter Enter");
    assert_eq!(desk.state.sessions[0].draft.text(), "🚀");
}

#[test]
fn redo_has_a_key_of_its_own_that_reads_apart_from_undo() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("one");
    let draft = |desk: &Desk| desk.state.sessions[0].draft.text().to_owned();
    desk.keys("Alt+U");
    let undone = draft(&desk);
    assert_ne!(undone, "one");
    desk.keys("Alt+/");
    assert_eq!(draft(&desk), "one");
    let keymap = &desk.state.settings.keymap;
    let (undo, redo) = (crate::app::Action::Undo, crate::app::Action::Redo);
    let shown = |action| keymap.keys(action).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(shown(redo).iter().all(|key| !shown(undo).contains(key)), "{:?}", shown(redo));
}

#[test]
fn text_with_an_unfilled_code_is_asked_about() {
    for text in ["Your order [Order?] left", "Hi <$Contact.FirstName$>"] {
        let mut desk = Desk::new();
        desk.open("i1");
        desk.asked();
        desk.tell(crate::app::core::msg::What::Paste(text.to_owned()));
        desk.keys("Enter");
        assert!(desk.sent().is_empty(), "{text}");
        assert!(matches!(desk.state.layers.last(), Some(Layer::Confirm(_))));
        desk.keys("Esc Enter");
        assert!(desk.sent().is_empty(), "each Enter asks");
        assert_eq!(desk.state.sessions[0].draft.text(), text);
        desk.keys("Enter");
        assert_eq!(desk.sent().into_iter().map(|(_, sent)| sent).collect::<Vec<_>>(), [text]);
        assert!(desk.state.sessions[0].draft.is_empty());
    }
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk.typed("Is it [blue]? Order 5.");
    desk.keys("Enter");
    assert_eq!(desk.sent().len(), 1);
}

fn contact(desk: &mut Desk, id: &str, contact: &str, name: &str, unknown: bool) {
    let mut data = vec![
        json!({"key": "wa.profile-name", "type": "str", "value": "Lucía"}),
        json!({"key": "wa.contact-name", "type": "str", "value": name}),
        json!({"key": "wa.number", "type": "str", "value": "34600000101"}),
    ];
    if unknown {
        data.push(json!({"key": "wa.unknown-contact", "type": "int", "value": 1}));
    }
    desk.event(
        "/workspace/v3/media/whatsappsession",
        json!({"messageType": "InteractionStateChanged", "interaction": {"id": id, "mediatype": "whatsappsession",
            "state": "Processing", "contactId": contact, "userData": data}}),
    );
}

#[test]
fn assigning_is_never_first_and_asks() {
    let mut desk = Desk::new();
    desk.open("i1");
    contact(&mut desk, "i1", "c1", "Lucía", true);
    desk.keys("F8");
    let operation = desk
        .asked()
        .into_iter()
        .find_map(|(operation, request)| (request.name() == "identify-contact").then_some(operation))
        .unwrap();
    desk.answer(&operation, Ok(json!(null)));
    let mut karim = ContactDto { id: "c2".into(), ..ContactDto::default() };
    for (name, value) in [("FirstName", "Karim"), ("LastName", "Haddad")] {
        karim.attributes.insert(name.to_owned(), vec![AttributeValue::plain(value)]);
    }
    let told = proto::contact::identified("c1", false, &[karim], Some(operation.as_str()));
    desk.event(proto::channel::CONTACTS, told);
    let rows = |desk: &Desk| {
        let picker = desk.picker();
        picker.shown().map(|item| item.label.to_string()).collect::<Vec<_>>()
    };
    desk.keys("Enter");
    let labels = rows(&desk);
    assert_eq!(labels[0], "view and edit", "{labels:?}");
    assert!(labels[1].ends_with("assign"), "{labels:?}");
    desk.keys("Down Enter");
    assert!(desk.names().is_empty(), "nothing is assigned before it is confirmed");
    let Some(Layer::Confirm(question)) = desk.state.layers.last() else { panic!("no question") };
    assert!(question.text.contains("Karim") && question.text.contains("+34600000101"), "{}", question.text);
    desk.keys("Enter");
    assert_eq!(desk.names(), ["assign-contact"]);
}

#[test]
fn another_contact_brings_another_past() {
    let mut desk = Desk::new();
    desk.open("i1");
    contact(&mut desk, "i1", "c1", "Lucía", true);
    desk.names();
    contact(&mut desk, "i1", "c1", "Lucía", false);
    assert!(desk.names().is_empty(), "the same contact is not asked for again");
    contact(&mut desk, "i1", "c2", "Karim Haddad", false);
    assert_eq!(desk.names(), ["get-history"]);
    let session: &Session = &desk.state.sessions[0];
    assert_eq!(session.name().as_str(), "Karim Haddad");
    assert!(session.older.shown.is_empty());
}

//! What people type: in the palette, as commands, and in texts that are incomplete.

use crate::app::core::layer::{Choice, Layer};
use crate::app::core::session::Session;
use crate::app::test_console::TestConsole;
use crate::domain::agent::Reason;
use crate::domain::profile::AttributeValue;
use crate::proto;
use crate::proto::contact::ContactDto;
use crate::proto::request::Request;
use serde_json::json;

fn palette(typed: &str) -> Vec<String> {
    let mut console = TestConsole::new();
    console.state.reasons = vec![
        Reason { code: "L".into(), name: "Almoço".into() },
        Reason { code: "C".into(), name: "Coffee break".into() },
    ];
    console.keys("Ctrl+K");
    console.typed(typed);
    let picker = console.picker();
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
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console.typed("/lunch");
    console.keys("Enter");
    let asked = console.asked();
    assert!(matches!(&asked[..], [(_, Request::NotReady { .. })]), "{asked:?}");
    // A synonym of the command that names no reason opens the list of reasons.
    console.typed("/break");
    console.keys("Enter");
    assert!(console.asked().is_empty() && matches!(console.state.layers.last(), Some(Layer::Pick(_))));
}

#[test]
fn an_emoji_is_chosen_from_a_list_into_the_draft() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("ok ");
    console.state.sessions[0].draft.set_text(String::new());
    console.typed("/emoji rocket");
    console.keys("Enter Enter");
    assert_eq!(console.state.sessions[0].draft.text(), "🚀");
}

#[test]
fn redo_has_a_key_of_its_own_that_reads_apart_from_undo() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("one");
    let draft = |console: &TestConsole| console.state.sessions[0].draft.text().to_owned();
    console.keys("Alt+U");
    let undone = draft(&console);
    assert_ne!(undone, "one");
    console.keys("Alt+/");
    assert_eq!(draft(&console), "one");
    let keymap = &console.state.settings.keymap;
    let (undo, redo) = (crate::app::Action::Undo, crate::app::Action::Redo);
    let shown = |action| keymap.keys(action).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(shown(redo).iter().all(|key| !shown(undo).contains(key)), "{:?}", shown(redo));
}

#[test]
fn text_with_an_unfilled_code_is_asked_about() {
    for text in ["Your order [Order?] left", "Hi <$Contact.FirstName$>"] {
        let mut console = TestConsole::new();
        console.open("i1");
        console.asked();
        console.tell(crate::app::core::msg::What::Paste(text.to_owned()));
        console.keys("Enter");
        assert!(console.sent().is_empty(), "{text}");
        assert!(matches!(console.state.layers.last(), Some(Layer::Confirm(_))));
        console.keys("Esc Enter");
        assert!(console.sent().is_empty(), "each Enter asks");
        assert_eq!(console.state.sessions[0].draft.text(), text);
        console.keys("Enter");
        assert_eq!(console.sent().into_iter().map(|(_, sent)| sent).collect::<Vec<_>>(), [text]);
        assert!(console.state.sessions[0].draft.is_empty());
    }
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console.typed("Is it [blue]? Order 5.");
    console.keys("Enter");
    assert_eq!(console.sent().len(), 1);
}

fn contact(console: &mut TestConsole, id: &str, contact: &str, name: &str, unknown: bool) {
    let mut data = vec![
        json!({"key": "wa.profile-name", "type": "str", "value": "Lucía"}),
        json!({"key": "wa.contact-name", "type": "str", "value": name}),
        json!({"key": "wa.number", "type": "str", "value": "34600000101"}),
    ];
    if unknown {
        data.push(json!({"key": "wa.unknown-contact", "type": "int", "value": 1}));
    }
    console.event(
        "/workspace/v3/media/whatsappsession",
        json!({"messageType": "InteractionStateChanged", "interaction": {"id": id, "mediatype": "whatsappsession",
            "state": "Processing", "contactId": contact, "userData": data}}),
    );
}

#[test]
fn assigning_is_never_first_and_asks() {
    let mut console = TestConsole::new();
    console.open("i1");
    contact(&mut console, "i1", "c1", "Lucía", true);
    console.keys("F8");
    let operation = console
        .asked()
        .into_iter()
        .find_map(|(operation, request)| (request.name() == "identify-contact").then_some(operation))
        .unwrap();
    console.answer(&operation, Ok(json!(null)));
    let mut karim = ContactDto { id: "c2".into(), ..ContactDto::default() };
    for (name, value) in [("FirstName", "Karim"), ("LastName", "Haddad")] {
        karim.attributes.insert(name.to_owned(), vec![AttributeValue::plain(value)]);
    }
    let told = proto::contact::identified("c1", false, &[karim], Some(operation.as_str()));
    console.event(proto::channel::CONTACTS, told);
    let rows = |console: &TestConsole| {
        let picker = console.picker();
        picker.shown().map(|item| item.label.to_string()).collect::<Vec<_>>()
    };
    console.keys("Enter");
    let labels = rows(&console);
    assert_eq!(labels[0], "view and edit", "{labels:?}");
    assert!(labels[1].ends_with("assign"), "{labels:?}");
    console.keys("Down Enter");
    assert!(console.names().is_empty(), "nothing is assigned before it is confirmed");
    let Some(Layer::Confirm(question)) = console.state.layers.last() else { panic!("no question") };
    assert!(question.text.contains("Karim") && question.text.contains("+34600000101"), "{}", question.text);
    console.keys("Enter");
    assert_eq!(console.names(), ["assign-contact"]);
}

#[test]
fn another_contact_brings_another_past() {
    let mut console = TestConsole::new();
    console.open("i1");
    contact(&mut console, "i1", "c1", "Lucía", true);
    console.names();
    contact(&mut console, "i1", "c1", "Lucía", false);
    assert!(console.names().is_empty(), "the same contact is not asked for again");
    contact(&mut console, "i1", "c2", "Karim Haddad", false);
    assert_eq!(console.names(), ["get-history"]);
    let session: &Session = &console.state.sessions[0];
    assert_eq!(session.name().as_str(), "Karim Haddad");
    assert!(session.older.shown.is_empty());
}

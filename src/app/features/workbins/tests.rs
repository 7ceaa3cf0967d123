//! Workbins: parking, the list, pulling back.

use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::core::settings::Settings;
use crate::app::test_console::TestConsole;
use crate::domain::Millis;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};
use std::time::Duration;

const CHANNEL: &str = "/workspace/v3/workbins";

fn item(id: &str, placed: &str) -> Json {
    json!({"id": id, "mediatype": "whatsappsession", "state": "InWorkbin", "placedInQueueAt": placed,
        "comment": "asks the warehouse", "userData": [
            {"key": "wa.profile-name", "type": "str", "value": format!("Name {id}")},
            {"key": "wa.last-words", "type": "str", "value": "one moment"}]})
}

fn list() -> Json {
    json!({"messageType": "WorkbinsMessage", "name": "EventWorkbins", "workbins": [
        {"id": "ours", "displayName": "Ours", "type": "AgentGroup"},
        {"id": "email-drafts", "displayName": "Drafts", "type": "Agent"},
        {"id": "whatsapp-workbin", "displayName": "Mine", "type": "Agent"}]})
}

/// A desk that knows its workbins, which are empty.
fn console() -> TestConsole {
    let mut console = TestConsole::new();
    assert!(console.names().contains(&"get-workbins"));
    console.event(CHANNEL, list());
    let asked = console.asked();
    let followed = asked.iter().filter(|(_, request)| matches!(request, Request::FollowWorkbin(_))).count();
    assert_eq!((followed, asked.last().unwrap().1.name()), (3, "get-contents"));
    console
}

fn changed(console: &mut TestConsole, id: &str, added: bool, because: Option<&str>) {
    let operation = if added { "Add" } else { "Remove" };
    let mut data = json!({"messageType": "WorkbinsMessage", "name": "EventWorkbinContentChanged",
        "interaction": item(id, "2026-11-22T14:02:11Z"), "workbinContentOperation": operation,
        "workbin": {"id": "whatsapp-workbin", "owner": "ana"}});
    if let Some(because) = because {
        data["wa.because"] = because.into();
    }
    console.event(CHANNEL, data);
}

#[test]
fn one_key_parks_the_session_and_shows_who_waits_longest() {
    let mut console = console();
    for id in ["i1", "i2", "i3"] {
        console.open(id);
    }
    console.says("i1", 1, "Customer", "hello?");
    console.at += 1000;
    console.says("i2", 1, "Customer", "hello?");
    console.typed("half a reply");
    console.asked();
    console.keys("Alt+S Alt+S");
    let asked = console.asked();
    assert_eq!(asked.len(), 1, "a second press is the same act: {asked:?}");
    assert_eq!(asked[0].1, Request::Park { id: "i3".into(), workbin: "whatsapp-workbin".into(), read: 0 });
    console.interaction("i3", "InWorkbin");
    changed(&mut console, "i3", true, None);
    assert_eq!((console.shown(), console.state.sessions.len()), ("i1", 2));
    assert_eq!(console.notice(), "~Name i3 is in the workbin Mine; Alt+V Enter takes it back");
    assert_eq!(console.state.workbins.count(), 1);

    console.keys("Alt+V Enter");
    let asked = console.asked();
    assert_eq!(
        asked.last().unwrap().1,
        Request::Pull { id: "i3".into(), workbin: "whatsapp-workbin".into() }
    );
    changed(&mut console, "i3", false, Some("pulled"));
    console.interaction("i3", "Processing");
    assert_eq!((console.shown(), console.state.workbins.count()), ("i3", 0));
    assert_eq!(
        console.state.session().unwrap().draft.text(),
        "half a reply",
        "what was written is still there"
    );
}

#[test]
fn the_latest_stands_first_and_tab_shows_the_next_workbin() {
    let mut console = console();
    let content = json!({"messageType": "WorkbinsMessage", "name": "EventWorkbinsContent", "workbins": {
        "whatsapp-workbin": {"id": "whatsapp-workbin", "interactions": [
            item("old", "2026-11-20T10:00:00Z"), item("new", "2026-11-22T10:00:00Z"),
            {"id": "mail", "mediatype": "email", "state": "InWorkbin"}]},
        "ours": {"id": "ours", "interactions": [item("shared", "2026-11-21T10:00:00Z")]}}});
    console.event(CHANNEL, content);
    assert_eq!(console.state.workbins.count(), 3, "mail is not for this desk");
    console.keys("Alt+V");
    let Some(Layer::Workbins(list)) = console.state.layers.last() else { panic!("no list") };
    assert_eq!((list.tab, list.selected), (0, 0));
    let names: Vec<_> = console.state.workbins.all.iter().map(|workbin| workbin.name.as_str()).collect();
    assert_eq!(names, ["Mine", "Drafts", "Ours"], "one's own first");
    console.keys("Tab BackTab Down Enter");
    let asked = console.asked();
    assert!(matches!(&asked.last().unwrap().1, Request::Pull { id, .. } if id.as_str() == "old"));
    console.keys("Alt+V BackTab Enter");
    let asked = console.asked();
    assert!(
        matches!(&asked.last().unwrap().1, Request::Pull { id, workbin } if id.as_str() == "shared" && workbin == "ours")
    );
}

#[test]
fn a_customer_who_writes_again_is_told_of() {
    let mut console = console();
    changed(&mut console, "i1", true, None);
    changed(&mut console, "i1", false, Some("customer"));
    assert_eq!(
        console.notice(),
        "~Name i1 wrote again: the session left the workbin Mine and is offered again"
    );
    assert_eq!(console.state.workbins.count(), 0);
}

#[test]
fn what_is_gone_is_said_and_the_list_is_read_anew() {
    let mut console = console();
    changed(&mut console, "i1", true, None);
    console.keys("Alt+V Enter");
    let (operation, _) = console.asked().pop().unwrap();
    let gone = "the session is no longer in the workbin: its customer wrote, or somebody else took it";
    console.answer(&operation, Err(RequestError::Refused { code: 410, message: gone.into() }));
    assert!(console.notice().ends_with(gone), "{}", console.notice());
    assert_eq!(console.names(), ["get-workbins"]);
    assert!(!console.state.is_accepting(&"i1".into()));
}

#[test]
fn a_session_that_cannot_be_parked_stays_and_says_why() {
    let mut console = console();
    console.open("i1");
    console.asked();
    console.keys("Alt+S");
    let (operation, _) = console.asked().pop().unwrap();
    console.answer(
        &operation,
        Err(RequestError::Refused { code: 409, message: "others are in this session".into() }),
    );
    assert!(
        console.state.session().unwrap().trouble.as_ref().unwrap().contains("others are in this session")
    );
    console.keys("Alt+S");
    assert_eq!(console.names(), ["park"], "it can be tried again");
    console.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(console.at + 9000) }));
    console.keys("Alt+S");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.notice().contains("there is no connection"));
}

#[test]
fn a_server_without_workbins_is_done_without() {
    let mut console = TestConsole::new();
    let asked = console.asked();
    let (operation, _) = asked.iter().find(|(_, request)| request.name() == "get-workbins").unwrap();
    console.answer(operation, Err(RequestError::Refused { code: 404, message: "HTTP 404".into() }));
    assert_eq!(console.notice(), "", "it is no trouble until somebody wants one");
    console.open("i1");
    console.asked();
    console.keys("Alt+S");
    assert_eq!(console.notice(), "the server has no workbin for you (HTTP 404); the session stays here");
    console.keys("Alt+V");
    assert!(console.state.layers.is_empty() && console.names().is_empty());
}

#[test]
fn a_session_that_is_parked_elsewhere_leaves_the_desk() {
    let mut console = console();
    console.open("i1");
    console.interaction("i1", "InWorkbin");
    assert!(console.state.sessions.is_empty());
    assert_eq!(console.notice(), "~Name i1 is in the workbin Mine");
}

#[test]
fn what_is_held_leaves_before_the_session_is_parked() {
    let held = Settings { undo_send: Duration::from_secs(9), send_typing: false, ..Settings::default() };
    let mut console = TestConsole::with(held);
    console.event(CHANNEL, list());
    console.open("i1");
    console.typed("one moment, I ask the warehouse");
    console.keys("Enter");
    console.asked();
    console.keys("Alt+S");
    let asked = console.asked();
    let names: Vec<_> = asked.iter().map(|(_, request)| request.name()).collect();
    assert_eq!(names, ["send-message", "park"]);
    for (operation, _) in &asked {
        console.answer(operation, Ok(Json::Null));
    }
    console.interaction("i1", "InWorkbin");
    assert!(!console.state.drafts.contains_key("i1"), "it is not written twice");
}

#[test]
fn what_may_still_arrive_keeps_the_session_from_being_parked() {
    let mut console = console();
    console.open("i1");
    console.typed("hello");
    console.keys("Enter");
    let (operation, _) = console.asked().into_iter().find(|(_, r)| r.name() == "send-message").unwrap();
    console.answer(&operation, Err(RequestError::OutcomeUnknown("cut".into())));
    console.asked();
    console.keys("Alt+S");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.notice().contains("a message is on its way"), "{}", console.notice());
}

#[test]
fn who_is_only_asked_for_advice_does_not_park() {
    let mut console = console();
    console.open("i1");
    console.event(
        "/workspace/v3/media/whatsappsession",
        json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
            "mediatype": "whatsappsession", "state": "Processing",
            "chat": {"myParticipantId": "p1", "participants": [
                {"id": "p1", "type": "Agent", "personId": "ana", "visibility": "Agent"},
                {"id": "p2", "type": "Agent", "personId": "kate", "visibility": "All"}]}}}),
    );
    console.asked();
    console.keys("Alt+S");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.notice().contains("not yours to park"), "{}", console.notice());
}

#[test]
fn a_note_that_is_being_written_comes_back_with_the_session() {
    let mut console = console();
    console.open("i1");
    console.keys("F7");
    console.typed("half a note");
    console.keys("Esc");
    console.keys("Alt+S");
    console.interaction("i1", "InWorkbin");
    changed(&mut console, "i1", true, None);
    console.keys("Alt+V Enter");
    console.interaction("i1", "Processing");
    let session = console.state.session().unwrap();
    assert_eq!(session.note.as_ref().map(|note| note.text.as_str()), Some("half a note"));
    assert!(session.draft.is_empty(), "a note is no message");
}

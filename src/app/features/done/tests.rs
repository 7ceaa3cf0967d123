//! Ending a session: what was read, the confirmation, and the undo.

use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{RequestError, What};
use crate::app::core::scroll::Scroll;
use crate::app::test_console::TestConsole;
use crate::domain::OperationId;
use crate::proto::envelope::Unread;
use serde_json::{Value as Json, json};

/// Ana has one session, whose customer wrote "hola" a while ago and got an answer.
fn answered() -> TestConsole {
    let mut console = TestConsole::new();
    console.open("i1");
    console.says("i1", 1, "Customer", "hola");
    console.later(500);
    console.says("i1", 2, "Agent", "buenas");
    console.asked();
    console
}

fn unread(index: u64, text: &str) -> RequestError {
    let unread = Unread { interaction: "i1".into(), index, count: 1, text: text.into() };
    RequestError::Unread { message: format!("the customer wrote {text:?}"), unread }
}

fn question(console: &TestConsole) -> String {
    match console.state.layers.last() {
        Some(Layer::Confirm(confirm)) => confirm.text.trim_start_matches('~').to_owned(),
        _ => String::new(),
    }
}

/// The notice, without the mark of an unknown customer.
fn notice(console: &TestConsole) -> String {
    console.notice().trim_start_matches('~').to_owned()
}

impl TestConsole {
    /// The one request of that name, and how far the session was read according to it.
    pub(in crate::app) fn reads(&mut self, name: &str) -> Option<(OperationId, u64)> {
        let asked = self.asked();
        asked.into_iter().find(|(_, request)| request.name() == name).map(|(operation, request)| {
            let body = request.call(&operation).body.unwrap();
            (operation, body["data"]["wa.read"].as_u64().unwrap())
        })
    }
}

#[test]
fn done_says_what_was_on_the_screen_before_the_key() {
    let mut console = answered();
    console.later(500);
    console.keys("Ctrl+D");
    assert_eq!(console.reads("complete").unwrap().1, 2);
    // An entry that came at the same moment cannot have been read.
    let mut console = answered();
    console.keys("Ctrl+D");
    assert_eq!(console.reads("complete").unwrap().1, 1);
}

#[test]
fn what_came_out_of_sight_does_not_count_as_read() {
    let out_of_sight: [fn(&mut TestConsole); 4] = [
        |console| console.keys("F1"),
        |console| console.tell(What::Focus(false)),
        |console| console.interaction("i2", "Processing"),
        |console| console.state.session_mut().unwrap().set_scroll(Scroll::Held { back: 0, at: 1, skip: 0 }),
    ];
    for (place, hide) in out_of_sight.into_iter().enumerate() {
        let mut console = answered();
        console.later(500);
        hide(&mut console);
        if place == 2 {
            console.keys("Alt+2");
        }
        console.later(1);
        console.says("i1", 3, "Agent", "from a colleague");
        console.later(5000);
        assert_eq!(console.state.by_id(&"i1".into()).unwrap().read.upto(), 2, "{place}");
    }
}

#[test]
fn every_ending_says_how_far_the_session_was_read() {
    let mut console = answered();
    console.later(500);
    console.event(
        "/workspace/v3/workbins",
        json!({"name": "EventWorkbins", "messageType": "WorkbinsMessage",
        "workbins": [{"id": "mine", "displayName": "Mine", "type": "Agent"}]}),
    );
    console.asked();
    console.keys("Alt+S");
    assert_eq!(console.reads("park").unwrap().1, 2);
    let mut console = answered();
    console.later(500);
    console.typed("/logoff");
    console.keys("Enter Enter");
    let asked = console.asked();
    let log_off = asked.iter().find(|(_, request)| request.name() == "logout-channel").unwrap();
    assert_eq!(log_off.1.call(&log_off.0).body.unwrap()["data"]["wa.read"], json!({"i1": 2}));
    let mut console = answered();
    console.later(500);
    console.keys("Alt+Q Enter");
    let read = [("i1".into(), 2)].into();
    assert!(console.wanted.contains(&Effect::SignOut(read)));
}

#[test]
fn a_message_that_was_not_read_is_shown_and_asked_about() {
    let mut console = answered();
    console.later(500);
    console.keys("Ctrl+D");
    let (operation, _) = console.reads("complete").unwrap();
    console.answer(&operation, Err(unread(3, "wait, one more question")));
    assert_eq!(
        question(&console),
        "Name i1 wrote: “wait, one more question”. Finish the session anyway? Enter does it; Esc goes back."
    );
    console.keys("Enter");
    assert_eq!(console.reads("complete").unwrap().1, 3, "what the question said was read");
    assert!(console.state.session().unwrap().finishing.is_some());
}

#[test]
fn going_back_from_the_question_leaves_the_session_open() {
    let mut console = answered();
    console.keys("Ctrl+D");
    let (operation, _) = console.reads("complete").unwrap();
    console.answer(&operation, Err(unread(3, "wait")));
    console.keys("Esc");
    assert!(console.state.layers.is_empty() && console.state.session().unwrap().finishing.is_none());
    // A key typed to answer the customer is no answer to the confirmation.
    console.later(500);
    console.keys("Ctrl+D");
    let (operation, _) = console.reads("complete").unwrap();
    console.answer(&operation, Err(unread(3, "wait")));
    console.typed("yes?");
    console.keys("Enter");
    assert_eq!(console.sent().len(), 1);
    assert!(console.state.layers.is_empty());
}

#[test]
fn somebody_who_writes_elsewhere_is_told_and_not_asked() {
    let mut console = answered();
    console.later(500);
    console.keys("Ctrl+D");
    let (operation, _) = console.reads("complete").unwrap();
    console.interaction("i2", "Processing");
    console.keys("Alt+2");
    console.typed("to another cus");
    console.answer(&operation, Err(unread(3, "wait")));
    assert!(console.state.layers.is_empty());
    assert_eq!(notice(&console), "Name i1 wrote: “wait”; the session is not finished");
    let trouble = console.state.by_id(&"i1".into()).unwrap().trouble.clone().unwrap();
    assert!(trouble.contains("“wait”"), "{trouble}");
}

#[test]
fn done_asks_while_the_customer_waits_and_quotes_them() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.says("i1", 1, "Customer", "where is my order?");
    console.later(150_000);
    console.asked();
    console.keys("Ctrl+D");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert_eq!(
        question(&console),
        "Name i1 waits for an answer for 2 minutes: “where is my order?”. Enter finishes the session all the same; \
         Esc goes back."
    );
    console.keys("Esc Ctrl+D Enter");
    assert_eq!(console.reads("complete").unwrap().1, 1);
}

#[test]
fn logging_off_asks_as_signing_out_does() {
    for ways in ["/logoff", "F4"] {
        let mut desk = answered();
        if ways == "F4" {
            desk.keys("F4");
            desk.typed("log off");
            desk.keys("Enter");
        } else {
            desk.typed(ways);
            desk.keys("Enter");
        }
        assert!(
            question(&desk).starts_with("Log off? Your open sessions (1)"),
            "{ways}: {}",
            question(&desk)
        );
        assert_eq!(desk.names(), Vec::<&str>::new());
        desk.keys("Esc");
        assert_eq!(desk.names(), Vec::<&str>::new());
    }
}

/// A session that was just finished in this console, on a server that lets it be reopened.
fn finished(undo: bool) -> TestConsole {
    let mut desk = answered();
    desk.later(500);
    desk.typed("half a wo");
    desk.keys("Ctrl+D Enter");
    desk.asked();
    let pairs = json!([{"key": "wa.profile-name", "type": "str", "value": "Name i1"},
        {"key": if undo { "wa.undo-ms" } else { "other" }, "type": "int", "value": 10_000}]);
    let data = json!({"messageType": "InteractionStateChanged", "interaction": {
        "id": "i1", "mediatype": "whatsappsession", "state": "Completed", "userData": pairs}});
    desk.event("/workspace/v3/media/whatsappsession", data);
    desk
}

#[test]
fn done_can_be_taken_back_for_ten_seconds() {
    let mut desk = finished(true);
    assert_eq!(notice(&desk), "Name i1 is done and saved to history; Alt+Shift+D undoes it (10 s)");
    desk.later(9_999);
    desk.keys("Alt+Shift+D");
    assert_eq!(desk.names(), ["reopen"]);
    desk.interaction("i1", "Processing");
    assert_eq!(desk.shown(), "i1");
    assert_eq!(desk.state.session().unwrap().draft.text(), "half a wo", "what was written is there again");
    desk.asked();
    desk.keys("Alt+Shift+D");
    assert_eq!(desk.names(), Vec::<&str>::new(), "once");
    let mut late = finished(true);
    assert!(late.state.next_wake().is_some_and(|at| at.0 <= late.state.now.0 + 10_000));
    late.later(10_000);
    late.keys("Alt+Shift+D");
    assert_eq!(late.names(), Vec::<&str>::new());
    assert!(late.notice().contains("nothing to undo"));
}

#[test]
fn the_offer_to_undo_done_goes_with_the_undo() {
    let mut desk = finished(true);
    desk.later(1_000);
    let shown = |desk: &TestConsole| desk.state.notices.current().map(|notice| notice.text.to_string());
    assert!(shown(&desk).is_some_and(|text| text.contains("undoes it")), "{:?}", shown(&desk));
    desk.keys("Alt+Shift+D");
    assert_eq!(shown(&desk), None, "its key does nothing any more");
}

#[test]
fn a_server_that_opens_nothing_again_is_not_asked_to() {
    let mut desk = finished(false);
    assert_eq!(notice(&desk), "Name i1 is done and saved to history");
    desk.asked();
    desk.typed("/");
    desk.typed("undo");
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new());
}

#[test]
fn a_session_that_stays_finished_says_why() {
    let mut desk = finished(true);
    desk.asked();
    desk.keys("Alt+Shift+D");
    let (operation, _) = desk.asked().remove(0);
    let message = "the customer has written again".to_owned();
    desk.answer(&operation, Err(RequestError::Refused { code: 409, message }));
    assert_eq!(notice(&desk), "Name i1 was not reopened: the customer has written again");
    assert!(desk.state.drafts.is_empty() && desk.state.accepted.is_empty());
}

#[test]
fn a_transfer_says_what_was_read_when_it_was_chosen() {
    let target = |desk: &mut TestConsole| {
        desk.typed("/transfer agent kate");
        desk.keys("Enter");
        desk.answer_all(
            "targets",
            json!({"totalMatches": 1, "targets": [{"type": "agent", "name": "Kate", "employeeId": "kate"}]}),
        );
    };
    let mut desk = answered();
    desk.later(500);
    target(&mut desk);
    desk.answer_all("current-session", json!({"user": {"employeeId": "ana"}}));
    // The notice arrives while the settings are read, and stays on the screen.
    desk.says("i1", 3, "Customer", "wait");
    desk.later(5000);
    desk.answer_all("configuration", json!({}));
    desk.answer_all("update-user-data", Json::Null);
    let (operation, read) = desk.reads("transfer-agent").unwrap();
    assert_eq!(read, 2);
    desk.answer(&operation, Err(unread(3, "wait")));
    assert!(question(&desk).contains("Transfer it to Kate anyway?"), "{}", question(&desk));
    desk.keys("Enter");
    assert_eq!(desk.reads("transfer-agent").unwrap().1, 3);
}

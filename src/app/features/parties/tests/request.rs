//! Requests to colleagues as the server reports them: refused, cancelled, taken over after a restart.

use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, What};
use crate::app::test_console::TestConsole;
use crate::app::test_console::set;
use crate::domain::Millis;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

const CHANNEL: &str = "/workspace/v3/media/whatsappsession";

impl TestConsole {
    /// The session with the request that the server reports for it, if any.
    pub(in crate::app) fn told(&mut self, request: Option<(&str, &str, &str, &str)>, refused: &str) {
        let text = |key: &str, value: &str| json!({"key": key, "type": "str", "value": value});
        let mut data = vec![text("wa.profile-name", "Name i1")];
        if let Some((kind, target_type, target, operation)) = request {
            let mut pairs = vec![
                text("kind", kind),
                text("targetType", target_type),
                text("target", target),
                text("name", target),
                text("operationId", operation),
            ];
            if !refused.is_empty() {
                pairs.push(text("refused", refused));
            }
            data.push(json!({"key": "wa.request", "type": "kvlist", "value": pairs}));
        }
        self.event(
            CHANNEL,
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
                "mediatype": "whatsappsession", "state": "Processing", "userData": data}}),
        );
    }

    pub(in crate::app) fn pending_request(&self) -> String {
        let asked = self.state.session().and_then(|session| session.asked.as_ref());
        asked.map_or(String::new(), |asked| asked.status().to_string())
    }

    pub(in crate::app) fn takes_back(&mut self) -> Vec<(crate::domain::OperationId, Request)> {
        self.typed("/cancel");
        self.keys("Enter");
        self.asked()
    }

    pub(in crate::app) fn question(&self) -> String {
        match self.state.layers.last() {
            Some(Layer::Confirm(confirm)) => confirm.text.to_string(),
            _ => String::new(),
        }
    }
}

/// The agent group Billing and the queue Orders, with the number of agents who are Ready there.
fn ready(agents: u64) -> Json {
    json!({"totalMatches": 3, "targets": [
        {"type": "agent-group", "name": "Billing", "availability": {"readyAgents": agents}},
        {"type": "skill", "name": "French", "availability": {"readyAgents": agents}},
        {"type": "interaction-queue", "name": "wa-orders", "displayName": "Orders",
            "availability": {"waitingCalls": 2, "wa.readyAgents": agents}},
    ]})
}

#[test]
fn each_refusal_is_said_and_stays_at_the_top_of_the_session() {
    let mut console = TestConsole::at_work();
    console.told(Some(("conference", "agent-group", "Billing", "o1")), "");
    assert_eq!(
        console.pending_request(),
        "conference with the group Billing: waiting for an answer; /cancel takes it back"
    );
    let declined = |answer: &str| {
        json!({"messageType": "wa.RequestDeclined", "interactionId": "i1", "by": "Kate \u{1b}[31mLondon",
            "answer": answer, "request": "conference"})
    };
    console.event(CHANNEL, declined("refused"));
    assert_eq!(console.notice(), "~Name i1: Kate \u{241b}[31mLondon refused the conference");
    console.told(Some(("conference", "agent-group", "Billing", "o1")), "Kate London");
    assert!(
        console.pending_request().contains("waiting for an answer (refused: Kate London)"),
        "{}",
        console.pending_request()
    );
    console.event(CHANNEL, declined("no answer"));
    assert!(console.notice().ends_with("London did not answer; the conference goes on"));
}

#[test]
fn cancel_takes_back_any_request_of_a_server_that_says_so() {
    for kind in ["transfer", "conference", "consultation"] {
        let mut console = TestConsole::at_work();
        console.told(Some((kind, "agent", "kate", "o1")), "");
        let (operation, request) = console.takes_back().pop().unwrap();
        assert_eq!(request, Request::CancelConsult("i1".into()));
        assert!(console.pending_request().ends_with("taking it back…"));
        assert!(console.takes_back().is_empty() && console.notice().contains("already"));
        // The event and the answer come in any order, and the notice appears once.
        console.told(None, "");
        assert!(
            console.pending_request().is_empty() && console.notice().ends_with("was taken back"),
            "{}",
            console.notice()
        );
        let said = console.state.notices.newest_first().count();
        console.answer(&operation, Ok(Json::Null));
        assert_eq!(console.state.notices.newest_first().count(), said);
    }
}

#[test]
fn a_request_is_taken_back_before_it_has_gone_out() {
    for steps in 0..3 {
        let mut console = TestConsole::at_work();
        console.commands("/transfer agent kate l");
        for _ in 0..steps {
            let (operation, request) = console.asked().remove(0);
            let data = if request.name() == "configuration" { set() } else { Json::Null };
            console.answer(&operation, Ok(data));
        }
        let (operation, _) = console.asked().remove(0);
        assert!(console.takes_back().is_empty());
        console.answer(&operation, Ok(Json::Null));
        assert!(console.asked().is_empty() && console.pending_request().is_empty(), "{steps}");
        assert!(console.notice().ends_with("was taken back"));
    }
}

#[test]
fn a_request_is_taken_back_while_it_is_on_its_way() {
    let mut console = TestConsole::at_work();
    console.commands("/consult agent kate l");
    let mut calls = console.asked();
    while calls.iter().all(|(_, request)| request.name() != "consult") {
        let (operation, request) = calls.remove(0);
        let data = if request.name() == "configuration" { set() } else { Json::Null };
        console.answer(&operation, Ok(data));
        calls = console.asked();
    }
    assert!(console.takes_back().is_empty(), "its answer comes first");
    console.answer(&calls[0].0.clone(), Ok(Json::Null));
    assert!(console.names().contains(&"cancel-consult"));
}

#[test]
fn a_request_that_was_accepted_meanwhile_is_not_taken_back() {
    let mut console = TestConsole::at_work();
    console.told(Some(("conference", "agent", "kate", "o1")), "");
    let (operation, _) = console.takes_back().pop().unwrap();
    let error =
        crate::app::core::msg::RequestError::Refused { message: "nobody is being asked".into(), code: 409 };
    console.answer(&operation, Err(error));
    assert!(
        console.notice().ends_with("could not be taken back: nobody is being asked"),
        "{}",
        console.notice()
    );
    assert!(console.pending_request().contains("waiting for an answer"));
}

#[test]
fn what_is_asked_is_known_again_after_a_restart() {
    let mut console = TestConsole::at_work();
    console.told(Some(("transfer", "agent", "kate", "o1")), "");
    console.keys("Ctrl+O");
    assert!(console.state.layers.is_empty() && console.notice().contains("asked already"));
    // The refusal carries the name of a request of the previous console.
    let error = json!({"messageType": "EventError", "interactionId": "i1", "operationId": "o1",
        "error": {"errorMessage": "Kate refused the transfer", "errorCode": 403}});
    console.event(CHANNEL, error);
    console.told(None, "");
    assert!(
        console.pending_request().is_empty() && console.notice().contains("Kate refused the transfer"),
        "{}",
        console.notice()
    );
}

#[test]
fn a_break_of_the_connection_keeps_what_the_server_says() {
    let mut console = TestConsole::at_work();
    console.told(Some(("transfer", "agent", "kate", "o1")), "");
    console.takes_back();
    console.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    assert!(console.pending_request().contains("waiting for an answer"));
    console.tell(What::Link(Link::Online { websocket: true }));
    console.told(None, "");
    assert!(
        console.pending_request().is_empty() && console.notice().contains("transfer to kate is over"),
        "{}",
        console.notice()
    );
}

#[test]
fn of_two_consoles_that_ask_at_once_the_first_is_followed() {
    let mut console = TestConsole::at_work();
    console.commands("/transfer agent kate l");
    console.told(Some(("consultation", "agent", "ben", "other-1")), "");
    assert!(
        console.pending_request().starts_with("transfer to Kate London"),
        "its own has not been answered"
    );
    let (operation, _) = console.asked().remove(0);
    let error = crate::app::core::msg::RequestError::Refused {
        message: "Ben is being asked already".into(),
        code: 409,
    };
    console.answer(&operation, Err(error));
    assert!(console.pending_request().starts_with("consultation with ben"), "{}", console.pending_request());
}

#[test]
fn a_transfer_to_where_nobody_is_ready_asks_first() {
    let targets = [
        ("group billing", "Nobody in Billing is ready now."),
        ("skill french", "Nobody with skill French is ready now."),
        ("queue orders", "Nobody for the queue Orders is ready now."),
    ];
    for (target, words) in targets {
        for from_list in [false, true] {
            let mut console = TestConsole::at_work();
            if from_list {
                console.keys("Ctrl+T");
                console.answer_all("targets", ready(0));
                console.typed(target.split(' ').nth(1).unwrap());
                console.keys("Enter");
            } else {
                console.typed(&format!("/transfer {target}"));
                console.keys("Enter");
                console.answer_all("targets", ready(0));
            }
            assert!(console.question().starts_with(words), "{}", console.question());
            assert!(console.pending_request().is_empty(), "nothing is done yet");
            console.keys("Esc");
            assert!(console.pending_request().is_empty() && console.state.layers.is_empty());
        }
        let mut console = TestConsole::at_work();
        console.typed(&format!("/transfer {target}"));
        console.keys("Enter");
        console.answer_all("targets", ready(0));
        console.keys("Enter");
        assert!(console.pending_request().starts_with("transfer to the"), "{}", console.pending_request());
    }
}

#[test]
fn a_transfer_asks_nothing_where_somebody_is_or_may_be_ready() {
    for (command, known) in [
        ("/transfer group billing", ready(1)),
        ("/transfer group billing", crate::app::test_console::everybody()),
        ("/transfer queue orders", crate::app::test_console::everybody()),
        ("/conference group billing", ready(0)),
    ] {
        let mut console = TestConsole::at_work();
        console.typed(command);
        console.keys("Enter");
        console.answer_all("targets", known);
        assert!(console.state.layers.is_empty() && !console.pending_request().is_empty(), "{command}");
    }
}

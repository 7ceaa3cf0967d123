//! Passing a session on, and asking somebody in.

use crate::app::core::msg::{Link, RequestError, What};
use crate::app::core::notice::Level;
use crate::app::core::settings::Settings;
use crate::app::test_console::{TestConsole, everybody, set, settings};
use crate::domain::{Millis, OperationId};
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

impl TestConsole {
    /// An open session, with nothing asked that is not answered.
    pub(in crate::app) fn at_work() -> Self {
        let mut console = Self::with(Settings { send_typing: false, ..Settings::default() });
        console.open("i1");
        console.asked();
        console
    }

    /// Runs a command and answers the search for targets.
    pub(in crate::app) fn commands(&mut self, line: &str) {
        self.typed(line);
        self.keys("Enter");
        self.answer_all("targets", everybody());
    }

    /// Answers every request of the kind with success and returns what follows.
    pub(in crate::app) fn next(&mut self, expected: &str, data: &Json) {
        let asked: Vec<_> = self.asked();
        let names: Vec<_> = asked.iter().map(|(_, request)| request.name()).collect();
        assert_eq!(names, [expected]);
        for (operation, _) in asked {
            self.answer(&operation, Ok(data.clone()));
        }
    }

    /// The paths and bodies that go out, each answered with success, until nothing follows.
    pub(in crate::app) fn wire(&mut self, configuration: &Json) -> Vec<(String, Json)> {
        let mut sent = Vec::new();
        loop {
            let asked = self.asked();
            if asked.is_empty() {
                return sent;
            }
            assert_eq!(asked.len(), 1, "one at a time: {asked:?}");
            for (operation, request) in asked {
                let call = request.call(&operation);
                let beside = matches!(request, Request::AddRecent { .. });
                let data = match request {
                    Request::Configuration => configuration.clone(),
                    Request::CurrentSession => json!({"user": {"employeeId": "ana"}}),
                    _ => Json::Null,
                };
                if data.is_null() && !beside {
                    let body = call.body.unwrap();
                    let op = call.path.rsplit('/').next().unwrap().to_owned();
                    assert!(call.path.starts_with("/workspace/v3/media/whatsappsession/interactions/i1/"));
                    sent.push((op, body["data"].clone()));
                }
                self.answer(&operation, Ok(data));
            }
        }
    }

    pub(in crate::app) fn trouble(&self) -> String {
        self.state.session().and_then(|session| session.trouble.clone()).unwrap_or_default().to_string()
    }

    /// The session has ended for this agent, with these pairs.
    pub(in crate::app) fn ended(&mut self, state: &str, data: &[(&str, &str)]) {
        let pairs: Vec<Json> =
            data.iter().map(|(key, value)| json!({"key": key, "type": "str", "value": value})).collect();
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
                "mediatype": "whatsappsession", "state": state, "userData": pairs}}),
        );
    }

    pub(in crate::app) fn parties(&mut self, parties: &[(&str, &str, &str)]) {
        let mut all = vec![
            json!({"id": "p0", "type": "Customer"}),
            json!({"id": "p1", "type": "Agent", "personId": "ana"}),
        ];
        all.extend(parties.iter().map(|(id, name, visibility)| {
            json!({"id": id, "type": "Agent", "nickname": name, "personId": id, "visibility": visibility})
        }));
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
                "mediatype": "whatsappsession", "state": "Processing",
                "chat": {"myParticipantId": "p1", "participants": all}}}),
        );
    }

    pub(in crate::app) fn fails(&mut self, operation: Option<&OperationId>, words: &str) {
        let mut data = json!({"messageType": "EventError", "interactionId": "i1",
            "error": {"errorMessage": words, "errorCode": 1}});
        if let Some(operation) = operation {
            data["operationId"] = json!(operation);
        }
        self.event("/workspace/v3/media/whatsappsession", data);
    }
}

fn four(id: &str, kind: &str, request: &str) -> Json {
    let pair = |key: &str, value: &str| json!({"key": format!("IW_RoutingBased{key}"), "type": "str", "value": value});
    json!([
        pair("OriginalEmployeeId", "ana"),
        pair("TargetId", id),
        pair("TargetType", kind),
        pair("RequestType", request),
    ])
}

#[test]
fn every_request_goes_out_exactly_and_one_after_the_other() {
    let step = |op: &str, data: Json| (op.to_owned(), data);
    let requests = [
        ("transfer", "OneStepTransfer", "transfer-agent", ""),
        ("conference", "OneStepConference", "invite", "invite-by-queue"),
        ("consult", "InitConference", "consult", "consult-by-queue"),
    ];
    for (command, word, direct, by_queue) in requests {
        let targets = [
            ("agent kate l", "kate.l", "Agent"),
            ("group billing", "Billing", "AgentGroup"),
            ("skill French", "French", "Skill"),
            ("queue orders", "", ""),
        ];
        for (target, id, kind) in targets {
            let mut console = TestConsole::at_work();
            console.commands(&format!("/{command} {target}"));
            let pairs = four(id, kind, word);
            let attach = step("update-user-data", json!({"userData": pairs}));
            let queue = if kind.is_empty() { "wa-orders" } else { "wa-internal" };
            let wanted = match (kind, command) {
                ("Agent", "transfer") => {
                    let data = json!({"agentId": "kate.l", "extension": pairs, "wa.read": 0});
                    vec![attach, step(direct, data)]
                }
                ("Agent", _) => {
                    vec![attach, step(direct, json!({"agentId": "kate.l", "extension": pairs}))]
                }
                ("", "transfer") => {
                    vec![step("place-in-queue", json!({"queue": queue, "addedProperties": [], "wa.read": 0}))]
                }
                (_, "transfer") => {
                    vec![step(
                        "place-in-queue",
                        json!({"queue": queue, "addedProperties": pairs, "wa.read": 0}),
                    )]
                }
                ("", _) => vec![step(by_queue, json!({"queue": queue}))],
                _ => vec![attach, step(by_queue, json!({"queue": queue}))],
            };
            assert_eq!(console.wire(&set()), wanted, "/{command} {target}");
            assert!(console.state.session().unwrap().asked.as_ref().unwrap().waiting);
        }
    }
}

#[test]
fn without_what_an_administrator_sets_nothing_is_sent() {
    let queue = "intercommunication.whatsappsession.queue";
    let cases = [
        ("/transfer group billing", settings("", "InternalConferenceInvite"), vec![queue]),
        ("/transfer skill french", settings("", "InternalConferenceInvite"), vec![queue]),
        ("/consult group billing", settings("", "x"), vec![queue]),
        ("/conference group billing", settings("", "x"), vec![queue, "InternalConferenceInvite"]),
        ("/conference skill french", settings("q", "x"), vec!["InternalConferenceInvite"]),
        ("/conference agent kate l", settings("q", "x"), vec!["InternalConferenceInvite"]),
    ];
    for (line, configuration, missing) in cases {
        let mut console = TestConsole::at_work();
        console.commands(line);
        assert_eq!(console.wire(&configuration), [], "{line}");
        for word in missing {
            assert!(
                console.trouble().contains(word) && console.notice().contains(word),
                "{line}: {}",
                console.trouble()
            );
        }
        assert!(
            console.trouble().contains("nothing was sent")
                && console.state.session().unwrap().asked.is_none()
        );
    }
    // What needs neither goes out without them.
    for line in ["/transfer agent kate l", "/consult agent kate l", "/transfer queue orders"] {
        let mut console = TestConsole::at_work();
        console.commands(line);
        assert!(!console.wire(&settings("", "x")).is_empty(), "{line}");
    }
}

#[test]
fn the_queue_is_the_one_of_the_moment_of_asking() {
    let mut console = TestConsole::at_work();
    console.commands("/consult group billing");
    let sent = console.wire(&settings("first", "x"));
    assert_eq!(sent.last().unwrap().1, json!({"queue": "first"}));
    console.fails(None, "nobody answered in time");
    console.commands("/consult group billing");
    let sent = console.wire(&settings("second", "x"));
    assert_eq!(sent.last().unwrap().1, json!({"queue": "second"}));
}

#[test]
fn ones_own_queue_is_the_one_of_the_moment_too() {
    let mut console = TestConsole::at_work();
    for queue in ["mine", "mine-too", ""] {
        console.commands("/consult group billing");
        let own = json!([{"key": "interaction-workspace", "type": "kvlist", "value": [
            {"key": "intercommunication.whatsappsession.queue", "type": "str", "value": queue}]}]);
        let own = if queue.is_empty() { json!([]) } else { own };
        console.next("current-session", &json!({"user": {"employeeId": "ana", "userProperties": own}}));
        console.next("configuration", &set());
        console.next("update-user-data", &Json::Null);
        let (operation, request) = console.asked().remove(0);
        let wanted = if queue.is_empty() { "wa-internal" } else { queue };
        assert_eq!(request, Request::ConsultByQueue { id: "i1".into(), queue: wanted.into() });
        console.answer(&operation, Err(RequestError::Refused { code: 409, message: "no".into() }));
    }
}

#[test]
fn what_could_not_be_attached_asks_nobody() {
    let mut console = TestConsole::at_work();
    console.commands("/transfer agent kate l");
    console.next("current-session", &Json::Null);
    console.next("configuration", &set());
    let (operation, request) = console.asked().remove(0);
    assert_eq!(request.name(), "update-user-data");
    console.answer(&operation, Err(RequestError::Refused { code: 403, message: "not yours".into() }));
    assert!(console.asked().is_empty());
    assert_eq!(console.trouble(), "transfer to Kate London: not yours");
}

#[test]
fn refusal_and_time_out_are_told_in_the_servers_words_and_the_session_stays() {
    let mut console = TestConsole::at_work();
    for (words, named) in [("Kate London refused", true), ("Kate London did not answer in time", false)] {
        console.commands("/transfer agent kate l");
        console.next("current-session", &Json::Null);
        console.next("configuration", &set());
        console.next("update-user-data", &Json::Null);
        let (operation, _) = console.asked().remove(0);
        console.answer(&operation, Ok(Json::Null));
        let status = console.state.session().unwrap().asked.as_ref().unwrap().status();
        assert_eq!(status.as_str(), "transfer to Kate London: waiting for an answer");
        // Something else that fails meanwhile is not the answer.
        console.fails(Some(&"other".into()), "no");
        assert!(console.state.session().unwrap().asked.is_some());
        console.fails(named.then_some(&operation), words);
        assert_eq!(console.trouble(), format!("transfer to Kate London: {words}"));
        assert!(console.notice().contains(words) && console.notice().contains("Name i1"));
        assert_eq!(console.state.notices.newest_first().next().unwrap().level, Level::Error);
        assert!(console.state.session().unwrap().asked.is_none());
    }
}

#[test]
fn a_transfer_that_was_accepted_closes_the_session_with_the_name() {
    let mut console = TestConsole::at_work();
    console.commands("/transfer agent kate l");
    console.wire(&set());
    console.ended("Completed", &[("wa.left", "transferred"), ("wa.left-to", "Kate London")]);
    assert!(console.state.sessions.is_empty());
    assert_eq!(console.notice(), "~Name i1 was transferred to Kate London");
}

#[test]
fn a_session_in_a_queue_leaves_at_once_and_its_outcome_is_told() {
    for (outcome, said) in [
        (json!({"outcome": "accepted", "by": "Ben"}), "Ben has taken ~Name i1"),
        (json!({"outcome": "nobody", "by": ""}), "nobody has taken ~Name i1"),
    ] {
        let mut console = TestConsole::at_work();
        console.commands("/transfer group billing");
        console.wire(&set());
        console.ended("Queued", &[]);
        assert_eq!(console.notice(), "~Name i1 went to the group Billing and waits there for an answer");
        assert!(console.state.sessions.is_empty());
        let mut data = outcome;
        data["messageType"] = json!("wa.TransferOutcome");
        data["interactionId"] = json!("i1");
        console.event("/workspace/v3/media/whatsappsession", data);
        assert_eq!(console.notice(), said);
    }
}

#[test]
fn who_joins_is_told_and_who_is_consulted_is_marked() {
    for (command, visibility, said) in
        [("conference", "All", "has joined"), ("consult", "Agent", "is here; the customer does not see it")]
    {
        let mut console = TestConsole::at_work();
        console.parties(&[]);
        console.commands(&format!("/{command} agent kate l"));
        console.wire(&set());
        // Somebody else coming in is not the answer.
        console.parties(&[("boss", "Boss", "All")]);
        assert!(console.state.session().unwrap().asked.is_some());
        console.parties(&[("boss", "Boss", "All"), ("kate.l", "Kate", visibility)]);
        let session = console.state.session().unwrap();
        assert!(session.asked.is_none());
        assert_eq!(session.interaction.others("ana").count(), 2);
        assert!(console.notice().contains(&format!("Kate {said}")), "{}", console.notice());
    }
}

#[test]
fn who_is_consulted_comes_first_and_needs_no_invitation() {
    let labels = |console: &TestConsole| -> Vec<String> {
        console.list().picker.shown().map(|item| item.label.to_string()).collect()
    };
    for (key, command, op) in [("Ctrl+T", "transfer", "transfer-agent"), ("Ctrl+O", "conference", "invite")] {
        let mut console = TestConsole::at_work();
        console.parties(&[("kato", "Kató Nagy", "Agent"), ("boss", "Boss", "All")]);
        console.asked();
        console.keys(key);
        assert_eq!(labels(&console), ["Kató Nagy"], "before the server has answered");
        console.answer_all("targets", everybody());
        assert_eq!(labels(&console).first().map(String::as_str), Some("Kató Nagy"));
        assert_eq!(labels(&console).iter().filter(|name| *name == "Kató Nagy").count(), 1);
        console.keys("Esc");
        // The command alone means the only one who is consulted.
        console.typed(&format!("/{command}"));
        console.keys("Enter");
        let sent = console.wire(&set());
        let (last, data) = sent.last().unwrap();
        assert_eq!((last.as_str(), &data["agentId"]), (op, &json!("kato")));
        if op == "invite" {
            console.parties(&[("kato", "Kató Nagy", "All"), ("boss", "Boss", "All")]);
            assert!(console.state.session().unwrap().asked.is_none());
            assert!(console.notice().contains("Kató Nagy has joined"), "{}", console.notice());
        }
    }
    // With two of them it is chosen.
    let mut console = TestConsole::at_work();
    console.parties(&[("kato", "Kató", "Agent"), ("kate.l", "Kate", "Agent")]);
    console.asked();
    console.typed("/transfer");
    console.keys("Enter");
    assert_eq!(labels(&console), ["Kató", "Kate"]);
    // A further consultation is not about them.
    console.keys("Esc Alt+O");
    assert!(labels(&console).is_empty());
}

#[test]
fn only_a_consultation_can_be_taken_back() {
    let mut console = TestConsole::at_work();
    console.commands("/consult agent kate l");
    console.wire(&set());
    console.typed("/cancel");
    console.keys("Enter");
    let (operation, request) = console.asked().pop().unwrap();
    assert_eq!(request, Request::CancelConsult("i1".into()));
    console.answer(&operation, Ok(Json::Null));
    assert!(console.state.session().unwrap().asked.is_none() && console.notice().contains("was taken back"));
    console.commands("/transfer agent kate l");
    console.wire(&set());
    console.typed("/cancel");
    console.keys("Enter");
    assert!(console.asked().iter().all(|(_, request)| request.name() != "cancel-consult"));
    assert!(console.state.session().unwrap().asked.is_some());
    // Nothing else is asked before this is answered.
    console.keys("Ctrl+O");
    assert!(console.state.layers.is_empty() && console.notice().contains("asked already"));
}

#[test]
fn one_leaves_a_session_only_to_colleagues_in_it() {
    let mut console = TestConsole::at_work();
    console.parties(&[]);
    console.typed("/leave");
    console.keys("Enter");
    assert!(console.notice().contains("nobody else is here"));
    console.parties(&[("kate.l", "Kate", "All")]);
    console.asked();
    console.typed("/leave");
    console.keys("Enter");
    let (operation, request) = console.asked().into_iter().find(|(_, r)| r.name() == "leave").unwrap();
    assert_eq!(
        request.call(&operation).body.unwrap()["data"],
        json!({"afterAction": "KeepAlive", "wa.read": 0})
    );
    console.ended("Completed", &[]);
    assert!(console.state.sessions.is_empty() && console.notice().contains("left to your colleagues"));
}

#[test]
fn who_is_taken_out_of_a_session_is_told_by_whom() {
    let mut console = TestConsole::at_work();
    console.ended("Completed", &[("wa.left", "removed"), ("wa.left-to", "Kate London")]);
    assert_eq!(console.notice(), "~Name i1 continues without you: you were removed by Kate London");
}

#[test]
fn a_colleague_is_taken_out_by_name_or_from_the_list() {
    let mut console = TestConsole::at_work();
    console.parties(&[("kate.l", "Kate", "All"), ("ben", "Ben", "Agent")]);
    console.typed("/remove kate");
    console.keys("Enter");
    let removed = |console: &mut TestConsole| {
        console.asked().into_iter().find_map(|(_, request)| match request {
            Request::RemoveFromConference { agent, .. } => Some(agent),
            _ => None,
        })
    };
    assert_eq!(removed(&mut console).as_deref(), Some("kate.l"));
    console.typed("/remove");
    console.keys("Enter Down Enter");
    assert_eq!(removed(&mut console).as_deref(), Some("ben"));
    console.typed("/remove zoe");
    console.keys("Enter");
    assert_eq!(removed(&mut console), None);
}

#[test]
fn a_broken_connection_says_that_the_outcome_is_not_known() {
    let mut console = TestConsole::at_work();
    console.commands("/transfer agent kate l");
    console.wire(&set());
    console.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    assert!(console.trouble().contains("not known") && console.state.session().unwrap().asked.is_none());
}

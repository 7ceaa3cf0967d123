//! A supervisor at the console: monitoring, coaching, barging in; and what an agent sees of it.

use crate::app::core::action::{ACTIONS, Action};
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::msg::{Link, What};
use crate::app::test_console::TestConsole;
use crate::domain::Millis;
use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

const CAPABLE: [&str; 4] = ["switch-to-coach", "switch-to-barge-in", "switch-to-monitor", "leave"];

impl TestConsole {
    /// A supervisor whose server lists the agents they may monitor.
    pub(in crate::app) fn overseeing() -> Self {
        let mut console = Self::new();
        console.state.configuration.monitorable_agent_groups = vec![Default::default()];
        console.asked();
        console
    }

    /// The session as the server sends it to a supervisor who monitors Ana in this mode.
    pub(in crate::app) fn monitored(&mut self, mode: &str, state: &str, capabilities: &[&str]) {
        let visibility = match mode {
            "Monitor" => "Supervisor",
            "Coach" => "Agent",
            _ => "All",
        };
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
                "mediatype": "whatsappsession", "state": state, "monitorMode": mode, "agentId": "ana",
                "capabilities": capabilities,
                "chat": {"myParticipantId": "s", "myUserType": "Supervisor", "participants": [
                    {"id": "p1", "type": "Agent", "nickname": "Ana", "personId": "ana1", "visibility": "All"},
                    {"id": "s", "type": "Supervisor", "nickname": "Sue", "personId": "sue", "visibility": visibility}]}}}),
        );
    }

    pub(in crate::app) fn asks(&mut self, name: &str) -> Option<Request> {
        let asked = self.asked();
        asked.into_iter().map(|(_, request)| request).find(|request| request.name() == name)
    }
}

fn agents() -> Json {
    let agent = |name: &str, id: &str, may: bool| {
        json!({"type": "agent", "name": name, "employeeId": id, "isMonitorable": may,
            "availability": {"channels": [{"name": "whatsappsession", "userState": {"state": "Ready"}}]}})
    };
    json!({"targets": [agent("Kate London", "kate", true), agent("Ana Ruiz", "ana", true), agent("Zoe", "zoe", false)]})
}

fn shown(console: &TestConsole) -> Vec<(String, String)> {
    match console.state.layers.last() {
        Some(Layer::Pick(picker)) => {
            picker.shown().map(|item| (item.label.to_string(), item.detail.to_string())).collect()
        }
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn an_agent_is_chosen_from_those_who_may_be_monitored_and_ended_there() {
    let mut console = TestConsole::overseeing();
    console.keys("Shift+F4");
    console.answer_all("monitorable-agents", agents());
    assert_eq!(
        shown(&console),
        [("Ana Ruiz".into(), "Ready".into()), ("Kate London".into(), "Ready".into())]
    );
    console.keys("Enter");
    let asked = console.asked();
    let [(operation, request)] = asked.as_slice() else { panic!("{asked:?}") };
    let (mode, which) = (MonitorMode::Monitor, MonitoringScope::AllInteractions);
    assert_eq!(*request, Request::StartMonitoring { agent: "ana".into(), mode, which });
    let operation = operation.clone();
    console.answer(&operation, Ok(Json::Null));
    assert!(console.notice().contains("you monitor Ana Ruiz"), "{}", console.notice());
    console.typed("/monitor ana");
    console.keys("Enter");
    console.answer_all("monitorable-agents", agents());
    assert_eq!(console.asks("stop-monitoring"), Some(Request::StopMonitoring { agent: "ana".into() }));
    console.typed("/monitor a");
    console.keys("Enter");
    console.answer_all("monitorable-agents", agents());
    assert_eq!(shown(&console).len(), 2, "a name that fits several is chosen from the list");
    assert!(
        matches!(console.state.layers.last(), Some(Layer::Pick(p)) if matches!(p.chosen().unwrap().value, Choice::Monitor(_)))
    );
}

#[test]
fn who_watches_silently_sends_nothing_and_loses_nothing() {
    let mut console = TestConsole::overseeing();
    console.monitored("Monitor", "Processing", &CAPABLE);
    console.asked();
    assert_eq!(console.writes_to("psst"), None);
    assert!(console.notice().contains("you watch silently"), "{}", console.notice());
    assert_eq!(console.state.session().unwrap().draft.text(), "psst", "it stays");
    assert!(console.asked().is_empty(), "no typing is told either");
    console.keys("Shift+F6");
    let switch = Request::SwitchMonitoring { id: "i1".into(), mode: MonitorMode::Coach };
    assert_eq!(console.asks("switch-to-coach"), Some(switch));
    console.monitored("Coach", "Processing", &CAPABLE);
    assert!(console.notice().contains("you coach"), "{}", console.notice());
    console.keys("Enter");
    assert!(matches!(console.asks("send-message"), Some(Request::SendMessage { to: Visibility::Agent, .. })));
}

#[test]
fn what_a_coach_writes_never_becomes_a_text_to_the_customer_by_itself() {
    let mut console = TestConsole::overseeing();
    console.monitored("Coach", "Processing", &CAPABLE);
    console.asked();
    console.typed("he is rude");
    console.keys("Alt+G");
    assert!(console.notice().contains("you coach here"), "{}", console.notice());
    assert_eq!(console.mode(), Visibility::Agent);
    console.monitored("Bargein", "Processing", &CAPABLE);
    assert_eq!(console.mode(), Visibility::Agent, "what is written stays for the agent");
    console.keys("Enter");
    assert!(matches!(console.asks("send-message"), Some(Request::SendMessage { to: Visibility::Agent, .. })));
    console.keys("Alt+G");
    assert_eq!(console.writes_to("good morning"), Some(Visibility::All));
    console.keys("Shift+F6");
    assert!(console.notice().contains("back to silent first (Shift+F5)"), "{}", console.notice());
    assert!(console.asked().is_empty());
    console.keys("Shift+F5");
    assert!(console.asks("switch-to-monitor").is_some());
}

#[test]
fn without_the_privilege_there_is_only_watching() {
    let mut console = TestConsole::overseeing();
    console.monitored("Monitor", "Processing", &["leave"]);
    console.asked();
    for command in ["/coach", "/bargein"] {
        console.typed(command);
        console.keys("Enter");
        assert!(console.notice().contains("no privilege for that"), "{}", console.notice());
    }
    console.typed("psst");
    console.keys("Enter");
    assert!(console.notice().contains("your account allows nothing else"), "{}", console.notice());
    console.keys("Alt+G");
    assert!(console.notice().contains("you watch silently") && console.mode() == Visibility::All);
    console.keys("Ctrl+U");
    assert!(console.asked().is_empty());
    console.typed("/leave");
    console.keys("Enter");
    assert_eq!(console.asks("leave"), Some(Request::Leave { id: "i1".into(), read: 0 }));
    console.monitored("Monitor", "Completed", &[]);
    assert!(console.state.sessions.is_empty());
    assert!(console.notice().contains("is no longer monitored by you"), "{}", console.notice());
}

#[test]
fn an_agent_is_told_of_a_coach_and_offered_none_of_it() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    let party = |visibility: &str| json!({"id": "s", "type": "Supervisor", "nickname": "Sue", "personId": "sue", "visibility": visibility});
    let stand = |console: &mut TestConsole, more: Option<Json>| {
        let mut all = vec![json!({"id": "p1", "type": "Agent", "personId": "ana", "visibility": "All"})];
        all.extend(more);
        console.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
                "mediatype": "whatsappsession", "state": "Processing",
                "chat": {"myParticipantId": "p1", "participants": all}}}),
        );
    };
    for (visibility, wanted) in [
        ("Supervisor", "Sue watches this session"),
        ("Agent", "Sue coaches you; the customer does not see it"),
        ("All", "Sue, a supervisor, is in the session; the customer sees it"),
    ] {
        stand(&mut console, Some(party(visibility)));
        assert!(console.notice().contains(wanted), "{}", console.notice());
    }
    console.typed("/leave");
    console.keys("Enter");
    assert!(console.notice().contains("nobody else is here"), "a supervisor is nobody to leave it to");
    stand(&mut console, None);
    assert!(console.notice().contains("has left"), "{}", console.notice());
    let coach = ACTIONS.iter().find(|info| info.action == Action::Coach).unwrap();
    assert!(!console.state.offers(coach));
    console.keys("Shift+F4");
    assert!(console.notice().contains("only a supervisor"), "{}", console.notice());
}

#[test]
fn whom_one_monitored_is_monitored_on_after_a_break_that_was_too_long() {
    let mut console = TestConsole::overseeing();
    for agent in ["ana", "kate"] {
        console.typed(&format!("/monitor {agent}"));
        console.keys("Enter");
        console.answer_all("monitorable-agents", agents());
        console.answer_all("start-monitoring", Json::Null);
    }
    console.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(console.at + 1000) }));
    console.tell(What::Link(Link::Online { websocket: true }));
    let session = json!({"user": {"employeeId": "sue", "userName": "sue", "wa.role": "supervisor"}});
    let session = Box::new(serde_json::from_value(session).unwrap());
    console.tell(What::SessionStarted { session, fresh: true });
    let asked = console.asked();
    let [(operation, Request::CurrentSession)] = asked.as_slice() else {
        panic!("no channel is activated and no workbin asked for: {asked:?}")
    };
    let operation = operation.clone();
    console.answer(&operation, Ok(json!({"wa.monitored": ["kate"]})));
    let begun = console.asks("start-monitoring");
    assert!(matches!(begun, Some(Request::StartMonitoring { agent, .. }) if agent == "ana"));
}

/// Two sessions, of which the second is shown, and one line of Sue's for colleagues only in the first.
fn coached_elsewhere() -> TestConsole {
    let mut console = TestConsole::new();
    console.open("i1");
    console.says("i1", 1, "Customer", "hello");
    console.open("i2");
    console.says("i2", 1, "Customer", "hello");
    console.keys("Alt+2");
    assert_eq!(console.shown(), "i2");
    console
}

fn coaches(console: &mut TestConsole, index: u64, who: &str) {
    let from = json!({"type": who, "nickname": "Sue", "participantId": "sue"});
    let line = json!({"index": index, "type": "Text", "text": "offer a refund", "from": from, "visibility": "Agent"});
    console.log("i1", json!([line]));
}

#[test]
fn coaching_in_another_session_is_counted_and_said_once() {
    for who in ["Supervisor", "Agent"] {
        let mut console = coached_elsewhere();
        let waits = console.state.by_id(&"i1".into()).unwrap().waiting_since();
        console.wanted.clear();
        coaches(&mut console, 2, who);
        assert_eq!(console.notice(), "~Name i1: Sue wrote to colleagues only");
        assert!(
            console.wanted.contains(&Effect::Title("deskline: 1 from colleagues".into())),
            "{:?}",
            console.wanted
        );
        let said = console.state.notices.newest_first().count();
        coaches(&mut console, 3, who);
        let session = console.state.by_id(&"i1".into()).unwrap();
        assert_eq!((session.aside, session.unread), (2, 0), "no customer wrote");
        assert_eq!(session.waiting_since(), waits, "and none has an answer");
        assert_eq!(console.state.notices.newest_first().count(), said, "one notice");
        console.keys("Alt+1");
        assert_eq!(console.state.by_id(&"i1".into()).unwrap().aside, 0);
    }
}

#[test]
fn coaching_that_was_read_or_is_old_is_not_counted() {
    let mut console = coached_elsewhere();
    console.keys("Alt+1");
    coaches(&mut console, 2, "Supervisor");
    assert_eq!(console.state.by_id(&"i1".into()).unwrap().aside, 0, "it was seen");
    console.interaction("i3", "Processing");
    let from = json!({"type": "Supervisor", "nickname": "Sue", "participantId": "sue"});
    let old = json!([{"index": 1, "type": "Text", "text": "psst", "from": from, "visibility": "Agent"}]);
    console.answer_all("messages", json!({"messages": old}));
    assert_eq!(console.state.by_id(&"i3".into()).unwrap().aside, 0, "it was said before");
}

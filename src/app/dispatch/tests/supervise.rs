//! A supervisor at the console: watching, coaching, in the session; and what an agent sees of it.

use super::Desk;
use crate::app::core::action::{ACTIONS, Action};
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::msg::{Link, What};
use crate::domain::Millis;
use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

const CAPABLE: [&str; 4] = ["switch-to-coach", "switch-to-barge-in", "switch-to-monitor", "leave"];

impl Desk {
    /// A supervisor whose server tells whom they may monitor.
    fn overseeing() -> Self {
        let mut desk = Self::new();
        desk.state.configuration.monitorable_agent_groups = vec![Default::default()];
        desk.asked();
        desk
    }

    /// The session as the server tells it to who monitors Ana in that mode.
    fn monitored(&mut self, mode: &str, state: &str, capabilities: &[&str]) {
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

    fn asks(&mut self, name: &str) -> Option<Request> {
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

fn shown(desk: &Desk) -> Vec<(String, String)> {
    match desk.state.layers.last() {
        Some(Layer::Pick(picker)) => {
            picker.shown().map(|item| (item.label.to_string(), item.detail.to_string())).collect()
        }
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn an_agent_is_chosen_from_those_who_may_be_monitored_and_ended_there() {
    let mut desk = Desk::overseeing();
    desk.keys("Shift+F4");
    desk.answer_all("monitorable-agents", agents());
    assert_eq!(shown(&desk), [("Ana Ruiz".into(), "Ready".into()), ("Kate London".into(), "Ready".into())]);
    desk.keys("Enter");
    let asked = desk.asked();
    let [(operation, request)] = asked.as_slice() else { panic!("{asked:?}") };
    let (mode, which) = (MonitorMode::Monitor, MonitoringScope::AllInteractions);
    assert_eq!(*request, Request::StartMonitoring { agent: "ana".into(), mode, which });
    let operation = operation.clone();
    desk.answer(&operation, Ok(Json::Null));
    assert!(desk.notice().contains("you monitor Ana Ruiz"), "{}", desk.notice());
    desk.typed("/monitor ana");
    desk.keys("Enter");
    desk.answer_all("monitorable-agents", agents());
    assert_eq!(desk.asks("stop-monitoring"), Some(Request::StopMonitoring { agent: "ana".into() }));
    desk.typed("/monitor a");
    desk.keys("Enter");
    desk.answer_all("monitorable-agents", agents());
    assert_eq!(shown(&desk).len(), 2, "a name that fits several is chosen from the list");
    assert!(
        matches!(desk.state.layers.last(), Some(Layer::Pick(p)) if matches!(p.chosen().unwrap().value, Choice::Monitor(_)))
    );
}

#[test]
fn who_watches_silently_sends_nothing_and_loses_nothing() {
    let mut desk = Desk::overseeing();
    desk.monitored("Monitor", "Processing", &CAPABLE);
    desk.asked();
    assert_eq!(desk.writes_to("psst"), None);
    assert!(desk.notice().contains("you watch silently"), "{}", desk.notice());
    assert_eq!(desk.state.session().unwrap().draft.text(), "psst", "it stays");
    assert!(desk.asked().is_empty(), "no typing is told either");
    desk.keys("Shift+F6");
    let switch = Request::SwitchMonitoring { id: "i1".into(), mode: MonitorMode::Coach };
    assert_eq!(desk.asks("switch-to-coach"), Some(switch));
    desk.monitored("Coach", "Processing", &CAPABLE);
    assert!(desk.notice().contains("you coach"), "{}", desk.notice());
    desk.keys("Enter");
    assert!(matches!(desk.asks("send-message"), Some(Request::SendMessage { to: Visibility::Agent, .. })));
}

#[test]
fn what_a_coach_writes_never_becomes_a_text_to_the_customer_by_itself() {
    let mut desk = Desk::overseeing();
    desk.monitored("Coach", "Processing", &CAPABLE);
    desk.asked();
    desk.typed("he is rude");
    desk.keys("Alt+G");
    assert!(desk.notice().contains("you coach here"), "{}", desk.notice());
    assert_eq!(desk.mode(), Visibility::Agent);
    desk.monitored("Bargein", "Processing", &CAPABLE);
    assert_eq!(desk.mode(), Visibility::Agent, "what is written stays for the agent");
    desk.keys("Enter");
    assert!(matches!(desk.asks("send-message"), Some(Request::SendMessage { to: Visibility::Agent, .. })));
    desk.keys("Alt+G");
    assert_eq!(desk.writes_to("good morning"), Some(Visibility::All));
    desk.keys("Shift+F6");
    assert!(desk.notice().contains("back to silent first (Shift+F5)"), "{}", desk.notice());
    assert!(desk.asked().is_empty());
    desk.keys("Shift+F5");
    assert!(desk.asks("switch-to-monitor").is_some());
}

#[test]
fn without_the_privilege_there_is_only_watching() {
    let mut desk = Desk::overseeing();
    desk.monitored("Monitor", "Processing", &["leave"]);
    desk.asked();
    for command in ["/coach", "/bargein"] {
        desk.typed(command);
        desk.keys("Enter");
        assert!(desk.notice().contains("no privilege for that"), "{}", desk.notice());
    }
    desk.typed("psst");
    desk.keys("Enter");
    assert!(desk.notice().contains("your account may do no more"), "{}", desk.notice());
    desk.keys("Alt+G");
    assert!(desk.notice().contains("you watch silently") && desk.mode() == Visibility::All);
    desk.keys("Ctrl+U");
    assert!(desk.asked().is_empty());
    desk.typed("/leave");
    desk.keys("Enter");
    assert_eq!(desk.asks("leave"), Some(Request::Leave { id: "i1".into(), read: 0 }));
    desk.monitored("Monitor", "Completed", &[]);
    assert!(desk.state.sessions.is_empty());
    assert!(desk.notice().contains("is watched by you no more"), "{}", desk.notice());
}

#[test]
fn an_agent_is_told_of_a_coach_and_offered_none_of_it() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    let party = |visibility: &str| json!({"id": "s", "type": "Supervisor", "nickname": "Sue", "personId": "sue", "visibility": visibility});
    let stand = |desk: &mut Desk, more: Option<Json>| {
        let mut all = vec![json!({"id": "p1", "type": "Agent", "personId": "ana", "visibility": "All"})];
        all.extend(more);
        desk.event(
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
        stand(&mut desk, Some(party(visibility)));
        assert!(desk.notice().contains(wanted), "{}", desk.notice());
    }
    desk.typed("/leave");
    desk.keys("Enter");
    assert!(desk.notice().contains("nobody else is here"), "a supervisor is nobody to leave it to");
    stand(&mut desk, None);
    assert!(desk.notice().contains("has left"), "{}", desk.notice());
    let coach = ACTIONS.iter().find(|info| info.action == Action::Coach).unwrap();
    assert!(!desk.state.offers(coach));
    desk.keys("Shift+F4");
    assert!(desk.notice().contains("only a supervisor"), "{}", desk.notice());
}

#[test]
fn whom_one_monitored_is_monitored_on_after_a_break_that_was_too_long() {
    let mut desk = Desk::overseeing();
    for agent in ["ana", "kate"] {
        desk.typed(&format!("/monitor {agent}"));
        desk.keys("Enter");
        desk.answer_all("monitorable-agents", agents());
        desk.answer_all("start-monitoring", Json::Null);
    }
    desk.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(desk.at + 1000) }));
    desk.tell(What::Link(Link::Online { websocket: true }));
    let session = json!({"user": {"employeeId": "sue", "userName": "sue", "wa.role": "supervisor"}});
    let session = Box::new(serde_json::from_value(session).unwrap());
    desk.tell(What::SessionStarted { session, fresh: true });
    let asked = desk.asked();
    let [(operation, Request::CurrentSession)] = asked.as_slice() else {
        panic!("no channel is activated and no workbin asked for: {asked:?}")
    };
    let operation = operation.clone();
    desk.answer(&operation, Ok(json!({"wa.monitored": ["kate"]})));
    let begun = desk.asks("start-monitoring");
    assert!(matches!(begun, Some(Request::StartMonitoring { agent, .. }) if agent == "ana"));
}

/// Two sessions, of which the second is shown, and one line of Sue's for colleagues only in the first.
fn coached_elsewhere() -> Desk {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.says("i1", 1, "Customer", "hello");
    desk.open("i2");
    desk.says("i2", 1, "Customer", "hello");
    desk.keys("Alt+2");
    assert_eq!(desk.shown(), "i2");
    desk
}

fn coaches(desk: &mut Desk, index: u64, who: &str) {
    let from = json!({"type": who, "nickname": "Sue", "participantId": "sue"});
    let line = json!({"index": index, "type": "Text", "text": "offer a refund", "from": from, "visibility": "Agent"});
    desk.log("i1", json!([line]));
}

#[test]
fn coaching_in_another_session_is_counted_and_said_once() {
    for who in ["Supervisor", "Agent"] {
        let mut desk = coached_elsewhere();
        let waits = desk.state.by_id(&"i1".into()).unwrap().waiting_since();
        desk.wanted.clear();
        coaches(&mut desk, 2, who);
        assert_eq!(desk.notice(), "~Name i1: Sue wrote to colleagues only");
        assert!(
            desk.wanted.contains(&Effect::Title("deskline: 1 from colleagues".into())),
            "{:?}",
            desk.wanted
        );
        let said = desk.state.notices.newest_first().count();
        coaches(&mut desk, 3, who);
        let session = desk.state.by_id(&"i1".into()).unwrap();
        assert_eq!((session.aside, session.unread), (2, 0), "no customer wrote");
        assert_eq!(session.waiting_since(), waits, "and none has an answer");
        assert_eq!(desk.state.notices.newest_first().count(), said, "one notice");
        desk.keys("Alt+1");
        assert_eq!(desk.state.by_id(&"i1".into()).unwrap().aside, 0);
    }
}

#[test]
fn coaching_that_was_read_or_is_old_is_not_counted() {
    let mut desk = coached_elsewhere();
    desk.keys("Alt+1");
    coaches(&mut desk, 2, "Supervisor");
    assert_eq!(desk.state.by_id(&"i1".into()).unwrap().aside, 0, "it was seen");
    desk.interaction("i3", "Processing");
    let from = json!({"type": "Supervisor", "nickname": "Sue", "participantId": "sue"});
    let old = json!([{"index": 1, "type": "Text", "text": "psst", "from": from, "visibility": "Agent"}]);
    desk.answer_all("messages", json!({"messages": old}));
    assert_eq!(desk.state.by_id(&"i3".into()).unwrap().aside, 0, "it was said before");
}

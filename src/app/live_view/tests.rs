//! Tests of the live view: what events and logs of a plain server are reported as.

use super::{LiveUpdate, MonitoredSessions};
use crate::domain::Millis;
use crate::domain::agent::AgentState;
use crate::domain::target::Availability;
use crate::proto::media::MessageDto;
use crate::proto::monitorable::MonitorableAgent;
use serde_json::{Value as Json, json};

const NOW: Millis = Millis(1_800_000_000_000);

fn ago(seconds: i64) -> String {
    Millis(NOW.0 - seconds * 1000).to_rfc3339()
}

fn agent(id: &str, state: AgentState) -> MonitorableAgent {
    MonitorableAgent {
        id: id.into(),
        name: id.into(),
        groups: Some(vec!["106".into()]),
        monitorable: Some(true),
        availability: Availability::Agent { state, load: None },
        reason: None,
    }
}

/// Ana is known, nothing else.
fn ana() -> MonitoredSessions {
    let mut sessions = MonitoredSessions::new(NOW);
    sessions.name_groups([(106, "Sales".to_owned())]);
    sessions.set_agents(vec![agent("ana", AgentState::Ready)], NOW, &mut Vec::new());
    sessions
}

fn wire(id: &str, state: &str, mode: Option<&str>) -> Json {
    json!({
        "id": id, "mediatype": "chat", "state": state, "monitorMode": mode, "queue": "orders",
        "userData": [{"key": "FirstName", "type": "str", "value": "Lucía"},
            {"key": "PhoneNumber", "type": "str", "value": "+34 600 000 101"}],
        "chat": {"startAt": ago(60), "myUserType": mode.map(|_| "Supervisor"), "participants": [
            {"id": "c", "type": "Customer", "nickname": "Lucía", "visibility": "All"},
            {"id": "a", "type": "Agent", "nickname": "Ana", "personId": "ana", "visibility": "All"},
            {"id": "s", "type": "Supervisor", "nickname": "Sam", "personId": "sam", "visibility": "Supervisor"}]},
    })
}

fn said(index: u64, who: &str, text: &str, seconds: i64) -> Json {
    json!({"index": index, "type": "Text", "text": text, "visibility": "All",
        "from": {"type": who, "nickname": who}, "timestamp": ago(seconds)})
}

fn comes(sessions: &mut MonitoredSessions, interaction: Json) -> Vec<LiveUpdate> {
    let mut out = Vec::new();
    sessions.interaction(&serde_json::from_value(interaction).unwrap(), NOW, &mut out);
    out
}

fn read(messages: Vec<Json>) -> Vec<MessageDto> {
    serde_json::from_value(Json::from(messages)).unwrap()
}

fn says(sessions: &mut MonitoredSessions, id: &str, messages: Vec<Json>) -> Vec<LiveUpdate> {
    let mut out = Vec::new();
    sessions.messages(&id.into(), read(messages), NOW, &mut out);
    out
}

fn reads(sessions: &mut MonitoredSessions, id: &str, messages: Vec<Json>) -> Vec<LiveUpdate> {
    let mut out = Vec::new();
    sessions.log(&id.into(), Some(read(messages)), NOW, &mut out);
    out
}

/// The reported entries, shortened.
fn reported(out: &[LiveUpdate]) -> Vec<String> {
    let entries = out.iter().filter_map(|update| match update {
        LiveUpdate::Entry(entry) => Some(entry),
        _ => None,
    });
    let words = entries.map(|entry| match (&entry.text, &entry.reason) {
        (Some(words), _) | (None, Some(words)) => format!("{} {words}", entry.event),
        _ => entry.event.clone(),
    });
    words.collect()
}

#[test]
fn only_monitored_sessions_are_shown() {
    let mut sessions = ana();
    assert_eq!(comes(&mut sessions, wire("mine", "Processing", None)), []);
    let out = comes(&mut sessions, wire("i", "Processing", Some("Monitor")));
    assert_eq!(reported(&out), ["session.accepted"]);
    let live = sessions.live(&"i".into()).unwrap();
    assert_eq!((live.agent.as_deref(), live.customer.as_str()), (Some("ana"), "Lucía"));
    assert_eq!((live.queue.as_str(), live.number.as_deref()), ("orders", Some("34600000101")));
    assert_eq!((live.agents, live.started), (vec!["ana".to_owned()], ago(60)));
    assert_eq!(sessions.media(&"i".into()), "chat");
    assert_eq!(sessions.page().sessions.len(), 1);
    assert!(
        sessions.is_in_group("ana", "Sales")
            && sessions.is_in_group("ana", "106")
            && !sessions.is_in_group("ana", "x")
    );
    for over in ["Completed", "Revoked", "Canceled", "Queued", "InWorkbin"] {
        comes(&mut sessions, wire("i", "Processing", Some("Monitor")));
        // The end may come without the mode.
        let out = comes(&mut sessions, wire("i", over, None));
        assert!(out.contains(&LiveUpdate::Gone("i".into())), "{over}");
        let wanted =
            if over == "Completed" { "session.done".to_owned() } else { format!("session.released {over}") };
        assert_eq!(reported(&out), [wanted]);
    }
}

#[test]
fn only_a_silent_preview_is_opened_and_only_once() {
    let mut sessions = ana();
    let invited = |sessions: &mut MonitoredSessions, mode| {
        assert_eq!(comes(sessions, wire("i", "Invited", mode)), [], "{mode:?}");
        std::iter::from_fn(|| sessions.next_preview()).count()
    };
    for mode in [None, Some("Coach"), Some("Bargein")] {
        assert_eq!(invited(&mut sessions, mode), 0);
    }
    assert_eq!(invited(&mut sessions, Some("Monitor")), 1);
    assert_eq!(invited(&mut sessions, Some("Monitor")), 0);
    assert!(sessions.page().sessions.is_empty(), "it is not looked into yet");
    sessions.preview_refused(&"i".into());
    assert_eq!(invited(&mut sessions, Some("Monitor")), 1);
    assert_eq!(
        reported(&comes(&mut sessions, wire("i", "Processing", Some("Monitor")))),
        ["session.accepted"]
    );
}

#[test]
fn new_entries_of_an_event_are_reported_and_old_ones_not() {
    let mut sessions = ana();
    comes(&mut sessions, wire("i", "Processing", Some("Monitor")));
    let out = says(
        &mut sessions,
        "i",
        vec![said(1, "Customer", "hola", 40), said(2, "Customer", "¿hay alguien?", 0)],
    );
    assert_eq!(reported(&out), ["message ¿hay alguien?"], "what is older is history");
    assert_eq!(sessions.next_log(), None, "it need not be read any more");
    let live = sessions.live(&"i".into()).unwrap();
    assert_eq!((live.last.as_str(), live.last_index), ("¿hay alguien?", 2));
    assert_eq!(live.waiting_since, Some(ago(40)), "since the first word without an answer");
    says(&mut sessions, "i", vec![said(3, "Agent", "sí", 0)]);
    assert_eq!(sessions.live(&"i".into()).unwrap().waiting_since, None);
    assert_eq!(reported(&says(&mut sessions, "i", vec![said(3, "Agent", "sí", 0)])), [""; 0], "once");
}

#[test]
fn entries_behind_a_gap_wait_for_the_log() {
    let mut sessions = ana();
    comes(&mut sessions, wire("i", "Processing", Some("Monitor")));
    assert_eq!(sessions.next_log(), Some("i".into()), "a log that did not come is asked for");
    // An event overtakes the answer.
    assert_eq!(reported(&says(&mut sessions, "i", vec![said(3, "Customer", "c", 0)])), [""; 0]);
    let out = reads(&mut sessions, "i", vec![said(1, "Customer", "a", 0), said(2, "Customer", "b", 0)]);
    assert_eq!(reported(&out), ["message a", "message b", "message c"]);
    // A lost event shows in the next one.
    assert_eq!(reported(&says(&mut sessions, "i", vec![said(5, "Customer", "e", 0)])), [""; 0]);
    assert_eq!(sessions.next_log(), Some("i".into()));
    let all = (1..).zip(["a", "b", "c", "d", "e"]).map(|(index, text)| said(index, "Customer", text, 0));
    assert_eq!(reported(&reads(&mut sessions, "i", all.collect())), ["message d", "message e"]);
    // Numbers with holes are taken as they are once the log is read.
    says(&mut sessions, "i", vec![said(9, "Customer", "i", 0)]);
    assert_eq!(sessions.next_log(), Some("i".into()));
    assert_eq!(reported(&reads(&mut sessions, "i", vec![said(9, "Customer", "i", 0)])), ["message i"]);
    assert_eq!(sessions.next_log(), None);
}

#[test]
fn an_unreadable_log_is_requested_again() {
    let mut sessions = ana();
    comes(&mut sessions, wire("i", "Processing", Some("Monitor")));
    assert!(sessions.next_log().is_some());
    sessions.log(&"i".into(), None, NOW, &mut Vec::new());
    assert_eq!(sessions.next_log(), None);
    sessions.retry_logs();
    assert!(sessions.next_log().is_some());
}

#[test]
fn too_many_entries_behind_a_gap_are_dropped_and_read_later() {
    let mut sessions = ana();
    comes(&mut sessions, wire("i", "Processing", Some("Monitor")));
    assert!(sessions.next_log().is_some());
    let many = |from: u64, to: u64| (from..=to).map(|n| said(n, "Customer", "x", 0)).collect::<Vec<_>>();
    says(&mut sessions, "i", many(10, 400));
    assert_eq!(sessions.held(), 0);
    says(&mut sessions, "i", many(401, 401));
    assert_eq!(reported(&reads(&mut sessions, "i", many(1, 20))).len(), 20);
    assert!(sessions.next_log().is_some(), "the answer was older than what was let go");
    assert_eq!(reported(&reads(&mut sessions, "i", many(1, 401))).len(), 381);
}

#[test]
fn after_a_lost_connection_logs_are_read_and_ended_sessions_go() {
    let mut sessions = ana();
    for id in ["i", "j"] {
        comes(&mut sessions, wire(id, "Processing", Some("Monitor")));
        says(&mut sessions, id, vec![said(1, "Customer", "a", 0)]);
    }
    sessions.resume();
    assert_eq!(comes(&mut sessions, wire("i", "Processing", Some("Monitor"))), [], "nothing new in it");
    assert!(sessions.is_confirmed(&"i".into()) && !sessions.is_confirmed(&"j".into()));
    assert_eq!((sessions.next_log(), sessions.next_log()), (Some("i".into()), Some("j".into())));
    let out = reads(&mut sessions, "i", vec![said(1, "Customer", "a", 0), said(2, "Agent", "b", 0)]);
    assert_eq!(reported(&out), ["message b"]);
    let mut out = Vec::new();
    sessions.end_unconfirmed(NOW, &mut out);
    assert_eq!(reported(&out), ["session.released while the connection was lost"]);
    assert_eq!(sessions.page().sessions.len(), 1);
    // A session that comes back is not reported from its beginning.
    comes(&mut sessions, wire("j", "Processing", Some("Monitor")));
    let out = says(&mut sessions, "j", vec![said(1, "Customer", "a", 0), said(2, "Customer", "c", 0)]);
    assert_eq!(reported(&out), ["message c"]);
}

#[test]
fn changed_data_note_and_agent_are_reported() {
    let mut sessions = ana();
    let mut session = wire("i", "Processing", Some("Monitor"));
    comes(&mut sessions, session.clone());
    session["userData"] = json!([{"key": "FirstName", "type": "str", "value": "Lucía"},
        {"key": "Segment", "type": "str", "value": "Gold"}, {"key": "wa.preview", "type": "str", "value": "x"}]);
    session["comment"] = json!("call back");
    session["chat"]["participants"][1]["personId"] = json!("ben");
    let out = comes(&mut sessions, session);
    assert_eq!(reported(&out), ["session.accepted", "data.set", "note.set call back"]);
    let Some(LiveUpdate::Entry(set)) = out.get(2) else { panic!("{out:?}") };
    let pairs: Vec<_> = set.data.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("PhoneNumber", ""), ("Segment", "Gold")]);
    assert_eq!(set.agent.as_deref(), Some("ben"));
}

#[test]
fn entries_become_events_of_the_feed_with_rising_numbers() {
    let mut sessions = ana();
    let mut out = comes(&mut sessions, wire("i", "Processing", Some("Monitor")));
    let status = json!({"index": 4, "type": "CustomNotice", "timestamp": ago(0), "userData": [
        {"key": "wa.kind", "type": "str", "value": "status"}, {"key": "wa.of", "type": "int", "value": 3},
        {"key": "wa.status", "type": "str", "value": "read"}]});
    let plain = |index: u64, kind: &str| json!({"index": index, "type": kind, "timestamp": ago(0)});
    let all = vec![
        plain(1, "ParticipantJoined"),
        plain(2, "TypingStarted"),
        said(3, "Agent", "hola", 0),
        status,
        plain(5, "ParticipantLeft"),
    ];
    out.extend(says(&mut sessions, "i", all));
    out.extend(comes(&mut sessions, wire("i", "Completed", Some("Monitor"))));
    let wanted =
        ["session.accepted", "party.joined", "message hola", "message.status", "party.left", "session.done"];
    assert_eq!(reported(&out), wanted);
    let entries = out.iter().filter_map(|update| match update {
        LiveUpdate::Entry(entry) => Some(entry.seq),
        _ => None,
    });
    assert!(entries.collect::<Vec<_>>().is_sorted_by(|a, b| a < b));
}

#[test]
fn a_changed_agent_state_is_reported() {
    let mut sessions = ana();
    let mut staff = |state| {
        let mut out = Vec::new();
        sessions.set_agents(vec![agent("ana", state)], NOW, &mut out);
        reported(&out)
    };
    assert_eq!(staff(AgentState::Ready), [""; 0]);
    assert_eq!(staff(AgentState::NotReady), ["agent.state"]);
    assert_eq!(staff(AgentState::LoggedOut), ["agent.signed-out"]);
    assert_eq!(staff(AgentState::Ready), ["agent.signed-in"]);
    assert_eq!(sessions.page().agents.first().map(|agent| agent.state.clone()), Some("Ready".to_owned()));
}

#[test]
fn nonsense_is_ignored() {
    let mut sessions = ana();
    assert_eq!(comes(&mut sessions, json!({"state": "Processing", "monitorMode": "Monitor"})), []);
    assert_eq!(says(&mut sessions, "nobody", vec![said(1, "Customer", "a", 0)]), []);
    comes(&mut sessions, json!({"id": "i", "state": "Strange", "monitorMode": "Sideways"}));
    assert_eq!(
        reported(&says(&mut sessions, "i", vec![json!({"index": 0, "type": "Text", "text": "x"})])),
        [""; 0]
    );
    let live = sessions.live(&"i".into()).unwrap();
    assert_eq!((live.agent, live.customer.as_str(), live.last_index), (None, "", 0));
}

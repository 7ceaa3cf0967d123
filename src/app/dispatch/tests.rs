//! What the console does, told as what happens and what it then wants.

use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::core::notice::Level;
use crate::app::core::scroll::Scroll;
use crate::app::core::settings::Settings;
use crate::app::test_console::TestConsole;
use crate::domain::Millis;
use crate::domain::message::Visibility;
use crate::domain::transcript::{Draft, SendState};
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

mod options;
mod terminal;
mod words;

#[test]
fn keys_on_their_way_never_reach_another_customer_when_a_session_is_taken_away() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.interaction("i2", "Processing");
    console.typed("half a wo");
    console.interaction("i1", "Queued");
    console.typed("rd");
    console.keys("Enter");
    assert_eq!(console.state.shown, None);
    assert!(console.state.by_id(&"i2".into()).unwrap().draft.is_empty());
    assert!(console.sent().is_empty());
    assert_eq!(console.state.drafts.get("i1").map(|draft| draft.text.as_str()), Some("half a wo"));
    console.keys("Alt+Right");
    assert_eq!(console.state.shown, Some("i2".into()));
}

#[test]
fn signing_in_activates_and_then_becomes_ready() {
    let mut console = TestConsole::new();
    let asked = console.asked();
    assert_eq!(
        asked.iter().map(|(_, r)| r.name()).collect::<Vec<_>>(),
        ["activate-channels", "current-session", "get-workbins"]
    );
    console.answer(&asked[0].0, Ok(Json::Null));
    assert_eq!(console.names(), ["ready"]);
}

#[test]
fn a_connection_lost_during_sign_in_still_ends_ready() {
    for fresh in [true, false] {
        let mut console = TestConsole::new();
        console.asked();
        console.tell(What::Link(Link::Lost { reason: "reset".into(), retry_at: Millis(0) }));
        console.tell(What::Link(Link::Online { websocket: true }));
        let session = json!({"user": {"employeeId": "ana", "userName": "ana"}});
        let session = Box::new(serde_json::from_value(session).unwrap());
        console.tell(What::SessionStarted { session, fresh });
        console.answer_all("activate-channels", Json::Null);
        assert_eq!(console.names(), ["ready"], "fresh: {fresh}");
    }
}

#[test]
fn an_option_of_the_server_decides_whether_one_is_ready_at_once() {
    let settings = Settings {
        local: [("login.whatsappsession.is-auto-ready", "false")].into_iter().collect(),
        ..Settings::default()
    };
    let mut console = TestConsole::with(settings);
    let asked = console.asked();
    console.answer(&asked[0].0, Ok(Json::Null));
    assert_eq!(console.names(), Vec::<&str>::new());
}

#[test]
fn an_invitation_is_accepted_by_key_and_its_session_is_shown() {
    let mut console = TestConsole::new();
    console.asked();
    console.interaction("i1", "Invited");
    assert!(console.wanted.contains(&Effect::Bell));
    console.keys("F2 F2");
    assert_eq!(console.names(), ["accept"], "a second press is the same act");
    console.interaction("i1", "Processing");
    assert_eq!((console.shown(), console.state.invitations.len()), ("i1", 0));
    assert_eq!(console.names(), ["configuration", "messages"]);
}

#[test]
fn accepting_does_not_take_the_focus_from_a_half_typed_reply() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("half");
    console.open("i2");
    assert_eq!(console.shown(), "i1");
    assert!(console.notice().contains("Name i2 is open"));
    console.keys("Ctrl+U");
    console.open("i3");
    assert_eq!(console.shown(), "i3");
}

#[test]
fn an_expired_invitation_is_removed_with_a_notice() {
    let mut console = TestConsole::new();
    console.interaction("i1", "Invited");
    console.interaction("i1", "Revoked");
    assert!(
        console.state.invitations.is_empty() && console.notice().contains("is not offered to you any more")
    );
    console.interaction("i1", "Invited");
    console.at += 29_000;
    console.interaction("i1", "Revoked");
    assert!(console.state.invitations.is_empty() && console.notice().contains("in time"));
    console.interaction("i2", "Invited");
    console.interaction("i3", "Invited");
    console.keys("Shift+F2 F3");
    assert_eq!(console.state.invitations.len(), 1);
    assert!(console.notice().contains("Name i3 was rejected"));
}

#[test]
fn a_late_accept_takes_the_invitation_off_the_bar_with_the_servers_words() {
    let mut console = TestConsole::new();
    console.interaction("i1", "Invited");
    console.asked();
    console.keys("F2");
    let asked = console.asked();
    let refused = RequestError::Refused { code: 410, message: "this invitation is no longer yours".into() };
    console.answer(&asked[0].0, Err(refused));
    assert!(console.state.invitations.is_empty());
    assert_eq!(console.notice(), "this invitation is no longer yours");
}

#[test]
fn what_is_typed_is_sent_exactly_and_confirmed_by_the_log() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("Él vuelve 👍");
    console.keys("Enter");
    let sent = console.sent();
    assert_eq!(sent[0].1, "Él vuelve 👍");
    assert!(console.state.session().unwrap().draft.is_empty());
    assert_eq!(console.state.session().unwrap().transcript.pending()[0].state, SendState::Sending);
    console.answer(&sent[0].0, Ok(Json::Null));
    console.log(
        "i1",
        json!([{"index": 1, "type": "Text", "text": "Él vuelve 👍", "from": {"type": "Agent"},
        "userData": [{"key": "wa.operation", "type": "str", "value": sent[0].0}]}]),
    );
    let transcript = &console.state.session().unwrap().transcript;
    assert_eq!((transcript.pending().len(), transcript.lines().len()), (0, 1));
}

#[test]
fn a_server_that_names_no_operation_confirms_by_the_words() {
    let mut console = TestConsole::new();
    console.open("i1");
    for text in ["a", "a"] {
        console.typed(text);
        console.keys("Enter");
    }
    console.says("i1", 1, "Agent", "a");
    assert_eq!(console.state.session().unwrap().transcript.pending().len(), 1);
    console.says("i1", 2, "Agent", "a");
    assert_eq!(console.state.session().unwrap().transcript.pending().len(), 0);
}

#[test]
fn over_the_limit_in_bytes_nothing_is_sent_and_nothing_is_lost() {
    let mut console = TestConsole::with(Settings {
        local: [("whatsappsession.max-text-message-size", "5")].into_iter().collect(),
        ..Settings::default()
    });
    console.open("i1");
    console.typed("ééé");
    assert_eq!(console.state.session().unwrap().over_limit(), 1);
    console.keys("Enter");
    assert!(console.sent().is_empty() && console.notice().contains("1 bytes over"));
    assert_eq!(console.state.session().unwrap().draft.text(), "ééé");
    console.keys("Backspace");
    console.typed("e");
    console.keys("Enter");
    assert_eq!(console.sent()[0].1, "éée", "exactly the limit is allowed");
}

#[test]
fn a_paste_never_sends_and_never_triggers() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console.tell(What::Paste("/done\nsecond line\n".into()));
    assert!(console.sent().is_empty());
    console.keys("Enter");
    assert!(matches!(console.state.layers.last(), Some(Layer::Confirm(_))), "a pasted slash is asked about");
    console.keys("Esc");
    assert!(console.state.session().unwrap().draft.text().starts_with("/done\nsecond"));
    console.keys("Enter Enter");
    assert_eq!(console.sent()[0].1, "/done\nsecond line\n");
}

#[test]
fn a_slash_runs_a_command_and_a_mistake_is_not_sent() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console.typed("/notready lunch");
    console.keys("Enter");
    let asked = console.asked();
    let request = Request::NotReady {
        channel: "whatsappsession".into(),
        reason: Some("L".into()),
        after_call_work: false,
    };
    assert!(asked.iter().any(|(_, r)| *r == request), "{asked:?}");
    console.typed("/dnoe");
    console.keys("Enter");
    assert!(console.sent().is_empty() && console.notice().contains("no command /dnoe"));
    console.keys("Ctrl+U");
    console.typed("//ok");
    console.keys("Enter");
    assert_eq!(console.sent()[0].1, "/ok");
}

#[test]
fn a_broken_connection_keeps_the_draft_and_sends_each_message_once() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("one");
    console.keys("Enter");
    let first = console.sent().remove(0);
    let lost = Link::Lost { reason: "the server closed it".into(), retry_at: Millis(9000) };
    console.answer(&first.0, Err(RequestError::OutcomeUnknown("cut".into())));
    console.tell(What::Link(lost));
    console.typed("two");
    console.keys("Enter");
    console.typed("draft");
    assert!(console.sent().is_empty());
    console.tell(What::Link(Link::Connecting));
    console.tell(What::Link(Link::Online { websocket: true }));
    assert_eq!(console.notice(), "connected again");
    let user = json!({"user": {"employeeId": "ana"}});
    console.tell(What::SessionStarted {
        session: Box::new(serde_json::from_value(user).unwrap()),
        fresh: false,
    });
    let session = json!({"user": {"activeSession": {"media": {"channels": [{"name": "whatsappsession",
        "state": "Ready", "interactions": [{"id": "i1", "mediatype": "whatsappsession", "state": "Processing"}]}]}}}});
    console.answer_all("current-session", session);
    // The log shows that the first one had arrived.
    console.answer_all(
        "messages",
        json!({"messages": [{"index": 1, "type": "Text", "text": "one", "from": {"type": "Agent"},
        "userData": [{"key": "wa.operation", "type": "str", "value": first.0}]}]}),
    );
    assert_eq!(console.sent().iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["two"]);
    assert_eq!(console.state.session().unwrap().draft.text(), "draft");
}

#[test]
fn what_was_refused_can_be_taken_back_or_sent_again() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("late");
    console.keys("Enter");
    let (operation, _) = console.sent().remove(0);
    let error = RequestError::Refused { code: 409, message: "outside the 24 h window".into() };
    console.answer(&operation, Err(error.clone()));
    console.keys("Alt+R");
    let again = console.sent().remove(0);
    assert_ne!(again.0, operation);
    console.answer(&again.0, Err(error));
    console.typed("more");
    console.keys("Alt+T");
    assert_eq!(console.state.session().unwrap().draft.text(), "late\nmore");
    assert!(console.state.session().unwrap().transcript.pending().is_empty());
}

#[test]
fn a_missed_entry_makes_the_log_be_read_once() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.says("i1", 1, "Customer", "a");
    console.says("i1", 4, "Customer", "d");
    console.says("i1", 5, "Customer", "e");
    assert_eq!(console.names(), ["messages"]);
}

#[test]
fn messages_below_are_counted_and_do_not_move_what_is_read() {
    let mut console = TestConsole::new();
    console.open("i1");
    for i in 1..60 {
        console.says("i1", i, "Customer", "words");
    }
    assert_eq!(console.state.session().unwrap().unread, 0, "seen while shown at the bottom");
    console.keys("PageUp");
    let held = console.state.session().unwrap().scroll;
    assert!(matches!(held, Scroll::Held { .. }));
    console.says("i1", 60, "Customer", "new");
    let session = console.state.session().unwrap();
    assert_eq!((session.scroll, session.below, session.unread), (held, 1, 1));
    console.keys("Esc");
    let session = console.state.session().unwrap();
    assert_eq!((session.scroll, session.below, session.unread), (Scroll::Bottom, 0, 0));
}

#[test]
fn done_asks_for_a_mandatory_disposition_and_then_finishes() {
    let settings = Settings {
        local: [("interaction.disposition.is-mandatory", "true")].into_iter().collect(),
        ..Settings::default()
    };
    let mut console = TestConsole::with(settings);
    console.open("i1");
    console.asked();
    console.keys("Ctrl+D");
    assert!(matches!(console.state.layers.last(), Some(Layer::Dispositions(_))));
    console.typed("call");
    console.keys("Enter");
    let asked = console.asked();
    let names: Vec<_> = asked.iter().map(|(_, request)| request.name()).collect();
    assert_eq!(names, ["update-user-data"], "done when the server has the disposition");
    console.answer(&asked[0].0, Ok(Json::Null));
    assert_eq!(console.names(), ["complete"]);
    console.interaction("i1", "Completed");
    assert!(console.state.sessions.is_empty() && console.notice().contains("saved to history"));
}

#[test]
fn done_with_something_unsent_asks_first() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("unsent");
    console.asked();
    console.keys("Ctrl+D Esc");
    assert_eq!(console.names(), Vec::<&str>::new());
    console.keys("Ctrl+D Enter");
    assert_eq!(console.names().last(), Some(&"complete"));
}

#[test]
fn a_draft_stays_with_its_session_when_that_goes_and_comes_back() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.open("i2");
    console.typed("for two");
    console.keys("Alt+1");
    console.typed("for one");
    console.interaction("i2", "Revoked");
    console.interaction("i2", "Processing");
    console.keys("Alt+2");
    assert_eq!(console.state.session().unwrap().draft.text(), "for two");
    console.keys("Esc Esc");
    assert_eq!(console.state.session().unwrap().draft.text(), "for two", "Esc never deletes");
}

#[test]
fn typing_is_told_at_most_every_few_seconds_and_its_end_too() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console.typed("abc");
    assert_eq!(console.names(), ["send-typing-started"]);
    console.at += 4900;
    console.typed("d");
    assert_eq!(console.names(), Vec::<&str>::new());
    console.at += 200;
    console.typed("e");
    assert_eq!(console.names(), ["send-typing-started"]);
    assert!(console.state.next_wake().is_some());
    console.later(5000);
    assert_eq!(console.names(), ["send-typing-stopped"]);
    console.later(60_000);
    assert_eq!(console.names(), Vec::<&str>::new());
}

#[test]
fn the_customers_typing_is_shown_and_goes_by_itself() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.log("i1", json!([{"index": 0, "type": "TypingStarted", "from": {"type": "Customer"}}]));
    assert!(console.state.session().unwrap().is_typing(Millis(console.at)));
    console.later(25_000);
    assert!(!console.state.session().unwrap().is_typing(Millis(console.at)));
}

#[test]
fn an_idle_desk_has_nothing_to_wake_up_for() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.later(60_000);
    assert_eq!(console.state.next_wake(), None);
    console.says("i1", 1, "Customer", "hello?");
    assert_eq!(console.state.next_wake(), Some(Millis(console.at + 1000)));
    console.says("i1", 2, "Agent", "hi");
    console.later(60_000);
    assert_eq!(console.state.next_wake(), None);
}

#[test]
fn search_goes_from_hit_to_hit_and_accents_do_not_matter() {
    let mut console = TestConsole::new();
    console.open("i1");
    for i in 1..100 {
        console.says("i1", i, "Customer", if i % 40 == 0 { "Está aquí" } else { "words" });
    }
    console.keys("Ctrl+F");
    console.typed("esta");
    console.keys("Enter");
    let search = console.state.session().unwrap().search.clone().unwrap();
    let hits = [40, 80].map(|index| crate::app::features::search::Hit { back: 0, index });
    assert_eq!((search.hits, search.at), (hits.to_vec(), 1));
    console.keys("Ctrl+F");
    assert_eq!(console.state.session().unwrap().search.as_ref().unwrap().at, 0);
    console.keys("Esc");
    assert!(console.state.session().unwrap().search.is_none());
}

#[test]
fn line_around_a_message_is_searched_and_gives_its_link() {
    let mut console = TestConsole::new();
    console.open("i1");
    let line = json!([{"index": 1, "type": "Notice", "text": "The customer came from an ad: Sale (https://fb.me/x)",
        "visibility": "Agent", "from": {"participantId": "system", "type": "System"}}]);
    console.log("i1", line);
    console.keys("Ctrl+F");
    console.typed("SALE");
    console.keys("Enter");
    let search = console.state.session().unwrap().search.clone().unwrap();
    assert_eq!(search.hits, [crate::app::features::search::Hit { back: 0, index: 1 }]);
    console.keys("Esc Alt+L");
    let picker = console.picker();
    assert_eq!(picker.chosen().unwrap().label.as_str(), "https://fb.me/x");
}

#[test]
fn options_are_those_of_the_moment_a_session_began() {
    let mut console = TestConsole::new();
    let limit = |bytes: &str| {
        json!({"settings": [{"key": "interaction-workspace", "type": "kvlist", "value": [
            {"key": "whatsappsession.max-text-message-size", "type": "str", "value": bytes}]}]})
    };
    for (id, bytes) in [("i1", "4096"), ("i2", "7"), ("i3", "9")] {
        console.interaction(id, "Processing");
        console.answer_all("configuration", limit(bytes));
    }
    let sizes: Vec<_> = console.state.sessions.iter().map(|session| session.options.max_text).collect();
    assert_eq!(sizes, [4096, 7, 9]);
}

#[test]
fn a_bad_option_of_the_server_is_told_once_and_the_one_before_it_stays() {
    let mut console = TestConsole::new();
    let limit = |tenant: &str, mine: &str| {
        json!({"settings": {"interaction-workspace": {"whatsappsession.max-text-message-size": tenant}},
            "wa.userProperties": {"interaction-workspace": {"whatsappsession.max-text-message-size": mine}}})
    };
    console.interaction("i1", "Processing");
    console.answer_all("configuration", limit("100", "200"));
    console.interaction("i2", "Processing");
    console.answer_all("configuration", limit("100", "none"));
    let said = console.notice();
    assert!(said.contains("whatsappsession.max-text-message-size = \"none\"") && said.contains("2147483647"));
    console.interaction("i3", "Processing");
    console.answer_all("configuration", limit("100", "none"));
    assert_eq!(console.state.notices.newest_first().filter(|n| n.text.as_str() == said).count(), 1);
    let sizes: Vec<_> = console.state.sessions.iter().map(|session| session.options.max_text).collect();
    assert_eq!(sizes, [200, 200, 200]);
}

#[test]
fn a_link_that_stops_for_good_says_what_to_do() {
    let mut console = TestConsole::new();
    console.tell(What::Link(Link::Stopped {
        reason: "The password was not accepted.".into(),
        signed_out: false,
    }));
    assert_eq!(console.notice(), "The password was not accepted.");
    assert!(!console.state.ending);
    console.open("i1");
    console.tell(What::Link(Link::Stopped { reason: "You are signed out.".into(), signed_out: true }));
    assert!(console.state.ending);
}

#[test]
fn quitting_with_open_sessions_asks() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.keys("F10");
    assert!(!console.state.ending);
    console.keys("Enter");
    assert!(console.state.ending && console.wanted.contains(&Effect::Quit));
}

#[test]
fn an_error_event_for_a_request_is_told_as_its_failure() {
    let mut console = TestConsole::new();
    console.asked();
    console.keys("F4 Enter");
    let (operation, request) = console.asked().remove(0);
    assert_eq!(request, Request::Ready { channel: "whatsappsession".into() });
    let data = json!({"messageType": "EventError", "operationId": operation,
        "error": {"errorMessage": "no place", "errorCode": 5}});
    console.event("/workspace/v3/media", data);
    assert_eq!(console.notice(), "Ready was refused: no place");
    assert_eq!(console.state.notices.newest_first().next().unwrap().level, Level::Error);
}

#[test]
fn an_emoji_is_completed_by_tab_or_by_its_closing_colon() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("at 10:30: :tada:");
    assert_eq!(console.state.session().unwrap().draft.text(), "at 10:30: 🎉");
    console.keys("Alt+U");
    assert_eq!(console.state.session().unwrap().draft.text(), "at 10:30: :tada:");
    console.keys("Ctrl+U");
    console.typed(":tada");
    console.keys("Tab");
    assert_eq!(console.state.session().unwrap().draft.text(), "🎉");
}

#[test]
fn an_accept_that_was_lost_with_the_connection_can_be_given_again() {
    let mut console = TestConsole::new();
    console.interaction("i1", "Invited");
    console.keys("F2");
    console.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    console.tell(What::Link(Link::Online { websocket: false }));
    console.asked();
    console.keys("F2");
    assert_eq!(console.names(), ["accept"]);
}

#[test]
fn messages_of_an_earlier_run_go_out_once_unless_the_log_has_them() {
    let mut console = TestConsole::new();
    let kept = |name: &str| {
        let pending = crate::domain::transcript::PendingMessage {
            operation: name.into(),
            text: format!("text {name}"),
            to: Visibility::All,
            file: None,
            at: Millis(5),
            state: SendState::Unknown,
        };
        ("i1".into(), pending)
    };
    console.tell(What::Kept {
        drafts: vec![("i1".into(), Draft { text: "draft".into(), to: Visibility::All })],
        unsent: vec![kept("o1"), kept("o2")],
        files: Vec::new(),
    });
    console.interaction("i1", "Processing");
    console.answer_all(
        "messages",
        json!({"messages": [{"index": 1, "type": "Text", "text": "text o1", "from": {"type": "Agent"},
        "userData": [{"key": "wa.operation", "type": "str", "value": "o1"}]}]}),
    );
    assert!(console.wanted.contains(&Effect::ForgetUnsent("o1".into())));
    assert_eq!(console.sent(), [("o2".into(), "text o2".to_owned())]);
    assert_eq!(console.state.session().unwrap().draft.text(), "draft");
}

#[test]
fn a_session_that_goes_leaves_what_was_not_sent_as_a_draft() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    console.typed("one");
    console.keys("Enter");
    console.typed("two");
    console.interaction("i1", "Revoked");
    assert_eq!(console.state.drafts.get("i1").map(|draft| draft.text.as_str()), Some("one\ntwo"));
}

impl TestConsole {
    /// Like [`TestConsole::open`], of a customer with so many earlier sessions of 30 messages, a day apart.
    pub(in crate::app) fn open_with_past(&mut self, count: u32, past: i64) {
        let at = |days: i64| Millis(self.at - days * 86_400_000).to_rfc3339();
        let interaction = |state: &str| {
            json!({"messageType": "InteractionStateChanged", "interaction": {
                "id": "i1", "mediatype": "whatsappsession", "state": state, "contactId": "c1",
                "receivedAt": at(0), "userData": []}})
        };
        let (invited, active) = (interaction("Invited"), interaction("Processing"));
        let item = |days: i64| {
            json!({"id": format!("old{days}"), "state": "Stopped", "mediaType": "whatsappsession",
                "startDate": at(days), "ownerInformation": [{"firstName": "Bob", "lastName": "Lee"}]})
        };
        let mut items: Vec<Json> = (1..=past).map(item).collect();
        items.push(
            json!({"id": "i1", "state": "InProgress", "mediaType": "whatsappsession", "startDate": at(0)}),
        );
        items.push(json!({"id": "mail", "state": "Stopped", "mediaType": "email", "startDate": at(1), "subject": "Invoice"}));
        let option = ("whatsappsession.transcript-interactions-count", count.to_string());
        let crossing = ("whatsappsession.show-cross-channel-messages", self.cross_channel.to_string());
        self.state.settings.local =
            [(option.0, option.1.as_str()), (crossing.0, crossing.1.as_str())].into_iter().collect();
        self.event("/workspace/v3/media/whatsappsession", invited);
        self.keys("F2");
        self.event("/workspace/v3/media/whatsappsession", active);
        let asked = self.asked();
        let operation = |name: &str| asked.iter().find(|(_, r)| r.name() == name).unwrap().0.clone();
        let (log, history) = (operation("messages"), operation("get-history"));
        self.answer(&log, Ok(json!({"messages": []})));
        self.answer(&history, Ok(Json::Null));
        self.event(
            "/workspace/v3/contacts",
            json!({"name": "EventGetContactHistory", "messageType": "UcsMessage", "contactId": "c1",
                "operationId": history.as_str(), "interactions": items}),
        );
    }

    /// Answers every earlier session that is asked for, one after another; how many there were.
    pub(in crate::app) fn answer_older(&mut self) -> usize {
        let mut read = 0;
        loop {
            let asked = self.asked();
            let log = asked.iter().find_map(|(operation, request)| match request {
                Request::Messages(id, _) => Some((operation, id)),
                _ => None,
            });
            let Some((operation, id)) = log else { return read };
            let messages: Vec<Json> = (1..=30)
                .map(|i| {
                    json!({"index": i, "type": "Text", "text": format!("{id} {i}"), "timestamp": self.at,
                    "from": {"type": "Customer", "nickname": "x"}})
                })
                .collect();
            self.answer(operation, Ok(json!({"messages": messages})));
            read += 1;
        }
    }

    /// The first words in view.
    pub(in crate::app) fn top(&self) -> String {
        self.rows(1).remove(0)
    }

    /// The first rows in view.
    pub(in crate::app) fn rows(&self, most: usize) -> Vec<String> {
        let area = self.state.layout().transcript;
        let session = self.state.session().unwrap();
        let measure = session.measure(area.width, &self.state.zone);
        let (place, skip) = session.scroll.top(&measure, area.height.into());
        let blocks =
            (place..crate::app::core::blocks::count(&measure)).flat_map(|place| measure.block(place));
        blocks.skip(skip).take(most).map(|row| row.text.to_string()).collect()
    }
}

#[test]
fn older_messages_come_as_many_sessions_at_a_time_as_the_option_says_until_there_are_none() {
    let mut console = TestConsole::new();
    console.open_with_past(2, 3);
    console.says("i1", 1, "Customer", "hello");
    assert_eq!(console.top(), "▲ see older messages (3 sessions)");
    console.keys("Alt+P");
    assert_eq!(console.top(), "▲ reading older messages…");
    // Meanwhile nothing waits.
    console.typed("hi");
    assert_eq!(console.answer_older(), 2);
    let session = console.state.session().unwrap();
    assert_eq!(session.draft.text(), "hi");
    assert_eq!((session.unread, session.below, session.transcript.lines().len()), (0, 0, 1));
    let ids: Vec<&str> = session.older.shown.iter().map(|older| older.id.as_str()).collect();
    assert_eq!(ids, ["old2", "old1"]);
    console.keys("Ctrl+Home");
    let rows = console.rows(3);
    assert_eq!(rows[0], "▲ see older messages (1 session)");
    assert!(rows[1].starts_with("── earlier session · ") && rows[1].ends_with(" · handled by Bob Lee ──"));
    console.tell(What::Mouse(crate::app::core::msg::Mouse::Click(crate::app::core::msg::ClickTarget::Older)));
    assert_eq!(console.answer_older(), 1);
    console.keys("Ctrl+Home");
    assert!(console.top().starts_with("── earlier session"), "{}", console.top());
    console.keys("Alt+P");
    assert_eq!((console.answer_older(), console.notice().as_str()), (0, "there are no older messages"));
}

#[test]
fn what_is_read_stays_where_it_is_when_older_messages_come_above() {
    let mut console = TestConsole::new();
    console.open_with_past(1, 3);
    for i in 1..60 {
        console.says("i1", i, "Customer", "words");
    }
    console.keys("PageUp PageUp");
    let before = console.rows(15);
    console.keys("Alt+P");
    assert_eq!(console.answer_older(), 1);
    assert_eq!(console.rows(15), before, "in the middle");
    assert!(console.notice().contains("are above"));
    for what in ["over this session", "over an earlier one"] {
        console.keys("Ctrl+Home");
        let before = console.rows(15);
        console.keys("Alt+P");
        assert_eq!(console.answer_older(), 1);
        // In place of the row that was clicked stands something else; all below it stays.
        assert_eq!(console.rows(15)[1..], before[1..], "{what}");
    }
    console.keys("Ctrl+End");
    assert_eq!(console.state.session().unwrap().scroll, Scroll::Bottom);
}

#[test]
fn a_server_without_histories_costs_a_sentence_and_no_more() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.says("i1", 1, "Customer", "hello");
    console.keys("Alt+P");
    assert!(console.notice().contains("whose session"));
    let mut console = TestConsole::new();
    console.open_with_past(1, 0);
    console.says("i1", 1, "Customer", "hello");
    let refused = || Err(RequestError::Refused { code: 404, message: "no such address".into() });
    console.state.sessions[0].older = crate::app::features::older::Older::default();
    console.keys("Alt+P");
    let asked = console.asked();
    assert_eq!(asked.iter().map(|(_, r)| r.name()).collect::<Vec<_>>(), ["get-history"]);
    console.answer(&asked[0].0, refused());
    assert_eq!(console.notice(), "older messages could not be read: no such address");
    assert!(console.top().starts_with("── "), "no row is offered: {}", console.top());
    assert_eq!(console.state.session().unwrap().trouble, None);
}

#[test]
fn an_earlier_session_that_a_break_cut_off_can_be_asked_for_again() {
    let mut console = TestConsole::new();
    console.open_with_past(1, 2);
    console.says("i1", 1, "Customer", "hello");
    console.keys("Alt+P");
    let late = console.asked();
    console.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(console.at) }));
    console.answer(&late[0].0, Ok(json!({"messages": []})));
    assert_eq!(console.top(), "▲ older messages could not be read: try again");
    console.tell(What::Link(Link::Online { websocket: true }));
    console.keys("Alt+P");
    assert_eq!(console.answer_older(), 1);
    assert_eq!(console.state.session().unwrap().older.shown[0].id.as_str(), "old1");
}

#[test]
fn a_command_can_be_written_without_a_session() {
    let mut console = TestConsole::new();
    console.asked();
    console.typed("/notready lunch");
    console.keys("Enter");
    let request = Request::NotReady {
        channel: "whatsappsession".into(),
        reason: Some("L".into()),
        after_call_work: false,
    };
    assert!(console.asked().iter().any(|(_, asked)| *asked == request));
    console.typed("/x");
    console.keys("Enter");
    assert!(console.notice().contains("no command /x"));
}

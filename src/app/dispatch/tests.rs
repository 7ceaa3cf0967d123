//! What the console does, told as what happens and what it then wants.

use super::update;
use crate::app::core::effect::Effect;
use crate::app::core::key::Key;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::msg::{Link, Msg, RequestError, What};
use crate::app::core::notice::Level;
use crate::app::core::picker::Picker;
use crate::app::core::scroll::Scroll;
use crate::app::core::settings::Settings;
use crate::app::core::state::State;
use crate::domain::message::Visibility;
use crate::domain::transcript::{Draft, SendState};
use crate::domain::{Millis, OperationId};
use crate::proto::envelope::Envelope;
use crate::proto::event::Event;
use crate::proto::request::Request;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

mod case;
mod consult;
mod contacts;
mod ends;
mod failures;
mod hold;
mod lock;
mod options;
mod parts;
mod party;
mod reach;
mod request;
mod responses;
mod status;
mod supervise;
mod targets;
mod terminal;
mod words;
mod workbins;

/// A desk under test: what happens goes in, what is wanted comes out.
struct Desk {
    state: State,
    at: i64,
    wanted: Vec<Effect>,
    /// Whether earlier interactions of other channels are asked for.
    cross_channel: bool,
}

impl Desk {
    /// Connected and signed in as Ana.
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let state = State::new(settings, TimeZone::UTC, "d", (80, 24), Millis(0));
        let mut desk = Self { state, at: 1_800_000_000_000, wanted: Vec::new(), cross_channel: false };
        desk.tell(What::Link(Link::Online { websocket: true }));
        let session = json!({
            "user": {"employeeId": "ana", "userName": "ana", "firstName": "Ana", "lastName": "Ruiz"},
            "configuration": {
                "actionCodes": [{"name": "Lunch", "code": "L", "type": "NotReady"}],
                "businessAttributes": [{"name": "DispositionCode", "values": [
                    {"name": "solved", "displayName": "Solved"}, {"name": "call", "displayName": "Call back"}]}],
                "settings": [{"key": "interaction-workspace", "type": "kvlist", "value": []}]
            }
        });
        let session = Box::new(serde_json::from_value(session).unwrap());
        desk.tell(What::SessionStarted { session, fresh: true });
        desk
    }

    fn tell(&mut self, what: What) {
        let wanted = update(&mut self.state, Msg { at: Millis(self.at), what });
        self.wanted.extend(wanted);
    }

    fn later(&mut self, millis: i64) {
        self.at += millis;
        self.tell(What::Wake);
    }

    /// Keys as people write them, separated by spaces; other words are typed.
    fn keys(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.tell(What::Key(Key::parse(key).unwrap()));
        }
    }

    fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.tell(What::Key(Key::plain(crate::app::core::key::Code::Char(c))));
        }
    }

    fn event(&mut self, channel: &str, data: Json) {
        self.tell(What::Event(Event::decode(channel, &data)));
    }

    fn interaction(&mut self, id: &str, state: &str) {
        let data = json!({"messageType": "InteractionStateChanged", "interaction": {
            "id": id, "mediatype": "whatsappsession", "state": state, "userData": [
                {"key": "wa.profile-name", "type": "str", "value": format!("Name {id}")},
                {"key": "wa.accept-left-ms", "type": "int", "value": 30000}]}});
        self.event("/workspace/v3/media/whatsappsession", data);
    }

    fn says(&mut self, id: &str, index: u64, who: &str, text: &str) {
        self.log(
            id,
            json!([{"index": index, "type": "Text", "text": text, "from": {"type": who, "nickname": who},
            "timestamp": self.at}]),
        );
    }

    fn log(&mut self, id: &str, messages: Json) {
        let data = json!({"messageType": "MessageLogUpdated", "interactionId": id, "messages": messages});
        self.event("/workspace/v3/media/whatsappsession", data);
    }

    /// An open session, shown, with its (empty) log read.
    fn open(&mut self, id: &str) {
        self.interaction(id, "Invited");
        self.keys("F2");
        self.interaction(id, "Processing");
        self.answer_all("messages", json!({"messages": []}));
    }

    /// The list on top, of those that hold whatever a row may mean.
    fn picker(&self) -> &Picker<Choice> {
        match self.state.layers.last() {
            Some(Layer::Pick(picker)) => picker,
            other => panic!("{other:?} is no such list"),
        }
    }

    /// What was asked since the last look.
    fn asked(&mut self) -> Vec<(OperationId, Request)> {
        let calls = self.wanted.drain(..).filter_map(|effect| match effect {
            Effect::Call { operation, request } => Some((operation, request)),
            _ => None,
        });
        calls.collect()
    }

    fn names(&mut self) -> Vec<&'static str> {
        self.asked().iter().map(|(_, request)| request.name()).collect()
    }

    fn answer(&mut self, operation: &OperationId, result: Result<Json, RequestError>) {
        let result = result.map(|data| Envelope::ok(0, None, data));
        self.tell(What::Reply { operation: operation.clone(), result });
    }

    fn answer_all(&mut self, name: &str, data: Json) {
        for (operation, request) in self.asked() {
            if request.name() == name {
                self.answer(&operation, Ok(data.clone()));
            }
        }
    }

    fn sent(&mut self) -> Vec<(OperationId, String)> {
        let sent = self.asked().into_iter().filter_map(|(operation, request)| match request {
            Request::SendMessage { text, .. } => Some((operation, text)),
            _ => None,
        });
        sent.collect()
    }

    /// The newest notice, whether it was shown yet or not.
    fn notice(&self) -> String {
        self.state.notices.newest_first().next().map_or(String::new(), |notice| notice.text.to_string())
    }

    fn shown(&self) -> &str {
        self.state.shown.as_ref().map_or("", |id| id.as_str())
    }
}

#[test]
fn keys_on_their_way_never_reach_another_customer_when_a_session_is_taken_away() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.interaction("i2", "Processing");
    desk.typed("half a wo");
    desk.interaction("i1", "Queued");
    desk.typed("rd");
    desk.keys("Enter");
    assert_eq!(desk.state.shown, None);
    assert!(desk.state.by_id(&"i2".into()).unwrap().draft.is_empty());
    assert!(desk.sent().is_empty());
    assert_eq!(desk.state.drafts.get("i1").map(|draft| draft.text.as_str()), Some("half a wo"));
    desk.keys("Alt+Right");
    assert_eq!(desk.state.shown, Some("i2".into()));
}

#[test]
fn signing_in_activates_and_then_becomes_ready() {
    let mut desk = Desk::new();
    let asked = desk.asked();
    assert_eq!(
        asked.iter().map(|(_, r)| r.name()).collect::<Vec<_>>(),
        ["activate-channels", "current-session", "get-workbins"]
    );
    desk.answer(&asked[0].0, Ok(Json::Null));
    assert_eq!(desk.names(), ["ready"]);
}

#[test]
fn an_option_of_the_server_decides_whether_one_is_ready_at_once() {
    let settings = Settings {
        local: [("login.whatsappsession.is-auto-ready", "false")].into_iter().collect(),
        ..Settings::default()
    };
    let mut desk = Desk::with(settings);
    let asked = desk.asked();
    desk.answer(&asked[0].0, Ok(Json::Null));
    assert_eq!(desk.names(), Vec::<&str>::new());
}

#[test]
fn an_invitation_is_accepted_by_key_and_its_session_is_shown() {
    let mut desk = Desk::new();
    desk.asked();
    desk.interaction("i1", "Invited");
    assert!(desk.wanted.contains(&Effect::Bell));
    desk.keys("F2 F2");
    assert_eq!(desk.names(), ["accept"], "a second press is the same act");
    desk.interaction("i1", "Processing");
    assert_eq!((desk.shown(), desk.state.invitations.len()), ("i1", 0));
    assert_eq!(desk.names(), ["configuration", "messages"]);
}

#[test]
fn accepting_does_not_take_the_focus_from_a_half_typed_reply() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("half");
    desk.open("i2");
    assert_eq!(desk.shown(), "i1");
    assert!(desk.notice().contains("Name i2 is open"));
    desk.keys("Ctrl+U");
    desk.open("i3");
    assert_eq!(desk.shown(), "i3");
}

#[test]
fn an_expired_invitation_is_removed_with_a_notice() {
    let mut desk = Desk::new();
    desk.interaction("i1", "Invited");
    desk.interaction("i1", "Revoked");
    assert!(desk.state.invitations.is_empty() && desk.notice().contains("is not offered to you any more"));
    desk.interaction("i1", "Invited");
    desk.at += 29_000;
    desk.interaction("i1", "Revoked");
    assert!(desk.state.invitations.is_empty() && desk.notice().contains("in time"));
    desk.interaction("i2", "Invited");
    desk.interaction("i3", "Invited");
    desk.keys("Shift+F2 F3");
    assert_eq!(desk.state.invitations.len(), 1);
    assert!(desk.notice().contains("Name i3 was rejected"));
}

#[test]
fn a_late_accept_takes_the_invitation_off_the_bar_with_the_servers_words() {
    let mut desk = Desk::new();
    desk.interaction("i1", "Invited");
    desk.asked();
    desk.keys("F2");
    let asked = desk.asked();
    let refused = RequestError::Refused { code: 410, message: "this invitation is no longer yours".into() };
    desk.answer(&asked[0].0, Err(refused));
    assert!(desk.state.invitations.is_empty());
    assert_eq!(desk.notice(), "this invitation is no longer yours");
}

#[test]
fn what_is_typed_is_sent_exactly_and_confirmed_by_the_log() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("Él vuelve 👍");
    desk.keys("Enter");
    let sent = desk.sent();
    assert_eq!(sent[0].1, "Él vuelve 👍");
    assert!(desk.state.session().unwrap().draft.is_empty());
    assert_eq!(desk.state.session().unwrap().transcript.pending()[0].state, SendState::Sending);
    desk.answer(&sent[0].0, Ok(Json::Null));
    desk.log(
        "i1",
        json!([{"index": 1, "type": "Text", "text": "Él vuelve 👍", "from": {"type": "Agent"},
        "userData": [{"key": "wa.operation", "type": "str", "value": sent[0].0}]}]),
    );
    let transcript = &desk.state.session().unwrap().transcript;
    assert_eq!((transcript.pending().len(), transcript.lines().len()), (0, 1));
}

#[test]
fn a_server_that_names_no_operation_confirms_by_the_words() {
    let mut desk = Desk::new();
    desk.open("i1");
    for text in ["a", "a"] {
        desk.typed(text);
        desk.keys("Enter");
    }
    desk.says("i1", 1, "Agent", "a");
    assert_eq!(desk.state.session().unwrap().transcript.pending().len(), 1);
    desk.says("i1", 2, "Agent", "a");
    assert_eq!(desk.state.session().unwrap().transcript.pending().len(), 0);
}

#[test]
fn over_the_limit_in_bytes_nothing_is_sent_and_nothing_is_lost() {
    let mut desk = Desk::with(Settings {
        local: [("whatsappsession.max-text-message-size", "5")].into_iter().collect(),
        ..Settings::default()
    });
    desk.open("i1");
    desk.typed("ééé");
    assert_eq!(desk.state.session().unwrap().over_limit(), 1);
    desk.keys("Enter");
    assert!(desk.sent().is_empty() && desk.notice().contains("1 bytes over"));
    assert_eq!(desk.state.session().unwrap().draft.text(), "ééé");
    desk.keys("Backspace");
    desk.typed("e");
    desk.keys("Enter");
    assert_eq!(desk.sent()[0].1, "éée", "exactly the limit is allowed");
}

#[test]
fn a_paste_never_sends_and_never_triggers() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk.tell(What::Paste("/done\nsecond line\n".into()));
    assert!(desk.sent().is_empty());
    desk.keys("Enter");
    assert!(matches!(desk.state.layers.last(), Some(Layer::Confirm(_))), "a pasted slash is asked about");
    desk.keys("Esc");
    assert!(desk.state.session().unwrap().draft.text().starts_with("/done\nsecond"));
    desk.keys("Enter Enter");
    assert_eq!(desk.sent()[0].1, "/done\nsecond line\n");
}

#[test]
fn a_slash_runs_a_command_and_a_mistake_is_not_sent() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk.typed("/notready lunch");
    desk.keys("Enter");
    let asked = desk.asked();
    let request = Request::NotReady {
        channel: "whatsappsession".into(),
        reason: Some("L".into()),
        after_call_work: false,
    };
    assert!(asked.iter().any(|(_, r)| *r == request), "{asked:?}");
    desk.typed("/dnoe");
    desk.keys("Enter");
    assert!(desk.sent().is_empty() && desk.notice().contains("no command /dnoe"));
    desk.keys("Ctrl+U");
    desk.typed("//ok");
    desk.keys("Enter");
    assert_eq!(desk.sent()[0].1, "/ok");
}

#[test]
fn a_broken_connection_keeps_the_draft_and_sends_each_message_once() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("one");
    desk.keys("Enter");
    let first = desk.sent().remove(0);
    let lost = Link::Lost { reason: "the server closed it".into(), retry_at: Millis(9000) };
    desk.answer(&first.0, Err(RequestError::OutcomeUnknown("cut".into())));
    desk.tell(What::Link(lost));
    desk.typed("two");
    desk.keys("Enter");
    desk.typed("draft");
    assert!(desk.sent().is_empty());
    desk.tell(What::Link(Link::Connecting));
    desk.tell(What::Link(Link::Online { websocket: true }));
    assert_eq!(desk.notice(), "connected again");
    let user = json!({"user": {"employeeId": "ana"}});
    desk.tell(What::SessionStarted {
        session: Box::new(serde_json::from_value(user).unwrap()),
        fresh: false,
    });
    let session = json!({"user": {"activeSession": {"media": {"channels": [{"name": "whatsappsession",
        "state": "Ready", "interactions": [{"id": "i1", "mediatype": "whatsappsession", "state": "Processing"}]}]}}}});
    desk.answer_all("current-session", session);
    // The log shows that the first one had arrived.
    desk.answer_all(
        "messages",
        json!({"messages": [{"index": 1, "type": "Text", "text": "one", "from": {"type": "Agent"},
        "userData": [{"key": "wa.operation", "type": "str", "value": first.0}]}]}),
    );
    assert_eq!(desk.sent().iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["two"]);
    assert_eq!(desk.state.session().unwrap().draft.text(), "draft");
}

#[test]
fn what_was_refused_can_be_taken_back_or_sent_again() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("late");
    desk.keys("Enter");
    let (operation, _) = desk.sent().remove(0);
    let error = RequestError::Refused { code: 409, message: "outside the 24 h window".into() };
    desk.answer(&operation, Err(error.clone()));
    desk.keys("Alt+R");
    let again = desk.sent().remove(0);
    assert_ne!(again.0, operation);
    desk.answer(&again.0, Err(error));
    desk.typed("more");
    desk.keys("Alt+T");
    assert_eq!(desk.state.session().unwrap().draft.text(), "late\nmore");
    assert!(desk.state.session().unwrap().transcript.pending().is_empty());
}

#[test]
fn a_missed_entry_makes_the_log_be_read_once() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.says("i1", 1, "Customer", "a");
    desk.says("i1", 4, "Customer", "d");
    desk.says("i1", 5, "Customer", "e");
    assert_eq!(desk.names(), ["messages"]);
}

#[test]
fn messages_below_are_counted_and_do_not_move_what_is_read() {
    let mut desk = Desk::new();
    desk.open("i1");
    for i in 1..60 {
        desk.says("i1", i, "Customer", "words");
    }
    assert_eq!(desk.state.session().unwrap().unread, 0, "seen while shown at the bottom");
    desk.keys("PageUp");
    let held = desk.state.session().unwrap().scroll;
    assert!(matches!(held, Scroll::Held { .. }));
    desk.says("i1", 60, "Customer", "new");
    let session = desk.state.session().unwrap();
    assert_eq!((session.scroll, session.below, session.unread), (held, 1, 1));
    desk.keys("Esc");
    let session = desk.state.session().unwrap();
    assert_eq!((session.scroll, session.below, session.unread), (Scroll::Bottom, 0, 0));
}

#[test]
fn done_asks_for_a_mandatory_disposition_and_then_finishes() {
    let settings = Settings {
        local: [("interaction.disposition.is-mandatory", "true")].into_iter().collect(),
        ..Settings::default()
    };
    let mut desk = Desk::with(settings);
    desk.open("i1");
    desk.asked();
    desk.keys("Ctrl+D");
    assert!(matches!(desk.state.layers.last(), Some(Layer::Dispositions(_))));
    desk.typed("call");
    desk.keys("Enter");
    let asked = desk.asked();
    let names: Vec<_> = asked.iter().map(|(_, request)| request.name()).collect();
    assert_eq!(names, ["update-user-data"], "done when the server has the disposition");
    desk.answer(&asked[0].0, Ok(Json::Null));
    assert_eq!(desk.names(), ["complete"]);
    desk.interaction("i1", "Completed");
    assert!(desk.state.sessions.is_empty() && desk.notice().contains("saved to history"));
}

#[test]
fn done_with_something_unsent_asks_first() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("unsent");
    desk.asked();
    desk.keys("Ctrl+D Esc");
    assert_eq!(desk.names(), Vec::<&str>::new());
    desk.keys("Ctrl+D Enter");
    assert_eq!(desk.names().last(), Some(&"complete"));
}

#[test]
fn a_draft_stays_with_its_session_when_that_goes_and_comes_back() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.open("i2");
    desk.typed("for two");
    desk.keys("Alt+1");
    desk.typed("for one");
    desk.interaction("i2", "Revoked");
    desk.interaction("i2", "Processing");
    desk.keys("Alt+2");
    assert_eq!(desk.state.session().unwrap().draft.text(), "for two");
    desk.keys("Esc Esc");
    assert_eq!(desk.state.session().unwrap().draft.text(), "for two", "Esc never deletes");
}

#[test]
fn typing_is_told_at_most_every_few_seconds_and_its_end_too() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk.typed("abc");
    assert_eq!(desk.names(), ["send-typing-started"]);
    desk.at += 4900;
    desk.typed("d");
    assert_eq!(desk.names(), Vec::<&str>::new());
    desk.at += 200;
    desk.typed("e");
    assert_eq!(desk.names(), ["send-typing-started"]);
    assert!(desk.state.next_wake().is_some());
    desk.later(5000);
    assert_eq!(desk.names(), ["send-typing-stopped"]);
    desk.later(60_000);
    assert_eq!(desk.names(), Vec::<&str>::new());
}

#[test]
fn the_customers_typing_is_shown_and_goes_by_itself() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.log("i1", json!([{"index": 0, "type": "TypingStarted", "from": {"type": "Customer"}}]));
    assert!(desk.state.session().unwrap().is_typing(Millis(desk.at)));
    desk.later(25_000);
    assert!(!desk.state.session().unwrap().is_typing(Millis(desk.at)));
}

#[test]
fn an_idle_desk_has_nothing_to_wake_up_for() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.later(60_000);
    assert_eq!(desk.state.next_wake(), None);
    desk.says("i1", 1, "Customer", "hello?");
    assert_eq!(desk.state.next_wake(), Some(Millis(desk.at + 1000)));
    desk.says("i1", 2, "Agent", "hi");
    desk.later(60_000);
    assert_eq!(desk.state.next_wake(), None);
}

#[test]
fn search_goes_from_hit_to_hit_and_accents_do_not_matter() {
    let mut desk = Desk::new();
    desk.open("i1");
    for i in 1..100 {
        desk.says("i1", i, "Customer", if i % 40 == 0 { "Está aquí" } else { "words" });
    }
    desk.keys("Ctrl+F");
    desk.typed("esta");
    desk.keys("Enter");
    let search = desk.state.session().unwrap().search.clone().unwrap();
    let hits = [40, 80].map(|index| crate::app::features::search::Hit { back: 0, index });
    assert_eq!((search.hits, search.at), (hits.to_vec(), 1));
    desk.keys("Ctrl+F");
    assert_eq!(desk.state.session().unwrap().search.as_ref().unwrap().at, 0);
    desk.keys("Esc");
    assert!(desk.state.session().unwrap().search.is_none());
}

#[test]
fn line_around_a_message_is_searched_and_gives_its_link() {
    let mut desk = Desk::new();
    desk.open("i1");
    let line = json!([{"index": 1, "type": "Notice", "text": "The customer came from an ad: Sale (https://fb.me/x)",
        "visibility": "Agent", "from": {"participantId": "system", "type": "System"}}]);
    desk.log("i1", line);
    desk.keys("Ctrl+F");
    desk.typed("SALE");
    desk.keys("Enter");
    let search = desk.state.session().unwrap().search.clone().unwrap();
    assert_eq!(search.hits, [crate::app::features::search::Hit { back: 0, index: 1 }]);
    desk.keys("Esc Alt+L");
    let picker = desk.picker();
    assert_eq!(picker.chosen().unwrap().label.as_str(), "https://fb.me/x");
}

#[test]
fn options_are_those_of_the_moment_a_session_began() {
    let mut desk = Desk::new();
    let limit = |bytes: &str| {
        json!({"settings": [{"key": "interaction-workspace", "type": "kvlist", "value": [
            {"key": "whatsappsession.max-text-message-size", "type": "str", "value": bytes}]}]})
    };
    for (id, bytes) in [("i1", "4096"), ("i2", "7"), ("i3", "9")] {
        desk.interaction(id, "Processing");
        desk.answer_all("configuration", limit(bytes));
    }
    let sizes: Vec<_> = desk.state.sessions.iter().map(|session| session.options.max_text).collect();
    assert_eq!(sizes, [4096, 7, 9]);
}

#[test]
fn a_bad_option_of_the_server_is_told_once_and_the_one_before_it_stays() {
    let mut desk = Desk::new();
    let limit = |tenant: &str, mine: &str| {
        json!({"settings": {"interaction-workspace": {"whatsappsession.max-text-message-size": tenant}},
            "wa.userProperties": {"interaction-workspace": {"whatsappsession.max-text-message-size": mine}}})
    };
    desk.interaction("i1", "Processing");
    desk.answer_all("configuration", limit("100", "200"));
    desk.interaction("i2", "Processing");
    desk.answer_all("configuration", limit("100", "none"));
    let said = desk.notice();
    assert!(said.contains("whatsappsession.max-text-message-size = \"none\"") && said.contains("2147483647"));
    desk.interaction("i3", "Processing");
    desk.answer_all("configuration", limit("100", "none"));
    assert_eq!(desk.state.notices.newest_first().filter(|n| n.text.as_str() == said).count(), 1);
    let sizes: Vec<_> = desk.state.sessions.iter().map(|session| session.options.max_text).collect();
    assert_eq!(sizes, [200, 200, 200]);
}

#[test]
fn a_link_that_stops_for_good_says_what_to_do() {
    let mut desk = Desk::new();
    desk.tell(What::Link(Link::Stopped {
        reason: "The password was not accepted.".into(),
        signed_out: false,
    }));
    assert_eq!(desk.notice(), "The password was not accepted.");
    assert!(!desk.state.ending);
    desk.open("i1");
    desk.tell(What::Link(Link::Stopped { reason: "You are signed out.".into(), signed_out: true }));
    assert!(desk.state.ending);
}

#[test]
fn quitting_with_open_sessions_asks() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.keys("F10");
    assert!(!desk.state.ending);
    desk.keys("Enter");
    assert!(desk.state.ending && desk.wanted.contains(&Effect::Quit));
}

#[test]
fn an_error_event_for_a_request_is_told_as_its_failure() {
    let mut desk = Desk::new();
    desk.asked();
    desk.keys("F4 Enter");
    let (operation, request) = desk.asked().remove(0);
    assert_eq!(request, Request::Ready { channel: "whatsappsession".into() });
    let data = json!({"messageType": "EventError", "operationId": operation,
        "error": {"errorMessage": "no place", "errorCode": 5}});
    desk.event("/workspace/v3/media", data);
    assert_eq!(desk.notice(), "Ready was refused: no place");
    assert_eq!(desk.state.notices.newest_first().next().unwrap().level, Level::Error);
}

#[test]
fn an_emoji_is_completed_by_tab_or_by_its_closing_colon() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("at 10:30: :tada:");
    assert_eq!(desk.state.session().unwrap().draft.text(), "at 10:30: 🎉");
    desk.keys("Alt+U");
    assert_eq!(desk.state.session().unwrap().draft.text(), "at 10:30: :tada:");
    desk.keys("Ctrl+U");
    desk.typed(":tada");
    desk.keys("Tab");
    assert_eq!(desk.state.session().unwrap().draft.text(), "🎉");
}

#[test]
fn an_accept_that_was_lost_with_the_connection_can_be_given_again() {
    let mut desk = Desk::new();
    desk.interaction("i1", "Invited");
    desk.keys("F2");
    desk.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    desk.tell(What::Link(Link::Online { websocket: false }));
    desk.asked();
    desk.keys("F2");
    assert_eq!(desk.names(), ["accept"]);
}

#[test]
fn messages_of_an_earlier_run_go_out_once_unless_the_log_has_them() {
    let mut desk = Desk::new();
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
    desk.tell(What::Kept {
        drafts: vec![("i1".into(), Draft { text: "draft".into(), to: Visibility::All })],
        unsent: vec![kept("o1"), kept("o2")],
        files: Vec::new(),
    });
    desk.interaction("i1", "Processing");
    desk.answer_all(
        "messages",
        json!({"messages": [{"index": 1, "type": "Text", "text": "text o1", "from": {"type": "Agent"},
        "userData": [{"key": "wa.operation", "type": "str", "value": "o1"}]}]}),
    );
    assert!(desk.wanted.contains(&Effect::ForgetUnsent("o1".into())));
    assert_eq!(desk.sent(), [("o2".into(), "text o2".to_owned())]);
    assert_eq!(desk.state.session().unwrap().draft.text(), "draft");
}

#[test]
fn a_session_that_goes_leaves_what_was_not_sent_as_a_draft() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    desk.typed("one");
    desk.keys("Enter");
    desk.typed("two");
    desk.interaction("i1", "Revoked");
    assert_eq!(desk.state.drafts.get("i1").map(|draft| draft.text.as_str()), Some("one\ntwo"));
}

impl Desk {
    /// Like [`Desk::open`], of a customer with so many earlier sessions of 30 messages, a day apart.
    fn open_with_past(&mut self, count: u32, past: i64) {
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
    fn answer_older(&mut self) -> usize {
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
    fn top(&self) -> String {
        self.rows(1).remove(0)
    }

    /// The first rows in view.
    fn rows(&self, most: usize) -> Vec<String> {
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
    let mut desk = Desk::new();
    desk.open_with_past(2, 3);
    desk.says("i1", 1, "Customer", "hello");
    assert_eq!(desk.top(), "▲ see older messages (3 sessions)");
    desk.keys("Alt+P");
    assert_eq!(desk.top(), "▲ reading older messages…");
    // Meanwhile nothing waits.
    desk.typed("hi");
    assert_eq!(desk.answer_older(), 2);
    let session = desk.state.session().unwrap();
    assert_eq!(session.draft.text(), "hi");
    assert_eq!((session.unread, session.below, session.transcript.lines().len()), (0, 0, 1));
    let ids: Vec<&str> = session.older.shown.iter().map(|older| older.id.as_str()).collect();
    assert_eq!(ids, ["old2", "old1"]);
    desk.keys("Ctrl+Home");
    let rows = desk.rows(3);
    assert_eq!(rows[0], "▲ see older messages (1 session)");
    assert!(rows[1].starts_with("── earlier session · ") && rows[1].ends_with(" · handled by Bob Lee ──"));
    desk.tell(What::Mouse(crate::app::core::msg::Mouse::Click(crate::app::core::msg::ClickTarget::Older)));
    assert_eq!(desk.answer_older(), 1);
    desk.keys("Ctrl+Home");
    assert!(desk.top().starts_with("── earlier session"), "{}", desk.top());
    desk.keys("Alt+P");
    assert_eq!((desk.answer_older(), desk.notice().as_str()), (0, "there are no older messages"));
}

#[test]
fn what_is_read_stays_where_it_is_when_older_messages_come_above() {
    let mut desk = Desk::new();
    desk.open_with_past(1, 3);
    for i in 1..60 {
        desk.says("i1", i, "Customer", "words");
    }
    desk.keys("PageUp PageUp");
    let before = desk.rows(15);
    desk.keys("Alt+P");
    assert_eq!(desk.answer_older(), 1);
    assert_eq!(desk.rows(15), before, "in the middle");
    assert!(desk.notice().contains("stand above"));
    for what in ["over this session", "over an earlier one"] {
        desk.keys("Ctrl+Home");
        let before = desk.rows(15);
        desk.keys("Alt+P");
        assert_eq!(desk.answer_older(), 1);
        // In place of the row that was clicked stands something else; all below it stays.
        assert_eq!(desk.rows(15)[1..], before[1..], "{what}");
    }
    desk.keys("Ctrl+End");
    assert_eq!(desk.state.session().unwrap().scroll, Scroll::Bottom);
}

#[test]
fn a_server_without_histories_costs_a_sentence_and_no_more() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.says("i1", 1, "Customer", "hello");
    desk.keys("Alt+P");
    assert!(desk.notice().contains("whose session"));
    let mut desk = Desk::new();
    desk.open_with_past(1, 0);
    desk.says("i1", 1, "Customer", "hello");
    let refused = || Err(RequestError::Refused { code: 404, message: "no such address".into() });
    desk.state.sessions[0].older = crate::app::features::older::Older::default();
    desk.keys("Alt+P");
    let asked = desk.asked();
    assert_eq!(asked.iter().map(|(_, r)| r.name()).collect::<Vec<_>>(), ["get-history"]);
    desk.answer(&asked[0].0, refused());
    assert_eq!(desk.notice(), "older messages could not be read: no such address");
    assert!(desk.top().starts_with("── "), "no row is offered: {}", desk.top());
    assert_eq!(desk.state.session().unwrap().trouble, None);
}

#[test]
fn an_earlier_session_that_a_break_cut_off_can_be_asked_for_again() {
    let mut desk = Desk::new();
    desk.open_with_past(1, 2);
    desk.says("i1", 1, "Customer", "hello");
    desk.keys("Alt+P");
    let late = desk.asked();
    desk.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(desk.at) }));
    desk.answer(&late[0].0, Ok(json!({"messages": []})));
    assert_eq!(desk.top(), "▲ older messages could not be read: try again");
    desk.tell(What::Link(Link::Online { websocket: true }));
    desk.keys("Alt+P");
    assert_eq!(desk.answer_older(), 1);
    assert_eq!(desk.state.session().unwrap().older.shown[0].id.as_str(), "old1");
}

#[test]
fn a_command_can_be_written_without_a_session() {
    let mut desk = Desk::new();
    desk.asked();
    desk.typed("/notready lunch");
    desk.keys("Enter");
    let request = Request::NotReady {
        channel: "whatsappsession".into(),
        reason: Some("L".into()),
        after_call_work: false,
    };
    assert!(desk.asked().iter().any(|(_, asked)| *asked == request));
    desk.typed("/x");
    desk.keys("Enter");
    assert!(desk.notice().contains("no command /x"));
}

//! Messages that are held before they leave.

use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, What};
use crate::app::core::settings::Settings;
use crate::app::test_console::TestConsole;
use crate::domain::Millis;
use crate::domain::message::Visibility;
use crate::domain::transcript::{PendingMessage, SendState};
use serde_json::json;
use std::time::Duration;

fn holding(seconds: u64) -> TestConsole {
    let settings =
        Settings { undo_send: Duration::from_secs(seconds), send_typing: false, ..Settings::default() };
    let mut console = TestConsole::with(settings);
    console.open("i1");
    console.asked();
    console
}

impl TestConsole {
    pub(in crate::app) fn writes(&mut self, text: &str) {
        self.typed(text);
        self.keys("Enter");
    }

    pub(in crate::app) fn states(&self) -> Vec<SendState> {
        let pending = self.state.sessions[0].transcript.pending();
        pending.iter().map(|pending| pending.state.clone()).collect()
    }

    pub(in crate::app) fn texts(&mut self) -> Vec<String> {
        self.sent().into_iter().map(|(_, text)| text).collect()
    }
}

#[test]
fn a_message_is_held_counts_down_and_leaves_once() {
    let mut console = holding(3);
    console.writes("hello");
    assert!(console.sent().is_empty());
    for left in [3, 2, 1] {
        assert!(matches!(console.states()[..], [SendState::Held { left: l, .. }] if l == left), "{left}");
        let wake = console.state.next_wake().unwrap();
        assert_eq!(wake.0 - console.at, 1000);
        console.later(1000);
    }
    assert_eq!(console.texts(), ["hello"]);
    assert_eq!(console.states(), [SendState::Sending]);
    console.later(5000);
    assert!(console.sent().is_empty());
}

#[test]
fn one_key_takes_it_back_into_the_input() {
    let mut console = holding(5);
    console.writes("hello");
    console.typed("more");
    console.keys("Alt+T");
    assert_eq!(console.state.session().unwrap().draft.text(), "hello\nmore");
    assert!(console.states().is_empty());
    assert!(console.wanted.iter().any(|effect| matches!(effect, Effect::ForgetUnsent(_))));
    console.later(9000);
    assert!(console.sent().is_empty());
}

#[test]
fn enter_on_an_empty_input_sends_at_once_and_in_order() {
    let mut console = holding(5);
    console.writes("one");
    console.later(1000);
    console.writes("two");
    console.keys("Enter");
    assert_eq!(console.texts(), ["one", "two"]);
    console.keys("Enter");
    assert!(console.sent().is_empty());
}

#[test]
fn nothing_overtakes_what_is_held_even_when_holding_is_switched_off_meanwhile() {
    let mut console = holding(10);
    console.writes("one");
    let settings = Box::new(Settings { send_typing: false, ..Settings::default() });
    console.tell(What::Settings { settings, restart: Vec::new() });
    console.writes("two");
    assert!(console.sent().is_empty());
    console.later(10_000);
    assert_eq!(console.texts(), ["one", "two"]);
    console.writes("three");
    assert_eq!(console.texts(), ["three"]);
}

#[test]
fn without_a_connection_it_waits_for_one_and_leaves_once_in_order() {
    let mut console = holding(2);
    console.writes("one");
    console.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    console.later(1000);
    console.writes("two");
    console.later(1000);
    assert!(matches!(console.states()[..], [SendState::Queued, SendState::Held { .. }]));
    console.tell(What::Link(Link::Online { websocket: true }));
    console.later(1000);
    assert_eq!(console.states(), [SendState::Queued, SendState::Queued], "the log is read first");
    console.answer_all("messages", json!({"messages": []}));
    assert_eq!(console.texts(), ["one", "two"]);
}

#[test]
fn done_asks_and_a_transfer_sends_first() {
    let mut console = holding(9);
    console.writes("one");
    console.keys("Ctrl+D");
    assert!(matches!(console.state.layers.last(), Some(Layer::Confirm(c)) if c.text.contains("not sent")));
    assert!(console.asked().is_empty());
    console.keys("Esc");
    console.typed("/transfer agent kate.l");
    console.keys("Enter");
    console.answer_all(
        "targets",
        json!({"totalMatches": 1, "targets": [{"type": "agent", "name": "Kate", "employeeId": "kate.l"}]}),
    );
    assert_eq!(console.names(), ["send-message", "current-session"]);
}

#[test]
fn quitting_says_what_stays() {
    let mut console = holding(9);
    console.writes("one");
    console.keys("F10");
    let Some(Layer::Confirm(confirm)) = console.state.layers.last() else { panic!() };
    assert!(confirm.text.contains("What is still held stays here, not sent."), "{}", confirm.text);
    assert!(!confirm.text.contains("go out when you are back"));
}

#[test]
fn what_was_held_when_the_desk_ended_waits_for_a_word() {
    let mut console = holding(0);
    let state = SendState::Held { due: Millis(5), left: 1 };
    let message = PendingMessage {
        file: None,
        operation: "old-1".into(),
        text: "hello".into(),
        at: Millis(4),
        to: Visibility::All,
        state,
    };
    console.tell(What::Kept { drafts: Vec::new(), unsent: vec![("i1".into(), message)], files: Vec::new() });
    console.answer_all("messages", json!({"messages": []}));
    console.later(60_000);
    assert!(console.sent().is_empty());
    assert!(matches!(console.states()[..], [SendState::Refused(_)]));
    console.keys("Alt+R");
    assert_eq!(console.texts(), ["hello"]);
}

#[test]
fn a_session_that_is_taken_away_leaves_what_was_held_as_its_draft() {
    let mut console = holding(9);
    console.writes("one");
    console.interaction("i1", "Revoked");
    assert_eq!(console.state.drafts.get("i1").map(|draft| draft.text.as_str()), Some("one"));
    console.later(20_000);
    assert!(console.sent().is_empty());
}

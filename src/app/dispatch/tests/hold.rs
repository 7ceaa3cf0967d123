//! Messages that are held before they leave.

use super::Desk;
use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, What};
use crate::app::core::settings::Settings;
use crate::domain::Millis;
use crate::domain::message::Visibility;
use crate::domain::transcript::{PendingMessage, SendState};
use serde_json::json;
use std::time::Duration;

fn holding(seconds: u64) -> Desk {
    let settings =
        Settings { undo_send: Duration::from_secs(seconds), send_typing: false, ..Settings::default() };
    let mut desk = Desk::with(settings);
    desk.open("i1");
    desk.asked();
    desk
}

impl Desk {
    fn writes(&mut self, text: &str) {
        self.typed(text);
        self.keys("Enter");
    }

    fn states(&self) -> Vec<SendState> {
        let pending = self.state.sessions[0].transcript.pending();
        pending.iter().map(|pending| pending.state.clone()).collect()
    }

    fn texts(&mut self) -> Vec<String> {
        self.sent().into_iter().map(|(_, text)| text).collect()
    }
}

#[test]
fn a_message_is_held_counts_down_and_leaves_once() {
    let mut desk = holding(3);
    desk.writes("hello");
    assert!(desk.sent().is_empty());
    for left in [3, 2, 1] {
        assert!(matches!(desk.states()[..], [SendState::Held { left: l, .. }] if l == left), "{left}");
        let wake = desk.state.next_wake().unwrap();
        assert_eq!(wake.0 - desk.at, 1000);
        desk.later(1000);
    }
    assert_eq!(desk.texts(), ["hello"]);
    assert_eq!(desk.states(), [SendState::Sending]);
    desk.later(5000);
    assert!(desk.sent().is_empty());
}

#[test]
fn one_key_takes_it_back_into_the_input() {
    let mut desk = holding(5);
    desk.writes("hello");
    desk.typed("more");
    desk.keys("Alt+T");
    assert_eq!(desk.state.session().unwrap().draft.text(), "hello\nmore");
    assert!(desk.states().is_empty());
    assert!(desk.wanted.iter().any(|effect| matches!(effect, Effect::ForgetUnsent(_))));
    desk.later(9000);
    assert!(desk.sent().is_empty());
}

#[test]
fn enter_on_an_empty_input_sends_at_once_and_in_order() {
    let mut desk = holding(5);
    desk.writes("one");
    desk.later(1000);
    desk.writes("two");
    desk.keys("Enter");
    assert_eq!(desk.texts(), ["one", "two"]);
    desk.keys("Enter");
    assert!(desk.sent().is_empty());
}

#[test]
fn nothing_overtakes_what_is_held_even_when_holding_is_switched_off_meanwhile() {
    let mut desk = holding(10);
    desk.writes("one");
    let settings = Box::new(Settings { send_typing: false, ..Settings::default() });
    desk.tell(What::Settings { settings, restart: Vec::new() });
    desk.writes("two");
    assert!(desk.sent().is_empty());
    desk.later(10_000);
    assert_eq!(desk.texts(), ["one", "two"]);
    desk.writes("three");
    assert_eq!(desk.texts(), ["three"]);
}

#[test]
fn without_a_connection_it_waits_for_one_and_leaves_once_in_order() {
    let mut desk = holding(2);
    desk.writes("one");
    desk.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    desk.later(1000);
    desk.writes("two");
    desk.later(1000);
    assert!(matches!(desk.states()[..], [SendState::Queued, SendState::Held { .. }]));
    desk.tell(What::Link(Link::Online { websocket: true }));
    desk.later(1000);
    assert_eq!(desk.states(), [SendState::Queued, SendState::Queued], "the log is read first");
    desk.answer_all("messages", json!({"messages": []}));
    assert_eq!(desk.texts(), ["one", "two"]);
}

#[test]
fn done_asks_and_a_transfer_sends_first() {
    let mut desk = holding(9);
    desk.writes("one");
    desk.keys("Ctrl+D");
    assert!(matches!(desk.state.layers.last(), Some(Layer::Confirm(c)) if c.text.contains("not sent")));
    assert!(desk.asked().is_empty());
    desk.keys("Esc");
    desk.typed("/transfer agent kate.l");
    desk.keys("Enter");
    desk.answer_all(
        "targets",
        json!({"totalMatches": 1, "targets": [{"type": "agent", "name": "Kate", "employeeId": "kate.l"}]}),
    );
    assert_eq!(desk.names(), ["send-message", "current-session"]);
}

#[test]
fn quitting_says_what_stays() {
    let mut desk = holding(9);
    desk.writes("one");
    desk.keys("F10");
    let Some(Layer::Confirm(confirm)) = desk.state.layers.last() else { panic!() };
    assert!(confirm.text.contains("What is still held stays here, not sent."), "{}", confirm.text);
    assert!(!confirm.text.contains("go out when you are back"));
}

#[test]
fn what_was_held_when_the_desk_ended_waits_for_a_word() {
    let mut desk = holding(0);
    let state = SendState::Held { due: Millis(5), left: 1 };
    let message = PendingMessage {
        file: None,
        operation: "old-1".into(),
        text: "hello".into(),
        at: Millis(4),
        to: Visibility::All,
        state,
    };
    desk.tell(What::Kept { drafts: Vec::new(), unsent: vec![("i1".into(), message)], files: Vec::new() });
    desk.answer_all("messages", json!({"messages": []}));
    desk.later(60_000);
    assert!(desk.sent().is_empty());
    assert!(matches!(desk.states()[..], [SendState::Refused(_)]));
    desk.keys("Alt+R");
    assert_eq!(desk.texts(), ["hello"]);
}

#[test]
fn a_session_that_is_taken_away_leaves_what_was_held_as_its_draft() {
    let mut desk = holding(9);
    desk.writes("one");
    desk.interaction("i1", "Revoked");
    assert_eq!(desk.state.drafts.get("i1").map(|draft| draft.text.as_str()), Some("one"));
    desk.later(20_000);
    assert!(desk.sent().is_empty());
}

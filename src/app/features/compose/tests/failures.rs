//! Replies that did not reach the customer.

use crate::app::test_console::TestConsole;
use crate::domain::Millis;
use serde_json::json;

impl TestConsole {
    /// A session in which the customer wrote as entry 1, whose log is read, with Ana as `p1`.
    pub(in crate::app) fn asked_by_customer(&mut self) {
        self.interaction("i1", "Invited");
        self.keys("F2");
        let at = self.at;
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {
                "id": "i1", "mediatype": "whatsappsession", "state": "Processing", "userData": [
                    {"key": "wa.window-ends", "type": "str", "value": Millis(at + 3_600_000).to_rfc3339()}],
                "chat": {"myParticipantId": "p1", "participants": [
                    {"participantId": "p1", "type": "Agent", "nickname": "Ana", "personId": "ana"}]}}}),
        );
        self.answer_all("messages", json!({"messages": []}));
        self.says("i1", 1, "Customer", "where is it?");
        self.asked();
    }

    /// Adds an entry of Ana's to the log.
    pub(in crate::app) fn logged(&mut self, index: u64, text: &str) {
        let at = self.at;
        self.log(
            "i1",
            json!([{"index": index, "type": "Text", "text": text, "timestamp": at,
            "from": {"type": "Agent", "nickname": "Ana", "participantId": "p1"}}]),
        );
    }

    pub(in crate::app) fn status(&mut self, index: u64, of: u64, word: &str) {
        let at = self.at;
        self.log("i1", json!([{"index": index, "type": "CustomNotice", "timestamp": at, "from": {"type": "System"},
            "userData": [{"key": "wa.kind", "type": "str", "value": "status"}, {"key": "wa.of", "type": "int", "value": of},
                {"key": "wa.status", "type": "str", "value": word}, {"key": "wa.reason", "type": "str", "value": "phone is off"}]}]));
    }

    pub(in crate::app) fn sent_texts(&mut self) -> Vec<String> {
        self.sent().into_iter().map(|(_, text)| text).collect()
    }

    pub(in crate::app) fn waits(&self) -> bool {
        self.state.sessions[0].waiting_since().is_some()
    }
}

#[test]
fn failed_reply_is_said_and_sent_again_once() {
    let mut console = TestConsole::new();
    console.asked_by_customer();
    console.typed("it left today");
    console.keys("Enter");
    assert_eq!(console.sent_texts(), ["it left today"]);
    console.logged(2, "it left today");
    assert!(!console.waits());
    console.keys("Alt+R");
    assert!(console.sent_texts().is_empty(), "nothing failed yet");
    console.status(3, 2, "failed");
    assert!(console.waits());
    assert!(console.notice().contains("did not get your reply: phone is off"), "{}", console.notice());
    console.keys("Alt+R");
    assert_eq!(console.sent_texts(), ["it left today"]);
    console.keys("Alt+R");
    assert!(console.sent_texts().is_empty(), "it is on its way");
    console.logged(4, "it left today");
    assert!(!console.waits());
    console.keys("Alt+R");
    assert!(console.sent_texts().is_empty());
    // The second one fails too: one of them is sent again.
    console.status(5, 4, "failed");
    assert!(console.waits());
    console.keys("Alt+R");
    assert_eq!(console.sent_texts(), ["it left today"]);
}

#[test]
fn failed_reply_is_taken_back_before_the_draft() {
    let mut console = TestConsole::new();
    console.asked_by_customer();
    console.logged(2, "it left today");
    console.status(3, 2, "failed");
    console.typed("sorry");
    console.keys("Alt+T");
    assert_eq!(console.state.sessions[0].draft.text(), "it left today\nsorry");
    console.keys("Alt+T");
    assert!(console.notice().contains("nothing here"), "{}", console.notice());
    console.keys("Alt+R");
    assert!(console.sent_texts().is_empty(), "its words are in the input");
    assert!(console.waits());
}

#[test]
fn failed_reply_outside_the_reply_window_is_not_sent_again() {
    let mut console = TestConsole::new();
    console.asked_by_customer();
    console.logged(2, "late");
    console.status(3, 2, "failed");
    console.later(3_700_000);
    console.keys("Alt+R");
    assert!(console.sent_texts().is_empty());
    assert!(console.notice().contains("only a template"), "{}", console.notice());
}

#[test]
fn failures_of_a_colleague_are_not_sent_again_by_another() {
    let mut console = TestConsole::new();
    console.asked_by_customer();
    console.log(
        "i1",
        json!([{"index": 2, "type": "Text", "text": "hi", "from": {"type": "Agent", "participantId": "p2"}}]),
    );
    console.status(3, 2, "failed");
    assert!(console.waits());
    console.keys("Alt+R");
    assert!(console.sent_texts().is_empty());
}

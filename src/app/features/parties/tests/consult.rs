//! For whom one writes: words for colleagues never reach the customer.

use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::core::settings::Settings;
use crate::app::test_console::TestConsole;
use crate::domain::Millis;
use crate::domain::message::Visibility;
use crate::domain::transcript::{Draft, PendingMessage, SendState};
use crate::proto::request::Request;
use serde_json::json;
use std::time::Duration;

impl TestConsole {
    /// A session with these visibilities of Kate and of this agent.
    pub(in crate::app) fn with_kate(mine: &str, kates: Option<&str>) -> Self {
        let mut console = Self::with(Settings { send_typing: true, ..Settings::default() });
        console.open("i1");
        console.stand(mine, kates);
        console.asked();
        console
    }

    /// Who is in the session now, and who sees them.
    pub(in crate::app) fn stand(&mut self, mine: &str, kates: Option<&str>) {
        let mut all = vec![json!({"id": "p1", "type": "Agent", "personId": "ana", "visibility": mine})];
        all.extend(kates.map(|visibility| {
            json!({"id": "p2", "type": "Agent", "nickname": "Kate", "personId": "kate", "visibility": visibility})
        }));
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
                "mediatype": "whatsappsession", "state": "Processing",
                "chat": {"myParticipantId": "p1", "participants": all}}}),
        );
    }

    /// Sends the draft and returns the visibility of the message.
    pub(in crate::app) fn writes_to(&mut self, text: &str) -> Option<Visibility> {
        self.typed(text);
        self.keys("Enter");
        self.asked().into_iter().find_map(|(_, request)| match request {
            Request::SendMessage { text: words, to, .. } if words == text => Some(to),
            _ => None,
        })
    }

    pub(in crate::app) fn mode(&self) -> Visibility {
        self.state.session().unwrap().to
    }

    pub(in crate::app) fn draft(&self) -> &str {
        self.state.session().unwrap().draft.text()
    }

    pub(in crate::app) fn kept(&self) -> Option<Draft> {
        self.wanted.iter().rev().find_map(|effect| match effect {
            Effect::SaveDraft { draft, .. } => Some(draft.clone()),
            _ => None,
        })
    }
}

#[test]
fn the_requester_switches_between_customer_and_colleagues() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    assert_eq!(console.writes_to("hola"), Some(Visibility::All));
    console.keys("Alt+G");
    assert!(console.notice().contains("colleagues only"));
    assert_eq!(console.writes_to("what now?"), Some(Visibility::Agent));
    console.typed("/to customer");
    console.keys("Enter");
    assert_eq!(console.writes_to("sale hoy"), Some(Visibility::All));
    console.typed("/to colleagues");
    console.keys("Enter");
    assert_eq!(console.mode(), Visibility::Agent);
    console.typed("/to mars");
    console.keys("Enter");
    assert!(console.notice().contains("to whom?") && console.mode() == Visibility::Agent);
}

#[test]
fn a_change_with_text_typed_is_confirmed() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.keys("Alt+G");
    console.typed("he is rude");
    console.keys("Alt+G");
    assert!(matches!(console.state.layers.last(), Some(Layer::Confirm(_))));
    console.keys("Esc");
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "he is rude"));
    console.keys("Alt+G Enter");
    assert_eq!((console.mode(), console.draft()), (Visibility::All, "he is rude"));
    assert_eq!(console.kept(), Some(Draft { text: "he is rude".into(), to: Visibility::All }));
    assert!(console.sent().is_empty(), "it is not sent by that");
}

#[test]
fn there_is_nobody_to_write_to_without_colleagues() {
    let mut console = TestConsole::with_kate("All", None);
    console.keys("Alt+G");
    assert!(console.notice().contains("no colleague is here") && console.mode() == Visibility::All);
}

#[test]
fn who_is_consulted_writes_to_colleagues_until_promoted() {
    let mut console = TestConsole::with_kate("Agent", Some("All"));
    assert_eq!(console.writes_to("ask for the number"), Some(Visibility::Agent));
    console.typed("half");
    console.keys("Alt+G");
    assert!(console.state.layers.is_empty() && console.notice().contains("asked for advice"));
    console.stand("All", Some("All"));
    // Promoted: the unfinished draft stays for colleagues, until the agent changes that.
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "half"));
    assert!(console.notice().contains("for the customer too"));
    console.keys("Alt+G Enter");
    assert_eq!(console.mode(), Visibility::All);
    console.stand("Agent", Some("All"));
    assert_eq!(console.mode(), Visibility::Agent, "and back, should the server say so");
}

#[test]
fn a_console_that_opens_a_consultation_begins_with_colleagues() {
    let mut console = TestConsole::new();
    console.stand("Agent", Some("All"));
    assert_eq!(console.mode(), Visibility::Agent);
    let mut console = TestConsole::new();
    let draft = Draft { text: "written before".into(), to: Visibility::All };
    console.tell(What::Kept { drafts: vec![("i1".into(), draft)], unsent: Vec::new(), files: Vec::new() });
    console.stand("Agent", Some("All"));
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "written before"));
}

#[test]
fn a_draft_for_colleagues_outlives_the_consultation_as_what_it_is() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.keys("Alt+G");
    console.typed("he is rude");
    console.stand("All", None);
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "he is rude"));
    assert!(
        console.notice().contains("Kate") || console.notice().contains("stays that"),
        "{}",
        console.notice()
    );
    console.keys("Enter");
    assert!(console.sent().is_empty() && console.notice().contains("no colleague is here to read it"));
    assert_eq!(console.draft(), "he is rude");
    console.keys("Ctrl+U Alt+G");
    assert_eq!(console.mode(), Visibility::All);
    // With nothing written the customer is written to again.
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.keys("Alt+G");
    console.stand("All", None);
    assert!(console.mode() == Visibility::All && console.notice().contains("goes to the customer again"));
}

#[test]
fn what_waits_for_the_connection_goes_to_whom_it_was_written_for() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.keys("Alt+G");
    console.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    console.typed("internal");
    console.keys("Enter Alt+G");
    console.typed("external");
    console.keys("Enter");
    let kept: Vec<_> = console
        .wanted
        .iter()
        .filter_map(|effect| match effect {
            Effect::KeepUnsent { message, .. } => Some((message.text.as_str(), message.to)),
            _ => None,
        })
        .collect();
    assert_eq!(kept, [("internal", Visibility::Agent), ("external", Visibility::All)]);
    console.tell(What::Link(Link::Online { websocket: true }));
    let id = "i1".into();
    crate::app::core::log::read(&mut console.state, &id, &mut console.wanted);
    console.answer_all("messages", json!({"messages": []}));
    let sent: Vec<_> = console
        .asked()
        .into_iter()
        .filter_map(|(_, request)| match request {
            Request::SendMessage { text, to, .. } => Some((text, to)),
            _ => None,
        })
        .collect();
    assert_eq!(sent, [("internal".to_owned(), Visibility::Agent), ("external".to_owned(), Visibility::All)]);
}

#[test]
fn an_internal_message_of_an_earlier_run_goes_to_colleagues_and_nowhere_else() {
    let mut console = TestConsole::new();
    let message = PendingMessage {
        file: None,
        operation: "o1".into(),
        text: "he is rude".into(),
        to: Visibility::Agent,
        at: Millis(5),
        state: SendState::Unknown,
    };
    let draft = Draft { text: "still rude".into(), to: Visibility::Agent };
    console.tell(What::Kept {
        drafts: vec![("i1".into(), draft)],
        unsent: vec![("i1".into(), message)],
        files: Vec::new(),
    });
    console.interaction("i1", "Processing");
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "still rude"));
    // The same words to the customer are not the message that waits.
    console.answer_all(
        "messages",
        json!({"messages": [{"index": 1, "type": "Text", "text": "he is rude", "visibility": "All",
            "from": {"type": "Agent"}}]}),
    );
    let to = console.asked().into_iter().find_map(|(_, request)| match request {
        Request::SendMessage { to, .. } => Some(to),
        _ => None,
    });
    assert_eq!(to, Some(Visibility::Agent));
}

#[test]
fn what_was_refused_keeps_its_reader_when_it_is_tried_again_or_taken_back() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.keys("Alt+G");
    console.typed("internal");
    console.keys("Enter Alt+G");
    let refuse = |console: &mut TestConsole| {
        let (operation, to) = console
            .asked()
            .into_iter()
            .find_map(|(operation, request)| match request {
                Request::SendMessage { to, .. } => Some((operation, to)),
                _ => None,
            })
            .unwrap();
        console.answer(&operation, Err(RequestError::Refused { code: 409, message: "no".into() }));
        to
    };
    assert_eq!(refuse(&mut console), Visibility::Agent);
    console.keys("Alt+R");
    assert_eq!(refuse(&mut console), Visibility::Agent);
    console.typed("to the customer");
    console.keys("Alt+T");
    assert_eq!(
        (console.mode(), console.draft()),
        (Visibility::All, "to the customer"),
        "not into the same text"
    );
    console.keys("Ctrl+U Alt+T");
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "internal"));
}

#[test]
fn a_session_that_goes_keeps_internal_words_internal() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.keys("Alt+G");
    console.typed("internal");
    console.interaction("i1", "Queued");
    let kept = Draft { text: "internal".into(), to: Visibility::Agent };
    assert_eq!(console.state.drafts.get("i1"), Some(&kept));
    assert_eq!(console.kept(), Some(kept));
    console.interaction("i1", "Processing");
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "internal"));
}

#[test]
fn what_was_said_among_colleagues_does_not_come_back_with_up() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.writes_to("hola");
    console.keys("Alt+G");
    console.writes_to("he is rude");
    console.keys("Alt+G Up");
    assert_eq!(console.draft(), "hola");
    console.keys("Ctrl+U Alt+U Ctrl+Y");
    assert!(!console.draft().contains("rude"));
}

#[test]
fn an_editor_brings_words_back_for_whom_they_were() {
    let mut console = TestConsole::with_kate("Agent", Some("All"));
    console.keys("Ctrl+X");
    console.stand("All", None);
    assert_eq!(console.mode(), Visibility::All, "nothing is written, and nobody else is here");
    console.tell(What::Edited { session: "i1".into(), result: Ok("he is rude".into()) });
    assert_eq!((console.mode(), console.draft()), (Visibility::Agent, "he is rude"));
}

#[test]
fn the_customer_is_not_told_that_one_types_to_colleagues() {
    let mut console = TestConsole::with_kate("All", Some("Agent"));
    console.keys("Alt+G");
    console.typed("x");
    assert!(console.names().is_empty());
    console.keys("Ctrl+U Alt+G");
    console.typed("x");
    assert_eq!(console.names(), ["send-typing-started"]);
}

#[test]
fn who_is_consulted_leaves_where_others_finish() {
    let mut console = TestConsole::with_kate("Agent", Some("All"));
    console.keys("Ctrl+D");
    assert_eq!(console.names(), ["leave"]);
}

#[test]
fn what_is_held_keeps_its_reader_and_stays_when_there_is_none() {
    let held = Settings { undo_send: Duration::from_secs(9), send_typing: false, ..Settings::default() };
    let mut console = TestConsole::with(held);
    console.open("i1");
    console.stand("All", Some("Agent"));
    console.asked();
    console.keys("Alt+G");
    console.typed("internal");
    console.keys("Enter Alt+G");
    console.typed("hola");
    console.keys("Enter");
    console.later(9000);
    let sent = |console: &mut TestConsole| {
        let asked = console.asked().into_iter();
        let sent = asked.filter_map(|(_, request)| match request {
            Request::SendMessage { text, to, .. } => Some((text, to)),
            _ => None,
        });
        sent.collect::<Vec<_>>()
    };
    assert_eq!(
        sent(&mut console),
        [("internal".to_owned(), Visibility::Agent), ("hola".to_owned(), Visibility::All)]
    );
    console.keys("Alt+G");
    console.typed("too late");
    console.keys("Enter");
    console.stand("All", None);
    console.later(9000);
    assert_eq!(sent(&mut console), [], "nobody is there to read it");
    let refused = |pending: &PendingMessage| matches!(&pending.state, SendState::Refused(why) if why.contains("no colleague"));
    assert!(console.state.session().unwrap().transcript.pending().iter().any(refused));
    console.keys("Alt+R");
    assert_eq!(sent(&mut console), []);
    assert!(console.notice().contains("no colleague is here to read it"));
    console.stand("All", Some("Agent"));
    console.keys("Alt+R");
    assert_eq!(sent(&mut console), [("too late".to_owned(), Visibility::Agent)]);
}

#[test]
fn who_is_consulted_chooses_no_template() {
    let mut console = TestConsole::with_kate("Agent", Some("All"));
    console.typed("/template");
    console.keys("Enter");
    assert!(console.state.layers.is_empty() && console.asked().is_empty());
    assert!(console.notice().contains("you are asked for advice here"), "{}", console.notice());
}

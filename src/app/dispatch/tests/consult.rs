//! For whom one writes: words for colleagues never reach the customer.

use super::Desk;
use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::core::settings::Settings;
use crate::domain::Millis;
use crate::domain::message::Visibility;
use crate::domain::transcript::{Draft, PendingMessage, SendState};
use crate::proto::request::Request;
use serde_json::json;
use std::time::Duration;

impl Desk {
    /// A session in which Kate stands so, and the agent of this desk so.
    fn with_kate(mine: &str, kates: Option<&str>) -> Self {
        let mut desk = Self::with(Settings { send_typing: true, ..Settings::default() });
        desk.open("i1");
        desk.stand(mine, kates);
        desk.asked();
        desk
    }

    /// Who is in the session now, and who sees them.
    fn stand(&mut self, mine: &str, kates: Option<&str>) {
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

    /// Sends what is typed and says to whom it went.
    pub(super) fn writes_to(&mut self, text: &str) -> Option<Visibility> {
        self.typed(text);
        self.keys("Enter");
        self.asked().into_iter().find_map(|(_, request)| match request {
            Request::SendMessage { text: words, to, .. } if words == text => Some(to),
            _ => None,
        })
    }

    pub(super) fn mode(&self) -> Visibility {
        self.state.session().unwrap().to
    }

    fn draft(&self) -> &str {
        self.state.session().unwrap().draft.text()
    }

    fn kept(&self) -> Option<Draft> {
        self.wanted.iter().rev().find_map(|effect| match effect {
            Effect::SaveDraft { draft, .. } => Some(draft.clone()),
            _ => None,
        })
    }
}

#[test]
fn the_requester_switches_between_customer_and_colleagues() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    assert_eq!(desk.writes_to("hola"), Some(Visibility::All));
    desk.keys("Alt+G");
    assert!(desk.notice().contains("colleagues only"));
    assert_eq!(desk.writes_to("what now?"), Some(Visibility::Agent));
    desk.typed("/to customer");
    desk.keys("Enter");
    assert_eq!(desk.writes_to("sale hoy"), Some(Visibility::All));
    desk.typed("/to colleagues");
    desk.keys("Enter");
    assert_eq!(desk.mode(), Visibility::Agent);
    desk.typed("/to mars");
    desk.keys("Enter");
    assert!(desk.notice().contains("to whom?") && desk.mode() == Visibility::Agent);
}

#[test]
fn a_change_with_text_typed_is_confirmed() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.keys("Alt+G");
    desk.typed("he is rude");
    desk.keys("Alt+G");
    assert!(matches!(desk.state.layers.last(), Some(Layer::Confirm(_))));
    desk.keys("Esc");
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "he is rude"));
    desk.keys("Alt+G Enter");
    assert_eq!((desk.mode(), desk.draft()), (Visibility::All, "he is rude"));
    assert_eq!(desk.kept(), Some(Draft { text: "he is rude".into(), to: Visibility::All }));
    assert!(desk.sent().is_empty(), "it is not sent by that");
}

#[test]
fn there_is_nobody_to_write_to_without_colleagues() {
    let mut desk = Desk::with_kate("All", None);
    desk.keys("Alt+G");
    assert!(desk.notice().contains("no colleague is here") && desk.mode() == Visibility::All);
}

#[test]
fn who_is_consulted_writes_to_colleagues_until_promoted() {
    let mut desk = Desk::with_kate("Agent", Some("All"));
    assert_eq!(desk.writes_to("ask for the number"), Some(Visibility::Agent));
    desk.typed("half");
    desk.keys("Alt+G");
    assert!(desk.state.layers.is_empty() && desk.notice().contains("asked for advice"));
    desk.stand("All", Some("All"));
    // Promoted: what is half written stays for colleagues, until the agent says otherwise.
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "half"));
    assert!(desk.notice().contains("for the customer too"));
    desk.keys("Alt+G Enter");
    assert_eq!(desk.mode(), Visibility::All);
    desk.stand("Agent", Some("All"));
    assert_eq!(desk.mode(), Visibility::Agent, "and back, should the server say so");
}

#[test]
fn a_console_that_opens_a_consultation_begins_with_colleagues() {
    let mut desk = Desk::new();
    desk.stand("Agent", Some("All"));
    assert_eq!(desk.mode(), Visibility::Agent);
    let mut desk = Desk::new();
    let draft = Draft { text: "written before".into(), to: Visibility::All };
    desk.tell(What::Kept { drafts: vec![("i1".into(), draft)], unsent: Vec::new(), files: Vec::new() });
    desk.stand("Agent", Some("All"));
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "written before"));
}

#[test]
fn a_draft_for_colleagues_outlives_the_consultation_as_what_it_is() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.keys("Alt+G");
    desk.typed("he is rude");
    desk.stand("All", None);
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "he is rude"));
    assert!(desk.notice().contains("Kate") || desk.notice().contains("stays that"), "{}", desk.notice());
    desk.keys("Enter");
    assert!(desk.sent().is_empty() && desk.notice().contains("no colleague is here to read it"));
    assert_eq!(desk.draft(), "he is rude");
    desk.keys("Ctrl+U Alt+G");
    assert_eq!(desk.mode(), Visibility::All);
    // With nothing written the customer is written to again.
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.keys("Alt+G");
    desk.stand("All", None);
    assert!(desk.mode() == Visibility::All && desk.notice().contains("goes to the customer again"));
}

#[test]
fn what_waits_for_the_connection_goes_to_whom_it_was_written_for() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.keys("Alt+G");
    desk.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    desk.typed("internal");
    desk.keys("Enter Alt+G");
    desk.typed("external");
    desk.keys("Enter");
    let kept: Vec<_> = desk
        .wanted
        .iter()
        .filter_map(|effect| match effect {
            Effect::KeepUnsent { message, .. } => Some((message.text.as_str(), message.to)),
            _ => None,
        })
        .collect();
    assert_eq!(kept, [("internal", Visibility::Agent), ("external", Visibility::All)]);
    desk.tell(What::Link(Link::Online { websocket: true }));
    let id = "i1".into();
    crate::app::core::log::read(&mut desk.state, &id, &mut desk.wanted);
    desk.answer_all("messages", json!({"messages": []}));
    let sent: Vec<_> = desk
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
    let mut desk = Desk::new();
    let message = PendingMessage {
        file: None,
        operation: "o1".into(),
        text: "he is rude".into(),
        to: Visibility::Agent,
        at: Millis(5),
        state: SendState::Unknown,
    };
    let draft = Draft { text: "still rude".into(), to: Visibility::Agent };
    desk.tell(What::Kept {
        drafts: vec![("i1".into(), draft)],
        unsent: vec![("i1".into(), message)],
        files: Vec::new(),
    });
    desk.interaction("i1", "Processing");
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "still rude"));
    // The same words to the customer are not the message that waits.
    desk.answer_all(
        "messages",
        json!({"messages": [{"index": 1, "type": "Text", "text": "he is rude", "visibility": "All",
            "from": {"type": "Agent"}}]}),
    );
    let to = desk.asked().into_iter().find_map(|(_, request)| match request {
        Request::SendMessage { to, .. } => Some(to),
        _ => None,
    });
    assert_eq!(to, Some(Visibility::Agent));
}

#[test]
fn what_was_refused_keeps_its_reader_when_it_is_tried_again_or_taken_back() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.keys("Alt+G");
    desk.typed("internal");
    desk.keys("Enter Alt+G");
    let refuse = |desk: &mut Desk| {
        let (operation, to) = desk
            .asked()
            .into_iter()
            .find_map(|(operation, request)| match request {
                Request::SendMessage { to, .. } => Some((operation, to)),
                _ => None,
            })
            .unwrap();
        desk.answer(&operation, Err(RequestError::Refused { code: 409, message: "no".into() }));
        to
    };
    assert_eq!(refuse(&mut desk), Visibility::Agent);
    desk.keys("Alt+R");
    assert_eq!(refuse(&mut desk), Visibility::Agent);
    desk.typed("to the customer");
    desk.keys("Alt+T");
    assert_eq!((desk.mode(), desk.draft()), (Visibility::All, "to the customer"), "not into the same text");
    desk.keys("Ctrl+U Alt+T");
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "internal"));
}

#[test]
fn a_session_that_goes_keeps_internal_words_internal() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.keys("Alt+G");
    desk.typed("internal");
    desk.interaction("i1", "Queued");
    let kept = Draft { text: "internal".into(), to: Visibility::Agent };
    assert_eq!(desk.state.drafts.get("i1"), Some(&kept));
    assert_eq!(desk.kept(), Some(kept));
    desk.interaction("i1", "Processing");
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "internal"));
}

#[test]
fn what_was_said_among_colleagues_does_not_come_back_with_up() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.writes_to("hola");
    desk.keys("Alt+G");
    desk.writes_to("he is rude");
    desk.keys("Alt+G Up");
    assert_eq!(desk.draft(), "hola");
    desk.keys("Ctrl+U Alt+U Ctrl+Y");
    assert!(!desk.draft().contains("rude"));
}

#[test]
fn an_editor_brings_words_back_for_whom_they_were() {
    let mut desk = Desk::with_kate("Agent", Some("All"));
    desk.keys("Ctrl+X");
    desk.stand("All", None);
    assert_eq!(desk.mode(), Visibility::All, "nothing is written, and nobody else is here");
    desk.tell(What::Edited { session: "i1".into(), result: Ok("he is rude".into()) });
    assert_eq!((desk.mode(), desk.draft()), (Visibility::Agent, "he is rude"));
}

#[test]
fn the_customer_is_not_told_that_one_types_to_colleagues() {
    let mut desk = Desk::with_kate("All", Some("Agent"));
    desk.keys("Alt+G");
    desk.typed("x");
    assert!(desk.names().is_empty());
    desk.keys("Ctrl+U Alt+G");
    desk.typed("x");
    assert_eq!(desk.names(), ["send-typing-started"]);
}

#[test]
fn who_is_consulted_leaves_where_others_finish() {
    let mut desk = Desk::with_kate("Agent", Some("All"));
    desk.keys("Ctrl+D");
    assert_eq!(desk.names(), ["leave"]);
}

#[test]
fn what_is_held_keeps_its_reader_and_stays_when_there_is_none() {
    let held = Settings { undo_send: Duration::from_secs(9), send_typing: false, ..Settings::default() };
    let mut desk = Desk::with(held);
    desk.open("i1");
    desk.stand("All", Some("Agent"));
    desk.asked();
    desk.keys("Alt+G");
    desk.typed("internal");
    desk.keys("Enter Alt+G");
    desk.typed("hola");
    desk.keys("Enter");
    desk.later(9000);
    let sent = |desk: &mut Desk| {
        let asked = desk.asked().into_iter();
        let sent = asked.filter_map(|(_, request)| match request {
            Request::SendMessage { text, to, .. } => Some((text, to)),
            _ => None,
        });
        sent.collect::<Vec<_>>()
    };
    assert_eq!(
        sent(&mut desk),
        [("internal".to_owned(), Visibility::Agent), ("hola".to_owned(), Visibility::All)]
    );
    desk.keys("Alt+G");
    desk.typed("too late");
    desk.keys("Enter");
    desk.stand("All", None);
    desk.later(9000);
    assert_eq!(sent(&mut desk), [], "nobody is there to read it");
    let refused = |pending: &PendingMessage| matches!(&pending.state, SendState::Refused(why) if why.contains("no colleague"));
    assert!(desk.state.session().unwrap().transcript.pending().iter().any(refused));
    desk.keys("Alt+R");
    assert_eq!(sent(&mut desk), []);
    assert!(desk.notice().contains("no colleague is here to read it"));
    desk.stand("All", Some("Agent"));
    desk.keys("Alt+R");
    assert_eq!(sent(&mut desk), [("too late".to_owned(), Visibility::Agent)]);
}

#[test]
fn who_is_consulted_chooses_no_template() {
    let mut desk = Desk::with_kate("Agent", Some("All"));
    desk.typed("/template");
    desk.keys("Enter");
    assert!(desk.state.layers.is_empty() && desk.asked().is_empty());
    assert!(desk.notice().contains("you are asked for advice here"), "{}", desk.notice());
}

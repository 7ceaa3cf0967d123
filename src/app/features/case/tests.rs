//! Notes, case data and dispositions.

use crate::app::core::effect::Effect;
use crate::app::core::form::Form;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::features::search::Hit;
use crate::app::test_console::TestConsole;
use crate::domain::OperationId;
use crate::domain::transcript::Draft;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

fn annex(pairs: Json) -> Json {
    json!({"interaction-workspace": pairs})
}

impl TestConsole {
    /// A desk whose server describes case data and has dispositions in folders.
    pub(in crate::app) fn described(local: &[(&str, &str)]) -> Self {
        let mut console = Self::new();
        let value = |name: &str, display: &str, pairs: Json| json!({"name": name, "displayName": display, "userProperties": annex(pairs)});
        console.state.configuration = serde_json::from_value(json!({"businessAttributes": [
            {"name": "Case", "displayName": "Your case",
             "userProperties": annex(json!({"interaction.case-data.order": "Order,Segment"})), "values": [
                value("Segment", "Customer segment", json!({"display-type": "enum", "enum.business-attribute": "Segment"})),
                value("Order", "Order number", json!({"display-type": "int", "int.min-value": "1", "mandatory": "true"})),
                value("Source", "Source", json!({"read-only": "true"})),
                value("Gift", "Gift", json!({"display-type": "bool"}))]},
            {"name": "Segment", "values": [
                {"name": "g", "displayName": "Gold"}, {"name": "s", "displayName": "Silver", "default": true}]},
            {"name": "DispositionCode", "displayName": "Outcome", "values": [
                value("solved", "Solved", json!({})),
                value("late", "Late", json!({"interaction.disposition.folder": "Complaints/Delivery"})),
                value("rude", "Rude", json!({"interaction.disposition.folder": "Complaints"}))]}]}))
        .unwrap();
        let attribute = ("interaction.case-data.format-business-attribute", "Case");
        console.state.settings.local = local.iter().copied().chain([attribute]).collect();
        console
    }

    /// The session as the server sends it now.
    pub(in crate::app) fn data(&mut self, id: &str, pairs: Json, comment: &str) {
        let data = json!({"messageType": "InteractionStateChanged", "interaction": {
            "id": id, "mediatype": "whatsappsession", "state": "Processing", "comment": comment,
            "userData": pairs}});
        self.event("/workspace/v3/media/whatsappsession", data);
    }

    pub(in crate::app) fn open_with(&mut self, pairs: Json) {
        self.open("i1");
        self.data("i1", pairs, "");
        self.wanted.clear();
    }

    pub(in crate::app) fn form(&self) -> &Form {
        match self.state.layers.last() {
            Some(Layer::Form(form)) => form,
            other => panic!("{other:?}"),
        }
    }

    /// The only request that was asked for since the last look.
    pub(in crate::app) fn only(&mut self) -> (OperationId, Request) {
        let mut asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.remove(0)
    }

    pub(in crate::app) fn refuse(&mut self, operation: &OperationId, words: &str) {
        let error = RequestError::Refused { code: 403, message: words.into() };
        self.answer(operation, Err(error));
    }

    pub(in crate::app) fn cut(&mut self) {
        self.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: crate::domain::Millis(0) }));
    }

    pub(in crate::app) fn back(&mut self) {
        self.tell(What::Link(Link::Online { websocket: true }));
        self.wanted.clear();
    }
}

fn set(request: &Request) -> Vec<(String, String)> {
    match request {
        Request::UpdateUserData { data, .. } => {
            data.iter().map(|(name, value)| (name.to_owned(), value.to_text())).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_note_of_several_lines_is_kept_while_it_is_written_and_saved_when_the_server_has_it() {
    let mut console = TestConsole::new();
    console.open_with(json!([]));
    console.keys("F7");
    console.typed("first");
    console.keys("Alt+Enter");
    console.typed("second");
    let kept = console.wanted.iter().rev().find_map(|effect| match effect {
        Effect::SaveDraft { session, draft } => Some((session.as_str().to_owned(), draft.text.clone())),
        _ => None,
    });
    assert_eq!(kept, Some(("note:i1".into(), "first\nsecond".into())), "on disk, beside the drafts");
    console.keys("Esc");
    assert!(console.state.layers.is_empty());
    console.keys("F7");
    assert_eq!(console.form().field().unwrap().value(), "first\nsecond");
    console.wanted.clear();
    console.keys("Enter");
    let (operation, request) = console.only();
    assert!(matches!(request, Request::SetComment { comment, .. } if comment == "first\nsecond"));
    assert!(console.form().saving, "the form stays until the server has it");
    console.answer(&operation, Ok(Json::Null));
    assert!(
        console.state.layers.is_empty() && console.notice() == "the note is saved",
        "{}",
        console.notice()
    );
    assert!(console.state.session().unwrap().note.is_none());
}

#[test]
fn a_note_survives_a_broken_connection_a_refusal_and_a_session_that_goes() {
    let mut console = TestConsole::new();
    console.open_with(json!([]));
    console.keys("F7");
    console.typed("x");
    console.keys("Enter");
    console.cut();
    assert!(console.form().trouble.as_ref().unwrap().contains("not known whether this was saved"));
    console.keys("Enter");
    assert!(console.form().trouble.as_ref().unwrap().contains("there is no connection"));
    console.back();
    console.keys("Enter");
    let (operation, _) = console.only();
    console.refuse(&operation, "you may not");
    assert_eq!(console.form().trouble.as_deref(), Some("the note was not saved: you may not"));
    console.interaction("i1", "Revoked");
    assert!(console.state.layers.is_empty(), "there is nothing to save it to");
    console.interaction("i1", "Processing");
    assert_eq!(console.state.session().unwrap().note.as_ref().unwrap().text, "x");
}

#[test]
fn a_note_of_an_earlier_run_comes_back_and_done_asks_about_it() {
    let mut console = TestConsole::new();
    console.open_with(json!([]));
    console.tell(What::Kept {
        drafts: vec![("note:i1".into(), Draft { text: "half".into(), ..Draft::default() })],
        unsent: Vec::new(),
        files: Vec::new(),
    });
    assert_eq!(console.state.session().unwrap().note.as_ref().unwrap().text, "half");
    assert!(console.state.session().unwrap().draft.is_empty());
    console.wanted.clear();
    console.keys("Ctrl+D");
    let Some(Layer::Confirm(question)) = console.state.layers.last() else { panic!() };
    assert!(question.text.contains("The note here is not saved"), "{}", question.text);
    console.keys("Enter");
    assert_eq!(console.names(), ["complete"]);
}

#[test]
fn a_note_that_somebody_else_wrote_meanwhile_is_not_overwritten_unseen() {
    let mut console = TestConsole::new();
    console.open_with(json!([]));
    console.keys("F7");
    console.typed("mine");
    console.data("i1", json!([]), "Kate's");
    console.wanted.clear();
    console.keys("Enter");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.form().trouble.as_ref().unwrap().contains("it now says: Kate's"));
    console.keys("Enter");
    assert_eq!(console.names(), ["set-comment"], "once more puts it over theirs");
}

#[test]
fn the_form_has_the_fields_of_the_attribute_in_its_order() {
    let mut console = TestConsole::described(&[]);
    console.open_with(json!([{"key": "Source", "type": "str", "value": "shop"},
        {"key": "Segment", "type": "str", "value": "g"}, {"key": "Hidden", "type": "str", "value": "x"}]));
    console.keys("Alt+E");
    let told: Vec<_> = console
        .form()
        .fields()
        .map(|field| (field.label.to_string(), field.value(), field.mandatory, field.read_only))
        .collect();
    assert_eq!(
        told,
        [
            ("Order number".into(), String::new(), true, false),
            ("Customer segment".into(), "g".into(), false, false),
            ("Source".into(), "shop".into(), false, true),
        ]
    );
    console.typed("0");
    console.keys("Enter");
    assert!(console.form().field().unwrap().error.as_ref().unwrap().contains("a whole number from 1 on"));
    console.keys("Backspace 7 Tab Right");
    console.wanted.clear();
    console.keys("Enter");
    let (operation, request) = console.only();
    assert_eq!(set(&request), [("Order".into(), "7".into()), ("Segment".into(), "s".into())]);
    console.answer(&operation, Ok(Json::Null));
    assert!(console.state.layers.is_empty() && console.notice() == "the case data is saved");
    assert_eq!(console.state.session().unwrap().interaction.user_data.text("Order"), Some("7"));
}

#[test]
fn a_field_that_is_not_there_can_be_added() {
    let mut console = TestConsole::described(&[]);
    console.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    console.keys("Alt+E Tab Enter");
    console.typed("seg");
    console.keys("Enter");
    let added = console.form().field().unwrap();
    assert_eq!((added.label.as_str(), added.value().as_str()), ("Customer segment", "s"), "with its default");
    console.wanted.clear();
    console.keys("Enter");
    let (_, request) = console.only();
    assert_eq!(set(&request), [("Segment".to_owned(), "s".to_owned())], "what did not change is not sent");
}

#[test]
fn what_a_colleague_changed_meanwhile_is_said_before_it_is_overwritten() {
    let mut console = TestConsole::described(&[]);
    console.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    console.keys("Alt+E");
    console.typed("1");
    console.data("i1", json!([{"key": "Order", "type": "int", "value": 9}]), "");
    console.wanted.clear();
    console.keys("Enter");
    assert_eq!(console.names(), Vec::<&str>::new());
    let said = console.form().field().unwrap().error.clone().unwrap();
    assert!(said.contains("somebody else set this to 9 meanwhile"), "{said}");
    console.keys("Enter");
    let (operation, request) = console.only();
    let Request::UpdateUserData { data, .. } = &request else { panic!("{request:?}") };
    assert_eq!(data.number("Order"), Some(71));
    assert!(matches!(data.get("Order"), Some(crate::domain::data::Value::Int(71))), "a number stays one");
    console.refuse(&operation, "not permitted");
    assert_eq!(console.form().trouble.as_deref(), Some("the case data was not saved: not permitted"));
    assert_eq!(console.form().field().unwrap().value(), "71", "nothing that was written is lost");
}

#[test]
fn a_form_that_was_changed_is_only_left_when_that_is_meant() {
    let mut console = TestConsole::described(&[]);
    console.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    console.keys("Alt+E Esc");
    assert!(console.state.layers.is_empty(), "nothing was changed");
    console.keys("Alt+E");
    console.typed("1");
    console.keys("Esc");
    assert!(matches!(console.state.layers.last(), Some(Layer::Confirm(_))));
    console.keys("Esc");
    assert_eq!(console.form().field().unwrap().value(), "71");
    console.keys("Esc Enter");
    assert!(console.state.layers.is_empty());
}

#[test]
fn a_pair_is_changed_by_a_command_and_what_is_wrong_is_said() {
    let mut console = TestConsole::described(&[]);
    console.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    let run = |console: &mut TestConsole, words: &str| {
        console.typed(&format!("/edit {words}"));
        console.keys("Enter");
        let update = console.asked().into_iter().find(|(_, request)| request.name() == "update-user-data");
        update.map(|(_, request)| set(&request))
    };
    assert_eq!(run(&mut console, "customer segment gold"), Some(vec![("Segment".into(), "g".into())]));
    assert_eq!(run(&mut console, "Order 12"), Some(vec![("Order".into(), "12".into())]));
    for (words, says) in [
        ("Order many", "whole number"),
        ("Source x", "can only be read"),
        ("Nope x", "there are: Order number"),
    ] {
        assert_eq!(run(&mut console, words), None);
        assert!(console.notice().contains(says), "{words}: {}", console.notice());
    }
    console.state.settings.local = crate::domain::AttachedData::new();
    let mut plain = TestConsole::new();
    plain.open_with(json!([]));
    assert_eq!(run(&mut plain, "Order 48213"), Some(vec![("Order".into(), "48213".into())]), "any pair");
    assert_eq!(run(&mut plain, &format!("{} 1", crate::proto::wa::NUMBER)), None);
}

#[test]
fn done_asks_for_the_disposition_and_for_case_data_that_must_be_filled_in() {
    let mut console = TestConsole::described(&[("interaction.disposition.is-mandatory", "true")]);
    console.open_with(json!([]));
    console.keys("Ctrl+D");
    let Some(Layer::Dispositions(list)) = console.state.layers.last() else { panic!() };
    assert_eq!(list.title.as_str(), "Outcome, then done", "the attribute's display name");
    console.keys("Esc");
    assert!(console.state.layers.is_empty() && console.names().is_empty(), "not done without");
    console.keys("Ctrl+D");
    console.typed("lat");
    console.keys("Enter");
    let (operation, request) = console.only();
    assert_eq!(
        set(&request),
        [("DispositionCode".to_owned(), "late".to_owned())],
        "the name, not what is shown"
    );
    console.answer(&operation, Ok(Json::Null));
    assert!(console.notice().contains("a field must be filled in"), "{}", console.notice());
    assert_eq!(console.form().field().unwrap().name, "Order");
    console.typed("5");
    console.keys("Enter");
    let (operation, _) = console.only();
    console.answer(&operation, Ok(Json::Null));
    assert_eq!(console.names(), ["complete"]);
}

#[test]
fn a_disposition_that_is_refused_does_not_finish_the_session() {
    let mut console = TestConsole::described(&[("interaction.disposition.is-mandatory", "true")]);
    console.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    console.typed("/done solved");
    console.wanted.clear();
    console.keys("Enter");
    let update =
        console.asked().into_iter().find(|(_, request)| request.name() == "update-user-data").unwrap();
    console.refuse(&update.0, "not permitted");
    assert_eq!(console.notice(), "the disposition was not set: not permitted");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert_eq!(console.state.session().unwrap().interaction.user_data.text("DispositionCode"), None);
}

#[test]
fn a_disposition_of_a_colleague_is_not_replaced_unseen_and_can_be_taken_away() {
    let mut console = TestConsole::described(&[]);
    console.open_with(json!([]));
    console.keys("F6");
    console.data("i1", json!([{"key": "DispositionCode", "type": "str", "value": "rude"}]), "");
    console.wanted.clear();
    console.keys("Enter");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.notice().contains("somebody else set the disposition to Rude"), "{}", console.notice());
    console.keys("Alt+Delete");
    let (operation, request) = console.only();
    assert_eq!(set(&request), [("DispositionCode".to_owned(), String::new())]);
    console.answer(&operation, Ok(Json::Null));
    assert_eq!(console.notice(), "the disposition is removed");
}

#[test]
fn a_disposition_is_read_only_once_the_session_has_ended() {
    let mut console = TestConsole::described(&[("interaction.disposition.is-read-only-on-idle", "true")]);
    console.open_with(json!([{"key": "DispositionCode", "type": "str", "value": "rude"},
        {"key": "Order", "type": "int", "value": 7}]));
    console.keys("F6 Esc");
    assert!(console.state.notices.newest_first().all(|notice| !notice.text.contains("ended")));
    console.keys("Ctrl+D F6");
    assert!(console.state.layers.is_empty());
    assert!(console.notice().contains("can no longer be changed"), "{}", console.notice());
    let mut left = TestConsole::described(&[("interaction.disposition.is-read-only-on-idle", "true")]);
    left.open_with(json!([]));
    left.log("i1", json!([{"index": 1, "type": "ParticipantLeft", "from": {"type": "Customer"}}]));
    left.keys("F6");
    assert!(left.notice().contains("the session has ended"), "{}", left.notice());
}

#[test]
fn a_strategy_overrides_options_of_one_session() {
    let mut console = TestConsole::described(&[]);
    let data = json!({"messageType": "InteractionStateChanged", "interaction": {
        "id": "i1", "mediatype": "whatsappsession", "state": "Processing", "userData": [
            {"key": "IW_OverrideOptions", "type": "kvlist", "value": [
                {"key": "interaction.disposition.is-mandatory", "type": "str", "value": "true"},
                {"key": "interaction.disposition.key-name", "type": "str", "value": "Outcome"},
                {"key": "whatsappsession.max-text-message-size", "type": "str", "value": "none"}]}]}});
    console.event("/workspace/v3/media/whatsappsession", data);
    let options = &console.state.session().unwrap().options;
    assert!(options.disposition_mandatory && options.disposition_key == "Outcome");
    assert_eq!(options.max_text, 4096, "what is not valid leaves the value before it");
    assert!(!console.state.options().disposition_mandatory, "other sessions have their own");
}

#[test]
fn a_search_goes_through_earlier_sessions_that_are_shown_and_tells_of_the_others() {
    let mut console = TestConsole::new();
    console.open_with_past(1, 2);
    console.says("i1", 1, "Customer", "hello");
    console.typed("/search old1 30");
    console.keys("Enter");
    assert!(
        console.notice().contains("is not here; older sessions that are not shown"),
        "{}",
        console.notice()
    );
    console.keys("Alt+P");
    console.answer_older();
    console.typed("/search old1 30");
    console.keys("Enter");
    let search = console.state.session().unwrap().search.clone().unwrap();
    assert_eq!((search.hits, search.at), (vec![Hit { back: 1, index: 30 }], 0));
    assert!(console.rows(20).iter().any(|row| row == "old1 30"), "{:?}", console.rows(20));
    assert!(console.notice().contains("1 older session is not shown"), "{}", console.notice());
}

#[test]
fn an_earlier_session_that_cannot_be_read_can_be_tried_again() {
    let mut console = TestConsole::new();
    console.open_with_past(1, 1);
    console.says("i1", 1, "Customer", "hello");
    console.keys("Alt+P");
    console.cut();
    assert_eq!(console.top(), "▲ older messages could not be read: try again");
    console.back();
    console.keys("Alt+P");
    assert_eq!(console.answer_older(), 1);
    console.keys("Ctrl+Home");
    assert!(console.top().starts_with("── earlier session"), "{}", console.top());
}

#[test]
fn other_channels_are_shown_when_the_option_says_so_with_their_names() {
    let mut console = TestConsole::new();
    console.cross_channel = true;
    console.open_with_past(5, 1);
    console.says("i1", 1, "Customer", "hello");
    assert_eq!(console.top(), "▲ see older messages (2 sessions)");
    console.keys("Alt+P");
    let mut read = Vec::new();
    for _ in 0..2 {
        let (operation, request) = console.only();
        read.push(request.call(&"op".into()).path);
        match request {
            // Not every channel has messages; its heading is shown all the same.
            Request::MessagesOf { .. } => console.refuse(&operation, "an e-mail has no messages"),
            _ => console
                .answer(&operation, Ok(json!({"messages": [{"index": 1, "type": "Text", "text": "old"}]}))),
        }
    }
    assert!(
        read.iter().any(|path| path == "/workspace/v3/media/email/interactions/mail/messages?limit=200"),
        "{read:?}"
    );
    console.keys("Ctrl+Home");
    let rows = console.rows(20);
    assert!(rows.iter().any(|row| row.contains("earlier, by email: Invoice")), "{rows:?}");
}

#[test]
fn links_and_copies_reach_into_earlier_sessions_with_their_dates() {
    let mut console = TestConsole::new();
    console.open_with_past(1, 1);
    console.keys("Alt+P");
    let (operation, _) = console.only();
    let text = json!([{"index": 1, "type": "Text", "text": "see https://old.example", "timestamp": console.at,
        "from": {"type": "Customer", "nickname": "x"}}]);
    console.answer(&operation, Ok(json!({"messages": text})));
    console.keys("Alt+C");
    assert!(console.notice().contains("last message, of"), "{}", console.notice());
    console.keys("Alt+L");
    let picker = console.picker();
    let item = picker.chosen().unwrap();
    assert_eq!(item.label.as_str(), "https://old.example");
    assert!(item.detail.contains("customer, ") && item.detail.contains("20"), "{}", item.detail);
}

#[test]
fn an_earlier_session_of_ten_thousand_messages_is_shown() {
    let mut console = TestConsole::new();
    console.open_with_past(1, 1);
    console.says("i1", 1, "Customer", "hello");
    console.keys("Alt+P");
    let (operation, _) = console.only();
    let messages: Vec<Json> = (1..=10_000)
        .map(
            |i| json!({"index": i, "type": "Text", "text": format!("old {i}"), "from": {"type": "Customer"}}),
        )
        .collect();
    console.answer(&operation, Ok(json!({"messages": messages})));
    let before = console.rows(5);
    console.keys("PageUp PageDown");
    assert_eq!(console.rows(5), before, "what is read stays where it is");
    console.keys("Ctrl+Home Shift+Down Shift+Down");
    assert!(console.rows(10).iter().any(|row| row.starts_with("old ")));
}

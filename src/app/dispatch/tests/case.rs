//! Note, case data and dispositions, told as what happens.

use super::Desk;
use crate::app::core::effect::Effect;
use crate::app::core::form::Form;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::features::search::Hit;
use crate::domain::OperationId;
use crate::domain::transcript::Draft;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

fn annex(pairs: Json) -> Json {
    json!({"interaction-workspace": pairs})
}

impl Desk {
    /// A desk whose server describes case data and has dispositions in folders.
    fn described(local: &[(&str, &str)]) -> Self {
        let mut desk = Self::new();
        let value = |name: &str, display: &str, pairs: Json| json!({"name": name, "displayName": display, "userProperties": annex(pairs)});
        desk.state.configuration = serde_json::from_value(json!({"businessAttributes": [
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
        desk.state.settings.local = local.iter().copied().chain([attribute]).collect();
        desk
    }

    /// The session as the server tells it now.
    fn data(&mut self, id: &str, pairs: Json, comment: &str) {
        let data = json!({"messageType": "InteractionStateChanged", "interaction": {
            "id": id, "mediatype": "whatsappsession", "state": "Processing", "comment": comment,
            "userData": pairs}});
        self.event("/workspace/v3/media/whatsappsession", data);
    }

    fn open_with(&mut self, pairs: Json) {
        self.open("i1");
        self.data("i1", pairs, "");
        self.wanted.clear();
    }

    fn form(&self) -> &Form {
        match self.state.layers.last() {
            Some(Layer::Form(form)) => form,
            other => panic!("{other:?}"),
        }
    }

    /// The only request that was asked for since the last look.
    fn only(&mut self) -> (OperationId, Request) {
        let mut asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.remove(0)
    }

    fn refuse(&mut self, operation: &OperationId, words: &str) {
        let error = RequestError::Refused { code: 403, message: words.into() };
        self.answer(operation, Err(error));
    }

    fn cut(&mut self) {
        self.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: crate::domain::Millis(0) }));
    }

    fn back(&mut self) {
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
    let mut desk = Desk::new();
    desk.open_with(json!([]));
    desk.keys("F7");
    desk.typed("first");
    desk.keys("Alt+Enter");
    desk.typed("second");
    let kept = desk.wanted.iter().rev().find_map(|effect| match effect {
        Effect::SaveDraft { session, draft } => Some((session.as_str().to_owned(), draft.text.clone())),
        _ => None,
    });
    assert_eq!(kept, Some(("note:i1".into(), "first\nsecond".into())), "on disk, beside the drafts");
    desk.keys("Esc");
    assert!(desk.state.layers.is_empty());
    desk.keys("F7");
    assert_eq!(desk.form().field().unwrap().value(), "first\nsecond");
    desk.wanted.clear();
    desk.keys("Enter");
    let (operation, request) = desk.only();
    assert!(matches!(request, Request::SetComment { comment, .. } if comment == "first\nsecond"));
    assert!(desk.form().saving, "the form stays until the server has it");
    desk.answer(&operation, Ok(Json::Null));
    assert!(desk.state.layers.is_empty() && desk.notice() == "the note is saved", "{}", desk.notice());
    assert!(desk.state.session().unwrap().note.is_none());
}

#[test]
fn a_note_survives_a_broken_connection_a_refusal_and_a_session_that_goes() {
    let mut desk = Desk::new();
    desk.open_with(json!([]));
    desk.keys("F7");
    desk.typed("x");
    desk.keys("Enter");
    desk.cut();
    assert!(desk.form().trouble.as_ref().unwrap().contains("not known whether this was saved"));
    desk.keys("Enter");
    assert!(desk.form().trouble.as_ref().unwrap().contains("there is no connection"));
    desk.back();
    desk.keys("Enter");
    let (operation, _) = desk.only();
    desk.refuse(&operation, "you may not");
    assert_eq!(desk.form().trouble.as_deref(), Some("the note was not saved: you may not"));
    desk.interaction("i1", "Revoked");
    assert!(desk.state.layers.is_empty(), "there is nothing to save it to");
    desk.interaction("i1", "Processing");
    assert_eq!(desk.state.session().unwrap().note.as_ref().unwrap().text, "x");
}

#[test]
fn a_note_of_an_earlier_run_comes_back_and_done_asks_about_it() {
    let mut desk = Desk::new();
    desk.open_with(json!([]));
    desk.tell(What::Kept {
        drafts: vec![("note:i1".into(), Draft { text: "half".into(), ..Draft::default() })],
        unsent: Vec::new(),
        files: Vec::new(),
    });
    assert_eq!(desk.state.session().unwrap().note.as_ref().unwrap().text, "half");
    assert!(desk.state.session().unwrap().draft.is_empty());
    desk.wanted.clear();
    desk.keys("Ctrl+D");
    let Some(Layer::Confirm(question)) = desk.state.layers.last() else { panic!() };
    assert!(question.text.contains("The note here is not saved"), "{}", question.text);
    desk.keys("Enter");
    assert_eq!(desk.names(), ["complete"]);
}

#[test]
fn a_note_that_somebody_else_wrote_meanwhile_is_not_overwritten_unseen() {
    let mut desk = Desk::new();
    desk.open_with(json!([]));
    desk.keys("F7");
    desk.typed("mine");
    desk.data("i1", json!([]), "Kate's");
    desk.wanted.clear();
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.form().trouble.as_ref().unwrap().contains("it now says: Kate's"));
    desk.keys("Enter");
    assert_eq!(desk.names(), ["set-comment"], "once more puts it over theirs");
}

#[test]
fn the_form_has_the_fields_of_the_attribute_in_its_order() {
    let mut desk = Desk::described(&[]);
    desk.open_with(json!([{"key": "Source", "type": "str", "value": "shop"},
        {"key": "Segment", "type": "str", "value": "g"}, {"key": "Hidden", "type": "str", "value": "x"}]));
    desk.keys("Alt+E");
    let told: Vec<_> = desk
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
    desk.typed("0");
    desk.keys("Enter");
    assert!(desk.form().field().unwrap().error.as_ref().unwrap().contains("a whole number from 1 on"));
    desk.keys("Backspace 7 Tab Right");
    desk.wanted.clear();
    desk.keys("Enter");
    let (operation, request) = desk.only();
    assert_eq!(set(&request), [("Order".into(), "7".into()), ("Segment".into(), "s".into())]);
    desk.answer(&operation, Ok(Json::Null));
    assert!(desk.state.layers.is_empty() && desk.notice() == "the case data is saved");
    assert_eq!(desk.state.session().unwrap().interaction.user_data.text("Order"), Some("7"));
}

#[test]
fn a_field_that_is_not_there_can_be_added() {
    let mut desk = Desk::described(&[]);
    desk.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    desk.keys("Alt+E Tab Enter");
    desk.typed("seg");
    desk.keys("Enter");
    let added = desk.form().field().unwrap();
    assert_eq!((added.label.as_str(), added.value().as_str()), ("Customer segment", "s"), "with its default");
    desk.wanted.clear();
    desk.keys("Enter");
    let (_, request) = desk.only();
    assert_eq!(set(&request), [("Segment".to_owned(), "s".to_owned())], "what did not change is not sent");
}

#[test]
fn what_a_colleague_changed_meanwhile_is_said_before_it_is_overwritten() {
    let mut desk = Desk::described(&[]);
    desk.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    desk.keys("Alt+E");
    desk.typed("1");
    desk.data("i1", json!([{"key": "Order", "type": "int", "value": 9}]), "");
    desk.wanted.clear();
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new());
    let said = desk.form().field().unwrap().error.clone().unwrap();
    assert!(said.contains("somebody else set this to 9 meanwhile"), "{said}");
    desk.keys("Enter");
    let (operation, request) = desk.only();
    let Request::UpdateUserData { data, .. } = &request else { panic!("{request:?}") };
    assert_eq!(data.number("Order"), Some(71));
    assert!(matches!(data.get("Order"), Some(crate::domain::data::Value::Int(71))), "a number stays one");
    desk.refuse(&operation, "not permitted");
    assert_eq!(desk.form().trouble.as_deref(), Some("the case data was not saved: not permitted"));
    assert_eq!(desk.form().field().unwrap().value(), "71", "nothing that was written is lost");
}

#[test]
fn a_form_that_was_changed_is_only_left_when_that_is_meant() {
    let mut desk = Desk::described(&[]);
    desk.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    desk.keys("Alt+E Esc");
    assert!(desk.state.layers.is_empty(), "nothing was changed");
    desk.keys("Alt+E");
    desk.typed("1");
    desk.keys("Esc");
    assert!(matches!(desk.state.layers.last(), Some(Layer::Confirm(_))));
    desk.keys("Esc");
    assert_eq!(desk.form().field().unwrap().value(), "71");
    desk.keys("Esc Enter");
    assert!(desk.state.layers.is_empty());
}

#[test]
fn a_pair_is_changed_by_a_command_and_what_is_wrong_is_said() {
    let mut desk = Desk::described(&[]);
    desk.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    let run = |desk: &mut Desk, words: &str| {
        desk.typed(&format!("/edit {words}"));
        desk.keys("Enter");
        let update = desk.asked().into_iter().find(|(_, request)| request.name() == "update-user-data");
        update.map(|(_, request)| set(&request))
    };
    assert_eq!(run(&mut desk, "customer segment gold"), Some(vec![("Segment".into(), "g".into())]));
    assert_eq!(run(&mut desk, "Order 12"), Some(vec![("Order".into(), "12".into())]));
    for (words, says) in [
        ("Order many", "whole number"),
        ("Source x", "can only be read"),
        ("Nope x", "there are: Order number"),
    ] {
        assert_eq!(run(&mut desk, words), None);
        assert!(desk.notice().contains(says), "{words}: {}", desk.notice());
    }
    desk.state.settings.local = crate::domain::AttachedData::new();
    let mut plain = Desk::new();
    plain.open_with(json!([]));
    assert_eq!(run(&mut plain, "Order 48213"), Some(vec![("Order".into(), "48213".into())]), "any pair");
    assert_eq!(run(&mut plain, &format!("{} 1", crate::proto::wa::NUMBER)), None);
}

#[test]
fn done_asks_for_the_disposition_and_for_case_data_that_must_be_filled_in() {
    let mut desk = Desk::described(&[("interaction.disposition.is-mandatory", "true")]);
    desk.open_with(json!([]));
    desk.keys("Ctrl+D");
    let Some(Layer::Dispositions(list)) = desk.state.layers.last() else { panic!() };
    assert_eq!(list.title.as_str(), "Outcome, then done", "the attribute's display name");
    desk.keys("Esc");
    assert!(desk.state.layers.is_empty() && desk.names().is_empty(), "not done without");
    desk.keys("Ctrl+D");
    desk.typed("lat");
    desk.keys("Enter");
    let (operation, request) = desk.only();
    assert_eq!(
        set(&request),
        [("DispositionCode".to_owned(), "late".to_owned())],
        "the name, not what is shown"
    );
    desk.answer(&operation, Ok(Json::Null));
    assert!(desk.notice().contains("a field must be filled in"), "{}", desk.notice());
    assert_eq!(desk.form().field().unwrap().name, "Order");
    desk.typed("5");
    desk.keys("Enter");
    let (operation, _) = desk.only();
    desk.answer(&operation, Ok(Json::Null));
    assert_eq!(desk.names(), ["complete"]);
}

#[test]
fn a_disposition_that_is_refused_does_not_finish_the_session() {
    let mut desk = Desk::described(&[("interaction.disposition.is-mandatory", "true")]);
    desk.open_with(json!([{"key": "Order", "type": "int", "value": 7}]));
    desk.typed("/done solved");
    desk.wanted.clear();
    desk.keys("Enter");
    let update = desk.asked().into_iter().find(|(_, request)| request.name() == "update-user-data").unwrap();
    desk.refuse(&update.0, "not permitted");
    assert_eq!(desk.notice(), "the disposition was not set: not permitted");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert_eq!(desk.state.session().unwrap().interaction.user_data.text("DispositionCode"), None);
}

#[test]
fn a_disposition_of_a_colleague_is_not_replaced_unseen_and_can_be_taken_away() {
    let mut desk = Desk::described(&[]);
    desk.open_with(json!([]));
    desk.keys("F6");
    desk.data("i1", json!([{"key": "DispositionCode", "type": "str", "value": "rude"}]), "");
    desk.wanted.clear();
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.notice().contains("somebody else set the disposition to Rude"), "{}", desk.notice());
    desk.keys("Alt+Delete");
    let (operation, request) = desk.only();
    assert_eq!(set(&request), [("DispositionCode".to_owned(), String::new())]);
    desk.answer(&operation, Ok(Json::Null));
    assert_eq!(desk.notice(), "the disposition is taken away");
}

#[test]
fn a_disposition_is_read_only_once_the_session_has_ended() {
    let mut desk = Desk::described(&[("interaction.disposition.is-read-only-on-idle", "true")]);
    desk.open_with(json!([{"key": "DispositionCode", "type": "str", "value": "rude"},
        {"key": "Order", "type": "int", "value": 7}]));
    desk.keys("F6 Esc");
    assert!(desk.state.notices.newest_first().all(|notice| !notice.text.contains("ended")));
    desk.keys("Ctrl+D F6");
    assert!(desk.state.layers.is_empty());
    assert!(desk.notice().contains("can no longer be changed"), "{}", desk.notice());
    let mut left = Desk::described(&[("interaction.disposition.is-read-only-on-idle", "true")]);
    left.open_with(json!([]));
    left.log("i1", json!([{"index": 1, "type": "ParticipantLeft", "from": {"type": "Customer"}}]));
    left.keys("F6");
    assert!(left.notice().contains("the session has ended"), "{}", left.notice());
}

#[test]
fn a_strategy_overrides_options_of_one_session() {
    let mut desk = Desk::described(&[]);
    let data = json!({"messageType": "InteractionStateChanged", "interaction": {
        "id": "i1", "mediatype": "whatsappsession", "state": "Processing", "userData": [
            {"key": "IW_OverrideOptions", "type": "kvlist", "value": [
                {"key": "interaction.disposition.is-mandatory", "type": "str", "value": "true"},
                {"key": "interaction.disposition.key-name", "type": "str", "value": "Outcome"},
                {"key": "whatsappsession.max-text-message-size", "type": "str", "value": "none"}]}]}});
    desk.event("/workspace/v3/media/whatsappsession", data);
    let options = &desk.state.session().unwrap().options;
    assert!(options.disposition_mandatory && options.disposition_key == "Outcome");
    assert_eq!(options.max_text, 4096, "what is not valid leaves the value before it");
    assert!(!desk.state.options().disposition_mandatory, "other sessions have their own");
}

#[test]
fn a_search_goes_through_earlier_sessions_that_are_shown_and_tells_of_the_others() {
    let mut desk = Desk::new();
    desk.open_with_past(1, 2);
    desk.says("i1", 1, "Customer", "hello");
    desk.typed("/search old1 30");
    desk.keys("Enter");
    assert!(desk.notice().contains("is not here; older sessions that are not shown"), "{}", desk.notice());
    desk.keys("Alt+P");
    desk.answer_older();
    desk.typed("/search old1 30");
    desk.keys("Enter");
    let search = desk.state.session().unwrap().search.clone().unwrap();
    assert_eq!((search.hits, search.at), (vec![Hit { back: 1, index: 30 }], 0));
    assert!(desk.rows(20).iter().any(|row| row == "old1 30"), "{:?}", desk.rows(20));
    assert!(desk.notice().contains("1 older session is not shown"), "{}", desk.notice());
}

#[test]
fn an_earlier_session_that_cannot_be_read_can_be_tried_again() {
    let mut desk = Desk::new();
    desk.open_with_past(1, 1);
    desk.says("i1", 1, "Customer", "hello");
    desk.keys("Alt+P");
    desk.cut();
    assert_eq!(desk.top(), "▲ older messages could not be read: try again");
    desk.back();
    desk.keys("Alt+P");
    assert_eq!(desk.answer_older(), 1);
    desk.keys("Ctrl+Home");
    assert!(desk.top().starts_with("── earlier session"), "{}", desk.top());
}

#[test]
fn other_channels_are_shown_when_the_option_says_so_with_their_names() {
    let mut desk = Desk::new();
    desk.cross_channel = true;
    desk.open_with_past(5, 1);
    desk.says("i1", 1, "Customer", "hello");
    assert_eq!(desk.top(), "▲ see older messages (2 sessions)");
    desk.keys("Alt+P");
    let mut read = Vec::new();
    for _ in 0..2 {
        let (operation, request) = desk.only();
        read.push(request.call(&"op".into()).path);
        match request {
            // Not every channel has messages; its heading is shown all the same.
            Request::MessagesOf { .. } => desk.refuse(&operation, "an e-mail has no messages"),
            _ => desk
                .answer(&operation, Ok(json!({"messages": [{"index": 1, "type": "Text", "text": "old"}]}))),
        }
    }
    assert!(
        read.iter().any(|path| path == "/workspace/v3/media/email/interactions/mail/messages?limit=200"),
        "{read:?}"
    );
    desk.keys("Ctrl+Home");
    let rows = desk.rows(20);
    assert!(rows.iter().any(|row| row.contains("earlier, by email: Invoice")), "{rows:?}");
}

#[test]
fn links_and_copies_reach_into_earlier_sessions_with_their_dates() {
    let mut desk = Desk::new();
    desk.open_with_past(1, 1);
    desk.keys("Alt+P");
    let (operation, _) = desk.only();
    let text = json!([{"index": 1, "type": "Text", "text": "see https://old.example", "timestamp": desk.at,
        "from": {"type": "Customer", "nickname": "x"}}]);
    desk.answer(&operation, Ok(json!({"messages": text})));
    desk.keys("Alt+C");
    assert!(desk.notice().contains("last message, of"), "{}", desk.notice());
    desk.keys("Alt+L");
    let picker = desk.picker();
    let item = picker.chosen().unwrap();
    assert_eq!(item.label.as_str(), "https://old.example");
    assert!(item.detail.contains("customer, ") && item.detail.contains("20"), "{}", item.detail);
}

#[test]
fn an_earlier_session_of_ten_thousand_messages_is_shown() {
    let mut desk = Desk::new();
    desk.open_with_past(1, 1);
    desk.says("i1", 1, "Customer", "hello");
    desk.keys("Alt+P");
    let (operation, _) = desk.only();
    let messages: Vec<Json> = (1..=10_000)
        .map(
            |i| json!({"index": i, "type": "Text", "text": format!("old {i}"), "from": {"type": "Customer"}}),
        )
        .collect();
    desk.answer(&operation, Ok(json!({"messages": messages})));
    let before = desk.rows(5);
    desk.keys("PageUp PageDown");
    assert_eq!(desk.rows(5), before, "what is read stays where it is");
    desk.keys("Ctrl+Home Shift+Down Shift+Down");
    assert!(desk.rows(10).iter().any(|row| row.starts_with("old ")));
}

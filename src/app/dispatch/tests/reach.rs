//! Templates and new sessions: answers that come late, refusals, missing rights, limits, and double presses.

use super::Desk;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, What};
use crate::app::features::reach::ReachLayer;
use crate::domain::OperationId;
use crate::domain::profile::AttributeValue;
use crate::domain::template::{MOST_BODY, Template};
use crate::proto::contact::{self, ContactDto, name};
use crate::proto::request::Request;
use crate::proto::templates;
use serde_json::json;

const CHANNEL: &str = "/workspace/v3/contacts";
const MEDIA: &str = "/workspace/v3/media/whatsappsession";

fn template(name: &str, body: &str) -> Template {
    Template { name: name.into(), language: "en".into(), body: body.into(), ..Template::default() }
}

impl Desk {
    /// Opens the list of templates of the shown session with these templates.
    fn lists(&mut self, all: &[Template]) {
        self.asked();
        self.typed("/template");
        self.keys("Enter");
        let operation = self.operation("templates");
        self.answer(&operation, Ok(templates::list(all, None, None)));
    }

    /// Begins a session with a number, up to the last confirmation.
    fn begins(&mut self, number: &str) {
        self.asked();
        self.keys("Alt+Y");
        self.typed("enter a number");
        self.keys("Enter");
        self.typed(number);
        self.keys("Enter Enter");
        let operation = self.operation("templates");
        self.answer(&operation, Ok(templates::list(&[template("hours", "We open at 9.")], None, None)));
        self.keys("Enter");
        assert!(self.confirms());
    }

    fn confirms(&self) -> bool {
        matches!(self.state.layers.last(), Some(Layer::Confirm(_)))
    }

    fn ways(&self) -> Vec<String> {
        match self.state.layers.last() {
            Some(Layer::Reach(layer)) => match &**layer {
                ReachLayer::Menu(menu) => menu.picker.shown().map(|item| item.label.to_string()).collect(),
                other => panic!("no menu: {other:?}"),
            },
            other => panic!("no menu: {other:?}"),
        }
    }
}

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open("i1");
    desk
}

fn with_address(id: &str, address: &str) -> ContactDto {
    let mut contact = ContactDto { id: id.into(), ..ContactDto::default() };
    contact.attributes.insert("EmailAddress".into(), vec![AttributeValue::plain(address)]);
    contact
}

#[test]
fn a_template_confirmed_twice_is_sent_once() {
    let mut desk = desk();
    desk.lists(&[template("hours", "We open at 9.")]);
    desk.keys("Enter");
    assert!(desk.confirms());
    desk.keys("Enter Enter");
    desk.operation("send-template");
    assert!(desk.state.layers.is_empty());
}

#[test]
fn templates_that_come_after_the_list_was_closed_open_nothing() {
    let mut desk = desk();
    desk.asked();
    desk.typed("/template");
    desk.keys("Enter");
    let operation = desk.operation("templates");
    desk.keys("Esc");
    desk.answer(&operation, Ok(templates::list(&[template("hours", "We open at 9.")], None, None)));
    assert!(desk.state.layers.is_empty());
}

#[test]
fn a_template_that_cannot_be_filled_in_is_refused_with_its_reason() {
    let mut desk = desk();
    let coupon = Template { unusable: "it carries a coupon code".into(), ..template("coupon", "{{1}}") };
    desk.lists(&[coupon]);
    desk.keys("Enter");
    assert!(!desk.confirms() && !matches!(desk.state.layers.last(), Some(Layer::Form(_))));
    assert!(desk.notice().contains("it carries a coupon code"), "{}", desk.notice());
    assert_eq!(desk.names(), Vec::<&str>::new());
}

#[test]
fn a_consulted_agent_cannot_send_templates() {
    let mut desk = desk();
    desk.event(
        MEDIA,
        json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
            "mediatype": "whatsappsession", "state": "Processing",
            "chat": {"myParticipantId": "p1", "participants": [
                {"id": "p1", "type": "Agent", "personId": "ana", "visibility": "Agent"},
                {"id": "p2", "type": "Agent", "personId": "kate", "visibility": "All"}]}}}),
    );
    desk.asked();
    let notices = desk.state.notices.newest_first().count();
    desk.typed("/template");
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.state.layers.is_empty());
    assert!(desk.state.notices.newest_first().count() > notices, "it says why");
}

#[test]
fn templates_are_not_requested_without_session_or_connection() {
    let mut desk = Desk::new();
    desk.asked();
    desk.typed("/template");
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.notice().contains("no session"), "{}", desk.notice());
    desk.open("i1");
    desk.asked();
    desk.lose_connection();
    desk.keys("Ctrl+U");
    desk.typed("/template");
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.notice().contains("no connection"), "{}", desk.notice());
}

#[test]
fn a_text_over_whatsapps_limit_is_not_confirmed() {
    let mut desk = desk();
    desk.lists(&[template("note", "{{1}}")]);
    desk.keys("Enter Ctrl+U");
    desk.tell(What::Paste("x".repeat(MOST_BODY + 1)));
    desk.keys("Enter");
    assert!(!desk.confirms());
    assert_eq!(desk.names(), Vec::<&str>::new());
    desk.keys("Backspace Enter");
    assert!(desk.confirms(), "the limit itself is allowed");
}

#[test]
fn a_refused_template_of_an_ended_session_keeps_what_was_filled_in() {
    let mut desk = desk();
    desk.lists(&[template("note", "Hello {{1}}")]);
    desk.keys("Enter Ctrl+U");
    desk.typed("Lucía");
    desk.keys("Enter");
    desk.interaction("i1", "Queued");
    desk.keys("Enter");
    let operation = desk.operation("send-template");
    desk.refuse_with(&operation, 404, "there is no such session");
    let Some(Layer::Form(form)) = desk.state.layers.last() else { panic!("no form") };
    assert!(form.trouble.as_ref().unwrap().contains("there is no such session"));
    assert!(desk.notice().contains("there is no such session"), "{}", desk.notice());
}

#[test]
fn a_refusal_does_not_cover_another_open_layer() {
    let mut desk = desk();
    desk.lists(&[template("note", "Hello {{1}}")]);
    desk.keys("Enter Ctrl+U");
    desk.typed("Lucía");
    desk.keys("Enter Enter");
    let operation = desk.operation("send-template");
    desk.keys("F9");
    let open = desk.state.layers.len();
    desk.refuse_with(&operation, 500, "WhatsApp could not be reached");
    assert_eq!(desk.state.layers.len(), open);
    assert!(!matches!(desk.state.layers.last(), Some(Layer::Form(_))));
    assert!(desk.notice().contains("WhatsApp could not be reached"), "{}", desk.notice());
}

#[test]
fn only_a_session_of_the_own_request_is_shown_when_it_begins() {
    let session = |desk: &mut Desk, id: &str, operation: &OperationId| {
        desk.event(
            MEDIA,
            json!({"messageType": "InteractionStateChanged", "operationId": operation.as_str(), "interaction": {
                "id": id, "mediatype": "whatsappsession", "state": "Processing"}}),
        );
    };
    let mut desk = desk();
    desk.begins("+34600000101");
    desk.keys("Enter Enter");
    let begun = desk.operation("start-session");
    session(&mut desk, "i7", &"of another console".into());
    assert_eq!(desk.shown(), "i1");
    session(&mut desk, "i8", &begun);
    assert_eq!(desk.shown(), "i8");
    desk.answer(&begun, Ok(serde_json::Value::Null));
    assert!(desk.notice().contains("Name i1"), "{}", desk.notice());
}

#[test]
fn a_session_of_a_request_from_before_a_lost_connection_is_not_shown() {
    let mut desk = desk();
    desk.begins("+34600000101");
    desk.keys("Enter");
    let begun = desk.operation("start-session");
    desk.lose_connection();
    desk.tell(What::Link(Link::Online { websocket: true }));
    desk.event(
        MEDIA,
        json!({"messageType": "InteractionStateChanged", "operationId": begun.as_str(), "interaction": {
            "id": "i8", "mediatype": "whatsappsession", "state": "Processing"}}),
    );
    assert_eq!(desk.shown(), "i1");
}

#[test]
fn details_of_another_customer_do_not_change_the_menu() {
    let mut desk = desk();
    desk.belongs_to("i1", "c1");
    desk.keys("Alt+Y");
    let first = desk.operation("get-details");
    desk.keys("Esc");
    desk.open("i2");
    desk.belongs_to("i2", "c2");
    assert_eq!(desk.shown(), "i2");
    desk.keys("Alt+Y");
    let second = desk.operation("get-details");
    let before = desk.ways();
    let details = |operation: &OperationId, contact: &ContactDto| {
        contact::event(name::DETAILS, Some(operation.as_str()), contact)
    };
    desk.event(CHANNEL, details(&first, &with_address("c1", "one@example.com")));
    assert_eq!(desk.ways(), before);
    desk.event(CHANNEL, details(&second, &with_address("c2", "two@example.com")));
    assert!(desk.ways().iter().any(|way| way.contains("two@example.com")), "{:?}", desk.ways());
}

#[test]
fn unreadable_details_leave_the_menu_as_it_is() {
    let mut desk = desk();
    desk.belongs_to("i1", "c1");
    desk.keys("Alt+Y");
    let operation = desk.operation("get-details");
    let (before, notice) = (desk.ways(), desk.notice());
    desk.refuse_with(&operation, 403, "contacts are closed");
    assert_eq!((desk.ways(), desk.notice()), (before, notice));
}

#[test]
fn an_address_written_by_hand_is_kept_at_the_contact_when_confirmed() {
    let mut desk = desk();
    desk.belongs_to("i1", "c1");
    for (keys, wanted) in [("Esc", false), ("Enter", true)] {
        desk.keys("Alt+Y");
        desk.typed("enter a number");
        desk.keys("Enter");
        desk.typed("lucia@example.com");
        desk.keys("Enter");
        assert!(desk.confirms());
        desk.asked();
        desk.keys(keys);
        let asked = desk.asked();
        let kept = asked.iter().any(|(_, request)| matches!(request, Request::ContactUpdate { .. }));
        assert_eq!(kept, wanted, "{keys}: {asked:?}");
        desk.state.layers.clear();
    }
}

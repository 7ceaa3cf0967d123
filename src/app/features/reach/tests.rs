//! Templates and new sessions: answers that come late, refusals, missing rights, limits, and double presses.

use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, What};
use crate::app::features::reach::ReachLayer;
use crate::app::test_console::TestConsole;
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

impl TestConsole {
    /// Opens the list of templates of the shown session with these templates.
    pub(in crate::app) fn lists(&mut self, all: &[Template]) {
        self.asked();
        self.typed("/template");
        self.keys("Enter");
        let operation = self.operation("templates");
        self.answer(&operation, Ok(templates::list(all, None, None)));
    }

    /// Begins a session with a number, up to the last confirmation.
    pub(in crate::app) fn begins(&mut self, number: &str) {
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

    pub(in crate::app) fn confirms(&self) -> bool {
        matches!(self.state.layers.last(), Some(Layer::Confirm(_)))
    }

    pub(in crate::app) fn ways(&self) -> Vec<String> {
        match self.state.layers.last() {
            Some(Layer::Reach(layer)) => match &**layer {
                ReachLayer::Menu(menu) => menu.picker.shown().map(|item| item.label.to_string()).collect(),
                other => panic!("no menu: {other:?}"),
            },
            other => panic!("no menu: {other:?}"),
        }
    }
}

fn console() -> TestConsole {
    let mut console = TestConsole::new();
    console.open("i1");
    console
}

fn with_address(id: &str, address: &str) -> ContactDto {
    let mut contact = ContactDto { id: id.into(), ..ContactDto::default() };
    contact.attributes.insert("EmailAddress".into(), vec![AttributeValue::plain(address)]);
    contact
}

#[test]
fn a_template_confirmed_twice_is_sent_once() {
    let mut console = console();
    console.lists(&[template("hours", "We open at 9.")]);
    console.keys("Enter");
    assert!(console.confirms());
    console.keys("Enter Enter");
    console.operation("send-template");
    assert!(console.state.layers.is_empty());
}

#[test]
fn templates_that_come_after_the_list_was_closed_open_nothing() {
    let mut console = console();
    console.asked();
    console.typed("/template");
    console.keys("Enter");
    let operation = console.operation("templates");
    console.keys("Esc");
    console.answer(&operation, Ok(templates::list(&[template("hours", "We open at 9.")], None, None)));
    assert!(console.state.layers.is_empty());
}

#[test]
fn a_template_that_cannot_be_filled_in_is_refused_with_its_reason() {
    let mut console = console();
    let coupon = Template { unusable: "it carries a coupon code".into(), ..template("coupon", "{{1}}") };
    console.lists(&[coupon]);
    console.keys("Enter");
    assert!(!console.confirms() && !matches!(console.state.layers.last(), Some(Layer::Form(_))));
    assert!(console.notice().contains("it carries a coupon code"), "{}", console.notice());
    assert_eq!(console.names(), Vec::<&str>::new());
}

#[test]
fn a_consulted_agent_cannot_send_templates() {
    let mut console = console();
    console.event(
        MEDIA,
        json!({"messageType": "InteractionStateChanged", "interaction": {"id": "i1",
            "mediatype": "whatsappsession", "state": "Processing",
            "chat": {"myParticipantId": "p1", "participants": [
                {"id": "p1", "type": "Agent", "personId": "ana", "visibility": "Agent"},
                {"id": "p2", "type": "Agent", "personId": "kate", "visibility": "All"}]}}}),
    );
    console.asked();
    let notices = console.state.notices.newest_first().count();
    console.typed("/template");
    console.keys("Enter");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.state.layers.is_empty());
    assert!(console.state.notices.newest_first().count() > notices, "it says why");
}

#[test]
fn templates_are_not_requested_without_session_or_connection() {
    let mut console = TestConsole::new();
    console.asked();
    console.typed("/template");
    console.keys("Enter");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.notice().contains("no session"), "{}", console.notice());
    console.open("i1");
    console.asked();
    console.lose_connection();
    console.keys("Ctrl+U");
    console.typed("/template");
    console.keys("Enter");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.notice().contains("no connection"), "{}", console.notice());
}

#[test]
fn a_text_over_whatsapps_limit_is_not_confirmed() {
    let mut console = console();
    console.lists(&[template("note", "{{1}}")]);
    console.keys("Enter Ctrl+U");
    console.tell(What::Paste("x".repeat(MOST_BODY + 1)));
    console.keys("Enter");
    assert!(!console.confirms());
    assert_eq!(console.names(), Vec::<&str>::new());
    console.keys("Backspace Enter");
    assert!(console.confirms(), "the limit itself is allowed");
}

#[test]
fn a_refused_template_of_an_ended_session_keeps_what_was_filled_in() {
    let mut console = console();
    console.lists(&[template("note", "Hello {{1}}")]);
    console.keys("Enter Ctrl+U");
    console.typed("Lucía");
    console.keys("Enter");
    console.interaction("i1", "Queued");
    console.keys("Enter");
    let operation = console.operation("send-template");
    console.refuse_with(&operation, 404, "there is no such session");
    let Some(Layer::Form(form)) = console.state.layers.last() else { panic!("no form") };
    assert!(form.trouble.as_ref().unwrap().contains("there is no such session"));
    assert!(console.notice().contains("there is no such session"), "{}", console.notice());
}

#[test]
fn a_refusal_does_not_cover_another_open_layer() {
    let mut console = console();
    console.lists(&[template("note", "Hello {{1}}")]);
    console.keys("Enter Ctrl+U");
    console.typed("Lucía");
    console.keys("Enter Enter");
    let operation = console.operation("send-template");
    console.keys("F9");
    let open = console.state.layers.len();
    console.refuse_with(&operation, 500, "WhatsApp could not be reached");
    assert_eq!(console.state.layers.len(), open);
    assert!(!matches!(console.state.layers.last(), Some(Layer::Form(_))));
    assert!(console.notice().contains("WhatsApp could not be reached"), "{}", console.notice());
}

#[test]
fn only_a_session_of_the_own_request_is_shown_when_it_begins() {
    let session = |console: &mut TestConsole, id: &str, operation: &OperationId| {
        console.event(
            MEDIA,
            json!({"messageType": "InteractionStateChanged", "operationId": operation.as_str(), "interaction": {
                "id": id, "mediatype": "whatsappsession", "state": "Processing"}}),
        );
    };
    let mut console = console();
    console.begins("+34600000101");
    console.keys("Enter Enter");
    let begun = console.operation("start-session");
    session(&mut console, "i7", &"of another console".into());
    assert_eq!(console.shown(), "i1");
    session(&mut console, "i8", &begun);
    assert_eq!(console.shown(), "i8");
    console.answer(&begun, Ok(serde_json::Value::Null));
    assert!(console.notice().contains("Name i1"), "{}", console.notice());
}

#[test]
fn a_session_of_a_request_from_before_a_lost_connection_is_not_shown() {
    let mut console = console();
    console.begins("+34600000101");
    console.keys("Enter");
    let begun = console.operation("start-session");
    console.lose_connection();
    console.tell(What::Link(Link::Online { websocket: true }));
    console.event(
        MEDIA,
        json!({"messageType": "InteractionStateChanged", "operationId": begun.as_str(), "interaction": {
            "id": "i8", "mediatype": "whatsappsession", "state": "Processing"}}),
    );
    assert_eq!(console.shown(), "i1");
}

#[test]
fn details_of_another_customer_do_not_change_the_menu() {
    let mut console = console();
    console.belongs_to("i1", "c1");
    console.keys("Alt+Y");
    let first = console.operation("get-details");
    console.keys("Esc");
    console.open("i2");
    console.belongs_to("i2", "c2");
    assert_eq!(console.shown(), "i2");
    console.keys("Alt+Y");
    let second = console.operation("get-details");
    let before = console.ways();
    let details = |operation: &OperationId, contact: &ContactDto| {
        contact::event(name::DETAILS, Some(operation.as_str()), contact)
    };
    console.event(CHANNEL, details(&first, &with_address("c1", "one@example.com")));
    assert_eq!(console.ways(), before);
    console.event(CHANNEL, details(&second, &with_address("c2", "two@example.com")));
    assert!(console.ways().iter().any(|way| way.contains("two@example.com")), "{:?}", console.ways());
}

#[test]
fn unreadable_details_leave_the_menu_as_it_is() {
    let mut console = console();
    console.belongs_to("i1", "c1");
    console.keys("Alt+Y");
    let operation = console.operation("get-details");
    let (before, notice) = (console.ways(), console.notice());
    console.refuse_with(&operation, 403, "contacts are closed");
    assert_eq!((console.ways(), console.notice()), (before, notice));
}

#[test]
fn an_address_written_by_hand_is_kept_at_the_contact_when_confirmed() {
    let mut console = console();
    console.belongs_to("i1", "c1");
    for (keys, wanted) in [("Esc", false), ("Enter", true)] {
        console.keys("Alt+Y");
        console.typed("enter a number");
        console.keys("Enter");
        console.typed("lucia@example.com");
        console.keys("Enter");
        assert!(console.confirms());
        console.asked();
        console.keys(keys);
        let asked = console.asked();
        let kept = asked.iter().any(|(_, request)| matches!(request, Request::ContactUpdate { .. }));
        assert_eq!(kept, wanted, "{keys}: {asked:?}");
        console.state.layers.clear();
    }
}

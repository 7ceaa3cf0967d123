//! Contacts: answers that come late, errors, missing permissions, and sessions that end in between.

use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::core::settings::Settings;
use crate::app::features::contacts::{ContactList, ContactsLayer};
use crate::app::test_console::TestConsole;
use crate::domain::profile::AttributeValue;
use crate::domain::{Millis, OperationId};
use crate::proto::contact::{self, ContactDto, name};
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

const CHANNEL: &str = "/workspace/v3/contacts";

fn lucia(id: &str) -> ContactDto {
    let mut contact = ContactDto { id: id.into(), ..ContactDto::default() };
    for (attribute, value) in [("FirstName", "Lucía"), ("LastName", "Fernández")] {
        contact.attributes.insert(attribute.into(), vec![AttributeValue::plain(value)]);
    }
    contact
}

/// A desk that shows a session of the contact `c1`.
fn console() -> TestConsole {
    let mut console = TestConsole::new();
    console.open("i1");
    console.belongs_to("i1", "c1");
    console
}

fn disabled(option: &str) -> TestConsole {
    let settings = Settings { local: [(option, "false")].into_iter().collect(), ..Settings::default() };
    let mut console = TestConsole::with(settings);
    console.open("i1");
    console.asked();
    console
}

impl TestConsole {
    /// Says whose session it is.
    pub(in crate::app) fn belongs_to(&mut self, id: &str, contact: &str) {
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": id, "contactId": contact,
                "mediatype": "whatsappsession", "state": "Processing", "userData": [
                    {"key": "wa.profile-name", "type": "str", "value": format!("Name {id}")}]}}),
        );
        self.asked();
    }

    /// The only request of that name since the last look; other requests go unanswered.
    pub(in crate::app) fn operation(&mut self, name: &str) -> OperationId {
        let asked = self.asked();
        let fits = |(operation, request): &(OperationId, Request)| {
            (request.name() == name).then(|| operation.clone())
        };
        let found: Vec<_> = asked.iter().filter_map(fits).collect();
        assert_eq!(found.len(), 1, "{name} once in {asked:?}");
        found[0].clone()
    }

    pub(in crate::app) fn refuse_with(&mut self, operation: &OperationId, code: i64, message: &str) {
        self.answer(operation, Err(RequestError::Refused { code, message: message.into() }));
    }

    pub(in crate::app) fn lose_connection(&mut self) {
        self.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(self.at + 9000) }));
    }

    pub(in crate::app) fn details(&mut self, operation: &OperationId, contact: &ContactDto) {
        self.event(CHANNEL, contact::event(name::DETAILS, Some(operation.as_str()), contact));
    }

    pub(in crate::app) fn finds(&mut self, operation: &OperationId, contacts: &[ContactDto], total: usize) {
        self.event(CHANNEL, contact::found(contacts, total, Some(operation.as_str())));
    }

    pub(in crate::app) fn people(&self) -> Vec<String> {
        self.contacts().picker.shown().map(|item| item.label.to_string()).collect()
    }

    pub(in crate::app) fn contacts(&self) -> &ContactList {
        match self.state.layers.last() {
            Some(Layer::Contacts(layer)) => match layer {
                ContactsLayer::List(list) => list,
                ContactsLayer::Past(view) => panic!("no list of contacts: {view:?}"),
            },
            other => panic!("no list of contacts: {other:?}"),
        }
    }

    pub(in crate::app) fn has_form(&self) -> bool {
        matches!(self.state.layers.last(), Some(Layer::Form(_)))
    }
}

#[test]
fn details_that_nobody_asked_for_open_no_form() {
    let mut console = console();
    console.keys("F8");
    let operation = console.operation("get-details");
    console.details(&"another".into(), &lucia("c1"));
    assert!(console.state.layers.is_empty());
    console.details(&operation, &lucia("c1"));
    assert!(console.has_form());
    console.details(&operation, &lucia("c1"));
    assert_eq!(console.state.layers.len(), 1, "the same answer twice opens one form");
}

#[test]
fn details_that_come_after_a_lost_connection_open_no_form() {
    let mut console = console();
    console.keys("F8");
    let operation = console.operation("get-details");
    console.lose_connection();
    console.tell(What::Link(Link::Online { websocket: true }));
    console.details(&operation, &lucia("c1"));
    assert!(console.state.layers.is_empty());
}

#[test]
fn contacts_are_not_requested_without_a_connection() {
    let mut console = console();
    console.lose_connection();
    for keys in ["F8", "Shift+F8", "Alt+H"] {
        console.keys(keys);
        assert_eq!(console.names(), Vec::<&str>::new(), "{keys}");
        assert!(console.state.layers.is_empty(), "{keys}");
        assert!(console.notice().contains("no connection"), "{}", console.notice());
    }
}

#[test]
fn contact_and_history_need_a_session_whose_contact_is_known() {
    let mut console = TestConsole::new();
    console.asked();
    console.keys("F8 Alt+H");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.notice().contains("no session"), "{}", console.notice());
    console.open("i1");
    console.asked();
    console.keys("Alt+H");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.state.layers.is_empty());
}

#[test]
fn directory_stays_closed_where_the_option_disables_it() {
    let mut console = disabled("contact.lookup.enable");
    console.keys("Shift+F8");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.state.layers.is_empty());
    assert!(console.notice().contains("contact.lookup.enable"), "{}", console.notice());
}

#[test]
fn contacts_are_not_assigned_where_the_option_disables_it() {
    let mut console = disabled("contact.can-use-assign-contact");
    console.typed("/assign");
    console.keys("Enter");
    assert!(!console.names().contains(&"identify-contact"));
    assert!(console.state.layers.is_empty());
    assert!(console.notice().contains("contact.can-use-assign-contact"), "{}", console.notice());
}

#[test]
fn contact_is_not_assigned_to_a_session_that_is_gone() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console.typed("/assign");
    console.keys("Enter");
    let operation = console.operation("identify-contact");
    let suggested = contact::identified("", false, &[lucia("c7")], Some(operation.as_str()));
    console.event(CHANNEL, suggested);
    assert!(console.people()[0].contains("Lucía Fernández"), "{:?}", console.people());
    console.keys("Enter");
    let depth = console.state.layers.len();
    console.interaction("i1", "Queued");
    assert_eq!(console.shown(), "");
    if let Some(Layer::Pick(picker)) = console.state.layers.last_mut() {
        let assign = picker.shown().position(|item| item.label.contains("is this contact")).unwrap();
        picker.select(assign);
    } else {
        panic!("no list of acts in {depth} layers");
    }
    console.keys("Enter");
    assert!(!matches!(console.state.layers.last(), Some(Layer::Confirm(_))));
    assert!(!console.names().contains(&"assign-contact"));
    assert!(console.notice().contains("not yours any more"), "{}", console.notice());
}

#[test]
fn suggestions_for_another_session_do_not_fill_the_open_list() {
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console.typed("/assign");
    console.keys("Enter");
    let first = console.operation("identify-contact");
    console.keys("Esc");
    console.open("i2");
    console.asked();
    assert_eq!(console.shown(), "i2");
    console.typed("/assign");
    console.keys("Enter");
    let second = console.operation("identify-contact");
    console.event(CHANNEL, contact::identified("", false, &[lucia("c7")], Some(first.as_str())));
    assert_eq!(console.people(), Vec::<String>::new());
    console.event(CHANNEL, contact::identified("", false, &[], Some(second.as_str())));
    assert!(!console.people().is_empty() && !console.people()[0].contains("Lucía"), "{:?}", console.people());
}

#[test]
fn search_is_repeated_after_an_error_and_not_while_it_runs() {
    let mut console = console();
    console.keys("Shift+F8");
    let first = console.operation("search-contacts");
    console.keys("Left Right");
    assert_eq!(console.names(), Vec::<&str>::new(), "the same words are not searched for twice");
    console.refuse_with(&first, 500, "the directory is being restored");
    let list = console.contacts();
    assert!(list.picker.empty.contains("the directory is being restored"), "{:?}", list.picker.empty);
    console.typed("lu");
    assert_eq!(console.names(), ["search-contacts", "search-contacts"]);
}

#[test]
fn another_page_is_requested_and_new_words_begin_at_the_first() {
    let mut console = console();
    console.keys("Shift+F8");
    let operation = console.operation("search-contacts");
    let page: Vec<_> = (0..10).map(|number| lucia(&format!("c{number}"))).collect();
    console.finds(&operation, &page, 57);
    let next = console.people().iter().position(|label| label.contains("next page")).unwrap();
    let list = console.state.layers.last_mut().and_then(Layer::list_mut).unwrap();
    list.select(next);
    console.keys("Enter");
    let (start, limit) = match console.asked().pop() {
        Some((_, Request::ContactSearch { start, limit, .. })) => (start, limit),
        other => panic!("no search: {other:?}"),
    };
    assert_eq!((start, limit), (10, 10));
    console.typed("l");
    let Some((_, Request::ContactSearch { start, .. })) = console.asked().pop() else { panic!("no search") };
    assert_eq!(start, 0);
}

#[test]
fn history_of_another_contact_does_not_fill_the_list() {
    let mut console = console();
    console.keys("Alt+H");
    let asked = console.asked();
    assert!(asked.iter().any(|(_, request)| request.name() == "get-history"), "{asked:?}");
    let history = |contact: &str| {
        json!({"messageType": "UcsMessage", "name": "EventGetContactHistory", "contactId": contact,
            "interactions": [{"id": "old", "state": "Processed", "subject": "an invoice",
                "startDate": "2026-11-01T09:30:00Z"}]})
    };
    console.event(CHANNEL, history("c2"));
    assert!(!console.people().iter().any(|label| label.contains("invoice")), "{:?}", console.people());
    console.event(CHANNEL, history("c1"));
    assert_eq!(console.people().len(), 1);
}

#[test]
fn a_new_contact_is_created_once_when_enter_is_pressed_twice() {
    let mut console = console();
    console.keys("Shift+F8");
    let operation = console.operation("search-contacts");
    console.finds(&operation, &[], 0);
    console.keys("Enter");
    assert!(console.has_form());
    console.keys("Enter");
    assert_eq!(console.names(), Vec::<&str>::new(), "names are mandatory");
    let Some(Layer::Form(form)) = console.state.layers.last() else { panic!("no form") };
    assert!(form.trouble.is_some() || form.field().is_some());
    for _ in 0..6 {
        let Some(Layer::Form(form)) = console.state.layers.last() else { panic!("no form") };
        let field = form.field().map(|field| field.name.clone()).unwrap_or_default();
        if ["FirstName", "LastName"].contains(&field.as_str()) {
            console.typed("Noor");
        }
        console.keys("Tab");
    }
    console.keys("Enter Enter");
    let created = console.operation("create-contact");
    console.refuse_with(&created, 409, "the number belongs to somebody else");
    let Some(Layer::Form(form)) = console.state.layers.last() else { panic!("the form is gone") };
    assert!(form.trouble.as_ref().unwrap().contains("the number belongs to somebody else"));
    console.keys("Enter");
    let created = console.operation("create-contact");
    let event = contact::event(name::INSERTED, Some(created.as_str()), &lucia("c9"));
    console.answer(&created, Ok(Json::Null));
    console.event(CHANNEL, event);
    assert!(!console.has_form());
    assert!(console.notice().contains("Lucía Fernández"), "{}", console.notice());
}

#[test]
fn a_refused_unmerge_shows_the_servers_reason() {
    let mut console = console();
    console.typed("/unmerge");
    console.keys("Enter");
    let operation = console.operation("unmerge-contacts");
    console.refuse_with(&operation, 403, "your role may not merge contacts");
    assert!(console.notice().contains("your role may not merge contacts"), "{}", console.notice());
}

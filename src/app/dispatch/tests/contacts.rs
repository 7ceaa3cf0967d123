//! Contacts: answers that come late, errors, missing permissions, and sessions that end in between.

use super::Desk;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, RequestError, What};
use crate::app::core::settings::Settings;
use crate::app::features::contacts::{ContactList, ContactsLayer};
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
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.belongs_to("i1", "c1");
    desk
}

fn disabled(option: &str) -> Desk {
    let settings = Settings { local: [(option, "false")].into_iter().collect(), ..Settings::default() };
    let mut desk = Desk::with(settings);
    desk.open("i1");
    desk.asked();
    desk
}

impl Desk {
    /// Says whose session it is.
    pub(super) fn belongs_to(&mut self, id: &str, contact: &str) {
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "InteractionStateChanged", "interaction": {"id": id, "contactId": contact,
                "mediatype": "whatsappsession", "state": "Processing", "userData": [
                    {"key": "wa.profile-name", "type": "str", "value": format!("Name {id}")}]}}),
        );
        self.asked();
    }

    /// The only request of that name since the last look; other requests go unanswered.
    pub(super) fn operation(&mut self, name: &str) -> OperationId {
        let asked = self.asked();
        let fits = |(operation, request): &(OperationId, Request)| {
            (request.name() == name).then(|| operation.clone())
        };
        let found: Vec<_> = asked.iter().filter_map(fits).collect();
        assert_eq!(found.len(), 1, "{name} once in {asked:?}");
        found[0].clone()
    }

    pub(super) fn refuse_with(&mut self, operation: &OperationId, code: i64, message: &str) {
        self.answer(operation, Err(RequestError::Refused { code, message: message.into() }));
    }

    pub(super) fn lose_connection(&mut self) {
        self.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(self.at + 9000) }));
    }

    fn details(&mut self, operation: &OperationId, contact: &ContactDto) {
        self.event(CHANNEL, contact::event(name::DETAILS, Some(operation.as_str()), contact));
    }

    fn finds(&mut self, operation: &OperationId, contacts: &[ContactDto], total: usize) {
        self.event(CHANNEL, contact::found(contacts, total, Some(operation.as_str())));
    }

    fn people(&self) -> Vec<String> {
        self.contacts().picker.shown().map(|item| item.label.to_string()).collect()
    }

    fn contacts(&self) -> &ContactList {
        match self.state.layers.last() {
            Some(Layer::Contacts(layer)) => match layer {
                ContactsLayer::List(list) => list,
                ContactsLayer::Past(view) => panic!("no list of contacts: {view:?}"),
            },
            other => panic!("no list of contacts: {other:?}"),
        }
    }

    fn has_form(&self) -> bool {
        matches!(self.state.layers.last(), Some(Layer::Form(_)))
    }
}

#[test]
fn details_that_nobody_asked_for_open_no_form() {
    let mut desk = desk();
    desk.keys("F8");
    let operation = desk.operation("get-details");
    desk.details(&"another".into(), &lucia("c1"));
    assert!(desk.state.layers.is_empty());
    desk.details(&operation, &lucia("c1"));
    assert!(desk.has_form());
    desk.details(&operation, &lucia("c1"));
    assert_eq!(desk.state.layers.len(), 1, "the same answer twice opens one form");
}

#[test]
fn details_that_come_after_a_lost_connection_open_no_form() {
    let mut desk = desk();
    desk.keys("F8");
    let operation = desk.operation("get-details");
    desk.lose_connection();
    desk.tell(What::Link(Link::Online { websocket: true }));
    desk.details(&operation, &lucia("c1"));
    assert!(desk.state.layers.is_empty());
}

#[test]
fn contacts_are_not_requested_without_a_connection() {
    let mut desk = desk();
    desk.lose_connection();
    for keys in ["F8", "Shift+F8", "Alt+H"] {
        desk.keys(keys);
        assert_eq!(desk.names(), Vec::<&str>::new(), "{keys}");
        assert!(desk.state.layers.is_empty(), "{keys}");
        assert!(desk.notice().contains("no connection"), "{}", desk.notice());
    }
}

#[test]
fn contact_and_history_need_a_session_whose_contact_is_known() {
    let mut desk = Desk::new();
    desk.asked();
    desk.keys("F8 Alt+H");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.notice().contains("no session"), "{}", desk.notice());
    desk.open("i1");
    desk.asked();
    desk.keys("Alt+H");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.state.layers.is_empty());
}

#[test]
fn directory_stays_closed_where_the_option_disables_it() {
    let mut desk = disabled("contact.lookup.enable");
    desk.keys("Shift+F8");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.state.layers.is_empty());
    assert!(desk.notice().contains("contact.lookup.enable"), "{}", desk.notice());
}

#[test]
fn contacts_are_not_assigned_where_the_option_disables_it() {
    let mut desk = disabled("contact.can-use-assign-contact");
    desk.typed("/assign");
    desk.keys("Enter");
    assert!(!desk.names().contains(&"identify-contact"));
    assert!(desk.state.layers.is_empty());
    assert!(desk.notice().contains("contact.can-use-assign-contact"), "{}", desk.notice());
}

#[test]
fn contact_is_not_assigned_to_a_session_that_is_gone() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk.typed("/assign");
    desk.keys("Enter");
    let operation = desk.operation("identify-contact");
    let suggested = contact::identified("", false, &[lucia("c7")], Some(operation.as_str()));
    desk.event(CHANNEL, suggested);
    assert!(desk.people()[0].contains("Lucía Fernández"), "{:?}", desk.people());
    desk.keys("Enter");
    let depth = desk.state.layers.len();
    desk.interaction("i1", "Queued");
    assert_eq!(desk.shown(), "");
    if let Some(Layer::Pick(picker)) = desk.state.layers.last_mut() {
        let assign = picker.shown().position(|item| item.label.contains("is this contact")).unwrap();
        picker.select(assign);
    } else {
        panic!("no list of acts in {depth} layers");
    }
    desk.keys("Enter");
    assert!(!matches!(desk.state.layers.last(), Some(Layer::Confirm(_))));
    assert!(!desk.names().contains(&"assign-contact"));
    assert!(desk.notice().contains("not yours any more"), "{}", desk.notice());
}

#[test]
fn suggestions_for_another_session_do_not_fill_the_open_list() {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk.typed("/assign");
    desk.keys("Enter");
    let first = desk.operation("identify-contact");
    desk.keys("Esc");
    desk.open("i2");
    desk.asked();
    assert_eq!(desk.shown(), "i2");
    desk.typed("/assign");
    desk.keys("Enter");
    let second = desk.operation("identify-contact");
    desk.event(CHANNEL, contact::identified("", false, &[lucia("c7")], Some(first.as_str())));
    assert_eq!(desk.people(), Vec::<String>::new());
    desk.event(CHANNEL, contact::identified("", false, &[], Some(second.as_str())));
    assert!(!desk.people().is_empty() && !desk.people()[0].contains("Lucía"), "{:?}", desk.people());
}

#[test]
fn search_is_repeated_after_an_error_and_not_while_it_runs() {
    let mut desk = desk();
    desk.keys("Shift+F8");
    let first = desk.operation("search-contacts");
    desk.keys("Left Right");
    assert_eq!(desk.names(), Vec::<&str>::new(), "the same words are not searched for twice");
    desk.refuse_with(&first, 500, "the directory is being restored");
    let list = desk.contacts();
    assert!(list.picker.empty.contains("the directory is being restored"), "{:?}", list.picker.empty);
    desk.typed("lu");
    assert_eq!(desk.names(), ["search-contacts", "search-contacts"]);
}

#[test]
fn another_page_is_requested_and_new_words_begin_at_the_first() {
    let mut desk = desk();
    desk.keys("Shift+F8");
    let operation = desk.operation("search-contacts");
    let page: Vec<_> = (0..10).map(|number| lucia(&format!("c{number}"))).collect();
    desk.finds(&operation, &page, 57);
    let next = desk.people().iter().position(|label| label.contains("next page")).unwrap();
    let list = desk.state.layers.last_mut().and_then(Layer::list_mut).unwrap();
    list.select(next);
    desk.keys("Enter");
    let (start, limit) = match desk.asked().pop() {
        Some((_, Request::ContactSearch { start, limit, .. })) => (start, limit),
        other => panic!("no search: {other:?}"),
    };
    assert_eq!((start, limit), (10, 10));
    desk.typed("l");
    let Some((_, Request::ContactSearch { start, .. })) = desk.asked().pop() else { panic!("no search") };
    assert_eq!(start, 0);
}

#[test]
fn history_of_another_contact_does_not_fill_the_list() {
    let mut desk = desk();
    desk.keys("Alt+H");
    let asked = desk.asked();
    assert!(asked.iter().any(|(_, request)| request.name() == "get-history"), "{asked:?}");
    let history = |contact: &str| {
        json!({"messageType": "UcsMessage", "name": "EventGetContactHistory", "contactId": contact,
            "interactions": [{"id": "old", "state": "Processed", "subject": "an invoice",
                "startDate": "2026-11-01T09:30:00Z"}]})
    };
    desk.event(CHANNEL, history("c2"));
    assert!(!desk.people().iter().any(|label| label.contains("invoice")), "{:?}", desk.people());
    desk.event(CHANNEL, history("c1"));
    assert_eq!(desk.people().len(), 1);
}

#[test]
fn a_new_contact_is_created_once_when_enter_is_pressed_twice() {
    let mut desk = desk();
    desk.keys("Shift+F8");
    let operation = desk.operation("search-contacts");
    desk.finds(&operation, &[], 0);
    desk.keys("Enter");
    assert!(desk.has_form());
    desk.keys("Enter");
    assert_eq!(desk.names(), Vec::<&str>::new(), "names are mandatory");
    let Some(Layer::Form(form)) = desk.state.layers.last() else { panic!("no form") };
    assert!(form.trouble.is_some() || form.field().is_some());
    for _ in 0..6 {
        let Some(Layer::Form(form)) = desk.state.layers.last() else { panic!("no form") };
        let field = form.field().map(|field| field.name.clone()).unwrap_or_default();
        if ["FirstName", "LastName"].contains(&field.as_str()) {
            desk.typed("Noor");
        }
        desk.keys("Tab");
    }
    desk.keys("Enter Enter");
    let created = desk.operation("create-contact");
    desk.refuse_with(&created, 409, "the number belongs to somebody else");
    let Some(Layer::Form(form)) = desk.state.layers.last() else { panic!("the form is gone") };
    assert!(form.trouble.as_ref().unwrap().contains("the number belongs to somebody else"));
    desk.keys("Enter");
    let created = desk.operation("create-contact");
    let event = contact::event(name::INSERTED, Some(created.as_str()), &lucia("c9"));
    desk.answer(&created, Ok(Json::Null));
    desk.event(CHANNEL, event);
    assert!(!desk.has_form());
    assert!(desk.notice().contains("Lucía Fernández"), "{}", desk.notice());
}

#[test]
fn a_refused_unmerge_shows_the_servers_reason() {
    let mut desk = desk();
    desk.typed("/unmerge");
    desk.keys("Enter");
    let operation = desk.operation("unmerge-contacts");
    desk.refuse_with(&operation, 403, "your role may not merge contacts");
    assert!(desk.notice().contains("your role may not merge contacts"), "{}", desk.notice());
}

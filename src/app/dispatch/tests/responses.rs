//! Standard responses: answers that come late, refusals, lists without an end, and sessions that end in between.

use super::Desk;
use crate::app::core::layer::Layer;
use crate::domain::OperationId;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

const CHANNEL: &str = "/workspace/v3/contacts";
const RAW: &str = "Hello <$Contact.FirstName$>!";

impl Desk {
    fn responds(&mut self, operation: &OperationId, mut data: Json) {
        data["messageType"] = "UcsMessage".into();
        data["operationId"] = operation.as_str().into();
        self.event(CHANNEL, data);
    }

    fn draft_of(&self, id: &str) -> &str {
        self.state.by_id(&id.into()).unwrap().draft.text()
    }
}

fn category(id: &str, children: &Json, responses: &Json) -> Json {
    json!({"categoryId": id, "name": id, "childrenCategories": children, "childrenStdResponses": responses})
}

fn rendered(text: &str) -> Json {
    json!({"name": "EventRenderFieldCodes", "body": text, "wa.unknown-codes": [], "wa.empty-codes": []})
}

/// Opens the list; the server has one folder with one response, whose text has a field code. Returns the request
/// that fills the code.
fn opened(desk: &mut Desk) -> OperationId {
    desk.asked();
    desk.keys("Ctrl+R");
    let root = desk.operation("get-root");
    desk.responds(
        &root,
        json!({"name": "EventGetRootCategories", "categories": [{"categoryId": "g", "name": "g"}]}),
    );
    let folder = desk.operation("get-category");
    let hi = json!([{"standardResponseId": "hi", "name": "Welcome", "body": RAW}]);
    desk.responds(&folder, json!({"name": "EventGetCategory", "category": category("g", &json!([]), &hi)}));
    desk.operation("render-field-codes")
}

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open("i1");
    desk
}

#[test]
fn responses_open_only_with_a_session_and_a_connection() {
    let mut desk = Desk::new();
    desk.asked();
    desk.keys("Ctrl+R");
    assert_eq!(desk.names(), Vec::<&str>::new());
    desk.open("i1");
    desk.asked();
    desk.lose_connection();
    desk.keys("Ctrl+R");
    assert_eq!(desk.names(), Vec::<&str>::new());
    assert!(desk.state.layers.is_empty());
    assert!(desk.notice().contains("no connection"), "{}", desk.notice());
}

#[test]
fn a_text_that_is_filled_late_goes_into_its_own_session() {
    let mut desk = desk();
    desk.open("i2");
    desk.keys("Alt+1");
    assert_eq!(desk.shown(), "i1");
    let fill = opened(&mut desk);
    desk.keys("Enter Alt+2");
    assert_eq!((desk.shown(), desk.draft_of("i1")), ("i2", ""));
    desk.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!((desk.draft_of("i1"), desk.draft_of("i2")), ("Hello Lucía!", ""));
}

#[test]
fn a_text_that_is_filled_after_its_session_ended_is_dropped() {
    let mut desk = desk();
    desk.open("i2");
    desk.keys("Alt+1");
    let fill = opened(&mut desk);
    desk.keys("Enter");
    desk.interaction("i1", "Queued");
    desk.keys("Alt+Right");
    desk.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!((desk.shown(), desk.draft_of("i2")), ("i2", ""));
}

#[test]
fn a_response_chosen_twice_is_inserted_once_and_unfilled() {
    let mut desk = desk();
    let fill = opened(&mut desk);
    desk.keys("Enter");
    assert_eq!(desk.draft_of("i1"), "");
    desk.asked();
    desk.keys("Ctrl+R");
    desk.keys("Enter");
    assert_eq!(desk.draft_of("i1"), RAW, "the second choice does not wait");
    desk.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!(desk.draft_of("i1"), RAW);
}

#[test]
fn a_text_of_before_a_lost_connection_is_not_inserted() {
    let mut desk = desk();
    let fill = opened(&mut desk);
    desk.keys("Enter");
    desk.lose_connection();
    desk.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!(desk.draft_of("i1"), "");
}

#[test]
fn a_filled_text_for_an_unknown_request_is_ignored() {
    let mut desk = desk();
    let fill = opened(&mut desk);
    desk.keys("Enter");
    desk.responds(&"another".into(), rendered("Hello Karim!"));
    assert_eq!(desk.draft_of("i1"), "");
    desk.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!(desk.draft_of("i1"), "Hello Lucía!");
}

#[test]
fn a_favourite_that_fails_later_is_taken_back() {
    let mut desk = desk();
    opened(&mut desk);
    desk.keys("Insert");
    let add = desk.operation("add-to-favorites");
    assert_eq!(desk.state.library.favorites, ["hi"]);
    desk.answer(&add, Ok(Json::Null));
    assert_eq!(desk.state.library.favorites, ["hi"]);
    desk.event(
        CHANNEL,
        json!({"messageType": "EventError", "operationId": add.as_str(),
            "error": {"errorCode": 500, "errorMessage": "the library is read-only"}}),
    );
    assert!(desk.state.library.favorites.is_empty());
    assert!(desk.notice().contains("the library is read-only"), "{}", desk.notice());
    desk.keys("Insert Insert");
    assert_eq!(desk.names(), ["add-to-favorites", "remove-from-favorites"]);
}

#[test]
fn folders_that_contain_each_other_are_read_once() {
    let mut desk = desk();
    desk.asked();
    desk.keys("Ctrl+R");
    let root = desk.operation("get-root");
    desk.responds(
        &root,
        json!({"name": "EventGetRootCategories", "categories": [{"categoryId": "a", "name": "a"}]}),
    );
    let a = desk.operation("get-category");
    let inside = |id: &str, child: &str| {
        json!({"name": "EventGetCategory",
            "category": category(id, &json!([{"categoryId": child, "name": child}]), &json!([]))})
    };
    desk.responds(&a, inside("a", "b"));
    let b = desk.operation("get-category");
    desk.responds(&b, inside("b", "a"));
    assert_eq!(desk.names(), Vec::<&str>::new());
}

#[test]
fn at_most_a_thousand_folders_are_read() {
    let mut desk = desk();
    desk.asked();
    desk.keys("Ctrl+R");
    let root = desk.operation("get-root");
    let all: Vec<Json> =
        (0..1500).map(|number| json!({"categoryId": number.to_string(), "name": "f"})).collect();
    desk.responds(&root, json!({"name": "EventGetRootCategories", "categories": all}));
    assert_eq!(desk.names().len(), 1000);
}

#[test]
fn an_unreadable_folder_is_reported_and_the_others_stay() {
    let mut desk = desk();
    desk.asked();
    desk.keys("Ctrl+R");
    let root = desk.operation("get-root");
    let two = json!([{"categoryId": "a", "name": "a"}, {"categoryId": "b", "name": "b"}]);
    desk.responds(&root, json!({"name": "EventGetRootCategories", "categories": two}));
    let asked = desk.asked();
    let of = |wanted: &str| {
        let fits = |request: &Request| matches!(request, Request::ResponseCategory(id) if id == wanted);
        asked.iter().find(|(_, request)| fits(request)).unwrap().0.clone()
    };
    desk.refuse_with(&of("a"), 403, "not for your group");
    assert!(desk.notice().contains("not for your group"), "{}", desk.notice());
    let bye = json!([{"standardResponseId": "bye", "name": "Goodbye", "body": "Goodbye!"}]);
    desk.responds(&of("b"), json!({"name": "EventGetCategory", "category": category("b", &json!([]), &bye)}));
    desk.keys("Enter");
    assert_eq!(desk.draft_of("i1"), "Goodbye!");
}

#[test]
fn a_response_without_a_text_is_not_inserted_when_it_cannot_be_read() {
    let mut desk = desk();
    desk.asked();
    desk.keys("Ctrl+R");
    let asked = desk.asked();
    let liked = asked.iter().find(|(_, request)| request.name() == "get-favorites").unwrap().0.clone();
    let root = asked.iter().find(|(_, request)| request.name() == "get-root").unwrap().0.clone();
    desk.refuse_with(&root, 500, "the folders are locked");
    desk.responds(
        &liked,
        json!({"name": "EventGetFavoriteResponses",
            "standardResponses": [{"standardResponseId": "bye", "name": "Goodbye"}]}),
    );
    desk.keys("Enter");
    let asked = desk.asked();
    assert!(!asked.is_empty());
    for (operation, _) in &asked {
        desk.refuse_with(operation, 404, "it was deleted");
    }
    assert_eq!(desk.draft_of("i1"), "");
    assert!(desk.notice().contains("it was deleted"), "{}", desk.notice());
}

#[test]
fn detach_without_a_matching_attachment_changes_nothing() {
    let mut desk = desk();
    desk.typed("/detach");
    desk.keys("Enter");
    assert!(desk.notice().contains("no attachment"), "{}", desk.notice());
    desk.asked();
    desk.keys("Ctrl+R");
    let root = desk.operation("get-root");
    desk.responds(
        &root,
        json!({"name": "EventGetRootCategories", "categories": [{"categoryId": "g", "name": "g"}]}),
    );
    let folder = desk.operation("get-category");
    let menu = json!([{"standardResponseId": "menu", "name": "Menu", "body": "Our menu.", "attachments": [
        {"documentId": "d1", "name": "menu.pdf", "mime": "application/pdf", "size": 240_000}]}]);
    desk.responds(&folder, json!({"name": "EventGetCategory", "category": category("g", &json!([]), &menu)}));
    desk.keys("Enter");
    assert!(!matches!(desk.state.layers.last(), Some(Layer::Responses(_))));
    desk.keys("Ctrl+U");
    desk.typed("/detach map");
    desk.keys("Enter");
    assert_eq!(desk.state.session().unwrap().enclosures.len(), 1);
    assert!(desk.notice().contains("map"), "{}", desk.notice());
}

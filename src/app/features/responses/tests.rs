//! Standard responses: answers that come late, refusals, lists without an end, and sessions that end in between.

use crate::app::core::layer::Layer;
use crate::app::test_console::TestConsole;
use crate::domain::OperationId;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

const CHANNEL: &str = "/workspace/v3/contacts";
const RAW: &str = "Hello <$Contact.FirstName$>!";

impl TestConsole {
    pub(in crate::app) fn responds(&mut self, operation: &OperationId, mut data: Json) {
        data["messageType"] = "UcsMessage".into();
        data["operationId"] = operation.as_str().into();
        self.event(CHANNEL, data);
    }

    pub(in crate::app) fn draft_of(&self, id: &str) -> &str {
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
fn opened(console: &mut TestConsole) -> OperationId {
    console.asked();
    console.keys("Ctrl+R");
    let root = console.operation("get-root");
    console.responds(
        &root,
        json!({"name": "EventGetRootCategories", "categories": [{"categoryId": "g", "name": "g"}]}),
    );
    let folder = console.operation("get-category");
    let hi = json!([{"standardResponseId": "hi", "name": "Welcome", "body": RAW}]);
    console
        .responds(&folder, json!({"name": "EventGetCategory", "category": category("g", &json!([]), &hi)}));
    console.operation("render-field-codes")
}

fn console() -> TestConsole {
    let mut console = TestConsole::new();
    console.open("i1");
    console
}

#[test]
fn responses_open_only_with_a_session_and_a_connection() {
    let mut console = TestConsole::new();
    console.asked();
    console.keys("Ctrl+R");
    assert_eq!(console.names(), Vec::<&str>::new());
    console.open("i1");
    console.asked();
    console.lose_connection();
    console.keys("Ctrl+R");
    assert_eq!(console.names(), Vec::<&str>::new());
    assert!(console.state.layers.is_empty());
    assert!(console.notice().contains("no connection"), "{}", console.notice());
}

#[test]
fn a_text_that_is_filled_late_goes_into_its_own_session() {
    let mut console = console();
    console.open("i2");
    console.keys("Alt+1");
    assert_eq!(console.shown(), "i1");
    let fill = opened(&mut console);
    console.keys("Enter Alt+2");
    assert_eq!((console.shown(), console.draft_of("i1")), ("i2", ""));
    console.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!((console.draft_of("i1"), console.draft_of("i2")), ("Hello Lucía!", ""));
}

#[test]
fn a_text_that_is_filled_after_its_session_ended_is_dropped() {
    let mut console = console();
    console.open("i2");
    console.keys("Alt+1");
    let fill = opened(&mut console);
    console.keys("Enter");
    console.interaction("i1", "Queued");
    console.keys("Alt+Right");
    console.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!((console.shown(), console.draft_of("i2")), ("i2", ""));
}

#[test]
fn a_response_chosen_twice_is_inserted_once_and_unfilled() {
    let mut console = console();
    let fill = opened(&mut console);
    console.keys("Enter");
    assert_eq!(console.draft_of("i1"), "");
    console.asked();
    console.keys("Ctrl+R");
    console.keys("Enter");
    assert_eq!(console.draft_of("i1"), RAW, "the second choice does not wait");
    console.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!(console.draft_of("i1"), RAW);
}

#[test]
fn a_text_of_before_a_lost_connection_is_not_inserted() {
    let mut console = console();
    let fill = opened(&mut console);
    console.keys("Enter");
    console.lose_connection();
    console.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!(console.draft_of("i1"), "");
}

#[test]
fn a_filled_text_for_an_unknown_request_is_ignored() {
    let mut console = console();
    let fill = opened(&mut console);
    console.keys("Enter");
    console.responds(&"another".into(), rendered("Hello Karim!"));
    assert_eq!(console.draft_of("i1"), "");
    console.responds(&fill, rendered("Hello Lucía!"));
    assert_eq!(console.draft_of("i1"), "Hello Lucía!");
}

#[test]
fn a_favourite_that_fails_later_is_taken_back() {
    let mut console = console();
    opened(&mut console);
    console.keys("Insert");
    let add = console.operation("add-to-favorites");
    assert_eq!(console.state.library.favorites, ["hi"]);
    console.answer(&add, Ok(Json::Null));
    assert_eq!(console.state.library.favorites, ["hi"]);
    console.event(
        CHANNEL,
        json!({"messageType": "EventError", "operationId": add.as_str(),
            "error": {"errorCode": 500, "errorMessage": "the library is read-only"}}),
    );
    assert!(console.state.library.favorites.is_empty());
    assert!(console.notice().contains("the library is read-only"), "{}", console.notice());
    console.keys("Insert Insert");
    assert_eq!(console.names(), ["add-to-favorites", "remove-from-favorites"]);
}

#[test]
fn folders_that_contain_each_other_are_read_once() {
    let mut console = console();
    console.asked();
    console.keys("Ctrl+R");
    let root = console.operation("get-root");
    console.responds(
        &root,
        json!({"name": "EventGetRootCategories", "categories": [{"categoryId": "a", "name": "a"}]}),
    );
    let a = console.operation("get-category");
    let inside = |id: &str, child: &str| {
        json!({"name": "EventGetCategory",
            "category": category(id, &json!([{"categoryId": child, "name": child}]), &json!([]))})
    };
    console.responds(&a, inside("a", "b"));
    let b = console.operation("get-category");
    console.responds(&b, inside("b", "a"));
    assert_eq!(console.names(), Vec::<&str>::new());
}

#[test]
fn at_most_a_thousand_folders_are_read() {
    let mut console = console();
    console.asked();
    console.keys("Ctrl+R");
    let root = console.operation("get-root");
    let all: Vec<Json> =
        (0..1500).map(|number| json!({"categoryId": number.to_string(), "name": "f"})).collect();
    console.responds(&root, json!({"name": "EventGetRootCategories", "categories": all}));
    assert_eq!(console.names().len(), 1000);
}

#[test]
fn an_unreadable_folder_is_reported_and_the_others_stay() {
    let mut console = console();
    console.asked();
    console.keys("Ctrl+R");
    let root = console.operation("get-root");
    let two = json!([{"categoryId": "a", "name": "a"}, {"categoryId": "b", "name": "b"}]);
    console.responds(&root, json!({"name": "EventGetRootCategories", "categories": two}));
    let asked = console.asked();
    let of = |wanted: &str| {
        let fits = |request: &Request| matches!(request, Request::ResponseCategory(id) if id == wanted);
        asked.iter().find(|(_, request)| fits(request)).unwrap().0.clone()
    };
    console.refuse_with(&of("a"), 403, "not for your group");
    assert!(console.notice().contains("not for your group"), "{}", console.notice());
    let bye = json!([{"standardResponseId": "bye", "name": "Goodbye", "body": "Goodbye!"}]);
    console
        .responds(&of("b"), json!({"name": "EventGetCategory", "category": category("b", &json!([]), &bye)}));
    console.keys("Enter");
    assert_eq!(console.draft_of("i1"), "Goodbye!");
}

#[test]
fn a_response_without_a_text_is_not_inserted_when_it_cannot_be_read() {
    let mut console = console();
    console.asked();
    console.keys("Ctrl+R");
    let asked = console.asked();
    let liked = asked.iter().find(|(_, request)| request.name() == "get-favorites").unwrap().0.clone();
    let root = asked.iter().find(|(_, request)| request.name() == "get-root").unwrap().0.clone();
    console.refuse_with(&root, 500, "the folders are locked");
    console.responds(
        &liked,
        json!({"name": "EventGetFavoriteResponses",
            "standardResponses": [{"standardResponseId": "bye", "name": "Goodbye"}]}),
    );
    console.keys("Enter");
    let asked = console.asked();
    assert!(!asked.is_empty());
    for (operation, _) in &asked {
        console.refuse_with(operation, 404, "it was deleted");
    }
    assert_eq!(console.draft_of("i1"), "");
    assert!(console.notice().contains("it was deleted"), "{}", console.notice());
}

#[test]
fn detach_without_a_matching_attachment_changes_nothing() {
    let mut console = console();
    console.typed("/detach");
    console.keys("Enter");
    assert!(console.notice().contains("no attachment"), "{}", console.notice());
    console.asked();
    console.keys("Ctrl+R");
    let root = console.operation("get-root");
    console.responds(
        &root,
        json!({"name": "EventGetRootCategories", "categories": [{"categoryId": "g", "name": "g"}]}),
    );
    let folder = console.operation("get-category");
    let menu = json!([{"standardResponseId": "menu", "name": "Menu", "body": "Our menu.", "attachments": [
        {"documentId": "d1", "name": "menu.pdf", "mime": "application/pdf", "size": 240_000}]}]);
    console
        .responds(&folder, json!({"name": "EventGetCategory", "category": category("g", &json!([]), &menu)}));
    console.keys("Enter");
    assert!(!matches!(console.state.layers.last(), Some(Layer::Responses(_))));
    console.keys("Ctrl+U");
    console.typed("/detach map");
    console.keys("Enter");
    assert_eq!(console.state.session().unwrap().enclosures.len(), 1);
    assert!(console.notice().contains("map"), "{}", console.notice());
}

//! Standard responses over real sockets, with a library on disk.

use super::rig::{Person, Rig};
use deskline::domain::Millis;
use deskline::domain::response::{Category, FileInfo, StandardResponse};
use deskline::store::library::ResponseLibrary;
use reqwest::StatusCode;
use serde_json::{Value, json};

fn category(id: &str, path: &str, language: &str) -> Category {
    Category { id: id.into(), path: path.into(), language: language.into(), description: "d".into() }
}

fn response(id: &str, category: &str, name: &str, body: &str) -> StandardResponse {
    StandardResponse {
        id: id.into(),
        category: category.into(),
        name: name.into(),
        language: "English".into(),
        body: body.into(),
        approved: true,
        usage: "SuggestedResponse".into(),
        ..StandardResponse::default()
    }
}

async fn rig() -> Rig {
    let rig = Rig::new().await;
    let mut menu = response(
        "menu",
        "orders",
        "Menu",
        "Here is our <b>menu</b>, <$Agent.FirstName$> <$No.Such$> <$Contact.EmailAddress$>",
    );
    let file =
        FileInfo { document: "doc".into(), name: "menu.pdf".into(), mime: "application/pdf".into(), size: 5 };
    menu.files = vec![file];
    let draft = StandardResponse { approved: false, ..response("draft", "orders", "Draft", "not yet") };
    let over =
        StandardResponse { expires: Some(Millis(1)), ..response("over", "orders", "Over", "too late") };
    let library = ResponseLibrary {
        categories: vec![
            category("orders", "Orders", ""),
            category("late", "Orders/Late", ""),
            category("fr", "Bonjour", "French"),
        ],
        responses: vec![menu, draft, over, response("late1", "late", "Is late", "We are sórry")],
    };
    rig.library.put_document("doc".into(), "%PDF-".into()).await.unwrap();
    rig.library.import(library, false, false).await.unwrap();
    rig
}

/// Asks, and gives the event that brings the result.
async fn asks(ana: &Person<'_>, client: &str, path: &str, data: Value) -> Value {
    let body = json!({"operationId": "op-9", "data": data}).to_string();
    let (status, reply) = ana.post(&format!("/ucs/responses/{path}"), body).await;
    assert_eq!((status, &reply["status"]["code"]), (StatusCode::OK, &json!(1)), "{reply}");
    let (_, events) = ana.connect(client, true).await;
    let found = events.iter().map(|event| &event["data"]).find(|data| data["operationId"] == "op-9");
    let event = found.unwrap_or_else(|| panic!("nothing came: {events:?}")).clone();
    assert_eq!(event["messageType"], "UcsMessage");
    event
}

async fn listening(person: &Person<'_>) -> String {
    let client = person.handshake().await;
    person.subscribe(&client, json!("/workspace/v3/contacts")).await;
    client
}

#[tokio::test]
async fn library_has_the_apis_shapes_and_lists_only_valid_responses() {
    let rig = rig().await;
    let ana = rig.person("ana").await;
    let client = listening(&ana).await;
    let root = asks(&ana, &client, "categories/get-root", json!({"approved": true})).await;
    assert_eq!(root["name"], "EventGetRootCategories");
    let names: Vec<&str> =
        root["categories"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Bonjour", "Orders"]);
    let root = asks(&ana, &client, "categories/get-root", json!({"language": "English"})).await;
    assert_eq!(root["categories"].as_array().unwrap().len(), 1);
    assert_eq!(root["categories"][0]["categoryId"], "orders");

    let wanted = json!({"returnChildrenCategories": true, "returnChildrenSRInfo": true});
    let orders = asks(&ana, &client, "categories/orders/get-details", wanted).await;
    assert_eq!(orders["name"], "EventGetCategory");
    let orders = &orders["category"];
    assert_eq!(orders["childrenCategories"][0]["name"], "Late");
    let inside = orders["childrenStdResponses"].as_array().unwrap();
    assert_eq!(inside.len(), 1, "drafts and what has expired are not told: {inside:?}");
    assert_eq!(inside[0]["standardResponseId"], "menu");
    let bare = json!({"returnChildrenCategories": false, "returnChildrenSRInfo": false});
    let bare = asks(&ana, &client, "categories/orders/get-details", bare).await;
    assert!(bare["category"].get("childrenStdResponses").is_none());

    let menu = asks(&ana, &client, "menu/get-details", json!({"attachments": true})).await;
    assert_eq!(menu["name"], "EventGetStandardResponse");
    let menu = &menu["standardResponse"];
    assert_eq!(
        (&menu["name"], &menu["lang"], &menu["isActive"]),
        (&json!("Menu"), &json!("English"), &json!(true))
    );
    assert_eq!(
        menu["attachments"][0],
        json!({"documentId": "doc", "name": "menu.pdf", "mime": "application/pdf", "size": 5})
    );
    for path in ["draft/get-details", "over/get-details", "none/get-details", "categories/none/get-details"] {
        assert_eq!(ana.post(&format!("/ucs/responses/{path}"), "{}").await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_search_looks_into_texts_and_ignores_accents() {
    let rig = rig().await;
    let ana = rig.person("ana").await;
    let client = listening(&ana).await;
    let found = asks(&ana, &client, "search", json!({"query": "SORRY late"})).await;
    assert_eq!(
        (&found["name"], &found["responses"][0]["name"]),
        (&json!("EventSearchStandardResponses"), &json!("Is late"))
    );
    assert_eq!(found["responses"].as_array().unwrap().len(), 1);
    let all = asks(&ana, &client, "search", json!({"query": "*", "maxResults": 1})).await;
    assert_eq!(all["responses"].as_array().unwrap().len(), 1);
    assert_eq!(ana.post("/ucs/responses/search", "{}").await.0, 400);
}

#[tokio::test]
async fn field_codes_are_filled_for_a_session_one_has() {
    let rig = rig().await;
    let ana = rig.person("ana").await;
    let client = listening(&ana).await;
    let done = asks(&ana, &client, "menu/render-field-codes", json!({"interactionId": "i1"})).await;
    assert_eq!(done["name"], "EventRenderFieldCodes");
    assert_eq!(done["body"], "Here is our <b>menu</b>, Ana <$No.Such$> lucia@shop.example");
    assert_eq!((&done["wa.unknown-codes"], &done["wa.empty-codes"]), (&json!(["No.Such"]), &json!([])));
    let body = json!({"data": {"interactionId": "other"}}).to_string();
    assert_eq!(ana.post("/ucs/responses/menu/render-field-codes", body).await.0, 404);
    assert_eq!(ana.post("/ucs/responses/menu/render-field-codes", "{}").await.0, 400);
}

#[tokio::test]
async fn favourites_are_an_agents_own_and_a_use_is_noted_once() {
    let rig = rig().await;
    let (ana, bob) = (rig.person("ana").await, rig.person("bob").await);
    let client = listening(&ana).await;
    asks(&ana, &client, "menu/add-to-favorites", json!({})).await;
    asks(&ana, &client, "late1/add-to-favorites", json!({})).await;
    asks(&ana, &client, "menu/remove-from-favorites", json!({})).await;
    let liked = asks(&ana, &client, "get-favorites", json!({})).await;
    assert_eq!(liked["name"], "EventGetFavoriteResponses");
    assert_eq!(liked["standardResponses"][0]["standardResponseId"], "late1");
    let his = listening(&bob).await;
    let none = asks(&bob, &his, "get-favorites", json!({})).await;
    assert_eq!(none["standardResponses"], json!([]));
    asks(&ana, &client, "remove-all-favorites", json!({})).await;
    let none = asks(&ana, &client, "get-favorites", json!({})).await;
    assert_eq!(none["standardResponses"], json!([]));

    let use_of = json!({"interactionId": "i1", "responseType": "SuggestedResponseChoosen"});
    for _ in 0..2 {
        let noted = asks(&ana, &client, "menu/report-usage", use_of.clone()).await;
        assert_eq!(noted["name"], "EventReportStandardResponseUsageAck");
    }
    let bad = json!({"data": {"interactionId": "i1", "responseType": "Liked"}}).to_string();
    assert_eq!(ana.post("/ucs/responses/menu/report-usage", bad).await.0, 400);
    let uses = rig.uses();
    assert_eq!(uses, ["ana i1 menu SuggestedResponseChoosen"], "the same operation counts once");
}

#[tokio::test]
async fn a_supervisor_reads_and_changes_nothing() {
    let rig = rig().await;
    let sup = rig.person("sup").await;
    for path in ["categories/get-root", "categories/orders/get-details", "menu/get-details", "get-favorites"]
    {
        assert_eq!(sup.post(&format!("/ucs/responses/{path}"), "{}").await.0, 200, "{path}");
    }
    assert_eq!(sup.post("/ucs/responses/search", r#"{"data":{"query":"*"}}"#).await.0, 200);
    for path in [
        "menu/add-to-favorites",
        "menu/remove-from-favorites",
        "remove-all-favorites",
        "menu/report-usage",
        "menu/render-field-codes",
    ] {
        assert_eq!(sup.post(&format!("/ucs/responses/{path}"), "{}").await.0, 403, "{path}");
    }
    assert_eq!(sup.post("/media/chat/interactions/i1/upload-file", "{}").await.0, 403);
}

#[tokio::test]
async fn a_file_is_read_and_sent_only_by_its_response() {
    let rig = rig().await;
    let ana = rig.person("ana").await;
    let (status, bytes) = ana.get("/ucs/responses/menu/attachments/doc").await;
    assert_eq!((status, bytes), (StatusCode::OK, json!("%PDF-")));
    for path in ["late1/attachments/doc", "menu/attachments/none", "draft/attachments/doc"] {
        assert_eq!(ana.get(&format!("/ucs/responses/{path}")).await.0, 404, "{path}");
    }
    let send = |document: &str, response: &str| {
        json!({"operationId": "o", "data": {"documentId": document, "documentName": "x", "standardResponseId": response}})
            .to_string()
    };
    let path = "/media/whatsappsession/interactions/i1/upload-file";
    assert_eq!(ana.post(path, send("doc", "menu")).await.0, 200);
    assert_eq!(rig.asked.count("menu.pdf"), 1);
    assert_eq!(ana.post(path, send("doc", "late1")).await.0, 404);
    assert_eq!(ana.post(path, "{}").await.0, 400);
    assert_eq!(ana.post("/media/email/interactions/i1/upload-file", send("doc", "menu")).await.0, 404);
}

#[tokio::test]
async fn a_new_library_is_seen_without_a_restart() {
    let rig = rig().await;
    let ana = rig.person("ana").await;
    let client = listening(&ana).await;
    assert_eq!(asks(&ana, &client, "search", json!({"query": "hello"})).await["responses"], json!([]));
    let new = ResponseLibrary {
        categories: vec![category("orders", "Orders", "")],
        responses: vec![response("new", "orders", "New", "hello")],
    };
    rig.library.import(new, true, false).await.unwrap();
    assert_eq!(asks(&ana, &client, "search", json!({"query": "hello"})).await["responses"][0]["name"], "New");
    assert_eq!(asks(&ana, &client, "search", json!({"query": "menu"})).await["responses"], json!([]));
}

//! Workbins over the wire: the shapes of requests, replies and events.

use super::rig::{Person, Rig};
use serde_json::{Value, json};

/// Does a request and gives its reply and the event it brings.
async fn event(ana: &Person<'_>, client: &str, path: &str, data: Value) -> (Value, Value) {
    let body = json!({"operationId": "op-7", "data": data}).to_string();
    let ((_, events), (status, reply)) = tokio::join!(ana.connect(client, false), ana.post(path, body));
    assert_eq!(
        (status.as_u16(), &reply["status"]["code"], &reply["operationId"]),
        (200, &json!(1), &json!("op-7"))
    );
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["channel"], "/workspace/v3/workbins");
    let data = events[0]["data"].clone();
    assert_eq!((&data["messageType"], &data["operationId"]), (&json!("WorkbinsMessage"), &json!("op-7")));
    (reply, data)
}

async fn listening(rig: &Rig) -> (Person<'_>, String) {
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    ana.subscribe(&client, json!("/workspace/v3/workbins")).await;
    ana.connect(&client, true).await;
    (ana, client)
}

#[tokio::test]
async fn workbins_and_their_content_come_as_events() {
    let rig = Rig::new().await;
    let (ana, client) = listening(&rig).await;
    let (_, list) = event(&ana, &client, "/workbins/get-workbins", json!({})).await;
    assert_eq!(list["name"], "EventWorkbins");
    assert_eq!(
        list["workbins"],
        json!([
            {"id": "mine", "workbinName": "mine", "displayName": "The mine", "type": "Agent", "owner": "ana"},
            {"id": "ours", "workbinName": "ours", "displayName": "The ours", "type": "AgentGroup", "owner": "Billing"},
        ])
    );
    let (_, one) = event(&ana, &client, "/workbins/mine/get-content", json!({"ownerId": "ana"})).await;
    assert_eq!((&one["name"], &one["workbin"]["id"]), (&json!("EventWorkbinContent"), &json!("mine")));
    assert_eq!(one["workbin"]["interactions"][0]["state"], "InWorkbin");
    let (_, all) = event(&ana, &client, "/workbins/get-contents", json!({"workbinIds": "mine, ours"})).await;
    assert_eq!(all["name"], "EventWorkbinsContent");
    for id in ["mine", "ours"] {
        assert_eq!(all["workbins"][id]["interactions"][0]["id"], "i1");
    }
    let (_, details) = event(&ana, &client, "/workbins/interactions/i1/get-details", json!({})).await;
    assert_eq!(
        (&details["name"], &details["interaction"]["id"]),
        (&json!("EventGetInteractionDetails"), &json!("i1"))
    );
}

#[tokio::test]
async fn following_and_putting_in_are_acknowledged() {
    let rig = Rig::new().await;
    let (ana, client) = listening(&rig).await;
    let (_, ack) =
        event(&ana, &client, "/workbins/mine/subscribe", json!({"notifyPropertyChanges": true})).await;
    assert_eq!((&ack["name"], &ack["operation"]), (&json!("EventAck"), &json!("SubscribeWorkbinEvents")));
    assert_eq!(ack["workbinId"], "mine");
    let (_, ack) = event(&ana, &client, "/workbins/mine/unsubscribe", json!({})).await;
    assert_eq!(ack["operation"], "UnsubscribeWorkbinEvents");
    event(&ana, &client, "/workbins/subscribe", json!({})).await;
    event(&ana, &client, "/workbins/unsubscribe", json!({})).await;
    for wanted in [
        r#"follow ana ["mine"] true"#,
        r#"follow ana ["mine"] false"#,
        r#"follow ana ["mine", "ours"] true"#,
        r#"follow ana ["mine", "ours"] false"#,
    ] {
        rig.asked.wait(wanted, 1).await;
    }
    let data = json!({"interactionId": "i1", "ownerId": "ana"});
    event(&ana, &client, "/workbins/mine/add-interaction", data).await;
    assert_eq!(
        rig.asked.count(r#"Park { id: InteractionId("i1"), workbin: Some("mine"), owner: Some("ana") }"#),
        1
    );
    let (status, _) =
        ana.post("/media/whatsappsession/interactions/i1/pull", r#"{"data":{"sourceId":"mine"}}"#).await;
    assert_eq!(status, 200);
    assert_eq!(rig.asked.count(r#"Pull { id: InteractionId("i1"), workbin: Some("mine") }"#), 1);
}

#[tokio::test]
async fn what_is_not_there_or_not_theirs_is_refused() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    for (path, data, status) in [
        ("/workbins/nowhere/get-content", json!({}), 404),
        ("/workbins/mine/get-content", json!({"ownerId": "bob"}), 403),
        ("/workbins/mine/dance", json!({}), 404),
        ("/workbins/dance", json!({}), 404),
        ("/workbins/get-contents", json!({}), 400),
        ("/workbins/mine/add-interaction", json!({}), 400),
        ("/workbins/interactions/other/get-details", json!({}), 404),
    ] {
        let body = json!({"operationId": "o", "data": data}).to_string();
        let (code, reply) = ana.post(path, body).await;
        assert_eq!((code.as_u16(), &reply["operationId"]), (status, &json!("o")), "{path} {reply}");
        assert!(reply["status"]["message"].as_str().is_some_and(|words| !words.is_empty()));
    }
    for user in ["sup", "adm"] {
        let person = rig.person(user).await;
        for path in [
            "/workbins/get-workbins",
            "/workbins/mine/get-content",
            "/workbins/mine/add-interaction",
            "/workbins/interactions/i1/get-details",
            "/media/whatsappsession/interactions/i1/pull",
        ] {
            assert_eq!(person.post(path, "{}").await.0, 403, "{user} {path}");
        }
    }
}

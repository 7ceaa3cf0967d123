//! Requests about contacts, and the events that bring their results.

use crate::rig::Rig;
use serde_json::{Value as Json, json};

#[tokio::test]
async fn results_about_contacts_come_as_events_of_the_official_shape() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    ana.subscribe(&client, json!("/workspace/v3/contacts")).await;
    ana.connect(&client, true).await;
    let values = json!([{"value": "Lucía"}]);
    for (path, data, event) in [
        ("contacts/search", json!({"query": "FirstName:luc* OR LastName:luc*"}), "EventSearchContact"),
        ("contacts/c1/get-details", json!({"returnedAttributes": ["*"]}), "EventGetContactDetails"),
        (
            "contacts/create",
            json!({"properties": [{"name": "FirstName", "values": values}]}),
            "EventContactInserted",
        ),
        (
            "contacts/c1/update",
            json!({"changedProperties": [{"name": "FirstName", "values": values}]}),
            "EventContactUpdated",
        ),
        ("contacts/c1/delete", json!({}), "EventContactDeleted"),
        ("contacts/c1/merge", json!({"contactId": "c2"}), "EventContactUpdated"),
        ("contacts/c1/unmerge", json!({}), "EventContactUpdated"),
        ("interactions/i1/assign-contact", json!({"contactId": "c1"}), "EventInteractionAssignedToContact"),
        ("interactions/i1/identify-contact", json!({}), "EventIdentifiedContact"),
    ] {
        let body = json!({"operationId": path, "data": data}).to_string();
        let (status, reply) = ana.post(&format!("/ucs/{path}"), body).await;
        assert_eq!((status.as_u16(), &reply["status"]["code"]), (200, &json!(1)), "{path}: {reply}");
        let (_, events) = ana.connect(&client, true).await;
        let told = |message: &&Json| message["data"]["operationId"] == path;
        let data = events.iter().find(told).map(|message| &message["data"]).cloned().unwrap_or_default();
        assert_eq!((&data["name"], &data["messageType"]), (&json!(event), &json!("UcsMessage")), "{path}");
        let contact = match path {
            "contacts/search" => {
                assert_eq!(data["totalCount"], 57);
                &data["contacts"][0]
            }
            "interactions/i1/identify-contact" => {
                assert_eq!((&data["contactIds"], &data["nbContacts"]), (&json!(["c1"]), &json!(1)));
                assert_eq!((&data["contactId"], &data["wa.unknown-contact"]), (&json!("c9"), &json!(1)));
                assert_eq!(data["contacts"][0]["wa.suggested"], "the same number");
                &data["contacts"][0]
            }
            "contacts/c1/delete" => {
                assert_eq!(data["contactId"], "c1");
                continue;
            }
            _ => &data,
        };
        assert_eq!(contact["contactId"], "c1");
        let attributes = json!({"FirstName": [{"value": "Lucía"}], "EmailAddress": [{"value": "lucia@shop.example"}],
            "wa.number": [{"value": "34600000101"}]});
        assert_eq!(contact["attributes"], attributes);
        assert_eq!((&contact["wa.changed-by"], &contact["wa.merged"]), (&json!("Ana Ruiz"), &json!("Lucia")));
    }
}

#[tokio::test]
async fn who_may_not_change_contacts_or_asks_wrongly_is_told_why() {
    let rig = Rig::new().await;
    let (ana, sue) = (rig.person("ana").await, rig.person("sup").await);
    for (path, body, status, words) in [
        ("contacts/search", r#"{"data":{}}"#, 400, "data.query"),
        ("contacts/search", r#"{"data":{"query":"(ana"}}"#, 400, "bracket"),
        ("contacts/create", r#"{"data":{}}"#, 400, "data.properties"),
        ("contacts/c1/merge", r#"{"data":{}}"#, 400, "data.contactId"),
        ("contacts/c1/update", r#"{"data":{}}"#, 409, "somebody else"),
        ("contacts/c1/paint", "", 404, "no operation paint"),
        ("contacts/c7/get-details", "", 410, "not there"),
        ("interactions/i1/assign-contact", "", 400, "data.contactId"),
        ("interactions/i7/identify-contact", "", 404, "i7"),
    ] {
        let (code, reply) = ana.post(&format!("/ucs/{path}"), body).await;
        let message = reply["status"]["message"].as_str().unwrap_or_default();
        assert!(code.as_u16() == status && message.contains(words), "{path}: {code} {message}");
    }
    for (path, status) in [
        ("contacts/search", 200),
        ("contacts/c1/get-details", 200),
        ("contacts/create", 403),
        ("contacts/c1/update", 403),
        ("contacts/c1/delete", 403),
        ("contacts/c1/merge", 403),
        ("interactions/i1/assign-contact", 403),
        ("interactions/i1/identify-contact", 403),
    ] {
        let (code, reply) = sue.post(&format!("/ucs/{path}"), r#"{"data":{"query":"*"}}"#).await;
        assert_eq!(code.as_u16(), status, "{path}: {reply}");
    }
}

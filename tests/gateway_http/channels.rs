//! Templates, sessions that agents begin, and notes of other channels, over HTTP.

use super::rig::Rig;
use deskline::gateway::whatsapp::account;
use serde_json::json;

const GOOD: &str = r#"{"operationId":"op-t","data":{"template":"go_on","language":"en",
    "parameters":[{"key":"body.order","value":"48213"},{"key":"body.1","value":"Ana"}]}}"#;

#[tokio::test]
async fn everybody_reads_templates_and_only_agents_send_them() {
    let rig = Rig::new().await;
    let (ana, sup) = (rig.person("ana").await, rig.person("sup").await);
    for person in [&ana, &sup] {
        let (status, body) = person.get("/deskline/templates").await;
        assert_eq!(
            (status.as_u16(), &body["data"]["templates"][0]["name"]),
            (200, &json!("go_on")),
            "{body}"
        );
    }
    for path in [
        "/deskline/start-session",
        "/deskline/interactions/i1/send-template",
        "/deskline/interactions/i1/note-contact",
    ] {
        let (status, body) = sup.post(path, GOOD).await;
        assert_eq!((status.as_u16(), &body["status"]["code"]), (403, &json!(403)), "{path} {body}");
    }
    assert_eq!(rig.asked.count("SendTemplate"), 0);
    let request = rig.http.get(format!("{}/workspace/v3/deskline/templates", rig.base)).send().await.unwrap();
    assert_eq!(request.status(), 401);
}

#[tokio::test]
async fn a_template_is_filled_and_handed_to_the_desk_in_its_own_order() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let (status, body) = ana.post("/deskline/interactions/i1/send-template", GOOD).await;
    assert_eq!(
        (status.as_u16(), &body["status"]["code"], &body["operationId"]),
        (200, &json!(1), &json!("op-t"))
    );
    rig.asked.wait("Hello Ana, may we go on about 48213?", 1).await;
    let plain = r#"{"data":{"template":"go_on","language":"en","number":"+34600000101",
        "parameters":{"body.1":"Ana","body.order":48213}}}"#;
    let (status, _) = ana.post("/deskline/start-session", plain).await;
    assert_eq!(status, 200);
    rig.asked.wait("StartSession { to: Recipient { contact: None, number: Some(\"+34600000101\") }", 1).await;
    let note = r#"{"data":{"mediaType":"email","address":"lucia@example.com"}}"#;
    assert_eq!(ana.post("/deskline/interactions/i1/note-contact", note).await.0, 200);
    rig.asked.wait("NoteContact", 1).await;
}

#[tokio::test]
async fn invalid_channel_requests_are_refused_before_the_writer() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let send = "/deskline/interactions/i1/send-template";
    let filled =
        |values: &str| format!(r#"{{"data":{{"template":"go_on","language":"en","parameters":{values}}}}}"#);
    for (path, body, status, words) in [
        (send, r#"{"data":{"language":"en"}}"#.to_owned(), 400, "data.template"),
        (send, r#"{"data":{"template":"go_on","language":"de"}}"#.to_owned(), 404, "no approved template"),
        (send, filled("{}"), 400, "body.order: this must be filled in; body.1"),
        (send, filled(r#"{"body.1":"a\nb","body.order":"1"}"#), 400, "no new line"),
        (send, filled(r#"{"body.1":"a","body.order":"1","body.2":"c"}"#), 400, "no parameter body.2"),
        (
            "/deskline/start-session",
            filled(r#"{"body.1":"a","body.order":"1"}"#),
            400,
            "data.contactId or data.number",
        ),
        (
            "/deskline/interactions/i1/note-contact",
            r#"{"data":{"mediaType":"fax"}}"#.to_owned(),
            400,
            "voice, sms, email",
        ),
        (
            "/deskline/interactions/i1/note-contact",
            r#"{"data":{"mediaType":"sms"}}"#.to_owned(),
            400,
            "data.address",
        ),
    ] {
        let (code, answer) = ana.post(path, body.clone()).await;
        let sentence = answer["status"]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(code.as_u16(), status, "{body} {answer}");
        assert!(sentence.contains(words), "{body}: {sentence}");
    }
    for word in ["SendTemplate", "StartSession", "NoteContact"] {
        assert_eq!(rig.asked.count(word), 0);
    }
}

#[tokio::test]
async fn a_paused_template_is_not_offered_and_not_sent() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let value = json!({"event": "PAUSED", "message_template_name": "go_on", "message_template_language": "en",
        "other_info": {"title": "FIRST_PAUSE"}});
    let change = account::read_change("message_template_status_update", &value).unwrap();
    rig.account.send_modify(|account| account.apply(&change, deskline::domain::Millis(0)));
    let (_, list) = ana.get("/deskline/templates").await;
    assert_eq!(list["data"]["templates"], json!([]), "{list}");
    let body =
        r#"{"data":{"template":"go_on","language":"en","parameters":{"body.1":"a","body.order":"1"}}}"#;
    let (code, answer) = ana.post("/deskline/interactions/i1/send-template", body.to_owned()).await;
    let sentence = answer["status"]["message"].as_str().unwrap();
    assert_eq!(code.as_u16(), 409);
    assert!(sentence.contains("paused") && sentence.contains("FIRST_PAUSE"), "{sentence}");
    assert_eq!(rig.asked.count("SendTemplate"), 0);
    let admin = rig.admin().await;
    let metrics = rig.http.get(format!("{admin}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("deskline_account_trouble{topic=\"template go_on en\"} 1"), "{metrics}");
    assert!(metrics.contains("deskline_account_changes_total 1"), "{metrics}");
}

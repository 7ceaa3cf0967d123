//! Requests and their answers.

use super::rig::{Person, Rig, read};
use reqwest::Method;
use serde_json::{Value, json};

const AGENTS: &[&str] = &[
    "/activate-channels",
    "/media/activate",
    "/media/deactivate",
    "/media/ready",
    "/media/not-ready",
    "/media/dnd-on",
    "/media/dnd-off",
    "/media/logout",
    "/media/chat/ready",
    "/media/whatsappsession/ready",
    "/media/whatsappsession/not-ready",
    "/media/whatsappsession/logout",
    "/media/chat/interactions/i1/complete",
    "/media/whatsappsession/interactions/i1/accept",
    "/media/whatsappsession/interactions/i1/reject",
    "/media/whatsappsession/interactions/i1/complete",
    "/media/whatsappsession/interactions/i1/leave",
    "/media/whatsappsession/interactions/i1/send-message",
    "/media/whatsappsession/interactions/i1/transfer-agent",
    "/media/whatsappsession/interactions/i1/place-in-queue",
    "/media/whatsappsession/interactions/i1/invite",
    "/media/whatsappsession/interactions/i1/invite-by-queue",
    "/media/whatsappsession/interactions/i1/consult",
    "/media/whatsappsession/interactions/i1/consult-by-queue",
    "/media/whatsappsession/interactions/i1/cancel-consult",
    "/media/whatsappsession/interactions/i1/remove-from-conference",
    "/media/whatsappsession/interactions/i1/send-typing-started",
    "/media/whatsappsession/interactions/i1/send-typing-stopped",
    "/media/whatsappsession/interactions/i1/send-url",
    "/media/whatsappsession/interactions/i1/send-custom-notification",
    "/media/whatsappsession/interactions/i1/attach-user-data",
    "/media/whatsappsession/interactions/i1/update-user-data",
    "/media/whatsappsession/interactions/i1/delete-user-data",
    "/media/whatsappsession/interactions/i1/set-comment",
    "/media/whatsappsession/interactions/i1/update-nickname",
];
const READERS: &[&str] = &[
    "/current-session",
    "/configuration",
    "/configuration/business-attribute/DispositionCode",
    "/media/chat/interactions/i1/messages",
    "/targets",
    "/targets/agent/ana",
    "/deskline/why/i1",
    "/auth-keep-alive",
];

const FULL: &str = r#"{"operationId":"op-1","data":{"message":"m","url":"https://x.org","nickname":"n","comment":"c",
    "agentId":"ben","queue":"q",
    "userData":[{"key":"k","type":"str","value":"v"}],"keys":["k"]}}"#;

#[tokio::test]
async fn only_agents_write_and_only_people_read() {
    let rig = Rig::new().await;
    let people = [rig.person("ana").await, rig.person("sup").await, rig.person("adm").await];
    let nobody = Person { rig: &rig, cookie: String::new() };
    for path in AGENTS {
        let mut codes = Vec::new();
        for person in &people {
            codes.push(person.post(path, FULL).await.0.as_u16());
        }
        codes.push(nobody.post(path, FULL).await.0.as_u16());
        assert_eq!(codes, [200, 403, 403, 401], "{path}");
    }
    assert_eq!(rig.asked.count("sup ") + rig.asked.count("adm "), 0);
    for path in READERS {
        for person in &people {
            assert_eq!(person.get(path).await.0, 200, "{path}");
        }
        let expected = if *path == "/current-session" { 403 } else { 401 };
        assert_eq!(nobody.get(path).await.0, expected, "{path}");
    }
    let mut history = Vec::new();
    for person in people.iter().chain([&nobody]) {
        history.push(person.post("/ucs/contacts/c1/get-history", FULL).await.0.as_u16());
    }
    assert_eq!(history, [200, 200, 200, 401]);
    let mut board = Vec::new();
    for person in people.iter().chain([&nobody]) {
        board.push(person.get("/deskline/board").await.0.as_u16());
    }
    assert_eq!(board, [403, 200, 200, 401]);
    assert_eq!(people[0].get("/deskline/why/other").await.0, 404);
    assert_eq!(people[1].get("/deskline/why/other").await.1["data"], "it was the only one");
}

#[tokio::test]
async fn the_beginning_of_an_id_is_explained_when_it_is_one() {
    let rig = Rig::new().await;
    let sue = rig.person("sup").await;
    for id in ["abc1", "abc", "abd", "i1"] {
        assert_eq!(sue.get(&format!("/deskline/why/{id}")).await.1["data"], "it was the only one", "{id}");
    }
    let words = |body: Value| body["status"]["message"].as_str().unwrap_or_default().to_owned();
    let (status, body) = sue.get("/deskline/why/ab").await;
    assert_eq!(
        (status.as_u16(), words(body)),
        (409, "ab is the beginning of several IDs: abc1, abd2; write more of it".into())
    );
    let (status, body) = sue.get("/deskline/why/xyz").await;
    let words = words(body);
    assert!(status == 404 && words.contains("no live session") && words.contains("xyz"), "{words}");
    // An agent's prefixes are those of their own sessions.
    assert_eq!(rig.person("ana").await.get("/deskline/why/ab").await.0, 404);
}

#[tokio::test]
async fn empty_and_nested_bodies_work_and_operation_ids_come_back() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let (_, body) = ana.post("/media/chat/ready", "").await;
    assert!(!body["operationId"].as_str().unwrap().is_empty());
    ana.post("/media/chat/not-ready", r#"{"NotReadyForMediaData":{"data":{"reasonCode":"Lunch"}}}"#).await;
    assert_eq!(rig.asked.count(r#"NotReady(Some("Lunch"))"#), 1);
    let (_, body) = ana.post("/media/chat/interactions/i1/set-comment", FULL).await;
    assert_eq!((&body["operationId"], &body["status"]["code"]), (&json!("op-1"), &json!(1)));
    assert_eq!(rig.asked.count(r#"ana Some(OperationId("op-1")) SetComment"#), 1);
}

#[tokio::test]
async fn a_refusal_comes_as_status_and_as_envelope() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let (status, body) = ana.post("/media/chat/interactions/gone/complete", r#"{"operationId":"o"}"#).await;
    let expected = json!({"status": {"code": 410, "message": "it went to Bob"}, "operationId": "o"});
    assert_eq!((status.as_u16(), body), (410, expected));
    let (status, body) = ana.post("/media/chat/interactions/i1/send-message", r#"{"operationId":"o"}"#).await;
    assert_eq!((status.as_u16(), &body["operationId"]), (400, &json!("o")));
    assert!(body["status"]["message"].as_str().unwrap().contains("data.message"));
}

fn is_envelope(body: &Value, code: u16) -> bool {
    body["status"]["code"] == code && body["status"]["message"].as_str().is_some_and(|m| !m.is_empty())
}

#[tokio::test]
async fn every_failure_is_an_envelope() {
    let rig = Rig::impatient().await;
    let ana = rig.person("ana").await;
    let long = "x".repeat(1024 * 1024 + 1);
    for (method, path, body, code) in [
        (Method::GET, "/workspace/v3/nothing", "", 404),
        (Method::GET, "/", "", 404),
        (Method::POST, "/workspace/v3/media/email/ready", "", 404),
        (Method::POST, "/workspace/v3/media/chat/dance", "", 404),
        (Method::POST, "/workspace/v3/media/chat/interactions/i1/dance", "", 404),
        (Method::GET, "/workspace/v3/media/email/interactions/i1/messages", "", 404),
        (Method::GET, "/workspace/v3/targets/route-point/1", "", 404),
        (Method::GET, "/workspace/v3/media/chat/interactions/%ff/messages", "", 400),
        (Method::DELETE, "/workspace/v3/logout", "", 405),
        (Method::GET, "/workspace/v3/media/chat/ready", "", 405),
        (Method::POST, "/workspace/v3/current-session", "", 405),
        (Method::POST, "/workspace/v3/media/chat/ready", "{", 400),
        (Method::POST, "/workspace/v3/media/chat/ready", "[1]", 400),
        (Method::POST, "/workspace/v3/media/chat/ready", &long, 413),
        (Method::POST, "/workspace/v3/notifications", &long, 413),
        (Method::POST, "/workspace/v3/media/chat/interactions/stuck/complete", "", 504),
        (Method::POST, "/webhooks/whatsapp", "panic", 500),
    ] {
        let (status, answer) = ana.send(method.clone(), path, body.to_owned()).await;
        assert_eq!(status.as_u16(), code, "{method} {path} {answer}");
        assert!(is_envelope(&answer, code), "{method} {path} {answer}");
    }
}

#[tokio::test]
async fn a_session_begins_with_a_token_and_not_with_a_code() {
    let rig = Rig::new().await;
    let nobody = Person { rig: &rig, cookie: String::new() };
    assert_eq!(nobody.post("/initialize-workspace", "").await.0, 401);
    assert_eq!(nobody.post("/initialize-workspace?code=abc", "").await.0, 501);
    assert_eq!(nobody.get("/current-session").await.0, 403);
    let token = rig.token("ana").await;
    let session = rig.http.get(format!("{}/workspace/v3/current-session", rig.base)).bearer_auth(&token);
    let (status, body) = read(session.send().await.unwrap()).await;
    assert_eq!(status, 200);
    let channel = &body["data"]["user"]["activeSession"]["media"]["channels"][0];
    assert_eq!((&channel["name"], &channel["state"]), (&json!("whatsappsession"), &json!("Ready")));
    assert_eq!(channel["interactions"][0]["id"], "i1");
    assert_eq!(body["data"]["pending-login-async"]["state"], "Complete");
    let codes = &body["data"]["configuration"]["actionCodes"];
    assert_eq!(codes, &json!([{"name": "Lunch", "code": "L", "type": "NotReady"}]));
}

#[tokio::test]
async fn the_configuration_is_read_in_parts() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let (_, body) = ana.get("/configuration?types=actionCodes,businessAttributes").await;
    let names: Vec<_> = body["data"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["actionCodes", "businessAttributes"]);
    for id in ["101", "DispositionCode"] {
        let (_, body) = ana.get(&format!("/configuration/business-attribute/{id}")).await;
        assert_eq!(
            body["data"]["values"][1],
            json!({"id": 102, "name": "Spam", "displayName": "Spam", "default": true, "userProperties": []})
        );
    }
}

#[tokio::test]
async fn targets_are_found_by_kind_and_name() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let names = async |query: &str| -> Vec<String> {
        let (_, body) = ana.get(&format!("/targets?{query}")).await;
        let targets = body["data"]["targets"].as_array().unwrap().clone();
        targets.iter().map(|t| t["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("searchTerm=*").await, ["Ana Ruiz", "Billing", "bob", "French", "wa-inbound"]);
    assert_eq!(names("searchTerm=RUIZ").await, ["Ana Ruiz"]);
    assert_eq!(names("searchTerm=whats").await, ["wa-inbound"]);
    assert_eq!(names("searchTerm=ana&matchType=exact").await, ["Ana Ruiz"]);
    assert_eq!(names("searchTerm=an&matchType=exact").await, [""; 0]);
    assert_eq!(names("searchTerm=*&types=AGENT_GROUP,skill").await, ["Billing", "French"]);
    assert_eq!(names("searchTerm=*&types=agent&sort=desc&limit=1").await, ["bob"]);
    let (_, body) = ana.get("/targets/agent/ana").await;
    let channel = &body["data"]["targets"][0]["availability"]["channels"][0];
    assert_eq!((&channel["available"], &channel["userState"]["state"]), (&json!(true), &json!("Ready")));
    let (_, body) = ana.get("/targets?searchTerm=*&types=interaction-queue").await;
    assert_eq!(body["data"]["targets"][0]["availability"]["waitingCalls"], 3);
}

#[tokio::test]
async fn tokens_are_given_renewed_and_taken_back() {
    let rig = Rig::new().await;
    let (status, token) = rig.form("grant_type=password&username=ana&password=secret").await;
    assert_eq!((status.as_u16(), &token["token_type"]), (200, &json!("bearer")));
    let refresh = token["refresh_token"].as_str().unwrap();
    let (status, renewed) = rig.form(&format!("grant_type=refresh_token&refresh_token={refresh}")).await;
    assert_eq!(status, 200);
    for (form, error) in [
        ("grant_type=password&username=ana&password=wrong", "invalid_grant"),
        ("grant_type=password&username=nobody&password=secret", "invalid_grant"),
        ("grant_type=client_credentials", "unsupported_grant_type"),
        ("grant_type=password", "invalid_request"),
        ("", "invalid_request"),
    ] {
        let (status, body) = rig.form(form).await;
        assert_eq!((status.as_u16(), &body["error"]), (400, &json!(error)), "{form}");
    }
    let call = async |method: Method, path: &str, token: &Value| {
        let request = rig.http.request(method, format!("{}/auth/v3{path}", rig.base));
        read(request.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap()).await
    };
    assert_eq!(call(Method::GET, "/userinfo", &token).await.0, 401, "the old one went with its renewal");
    assert_eq!(call(Method::GET, "/userinfo", &renewed).await.1["username"], "ana");
    assert_eq!(call(Method::GET, "/openid/userinfo", &renewed).await.1["sub"], "ana");
    assert_eq!(call(Method::GET, "/ping", &renewed).await.0, 200);
    assert_eq!(call(Method::POST, "/sign-out", &renewed).await.0, 200);
    assert_eq!(call(Method::GET, "/ping", &renewed).await.0, 403);
    let (status, body) = call(Method::GET, "/change-password", &renewed).await;
    assert_eq!((status.as_u16(), &body["status"]["code"]), (404, &json!(404)));
}

#[tokio::test]
async fn a_webhook_is_answered_when_it_is_kept() {
    let rig = Rig::new().await;
    let address = format!("{}/webhooks/whatsapp", rig.base);
    let post = async |signature: &str, body: Vec<u8>| {
        let request = rig.http.post(&address).header("x-hub-signature-256", signature).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(post("sha256=wrong", b"{}".to_vec()).await, 403);
    assert_eq!(rig.asked.count("webhook"), 0);
    assert_eq!(post("sha256=right", vec![b' '; 3 * 1024 * 1024]).await, 200);
    assert_eq!(rig.asked.count("webhook 3145728"), 1);
    assert_eq!(post("sha256=right", b"broken".to_vec()).await, 503);
    assert_eq!(post("sha256=right", vec![b' '; 5 * 1024 * 1024]).await, 413);
    let ask = async |token: &str| {
        let query = format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=42");
        let response = rig.http.get(format!("{address}?{query}")).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(ask("right").await, (200, "42".to_owned()));
    assert_eq!(ask("wrong").await.0, 403);
}

#[tokio::test]
async fn operators_see_health_and_numbers() {
    let rig = Rig::new().await;
    let admin = rig.admin().await;
    let health = rig.http.get(format!("{admin}/healthz")).send().await.unwrap();
    assert_eq!(health.status(), 200);
    let text = rig.http.get(format!("{admin}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("deskline_queue_waiting{queue=\"wa-inbound\"} 3"), "{text}");
    assert_eq!(rig.http.get(format!("{}/metrics", rig.base)).send().await.unwrap().status(), 404);
}

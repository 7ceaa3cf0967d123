//! What supervisors may and may not: reading, and nothing else.

use super::rig::{Person, Rig, Setup};
use super::socket::Socket;
use deskline::domain::mask::Mask;
use deskline::domain::{InteractionId, Millis};
use deskline::gateway::router::Fact;
use deskline::gateway::whatsapp::inbound::CustomerNames;
use deskline::gateway::writer::model::event::LogEvent;
use deskline::gateway::writer::model::logged::EntryLogged;
use deskline::gateway::writer::model::session::SessionStarted;
use deskline::proto::media::{MessageDto, ParticipantDto};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// The table of routes itself, so that a new one is tried without being named here.
const ROUTES: &str = include_str!("../../src/gateway/http/mod.rs");

/// What anybody who is signed in may post: nothing of it changes the writer.
const READS: &[&str] = &[
    "/initialize-workspace",
    "/logout",
    "/auth-keep-alive",
    "/ucs/contacts/{id}/get-history",
    "/ucs/contacts/{id}/get-details",
    "/ucs/contacts/search",
    "/ucs/responses/categories/get-root",
    "/ucs/responses/search",
    "/ucs/responses/get-favorites",
];

/// Operations that stand behind `{op}`.
const OPERATIONS: &[&str] = &[
    "accept",
    "complete",
    "leave",
    "send-message",
    "send-url",
    "send-typing-started",
    "send-typing-stopped",
    "switch-to-monitor",
    "switch-to-coach",
    "switch-to-barge-in",
    "upload-file",
    "transfer-agent",
    "attach-user-data",
    "ready",
    "get-content",
    "add-interaction",
    "update",
    "delete",
    "merge",
    "no-such-operation",
];

/// Every address below `/workspace/v3` that takes a POST.
fn writing() -> Vec<String> {
    let start = ROUTES.find("fn workspace()").unwrap();
    let end = ROUTES.find("let events =").unwrap();
    let mut found = Vec::new();
    for line in ROUTES.get(start..end).unwrap().lines().filter(|line| line.contains("post(")) {
        let pattern = line.split('"').nth(1).unwrap();
        if READS.contains(&pattern) {
            continue;
        }
        let filled =
            pattern.replace("{media}", "whatsappsession").replace("{id}", "i1").replace("{kind}", "agent");
        if filled.contains("{op}") {
            found.extend(OPERATIONS.iter().map(|op| filled.replace("{op}", op)));
        } else {
            found.push(filled);
        }
    }
    found
}

#[tokio::test]
async fn who_oversees_can_write_nowhere() {
    let rig = Rig::new().await;
    let routes = writing();
    assert!(routes.len() > 60, "{routes:?}");
    let body =
        json!({"operationId": "op-1", "data": {"message": "m", "interactionId": "i1", "comment": "c"}});
    for who in ["sup", "lead", "adm"] {
        let person = rig.person(who).await;
        for route in &routes {
            // What only reads stands behind the same pattern as what writes.
            if route.ends_with("/get-details") || route.ends_with("/get-history") {
                continue;
            }
            let (status, answer) = person.post(route, body.to_string()).await;
            assert_eq!(status, 403, "{who} {route}: {answer}");
            let sentence = answer["status"]["message"].as_str().unwrap_or_default();
            assert!(sentence.contains("may look and not act: nothing was done"), "{route}: {sentence}");
            for method in [Method::PUT, Method::DELETE, Method::PATCH] {
                let path = format!("/workspace/v3{route}");
                let (status, _) = person.send(method, &path, body.to_string()).await;
                assert!(status.is_client_error(), "{route}: {status}");
            }
        }
        assert_eq!(rig.asked.count(&format!("{who} ")), 0, "the writer was asked to act");
    }
}

#[tokio::test]
async fn nothing_is_written_through_events_either() {
    let rig = Rig::new().await;
    let sup = rig.person("sup").await;
    let (polls, mut socket) = (sup.handshake().await, Socket::open(&sup).await.unwrap());
    let client = socket.begin().await;
    for route in writing() {
        let publish = |client: &str| {
            json!([{"id": "1", "channel": format!("/workspace/v3{route}"), "clientId": client,
                "data": {"message": "m", "operationId": "op-1"}}])
        };
        let reply = sup.bayeux("/", publish(&polls)).await.remove(0);
        assert_eq!((&reply["successful"], &reply["error"]), (&json!(false), &json!("403::publish_denied")));
        socket.send(publish(&client)).await;
        let reply = socket.next().await.unwrap().remove(0);
        assert_eq!((&reply["successful"], &reply["error"]), (&json!(false), &json!("403::publish_denied")));
    }
    assert_eq!(rig.asked.count("sup Some"), 0, "the writer was asked to act");
}

#[tokio::test]
async fn monitoring_is_for_who_oversees_the_agent() {
    let rig = Rig::new().await;
    let begin = |agent: &str| {
        json!({"data": {"agentId": agent, "monitoringMode": "Monitor",
            "monitoringNextInteractionType": "AllInteractions"}})
        .to_string()
    };
    let path = "/media/whatsappsession/start-monitoring";
    let (status, answer) = rig.person("ana").await.post(path, begin("bob")).await;
    assert_eq!(status, 403);
    assert!(answer["status"]["message"].as_str().unwrap().contains("only a supervisor"), "{answer}");
    let lead = rig.person("lead").await;
    let (status, answer) = lead.post(path, begin("bob")).await;
    assert_eq!(status, 403);
    assert!(answer["status"]["message"].as_str().unwrap().contains("groups that you oversee"), "{answer}");
    assert_eq!(rig.asked.count("StartMonitoring"), 0);
    assert_eq!(lead.post(path, begin("ana")).await.0, 200);
    assert_eq!(rig.person("adm").await.post(path, begin("bob")).await.0, 200);
    assert_eq!(rig.asked.count("StartMonitoring"), 2);
    for (field, value, wanted) in [
        ("agentId", "", "agentId is missing"),
        ("monitoringMode", "Spy", "none of Monitor, Coach, Bargein"),
        ("monitoringNextInteractionType", "Some", "none of NextInteraction, AllInteractions"),
    ] {
        let mut body: Value = serde_json::from_str(&begin("ana")).unwrap();
        body["data"][field] = json!(value);
        let (status, answer) = lead.post(path, body.to_string()).await;
        assert_eq!(status, 400, "{field}");
        assert!(answer["status"]["message"].as_str().unwrap().contains(wanted), "{answer}");
    }
    let stop = json!({"data": {"agentId": "ana"}}).to_string();
    assert_eq!(lead.post("/media/whatsappsession/stop-monitoring", stop).await.0, 200);
}

#[tokio::test]
async fn it_is_told_who_may_be_monitored() {
    let rig = Rig::new().await;
    for (who, groups, agents) in [
        ("ana", vec![], vec![]),
        ("lead", vec!["Billing"], vec!["ana"]),
        ("sup", vec!["Billing"], vec!["ana", "bob"]),
    ] {
        let person = rig.person(who).await;
        let (_, answer) = person.get("/configuration?types=monitorableAgentGroups").await;
        let listed = answer["data"]["monitorableAgentGroups"].as_array().cloned().unwrap_or_default();
        assert_eq!(listed.iter().map(|group| group["name"].as_str().unwrap()).collect::<Vec<_>>(), groups);
        let (_, answer) = person.get("/targets?types=agent&sort=asc").await;
        let all = answer["data"]["targets"].as_array().unwrap();
        let may = all.iter().filter(|agent| agent["isMonitorable"] == true);
        assert_eq!(may.map(|agent| agent["userName"].as_str().unwrap()).collect::<Vec<_>>(), agents);
    }
}

#[tokio::test]
async fn feed_is_for_supervisors_and_audit_for_administrators() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    for path in ["feed", "live", "audit", "board"] {
        let (status, answer) = ana.get(&format!("/deskline/{path}")).await;
        assert_eq!(status, 403, "{path}");
        assert!(answer["status"]["message"].as_str().unwrap().contains("may see this"), "{answer}");
    }
    let (status, _) = rig.person("sup").await.get("/deskline/audit").await;
    assert_eq!(status, 403);
    let adm = rig.person("adm").await;
    for path in ["feed", "live", "audit"] {
        assert_eq!(adm.get(&format!("/deskline/{path}")).await.0, 200, "{path}");
    }
    let nobody = rig.http.get(format!("{}/workspace/v3/deskline/feed", rig.base)).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named_with_what_it_takes() {
    let rig = Rig::new().await;
    let sup = rig.person("sup").await;
    for (query, wanted) in [
        ("after=x", "after is not valid: it takes a number"),
        ("after=-1", "after is not valid"),
        ("since=yesterday", "since is not valid: it takes a time like"),
        ("limit=many", "limit is not valid: it takes a whole number"),
        ("limit=0", "limit is not valid: it takes a whole number"),
        ("limit=501", "limit is not valid: it takes a whole number"),
        ("wait=long", "wait is not valid: it takes a whole number of seconds"),
        ("event=sessions", "one of session.started"),
        ("agents=ana", "agents is not valid: it takes nothing"),
    ] {
        let (status, answer) = sup.get(&format!("/deskline/feed?{query}")).await;
        assert_eq!(status, 400, "{query}");
        let sentence = answer["status"]["message"].as_str().unwrap();
        assert!(sentence.contains(wanted), "{query}: {sentence}");
    }
    let adm = rig.person("adm").await;
    let (status, answer) = adm.get("/deskline/audit?since=yesterday").await;
    assert_eq!(status, 400);
    assert!(answer["status"]["message"].as_str().unwrap().contains("write it like"), "{answer}");
    assert_eq!(adm.get("/deskline/audit?before=1").await.0, 400);
}

fn started(id: &str) -> LogEvent {
    let names = CustomerNames {
        wa_id: Some("34600000101".into()),
        profile_name: Some("+34 600 000 101".into()),
        ..CustomerNames::default()
    };
    LogEvent::SessionStarted(SessionStarted {
        interaction: id.into(),
        contact: "c1".into(),
        phone_number_id: "100".into(),
        names,
        queue: "wa-inbound".into(),
        first_name: None,
        last_name: None,
        outbound: false,
        heard: None,
        owner: None,
        is_known: false,
        at: Millis(0),
    })
}

fn said(id: &str, index: u64, text: &str) -> LogEvent {
    let entry = MessageDto {
        index,
        kind: "Text".into(),
        text: Some(text.into()),
        visibility: "All".into(),
        from: ParticipantDto {
            kind: "Customer".into(),
            nickname: "34600000101".into(),
            ..Default::default()
        },
        ..MessageDto::default()
    };
    let interaction: InteractionId = id.into();
    LogEvent::EntryLogged(EntryLogged { interaction, at: Millis(0), entry, mark: None, send_to: None })
}

/// A page of the feed from the beginning, as soon as it is that long.
async fn feed(person: &Person<'_>, query: &str, least: usize) -> Vec<Value> {
    let mut after = 0;
    let mut all = Vec::new();
    while all.len() < least {
        let (status, page) = person.get(&format!("/deskline/feed?after={after}&wait=1{query}")).await;
        assert_eq!(status, 200, "{page}");
        all.extend(page["data"]["entries"].as_array().unwrap().iter().cloned());
        after = page["data"]["next"].as_u64().unwrap();
    }
    all
}

#[tokio::test]
async fn the_feed_is_filtered_and_paged_by_the_server() {
    let rig = Rig::new().await;
    let sup = rig.person("sup").await;
    let signed = LogEvent::Routing(Fact::SignedIn { agent: "ana".into(), at: Millis(0) });
    rig.happens(&[started("s1"), said("s1", 1, "hola"), signed, started("s2"), said("s2", 1, "hello")]).await;
    let all = feed(&sup, "", 5).await;
    let told: Vec<&str> = all.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(told, ["session.started", "message", "agent.signed-in", "session.started", "message"]);
    let some = feed(&sup, "&event=message&session=s2", 1).await;
    assert_eq!((some.len(), &some[0]["text"]), (1, &json!("hello")));
    let (_, page) = sup.get("/deskline/feed?after=0&limit=2").await;
    assert_eq!((&page["data"]["next"], &page["data"]["head"]), (&json!(2), &json!(5)));
    let (_, page) = sup.get("/deskline/feed").await;
    assert_eq!((&page["data"]["next"], &page["data"]["entries"]), (&json!(5), &json!([])));
}

#[tokio::test]
async fn masking_covers_all_that_supervisors_read_and_nothing_else() {
    let mask = Mask::new(true, 0, &["IBAN \\w+".to_owned()]).unwrap();
    let rig = Rig::with(Setup { mask, ..Setup::default() }).await;
    let sup = rig.person("sup").await;
    rig.happens(&[started("s1"), said("s1", 1, "call 600 000 101, IBAN ES9121000418450200051332")]).await;
    let shown = |body: &Value| {
        let text = body.to_string();
        assert!(!text.contains("600000101") && !text.contains("600 000 101"), "{text}");
        assert!(!text.contains("ES9121000418450200051332"), "{text}");
        text
    };
    let all = Value::from(feed(&sup, "", 2).await);
    assert!(shown(&all).contains("call "), "{all}");
    let (_, live) = sup.get("/deskline/live").await;
    assert_eq!(live["data"]["sessions"].as_array().unwrap().len(), 3);
    shown(&live);
    // The contact database shows them to nobody who only looks on.
    let client = sup.handshake().await;
    sup.subscribe(&client, json!("/workspace/v3/contacts")).await;
    sup.connect(&client, true).await;
    let body = json!({"operationId": "op-1", "data": {"query": "*"}}).to_string();
    let ((_, events), (status, _)) =
        tokio::join!(sup.connect(&client, false), sup.post("/ucs/contacts/search", body.clone()));
    assert_eq!(status, 200);
    assert!(shown(&Value::from(events)).contains("wa.number"));
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    ana.subscribe(&client, json!("/workspace/v3/contacts")).await;
    ana.connect(&client, true).await;
    let ((_, events), _) = tokio::join!(ana.connect(&client, false), ana.post("/ucs/contacts/search", body));
    assert!(Value::from(events).to_string().contains("34600000101"));
}

/// The audit, as soon as it has a row that fits.
async fn audited(adm: &Person<'_>, is: impl Fn(&Value) -> bool) -> Vec<Value> {
    loop {
        let (status, page) = adm.get("/deskline/audit").await;
        assert_eq!(status, 200);
        let rows = page["data"]["rows"].as_array().unwrap().clone();
        if rows.iter().any(&is) {
            return rows;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_audit_says_who_did_what_and_who_was_refused() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let sup = rig.person("sup").await;
    let adm = rig.person("adm").await;
    let (status, _) = rig.form("grant_type=password&username=eve&password=wrong&client_id=x&scope=*").await;
    assert!(status.is_client_error());
    let body = json!({"operationId": "op-1", "data": {"message": "a secret"}}).to_string();
    let send = "/media/whatsappsession/interactions/i1/send-message";
    assert_eq!(ana.post(send, body.clone()).await.0, 200);
    assert_eq!(sup.post(send, body).await.0, 403);
    let gone = "/media/whatsappsession/interactions/gone/complete";
    assert_eq!(ana.post(gone, "").await.0, 410);
    let typing = "/media/whatsappsession/interactions/i1/send-typing-started";
    assert_eq!(ana.post(typing, "").await.0, 200);
    let rows = audited(&adm, |row| row["act"] == "complete").await;
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            ["who", "role", "act", "session", "outcome"].map(text).join(" ")
        })
        .collect();
    for wanted in [
        "acme\\ana  sign-in - done",
        "eve  sign-in - refused",
        "ana agent send-message i1 done",
        "sup supervisor send-message i1 403",
        "ana agent complete gone 410",
    ] {
        assert!(told.iter().any(|row| row == wanted), "{wanted}: {told:#?}");
    }
    assert!(!told.iter().any(|row| row.contains("typing") || row.contains("secret")), "{told:#?}");
    assert!(rows.is_sorted_by_key(|row| row["seq"].as_u64()));
    let (_, rest) = adm.get(&format!("/deskline/audit?after={}", rows.last().unwrap()["seq"])).await;
    assert!(
        rest["data"]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["seq"].as_u64() > rows.last().unwrap()["seq"].as_u64())
    );
}

#[tokio::test]
async fn a_look_is_one_row_in_ten_minutes_and_agents_leave_none() {
    let rig = Rig::new().await;
    let (ana, sup, adm) = (rig.person("ana").await, rig.person("sup").await, rig.person("adm").await);
    rig.happens(&[started("s1"), said("s1", 1, "hola"), said("s1", 2, "?")]).await;
    feed(&sup, "&session=s1", 3).await;
    feed(&sup, "&session=s1", 3).await;
    let log = "/media/whatsappsession/interactions/i1/messages";
    for who in [&sup, &sup, &ana] {
        assert_eq!(who.get(log).await.0, 200);
    }
    rig.time.fetch_add(599_000, Ordering::SeqCst);
    assert_eq!(sup.get(log).await.0, 200);
    rig.time.fetch_add(2_000, Ordering::SeqCst);
    assert_eq!(sup.get(log).await.0, 200);
    ana.post("/media/whatsappsession/interactions/i1/complete", "").await;
    let rows = audited(&adm, |row| row["act"] == "complete").await;
    let looks: Vec<(&str, &str)> = rows
        .iter()
        .filter(|row| row["act"] == "saw")
        .map(|row| (row["who"].as_str().unwrap(), row["session"].as_str().unwrap()))
        .collect();
    assert_eq!(looks, [("sup", "s1"), ("sup", "i1"), ("sup", "i1")]);
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_audit() {
    let rig = Rig::new().await;
    let adm = rig.person("adm").await;
    audited(&adm, |row| row["act"] == "sign-in").await;
    let data = rusqlite::Connection::open(rig.data()).unwrap();
    for statement in ["UPDATE audit SET who = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 1"] {
        let error = data.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    let rows: i64 = data.query_row("SELECT COUNT(*) FROM audit", [], |row| row.get(0)).unwrap();
    assert!(rows > 0);
}

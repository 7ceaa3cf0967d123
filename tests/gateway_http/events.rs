//! Events by long-polling.

use super::rig::{PATIENCE, Rig, Setup, event};
use deskline::gateway::hub::{self, ClientEvent, EventRecipient, Publish};
use deskline::proto::channel;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

fn kinds(events: &[Value]) -> Vec<(&str, &str)> {
    events
        .iter()
        .map(|e| (e["channel"].as_str().unwrap(), e["data"]["messageType"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn official_clients_go_through_their_whole_sequence() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    let reply = ana.subscribe(&client, json!("/workspace/v3/initialization")).await;
    assert_eq!(
        (&reply["successful"], &reply["subscription"]),
        (&json!(true), &json!("/workspace/v3/initialization"))
    );
    let (reply, events) = ana.connect(&client, true).await;
    assert_eq!(reply["advice"], json!({"reconnect": "retry", "interval": 0, "timeout": 300_000}));
    assert_eq!(kinds(&events), [("/workspace/v3/initialization", "WorkspaceInitializationComplete")]);
    let data = &events[0]["data"]["data"];
    assert_eq!((&data["user"]["employeeId"], &data["user"]["wa.role"]), (&json!("ana"), &json!("agent")));
    assert_eq!(data["configuration"]["agentGroups"][0]["settings"]["interaction-workspace"]["a"], "group");
    assert_eq!(data["configuration"]["settings"][0]["value"][0]["value"], "tenant");
    for name in ["/workspace/v3/voice", "/workspace/v3/media", "/workspace/v3/media/chat"] {
        assert_eq!(ana.subscribe(&client, json!(name)).await["successful"], true);
    }
    let (_, events) = ana.connect(&client, false).await;
    assert_eq!(kinds(&events), [("/workspace/v3/media", "Test"), ("/workspace/v3/media/chat", "Test")]);
    let (_, body) = ana.post("/activate-channels", r#"{"data":{"agentId":"7001","placeName":"P1"}}"#).await;
    assert_eq!(body["status"]["code"], 0);
    let (held, ready) = tokio::join!(ana.connect(&client, false), ana.post("/media/chat/ready", ""));
    assert_eq!(ready.1["status"]["code"], 1);
    assert_eq!(kinds(&held.1), [("/workspace/v3/media", "ChannelStateChanged")]);
    for (op, body) in [
        ("accept", r#"{"data":{"nickname":"Ada"}}"#),
        ("send-message", r#"{"data":{"message":"hi","visibility":"All"}}"#),
        ("send-typing-started", ""),
        ("send-typing-stopped", "{}"),
        ("send-url", r#"{"data":{"url":"https://example.org"}}"#),
        ("send-custom-notification", r#"{"data":{"message":"x"}}"#),
        ("update-nickname", r#"{"data":{"nickname":"A"}}"#),
        ("leave", r#"{"data":{"afterAction":"KeepAlive"}}"#),
        ("complete", ""),
    ] {
        let (status, body) = ana.post(&format!("/media/chat/interactions/i1/{op}"), body).await;
        assert_eq!((status.as_u16(), &body["status"]["code"]), (200, &json!(1)), "{op} {body}");
    }
    let (_, log) = ana.get("/media/chat/interactions/i1/messages").await;
    assert_eq!(log["data"]["messages"][0]["index"], 1);
    let bye = ana
        .bayeux("/disconnect", json!([{"id": "15", "channel": "/meta/disconnect", "clientId": client}]))
        .await;
    assert_eq!(bye[0]["successful"], true);
    for _ in 0..2 {
        assert_eq!(ana.post("/logout", "").await.1["status"]["code"], 0);
    }
    assert_eq!(rig.asked.count("SignOut"), 1);
    assert_eq!(ana.get("/current-session").await.0, 403);
}

#[tokio::test]
async fn the_history_of_a_contact_comes_as_an_event() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    ana.subscribe(&client, json!("/workspace/v3/contacts")).await;
    ana.connect(&client, true).await;
    let body =
        r#"{"operationId":"h","data":{"returnedAttributes":["Id"],"fromDate":"1970-01-01T00:00:00Z"}}"#;
    let (status, reply) = ana.post("/ucs/contacts/c1/get-history", body).await;
    assert_eq!((status.as_u16(), reply), (200, json!({"status": {"code": 1}, "operationId": "h"})));
    rig.asked.wait("history c1 Some(Millis(0)) None", 1).await;
    let (_, events) = ana.connect(&client, true).await;
    assert_eq!(kinds(&events).last(), Some(&("/workspace/v3/contacts", "UcsMessage")));
    let data = &events.last().unwrap()["data"];
    assert_eq!(
        (&data["name"], &data["operationId"], &data["contactId"]),
        (&json!("EventGetContactHistory"), &json!("h"), &json!("c1"))
    );
    let expected = json!({"id": "i0", "state": "Stopped", "typeId": "Inbound", "subtypeId": "InboundNew",
        "contactId": "c1", "subject": "", "startDate": "1970-01-01T00:00:01.000Z",
        "endDate": "1970-01-01T00:00:02.000Z", "mediaType": "whatsappsession",
        "ownerInformation": [{"DBID": 101, "firstName": "Ana", "lastName": "Ruiz", "userName": "ana"}]});
    assert_eq!(data["interactions"][1], expected);
    assert_eq!(data["interactions"][0]["state"], "InProgress");
    assert_eq!(data["interactions"][2]["ownerInformation"][0]["userName"], "eve");

    let (status, body) = ana.post("/ucs/contacts/c2/get-history", "").await;
    assert_eq!((status.as_u16(), &body["status"]["message"]), (403, &json!("not yours")));
    let (status, body) = ana.post("/ucs/contacts/c1/get-history", r#"{"data":{"toDate":"soon"}}"#).await;
    assert_eq!(status, 400);
    assert!(body["status"]["message"].as_str().unwrap().contains("data.toDate"));
}

#[tokio::test]
async fn a_late_subscription_gets_what_is_kept() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    assert_eq!(ana.subscribe(&client, json!(["/**"])).await["successful"], true);
    rig.asked.wait("replay /workspace/v3/media/whatsappsession", 1).await;
    let (_, events) = ana.connect(&client, true).await;
    let channels: Vec<_> = kinds(&events).into_iter().map(|(channel, _)| channel).collect();
    assert_eq!(channels, [channel::INITIALIZATION, channel::MEDIA, channel::WHATSAPP]);
    // Chat is the same under another name, and this client has the real one.
    ana.subscribe(&client, json!(channel::CHAT)).await;
    assert!(ana.connect(&client, true).await.1.is_empty());
}

#[tokio::test]
async fn every_path_and_shape_is_taken_and_ids_come_back() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    for suffix in ["", "/", "/connect", "/subscribe", "/anything"] {
        let one = json!({"id": 7, "channel": "/meta/connect", "clientId": client, "advice": {"timeout": 0}});
        let replies = ana.bayeux(suffix, one).await;
        assert_eq!((&replies[0]["id"], &replies[0]["successful"]), (&json!("7"), &json!(true)), "{suffix}");
    }
    let batch = json!([
        {"id": "1", "channel": "/meta/subscribe", "subscription": "/a", "clientId": client},
        {"id": "2", "channel": "/meta/connect", "clientId": client},
        {"id": "3", "channel": "/meta/unsubscribe", "subscription": "/a", "clientId": client},
        {"id": "4", "channel": "/meta/unsubscribe", "subscription": "/a", "clientId": client},
    ]);
    let replies = ana.bayeux("/", batch).await;
    let good: Vec<_> = replies.iter().map(|r| r["successful"].as_bool().unwrap()).collect();
    assert_eq!(good, [true, true, true, false]);
    assert_eq!(replies[3]["error"], "403::unsubscribe_failed");
}

#[tokio::test]
async fn errors_have_their_codes_and_advice() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let bob = rig.person("bob").await;
    let client = ana.handshake().await;
    let strange = json!({"id": "1", "channel": "/meta/connect", "clientId": "nobody"});
    let theirs = json!({"id": "1", "channel": "/meta/connect", "clientId": client});
    for (person, message) in [(&ana, strange), (&bob, theirs)] {
        let reply = person.bayeux("/connect", json!([message])).await.remove(0);
        assert_eq!(reply["error"], "402::session_unknown");
        assert_eq!(reply["advice"], json!({"reconnect": "handshake", "interval": 0}));
    }
    for (message, error) in [
        (json!({"channel": "/meta/subscribe"}), "403::subscription_missing"),
        (json!({"channel": "/meta/subscribe", "subscription": "a b"}), "403::subscription_invalid"),
        (
            json!({"channel": "/meta/subscribe", "subscription": "/meta/**"}),
            "403:meta channels are not subscribed:subscribe_denied",
        ),
        (json!({"channel": "/workspace/v3/media", "data": {}}), "403::publish_denied"),
        (json!({"channel": "/service/x", "data": {}}), "403::publish_denied"),
        (json!({"id": "x"}), "400::channel_missing"),
        (json!({"channel": "meta"}), "405::channel_invalid"),
    ] {
        let mut message = message;
        message["clientId"] = json!(client);
        let reply = ana.bayeux("/", json!([message])).await.remove(0);
        assert_eq!((&reply["successful"], &reply["error"]), (&json!(false), &json!(error)));
    }
    let stranger = super::rig::Person { rig: &rig, cookie: "WORKSPACE_SESSIONID=x".into() };
    let reply =
        stranger.bayeux("/handshake", json!([{"id": "1", "channel": "/meta/handshake"}])).await.remove(0);
    assert_eq!(
        (&reply["error"], &reply["advice"]["reconnect"]),
        (&json!("403::handshake_denied"), &json!("none"))
    );
    for body in ["", "{", "[]", "7", "[7]"] {
        let (status, body) = ana.post("/notifications", body).await;
        assert_eq!((status.as_u16(), &body["status"]["code"]), (400, &json!(400)));
    }
}

#[tokio::test]
async fn second_connect_ends_the_first_and_disconnect_the_second() {
    let limits = hub::HubLimits { max_interval: Duration::from_millis(200), ..hub::HubLimits::default() };
    let rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    ana.connect(&client, true).await;
    // Presence that ends and begins tells that a connect is held at the gateway.
    rig.asked.wait("presence ana false", 1).await;
    let release = async {
        rig.asked.wait("presence ana true", 2).await;
        ana.connect(&client, true).await
    };
    let ((first, events), (second, _)) = tokio::join!(ana.connect(&client, false), release);
    assert_eq!((&first["successful"], &second["successful"]), (&json!(true), &json!(true)));
    assert!(events.is_empty());
    rig.asked.wait("presence ana false", 2).await;
    let bye = async {
        rig.asked.wait("presence ana true", 3).await;
        ana.bayeux("/disconnect", json!({"channel": "/meta/disconnect", "clientId": client})).await
    };
    let ((held, _), bye) = tokio::join!(ana.connect(&client, false), bye);
    assert_eq!((&held["successful"], &bye[0]["successful"]), (&json!(true), &json!(true)));
    assert_eq!(held["advice"], json!({"reconnect": "none"}), "a goodbye is no reason to begin anew");
    let (after, _) = ana.connect(&client, false).await;
    assert_eq!(
        (&after["error"], &after["advice"]["reconnect"]),
        (&json!("402::session_unknown"), &json!("handshake"))
    );
}

#[tokio::test]
async fn an_overflow_makes_one_client_begin_anew_and_no_other_wait() {
    let limits = hub::HubLimits { queue: 4, ..hub::HubLimits::default() };
    let rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let (slow, quick) = (ana.handshake().await, ana.handshake().await);
    for client in [&slow, &quick] {
        ana.subscribe(client, json!("/test/*")).await;
        ana.connect(client, true).await;
    }
    let told = EventRecipient::Agent("ana".into());
    for n in 0..12 {
        rig.hub.publish(&told, ClientEvent { channel: "/test/x", data: event(&n.to_string()) });
        let (_, events) = ana.connect(&quick, false).await;
        assert_eq!(events[0]["data"]["text"], n.to_string());
    }
    let (reply, events) = ana.connect(&slow, false).await;
    assert_eq!(
        (&reply["error"], &reply["advice"]["reconnect"]),
        (&json!("402::session_unknown"), &json!("handshake"))
    );
    assert!(events.is_empty());
}

#[tokio::test]
async fn writer_learns_presence_and_a_lost_client_resumes() {
    let limits = hub::HubLimits { max_interval: Duration::from_millis(200), ..hub::HubLimits::default() };
    let rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let sup = rig.person("sup").await;
    let client = ana.handshake().await;
    let watcher = sup.handshake().await;
    sup.connect(&watcher, true).await;
    ana.subscribe(&client, json!("/test/*")).await;
    ana.connect(&client, true).await;
    rig.asked.wait("presence ana true", 1).await;
    rig.asked.wait("presence ana false", 1).await;
    rig.hub.publish(
        &EventRecipient::Agent("ana".into()),
        ClientEvent { channel: "/test/x", data: event("kept") },
    );
    let (reply, events) = ana.connect(&client, false).await;
    assert_eq!((&reply["successful"], &events[0]["data"]["text"]), (&json!(true), &json!("kept")));
    rig.asked.wait("presence ana true", 2).await;
    // What a supervisor monitors ends when they are away.
    rig.asked.wait("presence sup true", 1).await;
}

#[tokio::test]
async fn a_poll_whose_connection_breaks_ends_its_hold() {
    let limits = hub::HubLimits { max_interval: Duration::from_millis(200), ..hub::HubLimits::default() };
    let rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    ana.connect(&client, true).await;
    rig.asked.wait("presence ana true", 1).await;
    rig.asked.wait("presence ana false", 1).await;
    {
        let poll = ana.connect(&client, false);
        tokio::pin!(poll);
        tokio::select! {
            _ = &mut poll => panic!("nothing was said"),
            () = rig.asked.wait("presence ana true", 2) => {}
        }
    }
    rig.asked.wait("presence ana false", 2).await;
}

#[tokio::test]
async fn a_stop_answers_held_polls_and_ends() {
    let limits = hub::HubLimits { max_interval: Duration::from_millis(200), ..hub::HubLimits::default() };
    let mut rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let done = rig.done.take().unwrap();
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    ana.connect(&client, false).await;
    rig.asked.wait("presence ana false", 1).await;
    let stop = async {
        rig.asked.wait("presence ana true", 2).await;
        rig.stop.send_replace(true);
    };
    let ((reply, _), ()) = tokio::join!(ana.connect(&client, false), stop);
    assert_eq!(reply["successful"], true);
    timeout(PATIENCE, done).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_subscribes_a_name_twice_over_hears_each_event_once() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let client = ana.handshake().await;
    let subscribe = |id: &str, name: &str| json!({"id": id, "channel": "/meta/subscribe", "subscription": name, "clientId": client});
    let replies = ana
        .bayeux(
            "/",
            json!([
                subscribe("2", "/test/x"),
                subscribe("3", "/test/*"),
                subscribe("4", "/test/**"),
                subscribe("5", "/test/x")
            ]),
        )
        .await;
    let good: Vec<_> = replies.iter().map(|r| (r["id"].as_str().unwrap(), r["successful"] == true)).collect();
    assert_eq!(good, [("2", true), ("3", true), ("4", true), ("5", true)]);
    let notice = ClientEvent { channel: "/test/x", data: event("once") };
    rig.hub.publish(&EventRecipient::Agent("ana".into()), notice);
    let (_, events) = ana.connect(&client, true).await;
    assert_eq!(kinds(&events), [("/test/x", "Test")]);
    // What nobody may say is answered in its place, and the rest goes on.
    let replies = ana
        .bayeux("/", json!([{"id": "6", "channel": "/test/x", "data": {}, "clientId": client}, subscribe("7", "/test/y")]))
        .await;
    assert_eq!(
        (&replies[0]["error"], &replies[1]["successful"]),
        (&json!("403::publish_denied"), &json!(true))
    );
}

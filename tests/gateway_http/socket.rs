//! Events by WebSocket.

use super::rig::{PATIENCE, Person, Rig, Setup, config, event};
use deskline::gateway::accept::ListenerLimits;
use deskline::gateway::hub::{self, ClientEvent, EventRecipient, Publish};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn open(person: &Person<'_>) -> Result<Self, u16> {
        let address = format!("{}/workspace/v3/notifications", person.rig.base.replace("http", "ws"));
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("cookie", person.cookie.parse().unwrap());
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn send(&mut self, messages: Value) {
        self.0.send(Message::Text(messages.to_string().into())).await.unwrap();
    }

    /// The next frame's messages, or the code it was closed with.
    pub async fn next(&mut self) -> Result<Vec<Value>, u16> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(0, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub async fn begin(&mut self) -> String {
        self.send(json!([{"id": "1", "channel": "/meta/handshake"}])).await;
        let reply = self.next().await.unwrap().remove(0);
        assert_eq!(reply["supportedConnectionTypes"], json!(["websocket", "long-polling"]));
        reply["clientId"].as_str().unwrap().to_owned()
    }
}

fn connect(client: &str, id: &str) -> Value {
    json!([{"id": id, "channel": "/meta/connect", "connectionType": "websocket", "clientId": client}])
}

fn tell(rig: &Rig, text: &str) {
    rig.hub
        .publish(&EventRecipient::Agent("ana".into()), ClientEvent { channel: "/test/x", data: event(text) });
}

#[tokio::test]
async fn events_are_pushed_while_a_connect_waits() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let mut socket = Socket::open(&ana).await.unwrap();
    let client = socket.begin().await;
    socket
        .send(json!([
            {"id": "2", "channel": "/meta/subscribe", "subscription": "/test/*", "clientId": client},
            {"id": "3", "channel": "/meta/subscribe", "subscription": "/workspace/v3/initialization", "clientId": client},
        ]))
        .await;
    let replies = socket.next().await.unwrap();
    assert_eq!((replies.len(), &replies[1]["successful"]), (2, &json!(true)));
    socket.send(connect(&client, "4")).await;
    let mut frames = socket.next().await.unwrap();
    frames.extend(socket.next().await.unwrap());
    assert_eq!((&frames[0]["id"], &frames[1]["data"]["state"]), (&json!("4"), &json!("Complete")));
    socket.send(connect(&client, "5")).await;
    for text in ["a", "b"] {
        tell(&rig, text);
        assert_eq!(socket.next().await.unwrap()[0]["data"]["text"], text);
    }
    socket.send(connect(&client, "6")).await;
    assert_eq!(socket.next().await.unwrap()[0]["id"], "5", "a second connect releases the first");
    let mut last = connect(&client, "7");
    last[0]["advice"] = json!({"timeout": 0});
    socket.send(last).await;
    let replies = socket.next().await.unwrap();
    assert_eq!((&replies[0]["id"], &replies[1]["id"]), (&json!("6"), &json!("7")));
    socket.send(connect(&client, "8")).await;
    socket.send(json!([{"id": "9", "channel": "/meta/disconnect", "clientId": client}])).await;
    let replies = socket.next().await.unwrap();
    assert_eq!((&replies[0]["id"], &replies[0]["successful"]), (&json!("9"), &json!(true)));
    assert_eq!((&replies[1]["id"], &replies[1]["advice"]), (&json!("8"), &json!({"reconnect": "none"})));
    assert_eq!(socket.next().await, Err(1000));
}

#[tokio::test]
async fn new_socket_takes_over_the_client_and_closes_the_old_one() {
    let limits = hub::HubLimits { max_interval: Duration::from_millis(200), ..hub::HubLimits::default() };
    let rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let mut old = Socket::open(&ana).await.unwrap();
    let client = old.begin().await;
    ana.subscribe(&client, json!("/test/*")).await;
    old.send(connect(&client, "1")).await;
    old.next().await.unwrap();
    let mut new = Socket::open(&ana).await.unwrap();
    let mut at_once = connect(&client, "2");
    at_once[0]["advice"] = json!({"timeout": 0});
    new.send(at_once).await;
    assert_eq!(new.next().await.unwrap()[0]["successful"], true);
    assert_eq!(old.next().await, Err(1000));
    tell(&rig, "here");
    assert_eq!(new.next().await.unwrap()[0]["data"]["text"], "here");
    // And a socket that just vanishes leaves a client that can poll.
    drop(new);
    rig.asked.wait("presence ana false", 1).await;
    tell(&rig, "there");
    let (reply, events) = ana.connect(&client, false).await;
    assert_eq!((&reply["successful"], &events[0]["data"]["text"]), (&json!(true), &json!("there")));
}

#[tokio::test]
async fn a_socket_lost_without_a_word_is_an_agent_lost() {
    let limits = hub::HubLimits { max_interval: Duration::from_millis(200), ..hub::HubLimits::default() };
    let rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let mut socket = Socket::open(&ana).await.unwrap();
    let client = socket.begin().await;
    socket.send(connect(&client, "1")).await;
    rig.asked.wait("presence ana true", 1).await;
    drop(socket);
    rig.asked.wait("presence ana false", 1).await;
}

#[tokio::test]
async fn an_upgrade_is_refused_where_it_is_off_or_nobody_is_signed_in() {
    let off =
        Rig::with(Setup { config: config().tables("gateway.websocket = false"), ..Setup::default() }).await;
    let ana = off.person("ana").await;
    assert_eq!(Socket::open(&ana).await.err(), Some(400));
    let on = Rig::new().await;
    let stranger = Person { rig: &on, cookie: "WORKSPACE_SESSIONID=x".into() };
    assert_eq!(Socket::open(&stranger).await.err(), Some(403));
    let ana = on.person("ana").await;
    assert_eq!(ana.get("/notifications").await.0, 400);
}

#[tokio::test]
async fn what_cannot_be_read_closes_the_socket() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    for bad in [Message::Text("{".into()), Message::Text("[]".into()), Message::Binary(vec![1].into())] {
        let mut socket = Socket::open(&ana).await.unwrap();
        socket.0.send(bad).await.unwrap();
        assert_eq!(socket.next().await, Err(1011));
    }
}

#[tokio::test]
async fn a_session_that_ends_ends_on_its_socket_too() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let mut socket = Socket::open(&ana).await.unwrap();
    let client = socket.begin().await;
    socket.send(connect(&client, "1")).await;
    socket.next().await.unwrap();
    socket.send(connect(&client, "2")).await;
    // Answered only after the connect was taken: frames of one socket stand in line.
    socket.send(json!([{"id": "x", "channel": "/no/such", "clientId": client}])).await;
    assert_eq!(socket.next().await.unwrap()[0]["error"], "403::publish_denied");
    ana.post("/logout", "").await;
    let reply = socket.next().await.unwrap().remove(0);
    assert_eq!((&reply["id"], &reply["error"]), (&json!("2"), &json!("402::session_unknown")));
    socket.send(json!([{"id": "9", "channel": "/meta/handshake"}])).await;
    assert_eq!(socket.next().await.unwrap()[0]["error"], "403::handshake_denied");
}

#[tokio::test]
async fn a_reader_that_stands_still_is_dropped_and_slows_nobody() {
    let limits = hub::HubLimits { queue: 8, ..hub::HubLimits::default() };
    let rig = Rig::with(Setup { hub: limits, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let mut stuck = Socket::open(&ana).await.unwrap();
    let slow = stuck.begin().await;
    let quick = ana.handshake().await;
    for client in [&slow, &quick] {
        ana.subscribe(client, json!("/test/*")).await;
    }
    ana.connect(&quick, true).await;
    stuck.send(connect(&slow, "1")).await;
    stuck.next().await.unwrap();
    let big = "x".repeat(1024 * 1024);
    let ana_id = "ana".into();
    for _ in 0..200 {
        tell(&rig, &big);
        let (_, events) = ana.connect(&quick, false).await;
        assert!(!events.is_empty());
        if !rig.hub.knows(&slow, &ana_id) {
            return;
        }
    }
    panic!("a client that reads nothing was kept");
}

#[tokio::test]
async fn a_socket_keeps_its_place_among_the_connections() {
    let listener = ListenerLimits { connections: 2, ..ListenerLimits::default() };
    let rig = Rig::with(Setup { listener, ..Setup::default() }).await;
    let ana = rig.person("ana").await;
    let mut socket = Socket::open(&ana).await.unwrap();
    socket.begin().await;
    // One place is the socket's, one that of the client that signed in; a third gets no answer.
    let info = format!("{}/workspace/v3/info", rig.base);
    let third = tokio::spawn(reqwest::Client::new().get(&info).send());
    // A later request on the other connection is answered; this one is not.
    for _ in 0..100 {
        assert_eq!(ana.get("/current-session").await.0, 200);
    }
    assert!(!third.is_finished());
    drop(socket);
    assert_eq!(timeout(PATIENCE, third).await.unwrap().unwrap().unwrap().status(), 200);
}

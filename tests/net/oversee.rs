//! Watching over the plain Workspace API, on a server that has nothing of ours.

use super::{Knobs, Server, soon};
use deskline::app::live_view::LiveUpdate;
use deskline::proto::media::LogQuery;
use deskline::proto::watch::{FeedEntry, FeedStart, Filter};
use deskline::runtime::live_view::{LiveViewClient, LiveViewEvent};
use deskline::runtime::tail::{self, TailError, TailOptions};
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

const START: &str = "media/whatsappsession/start-monitoring";
const STOP: &str = "media/whatsappsession/stop-monitoring";
const ACCEPT: &str = "media/whatsappsession/interactions/p/accept";

/// A server with four agents: Ana and Cy may be monitored, but Cy is not there when asked.
fn server_with_agents() -> Knobs {
    let agent = |id: &str, may: bool| {
        json!({"type": "agent", "employeeId": id, "agentGroupsIds": ["106"], "isMonitorable": may, "availability":
            {"channels": [{"name": "chat", "userState": {"state": "Ready", "workMode": "Unknown"}}]}})
    };
    Knobs {
        answers: vec![
            ("configuration", json!({"monitorableAgentGroups": [{"DBID": 106, "name": "Sales"}]})),
            ("targets", json!({"targets": [agent("ana", true), agent("ben", false), agent("cy", true)]})),
        ],
        missing: Some("deskline/"),
        refused_agent: Some("cy"),
        ..Knobs::default()
    }
}

fn interaction(id: &str, state: &str, mode: &str) -> Json {
    json!({"messageType": "InteractionStateChanged", "notificationType": "StatusChange", "interaction": {
        "id": id, "mediatype": "whatsappsession", "state": state, "monitorMode": mode, "queue": "orders",
        "userData": [{"key": "wa.contact-name", "type": "str", "value": "Lucía"}],
        "chat": {"myUserType": "Supervisor", "participants": [
            {"id": "a", "type": "Agent", "nickname": "Ana", "personId": "ana", "visibility": "All"}]}}})
}

fn entry(index: u64, text: &str) -> Json {
    let now = jiff::Timestamp::now().to_string();
    json!({"index": index, "type": "Text", "text": text, "visibility": "All",
        "from": {"type": "Customer", "nickname": "Lucía"}, "timestamp": now})
}

fn log(id: &str, entries: &[Json]) -> Json {
    json!({"messageType": "MessageLogUpdated", "interactionId": id, "messages": entries})
}

impl Server {
    fn tells(&self, data: Json) {
        let event = json!({"channel": "/workspace/v3/media/whatsappsession", "data": data});
        self.set(|knobs| knobs.events.push_back(event));
    }

    fn posts(&self) -> Vec<String> {
        self.fake.knobs.lock().unwrap().posts.clone()
    }
}

/// The first event that `pick` accepts; others are ignored.
async fn event<T>(
    client: &mut LiveViewClient,
    what: &str,
    mut pick: impl FnMut(&LiveViewEvent) -> Option<T>,
) -> T {
    soon(what, async {
        loop {
            if let Some(found) = pick(&client.next().await) {
                return found;
            }
        }
    })
    .await
}

/// The first update that `pick` accepts. The updates that arrive with it are not returned later, so tests ask in the
/// order of what happens.
async fn update<T>(
    client: &mut LiveViewClient,
    what: &str,
    mut pick: impl FnMut(&LiveUpdate) -> Option<T>,
) -> T {
    let pick = |event: &LiveViewEvent| match event {
        LiveViewEvent::Updates(updates) => updates.iter().find_map(&mut pick),
        LiveViewEvent::Lost { .. } | LiveViewEvent::Stopped(_) => None,
    };
    event(client, what, pick).await
}

/// The next message that is told.
async fn message(client: &mut LiveViewClient, text: &str) -> FeedEntry {
    let message = |one: &LiveUpdate| match one {
        LiveUpdate::Entry(entry) if entry.event == "message" => {
            assert_eq!(entry.text.as_deref(), Some(text), "in order, and each once");
            Some(FeedEntry::clone(entry))
        }
        _ => None,
    };
    update(client, text, message).await
}

async fn watching(client: &mut LiveViewClient) -> (usize, usize) {
    let counts = |one: &LiveUpdate| match one {
        LiveUpdate::Counted { monitored, refused } => Some((*monitored, *refused)),
        _ => None,
    };
    update(client, "who is monitored", counts).await
}

#[tokio::test]
async fn monitoring_survives_a_break_and_posts_nothing_else() {
    let mut server = Server::start(server_with_agents()).await;
    let mut client = LiveViewClient::start(server.settings());
    assert_eq!(watching(&mut client).await, (1, 1), "who refuses is counted");
    server.tells(interaction("i", "Processing", "Monitor"));
    server.tells(log("i", &[entry(1, "uno")]));
    let told = message(&mut client, "uno").await;
    assert_eq!((told.agent.as_deref(), told.customer.as_deref()), (Some("ana"), Some("Lucía")));
    // A session of the supervisor's own, were there one, is none of this.
    server.tells(
        json!({"messageType": "InteractionStateChanged", "interaction": {"id": "x", "state": "Invited"}}),
    );
    // Silent previews are looked into, others are not.
    server.tells(interaction("q", "Invited", "Coach"));
    server.tells(interaction("p", "Invited", "Monitor"));
    server.tells(log("i", &[entry(2, "dos")]));
    message(&mut client, "dos").await;
    server.tells(log("i", &[entry(3, "tres")]));
    message(&mut client, "tres").await;
    // What was requested before the break arrives before it.
    server.noted(ACCEPT, 1).await;
    server.kill();
    let lost = |one: &LiveViewEvent| matches!(one, LiveViewEvent::Lost { .. }).then_some(());
    event(&mut client, "the break", lost).await;
    assert!(client.sessions().live(&"i".into()).is_some(), "what is known stays");
    // Something is said while nobody listens.
    let all: Vec<Json> =
        (1..).zip(["uno", "dos", "tres", "cuatro"]).map(|(n, text)| entry(n, text)).collect();
    server.set(|knobs| {
        knobs.answers.push(("media/whatsappsession/interactions/i/messages", json!({"messages": all})));
        // What the server says is open: the session goes on.
        let open = interaction("i", "Processing", "Monitor")["interaction"].clone();
        knobs.answers.push((
            "current-session",
            json!({"user": {"employeeId": "sam", "activeSession": {
            "media": {"channels": [{"name": "whatsappsession", "interactions": [open]}]}}}}),
        ));
    });
    let server = Server::at(server.address, server.fake.clone()).await;
    message(&mut client, "cuatro").await;
    server.noted(START, 4).await;
    server.tells(log("i", &[entry(4, "cuatro")]));
    server.tells(log("i", &[entry(5, "cinco")]));
    message(&mut client, "cinco").await;
    // A transcript is read when it is wanted.
    client.read("i".into(), LogQuery::after(3));
    let transcript = |one: &LiveUpdate| match one {
        LiveUpdate::Transcript { part, result, .. } => Some((*part, result.clone().unwrap())),
        _ => None,
    };
    let (part, page) = update(&mut client, "the transcript", transcript).await;
    assert_eq!((part, page.messages.last().map(|entry| entry.index)), (LogQuery::after(3), Some(4)));
    soon("the end", client.end()).await;
    let posts = server.posts();
    assert_eq!(posts.last().map(String::as_str), Some(format!("{STOP} ana").as_str()));
    let count = |what: String| posts.iter().filter(|post| **post == what).count();
    assert_eq!((count(format!("{START} ana")), count(format!("{START} cy"))), (2, 2), "begun again");
    assert_eq!(count(ACCEPT.to_owned()), 1);
    assert_eq!(posts.len(), 6, "{posts:?}");
    let order = server.log();
    assert_eq!(order[order.len() - 2..], ["/meta/disconnect", "logout"]);
    assert_eq!(server.count("activate-channels"), 0);
}

#[tokio::test]
async fn a_session_that_ended_in_the_break_is_let_go() {
    let mut server = Server::start(server_with_agents()).await;
    let mut client = LiveViewClient::start(server.settings());
    watching(&mut client).await;
    for id in ["i", "j"] {
        server.tells(interaction(id, "Processing", "Monitor"));
        server.tells(log(id, &[entry(1, id)]));
        message(&mut client, id).await;
    }
    server.kill();
    // Its log is not to be read any more.
    server.set(|knobs| {
        knobs.missing = Some("media/whatsappsession/interactions/j/messages");
        knobs.answers.push(("media/whatsappsession/interactions/i/messages", json!({"messages": []})));
    });
    let server = Server::at(server.address, server.fake.clone()).await;
    let gone = |one: &LiveUpdate| match one {
        LiveUpdate::Gone(id) => Some(id.clone()),
        _ => None,
    };
    assert_eq!(update(&mut client, "the end of a session", gone).await, "j".into());
    assert!(client.sessions().live(&"i".into()).is_some());
    drop(server);
}

#[tokio::test]
async fn who_may_monitor_nobody_is_told_so() {
    let mut nobody = server_with_agents();
    nobody.answers.retain(|(path, _)| *path != "targets");
    nobody.answers.push((
        "targets",
        json!({"targets": [{"type": "agent", "employeeId": "ana", "isMonitorable": false}]}),
    ));
    let mut refuses = server_with_agents();
    (refuses.refused_agent, refuses.forbidden) = (None, Some("start-monitoring"));
    for (knobs, wanted) in [(nobody, "names no agents"), (refuses, "monitor no agent")] {
        let server = Server::start(knobs).await;
        let mut client = LiveViewClient::start(server.settings());
        let stopped = |one: &LiveViewEvent| match one {
            LiveViewEvent::Stopped(reason) => Some(reason.to_string()),
            _ => None,
        };
        let reason = event(&mut client, "the refusal", stopped).await;
        assert!(reason.contains(wanted), "{reason}");
        soon("the end", client.end()).await;
    }
}

#[tokio::test]
async fn the_end_does_not_wait_for_a_silent_server() {
    let server = Server::start(server_with_agents()).await;
    let mut client = LiveViewClient::start(server.settings());
    watching(&mut client).await;
    server.set(|knobs| knobs.silent = Some("stop-monitoring"));
    soon("the end", client.end()).await;
    assert_eq!(server.posts().last().map(String::as_str), Some(format!("{STOP} ana").as_str()));
}

/// What is written, to be looked at while it is.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    async fn wait_for(&self, words: &str) {
        soon(words, async {
            while !self.text().contains(words) {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
    }
}

fn options(json: bool, filter: Filter) -> TailOptions {
    TailOptions { json, filter, from: FeedStart::Now, follow: true, colour: false, zone: TimeZone::UTC }
}

#[tokio::test]
async fn a_tail_prints_events_and_names_what_is_missing() {
    let server = Server::start(server_with_agents()).await;
    let (mut out, said) = (Page::default(), Arc::new(Mutex::new(Vec::new())));
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let (page, complaints, settings) = (out.clone(), Arc::clone(&said), server.settings());
    let filter = Filter {
        groups: vec!["Sales".into()],
        events: vec!["message".into(), "session".into()],
        ..Filter::default()
    };
    let task = tokio::spawn(async move {
        let complain = move |line: &str| complaints.lock().unwrap().push(line.to_owned());
        let stop = async move { drop(ended.await) };
        tail::run(settings, options(true, filter), &mut out, complain, stop).await
    });
    server.noted(START, 2).await;
    server.tells(interaction("i", "Processing", "Monitor"));
    server.tells(log("i", &[entry(1, "hola \u{1b}[2J")]));
    page.wait_for("hola").await;
    server.tells(interaction("i", "Completed", "Monitor"));
    page.wait_for("session.done").await;
    end.send(()).unwrap();
    assert_eq!(soon("the end", task).await.unwrap().unwrap().lines, 3);
    let told: Vec<Json> = page.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<(&str, u64)> =
        told.iter().map(|entry| (entry["event"].as_str().unwrap(), entry["seq"].as_u64().unwrap())).collect();
    assert_eq!(events, [("session.accepted", 1), ("message", 2), ("session.done", 3)]);
    assert_eq!(
        (&told[1]["from"], &told[1]["agent"], &told[1]["index"]),
        (&json!("customer"), &json!("ana"), &json!(1))
    );
    assert!(!page.text().contains('\u{1b}'));
    let said = said.lock().unwrap().clone();
    assert!(said[0].contains("keeps no feed") && said[0].contains("the past"), "{said:?}");
    assert_eq!(said[1], "agents monitored: 1; could not be: 1");
    assert_eq!(server.posts().last().map(String::as_str), Some(format!("{STOP} ana").as_str()));
}

#[tokio::test]
async fn a_tail_of_the_past_is_refused_by_a_plain_server() {
    let server = Server::start(server_with_agents()).await;
    for from in [FeedStart::After(7), FeedStart::Since(deskline::domain::Millis(0))] {
        let options = TailOptions { from, ..options(false, Filter::default()) };
        let result =
            tail::run(server.settings(), options, &mut Page::default(), |_| {}, std::future::pending()).await;
        assert!(matches!(result, Err(TailError::NoPast)), "{result:?}");
    }
    assert!(server.posts().is_empty());
}

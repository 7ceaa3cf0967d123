//! The end of a session on links that stall, and through the plain API.

use super::api::{Agent, Answer};
use super::proxy::Proxy;
use super::pty::{ACCEPT, DONE};
use super::rig::{Setup, World, http, until};
use serde_json::{Value, json};

/// The code of a reply, and its data.
fn read(answer: Answer) -> (i64, Value) {
    match answer {
        Answer::Done(body) | Answer::Refused(_, body) => {
            (body["status"]["code"].as_i64().unwrap(), body["data"].clone())
        }
        Answer::Unknown => panic!("no answer"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn done_on_a_stalled_line_asks_about_what_came_meanwhile() {
    let mut world = World::new(Setup::default()).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut desk = world.console_at("ana", &proxy.url(), "");
    desk.wait_for("You are Ready");
    world.writes("Lucía", "34600000101", "where is it?").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("where is it?  ");
    desk.write("on its way");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "on its way");
    desk.wait_confirmed("on its way");
    proxy.hold();
    world.writes("Lucía", "34600000101", "wait, one more question").await;
    desk.send(DONE);
    proxy.open();
    desk.wait_for("wrote: “wait, one more question”");
    desk.send("\x1b");
    desk.wait_gone("Enter does it; Esc goes back");
    desk.wait_for("wait, one more question  ");
    desk.write("yes?");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "yes?");
    desk.wait_confirmed("yes?");
    desk.send(DONE);
    desk.wait_for("is done and saved to history");
    // An accident: it is undone.
    desk.send("\x1bD");
    desk.wait_for("wait, one more question  ");
    desk.write("still here");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "still here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_race_by_api_leaves_a_message_in_an_ended_session() {
    let world = World::new(Setup::default()).await;
    let (http, url) = (http(), world.gateway.url());
    let ana = until("Ana", async || Agent::with_password(&http, &url, "ana").await).await;
    ana.post("/activate-channels", json!({})).await;
    ana.post("/media/whatsappsession/ready", json!({})).await;
    let invited = async || until("an invitation", async || ana.sessions("Invited").await?.pop()).await.0;
    world.writes("Lucía", "34600000101", "first").await;
    let mut id = invited().await;
    let mut refused = 0;
    for round in 0..25 {
        ana.act(&id, "accept", &format!("accept-{round}"), json!({})).await;
        let text = format!("question {round}");
        let name = format!("done-{round}");
        let done = ana.act(&id, "complete", &name, json!({}));
        let (_, done) = tokio::join!(world.writes("Lucía", "34600000101", &text), done);
        let (code, data) = read(done);
        if code == 4091 {
            refused += 1;
            assert_eq!((data["text"].as_str(), data["interactionId"].as_str()), (Some(&*text), Some(&*id)));
            // It was quoted, so a repeated request counts as having read it.
            let upto = json!({"wa.read": data["index"]});
            let again = ana.act(&id, "complete", &format!("{name}-again"), upto).await;
            assert_eq!(read(again).0, 1);
            world.writes("Lucía", "34600000101", "next").await;
        } else {
            assert_eq!(code, 1);
        }
        // What came after the end is a session of its own, which is offered.
        let before = std::mem::replace(&mut id, invited().await);
        assert_ne!(before, id);
    }
    println!("{refused} of 25 were refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_client_without_events_must_read_before_it_ends() {
    let world = World::new(Setup::default()).await;
    let (http, url) = (http(), world.gateway.url());
    let ana = until("Ana", async || Agent::with_password(&http, &url, "ana").await).await;
    ana.post("/activate-channels", json!({})).await;
    ana.post("/media/whatsappsession/ready", json!({})).await;
    world.writes("Lucía", "34600000101", "first").await;
    let (id, _) = until("an invitation", async || ana.sessions("Invited").await?.pop()).await;
    ana.act(&id, "accept", "a", json!({})).await;
    world.writes("Lucía", "34600000101", "second").await;
    let came = async || world.history().contains(&(true, "second".to_owned())).then_some(());
    until("the message", came).await;
    // This client does not say what it read, and was sent nothing since it accepted.
    let (code, refused) = read(ana.act(&id, "complete", "c0", json!({})).await);
    assert_eq!((code, &refused["text"]), (4091, &Value::from("second")));
    let leave = json!({"wa.read": 1, "afterAction": "KeepAlive"});
    assert_eq!(read(ana.act(&id, "leave", "l", leave).await).0, 4091);
    ana.get(&format!("/media/whatsappsession/interactions/{id}/messages")).await;
    assert_eq!(read(ana.act(&id, "complete", "c", json!({})).await).0, 1);
    let reopened = ana.post(&format!("/deskline/interactions/{id}/reopen"), json!({})).await;
    assert_eq!(read(reopened).0, 1);
    assert_eq!(ana.sessions("Processing").await.map(|all| all.len()), Some(1));
}

//! `deskline monitor` in a terminal, against the gateway and against a server without its additions.

use super::api::Answer;
use super::proxy::Proxy;
use super::pty::{ACCEPT, ESC, Pty, QUIT};
use super::rig::{START_MONITORING, STOP_MONITORING, Setup, World, hash, webhook_of_many};
use super::tail::lines;
use serde_json::json;
use std::time::{Duration, Instant};

const PIN: &str = "\x1bOQ";
const UNPIN: &str = "\x1bOR";
const FOLLOW: &str = "\x1b[15~";
const SORT: &str = "\x1b[17~";

/// Kills and restarts the gateway under a monitor that follows Lucía. What was shown stays, and a message from the time
/// without a connection appears.
async fn assert_monitor_survives_restart(world: &mut World, proxy: &Proxy, sam: &mut Pty) {
    world.writes("Lucía", "34600000101", "¿y?").await;
    sam.wait_for("¿y?");
    world.kill_and_restart();
    sam.wait_for("again in");
    assert!(sam.shows("¿y?"), "what was read stays:\n{}", sam.screen());
    world.writes("Lucía", "34600000101", "sigo aquí").await;
    proxy.lead_to(world.gateway.address);
    sam.wait_for("read-only");
    sam.wait_for("sigo aquí");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn monitor_lists_filters_pins_follows_and_changes_nothing() {
    let mut world = World::with_supervisor(&["ana", "ben", "zoe"]).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut desks = [world.ready("ana"), world.ready("ben"), world.ready("zoe")];
    let mut sam = world.monitor("sam", &proxy.url());
    sam.wait_for("No live sessions.");
    sam.wait_for("3 Ready");
    world.writes("Lucía", "34600000101", "¿dónde está mi pedido?").await;
    world.writes("Karim", "212600000012", "Bonjour").await;
    world.writes("Noor", "31600000077", "goedemorgen").await;
    for desk in &mut desks {
        desk.wait_for("accept F2");
        desk.send(ACCEPT);
        desk.wait_for("to customer");
    }
    sam.wait_for("3 live  0 without an agent");
    for agent in ["Ana Ruiz", "Ben Ruiz", "Zoe Ruiz"] {
        sam.wait_for(agent);
    }
    // Messages appear as they are sent.
    sam.send("lucia");
    sam.wait_for("filter: lucia");
    sam.wait_for("1 of 3");
    sam.wait_for("¿dónde está mi pedido?");
    let with = desks.iter_mut().find(|desk| desk.shows("Lucía")).unwrap();
    with.write("lo reviso ahora");
    with.send("\r");
    sam.wait_for("lo reviso ahora");
    assert_eq!(world.taken().await.text, "lo reviso ahora");
    sam.send(ESC);
    sam.wait_for("3 of 3");
    // Two sessions side by side.
    sam.send(PIN);
    sam.wait_for("◆");
    sam.send("karim");
    sam.wait_for("1 of 3");
    sam.send(PIN);
    sam.send(ESC);
    // Each pinned session has a mark in the list and one in the heading of its pane.
    sam.wait("both", |screen| {
        let text = screen.contents();
        text.contains("Bonjour") && text.contains("lo reviso ahora") && text.matches('◆').count() == 4
    });
    sam.send(UNPIN);
    sam.wait_gone("◆");
    sam.send(SORT);
    sam.wait_for("by agent");
    sam.send(FOLLOW);
    sam.wait_for("following the newest");
    world.writes("Karim", "212600000012", "vous êtes là ?").await;
    sam.wait_for("vous êtes là ?");
    assert_monitor_survives_restart(&mut world, &proxy, &mut sam).await;
    // Any key edits the filter or moves the view; none writes.
    let before = world.graph.bodies().len();
    let logged = world.history().len();
    for keys in ["hola", "\r", "\r", "\x04", "\x1bq", "\x1bs", "/done", "\r", "\x1b[18~", "\t"] {
        sam.send(keys);
    }
    sam.wait_for("0 of 3");
    sam.send(ESC);
    sam.wait_for("3 of 3");
    sam.send("end");
    sam.wait_for("filter: end");
    assert_eq!((world.graph.bodies().len(), world.history().len()), (before, logged));
    let data = world.data();
    let acts: Vec<String> = data
        .prepare("SELECT act FROM audit WHERE who = 'sam' AND act NOT IN ('saw', 'sign-in')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(acts.iter().all(|act| act == "initialize-workspace" || act == "logout"), "{acts:?}");
    sam.send(QUIT);
    assert!(sam.wait_for_end().success());
    sam.assert_given_back();
}

/// Ten thousand messages arrive while the link of a monitoring supervisor is stalled for at least that long. Returns how
/// long it was stalled, and the slowest answer to the agent.
async fn stalled_link(least: Duration) -> (Duration, Duration) {
    let mut world = World::with_supervisor(&["ana"]).await;
    let ana = world.agent("ana").await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut sam = world.monitor("sam", &proxy.url());
    let id = world.conversation(&ana, "hola", "buenas").await;
    sam.wait_for("buenas");
    proxy.hold();
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    for round in 0..20 {
        assert_eq!(world.post(&webhook_of_many(round * 500, 500)).await, Some(200));
        let answer = format!("answer {round}");
        let asked = Instant::now();
        let sent = ana.act_unnamed(&id, "send-message", json!({"message": answer})).await;
        slowest = slowest.max(asked.elapsed());
        assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
        assert_eq!(world.taken().await.text, answer);
        tokio::time::sleep_until((began + least * (round as u32 + 1) / 20).into()).await;
    }
    let stalled = began.elapsed();
    proxy.open();
    sam.wait_for("m9999");
    // Each message is there once, from the first to the last.
    sam.send("\r");
    sam.send("\x1b[1;5H");
    sam.wait_for("buenas");
    sam.wait_for("m0 ");
    sam.send("\x1b[1;5F");
    sam.wait_for("m9999");
    let all = lines(&world, &["--json", "--since", "1h", "--event", "message"]);
    assert_eq!(all.len(), 1 + 10_000 + 1 + 20);
    assert!(all.iter().any(|line| line.contains("answer 19")), "{:?}", all.last());
    sam.send(QUIT);
    assert!(sam.wait_for_end().success());
    (stalled, slowest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn monitor_with_a_stalled_link_misses_nothing_and_slows_nobody() {
    stalled_link(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "takes a minute: the link is stalled for that long"]
async fn monitor_catches_up_after_a_link_stalled_for_a_minute() {
    let (stalled, slowest) = stalled_link(Duration::from_secs(60)).await;
    println!("stalled for {stalled:?}; the agent's slowest answer took {slowest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn monitor_marks_late_sessions_after_the_configured_time() {
    let more = format!(
        "[interaction-workspace]\nwhatsappsession.pending-response-to-customer = \"1,2\"\n\
         [[gateway.agent]]\nuser-name = \"sam\"\nrole = \"supervisor\"\npassword-hash = \"{}\"\n",
        hash()
    );
    let world = World::new(Setup { more: &more, ..Setup::default() }).await;
    let sam = world.monitor("sam", &world.gateway.url());
    world.writes("Karim", "212600000012", "Bonjour").await;
    sam.wait_for("Bonjour");
    // The default is fifty seconds.
    sam.wait_for("◉!");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn monitor_works_without_the_gateways_additions() {
    let mut world = World::with_supervisor(&["ana", "ben"]).await;
    let proxy = Proxy::without_additions(world.gateway.address).await;
    let mut ana = world.ready("ana");
    world.writes("Lucía", "34600000101", "¿dónde está mi pedido?").await;
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    // A session that began before the monitor.
    let mut sam = world.monitor("sam", &proxy.url());
    sam.wait_for("queues, service level and counts: not available from this server");
    sam.wait_for("2 agents are monitored");
    sam.wait_for("1 live");
    sam.wait_for("Ana Ruiz");
    sam.wait_for("¿dónde está mi pedido?");
    ana.write("lo reviso ahora");
    ana.send("\r");
    sam.wait_for("lo reviso ahora");
    assert_eq!(world.taken().await.text, "lo reviso ahora");
    // A session that begins now.
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    sam.wait_for("2 live");
    sam.send("karim");
    sam.wait_for("1 of 2");
    sam.wait_for("Bonjour");
    sam.send(ESC);
    sam.wait_for("2 of 2");
    sam.send(FOLLOW);
    sam.wait_for("following the newest");
    assert_monitor_survives_restart(&mut world, &proxy, &mut sam).await;
    world.writes("Lucía", "34600000101", "¿me oyen?").await;
    sam.wait_for("¿me oyen?");
    // Monitoring leaves nothing in the sessions' logs, and ends with the monitor.
    assert!(world.history().iter().all(|(_, text)| !text.contains("Sam")), "{:?}", world.history());
    sam.send(QUIT);
    assert!(sam.wait_for_end().success());
    sam.assert_given_back();
    assert_eq!(
        world.audited_acts("sam"),
        ["initialize-workspace", "logout", START_MONITORING, STOP_MONITORING]
    );
}

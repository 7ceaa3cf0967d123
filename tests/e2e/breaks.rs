//! What breaks between console and gateway, and the end of either.

use super::proxy::Proxy;
use super::pty::{ACCEPT, Pty};
use super::rig::{Setup, World, until};
use rusqlite::Connection;

/// A console behind a proxy, with one open session.
async fn behind(world: &World, proxy: &Proxy, settings: &str) -> Pty {
    let mut desk = world.console_at("ana", &proxy.url(), settings);
    desk.wait_for("You are Ready");
    world.writes("Lucía", "34600000101", "first words").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk.wait_for("first words  ");
    desk
}

async fn reconnects(settings: &str) {
    let mut world = World::new(Setup::default()).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut desk = behind(&world, &proxy, settings).await;
    desk.write("half a");
    proxy.cut();
    desk.wait_for("connection lost");
    desk.send(" thought");
    desk.wait_for("› half a thought");
    // Away with it for a moment: Ctrl+U and back with Ctrl+Y.
    desk.send("\x15");
    desk.wait_gone("half a thought");
    desk.write("sent while away");
    desk.send("\r");
    desk.wait_for("waits for the connection");
    desk.write("half a thought");
    world.writes("Lucía", "34600000101", "are you there").await;
    proxy.open();
    desk.wait_for("are you there  ");
    desk.wait_gone("again in");
    assert_eq!(world.taken().await.text, "sent while away");
    desk.wait_confirmed("sent while away");
    assert_eq!((desk.count("are you there"), desk.count("sent while away")), (1, 1), "{}", desk.screen());
    assert!(desk.shows("› half a thought"), "{}", desk.screen());
    desk.send("\r");
    assert_eq!(world.taken().await.text, "half a thought");
    assert_eq!((world.sent("sent while away"), world.sent("half a thought")), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn cut_connection_loses_and_doubles_nothing() {
    reconnects("").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_cut_connection_loses_and_doubles_nothing_over_long_polling() {
    reconnects("transport = \"long-polling\"").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_console_goes_on_when_the_gateway_was_killed_and_came_back() {
    let mut world = World::new(Setup::default()).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut desk = behind(&world, &proxy, "").await;
    desk.write("before");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "before");
    desk.wait_confirmed("before");
    desk.write("draft");
    world.kill_and_restart();
    proxy.lead_to(world.gateway.address);
    world.writes("Lucía", "34600000101", "after the fall").await;
    desk.wait_for("after the fall  ");
    assert!(desk.shows("› draft"), "{}", desk.screen());
    assert_eq!((desk.count("first words"), desk.count("before")), (1, 1), "{}", desk.screen());
    desk.send("\r");
    assert_eq!(world.taken().await.text, "draft");
    assert_eq!((world.sent("before"), world.sent("draft")), (1, 1));
    // Still Ready: the next customer comes here.
    world.writes("Omar", "213550000077", "and I").await;
    desk.wait_for("accept F2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_draft_survives_the_kill_of_the_console() {
    let mut world = World::new(Setup::default()).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut desk = behind(&world, &proxy, "").await;
    desk.write("not finished ñ 👍");
    let file = world.home("ana").join("state/deskline/console.db");
    until("the draft on disk", async || {
        let kept = Connection::open(&file)
            .and_then(|data| data.query_row("SELECT text FROM draft", [], |row| row.get::<_, String>(0)));
        kept.ok().filter(|text| text == "not finished ñ 👍")
    })
    .await;
    desk.kill();
    let mut desk = world.console_at("ana", &proxy.url(), "");
    desk.wait_for("› not finished ñ 👍");
    desk.wait_for("first words  ");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "not finished ñ 👍");
    desk.wait_confirmed("not finished ñ 👍");
    // What was sent is no draft any more.
    desk.kill();
    let desk = world.console_at("ana", &proxy.url(), "");
    desk.wait_for("not finished ñ 👍  ");
    assert!(!desk.shows("› not"), "{}", desk.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn offline_messages_survive_the_kill_of_the_console() {
    let mut world = World::new(Setup::default()).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut desk = behind(&world, &proxy, "").await;
    proxy.cut();
    desk.wait_for("connection lost");
    desk.write("said into the void");
    desk.send("\r");
    desk.wait_for("waits for the connection");
    let log = world.home("ana").join("state/deskline");
    until("the message on disk", async || {
        let files = std::fs::read_dir(&log).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let needle = b"said into the void";
        let mut holds = files.map(|bytes| bytes.windows(needle.len()).any(|part| part == needle));
        holds.any(|found| found).then_some(())
    })
    .await;
    desk.kill();
    proxy.open();
    let desk = world.console_at("ana", &proxy.url(), "");
    assert_eq!(world.taken().await.text, "said into the void");
    desk.wait_confirmed("said into the void");
    assert_eq!((world.sent("said into the void"), desk.count("said into the void")), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_gateway_that_is_told_to_stop_does_not_wait_for_consoles() {
    for settings in ["transport = \"websocket\"", "transport = \"long-polling\""] {
        let mut world = World::new(Setup::default()).await;
        let desk = world.console_at("ana", &world.gateway.url(), settings);
        desk.wait_for("You are Ready");
        assert!(world.stop().success(), "{settings}");
        desk.wait_for("connection lost");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn two_consoles_of_one_agent_show_the_same() {
    let mut world = World::new(Setup::default()).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut one = behind(&world, &proxy, "").await;
    let two = world.console("ana");
    two.wait_for("first words  ");
    one.write("from one desk");
    one.send("\r");
    assert_eq!(world.taken().await.text, "from one desk");
    one.wait_confirmed("from one desk");
    two.wait_confirmed("from one desk");
    assert_eq!((one.count("from one desk"), two.count("from one desk")), (1, 1));
    assert!(one.quit().success());
    world.writes("Lucía", "34600000101", "still there?").await;
    two.wait_for("still there?  ");
    assert!(two.shows("● Ready"));
}

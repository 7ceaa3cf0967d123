//! What keys and pastes do in an open session, and that nothing else happens.

use super::api::{Agent, Answer};
use super::pty::{ACCEPT, END, ESC, NOTICES, Pty, QUIT};
use super::rig::{Setup, World, until};
use serde_json::json;

/// A console with one open session.
async fn in_session(world: &World) -> Pty {
    let mut desk = world.ready("ana");
    world.writes("Karim", "212600000012", "Bonjour").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk.wait_for("Bonjour  ");
    desk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn lines_pasted_one_by_one_wait_for_an_enter() {
    let mut world = World::new(Setup::default()).await;
    let mut desk = in_session(&world).await;
    desk.send("uno\r");
    desk.wait_for("Looks pasted: press Enter to send");
    desk.send("dos\r");
    desk.wait_for("dos");
    // A key that is no text ends the paste, however fast it arrives.
    desk.send(END);
    desk.send("\r");
    assert_eq!(world.taken().await.text, "uno\ndos");
    assert_eq!(world.graph.bodies().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn replies_of_the_terminal_never_reach_the_customer() {
    let mut world = World::new(Setup::default()).await;
    let mut desk = in_session(&world).await;
    desk.write("hola");
    desk.send("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b]11;rgb:1e1e/1e1e/2e2e\x07\x1bP>|XTerm(388)\x1b\\");
    desk.send("\x1b[>41;388;0c\x1b_Gi=1;OK\x1b\\\x1b[?2004;1$y");
    desk.send("!");
    desk.wait_for("› hola!");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "hola!");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_paste_without_end_leaves_the_keys_alive() {
    let mut world = World::new(Setup::default()).await;
    let mut desk = in_session(&world).await;
    desk.send("\x1b[200~uno");
    desk.wait_for("› uno");
    desk.send(QUIT);
    desk.wait_for("A session is open");
    desk.send(ESC);
    desk.wait_gone("A session is open");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "uno");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_paste_neither_sends_nor_commands() {
    let mut world = World::new(Setup::default()).await;
    let mut desk = in_session(&world).await;
    desk.send("\x1b[200~one\r/done\r/notready\rthree\r\x1b[201~");
    desk.wait_for("/notready");
    desk.wait_for("three");
    desk.send("\r");
    assert_eq!(world.taken().await.text.trim_end(), "one\n/done\n/notready\nthree");
    desk.send("\x1b[200~/done\r\x1b[201~");
    desk.wait_for("› /done");
    desk.send("\r");
    desk.wait_for("begins with a slash");
    desk.send(ESC);
    desk.wait_gone("begins with a slash");
    assert!(desk.shows("› /done") && desk.shows("Ready") && desk.shows("Bonjour"), "{}", desk.screen());
    assert_eq!(world.graph.bodies().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_idle_screen_writes_no_byte() {
    let gateway = "after-call-work-seconds = 3";
    let mut world = World::new(Setup { agents: &["ana", "ben"], gateway, ..Setup::default() }).await;
    let mut desk = in_session(&world).await;
    desk.write("hola");
    desk.send("\r");
    let taken = world.taken().await;
    world.webhooks.status(&taken.wamid, &taken.tracker, "delivered", None).await;
    desk.wait_for("✓✓");
    // Notices that are shown or waiting would disappear by themselves: all are read here.
    desk.send(NOTICES);
    desk.wait_for("─ Notices ─");
    desk.send(ESC);
    desk.wait_gone("─ Notices ─");
    let ben = Agent::with_password(&world.http, &world.gateway.url(), "ben").await.unwrap();
    // The newest output is drawn last: nothing earlier is still to be written.
    world.webhooks.status(&taken.wamid, &taken.tracker, "read", None).await;
    desk.wait_for("✓✓ read");
    let before = desk.bytes();
    // The end of Ben's After Call Work, seconds later, bounds the idle time. Nothing of it is on this screen.
    let after_call_work = json!([{"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]);
    let path = "/media/whatsappsession/not-ready";
    let answer = ben.post(path, json!({"data": {"extension": after_call_work}})).await;
    assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
    assert_ne!(ben.state().await.as_deref(), Some("Ready"));
    until("the end of After Call Work", async || (ben.state().await? == "Ready").then_some(())).await;
    assert_eq!(desk.bytes(), before, "{}", desk.screen());
    world.writes("Karim", "212600000012", "encore moi").await;
    desk.wait_for("encore moi");
    assert!(desk.bytes() > before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_smaller_terminal_keeps_what_is_written() {
    let mut world = World::new(Setup::default()).await;
    let mut desk = in_session(&world).await;
    desk.write("half a thought");
    for (columns, rows) in [(80, 24), (40, 10), (20, 5), (1, 1), (200, 50), (120, 32)] {
        desk.resize(columns, rows);
        if columns >= 40 {
            desk.wait_for("half a thought");
        }
    }
    desk.wait_for("› half a thought");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "half a thought");
}

//! Standard responses: brought in by an administrator, found by an agent, sent to a customer.

use super::pty::{ACCEPT, ESC, Pty};
use super::rig::{PROGRAM, Setup, World, until};
use deskline::gateway::customers::graph_stub::StubReply;
use std::fs;
use std::process::Command;

const RESPONSES: &str = "\x12";
const INSERT: &str = "\x1b[2~";

/// Brings a library into the data of a gateway that runs.
fn import(world: &World) {
    let folder = world.dir.path().join("library");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("menu.pdf"), b"%PDF-1.4 a menu").unwrap();
    fs::write(folder.join("map.txt"), b"left, then right").unwrap();
    let text = r#"
[[response]]
name = "Our menu"
category = "Shop"
language = "English"
body = "Hello <$Contact.FirstName$>, <$Agent.FirstName$> sends you the menú."
attachments = ["menu.pdf", "map.txt"]

[[response]]
name = "Goodbye"
category = "Greetings"
body = "Have a good day!"
"#;
    fs::write(folder.join("responses.toml"), text).unwrap();
    let mut command = Command::new(PROGRAM);
    command.arg("--config").arg(world.dir.path().join("gateway.toml"));
    let output = command.args(["import", "responses"]).arg(folder.join("responses.toml")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "standard responses: 2 added, 0 changed, 0 as before"
    );
}

async fn in_session(world: &World) -> Pty {
    let mut desk = world.ready("ana");
    world.writes("Lucía Fernández", "34600000101", "what do you have").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk
}

/// In a session, with the response that has files chosen in the list.
async fn at_the_menu(world: &World) -> Pty {
    let mut desk = in_session(world).await;
    desk.send(RESPONSES);
    desk.wait_for("Our menu");
    desk.write("menu");
    desk.wait_for("Hello Lucía");
    desk
}

fn uses(world: &World) -> Vec<String> {
    let data = world.data();
    let mut wanted = data.prepare("SELECT employee || ' ' || kind FROM response_usage ORDER BY seq").unwrap();
    wanted.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn response_is_found_filled_edited_and_sent_before_its_files() {
    let mut world = World::new(Setup::default()).await;
    import(&world);
    let mut desk = in_session(&world).await;
    desk.send(RESPONSES);
    desk.wait_for("Our menu");
    desk.write("menu sends");
    desk.wait_gone("Goodbye");
    desk.wait_for("Hello Lucía, Ana sends you the menú.");
    desk.wait_for("/ 4096 B");
    desk.send(INSERT);
    desk.wait_for("★ Our menu");
    desk.send("\r");
    desk.wait_for("+ 2 attachments: menu.pdf, map.txt");
    assert_eq!(world.graph.bodies().len(), 0, "Enter in the list sends nothing");
    desk.send(" Enjoy!");
    desk.wait_for("menú. Enjoy!");
    desk.send("\r");
    let text = world.taken().await;
    assert_eq!(text.text, "Hello Lucía, Ana sends you the menú. Enjoy!");
    let menu = world.taken().await;
    let file = menu.file.unwrap();
    assert_eq!(
        (file.kind.as_str(), file.name.as_str(), file.mime.as_str()),
        ("document", "menu.pdf", "application/pdf")
    );
    assert_eq!(file.bytes.as_ref(), b"%PDF-1.4 a menu");
    let map = world.taken().await.file.unwrap();
    assert_eq!((map.name.as_str(), map.bytes.as_ref()), ("map.txt", &b"left, then right"[..]));
    // Each has a state of its own.
    desk.wait_for("menu.pdf");
    world.webhooks.status(&menu.wamid, &menu.tracker, "delivered", None).await;
    desk.wait_for("✓✓");
    until("the use", async || (uses(&world) == ["ana SuggestedResponseChoosen"]).then_some(())).await;
    world.kill_and_restart();
    let mut again = world.console("ana");
    again.wait_for("to customer");
    again.send(RESPONSES);
    again.wait_for("★ Our menu");
    again.send(ESC);
    assert_eq!(world.graph.uploads(), 2, "nothing was brought twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn file_is_sent_once_after_a_kill_during_its_upload() {
    let mut world = World::new(Setup::default()).await;
    import(&world);
    let mut desk = at_the_menu(&world).await;
    world.graph.script_uploads([StubReply::Hang]);
    desk.send("\r");
    desk.wait_for("+ 2 attachments");
    desk.send("\r");
    assert!(world.taken().await.text.starts_with("Hello Lucía"));
    until("the file on its way", async || (world.graph.upload_requests() == 1).then_some(())).await;
    // The gateway has the last of it too before the console goes.
    desk.wait_confirmed("map.txt");
    drop(desk);
    world.kill_and_restart();
    let menu = world.taken().await.file.unwrap();
    let map = world.taken().await.file.unwrap();
    assert_eq!((menu.name.as_str(), map.name.as_str()), ("menu.pdf", "map.txt"));
    assert_eq!(world.graph.uploads(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn refused_file_is_reported_and_the_next_one_is_sent() {
    let mut world = World::new(Setup::default()).await;
    import(&world);
    let mut desk = at_the_menu(&world).await;
    world.graph.script_uploads([StubReply::Error(400, 131_053)]);
    desk.send("\r");
    desk.wait_for("+ 2 attachments");
    desk.send("\r");
    assert!(world.taken().await.file.is_none());
    assert_eq!(world.taken().await.file.unwrap().name, "map.txt");
    desk.wait_for("⚠");
    drop(desk);
}

//! The demo: at once, the same every time, and gone without a trace.

use super::api::{Agent, Answer};
use super::pty::{ACCEPT, Pty};
use super::rig::{PROGRAM, Setup, World, command, http, in_terminal, pid, until, wait_for_end};
use rustix::process::{Signal, kill_process};
use serde_json::json;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};

/// Everything that is not a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn the_first_invitation_comes_by_itself_and_nothing_is_left() {
    let home = tempfile::tempdir().unwrap();
    let mut command = in_terminal(PROGRAM, home.path());
    command.arg("demo");
    let mut desk = Pty::start(command);
    desk.wait_for("accept F2");
    assert_ne!(files(home.path()), [""; 0], "its data is somewhere");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk.write("hello there");
    desk.send("\r");
    desk.wait_for("✓");
    assert!(desk.quit().success());
    desk.assert_given_back();
    assert_eq!(files(home.path()), [""; 0]);
    assert_eq!(std::fs::read_dir(home.path().join("tmp")).unwrap().count(), 0, "the folder itself is gone");
}

/// A demo without a console.
struct Demo {
    child: Child,
    url: String,
    /// What it prints about further consoles.
    consoles: Vec<String>,
}

impl Demo {
    fn start(home: &Path, seed: &str) -> Self {
        let mut child = command(home)
            .args(["demo", "--headless", "--speed", "10", "--seed", seed])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().strip_prefix("listening on ").unwrap().to_owned();
        let consoles = lines.by_ref().take(3).collect();
        Self { child, url, consoles }
    }

    async fn ana(&self) -> Agent {
        Agent::sign_in(&http(), &self.url, "ana", "demo").await.unwrap()
    }

    /// Stops it, and waits for its end.
    fn stop(mut self) {
        kill_process(pid(&self.child), Signal::TERM).unwrap();
        assert!(wait_for_end(&mut self.child).success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first customer of Ana's day: the session and the name.
async fn first_customer(ana: &Agent) -> (String, String) {
    until("a customer", async || ana.sessions("Invited").await?.into_iter().next()).await
}

/// The name of the first customer of a day; leaves nothing of the demo behind.
async fn first_name(seed: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let demo = Demo::start(home.path(), seed);
    let (_, name) = first_customer(&demo.ana().await).await;
    demo.stop();
    assert_eq!(files(home.path()), [""; 0]);
    name
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_printed_command_opens_a_second_console() {
    let home = tempfile::tempdir().unwrap();
    let demo = Demo::start(home.path(), "1");
    let (_, printed) = demo.consoles[1].split_once(": ").unwrap();
    let mut shell = in_terminal("sh", &home.path().join("second"));
    shell.env_remove("DESKLINE_PASSWORD");
    shell.args(["-c", printed]);
    let kate = Pty::start(shell);
    kate.wait_for("Kate London");
    kate.kill();
    demo.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_simulated_colleague_takes_a_transfer() {
    let home = tempfile::tempdir().unwrap();
    let demo = Demo::start(home.path(), "1");
    let ana = demo.ana().await;
    let (session, _) = first_customer(&ana).await;
    let accepted = ana.act(&session, "accept", "accept", json!({"nickname": "Ana"})).await;
    assert!(matches!(accepted, Answer::Done(_)), "{accepted:?}");
    // Kate may still be signing in.
    let mut tries = 0;
    until("the transfer to be asked for", async || {
        tries += 1;
        let asked =
            ana.act(&session, "transfer-agent", &format!("t{tries}"), json!({"agentId": "kate"})).await;
        matches!(asked, Answer::Done(_)).then_some(())
    })
    .await;
    until("Kate to take it", async || ana.sessions("Processing").await?.is_empty().then_some(())).await;
    demo.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_same_seed_gives_the_same_first_customer() {
    let (one, two) = (first_name("7").await, first_name("7").await);
    assert!(!one.is_empty());
    assert_eq!(one, two);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn simulated_customers_never_reach_whatsapp() {
    let world = World::new(Setup::default()).await;
    let config = world.dir.path().join("gateway.toml");
    let mut gateway = command(world.dir.path())
        .args(["serve", "--simulate", "--speed", "10", "--config"])
        .arg(&config)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(gateway.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    let mut ana = world.console_at("ana", &url, "");
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    ana.write("hello there");
    ana.send("\r");
    ana.wait_for("✓");
    kill_process(pid(&gateway), Signal::TERM).unwrap();
    assert!(wait_for_end(&mut gateway).success());
    let mut said = String::new();
    gateway.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("nothing goes to WhatsApp") && said.contains("data/simulated"), "{said}");
    assert_eq!(world.graph.bodies(), Vec::<Vec<u8>>::new());
    assert!(world.sessions().is_empty(), "nothing of it is among real sessions");
}

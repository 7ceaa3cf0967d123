//! The demo: at once, the same every time, and gone without a trace.

use super::api::Agent;
use super::pty::{ACCEPT, Pty};
use super::rig::{PROGRAM, Setup, World, command, http, in_terminal, until};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

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

/// The name of the first customer of a day, and how the demo ends when it is told to.
async fn first_customer(seed: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut demo = command(home.path())
        .args(["demo", "--headless", "--speed", "10", "--seed", seed])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // Kept until the end: the demo has more to say.
    let mut out = BufReader::new(demo.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    let http = http();
    let ana = Agent::sign_in(&http, &url, "ana", "demo").await.unwrap();
    let first = until("a customer", async || ana.sessions("Invited").await?.into_iter().next()).await;
    kill_process(Pid::from_raw(demo.id().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    assert!(demo.wait().unwrap().success());
    assert_eq!(files(home.path()), [""; 0]);
    first.1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_same_seed_gives_the_same_first_customer() {
    let (one, two) = (first_customer("7").await, first_customer("7").await);
    assert!(!one.is_empty());
    assert_eq!(one, two);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_configured_gateway_serves_simulated_customers_and_sends_nothing_to_whatsapp() {
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
    kill_process(Pid::from_raw(gateway.id().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    assert!(gateway.wait().unwrap().success());
    let mut said = String::new();
    gateway.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("nothing goes to WhatsApp") && said.contains("data/simulated"), "{said}");
    assert_eq!(world.graph.bodies(), Vec::<Vec<u8>>::new());
    assert!(world.sessions().is_empty(), "nothing of it is among real sessions");
}

//! `deskline serve` stops on a signal, however it is configured and whatever is under way.

use super::api::Agent;
use super::pty::{ACCEPT, Pty};
use super::rig::{
    Gateway, PASSWORD, PROGRAM, Setup, World, hash, http, in_terminal, pid, until, wait_for_end,
};
use deskline::gateway::customers::graph_stub::StubReply;
use rustix::process::{Signal, kill_process};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// A gateway as the README sets it up, without WhatsApp; `more` goes into the table `gateway`.
fn own_gateway(dir: &Path, more: &str) -> PathBuf {
    let config = dir.join("config.toml");
    let text = format!(
        "[gateway]\nlisten = \"127.0.0.1:0\"\ndata-dir = \"data\"\n{more}\n[[gateway.queue]]\nname = \"q\"\n\
         [[gateway.agent]]\nuser-name = \"ana\"\npassword-hash = \"{}\"\n",
        hash()
    );
    fs::write(&config, text).unwrap();
    config
}

fn console_at(gateway: &Gateway, home: &Path, settings: &str) -> Pty {
    let config = home.join("console.toml");
    fs::write(&config, format!("[console]\n{settings}\n")).unwrap();
    let mut command = in_terminal(PROGRAM, home);
    command.args(["--url", &gateway.url(), "--user", "ana", "--config"]);
    command.arg(config);
    let console = Pty::start(command);
    console.wait_for("You are Ready");
    console
}

#[test]
fn a_gateway_without_whatsapp_stops_when_told() {
    for more in ["", "admin-listen = \"127.0.0.1:0\"", "websocket = false"] {
        for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
            let dir = tempfile::tempdir().unwrap();
            let mut gateway = Gateway::start(&own_gateway(dir.path(), more), dir.path());
            assert_eq!(gateway.signal(signal).code(), Some(0), "{more:?} {signal:?}");
        }
    }
}

#[test]
fn consoles_do_not_keep_a_gateway_without_whatsapp() {
    for transport in ["websocket", "long-polling"] {
        let dir = tempfile::tempdir().unwrap();
        let mut gateway = Gateway::start(&own_gateway(dir.path(), ""), dir.path());
        let home = dir.path().join("ana");
        fs::create_dir(&home).unwrap();
        let console = console_at(&gateway, &home, &format!("transport = \"{transport}\""));
        assert_eq!(gateway.signal(Signal::TERM).code(), Some(0), "{transport}");
        console.wait_for("connection lost");
    }
}

/// A gateway with WhatsApp whose agent's message WhatsApp never answers.
async fn with_a_hanging_send() -> (World, Pty) {
    let whatsapp = "business-account-id = \"1\"";
    let mut world = World::new(Setup { whatsapp, ..Setup::default() }).await;
    // The next gateway's request for the templates hangs too.
    world.stop();
    world.graph.script_lists([StubReply::Hang]);
    world.restart();
    let mut ana = world.ready("ana");
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    world.graph.script([StubReply::Hang]);
    ana.write("hello");
    ana.send("\r");
    world.graph.wait_for(1).await;
    (world, ana)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_hanging_send_is_cut_off_and_its_session_survives() {
    let (mut world, ana) = with_a_hanging_send().await;
    assert_eq!(world.stop().code(), Some(0));
    ana.kill();
    world.restart();
    let ana = world.console("ana");
    ana.wait_for("Bonjour");
    assert_eq!(world.sent("hello"), 1, "what may have arrived is not sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_second_signal_ends_a_stop_at_once() {
    let (mut world, ana) = with_a_hanging_send().await;
    world.gateway.send_signal(Signal::TERM);
    until("the stop to begin", async || world.stderr().contains("stopping").then_some(())).await;
    // Only the second signal makes it fail.
    assert_eq!(world.gateway.signal(Signal::INT).code(), Some(1));
    ana.kill();
    world.restart();
    world.console("ana").wait_for("Bonjour");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_store_that_does_not_answer_does_not_hold_a_stop() {
    let dir = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(&own_gateway(dir.path(), ""), dir.path());
    let ana = Agent::sign_in(&http(), &gateway.url(), "ana", PASSWORD).await.unwrap();
    let store = rusqlite::Connection::open(dir.path().join("data/gateway.db")).unwrap();
    store.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asks = ana.post("/media/whatsappsession/not-ready", json!({}));
    let stops = async { tokio::task::block_in_place(|| gateway.signal(Signal::TERM)) };
    let (_, status) = tokio::join!(asks, stops);
    assert_eq!(status.code(), Some(0));
}

/// Whether a process has a handler for SIGTERM, according to its status file.
fn catches_sigterm(status: &str) -> Option<()> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    (mask & 1 << (Signal::TERM.as_raw() - 1) != 0).then_some(())
}

#[tokio::test]
async fn a_signal_during_the_start_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    let config = own_gateway(dir.path(), "");
    Gateway::start(&config, dir.path()).signal(Signal::TERM);
    let store = rusqlite::Connection::open(dir.path().join("data/gateway.db")).unwrap();
    store.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let mut starting = Gateway::spawn(&config, dir.path(), &[]);
    let status = format!("/proc/{}/status", starting.id());
    until("signals to be caught", async || catches_sigterm(&fs::read_to_string(&status).unwrap())).await;
    kill_process(pid(&starting), Signal::TERM).unwrap();
    assert_eq!(wait_for_end(&mut starting).code(), Some(0));
}

#[test]
fn a_gateway_with_simulated_customers_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let config = own_gateway(dir.path(), "");
    let mut gateway = Gateway::start_with(&config, dir.path(), &["--simulate", "--speed", "50"]);
    assert_eq!(gateway.signal(Signal::TERM).code(), Some(0));
}

//! Who may read what: supervisors only, with an audit of what they did, and a log without personal data.

use super::commands::nobody;
use super::pty::QUIT;
use super::rig::{Setup, World, command};
use super::tail::tail;
use serde_json::Value;
use std::fs;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tail_and_audit_exit_with_3_without_the_right_to_read() {
    let world = World::with_supervisor(&["ana"]).await;
    let url = world.gateway.url();
    let run = |user: &str, url: &str, arguments: &[&str]| {
        let output = tail(&world, user, url, arguments).output().unwrap();
        assert!(output.stdout.is_empty());
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run("ana", &url, &["--json", "--since", "1h"]);
    assert_eq!((code, said.as_str()), (3, "deskline: only a supervisor or an administrator may see this\n"));
    let (code, said) = run("sam", &url, &["--event", "sessions"]);
    assert_eq!(code, 2, "{said}");
    let (_taken, closed) = nobody();
    let (code, said) = run("sam", &closed, &[]);
    assert_eq!(code, 4, "{said}");
    let audit = |user: &str| {
        let mut command = command(&world.home(user));
        command.arg("--config").arg(world.console_config(user, &url, "")).arg("audit");
        command.output().unwrap()
    };
    assert_eq!(audit("sam").status.code(), Some(3));
    let rows = audit("root");
    assert!(rows.status.success());
    let rows = String::from_utf8(rows.stdout).unwrap();
    let acts: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(acts.iter().any(|row| row["act"] == "sign-in" && row["who"] == "sam"), "{rows}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn monitor_is_refused_to_an_agent() {
    let world = World::with_supervisor(&["ana"]).await;
    let mut monitor = world.monitor("ana", &world.gateway.url());
    monitor.wait_for("only a supervisor or an administrator");
    monitor.send(QUIT);
    assert_eq!(monitor.wait_for_end().exit_code(), 3);
    monitor.assert_given_back();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn log_names_actor_and_act_and_masks_numbers() {
    let more = "[console]\nlog-messages = true\n[privacy]\nmask-numbers = true\nredact-digits = 4\n";
    let mut world = World::new(Setup { more, ..Setup::default() }).await;
    let ana = world.agent("ana").await;
    let id = world.conversation(&ana, "my card is 4111 1111", "call +34 600 000 202").await;
    assert!(world.stop().success());
    let log = fs::read_to_string(world.dir.path().join("data/gateway.log")).unwrap();
    let said = |part: &str| log.lines().any(|line| line.contains(part) && line.contains(&id));
    assert!(said("who=\"ana\" act=\"accept\"") && said("who=\"ana\" act=\"send-message\""), "{log}");
    assert!(said("my card is") && said("call +"), "{log}");
    for secret in ["4111", "600 000"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

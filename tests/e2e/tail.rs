//! `deskline tail` through pipes, against the gateway and against a server without its additions.

use super::api::Answer;
use super::proxy::Proxy;
use super::rig::{
    START_MONITORING, STOP_MONITORING, World, command, is_installed, patience, pid, until, webhook_of_many,
};
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};

/// A running `deskline tail`; a thread collects its lines.
pub struct Tail {
    child: Child,
    lines: Arc<(Mutex<Vec<String>>, Condvar)>,
}

impl Tail {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let (out, read) = (child.stdout.take().unwrap(), Arc::clone(&lines));
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                read.0.lock().unwrap().push(line);
                read.1.notify_all();
            }
        });
        Self { child, lines }
    }

    /// Waits until the lines meet a condition, and returns them.
    #[track_caller]
    fn wait(&self, what: &str, is_met: impl Fn(&[String]) -> bool) -> Vec<String> {
        let lines = self.lines.0.lock().unwrap();
        let (lines, _) = self.lines.1.wait_timeout_while(lines, patience(), |lines| !is_met(lines)).unwrap();
        assert!(is_met(&lines), "waited in vain for {what} in:\n{}", lines.join("\n"));
        lines.clone()
    }

    /// Waits until a line contains a text, and returns all lines.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> Vec<String> {
        self.wait(text, |lines| lines.iter().any(|line| line.contains(text)))
    }

    fn signal(&self, signal: Signal) {
        kill_process(pid(&self.child), signal).unwrap();
    }

    /// Ends it with SIGTERM. Returns its status and its stderr.
    fn end(mut self) -> (ExitStatus, String) {
        self.signal(Signal::TERM);
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status, said)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command `deskline tail` of a user.
pub fn tail(world: &World, user: &str, url: &str, arguments: &[&str]) -> Command {
    let mut command = command(&world.home(user));
    command.arg("--config").arg(world.console_config(user, url, "")).arg("tail").args(arguments);
    command
}

/// The lines of a tail that ends by itself.
pub fn lines(world: &World, arguments: &[&str]) -> Vec<String> {
    let output = tail(world, "sam", &world.gateway.url(), arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The event numbers of JSON lines.
fn numbers(lines: &[String]) -> Vec<u64> {
    lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tail_prints_a_conversation_as_text_and_as_json() {
    let mut world = World::with_supervisor(&["ana"]).await;
    let ana = world.agent("ana").await;
    let live =
        Tail::start(tail(&world, "sam", &world.gateway.url(), &["--json", "--since", "1h", "--follow"]));
    let id = world.conversation(&ana, "Hola, mi pedido", "Lo reviso").await;
    let seen = live.wait_for("Lo reviso");
    let past = lines(&world, &["--json", "--since", "1h"]);
    let seen = live.wait("everything", |lines| lines.len() >= past.len().max(seen.len()));
    assert_eq!(seen.get(..past.len()), Some(past.as_slice()), "read later it is the same");
    let told: Vec<Value> = past.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = told.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    for wanted in
        ["agent.signed-in", "session.started", "session.queued", "session.offered", "session.accepted"]
    {
        assert!(events.contains(&wanted), "{wanted}: {events:?}");
    }
    let of = |text: &str| told.iter().find(|entry| entry["text"] == text).unwrap();
    let (hers, ours) = (of("Hola, mi pedido"), of("Lo reviso"));
    assert_eq!(
        (&hers["from"], &hers["customer"], &hers["number"]),
        (&json!("customer"), &json!("Lucía"), &json!("34600000101"))
    );
    assert_eq!((&ours["from"], &ours["agent"], &ours["session"]), (&json!("ana"), &json!("ana"), &json!(id)));
    // From an event number on.
    let from = format!("#{}", hers["seq"]);
    let rest = lines(&world, &["--json", "--since", &from]);
    let wanted: Vec<String> = past
        .iter()
        .zip(numbers(&past))
        .filter(|(_, seq)| Some(*seq) > hers["seq"].as_u64())
        .map(|(line, _)| line.clone())
        .collect();
    assert_eq!(rest.get(..wanted.len()), Some(wanted.as_slice()));
    let words = lines(&world, &["--since", "1h", "--event", "message"]);
    assert_eq!(words.len(), 2, "{words:?}");
    assert!(words[0].ends_with(&format!("[Lucía …0101 {id}] customer: Hola, mi pedido")), "{words:?}");
    assert!(words[1].ends_with(&format!("[Lucía …0101 {id}] ana: Lo reviso")), "{words:?}");
    assert!(lines(&world, &["--since", "1h", "--agent", "nobody"]).is_empty());
    let (status, said) = live.end();
    assert!(status.success(), "{said}");
    if !is_installed("jq") {
        println!("jq is not installed: skipped its part");
        return;
    }
    let mut tail = tail(&world, "sam", &world.gateway.url(), &["--json", "--since", "1h"]);
    let mut tail = tail.stdout(Stdio::piped()).spawn().unwrap();
    let jq = Command::new("jq")
        .args(["-r", "select(.event == \"message\") | .from + \": \" + .text"])
        .stdin(tail.stdout.take().unwrap())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(jq.stdout).unwrap(), "customer: Hola, mi pedido\nana: Lo reviso\n");
    assert!(tail.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tail_continues_without_gap_after_the_gateway_was_killed() {
    let mut world = World::with_supervisor(&["ana"]).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let follows = ["--json", "--since", "1h", "--follow"];
    let live = Tail::start(tail(&world, "sam", &proxy.url(), &follows));
    let ana = world.agent("ana").await;
    world.conversation(&ana, "before", "first answer").await;
    live.wait_for("first answer");
    world.kill_and_restart();
    let ana = world.agent("ana").await;
    // While no reader is connected.
    world.conversation(&ana, "while it was away", "second answer").await;
    proxy.lead_to(world.gateway.address);
    live.wait_for("second answer");
    world.conversation(&ana, "after", "third answer").await;
    live.wait_for("third answer");
    let all = lines(&world, &["--json", "--since", "1h"]);
    let seen = live.wait("everything", |lines| lines.len() >= all.len());
    assert_eq!(seen.get(..all.len()), Some(all.as_slice()));
    assert!(numbers(&seen).is_sorted_by(|a, b| a < b));
    let (status, said) = live.end();
    assert!(status.success(), "{said}");
    assert!(said.contains("trying again") && said.contains("connected again"), "{said}");
    assert!(said.contains("nothing is missing or doubled"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tail_ends_quietly_when_its_pipe_is_closed() {
    let world = World::with_supervisor(&["ana"]).await;
    world.writes("Lucía", "34600000101", "one").await;
    let mut command = tail(&world, "sam", &world.gateway.url(), &["--json", "--since", "1h", "--follow"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    assert!(first.contains("session.started"), "{first}");
    drop(out);
    // A writer learns that its pipe is closed when it writes.
    let status = until("its end", async || {
        world.writes("Lucía", "34600000101", "more").await;
        child.try_wait().unwrap()
    })
    .await;
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tail_with_a_closed_pipe_ends_although_nothing_happens() {
    let mut world = World::with_supervisor(&["ana"]).await;
    world.writes("Lucía", "34600000101", "one").await;
    // The first pipe is closed while a request waits at the gateway, the second while there is no gateway.
    for stopped in [false, true] {
        let follows = ["--json", "--since", "1h", "--follow"];
        let mut command = tail(&world, "sam", &world.gateway.url(), &follows);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        if stopped {
            assert!(world.stop().success());
        }
        drop(out);
        let status = until("its end", async || child.try_wait().unwrap()).await;
        assert_eq!(status.code(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stopped_tail_delays_nobody_and_catches_up() {
    let mut world = World::with_supervisor(&["ana"]).await;
    let ana = world.agent("ana").await;
    let follows = ["--json", "--since", "1h", "--follow"];
    let live = Tail::start(tail(&world, "sam", &world.gateway.url(), &follows));
    let id = world.conversation(&ana, "hola", "buenas").await;
    live.wait_for("buenas");
    live.signal(Signal::STOP);
    for round in 0..20 {
        assert_eq!(world.post(&webhook_of_many(round * 500, 500)).await, Some(200));
        let answer = format!("answer {round}");
        let sent = ana.act_unnamed(&id, "send-message", json!({"message": answer})).await;
        assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
        assert_eq!(world.taken().await.text, answer);
    }
    live.signal(Signal::CONT);
    let seen = live.wait("all messages", |lines| {
        lines.iter().filter(|line| line.contains("\"text\":\"m")).count() >= 10_000
            && lines.iter().any(|line| line.contains("answer 19"))
    });
    let told: Vec<Value> = seen.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = told
        .iter()
        .filter(|entry| entry["event"] == "message" && entry["from"] == "customer")
        .filter_map(|entry| entry["text"].as_str())
        .collect();
    let wanted: Vec<String> =
        std::iter::once("hola".to_owned()).chain((0..10_000).map(|number| format!("m{number}"))).collect();
    assert_eq!(texts.len(), wanted.len());
    assert!(texts.iter().zip(&wanted).all(|(text, wanted)| text == wanted), "in order, each once");
    assert!(numbers(&seen).is_sorted_by(|a, b| a < b));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tail_works_without_the_gateways_additions() {
    let mut world = World::with_supervisor(&["ana"]).await;
    let proxy = Proxy::without_additions(world.gateway.address).await;
    let ana = world.agent("ana").await;
    let live = Tail::start(tail(
        &world,
        "sam",
        &proxy.url(),
        &["--json", "--event", "message", "--event", "session"],
    ));
    until("monitoring", async || {
        world.audited_acts("sam").iter().any(|act| act == START_MONITORING).then_some(())
    })
    .await;
    let id = world.conversation(&ana, "hola", "buenas").await;
    live.wait_for("buenas");
    // A message is sent while the connection is broken.
    proxy.cut();
    let sent = ana.act_unnamed(&id, "send-message", json!({"message": "while it was away"})).await;
    assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
    assert_eq!(world.taken().await.text, "while it was away");
    proxy.open();
    live.wait_for("while it was away");
    let sent = ana.act_unnamed(&id, "send-message", json!({"message": "after"})).await;
    assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
    live.wait_for("\"after\"");
    // Another session ends while the connection is broken; the first one continues.
    world.writes("Karim", "212600000012", "bonjour").await;
    let other =
        until("the session", async || world.sessions().into_iter().find(|session| *session != id)).await;
    until("the invitation", async || {
        matches!(ana.act_unnamed(&other, "accept", json!({})).await, Answer::Done(_)).then_some(())
    })
    .await;
    live.wait_for("bonjour");
    proxy.cut();
    let done = ana.act_unnamed(&other, "complete", json!({})).await;
    assert!(matches!(done, Answer::Done(_)), "{done:?}");
    proxy.open();
    let seen = live.wait_for("session.released");
    assert!(seen.last().unwrap().contains(&other), "{seen:?}");
    let done = ana.act_unnamed(&id, "complete", json!({})).await;
    assert!(matches!(done, Answer::Done(_)), "{done:?}");
    let seen = live.wait_for("session.done");
    let told: Vec<Value> = seen.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = told.iter().filter_map(|entry| entry["text"].as_str()).collect();
    assert_eq!(texts, ["hola", "buenas", "while it was away", "after", "bonjour"], "each once, in order");
    assert_eq!(told[0]["event"], "session.accepted");
    let last = told.last().unwrap();
    assert_eq!((&last["session"], &last["customer"]), (&json!(id), &json!("Lucía")), "{told:?}");
    assert!(numbers(&seen).is_sorted_by(|a, b| a < b));
    let (status, said) = live.end();
    assert!(status.success(), "{said}");
    assert!(said.contains("keeps no feed") && said.contains("agents monitored: 1"), "{said}");
    assert!(said.contains("nothing is missing or doubled"), "{said}");
    assert_eq!(
        world.audited_acts("sam"),
        ["initialize-workspace", "logout", START_MONITORING, STOP_MONITORING]
    );
    let past = tail(&world, "sam", &proxy.url(), &["--since", "1h"]).output().unwrap();
    assert_eq!((past.status.code(), past.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8(past.stderr).unwrap().contains("leave out --since"));
    let nobody = tail(&world, "ana", &proxy.url(), &[]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(3), "an agent may not monitor");
}

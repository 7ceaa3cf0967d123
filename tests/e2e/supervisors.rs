//! Supervisors: lines through pipes, the monitor in a terminal, and nothing of it reaches a customer.

use super::api::{Agent, Answer};
use super::commands::nobody;
use super::proxy::Proxy;
use super::pty::{ESC, Pty, QUIT};
use super::rig::{NUMBER, PROGRAM, Setup, World, command, hash, in_terminal, patience, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const PIN: &str = "\x1bOQ";
const UNPIN: &str = "\x1bOR";
const FOLLOW: &str = "\x1b[15~";
/// As the audit names them.
const START: &str = "media/whatsappsession/start-monitoring";
const STOP: &str = "media/whatsappsession/stop-monitoring";
const SORT: &str = "\x1b[17~";

/// Agents and a supervisor.
async fn floor(agents: &[&str]) -> World {
    let more = format!(
        "[[gateway.agent]]\nuser-name = \"sam\"\nrole = \"supervisor\"\npassword-hash = \"{0}\"\n\
         [[gateway.agent]]\nuser-name = \"root\"\nrole = \"administrator\"\npassword-hash = \"{0}\"\n",
        hash()
    );
    World::new(Setup { agents, more: &more, ..Setup::default() }).await
}

/// `deskline tail` whose output is read as it comes.
struct Tail {
    child: Child,
    lines: Arc<(Mutex<Vec<String>>, Condvar)>,
}

impl Tail {
    fn start(mut command: Command) -> Self {
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

    /// Waits until the lines are as wanted, and gives them.
    #[track_caller]
    fn wait(&self, what: &str, is: impl Fn(&[String]) -> bool) -> Vec<String> {
        let lines = self.lines.0.lock().unwrap();
        let (lines, _) = self.lines.1.wait_timeout_while(lines, patience(), |lines| !is(lines)).unwrap();
        assert!(is(&lines), "waited in vain for {what} in:\n{}", lines.join("\n"));
        lines.clone()
    }

    /// Waits until something stands in a line.
    #[track_caller]
    fn wait_for(&self, text: &str) -> Vec<String> {
        self.wait(text, |lines| lines.iter().any(|line| line.contains(text)))
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Asks it to end; how that went, and what it said of itself.
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

fn tail(world: &World, user: &str, url: &str, arguments: &[&str]) -> Command {
    let mut command = command(&world.home(user));
    command.arg("--config").arg(world.console_config(user, url, "")).arg("tail").args(arguments);
    command
}

/// Runs it to its end.
fn lines(world: &World, arguments: &[&str]) -> Vec<String> {
    let output = tail(world, "sam", &world.gateway.url(), arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn numbers(lines: &[String]) -> Vec<u64> {
    lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].as_u64().unwrap()).collect()
}

/// Lucía writes, and an agent who is signed in as a program answers; the session.
async fn conversation(world: &mut World, agent: &Agent, text: &str, answer: &str) -> String {
    let before = world.sessions().len();
    world.writes("Lucía", "34600000101", text).await;
    let id = until("the session", async || world.sessions().last().cloned()).await;
    if world.sessions().len() > before {
        until("the invitation", async || {
            matches!(act(agent, &id, "accept", json!({})).await, Answer::Done(_)).then_some(())
        })
        .await;
    }
    let sent = act(agent, &id, "send-message", json!({"message": answer})).await;
    assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
    assert_eq!(world.taken().await.text, answer);
    id
}

async fn act(agent: &Agent, id: &str, what: &str, data: Value) -> Answer {
    agent.post(&format!("/media/whatsappsession/interactions/{id}/{what}"), json!({"data": data})).await
}

async fn agent(world: &World, user: &str) -> Agent {
    Agent::with_password(&world.http, &world.gateway.url(), user).await.unwrap()
}

fn is_installed(program: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().status.success()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_conversation_comes_as_lines_for_people_and_for_programs() {
    let mut world = floor(&["ana"]).await;
    let ana = agent(&world, "ana").await;
    let live =
        Tail::start(tail(&world, "sam", &world.gateway.url(), &["--json", "--since", "1h", "--follow"]));
    let id = conversation(&mut world, &ana, "Hola, mi pedido", "Lo reviso").await;
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
    // On from a number.
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
        println!("jq is not installed: the lines were not given to it");
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
async fn a_tail_goes_on_over_the_death_of_the_gateway_without_gap_or_double() {
    let mut world = floor(&["ana"]).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let follows = ["--json", "--since", "1h", "--follow"];
    let live = Tail::start(tail(&world, "sam", &proxy.url(), &follows));
    let ana = agent(&world, "ana").await;
    conversation(&mut world, &ana, "before", "first answer").await;
    live.wait_for("first answer");
    world.kill_and_restart();
    let ana = agent(&world, "ana").await;
    // It happens while nobody reads.
    conversation(&mut world, &ana, "while it was away", "second answer").await;
    proxy.lead_to(world.gateway.address);
    live.wait_for("second answer");
    conversation(&mut world, &ana, "after", "third answer").await;
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
async fn a_tail_whose_reader_goes_away_ends_quietly() {
    let world = floor(&["ana"]).await;
    world.writes("Lucía", "34600000101", "one").await;
    let mut command = tail(&world, "sam", &world.gateway.url(), &["--json", "--since", "1h", "--follow"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    assert!(first.contains("session.started"), "{first}");
    drop(out);
    // A pipe tells of its end to who writes into it.
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
async fn a_tail_whose_reader_goes_away_ends_in_a_quiet_hour_too() {
    let mut world = floor(&["ana"]).await;
    world.writes("Lucía", "34600000101", "one").await;
    // The one is let go while the server waits with it, the other while there is no server.
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
async fn who_may_not_look_is_told_so_with_the_exit_code_for_it() {
    let world = floor(&["ana"]).await;
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

/// So many messages of one customer in one webhook.
fn many(from: usize, count: usize) -> Value {
    let messages: Vec<Value> = (from..from + count)
        .map(|number| {
            json!({"from": "34600000101", "id": format!("wamid.{number}"), "type": "text",
                "timestamp": jiff::Timestamp::now().as_second().to_string(), "text": {"body": format!("m{number}")}})
        })
        .collect();
    let contact = json!({"profile": {"name": "Lucía"}, "wa_id": "34600000101"});
    let value = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": messages,
        "metadata": {"display_phone_number": "15550100000", "phone_number_id": NUMBER}});
    json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_tail_that_stands_still_holds_nobody_up_and_finds_everything() {
    let mut world = floor(&["ana"]).await;
    let ana = agent(&world, "ana").await;
    let follows = ["--json", "--since", "1h", "--follow"];
    let live = Tail::start(tail(&world, "sam", &world.gateway.url(), &follows));
    let id = conversation(&mut world, &ana, "hola", "buenas").await;
    live.wait_for("buenas");
    live.signal(Signal::STOP);
    for round in 0..20 {
        assert_eq!(world.post(&many(round * 500, 500)).await, Some(200));
        let answer = format!("answer {round}");
        let sent = act(&ana, &id, "send-message", json!({"message": answer})).await;
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

pub fn monitor(world: &World, who: &str, url: &str) -> Pty {
    let mut command = in_terminal(PROGRAM, &world.home(who));
    command.arg("--config");
    command.arg(world.console_config(who, url, ""));
    command.arg("monitor");
    Pty::start(command)
}

/// The gateway dies under a monitor that follows Lucía, and comes back: what is seen stays, and what happened meanwhile
/// is there.
async fn outlives_the_gateway(world: &mut World, proxy: &Proxy, sam: &mut Pty) {
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
async fn a_monitor_lists_filters_pins_and_follows_and_touches_nothing() {
    let mut world = floor(&["ana", "ben", "zoe"]).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut desks = [world.ready("ana"), world.ready("ben"), world.ready("zoe")];
    let mut sam = monitor(&world, "sam", &proxy.url());
    sam.wait_for("No live sessions.");
    sam.wait_for("3 Ready");
    world.writes("Lucía", "34600000101", "¿dónde está mi pedido?").await;
    world.writes("Karim", "212600000012", "Bonjour").await;
    world.writes("Noor", "31600000077", "goedemorgen").await;
    for desk in &mut desks {
        desk.wait_for("accept F2");
        desk.send(super::pty::ACCEPT);
        desk.wait_for("to customer");
    }
    sam.wait_for("3 live  0 without an agent");
    for agent in ["Ana Ruiz", "Ben Ruiz", "Zoe Ruiz"] {
        sam.wait_for(agent);
    }
    // What is said is read along, as it is said.
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
    // Two side by side.
    sam.send(PIN);
    sam.wait_for("◆");
    sam.send("karim");
    sam.wait_for("1 of 3");
    sam.send(PIN);
    sam.send(ESC);
    // Each has its mark in the list and in the heading of its pane.
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
    outlives_the_gateway(&mut world, &proxy, &mut sam).await;
    // Everything a person could press goes into the filter, or moves what they see.
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

/// Ten thousand messages pass while the link of a supervisor who reads along stands still for that long. How long it
/// did, and the slowest answer that the agent got.
async fn held_link(least: Duration) -> (Duration, Duration) {
    let mut world = floor(&["ana"]).await;
    let ana = agent(&world, "ana").await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut sam = monitor(&world, "sam", &proxy.url());
    let id = conversation(&mut world, &ana, "hola", "buenas").await;
    sam.wait_for("buenas");
    proxy.hold();
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    for round in 0..20 {
        assert_eq!(world.post(&many(round * 500, 500)).await, Some(200));
        let answer = format!("answer {round}");
        let asked = Instant::now();
        let sent = act(&ana, &id, "send-message", json!({"message": answer})).await;
        slowest = slowest.max(asked.elapsed());
        assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
        assert_eq!(world.taken().await.text, answer);
        tokio::time::sleep_until((began + least * (round as u32 + 1) / 20).into()).await;
    }
    let held = began.elapsed();
    proxy.open();
    sam.wait_for("m9999");
    // From the first to the last, each message stands once.
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
    (held, slowest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_monitor_whose_link_stands_still_misses_nothing_and_slows_nobody() {
    held_link(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "takes a minute: the same with a link that stands still for that long"]
async fn a_monitor_whose_link_stands_still_for_a_minute_misses_nothing_and_slows_nobody() {
    let (held, slowest) = held_link(Duration::from_secs(60)).await;
    println!("held {held:?}; the agent's slowest answer took {slowest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_log_says_who_did_what_and_hides_what_it_is_to_hide() {
    let more = "[console]\nlog-messages = true\n[privacy]\nmask-numbers = true\nredact-digits = 4\n";
    let mut world = World::new(Setup { more, ..Setup::default() }).await;
    let ana = agent(&world, "ana").await;
    let id = conversation(&mut world, &ana, "my card is 4111 1111", "call +34 600 000 202").await;
    assert!(world.stop().success());
    let log = fs::read_to_string(world.dir.path().join("data/gateway.log")).unwrap();
    let said = |part: &str| log.lines().any(|line| line.contains(part) && line.contains(&id));
    assert!(said("who=\"ana\" act=\"accept\"") && said("who=\"ana\" act=\"send-message\""), "{log}");
    assert!(said("my card is") && said("call +"), "{log}");
    for secret in ["4111", "600 000"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_monitor_marks_what_is_late_as_the_shop_has_it() {
    let more = format!(
        "[interaction-workspace]\nwhatsappsession.pending-response-to-customer = \"1,2\"\n\
         [[gateway.agent]]\nuser-name = \"sam\"\nrole = \"supervisor\"\npassword-hash = \"{}\"\n",
        hash()
    );
    let world = World::new(Setup { more: &more, ..Setup::default() }).await;
    let sam = monitor(&world, "sam", &world.gateway.url());
    world.writes("Karim", "212600000012", "Bonjour").await;
    sam.wait_for("Bonjour");
    // Unless configured it would take fifty seconds, longer than any wait of these tests.
    sam.wait_for("◉!");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_agent_gets_no_monitor() {
    let world = floor(&["ana"]).await;
    let mut command = in_terminal(PROGRAM, &world.home("ana"));
    command.arg("--config");
    command.arg(world.console_config("ana", &world.gateway.url(), ""));
    command.arg("monitor");
    let mut desk = Pty::start(command);
    desk.wait_for("only a supervisor or an administrator");
    desk.send(QUIT);
    assert_eq!(desk.wait_for_end().exit_code(), 3);
    desk.assert_given_back();
}

/// What a person made the gateway do that is not reading.
fn acts(world: &World, who: &str) -> Vec<String> {
    let data = world.data();
    let mut acts = data
        .prepare(
            "SELECT DISTINCT act FROM audit WHERE who = ?1 AND act NOT IN ('saw', 'sign-in') ORDER BY act",
        )
        .unwrap();
    acts.query_map([who], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_monitor_lives_without_the_additions() {
    let mut world = floor(&["ana", "ben"]).await;
    let proxy = Proxy::without_additions(world.gateway.address).await;
    let mut ana = world.ready("ana");
    world.writes("Lucía", "34600000101", "¿dónde está mi pedido?").await;
    ana.wait_for("accept F2");
    ana.send(super::pty::ACCEPT);
    ana.wait_for("to customer");
    // A session that is there already.
    let mut sam = monitor(&world, "sam", &proxy.url());
    sam.wait_for("queues, service level and counts: not told by this server");
    sam.wait_for("2 agents are monitored");
    sam.wait_for("1 live");
    sam.wait_for("Ana Ruiz");
    sam.wait_for("¿dónde está mi pedido?");
    ana.write("lo reviso ahora");
    ana.send("\r");
    sam.wait_for("lo reviso ahora");
    assert_eq!(world.taken().await.text, "lo reviso ahora");
    // One that begins.
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    ana.send(super::pty::ACCEPT);
    sam.wait_for("2 live");
    sam.send("karim");
    sam.wait_for("1 of 2");
    sam.wait_for("Bonjour");
    sam.send(ESC);
    sam.wait_for("2 of 2");
    sam.send(FOLLOW);
    sam.wait_for("following the newest");
    outlives_the_gateway(&mut world, &proxy, &mut sam).await;
    world.writes("Lucía", "34600000101", "¿me oyen?").await;
    sam.wait_for("¿me oyen?");
    // Nothing of it is in any log, and when it ends nothing of it is left.
    assert!(world.history().iter().all(|(_, text)| !text.contains("Sam")), "{:?}", world.history());
    sam.send(QUIT);
    assert!(sam.wait_for_end().success());
    sam.assert_given_back();
    assert_eq!(acts(&world, "sam"), ["initialize-workspace", "logout", START, STOP]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_tail_lives_without_the_additions() {
    let mut world = floor(&["ana"]).await;
    let proxy = Proxy::without_additions(world.gateway.address).await;
    let ana = agent(&world, "ana").await;
    let live = Tail::start(tail(
        &world,
        "sam",
        &proxy.url(),
        &["--json", "--event", "message", "--event", "session"],
    ));
    until("monitoring", async || acts(&world, "sam").iter().any(|act| act == START).then_some(())).await;
    let id = conversation(&mut world, &ana, "hola", "buenas").await;
    live.wait_for("buenas");
    // The network breaks, and something is said meanwhile.
    proxy.cut();
    let sent = act(&ana, &id, "send-message", json!({"message": "while it was away"})).await;
    assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
    assert_eq!(world.taken().await.text, "while it was away");
    proxy.open();
    live.wait_for("while it was away");
    let sent = act(&ana, &id, "send-message", json!({"message": "after"})).await;
    assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
    live.wait_for("\"after\"");
    // Another session ends while nobody looks: that one is let go, and this one goes on.
    world.writes("Karim", "212600000012", "bonjour").await;
    let other =
        until("the session", async || world.sessions().into_iter().find(|session| *session != id)).await;
    until("the invitation", async || {
        matches!(act(&ana, &other, "accept", json!({})).await, Answer::Done(_)).then_some(())
    })
    .await;
    live.wait_for("bonjour");
    proxy.cut();
    let done = act(&ana, &other, "complete", json!({})).await;
    assert!(matches!(done, Answer::Done(_)), "{done:?}");
    proxy.open();
    let seen = live.wait_for("session.released");
    assert!(seen.last().unwrap().contains(&other), "{seen:?}");
    let done = act(&ana, &id, "complete", json!({})).await;
    assert!(matches!(done, Answer::Done(_)), "{done:?}");
    let seen = live.wait_for("session.done");
    let told: Vec<Value> = seen.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = told.iter().filter_map(|entry| entry["text"].as_str()).collect();
    assert_eq!(texts, ["hola", "buenas", "while it was away", "after", "bonjour"], "no gap and no double");
    assert_eq!(told[0]["event"], "session.accepted");
    let last = told.last().unwrap();
    assert_eq!((&last["session"], &last["customer"]), (&json!(id), &json!("Lucía")), "{told:?}");
    assert!(numbers(&seen).is_sorted_by(|a, b| a < b));
    let (status, said) = live.end();
    assert!(status.success(), "{said}");
    assert!(said.contains("keeps no feed") && said.contains("agents monitored: 1"), "{said}");
    assert!(said.contains("nothing is missing or doubled"), "{said}");
    assert_eq!(acts(&world, "sam"), ["initialize-workspace", "logout", START, STOP]);
    let past = tail(&world, "sam", &proxy.url(), &["--since", "1h"]).output().unwrap();
    assert_eq!((past.status.code(), past.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8(past.stderr).unwrap().contains("leave out --since"));
    let nobody = tail(&world, "ana", &proxy.url(), &[]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(3), "an agent monitors nobody");
}

/// An SSH server on the loopback that runs one command whatever is asked.
struct Sshd {
    child: Child,
    port: u16,
    dir: PathBuf,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keygen(path: &Path) {
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status().unwrap();
    assert!(made.success());
}

impl Sshd {
    /// Why not, where this machine has none that can be started.
    async fn start(dir: &Path, forced: &str) -> Result<Self, String> {
        loop {
            match Self::on_some_port(dir, forced).await {
                // sshd cannot pick a port itself, so another process may have taken it in between.
                Err(log) if log.contains("Address already in use") => {}
                started => return started,
            }
        }
    }

    async fn on_some_port(dir: &Path, forced: &str) -> Result<Self, String> {
        let places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"];
        let program = places.iter().find(|place| Path::new(place).exists());
        let (Some(program), true, true) = (program, is_installed("ssh"), is_installed("ssh-keygen")) else {
            return Err("it is not installed".to_owned());
        };
        let dir = dir.to_owned();
        for name in ["host", "key"] {
            keygen(&dir.join(name));
        }
        fs::copy(dir.join("key.pub"), dir.join("authorized")).unwrap();
        fs::set_permissions(dir.join("authorized"), fs::Permissions::from_mode(0o600)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nPidFile none\nUsePAM no\nStrictModes no\n\
             AuthorizedKeysFile {0}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitTTY no\nAllowTcpForwarding no\nX11Forwarding no\nForceCommand {forced}\n",
            dir.display()
        );
        fs::write(dir.join("sshd_config"), config).unwrap();
        let errors = fs::File::create(dir.join("sshd.log")).unwrap();
        let mut child = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(dir.join("sshd_config"))
            .stderr(errors)
            // It ends everything in its group when it ends.
            .process_group(0)
            .spawn()
            .unwrap();
        let log = || fs::read_to_string(dir.join("sshd.log")).unwrap();
        let ended = until("sshd", async || match child.try_wait().unwrap() {
            Some(_) => Some(true),
            None => log().contains("Server listening").then_some(false),
        })
        .await;
        if ended {
            return Err(log());
        }
        Ok(Self { child, port, dir })
    }

    fn ssh(&self) -> Command {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"])
            .args(["-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i"])
            .arg(self.dir.join("key"))
            .args(["-p", &self.port.to_string()])
            .arg(format!("{}@127.0.0.1", String::from_utf8(user).unwrap().trim()))
            .stdin(Stdio::null());
        ssh
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_account_that_can_only_tail_gets_the_tail_whatever_it_asks_for() {
    let mut world = floor(&["ana"]).await;
    let home = world.home("sam");
    let config = world.console_config("sam", &world.gateway.url(), "password-command = \"echo secret\"");
    let forced = format!(
        "env HOME={0}/home XDG_CONFIG_HOME={0}/config XDG_STATE_HOME={0}/state {PROGRAM} --config {1} tail --json --since 1h --follow",
        home.display(),
        config.display()
    );
    drop(command(&home));
    let server = match Sshd::start(world.dir.path(), &forced).await {
        Ok(server) => server,
        Err(why) => {
            println!(
                "there is no sshd here, and the account that can only tail was not tried over SSH: {why}"
            );
            return;
        }
    };
    let ana = agent(&world, "ana").await;
    conversation(&mut world, &ana, "Hola", "buenas").await;
    let mut ssh = server.ssh();
    ssh.args(["rm", "-rf", "anything"]);
    let seen = Tail::start(ssh);
    let lines = seen.wait_for("buenas");
    assert!(lines.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{lines:?}");
    conversation(&mut world, &ana, "¿sigue ahí?", "sí").await;
    seen.wait_for("\"text\":\"sí\"");
}

//! A gateway as a process, WhatsApp's side, and consoles that connect to it.

use super::api::{Agent, Answer};
use super::pty::Pty;
use deskline::config::hash::hash_password;
use deskline::gateway::customers::graph_stub::{AcceptedSend, GraphStub, StubOptions};
use deskline::gateway::customers::webhook_sender::{Customer, WebhookSender};
use deskline::gateway::whatsapp::signature::sign;
use portable_pty::CommandBuilder;
use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Once, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_deskline");
pub const PASSWORD: &str = "secret";
pub const NUMBER: &str = "106540352242922";
/// What the audit calls the two requests of monitoring.
pub const START_MONITORING: &str = "media/whatsappsession/start-monitoring";
pub const STOP_MONITORING: &str = "media/whatsappsession/stop-monitoring";
const APP_SECRET: &str = "app secret";
const ACCESS_TOKEN: &str = "access token";
const VERIFY_TOKEN: &str = "verify token";

/// How long anything may take before it counts as hanging, `DESKLINE_TEST_PATIENCE` times as long where that
/// is set. A passing test never waits so long, so the limit is generous: it has to be enough on a busy
/// machine.
pub fn patience() -> Duration {
    let times = std::env::var("DESKLINE_TEST_PATIENCE").ok().and_then(|times| times.parse().ok());
    Duration::from_secs(180 * times.unwrap_or(1))
}

/// Looks again and again until something is there.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + patience();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
    reqwest::Client::builder().timeout(patience()).build().unwrap()
}

/// One hash for everybody: making one takes its time on purpose.
pub fn hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_password(&SecretString::from(PASSWORD)).unwrap())
}

pub fn is_installed(program: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().status.success()
}

/// How a gateway differs from the usual one.
pub struct Setup<'a> {
    /// User names.
    pub agents: &'a [&'a str],
    pub capacity: u32,
    /// Seconds.
    pub accept_timeout: u32,
    /// Lines of the table `gateway`.
    pub gateway: &'a str,
    /// Lines of the table `gateway.whatsapp`.
    pub whatsapp: &'a str,
    /// Tables of its own.
    pub more: &'a str,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self { agents: &["ana"], capacity: 4, accept_timeout: 300, gateway: "", whatsapp: "", more: "" }
    }
}

/// A program that finds nothing of this machine's person, in folders of its own.
pub fn alone(mut set: impl FnMut(&str, &Path), home: &Path) {
    for (name, part) in [
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("TMPDIR", "tmp"),
    ] {
        let folder = home.join(part);
        fs::create_dir_all(&folder).unwrap();
        set(name, &folder);
    }
}

/// The program as a command without a terminal.
pub fn command(home: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for name in ["NO_COLOR", "DESKLINE_PASSWORD"] {
        command.env_remove(name);
    }
    alone(
        |name, folder| {
            command.env(name, folder);
        },
        home,
    );
    command.env("DESKLINE_PASSWORD", PASSWORD).env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// The program, or one that starts it, as a command in a terminal.
pub fn in_terminal(program: &str, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    for name in ["NO_COLOR", "TMUX", "STY", "VISUAL", "EDITOR", "SSH_CONNECTION", "COLORTERM"] {
        command.env_remove(name);
    }
    alone(|name, folder| command.env(name, folder), home);
    command.env("DESKLINE_PASSWORD", PASSWORD);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("TZ", "UTC");
    command
}

/// `deskline serve`. It is killed when this is dropped.
pub struct Gateway {
    child: Child,
    pub address: SocketAddr,
}

impl Gateway {
    /// Starts one and waits until it listens.
    pub fn start(config: &Path, home: &Path) -> Self {
        Self::start_with(config, home, &[])
    }

    /// Starts a gateway with further arguments.
    pub fn start_with(config: &Path, home: &Path, arguments: &[&str]) -> Self {
        let mut child = Self::spawn(config, home, arguments);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").and_then(|text| text.parse().ok());
        let said = || fs::read_to_string(home.join("stderr")).unwrap_or_default();
        let address = address.unwrap_or_else(|| panic!("the gateway said {line:?}, {}", said()));
        Self { child, address }
    }

    /// Starts a process, and does not wait.
    pub fn spawn(config: &Path, home: &Path, arguments: &[&str]) -> Child {
        let errors = fs::File::options().create(true).append(true).open(home.join("stderr")).unwrap();
        command(home)
            .arg("serve")
            .args(arguments)
            .arg("--config")
            .arg(config)
            .env("DESKLINE_APP_SECRET", APP_SECRET)
            .env("DESKLINE_ACCESS_TOKEN", ACCESS_TOKEN)
            .env("DESKLINE_VERIFY_TOKEN", VERIFY_TOKEN)
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn send_signal(&self, signal: Signal) {
        kill_process(pid(&self.child), signal).unwrap();
    }

    /// Sends a signal and waits for the end.
    pub fn signal(&mut self, signal: Signal) -> ExitStatus {
        self.send_signal(signal);
        wait_for_end(&mut self.child)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().unwrap()).unwrap()
}

/// Waits until a process has ended. One that does not is killed, and the test fails.
#[track_caller]
pub fn wait_for_end(child: &mut Child) -> ExitStatus {
    let end = Instant::now() + patience();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() >= end {
            let _ = child.kill();
            panic!("the process does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Everything around a console.
pub struct World {
    pub gateway: Gateway,
    pub graph: GraphStub,
    taken: mpsc::Receiver<AcceptedSend>,
    pub webhooks: WebhookSender,
    pub http: reqwest::Client,
    config: PathBuf,
    pub dir: TempDir,
}

impl World {
    pub async fn new(setup: Setup<'_>) -> Self {
        let http = http();
        let options = StubOptions {
            access_token: SecretString::from(ACCESS_TOKEN),
            phone_number_id: NUMBER.to_owned(),
            window: false,
        };
        let (graph, taken) = GraphStub::start(options).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("gateway.toml");
        fs::write(&config, gateway_config(&setup, dir.path(), graph.url())).unwrap();
        let gateway = Gateway::start(&config, dir.path());
        let webhooks = webhook_sender(&gateway);
        Self { gateway, graph, taken, webhooks, http, config, dir }
    }

    /// A world with these agents, the supervisor sam and the administrator root.
    pub async fn with_supervisor(agents: &[&str]) -> Self {
        let more = format!(
            "[[gateway.agent]]\nuser-name = \"sam\"\nrole = \"supervisor\"\npassword-hash = \"{0}\"\n\
             [[gateway.agent]]\nuser-name = \"root\"\nrole = \"administrator\"\npassword-hash = \"{0}\"\n",
            hash()
        );
        Self::new(Setup { agents, more: &more, ..Setup::default() }).await
    }

    /// `kill -9` for the gateway, and another one on its data, on another port.
    pub fn kill_and_restart(&mut self) {
        self.gateway.signal(Signal::KILL);
        self.restart();
    }

    /// Starts another gateway on the data of one that has ended, on another port.
    pub fn restart(&mut self) {
        self.gateway = Gateway::start(&self.config, self.dir.path());
        self.webhooks = webhook_sender(&self.gateway);
    }

    /// What the gateways have written to stderr.
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.dir.path().join("stderr")).unwrap()
    }

    /// Asks the gateway to stop, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        self.gateway.signal(Signal::TERM)
    }

    /// A console of that person.
    pub fn console(&self, user: &str) -> Pty {
        self.console_at(user, &self.gateway.url(), "")
    }

    /// One that connects somewhere else, or has settings of its own in the table `console`.
    pub fn console_at(&self, user: &str, url: &str, settings: &str) -> Pty {
        let mut command = in_terminal(PROGRAM, &self.home(user));
        command.arg("--config");
        command.arg(self.console_config(user, url, settings));
        Pty::start(command)
    }

    /// A console whose agent is Ready.
    pub fn ready(&self, user: &str) -> Pty {
        let console = self.console(user);
        console.wait_for("You are Ready");
        console
    }

    /// `deskline monitor` in a terminal.
    pub fn monitor(&self, user: &str, url: &str) -> Pty {
        let mut command = in_terminal(PROGRAM, &self.home(user));
        command.arg("--config");
        command.arg(self.console_config(user, url, ""));
        command.arg("monitor");
        Pty::start(command)
    }

    /// An agent without a screen, who is Ready.
    pub async fn agent(&self, user: &str) -> Agent {
        Agent::with_password(&self.http, &self.gateway.url(), user).await.unwrap()
    }

    /// Lucía writes, and the agent answers, after accepting the session if it is new. Returns the session's ID.
    pub async fn conversation(&mut self, agent: &Agent, text: &str, answer: &str) -> String {
        let before = self.sessions().len();
        self.writes("Lucía", "34600000101", text).await;
        let id = until("the session", async || self.sessions().last().cloned()).await;
        if self.sessions().len() > before {
            until("the invitation", async || {
                matches!(agent.act_unnamed(&id, "accept", json!({})).await, Answer::Done(_)).then_some(())
            })
            .await;
        }
        let sent = agent.act_unnamed(&id, "send-message", json!({"message": answer})).await;
        assert!(matches!(sent, Answer::Done(_)), "{sent:?}");
        assert_eq!(self.taken().await.text, answer);
        id
    }

    pub fn home(&self, user: &str) -> PathBuf {
        let home = self.dir.path().join(user);
        fs::create_dir_all(&home).unwrap();
        home
    }

    pub fn console_config(&self, user: &str, url: &str, settings: &str) -> PathBuf {
        let config = self.home(user).join("config.toml");
        fs::write(&config, format!("[console]\nurl = \"{url}\"\nuser = \"{user}\"\n{settings}\n")).unwrap();
        config
    }

    /// A customer writes.
    pub async fn writes(&self, name: &str, number: &str, text: &str) {
        let customer = Customer { address: number, name, username: None };
        self.webhooks.message(customer, json!({"type": "text", "text": {"body": text}})).await;
    }

    /// Posts a webhook as it is, signed; gives the status.
    pub async fn post(&self, body: &Value) -> Option<u16> {
        post(&self.http, &self.gateway.url(), body.to_string()).await
    }

    /// The next message that WhatsApp took.
    pub async fn taken(&mut self) -> AcceptedSend {
        let taken = tokio::time::timeout(patience(), self.taken.recv()).await;
        taken.unwrap_or_else(|_| panic!("no message came to WhatsApp")).unwrap()
    }

    /// How often WhatsApp was sent a text.
    pub fn sent(&self, text: &str) -> usize {
        let body = |raw| serde_json::from_slice::<Value>(raw).unwrap();
        self.graph.bodies().iter().filter(|raw| body(raw)["text"]["body"] == text).count()
    }

    /// The gateway's data, to be read only.
    pub fn data(&self) -> Connection {
        Connection::open(self.dir.path().join("data/gateway.db")).unwrap()
    }

    /// Texts of all logs, with whether they are of customers.
    pub fn history(&self) -> Vec<(bool, String)> {
        let data = self.data();
        let mut wanted = data.prepare("SELECT body FROM message ORDER BY interaction, idx").unwrap();
        let bodies = wanted.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let entries = bodies.map(|body| serde_json::from_str::<Value>(&body.unwrap()).unwrap());
        let texts = entries.filter(|entry| entry["type"] == "Text");
        texts
            .map(|entry| {
                (entry["from"]["type"] != "Agent", entry["text"].as_str().unwrap_or_default().to_owned())
            })
            .collect()
    }

    /// The names of all sessions.
    pub fn sessions(&self) -> Vec<String> {
        let data = self.data();
        let mut wanted = data.prepare("SELECT id FROM session ORDER BY started").unwrap();
        wanted.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// What a person made the gateway do, each act once, without reading and signing in.
    pub fn audited_acts(&self, who: &str) -> Vec<String> {
        let data = self.data();
        let mut acts = data
            .prepare(
                "SELECT DISTINCT act FROM audit WHERE who = ?1 AND act NOT IN ('saw', 'sign-in') ORDER BY act",
            )
            .unwrap();
        acts.query_map([who], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

/// One webhook with `count` messages of Lucía: `m0`, `m1` and so on, counted from `from`.
pub fn webhook_of_many(from: usize, count: usize) -> Value {
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

/// Posts a webhook to a gateway; no status when there was no answer.
pub async fn post(http: &reqwest::Client, url: &str, body: String) -> Option<u16> {
    let signature = sign(APP_SECRET.as_bytes(), body.as_bytes());
    let request = http
        .post(format!("{url}/webhooks/whatsapp"))
        .header("content-type", "application/json")
        .header("x-hub-signature-256", signature)
        .body(body);
    request.send().await.ok().map(|answer| answer.status().as_u16())
}

fn webhook_sender(gateway: &Gateway) -> WebhookSender {
    WebhookSender::new(&gateway.url(), SecretString::from(APP_SECRET), NUMBER).unwrap()
}

pub fn gateway_config(setup: &Setup<'_>, dir: &Path, graph: &str) -> String {
    let mut text = format!(
        r#"
[gateway]
listen = "127.0.0.1:0"
data-dir = "{data}"
{gateway}

[gateway.whatsapp]
phone-number-id = "{NUMBER}"
graph-url = "{graph}"
queue = "wa-inbound"
{whatsapp}

[[gateway.queue]]
name = "wa-inbound"
display-name = "WhatsApp"
accept-timeout = {timeout}
{more}
"#,
        data = dir.join("data").display(),
        gateway = setup.gateway,
        whatsapp = setup.whatsapp,
        timeout = setup.accept_timeout,
        more = setup.more,
    );
    for agent in setup.agents {
        let mut rest = agent.chars();
        let first: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
        text.push_str(&format!(
            "\n[[gateway.agent]]\nuser-name = \"{agent}\"\nfirst-name = \"{first}\"\nlast-name = \"Ruiz\"\n\
             capacity = {}\npassword-hash = \"{}\"\n",
            setup.capacity,
            hash()
        ));
    }
    text
}

//! Templates and sessions that agents begin: WhatsApp's list, the bytes of a send, and the writer's rules with a
//! store in a folder and a clock that the test moves.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail by panicking, as its tests do")]

use bytes::Bytes;
use deskline::config::schema::Config;
use deskline::domain::message::Visibility;
use deskline::domain::reach::Way;
use deskline::domain::role::Role;
use deskline::domain::template::{Header, Template};
use deskline::domain::{AttachedData, InteractionId, Millis};
use deskline::gateway::customers::graph_stub::{AcceptedSend, GraphStub, StubOptions, StubReply};
use deskline::gateway::hub::{ClientEvent, EventRecipient as To, Publish};
use deskline::gateway::whatsapp::catalog::TemplateCatalog;
use deskline::gateway::whatsapp::graph::{Attempt, Graph, GraphOptions};
use deskline::gateway::whatsapp::inbound::{
    Content, CustomerNames, InboundMessage, InboundStatus, WebhookUpdate,
};
use deskline::gateway::whatsapp::templates::{TemplateSource, page};
use deskline::gateway::whatsapp::{account as account_change, inspect, sync};
use deskline::gateway::writer::account::Account;
use deskline::gateway::writer::api::{
    Actor, Address, Command, FilledTemplate, Outbound, Outgoing, Recipient, Refusal, SendOutcome, SendReport,
    WantedState,
};
use deskline::gateway::writer::handle::Ask;
use deskline::gateway::writer::{Clock, WriterHandle, WriterSetup, start};
use deskline::proto::media::{InteractionDto, LogQuery, MessageDto};
use deskline::proto::wa;
use deskline::store::{Sqlite, StoreError};
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

// ---------------------------------------------------------------------------------------------------------
// WhatsApp's list
// ---------------------------------------------------------------------------------------------------------

fn fixture() -> Vec<(Template, String)> {
    let json: Json = serde_json::from_str(include_str!("fixtures/templates/list.json")).unwrap();
    let page = page(&json);
    assert_eq!(page.after.as_deref(), Some("B"));
    page.templates
}

#[test]
fn every_part_of_a_template_is_read() {
    let all = fixture();
    let names: Vec<&str> = all.iter().map(|(one, _)| one.name.as_str()).collect();
    assert_eq!(names, ["order_update", "named", "picture", "coupon", "cards", "code", "bare"]);
    let (order, status) = &all[0];
    assert_eq!(
        (status.as_str(), order.language.as_str(), order.footer.as_str()),
        ("APPROVED", "pt_BR", "Loja")
    );
    assert_eq!(order.header, Header::Text("Pedido {{1}}".into()));
    let asked: Vec<(String, String)> =
        order.parameters().into_iter().map(|one| (one.key, one.example)).collect();
    let expected = [("header.1", "77"), ("body.1", "Zé"), ("body.2", "77"), ("button.1", "77")];
    assert_eq!(asked, expected.map(|(key, example)| (key.to_owned(), example.to_owned())));
    assert_eq!(all[1].0.parameters()[0].example, "Ana");
}

#[test]
fn what_a_desk_cannot_fill_in_says_why() {
    let why: Vec<String> = fixture().into_iter().map(|(one, _)| one.unusable).collect();
    assert_eq!(why[0], "");
    assert_eq!(why[2], "", "a picture is given as a link");
    assert!(
        why[3].contains("copy code") && why[4].contains("carousel") && why[5].contains("a code"),
        "{why:?}"
    );
}

async fn stub() -> (GraphStub, mpsc::Receiver<AcceptedSend>) {
    let options = StubOptions {
        access_token: String::from("token").into(),
        phone_number_id: "100".into(),
        window: true,
    };
    GraphStub::start(options).await.unwrap()
}

fn source(url: &str, token: &str) -> TemplateSource {
    TemplateSource::new(url, "v23.0", "55", String::from(token).into(), Duration::from_secs(180)).unwrap()
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let (graph, _taken) = stub().await;
    let all = source(graph.url(), "token").read().await.unwrap();
    assert_eq!(all.len(), deskline::gateway::customers::templates::samples().len());
    assert!(all.iter().any(|(one, status)| one.name == "winter_sale" && status == "PAUSED"));
}

#[tokio::test]
async fn a_list_that_cannot_be_read_says_why() {
    let (graph, _taken) = stub().await;
    let (code, wrong) = source(graph.url(), "other").read().await.unwrap_err();
    assert_eq!(code, 190);
    assert!(wrong.contains("access token"), "{wrong}");
    graph.script_lists([StubReply::Close]);
    let (_, broken) = source(graph.url(), "token").read().await.unwrap_err();
    assert!(broken.contains("WhatsApp"), "{broken}");
    let (_, nobody) = source("http://127.0.0.1:9", "token").read().await.unwrap_err();
    assert_eq!(nobody, "WhatsApp could not be reached.");
}

#[tokio::test]
async fn only_approved_templates_are_in_the_book_and_one_that_fails_keeps_the_last_list() {
    let (graph, _taken) = stub().await;
    let (stop, stopping) = watch::channel(false);
    let own =
        Template { name: "mine".into(), language: "en".into(), body: "x".into(), ..Template::default() };
    let (templates, reader) =
        TemplateCatalog::read_from(source(graph.url(), "token"), vec![own], Duration::from_millis(20));
    let task = tokio::spawn(reader.run(stopping));
    let book = templates.list().await;
    assert!(book.find("go_on", "es").is_some() && book.find("mine", "en").is_some());
    assert!(book.find("winter_sale", "en").is_none() && book.find("survey", "en").is_none());
    assert!(book.read_at.is_some() && book.read_error.is_none());
    graph.script_lists(std::iter::repeat_n(StubReply::Error(500, 2), 1000));
    let book = loop {
        let book = templates.list().await;
        if book.read_error.is_some() {
            break book;
        }
        tokio::task::yield_now().await;
    };
    assert!(book.find("go_on", "es").is_some() && book.read_error.as_ref().unwrap().contains("trouble"));
    stop.send(true).unwrap();
    task.await.unwrap();
    assert_eq!(TemplateCatalog::fixed(Vec::new()).list().await.templates, []);
}

#[tokio::test]
async fn a_template_that_is_paused_is_read_again_at_once_and_refused() {
    let (graph, _taken) = stub().await;
    let (_stop, stopping) = watch::channel(false);
    let own = Template {
        name: "winter_sale".into(),
        language: "en".into(),
        body: "x".into(),
        ..Template::default()
    };
    let hour = Duration::from_secs(3600);
    let (mut templates, reader) = TemplateCatalog::read_from(source(graph.url(), "token"), vec![own], hour);
    tokio::spawn(reader.run(stopping.clone()));
    let first = templates.next().await.unwrap();
    assert!(first.find("go_on", "es").is_some());
    assert!(first.find("winter_sale", "en").is_none(), "one of the configuration that WhatsApp has paused");
    assert_eq!(
        first.why_refused("winter_sale", "en").as_deref(),
        Some("the template winter_sale (en) is paused at WhatsApp")
    );
    let (account, known) = watch::channel(Account::default());
    let (_written, written) = watch::channel(0);
    let (writer, mut asks) = WriterHandle::channel(written, known);
    tokio::spawn(sync::run(templates.clone(), writer, stopping));
    graph.set_templates(Vec::new());
    let value =
        json!({"event": "PAUSED", "message_template_name": "go_on", "message_template_language": "es"});
    let change = account_change::read_change("message_template_status_update", &value).unwrap();
    account.send_modify(|account| account.apply(&change, Millis(0)));
    let again = templates.next().await.unwrap();
    assert!(again.find("go_on", "es").is_none(), "read again though an hour is not over");
    // A list that the token may not read is a trouble of the account.
    graph.script_lists([StubReply::Error(401, 190)]);
    templates.refresh();
    match asks.recv().await.unwrap() {
        Ask::Account { change } => assert_eq!(change.topic, "templates access"),
        other => panic!("{other:?}"),
    }
}

fn steps(all: &[inspect::CheckItem]) -> Vec<String> {
    all.iter().map(|step| format!("{} {}", step.name, step.result.is_ok())).collect()
}

#[tokio::test]
async fn a_check_says_whether_token_number_and_webhooks_are_right() {
    let (stub, _taken) = stub().await;
    let options = |token: &str, number: &str| GraphOptions {
        url: stub.url().into(),
        version: "v23.0".into(),
        phone_number_id: number.into(),
        access_token: String::from(token).into(),
        timeout: Duration::from_secs(5),
    };
    let good = options("token", "100");
    let all = inspect::inspect(&good, "+1 555 010 0100", Some("55")).await;
    assert_eq!(
        steps(&all),
        ["access token true", "business number true", "business account true", "webhooks true"]
    );
    let expired = inspect::inspect(&options("old", "100"), "", Some("55")).await;
    assert_eq!(steps(&expired), ["access token false"]);
    let other = inspect::inspect(&options("token", "999"), "", Some("55")).await;
    assert_eq!(steps(&other), ["business number false"]);
    let wrong = inspect::inspect(&good, "+1 555 010 0199", None).await;
    assert_eq!(steps(&wrong), ["access token true", "business number false", "webhooks true"]);
    stub.set_subscribed(false);
    let deaf = inspect::inspect(&good, "", Some("55")).await;
    assert_eq!(steps(&deaf).last().unwrap(), "webhooks false");
    stub.script_questions([StubReply::Accept, StubReply::Error(403, 10)]);
    let poor = inspect::inspect(&good, "", Some("55")).await;
    assert_eq!(steps(&poor)[2], "business account false");
    assert!(stub.bodies().is_empty(), "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn a_check_ends_though_whatsapp_never_answers() {
    let (stub, _taken) = stub().await;
    stub.script_questions([StubReply::Hang]);
    let options = GraphOptions {
        url: stub.url().into(),
        version: "v23.0".into(),
        phone_number_id: "100".into(),
        access_token: String::from("token").into(),
        timeout: Duration::from_secs(30),
    };
    let all = inspect::inspect(&options, "", None).await;
    assert!(all.last().unwrap().result.is_err(), "{all:?}");
}

fn graph(url: &str) -> Graph {
    Graph::new(&GraphOptions {
        url: url.into(),
        version: "v23.0".into(),
        phone_number_id: "100".into(),
        access_token: String::from("token").into(),
        timeout: Duration::from_secs(180),
    })
    .unwrap()
}

fn send(name: &str, values: &[(&str, &str)]) -> Outbound {
    Outbound {
        file: None,
        tracker: "t:1".into(),
        to: Address::WaId("34600000101".into()),
        text: String::new(),
        quotes: None,
        template: Some(Box::new(FilledTemplate {
            name: name.into(),
            language: "en".into(),
            parameters: values.iter().copied().collect(),
            text: String::new(),
        })),
    }
}

#[tokio::test]
async fn whatsapp_takes_a_template_outside_the_window_and_says_what_is_wrong_with_it() {
    let (stub, mut taken) = stub().await;
    let graph = graph(stub.url());
    let good = [("header.day", "Friday"), ("body.first_name", "Ana"), ("body.time", "11:30")];
    assert!(matches!(graph.send(&send("appointment", &good), None).await, Attempt::Accepted { .. }));
    let came = taken.recv().await.unwrap();
    assert_eq!(came.text, "Your appointment on Friday\nDear Ana, we expect you at 11:30.");
    assert_eq!((came.template.as_str(), came.tracker.as_str()), ("appointment", "t:1"));
    for (name, values, code, words) in [
        ("appointment", &good[..2], 132_000, "number of parameters"),
        ("nowhere", &good[..], 132_001, "no approved template"),
        ("winter_sale", &[("body.1", "20 %")][..], 132_015, "paused"),
    ] {
        match graph.send(&send(name, values), None).await {
            Attempt::Failed { code: found, reason } => {
                assert_eq!(found, code, "{name}");
                assert!(reason.contains(words), "{name}: {reason}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

// ---------------------------------------------------------------------------------------------------------
// The writer
// ---------------------------------------------------------------------------------------------------------

const START: i64 = 1_800_000_000_000;
const DAY: i64 = 24 * 3600;

/// `in customer number millis` is a text; `status wamid tracker word` is a status.
fn parse(raw: &[u8]) -> Vec<WebhookUpdate> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["status", wamid, tracker, word] => vec![WebhookUpdate::Status(InboundStatus {
            wamid: (*wamid).to_owned(),
            phone_number_id: None,
            customer: CustomerNames::default(),
            tracker: Some((*tracker).to_owned()),
            word: (*word).to_owned(),
            at: Millis(START),
            error: (*word == "failed").then(|| (131_026, "not on WhatsApp".to_owned())),
        })],
        [_, from, number, at] => vec![WebhookUpdate::Message(InboundMessage {
            wamid: format!("w{number}"),
            phone_number_id: Some("100".to_owned()),
            customer: CustomerNames { wa_id: Some((*from).to_owned()), ..CustomerNames::default() },
            at: Millis(at.parse().unwrap()),
            content: Content::Text(text.clone()),
            quotes: None,
            remarks: Vec::new(),
        })],
        _ => Vec::new(),
    }
}

#[derive(Default)]
struct Collected(Mutex<Vec<(To, ClientEvent)>>);

impl Publish for Collected {
    fn publish(&self, to: &To, notice: ClientEvent) {
        self.0.lock().unwrap().push((to.clone(), notice));
    }
}

fn setup(whatsapp: &str) -> WriterSetup {
    let config: Config = toml::from_str(&format!(
        r#"
        [gateway]
        grace = 60
        {whatsapp}
        [[gateway.queue]]
        name = "sales"
        display-name = "Sales"
        [[gateway.agent]]
        user-name = "ana"
        first-name = "Ana"
        last-name = "Gil"
        capacity = 2
        password-hash = ""
        [[gateway.agent]]
        user-name = "kate"
        first-name = "Kate"
        last-name = "London"
        password-hash = ""
        [[gateway.agent]]
        user-name = "sue"
        role = "supervisor"
        password-hash = ""
        "#
    ))
    .unwrap();
    WriterSetup::from_config(&config.gateway, parse)
}

const WHATSAPP: &str = r#"
[gateway.whatsapp]
phone-number-id = "100"
display-phone-number = "+1 555 010 0100"
queue = "sales"
"#;

struct World {
    dir: TempDir,
    clock: Arc<AtomicI64>,
    told: Arc<Collected>,
    writer: WriterHandle,
    task: JoinHandle<()>,
    outbound: mpsc::Receiver<Outbound>,
}

fn template() -> FilledTemplate {
    FilledTemplate {
        name: "go_on".into(),
        language: "en".into(),
        parameters: [("body.1", "Lucía")].into_iter().collect(),
        text: "Hello Lucía, may we go on?".into(),
    }
}

impl World {
    async fn new() -> Self {
        Self::with(WHATSAPP).await
    }

    async fn with(whatsapp: &str) -> Self {
        let world = Self::on(whatsapp, TempDir::new().unwrap(), Arc::new(AtomicI64::new(START))).await;
        world.sign_in("ana").await;
        world.sign_in("kate").await;
        world
    }

    async fn on(whatsapp: &str, dir: TempDir, clock: Arc<AtomicI64>) -> Self {
        let store = loop {
            match Sqlite::open(dir.path()) {
                Err(StoreError::Locked(_)) => tokio::task::yield_now().await,
                opened => break opened.unwrap(),
            }
        };
        let told = Arc::new(Collected::default());
        let (sender, outbound) = mpsc::channel(64);
        let time = Arc::clone(&clock);
        let now: Clock = Arc::new(move || Millis(time.load(Ordering::SeqCst)));
        let publish: Arc<dyn Publish> = Arc::clone(&told) as Arc<dyn Publish>;
        let (writer, task) = start(setup(whatsapp), Arc::new(store), publish, sender, now).await.unwrap();
        Self { dir, clock, told, writer, task, outbound }
    }

    async fn killed(self) -> Self {
        self.task.abort();
        let _ = self.task.await;
        drop(self.writer);
        Self::on(WHATSAPP, self.dir, self.clock).await
    }

    async fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
        self.writer.board().await.unwrap();
        self.writer.board().await.unwrap();
    }

    async fn act(&self, who: &str, operation: &str, command: Command) -> Result<(), Refusal> {
        let role = if who == "sue" { Role::Supervisor } else { Role::Agent };
        self.writer.act(Actor { employee: who.into(), role }, Some(operation.into()), command).await
    }

    async fn sign_in(&self, who: &str) {
        self.writer.presence(who.into(), true).await;
        self.act(who, &format!("in-{who}"), Command::Activate).await.unwrap();
    }

    async fn begin(&self, who: &str, operation: &str, number: &str) -> Result<(), Refusal> {
        let to = Recipient { contact: None, number: Some(number.to_owned()) };
        self.act(who, operation, Command::StartSession { to, template: template(), nickname: None }).await
    }

    async fn view(&self, who: &str) -> Vec<InteractionDto> {
        self.writer.session(who.into()).await.unwrap().interactions
    }

    async fn only(&self, who: &str) -> InteractionDto {
        let mut view = self.view(who).await;
        assert_eq!(view.len(), 1, "{view:?}");
        view.remove(0)
    }

    async fn log(&self, id: &str) -> Vec<MessageDto> {
        let actor = Actor { employee: "sue".into(), role: Role::Supervisor };
        self.writer.messages(actor, id.into(), LogQuery::default()).await.unwrap().messages
    }

    async fn writes(&self, from: &str, number: u32) {
        let at = self.clock.load(Ordering::SeqCst);
        self.writer.webhook(Bytes::from(format!("in {from} {number} {at}"))).await.unwrap();
        self.pass(0).await;
    }

    async fn says(&self, who: &str, id: &str, text: &str) -> Result<(), Refusal> {
        let what = Outgoing::Text(text.to_owned());
        self.act(who, text, Command::Send { id: id.into(), what, visibility: Visibility::All }).await
    }

    async fn report(&self, tracker: &str, outcome: SendOutcome) {
        let report = SendReport {
            tracker: tracker.to_owned(),
            outcome,
            at: Millis(START),
            customer: CustomerNames::default(),
        };
        self.writer.report(report).await.unwrap();
    }
}

fn refused(result: Result<(), Refusal>, words: &str) {
    let refusal = result.unwrap_err();
    assert!(refusal.to_string().contains(words), "{refusal}");
}

#[tokio::test]
async fn a_session_with_a_number_nobody_knows_begins_with_a_template() {
    let mut world = World::new().await;
    world.begin("ana", "op-1", "+34 600-000-101").await.unwrap();
    let dto = world.only("ana").await;
    assert_eq!((dto.state.as_str(), dto.interaction_type.as_str()), ("Processing", "Outbound"));
    assert_eq!(
        (dto.interaction_subtype.as_str(), dto.user_data.text(wa::NUMBER)),
        ("OutboundNew", Some("34600000101"))
    );
    let sent = world.outbound.recv().await.unwrap();
    assert_eq!(sent.to, Address::WaId("34600000101".into()));
    assert_eq!(*sent.template.unwrap(), template());
    let log = world.log(&dto.id).await;
    assert_eq!(
        log.iter().map(|entry| entry.kind.as_str()).collect::<Vec<_>>(),
        ["ParticipantJoined", "Text"]
    );
    assert_eq!(log[1].user_data.text(wa::TEMPLATE), Some("go_on"));
    assert_eq!(log[1].user_data.text(wa::OPERATION), Some("op-1"));
    // The request is named in the first event of the session, so that the writer knows its own.
    let told = world.told.0.lock().unwrap();
    let first =
        told.iter().find(|(_, notice)| notice.data["messageType"] == "InteractionStateChanged").unwrap();
    assert_eq!(
        (&first.1.data["operationId"], &first.1.data["interaction"]["state"]),
        (&"op-1".into(), &"Processing".into())
    );
}

#[tokio::test]
async fn ticks_and_failures_of_a_template_come_back_as_those_of_a_text() {
    let mut world = World::new().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let id = world.only("ana").await.id;
    let sent = world.outbound.recv().await.unwrap();
    world.report(&sent.tracker, SendOutcome::Attempting).await;
    world.report(&sent.tracker, SendOutcome::Accepted { wamid: "w-out".into() }).await;
    for word in ["sent", "delivered"] {
        world.writer.webhook(Bytes::from(format!("status w-out {} {word}", sent.tracker))).await.unwrap();
    }
    world.writer.webhook(Bytes::from(format!("status w-out {} failed", sent.tracker))).await.unwrap();
    world.pass(0).await;
    let words: Vec<String> = world
        .log(&id)
        .await
        .iter()
        .filter_map(|entry| entry.user_data.text(wa::STATUS).map(str::to_owned))
        .collect();
    assert_eq!(words, ["sent", "delivered", "failed"]);
    assert_eq!(world.log(&id).await[4].user_data.text(wa::REASON), Some("not on WhatsApp"));
}

#[tokio::test]
async fn the_customers_answer_comes_into_the_same_session_and_opens_the_window() {
    let mut world = World::new().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let id = world.only("ana").await.id;
    world.outbound.recv().await.unwrap();
    refused(world.says("ana", &id, "hello?").await, "takes only a template");
    world.writes("34600000101", 1).await;
    let dto = world.only("ana").await;
    assert_eq!(dto.id, id);
    assert!(world.view("kate").await.is_empty());
    world.says("ana", &id, "hello!").await.unwrap();
    let sent = world.outbound.recv().await.unwrap();
    assert_eq!((sent.text.as_str(), sent.template), ("hello!", None));
}

#[tokio::test]
async fn an_answer_from_the_other_form_of_a_number_is_the_same_customer() {
    let mut world = World::new().await;
    world.begin("ana", "op-1", "+55 11 98765-4321").await.unwrap();
    let id = world.only("ana").await.id;
    assert_eq!(world.outbound.recv().await.unwrap().to, Address::WaId("5511987654321".into()));
    world.writes("551187654321", 1).await;
    assert_eq!(world.only("ana").await.id, id);
    world.says("ana", &id, "oi").await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().to, Address::WaId("551187654321".into()));
}

#[tokio::test]
async fn a_template_goes_out_when_the_window_is_closed_and_free_text_does_not() {
    let mut world = World::new().await;
    world.act("ana", "r", Command::SetState(WantedState::Ready)).await.unwrap();
    world.writes("34600000101", 1).await;
    let id = world.only("ana").await.id;
    world.act("ana", "a", Command::Accept { id: id.as_str().into(), nickname: None }).await.unwrap();
    world.pass(DAY - 1).await;
    world.says("ana", &id, "in time").await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "in time");
    world.pass(2).await;
    refused(world.says("ana", &id, "late").await, "takes only a template");
    let command = Command::SendTemplate { id: id.as_str().into(), template: template() };
    world.act("ana", "t", command.clone()).await.unwrap();
    world.act("ana", "t", command.clone()).await.unwrap();
    assert_eq!(*world.outbound.recv().await.unwrap().template.unwrap(), template());
    assert!(world.outbound.try_recv().is_err(), "a repeat under its name is the same act");
    refused(world.act("kate", "t", command.clone()).await, "no session");
    refused(world.act("sue", "t", command).await, "only agents");
    world.writes("34600000101", 2).await;
    world.says("ana", &id, "again").await.unwrap();
}

#[tokio::test]
async fn a_customer_who_wrote_today_can_be_written_to_freely_in_a_session_an_agent_begins() {
    let mut world = World::new().await;
    world.act("ana", "r", Command::SetState(WantedState::Ready)).await.unwrap();
    world.writes("34600000101", 1).await;
    let id: InteractionId = world.only("ana").await.id.as_str().into();
    world.act("ana", "a", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    world.act("ana", "c", Command::Complete(id.clone())).await.unwrap();
    world.pass(3600).await;
    world.begin("kate", "op", "+34600000101").await.unwrap();
    let dto = world.only("kate").await;
    assert_ne!(dto.id, id.as_str());
    world.says("kate", &dto.id, "free").await.unwrap();
    assert!(world.outbound.recv().await.unwrap().template.is_some());
    assert_eq!(world.outbound.recv().await.unwrap().text, "free");
}

#[tokio::test]
async fn a_customer_with_an_open_session_gets_no_second_one() {
    let world = World::new().await;
    world.begin("kate", "op-1", "+34600000101").await.unwrap();
    refused(
        world.begin("ana", "op-2", "0034600000101").await,
        "Kate London has a session with 34600000101 now",
    );
    refused(world.begin("kate", "op-3", "+34600000101").await, "you have a session");
    world.writes("34600000202", 1).await;
    refused(world.begin("ana", "op-4", "+34600000202").await, "waits for an agent in Sales");
    assert!(world.view("ana").await.is_empty());
    // Two at once: the store has neither yet.
    let (one, two) =
        tokio::join!(world.begin("ana", "a", "+34600000303"), world.begin("kate", "b", "+34600000303"));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn a_session_is_not_begun_without_room_a_number_or_the_right() {
    let world = World::new().await;
    for (number, words) in [
        ("600000101", "country code"),
        ("+1", "7 to 15 digits"),
        ("+1 555 010 0100", "the business's own number"),
    ] {
        refused(world.begin("ana", number, number).await, words);
    }
    refused(world.begin("sue", "s", "+34600000101").await, "only agents");
    let to = Recipient { contact: Some("nobody".into()), number: None };
    let command = Command::StartSession { to, template: template(), nickname: None };
    refused(world.act("ana", "n", command).await, "no such contact");
    world.begin("ana", "1", "+34600000101").await.unwrap();
    world.begin("ana", "2", "+34600000102").await.unwrap();
    refused(world.begin("ana", "3", "+34600000103").await, "no free place: 2 sessions of 2");
    let bare = World::with("").await;
    refused(bare.begin("ana", "1", "+34600000101").await, "no WhatsApp number");
}

#[tokio::test]
async fn a_template_survives_a_kill_between_its_commit_and_its_sending() {
    let mut world = World::new().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let id = world.only("ana").await.id;
    let mut world = {
        // Whatever was on its way is lost with the process.
        world.outbound.close();
        world.killed().await
    };
    let sent = world.outbound.recv().await.unwrap();
    assert_eq!((sent.to, *sent.template.unwrap()), (Address::WaId("34600000101".into()), template()));
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    assert_eq!(world.only("ana").await.id, id, "the repeat is the same act");
    // Killed while it is being tried: nobody sends it twice.
    world.report(&sent.tracker, SendOutcome::Attempting).await;
    let mut world = world.killed().await;
    world.pass(1).await;
    assert!(world.outbound.try_recv().is_err());
}

#[tokio::test]
async fn what_was_done_outside_the_desk_stands_in_the_session_and_in_the_history() {
    let world = World::new().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let dto = world.only("ana").await;
    let id = InteractionId::from(dto.id.as_str());
    let note =
        |address: &str| Command::NoteContact { id: id.clone(), way: Way::Mail, address: address.to_owned() };
    world.act("ana", "n", note("lucia@example.com")).await.unwrap();
    refused(world.act("ana", "x", note("a\nb")).await, "one line");
    refused(world.act("kate", "k", note("lucia@example.com")).await, "no session");
    let line = world.log(&dto.id).await.pop().unwrap();
    assert_eq!(
        (line.kind.as_str(), line.visibility.as_str(), line.text.as_deref()),
        ("Notice", "Agent", Some("Ana wrote an e-mail to lucia@example.com, outside this desk"))
    );
    let contact = dto.contact_id.unwrap();
    let ana = Actor { employee: "ana".into(), role: Role::Agent };
    let past = world.writer.history(ana.clone(), contact.as_str().into(), None, None).await.unwrap();
    let kinds: Vec<(&str, bool, &str)> = past
        .iter()
        .map(|one| (one.media.as_str(), one.outbound, one.subject.as_deref().unwrap_or_default()))
        .collect();
    assert!(kinds.contains(&("email", true, "lucia@example.com")), "{kinds:?}");
    assert!(kinds.contains(&("whatsappsession", true, "")), "{kinds:?}");
    let noted = past.iter().find(|one| one.media == "email").unwrap();
    assert_eq!(
        (noted.ended, noted.agent.as_ref().map(ToString::to_string)),
        (Some(noted.started), Some("ana".into()))
    );
    let log = world.writer.messages(ana, noted.id.clone(), LogQuery::default()).await.unwrap().messages;
    assert_eq!(log[0].text.as_deref(), Some("Ana wrote an e-mail to lucia@example.com"));
    let world = world.killed().await;
    assert_eq!(world.view("ana").await.len(), 1, "what is noted is no session that goes on");
}

#[test]
fn parameters_of_a_log_entry_survive_the_wire() {
    let mut entry = MessageDto { index: 2, kind: "Text".into(), ..MessageDto::default() };
    let pairs: AttachedData = [("body.1", "a"), ("body.2", "b"), ("body.10", "c")].into_iter().collect();
    entry.user_data.set(wa::TEMPLATE_PARAMETERS, deskline::domain::Value::List(pairs));
    let text = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<MessageDto>(&text).unwrap(), entry);
}

//! Templates and sessions that agents begin: WhatsApp's list, the bytes of a send, and the writer's rules with a
//! store in a folder and a clock that the test moves.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail by panicking, as its tests do")]

use deskline::domain::template::{Header, Template};
use deskline::domain::{AttachedData, Millis};
use deskline::gateway::customers::graph_stub::{AcceptedSend, GraphStub, StubOptions, StubReply};
use deskline::gateway::whatsapp::catalog::TemplateCatalog;
use deskline::gateway::whatsapp::graph::{Attempt, Graph, GraphOptions};
use deskline::gateway::whatsapp::templates::{TemplateSource, page};
use deskline::gateway::whatsapp::{account as account_change, inspect, sync};
use deskline::gateway::writer::WriterHandle;
use deskline::gateway::writer::api::{Address, FilledTemplate, Outbound};
use deskline::gateway::writer::handle::WriterRequest;
use deskline::gateway::writer::model::account::Account;
use deskline::proto::media::MessageDto;
use deskline::proto::wa;
use serde_json::{Value as Json, json};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

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
async fn approved_templates_are_listed_and_a_failed_read_keeps_them() {
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
        WriterRequest::Account { change } => assert_eq!(change.topic, "templates access"),
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
    stub.script_account_requests([StubReply::Accept, StubReply::Error(403, 10)]);
    let poor = inspect::inspect(&good, "", Some("55")).await;
    assert_eq!(steps(&poor)[2], "business account false");
    assert!(stub.bodies().is_empty(), "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn a_check_ends_though_whatsapp_never_answers() {
    let (stub, _taken) = stub().await;
    stub.script_account_requests([StubReply::Hang]);
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
async fn graph_takes_templates_after_the_window_and_names_errors() {
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

#[test]
fn parameters_of_a_log_entry_survive_the_wire() {
    let mut entry = MessageDto { index: 2, kind: "Text".into(), ..MessageDto::default() };
    let pairs: AttachedData = [("body.1", "a"), ("body.2", "b"), ("body.10", "c")].into_iter().collect();
    entry.user_data.set(wa::TEMPLATE_PARAMETERS, deskline::domain::Value::List(pairs));
    let text = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<MessageDto>(&text).unwrap(), entry);
}

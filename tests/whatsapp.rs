//! WhatsApp's side of the gateway, from the bytes of a webhook to the bytes of a send.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail by panicking, and say which samples are missing"
)]

use deskline::domain::Millis;
use deskline::gateway::customers::graph_stub::{AcceptedSend, GraphStub, StubOptions, StubReply};
use deskline::gateway::whatsapp::graph::{Attempt, Graph, GraphOptions};
use deskline::gateway::whatsapp::inbound::{Content, CustomerNames, NotRoutedReason, WebhookUpdate};
use deskline::gateway::whatsapp::parse::parse;
use deskline::gateway::whatsapp::sender::{self, SenderOptions};
use deskline::gateway::whatsapp::signature::is_signed;
use deskline::gateway::writer::WriterHandle;
use deskline::gateway::writer::api::{Address, Outbound, SendOutcome};
use deskline::gateway::writer::handle::WriterRequest;
use deskline::gateway::writer::model::account::Account;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

fn own_fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/whatsapp")
}

/// Samples that were collected for this project and are not part of it. Every test that reads them has samples of the
/// project's own too, so that nothing is untested where they are missing.
fn shared_fixtures() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/whatsapp-cloud");
    if !folder.is_dir() {
        eprintln!("without the collected samples of {}: only the project's own are read", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// All samples there are.
fn samples() -> Vec<(String, Vec<u8>)> {
    let mut folders = vec![own_fixtures()];
    folders.extend(shared_fixtures().map(|folder| folder.join("webhooks")));
    folders.iter().flat_map(|folder| files(folder)).collect()
}

/// How many things a body tells that must not be lost.
fn told(body: &Value) -> usize {
    let lists = |value: &Value| {
        ["messages", "message_echoes", "statuses"]
            .into_iter()
            .filter_map(|key| value.get(key).and_then(Value::as_array))
            .map(Vec::len)
            .sum::<usize>()
    };
    body.get("entry")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("changes").and_then(Value::as_array))
        .flatten()
        .filter_map(|change| change.get("value"))
        .map(lists)
        .sum()
}

/// Bodies that say nothing at all.
const EMPTY: [&str; 2] = ["empty-entry.json", "zz-empty-entry.json"];

#[test]
fn every_sample_says_something_and_loses_no_message() {
    for (name, raw) in samples() {
        let updates = parse(&raw);
        assert_eq!(updates, parse(&raw), "{name} reads differently the second time");
        let told = told(&serde_json::from_slice(&raw).unwrap());
        assert!(updates.len() >= told, "{name}: {} updates for {told}", updates.len());
        assert_eq!(updates.is_empty(), EMPTY.contains(&name.as_str()), "{name}");
    }
}

/// An update in one line.
fn line(update: &WebhookUpdate) -> String {
    match update {
        WebhookUpdate::Message(m)
        | WebhookUpdate::Echo(m)
        | WebhookUpdate::Call(m)
        | WebhookUpdate::History { message: m, .. } => {
            let who =
                m.customer.wa_id.as_ref().or(m.customer.user_id.as_ref()).map_or("nobody", String::as_str);
            let what = match &m.content {
                Content::Text(text) => format!("text {text:?}"),
                Content::Media { kind, .. } => kind.clone(),
                Content::Placeholder(words) => words.clone(),
                Content::Note(words) => words.clone(),
                Content::Reaction { of, emoji } => format!("{emoji} on {of}"),
                Content::Edit { of, text } => format!("{of} now {text:?}"),
                Content::Revoke { of } => format!("{of} deleted"),
            };
            let way = match update {
                WebhookUpdate::Echo(_) => "to",
                WebhookUpdate::Call(_) => "called by",
                WebhookUpdate::History { by_staff: true, .. } => "once to",
                WebhookUpdate::History { .. } => "once from",
                _ => "from",
            };
            let quotes = m.quotes.as_ref().map(|id| format!(" answers {id}")).unwrap_or_default();
            let around = m.remarks.iter().map(|line| format!(" [{line}]")).collect::<String>();
            format!("{} {way} {who} at {}: {what}{quotes}{around}", m.wamid, m.at.0)
        }
        WebhookUpdate::Status(s) => {
            let code = s.error.as_ref().map(|(code, _)| format!(" code {code}")).unwrap_or_default();
            format!("{} {} {:?} at {}{code}", s.wamid, s.status.word(), s.tracker, s.at.0)
        }
        WebhookUpdate::Renamed { old, new, .. } => format!("{old:?} is {new:?}"),
        WebhookUpdate::NotRouted(m) => format!("{} not routed: {} {}", m.wamid, m.why.word(), m.about),
        WebhookUpdate::Unhandled { field, text } => format!("{field}: {text}"),
        WebhookUpdate::AccountChanged(change) => format!("{}: {}", change.topic, change.text),
    }
}

#[test]
fn a_body_with_many_things_is_read_one_by_one_and_in_order() {
    let read = |name: &str| {
        let updates = parse(&std::fs::read(own_fixtures().join(name)).unwrap());
        updates.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        read("burst.json"),
        [
            "wamid.b1 from 15550105001 at 1763800001000: text \"one\"",
            "wamid.b2 from 15550105002 at 1763800002000: text \"two  \\n\" answers wamid.ours",
            "wamid.b3 from 15550105001 at 1763800003000: 🫶🏽 on wamid.ours",
            "wamid.b4 from 15550105001 at 1763800000000: text \"Yes please\"",
            "wamid.ours read Some(\"track-9\") at 1763800004000",
            "wamid.lost failed None at 1763800005000 code 131026",
            "alert LIMIT: WhatsApp has an alert for the business account: alert severity CRITICAL, alert type LIMIT",
        ]
    );
    assert_eq!(read("nameless.json"), ["wamid.n1 from NZ.880012 at 1763800010000: voice"]);
    assert_eq!(
        read("phone-app.json"),
        [
            "wamid.e1 to 15550105001 at 1763800020000: text \"from my phone\"",
            "wamid.e2 to 15550105001 at 1763800021000: wamid.e1 deleted",
            "h1 once from 15550105001 at 0: sent something (WhatsApp does not pass it on)",
            "h2 once from 15550105001 at 0: sent something (WhatsApp does not pass it on)",
            "user_preferences: a customer set marketing_messages to stop",
        ]
    );
}

#[test]
fn field_group_author_and_context_say_what_a_message_is() {
    let updates = parse(&std::fs::read(own_fixtures().join("around.json")).unwrap());
    assert_eq!(
        updates.iter().map(line).collect::<Vec<_>>(),
        [
            "wamid.a1 from 15550105001 at 1763800101000: text \"is it there?\" \
             [The customer came from an ad: Sale – All red (https://fb.me/x)] \
             [The customer asks about the product red-42 of the catalog c9] [The next message was forwarded]",
            "wamid.a2 from 15550105001 at 1763800102000: image [WhatsApp could not fetch the customer's file. \
             WhatsApp says: Failed to download the media]",
            "wamid.a3 not routed: group G1",
            "wamid.a4 to 15550105002 at 1763800104000: text \"from us\"",
            "wamid.h1 once from 15550105003 at 1763000001000: text \"open?\"",
            "wamid.h2 once to 15550105003 at 1763000002000: text \"yes\"",
            "file-of:wamid.h3 once from 15550105003 at 1763000003000: sent a file",
            "wamid.h3 once from 15550105003 at 1763000003000: image",
            "wamid.s1 not routed: field standby",
            "call:terminate:wacid.1 called by 15550105001 at 1763800106000: called on WhatsApp, and the call was missed",
            "call:terminate:wacid.2 called by 15550105001 at 1763800107000: A call to the customer ended after 1 min 1 s",
        ]
    );
}

#[test]
fn group_is_known_in_every_shape() {
    for message in [
        json!({"from": "1", "group_id": "G", "id": "a"}),
        json!({"from": "1", "group_id": 7, "id": "a"}),
        json!({"from": "1-2@g.us", "id": "a"}),
        json!({"from": "1", "recipient_type": "group", "to": "G", "id": "a"}),
    ] {
        for (field, key) in
            [("messages", "messages"), ("smb_message_echoes", "message_echoes"), ("history", "messages")]
        {
            let body = json!({"entry": [{"changes": [{"field": field, "value": {key: [message]}}]}]});
            assert!(
                matches!(parse(body.to_string().as_bytes()).as_slice(), [WebhookUpdate::NotRouted(m)] if m.why == NotRoutedReason::Group),
                "{field} {message}"
            );
        }
    }
}

#[test]
fn only_fields_for_messages_are_routed() {
    for key in ["messages", "message_echoes", "calls"] {
        for field in ["standby", "smb_app_state_sync", "group_settings_update", "security", "Messages"] {
            let value = json!({key: [{"from": "1", "to": "2", "id": "a", "event": "terminate"}]});
            let body = json!({"entry": [{"changes": [{"field": field, "value": value}]}]});
            let updates = parse(body.to_string().as_bytes());
            let kept = |update: &&WebhookUpdate| matches!(update, WebhookUpdate::NotRouted(m) if m.why == NotRoutedReason::Field);
            let of_account = |update: &&WebhookUpdate| matches!(update, WebhookUpdate::AccountChanged(_));
            assert_eq!(updates.iter().filter(kept).count(), 1, "{field} {key}: {updates:?}");
            let rest = updates.iter().filter(|update| !kept(update) && !of_account(update)).count();
            assert_eq!(rest, 0, "{field} {key}: {updates:?}");
        }
    }
}

#[test]
fn status_names_who_a_message_went_to() {
    let named = |status: Value, contacts: Value| {
        let value = json!({"statuses": [status], "contacts": contacts});
        let body = json!({"entry": [{"changes": [{"field": "messages", "value": value}]}]});
        match parse(body.to_string().as_bytes()).as_slice() {
            [WebhookUpdate::Status(status)] => {
                (status.customer.wa_id.clone(), status.customer.user_id.clone())
            }
            other => panic!("{other:?}"),
        }
    };
    let some = |text: &str| Some(text.to_owned());
    let base = |key: &str, to: &str| json!({"id": "w", "status": "sent", key: to});
    assert_eq!(named(base("recipient_id", "+15 "), json!([])), (some("15"), None));
    assert_eq!(named(base("recipient_user_id", "BJ.7"), json!([])), (None, some("BJ.7")));
    assert_eq!(named(base("recipient_id", "BJ.7"), json!([])), (None, some("BJ.7")));
    assert_eq!(
        named(base("recipient_id", "15"), json!([{"wa_id": "15", "user_id": "BJ.7"}])),
        (some("15"), some("BJ.7"))
    );
    assert_eq!(
        named(base("recipient_id", "15"), json!([{"wa_id": "16", "user_id": "BJ.7"}])),
        (some("15"), None)
    );
    assert_eq!(
        named(
            json!({"id": "w", "status": "sent", "recipient_id": "G", "recipient_type": "group"}),
            json!([])
        ),
        (None, None)
    );
    assert_eq!(named(base("recipient_id", "•••"), json!({})), (None, None));
}

#[test]
fn account_error_is_reported_without_details() {
    let error =
        json!({"code": 131031, "title": "locked", "error_data": {"details": "for Lucía +34600000101"}});
    let value = json!({"metadata": {"phone_number_id": "1"}, "errors": [error]});
    let body = json!({"entry": [{"changes": [{"field": "messages", "value": value}]}]});
    match parse(body.to_string().as_bytes()).as_slice() {
        [WebhookUpdate::AccountChanged(change)] => {
            assert!(change.text.contains("code 131031"), "{change:?}");
            assert!(!change.text.contains("Lucía") && !change.text.contains("346000"), "{change:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Each sample, by its name in the folder, has to give an update that reads like this.
fn check_samples(folder: &Path, samples: &[(&str, &str)]) {
    for (name, expected) in samples {
        let raw = std::fs::read(folder.join(format!("{name}.json"))).unwrap();
        let lines: Vec<String> = parse(&raw).iter().map(line).collect();
        assert!(lines.iter().any(|line| line.contains(expected)), "{name}: {lines:#?}");
    }
}

/// The text of a sample's only message must be handed on as it is: what it could do to a terminal is dealt with where
/// it is shown.
fn check_text_is_kept(sample: &Path) {
    let raw = std::fs::read(sample).unwrap();
    let body: Value = serde_json::from_slice(&raw).unwrap();
    let body = body.pointer("/entry/0/changes/0/value/messages/0/text/body").and_then(Value::as_str).unwrap();
    match parse(&raw).as_slice() {
        [WebhookUpdate::Message(message)] => assert_eq!(message.content, Content::Text(body.to_owned())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn samples_of_the_project_read_as_expected() {
    let samples = [
        ("msg-unsupported", "sent an event (WhatsApp does not pass it on)"),
        ("msg-location", "shared a location: Bakery Sol, Carrer Nou 5, Barcelona"),
        ("msg-contacts", "sent a contact card: Ömer Aydın (+90 212 555 0100)"),
        ("msg-order", "sent an order: 3 × bread-1 at 2 EUR"),
        ("msg-list-reply", "text \"Pick it up\""),
        ("msg-button-reply", "text \"No, thanks\" answers wamid.ours2"),
        ("msg-reaction-removed", " on wamid.ours3"),
        ("msg-edit-image", "wamid.own20 now \"the other side\""),
        ("echo-edit", "to 15550106002"),
        ("echo-text", "to 15550106002"),
        ("msg-text-user-id-only", "from ES.70001"),
        ("value-errors", "code 131056"),
        ("msg-voice", ": voice"),
        ("msg-system-user-id", "ES.NEW1"),
        ("status-with-tracker", "Some(\"own:4\")"),
    ];
    check_samples(&own_fixtures(), &samples);
    for name in ["msg-text-escape-injection.json", "msg-text-unicode.json", "msg-text-long.json"] {
        check_text_is_kept(&own_fixtures().join(name));
    }
}

#[test]
fn collected_samples_read_as_expected() {
    let Some(folder) = shared_fixtures() else { return };
    let samples = [
        ("msg-unsupported-with-type", "sent a poll (WhatsApp does not pass it on)"),
        ("msg-location-named", "shared a location: Philz Coffee, 101 Forest Ave, Palo Alto, CA 94301"),
        ("msg-contacts-one", "sent a contact card: Lucía Gómez (+1 (983) 555-2319)"),
        ("msg-order-two-items", "sent an order: 2 × di9ozbzfi4 at 30 USD; 1 × nqryix03ez at 25 USD"),
        ("msg-interactive-list-reply", "text \"Priority Mail Express\""),
        ("msg-interactive-button-reply", "text \"Cancel\""),
        ("msg-unreaction-no-emoji", " on wamid.yzxyzx="),
        ("msg-edit-image", "now \"Updated image caption\""),
        ("echo-edit", "to 15550100011"),
        ("echo-text", "to 15550100001"),
        ("msg-text-bsuid-only-no-from", "from US.13491208655302741918"),
        ("value-errors-account-level", "code 130429"),
        ("msg-voice", ": voice"),
        ("msg-system-user-changed-user-id", "IN.CURRENTBSUID"),
        ("status-with-tracker", "Some(\"some data\")"),
    ];
    check_samples(&folder.join("webhooks"), &samples);
    check_text_is_kept(&folder.join("webhooks/msg-text-terminal-escape-injection.json"));
}

#[test]
fn signatures_are_verified_over_the_bytes_as_sent() {
    use base64::Engine as _;
    let mut files = vec![own_fixtures().join("../signatures.json")];
    files.extend(shared_fixtures().map(|folder| folder.join("signature-vectors.json")));
    let vectors = files
        .iter()
        .flat_map(|file| serde_json::from_slice::<Vec<Value>>(&std::fs::read(file).unwrap()).unwrap());
    for vector in vectors {
        let text = |key: &str| vector[key].as_str().unwrap();
        let raw = base64::engine::general_purpose::STANDARD.decode(text("raw_body_base64")).unwrap();
        let judged = is_signed(text("app_secret").as_bytes(), &raw, Some(text("x_hub_signature_256")));
        assert_eq!(judged, vector["valid"].as_bool().unwrap(), "{}", vector["why"]);
    }
}

fn json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("entry"),
        Just("changes"),
        Just("value"),
        Just("field"),
        Just("messages"),
        Just("statuses"),
        Just("contacts"),
        Just("errors"),
        Just("type"),
        Just("text"),
        Just("id"),
        Just("from"),
        Just("edit"),
        Just("message"),
        Just("original_message_id"),
        Just("interactive"),
        Just("system"),
        Just("timestamp"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        key.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..5).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

/// Replaces the `at`th node, counted from the root, or leaves the body as it is.
fn replace(node: &mut Value, at: &mut usize, new: &Value) {
    if *at == 0 {
        *node = new.clone();
        *at = usize::MAX;
        return;
    }
    *at -= 1;
    match node {
        Value::Array(all) => all.iter_mut().for_each(|part| replace(part, at, new)),
        Value::Object(map) => map.values_mut().for_each(|part| replace(part, at, new)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_can_be_read(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!parse(&raw).is_empty());
    }

    #[test]
    fn any_json_can_be_read(body in json()) {
        parse(body.to_string().as_bytes());
        parse(serde_json::json!({"entry": [{"changes": [{"field": "messages", "value": body}]}]}).to_string().as_bytes());
    }

    #[test]
    fn a_spoiled_sample_can_be_read(file in any::<prop::sample::Index>(), at in 0_usize..60, new in json(), cut in any::<prop::sample::Index>()) {
        let files = samples();
        let (_, raw) = file.get(&files);
        let mut body: Value = serde_json::from_slice(raw).unwrap();
        replace(&mut body, &mut { at }, &new);
        let spoiled = body.to_string();
        prop_assert_eq!(parse(spoiled.as_bytes()), parse(spoiled.as_bytes()));
        // Without its last line break a body is whole, and one of the samples says nothing.
        let text = raw.trim_ascii_end();
        prop_assert!(!parse(&text[..cut.index(text.len())]).is_empty());
    }
}

/// A sender between a Graph API and a writer that only notes reports.
struct Bench {
    stub: Arc<GraphStub>,
    taken: mpsc::Receiver<AcceptedSend>,
    outbound: mpsc::Sender<Outbound>,
    /// Tracker, outcome, and how many sends had come when it was reported.
    reports: mpsc::UnboundedReceiver<(String, SendOutcome, usize)>,
    /// WhatsApp's names for the recipient, where a report has them.
    named: mpsc::UnboundedReceiver<CustomerNames>,
    stop: watch::Sender<bool>,
    sender: tokio::task::JoinHandle<()>,
}

const WAIT: Duration = Duration::from_secs(180);

impl Bench {
    async fn start(timeout: Duration, options: SenderOptions) -> Self {
        let stub = StubOptions {
            access_token: String::from("tok").into(),
            phone_number_id: "77001".into(),
            window: false,
        };
        let (stub, taken) = GraphStub::start(stub).await.unwrap();
        let stub = Arc::new(stub);
        let graph = Graph::new(&GraphOptions {
            url: stub.url().into(),
            version: "v23.0".into(),
            phone_number_id: "77001".into(),
            access_token: String::from("tok").into(),
            timeout,
        })
        .unwrap();
        let (writer, mut asks) =
            WriterHandle::channel(watch::channel(0).1, watch::channel(Account::default()).1);
        let (note, reports) = mpsc::unbounded_channel();
        let (note_name, named) = mpsc::unbounded_channel();
        let came = Arc::clone(&stub);
        tokio::spawn(async move {
            while let Some(ask) = asks.recv().await {
                if let WriterRequest::Report { report, answer } = ask {
                    if report.customer != CustomerNames::default() {
                        let _ = note_name.send(report.customer);
                    }
                    let _ = note.send((report.tracker, report.outcome, came.bodies().len()));
                    let _ = answer.send(Ok(()));
                }
            }
        });
        let (outbound, receiver) = mpsc::channel(64);
        let (stop, shutdown) = watch::channel(false);
        let sender = tokio::spawn(sender::run(receiver, graph, writer, options, shutdown));
        Self { stub, taken, outbound, reports, named, stop, sender }
    }

    async fn send(&self, tracker: &str, to: &str, text: &str) {
        let message = Outbound {
            tracker: tracker.into(),
            to: Address::WaId(to.into()),
            text: text.into(),
            quotes: None,
            template: None,
            file: None,
        };
        self.outbound.send(message).await.unwrap();
    }

    async fn report(&mut self) -> (String, SendOutcome, usize) {
        tokio::time::timeout(WAIT, self.reports.recv()).await.expect("no report came").unwrap()
    }

    async fn bodies(&self, count: usize) -> Vec<Value> {
        let bodies = tokio::time::timeout(WAIT, self.stub.wait_for(count)).await.expect("no send came");
        bodies.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()
    }
}

fn quick() -> SenderOptions {
    SenderOptions { first_wait: Duration::from_millis(1), ..SenderOptions::default() }
}

#[tokio::test]
async fn attempt_is_reported_before_the_exact_text_is_sent() {
    let mut bench = Bench::start(WAIT, quick()).await;
    let text = " é\u{301} 👨‍👩‍👧 \t\"\\/\u{202e}\n\nend ";
    bench.send("t1", "15550105001", text).await;
    assert_eq!(bench.report().await, ("t1".into(), SendOutcome::Attempting, 0));
    let (tracker, outcome, _) = bench.report().await;
    let taken = bench.taken.recv().await.unwrap();
    assert_eq!((tracker.as_str(), outcome), ("t1", SendOutcome::Accepted { wamid: taken.wamid.clone() }));
    assert_eq!((taken.to.as_str(), taken.text.as_str(), taken.tracker.as_str()), ("15550105001", text, "t1"));
}

#[tokio::test]
async fn one_customer_gets_messages_in_order_while_another_is_stuck() {
    let mut bench = Bench::start(WAIT, quick()).await;
    bench.stub.script([StubReply::Hang]);
    bench.send("stuck", "15550105009", "x").await;
    bench.bodies(1).await;
    for number in 0..20 {
        bench.send(&format!("t{number}"), "15550105001", &number.to_string()).await;
    }
    let bodies = bench.bodies(21).await;
    let texts: Vec<&str> =
        bodies.iter().skip(1).filter_map(|body| body.pointer("/text/body").and_then(Value::as_str)).collect();
    assert_eq!(texts, (0..20).map(|number| number.to_string()).collect::<Vec<_>>());
    let _ = bench.report().await;
    for number in 0..20 {
        let (tracker, outcome, _) = bench.report().await;
        assert_eq!((tracker, outcome), (format!("t{number}"), SendOutcome::Attempting));
        let (tracker, outcome, _) = bench.report().await;
        assert_eq!(tracker, format!("t{number}"));
        assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    }
}

#[tokio::test]
async fn busy_whatsapp_is_retried_and_each_attempt_reported() {
    let mut bench = Bench::start(WAIT, quick()).await;
    bench.stub.script([StubReply::Error(400, 131_056), StubReply::Error(500, 2), StubReply::Error(429, 4)]);
    bench.send("t1", "15550105001", "x").await;
    for tries in 0..3 {
        assert_eq!(bench.report().await, ("t1".into(), SendOutcome::Attempting, tries));
        assert_eq!(bench.report().await, ("t1".into(), SendOutcome::Deferred, tries + 1));
    }
    assert_eq!(bench.report().await.1, SendOutcome::Attempting);
    let (_, outcome, sends) = bench.report().await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(sends, 4);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_not_sent_again() {
    let mut bench = Bench::start(Duration::from_millis(300), quick()).await;
    bench.stub.script([StubReply::Hang, StubReply::Close]);
    for tracker in ["hangs", "closes"] {
        bench.send(tracker, "15550105001", tracker).await;
        assert_eq!(bench.report().await.1, SendOutcome::Attempting);
        let (_, outcome, _) = bench.report().await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{outcome:?}");
    }
    bench.send("next", "15550105001", "next").await;
    let bodies = bench.bodies(3).await;
    let texts: Vec<_> =
        bodies.iter().filter_map(|body| body.pointer("/text/body").and_then(Value::as_str)).collect();
    assert_eq!(texts, ["hangs", "closes", "next"]);
}

#[tokio::test]
async fn final_refusal_is_reported_and_not_retried() {
    let mut bench = Bench::start(WAIT, quick()).await;
    bench.stub.script([StubReply::Error(400, 131_047)]);
    bench.send("t1", "15550105001", "x").await;
    bench.report().await;
    match bench.report().await {
        (_, SendOutcome::Failed { code: 131_047, reason }, 1) => assert!(reason.contains("24 hours")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn trouble_that_does_not_end_is_given_up() {
    let options = SenderOptions { give_up_after: Duration::from_millis(20), ..quick() };
    let mut bench = Bench::start(WAIT, options).await;
    bench.stub.script([StubReply::Error(500, 131_000); 64]);
    bench.send("t1", "15550105001", "x").await;
    let end = loop {
        match bench.report().await {
            (_, SendOutcome::Attempting | SendOutcome::Deferred, _) => {}
            (_, other, _) => break other,
        }
    };
    match end {
        SendOutcome::Failed { code: 131_000, reason } => assert!(reason.contains("was not sent")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn answer_to_a_send_names_the_customer_in_the_report() {
    let mut bench = Bench::start(WAIT, quick()).await;
    bench.stub.reply_with_wa_id("2290197000001");
    bench.send("t1", "22997000001", "x").await;
    bench.report().await;
    let _ = bench.report().await;
    assert_eq!(bench.named.recv().await.unwrap().wa_id.as_deref(), Some("2290197000001"));
    let bodies = bench.bodies(1).await;
    assert_eq!(bodies[0]["to"], "+22997000001", "the number is not corrected on the wire");
}

#[tokio::test]
async fn a_whatsapp_that_is_not_there_was_surely_not_reached() {
    // A port that is bound but never accepts.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = taken.local_addr().unwrap();
    let graph = Graph::new(&GraphOptions {
        url: format!("http://{address}"),
        version: "v23.0".into(),
        phone_number_id: "77001".into(),
        access_token: String::from("tok").into(),
        timeout: WAIT,
    })
    .unwrap();
    let message = Outbound {
        tracker: "t1".into(),
        to: Address::WaId("1".into()),
        text: "x".into(),
        quotes: None,
        template: None,
        file: None,
    };
    let attempt = graph.send(&message, None).await;
    assert!(matches!(attempt, Attempt::Retry { code: 0, slow_down: false, .. }), "{attempt:?}");
}

#[tokio::test]
async fn stop_finishes_messages_in_flight_and_keeps_others_unsent() {
    let mut bench = Bench::start(WAIT, quick()).await;
    bench.stub.script([StubReply::Hang]);
    for tracker in ["first", "second"] {
        bench.send(tracker, "15550105001", tracker).await;
    }
    bench.bodies(1).await;
    bench.stop.send(true).unwrap();
    bench.stub.release_hanging();
    tokio::time::timeout(WAIT, bench.sender).await.expect("the sender did not stop").unwrap();
    assert_eq!(bench.reports.recv().await.unwrap().0, "first");
    let (tracker, outcome, sends) = bench.reports.recv().await.unwrap();
    assert_eq!((tracker.as_str(), sends), ("first", 1));
    assert!(matches!(outcome, SendOutcome::Unknown { .. }));
    assert!(bench.reports.recv().await.is_none(), "the second message was touched");
}

mod customers {
    use super::*;
    use axum::Router;
    use axum::body::Bytes;
    use axum::extract::RawQuery;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::get;
    use deskline::gateway::customers::{Simulator, SimulatorOptions};
    use deskline::gateway::whatsapp::inbound::{InboundMessage, InboundStatus};
    use deskline::gateway::whatsapp::signature::verify;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// A gateway that only checks and reads webhooks. It refuses the first, to see it again.
    async fn gateway() -> (String, mpsc::UnboundedReceiver<WebhookUpdate>) {
        let (tell, updates) = mpsc::unbounded_channel();
        let refused = Arc::new(AtomicBool::new(false));
        let take = move |headers: HeaderMap, raw: Bytes| async move {
            let header = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
            if !is_signed(b"sec", &raw, header) {
                return StatusCode::FORBIDDEN;
            }
            if !refused.swap(true, Ordering::SeqCst) {
                return StatusCode::INTERNAL_SERVER_ERROR;
            }
            parse(&raw).into_iter().for_each(|update| drop(tell.send(update)));
            StatusCode::OK
        };
        let check =
            |RawQuery(query): RawQuery| async move { verify(&query.unwrap_or_default(), "ver").unwrap() };
        let router = Router::new().route("/webhooks/whatsapp", get(check).post(take));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, updates)
    }

    async fn simulator(seed: u64, speed: f64) -> Simulator {
        Simulator::start(SimulatorOptions {
            seed,
            speed,
            app_secret: String::from("sec").into(),
            verify_token: String::from("ver").into(),
            access_token: String::from("tok").into(),
            phone_number_id: "77001".into(),
        })
        .await
        .unwrap()
    }

    fn graph(simulator: &Simulator) -> Graph {
        Graph::new(&GraphOptions {
            url: simulator.graph_url().into(),
            version: "v23.0".into(),
            phone_number_id: "77001".into(),
            access_token: String::from("tok").into(),
            timeout: WAIT,
        })
        .unwrap()
    }

    async fn message(updates: &mut mpsc::UnboundedReceiver<WebhookUpdate>) -> InboundMessage {
        loop {
            let update = tokio::time::timeout(WAIT, updates.recv()).await.expect("nobody wrote").unwrap();
            if let WebhookUpdate::Message(message) = update {
                return message;
            }
        }
    }

    async fn status(updates: &mut mpsc::UnboundedReceiver<WebhookUpdate>) -> InboundStatus {
        loop {
            let update = tokio::time::timeout(WAIT, updates.recv()).await.expect("no status came").unwrap();
            if let WebhookUpdate::Status(status) = update {
                return status;
            }
        }
    }

    fn address(message: &InboundMessage) -> Address {
        let names = &message.customer;
        let number = names.wa_id.clone().map(Address::WaId);
        number.or_else(|| names.user_id.clone().map(Address::UserId)).unwrap()
    }

    #[tokio::test]
    async fn first_customer_writes_at_once_and_answers_get_statuses() {
        let (url, mut updates) = gateway().await;
        let mut simulator = simulator(7, 50.0).await;
        simulator.open(&url).unwrap();
        let first = message(&mut updates).await;
        assert!(first.customer.profile_name.is_some());
        assert!(first.at > Millis(0));
        let answer = Outbound {
            tracker: "desk-1".into(),
            to: address(&first),
            text: "hello".into(),
            quotes: Some(first.wamid.clone()),
            template: None,
            file: None,
        };
        let attempt = graph(&simulator).send(&answer, None).await;
        assert!(matches!(attempt, Attempt::Accepted { .. }), "{attempt:?}");
        assert_eq!(status(&mut updates).await.tracker.as_deref(), Some("desk-1"));
    }

    #[tokio::test]
    async fn who_never_wrote_cannot_be_written_to() {
        let simulator = simulator(7, 1.0).await;
        let cold = Outbound {
            tracker: "t".into(),
            to: Address::WaId("15550104101".into()),
            text: "buy".into(),
            quotes: None,
            template: None,
            file: None,
        };
        let attempt = graph(&simulator).send(&cold, None).await;
        assert!(matches!(attempt, Attempt::Failed { code: 131_047, .. }), "{attempt:?}");
    }

    #[tokio::test]
    async fn a_seed_decides_who_comes_and_what_the_first_says() {
        async fn first(seed: u64) -> (Option<String>, Content) {
            let (url, mut updates) = gateway().await;
            let mut simulator = simulator(seed, 50.0).await;
            simulator.open(&url).unwrap();
            let first = message(&mut updates).await;
            (first.customer.profile_name, first.content)
        }
        assert_eq!(first(1).await, first(1).await);
        let mut others = Vec::new();
        for seed in 2..6 {
            others.push(first(seed).await);
        }
        assert!(others.iter().any(|other| other != others.first().unwrap()), "all seeds give the same");
    }

    /// Answers everyone until all kinds of things were said.
    #[tokio::test]
    async fn answered_customers_write_react_edit_delete_and_send_files() {
        let (url, mut updates) = gateway().await;
        let mut simulator = simulator(3, 200.0).await;
        simulator.open(&url).unwrap();
        let graph = graph(&simulator);
        let mut missing =
            BTreeSet::from(["text", "media", "words", "reaction", "edit", "revoke", "quote", "no number"]);
        while !missing.is_empty() {
            let message = message(&mut updates).await;
            missing.remove(match &message.content {
                Content::Text(_) => "text",
                Content::Media { .. } => "media",
                Content::Placeholder(_) | Content::Note(_) => "words",
                Content::Reaction { of, emoji } => {
                    assert!(!of.is_empty() && !emoji.is_empty());
                    "reaction"
                }
                Content::Edit { of, .. } => {
                    assert!(!of.is_empty());
                    "edit"
                }
                Content::Revoke { of } => {
                    assert!(!of.is_empty());
                    "revoke"
                }
            });
            if message.quotes.is_some() {
                missing.remove("quote");
            }
            if message.customer.wa_id.is_none() {
                missing.remove("no number");
            }
            let answer = Outbound {
                tracker: message.wamid.clone(),
                to: address(&message),
                text: "noted".into(),
                quotes: None,
                template: None,
                file: None,
            };
            let attempt = graph.send(&answer, None).await;
            assert!(matches!(attempt, Attempt::Accepted { .. }), "{attempt:?}");
        }
    }
}

//! Other ways to a customer: a session that an agent begins, a closed window, a note, and a kill in between.

use super::api::{Agent, Answer};
use super::pty::{ACCEPT, ESC};
use super::rig::{Setup, World, until};
use deskline::gateway::customers::graph_stub::StubReply;
use serde_json::{Value, json};

const REACH: &str = "\x1by";
const GATEWAY: Setup<'static> = Setup {
    agents: &["ana"],
    capacity: 4,
    accept_timeout: 300,
    gateway: "",
    whatsapp: "",
    more: "[[gateway.whatsapp.template]]\nname = \"go_on\"\nlanguage = \"en\"\nbody = \"Hello {{1}}, we have an answer to your question. May we go on here?\"",
};

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A text of a customer, written so many seconds ago.
fn text(id: &str, ago: i64) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages",
        "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "1", "phone_number_id": super::rig::NUMBER},
            "contacts": [{"wa_id": "34600000101", "profile": {"name": "Lucia"}}],
            "messages": [{"id": id, "from": "34600000101", "timestamp": (now() - ago).to_string(),
                "type": "text", "text": {"body": "hola"}}]}}]}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn answer_to_an_agents_first_message_joins_the_session() {
    let mut world = World::new(GATEWAY).await;
    let mut desk = world.ready("ana");
    desk.send(REACH);
    desk.wait_for("Enter a number or an address");
    desk.send("\r");
    desk.wait_for("A number with + and country code");
    desk.write("+34 600 000 101");
    desk.send("\r");
    desk.wait_for("a new session with +34600000101");
    desk.send("\r");
    desk.wait_for("go_on");
    desk.send("\r");
    desk.wait_for("Text 1");
    desk.send("Lucia");
    desk.wait_for("Text 1 *  Lucia");
    desk.send("\r");
    desk.wait_for("It begins a new session");
    desk.send("\r");
    let taken = world.taken().await;
    assert_eq!((taken.template.as_str(), taken.to.as_str()), ("go_on", "34600000101"));
    desk.wait_for("Hello Lucia, we have an answer to");
    desk.wait_for("template only");
    world.webhooks.status(&taken.wamid, &taken.tracker, "delivered", None).await;
    desk.wait_for("✓✓");
    world.writes("Lucia", "34600000101", "si, claro").await;
    desk.wait_for("si, claro");
    desk.wait_for("to customer");
    desk.write("gracias");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "gracias");
    assert_eq!(world.sessions().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn closed_window_keeps_the_draft_until_a_template_is_answered() {
    let mut world = World::new(GATEWAY).await;
    let mut desk = world.ready("ana");
    assert_eq!(world.post(&text("wamid.old", 25 * 3600)).await, Some(200));
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("reply window closed");
    desk.write("su pedido sale hoy");
    desk.send("\r");
    desk.wait_for("not sent: the customer has not written");
    desk.wait_for("su pedido sale hoy");
    desk.send(REACH);
    desk.wait_for("WhatsApp: a template");
    desk.send("\r");
    desk.wait_for("go_on");
    desk.send("\r");
    desk.wait_for("Text 1");
    // The suggestion is cleared, and the same name is typed.
    desk.wait_for("Text 1 *  Lucia");
    desk.send("\x15");
    desk.wait_gone("Text 1 *  Lucia");
    desk.send("Lucia");
    desk.wait_for("Text 1 *  Lucia");
    desk.send("\r");
    desk.wait_for("as it is");
    desk.send("\r");
    assert_eq!(
        world.taken().await.text,
        "Hello Lucia, we have an answer to your question. May we go on here?"
    );
    assert_eq!(world.post(&text("wamid.new", 0)).await, Some(200));
    desk.wait_for("to customer");
    desk.wait_for("su pedido sale hoy");
    desk.send("\r");
    assert_eq!(world.taken().await.text, "su pedido sale hoy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_call_is_copied_shown_and_noted_in_the_history() {
    let world = World::new(GATEWAY).await;
    let mut desk = world.ready("ana");
    world.writes("Lucia", "34600000101", "hola").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk.send(REACH);
    desk.wait_for("Call +34600000101");
    desk.write("call");
    desk.wait_gone("SMS to");
    desk.send("\r");
    desk.wait_for("tel:+34600000101");
    desk.wait_for("It is added to the history");
    desk.send(ESC);
    desk.wait_for("Ana called +34600000101, outside this desk");
    let noted: (String, String) = world
        .data()
        .query_row("SELECT media, subject FROM session WHERE media = 'voice'", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(noted, ("voice".into(), "+34600000101".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_gateway_killed_while_a_template_waits_sends_it_once() {
    let mut world = World::new(GATEWAY).await;
    let agent = Agent::with_password(&world.http, &world.gateway.url(), "ana").await.unwrap();
    // WhatsApp is busy: the template is written down and waits to be tried again.
    world.graph.script([StubReply::Error(500, 131_000), StubReply::Error(500, 131_000)]);
    let data = json!({"number": "+34600000101", "template": "go_on", "language": "en", "parameters": {"body.1": "Lucia"}});
    let begin = json!({"operationId": "op-1", "data": data});
    let begun = agent.post("/deskline/start-session", begin.clone()).await;
    assert!(matches!(begun, Answer::Done(_)), "{begun:?}");
    world.graph.wait_for(1).await;
    let deferred = "SELECT COUNT(*) FROM event WHERE kind = 'send_deferred'";
    until("the template to wait", async || {
        let count: i64 = world.data().query_row(deferred, [], |row| row.get(0)).unwrap();
        (count > 0).then_some(())
    })
    .await;
    world.kill_and_restart();
    let taken = world.taken().await;
    assert_eq!(
        (taken.template.as_str(), taken.text.as_str()),
        ("go_on", "Hello Lucia, we have an answer to your question. May we go on here?")
    );
    let agent = Agent::with_password(&world.http, &world.gateway.url(), "ana").await.unwrap();
    let again = agent.post("/deskline/start-session", begin).await;
    assert!(matches!(again, Answer::Done(_)), "the repeat is the same act: {again:?}");
    assert_eq!(world.sessions().len(), 1);
}

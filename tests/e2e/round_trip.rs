//! A customer's message on its way to the screen, and the answer on its way back.

use super::pty::{ACCEPT, DONE, Pty};
use super::rig::{NUMBER, Setup, World};
use deskline::text::Clean;
use serde_json::{Value, json};
use std::path::Path;

/// The row of the screen that has a text.
fn row(desk: &Pty, text: &str) -> String {
    let screen = desk.screen();
    screen.lines().find(|line| line.contains(text)).unwrap_or_default().to_owned()
}

async fn answered(gateway: &str, settings: &str) {
    let mut world = World::new(Setup { gateway, ..Setup::default() }).await;
    let mut desk = world.console_at("ana", &world.gateway.url(), settings);
    desk.wait_for("You are Ready");
    world.writes("Lucía Fernández", "34600000101", "Hola, mi pedido no llega 📦").await;
    desk.wait_for("accept F2");
    let offer = row(&desk, "accept F2");
    assert!(offer.contains("Lucía Fernández") && offer.contains("“Hola, mi pedido"), "{offer}");
    let left = offer.split_whitespace().find_map(|word| word.split_once(':'));
    let left = left.and_then(|(minutes, _)| minutes.parse::<u32>().ok());
    assert!(left.is_some_and(|minutes| minutes <= 5), "the countdown: {offer}");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk.wait_for("Hola, mi pedido no llega 📦  ");
    desk.wait_gone("accept F2");

    let reply = "Sí, ¿cuál es el número? 👍";
    desk.write(reply);
    desk.send("\r");
    let taken = world.taken().await;
    assert_eq!((taken.text.as_str(), taken.to.as_str()), (reply, "34600000101"));
    desk.wait_confirmed(reply);
    world.webhooks.status(&taken.wamid, &taken.tracker, "sent", None).await;
    desk.wait_for(" ✓");
    assert!(!desk.shows("✓✓"), "nothing was delivered yet:\n{}", desk.screen());
    let body = |raw| serde_json::from_slice::<Value>(raw).unwrap();
    let bodies: Vec<Value> = world.graph.bodies().iter().map(|raw| body(raw)).collect();
    let texts: Vec<&Value> = bodies.iter().filter(|body| body["type"] == "text").collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!((&texts[0]["text"]["body"], &texts[0]["to"]), (&json!(reply), &json!("+34600000101")));
    assert_eq!(texts[0]["biz_opaque_callback_data"], taken.tracker);
    assert!(!taken.tracker.is_empty());
    world.webhooks.status(&taken.wamid, &taken.tracker, "delivered", None).await;
    desk.wait_for("✓✓");

    desk.send(DONE);
    desk.wait_for("Lucía Fernández is done and saved to history");
    desk.wait_for("No session. You are Ready");
    let ended: Option<i64> =
        world.data().query_row("SELECT ended FROM session", [], |row| row.get(0)).unwrap();
    assert!(ended.is_some());
    let said = [(true, "Hola, mi pedido no llega 📦"), (false, reply)];
    assert_eq!(world.history(), said.map(|(customer, text)| (customer, text.to_owned())));
    assert!(desk.quit().success());
    assert!(world.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_customers_message_is_answered_end_to_end() {
    answered("", "transport = \"websocket\"").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn it_is_answered_just_so_where_the_gateway_refuses_websockets() {
    answered("websocket = false", "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn it_is_answered_just_so_where_the_console_wants_long_polling() {
    answered("", "transport = \"long-polling\"").await;
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A piece of the first line that stands on the screen as it is: plain letters are not reordered.
fn visible(text: &str) -> String {
    let clean = Clean::new(text);
    let line = clean.lines().next().unwrap_or_default().to_owned();
    let start: String = line.chars().take(60).collect();
    let plain = start.split(|c: char| !c.is_ascii_alphanumeric() && c != ' ');
    plain.max_by_key(|part| part.len()).unwrap_or_default().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn each_documented_kind_of_text_is_shown_and_answered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(root.join("tests/fixtures/whatsapp"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    let collected = root.join("../shared/fixtures/whatsapp-cloud/webhooks");
    match std::fs::read_dir(&collected) {
        Ok(found) => files.extend(found.map(|file| file.unwrap().path())),
        Err(_) => eprintln!("without {}: only the project's own samples are sent", collected.display()),
    }
    files.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with("msg-text-"));
    files.sort();
    let mut world = World::new(Setup::default()).await;
    let mut desk = world.ready("ana");
    for (number, file) in files.iter().enumerate() {
        let mut body: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let value = &mut body["entry"][0]["changes"][0]["value"];
        // The examples are of several numbers, and a gateway answers only for its own.
        value["metadata"]["phone_number_id"] = json!(NUMBER);
        let message = &mut value["messages"][0];
        // As if it had been written just now: WhatsApp takes no answer to an old one.
        message["timestamp"] = json!(now().to_string());
        // Examples share ids, and what is known is not taken again.
        message["id"] = json!(format!("wamid.{number}"));
        let text = message["text"]["body"].as_str().unwrap().to_owned();
        let to = message["from"].as_str().map(str::to_owned);
        let to = to.unwrap_or_else(|| value["contacts"][0]["user_id"].as_str().unwrap().to_owned());
        assert_eq!(world.post(&body).await, Some(200), "{}", file.display());
        desk.wait_for("accept F2");
        desk.send(ACCEPT);
        desk.wait_for("to customer");
        let words = visible(&text);
        if words.len() > 3 {
            desk.wait(&format!("{words:?} of {}", file.display()), |screen| {
                screen.contents().contains(&words)
            });
        }
        assert!(!desk.shows("\u{1b}") && !desk.shows("pwned\u{7}"));
        let reply = format!("answer {number}");
        desk.write(&reply);
        desk.send("\r");
        let taken = world.taken().await;
        assert_eq!((taken.text, taken.to), (reply, to), "{}", file.display());
        // What is not confirmed would be asked about.
        desk.wait_confirmed(&format!("answer {number}"));
        desk.send(DONE);
        desk.wait_for("No session.");
    }
    assert!(!files.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn late_answer_is_refused_with_the_reason_and_kept() {
    let world = World::new(Setup::default()).await;
    let mut desk = world.ready("ana");
    let long_ago = (now() - 25 * 3600).to_string();
    let message = json!({"from": "34600000102", "id": "wamid.old", "timestamp": long_ago, "type": "text",
        "text": {"body": "is anybody there"}});
    let contact = json!({"profile": {"name": "Omar"}, "wa_id": "34600000102"});
    let value = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message],
        "metadata": {"display_phone_number": "15550100000", "phone_number_id": NUMBER}});
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]});
    assert_eq!(world.post(&body).await, Some(200));
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("reply window closed");
    desk.write("yes, we are");
    desk.send("\r");
    desk.wait_for("not sent: the customer has not written for 24 hours");
    assert!(desk.shows("› yes, we are"), "it stays where it was written:\n{}", desk.screen());
    assert_eq!(world.graph.bodies().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_customer_who_comes_back_is_read_with_what_was_said_before() {
    let world = World::new(Setup::default()).await;
    let mut desk = world.ready("ana");
    world.writes("Lucía Fernández", "34600000101", "the lamp is broken").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("the lamp is broken  ");
    desk.send(DONE);
    desk.wait_for("waits for an answer");
    desk.send("\r");
    desk.wait_for("No session. You are Ready");
    world.writes("Lucía Fernández", "34600000101", "and now the chair").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("see older messages (1 session)");
    assert!(!desk.shows("the lamp is broken"), "{}", desk.screen());
    desk.send("\x1bp");
    desk.wait_for("handled by Ana Ruiz");
    desk.wait_for("the lamp is broken  ");
    desk.wait_gone("see older messages");
    desk.wait_for("this session");
    assert!(desk.quit().success());
}

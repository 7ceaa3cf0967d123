//! Sessions that agents begin with a template, and templates in sessions that there are.

use super::config::TestConfig;
use super::rig::{World, actor, with_sue};
use deskline::domain::InteractionId;
use deskline::domain::reach::ContactMethod;
use deskline::gateway::writer::api::{
    Address, Command, FilledTemplate, Recipient, Refusal, RequestedState, SendOutcome,
};
use deskline::proto::media::LogQuery;
use deskline::proto::wa;
use serde_json::json;

const DAY: i64 = 24 * 3600;
const NUMBER: &str = "34600000101";

fn without_whatsapp() -> TestConfig {
    with_sue()
        .tables("gateway.grace = 60")
        .queue("sales", "display-name = 'Sales'")
        .agent("ana", "last-name = 'Gil'\ncapacity = 2")
        .agent("kate", "last-name = 'London'")
}

/// Ana and Kate are signed in and not Ready.
async fn world_of(config: TestConfig) -> World {
    let world = World::new(config).await;
    world.sign_in("ana").await;
    world.sign_in("kate").await;
    world
}

async fn with_two() -> World {
    let whatsapp = "{ phone-number-id = '100', display-phone-number = '+1 555 010 0100', queue = 'sales' }";
    world_of(without_whatsapp().tables(&format!("gateway.whatsapp = {whatsapp}"))).await
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
    async fn begin(&self, who: &str, operation: &str, number: &str) -> Result<(), Refusal> {
        let to = Recipient { contact: None, number: Some(number.to_owned()) };
        self.act_as(who, operation, Command::StartSession { to, template: template(), nickname: None }).await
    }

    /// A message of a customer whose name WhatsApp does not give.
    async fn writes_without_name(&self, from: &str, id: &str) {
        self.hook(json!([{"id": id, "from": from, "at": self.now(), "text": "hola"}])).await;
    }
}

fn refused(result: Result<(), Refusal>, words: &str) {
    let refusal = result.unwrap_err();
    assert!(refusal.to_string().contains(words), "{refusal}");
}

#[tokio::test]
async fn a_session_with_a_number_nobody_knows_begins_with_a_template() {
    let mut world = with_two().await;
    world.begin("ana", "op-1", "+34 600-000-101").await.unwrap();
    let dto = world.only_interaction("ana").await;
    assert_eq!((dto.state.as_str(), dto.interaction_type.as_str()), ("Processing", "Outbound"));
    assert_eq!(
        (dto.interaction_subtype.as_str(), dto.user_data.text(wa::NUMBER)),
        ("OutboundNew", Some(NUMBER))
    );
    let sent = world.outbound.recv().await.unwrap();
    assert_eq!(sent.to, Address::WaId("34600000101".into()));
    assert_eq!(*sent.template.unwrap(), template());
    let log = world.log(&dto.id.as_str().into()).await;
    assert_eq!(
        log.iter().map(|entry| entry.kind.as_str()).collect::<Vec<_>>(),
        ["ParticipantJoined", "Text"]
    );
    assert_eq!(log[1].user_data.text(wa::TEMPLATE), Some("go_on"));
    assert_eq!(log[1].user_data.text(wa::OPERATION), Some("op-1"));
    // The first event of the session names the request, so that a console recognises its own.
    let told = world.told.0.lock().unwrap();
    let first =
        told.iter().find(|(_, notice)| notice.data["messageType"] == "InteractionStateChanged").unwrap();
    assert_eq!(
        (&first.1.data["operationId"], &first.1.data["interaction"]["state"]),
        (&"op-1".into(), &"Processing".into())
    );
}

#[tokio::test]
async fn template_status_is_reported_like_that_of_a_text() {
    let mut world = with_two().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let id = world.only("ana").await;
    let sent = world.outbound.recv().await.unwrap();
    world.report(&sent.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&sent.tracker, SendOutcome::Accepted { wamid: "w-out".into() }).await.unwrap();
    let status = |word: &str| json!({"t": "status", "id": "w-out", "tracker": sent.tracker, "word": word});
    let mut failed = status("failed");
    failed["code"] = json!(131_026);
    failed["why"] = json!("not on WhatsApp");
    world.hook(json!([status("sent"), status("delivered"), failed])).await;
    let statuses = world.statuses(&id).await;
    let words: Vec<&str> = statuses.iter().map(|(_, word)| word.as_str()).collect();
    assert_eq!(words, ["sent", "delivered", "failed"]);
    assert_eq!(world.log(&id).await[4].user_data.text(wa::REASON), Some("not on WhatsApp"));
}

#[tokio::test]
async fn answer_to_a_template_joins_the_session_and_opens_the_window() {
    let mut world = with_two().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let id = world.only("ana").await;
    world.outbound.recv().await.unwrap();
    refused(world.says("ana", &id, "hello?").await, "takes only a template");
    world.writes_without_name(NUMBER, "w1").await;
    assert_eq!(world.only("ana").await, id);
    assert!(world.view("kate").await.is_empty());
    world.says("ana", &id, "hello!").await.unwrap();
    let sent = world.outbound.recv().await.unwrap();
    assert_eq!((sent.text.as_str(), sent.template), ("hello!", None));
}

#[tokio::test]
async fn answer_from_other_form_of_number_is_the_same_customer() {
    let mut world = with_two().await;
    world.begin("ana", "op-1", "+55 11 98765-4321").await.unwrap();
    let id = world.only("ana").await;
    assert_eq!(world.outbound.recv().await.unwrap().to, Address::WaId("5511987654321".into()));
    world.writes_without_name("551187654321", "w1").await;
    assert_eq!(world.only("ana").await, id);
    world.says("ana", &id, "oi").await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().to, Address::WaId("551187654321".into()));
}

#[tokio::test]
async fn closed_window_lets_templates_out_and_refuses_free_text() {
    let mut world = with_two().await;
    world.act("ana", Command::SetState(RequestedState::Ready)).await.unwrap();
    world.writes_without_name(NUMBER, "w1").await;
    let id = world.only("ana").await;
    world.act("ana", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    world.pass(DAY - 1).await;
    world.says("ana", &id, "in time").await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "in time");
    world.pass(2).await;
    refused(world.says("ana", &id, "late").await, "takes only a template");
    let command = Command::SendTemplate { id: id.clone(), template: template() };
    world.act_as("ana", "t", command.clone()).await.unwrap();
    world.act_as("ana", "t", command.clone()).await.unwrap();
    assert_eq!(*world.outbound.recv().await.unwrap().template.unwrap(), template());
    assert!(world.outbound.try_recv().is_err(), "a repeat under its name is the same act");
    refused(world.act_as("kate", "t", command.clone()).await, "no session");
    refused(world.act_as("sue", "t", command).await, "only agents");
    world.writes_without_name(NUMBER, "w2").await;
    world.says("ana", &id, "again").await.unwrap();
}

#[tokio::test]
async fn agent_session_allows_free_text_if_customer_wrote_today() {
    let mut world = with_two().await;
    world.act("ana", Command::SetState(RequestedState::Ready)).await.unwrap();
    world.writes_without_name(NUMBER, "w1").await;
    let id = world.only("ana").await;
    world.act("ana", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    world.act("ana", Command::Complete(id.clone())).await.unwrap();
    world.pass(3600).await;
    world.begin("kate", "op", "+34600000101").await.unwrap();
    let dto = world.only_interaction("kate").await;
    assert_ne!(dto.id, id.as_str());
    world.says("kate", &dto.id.as_str().into(), "free").await.unwrap();
    assert!(world.outbound.recv().await.unwrap().template.is_some());
    assert_eq!(world.outbound.recv().await.unwrap().text, "free");
}

#[tokio::test]
async fn a_customer_with_an_open_session_gets_no_second_one() {
    let world = with_two().await;
    world.begin("kate", "op-1", "+34600000101").await.unwrap();
    refused(
        world.begin("ana", "op-2", "0034600000101").await,
        "Kate London has a session with 34600000101 now",
    );
    refused(world.begin("kate", "op-3", "+34600000101").await, "you have a session");
    world.writes_without_name("34600000202", "w1").await;
    refused(world.begin("ana", "op-4", "+34600000202").await, "waits for an agent in Sales");
    assert!(world.view("ana").await.is_empty());
    // Two at once: the store has neither yet.
    let (one, two) =
        tokio::join!(world.begin("ana", "a", "+34600000303"), world.begin("kate", "b", "+34600000303"));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn a_session_is_not_begun_without_room_a_number_or_the_right() {
    let world = with_two().await;
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
    refused(world.act("ana", command).await, "no such contact");
    world.begin("ana", "1", "+34600000101").await.unwrap();
    world.begin("ana", "2", "+34600000102").await.unwrap();
    refused(world.begin("ana", "3", "+34600000103").await, "no free place: 2 sessions of 2");
    let bare = world_of(without_whatsapp()).await;
    refused(bare.begin("ana", "1", "+34600000101").await, "no WhatsApp number");
}

#[tokio::test]
async fn committed_template_is_sent_after_a_kill() {
    let mut world = with_two().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let id = world.only("ana").await;
    // What was on its way is lost with the process.
    world.outbound.close();
    let mut world = world.killed().await;
    let sent = world.outbound.recv().await.unwrap();
    assert_eq!((sent.to, *sent.template.unwrap()), (Address::WaId("34600000101".into()), template()));
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    assert_eq!(world.only("ana").await, id, "the repeat is the same act");
    // Killed while it is being tried: nobody sends it twice.
    world.report(&sent.tracker, SendOutcome::Attempting).await.unwrap();
    let mut world = world.killed().await;
    world.pass(1).await;
    assert!(world.outbound.try_recv().is_err());
}

#[tokio::test]
async fn contact_outside_the_desk_is_in_session_and_history() {
    let world = with_two().await;
    world.begin("ana", "op-1", "+34600000101").await.unwrap();
    let dto = world.only_interaction("ana").await;
    let id: InteractionId = dto.id.as_str().into();
    let note = |address: &str| Command::NoteContact {
        id: id.clone(),
        way: ContactMethod::Mail,
        address: address.to_owned(),
    };
    world.act("ana", note("lucia@example.com")).await.unwrap();
    refused(world.act("ana", note("a\nb")).await, "one line");
    refused(world.act("kate", note("lucia@example.com")).await, "no session");
    let line = world.log(&id).await.pop().unwrap();
    assert_eq!(
        (line.kind.as_str(), line.visibility.as_str(), line.text.as_deref()),
        ("Notice", "Agent", Some("Ana wrote an e-mail to lucia@example.com, outside this desk"))
    );
    let contact = dto.contact_id.unwrap();
    let ana = actor("ana");
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

//! One agent and one customer, and what may happen between them.

use super::config::TestConfig;
use super::rig::{START, World, actor, open, setup, text_to, texts, with_sue};
use bytes::Bytes;
use deskline::domain::message::Visibility;
use deskline::domain::{ContactId, Millis};
use deskline::gateway::hub::{ClientEvent, EventRecipient, Publish};
use deskline::gateway::writer::api::{
    Address, AfterLeave, Command, Outgoing, Refusal, RequestedState, SendOutcome,
};
use deskline::gateway::writer::{Clock, start};
use deskline::proto::media::LogQuery;
use deskline::proto::wa;
use deskline::store::{Batch, Sqlite, Store};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;

fn config() -> TestConfig {
    with_sue()
        .tables("gateway = { unknown-outcome-wait = 60, grace = 60, contact-lookup = false }")
        .queue("sales", "display-name = 'Sales'")
        .agent("ana", "capacity = 4")
        .agent("ben", "capacity = 4")
}

#[tokio::test]
async fn whole_session_then_the_next_finds_the_same_agent() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hola").await;
    let id = world.only("ana").await;
    let offered = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
    assert_eq!((offered.state.as_str(), offered.capabilities.join(",")), ("Invited", "accept,reject".into()));
    assert_eq!(offered.user_data.text(wa::PREVIEW), Some("hola"));
    assert_eq!(offered.user_data.number(wa::ACCEPT_LEFT), Some(30_000));
    assert_eq!(offered.user_data.text(wa::ORIGIN), Some("Sales"));

    world.accepted("ana").await;
    world.says("ana", &id, "buenas").await.unwrap();
    let out = world.outbound.recv().await.unwrap();
    assert_eq!((out.to.clone(), out.text.as_str()), (Address::WaId("15550142".into()), "buenas"));
    world.report(&out.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&out.tracker, SendOutcome::Accepted { wamid: "ours1".into() }).await.unwrap();
    world.hook(json!([{"t": "status", "id": "ours1", "word": "delivered"}])).await;
    assert_eq!(world.statuses(&id).await, [(3, "delivered".to_owned())]);

    let active = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
    assert_eq!(active.state, "Processing");
    let chat = active.chat.unwrap();
    assert!(chat.is_async_mode && chat.participants.len() == 2 && chat.my_participant_id.is_some());
    assert_eq!(active.user_data.text(wa::WAITING_SINCE), None);

    world.act("ana", Command::Complete(id.clone())).await.unwrap();
    assert_eq!(world.sessions("ana").await, []);
    assert_eq!(texts(&world.log(&id).await), ["hola", "buenas"]);
    let told = world.told_to("ana");
    let start = told.iter().position(|what| what == "Invited").unwrap();
    assert_eq!(
        told[start..],
        [
            "Invited",
            "Processing",
            "Text",
            "ParticipantsUpdated",
            "ParticipantJoined",
            "Text",
            "PropertiesUpdated",
            "CustomNotice",
            "Completed"
        ]
    );

    world.ready("ben").await;
    world.writes("15550142", "w2", "otra cosa").await;
    assert_ne!(world.only("ana").await, id, "a new session, for the same agent");
    assert_eq!(world.sessions("ben").await, []);
}

#[tokio::test]
async fn earlier_sessions_are_only_for_who_serves_the_customer() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hola").await;
    let first = world.accepted("ana").await;
    world.says("ana", &first, "buenas").await.unwrap();
    world.act("ana", Command::Complete(first.clone())).await.unwrap();
    let ended = Millis(world.now());
    world.pass(3600).await;
    world.writes("15550142", "w2", "hola otra vez").await;
    let second = world.accepted("ana").await;
    let dto = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
    let contact = ContactId::from(dto.contact_id.unwrap());
    let ask = |who: &str, since| world.writer.history(actor(who), contact.clone(), since, None);

    let all = ask("ana", None).await.unwrap();
    assert_eq!(all.iter().map(|past| past.id.clone()).collect::<Vec<_>>(), [second.clone(), first.clone()]);
    assert_eq!((all[0].ended, all[1].ended), (None, Some(ended)));
    assert_eq!(all[1].agent, Some("ana".into()));
    let recent = ask("sue", Some(Millis(ended.0 + 1))).await.unwrap();
    assert_eq!(recent.iter().map(|past| past.id.clone()).collect::<Vec<_>>(), [second]);
    assert!(matches!(ask("ben", None).await, Err(Refusal::Forbidden(_))));
    assert_eq!(
        texts(&world.writer.messages(actor("ana"), first, LogQuery::default()).await.unwrap().messages),
        ["hola", "buenas"]
    );
}

#[tokio::test]
async fn a_webhook_that_comes_twice_changes_nothing() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    let told = world.told_to("ana").len();
    world.writes("1", "w1", "hello").await;
    assert_eq!(texts(&world.log(&id).await), ["hello"]);
    assert_eq!(world.told_to("ana").len(), told);
    let world = world.killed().await;
    world.writes("1", "w1", "hello").await;
    assert_eq!(texts(&world.log(&id).await), ["hello"]);
}

#[tokio::test]
async fn statuses_may_come_in_any_order_twice_early_and_late() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    world.says("ana", &id, "hi").await.unwrap();
    let out = world.outbound.recv().await.unwrap();
    world.report(&out.tracker, SendOutcome::Attempting).await.unwrap();
    // Overtakes WhatsApp's answer, and does not bring our name for it.
    world.hook(json!([{"t": "status", "id": "o1", "word": "sent"}])).await;
    assert_eq!(world.statuses(&id).await, []);
    world.report(&out.tracker, SendOutcome::Accepted { wamid: "o1".into() }).await.unwrap();
    let both = json!([{"t": "status", "id": "o1", "word": "read"}, {"t": "status", "id": "o1", "word": "delivered"}]);
    world.hook(both.clone()).await;
    world.hook(both).await;
    world.hook(json!([{"t": "status", "id": "o1", "word": "warmly-received"}])).await;
    world.hook(json!([{"t": "status", "id": "never-heard-of", "word": "read"}])).await;
    let words: Vec<String> = world.statuses(&id).await.into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["sent", "read", "delivered", "warmly-received"]);
    world.act("ana", Command::Complete(id.clone())).await.unwrap();
    world.hook(json!([{"t": "status", "id": "o1", "word": "played"}])).await;
    assert_eq!(world.statuses(&id).await.len(), 5, "a status of a session that is over is kept with it");
}

#[tokio::test]
async fn a_late_accept_is_told_it_is_gone_and_the_next_agent_has_it() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.only("ana").await;
    world.ready("ben").await;
    world.pass(31).await;
    let late = world.act("ana", Command::Accept { id: id.clone(), nickname: None }).await.unwrap_err();
    assert_eq!(late.http_status(), 410, "{late}");
    assert!(late.to_string().contains("not answered in time"), "{late}");
    assert_eq!(world.only("ben").await, id);
    let channel = world.writer.session("ana".into()).await.unwrap().channel;
    assert_eq!((channel.state.as_str(), channel.reasons.text("ReasonCode")), ("NotReady", Some("no answer")));
    assert!(world.told_to("ana").contains(&"Revoked".to_owned()));
}

#[tokio::test]
async fn a_repeated_request_is_done_once_even_after_a_restart() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    let op = Some("op-1".into());
    for _ in 0..3 {
        world.writer.act(actor("ana"), op.clone(), text_to(&id, "once")).await.unwrap();
    }
    let world = world.killed().await;
    world.writer.act(actor("ana"), op.clone(), text_to(&id, "once")).await.unwrap();
    let log = world.log(&id).await;
    assert_eq!(texts(&log), ["hello", "once"]);
    assert_eq!(log.last().unwrap().user_data.text(wa::OPERATION), Some("op-1"));
    // A day later the name is forgotten, and a message is a message.
    world.pass(3600 * 23).await;
    world.writes("1", "w2", "still here").await;
    world.pass(3600 * 2).await;
    world.ready("ana").await;
    let id = world.only("ana").await;
    let _ = world.act("ana", Command::Accept { id: id.clone(), nickname: None }).await;
    world.writer.act(actor("ana"), Some("op-2".into()), text_to(&id, "two")).await.unwrap();
    world.writer.act(actor("ana"), op, text_to(&id, "again")).await.unwrap();
    assert_eq!(texts(&world.log(&id).await).last(), Some(&"again"));
}

#[tokio::test]
async fn what_whatsapp_would_refuse_is_refused_with_a_sentence() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.only("ana").await;
    assert_eq!(world.says("ana", &id, "hi").await.unwrap_err().http_status(), 409, "not accepted yet");
    world.accepted("ana").await;
    assert_eq!(world.says("ana", &id, " \n").await.unwrap_err().http_status(), 400);
    let long = world.says("ana", &id, &"é".repeat(4097)).await.unwrap_err();
    assert!(long.http_status() == 400 && long.to_string().contains("4097"), "{long}");
    world.says("ana", &id, &"é".repeat(4096)).await.unwrap();
    assert_eq!(world.says("ben", &id, "hi").await.unwrap_err().http_status(), 404);
    assert_eq!(world.says("sue", &id, "hi").await.unwrap_err().http_status(), 403);
    world.pass(24 * 3600).await;
    let closed = world.says("ana", &id, "too late").await.unwrap_err();
    assert!(closed.http_status() == 409 && closed.to_string().contains("24 hours"), "{closed}");
    let what = Outgoing::Text("a note".into());
    let note = Command::Send { id: id.clone(), what, visibility: Visibility::Agent };
    world.act("ana", note).await.unwrap();
    world.act("ana", Command::Complete(id.clone())).await.unwrap();
    let over = world.says("ana", &id, "x").await.unwrap_err();
    assert!(over.http_status() == 410 && over.to_string().contains("is over"), "{over}");
}

#[tokio::test]
async fn notes_and_typing_never_reach_whatsapp() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    let before = world.writer.status().await.unwrap().events;
    world.act("ana", Command::Typing { id: id.clone(), started: true }).await.unwrap();
    assert_eq!(world.writer.status().await.unwrap().events, before);
    let what = Outgoing::Text("between us".into());
    world.act("ana", Command::Send { id: id.clone(), what, visibility: Visibility::Agent }).await.unwrap();
    world.says("ana", &id, "for all").await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "for all");
}

#[tokio::test]
async fn kill_resends_the_unsent_and_never_the_half_sent() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    for text in ["one", "two", "three"] {
        world.says("ana", &id, text).await.unwrap();
    }
    let one = world.outbound.recv().await.unwrap();
    let two = world.outbound.recv().await.unwrap();
    world.report(&one.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&two.tracker, SendOutcome::Attempting).await.unwrap();

    let mut world = world.killed().await;
    let three = world.outbound.recv().await.unwrap();
    assert_eq!(three.text, "three");
    world.report(&three.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&three.tracker, SendOutcome::Accepted { wamid: "o3".into() }).await.unwrap();
    // WhatsApp had taken the second one after all.
    world.pass(30).await;
    let word = json!([{"t": "status", "id": "o2", "tracker": two.tracker, "word": "delivered"}]);
    world.hook(word).await;
    world.pass(31).await;
    assert!(world.outbound.try_recv().is_err(), "nothing is sent again");
    assert_eq!(world.statuses(&id).await, [(4, "delivered".to_owned()), (3, "failed".to_owned())]);
    let log = world.log(&id).await;
    assert!(log.last().unwrap().user_data.text(wa::REASON).unwrap().contains("not confirmed"));
    let again = world.report(&one.tracker, SendOutcome::Attempting).await.unwrap_err();
    assert_eq!(again.http_status(), 409);
    let mut world = world.killed().await;
    world.pass(1).await;
    assert!(world.outbound.try_recv().is_err());
}

#[tokio::test]
async fn failed_reply_makes_the_customer_wait_since_the_first_word() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let since = world.writer.live(None).await.unwrap().sessions[0].waiting_since.clone().unwrap();
    let id = world.accepted("ana").await;
    world.pass(5).await;
    world.says("ana", &id, "one").await.unwrap();
    let waits =
        async |world: &World| world.writer.live(None).await.unwrap().sessions[0].waiting_since.clone();
    assert_eq!(waits(&world).await, None);
    let one = world.outbound.recv().await.unwrap();
    world.report(&one.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&one.tracker, SendOutcome::Failed { code: 131_026, reason: "no".into() }).await.unwrap();
    assert_eq!(waits(&world).await.as_ref(), Some(&since));
    // WhatsApp accepts the next one and reports later that it did not arrive.
    world.says("ana", &id, "two").await.unwrap();
    let two = world.outbound.recv().await.unwrap();
    world.report(&two.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&two.tracker, SendOutcome::Accepted { wamid: "o2".into() }).await.unwrap();
    assert_eq!(waits(&world).await, None);
    world.hook(json!([{"t": "status", "id": "o2", "word": "failed", "at": world.now()}])).await;
    assert_eq!(waits(&world).await.as_ref(), Some(&since));
    let world = world.killed().await;
    assert_eq!(waits(&world).await.as_ref(), Some(&since), "the log says it after a restart");
    world.hook(json!([{"t": "status", "id": "o2", "word": "delivered", "at": world.now()}])).await;
    assert_eq!(waits(&world).await, None, "it arrived on another device");
}

#[tokio::test]
async fn deferred_send_is_tried_again_after_a_restart() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    world.says("ana", &id, "one").await.unwrap();
    let one = world.outbound.recv().await.unwrap();
    world.report(&one.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&one.tracker, SendOutcome::Deferred).await.unwrap();
    world.pass(1).await;
    assert!(world.outbound.try_recv().is_err(), "the sender that has it tries it itself");
    let mut world = world.killed().await;
    assert_eq!(world.outbound.recv().await.unwrap(), one);
}

#[tokio::test]
async fn a_restart_resumes_sessions_offers_and_states() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "first").await;
    let id = world.accepted("ana").await;
    let data = [("Topic", "billing")].into_iter().collect();
    world.act("ana", Command::SetUserData { id: id.clone(), data }).await.unwrap();
    world.act("ana", Command::SetComment { id: id.clone(), comment: "nice".into() }).await.unwrap();
    world.writes("2", "w2", "second").await;
    let before = world.writer.session("ana".into()).await.unwrap();
    let log = world.log(&id).await;
    assert_eq!(before.interactions.len(), 2);
    let world = world.killed().await;
    assert_eq!(world.writer.session("ana".into()).await.unwrap(), before);
    assert_eq!(world.log(&id).await, log);
    // Who does not come back is gone: offers go on at once, sessions after the grace.
    world.ready("ben").await;
    world.pass(11).await;
    assert_eq!(world.sessions("ana").await, [(id.clone(), "Processing".to_owned())]);
    assert_eq!(world.sessions("ben").await.len(), 1);
    world.pass(61).await;
    assert_eq!(world.sessions("ana").await, []);
    assert_eq!(world.log(&id).await.last().unwrap().kind, "ParticipantLeft");
    let gone = world.says("ana", &id, "am I late?").await.unwrap_err();
    assert_eq!(gone.http_status(), 410, "{gone}");
}

#[tokio::test]
async fn a_short_break_moves_nothing() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "first").await;
    let id = world.accepted("ana").await;
    world.presence("ana", false).await;
    world.pass(20).await;
    world.presence("ana", true).await;
    world.pass(120).await;
    assert_eq!(world.only("ana").await, id);
    world.says("ana", &id, "back").await.unwrap();
}

#[tokio::test]
async fn a_write_that_fails_is_refused_and_nothing_was_done() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    let before = (world.writer.session("ana".into()).await.unwrap(), world.log(&id).await);
    let told = world.told_to("ana").len();
    world.full.store(true, Ordering::SeqCst);
    let refused = world.writer.act(actor("ana"), Some("op".into()), text_to(&id, "x")).await.unwrap_err();
    assert_eq!(refused.http_status(), 500);
    assert!(refused.to_string().contains("nothing was done"), "{refused}");
    assert!(world.writer.webhook(Bytes::from_static(b"[]")).await.is_err());
    world.writer.presence("ben".into(), true).await;
    world.full.store(false, Ordering::SeqCst);
    assert_eq!((world.writer.session("ana".into()).await.unwrap(), world.log(&id).await), before);
    assert_eq!(world.told_to("ana").len(), told);
    // The same request, made again, is not taken for one that was done.
    world.writer.act(actor("ana"), Some("op".into()), text_to(&id, "x")).await.unwrap();
    assert_eq!(texts(&world.log(&id).await), ["hello", "x"]);
}

#[tokio::test]
async fn two_gateways_never_share_a_folder() {
    let world = World::new(config()).await;
    let error = Sqlite::open(world.dir.path()).unwrap_err();
    assert!(error.to_string().contains("another gateway"), "{error}");
}

#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let store = Sqlite::open(&data).unwrap();
    store.append(Batch { webhooks: vec![Bytes::from_static(b"x")], ..Batch::default() }).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in std::fs::read_dir(&data).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn what_staff_write_on_the_phone_counts_as_an_answer() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    world.hook(json!([{"t": "echo", "id": "e1", "from": "1", "text": "from the shop"}])).await;
    let view = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
    assert_eq!(view.user_data.text(wa::WAITING_SINCE), None);
    let log = world.log(&id).await;
    assert_eq!(
        (log.last().unwrap().from.kind.as_str(), texts(&log).last()),
        ("Agent", Some(&"from the shop"))
    );
    world.hook(json!([{"t": "echo", "id": "e2", "from": "9", "text": "to somebody else"}])).await;
    assert_eq!(world.writer.status().await.unwrap().open, 1);
}

#[tokio::test]
async fn a_reaction_is_about_its_message_wherever_that_is() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    world.act("ana", Command::Complete(id.clone())).await.unwrap();
    world.hook(json!([{"t": "react", "id": "r1", "from": "1", "of": "w1", "text": "👍"}])).await;
    let log = world.log(&id).await;
    let last = log.last().unwrap();
    assert_eq!((last.user_data.text(wa::KIND), last.user_data.number(wa::OF)), (Some("reaction"), Some(1)));
    assert_eq!(world.writer.status().await.unwrap().open, 0, "a reaction begins no session");
    world.hook(json!([{"t": "react", "id": "r2", "from": "1", "of": "lost", "text": "👍"}])).await;
    assert_eq!(world.writer.status().await.unwrap().open, 0, "nor does one that fits nowhere");
}

#[tokio::test]
async fn a_customer_is_one_by_any_name_and_two_are_never_made_one() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.hook(json!([{"id": "w1", "from": "1", "user": "BR.1", "text": "both names"}])).await;
    world.hook(json!([{"id": "w2", "user": "BR.1", "text": "only the id"}])).await;
    let id = world.accepted("ana").await;
    assert_eq!(texts(&world.log(&id).await), ["both names", "only the id"]);
    world.hook(json!([{"id": "w3", "user": "BR.2", "text": "another"}])).await;
    assert_eq!(world.writer.status().await.unwrap().open, 2);
    let events = world.writer.status().await.unwrap().events;
    world.hook(json!([{"id": "w4", "from": "1", "user": "BR.2", "text": "mixed"}])).await;
    assert_eq!(world.writer.status().await.unwrap().open, 2);
    let flagged = world.writer.status().await.unwrap().events - events;
    world.hook(json!([{"id": "w5", "from": "1", "user": "BR.2", "text": "mixed"}])).await;
    let quiet = world.writer.status().await.unwrap().events - events - flagged;
    assert_eq!(flagged, quiet + 1, "the conflict is flagged once");
}

#[tokio::test]
async fn who_leaves_gives_the_session_back_or_ends_it() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    world.ready("ben").await;
    world.act("ana", Command::SetState(RequestedState::NotReady(Some("L".into())))).await.unwrap();
    world.act("ana", Command::Leave(id.clone(), AfterLeave::KeepAlive)).await.unwrap();
    assert_eq!(world.sessions("ana").await, []);
    assert_eq!(world.accepted("ben").await, id);
    world.act("ben", Command::Leave(id.clone(), AfterLeave::CloseIfNoAgents)).await.unwrap();
    assert_eq!(world.writer.status().await.unwrap().open, 0);
    assert!(world.told_to("ben").contains(&"Completed".to_owned()));
    assert!(world.writer.why(id).await.is_err());
}

#[tokio::test]
async fn a_late_subscriber_is_told_what_there_is() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    world.accepted("ana").await;
    world.writes("2", "w2", "second").await;
    world.writer.replay("ana".into(), "c1".into(), deskline::proto::channel::MEDIA).await;
    world.writer.replay("ana".into(), "c1".into(), deskline::proto::channel::WHATSAPP).await;
    world.writer.status().await.unwrap();
    let told = world.told.0.lock().unwrap();
    let mine = told.iter().filter(|(to, _)| *to == EventRecipient::Client("c1".into()));
    let kinds: Vec<_> = mine.map(|(_, notice)| notice.data["messageType"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["ChannelStateChanged", "InteractionStateChanged", "InteractionStateChanged", "MessageLogUpdated"]
    );
}

/// Passes on what is published, with the moment.
struct Passed(mpsc::UnboundedSender<(tokio::time::Instant, ClientEvent)>);

impl Publish for Passed {
    fn publish(&self, _: &EventRecipient, notice: ClientEvent) {
        let _ = self.0.send((tokio::time::Instant::now(), notice));
    }
}

#[tokio::test(start_paused = true)]
async fn an_offer_lapses_by_itself_when_nobody_asks_anything() {
    let dir = TempDir::new().unwrap();
    let store: Arc<dyn Store> = Arc::new(open(dir.path()).await);
    let (passed, mut told) = mpsc::unbounded_channel();
    let begin = tokio::time::Instant::now();
    let clock: Clock = Arc::new(move || Millis(START).plus(begin.elapsed()));
    let (sender, _outbound) = mpsc::channel(4);
    let mut quick = setup(config());
    quick.router.queues[0].accept_timeout = Duration::from_secs(7);
    let (writer, _task) = start(quick, store, Arc::new(Passed(passed)), sender, clock).await.unwrap();
    writer.act(actor("ana"), None, Command::Activate).await.unwrap();
    writer.act(actor("ana"), None, Command::SetState(RequestedState::Ready)).await.unwrap();
    writer.webhook(Bytes::from(json!([{"id": "w1", "from": "1", "text": "x"}]).to_string())).await.unwrap();
    // No timer but the writer's own runs here, so time moves only to where the writer wants to wake.
    loop {
        let (at, notice) = told.recv().await.unwrap();
        if notice.data["interaction"]["state"] == "Revoked" {
            let after = at.duration_since(begin);
            assert!(after >= Duration::from_secs(7) && after < Duration::from_secs(8), "{after:?}");
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeated_kills_lose_and_double_no_message() {
    const MESSAGES: usize = 1000;
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let mut open: Vec<usize> = (0..MESSAGES).collect();
    let mut kills = 0;
    while !open.is_empty() {
        let burst: Vec<usize> = open.iter().copied().take(60).collect();
        let (answers, mut answered) = mpsc::channel(64);
        for number in burst {
            let (writer, answers) = (world.writer.clone(), answers.clone());
            let from = (number % 7).to_string();
            let body = json!([{"id": format!("w{number}"), "from": from, "text": number.to_string()}]);
            tokio::spawn(async move {
                if writer.webhook(Bytes::from(body.to_string())).await.is_ok() {
                    let _ = answers.send(number).await;
                }
            });
        }
        drop(answers);
        // Killed after so many answers, with the rest anywhere between the wire and the disk.
        let limit = random(80);
        let mut done = BTreeSet::new();
        while done.len() < limit as usize {
            match answered.recv().await {
                Some(number) => done.insert(number),
                None => break,
            };
        }
        world = world.killed().await;
        kills += 1;
        while let Some(number) = answered.recv().await {
            done.insert(number);
        }
        open.retain(|number| !done.contains(number));
    }
    assert!(kills > 10);
    let board = world.writer.status().await.unwrap();
    assert_eq!(board.open, 7, "one session for each customer");
    world.ready("ana").await;
    world.ready("ben").await;
    let mut seen = Vec::new();
    for who in ["ana", "ben"] {
        for (id, _) in world.sessions(who).await {
            for entry in world.log(&id).await.iter().filter(|entry| entry.kind == "Text") {
                seen.push(entry.text.clone().unwrap().parse::<usize>().unwrap());
            }
        }
    }
    assert_eq!(world.sessions("ana").await.len() + world.sessions("ben").await.len(), 7, "none owned twice");
    seen.sort_unstable();
    assert_eq!(seen, (0..MESSAGES).collect::<Vec<_>>());
}

#[tokio::test]
async fn repeated_kills_keep_each_answer_exactly_once() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    let mut taken = Vec::new();
    for number in 0..60 {
        let operation = Some(format!("op-{number}").into());
        let text = number.to_string();
        let (writer, command) = (world.writer.clone(), text_to(&id, &text));
        let asked = tokio::spawn(async move { writer.act(actor("ana"), operation, command).await });
        if number % 5 == 0 {
            // The answer is lost on the way; whoever asked asks again.
            tokio::task::yield_now().await;
            world = world.killed().await;
            let _ = asked.await.unwrap();
            let operation = Some(format!("op-{number}").into());
            world.writer.act(actor("ana"), operation, text_to(&id, &text)).await.unwrap();
        } else {
            asked.await.unwrap().unwrap();
        }
        let sent = world.outbound.recv().await.unwrap();
        world.report(&sent.tracker, SendOutcome::Attempting).await.unwrap();
        world.report(&sent.tracker, SendOutcome::Accepted { wamid: format!("o{number}") }).await.unwrap();
        taken.push(sent.text);
    }
    let expected: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    assert_eq!(taken, expected, "given to WhatsApp once and in order");
    assert_eq!(texts(&world.log(&id).await)[1..], expected);
}

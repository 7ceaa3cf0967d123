//! What administrators are notified of about the account at WhatsApp.

use super::config::TestConfig;
use super::rig::{World, with_sue};
use deskline::config::schema::Config;
use deskline::gateway::feed::Organization;
use deskline::gateway::writer::api::{Command, SendOutcome};
use deskline::proto::watch::Filter;
use serde_json::{Value, json};
use std::time::Duration;

fn config() -> TestConfig {
    with_sue()
        .queue("sales", "")
        .agent("ana", "")
        .agent("sue", "oversees = ['Nobody']")
        .agent("adm", "role = 'administrator'")
}

fn webhook(field: &str, value: &Value) -> Value {
    json!([{"t": "account", "field": field, "value": value}])
}

/// What a person was sent about the account: topic and standing.
fn told(world: &World, who: &str) -> Vec<String> {
    let told = world.told.0.lock().unwrap();
    let to = deskline::gateway::hub::EventRecipient::Agent(who.into());
    let mine = told
        .iter()
        .filter(|(recipient, notice)| *recipient == to && notice.data["messageType"] == "wa.AccountChanged");
    mine.map(|(_, notice)| {
        let part = |key: &str| notice.data[key].as_str().unwrap().to_owned();
        format!("{}: {}", part("topic"), part("standing"))
    })
    .collect()
}

fn troubles(world: &World) -> Vec<String> {
    world.writer.account().borrow().troubles.iter().map(|trouble| trouble.change.topic.clone()).collect()
}

/// Sends a message of Ana's with this outcome at WhatsApp.
async fn sent(world: &mut World, outcome: SendOutcome) {
    let id = world.only("ana").await;
    world.says("ana", &id, "buenas").await.unwrap();
    let out = world.outbound.recv().await.unwrap();
    world.report(&out.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&out.tracker, outcome).await.unwrap();
}

#[tokio::test]
async fn an_account_restriction_reaches_whoever_oversees_once() {
    let world = World::new(config()).await;
    let value = json!({"event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}]});
    for _ in 0..3 {
        world.hook(webhook("account_update", &value)).await;
    }
    for who in ["sue", "adm"] {
        assert_eq!(told(&world, who), ["account: trouble"], "{who}");
    }
    assert!(told(&world, "ana").is_empty(), "agents have their own work");
    assert_eq!(troubles(&world), ["account"]);
    // It is in the feed and in the monitor of every supervisor, whatever groups they supervise.
    let organization = Organization::from_config(&Config::from(config()).gateway);
    let (watch, _follow) = world.watch(organization).await;
    let page = watch.feed(&"sue".into(), &Filter::default(), 0, 50, Duration::from_secs(20)).await.unwrap();
    let events: Vec<&str> = page.entries.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(events, ["account.trouble"]);
    let live = watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap();
    assert!(live.alerts[0].text.contains("restriction type RESTRICTED_BIZ_INITIATED_MESSAGING"));
    // The end is reported once too, and wakes a monitor that waits.
    let sue = "sue".into();
    let waiting = watch.live(&sue, Some(live.next), Duration::from_secs(20));
    let over = world.hook(webhook("account_update", &json!({"event": "VERIFIED_ACCOUNT"})));
    let (page, ()) = tokio::join!(waiting, over);
    assert!(page.unwrap().alerts.is_empty());
    assert_eq!(told(&world, "adm"), ["account: trouble", "account: over"]);
}

#[tokio::test]
async fn the_same_news_is_reported_once_a_day() {
    let mut world = World::new(config()).await;
    let hook = webhook("security", &json!({"event": "PIN_CHANGED"}));
    for _ in 0..2 {
        world.hook(hook.clone()).await;
    }
    assert_eq!(told(&world, "sue"), ["security: news"]);
    world = world.killed().await;
    world.hook(hook.clone()).await;
    assert!(told(&world, "sue").is_empty(), "the event log remembers it");
    world.pass(25 * 3600).await;
    world.hook(hook).await;
    assert_eq!(told(&world, "sue"), ["security: news"]);
}

#[tokio::test]
async fn an_expired_token_is_told_once_and_so_is_its_end() {
    let mut world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hola").await;
    world.accepted("ana").await;
    let expired = || SendOutcome::Failed { code: 190, reason: "expired".to_owned() };
    sent(&mut world, expired()).await;
    sent(&mut world, expired()).await;
    assert_eq!(told(&world, "sue"), ["send access: trouble"]);
    sent(&mut world, SendOutcome::Failed { code: 131_026, reason: "not on WhatsApp".to_owned() }).await;
    assert_eq!(
        troubles(&world),
        ["send access"],
        "a message that failed for itself says nothing of the token"
    );
    // A stop in between loses nothing.
    let mut world = world.killed().await;
    assert_eq!(troubles(&world), ["send access"]);
    world.presence("ana", true).await;
    sent(&mut world, SendOutcome::Accepted { wamid: "o1".to_owned() }).await;
    sent(&mut world, SendOutcome::Accepted { wamid: "o2".to_owned() }).await;
    assert_eq!(told(&world, "sue"), ["send access: over"]);
    assert!(troubles(&world).is_empty());
}

#[tokio::test]
async fn who_signs_in_later_hears_what_is_in_trouble() {
    let world = World::new(config()).await;
    let paused = json!({"event": "PAUSED", "message_template_name": "t", "message_template_language": "en"});
    world.hook(webhook("message_template_status_update", &paused)).await;
    world.writer.replay("adm".into(), "c1".into(), deskline::proto::channel::WHATSAPP).await;
    world.writer.replay("ana".into(), "c2".into(), deskline::proto::channel::WHATSAPP).await;
    world.writer.status().await.unwrap();
    let told = world.told.0.lock().unwrap();
    let clients: Vec<String> = told
        .iter()
        .filter(|(_, notice)| notice.data["messageType"] == "wa.AccountChanged")
        .filter_map(|(to, _)| match to {
            deskline::gateway::hub::EventRecipient::Client(client) => Some(client.to_string()),
            deskline::gateway::hub::EventRecipient::Agent(_) => None,
        })
        .collect();
    assert_eq!(clients, ["c1"]);
}

#[tokio::test]
async fn a_restriction_with_an_end_is_over_by_itself() {
    let world = World::new(config()).await;
    let until = world.now() / 1000 + 3600;
    let value = json!({"event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": "X", "expiration": until}]});
    world.hook(webhook("account_update", &value)).await;
    let now = |world: &World| deskline::domain::Millis(world.now());
    assert_eq!(world.writer.account().borrow().current(now(&world)).count(), 1);
    world.pass(3601).await;
    assert_eq!(world.writer.account().borrow().current(now(&world)).count(), 0);
    world.act("ana", Command::Activate).await.unwrap();
}

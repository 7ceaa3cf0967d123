//! ReadState the past beside the writer, and logs in parts.

use super::config::TestConfig;
use super::rig::{World, actor, texts, with_sue};
use bytes::Bytes;
use deskline::domain::InteractionId;
use deskline::domain::profile::AttributeValue;
use deskline::gateway::writer::api::{Command, Refusal};
use deskline::gateway::writer::model::contact::ContactCommand;
use deskline::proto::contact::{AttributeChange, Query, ValueChange};
use deskline::proto::media::{LogPage, LogQuery};
use deskline::store::ContactLookup;
use serde_json::json;

fn config() -> TestConfig {
    with_sue().queue("sales", "").agent("ana", "capacity = 4")
}

/// Ana has a session; an earlier one of the same customer is over.
async fn two_sessions() -> (World, InteractionId, InteractionId) {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hola").await;
    let over = world.accepted("ana").await;
    world.act("ana", Command::Complete(over.clone())).await.unwrap();
    world.writes("15550142", "w2", "otra vez").await;
    let live = world.accepted("ana").await;
    (world, over, live)
}

fn everybody() -> ContactLookup {
    ContactLookup::Search { query: Query::parse("*").unwrap(), start: 0, limit: 50 }
}

#[tokio::test]
async fn a_blocked_reader_delays_no_message_and_no_contact_act() {
    let (world, over, live) = two_sessions().await;
    let contact =
        world.writer.session("ana".into()).await.unwrap().interactions[0].contact_id.clone().unwrap();
    let blocked = world.reading.write().await;
    let writer = &world.writer;
    let reads = async {
        tokio::join!(
            writer.look(everybody()),
            writer.history(actor("ana"), contact.as_str().into(), None, None),
            writer.messages(actor("ana"), over.clone(), LogQuery::default()),
            writer.suggest(actor("ana"), live.clone()),
        )
    };
    let acts = async {
        world.says("ana", &live, "buenas").await.unwrap();
        let changes = vec![AttributeChange {
            name: "FirstName".into(),
            turn: ValueChange::Set(vec![AttributeValue::plain("Karim")]),
            was: None,
        }];
        let act = ContactCommand::Update { id: contact.as_str().into(), changes };
        writer.contact(actor("ana"), None, act).await.unwrap();
        drop(blocked);
    };
    // The reads are requested first and can only be answered when the commands are.
    let ((looked, past, log, suggested), ()) = tokio::join!(biased; reads, acts);
    assert_eq!(looked.unwrap().total, 1);
    assert_eq!(past.unwrap().len(), 2);
    assert_eq!(texts(&log.unwrap().messages), ["hola"]);
    assert!(suggested.is_ok());
}

#[tokio::test]
async fn who_reads_after_a_change_was_answered_sees_it() {
    let (world, _, live) = two_sessions().await;
    let contact =
        world.writer.session("ana".into()).await.unwrap().interactions[0].contact_id.clone().unwrap();
    for round in 0..20 {
        let name = format!("Karim{round}");
        let value = vec![AttributeValue::plain(name.as_str())];
        let changes =
            vec![AttributeChange { name: "FirstName".into(), turn: ValueChange::Set(value), was: None }];
        let act = ContactCommand::Update { id: contact.as_str().into(), changes };
        world.writer.contact(actor("ana"), None, act).await.unwrap();
        let query = Query::parse(&name.to_lowercase()).unwrap();
        let found = world.writer.look(ContactLookup::Search { query, start: 0, limit: 5 }).await.unwrap();
        assert_eq!(found.total, 1, "{name}");
    }
    world.act("ana", Command::Complete(live.clone())).await.unwrap();
    let log = world.writer.messages(actor("ana"), live, LogQuery::default()).await.unwrap();
    assert_eq!(texts(&log.messages), ["otra vez"]);
    let past = world.writer.history(actor("sue"), contact.as_str().into(), None, None).await.unwrap();
    assert!(past.iter().all(|one| one.ended.is_some()), "{past:?}");
}

fn indexes(page: &LogPage) -> Vec<u64> {
    page.messages.iter().map(|entry| entry.index).collect()
}

#[tokio::test]
async fn a_log_is_read_in_parts_both_ways_live_and_over() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    let words = |n: usize| json!({"id": format!("w{n}"), "from": "15550142", "text": format!("m{n}")});
    world.hook((0..40).map(words).collect()).await;
    let id = world.accepted("ana").await;
    let last = world.log(&id).await.last().unwrap().index;
    for step in ["live", "over"] {
        let read = |query| world.writer.messages(actor("ana"), id.clone(), query);
        let newest = read(LogQuery { limit: Some(15), ..LogQuery::default() }).await.unwrap();
        assert_eq!(indexes(&newest), (last - 14..=last).collect::<Vec<_>>(), "{step}");
        assert!(newest.older && !newest.newer);
        let (mut before, mut all) = (last - 14, Vec::new());
        loop {
            let query = LogQuery { before: Some(before), limit: Some(15), ..LogQuery::default() };
            let page = read(query).await.unwrap();
            assert!(page.newer, "{step}");
            before = page.messages[0].index;
            all.splice(0..0, indexes(&page));
            if !page.older {
                break;
            }
        }
        assert_eq!(all, (1..last - 14).collect::<Vec<_>>(), "{step}");
        let next = read(LogQuery { after: Some(3), limit: Some(2), ..LogQuery::default() }).await.unwrap();
        assert_eq!((indexes(&next), next.older, next.newer), (vec![4, 5], true, true), "{step}");
        let none = read(LogQuery { after: Some(last), limit: Some(2), ..LogQuery::default() }).await.unwrap();
        assert_eq!(none, LogPage::default(), "{step}");
        let rest = read(LogQuery { after: Some(3), ..LogQuery::default() }).await.unwrap();
        assert_eq!(indexes(&rest), (4..=rest.messages.last().unwrap().index).collect::<Vec<_>>());
        if step == "live" {
            world.act("ana", Command::Complete(id.clone())).await.unwrap();
            let log = world.log(&id).await;
            assert_eq!(log.last().unwrap().index, last, "nothing was added by its end");
        }
    }
    let refused = world.writer.messages(actor("ana"), "nobody".into(), LogQuery::default()).await;
    assert!(matches!(refused, Err(Refusal::NotFound(_))));
}

#[tokio::test]
async fn a_page_of_long_messages_stays_small() {
    let world = World::new(config()).await;
    world.ready("ana").await;
    let long = "x".repeat(60_000);
    for n in 0..20 {
        let hook = json!([{"id": format!("w{n}"), "from": "15550142", "text": long}]).to_string();
        world.writer.webhook(Bytes::from(hook)).await.unwrap();
    }
    let id = world.accepted("ana").await;
    for step in ["live", "over"] {
        let query = LogQuery { limit: Some(500), ..LogQuery::default() };
        let page = world.writer.messages(actor("ana"), id.clone(), query).await.unwrap();
        let bytes = serde_json::to_string(&page).unwrap().len();
        assert!(page.older && bytes < 600_000, "{step}: {bytes}");
        if step == "live" {
            world.act("ana", Command::Complete(id.clone())).await.unwrap();
        }
    }
}

#[tokio::test]
async fn who_asks_is_answered_in_the_middle_of_a_flood() {
    let (world, _, live) = two_sessions().await;
    let flood = |n: usize| json!({"id": format!("f{n}"), "from": "15550142", "text": format!("m{n}")});
    let flood: Vec<_> = (0..5000).map(flood).collect();
    world.writer.webhook(Bytes::from(json!(flood).to_string())).await.unwrap();
    world.says("ana", &live, "un momento").await.unwrap();
    let query = LogQuery { limit: Some(1), ..LogQuery::default() };
    let newest = world.writer.messages(actor("ana"), live.clone(), query).await.unwrap();
    assert!(newest.messages[0].index < 2500, "most of the flood is still to come");
    // All of it arrives, once and in order.
    loop {
        let log = world.log(&live).await;
        let came = texts(&log).into_iter().filter(|text| text.starts_with('m')).count();
        if came == 5000 {
            let flood: Vec<_> = texts(&log).into_iter().filter(|text| text.starts_with('m')).collect();
            assert_eq!(flood, (0..5000).map(|n| format!("m{n}")).collect::<Vec<_>>());
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_flood_cut_short_by_a_stop_is_processed_after_the_start() {
    let (world, _, live) = two_sessions().await;
    let flood = |n: usize| json!({"id": format!("f{n}"), "from": "15550142", "text": format!("m{n}")});
    let flood: Vec<_> = (0..2000).map(flood).collect();
    world.writer.webhook(Bytes::from(json!(flood).to_string())).await.unwrap();
    let world = world.killed().await;
    let log = world.log(&live).await;
    let came: Vec<_> = texts(&log).into_iter().filter(|text| text.starts_with('m')).collect();
    assert_eq!(came, (0..2000).map(|n| format!("m{n}")).collect::<Vec<_>>());
}

//! Tests of the hub: queues, connections, presence and what counts as sent.

use super::*;
use serde_json::json;

fn hub(limits: HubLimits) -> Arc<Hub> {
    let hub = Arc::new(Hub::new(limits));
    assert!(hub.open("c".into(), &"ana".into(), None));
    hub
}

fn publish(hub: &Hub, channel: &'static str, text: &str) {
    hub.publish(&EventRecipient::Agent("ana".into()), ClientEvent { channel, data: Arc::new(json!(text)) });
}

fn taken(hold: &Hold) -> Vec<(&'static str, String)> {
    match hold.take(100) {
        EventBatch::Events(events) => {
            events.into_iter().map(|e| (e.channel, e.data.as_str().unwrap().to_owned())).collect()
        }
        EventBatch::Nothing => Vec::new(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_that_knows_only_chat_gets_sessions_as_chat() {
    let rows: [(&[&str], Option<&str>); 5] = [
        (&[channel::CHAT], Some(channel::CHAT)),
        (&[channel::CHAT, channel::WHATSAPP], Some(channel::WHATSAPP)),
        (&[channel::CHAT, "/workspace/v3/media/*"], Some(channel::WHATSAPP)),
        (&["/**"], Some(channel::WHATSAPP)),
        (&[channel::MEDIA], None),
    ];
    for (names, expected) in rows {
        let hub = hub(HubLimits::default());
        hub.subscribe("c", names).unwrap();
        let (hold, _) = hub.hold("c").unwrap();
        publish(&hub, channel::WHATSAPP, "x");
        assert_eq!(taken(&hold).first().map(|(on, _)| *on), expected, "{names:?}");
        assert!(taken(&hold).is_empty());
    }
}

#[test]
fn a_full_queue_removes_its_client_and_no_other() {
    let hub = hub(HubLimits { queue: 2, ..HubLimits::default() });
    assert!(hub.open("d".into(), &"ana".into(), None));
    for id in ["c", "d"] {
        hub.subscribe(id, &["/**"]).unwrap();
    }
    let (slow, _) = hub.hold("c").unwrap();
    let (quick, _) = hub.hold("d").unwrap();
    for text in ["1", "2", "3"] {
        publish(&hub, channel::MEDIA, text);
        assert_eq!(taken(&quick), [(channel::MEDIA, text.to_owned())]);
    }
    assert_eq!(slow.take(9), EventBatch::Gone);
    assert!(!hub.knows("c", &"ana".into()) && hub.knows("d", &"ana".into()));
}

#[test]
fn a_catch_up_larger_than_the_queue_is_sent_completely() {
    let hub = hub(HubLimits { queue: 2, ..HubLimits::default() });
    hub.subscribe("c", &["/**"]).unwrap();
    let (hold, _) = hub.hold("c").unwrap();
    for text in ["1", "2", "3", "4", "5"] {
        let event = ClientEvent { channel: channel::MEDIA, data: Arc::new(json!(text)) };
        hub.publish(&EventRecipient::Client("c".into()), event);
    }
    publish(&hub, channel::MEDIA, "new");
    assert_eq!(taken(&hold).len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_second_connection_releases_the_first() {
    let hub = hub(HubLimits::default());
    let (first, is_first) = hub.hold("c").unwrap();
    assert!(is_first);
    let waiting = tokio::spawn(async move { first.next(9).await });
    tokio::task::yield_now().await;
    let (second, is_first) = hub.hold("c").unwrap();
    assert!(!is_first);
    assert_eq!(waiting.await.unwrap(), EventBatch::Replaced);
    hub.subscribe("c", &["/**"]).unwrap();
    publish(&hub, channel::MEDIA, "x");
    assert_eq!(taken(&second).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn presence_ends_after_max_interval_but_the_client_stays() {
    let hub = hub(HubLimits::default());
    let ana = EmployeeId::from("ana");
    assert!(hub.sweep(Instant::now()).is_empty(), "a handshake alone is no presence");
    let (hold, _) = hub.hold("c").unwrap();
    assert_eq!(hub.sweep(Instant::now()), [(ana.clone(), true)]);
    drop(hold);
    tokio::time::advance(Duration::from_secs(9)).await;
    assert!(hub.sweep(Instant::now()).is_empty());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(hub.sweep(Instant::now()), [(ana.clone(), false)]);
    hub.subscribe("c", &["/**"]).unwrap();
    publish(&hub, channel::MEDIA, "kept");
    tokio::time::advance(Duration::from_secs(50)).await;
    assert!(hub.sweep(Instant::now()).is_empty());
    let (hold, first) = hub.hold("c").unwrap();
    assert!(!first);
    assert_eq!(taken(&hold), [(channel::MEDIA, "kept".to_owned())]);
    assert_eq!(hub.sweep(Instant::now()), [(ana, true)]);
    drop(hold);
    tokio::time::advance(Duration::from_secs(121)).await;
    hub.sweep(Instant::now());
    assert_eq!(hub.clients(), 0);
}

fn log(hub: &Hub, id: &str, indexes: &[u64]) {
    let messages: Vec<_> = indexes.iter().map(|index| json!({"index": index})).collect();
    let data = json!({"messageType": "MessageLogUpdated", "interactionId": id, "messages": messages});
    let event = ClientEvent { channel: channel::WHATSAPP, data: Arc::new(data) };
    hub.publish(&EventRecipient::Agent("ana".into()), event);
}

#[test]
fn an_event_counts_as_sent_once_a_connection_took_it() {
    let hub = hub(HubLimits::default());
    let ana = EmployeeId::from("ana");
    let sent = |id: &str| hub.sent(None, &ana).get(id).copied();
    hub.subscribe("c", &["/**"]).unwrap();
    log(&hub, "i1", &[1, 2]);
    assert_eq!(sent("i1"), None, "it waits");
    let (hold, _) = hub.hold("c").unwrap();
    log(&hub, "i2", &[3]);
    hold.take(1);
    assert_eq!((sent("i1"), sent("i2")), (Some(2), None));
    // Entries that wait for the same connection become one event.
    log(&hub, "i2", &[4]);
    hold.take(1);
    assert_eq!((sent("i1"), sent("i2")), (Some(2), Some(4)));
    // The client disconnects before the agent signs out, and still counts as having been sent this.
    drop(hold);
    hub.close("c");
    assert_eq!(sent("i2"), Some(4));
    assert_eq!(hub.sent(None, &"bob".into()), BTreeMap::new());
}

#[test]
fn a_reply_counts_as_sent_and_old_ones_are_forgotten() {
    let hub = hub(HubLimits::default());
    let ana = EmployeeId::from("ana");
    hub.replied(&ana, &"i1".into(), 7);
    hub.replied(&ana, &"i1".into(), 5);
    assert_eq!(hub.sent(None, &ana).get("i1"), Some(&7));
    for number in 0..REMEMBERED {
        hub.replied(&ana, &format!("s{number}").as_str().into(), 1);
    }
    assert_eq!(hub.sent(None, &ana).len(), REMEMBERED);
    assert_eq!(hub.sent(None, &ana).get("i1"), None, "the oldest goes");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_handshakes_again_was_never_away() {
    let hub = hub(HubLimits { queue: 0, ..HubLimits::default() });
    hub.subscribe("c", &["/**"]).unwrap();
    let (hold, _) = hub.hold("c").unwrap();
    assert_eq!(hub.sweep(Instant::now()).len(), 1);
    publish(&hub, channel::MEDIA, "too much");
    assert_eq!(hold.take(1), EventBatch::Gone);
    drop(hold);
    assert!(hub.sweep(Instant::now()).is_empty());
    assert!(hub.open("e".into(), &"ana".into(), None));
    let _hold = hub.hold("e").unwrap();
    tokio::time::advance(Duration::from_secs(30)).await;
    assert!(hub.sweep(Instant::now()).is_empty());
}

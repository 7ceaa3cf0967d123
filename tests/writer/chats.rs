//! How a webhook's messages are sorted: whose, for which number, of which time, and which lines precede them.

use super::config::TestConfig;
use super::rig::{START, World, actor, texts, with_sue};
use deskline::domain::contact::AliasKind;
use deskline::domain::{ContactId, InteractionId, Millis};
use deskline::gateway::whatsapp::inbound::{CustomerNames, NotRoutedReason};
use deskline::gateway::writer::api::{Command, SendOutcome};
use deskline::proto::media::{LogQuery, MessageDto};
use deskline::proto::wa;
use deskline::store::{Alias, PastSession, PrefetchQuery};
use serde_json::{Value as Json, json};

fn config() -> TestConfig {
    with_sue()
        .tables(
            "gateway.whatsapp = { phone-number-id = '100', display-phone-number = '+1 555 010-0100', queue = 'sales' }",
        )
        .queue("sales", "")
        .agent("ana", "capacity = 4")
}

const DAY: i64 = 24 * 3600 * 1000;
const HOUR: i64 = 3600 * 1000;

async fn world() -> World {
    let world = World::new(config()).await;
    world.ready("ana").await;
    world
}

impl World {
    async fn open_sessions(&self) -> usize {
        self.writer.status().await.unwrap().open
    }

    /// All entries of a session as an agent reads them: the author, and the text.
    async fn said(&self, id: &InteractionId) -> Vec<String> {
        words(&self.log(id).await)
    }

    async fn past(&self, number: &str) -> Vec<PastSession> {
        let alias = Alias { kind: AliasKind::WaId, value: number.to_owned() };
        let wanted = PrefetchQuery { aliases: [alias].into(), ..PrefetchQuery::default() };
        let found = self.store().prefetch(wanted).await.unwrap();
        let contact: ContactId = found.aliases.values().next().unwrap().clone();
        self.writer.history(actor("sue"), contact, None, None).await.unwrap()
    }
}

fn words(log: &[MessageDto]) -> Vec<String> {
    let said = log.iter().filter_map(|entry| {
        let kind = entry.user_data.text(wa::KIND).unwrap_or(&entry.kind);
        let text = entry.text.clone()?;
        Some(match kind {
            "Text" | "placeholder" => format!("{}: {text}", entry.from.kind),
            "Notice" => format!("({text})"),
            kind => format!("{kind} of {}: {text}", entry.user_data.number(wa::OF).unwrap_or(0)),
        })
    });
    said.collect()
}

fn text(id: &str, from: &str, at: i64, text: &str) -> Json {
    json!({"id": id, "from": from, "at": at, "text": text})
}

#[tokio::test]
async fn group_message_is_kept_counted_and_never_routed() {
    let world = world().await;
    let before = world.writer.status().await.unwrap().events;
    world.hook(json!([{"t": "group", "id": "g1"}, {"t": "group", "id": "g2"}])).await;
    world.hook(json!([{"t": "group", "id": "g1"}])).await;
    let board = world.writer.status().await.unwrap();
    assert_eq!((board.open, board.not_routed.get(&NotRoutedReason::Group)), (0, Some(&2)));
    // Two messages, one notice for the administrator, two webhooks parsed.
    assert_eq!(board.events - before, 2 + 1 + 2);
    assert_eq!(world.writer.account().borrow().told, 1, "supervisors hear of it, once a day");
    let world = world.killed().await;
    world.hook(json!([{"t": "group", "id": "g1"}])).await;
    assert_eq!(
        world.writer.status().await.unwrap().not_routed.get(&NotRoutedReason::Group),
        None,
        "it came before"
    );
    world.hook(json!([text("g1", "1", START, "the same id, live")])).await;
    assert_eq!(world.open_sessions().await, 1, "what comes where it belongs is not lost");
}

#[tokio::test]
async fn message_for_another_number_opens_no_session() {
    let mut world = world().await;
    let other = |t: &str, id: &str| json!([{"t": t, "id": id, "from": "1", "phone": "200", "text": "x", "word": "read"}]);
    for (t, id) in
        [("", "w1"), ("echo", "w2"), ("history", "w3"), ("call", "w4"), ("status", "w5"), ("", "w1")]
    {
        world.hook(other(t, id)).await;
    }
    let board = world.writer.status().await.unwrap();
    assert_eq!((board.open, board.not_routed.get(&NotRoutedReason::Number)), (0, Some(&5)));
    assert!(world.outbound.try_recv().is_err());
    // The number is not named: it is the only one, and the customer has one session.
    world.hook(json!([{"id": "w6", "from": "1", "phone": "", "text": "to whom?"}])).await;
    world.hook(json!([text("w7", "1", START, "to you")])).await;
    let id = world.accepted("ana").await;
    assert_eq!(texts(&world.log(&id).await), ["to whom?", "to you"]);
}

#[tokio::test]
async fn message_of_the_business_itself_is_no_invitation() {
    let world = world().await;
    for _ in 0..2 {
        world.hook(json!([text("w1", "15550100100", START, "from ourselves")])).await;
    }
    let board = world.writer.status().await.unwrap();
    assert_eq!((board.open, board.not_routed.get(&NotRoutedReason::Author)), (0, Some(&1)));
}

#[tokio::test]
async fn history_is_the_contacts_past_and_no_invitation() {
    let world = world().await;
    let told = world.told_to("ana").len();
    let five = START - 5 * DAY;
    // Chunks out of order, a day in two chunks, a reaction before its message, and everything twice.
    let chunks = [
        json!([{"t": "history", "id": "h4", "from": "1", "at": five + 2 * DAY, "text": "and today?"}]),
        json!([{"t": "history", "what": "react", "id": "h9", "from": "1", "at": five + 50_000, "of": "h2", "text": "👍"},
               {"t": "sent", "id": "h2", "from": "1", "at": five + 20_000, "text": "yes"}]),
        json!([{"t": "history", "id": "h1", "from": "1", "at": five, "text": "open tomorrow?"},
               {"t": "history", "id": "h3", "from": "1", "at": five + 30_000, "quotes": "h2", "text": "fine"}]),
    ];
    for chunk in chunks.iter().chain(&chunks) {
        world.hook(chunk.clone()).await;
    }
    assert_eq!((world.open_sessions().await, world.told_to("ana").len()), (0, told));
    let past = world.past("1").await;
    assert_eq!(
        past.iter().map(|day| day.started).collect::<Vec<_>>(),
        [Millis(five + 2 * DAY), Millis(five)]
    );
    assert!(past.iter().all(|day| day.ended.is_some() && day.media.is_empty()));
    assert_eq!(
        world.said(&past[1].id).await,
        ["Customer: open tomorrow?", "Agent: yes", "Customer: fine", "reaction of 2: 👍"]
    );
    let log = world.log(&past[1].id).await;
    assert_eq!(log[2].user_data.number(wa::QUOTES), Some(2));
    // The customer writes: their past is available, and the same message may arrive live.
    world.hook(json!([text("h4", "1", START, "and today?")])).await;
    let id = world.accepted("ana").await;
    assert_eq!(texts(&world.log(&id).await), ["and today?"]);
    assert_eq!(
        world
            .writer
            .messages(actor("ana"), past[1].id.clone(), LogQuery::default())
            .await
            .unwrap()
            .messages
            .len(),
        4
    );
    let world = world.killed().await;
    world.hook(chunks[2].clone()).await;
    assert_eq!(world.past("1").await.len(), 3);
}

#[tokio::test]
async fn thousands_of_earlier_messages_tell_nobody() {
    let world = world().await;
    let told = world.told_to("ana").len();
    for chunk in 0..4 {
        let messages: Vec<Json> = (0..500)
            .map(|n| {
                let (number, at) = (chunk * 500 + n, START - DAY - i64::from(n) * 1000);
                json!({"t": "history", "id": format!("h{number}"), "from": "1", "at": at, "text": number.to_string()})
            })
            .collect();
        world.hook(Json::from(messages)).await;
    }
    assert_eq!((world.open_sessions().await, world.told_to("ana").len()), (0, told));
    let past = world.past("1").await;
    let mut all = 0;
    for day in &past {
        all += world.log(&day.id).await.len();
    }
    assert_eq!(all, 2000);
}

#[tokio::test]
async fn reaction_edit_or_deletion_alone_opens_no_session() {
    let world = world().await;
    for (what, id) in [("react", "c1"), ("edit", "c2"), ("revoke", "c3")] {
        world.hook(json!([{"t": what, "id": id, "from": "1", "of": "unknown", "text": "👍", "at": START - 2 * HOUR}])).await;
    }
    assert_eq!(world.open_sessions().await, 0);
    world.writes("1", "w1", "hello").await;
    let id = world.accepted("ana").await;
    assert_eq!(
        world.said(&id).await,
        [
            "(The customer reacted 👍 to a message that is not here (2 hours ago))",
            "(2 hours ago the customer changed a message that is not here to: 👍)",
            "(The customer deleted a message that is not here (2 hours ago))",
            "Customer: hello"
        ]
    );
    // In an open session it is a line that needs no answer.
    world.says("ana", &id, "hi").await.unwrap();
    world.hook(json!([{"t": "react", "id": "c4", "from": "1", "of": "unknown too", "text": "👍"}])).await;
    let view = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
    assert_eq!(view.user_data.text(wa::WAITING_SINCE), None);
    let said = world.said(&id).await;
    assert_eq!(said.last().unwrap(), "(The customer reacted 👍 to a message that is not here)");
}

/// A message, the customer's changes to it, and one more.
fn story() -> Vec<Json> {
    vec![
        json!([text("w1", "1", START - 3000, "helo")]),
        json!([{"t": "react", "id": "c1", "from": "1", "of": "w1", "text": "👍", "at": START - 2000}]),
        json!([{"t": "edit", "id": "c2", "from": "1", "of": "w1", "text": "hello", "at": START - 1000}]),
        json!([text("w2", "1", START - 500, "anybody?")]),
    ]
}

#[tokio::test]
async fn order_and_repeats_of_webhooks_change_nothing() {
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for next in 0..story().len() {
        orders = orders
            .into_iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, next);
                    longer
                })
            })
            .collect();
    }
    assert_eq!(orders.len(), 24);
    for order in orders {
        let world = world().await;
        let hooks: Vec<Json> = order.iter().map(|n| story()[*n].clone()).collect();
        for hook in hooks.iter().chain(&hooks) {
            world.hook(hook.clone()).await;
        }
        assert_eq!(world.open_sessions().await, 1, "{order:?}");
        let id = world.accepted("ana").await;
        let log = world.log(&id).await;
        let first = log.iter().find(|entry| entry.text.as_deref() == Some("helo")).unwrap().index;
        let mut said = words(&log);
        // Lines about what had not arrived yet depend on the order.
        said.retain(|line| !line.starts_with('(') && !line.contains("not here"));
        said.sort();
        let mut wanted = vec![
            "Customer: anybody?".to_owned(),
            "Customer: helo".to_owned(),
            format!("edit of {first}: hello"),
            format!("reaction of {first}: 👍"),
        ];
        wanted.sort();
        assert_eq!(said, wanted, "{order:?}");
    }
}

#[tokio::test]
async fn change_waits_for_its_message_over_a_restart() {
    let world = world().await;
    world.hook(json!([{"t": "react", "id": "c1", "from": "1", "of": "w1", "text": "👍"}])).await;
    let world = world.killed().await;
    world.ready("ana").await;
    world.writes("1", "w1", "late").await;
    let id = world.accepted("ana").await;
    assert_eq!(world.said(&id).await[1..], ["Customer: late", "reaction of 2: 👍"]);
}

#[tokio::test]
async fn clock_ahead_or_absurd_counts_as_time_of_receipt() {
    for (at, from) in [(START + 9 * DAY, "1"), (0, "2"), (-5, "3"), (12_345, "4"), (i64::MAX, "5")] {
        let world = world().await;
        world.hook(json!([text("w1", from, at, "hello")])).await;
        let dto = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
        let ends = Millis(START + DAY).to_rfc3339();
        assert_eq!(dto.user_data.text(wa::WINDOW_ENDS), Some(ends.as_str()), "{at}");
        let id = world.accepted("ana").await;
        assert_eq!(world.log(&id).await[0].timestamp_seconds, START / 1000, "{at}");
    }
}

#[tokio::test]
async fn late_message_is_marked_and_shortens_no_window() {
    let world = world().await;
    world.writes("1", "w2", "second").await;
    let id = world.accepted("ana").await;
    world.hook(json!([text("w1", "1", START - 3 * DAY, "first")])).await;
    let view = || async { world.writer.session("ana".into()).await.unwrap().interactions.remove(0) };
    let ends = Millis(START + DAY).to_rfc3339();
    assert_eq!(view().await.user_data.text(wa::WINDOW_ENDS), Some(ends.as_str()));
    assert_eq!(
        world.said(&id).await,
        ["Customer: second", "(The next message came 3 days late)", "Customer: first"]
    );
    assert_eq!(world.log(&id).await[2].timestamp_seconds, (START - 3 * DAY) / 1000);
    // The session is over, and one more arrives late: the window is still that of the newest message.
    world.act("ana", Command::Complete(id)).await.unwrap();
    world.hook(json!([text("w0", "1", START - 2 * DAY, "zeroth")])).await;
    assert_eq!(view().await.user_data.text(wa::WINDOW_ENDS), Some(ends.as_str()));
    // A window that only a late message opens is already closed.
    let world = self::world().await;
    world.hook(json!([text("w1", "1", START - 2 * DAY, "first")])).await;
    let ends = Millis(START - DAY).to_rfc3339();
    let dto = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
    assert_eq!(dto.user_data.text(wa::WINDOW_ENDS), Some(ends.as_str()));
    let id = world.accepted("ana").await;
    assert_eq!(world.says("ana", &id, "hi").await.unwrap_err().http_status(), 409);
}

#[tokio::test]
async fn time_of_receipt_is_kept_until_a_webhook_is_read() {
    let world = world().await;
    let store = world.store();
    let raw = bytes::Bytes::from(json!([text("w1", "1", START + 9 * DAY, "hello")]).to_string());
    let batch =
        deskline::store::Batch { at: Millis(START - HOUR), webhooks: vec![raw], ..Default::default() };
    store.append(batch).await.unwrap();
    let world = world.killed().await;
    world.ready("ana").await;
    let id = world.accepted("ana").await;
    assert_eq!(world.log(&id).await[0].timestamp_seconds, (START - HOUR) / 1000);
}

#[tokio::test]
async fn quote_from_elsewhere_is_a_line_in_words() {
    let world = world().await;
    world.writes("1", "w1", "is the red one there?").await;
    let first = world.accepted("ana").await;
    world.act("ana", Command::Complete(first)).await.unwrap();
    world.writes("2", "w2", "a stranger's words").await;
    let other = world.accepted("ana").await;
    world.act("ana", Command::Complete(other)).await.unwrap();
    let quoting =
        |id: &str, quotes: &str| json!([{"id": id, "from": "1", "at": START, "quotes": quotes, "text": id}]);
    for (id, quotes) in [("w3", "w1"), ("w4", "never seen"), ("w5", "w2"), ("w6", "w3")] {
        world.hook(quoting(id, quotes)).await;
    }
    let id = world.accepted("ana").await;
    assert_eq!(
        world.said(&id).await,
        [
            "(The customer replies to “is the red one there?”)",
            "Customer: w3",
            "(The customer replies to a message that is not here)",
            "Customer: w4",
            "(The customer replies to a message that is not here)",
            "Customer: w5",
            "Customer: w6"
        ]
    );
    assert_eq!(world.log(&id).await[6].user_data.number(wa::QUOTES), Some(2));
}

#[tokio::test]
async fn what_whatsapp_says_around_a_message_stands_before_it() {
    let world = world().await;
    let around = [
        "The customer came from an ad: Sale (https://fb.me/x)",
        "WhatsApp could not fetch the customer's file.",
    ];
    world.hook(json!([{"id": "w1", "from": "1", "at": START, "around": around, "text": "hello"}])).await;
    let dto = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
    assert_eq!(dto.user_data.text(wa::PREVIEW), Some("hello"), "the invitation says the customer's words");
    let id = world.accepted("ana").await;
    assert_eq!(
        world.said(&id).await,
        [format!("({})", around[0]), format!("({})", around[1]), "Customer: hello".to_owned()]
    );
}

#[tokio::test]
async fn words_from_the_phone_before_a_session_are_found() {
    let world = world().await;
    world.hook(json!([{"t": "echo", "id": "e1", "from": "1", "at": START - 3 * HOUR, "text": "your parcel is here"}])).await;
    world.hook(json!([{"t": "echo", "id": "e1", "from": "1", "at": START - 3 * HOUR, "text": "your parcel is here"}])).await;
    assert_eq!(world.open_sessions().await, 0);
    world.hook(json!([{"id": "w1", "from": "1", "at": START, "quotes": "e1", "text": "thanks"}])).await;
    let id = world.accepted("ana").await;
    assert_eq!(
        world.said(&id).await,
        [
            "(Written from the WhatsApp phone 3 hours ago: “your parcel is here”)",
            "(The customer replies to “your parcel is here”)",
            "Customer: thanks"
        ]
    );
    let past = world.past("1").await;
    assert_eq!(past.len(), 2);
    let day = world.writer.messages(actor("ana"), past[1].id.clone(), LogQuery::default()).await.unwrap();
    assert_eq!(words(&day.messages), ["Agent: your parcel is here"]);
    // The next session does not repeat it.
    world.act("ana", Command::Complete(id)).await.unwrap();
    world.pass(60).await;
    world.writes("1", "w2", "me again").await;
    let id = world.accepted("ana").await;
    assert_eq!(world.said(&id).await, ["Customer: me again"]);
}

#[tokio::test]
async fn words_from_the_phone_answer_only_what_came_before_them() {
    let world = world().await;
    world.writes("1", "w1", "hello?").await;
    let id = world.accepted("ana").await;
    let echo = |id: &str, at: i64| json!([{"t": "echo", "id": id, "from": "1", "at": at, "text": id}]);
    let waits = || async {
        let dto = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
        dto.user_data.text(wa::WAITING_SINCE).is_some()
    };
    world.hook(echo("e1", START - HOUR)).await;
    assert!(waits().await);
    world.pass(60).await;
    world.hook(echo("e2", START + 30_000)).await;
    assert!(!waits().await);
    assert_eq!(texts(&world.log(&id).await), ["hello?", "e1", "e2"]);
}

#[tokio::test]
async fn missed_call_makes_the_customer_wait_and_an_ended_one_not() {
    let world = world().await;
    let call = |id: &str, what: &str, text: &str, at: i64| json!([{"t": "call", "what": what, "id": id, "from": "1", "at": at, "text": text}]);
    world
        .hook(call("c1", "placeholder", "called on WhatsApp, and the call was missed", START - 600_000))
        .await;
    assert_eq!(world.open_sessions().await, 0, "a call rings elsewhere");
    world.writes("1", "w1", "I called you").await;
    let id = world.accepted("ana").await;
    world.says("ana", &id, "sorry").await.unwrap();
    let waits = || async {
        let dto = world.writer.session("ana".into()).await.unwrap().interactions.remove(0);
        dto.user_data.text(wa::WAITING_SINCE).is_some()
    };
    world.hook(call("c2", "note", "The customer's call on WhatsApp ended after 5 s", START)).await;
    assert!(!waits().await);
    world.hook(call("c3", "placeholder", "called on WhatsApp, and the call was missed", START)).await;
    assert!(waits().await);
    assert_eq!(
        world.said(&id).await,
        [
            "(10 minutes ago the customer called on WhatsApp, and the call was missed)",
            "Customer: I called you",
            "Agent: sorry",
            "(The customer's call on WhatsApp ended after 5 s)",
            "Customer: called on WhatsApp, and the call was missed"
        ]
    );
}

/// A session of Ana's with that customer, and the tracker of a message to them that WhatsApp accepted.
async fn answered(number: &str) -> (World, InteractionId, String) {
    let mut world = world().await;
    world.writes(number, "w1", "hello").await;
    let id = world.accepted("ana").await;
    world.says("ana", &id, "hi").await.unwrap();
    let out = world.outbound.recv().await.unwrap();
    world.report(&out.tracker, SendOutcome::Attempting).await.unwrap();
    (world, id, out.tracker)
}

fn called(wa_id: &str, user_id: Option<&str>) -> CustomerNames {
    CustomerNames {
        wa_id: Some(wa_id.to_owned()),
        user_id: user_id.map(str::to_owned),
        ..CustomerNames::default()
    }
}

#[tokio::test]
async fn name_in_the_answer_to_a_send_is_the_customers() {
    // Benin put 01 before its numbers; no list in the program knows that.
    let (world, id, tracker) = answered("22997000001").await;
    let taken = SendOutcome::Accepted { wamid: "o1".into() };
    world.report_of(&tracker, taken, called("2290197000001", Some("BJ.77"))).await.unwrap();
    world.writes("2290197000001", "w2", "by number").await;
    world.hook(json!([{"id": "w3", "user": "BJ.77", "at": START, "text": "by id"}])).await;
    assert_eq!(world.open_sessions().await, 1);
    assert_eq!(texts(&world.log(&id).await), ["hello", "hi", "by number", "by id"]);
    // And it stays that way.
    world.act("ana", Command::Complete(id)).await.unwrap();
    let world = world.killed().await;
    world.ready("ana").await;
    world.writes("22997000001", "w4", "old").await;
    world.writes("2290197000001", "w5", "new").await;
    assert_eq!(world.open_sessions().await, 1);
}

#[tokio::test]
async fn name_in_a_status_is_the_customers() {
    let (world, id, tracker) = answered("22997000001").await;
    // The answer to the send is lost: the status brings our own tracker of the message.
    world.hook(json!([{"t": "status", "id": "o1", "tracker": tracker, "word": "sent", "from": "2290197000001", "user": "BJ.77"}])).await;
    world.writes("2290197000001", "w2", "by number").await;
    world.hook(json!([{"id": "w3", "user": "BJ.77", "at": START, "text": "by id"}])).await;
    assert_eq!(texts(&world.log(&id).await), ["hello", "hi", "by number", "by id"]);
    assert_eq!(world.open_sessions().await, 1);
}

#[tokio::test]
async fn name_of_another_contact_is_flagged_and_merges_nobody() {
    let (world, id, tracker) = answered("1").await;
    world.writes("2", "w2", "somebody else").await;
    let before = world.writer.status().await.unwrap().events;
    let taken = SendOutcome::Accepted { wamid: "o1".into() };
    world.report_of(&tracker, taken, called("2", None)).await.unwrap();
    // Besides the acceptance: the conflict, and a line for the agent.
    assert_eq!(world.writer.status().await.unwrap().events - before, 3);
    let said = world.said(&id).await;
    assert_eq!(said.last().unwrap(), "(WhatsApp calls this customer 2 too, and that is another contact)");
    world.hook(json!([{"t": "status", "id": "o1", "word": "delivered", "from": "2"}])).await;
    // The status, and the webhook parsed: the conflict is flagged once.
    assert_eq!(world.writer.status().await.unwrap().events - before, 5);
    world.writes("2", "w3", "still another person").await;
    assert_eq!(texts(&world.log(&id).await), ["hello", "hi"]);
    assert_eq!(world.open_sessions().await, 2);
    // Our own number is never an alias of a customer.
    world.hook(json!([{"t": "status", "id": "o1", "word": "read", "from": "15550100100"}])).await;
    world.hook(json!([text("w4", "15550100100", START, "echo")])).await;
    assert_eq!(texts(&world.log(&id).await), ["hello", "hi"]);
}

//! What supervisors read, over a real writer and its log.

use super::config::TestConfig;
use super::rig::{World, setup, with_sue};
use deskline::config::schema::Config;
use deskline::domain::message::Visibility;
use deskline::domain::{AttachedData, InteractionId};
use deskline::gateway::feed::{Feed, Organization};
use deskline::gateway::writer::api::{
    AfterLeave, Command, InviteKind, InviteTarget, Outgoing, RequestedState, SendOutcome,
};
use deskline::proto::watch::{FeedEntry, Filter};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

fn config() -> TestConfig {
    with_sue()
        .tables("gateway.grace = 60\ngateway.contact-lookup = false")
        .queue("sales", "")
        .queue("colleagues", "")
        .agent("ana", "groups = ['Sales']\ncapacity = 10")
        .agent("kate", "groups = ['Billing']")
        .agent("sam", "role = 'supervisor'\noversees = ['Billing']")
}

/// A writer and the follower of its log.
struct Watched {
    world: World,
    watch: Feed,
    follow: JoinHandle<()>,
}

impl Watched {
    async fn new() -> Self {
        Self::over(World::with_setup(setup(config())).await).await
    }

    async fn over(world: World) -> Self {
        let organization = Organization::from_config(&Config::from(config()).gateway);
        let (watch, follow) = world.watch(organization).await;
        Self { world, watch, follow }
    }

    /// `kill -9` and a new start.
    async fn killed(self) -> Self {
        self.follow.abort();
        let _ = self.follow.await;
        drop(self.watch);
        Self::over(self.world.killed().await).await
    }

    /// Everything after a number, read in pages of that size.
    async fn after(&self, who: &str, filter: &Filter, mut after: u64, limit: usize) -> Vec<FeedEntry> {
        let last = *self.world.writer.written().borrow();
        let mut all = Vec::new();
        while after < last {
            let page = self.watch.feed(&who.into(), filter, after, limit, Duration::ZERO).await.unwrap();
            assert!(page.entries.len() <= limit && page.next >= after);
            all.extend(page.entries);
            if page.next == after {
                // Who follows the log is not there yet.
                tokio::task::yield_now().await;
            }
            after = page.next;
        }
        all
    }

    async fn all(&self, who: &str) -> Vec<FeedEntry> {
        self.after(who, &Filter::default(), 0, 500).await
    }
}

/// A customer, two agents, and all that may happen between them.
async fn work_through_a_session(watched: &mut Watched) {
    let world = &mut watched.world;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hola").await;
    let id = world.accepted("ana").await;
    world.says("ana", &id, "buenas").await.unwrap();
    let out = world.outbound.recv().await.unwrap();
    world.report(&out.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&out.tracker, SendOutcome::Accepted { wamid: "o1".into() }).await.unwrap();
    world.hook(json!([{"t": "status", "id": "o1", "word": "delivered", "at": world.now()}])).await;
    let data: AttachedData = [("order", "48213")].into_iter().collect();
    world.act("ana", Command::SetUserData { id: id.clone(), data }).await.unwrap();
    world.act("ana", Command::SetComment { id: id.clone(), comment: "slow".into() }).await.unwrap();
    world.act("ana", Command::Park { id: id.clone(), workbin: None, owner: None }).await.unwrap();
    world.act("ana", Command::Pull { id: id.clone(), workbin: None }).await.unwrap();
    world.ready("kate").await;
    let (want, whom) = (InviteKind::Transfer, InviteTarget::Agent("kate".into()));
    let ask = Command::Invite { id: id.clone(), want, whom, extension: AttachedData::new() };
    world.act("ana", ask).await.unwrap();
    world.act("kate", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    world.writes("15550142", "w2", "y ahora?").await;
    world.act("kate", Command::Leave(id, AfterLeave::CloseIfNoAgents)).await.unwrap();
}

#[tokio::test]
async fn a_sessions_life_is_told_in_order_with_who_has_it() {
    let mut watched = Watched::new().await;
    work_through_a_session(&mut watched).await;
    let all = watched.all("sue").await;
    let told: Vec<String> = all
        .iter()
        .map(|entry| format!("{} {}", entry.event, entry.agent.as_deref().unwrap_or("-")))
        .collect();
    let wanted = [
        "agent.signed-in ana",
        "agent.state ana",
        "session.started -",
        "message -",
        "session.queued -",
        "session.offered ana",
        "session.accepted ana",
        "party.joined ana",
        "message ana",
        "message.status ana",
        "data.set ana",
        "note.set ana",
        "session.released ana",
        "session.parked ana",
        "message ana",
        "session.unparked -",
        "session.assigned ana",
        "party.joined ana",
        "agent.signed-in kate",
        "agent.state kate",
        // A colleague is asked through a queue; who asks keeps the session until somebody accepts.
        "session.queued ana",
        "party.asked ana",
        "session.offered kate",
        "session.accepted kate",
        "party.joined kate",
        "message kate",
        "party.left kate",
        "party.answered kate",
        "message kate",
        "session.done kate",
    ];
    assert_eq!(told, wanted);
    let of = |event: &'static str| all.iter().filter(move |entry| entry.event == event);
    assert!(of("message").next().is_some_and(|entry| {
        entry.from.as_deref() == Some("customer") && entry.text.as_deref() == Some("hola")
    }));
    assert!(all.iter().filter(|entry| entry.session.is_some()).all(|entry| {
        entry.customer.as_deref() == Some("Karim") && entry.number.as_deref() == Some("15550142")
    }));
    let status = of("message.status").next().unwrap();
    assert_eq!(status.state.as_deref(), Some("delivered"));
    let said = of("message").find(|entry| entry.text.as_deref() == Some("buenas")).unwrap();
    assert_eq!((status.index, said.from.as_deref()), (said.index, Some("ana")));
    assert_eq!(of("data.set").next().unwrap().data.get("order").map(String::as_str), Some("48213"));
    assert_eq!(of("note.set").next().unwrap().text.as_deref(), Some("slow"));
    assert_eq!(of("session.unparked").next().unwrap().reason.as_deref(), Some("pulled"));
    assert_eq!(of("party.answered").next().unwrap().state.as_deref(), Some("accepted"));
}

#[tokio::test]
async fn feed_read_from_any_number_has_each_entry_once() {
    let mut watched = Watched::new().await;
    work_through_a_session(&mut watched).await;
    let all = watched.all("sue").await;
    assert!(all.len() > 20 && all.is_sorted_by(|a, b| a.seq < b.seq));
    let last = all.last().unwrap().seq;
    for after in 0..=last {
        let rest: Vec<FeedEntry> = all.iter().filter(|entry| entry.seq > after).cloned().collect();
        assert_eq!(watched.after("sue", &Filter::default(), after, 3).await, rest, "after {after}");
    }
}

#[tokio::test]
async fn a_log_read_later_says_what_it_said_when_it_happened() {
    let mut watched = Watched::new().await;
    work_through_a_session(&mut watched).await;
    let hot = watched.all("sue").await;
    // The next day begins with the log of the day before on the disk.
    watched.world.pass(86_400).await;
    let watched = watched.killed().await;
    for limit in [500, 1] {
        let cold = watched.after("sue", &Filter::default(), 0, limit).await;
        let begun: Vec<FeedEntry> = cold.into_iter().take(hot.len()).collect();
        assert_eq!(begun, hot);
    }
    // From the middle of a session too, where its beginning has not been read.
    let middle = hot.iter().find(|entry| entry.event == "note.set").unwrap().seq;
    let cold = watched.after("sue", &Filter::default(), middle, 500).await;
    let rest: Vec<FeedEntry> = hot.into_iter().filter(|entry| entry.seq > middle).collect();
    assert_eq!(cold.into_iter().take(rest.len()).collect::<Vec<_>>(), rest);
}

#[tokio::test]
async fn after_a_restart_the_feed_goes_on_where_it_was() {
    let mut watched = Watched::new().await;
    work_through_a_session(&mut watched).await;
    let before = watched.all("sue").await;
    let last = before.last().unwrap().seq;
    let watched = watched.killed().await;
    assert_eq!(watched.all("sue").await, before);
    watched.world.writes("15550177", "w9", "otro").await;
    let more = watched.after("sue", &Filter::default(), last, 500).await;
    assert!(more.iter().all(|entry| entry.seq > last));
    let texts: Vec<&str> = more.iter().filter_map(|entry| entry.text.as_deref()).collect();
    assert_eq!(texts, ["otro"]);
}

#[tokio::test]
async fn supervisor_of_a_group_sees_its_agents_and_their_queue() {
    let mut watched = Watched::new().await;
    work_through_a_session(&mut watched).await;
    let (all, seen) = (watched.all("sue").await, watched.all("sam").await);
    let wanted: Vec<FeedEntry> = all
        .iter()
        .filter(|entry| entry.agent.as_deref().is_none_or(|agent| agent == "kate"))
        .cloned()
        .collect();
    assert_eq!(seen, wanted);
    let texts: Vec<&str> = seen.iter().filter_map(|entry| entry.text.as_deref()).collect();
    assert!(texts.contains(&"y ahora?") && !texts.contains(&"buenas"), "{texts:?}");
    // The live view is narrowed the same way.
    watched.world.writes("15550177", "w9", "otro").await;
    let page = watched.watch.live(&"sam".into(), None, Duration::ZERO).await.unwrap();
    let agents: Vec<&str> = page.agents.iter().map(|agent| agent.id.as_str()).collect();
    assert_eq!(agents, ["kate"]);
    let with: Vec<Option<&str>> = page.sessions.iter().map(|session| session.agent.as_deref()).collect();
    let page = watched.watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap();
    assert_eq!(page.sessions.len(), 1);
    let is_kates = page.sessions[0].agent.as_deref() == Some("kate");
    assert_eq!(with.len(), usize::from(is_kates), "{with:?}");
}

#[tokio::test]
async fn a_filter_narrows_and_never_reorders() {
    let mut watched = Watched::new().await;
    work_through_a_session(&mut watched).await;
    let all = watched.all("sue").await;
    let filter = Filter { events: vec!["session".into()], agents: vec!["ana".into()], ..Filter::default() };
    let some = watched.after("sue", &filter, 0, 2).await;
    let fits =
        |entry: &&FeedEntry| entry.event.starts_with("session.") && entry.agent.as_deref() == Some("ana");
    assert_eq!(some, all.iter().filter(fits).cloned().collect::<Vec<_>>());
    assert!(!some.is_empty());
    let nobody = Filter { contacts: vec!["0000".into()], ..Filter::default() };
    assert_eq!(watched.after("sue", &nobody, 0, 500).await, []);
}

#[tokio::test]
async fn what_changed_is_told_and_the_rest_is_not() {
    let watched = Watched::new().await;
    let world = &watched.world;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hola").await;
    let id = world.accepted("ana").await;
    world.writes("15550177", "w2", "otro").await;
    let first = watched.watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap();
    assert!(first.whole && first.sessions.len() == 2 && first.agents.len() == 2, "{first:?}");
    world.says("ana", &id, "buenas").await.unwrap();
    let wait = Duration::from_secs(180);
    let next = watched.watch.live(&"sue".into(), Some(first.next), wait).await.unwrap();
    assert!(!next.whole, "{next:?}");
    let changed: Vec<(&str, &str)> =
        next.sessions.iter().map(|session| (session.id.as_str(), session.last.as_str())).collect();
    assert_eq!(changed, [(id.as_str(), "buenas")]);
    world.act("ana", Command::Park { id: id.clone(), workbin: None, owner: None }).await.unwrap();
    let parked = watched.watch.live(&"sue".into(), Some(next.next), wait).await.unwrap();
    let session = parked.sessions.iter().find(|session| session.id == id).unwrap();
    assert_eq!((session.state.as_str(), session.agent.as_deref()), ("InWorkbin", Some("ana")));
    world.act("ana", Command::Pull { id: id.clone(), workbin: None }).await.unwrap();
    world.act("ana", Command::Complete(id.clone())).await.unwrap();
    let mut gone = parked;
    while !gone.gone.contains(&id) {
        gone = watched.watch.live(&"sue".into(), Some(gone.next), wait).await.unwrap();
        assert!(!gone.whole);
    }
    // A number of another log gets everything.
    let strange = watched.watch.live(&"sue".into(), Some(1_000_000), Duration::ZERO).await.unwrap();
    assert!(strange.whole && strange.sessions.len() == 1);
}

#[tokio::test]
async fn slow_reader_of_ten_thousand_events_delays_nobody() {
    let watched = Watched::new().await;
    let world = &watched.world;
    world.ready("ana").await;
    world.writes("15550142", "w0", "hola").await;
    let id = world.accepted("ana").await;
    let began = *world.writer.written().borrow();
    // A question is open the whole time, and nobody takes its answer.
    let sam = "sue".into();
    let none = Filter { events: vec!["agent.lost".into()], ..Filter::default() };
    let open = watched.watch.feed(&sam, &none, began, 500, Duration::from_secs(600));
    tokio::pin!(open);
    let asked = tokio::select! { biased; _ = &mut open => true, () = tokio::task::yield_now() => false };
    assert!(!asked, "nothing of that kind has happened");
    for round in 0..20 {
        let many: Vec<_> = (0..500)
            .map(|place| {
                let number = round * 500 + place;
                json!({"id": format!("m{number}"), "from": "15550142", "at": world.now(), "text": format!("m{number}")})
            })
            .collect();
        world.hook(json!(many)).await;
        world.says("ana", &id, &format!("a{round}")).await.unwrap();
    }
    let all = watched
        .after("sue", &Filter { events: vec!["message".into()], ..Filter::default() }, began, 500)
        .await;
    let texts: Vec<&str> = all.iter().filter_map(|entry| entry.text.as_deref()).collect();
    let of_customer: Vec<&&str> = texts.iter().filter(|text| text.starts_with('m')).collect();
    let wanted: Vec<String> = (0..10_000).map(|number| format!("m{number}")).collect();
    assert!(of_customer.iter().map(|text| **text).eq(wanted.iter().map(String::as_str)));
    let answers: BTreeSet<&&str> = texts.iter().filter(|text| text.starts_with('a')).collect();
    assert_eq!(answers.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_while_much_happens_ends_with_all_of_it() {
    let watched = Watched::new().await;
    let (watch, writer) = (watched.watch.clone(), watched.world.writer.clone());
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let reading = tokio::spawn(async move {
        let (mut known, mut after) = (BTreeMap::new(), None);
        loop {
            let last = ended.load(Ordering::SeqCst).then(|| *writer.written().borrow());
            let page = watch.live(&"sue".into(), after, Duration::from_millis(5)).await.unwrap();
            after = Some(page.next);
            known.extend(page.sessions.into_iter().map(|session| (session.id, session.last_index)));
            if last.is_some_and(|last| after >= Some(last)) {
                return known;
            }
        }
    });
    for round in 0..40 {
        for customer in 0..25 {
            watched
                .world
                .writes(&format!("155501{customer:02}"), &format!("w{round}-{customer}"), "hola")
                .await;
        }
    }
    over.store(true, Ordering::SeqCst);
    let known = reading.await.unwrap();
    let all = watched.world.writer.live(None).await.unwrap().sessions;
    let all: BTreeMap<_, _> = all.into_iter().map(|session| (session.id, session.last_index)).collect();
    assert_eq!(all.values().sum::<u64>(), 1000);
    assert_eq!(known, all);
}

#[tokio::test]
async fn where_nothing_has_happened_yet_a_question_waits_too() {
    let watched = Watched::new().await;
    let first = watched.watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap();
    assert_eq!((first.whole, first.next), (true, 0));
    let wait = Duration::from_millis(200);
    let began = std::time::Instant::now();
    let next = watched.watch.live(&"sue".into(), Some(first.next), wait).await.unwrap();
    assert!(!next.whole && began.elapsed() >= wait, "who asks again and again must not go in circles");
    let watch = watched.watch.clone();
    let asking =
        tokio::spawn(async move { watch.live(&"sue".into(), Some(0), Duration::from_secs(180)).await });
    watched.world.ready("ana").await;
    let changed = asking.await.unwrap().unwrap();
    assert!(changed.agents.iter().any(|agent| agent.id == "ana"), "{changed:?}");
}

/// Accepts the new invitation of Ana.
async fn next_session(world: &World, from: &str) -> InteractionId {
    let before = world.sessions("ana").await;
    world.writes(from, &format!("w{from}"), "hola").await;
    let now = world.sessions("ana").await;
    let new = now.into_iter().find(|(id, _)| before.iter().all(|(old, _)| old != id)).unwrap().0;
    world.act("ana", Command::Accept { id: new.clone(), nickname: None }).await.unwrap();
    new
}

/// Ana writes, with this outcome at WhatsApp.
async fn replies(world: &mut World, id: &InteractionId, outcome: SendOutcome) {
    world.says("ana", id, "buenas").await.unwrap();
    let out = world.outbound.recv().await.unwrap();
    world.report(&out.tracker, SendOutcome::Attempting).await.unwrap();
    world.report(&out.tracker, outcome).await.unwrap();
}

#[tokio::test]
async fn the_days_figures_are_those_counted_by_hand() {
    let mut watched = Watched::new().await;
    let world = &mut watched.world;
    let sent = |name: &str| SendOutcome::Accepted { wamid: name.to_owned() };
    world.ready("ana").await;
    // Four write at once, and Ana accepts all four; a fifth one finds nobody.
    let (a, b) = (next_session(world, "15550141").await, next_session(world, "15550142").await);
    let (c, transferred) = (next_session(world, "15550143").await, next_session(world, "15550144").await);
    world.act("ana", Command::SetState(RequestedState::NotReady(None))).await.unwrap();
    world.writes("15550145", "w5", "hay alguien?").await;
    world.pass(30).await;
    // The first has a reply after 30 s: in time. Advice among colleagues does not count, nor does an
    // automatic notice.
    replies(world, &a, sent("o1")).await;
    let note = Outgoing::Text("a colleague reads this".to_owned());
    let aside = Command::Send { id: b.clone(), what: note, visibility: Visibility::Agent };
    world.act("ana", aside).await.unwrap();
    // The third one ends without a reply: missed.
    world.act("ana", Command::Complete(c)).await.unwrap();
    world.pass(30).await;
    // At 60 s two are still waiting with Ana and one with nobody: they are not decided.
    watched.all("sue").await;
    let today = watched.watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap().today;
    assert_eq!((today.replied_in_time, today.missed, today.service_level()), (1, 1, Some(50)));
    let world = &mut watched.world;
    world.pass(30).await;
    // The second has its reply after 90 s: missed, although it was accepted at once. So are those still
    // waiting.
    replies(world, &b, sent("o2")).await;
    world.pass(10).await;
    // A sixth one at 100 s, whose reply fails; Ana asks Kate to take the fourth, who replies at 110 s, too late.
    world.act("ana", Command::SetState(RequestedState::Ready)).await.unwrap();
    let e = next_session(world, "15550146").await;
    replies(world, &e, SendOutcome::Failed { code: 131_026, reason: "not on WhatsApp".to_owned() }).await;
    world.ready("kate").await;
    let (want, whom) = (InviteKind::Transfer, InviteTarget::Agent("kate".into()));
    let ask = Command::Invite { id: transferred.clone(), want, whom, extension: AttachedData::new() };
    world.act("ana", ask).await.unwrap();
    world.act("kate", Command::Accept { id: transferred.clone(), nickname: None }).await.unwrap();
    world.pass(10).await;
    world.says("kate", &transferred, "I am Kate").await.unwrap();
    watched.all("sue").await;
    let today = watched.watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap().today;
    // In time: the first. Missed: the second, the third, the fourth, the fifth. The sixth has waited for 10 s.
    assert_eq!((today.replied, today.replied_in_time, today.missed), (3, 1, 4));
    assert_eq!(today.service_level(), Some(20));
    assert_eq!((today.started, today.answered, today.done), (6, 5, 1));
    assert_eq!((today.received, today.sent, today.failed), (6, 4, 1));
    assert_eq!(today.threshold, 60);
    assert_eq!((today.arrivals.iter().sum::<u64>(), today.replies.iter().sum::<u64>()), (6, 4));
    // A restart in the middle of the day counts the same.
    let watched = watched.killed().await;
    watched.all("sue").await;
    let again = watched.watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap().today;
    assert_eq!((again.replied, again.replied_in_time, again.missed), (3, 1, 4));
}

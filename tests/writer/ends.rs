//! The end of a session: what must have been read before it, and the undo.

use super::config::TestConfig;
use super::rig::{World, actor, with_sue};
use deskline::domain::{AttachedData, InteractionId};
use deskline::gateway::hub::EventRecipient;
use deskline::gateway::writer::api::{
    AfterLeave, Command, InviteKind, InviteTarget, ReadState, Refusal, RequestedState,
};
use deskline::proto::wa;
use serde_json::{Value as Json, json};

/// `gateway` are lines of the table.
fn config(gateway: &str) -> TestConfig {
    with_sue()
        .tables(&format!("[gateway]\ngrace = 60\n{gateway}"))
        .queue("sales", "")
        .queue("billing", "")
        .agent("ana", "")
        .agent("kate", "")
}

const CUSTOMER: &str = "15550142";

/// Ana has a session in which she has answered; Kate is not there yet.
struct Ends {
    world: World,
    id: InteractionId,
}

impl std::ops::Deref for Ends {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl Ends {
    async fn new() -> Self {
        let world = World::new(config("")).await;
        world.ready("ana").await;
        world.writes(CUSTOMER, "w1", "hello").await;
        let id = world.accepted("ana").await;
        world.says("ana", &id, "hello to you").await.unwrap();
        Self { world, id }
    }

    async fn killed(self) -> Self {
        Self { world: self.world.killed().await, id: self.id }
    }

    /// The number of the last entry.
    async fn last(&self) -> u64 {
        self.log(&self.id).await.last().unwrap().index
    }

    async fn having_read(&self, who: &str, command: Command, read: u64) -> Result<(), Refusal> {
        let reading = ReadState::UpTo([(self.id.clone(), read)].into());
        self.writer.act_having_read(actor(who), None, command, reading).await
    }

    async fn done(&self, read: u64) -> Result<(), Refusal> {
        self.having_read("ana", Command::Complete(self.id.clone()), read).await
    }

    async fn reopen(&self, who: &str) -> Result<(), Refusal> {
        self.act(who, Command::Reopen(self.id.clone())).await
    }

    /// The last event of the session with that state that a person was sent.
    fn told_of(&self, who: &str, state: &str) -> Option<Json> {
        let told = self.told.0.lock().unwrap();
        let mine = told.iter().filter(|(to, _)| *to == EventRecipient::Agent(who.into()));
        let states = mine.filter(|(_, notice)| notice.data["interaction"]["state"] == state);
        states.map(|(_, notice)| notice.data["interaction"].clone()).next_back()
    }

    async fn state(&self, who: &str) -> String {
        let sessions = self.sessions(who).await;
        sessions.into_iter().find(|(id, _)| *id == self.id).map_or("none".to_owned(), |(_, state)| state)
    }
}

fn unread(result: Result<(), Refusal>) -> (u64, usize, String) {
    match result.unwrap_err() {
        Refusal::Unread(unread) => (unread.index, unread.count, unread.text),
        other => (0, 0, other.to_string()),
    }
}

/// Everything that ends a session or gives it away.
fn endings(id: &InteractionId) -> Vec<Command> {
    let id = || id.clone();
    let place = |queue: &str| {
        let (queue, set) = (queue.to_owned(), AttachedData::new());
        Command::PlaceInQueue { id: id(), queue, set, deleted: Vec::new() }
    };
    vec![
        Command::Complete(id()),
        Command::Leave(id(), AfterLeave::CloseIfNoAgents),
        Command::Leave(id(), AfterLeave::ForceClose),
        Command::Leave(id(), AfterLeave::KeepAlive),
        Command::Invite {
            id: id(),
            want: InviteKind::Transfer,
            whom: InviteTarget::Agent("kate".into()),
            extension: AttachedData::new(),
        },
        place("billing"),
        place("__BACK__"),
        place("whatsapp-workbin"),
        Command::Park { id: id(), workbin: None, owner: None },
    ]
}

#[tokio::test]
async fn nothing_ends_a_session_over_words_nobody_has_read() {
    for place in 0..9 {
        let ends = Ends::new().await;
        ends.ready("kate").await;
        let command = endings(&ends.id).remove(place);
        let read = ends.last().await;
        ends.writes(CUSTOMER, "w2", "wait, one more question").await;
        ends.writes(CUSTOMER, "w3", "and another").await;
        let refused = unread(ends.having_read("ana", command.clone(), read).await);
        assert_eq!(refused, (read + 2, 2, "and another".to_owned()), "{command:?}");
        assert_eq!(ends.state("ana").await, "Processing", "{command:?}");
        // An agent who has read it can do it.
        ends.having_read("ana", command.clone(), read + 2).await.unwrap();
    }
}

/// The interleavings of: a customer writes (w), Ana's screen shows it (s), her command is sent (a) and
/// decided (d).
fn interleavings() -> Vec<String> {
    let mut all = vec![String::new()];
    for _ in 0..4 {
        let more = |order: &String| {
            let next = ['w', 's', 'a', 'd'].into_iter().filter(|step| !order.contains(*step));
            next.map(|step| format!("{order}{step}")).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(more).collect();
    }
    // A screen shows what was written before, and a command is decided after it was sent.
    let before = |order: &str, one: char, other: char| order.find(one) < order.find(other);
    all.retain(|order| before(order, 'w', 's') && before(order, 'a', 'd'));
    all
}

#[tokio::test]
async fn no_interleaving_ends_a_session_over_unread_words() {
    assert_eq!(interleavings().len(), 6);
    for order in interleavings() {
        for place in 0..9 {
            let ends = Ends::new().await;
            ends.ready("kate").await;
            let command = endings(&ends.id).remove(place);
            let mut shown = ends.last().await;
            let mut sent = None;
            let mut refused = false;
            for step in order.chars() {
                match step {
                    'w' => ends.writes(CUSTOMER, "w2", "wait").await,
                    's' if ends.state("ana").await == "Processing" => shown = ends.last().await,
                    's' => {}
                    'a' => sent = Some(shown),
                    _ => refused = ends.having_read("ana", command.clone(), sent.unwrap()).await.is_err(),
                }
            }
            ends.pass(0).await;
            let case = format!("{order} {command:?}");
            // It is refused exactly when the message was written before the decision and not shown before the
            // command.
            let before = |one: char, other: char| order.find(one) < order.find(other);
            assert_eq!(refused, before('w', 'd') && !before('s', 'a'), "{case}");
            let mine = ends.sessions("ana").await;
            let kates = ends.sessions("kate").await;
            let somebody =
                mine.iter().chain(&kates).any(|(_, state)| state == "Invited" || state == "Processing");
            let read = before('s', 'a');
            assert!(somebody || read, "{case}: nobody sees what was written");
        }
    }
}

#[tokio::test]
async fn words_after_the_end_open_a_new_session_that_is_offered() {
    let ends = Ends::new().await;
    ends.done(ends.last().await).await.unwrap();
    ends.writes(CUSTOMER, "w2", "wait").await;
    let (id, state) = ends.sessions("ana").await.remove(0);
    assert!(id != ends.id && state == "Invited");
    let old = ends.log(&ends.id).await;
    assert!(old.iter().all(|entry| entry.text.as_deref() != Some("wait")));
}

#[tokio::test]
async fn other_words_for_an_old_message_count_as_words() {
    let edit = |text: &str| json!([{"t": "edit", "id": format!("e{text}"), "from": CUSTOMER, "of": "w1", "text": text}]);
    let ends = Ends::new().await;
    let read = ends.last().await;
    ends.hook(edit("hello, I want to cancel")).await;
    assert_eq!(unread(ends.done(read).await), (read + 1, 1, "hello, I want to cancel".to_owned()));
    // Nobody would read them in a session that is over.
    ends.done(read + 1).await.unwrap();
    ends.hook(edit("hello, cancel it today")).await;
    let (id, state) = ends.sessions("ana").await.remove(0);
    assert!(id != ends.id && state == "Invited");
    assert!(ends.log(&id).await[0].text.as_deref().unwrap().ends_with("hello, cancel it today"));
    // A parked session comes back for them.
    let parked = Ends::new().await;
    parked.act("ana", Command::Park { id: parked.id.clone(), workbin: None, owner: None }).await.unwrap();
    parked.hook(edit("hello, I want to cancel")).await;
    parked.pass(0).await;
    assert_eq!(parked.state("ana").await, "Invited");
}

#[tokio::test]
async fn a_reaction_or_a_status_keeps_nobody_from_ending() {
    let ends = Ends::new().await;
    let read = ends.last().await;
    ends.hook(json!([{"t": "react", "id": "r1", "from": CUSTOMER, "of": "w1", "text": "👍"}])).await;
    ends.done(read).await.unwrap();
}

#[tokio::test]
async fn a_done_act_that_is_repeated_stays_done() {
    let ends = Ends::new().await;
    let read = ReadState::UpTo([(ends.id.clone(), ends.last().await)].into());
    let again = || {
        ends.writer.act_having_read(
            actor("ana"),
            Some("op-done".into()),
            Command::Complete(ends.id.clone()),
            read.clone(),
        )
    };
    again().await.unwrap();
    ends.writes(CUSTOMER, "w2", "wait").await;
    again().await.unwrap();
    ends.act("ana", Command::Accept { id: ends.only("ana").await, nickname: None }).await.unwrap();
    again().await.unwrap();
    assert_eq!(ends.sessions("ana").await[0].1, "Processing", "the new session is not touched by it");
}

#[tokio::test]
async fn only_who_ends_a_session_must_have_read_it() {
    let ends = Ends::new().await;
    ends.ready("kate").await;
    let (id, extension) = (ends.id.clone(), AttachedData::new());
    let whom = InviteTarget::Agent("kate".into());
    ends.act("ana", Command::Invite { id, want: InviteKind::Conference, whom, extension }).await.unwrap();
    ends.act("kate", Command::Accept { id: ends.id.clone(), nickname: None }).await.unwrap();
    let read = ends.last().await;
    ends.writes(CUSTOMER, "w2", "wait").await;
    let leave = Command::Leave(ends.id.clone(), AfterLeave::CloseIfNoAgents);
    // Kate leaves it to Ana; Ana ends it for both.
    ends.having_read("kate", leave.clone(), read).await.unwrap();
    assert_eq!(
        unread(ends.having_read("ana", leave, read).await).0,
        ends.log(&ends.id).await.iter().rev().find(|entry| entry.from.kind == "Customer").unwrap().index
    );
}

#[tokio::test]
async fn signing_out_parks_nothing_over_unread_words() {
    for out in [Command::SignOut, Command::SetState(RequestedState::LoggedOut)] {
        for reads in [false, true] {
            let ends = Ends::new().await;
            let before = ends.last().await;
            ends.ready("kate").await;
            ends.writes(CUSTOMER, "w2", "wait").await;
            let read = if reads { ends.last().await } else { before };
            ends.having_read("ana", out.clone(), read).await.unwrap();
            ends.pass(0).await;
            let expected = if reads { "none" } else { "Invited" };
            assert_eq!(ends.state("kate").await, expected, "{out:?}");
        }
    }
}

#[tokio::test]
async fn who_finished_a_session_can_open_it_again_for_ten_seconds() {
    let ends = Ends::new().await;
    ends.done(ends.last().await).await.unwrap();
    let told = ends.told_of("ana", "Completed").unwrap();
    let left = told["userData"].as_array().unwrap().iter().find(|pair| pair["key"] == wa::UNDO).unwrap();
    assert_eq!(left["value"], 10_000);
    assert_eq!(ends.state("ana").await, "none");
    ends.pass(9).await;
    ends.reopen("ana").await.unwrap();
    assert_eq!(ends.state("ana").await, "Processing");
    ends.reopen("ana").await.unwrap();
    // It is as before: the customer's messages arrive in it, and it can be ended again.
    ends.writes(CUSTOMER, "w2", "good that you are there").await;
    assert_eq!(ends.only("ana").await, ends.id);
    ends.done(ends.last().await).await.unwrap();
    ends.pass(10).await;
    assert_eq!(ends.reopen("ana").await.unwrap_err().http_status(), 410);
    let contact = ends.told_of("ana", "Completed").unwrap()["contactId"].as_str().unwrap().to_owned();
    let past = ends.writer.history(actor("sue"), contact.as_str().into(), None, None).await.unwrap();
    assert!(past.len() == 1 && past[0].ended.is_some());
}

#[tokio::test]
async fn a_reopened_session_is_open_in_history_and_after_kill_9() {
    let ends = Ends::new().await;
    ends.done(ends.last().await).await.unwrap();
    let contact = ends.told_of("ana", "Completed").unwrap()["contactId"].as_str().unwrap().to_owned();
    let ends = ends.killed().await;
    ends.ready("ana").await;
    ends.pass(5).await;
    ends.reopen("ana").await.unwrap();
    let ended = async |ends: &Ends| {
        ends.writer.history(actor("sue"), contact.as_str().into(), None, None).await.unwrap()[0].ended
    };
    assert_eq!(ended(&ends).await, None);
    let ends = ends.killed().await;
    ends.pass(60).await;
    ends.ready("ana").await;
    assert_eq!(ended(&ends).await, None);
    assert!(ends.sessions("ana").await.iter().any(|(id, _)| *id == ends.id));
    ends.writes(CUSTOMER, "w2", "still there?").await;
    assert!(ends.log(&ends.id).await.iter().any(|entry| entry.text.as_deref() == Some("still there?")));
}

#[tokio::test]
async fn a_finished_session_is_forgotten_after_kill_9_too() {
    let ends = Ends::new().await;
    ends.done(ends.last().await).await.unwrap();
    let ends = ends.killed().await;
    ends.pass(11).await;
    ends.ready("ana").await;
    assert_eq!(ends.reopen("ana").await.unwrap_err().http_status(), 410);
    let start = ends.store().startup_events(deskline::domain::Millis(0)).await.unwrap();
    let ended = |stored: &deskline::store::StoredEvent| stored.body.contains(ends.id.as_str());
    assert!(!start.before.iter().any(ended), "a start reads it no more");
}

#[tokio::test]
async fn a_session_is_not_opened_again_beside_a_newer_one() {
    let ends = Ends::new().await;
    ends.done(ends.last().await).await.unwrap();
    ends.writes(CUSTOMER, "w2", "wait").await;
    let refusal = ends.reopen("ana").await.unwrap_err();
    assert!(refusal.to_string().contains("new session"), "{refusal}");
    assert_eq!(ends.sessions("ana").await.len(), 1);
}

#[tokio::test]
async fn nobody_else_opens_a_session_again() {
    let ends = Ends::new().await;
    ends.ready("kate").await;
    ends.done(ends.last().await).await.unwrap();
    assert_eq!(ends.reopen("kate").await.unwrap_err().http_status(), 404);
    assert_eq!(ends.reopen("sue").await.unwrap_err().http_status(), 403);
    ends.act("ana", Command::SignOut).await.unwrap();
    assert_eq!(ends.reopen("ana").await.unwrap_err().http_status(), 409, "she is not there any more");
}

#[tokio::test]
async fn a_conference_that_is_opened_again_has_everybody_back() {
    let ends = Ends::new().await;
    ends.ready("kate").await;
    let (id, extension) = (ends.id.clone(), AttachedData::new());
    let whom = InviteTarget::Agent("kate".into());
    ends.act("ana", Command::Invite { id, want: InviteKind::Conference, whom, extension }).await.unwrap();
    ends.act("kate", Command::Accept { id: ends.id.clone(), nickname: None }).await.unwrap();
    ends.done(ends.last().await).await.unwrap();
    assert_eq!((ends.state("kate").await.as_str(), ends.load("kate").await), ("none", 0));
    ends.reopen("ana").await.unwrap();
    assert_eq!((ends.state("kate").await.as_str(), ends.load("kate").await), ("Processing", 1));
    ends.says("kate", &ends.id, "we are back").await.unwrap();
    ends.done(u64::MAX).await.unwrap();
    assert_eq!((ends.load("ana").await, ends.load("kate").await), (0, 0));
}

#[tokio::test]
async fn the_wait_of_a_customer_goes_on_when_the_session_does() {
    let ends = Ends::new().await;
    ends.writes(CUSTOMER, "w2", "and?").await;
    ends.done(u64::MAX).await.unwrap();
    ends.reopen("ana").await.unwrap();
    let told = ends.told_of("ana", "Processing").unwrap();
    let waits = told["userData"].as_array().unwrap().iter().any(|pair| pair["key"] == wa::WAITING_SINCE);
    assert!(waits, "{told}");
}

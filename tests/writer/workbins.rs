//! Workbins: parking, pulling, and who comes back by themselves.

use super::config::TestConfig;
use super::rig::{World, with_sue};
use deskline::domain::{AttachedData, InteractionId};
use deskline::gateway::hub::EventRecipient;
use deskline::gateway::writer::api::{Command, Refusal, RequestedState};
use deskline::gateway::writer::model::views::WorkbinView;
use deskline::proto::{channel, wa};
use serde_json::Value as Json;
use std::ops::Deref;

const OWN: &str = "whatsapp-workbin";

/// `gateway` are lines of the table.
fn config(gateway: &str) -> TestConfig {
    with_sue()
        .tables(&format!("[gateway]\ngrace = 60\n{gateway}"))
        .tables(
            "[[gateway.workbin]]\nname = 'billing-later'\ndisplay-name = 'Billing, later'\ngroup = 'Billing'",
        )
        .queue("sales", "")
        .agent("ana", "groups = ['Billing']\ncapacity = 2")
        .agent("ben", "groups = ['Billing']")
        .agent("cy", "")
}

/// A writer with one session, which Ana has at first.
struct Bins {
    world: World,
    id: InteractionId,
    hooks: u32,
}

impl Deref for Bins {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Bins {
    async fn new() -> Self {
        Self::with("").await
    }

    async fn with(gateway: &str) -> Self {
        let mut bins = Self { world: World::new(config(gateway)).await, id: "".into(), hooks: 100 };
        bins.ready("ana").await;
        bins.writes("15550142").await;
        bins.id = bins.accepted("ana").await;
        bins
    }

    /// Stops without a word, as `kill -9` does, and starts again on the same folder.
    async fn killed(self) -> Self {
        Self { world: self.world.killed().await, ..self }
    }

    async fn writes(&mut self, customer: &str) {
        self.hooks += 1;
        let number = self.hooks;
        self.world.writes(customer, &format!("w{number}"), &format!("words {number}")).await;
        self.pass(0).await;
    }

    /// Takes what is offered, beside what one has.
    async fn accepted(&self, who: &str) -> InteractionId {
        let sessions = self.sessions(who).await;
        let (id, _) = sessions.into_iter().find(|(_, state)| state == "Invited").unwrap();
        self.act(who, Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
        id
    }

    async fn park(&self, who: &str, workbin: Option<&str>) -> Result<(), Refusal> {
        let (id, workbin) = (self.id.clone(), workbin.map(str::to_owned));
        self.act(who, Command::Park { id, workbin, owner: None }).await
    }

    async fn pull(&self, who: &str) -> Result<(), Refusal> {
        self.act(who, Command::Pull { id: self.id.clone(), workbin: None }).await
    }

    async fn state(&self, who: &str) -> String {
        let view = self.view(who).await;
        let found = view.iter().find(|dto| dto.id == self.id.as_str());
        found.map_or_else(|| "none".to_owned(), |dto| dto.state.clone())
    }

    async fn workbins(&self, who: &str) -> Vec<WorkbinView> {
        self.writer.workbins(who.into()).await.unwrap()
    }

    /// Names of the workbins of somebody with how much is in them.
    async fn counts(&self, who: &str) -> Vec<(String, usize)> {
        self.workbins(who).await.into_iter().map(|view| (view.name, view.interactions.len())).collect()
    }

    fn told_on(&self, who: &str, on: &str) -> Vec<Json> {
        let to = EventRecipient::Agent(who.into());
        let told = self.told.0.lock().unwrap();
        let mine = told.iter().filter(|(all, notice)| *all == to && notice.channel == on);
        mine.map(|(_, notice)| Json::clone(&notice.data)).collect()
    }
}

fn status(result: Result<(), Refusal>) -> u16 {
    result.unwrap_err().http_status()
}

#[tokio::test]
async fn parked_session_takes_no_capacity_until_it_is_pulled() {
    let world = Bins::new().await;
    world
        .act("ana", Command::SetComment { id: world.id.clone(), comment: "asks the warehouse".into() })
        .await
        .unwrap();
    world.park("ana", Some(OWN)).await.unwrap();
    world.park("ana", Some(OWN)).await.unwrap();
    assert_eq!(world.state("ana").await, "none");
    assert_eq!(world.load("ana").await, 0);
    let view = world.workbins("ana").await.remove(0);
    assert_eq!((view.name.as_str(), view.owner.as_str(), view.of_group), (OWN, "ana", false));
    let dto = &view.interactions[0];
    assert_eq!(
        (dto.state.as_str(), dto.queue.as_deref()),
        ("InWorkbin", Some("whatsapp-workbin/PrivateQueue"))
    );
    assert_eq!(dto.rest["workbinTypeId"], OWN);
    assert_eq!((&dto.rest["agentId"], &dto.rest["assignedTo"]), (&"ana".into(), &"ana".into()));
    assert_eq!(
        (&dto.rest["workflowState"], &dto.rest["interactionState"]),
        (&"Queued".into(), &"Queued".into())
    );
    assert_eq!(dto.user_data.text(wa::LAST_WORDS), Some("words 101"));
    assert_eq!(dto.comment.as_deref(), Some("asks the warehouse"));
    assert!(dto.user_data.text(wa::WINDOW_ENDS).is_some());
    let told = world.told_on("ana", channel::WHATSAPP);
    let last = told.iter().rfind(|data| data["notificationType"] == "StatusChange").unwrap();
    assert_eq!(last["interaction"]["state"], "InWorkbin");

    world.pull("ana").await.unwrap();
    world.pull("ana").await.unwrap();
    assert_eq!(world.state("ana").await, "Processing");
    assert_eq!(world.counts("ana").await, [(OWN.to_owned(), 0), ("billing-later".to_owned(), 0)]);
    world.act("ana", Command::Complete(world.id.clone())).await.unwrap();
    assert_eq!(status(world.pull("ana").await), 404, "it is done");
}

#[tokio::test]
async fn parked_session_is_offered_to_the_parker_if_ready() {
    let mut world = Bins::new().await;
    world.ready("ben").await;
    world.park("ana", None).await.unwrap();
    world.writes("15550142").await;
    assert_eq!((world.state("ana").await.as_str(), world.state("ben").await.as_str()), ("Invited", "none"));
    assert_eq!(world.counts("ana").await[0].1, 0);
    // Said no to by her, it goes to anybody.
    world.act("ana", Command::Reject(world.id.clone())).await.unwrap();
    world.pass(0).await;
    assert_eq!((world.state("ana").await.as_str(), world.state("ben").await.as_str()), ("none", "Invited"));
}

#[tokio::test]
async fn parked_session_is_offered_to_another_if_parker_is_not_ready() {
    let mut world = Bins::new().await;
    world.ready("ben").await;
    world.park("ana", None).await.unwrap();
    world.act("ana", Command::SetState(RequestedState::NotReady(None))).await.unwrap();
    world.writes("15550142").await;
    assert_eq!((world.state("ana").await.as_str(), world.state("ben").await.as_str()), ("none", "Invited"));
    assert_eq!(status(world.pull("ana").await), 410, "it is gone from the workbin");
}

#[tokio::test]
async fn workbins_outlive_a_kill() {
    let world = Bins::new().await;
    world.park("ana", None).await.unwrap();
    let world = world.killed().await;
    assert_eq!(world.counts("ana").await[0], (OWN.to_owned(), 1));
    world.ready("ana").await;
    world.pull("ana").await.unwrap();
    assert_eq!(world.state("ana").await, "Processing");
    world.park("ana", None).await.unwrap();
    let mut world = world.killed().await;
    world.ready("ana").await;
    world.writes("15550142").await;
    assert_eq!(world.state("ana").await, "Invited");
}

#[tokio::test]
async fn only_who_may_can_pull_and_only_with_room() {
    let mut world = Bins::new().await;
    world.ready("cy").await;
    world.act("cy", Command::SetState(RequestedState::NotReady(None))).await.unwrap();
    world.park("ana", None).await.unwrap();
    assert_eq!(status(world.pull("cy").await), 403);
    assert_eq!(status(world.pull("sue").await), 403);
    assert_eq!(status(world.act("ana", Command::Pull { id: "nothing".into(), workbin: None }).await), 404);
    for customer in ["2", "3"] {
        world.writes(customer).await;
        world.accepted("ana").await;
    }
    let refusal = world.pull("ana").await.unwrap_err();
    assert_eq!(refusal.http_status(), 409);
    assert!(refusal.to_string().starts_with("no free place: 2 sessions of 2"), "{refusal}");
    assert_eq!(world.counts("ana").await[0].1, 1, "it stays");
    world.act("ana", Command::SetState(RequestedState::LoggedOut)).await.unwrap();
    assert_eq!(status(world.pull("ana").await), 409);
}

#[tokio::test]
async fn a_place_that_an_invitation_takes_is_said() {
    let mut world = Bins::new().await;
    world.park("ana", None).await.unwrap();
    world.writes("2").await;
    world.accepted("ana").await;
    world.writes("3").await;
    let refusal = world.pull("ana").await.unwrap_err();
    assert!(
        refusal
            .to_string()
            .starts_with("no free place: 1 session + 1 invitation of 2. Reject the invitation"),
        "{refusal}"
    );
}

#[tokio::test]
async fn group_workbin_is_shared_by_members_only() {
    let world = Bins::new().await;
    world.ready("ben").await;
    world.ready("cy").await;
    assert_eq!(status(world.park("ana", Some("nowhere")).await), 400);
    world.park("ana", Some("billing-later")).await.unwrap();
    assert_eq!(world.counts("ben").await, [(OWN.to_owned(), 0), ("billing-later".to_owned(), 1)]);
    assert_eq!(world.counts("cy").await, [(OWN.to_owned(), 0)]);
    assert_eq!(status(world.pull("cy").await), 403);
    world.pull("ben").await.unwrap();
    assert_eq!(status(world.pull("ana").await), 410);
    assert_eq!(world.state("ben").await, "Processing");
}

#[tokio::test]
async fn a_workbin_can_be_named_as_a_queue_and_there_is_a_way_back() {
    let world = Bins::new().await;
    let place = |queue: &str| {
        let set: AttachedData = [("Why", "waits")].into_iter().collect();
        Command::PlaceInQueue { id: world.id.clone(), queue: queue.to_owned(), set, deleted: Vec::new() }
    };
    world.act("ana", place(OWN)).await.unwrap();
    let view = world.workbins("ana").await.remove(0);
    assert_eq!(view.interactions[0].user_data.text("Why"), Some("waits"));
    world.pull("ana").await.unwrap();
    world.act("ana", place("whatsapp-workbin/PrivateQueue")).await.unwrap();
    world.pull("ana").await.unwrap();
    world.act("ana", place("__BACK__")).await.unwrap();
    world.pass(0).await;
    assert_eq!(world.state("ana").await, "Invited", "it is back in its queue, and she is the only one");
}

#[tokio::test]
async fn changes_are_told_to_who_follows_a_workbin() {
    let mut world = Bins::new().await;
    world.park("ana", None).await.unwrap();
    world.pull("ana").await.unwrap();
    assert!(world.told_on("ana", channel::WORKBINS).is_empty(), "nobody asked for it");
    world.writer.follow("ana".into(), vec![OWN.to_owned(), "nowhere".to_owned()], true).await;
    world.park("ana", None).await.unwrap();
    world.pull("ana").await.unwrap();
    world.park("ana", None).await.unwrap();
    world.writes("15550142").await;
    let told = world.told_on("ana", channel::WORKBINS);
    let word = |data: &Json, key: &str| data[key].as_str().unwrap_or("-").to_owned();
    let what: Vec<_> = told
        .iter()
        .map(|data| (word(data, "operation"), word(data, "workbinContentOperation"), word(data, wa::BECAUSE)))
        .collect();
    let of = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(
        what,
        [
            of("PlaceInWorkbin", "Add", "-"),
            of("Pull", "Remove", "pulled"),
            of("PlaceInWorkbin", "Add", "-"),
            of("Pull", "Remove", "customer"),
        ]
    );
    assert!(told.iter().all(|data| data["name"] == "EventWorkbinContentChanged"
        && data["messageType"] == "WorkbinsMessage"
        && data["workbin"]["id"] == OWN
        && data["workbin"]["owner"] == "ana"
        && data["interaction"]["id"] == world.id.as_str()
        && data.get("operationId").is_none()));
    world.writer.follow("ana".into(), vec![OWN.to_owned()], false).await;
    world.act("ana", Command::Accept { id: world.id.clone(), nickname: None }).await.unwrap();
    world.park("ana", None).await.unwrap();
    assert_eq!(world.told_on("ana", channel::WORKBINS).len(), 4);
}

#[tokio::test]
async fn who_signs_out_finds_the_sessions_in_the_workbin() {
    for out in [Command::SignOut, Command::SetState(RequestedState::LoggedOut)] {
        let mut world = Bins::new().await;
        world.act("ana", out).await.unwrap();
        assert_eq!(world.counts("ana").await[0], (OWN.to_owned(), 1));
        world.pass(120).await;
        assert_eq!(world.counts("ana").await[0].1, 1, "the grace takes nothing out of it");
        // The customer does not have to wait for her.
        world.ready("ben").await;
        world.writes("15550142").await;
        assert_eq!(world.state("ben").await, "Invited");
    }
}

#[tokio::test]
async fn a_shop_decides_where_the_sessions_of_who_signs_out_go() {
    // Her customer waits for an answer.
    let world = Bins::with("sign-out-to = \"answered-to-workbin\"").await;
    world.ready("ben").await;
    world.act("ana", Command::SignOut).await.unwrap();
    world.pass(0).await;
    assert_eq!((world.counts("ana").await[0].1, world.state("ben").await.as_str()), (0, "Invited"));
    let world = Bins::with("sign-out-to = \"queue\"").await;
    world.ready("ben").await;
    world.act("ana", Command::SignOut).await.unwrap();
    world.pass(59).await;
    assert_eq!(world.state("ben").await, "none");
    world.pass(2).await;
    assert_eq!((world.counts("ana").await[0].1, world.state("ben").await.as_str()), (0, "Invited"));
}

#[tokio::test]
async fn a_lost_connection_parks_nothing() {
    let world = Bins::new().await;
    world.ready("ben").await;
    world.presence("ana", false).await;
    world.pass(0).await;
    world.pass(61).await;
    assert_eq!((world.counts("ana").await[0].1, world.state("ben").await.as_str()), (0, "Invited"));
}

#[tokio::test]
async fn after_call_work_ends_by_itself_where_a_shop_wants_that() {
    let world = Bins::with("after-call-work-seconds = 45").await;
    world.act("ana", Command::SetState(RequestedState::AfterCallWork(None))).await.unwrap();
    world.pass(44).await;
    let state = async || world.writer.session("ana".into()).await.unwrap().channel.state;
    assert_eq!(state().await, "NotReady");
    world.pass(1).await;
    assert_eq!(state().await, "Ready");
    let channel = world.writer.session("ana".into()).await.unwrap().channel;
    assert_eq!(channel.extension.number(wa::CAPACITY), Some(2));
}

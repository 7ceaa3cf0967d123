//! More than one agent: transfer, conference and consultation.

use super::config::TestConfig;
use super::rig::{World, actor, setup, with_sue};
use deskline::domain::message::Visibility;
use deskline::domain::role::Role;
use deskline::domain::{AttachedData, InteractionId};
use deskline::gateway::hub::EventRecipient;
use deskline::gateway::writer::api::{
    Actor, AfterLeave, Command, InviteKind, InviteTarget, Outgoing, Refusal, RequestedState,
};
use deskline::proto::media::{InteractionDto, LogQuery, MessageDto};
use deskline::proto::wa;
use serde_json::Value as Json;
use std::ops::{Deref, DerefMut};

pub fn config() -> TestConfig {
    with_sue()
        .tables("gateway.grace = 60")
        .queue("sales", "")
        .queue("colleagues", "")
        .agent("ana", "last-name = 'Gil'")
        .agent("kate", "last-name = 'London'\ngroups = ['Billing']")
        .agent("ben", "skills = { french = 5 }")
}

/// Ana has the one session there is; Kate and Ben are her colleagues.
pub struct Trio {
    pub world: World,
    pub id: InteractionId,
}

impl Deref for Trio {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Trio {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Trio {
    pub async fn new() -> Self {
        Self::with(config()).await
    }

    pub async fn with(config: TestConfig) -> Self {
        let world = World::new(config).await;
        world.ready("ana").await;
        world.writes("15550142", "w1", "hello").await;
        let id = world.accepted("ana").await;
        Self { world, id }
    }

    pub async fn killed(self) -> Self {
        Self { world: self.world.killed().await, id: self.id }
    }

    /// Acts under a name of its own, which failures carry.
    pub async fn act(&self, who: &str, command: Command) -> Result<(), Refusal> {
        let operation = format!("{who}-{command:?}-{}", self.told.0.lock().unwrap().len());
        self.writer.act(actor(who), Some(operation.into()), command).await
    }

    pub async fn accept(&self, who: &str) -> Result<(), Refusal> {
        self.act(who, Command::Accept { id: self.id.clone(), nickname: None }).await
    }

    pub async fn ask(&self, who: &str, want: InviteKind, whom: InviteTarget) -> Result<(), Refusal> {
        let extension = AttachedData::new();
        self.act(who, Command::Invite { id: self.id.clone(), want, whom, extension }).await
    }

    pub async fn kate(&self, want: InviteKind) -> Result<(), Refusal> {
        self.ask("ana", want, InviteTarget::Agent("kate".into())).await
    }

    /// Attaches a target, as a client does before it asks.
    pub async fn target(&self, kind: &str, name: &str) {
        let data = target(kind, name);
        self.act("ana", Command::SetUserData { id: self.id.clone(), data }).await.unwrap();
    }

    pub async fn place(&self, queue: &str, set: AttachedData) -> Result<(), Refusal> {
        let (id, queue) = (self.id.clone(), queue.to_owned());
        self.act("ana", Command::PlaceInQueue { id, queue, set, deleted: Vec::new() }).await
    }

    pub async fn says(&self, who: &str, visibility: Visibility) -> Result<(), Refusal> {
        let what = Outgoing::Text(format!("from {who}"));
        self.act(who, Command::Send { id: self.id.clone(), what, visibility }).await
    }

    pub async fn leave(&self, who: &str) -> Result<(), Refusal> {
        self.act(who, Command::Leave(self.id.clone(), AfterLeave::CloseIfNoAgents)).await
    }

    pub async fn state(&self, who: &str) -> String {
        let view = self.view(who).await;
        view.first().map_or_else(|| "none".to_owned(), |dto| dto.state.clone())
    }

    pub async fn log(&self) -> Vec<MessageDto> {
        self.world.log(&self.id).await
    }

    pub async fn notices(&self) -> Vec<String> {
        let log = self.log().await;
        let all = log.into_iter().filter(|entry| entry.kind == "Notice");
        all.map(|entry| format!("{} {}", entry.visibility, entry.text.unwrap())).collect()
    }

    pub fn data_to(&self, who: &str) -> Vec<Json> {
        let to = EventRecipient::Agent(who.into());
        let told = self.told.0.lock().unwrap();
        told.iter().filter(|(all, _)| *all == to).map(|(_, notice)| Json::clone(&notice.data)).collect()
    }

    /// What was last told of how the session stands.
    pub fn last(&self, who: &str) -> (String, AttachedData) {
        let told = self.data_to(who);
        let last = told.iter().rfind(|data| data["notificationType"] == "StatusChange").unwrap();
        let dto: InteractionDto = serde_json::from_value(last["interaction"].clone()).unwrap();
        (dto.state, dto.user_data)
    }

    /// The error that an agent was told of last.
    pub fn error(&self, who: &str) -> String {
        let told = self.data_to(who);
        let error = told.iter().rfind(|data| data["messageType"] == "EventError").unwrap();
        assert_eq!(error["interactionId"], self.id.as_str());
        assert!(error["operationId"].is_string() && error["error"]["errorCode"].is_i64());
        error["error"]["errorMessage"].as_str().unwrap().to_owned()
    }

    pub fn outcomes(&self, who: &str) -> Vec<(String, String)> {
        let told = self.data_to(who);
        let all = told.iter().filter(|data| data["messageType"] == wa::TRANSFER_OUTCOME);
        let word = |data: &Json, key: &str| data[key].as_str().unwrap().to_owned();
        all.map(|data| (word(data, "outcome"), word(data, "by"))).collect()
    }
}

pub fn target(kind: &str, name: &str) -> AttachedData {
    let mut data = AttachedData::new();
    data.set("IW_RoutingBasedOriginalEmployeeId", "ana");
    data.set("IW_RoutingBasedTargetType", kind);
    data.set("IW_RoutingBasedTargetId", name);
    data
}

pub fn sentence(result: Result<(), Refusal>) -> (u16, String) {
    let refusal = result.unwrap_err();
    (refusal.http_status(), refusal.to_string())
}

pub const ALL: [InviteKind; 3] = [InviteKind::Transfer, InviteKind::Conference, InviteKind::Consult];

#[tokio::test]
async fn a_transfer_is_the_senders_until_it_is_accepted() {
    let world = Trio::new().await;
    world.ready("kate").await;
    let extension = target("Agent", "kate");
    let (id, whom) = (world.id.clone(), InviteTarget::Agent("kate".into()));
    world.act("ana", Command::Invite { id, want: InviteKind::Transfer, whom, extension }).await.unwrap();
    let invited = world.view("kate").await.remove(0);
    assert_eq!((invited.state.as_str(), invited.interaction_subtype.as_str()), ("Invited", "InboundNew"));
    assert_eq!(invited.user_data.text("IW_RoutingBasedTargetId"), Some("kate"));
    assert_eq!(invited.user_data.number(wa::ACCEPT_LEFT), Some(30_000));
    assert_eq!(world.state("ana").await, "Processing");
    world.says("ana", Visibility::All).await.unwrap();

    world.accept("kate").await.unwrap();
    assert_eq!(
        (world.state("kate").await.as_str(), world.state("ana").await.as_str()),
        ("Processing", "none")
    );
    let (state, data) = world.last("ana");
    assert_eq!((state.as_str(), data.text(wa::LEFT)), ("Completed", Some("transferred")));
    assert_eq!(data.text(wa::LEFT_TO), Some("Kate London"));
    assert_eq!(world.notices().await, ["Agent Ana transferred the session to Kate"]);
    assert_eq!(sentence(world.says("ana", Visibility::All).await).0, 410);
    world.says("kate", Visibility::All).await.unwrap();
}

#[tokio::test]
async fn refusal_and_no_answer_differ_and_lose_nothing() {
    for (want, word) in ALL.into_iter().zip(["transfer", "conference", "consultation"]) {
        let world = Trio::new().await;
        world.ready("kate").await;
        world.kate(want).await.unwrap();
        world.act("kate", Command::Reject(world.id.clone())).await.unwrap();
        world.pass(0).await;
        assert!(world.error("ana").starts_with(&format!("Kate London refused the {word};")));
        assert_eq!(
            (world.state("ana").await.as_str(), world.state("kate").await.as_str()),
            ("Processing", "none")
        );
        assert_eq!(world.last("kate").0, "Revoked");

        world.kate(want).await.unwrap();
        world.pass(31).await;
        assert!(world.error("ana").starts_with("Kate London did not answer in time;"));
        assert_eq!(sentence(world.accept("kate").await).0, 410);

        world.ready("kate").await;
        world.kate(want).await.unwrap();
        world.act("kate", Command::SetState(RequestedState::NotReady(None))).await.unwrap();
        world.pass(31).await;
        assert!(world.error("ana").starts_with("Kate London could not be asked"), "{}", world.error("ana"));
        world.says("ana", Visibility::All).await.unwrap();
    }
}

#[tokio::test]
async fn who_cannot_be_asked_is_refused_at_once() {
    let world = Trio::new().await;
    for want in ALL {
        let (status, words) = sentence(world.kate(want).await);
        assert_eq!(
            (status, words.as_str()),
            (409, "Kate London is not signed in; the session stays with you")
        );
        assert_eq!(sentence(world.ask("ana", want, InviteTarget::Agent("zoe".into())).await).0, 400);
        assert_eq!(sentence(world.ask("ana", want, InviteTarget::Agent("sue".into())).await).0, 400);
        assert_eq!(sentence(world.ask("ana", want, InviteTarget::Agent("ana".into())).await).0, 409);
        let (status, words) = sentence(world.ask("ana", want, InviteTarget::Queue("nowhere".into())).await);
        assert!(status == 409 && words.contains("nowhere"), "{words}");
    }
    world.act("kate", Command::Activate).await.unwrap();
    assert!(sentence(world.kate(InviteKind::Transfer).await).1.starts_with("Kate London is not ready"));
    world.ready("kate").await;
    assert_eq!(
        sentence(world.ask("kate", InviteKind::Transfer, InviteTarget::Agent("ana".into())).await).0,
        404
    );
    world.kate(InviteKind::Transfer).await.unwrap();
    assert!(
        sentence(world.kate(InviteKind::Conference).await)
            .1
            .starts_with("Kate London is being asked already")
    );
}

#[tokio::test]
async fn queue_takes_session_at_once_and_sender_learns_who_accepted() {
    let world = Trio::new().await;
    world.ready("ben").await;
    world.ready("kate").await;
    world.pass(120).await;
    world.place("colleagues", target("AgentGroup", "Billing")).await.unwrap();
    assert_eq!((world.state("ana").await.as_str(), world.last("ana").0.as_str()), ("none", "Queued"));
    assert_eq!(world.state("ben").await, "none", "only the group is asked");
    let invited = world.view("kate").await.remove(0);
    assert_eq!(invited.user_data.text("IW_RoutingBasedTargetType"), Some("AgentGroup"));
    assert!(
        world.writer.why(world.id.clone()).await.unwrap().contains("waited 2:00"),
        "the first wait counts"
    );
    assert!(world.outcomes("ana").is_empty());
    world.accept("kate").await.unwrap();
    assert_eq!(world.outcomes("ana"), [("accepted".to_owned(), "Kate London".to_owned())]);
    assert_eq!(
        world.notices().await,
        ["Agent Ana transferred the session to somebody in agent group Billing"]
    );
}

#[tokio::test]
async fn an_invitation_says_what_it_is_and_who_asks() {
    let offer = |dto: &InteractionDto| {
        let said = |key| dto.user_data.text(key).unwrap_or_default().to_owned();
        (said(wa::OFFER), said(wa::OFFER_FROM), dto.user_data.number(wa::OFFER_PERSONAL))
    };
    let world = Trio::new().await;
    world.writes("15550143", "w2", "hi").await;
    let all = world.view("ana").await;
    let new = all.iter().find(|dto| dto.state == "Invited").unwrap();
    assert_eq!(offer(new), ("new".into(), String::new(), None));
    assert!(new.user_data.text(wa::WAITING_SINCE).is_some());
    let mine = all.iter().find(|dto| dto.state != "Invited").unwrap();
    assert_eq!(offer(mine), (String::new(), String::new(), None), "an open session is no invitation");

    for (want, word) in ALL.into_iter().zip(["transfer", "conference", "consultation"]) {
        let world = Trio::new().await;
        world.ready("kate").await;
        world.kate(want).await.unwrap();
        let invited = world.view("kate").await.remove(0);
        assert_eq!(offer(&invited), (word.into(), "Ana Gil".into(), Some(1)));

        let world = Trio::new().await;
        world.ready("kate").await;
        if want == InviteKind::Transfer {
            world.place("colleagues", AttachedData::new()).await.unwrap();
        } else {
            world.ask("ana", want, InviteTarget::Queue("colleagues".into())).await.unwrap();
        }
        world.pass(0).await;
        let invited = world.view("kate").await.remove(0);
        assert_eq!(offer(&invited), (word.into(), "Ana Gil".into(), None));
    }

    let world = Trio::new().await;
    world.act("ana", Command::SetState(RequestedState::NotReady(None))).await.unwrap();
    world.act("ana", Command::Leave(world.id.clone(), AfterLeave::KeepAlive)).await.unwrap();
    world.ready("kate").await;
    world.pass(0).await;
    let invited = world.view("kate").await.remove(0);
    assert_eq!(offer(&invited), ("returned".into(), String::new(), None));
}

#[tokio::test]
async fn queue_without_target_never_returns_session_at_once() {
    let world = Trio::new().await;
    world.place("colleagues", AttachedData::new()).await.unwrap();
    assert_eq!(world.state("ana").await, "none", "not back to who gave it away");
    world.ready("ben").await;
    world.pass(0).await;
    assert_eq!(world.state("ben").await, "Invited");
}

#[tokio::test]
async fn when_nobody_takes_it_the_sender_is_told_and_anybody_may() {
    for data in [target("AgentGroup", "Billing"), target("Skill", "french"), target("Agent", "kate")] {
        let world = Trio::new().await;
        world.place("colleagues", data).await.unwrap();
        world.pass(301).await;
        assert_eq!(world.outcomes("ana"), [("nobody".to_owned(), String::new())]);
        assert_eq!(world.state("ana").await, "Invited");
    }
}

#[tokio::test]
async fn unknown_target_is_refused_before_anything_is_done() {
    let world = Trio::new().await;
    for (kind, name) in [("AgentGroup", "Nobodies"), ("Skill", "greek"), ("Agent", "zoe"), ("Planet", "Mars")]
    {
        let (status, words) = sentence(world.place("colleagues", target(kind, name)).await);
        assert!(status == 409 && words.contains("nothing was done"), "{words}");
    }
    assert_eq!(sentence(world.place("nowhere", AttachedData::new()).await).0, 409);
    assert_eq!(world.state("ana").await, "Processing");
    assert_eq!(world.view("ana").await[0].user_data.text("IW_RoutingBasedTargetId"), None);
}

#[tokio::test]
async fn pairs_of_an_earlier_request_do_not_narrow_a_later_one() {
    let world = Trio::new().await;
    world.ready("kate").await;
    world.target("AgentGroup", "Billing").await;
    world.ask("ana", InviteKind::Conference, InviteTarget::Queue("colleagues".into())).await.unwrap();
    world.act("ana", Command::CancelInvite(world.id.clone())).await.unwrap();
    assert_eq!(world.last("kate").0, "Canceled");
    world.ready("ben").await;
    world.act("kate", Command::SetState(RequestedState::NotReady(None))).await.unwrap();
    world.place("colleagues", AttachedData::new()).await.unwrap();
    assert_eq!(world.state("ben").await, "Invited");
}

#[tokio::test]
async fn in_a_conference_both_have_the_session_and_the_owner_may_go() {
    let mut world = Trio::new().await;
    world.ready("kate").await;
    world.kate(InviteKind::Conference).await.unwrap();
    let invited = world.view("kate").await.remove(0);
    assert_eq!(invited.interaction_subtype, "InternalConferenceInvite");
    world.accept("kate").await.unwrap();
    world.accept("kate").await.unwrap();
    let (ana, kate) = (world.view("ana").await.remove(0), world.view("kate").await.remove(0));
    assert_eq!((ana.state.as_str(), kate.state.as_str()), ("Processing", "Processing"));
    assert_eq!(kate.chat.unwrap().participants.len(), 3);
    assert!(ana.capabilities.iter().any(|name| name == "transfer-agent"));
    assert!(!kate.capabilities.iter().any(|name| name == "transfer-agent"));
    let log = world.log().await;
    let joined = log.iter().rfind(|entry| entry.kind == "ParticipantJoined").unwrap();
    assert_eq!((joined.kind.as_str(), joined.visibility.as_str()), ("ParticipantJoined", "All"));
    assert_eq!(world.outbound.recv().await.unwrap().text, "Kate has joined the conversation.");
    world.says("kate", Visibility::All).await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "from kate");
    assert_eq!(
        sentence(world.ask("kate", InviteKind::Transfer, InviteTarget::Agent("ben".into())).await).0,
        403
    );
    assert_eq!(sentence(world.kate(InviteKind::Conference).await).0, 409);
    assert_eq!(sentence(world.place("colleagues", AttachedData::new()).await).0, 409);

    world.leave("ana").await.unwrap();
    assert_eq!(
        (world.state("ana").await.as_str(), world.state("kate").await.as_str()),
        ("none", "Processing")
    );
    assert!(world.view("kate").await[0].capabilities.iter().any(|name| name == "transfer-agent"));
    let told = ["All Kate has joined the conversation.", "Agent Ana left; the session is now Kate's"];
    assert_eq!(world.notices().await, told);
    world.leave("kate").await.unwrap();
    assert_eq!(world.last("kate").0, "Completed");
}

#[tokio::test]
async fn completing_party_leaves_and_a_removed_one_is_notified() {
    let world = Trio::new().await;
    world.ready("kate").await;
    for (how, command) in [
        ("left", Command::Complete(world.id.clone())),
        ("left", Command::Leave(world.id.clone(), AfterLeave::ForceClose)),
        ("removed", Command::Remove { id: world.id.clone(), agent: "kate".into() }),
    ] {
        world.kate(InviteKind::Conference).await.unwrap();
        world.accept("kate").await.unwrap();
        let who = if how == "removed" { "ana" } else { "kate" };
        world.act(who, command).await.unwrap();
        let (state, data) = world.last("kate");
        assert_eq!((state.as_str(), data.text(wa::LEFT)), ("Completed", Some(how)));
        assert_eq!(world.log().await.last().unwrap().kind, "ParticipantLeft");
        assert_eq!(
            (world.state("ana").await.as_str(), world.state("kate").await.as_str()),
            ("Processing", "none")
        );
    }
    let gone = Command::Remove { id: world.id.clone(), agent: "kate".into() };
    assert_eq!(sentence(world.act("ana", gone).await).0, 409);
    world.kate(InviteKind::Conference).await.unwrap();
    world.accept("kate").await.unwrap();
    world.act("ana", Command::Complete(world.id.clone())).await.unwrap();
    assert_eq!(world.last("kate").0, "Completed");
}

#[tokio::test]
async fn who_is_lost_in_a_conference_leaves_it_to_the_other() {
    let world = Trio::new().await;
    world.ready("kate").await;
    world.ready("ben").await;
    world.kate(InviteKind::Conference).await.unwrap();
    world.accept("kate").await.unwrap();
    world.writer.presence("ana".into(), false).await;
    world.pass(0).await;
    world.pass(61).await;
    assert_eq!(world.state("kate").await, "Processing");
    assert_eq!(world.state("ben").await, "none", "nobody else is offered what somebody has");
    assert!(world.view("kate").await[0].capabilities.iter().any(|name| name == "invite"));
    world.ask("kate", InviteKind::Conference, InviteTarget::Agent("ben".into())).await.unwrap();
    world.accept("ben").await.unwrap();
    world.act("ben", Command::SignOut).await.unwrap();
    assert_eq!(world.view("kate").await[0].chat.as_ref().unwrap().participants.len(), 2);
}

#[tokio::test]
async fn a_queue_finds_a_colleague_of_the_group_or_with_the_skill() {
    for want in [InviteKind::Conference, InviteKind::Consult] {
        for (kind, name, who) in
            [("AgentGroup", "Billing", "kate"), ("Skill", "french", "ben"), ("Agent", "ben", "ben")]
        {
            let world = Trio::new().await;
            world.ready("kate").await;
            world.ready("ben").await;
            world.target(kind, name).await;
            world.ask("ana", want, InviteTarget::Queue("colleagues".into())).await.unwrap();
            world.pass(0).await;
            let other = if who == "kate" { "ben" } else { "kate" };
            assert_eq!(
                (world.state(who).await.as_str(), world.state(other).await.as_str()),
                ("Invited", "none")
            );
            assert_eq!(world.view("ana").await[0].queue.as_deref(), Some("sales"), "it belongs where it did");
            world.accept(who).await.unwrap();
            assert_eq!(
                (world.state(who).await.as_str(), world.state("ana").await.as_str()),
                ("Processing", "Processing")
            );
        }
        let world = Trio::new().await;
        world.sign_in("ben").await;
        world.target("Skill", "french").await;
        world.ask("ana", want, InviteTarget::Queue("colleagues".into())).await.unwrap();
        world.pass(301).await;
        assert!(world.error("ana").starts_with("nobody with skill french took the"));
        assert_eq!(world.state("ana").await, "Processing");
    }
}

#[tokio::test]
async fn who_advises_writes_to_colleagues_only() {
    let mut world = Trio::new().await;
    world.ready("kate").await;
    world.kate(InviteKind::Consult).await.unwrap();
    world.accept("kate").await.unwrap();
    assert_eq!(sentence(world.says("kate", Visibility::All).await).0, 403);
    world.says("kate", Visibility::Agent).await.unwrap();
    let kate = Actor { employee: "kate".into(), role: Role::Agent };
    assert!(
        world.writer.messages(kate, world.id.clone(), LogQuery::default()).await.unwrap().messages.len() > 2
    );
    let log = world.log().await;
    assert!(
        log.iter()
            .filter(|entry| entry.from.person_id.as_deref() == Some("kate"))
            .all(|entry| entry.visibility == "Agent")
    );
    let chat = world.view("ana").await.remove(0).chat.unwrap();
    assert_eq!(chat.participants.last().unwrap().visibility, "Agent");
    assert_eq!(sentence(world.kate(InviteKind::Consult).await).0, 409);
    assert_eq!(sentence(world.act("ana", Command::CancelInvite(world.id.clone())).await).0, 409);

    world.kate(InviteKind::Conference).await.unwrap();
    assert_eq!(world.state("kate").await, "Processing", "no new invitation");
    assert_eq!(world.outbound.recv().await.unwrap().text, "Kate has joined the conversation.", "only now");
    world.says("kate", Visibility::All).await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "from kate");
}

#[tokio::test]
async fn who_advises_may_be_given_the_session() {
    let world = Trio::new().await;
    world.ready("kate").await;
    world.kate(InviteKind::Consult).await.unwrap();
    world.accept("kate").await.unwrap();
    world.kate(InviteKind::Transfer).await.unwrap();
    assert_eq!(
        (world.state("kate").await.as_str(), world.state("ana").await.as_str()),
        ("Processing", "none")
    );
    assert_eq!(world.last("ana").1.text(wa::LEFT), Some("transferred"));
    world.says("kate", Visibility::All).await.unwrap();
    world.act("kate", Command::Complete(world.id.clone())).await.unwrap();
}

#[tokio::test]
async fn consultation_can_be_cancelled_and_ends_with_the_session() {
    let world = Trio::new().await;
    world.ready("kate").await;
    world.kate(InviteKind::Consult).await.unwrap();
    world.act("ana", Command::CancelInvite(world.id.clone())).await.unwrap();
    assert_eq!((world.last("kate").0.as_str(), world.state("kate").await.as_str()), ("Canceled", "none"));
    assert_eq!(sentence(world.accept("kate").await).0, 410);
    world.kate(InviteKind::Consult).await.unwrap();
    world.accept("kate").await.unwrap();
    world.leave("ana").await.unwrap();
    assert_eq!((world.last("ana").0.as_str(), world.last("kate").0.as_str()), ("Completed", "Completed"));
}

#[tokio::test]
async fn invitation_is_revoked_when_session_ends_or_owner_is_lost() {
    for lost in [false, true] {
        let world = Trio::new().await;
        world.ready("kate").await;
        if lost {
            world.writer.presence("ana".into(), false).await;
            world.pass(0).await;
            world.pass(50).await;
            world.kate(InviteKind::Transfer).await.unwrap();
            world.pass(11).await;
            assert_eq!(world.state("ana").await, "none");
            assert!(world.data_to("kate").iter().any(|data| data["interaction"]["state"] == "Canceled"));
            assert_eq!(world.view("kate").await[0].interaction_subtype, "InboundNew", "from the queue now");
        } else {
            world.kate(InviteKind::Transfer).await.unwrap();
            world.act("ana", Command::Complete(world.id.clone())).await.unwrap();
            assert_eq!(
                (world.last("kate").0.as_str(), world.state("kate").await.as_str()),
                ("Canceled", "none")
            );
        }
    }
}

#[tokio::test]
async fn a_stop_in_the_middle_keeps_parties_and_requests() {
    for want in ALL {
        let world = Trio::new().await;
        world.ready("kate").await;
        world.kate(want).await.unwrap();
        let world = world.killed().await;
        assert_eq!(
            (world.state("kate").await.as_str(), world.state("ana").await.as_str()),
            ("Invited", "Processing")
        );
        world.accept("kate").await.unwrap();
        let world = world.killed().await;
        let there = if want == InviteKind::Transfer { "none" } else { "Processing" };
        assert_eq!(
            (world.state("kate").await.as_str(), world.state("ana").await.as_str()),
            ("Processing", there)
        );
        let refused = world.says("kate", Visibility::All).await.is_err();
        assert_eq!(refused, want == InviteKind::Consult);
    }
    let world = Trio::new().await;
    world.place("colleagues", target("AgentGroup", "Billing")).await.unwrap();
    let world = world.killed().await;
    world.ready("ben").await;
    assert_eq!(world.state("ben").await, "none");
    world.ready("kate").await;
    world.pass(0).await;
    world.accept("kate").await.unwrap();
    assert_eq!(world.outcomes("ana"), [("accepted".to_owned(), "Kate London".to_owned())]);
}

#[tokio::test]
async fn the_customer_is_told_of_a_colleague_in_the_words_of_the_shop() {
    let spoken = config().tables("gateway.conference-joined-text = 'Hola, {name} aquí'");
    let mut world = Trio::with(spoken).await;
    world.ready("kate").await;
    world.kate(InviteKind::Conference).await.unwrap();
    assert!(world.outbound.try_recv().is_err(), "not before she is here");
    world.accept("kate").await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "Hola, Kate aquí");
    let view = world.view("ana").await.remove(0);
    assert!(view.user_data.text(wa::WAITING_SINCE).is_some(), "it is no answer");
    world.says("kate", Visibility::All).await.unwrap();
    let view = world.view("ana").await.remove(0);
    assert_eq!(view.user_data.text(wa::WAITING_SINCE), None, "whoever answers");

    let spoken = config().tables("gateway.conference-joined-text = ''");
    let mut world = Trio::with(spoken).await;
    world.ready("kate").await;
    world.kate(InviteKind::Conference).await.unwrap();
    world.accept("kate").await.unwrap();
    world.says("kate", Visibility::All).await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "from kate", "nothing of itself");
}

#[tokio::test]
async fn a_closed_window_tells_the_agents_instead_of_the_customer() {
    let mut world = Trio::new().await;
    world.pass(24 * 3600 + 1).await;
    world.ready("ana").await;
    world.ready("kate").await;
    world.kate(InviteKind::Conference).await.unwrap();
    world.accept("kate").await.unwrap();
    assert!(world.outbound.try_recv().is_err());
    assert_eq!(
        world.notices().await,
        ["Agent The customer was not told that Kate joined: the reply window is closed"]
    );
}

#[tokio::test]
async fn the_pairs_of_a_refused_request_do_not_narrow_the_next_one() {
    for by_queue in [true, false] {
        let world = Trio::new().await;
        world.ready("ben").await;
        world.target("AgentGroup", "Nobodies").await;
        let whom = if by_queue {
            InviteTarget::Queue("colleagues".into())
        } else {
            InviteTarget::Agent("kate".into())
        };
        assert_eq!(sentence(world.ask("ana", InviteKind::Conference, whom).await).0, 409);
        world.ask("ana", InviteKind::Conference, InviteTarget::Queue("colleagues".into())).await.unwrap();
        world.pass(0).await;
        assert_eq!(world.state("ben").await, "Invited", "the rules of the queue hold");
        let data = world.view("ben").await.remove(0).user_data;
        assert_eq!(data.text("IW_RoutingBasedTargetId"), Some("Nobodies"), "and the pairs can be read");
    }
}

#[tokio::test]
async fn a_shop_has_its_own_words_for_targets() {
    let mut setup = setup(config());
    setup.words.agent_group = "Gruppe".into();
    let world = World::with_setup(setup).await;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hello").await;
    let id = world.accepted("ana").await;
    let world = Trio { world, id };
    world.ready("kate").await;
    world.target("AgentGroup", "Billing").await;
    let (_, words) =
        sentence(world.ask("ana", InviteKind::Consult, InviteTarget::Queue("colleagues".into())).await);
    assert!(words.contains("Gruppe"), "{words}");
    world.target("Gruppe", "Billing").await;
    world.ask("ana", InviteKind::Consult, InviteTarget::Queue("colleagues".into())).await.unwrap();
    world.pass(0).await;
    assert_eq!(world.state("kate").await, "Invited");
}

#[tokio::test]
async fn who_joins_has_that_session_among_theirs_until_they_are_out() {
    for want in [InviteKind::Conference, InviteKind::Consult] {
        for how in ["leave", "remove", "complete", "restart"] {
            let mut world = Trio::new().await;
            world.ready("kate").await;
            world.kate(want).await.unwrap();
            assert_eq!(world.load("kate").await, 1, "while it is offered");
            world.accept("kate").await.unwrap();
            if how == "restart" {
                world = world.killed().await;
            }
            assert_eq!((world.load("kate").await, world.load("ana").await), (1, 1));
            match how {
                "remove" => {
                    let command = Command::Remove { id: world.id.clone(), agent: "kate".into() };
                    world.act("ana", command).await.unwrap();
                }
                "complete" => world.act("ana", Command::Complete(world.id.clone())).await.unwrap(),
                _ => world.leave("kate").await.unwrap(),
            }
            assert_eq!(world.load("kate").await, 0, "{want:?} {how}");
        }
        let world = Trio::new().await;
        world.ready("kate").await;
        world.kate(want).await.unwrap();
        world.accept("kate").await.unwrap();
        world.kate(InviteKind::Transfer).await.unwrap();
        assert_eq!((world.load("kate").await, world.load("ana").await), (1, 0), "hers now, and once");
    }
}

#[tokio::test]
async fn the_target_sees_exactly_the_four_pairs_of_every_request() {
    let words = [
        (InviteKind::Transfer, "OneStepTransfer"),
        (InviteKind::Conference, "OneStepConference"),
        (InviteKind::Consult, "InitConference"),
    ];
    let targets = [("Agent", "kate", "kate"), ("AgentGroup", "Billing", "kate"), ("Skill", "french", "ben")];
    for (want, word) in words {
        for (kind, name, who) in targets {
            let world = Trio::new().await;
            world.ready("kate").await;
            world.ready("ben").await;
            let mut pairs = target(kind, name);
            pairs.set("IW_RoutingBasedRequestType", word);
            match (kind, want) {
                ("Agent", _) => {
                    let (id, whom) = (world.id.clone(), InviteTarget::Agent("kate".into()));
                    let extension = pairs.clone();
                    world.act("ana", Command::Invite { id, want, whom, extension }).await.unwrap();
                }
                (_, InviteKind::Transfer) => world.place("colleagues", pairs.clone()).await.unwrap(),
                _ => {
                    let (id, data) = (world.id.clone(), pairs.clone());
                    world.act("ana", Command::SetUserData { id, data }).await.unwrap();
                    world.ask("ana", want, InviteTarget::Queue("colleagues".into())).await.unwrap();
                }
            }
            world.pass(0).await;
            let seen = world.view(who).await.remove(0).user_data;
            let seen: AttachedData = seen
                .iter()
                .filter(|(key, _)| key.starts_with("IW_"))
                .map(|(key, value)| (key, value.clone()))
                .collect();
            assert_eq!(seen, pairs, "{want:?} {kind}");
        }
        // A queue is asked by its own name: nothing of a target is attached.
        let world = Trio::new().await;
        world.ready("kate").await;
        if want == InviteKind::Transfer {
            world.place("colleagues", AttachedData::new()).await.unwrap();
        } else {
            world.ask("ana", want, InviteTarget::Queue("colleagues".into())).await.unwrap();
        }
        world.pass(0).await;
        let seen = world.view("kate").await.remove(0).user_data;
        assert!(seen.iter().all(|(key, _)| !key.starts_with("IW_")));
    }
}

#[tokio::test]
async fn a_supervisor_asks_nobody_in_and_puts_nobody_out() {
    let world = Trio::new().await;
    world.ready("kate").await;
    let id = || world.id.clone();
    let ask = |want| Command::Invite {
        id: id(),
        want,
        whom: InviteTarget::Agent("kate".into()),
        extension: AttachedData::new(),
    };
    let place = Command::PlaceInQueue {
        id: id(),
        queue: "colleagues".into(),
        set: AttachedData::new(),
        deleted: Vec::new(),
    };
    let mut commands: Vec<Command> = ALL.into_iter().map(ask).collect();
    commands.extend([
        place,
        Command::CancelInvite(id()),
        Command::Remove { id: id(), agent: "ana".into() },
        Command::Leave(id(), AfterLeave::CloseIfNoAgents),
    ]);
    for command in commands {
        assert_eq!(sentence(world.act("sue", command.clone()).await).0, 403, "{command:?}");
    }
    assert_eq!(
        (world.state("ana").await.as_str(), world.state("kate").await.as_str()),
        ("Processing", "none")
    );
}

//! What refers to agents, workbins and queues that are no longer in the configuration.

use super::config::TestConfig;
use super::rig::{World, setup, with_sue};
use deskline::domain::monitoring::{MonitorMode, MonitoringScope};
use deskline::domain::{InteractionId, Millis};
use deskline::gateway::writer::api::{Command, InviteKind, InviteTarget};
use deskline::gateway::writer::removed;

const CUSTOMER: &str = "15550142";

/// Without sue there is no supervisor.
fn config(agents: &[&str], queues: &[&str]) -> TestConfig {
    let empty = TestConfig::new("").tables("gateway.grace = 60");
    let queued = queues.iter().fold(empty, |config, queue| config.queue(queue, ""));
    agents.iter().fold(queued, |config, agent| {
        config.agent(agent, if *agent == "sue" { "role = 'supervisor'" } else { "groups = ['Billing']" })
    })
}

/// The same with a workbin of Billing.
fn with_workbin(config: TestConfig) -> TestConfig {
    config.tables("[[gateway.workbin]]\nname = 'later'\ngroup = 'Billing'")
}

fn everybody() -> TestConfig {
    config(&["ana", "ben", "sue"], &["sales"])
}

fn without_ana() -> TestConfig {
    config(&["ben", "sue"], &["sales"])
}

/// Ana has a session.
async fn with_session(config: TestConfig) -> (World, InteractionId) {
    let world = World::new(config).await;
    world.ready("ana").await;
    world.writes(CUSTOMER, "w1", "hello").await;
    let id = world.accepted("ana").await;
    (world, id)
}

async fn offered(world: &World, who: &str) -> bool {
    world.ready(who).await;
    world.pass(0).await;
    world.sessions(who).await.iter().any(|(_, state)| state == "Invited")
}

#[tokio::test]
async fn sessions_parked_by_a_removed_agent_go_back_to_their_queue() {
    let (world, id) = with_session(everybody()).await;
    world.act("ana", Command::Park { id: id.clone(), workbin: None, owner: None }).await.unwrap();
    let world = world.configured(setup(without_ana())).await;
    assert!(offered(&world, "ben").await);
    world.act("ben", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    world.says("ben", &id, "hello from ben").await.unwrap();
}

#[tokio::test]
async fn a_removed_agents_session_keeps_its_waiting_time() {
    let (world, id) = with_session(everybody()).await;
    world.act("ana", Command::Park { id: id.clone(), workbin: None, owner: None }).await.unwrap();
    world.pass(600).await;
    world.writes("15550199", "w2", "I came later").await;
    let world = world.configured(setup(without_ana().agent("ben", "capacity = 1"))).await;
    let board = world.writer.status().await.unwrap();
    assert_eq!(board.queues, [("sales".to_owned(), 2)]);
    // There is one free place: the customer who has waited longer gets it.
    world.ready("ben").await;
    world.pass(0).await;
    assert_eq!(world.only("ben").await, id);
}

#[tokio::test]
async fn a_session_in_a_removed_workbin_goes_back_to_its_queue() {
    let park =
        |id: &InteractionId| Command::Park { id: id.clone(), workbin: Some("later".to_owned()), owner: None };
    // The workbin is gone, or belongs to a group without members.
    let empty = with_workbin(with_sue().queue("sales", "").agent("ana", "").agent("ben", ""));
    for after in [everybody(), empty] {
        let (world, id) = with_session(with_workbin(everybody())).await;
        world.act("ana", park(&id)).await.unwrap();
        let world = world.configured(setup(after.clone())).await;
        // The agent who parked it is asked first.
        assert!(offered(&world, "ana").await, "{after}");
    }
    // Where somebody is left who can open it, it stays.
    let (world, id) = with_session(with_workbin(everybody())).await;
    world.act("ana", park(&id)).await.unwrap();
    let world = world.configured(setup(with_workbin(without_ana()))).await;
    assert!(!offered(&world, "ben").await);
    world.act("ben", Command::Pull { id, workbin: None }).await.unwrap();
}

#[tokio::test]
async fn sessions_that_a_removed_agent_has_go_on_at_once() {
    let (world, id) = with_session(everybody()).await;
    let world = world.configured(setup(without_ana())).await;
    assert!(offered(&world, "ben").await);
    assert_eq!(world.only("ben").await, id);
    // A former agent who is now a supervisor has none either.
    let (world, _) = with_session(everybody()).await;
    let promoted = without_ana().agent("ana", "role = 'supervisor'");
    let world = world.configured(setup(promoted)).await;
    assert!(offered(&world, "ben").await);
}

#[tokio::test]
async fn a_conference_goes_on_without_a_removed_owner() {
    let (world, id) = with_session(everybody()).await;
    world.ready("ben").await;
    let whom = InviteTarget::Agent("ben".into());
    let extension = Default::default();
    world
        .act("ana", Command::Invite { id: id.clone(), want: InviteKind::Conference, whom, extension })
        .await
        .unwrap();
    world.act("ben", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    let world = world.configured(setup(without_ana())).await;
    world.presence("ben", true).await;
    assert_eq!(world.sessions("ben").await, [(id.clone(), "Processing".to_owned())]);
    world.act("ben", Command::Complete(id)).await.unwrap();
}

#[tokio::test]
async fn an_invitation_to_a_removed_agent_goes_to_somebody_else() {
    let world = World::new(everybody()).await;
    world.ready("ana").await;
    world.writes(CUSTOMER, "w1", "hello").await;
    assert_eq!(world.sessions("ana").await[0].1, "Invited");
    let world = world.configured(setup(without_ana())).await;
    assert!(offered(&world, "ben").await);
}

#[tokio::test]
async fn nobody_monitors_who_is_removed_or_was() {
    let start = |agent: &str| Command::StartMonitoring {
        agent: agent.into(),
        mode: MonitorMode::Monitor,
        which: MonitoringScope::AllInteractions,
    };
    let (world, _) = with_session(everybody()).await;
    world.act("sue", start("ana")).await.unwrap();
    world.act("sue", start("ben")).await.unwrap();
    let world = world.configured(setup(without_ana())).await;
    let monitored = world.writer.session("sue".into()).await.unwrap().monitored;
    assert_eq!(monitored, ["ben".into()]);
    let world = world.configured(setup(config(&["ben"], &["sales"]))).await;
    assert!(world.writer.session("sue".into()).await.unwrap().monitored.is_empty());
}

#[tokio::test]
async fn what_waits_in_a_removed_queue_waits_in_another() {
    let world = World::new(config(&["ana", "ben", "sue"], &["old", "new"])).await;
    world.writes(CUSTOMER, "w1", "hello").await;
    world.pass(300).await;
    let world = world.configured(setup(config(&["ana", "ben", "sue"], &["new"]))).await;
    let board = world.writer.status().await.unwrap();
    assert_eq!(board.queues, [("new".to_owned(), 1)]);
    let live = world.writer.live(None).await.unwrap();
    assert_eq!(live.sessions[0].queue, "new");
}

#[tokio::test]
async fn a_session_from_a_removed_queue_can_be_left_to_a_colleague() {
    let world = World::new(config(&["ana", "ben", "sue"], &["old", "new"])).await;
    world.ready("ana").await;
    world.writes(CUSTOMER, "w1", "hello").await;
    let id = world.accepted("ana").await;
    world.ready("ben").await;
    let whom = InviteTarget::Agent("ben".into());
    let extension = Default::default();
    world
        .act("ana", Command::Invite { id: id.clone(), want: InviteKind::Conference, whom, extension })
        .await
        .unwrap();
    world.act("ben", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    let world = world.configured(setup(config(&["ana", "ben", "sue"], &["new"]))).await;
    world.presence("ana", true).await;
    world.presence("ben", true).await;
    world.act("ana", Command::Leave(id.clone(), Default::default())).await.unwrap();
    world.act("ben", Command::Complete(id)).await.unwrap();
}

#[tokio::test]
async fn a_check_says_what_a_start_will_free() {
    let (world, id) = with_session(everybody()).await;
    let checked = async |world: &World, agents: &[&str]| {
        let setup = setup(config(agents, &["sales"]));
        removed(world.store(), &setup, Millis(world.now())).await.unwrap().join("\n")
    };
    assert_eq!(checked(&world, &["ana", "ben", "sue"]).await, "");
    let said = checked(&world, &["ben", "sue"]).await;
    assert!(said.starts_with("ana is not an agent in this configuration and has 1 session"), "{said}");
    world.act("ana", Command::Park { id, workbin: None, owner: None }).await.unwrap();
    world.act("ana", Command::SignOut).await.unwrap();
    let said = checked(&world, &["ben", "sue"]).await;
    assert!(
        said.starts_with("1 session in the workbin whatsapp-workbin of ana cannot be taken out"),
        "{said}"
    );
}

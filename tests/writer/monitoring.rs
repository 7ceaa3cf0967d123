//! Supervisors in agents' sessions: silent, coaching, and in it.

use super::config::TestConfig;
use super::rig::{World, setup, text_to, with_sue};
use deskline::domain::message::Visibility;
use deskline::domain::monitoring::{MonitorMode, MonitoringScope};
use deskline::domain::{AttachedData, InteractionId, Millis};
use deskline::gateway::hub::EventRecipient;
use deskline::gateway::writer::WriterSetup;
use deskline::gateway::writer::api::{AfterLeave, Command, InviteKind, InviteTarget, Outgoing, Refusal};
use deskline::proto::media::InteractionDto;
use serde_json::Value as Json;

fn config() -> TestConfig {
    sue_may("['coach', 'barge-in']")
}

/// Sue has these privileges.
fn sue_may(privileges: &str) -> TestConfig {
    with_sue()
        .tables("gateway.grace = 60")
        .queue("sales", "")
        .agent("ana", "capacity = 9")
        .agent("kate", "")
        .agent("sue", &format!("privileges = {privileges}"))
}

const MONITOR: MonitorMode = MonitorMode::Monitor;
const COACH: MonitorMode = MonitorMode::Coach;
const BARGE_IN: MonitorMode = MonitorMode::BargeIn;

fn begin(agent: &str, mode: MonitorMode, which: MonitoringScope) -> Command {
    Command::StartMonitoring { agent: agent.into(), mode, which }
}

fn all(agent: &str, mode: MonitorMode) -> Command {
    begin(agent, mode, MonitoringScope::AllInteractions)
}

fn switch(id: &InteractionId, mode: MonitorMode) -> Command {
    Command::SwitchMonitoring { id: id.clone(), mode }
}

fn aside(id: &InteractionId, text: &str) -> Command {
    Command::Send { id: id.clone(), what: Outgoing::Text(text.to_owned()), visibility: Visibility::Agent }
}

/// Ana has a session; Sue oversees.
async fn monitored_session(setup: WriterSetup) -> (World, InteractionId) {
    let world = World::with_setup(setup).await;
    world.presence("sue", true).await;
    world.ready("ana").await;
    world.writes("15550142", "w1", "hola").await;
    let id = world.accepted("ana").await;
    world.told.0.lock().unwrap().clear();
    (world, id)
}

fn forbidden(result: Result<(), Refusal>, part: &str) {
    let Err(Refusal::Forbidden(sentence)) = &result else { return assert_eq!(format!("{result:?}"), part) };
    assert!(sentence.contains(part), "{sentence}");
}

/// The interactions that somebody was told of, in order.
fn interactions(world: &World, who: &str) -> Vec<InteractionDto> {
    let told = world.told.0.lock().unwrap();
    let to = EventRecipient::Agent(who.into());
    let mine = told.iter().filter(|(recipient, _)| *recipient == to);
    mine.filter_map(|(_, notice)| serde_json::from_value(notice.data.get("interaction")?.clone()).ok())
        .collect()
}

fn last(world: &World, who: &str) -> InteractionDto {
    interactions(world, who).pop().unwrap()
}

fn parties(dto: &InteractionDto) -> Vec<(String, String)> {
    let all = &dto.chat.as_ref().unwrap().participants;
    all.iter().map(|one| (one.nickname.clone(), one.visibility.clone())).collect()
}

/// The words of messages that somebody was told of.
fn heard(world: &World, who: &str) -> Vec<String> {
    let told = world.told.0.lock().unwrap();
    let to = EventRecipient::Agent(who.into());
    let logs =
        told.iter().filter(|(recipient, _)| *recipient == to).filter_map(|(_, n)| n.data.get("messages"));
    let entries = logs.filter_map(Json::as_array).flatten();
    entries.filter_map(|entry| entry["text"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn who_watches_silently_gets_everything_and_nobody_sees_it() {
    let (world, id) = monitored_session(setup(config())).await;
    world.act("sue", all("ana", MONITOR)).await.unwrap();
    assert_eq!(world.told_to("ana"), Vec::<String>::new(), "the agent is told nothing");
    let dto = last(&world, "sue");
    assert_eq!((dto.state.as_str(), dto.monitor_mode.as_deref()), ("Processing", Some("Monitor")));
    assert_eq!(dto.rest["agentId"], "ana");
    assert_eq!(dto.chat.as_ref().unwrap().my_user_type.as_deref(), Some("Supervisor"));
    assert_eq!(dto.capabilities, ["switch-to-coach", "switch-to-barge-in", "leave"]);
    assert_eq!(heard(&world, "sue"), ["hola"], "the log so far");
    let before = world.log(&id).await.len();
    world.says("ana", &id, "buenas").await.unwrap();
    world.writes("15550142", "w2", "¿qué tal?").await;
    assert_eq!(heard(&world, "sue"), ["hola", "buenas", "¿qué tal?"]);
    assert_eq!(world.log(&id).await.len(), before + 2, "watching writes nothing");
    assert_eq!(parties(&last(&world, "ana")).len(), 2, "customer and agent");
    forbidden(world.act("sue", text_to(&id, "x")).await, "you watch this session silently");
    forbidden(world.act("sue", aside(&id, "x")).await, "you watch this session silently");
    forbidden(world.act("sue", Command::Typing { id: id.clone(), started: true }).await, "silently");
    for refused in [
        Command::Complete(id.clone()),
        Command::Reject(id.clone()),
        Command::SetComment { id: id.clone(), comment: "x".into() },
        Command::SetUserData { id: id.clone(), data: [("a", "b")].into_iter().collect() },
        Command::Park { id: id.clone(), workbin: None, owner: None },
        Command::Activate,
    ] {
        forbidden(world.act("sue", refused).await, "may look and not act");
    }
    world.act("ana", Command::Complete(id)).await.unwrap();
    assert_eq!(last(&world, "sue").state, "Completed");
    assert!(world.sessions("sue").await.is_empty());
}

#[tokio::test]
async fn the_agent_is_told_who_watches_where_the_shop_wants_that() {
    let config = config().tables("gateway.show-silent-monitoring = true");
    let (world, id) = monitored_session(setup(config)).await;
    world.act("sue", all("ana", MONITOR)).await.unwrap();
    let dto = last(&world, "ana");
    assert_eq!(parties(&dto)[2], ("Sue".to_owned(), "Supervisor".to_owned()));
    assert_eq!(world.told_to("ana"), ["ParticipantsUpdated"]);
    world.act("sue", Command::Leave(id, AfterLeave::default())).await.unwrap();
    assert_eq!(parties(&last(&world, "ana")).len(), 2);
}

#[tokio::test]
async fn who_coaches_is_heard_by_the_agent_alone() {
    let (mut world, id) = monitored_session(setup(config())).await;
    world.act("sue", all("ana", MONITOR)).await.unwrap();
    world.act("sue", switch(&id, COACH)).await.unwrap();
    assert_eq!(parties(&last(&world, "ana"))[2], ("Sue".to_owned(), "Agent".to_owned()));
    let joined = world.log(&id).await.pop().unwrap();
    assert_eq!((joined.kind.as_str(), joined.visibility.as_str()), ("ParticipantJoined", "Agent"));
    assert_eq!(joined.from.kind, "Supervisor");
    forbidden(world.act("sue", text_to(&id, "x")).await, "you coach: write to the agent");
    world.act("sue", aside(&id, "offer a refund")).await.unwrap();
    let entry = world.log(&id).await.pop().unwrap();
    assert_eq!((entry.visibility.as_str(), entry.from.nickname.as_str()), ("Agent", "Sue"));
    assert!(heard(&world, "ana").contains(&"offer a refund".to_owned()));
    assert!(world.outbound.try_recv().is_err(), "nothing went to the customer");
    // Typing too is for the agent alone.
    world.told.0.lock().unwrap().clear();
    world.act("sue", Command::Typing { id: id.clone(), started: true }).await.unwrap();
    assert_eq!(world.told_to("ana"), ["TypingStarted"]);
    let typed = world.told.0.lock().unwrap()[0].1.data["messages"][0]["visibility"].clone();
    assert_eq!(typed, "Agent");
    world.act("sue", switch(&id, MONITOR)).await.unwrap();
    let left = world.log(&id).await.pop().unwrap();
    assert_eq!((left.kind.as_str(), left.visibility.as_str()), ("ParticipantLeft", "Agent"));
    assert_eq!(parties(&last(&world, "ana")).len(), 2, "out of sight again");
}

#[tokio::test]
async fn who_barges_in_speaks_to_the_customer_who_then_has_an_answer() {
    let (mut world, id) = monitored_session(setup(config())).await;
    world.act("sue", all("ana", COACH)).await.unwrap();
    world.act("sue", switch(&id, BARGE_IN)).await.unwrap();
    let told = world.outbound.recv().await.unwrap();
    assert_eq!(told.text, "Sue has joined the conversation.", "as for a conference");
    assert_eq!(parties(&last(&world, "ana"))[2], ("Sue".to_owned(), "All".to_owned()));
    world.act("sue", text_to(&id, "I am the supervisor")).await.unwrap();
    assert_eq!(world.outbound.recv().await.unwrap().text, "I am the supervisor");
    assert!(world.writer.live(None).await.unwrap().sessions[0].waiting_since.is_none());
    world.act("sue", aside(&id, "thank you, Ana")).await.unwrap();
    assert!(world.outbound.try_recv().is_err());
    let refused = world.act("sue", switch(&id, COACH)).await;
    assert!(
        matches!(refused, Err(Refusal::Conflict(ref why)) if why.contains("back to silent")),
        "{refused:?}"
    );
    world.act("sue", switch(&id, MONITOR)).await.unwrap();
    world.act("sue", switch(&id, COACH)).await.unwrap();
    assert_eq!(last(&world, "sue").capabilities[..2], ["switch-to-monitor", "switch-to-barge-in"]);
}

#[tokio::test]
async fn a_mode_takes_its_privilege() {
    for (privileges, may_coach, may_barge_in) in
        [("[]", false, false), (r#"["coach"]"#, true, false), (r#"["barge-in"]"#, false, true)]
    {
        let config = sue_may(privileges);
        let (world, id) = monitored_session(setup(config)).await;
        world.act("sue", all("ana", MONITOR)).await.unwrap();
        let offered = last(&world, "sue").capabilities;
        for (mode, may) in [(COACH, may_coach), (BARGE_IN, may_barge_in)] {
            assert_eq!(offered.contains(&mode.operation().to_owned()), may, "{privileges} {mode:?}");
            for command in [switch(&id, mode), all("ana", mode)] {
                match may {
                    true => world.act("sue", command).await.unwrap(),
                    false => forbidden(world.act("sue", command).await, "does not have the privilege"),
                }
            }
        }
    }
}

#[tokio::test]
async fn only_a_supervisor_monitors_and_only_agents() {
    let (world, id) = monitored_session(setup(config())).await;
    forbidden(world.act("ana", all("kate", MONITOR)).await, "only a supervisor");
    forbidden(world.act("ana", switch(&id, COACH)).await, "only a supervisor");
    forbidden(world.act("sue", switch(&id, COACH)).await, "may look and not act");
    for nobody in ["sue", "zoe"] {
        let refused = world.act("sue", all(nobody, MONITOR)).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{nobody} {refused:?}");
    }
    let refused = world.act("sue", Command::StopMonitoring("ana".into())).await;
    assert!(
        matches!(refused, Err(Refusal::Conflict(ref why)) if why.contains("do not monitor")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn all_interactions_follow_the_agent_and_the_next_one_is_one() {
    let (world, first) = monitored_session(setup(config())).await;
    world.act("sue", begin("ana", MONITOR, MonitoringScope::NextInteraction)).await.unwrap();
    assert!(world.sessions("sue").await.is_empty(), "the next one, not this one");
    for (from, message) in [("15550143", "w2"), ("15550144", "w3")] {
        world.writes(from, message, "hi").await;
        let offered =
            world.sessions("ana").await.into_iter().find(|(_, state)| state == "Invited").unwrap().0;
        world.act("ana", Command::Accept { id: offered, nickname: None }).await.unwrap();
    }
    let seen = world.sessions("sue").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_ne!(seen[0].0, first);
    world.act("sue", all("ana", MONITOR)).await.unwrap();
    assert_eq!(world.sessions("sue").await.len(), 3, "now all of hers");
    assert_eq!(world.writer.session("sue".into()).await.unwrap().monitored, ["ana".into()]);
    world.act("sue", Command::StopMonitoring("ana".into())).await.unwrap();
    assert!(world.sessions("sue").await.is_empty());
    assert_eq!(last(&world, "sue").state, "Completed");
    assert_eq!(last(&world, "sue").monitor_mode.as_deref(), Some("Monitor"));
}

#[tokio::test]
async fn supervisor_leaves_and_returns_with_the_agent() {
    let (world, id) = monitored_session(setup(config())).await;
    world.ready("kate").await;
    world.act("sue", all("ana", COACH)).await.unwrap();
    let (want, whom) = (InviteKind::Transfer, InviteTarget::Agent("kate".into()));
    let ask = Command::Invite { id: id.clone(), want, whom, extension: AttachedData::new() };
    world.act("ana", ask.clone()).await.unwrap();
    world.act("kate", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    assert!(world.sessions("sue").await.is_empty(), "it is Kate's now");
    let log = world.log(&id).await;
    assert!(log.iter().any(|entry| entry.kind == "ParticipantLeft" && entry.from.nickname == "Sue"));
    world.act("sue", all("kate", MONITOR)).await.unwrap();
    assert_eq!(world.sessions("sue").await.len(), 1);
    let back = Command::Invite {
        id: id.clone(),
        want: InviteKind::Conference,
        whom: InviteTarget::Agent("ana".into()),
        extension: AttachedData::new(),
    };
    world.act("kate", back).await.unwrap();
    world.act("ana", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    assert_eq!(last(&world, "sue").monitor_mode.as_deref(), Some("Monitor"), "already there as with Kate");
    world.act("kate", Command::Leave(id.clone(), AfterLeave::default())).await.unwrap();
    assert_eq!(last(&world, "sue").rest["agentId"], "ana", "the other one whom she monitors is still there");
    world.log(&id).await;
}

#[tokio::test]
async fn who_is_promoted_in_a_session_has_no_next_one() {
    let (world, id) = monitored_session(setup(config())).await;
    world.ready("kate").await;
    let ask = |want| Command::Invite {
        id: id.clone(),
        want,
        whom: InviteTarget::Agent("kate".into()),
        extension: AttachedData::new(),
    };
    world.act("ana", ask(InviteKind::Consult)).await.unwrap();
    world.act("kate", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    world.act("sue", begin("kate", MONITOR, MonitoringScope::NextInteraction)).await.unwrap();
    world.act("ana", ask(InviteKind::Conference)).await.unwrap();
    assert!(world.sessions("sue").await.is_empty());
    world.act("kate", Command::Leave(id.clone(), AfterLeave::default())).await.unwrap();
    world.act("ana", ask(InviteKind::Consult)).await.unwrap();
    world.act("kate", Command::Accept { id: id.clone(), nickname: None }).await.unwrap();
    assert_eq!(world.sessions("sue").await.len(), 1, "who comes again has come");
}

#[tokio::test]
async fn monitoring_survives_a_kill_and_ends_with_the_grace() {
    let (world, id) = monitored_session(setup(config())).await;
    world.act("sue", all("ana", COACH)).await.unwrap();
    let world = world.killed().await;
    world.presence("ana", true).await;
    world.presence("sue", true).await;
    assert_eq!(world.sessions("sue").await.len(), 1);
    world.act("sue", aside(&id, "still here")).await.unwrap();
    world.pass(300).await;
    assert_eq!(world.sessions("sue").await.len(), 1, "who is connected stays");
    world.presence("sue", false).await;
    world.pass(59).await;
    assert_eq!(world.sessions("sue").await.len(), 1);
    world.pass(2).await;
    assert!(world.sessions("sue").await.is_empty());
    let gone = world.log(&id).await.pop().unwrap();
    assert_eq!((gone.kind.as_str(), gone.from.nickname.as_str()), ("ParticipantLeft", "Sue"));
    world.presence("sue", true).await;
    world.act("sue", all("ana", MONITOR)).await.unwrap();
    world.act("sue", Command::SignOut).await.unwrap();
    assert!(world.sessions("sue").await.is_empty(), "signing out ends it at once");
}

#[tokio::test]
async fn what_is_hidden_from_supervisors_is_hidden_from_who_monitors() {
    let mask = deskline::domain::mask::Mask::new(true, 4, &[]).unwrap();
    let (world, id) = monitored_session(WriterSetup { mask, ..setup(config()) }).await;
    world.writes("15550142", "w2", "card 4111 1111 1111 1111").await;
    let data: AttachedData = [("order", "48213")].into_iter().collect();
    world.act("ana", Command::SetUserData { id: id.clone(), data }).await.unwrap();
    world.act("sue", all("ana", MONITOR)).await.unwrap();
    world.writes("15550142", "w3", "call +1 555 010 0199").await;
    let told = world.told.0.lock().unwrap();
    let to = EventRecipient::Agent("sue".into());
    let text: String = told.iter().filter(|(who, _)| *who == to).map(|(_, n)| n.data.to_string()).collect();
    for secret in ["4111", "15550142", "0199", "48213"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("card "), "the rest can be read");
}

#[tokio::test]
async fn the_audit_says_who_saw_the_session() {
    let (world, id) = monitored_session(setup(config())).await;
    world.act("sue", all("ana", MONITOR)).await.unwrap();
    let rows = world.store().audit_rows(0, Millis(0), 100).await.unwrap();
    let saw: Vec<_> =
        rows.iter().map(|row| (row.who.as_str(), row.act.as_str(), row.interaction.clone())).collect();
    assert_eq!(saw, [("sue", "saw", Some(id))]);
}

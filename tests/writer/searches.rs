//! Searching for a colleague: who refuses, when a search is in vain, and cancelling it.

use super::config::TestConfig;
use super::parties::{ALL, Trio, config, sentence, target};
use deskline::domain::AttachedData;
use deskline::domain::data::Value;
use deskline::gateway::writer::api::{Command, InviteKind, InviteTarget, RequestedState};
use deskline::proto::wa::{self, request};

const JOINS: [InviteKind; 2] = [InviteKind::Conference, InviteKind::Consult];

/// Kate and Ben are both in the group Billing.
fn both_in_billing() -> TestConfig {
    config().agent("ben", "groups = ['Billing']")
}

/// Only the agents of a group are asked in the queue.
fn with_overflow() -> TestConfig {
    config().queue("colleagues", "group = 'Billing'\noverflow = ['sales']\noverflow-after = 60")
}

impl Trio {
    async fn billing(&self, want: InviteKind) {
        self.target("AgentGroup", "Billing").await;
        self.ask("ana", want, InviteTarget::Queue("colleagues".into())).await.unwrap();
        self.pass(0).await;
    }

    async fn rejects(&self, who: &str) {
        self.act(who, Command::Reject(self.id.clone())).await.unwrap();
        self.pass(0).await;
    }

    /// What an agent was sent about those who did not accept: the name and the answer.
    fn declined(&self, who: &str) -> Vec<(String, String)> {
        let told = self.data_to(who);
        let all = told.iter().filter(|data| data["messageType"] == wa::REQUEST_DECLINED);
        let word = |data: &serde_json::Value, key: &str| data[key].as_str().unwrap().to_owned();
        all.map(|data| (word(data, "by"), word(data, "answer"))).collect()
    }

    fn errors(&self, who: &str) -> usize {
        self.data_to(who).iter().filter(|data| data["messageType"] == "EventError").count()
    }

    /// The request that the asker's session reports.
    async fn request(&self, who: &str) -> Option<AttachedData> {
        match self.view(who).await.first()?.user_data.get(wa::REQUEST) {
            Some(Value::List(pairs)) => Some(pairs.clone()),
            _ => None,
        }
    }
}

#[tokio::test]
async fn each_refusal_is_said_and_the_next_colleague_is_asked() {
    for want in JOINS {
        let world = Trio::with(both_in_billing()).await;
        world.ready("kate").await;
        world.ready("ben").await;
        world.billing(want).await;
        let (first, second, name) = match world.state("kate").await.as_str() {
            "Invited" => ("kate", "ben", "Kate London"),
            _ => ("ben", "kate", "Ben"),
        };
        world.rejects(first).await;
        assert_eq!(world.declined("ana"), [(name.to_owned(), "refused".to_owned())]);
        assert_eq!(world.request("ana").await.unwrap().text(request::REFUSED), Some(name));
        assert_eq!((world.state(second).await.as_str(), world.errors("ana")), ("Invited", 0));
        // A refusal is final, however long the other colleague takes.
        world.pass(31).await;
        world.pass(61).await;
        assert_eq!((world.state(first).await.as_str(), world.declined("ana").len()), ("none", 2));
    }
}

#[tokio::test]
async fn the_last_refusal_ends_the_search_at_once() {
    for (want, word) in JOINS.into_iter().zip(["conference", "consultation"]) {
        let world = Trio::new().await;
        world.ready("kate").await;
        world.ready("ben").await;
        world.billing(want).await;
        world.rejects("kate").await;
        let expected =
            format!("nobody in agent group Billing is left to ask for the {word} (refused: Kate London)");
        assert!(world.error("ana").starts_with(&expected), "{}", world.error("ana"));
        assert_eq!(world.request("ana").await, None);
        world.ask("ana", want, InviteTarget::Agent("ben".into())).await.unwrap();
    }
}

#[tokio::test]
async fn a_search_ends_when_the_last_member_signs_out() {
    for was_offered in [true, false] {
        let world = Trio::new().await;
        world.sign_in("kate").await;
        if was_offered {
            world.ready("kate").await;
        }
        world.billing(InviteKind::Conference).await;
        world.act("kate", Command::SignOut).await.unwrap();
        world.pass(0).await;
        assert!(world.error("ana").contains("is left to ask for the conference (not signed in)"));
    }
    let world = Trio::new().await;
    world.ready("kate").await;
    world.kate(InviteKind::Transfer).await.unwrap();
    world.act("kate", Command::SignOut).await.unwrap();
    world.pass(0).await;
    assert!(world.error("ana").starts_with("Kate London could not be asked"), "{}", world.error("ana"));
}

#[tokio::test]
async fn a_search_waits_for_a_member_who_is_not_ready_or_lost() {
    for lost in [false, true] {
        let world = Trio::new().await;
        world.sign_in("kate").await;
        if lost {
            world.ready("kate").await;
            world.presence("kate", false).await;
        }
        world.billing(InviteKind::Consult).await;
        world.pass(40).await;
        assert_eq!((world.errors("ana"), world.request("ana").await.is_some()), (0, true));
        world.ready("kate").await;
        world.pass(0).await;
        assert_eq!(world.state("kate").await, "Invited");
    }
}

#[tokio::test]
async fn nobody_signed_in_refuses_a_search_before_it_begins() {
    let world = Trio::new().await;
    world.ready("ben").await;
    for want in JOINS {
        world.target("AgentGroup", "Billing").await;
        let (status, words) =
            sentence(world.ask("ana", want, InviteTarget::Queue("colleagues".into())).await);
        assert_eq!(
            (status, words.as_str()),
            (409, "nobody else in agent group Billing is signed in; the session stays with you")
        );
    }
    // When somebody is available, it is possible again.
    world.sign_in("kate").await;
    world.billing(InviteKind::Conference).await;
    assert!(world.request("ana").await.is_some());
}

#[tokio::test]
async fn a_queue_that_overflows_is_not_given_up_too_early() {
    let world = Trio::with(with_overflow()).await;
    world.ready("kate").await;
    world.ready("ben").await;
    world.ask("ana", InviteKind::Conference, InviteTarget::Queue("colleagues".into())).await.unwrap();
    world.pass(0).await;
    world.rejects("kate").await;
    assert_eq!((world.errors("ana"), world.state("ben").await.as_str()), (0, "none"));
    world.pass(61).await;
    assert_eq!(world.state("ben").await, "Invited", "after the overflow");
    world.rejects("ben").await;
    assert!(world.error("ana").ends_with("(refused: Kate London, Ben); the session stays with you"));
}

#[tokio::test]
async fn any_request_is_taken_back_before_it_is_accepted() {
    for want in ALL {
        let world = Trio::new().await;
        world.ready("kate").await;
        world.kate(want).await.unwrap();
        let asked = world.request("ana").await.unwrap();
        assert_eq!(
            (asked.text(request::TARGET_TYPE), asked.text(request::TARGET), asked.text(request::NAME)),
            (Some("agent"), Some("kate"), Some("Kate London"))
        );
        world.act("ana", Command::CancelInvite(world.id.clone())).await.unwrap();
        assert_eq!((world.last("kate").0.as_str(), world.request("ana").await), ("Canceled", None));
        assert_eq!(sentence(world.accept("kate").await).0, 410);
        assert_eq!((world.state("ana").await.as_str(), world.errors("ana")), ("Processing", 0));
        // Whoever accepted first is in it.
        world.kate(want).await.unwrap();
        world.accept("kate").await.unwrap();
        let late = sentence(world.act("ana", Command::CancelInvite(world.id.clone())).await);
        assert!(matches!(late.0, 409 | 410), "{late:?}");
        assert_eq!(world.state("kate").await, "Processing");
    }
    let world = Trio::new().await;
    world.ready("kate").await;
    world.billing(InviteKind::Conference).await;
    assert_eq!(world.request("ana").await.unwrap().text(request::TARGET_TYPE), Some("agent-group"));
    world.act("ana", Command::CancelInvite(world.id.clone())).await.unwrap();
    assert_eq!((world.last("kate").0.as_str(), world.request("ana").await), ("Canceled", None));
}

#[tokio::test]
async fn what_is_asked_is_known_again_after_a_stop() {
    let world = Trio::with(both_in_billing()).await;
    world.ready("kate").await;
    world.ready("ben").await;
    world.billing(InviteKind::Conference).await;
    let first = if world.state("kate").await == "Invited" { "kate" } else { "ben" };
    world.rejects(first).await;
    let before = world.request("ana").await.unwrap();
    assert!(before.text(request::OPERATION).is_some() && before.text(request::KIND) == Some("conference"));
    let world = world.killed().await;
    assert_eq!(world.request("ana").await, Some(before));
    for other in ["kate", "ben"] {
        assert_eq!(world.request(other).await, None, "only who asked is told");
    }
}

#[tokio::test]
async fn a_given_session_goes_to_anybody_once_the_group_has_refused() {
    let world = Trio::new().await;
    world.ready("kate").await;
    world.place("colleagues", target("AgentGroup", "Billing")).await.unwrap();
    world.ready("ben").await;
    world.act("ana", Command::SetState(RequestedState::NotReady(None))).await.unwrap();
    world.pass(0).await;
    world.rejects("kate").await;
    assert_eq!(world.declined("ana"), [("Kate London".to_owned(), "refused".to_owned())]);
    assert_eq!(world.outcomes("ana"), [("nobody".to_owned(), String::new())]);
    assert_eq!(world.state("ben").await, "Invited");
    assert_eq!(sentence(world.act("ana", Command::CancelInvite(world.id.clone())).await).0, 410);
}

#[tokio::test]
async fn a_given_session_waits_for_its_group_to_sign_in() {
    let world = Trio::new().await;
    world.ready("ben").await;
    world.place("colleagues", target("AgentGroup", "Billing")).await.unwrap();
    world.pass(120).await;
    assert_eq!((world.state("ben").await.as_str(), world.outcomes("ana").len()), ("none", 0));
    world.ready("kate").await;
    world.pass(0).await;
    assert_eq!(world.state("kate").await, "Invited");
}

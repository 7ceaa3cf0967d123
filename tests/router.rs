//! The router against its acceptance scenarios, and properties that hold whatever happens.
#![expect(clippy::unwrap_used, reason = "tests")]

use deskline::domain::{EmployeeId, InteractionId, Millis};
use deskline::gateway::router::{
    AgentSetup, Decision, Eligibility, Enqueued, Fact, GoneReason, Position, QueueSetup, Relax,
    ReleaseReason, RequeueReason, Router, RouterSetup, RoutingError, RoutingRules, SelectionReason,
    SelectionStrategy as Choosing, Skills, TargetFailure, WorkState,
};
use proptest::prelude::*;
use std::time::Duration;

const START: i64 = 1_790_000_000_000;

/// A router with its log and a clock that a test moves.
struct Desk {
    setup: RouterSetup,
    router: Router,
    log: Vec<Fact>,
    now: Millis,
}

fn agent(id: &str, capacity: u32) -> AgentSetup {
    AgentSetup { capacity, ..AgentSetup::named(id) }
}

fn skilled(id: &str, skill: &str, level: u8) -> AgentSetup {
    AgentSetup { skills: Skills::from([(skill.to_owned(), level)]), ..AgentSetup::named(id) }
}

fn setup(agents: Vec<AgentSetup>) -> RouterSetup {
    RouterSetup { queues: vec![QueueSetup::named("in")], agents, rules: RoutingRules::default() }
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

impl Desk {
    fn new(setup: RouterSetup) -> Self {
        let router = Router::new(setup.clone());
        Self { setup, router, log: Vec::new(), now: Millis(START) }
    }

    /// All agents signed in and ready.
    fn open(setup: RouterSetup) -> Self {
        let ids: Vec<EmployeeId> = setup.agents.iter().map(|agent| agent.id.clone()).collect();
        let mut desk = Self::new(setup);
        for id in ids {
            desk.arrive(id.as_str());
        }
        desk
    }

    fn arrive(&mut self, id: &str) {
        let id = id.into();
        self.ask(|router, now| router.sign_in(&id, now)).unwrap();
        self.ask(|router, now| router.set_state(&id, WorkState::Ready, now)).unwrap();
    }

    fn ask(
        &mut self,
        command: impl FnOnce(&Router, Millis) -> Result<Vec<Fact>, RoutingError>,
    ) -> Result<Vec<Fact>, RoutingError> {
        let mut facts = command(&self.router, self.now)?;
        for fact in &facts {
            self.router.apply(fact);
        }
        facts.extend(self.router.step(self.now));
        self.log.extend(facts.iter().cloned());
        Ok(facts)
    }

    /// Lets time pass, waking exactly when the router asks for it.
    fn pass(&mut self, span: Duration) -> Vec<Fact> {
        let until = self.now.plus(span);
        let mut facts = Vec::new();
        while let Some(next) = self.router.next_deadline().filter(|next| *next <= until) {
            assert!(next > self.now, "the next deadline lies in the future");
            self.now = next;
            facts.extend(self.router.step(next));
        }
        self.now = until;
        facts.extend(self.router.step(until));
        self.log.extend(facts.iter().cloned());
        facts
    }

    fn customer(&mut self, id: &str) -> Vec<Fact> {
        self.enqueue(Enqueued::new(id, "in", self.now))
    }

    fn enqueue(&mut self, fact: Enqueued) -> Vec<Fact> {
        self.ask(|router, _| router.enqueue(fact)).unwrap()
    }

    fn accept(&mut self, who: &str, id: &str) -> Result<Vec<Fact>, RoutingError> {
        self.ask(|router, now| router.accept(&who.into(), &id.into(), now))
    }

    fn close(&mut self, id: &str) -> Vec<Fact> {
        self.ask(|router, now| router.close(&id.into(), now)).unwrap()
    }

    fn answer(&mut self, who: &str, id: &str) {
        self.ask(|router, now| router.agent_spoke(&who.into(), &id.into(), now)).unwrap();
    }

    fn assign(&mut self, who: &str, id: &str) {
        self.ask(|router, now| router.assign(&who.into(), &id.into(), "in", now)).unwrap();
    }

    fn set(&mut self, who: &str, work: WorkState) -> Vec<Fact> {
        self.ask(|router, now| router.set_state(&who.into(), work, now)).unwrap()
    }

    fn accept_all(&mut self) {
        for id in self.setup.agents.iter().map(|agent| agent.id.clone()).collect::<Vec<_>>() {
            for (interaction, _) in self.router.offers_of(&id) {
                self.accept(id.as_str(), interaction.as_str()).unwrap();
            }
        }
    }

    fn load(&self, id: &str) -> u32 {
        self.router.load(&id.into())
    }

    fn has(&self, id: &str) -> Vec<String> {
        self.router.interactions_of(&id.into()).iter().map(ToString::to_string).collect()
    }

    fn is_ready(&self, id: &str) -> bool {
        self.router.agent_state(&id.into()).work.is_ready()
    }

    fn assert_rebuilds(&self) {
        let rebuilt = Router::rebuild(self.setup.clone(), &self.log);
        assert!(rebuilt == self.router, "the fold of the log is the live state");
    }
}

/// What was offered to whom.
fn offers(facts: &[Fact]) -> Vec<(String, String)> {
    let pair = |fact: &Fact| match fact {
        Fact::Offered { interaction, agent, .. } => Some((agent.to_string(), interaction.to_string())),
        _ => None,
    };
    facts.iter().filter_map(pair).collect()
}

fn pair(agent: &str, interaction: &str) -> Vec<(String, String)> {
    vec![(agent.to_owned(), interaction.to_owned())]
}

fn decision(facts: &[Fact]) -> &Decision {
    facts
        .iter()
        .find_map(|fact| if let Fact::Offered { why, .. } = fact { Some(&**why) } else { None })
        .unwrap()
}

#[test]
fn scenario_a_three_agents_ten_arrivals() {
    let mut desk = Desk::open(setup(vec![agent("ana", 2), agent("ben", 2), agent("cy", 2)]));
    for n in 0..10 {
        desk.customer(&format!("c{n}"));
        desk.pass(Duration::from_millis(10));
    }
    assert_eq!((desk.load("ana"), desk.load("ben"), desk.load("cy")), (2, 2, 2));
    let ids = ["c6", "c7", "c8", "c9"].map(InteractionId::from);
    assert_eq!(desk.router.waiting("in"), ids);
    assert_eq!(desk.router.position(&"c8".into()), Some(Position { ahead: 2, of: 4 }));
    desk.accept_all();
    desk.customer("newcomer");
    let closed = desk.has("ben").first().cloned().unwrap();
    assert_eq!(offers(&desk.close(&closed)), pair("ben", "c6"));
    desk.assert_rebuilds();
}

#[test]
fn scenario_b_unanswered_offer_goes_on_with_its_waiting_time() {
    let mut desk = Desk::open(setup(vec![agent("ana", 2), agent("ben", 2)]));
    let began = desk.now;
    assert_eq!(offers(&desk.customer("c")), pair("ana", "c"));
    assert_eq!(offers(&desk.pass(Duration::from_millis(29_999))), []);
    let facts = desk.pass(Duration::from_millis(1));
    assert_eq!(offers(&facts), pair("ben", "c"));
    assert_eq!(decision(&facts).waited_ms, 30_000);
    assert!(!desk.is_ready("ana"));
    assert!(
        facts.iter().any(|fact| matches!(fact, Fact::MadeNotReady { reason, .. } if reason == "no answer"))
    );
    assert_eq!(desk.router.explain(&"c".into(), desk.now).unwrap().enqueued_at, began);
    assert_eq!(desk.router.agent_state(&"ana".into()).counters.missed, 1);
    desk.assert_rebuilds();
}

#[test]
fn scenario_c_late_accept_is_refused_with_the_reason() {
    let mut desk = Desk::open(setup(vec![agent("ana", 2), agent("ben", 2)]));
    desk.customer("c");
    // The moment it lapses, looked at before the router had its step.
    let late = desk.router.accept(&"ana".into(), &"c".into(), desk.now.plus(secs(30)));
    let gone = |why| Err(RoutingError::Gone { interaction: "c".into(), why });
    assert_eq!(late, gone(GoneReason::Expired));
    desk.pass(Duration::from_millis(30_001));
    let refused = desk.accept("ana", "c");
    assert_eq!(refused, gone(GoneReason::Expired));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "this invitation is no longer yours: it was not answered in time"
    );
    desk.accept("ben", "c").unwrap();
    assert_eq!(desk.has("ben"), ["c"]);
    assert_eq!(desk.accept("ben", "c"), Ok(Vec::new()), "a repeat is the same act");
    desk.close("c");
    assert_eq!(desk.accept("ana", "c"), gone(GoneReason::Over));
}

#[test]
fn scenario_d_missed_offer_keeps_the_place_of_the_agent() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 4)]));
    desk.assign("ben", "b1");
    desk.assign("ben", "b2");
    let idle = desk.router.agent_state(&"ana".into()).idle_since;
    assert_eq!(offers(&desk.customer("missed")), pair("ana", "missed"));
    assert_eq!(offers(&desk.pass(secs(30))), pair("ben", "missed"));
    desk.set("ana", WorkState::Ready);
    assert_eq!(desk.router.agent_state(&"ana".into()).idle_since, idle);
    assert_eq!(offers(&desk.customer("next")), pair("ana", "next"));
}

#[test]
fn scenario_e_a_returning_agent_gets_no_flood() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 4), agent("cy", 4)]));
    desk.ask(|router, now| router.sign_out(&"cy".into(), now)).unwrap();
    for n in 0..20 {
        desk.customer(&format!("old{n}"));
        desk.accept_all();
        desk.close(&format!("old{n}"));
        desk.pass(secs(1));
    }
    desk.arrive("cy");
    for n in 0..6 {
        desk.customer(&format!("new{n}"));
    }
    assert_eq!((desk.load("ana"), desk.load("ben"), desk.load("cy")), (2, 2, 2));
}

#[test]
fn scenario_f_only_a_long_connection_loss_requeues() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 4)]));
    desk.customer("c");
    desk.accept("ana", "c").unwrap();
    let lost = |router: &Router, now| router.connection_lost(&"ana".into(), now);
    desk.ask(lost).unwrap();
    assert_eq!(desk.pass(secs(20)), []);
    desk.ask(|router, now| router.connection_back(&"ana".into(), now)).unwrap();
    assert_eq!(desk.pass(secs(90)), []);
    assert_eq!(desk.has("ana"), ["c"]);
    assert!(desk.is_ready("ana"));

    desk.ask(lost).unwrap();
    let facts = desk.pass(secs(60));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Requeued { why: RequeueReason::GraceOver, .. })));
    assert_eq!(offers(&facts), pair("ben", "c"));
    assert!(!desk.router.agent_state(&"ana".into()).signed_in);
    desk.assert_rebuilds();
}

#[test]
fn an_offer_returns_at_once_when_the_connection_breaks() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 4)]));
    desk.customer("c");
    let facts = desk.ask(|router, now| router.connection_lost(&"ana".into(), now)).unwrap();
    assert_eq!(offers(&facts), pair("ben", "c"));
    assert!(matches!(desk.accept("ana", "c"), Err(RoutingError::Gone { why: GoneReason::Moved, .. })));
}

#[test]
fn scenario_g_thirty_parked_sessions_wake_together() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 4)]));
    for n in 0..30 {
        let id = format!("c{n:02}");
        desk.assign("ana", &id);
        desk.answer("ana", &id);
    }
    desk.pass(secs(600));
    assert_eq!(desk.load("ana"), 0);
    for n in 0..30 {
        let id = InteractionId::from(format!("c{n:02}"));
        desk.ask(|router, now| router.customer_spoke(&id, None, now)).unwrap();
        assert!(desk.load("ana") <= 5);
    }
    assert_eq!(desk.load("ana"), 5, "one over capacity and no more");
    assert_eq!(desk.load("ben"), 4);
    assert_eq!(desk.router.waiting("in").len(), 21);
    // Whoever comes back to an agent with room comes back to their own.
    let facts = desk.close("c00");
    assert_eq!(decision(&facts).choice, SelectionReason::LastAgent);
    assert_eq!(decision(&facts).agent, "ana".into());
    desk.assert_rebuilds();
}

fn relaxing() -> RouterSetup {
    let mut router = setup(vec![skilled("ana", "French", 4), agent("ben", 4)]);
    router.queues = vec![
        QueueSetup {
            skills: Skills::from([("French".to_owned(), 8)]),
            relax: Some(Relax { step: 2, every: secs(20), min: 4, drop_after: None }),
            overflow: vec!["nowhere".to_owned(), "rest".to_owned()],
            overflow_after: Some(secs(90)),
            ..QueueSetup::named("in")
        },
        QueueSetup::named("rest"),
    ];
    router
}

#[test]
fn scenario_h_skills_relax_in_steps_and_then_it_overflows() {
    let mut desk = Desk::open(relaxing());
    desk.customer("c");
    let french =
        |desk: &Desk| desk.router.explain(&"c".into(), desk.now).unwrap().needs.get("French").copied();
    assert_eq!(french(&desk), Some(8));
    assert_eq!(offers(&desk.pass(secs(20))), []);
    assert_eq!(french(&desk), Some(6));
    assert_eq!(offers(&desk.pass(secs(20))), pair("ana", "c"));
    assert_eq!(french(&desk), Some(4));
    // Ana does not answer, so nobody is left who speaks it.
    assert_eq!(offers(&desk.pass(secs(30))), []);
    let facts = desk.pass(secs(20));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Overflowed { to, .. } if to == "rest")));
    assert_eq!(offers(&facts), pair("ben", "c"));
    desk.assert_rebuilds();
}

#[test]
fn scenario_i_a_closing_window_jumps_ahead() {
    let mut desk = Desk::new(setup(vec![agent("ana", 1)]));
    let left = |id: &str, minutes: u64, now: Millis| Enqueued {
        window_ends: Some(now.plus(secs(60 * minutes))),
        ..Enqueued::new(id, "in", now)
    };
    let now = desk.now;
    desk.enqueue(left("later", 20 * 60, now));
    desk.enqueue(left("soon", 6, now));
    assert_eq!(desk.router.waiting("in"), ["soon", "later"].map(InteractionId::from));
    assert_eq!(desk.router.explain(&"soon".into(), now).unwrap().priority.boost, 100);
    desk.pass(secs(6 * 60));
    assert_eq!(desk.router.waiting("in"), ["later", "soon"].map(InteractionId::from), "too late to hurry");
    desk.assert_rebuilds();
}

#[test]
fn scenario_j_a_restart_at_any_point_loses_nothing() {
    let mut desk = Desk::open(setup(vec![agent("ana", 2), agent("ben", 2)]));
    for n in 0..6 {
        desk.customer(&format!("c{n}"));
    }
    desk.accept_all();
    desk.ask(|router, now| router.connection_lost(&"ana".into(), now)).unwrap();
    desk.pass(secs(70));
    for cut in 0..=desk.log.len() {
        let log = desk.log.get(..cut).unwrap();
        let mut router = Router::rebuild(desk.setup.clone(), log);
        router.step(desk.now);
        let entered = log.iter().filter(|fact| matches!(fact, Fact::Enqueued(_))).count();
        assert_eq!(router.interactions().count(), entered);
        let owned = ["ana", "ben"].map(|id| router.interactions_of(&id.into()).len());
        let offered = ["ana", "ben"].map(|id| router.offers_of(&id.into()).len());
        let placed: usize = owned.iter().chain(&offered).sum();
        assert_eq!(placed + router.waiting("in").len(), entered, "cut after {cut} facts");
    }
}

#[test]
fn present_last_agent_is_preferred_even_one_over_capacity() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 1)]));
    let back = |id: &str, agent: &str, now: Millis| Enqueued {
        last_agent: Some((agent.into(), now.minus(secs(3600)))),
        ..Enqueued::new(id, "in", now)
    };
    desk.assign("ben", "b");
    let facts = desk.enqueue(back("one", "ben", desk.now));
    assert_eq!(offers(&facts), pair("ben", "one"));
    assert_eq!(decision(&facts).choice, SelectionReason::LastAgent);
    assert_eq!(offers(&desk.enqueue(back("two", "ben", desk.now))), pair("ana", "two"));
    assert_eq!(offers(&desk.enqueue(back("three", "gone", desk.now))), pair("ana", "three"));
    desk.accept("ana", "two").unwrap();
    desk.accept("ana", "three").unwrap();
    // In after-call work the agent is about to be free: worth the wait, but not for long.
    desk.set("ana", WorkState::AfterCallWork);
    desk.accept("ben", "one").unwrap();
    desk.close("b");
    desk.close("one");
    assert_eq!(offers(&desk.enqueue(back("four", "ana", desk.now))), []);
    assert_eq!(offers(&desk.pass(secs(30))), pair("ben", "four"));
}

#[test]
fn a_direct_offer_leaves_the_sender_in_charge_until_it_is_taken() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 4)]));
    desk.customer("c");
    desk.accept("ana", "c").unwrap();
    let direct = |now| Enqueued {
        target: Some("ben".into()),
        return_to: Some("ana".into()),
        ..Enqueued::new("c", "in", now)
    };
    assert_eq!(offers(&desk.enqueue(direct(desk.now))), pair("ben", "c"));
    assert_eq!(desk.has("ana"), ["c"]);
    let facts = desk.ask(|router, now| router.reject(&"ben".into(), &"c".into(), now)).unwrap();
    assert!(facts.iter().any(|fact| matches!(fact, Fact::TargetFailed { why: TargetFailure::Rejected, .. })));
    assert_eq!((desk.has("ana"), offers(&facts)), (vec!["c".to_owned()], vec![]));

    desk.enqueue(direct(desk.now));
    desk.accept("ben", "c").unwrap();
    assert_eq!((desk.load("ana"), desk.has("ben")), (0, vec!["c".to_owned()]));

    desk.set("ana", WorkState::DoNotDisturb);
    let to_ana = Enqueued { target: Some("ana".into()), return_to: Some("ben".into()), ..direct(desk.now) };
    assert_eq!(offers(&desk.enqueue(to_ana)), []);
    let facts = desk.pass(secs(30));
    assert!(
        facts.iter().any(|fact| matches!(fact, Fact::TargetFailed { why: TargetFailure::Unavailable, .. }))
    );
    assert_eq!(desk.has("ben"), ["c"]);
    desk.assert_rebuilds();
}

#[test]
fn an_inactive_agent_is_warned_and_then_loses_who_waits() {
    let mut desk = Desk::open(setup(vec![agent("ana", 4), agent("ben", 4)]));
    desk.customer("waits");
    desk.accept("ana", "waits").unwrap();
    desk.assign("ana", "quiet");
    let facts = desk.pass(secs(180 * 60));
    assert!(matches!(facts.as_slice(), [Fact::InactiveWarned { .. }]));
    desk.ask(|router, now| router.record_activity(&"ana".into(), now)).unwrap();
    assert_eq!(desk.pass(secs(120)), []);
    let facts = desk.pass(secs(180 * 60));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Requeued { why: RequeueReason::Inactive, .. })));
    assert_eq!(desk.has("ana"), ["quiet"]);
    assert!(!desk.is_ready("ana"));
}

#[test]
fn explanation_names_every_candidate_with_the_reason() {
    let mut router = setup(vec![
        skilled("ana", "French", 3),
        AgentSetup { capacity: 1, ..skilled("ben", "French", 8) },
        skilled("cy", "French", 8),
        skilled("dee", "French", 8),
        skilled("eve", "French", 8),
    ]);
    let skills = Skills::from([("French".to_owned(), 5)]);
    router.queues = vec![QueueSetup { skills, ..QueueSetup::named("in") }];
    let mut desk = Desk::new(router);
    for id in ["ana", "ben", "cy", "eve"] {
        desk.arrive(id);
    }
    desk.set("eve", WorkState::NotReady { reason: "lunch".to_owned() });
    desk.assign("ben", "b");
    let facts = desk.customer("c");
    assert_eq!(offers(&facts), pair("cy", "c"));
    let passed = |id: &str| {
        let found = decision(&facts).passed_over.iter().find(|candidate| candidate.agent.as_str() == id);
        found.unwrap().eligibility.clone()
    };
    assert_eq!(passed("ana"), Eligibility::Skill { skill: "French".to_owned(), needs: 5, has: 3 });
    desk.ask(|router, now| router.reject(&"cy".into(), &"c".into(), now)).unwrap();
    desk.pass(secs(20));
    let told = desk.router.explain(&"c".into(), desk.now).unwrap().to_string();
    for line in [
        "c: number 1 of 1 in in, waiting 0:20",
        "  ana: no skill French >= 5 (has 3)",
        "  ben: at capacity 1/1",
        "  cy: declined 20 s ago",
        "  dee: not signed in",
        "  eve: not ready (lunch)",
    ] {
        assert!(told.lines().any(|told| told == line), "{line:?} in:\n{told}");
    }
    // Asked again after a minute, when nobody else could be found.
    assert_eq!(offers(&desk.pass(secs(40))), pair("cy", "c"));
}

#[test]
fn each_strategy_chooses_in_its_own_way() {
    let turns = |strategy| {
        let mut router = setup(vec![agent("ana", 9), agent("ben", 3), agent("cy", 3)]);
        router.queues = vec![QueueSetup { strategy, ..QueueSetup::named("in") }];
        let mut desk = Desk::open(router);
        desk.pass(secs(1));
        let mut got = String::new();
        for n in 0..5 {
            let facts = desk.customer(&format!("c{n}"));
            got.push(decision(&facts).agent.as_str().chars().next().unwrap());
            desk.accept_all();
            desk.pass(secs(1));
        }
        got
    };
    assert_eq!(turns(Choosing::RoundRobin), "abcab");
    assert_eq!(turns(Choosing::LongestIdle), "abcab");
    assert_eq!(turns(Choosing::LeastLoaded), "abcaa", "a share of capacity, not a number");
}

#[test]
fn a_queue_that_left_the_configuration_still_empties() {
    let mut desk = Desk::open(relaxing());
    desk.customer("c");
    desk.setup = setup(vec![agent("ben", 4)]);
    desk.setup.queues = vec![QueueSetup::named("other")];
    desk.router.reconfigure(desk.setup.clone());
    assert_eq!(offers(&desk.pass(secs(0))), pair("ben", "c"));
    desk.assert_rebuilds();
}

#[test]
fn facts_read_back_as_they_were_written() {
    let mut desk = Desk::open(relaxing());
    let now = desk.now;
    desk.enqueue(Enqueued {
        last_agent: Some(("ana".into(), now)),
        skills: Skills::from([("French".to_owned(), 2)]),
        ..Enqueued::new("c", "in", now)
    });
    desk.pass(secs(200));
    assert!(desk.log.len() > 8);
    for fact in &desk.log {
        let text = serde_json::to_string(fact).unwrap();
        assert_eq!(&serde_json::from_str::<Fact>(&text).unwrap(), fact, "{text}");
    }
    let text = serde_json::to_string(&Fact::ConnectionLost { agent: "ana".into(), at: Millis(7) }).unwrap();
    assert_eq!(text, r#"{"fact":"connection_lost","agent":"ana","at":7}"#);
}

/// Something a person or the weather does.
#[derive(Clone, Debug)]
enum Act {
    Customer { priority: i64, french: u8, last: Option<u8>, window: u64 },
    Arrive(u8),
    Leave(u8),
    Lose(u8),
    Back(u8),
    State(u8, u8),
    Accept(u8),
    Reject(u8),
    Speak(u8, u8),
    Wake(u8, u8),
    Transfer(u8, u8, u8),
    Cancel(u8, u8),
    Close(u8, u8),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0i64..50, 0u8..9, proptest::option::of(0u8..4), 1u64..90)
            .prop_map(|(priority, french, last, window)| Act::Customer { priority, french, last, window }),
        2 => (0u8..4).prop_map(Act::Arrive),
        1 => (0u8..4).prop_map(Act::Leave),
        1 => (0u8..4).prop_map(Act::Lose),
        1 => (0u8..4).prop_map(Act::Back),
        2 => (0u8..4, 0u8..5).prop_map(|(a, s)| Act::State(a, s)),
        5 => (0u8..4).prop_map(Act::Accept),
        1 => (0u8..4).prop_map(Act::Reject),
        3 => (0u8..4, 0u8..4).prop_map(|(a, i)| Act::Speak(a, i)),
        2 => (0u8..4, 0u8..4).prop_map(|(a, i)| Act::Wake(a, i)),
        1 => (0u8..4, 0u8..4, 0u8..4).prop_map(|(a, i, to)| Act::Transfer(a, i, to)),
        1 => (0u8..4, 0u8..4).prop_map(|(a, i)| Act::Cancel(a, i)),
        1 => (0u8..4, 0u8..4).prop_map(|(a, i)| Act::Close(a, i)),
        4 => prop_oneof![1u64..40, 60u64..900].prop_map(Act::Pass),
    ]
}

const NAMES: [&str; 4] = ["ana", "ben", "cy", "dee"];

fn mixed() -> RouterSetup {
    let mut router = relaxing();
    router.agents =
        vec![skilled("ana", "French", 8), agent("ben", 2), skilled("cy", "French", 3), agent("dee", 1)];
    router.rules.inactive_after = Some(secs(1800));
    router.queues.first_mut().unwrap().skills.clear();
    router
}

/// Refusals are fine here: people ask for what cannot be.
fn perform(desk: &mut Desk, act: &Act, number: usize) {
    let name = |n: u8| EmployeeId::from(*NAMES.get(usize::from(n)).unwrap());
    let held = |desk: &Desk, n: u8, i: u8| desk.router.interactions_of(&name(n)).get(usize::from(i)).cloned();
    match act.clone() {
        Act::Customer { priority, french, last, window } => {
            let now = desk.now;
            desk.enqueue(Enqueued {
                priority,
                skills: if french > 5 {
                    Skills::from([("French".to_owned(), french)])
                } else {
                    Skills::new()
                },
                last_agent: last.map(|n| (name(n), now.minus(secs(60)))),
                window_ends: Some(now.plus(secs(60 * window))),
                ..Enqueued::new(format!("c{number}"), "in", now)
            });
        }
        Act::Arrive(n) => desk.arrive(name(n).as_str()),
        Act::Leave(n) => drop(desk.ask(|router, now| router.sign_out(&name(n), now))),
        Act::Lose(n) => drop(desk.ask(|router, now| router.connection_lost(&name(n), now))),
        Act::Back(n) => drop(desk.ask(|router, now| router.connection_back(&name(n), now))),
        Act::State(n, s) => {
            let work = match s {
                0 => WorkState::NotReady { reason: "tea".to_owned() },
                1 => WorkState::AfterCallWork,
                2 => WorkState::DoNotDisturb,
                _ => WorkState::Ready,
            };
            drop(desk.ask(|router, now| router.set_state(&name(n), work, now)));
        }
        Act::Accept(n) => {
            if let Some((id, _)) = desk.router.offers_of(&name(n)).first().cloned() {
                drop(desk.ask(|router, now| router.accept(&name(n), &id, now)));
            }
        }
        Act::Reject(n) => {
            if let Some((id, _)) = desk.router.offers_of(&name(n)).first().cloned() {
                drop(desk.ask(|router, now| router.reject(&name(n), &id, now)));
            }
        }
        Act::Speak(n, i) => {
            if let Some(id) = held(desk, n, i) {
                drop(desk.ask(|router, now| router.agent_spoke(&name(n), &id, now)));
            }
        }
        Act::Wake(n, i) => {
            if let Some(id) = held(desk, n, i) {
                let ends = Some(desk.now.plus(secs(24 * 3600)));
                drop(desk.ask(|router, now| router.customer_spoke(&id, ends, now)));
            }
        }
        Act::Transfer(n, i, to) => {
            if let Some(id) = held(desk, n, i) {
                let (target, return_to) = (Some(name(to)), Some(name(n)));
                let direct = Enqueued { target, return_to, ..Enqueued::new(id.as_str(), "in", desk.now) };
                drop(desk.ask(|router, _| router.enqueue(direct)));
            }
        }
        Act::Cancel(n, i) => {
            if let Some(id) = held(desk, n, i) {
                drop(desk.ask(|router, now| router.cancel(&id, now)));
            }
        }
        Act::Close(n, i) => {
            if let Some(id) = held(desk, n, i) {
                desk.close(id.as_str());
            }
        }
        Act::Pass(span) => drop(desk.pass(secs(span))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_invariants_and_can_be_rebuilt(
        acts in proptest::collection::vec(act(), 1..120)
    ) {
        let mut desk = Desk::new(mixed());
        let mut twin = Desk::new(mixed());
        let mut entered = 0;
        for (number, act) in acts.iter().enumerate() {
            perform(&mut desk, act, number);
            perform(&mut twin, act, number);
            entered += usize::from(matches!(act, Act::Customer { .. }));
            let closed = desk.log.iter().filter(|fact| matches!(fact, Fact::Closed { .. })).count();
            let mut placed = desk.router.waiting("in");
            placed.extend(desk.router.waiting("rest"));
            for id in NAMES.map(EmployeeId::from) {
                let view = desk.router.agent_state(&id);
                prop_assert!(view.load <= view.capacity + 1, "{} has {} of {}", id, view.load, view.capacity);
                placed.extend(desk.router.offers_of(&id).into_iter().map(|(interaction, _)| interaction));
            }
            let searched = placed.len();
            placed.sort();
            placed.dedup();
            prop_assert_eq!(searched, placed.len(), "in one queue or with one agent");
            for id in NAMES.map(EmployeeId::from) {
                placed.extend(desk.router.interactions_of(&id));
            }
            placed.sort();
            placed.dedup();
            prop_assert_eq!(placed.len(), entered - closed, "nobody is lost");
            prop_assert!(desk.router.next_deadline().is_none_or(|next| next > desk.now));
            prop_assert_eq!(desk.router.step(desk.now), vec![], "a step leaves nothing undone");
        }
        prop_assert!(twin.log == desk.log, "the same facts and clock give the same decisions");
        let mut rebuilt = Router::rebuild(desk.setup.clone(), &desk.log);
        prop_assert!(rebuilt == desk.router);
        // And it goes on as the live one does.
        for _ in 0..20 {
            let later = desk.now.plus(secs(37));
            let live = desk.pass(secs(37));
            let mut again = Vec::new();
            while let Some(next) = rebuilt.next_deadline().filter(|next| *next <= later) {
                again.extend(rebuilt.step(next));
            }
            again.extend(rebuilt.step(later));
            prop_assert_eq!(again, live);
        }
    }

    #[test]
    fn no_interaction_starves_behind_higher_priorities(priority in 1i64..60) {
        let mut desk = Desk::open(setup(vec![agent("ana", 1)]));
        desk.customer("busy");
        desk.customer("patient");
        for minute in 0.. {
            prop_assert!(minute <= priority + 2, "still waiting after {} minutes", minute);
            desk.accept_all();
            if desk.has("ana") == ["patient"] {
                break;
            }
            let now = desk.now;
            desk.enqueue(Enqueued { priority, ..Enqueued::new(format!("vip{minute}"), "in", now) });
            for done in desk.has("ana") {
                desk.close(&done);
            }
            desk.accept_all();
            desk.pass(secs(60));
        }
    }

    #[test]
    fn facts_in_any_order_and_about_anybody_do_no_harm(
        picks in proptest::collection::vec((0usize..400, 0u64..100_000), 0..60)
    ) {
        let mut desk = Desk::open(relaxing());
        for n in 0..8 {
            desk.customer(&format!("c{n}"));
            desk.pass(secs(9));
            if n % 2 == 0 {
                desk.accept_all();
            }
        }
        let mut router = Router::new(RouterSetup { agents: vec![agent("ana", 1)], ..RouterSetup::default() });
        for (pick, later) in picks {
            let fact = desk.log.get(pick % desk.log.len()).unwrap();
            router.apply(fact);
            router.step(fact.at().plus(Duration::from_millis(later)));
        }
    }
}

/// A session that `ana` put into a workbin.
fn parked(agents: Vec<AgentSetup>) -> Desk {
    let mut desk = Desk::open(setup(agents));
    desk.assign("ana", "c");
    let release =
        |router: &Router, now| router.release(&"ana".into(), &"c".into(), ReleaseReason::Workbin, now);
    desk.ask(release).unwrap();
    desk
}

fn resume(desk: &mut Desk) -> Result<Vec<Fact>, RoutingError> {
    desk.ask(|router, now| router.resume(&"c".into(), &"ana".into(), "in", now))
}

#[test]
fn resumed_session_is_offered_first_to_the_agent_who_parked_it() {
    let mut desk = parked(vec![agent("ana", 2), agent("ben", 2)]);
    // By load and by idleness it would be Ben's turn.
    desk.assign("ana", "other");
    assert_eq!(offers(&resume(&mut desk).unwrap()), pair("ana", "c"));
    assert_eq!(offers(&desk.pass(secs(30))), pair("ben", "c"), "and to anybody when she does not answer");
    assert!(resume(&mut desk).is_err(), "it goes on already");
    desk.assert_rebuilds();
}

#[test]
fn resumed_session_does_not_wait_for_a_busy_agent() {
    for work in [WorkState::NotReady { reason: String::new() }, WorkState::DoNotDisturb] {
        let mut desk = parked(vec![agent("ana", 2), agent("ben", 2)]);
        desk.set("ana", work);
        assert_eq!(offers(&resume(&mut desk).unwrap()), pair("ben", "c"));
    }
    let mut desk = parked(vec![agent("ana", 2), agent("ben", 2)]);
    desk.ask(|router, now| router.sign_out(&"ana".into(), now)).unwrap();
    assert_eq!(offers(&resume(&mut desk).unwrap()), pair("ben", "c"));
    // In After Call Work she is held for, as long as the queue says.
    let mut held = setup(vec![agent("ana", 2), agent("ben", 2)]);
    held.queues = vec![QueueSetup { last_agent_hold: secs(20), ..QueueSetup::named("in") }];
    let mut desk = Desk::open(held);
    desk.assign("ana", "c");
    desk.ask(|router, now| router.release(&"ana".into(), &"c".into(), ReleaseReason::Workbin, now)).unwrap();
    desk.set("ana", WorkState::AfterCallWork);
    assert_eq!(offers(&resume(&mut desk).unwrap()), []);
    assert_eq!(offers(&desk.pass(secs(20))), pair("ben", "c"));
}

#[test]
fn parked_session_does_not_wait_and_adds_no_load() {
    let mut desk = parked(vec![agent("ana", 1)]);
    assert_eq!(desk.load("ana"), 0);
    assert_eq!(offers(&desk.pass(secs(3600))), []);
    assert!(desk.router.waiting("in").is_empty());
    assert_eq!(offers(&desk.customer("next")), pair("ana", "next"));
    desk.assert_rebuilds();
}

#[test]
fn after_call_work_ends_when_the_rules_say_so() {
    let mut rules = setup(vec![agent("ana", 1)]);
    rules.rules.after_call_work = Some(secs(30));
    let mut desk = Desk::open(rules);
    desk.set("ana", WorkState::AfterCallWork);
    desk.pass(Duration::from_millis(29_999));
    assert!(!desk.is_ready("ana"));
    desk.pass(Duration::from_millis(1));
    assert!(desk.is_ready("ana"));
    desk.set("ana", WorkState::AfterCallWork);
    desk.set("ana", WorkState::NotReady { reason: String::new() });
    desk.pass(secs(60));
    assert!(!desk.is_ready("ana"), "only After Call Work ends");
    desk.assert_rebuilds();
}

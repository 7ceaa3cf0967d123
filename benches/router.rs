//! What a decision costs under full load: 200 agents with 4 sessions each, 5,000 open conversations of which
//! about 4,200 wait in ten queues with skills, 50 arrivals a second.
//!
//! One turn is what one arrival brings about: it enters its queue, another session ends, the router decides
//! who is offered what, and the agent accepts. First 5,000 turns are timed one by one and their
//! percentiles printed, for the promise of 5 ms at p99; then criterion times turns on average.
#![expect(clippy::expect_used, clippy::print_stderr, reason = "a benchmark, not the program")]

use criterion::{Criterion, criterion_group, criterion_main};
use deskline::domain::{EmployeeId, Millis};
use deskline::gateway::router::{
    AgentSetup, Enqueued, Fact, QueueSetup, Router, RouterSetup, RoutingRules, Skills, WorkState,
};
use std::hint::black_box;
use std::time::{Duration, Instant};

const AGENTS: usize = 200;
const OPEN: u64 = 5_000;
const QUEUES: u64 = 10;
const TURNS: u64 = 5_000;

struct LoadedRouter {
    router: Router,
    agents: Vec<EmployeeId>,
    now: Millis,
    arrived: u64,
}

impl LoadedRouter {
    fn new() -> Self {
        let agents: Vec<AgentSetup> = (0..AGENTS)
            .map(|n| AgentSetup {
                skills: (0..5).map(|k| (format!("skill{}", (n + k) % 10), 4 + (n % 6) as u8)).collect(),
                ..AgentSetup::named(&format!("agent{n:03}"))
            })
            .collect();
        let queues = (0..QUEUES)
            .map(|n| QueueSetup {
                skills: Skills::from([(format!("skill{n}"), 4)]),
                ..QueueSetup::named(&format!("queue{n}"))
            })
            .collect();
        let ids: Vec<EmployeeId> = agents.iter().map(|agent| agent.id.clone()).collect();
        let router = Router::new(RouterSetup { queues, agents, rules: RoutingRules::default() });
        let mut loaded = Self { router, agents: ids, now: Millis(1_790_000_000_000), arrived: 0 };
        for agent in loaded.agents.clone() {
            let at = loaded.now;
            loaded.router.apply(&Fact::SignedIn { agent: agent.clone(), at });
            loaded.router.apply(&Fact::StateSet { agent, work: WorkState::Ready, at });
        }
        for _ in 0..OPEN {
            loaded.arrive();
            loaded.decide();
        }
        loaded
    }

    fn arrive(&mut self) {
        self.now = self.now.plus(Duration::from_millis(20));
        let id = format!("c{}", self.arrived);
        let queue = format!("queue{}", self.arrived % QUEUES);
        let last = self.agents.get(usize::try_from(self.arrived).unwrap_or(0) % AGENTS).cloned();
        self.router.apply(&Fact::Enqueued(Enqueued {
            last_agent: last.filter(|_| self.arrived.is_multiple_of(3)).map(|agent| (agent, self.now)),
            window_ends: Some(self.now.plus(Duration::from_secs(24 * 3600))),
            ..Enqueued::new(id, &queue, self.now)
        }));
        self.arrived += 1;
    }

    fn decide(&mut self) {
        for fact in self.router.step(self.now) {
            if let Fact::Offered { offer, interaction, agent, .. } = fact {
                self.router.apply(&Fact::Accepted { offer, interaction, agent, at: self.now });
            }
        }
    }

    /// An agent finishes a session, a customer arrives, and somebody is offered something.
    fn turn(&mut self) {
        let first = usize::try_from(self.arrived * 7).unwrap_or(0) % AGENTS;
        let mut agents = self.agents.iter().cycle().skip(first).take(AGENTS);
        if let Some(interaction) =
            agents.find_map(|agent| self.router.interactions_of(agent).first().cloned())
        {
            self.router.apply(&Fact::Closed { interaction, at: self.now });
        }
        self.arrive();
        self.decide();
    }
}

fn decisions(criterion: &mut Criterion) {
    let mut loaded = LoadedRouter::new();
    let mut spent: Vec<Duration> = (0..TURNS)
        .map(|_| {
            let start = Instant::now();
            loaded.turn();
            start.elapsed()
        })
        .collect();
    spent.sort_unstable();
    let at = |per_mille: usize| spent.get(spent.len() * per_mille / 1000).copied().unwrap_or_default();
    eprintln!(
        "{AGENTS} agents, {} open: a turn takes {:?} at p50, {:?} at p99, {:?} at most",
        loaded.router.interactions().count(),
        at(500),
        at(990),
        spent.last().copied().unwrap_or_default(),
    );
    criterion
        .bench_function("one arrival under full load", |bench| bench.iter(|| black_box(&mut loaded).turn()));
    let now = loaded.now;
    let waits = loaded.router.waiting("queue3").last().cloned().expect("somebody waits");
    criterion.bench_function("explain", |bench| bench.iter(|| black_box(loaded.router.explain(&waits, now))));
}

criterion_group!(benches, decisions);
criterion_main!(benches);

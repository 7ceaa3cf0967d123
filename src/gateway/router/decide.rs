//! Which agent is offered which interaction.
//!
//! Owns: eligibility, the order of selection, and the step. Must not: change what a fact means.
//! Invariants: a plan only reads. Its cost follows the number of lanes, of agents and of offers made, not
//! the number of waiting interactions: a lane whose agents are all busy is checked once.

use super::agent::AgentRecord;
use super::decision::{Candidate, Decision, Eligibility, MOST_LISTED, Priority, SelectionReason};
use super::fact::{CandidateFilter, Fact, WorkState};
use super::interaction::{DeclinedOffer, InteractionRecord};
use super::lanes::{LaneKey, ServiceRank};
use super::setup::{AgentSetup, QueueSetup, SelectionStrategy, Skills};
use super::state::Router;
use super::timers::TimerKey;
use crate::domain::{EmployeeId, Millis};
use std::cmp::{Ordering, Reverse};
use std::collections::btree_set::Iter;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

/// How often a step checks the results of its own offers. An offer is open for a second at least, so the second
/// pass finds nothing; the limit is a guarantee that is never reached.
const MOST_PASSES: usize = 4;

/// An agent within a plan, with the load that the plan has added.
struct PlannedAgent<'a> {
    id: &'a EmployeeId,
    agent: Option<&'a AgentRecord>,
    /// Signed in, connected and ready.
    open: bool,
    capacity: u32,
    load: u32,
    offers: usize,
    idle_since: Millis,
}

/// The available agents who have the group and the skills of some lanes.
struct Pool {
    seats: Vec<usize>,
    /// None of them has free capacity. Within a plan that does not change.
    spent: bool,
}

struct LaneCursor<'a> {
    class: &'a LaneKey,
    rest: Iter<'a, ServiceRank>,
    pool: usize,
}

enum Selection {
    Take(usize, SelectionReason),
    Nobody,
    /// Nobody, neither for the rest of the lane.
    Spent,
}

struct Plan<'a> {
    router: &'a Router,
    now: Millis,
    seats: Vec<PlannedAgent<'a>>,
    pools: Vec<Pool>,
    turns: BTreeMap<&'a str, &'a EmployeeId>,
}

impl Router {
    /// Returns everything that is due at `now`: what expires, relaxes, overflows or ends, then new offers. The facts are
    /// applied already, in this order.
    pub fn step(&mut self, now: Millis) -> Vec<Fact> {
        let mut facts = Vec::new();
        for _ in 0..MOST_PASSES {
            while let Some(who) = self.timers.pop(now) {
                self.run_due(&who, now, &mut facts);
            }
            for fact in self.plan(now) {
                self.apply(&fact);
                facts.push(fact);
            }
            if self.next_deadline().is_none_or(|next| next > now) {
                break;
            }
        }
        facts
    }

    /// When [`Router::step`] is needed next if nothing else happens. After a step it is in the future.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.timers.next()
    }

    fn run_due(&mut self, who: &TimerKey, now: Millis, facts: &mut Vec<Fact>) {
        loop {
            let due = match who {
                TimerKey::Agent(id) => self.due_for_agent(id, now),
                TimerKey::Item(id) => self.due_for_item(id, now),
            };
            let Some((_, fact)) = due.filter(|(when, _)| *when <= now) else { break };
            // A fact that is still due after it was applied would be due for ever: the gateway must not hang.
            if facts.last() == Some(&fact) {
                tracing::error!(?fact, "a routing fact did not take; it is left");
                break;
            }
            self.apply(&fact);
            facts.push(fact);
        }
        match who {
            TimerKey::Agent(id) => self.arm_agent(id),
            TimerKey::Item(id) => self.arm_item(id, now),
        }
    }

    /// The offers to make now.
    fn plan(&self, now: Millis) -> Vec<Fact> {
        if self.lanes.0.is_empty() {
            return Vec::new();
        }
        let seats: Vec<PlannedAgent> =
            self.config.agents.iter().map(|(id, setup)| self.seat(id, setup)).collect();
        let room = |seat: &PlannedAgent| seat.open && seat.load < self.config.limit(seat.id);
        if !seats.iter().any(room) {
            return Vec::new();
        }
        let turns = self.turns.iter().map(|(queue, agent)| (queue.as_str(), agent)).collect();
        Plan { router: self, now, seats, pools: Vec::new(), turns }.offers()
    }

    fn seat<'a>(&'a self, id: &'a EmployeeId, setup: &AgentSetup) -> PlannedAgent<'a> {
        let agent = self.agents.get(id);
        PlannedAgent {
            id,
            agent,
            open: find_absence(agent).is_none(),
            capacity: setup.capacity,
            load: agent.map_or(0, AgentRecord::load),
            offers: agent.map_or(0, |agent| agent.offers.len()),
            idle_since: agent.map_or(Millis(0), |agent| agent.idle_since),
        }
    }

    pub(super) fn priority(&self, item: &InteractionRecord, now: Millis) -> Priority {
        let rules = &self.config.rules;
        let waited = i64::try_from(now.since(item.enqueued_at).as_millis()).unwrap_or(i64::MAX);
        Priority {
            queue: self.config.queue(&item.queue).priority,
            own: item.priority,
            ageing: waited.saturating_mul(i64::from(rules.ageing_per_minute)) / 60_000,
            boost: if item.urgent { rules.window_boost } else { 0 },
        }
    }

    /// Whether an agent with this load may have an interaction, or why not.
    pub(super) fn check_eligibility(
        &self,
        item: &InteractionRecord,
        needs: &Skills,
        id: &EmployeeId,
        load: u32,
        now: Millis,
    ) -> Eligibility {
        if item.owner.as_ref() == Some(id) || item.except.contains(id) {
            return Eligibility::HasIt;
        }
        if item.target.as_ref().is_some_and(|target| target != id) {
            return Eligibility::NotTheTarget;
        }
        find_absence(self.agents.get(id))
            .unwrap_or_else(|| self.check_eligibility_when_ready(item, needs, id, load, now))
    }

    /// As [`Router::check_eligibility`], as if the agent were ready.
    fn check_eligibility_when_ready(
        &self,
        item: &InteractionRecord,
        needs: &Skills,
        id: &EmployeeId,
        load: u32,
        now: Millis,
    ) -> Eligibility {
        let Some(setup) = self.config.agents.get(id) else { return Eligibility::NotSignedIn };
        let direct = item.target.is_some();
        if !direct
            && let Some(verdict) =
                find_mismatch(setup, self.config.queue(&item.queue), needs, item.only.as_ref())
        {
            return verdict;
        }
        if let Some(refused) = item.declined.get(id)
            && self.is_passed_over(item, *refused, now)
        {
            return Eligibility::Declined {
                seconds_ago: now.since(refused.at).as_secs(),
                rejected: refused.rejected,
            };
        }
        let capacity = setup.capacity;
        let over = direct || item.preferred(&self.config) == Some(id);
        let limit = if over { self.config.limit(id) } else { capacity };
        if load < limit {
            Eligibility::Fit { load, capacity }
        } else {
            Eligibility::AtCapacity { load, capacity }
        }
    }
}

impl Router {
    /// Whether an agent who did not accept the session is skipped now. The rejection of a colleague's request is
    /// final.
    fn is_passed_over(&self, item: &InteractionRecord, refused: DeclinedOffer, now: Millis) -> bool {
        (refused.rejected && item.is_search()) || refused.at.plus(self.config.rules.no_repeat) > now
    }

    pub(super) fn is_signed_in(&self, agent: &EmployeeId) -> bool {
        self.agents.get(agent).is_some_and(|agent| agent.signed_in)
    }

    /// Whether a request for a colleague cannot succeed: every eligible agent has rejected it or is not signed in.
    /// Agents who are busy, not Ready or did not answer may still accept. A transferred session waits for
    /// somebody to sign in as long as nobody has rejected it.
    pub(super) fn is_hopeless(&self, item: &InteractionRecord) -> bool {
        let has_refused =
            |agent: &EmployeeId| item.declined.get(agent).is_some_and(|refused| refused.rejected);
        if !item.is_search() || (item.owner.is_none() && !item.declined.keys().any(has_refused)) {
            return false;
        }
        let queues: Vec<(&QueueSetup, Skills)> = item
            .queues_ahead(&self.config)
            .map(|name| self.config.queue(name))
            .map(|queue| (queue, item.least_needs(queue)))
            .collect();
        let may = |(id, setup): (&EmployeeId, &AgentSetup)| {
            item.owner.as_ref() != Some(id)
                && !item.except.contains(id)
                && !has_refused(id)
                && setup.capacity > 0
                && self.is_signed_in(id)
                && queues
                    .iter()
                    .any(|(queue, needs)| find_mismatch(setup, queue, needs, item.only.as_ref()).is_none())
        };
        !self.config.agents.iter().any(may)
    }
}

/// Why an agent is not available for any interaction; `None` when the agent is ready.
pub(super) fn find_absence(agent: Option<&AgentRecord>) -> Option<Eligibility> {
    let Some(agent) = agent.filter(|agent| agent.signed_in) else { return Some(Eligibility::NotSignedIn) };
    if agent.gone_since.is_some() {
        return Some(Eligibility::ConnectionLost);
    }
    match &agent.work {
        WorkState::Ready => None,
        WorkState::NotReady { reason } => Some(Eligibility::NotReady { reason: reason.clone() }),
        WorkState::AfterCallWork => Some(Eligibility::AfterCallWork),
        WorkState::DoNotDisturb => Some(Eligibility::DoNotDisturb),
    }
}

fn find_mismatch(
    agent: &AgentSetup,
    queue: &QueueSetup,
    needs: &Skills,
    only: Option<&CandidateFilter>,
) -> Option<Eligibility> {
    match only {
        Some(CandidateFilter::Group(group)) if !agent.groups.contains(group) => {
            return Some(Eligibility::NotInGroup { group: group.clone() });
        }
        Some(CandidateFilter::Skill(skill)) if agent.skills.get(skill).copied().unwrap_or(0) == 0 => {
            return Some(Eligibility::Skill { skill: skill.clone(), needs: 1, has: 0 });
        }
        Some(CandidateFilter::Group(_) | CandidateFilter::Skill(_)) | None => {}
    }
    if let Some(group) = queue.group.as_ref().filter(|group| !agent.groups.contains(group)) {
        return Some(Eligibility::NotInGroup { group: group.clone() });
    }
    needs.iter().find_map(|(skill, level)| {
        let has = agent.skills.get(skill).copied().unwrap_or(0);
        (has < *level).then(|| Eligibility::Skill { skill: skill.clone(), needs: *level, has })
    })
}

impl<'a> Plan<'a> {
    fn offers(mut self) -> Vec<Fact> {
        let mut known: BTreeMap<(&str, &Skills, Option<&CandidateFilter>), usize> = BTreeMap::new();
        let mut lanes: Vec<LaneCursor<'a>> = Vec::new();
        let mut heads = BinaryHeap::new();
        for (class, places) in &self.router.lanes.0 {
            let pool = *known.entry((&class.queue, &class.needs, class.only.as_ref())).or_insert_with(|| {
                self.pools.push(self.pool(class));
                self.pools.len() - 1
            });
            let mut rest = places.iter();
            if let Some(first) = rest.next() {
                heads.push(Reverse((first, lanes.len())));
                lanes.push(LaneCursor { class, rest, pool });
            }
        }
        let mut facts = Vec::new();
        let mut offer = self.router.next_offer;
        while let Some(Reverse((place, index))) = heads.pop() {
            let Some(lane) = lanes.get_mut(index) else { continue };
            let Some(item) = self.router.items.get(&place.id) else { continue };
            match self.pick(lane.class, lane.pool, item) {
                Selection::Spent => continue,
                Selection::Nobody => {}
                Selection::Take(seat, choice) => {
                    facts.extend(self.take(lane, item, place, seat, choice, offer));
                    offer = offer.saturating_add(1);
                }
            }
            if let Some(next) = lane.rest.next() {
                heads.push(Reverse((next, index)));
            }
        }
        facts
    }

    fn pool(&self, class: &LaneKey) -> Pool {
        let queue = self.router.config.queue(&class.queue);
        let fits = |seat: &PlannedAgent| {
            let setup = self.router.config.agents.get(seat.id);
            seat.open
                && setup.is_some_and(|setup| {
                    find_mismatch(setup, queue, &class.needs, class.only.as_ref()).is_none()
                })
        };
        let seats = self.seats.iter().enumerate().filter(|(_, seat)| fits(seat)).map(|(index, _)| index);
        Pool { seats: seats.collect(), spent: false }
    }

    fn seat_of(&self, id: &EmployeeId) -> Option<(usize, &PlannedAgent<'a>)> {
        let index = self.seats.binary_search_by(|seat| seat.id.cmp(id)).ok()?;
        Some((index, self.seats.get(index)?))
    }

    fn pick(&mut self, class: &'a LaneKey, pool: usize, item: &InteractionRecord) -> Selection {
        let check = |seat: &PlannedAgent| {
            self.router.check_eligibility(item, &class.needs, seat.id, seat.load, self.now)
        };
        if let Some(target) = &class.target {
            let found = self.seat_of(target).filter(|(_, seat)| check(seat).is_fit());
            return found
                .map_or(Selection::Nobody, |(index, _)| Selection::Take(index, SelectionReason::Target));
        }
        if let Some((index, seat)) = class.preferred.as_ref().and_then(|id| self.seat_of(id)) {
            let eligibility = check(seat);
            if eligibility.is_fit() {
                return Selection::Take(index, SelectionReason::LastAgent);
            }
            let when_ready =
                || self.router.check_eligibility_when_ready(item, &class.needs, seat.id, seat.load, self.now);
            // An agent in after-call work is ready soon, so the interaction waits. It does not wait for an absent agent.
            if eligibility == Eligibility::AfterCallWork && when_ready().is_fit() {
                return Selection::Nobody;
            }
        }
        match self.best(class, pool, item) {
            Some(seat) => Selection::Take(seat, SelectionReason::Best),
            None if class.preferred.is_some() => Selection::Nobody,
            None => match self.pools.get_mut(pool) {
                Some(pool) if pool.spent => Selection::Spent,
                Some(_) | None => Selection::Nobody,
            },
        }
    }

    fn best(&mut self, class: &LaneKey, pool: usize, item: &InteractionRecord) -> Option<usize> {
        let open = self.pools.get(pool).filter(|pool| !pool.spent)?;
        let free: Vec<(usize, &PlannedAgent)> = open
            .seats
            .iter()
            .filter_map(|index| Some((*index, self.seats.get(*index)?)))
            .filter(|(_, seat)| seat.load < seat.capacity)
            .collect();
        let may = |seat: &PlannedAgent| {
            let refused = item.declined.get(seat.id);
            item.owner.as_ref() != Some(seat.id)
                && !item.except.contains(seat.id)
                && refused.is_none_or(|refused| !self.router.is_passed_over(item, *refused, self.now))
        };
        let best = free
            .iter()
            .filter(|(_, seat)| may(seat))
            .min_by(|(_, a), (_, b)| self.compare(&class.queue, a, b))
            .map(|(index, _)| *index);
        let spent = free.is_empty();
        if let Some(pool) = self.pools.get_mut(pool) {
            pool.spent = spent;
        }
        best
    }

    /// The order of selection. The employee ID is compared last, which makes the order total.
    fn compare(&self, queue: &str, a: &PlannedAgent, b: &PlannedAgent) -> Ordering {
        let share =
            |one: &PlannedAgent, other: &PlannedAgent| u64::from(one.load) * u64::from(other.capacity);
        let order = match self.router.config.queue(queue).strategy {
            SelectionStrategy::LeastLoaded => {
                share(a, b).cmp(&share(b, a)).then(a.idle_since.cmp(&b.idle_since))
            }
            // Agents with open offers come after those without.
            SelectionStrategy::LongestIdle => (a.offers, a.idle_since).cmp(&(b.offers, b.idle_since)),
            SelectionStrategy::RoundRobin => {
                let had = |seat: &PlannedAgent| self.turns.get(queue).is_some_and(|last| seat.id <= last);
                had(a).cmp(&had(b))
            }
        };
        order.then_with(|| a.id.cmp(b.id))
    }

    fn take(
        &mut self,
        lane: &LaneCursor<'a>,
        item: &InteractionRecord,
        place: &ServiceRank,
        index: usize,
        choice: SelectionReason,
        offer: u64,
    ) -> Option<Fact> {
        let agent = self.seats.get(index)?.id;
        let queue = self.router.config.queue(&item.queue);
        let (passed_over, unlisted) = self.passed_over(lane, item, index);
        let why = Decision {
            at: self.now,
            agent: agent.clone(),
            choice,
            strategy: queue.strategy,
            queue: item.queue.clone(),
            priority: self.router.priority(item, self.now),
            waited_ms: u64::try_from(self.now.since(item.enqueued_at).as_millis()).unwrap_or(u64::MAX),
            passed_over,
            unlisted,
        };
        let seat = self.seats.get_mut(index)?;
        seat.load = seat.load.saturating_add(1);
        seat.offers += 1;
        self.turns.insert(&lane.class.queue, agent);
        Some(Fact::Offered {
            offer,
            interaction: place.id.clone(),
            agent: agent.clone(),
            at: self.now,
            lapses: self.now.plus(queue.accept_timeout.max(Duration::from_secs(1))),
            why: Arc::new(why),
        })
    }

    /// The other agents, the most relevant first, and how many are not listed.
    fn passed_over(
        &self,
        lane: &LaneCursor,
        item: &InteractionRecord,
        chosen: usize,
    ) -> (Vec<Candidate>, u32) {
        let mut order: Vec<(u8, &PlannedAgent)> = self
            .seats
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != chosen)
            .map(|(_, seat)| {
                let there = seat.agent.is_some_and(|agent| agent.signed_in);
                let rank = match (seat.open && seat.load < seat.capacity, there) {
                    (true, _) => 0,
                    (false, true) => 1,
                    (false, false) => 2,
                };
                (rank, seat)
            })
            .collect();
        let by_choice = |(a_rank, a): &(u8, &PlannedAgent), (b_rank, b): &(u8, &PlannedAgent)| {
            a_rank.cmp(b_rank).then_with(|| self.compare(&lane.class.queue, a, b))
        };
        if order.len() > MOST_LISTED {
            order.select_nth_unstable_by(MOST_LISTED, by_choice);
        }
        let unlisted = u32::try_from(order.len().saturating_sub(MOST_LISTED)).unwrap_or(u32::MAX);
        order.truncate(MOST_LISTED);
        let judged = |(_, seat): (u8, &PlannedAgent)| Candidate {
            agent: seat.id.clone(),
            eligibility: self.router.check_eligibility(item, &lane.class.needs, seat.id, seat.load, self.now),
        };
        order.sort_unstable_by(by_choice);
        let mut listed: Vec<Candidate> = order.into_iter().map(judged).collect();
        listed.sort_by_key(|candidate| !candidate.eligibility.is_fit());
        (listed, unlisted)
    }
}

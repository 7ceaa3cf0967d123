//! Who is offered what.
//!
//! Owns: eligibility, order of choice, and the step. Must not: change what a fact means.
//! Invariants: a plan only reads. Its cost follows the number of lanes, of agents and of offers made, not
//! the number of those who wait: a lane whose agents are all busy is looked at once.

use super::Router;
use super::explain::{Candidate, Choice, Decision, MOST_LISTED, Priority, Verdict};
use super::fact::{Fact, Only, WorkState};
use super::setup::{AgentSetup, QueueSetup, Skills, Strategy};
use super::state::{Agent, Class, Item, Place, Refused, Who};
use crate::domain::{EmployeeId, Millis};
use std::cmp::{Ordering, Reverse};
use std::collections::btree_set::Iter;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

/// How often a step looks again at what its own offers brought about. Offers stand for a second at
/// least, so the second look finds nothing; the bound is a promise, not a limit that is met.
const MOST_PASSES: usize = 4;

/// An agent as a plan sees them, with what the plan has given them so far.
struct Seat<'a> {
    id: &'a EmployeeId,
    agent: Option<&'a Agent>,
    /// Signed in, connected and ready.
    open: bool,
    capacity: u32,
    load: u32,
    offers: usize,
    idle_since: Millis,
}

/// The open seats that have the group and skills of some lanes.
struct Pool {
    seats: Vec<usize>,
    /// None of them has room. Within a plan that stays so.
    spent: bool,
}

struct Lane<'a> {
    class: &'a Class,
    rest: Iter<'a, Place>,
    pool: usize,
}

enum Pick {
    Take(usize, Choice),
    Nobody,
    /// Nobody, and nobody for the rest of the lane either.
    Spent,
}

struct Plan<'a> {
    router: &'a Router,
    now: Millis,
    seats: Vec<Seat<'a>>,
    pools: Vec<Pool>,
    turns: BTreeMap<&'a str, &'a EmployeeId>,
}

impl Router {
    /// Everything that is due at `now`: what lapses, relaxes, overflows or is given up, then new offers.
    /// The facts are applied already, in the order given.
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

    /// When [`Router::step`] is needed next if nothing else happens. After a step it lies in the future.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.timers.next()
    }

    fn run_due(&mut self, who: &Who, now: Millis, facts: &mut Vec<Fact>) {
        loop {
            let due = match who {
                Who::Agent(id) => self.due_for_agent(id, now),
                Who::Item(id) => self.due_for_item(id, now),
            };
            let Some((_, fact)) = due.filter(|(when, _)| *when <= now) else { break };
            // What is still due after it was applied would be due for ever: the gateway must not hang on it.
            if facts.last() == Some(&fact) {
                tracing::error!(?fact, "a routing fact did not take; it is left");
                break;
            }
            self.apply(&fact);
            facts.push(fact);
        }
        match who {
            Who::Agent(id) => self.arm_agent(id),
            Who::Item(id) => self.arm_item(id, now),
        }
    }

    /// The offers to make now.
    fn plan(&self, now: Millis) -> Vec<Fact> {
        if self.lanes.0.is_empty() {
            return Vec::new();
        }
        let seats: Vec<Seat> = self.house.agents.iter().map(|(id, setup)| self.seat(id, setup)).collect();
        let room = |seat: &Seat| seat.open && seat.load < self.house.limit(seat.id);
        if !seats.iter().any(room) {
            return Vec::new();
        }
        let turns = self.turns.iter().map(|(queue, agent)| (queue.as_str(), agent)).collect();
        Plan { router: self, now, seats, pools: Vec::new(), turns }.offers()
    }

    fn seat<'a>(&'a self, id: &'a EmployeeId, setup: &AgentSetup) -> Seat<'a> {
        let agent = self.agents.get(id);
        Seat {
            id,
            agent,
            open: presence(agent).is_none(),
            capacity: setup.capacity,
            load: agent.map_or(0, Agent::load),
            offers: agent.map_or(0, |agent| agent.offers.len()),
            idle_since: agent.map_or(Millis(0), |agent| agent.idle_since),
        }
    }

    pub(super) fn priority(&self, item: &Item, now: Millis) -> Priority {
        let rules = &self.house.rules;
        let waited = i64::try_from(now.since(item.enqueued_at).as_millis()).unwrap_or(i64::MAX);
        Priority {
            queue: self.house.queue(&item.queue).priority,
            own: item.priority,
            ageing: waited.saturating_mul(i64::from(rules.ageing_per_minute)) / 60_000,
            boost: if item.urgent { rules.window_boost } else { 0 },
        }
    }

    /// What stands against an agent with this load for an interaction.
    pub(super) fn judge(
        &self,
        item: &Item,
        needs: &Skills,
        id: &EmployeeId,
        load: u32,
        now: Millis,
    ) -> Verdict {
        if item.owner.as_ref() == Some(id) || item.except.contains(id) {
            return Verdict::HasIt;
        }
        if item.target.as_ref().is_some_and(|target| target != id) {
            return Verdict::NotTheTarget;
        }
        presence(self.agents.get(id)).unwrap_or_else(|| self.fitness(item, needs, id, load, now))
    }

    /// As [`Router::judge`], for an agent who is there and ready.
    fn fitness(&self, item: &Item, needs: &Skills, id: &EmployeeId, load: u32, now: Millis) -> Verdict {
        let Some(setup) = self.house.agents.get(id) else { return Verdict::NotSignedIn };
        let direct = item.target.is_some();
        if !direct
            && let Some(verdict) = misfit(setup, self.house.queue(&item.queue), needs, item.only.as_ref())
        {
            return verdict;
        }
        if let Some(refused) = item.declined.get(id)
            && self.is_passed_over(item, *refused, now)
        {
            return Verdict::Declined {
                seconds_ago: now.since(refused.at).as_secs(),
                rejected: refused.rejected,
            };
        }
        let capacity = setup.capacity;
        let over = direct || item.preferred(&self.house) == Some(id);
        let limit = if over { self.house.limit(id) } else { capacity };
        if load < limit { Verdict::Fit { load, capacity } } else { Verdict::AtCapacity { load, capacity } }
    }
}

impl Router {
    /// Whether an agent who did not take the session is not asked now. Rejecting a colleague's search is
    /// final.
    fn is_passed_over(&self, item: &Item, refused: Refused, now: Millis) -> bool {
        (refused.rejected && item.is_search()) || refused.at.plus(self.house.rules.no_repeat) > now
    }

    pub(super) fn is_signed_in(&self, agent: &EmployeeId) -> bool {
        self.agents.get(agent).is_some_and(|agent| agent.signed_in)
    }

    /// Whether a search for a colleague is in vain: everybody who fits has refused or is not signed in.
    /// Agents who are busy, not Ready or did not answer may still come. A session that was given away waits
    /// for somebody to sign in as long as nobody has refused it.
    pub(super) fn is_hopeless(&self, item: &Item) -> bool {
        let has_refused =
            |agent: &EmployeeId| item.declined.get(agent).is_some_and(|refused| refused.rejected);
        if !item.is_search() || (item.owner.is_none() && !item.declined.keys().any(has_refused)) {
            return false;
        }
        let queues: Vec<(&QueueSetup, Skills)> = item
            .queues_ahead(&self.house)
            .map(|name| self.house.queue(name))
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
                    .any(|(queue, needs)| misfit(setup, queue, needs, item.only.as_ref()).is_none())
        };
        !self.house.agents.iter().any(may)
    }
}

/// What stands against an agent whatever the interaction.
pub(super) fn presence(agent: Option<&Agent>) -> Option<Verdict> {
    let Some(agent) = agent.filter(|agent| agent.signed_in) else { return Some(Verdict::NotSignedIn) };
    if agent.gone_since.is_some() {
        return Some(Verdict::ConnectionLost);
    }
    match &agent.work {
        WorkState::Ready => None,
        WorkState::NotReady { reason } => Some(Verdict::NotReady { reason: reason.clone() }),
        WorkState::AfterCallWork => Some(Verdict::AfterCallWork),
        WorkState::DoNotDisturb => Some(Verdict::DoNotDisturb),
    }
}

fn misfit(agent: &AgentSetup, queue: &QueueSetup, needs: &Skills, only: Option<&Only>) -> Option<Verdict> {
    match only {
        Some(Only::Group(group)) if !agent.groups.contains(group) => {
            return Some(Verdict::NotInGroup { group: group.clone() });
        }
        Some(Only::Skill(skill)) if agent.skills.get(skill).copied().unwrap_or(0) == 0 => {
            return Some(Verdict::Skill { skill: skill.clone(), needs: 1, has: 0 });
        }
        _ => {}
    }
    if let Some(group) = queue.group.as_ref().filter(|group| !agent.groups.contains(group)) {
        return Some(Verdict::NotInGroup { group: group.clone() });
    }
    needs.iter().find_map(|(skill, level)| {
        let has = agent.skills.get(skill).copied().unwrap_or(0);
        (has < *level).then(|| Verdict::Skill { skill: skill.clone(), needs: *level, has })
    })
}

impl<'a> Plan<'a> {
    fn offers(mut self) -> Vec<Fact> {
        let mut known: BTreeMap<(&str, &Skills, Option<&Only>), usize> = BTreeMap::new();
        let mut lanes: Vec<Lane<'a>> = Vec::new();
        let mut heads = BinaryHeap::new();
        for (class, places) in &self.router.lanes.0 {
            let pool = *known.entry((&class.queue, &class.needs, class.only.as_ref())).or_insert_with(|| {
                self.pools.push(self.pool(class));
                self.pools.len() - 1
            });
            let mut rest = places.iter();
            if let Some(first) = rest.next() {
                heads.push(Reverse((first, lanes.len())));
                lanes.push(Lane { class, rest, pool });
            }
        }
        let mut facts = Vec::new();
        let mut offer = self.router.next_offer;
        while let Some(Reverse((place, index))) = heads.pop() {
            let Some(lane) = lanes.get_mut(index) else { continue };
            let Some(item) = self.router.items.get(&place.id) else { continue };
            match self.pick(lane.class, lane.pool, item) {
                Pick::Spent => continue,
                Pick::Nobody => {}
                Pick::Take(seat, choice) => {
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

    fn pool(&self, class: &Class) -> Pool {
        let queue = self.router.house.queue(&class.queue);
        let fits = |seat: &Seat| {
            let setup = self.router.house.agents.get(seat.id);
            seat.open
                && setup
                    .is_some_and(|setup| misfit(setup, queue, &class.needs, class.only.as_ref()).is_none())
        };
        let seats = self.seats.iter().enumerate().filter(|(_, seat)| fits(seat)).map(|(index, _)| index);
        Pool { seats: seats.collect(), spent: false }
    }

    fn seat_of(&self, id: &EmployeeId) -> Option<(usize, &Seat<'a>)> {
        let index = self.seats.binary_search_by(|seat| seat.id.cmp(id)).ok()?;
        Some((index, self.seats.get(index)?))
    }

    fn pick(&mut self, class: &'a Class, pool: usize, item: &Item) -> Pick {
        let judge = |seat: &Seat| self.router.judge(item, &class.needs, seat.id, seat.load, self.now);
        if let Some(target) = &class.target {
            return match self.seat_of(target) {
                Some((index, seat)) if judge(seat).is_fit() => Pick::Take(index, Choice::Target),
                _ => Pick::Nobody,
            };
        }
        if let Some((index, seat)) = class.preferred.as_ref().and_then(|id| self.seat_of(id)) {
            match judge(seat) {
                Verdict::Fit { .. } => return Pick::Take(index, Choice::LastAgent),
                // About to be free again: worth the short wait. For anybody absent there is none.
                Verdict::AfterCallWork
                    if self.router.fitness(item, &class.needs, seat.id, seat.load, self.now).is_fit() =>
                {
                    return Pick::Nobody;
                }
                _ => {}
            }
        }
        match self.best(class, pool, item) {
            Some(seat) => Pick::Take(seat, Choice::Best),
            None if class.preferred.is_some() => Pick::Nobody,
            None => match self.pools.get_mut(pool) {
                Some(pool) if pool.spent => Pick::Spent,
                _ => Pick::Nobody,
            },
        }
    }

    fn best(&mut self, class: &Class, pool: usize, item: &Item) -> Option<usize> {
        let open = self.pools.get(pool).filter(|pool| !pool.spent)?;
        let free: Vec<(usize, &Seat)> = open
            .seats
            .iter()
            .filter_map(|index| Some((*index, self.seats.get(*index)?)))
            .filter(|(_, seat)| seat.load < seat.capacity)
            .collect();
        let may = |seat: &Seat| {
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

    /// The order of choice. The last tie is the employee ID, which makes it total.
    fn compare(&self, queue: &str, a: &Seat, b: &Seat) -> Ordering {
        let share = |one: &Seat, other: &Seat| u64::from(one.load) * u64::from(other.capacity);
        let order = match self.router.house.queue(queue).strategy {
            Strategy::LeastLoaded => share(a, b).cmp(&share(b, a)).then(a.idle_since.cmp(&b.idle_since)),
            // Somebody who is being asked already comes after those who are not.
            Strategy::LongestIdle => (a.offers, a.idle_since).cmp(&(b.offers, b.idle_since)),
            Strategy::RoundRobin => {
                let had = |seat: &Seat| self.turns.get(queue).is_some_and(|last| seat.id <= last);
                had(a).cmp(&had(b))
            }
        };
        order.then_with(|| a.id.cmp(b.id))
    }

    fn take(
        &mut self,
        lane: &Lane<'a>,
        item: &Item,
        place: &Place,
        index: usize,
        choice: Choice,
        offer: u64,
    ) -> Option<Fact> {
        let agent = self.seats.get(index)?.id;
        let queue = self.router.house.queue(&item.queue);
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

    /// The other agents, the most telling first, and how many are not listed.
    fn passed_over(&self, lane: &Lane, item: &Item, chosen: usize) -> (Vec<Candidate>, u32) {
        let mut order: Vec<(u8, &Seat)> = self
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
        let by_choice = |(a_rank, a): &(u8, &Seat), (b_rank, b): &(u8, &Seat)| {
            a_rank.cmp(b_rank).then_with(|| self.compare(&lane.class.queue, a, b))
        };
        if order.len() > MOST_LISTED {
            order.select_nth_unstable_by(MOST_LISTED, by_choice);
        }
        let unlisted = u32::try_from(order.len().saturating_sub(MOST_LISTED)).unwrap_or(u32::MAX);
        order.truncate(MOST_LISTED);
        let judged = |(_, seat): (u8, &Seat)| Candidate {
            agent: seat.id.clone(),
            verdict: self.router.judge(item, &lane.class.needs, seat.id, seat.load, self.now),
        };
        order.sort_unstable_by(by_choice);
        let mut listed: Vec<Candidate> = order.into_iter().map(judged).collect();
        listed.sort_by_key(|candidate| !candidate.verdict.is_fit());
        (listed, unlisted)
    }
}

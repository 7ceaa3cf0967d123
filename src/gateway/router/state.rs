//! What the router knows of an agent, an interaction and an offer, and how waiting ones are ordered.
//!
//! Owns: the records and the lanes. Must not: decide; that is `decide`.
//! Invariants: an interaction stands in exactly one lane while it waits and in none otherwise; inside a
//! lane all ask for the same, so whoever fits one fits all, but for those who declined.

use super::explain::{Decision, Event, What};
use super::fact::{Enqueued, Only, WorkState};
use super::setup::{House, QueueSetup, Skills};
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How often something happened with offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Offers made.
    pub offered: u64,
    /// Offers accepted.
    pub answered: u64,
    /// Offers not answered in time.
    pub missed: u64,
    /// Offers declined.
    pub rejected: u64,
}

/// An agent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Agent {
    pub signed_in: bool,
    /// Since when they are gone: signed out, or without a connection.
    pub gone_since: Option<Millis>,
    pub work: WorkState,
    /// Since when they are in it.
    pub work_since: Millis,
    pub offers: BTreeSet<u64>,
    pub active: BTreeSet<InteractionId>,
    /// What the active ones weigh; parked ones weigh nothing.
    pub weight: u32,
    /// Sessions of others that they have joined.
    pub beside: BTreeSet<InteractionId>,
    pub idle_since: Millis,
    /// Offers in a row without an answer.
    pub misses: u32,
    pub seen: Millis,
    pub warned: Option<Millis>,
    pub counters: Counters,
}

impl Default for Agent {
    fn default() -> Self {
        Self {
            signed_in: false,
            gone_since: None,
            work: WorkState::NotReady { reason: String::new() },
            work_since: Millis(0),
            offers: BTreeSet::new(),
            active: BTreeSet::new(),
            weight: 0,
            beside: BTreeSet::new(),
            idle_since: Millis(0),
            misses: 0,
            seen: Millis(0),
            warned: None,
            counters: Counters::default(),
        }
    }
}

impl Agent {
    /// Sessions that count, those they have joined, and offers.
    pub fn load(&self) -> u32 {
        let more = self.offers.len().saturating_add(self.beside.len());
        self.weight.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
    }

    pub fn saw(&mut self, at: Millis) {
        self.seen = self.seen.max(at);
        self.warned = None;
    }
}

/// An offer that stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    pub interaction: InteractionId,
    pub agent: EmployeeId,
    pub lapses: Millis,
}

/// Whether somebody is being looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    No,
    Waiting,
    Offered(u64),
}

/// That an agent did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub at: Millis,
    /// Said no, as against said nothing.
    pub rejected: bool,
}

/// An interaction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub search: Search,
    pub owner: Option<EmployeeId>,
    /// Who has joined it beside the owner.
    pub beside: BTreeSet<EmployeeId>,
    /// The queue it came to, and the one it overflowed to.
    pub home: String,
    pub queue: String,
    pub priority: i64,
    /// Skills of its own as they were asked for, and as they still are.
    pub asked: Skills,
    pub own: Skills,
    pub last_agent: Option<(EmployeeId, Millis)>,
    pub last_agent_over: bool,
    pub window_ends: Option<Millis>,
    pub enqueued_at: Millis,
    /// When it entered the queue it is in.
    pub since: Millis,
    /// Order of arrival, for ties.
    pub seq: u64,
    pub target: Option<EmployeeId>,
    pub return_to: Option<EmployeeId>,
    /// A request for a colleague: to whom it is narrowed, who is left out, when it is given up, and
    /// whether who accepts joins.
    pub only: Option<Only>,
    pub except: Vec<EmployeeId>,
    pub until: Option<Millis>,
    pub join: bool,
    /// Where it belongs while a colleague is looked for elsewhere.
    pub belongs: Option<String>,
    pub urgent: bool,
    pub relaxed: u8,
    pub dropped: bool,
    /// How many overflow queues it has been through.
    pub overflowed: usize,
    pub parked: bool,
    /// When it woke, until its agent answers.
    pub woke: Option<Millis>,
    /// Since when the customer waits for an answer.
    pub owed: Option<Millis>,
    pub answered_at: Option<Millis>,
    pub declined: BTreeMap<EmployeeId, Refused>,
    pub decisions: VecDeque<Arc<Decision>>,
    pub history: VecDeque<Event>,
    pub lane: Option<(Arc<Class>, Place)>,
}

impl Item {
    pub fn new(home: &str, at: Millis, seq: u64) -> Self {
        Self {
            search: Search::No,
            owner: None,
            beside: BTreeSet::new(),
            home: home.to_owned(),
            queue: home.to_owned(),
            priority: 0,
            asked: Skills::new(),
            own: Skills::new(),
            last_agent: None,
            last_agent_over: false,
            window_ends: None,
            enqueued_at: at,
            since: at,
            seq,
            target: None,
            return_to: None,
            only: None,
            except: Vec::new(),
            until: None,
            join: false,
            belongs: None,
            urgent: false,
            relaxed: 0,
            dropped: false,
            overflowed: 0,
            parked: false,
            woke: None,
            owed: Some(at),
            answered_at: None,
            declined: BTreeMap::new(),
            decisions: VecDeque::new(),
            history: VecDeque::new(),
            lane: None,
        }
    }

    /// Begins to wait as the fact says. Who has it, and what is owed to the customer, stays.
    pub fn enter(&mut self, fact: &Enqueued) {
        self.belongs = self.owner.is_some().then(|| self.home.clone());
        self.home.clone_from(&fact.queue);
        self.priority = fact.priority;
        self.asked.clone_from(&fact.skills);
        self.last_agent.clone_from(&fact.last_agent);
        self.window_ends = fact.window_ends.or(self.window_ends);
        self.enqueued_at = fact.enqueued_at;
        self.target.clone_from(&fact.target);
        self.return_to.clone_from(&fact.return_to);
        self.only.clone_from(&fact.only);
        self.except.clone_from(&fact.except);
        self.until = fact.until;
        self.join = fact.join;
        self.declined.clear();
        self.wait(fact.at);
    }

    /// Nobody is asked for in particular any more.
    pub fn forget_request(&mut self) {
        self.target = None;
        self.return_to = None;
        self.only = None;
        self.except.clear();
        self.until = None;
        self.join = false;
        if let Some(home) = self.belongs.take() {
            self.queue.clone_from(&home);
            self.home = home;
        }
    }

    /// Whether a colleague is being searched among several, for a limited time.
    pub const fn is_search(&self) -> bool {
        self.until.is_some() && (self.owner.is_some() || self.only.is_some())
    }

    /// Begins to wait at its home queue, with all its wishes.
    pub fn wait(&mut self, at: Millis) {
        self.search = Search::Waiting;
        self.queue.clone_from(&self.home);
        self.own.clone_from(&self.asked);
        self.since = at;
        self.last_agent_over = false;
        self.relaxed = 0;
        self.dropped = false;
        self.overflowed = 0;
    }

    /// The skills asked for at present.
    pub fn needs(&self, house: &House) -> Skills {
        if self.dropped || self.target.is_some() {
            return Skills::new();
        }
        let queue = house.queue(&self.queue);
        let mut needs = self.own.clone();
        for (skill, level) in &queue.skills {
            let asked = needs.entry(skill.clone()).or_insert(0);
            *asked = (*asked).max(*level);
        }
        if let Some(relax) = queue.relax {
            let down = relax.step.saturating_mul(self.relaxed);
            for level in needs.values_mut() {
                *level = level.saturating_sub(down).max(relax.min.min(*level));
            }
        }
        needs
    }

    /// The queues in which the item may still wait: its own, then those to which it would overflow.
    pub fn queues_ahead<'a>(&'a self, house: &'a House) -> impl Iterator<Item = &'a str> {
        let home = house.queue(&self.home);
        let goes_on = house.queue(&self.queue).overflow_after.or(home.overflow_after).is_some();
        let further = home.overflow.iter().skip(self.overflowed).filter(move |_| goes_on);
        std::iter::once(&self.queue).chain(further.filter(|name| house.has_queue(name))).map(String::as_str)
    }

    /// The lowest requirements in a queue, after all relaxation steps.
    pub fn least_needs(&self, queue: &QueueSetup) -> Skills {
        let mut needs = self.own.clone();
        for (skill, level) in &queue.skills {
            let asked = needs.entry(skill.clone()).or_insert(0);
            *asked = (*asked).max(*level);
        }
        match queue.relax {
            Some(relax) if relax.drop_after.is_some() => needs.clear(),
            Some(relax) if relax.step > 0 => {
                needs.values_mut().for_each(|level| *level = relax.min.min(*level));
            }
            _ => {}
        }
        needs
    }

    /// The agent who comes first for now, because they served the customer last.
    pub fn preferred(&self, house: &House) -> Option<&EmployeeId> {
        let (agent, until) = self.last_agent.as_ref()?;
        let fresh = self.since.since(*until) <= house.rules.last_agent_for;
        (!self.last_agent_over && fresh && self.target.is_none()).then_some(agent)
    }

    /// The next queue to overflow to, and when.
    pub fn overflow<'a>(&self, house: &'a House) -> Option<(Millis, &'a str)> {
        let home = house.queue(&self.home);
        let to = home.overflow.iter().skip(self.overflowed).find(|name| house.has_queue(name))?;
        let after = house.queue(&self.queue).overflow_after.or(home.overflow_after)?;
        Some((self.since.plus(after), to))
    }

    /// The next step down in skills: when, its number, and whether it drops them.
    pub fn relax(&self, house: &House) -> Option<(Millis, u8, bool)> {
        let relax = house.queue(&self.queue).relax?;
        if self.dropped {
            return None;
        }
        let every = relax.every.max(Duration::from_secs(1));
        let reached = self.since.plus(every.saturating_mul(u32::from(self.relaxed)));
        let needs = self.needs(house);
        if needs.is_empty() {
            return None;
        }
        if relax.step > 0 && self.relaxed < u8::MAX && needs.values().any(|level| *level > relax.min) {
            return Some((reached.plus(every), self.relaxed.saturating_add(1), false));
        }
        relax.drop_after.map(|after| (reached.plus(after), self.relaxed, true))
    }

    pub fn class(&self, house: &House) -> Class {
        Class {
            queue: self.queue.clone(),
            needs: self.needs(house),
            target: self.target.clone(),
            preferred: self.preferred(house).cloned(),
            only: self.only.clone(),
        }
    }

    /// Where it stands in the order. The order does not change as time goes by, since all age alike.
    pub fn place(&self, id: &InteractionId, house: &House) -> Place {
        let points = i128::from(house.queue(&self.queue).priority)
            + i128::from(self.priority)
            + if self.urgent { i128::from(house.rules.window_boost) } else { 0 };
        let aged = i128::from(house.rules.ageing_per_minute) * i128::from(self.enqueued_at.0);
        Place {
            score: Reverse(points * 60_000 - aged),
            enqueued_at: self.enqueued_at,
            seq: self.seq,
            id: id.clone(),
        }
    }

    pub fn note(&mut self, at: Millis, what: What, name: Option<&str>) {
        if self.history.len() >= super::explain::MOST_EVENTS {
            self.history.pop_front();
        }
        self.history.push_back(Event { at, what, name: name.map(Arc::from) });
    }
}

/// What the interactions of a lane have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    pub queue: String,
    pub needs: Skills,
    pub target: Option<EmployeeId>,
    pub preferred: Option<EmployeeId>,
    pub only: Option<Only>,
}

/// A place in the order; the smaller is served first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub score: Reverse<i128>,
    pub enqueued_at: Millis,
    pub seq: u64,
    pub id: InteractionId,
}

/// Everybody who waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lanes(pub BTreeMap<Arc<Class>, BTreeSet<Place>>);

impl Lanes {
    pub fn insert(&mut self, class: Arc<Class>, place: Place) {
        self.0.entry(class).or_default().insert(place);
    }

    pub fn remove(&mut self, class: &Arc<Class>, place: &Place) {
        if let Some(lane) = self.0.get_mut(class) {
            lane.remove(place);
            if lane.is_empty() {
                self.0.remove(class);
            }
        }
    }

    pub fn of_queue<'a>(&'a self, queue: &'a str) -> impl Iterator<Item = &'a BTreeSet<Place>> {
        let first = Class {
            queue: queue.to_owned(),
            needs: Skills::new(),
            target: None,
            preferred: None,
            only: None,
        };
        self.0
            .range(Arc::new(first)..)
            .take_while(move |(class, _)| class.queue == queue)
            .map(|(_, lane)| lane)
    }
}

/// Who is to be looked at when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Agent(EmployeeId),
    Item(InteractionId),
}

/// When something falls due.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(Millis, Who)>,
    armed: BTreeMap<Who, Millis>,
}

impl Timers {
    pub fn arm(&mut self, who: Who, at: Option<Millis>) {
        let old = match at {
            Some(at) => self.armed.insert(who.clone(), at),
            None => self.armed.remove(&who),
        };
        if old == at {
            return;
        }
        if let Some(old) = old {
            self.due.remove(&(old, who.clone()));
        }
        if let Some(at) = at {
            self.due.insert((at, who));
        }
    }

    pub fn next(&self) -> Option<Millis> {
        self.due.first().map(|(at, _)| *at)
    }

    pub fn pop(&mut self, now: Millis) -> Option<Who> {
        if self.next()? > now {
            return None;
        }
        let (_, who) = self.due.pop_first()?;
        self.armed.remove(&who);
        Some(who)
    }
}

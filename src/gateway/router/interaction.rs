//! What the router knows about an interaction.
//!
//! Owns: the record, and what follows from it and the configuration: skills, preferred agent, overflow, order.
//! Must not: choose agents; that is `decide`.

use super::decision::Decision;
use super::explain::{HistoryEvent, HistoryEventKind, MOST_EVENTS};
use super::fact::{CandidateFilter, Enqueued};
use super::lanes::{LaneKey, ServiceRank};
use super::reason::TargetFailure;
use super::setup::{QueueSetup, RoutingConfig, Skills};
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// An offer that is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OpenOffer {
    pub interaction: InteractionId,
    pub agent: EmployeeId,
    pub expires_at: Millis,
}

/// Whether an agent is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SearchState {
    Idle,
    Waiting,
    Offered(u64),
}

/// An offer that an agent did not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DeclinedOffer {
    pub at: Millis,
    /// Rejected, in contrast to not answered.
    pub rejected: bool,
}

/// An interaction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct InteractionRecord {
    pub search: SearchState,
    pub owner: Option<EmployeeId>,
    /// Participants beside the owner.
    pub beside: BTreeSet<EmployeeId>,
    /// The queue it came to, and the one it overflowed to.
    pub home: String,
    pub queue: String,
    pub priority: i64,
    /// Skills of its own as they were required at first, and as they are required now.
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
    /// A request for a colleague: the restriction, the agents who are excluded, when it ends, and whether the agent
    /// who accepts joins the owner.
    pub only: Option<CandidateFilter>,
    pub except: Vec<EmployeeId>,
    pub until: Option<Millis>,
    pub join: bool,
    /// Its own queue while a colleague is searched for in another one.
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
    pub declined: BTreeMap<EmployeeId, DeclinedOffer>,
    pub decisions: VecDeque<Arc<Decision>>,
    pub history: VecDeque<HistoryEvent>,
    pub lane: Option<(Arc<LaneKey>, ServiceRank)>,
}

impl InteractionRecord {
    /// A record before the first search.
    pub fn new(home: &str, at: Millis, seq: u64) -> Self {
        Self {
            search: SearchState::Idle,
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

    /// Starts to wait as the fact says. The owner and an unanswered customer stay.
    pub fn enqueue(&mut self, fact: &Enqueued) {
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
        self.start_waiting(fact.at);
    }

    /// Removes the request for a certain agent or colleague.
    pub fn clear_request(&mut self) {
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

    /// Whether a colleague is searched for among several, for a limited time.
    pub const fn is_search(&self) -> bool {
        self.until.is_some() && (self.owner.is_some() || self.only.is_some())
    }

    /// Starts to wait in its home queue, with all its requirements.
    pub fn start_waiting(&mut self, at: Millis) {
        self.search = SearchState::Waiting;
        self.queue.clone_from(&self.home);
        self.own.clone_from(&self.asked);
        self.since = at;
        self.last_agent_over = false;
        self.relaxed = 0;
        self.dropped = false;
        self.overflowed = 0;
    }

    /// The skills that are required now.
    pub fn needs(&self, config: &RoutingConfig) -> Skills {
        if self.dropped || self.target.is_some() {
            return Skills::new();
        }
        let queue = config.queue(&self.queue);
        let mut needs = self.own.clone();
        for (skill, level) in &queue.skills {
            let needed = needs.entry(skill.clone()).or_insert(0);
            *needed = (*needed).max(*level);
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
    pub fn queues_ahead<'a>(&'a self, config: &'a RoutingConfig) -> impl Iterator<Item = &'a str> {
        let home = config.queue(&self.home);
        let goes_on = config.queue(&self.queue).overflow_after.or(home.overflow_after).is_some();
        let further = home.overflow.iter().skip(self.overflowed).filter(move |_| goes_on);
        std::iter::once(&self.queue).chain(further.filter(|name| config.has_queue(name))).map(String::as_str)
    }

    /// The lowest requirements in a queue, after all relaxation steps.
    pub fn least_needs(&self, queue: &QueueSetup) -> Skills {
        let mut needs = self.own.clone();
        for (skill, level) in &queue.skills {
            let needed = needs.entry(skill.clone()).or_insert(0);
            *needed = (*needed).max(*level);
        }
        match queue.relax {
            Some(relax) if relax.drop_after.is_some() => needs.clear(),
            Some(relax) if relax.step > 0 => {
                needs.values_mut().for_each(|level| *level = relax.min.min(*level));
            }
            Some(_) | None => {}
        }
        needs
    }

    /// The agent who is preferred for now because of having served the customer last.
    pub fn preferred(&self, config: &RoutingConfig) -> Option<&EmployeeId> {
        let (agent, until) = self.last_agent.as_ref()?;
        let fresh = self.since.since(*until) <= config.rules.last_agent_for;
        (!self.last_agent_over && fresh && self.target.is_none()).then_some(agent)
    }

    /// The next queue to overflow to, and when.
    pub fn overflow<'a>(&self, config: &'a RoutingConfig) -> Option<(Millis, &'a str)> {
        let home = config.queue(&self.home);
        let to = home.overflow.iter().skip(self.overflowed).find(|name| config.has_queue(name))?;
        let after = config.queue(&self.queue).overflow_after.or(home.overflow_after)?;
        Some((self.since.plus(after), to))
    }

    /// The next step down in skills: when, its number, and whether it drops them.
    pub fn relax(&self, config: &RoutingConfig) -> Option<(Millis, u8, bool)> {
        let relax = config.queue(&self.queue).relax?;
        if self.dropped {
            return None;
        }
        let every = relax.every.max(Duration::from_secs(1));
        let reached = self.since.plus(every.saturating_mul(u32::from(self.relaxed)));
        let needs = self.needs(config);
        if needs.is_empty() {
            return None;
        }
        if relax.step > 0 && self.relaxed < u8::MAX && needs.values().any(|level| *level > relax.min) {
            return Some((reached.plus(every), self.relaxed.saturating_add(1), false));
        }
        relax.drop_after.map(|after| (reached.plus(after), self.relaxed, true))
    }

    /// The lane in which the interaction waits now.
    pub fn lane_key(&self, config: &RoutingConfig) -> LaneKey {
        LaneKey {
            queue: self.queue.clone(),
            needs: self.needs(config),
            target: self.target.clone(),
            preferred: self.preferred(config).cloned(),
            only: self.only.clone(),
        }
    }

    /// Its rank in the order. The order does not change with time, since all interactions age alike.
    pub fn rank(&self, id: &InteractionId, config: &RoutingConfig) -> ServiceRank {
        let points = i128::from(config.queue(&self.queue).priority)
            + i128::from(self.priority)
            + if self.urgent { i128::from(config.rules.window_boost) } else { 0 };
        let aged = i128::from(config.rules.ageing_per_minute) * i128::from(self.enqueued_at.0);
        ServiceRank {
            score: Reverse(points * 60_000 - aged),
            enqueued_at: self.enqueued_at,
            seq: self.seq,
            id: id.clone(),
        }
    }

    /// Moves on to an overflow queue. Skills of the interaction's own stay as low as they were relaxed.
    pub fn overflow_to(&mut self, to: &str, at: Millis, config: &RoutingConfig) {
        let needs = self.needs(config);
        self.own = self
            .own
            .iter()
            .filter_map(|(skill, level)| needs.get(skill).map(|now| (skill.clone(), (*now).min(*level))))
            .collect();
        let list = &config.queue(&self.home).overflow;
        let found = list.iter().enumerate().skip(self.overflowed).find(|(_, name)| *name == to);
        self.overflowed = found.map_or(self.overflowed, |(index, _)| index).saturating_add(1);
        to.clone_into(&mut self.queue);
        self.since = at;
        self.relaxed = 0;
        self.dropped = false;
        self.add_event(at, HistoryEventKind::Overflowed, Some(to));
    }

    /// Ends a request for a colleague that nobody took. Without an owner the interaction then waits for
    /// anybody, and the agent who would have had it back is preferred.
    pub fn fail_target(&mut self, why: TargetFailure, at: Millis) {
        let target = self.target.take();
        self.add_event(at, HistoryEventKind::TargetFailed(why), target.as_ref().map(EmployeeId::as_str));
        let back = self.return_to.take();
        let was_restricted = target.is_some() || self.only.is_some();
        self.clear_request();
        if self.owner.is_some() {
            self.search = SearchState::Idle;
        } else if was_restricted && self.search == SearchState::Waiting {
            self.last_agent = back.map(|agent| (agent, at)).or_else(|| self.last_agent.take());
            self.start_waiting(at);
        }
    }

    /// Ends the parking; returns the owner for whom the interaction counts again.
    pub fn wake(&mut self, at: Millis) -> Option<EmployeeId> {
        if !std::mem::take(&mut self.parked) {
            return None;
        }
        self.woke = Some(at);
        self.owner.clone()
    }

    /// Adds to the history, whose oldest event goes when it is full.
    pub fn add_event(&mut self, at: Millis, what: HistoryEventKind, name: Option<&str>) {
        if self.history.len() >= MOST_EVENTS {
            self.history.pop_front();
        }
        self.history.push_back(HistoryEvent { at, kind: what, name: name.map(Arc::from) });
    }
}

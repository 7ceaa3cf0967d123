//! Facts into state.
//!
//! Owns: the fold. Must not: decide, refuse or fail; a fact about somebody unknown changes nothing that matters.
//! Invariants: after each fact the lanes and timers agree with the records.

use super::Router;
use super::explain::{MOST_DECISIONS, What};
use super::fact::{Enqueued, Fact, WorkState};
use super::state::{Agent, Counters, Item, Offer, Refused, Search};
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::sync::Arc;

/// How many acceptances the expected wait is taken from.
const MOST_ANSWERS: usize = 20;

impl Router {
    /// Takes a fact in. Total: what does not fit what is known is passed over.
    pub fn apply(&mut self, fact: &Fact) {
        let at = fact.at();
        let before = fact.interaction().and_then(|id| self.items.get(id)?.owner.clone());
        let offered = fact.interaction().and_then(|id| self.offer_on(id)).map(|offer| offer.agent.clone());
        match fact {
            Fact::SignedIn { .. }
            | Fact::SignedOut { .. }
            | Fact::ConnectionLost { .. }
            | Fact::ConnectionBack { .. }
            | Fact::StateSet { .. }
            | Fact::MadeNotReady { .. }
            | Fact::AgentSeen { .. }
            | Fact::InactiveWarned { .. } => self.apply_to_agent(fact),
            _ => self.apply_to_item(fact),
        }
        if let Fact::SignedOut { .. } = fact {
            self.arm_requests(at);
        }
        let mut after = None;
        if let Some(id) = fact.interaction() {
            self.settle(id, at);
            after = self.items.get(id).and_then(|item| item.owner.clone());
        }
        for agent in [fact.agent(), before.as_ref(), offered.as_ref(), after.as_ref()].into_iter().flatten() {
            self.arm_agent(agent);
        }
    }

    fn agent_mut(&mut self, id: &EmployeeId) -> &mut Agent {
        self.agents.entry(id.clone()).or_default()
    }

    fn apply_to_agent(&mut self, fact: &Fact) {
        let Some(id) = fact.agent() else { return };
        let agent = self.agent_mut(id);
        match fact {
            Fact::SignedIn { at, .. } => {
                if !agent.signed_in {
                    agent.signed_in = true;
                    agent.work = WorkState::NotReady { reason: String::new() };
                    agent.idle_since = agent.idle_since.max(*at);
                    agent.misses = 0;
                }
                agent.gone_since = None;
                agent.saw(*at);
            }
            Fact::SignedOut { at, .. } => {
                agent.signed_in = false;
                agent.gone_since = agent.gone_since.or(Some(*at));
                agent.warned = None;
            }
            Fact::ConnectionLost { at, .. } => agent.gone_since = agent.gone_since.or(Some(*at)),
            Fact::ConnectionBack { at, .. } => {
                if agent.signed_in {
                    agent.gone_since = None;
                }
                agent.saw(*at);
            }
            Fact::StateSet { work, at, .. } => {
                agent.work = work.clone();
                agent.work_since = *at;
                agent.misses = 0;
                agent.saw(*at);
            }
            Fact::MadeNotReady { reason, .. } => {
                agent.work = WorkState::NotReady { reason: reason.clone() };
                agent.misses = 0;
            }
            Fact::AgentSeen { at, .. } => agent.saw(*at),
            Fact::InactiveWarned { at, .. } => agent.warned = Some(*at),
            _ => {}
        }
    }

    fn apply_to_item(&mut self, fact: &Fact) {
        match fact {
            Fact::Enqueued(fact) => self.enter(fact),
            Fact::Offered { offer, interaction, agent, at, lapses, why } => {
                // A number stands for one offer at a time; a log in disorder may use it twice.
                let taken = self.offers.contains_key(offer);
                let Some(item) = self.items.get_mut(interaction) else { return };
                if taken || item.search != Search::Waiting {
                    return;
                }
                item.search = Search::Offered(*offer);
                item.note(*at, What::Offered, Some(agent.as_str()));
                if item.decisions.len() >= MOST_DECISIONS {
                    item.decisions.pop_front();
                }
                item.decisions.push_back(Arc::clone(why));
                let queue = item.queue.clone();
                self.count(agent, &queue, |counters| counters.offered += 1);
                self.agent_mut(agent).offers.insert(*offer);
                self.turns.insert(queue, agent.clone());
                let standing =
                    Offer { interaction: interaction.clone(), agent: agent.clone(), lapses: *lapses };
                self.offers.insert(*offer, standing);
                self.next_offer = self.next_offer.max(offer.saturating_add(1));
            }
            Fact::Accepted { offer, interaction, agent, at } => {
                let Some(queue) = self.close_offer(*offer, interaction, agent, *at, What::Accepted) else {
                    return;
                };
                self.count(agent, &queue, |counters| counters.answered += 1);
                if let Some(item) = self.items.get_mut(interaction).filter(|item| item.join) {
                    item.search = Search::No;
                    item.forget_request();
                    item.declined.clear();
                    self.join(interaction, agent);
                    let agent = self.agent_mut(agent);
                    agent.misses = 0;
                    agent.saw(*at);
                    return;
                }
                self.give(interaction, agent, *at);
                let answers = self.answers.entry(queue).or_default();
                if answers.len() >= MOST_ANSWERS {
                    answers.pop_front();
                }
                answers.push_back(*at);
            }
            Fact::Rejected { offer, interaction, agent, at } => {
                let Some(queue) = self.close_offer(*offer, interaction, agent, *at, What::Rejected) else {
                    return;
                };
                self.count(agent, &queue, |counters| counters.rejected += 1);
                self.decline(interaction, agent, Refused { at: *at, rejected: true });
                let agent = self.agent_mut(agent);
                agent.misses = 0;
                agent.saw(*at);
            }
            Fact::OfferLapsed { offer, interaction, agent, at } => {
                let Some(queue) = self.close_offer(*offer, interaction, agent, *at, What::NoAnswer) else {
                    return;
                };
                self.count(agent, &queue, |counters| counters.missed += 1);
                self.decline(interaction, agent, Refused { at: *at, rejected: false });
                self.agent_mut(agent).misses += 1;
            }
            Fact::OfferRevoked { offer, interaction, agent, why, at } => {
                self.close_offer(*offer, interaction, agent, *at, What::Revoked(*why));
            }
            Fact::Assigned { interaction, agent, queue, at } => {
                let seq = self.next_seq;
                if !self.items.contains_key(interaction) {
                    self.next_seq += 1;
                    let mut item = Item::new(queue, *at, seq);
                    item.owed = None;
                    self.items.insert(interaction.clone(), item);
                }
                self.give(interaction, agent, *at);
                self.note(interaction, *at, What::Assigned, Some(agent.as_str()));
            }
            Fact::Requeued { interaction, agent, why, at } => {
                if self.items.get(interaction).is_none_or(|item| item.owner.as_ref() != Some(agent)) {
                    return;
                }
                self.withdraw_offer(interaction);
                self.take(interaction, *at);
                if let Some(item) = self.items.get_mut(interaction) {
                    item.last_agent = Some((agent.clone(), *at));
                    item.forget_request();
                    item.declined.clear();
                    item.wait(*at);
                    item.note(*at, What::Requeued(*why), Some(agent.as_str()));
                }
            }
            Fact::Released { interaction, agent, why, at } => {
                if self.items.get(interaction).is_some_and(|item| item.owner.as_ref() == Some(agent)) {
                    self.take(interaction, *at);
                    self.note(interaction, *at, What::Released(*why), Some(agent.as_str()));
                }
            }
            Fact::Closed { interaction, at } => {
                self.withdraw_offer(interaction);
                self.take(interaction, *at);
                self.leave_lane(interaction);
                let gone = self.items.remove(interaction);
                for agent in gone.into_iter().flat_map(|item| item.beside) {
                    self.agent_mut(&agent).beside.remove(interaction);
                }
            }
            Fact::PartyGone { interaction, agent, .. } => self.part(interaction, agent),
            Fact::PartyBack { interaction, agent, .. } => self.join(interaction, agent),
            _ => self.apply_to_wait(fact),
        }
    }

    fn apply_to_wait(&mut self, fact: &Fact) {
        let Some(id) = fact.interaction() else { return };
        if let Fact::TargetFailed { .. } = fact {
            self.withdraw_offer(id);
        }
        let Some(item) = self.items.get_mut(id) else { return };
        let mut woken = None;
        let mut answered = None;
        match fact {
            Fact::TargetFailed { why, at, .. } => {
                let target = item.target.take();
                item.note(*at, What::TargetFailed(*why), target.as_ref().map(EmployeeId::as_str));
                let back = item.return_to.take();
                let narrow = target.is_some() || item.only.is_some();
                item.forget_request();
                if item.owner.is_some() {
                    item.search = Search::No;
                } else if !narrow {
                    // It waited for anybody, and goes on to.
                } else if item.search == Search::Waiting {
                    item.last_agent = back.map(|agent| (agent, *at)).or_else(|| item.last_agent.take());
                    item.wait(*at);
                }
            }
            Fact::CustomerSpoke { at, window_ends, .. } => {
                item.window_ends = window_ends.or(item.window_ends);
                item.owed = item.owed.or(Some(*at));
                if item.parked {
                    item.parked = false;
                    item.woke = Some(*at);
                    woken.clone_from(&item.owner);
                }
            }
            Fact::ReplyFailed { since, at, .. } => {
                item.owed = Some(*since);
                if item.parked {
                    item.parked = false;
                    item.woke = Some(*at);
                    woken.clone_from(&item.owner);
                }
            }
            Fact::AgentSpoke { at, .. } => {
                item.owed = None;
                item.answered_at = Some(*at);
                item.woke = None;
                answered.clone_from(&item.owner);
            }
            Fact::Parked { .. } => {
                if let Some(owner) = item.owner.as_ref().filter(|_| !item.parked) {
                    if let Some(agent) = self.agents.get_mut(owner) {
                        agent.weight = agent.weight.saturating_sub(1);
                    }
                    item.parked = true;
                }
            }
            Fact::Urgent { urgent, at, .. } => {
                item.urgent = *urgent;
                item.note(*at, What::Urgent(*urgent), None);
            }
            Fact::LastAgentOver { at, .. } => {
                item.last_agent_over = true;
                item.note(*at, What::LastAgentOver, None);
            }
            Fact::Relaxed { step, dropped, at, .. } => {
                item.relaxed = *step;
                item.dropped = *dropped;
                item.note(*at, What::Relaxed { step: *step, dropped: *dropped }, None);
            }
            Fact::Overflowed { to, at, .. } => {
                // What it asked for itself stays as far down as it came.
                let needs = item.needs(&self.house);
                item.own = item
                    .own
                    .iter()
                    .filter_map(|(skill, level)| {
                        needs.get(skill).map(|now| (skill.clone(), (*now).min(*level)))
                    })
                    .collect();
                let list = &self.house.queue(&item.home).overflow;
                let found = list.iter().enumerate().skip(item.overflowed).find(|(_, name)| *name == to);
                item.overflowed = found.map_or(item.overflowed, |(index, _)| index).saturating_add(1);
                item.queue.clone_from(to);
                item.since = *at;
                item.relaxed = 0;
                item.dropped = false;
                item.note(*at, What::Overflowed, Some(to));
            }
            _ => {}
        }
        if let Some(agent) = woken.and_then(|owner| self.agents.get_mut(&owner)) {
            agent.weight = agent.weight.saturating_add(1);
        }
        if let Some(agent) = answered.and_then(|owner| self.agents.get_mut(&owner)) {
            agent.saw(fact.at());
        }
    }

    fn enter(&mut self, fact: &Enqueued) {
        let id = &fact.interaction;
        self.withdraw_offer(id);
        let kept =
            self.items.get(id).is_some_and(|item| item.owner.is_some() && item.owner == fact.return_to);
        if !kept {
            self.take(id, fact.at);
        }
        let seq = self.next_seq;
        let item =
            self.items.entry(id.clone()).or_insert_with(|| Item::new(&fact.queue, fact.enqueued_at, seq));
        if item.seq == seq {
            self.next_seq += 1;
        }
        item.enter(fact);
        item.note(fact.at, What::Queued, Some(&fact.queue));
    }

    /// The agent has it from now on.
    fn give(&mut self, id: &InteractionId, to: &EmployeeId, at: Millis) {
        self.withdraw_offer(id);
        self.take(id, at);
        self.part(id, to);
        let Some(item) = self.items.get_mut(id) else { return };
        item.search = Search::No;
        item.owner = Some(to.clone());
        item.forget_request();
        item.urgent = false;
        item.declined.clear();
        let agent = self.agent_mut(to);
        agent.active.insert(id.clone());
        agent.weight = agent.weight.saturating_add(1);
        agent.idle_since = agent.idle_since.max(at);
        agent.misses = 0;
        agent.saw(at);
    }

    /// Adds a participant beside the owner.
    fn join(&mut self, id: &InteractionId, agent: &EmployeeId) {
        if let Some(item) = self.items.get_mut(id) {
            item.beside.insert(agent.clone());
            self.agent_mut(agent).beside.insert(id.clone());
        }
    }

    /// One who had joined is no longer beside the owner.
    fn part(&mut self, id: &InteractionId, agent: &EmployeeId) {
        if self.items.get_mut(id).is_some_and(|item| item.beside.remove(agent)) {
            self.agent_mut(agent).beside.remove(id);
        }
    }

    /// Whoever has it has it no longer.
    fn take(&mut self, id: &InteractionId, at: Millis) {
        let Some(item) = self.items.get_mut(id) else { return };
        let Some(owner) = item.owner.take() else { return };
        let weight = u32::from(!item.parked);
        item.parked = false;
        item.woke = None;
        if let Some(agent) = self.agents.get_mut(&owner) {
            agent.active.remove(id);
            agent.weight = agent.weight.saturating_sub(weight);
            agent.idle_since = agent.idle_since.max(at);
        }
    }

    fn decline(&mut self, id: &InteractionId, agent: &EmployeeId, refused: Refused) {
        if let Some(item) = self.items.get_mut(id) {
            item.declined.insert(agent.clone(), refused);
        }
    }

    /// Ends the offer if it stands as the fact says, and tells its queue. The interaction waits again.
    fn close_offer(
        &mut self,
        offer: u64,
        id: &InteractionId,
        agent: &EmployeeId,
        at: Millis,
        what: What,
    ) -> Option<String> {
        let standing = self.offers.get(&offer)?;
        if standing.interaction != *id || standing.agent != *agent {
            return None;
        }
        self.withdraw_offer(id);
        let item = self.items.get_mut(id)?;
        item.note(at, what, Some(agent.as_str()));
        Some(item.queue.clone())
    }

    /// Ends the offer on an interaction, if one stands. The interaction waits again.
    fn withdraw_offer(&mut self, id: &InteractionId) {
        let Some(item) = self.items.get_mut(id) else { return };
        let Search::Offered(offer) = item.search else { return };
        item.search = Search::Waiting;
        if let Some(offered) = self.offers.remove(&offer)
            && let Some(agent) = self.agents.get_mut(&offered.agent)
        {
            agent.offers.remove(&offer);
        }
    }

    fn count(&mut self, agent: &EmployeeId, queue: &str, add: impl Fn(&mut Counters)) {
        add(&mut self.agent_mut(agent).counters);
        match self.counters.get_mut(queue) {
            Some(counters) => add(counters),
            None => add(self.counters.entry(queue.to_owned()).or_default()),
        }
    }

    fn note(&mut self, id: &InteractionId, at: Millis, what: What, name: Option<&str>) {
        if let Some(item) = self.items.get_mut(id) {
            item.note(at, what, name);
        }
    }

    pub(super) fn offer_on(&self, id: &InteractionId) -> Option<&Offer> {
        match self.items.get(id)?.search {
            Search::Offered(offer) => self.offers.get(&offer),
            Search::No | Search::Waiting => None,
        }
    }

    fn leave_lane(&mut self, id: &InteractionId) {
        if let Some((class, place)) = self.items.get_mut(id).and_then(|item| item.lane.take()) {
            self.lanes.remove(&class, &place);
        }
    }

    /// Puts an interaction into the lane and under the timer that its record asks for.
    pub(super) fn settle(&mut self, id: &InteractionId, at: Millis) {
        self.arm_item(id, at);
        let Some(item) = self.items.get(id) else { return };
        let wanted = (item.search == Search::Waiting)
            .then(|| (Arc::new(item.class(&self.house)), item.place(id, &self.house)));
        if item.lane == wanted {
            return;
        }
        self.leave_lane(id);
        let Some(item) = self.items.get_mut(id) else { return };
        item.lane.clone_from(&wanted);
        if let Some((class, place)) = wanted {
            self.lanes.insert(class, place);
        }
    }
}

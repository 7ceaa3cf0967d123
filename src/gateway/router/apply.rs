//! Facts into state.
//!
//! Owns: the fold. Must not: decide, refuse or fail; a fact about an unknown agent or interaction changes
//! nothing that matters.
//! Invariants: after each fact the lanes and timers agree with the records.

use super::agent::AgentRecord;
use super::explain::HistoryEventKind;
use super::fact::{Enqueued, Fact};
use super::interaction::{InteractionRecord, SearchState};
use super::reason::{ReleaseReason, RequeueReason};
use super::state::Router;
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::sync::Arc;

impl Router {
    /// Applies a fact. Never fails: a fact that does not fit the state is ignored.
    pub fn apply(&mut self, fact: &Fact) {
        let at = fact.at();
        let before = fact.interaction().and_then(|id| self.items.get(id)?.owner.clone());
        let offered = fact.interaction().and_then(|id| self.offer_on(id)).map(|offer| offer.agent.clone());
        self.update_records(fact);
        if let Fact::SignedOut { .. } = fact {
            self.arm_requests(at);
        }
        let mut after = None;
        if let Some(id) = fact.interaction() {
            self.update_lane_and_timer(id, at);
            after = self.items.get(id).and_then(|item| item.owner.clone());
        }
        for agent in [fact.agent(), before.as_ref(), offered.as_ref(), after.as_ref()].into_iter().flatten() {
            self.arm_agent(agent);
        }
    }

    /// What each fact changes. Lanes and timers follow in [`Router::apply`].
    fn update_records(&mut self, fact: &Fact) {
        match fact {
            Fact::SignedIn { agent, at } => self.agent_mut(agent).sign_in(*at),
            Fact::SignedOut { agent, at } => self.agent_mut(agent).sign_out(*at),
            Fact::ConnectionLost { agent, at } => self.agent_mut(agent).lose_connection(*at),
            Fact::ConnectionBack { agent, at } => self.agent_mut(agent).restore_connection(*at),
            Fact::StateSet { agent, work, at } => self.agent_mut(agent).set_state(work, *at),
            Fact::MadeNotReady { agent, reason, .. } => self.agent_mut(agent).make_not_ready(reason),
            Fact::AgentSeen { agent, at } => self.agent_mut(agent).record_activity(*at),
            Fact::InactiveWarned { agent, at } => self.agent_mut(agent).warned = Some(*at),

            Fact::Offered { offer, interaction, agent, at, lapses, why } => {
                self.open_offer(*offer, interaction, agent, *at, *lapses, why);
            }
            Fact::Accepted { offer, interaction, agent, at } => {
                self.accept_offer(*offer, interaction, agent, *at);
            }
            Fact::Rejected { offer, interaction, agent, at } => {
                self.reject_offer(*offer, interaction, agent, *at);
            }
            Fact::OfferExpired { offer, interaction, agent, at } => {
                self.expire_offer(*offer, interaction, agent, *at);
            }
            Fact::OfferRevoked { offer, interaction, agent, why, at } => {
                self.close_offer(*offer, interaction, agent, *at, HistoryEventKind::Revoked(*why));
            }

            Fact::Enqueued(fact) => self.enqueue_item(fact),
            Fact::Assigned { interaction, agent, queue, at } => {
                self.assign_owner(interaction, agent, queue, *at);
            }
            Fact::Requeued { interaction, agent, why, at } => {
                self.return_to_queue(interaction, agent, *why, *at);
            }
            Fact::Released { interaction, agent, why, at } => {
                self.release_from_owner(interaction, agent, *why, *at);
            }
            Fact::Closed { interaction, at } => self.remove(interaction, *at),
            Fact::PartyGone { interaction, agent, .. } => self.remove_participant(interaction, agent),
            Fact::PartyBack { interaction, agent, .. } => self.add_participant(interaction, agent),

            Fact::TargetFailed { interaction, why, at } => {
                self.withdraw_offer(interaction);
                self.update_item(interaction, |item| item.fail_target(*why, *at));
            }
            Fact::CustomerSpoke { interaction, at, window_ends } => {
                self.update_item(interaction, |item| {
                    item.window_ends = window_ends.or(item.window_ends);
                    item.owed = item.owed.or(Some(*at));
                });
                self.wake(interaction, *at);
            }
            Fact::ReplyFailed { interaction, since, at } => {
                self.update_item(interaction, |item| item.owed = Some(*since));
                self.wake(interaction, *at);
            }
            Fact::AgentSpoke { interaction, at } => self.note_answer(interaction, *at),
            Fact::Parked { interaction, .. } => self.park(interaction),
            Fact::Urgent { interaction, urgent, at } => self.update_item(interaction, |item| {
                item.urgent = *urgent;
                item.add_event(*at, HistoryEventKind::Urgent(*urgent), None);
            }),
            Fact::LastAgentOver { interaction, at } => self.update_item(interaction, |item| {
                item.last_agent_over = true;
                item.add_event(*at, HistoryEventKind::LastAgentOver, None);
            }),
            Fact::Relaxed { interaction, step, dropped, at } => self.update_item(interaction, |item| {
                item.relaxed = *step;
                item.dropped = *dropped;
                item.add_event(*at, HistoryEventKind::Relaxed { step: *step, dropped: *dropped }, None);
            }),
            Fact::Overflowed { interaction, to, at, .. } => {
                if let Some(item) = self.items.get_mut(interaction) {
                    item.overflow_to(to, *at, &self.config);
                }
            }
        }
    }

    pub(super) fn agent_mut(&mut self, id: &EmployeeId) -> &mut AgentRecord {
        self.agents.entry(id.clone()).or_default()
    }

    pub(super) fn update_item(&mut self, id: &InteractionId, change: impl FnOnce(&mut InteractionRecord)) {
        if let Some(item) = self.items.get_mut(id) {
            change(item);
        }
    }

    fn note(&mut self, id: &InteractionId, at: Millis, what: HistoryEventKind, name: Option<&str>) {
        self.update_item(id, |item| item.add_event(at, what, name));
    }

    fn enqueue_item(&mut self, fact: &Enqueued) {
        let id = &fact.interaction;
        self.withdraw_offer(id);
        let kept =
            self.items.get(id).is_some_and(|item| item.owner.is_some() && item.owner == fact.return_to);
        if !kept {
            self.remove_owner(id, fact.at);
        }
        let seq = self.next_seq;
        let item = self
            .items
            .entry(id.clone())
            .or_insert_with(|| InteractionRecord::new(&fact.queue, fact.enqueued_at, seq));
        if item.seq == seq {
            self.next_seq += 1;
        }
        item.enqueue(fact);
        item.add_event(fact.at, HistoryEventKind::Queued, Some(&fact.queue));
    }

    fn assign_owner(&mut self, id: &InteractionId, agent: &EmployeeId, queue: &str, at: Millis) {
        let seq = self.next_seq;
        if !self.items.contains_key(id) {
            self.next_seq += 1;
            let mut item = InteractionRecord::new(queue, at, seq);
            item.owed = None;
            self.items.insert(id.clone(), item);
        }
        self.set_owner(id, agent, at);
        self.note(id, at, HistoryEventKind::Assigned, Some(agent.as_str()));
    }

    fn return_to_queue(&mut self, id: &InteractionId, agent: &EmployeeId, why: RequeueReason, at: Millis) {
        if self.items.get(id).is_none_or(|item| item.owner.as_ref() != Some(agent)) {
            return;
        }
        self.withdraw_offer(id);
        self.remove_owner(id, at);
        self.update_item(id, |item| {
            item.last_agent = Some((agent.clone(), at));
            item.clear_request();
            item.declined.clear();
            item.start_waiting(at);
            item.add_event(at, HistoryEventKind::Requeued(why), Some(agent.as_str()));
        });
    }

    fn release_from_owner(&mut self, id: &InteractionId, agent: &EmployeeId, why: ReleaseReason, at: Millis) {
        if self.items.get(id).is_some_and(|item| item.owner.as_ref() == Some(agent)) {
            self.remove_owner(id, at);
            self.note(id, at, HistoryEventKind::Released(why), Some(agent.as_str()));
        }
    }

    fn remove(&mut self, id: &InteractionId, at: Millis) {
        self.withdraw_offer(id);
        self.remove_owner(id, at);
        self.leave_lane(id);
        let gone = self.items.remove(id);
        for agent in gone.into_iter().flat_map(|item| item.beside) {
            self.agent_mut(&agent).beside.remove(id);
        }
    }

    /// A parked interaction counts for its owner again.
    fn wake(&mut self, id: &InteractionId, at: Millis) {
        let owner = self.items.get_mut(id).and_then(|item| item.wake(at));
        if let Some(agent) = owner.and_then(|owner| self.agents.get_mut(&owner)) {
            agent.add_weight();
        }
    }

    fn park(&mut self, id: &InteractionId) {
        let Some(item) = self.items.get_mut(id) else { return };
        if let Some(owner) = item.owner.as_ref().filter(|_| !item.parked) {
            if let Some(agent) = self.agents.get_mut(owner) {
                agent.weight = agent.weight.saturating_sub(1);
            }
            item.parked = true;
        }
    }

    /// The customer waits for no answer any more. The owner was active, whichever participant answered.
    fn note_answer(&mut self, id: &InteractionId, at: Millis) {
        let Some(item) = self.items.get_mut(id) else { return };
        item.owed = None;
        item.answered_at = Some(at);
        item.woke = None;
        if let Some(agent) = item.owner.as_ref().and_then(|owner| self.agents.get_mut(owner)) {
            agent.record_activity(at);
        }
    }

    /// Makes an agent the owner.
    pub(super) fn set_owner(&mut self, id: &InteractionId, to: &EmployeeId, at: Millis) {
        self.withdraw_offer(id);
        self.remove_owner(id, at);
        self.remove_participant(id, to);
        let Some(item) = self.items.get_mut(id) else { return };
        item.search = SearchState::Idle;
        item.owner = Some(to.clone());
        item.clear_request();
        item.urgent = false;
        item.declined.clear();
        let agent = self.agent_mut(to);
        agent.active.insert(id.clone());
        agent.add_weight();
        agent.idle_since = agent.idle_since.max(at);
        agent.misses = 0;
        agent.record_activity(at);
    }

    /// Takes the interaction from its owner, if it has one.
    fn remove_owner(&mut self, id: &InteractionId, at: Millis) {
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

    /// Adds a participant beside the owner.
    pub(super) fn add_participant(&mut self, id: &InteractionId, agent: &EmployeeId) {
        if let Some(item) = self.items.get_mut(id) {
            item.beside.insert(agent.clone());
            self.agent_mut(agent).beside.insert(id.clone());
        }
    }

    /// Removes a participant from beside the owner.
    fn remove_participant(&mut self, id: &InteractionId, agent: &EmployeeId) {
        if self.items.get_mut(id).is_some_and(|item| item.beside.remove(agent)) {
            self.agent_mut(agent).beside.remove(id);
        }
    }

    fn leave_lane(&mut self, id: &InteractionId) {
        if let Some((class, place)) = self.items.get_mut(id).and_then(|item| item.lane.take()) {
            self.lanes.remove(&class, &place);
        }
    }

    /// Puts an interaction into the lane and under the timer that follow from its record.
    pub(super) fn update_lane_and_timer(&mut self, id: &InteractionId, at: Millis) {
        self.arm_item(id, at);
        let Some(item) = self.items.get(id) else { return };
        let wanted = (item.search == SearchState::Waiting)
            .then(|| (Arc::new(item.lane_key(&self.config)), item.rank(id, &self.config)));
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

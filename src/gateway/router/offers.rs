//! What the facts about an offer change: it is open, accepted, rejected, expired or revoked.
//!
//! Owns: the open offers and the counters. Must not: choose agents; that is `decide`.
//! Invariants: a fact about an offer that is not open for that interaction and agent changes nothing.

use super::agent::Counters;
use super::decision::{Decision, MOST_DECISIONS};
use super::explain::HistoryEventKind;
use super::interaction::{DeclinedOffer, OpenOffer, SearchState};
use super::state::Router;
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::sync::Arc;

/// From how many acceptances the expected wait is calculated.
const MOST_ANSWERS: usize = 20;

impl Router {
    pub(super) fn open_offer(
        &mut self,
        number: u64,
        id: &InteractionId,
        agent: &EmployeeId,
        at: Millis,
        lapses: Millis,
        why: &Arc<Decision>,
    ) {
        // A number belongs to one offer at a time; a damaged log may use it twice.
        let taken = self.offers.contains_key(&number);
        let Some(item) = self.items.get_mut(id) else { return };
        if taken || item.search != SearchState::Waiting {
            return;
        }
        item.search = SearchState::Offered(number);
        item.add_event(at, HistoryEventKind::Offered, Some(agent.as_str()));
        if item.decisions.len() >= MOST_DECISIONS {
            item.decisions.pop_front();
        }
        item.decisions.push_back(Arc::clone(why));
        let queue = item.queue.clone();
        self.count(agent, &queue, |counters| counters.offered += 1);
        self.agent_mut(agent).offers.insert(number);
        self.turns.insert(queue, agent.clone());
        self.offers
            .insert(number, OpenOffer { interaction: id.clone(), agent: agent.clone(), expires_at: lapses });
        self.next_offer = self.next_offer.max(number.saturating_add(1));
    }

    pub(super) fn accept_offer(&mut self, number: u64, id: &InteractionId, agent: &EmployeeId, at: Millis) {
        let Some(queue) = self.close_offer(number, id, agent, at, HistoryEventKind::Accepted) else { return };
        self.count(agent, &queue, |counters| counters.answered += 1);
        if let Some(item) = self.items.get_mut(id).filter(|item| item.join) {
            item.search = SearchState::Idle;
            item.clear_request();
            item.declined.clear();
            self.add_participant(id, agent);
            let agent = self.agent_mut(agent);
            agent.misses = 0;
            agent.record_activity(at);
            return;
        }
        self.set_owner(id, agent, at);
        let answers = self.answers.entry(queue).or_default();
        if answers.len() >= MOST_ANSWERS {
            answers.pop_front();
        }
        answers.push_back(at);
    }

    pub(super) fn reject_offer(&mut self, number: u64, id: &InteractionId, agent: &EmployeeId, at: Millis) {
        let Some(queue) = self.close_offer(number, id, agent, at, HistoryEventKind::Rejected) else { return };
        self.count(agent, &queue, |counters| counters.rejected += 1);
        self.decline(id, agent, DeclinedOffer { at, rejected: true });
        let agent = self.agent_mut(agent);
        agent.misses = 0;
        agent.record_activity(at);
    }

    pub(super) fn expire_offer(&mut self, number: u64, id: &InteractionId, agent: &EmployeeId, at: Millis) {
        let Some(queue) = self.close_offer(number, id, agent, at, HistoryEventKind::NoAnswer) else { return };
        self.count(agent, &queue, |counters| counters.missed += 1);
        self.decline(id, agent, DeclinedOffer { at, rejected: false });
        self.agent_mut(agent).misses += 1;
    }

    /// Ends an offer if it is open for this interaction and agent; returns the queue of the interaction, which
    /// waits again.
    pub(super) fn close_offer(
        &mut self,
        number: u64,
        id: &InteractionId,
        agent: &EmployeeId,
        at: Millis,
        what: HistoryEventKind,
    ) -> Option<String> {
        let open = self.offers.get(&number)?;
        if open.interaction != *id || open.agent != *agent {
            return None;
        }
        self.withdraw_offer(id);
        let item = self.items.get_mut(id)?;
        item.add_event(at, what, Some(agent.as_str()));
        Some(item.queue.clone())
    }

    /// Ends the open offer of an interaction, if there is one. The interaction waits again.
    pub(super) fn withdraw_offer(&mut self, id: &InteractionId) {
        let Some(item) = self.items.get_mut(id) else { return };
        let SearchState::Offered(number) = item.search else { return };
        item.search = SearchState::Waiting;
        if let Some(offered) = self.offers.remove(&number)
            && let Some(agent) = self.agents.get_mut(&offered.agent)
        {
            agent.offers.remove(&number);
        }
    }

    /// The open offer of an interaction.
    pub(super) fn offer_on(&self, id: &InteractionId) -> Option<&OpenOffer> {
        match self.items.get(id)?.search {
            SearchState::Offered(number) => self.offers.get(&number),
            SearchState::Idle | SearchState::Waiting => None,
        }
    }

    fn decline(&mut self, id: &InteractionId, agent: &EmployeeId, refused: DeclinedOffer) {
        self.update_item(id, |item| {
            item.declined.insert(agent.clone(), refused);
        });
    }

    fn count(&mut self, agent: &EmployeeId, queue: &str, add: impl Fn(&mut Counters)) {
        add(&mut self.agent_mut(agent).counters);
        match self.counters.get_mut(queue) {
            Some(counters) => add(counters),
            None => add(self.counters.entry(queue.to_owned()).or_default()),
        }
    }
}

//! What falls due by itself as time goes by.
//!
//! Owns: the moments and the facts they bring. Must not: choose agents; that is `decide`.
//! Invariants: a fact that is due makes itself not due by being applied, so looking again comes to an end.

use super::Router;
use super::fact::{Fact, RequeueWhy, RevokeWhy, TargetWhy, WorkState};
use super::state::{Item, Refused, Search, Who};
use crate::domain::{EmployeeId, InteractionId, Millis};

impl Router {
    /// The next thing to happen to an interaction by itself: when, and the fact it will be.
    pub(super) fn due_for_item(&self, id: &InteractionId, at: Millis) -> Option<(Millis, Fact)> {
        let item = self.items.get(id)?;
        match item.search {
            Search::Offered(offer) => {
                let standing = self.offers.get(&offer)?;
                let agent = standing.agent.clone();
                let fact = Fact::OfferLapsed { offer, interaction: id.clone(), agent, at };
                Some((standing.lapses, fact))
            }
            Search::Waiting => self.due_while_waiting(id, item, at),
            Search::No => {
                let after = self.house.rules.idle_weight_after?;
                if item.owner.is_none() || item.parked || item.owed.is_some() {
                    return None;
                }
                Some((item.answered_at?.plus(after), Fact::Parked { interaction: id.clone(), at }))
            }
        }
    }

    fn due_while_waiting(&self, id: &InteractionId, item: &Item, at: Millis) -> Option<(Millis, Fact)> {
        let interaction = || id.clone();
        if let Some(target) = &item.target {
            let (when, why) = match item.declined.get(target) {
                Some(Refused { at, rejected: true }) => (*at, TargetWhy::Rejected),
                Some(Refused { at, rejected: false }) => (*at, TargetWhy::NoAnswer),
                // An asker who keeps the session need not wait for agents who have signed out.
                None if item.owner.is_some() && !self.is_signed_in(target) => (at, TargetWhy::Unavailable),
                None => {
                    let timeout = self.house.queue(&item.queue).accept_timeout;
                    (item.since.plus(timeout), TargetWhy::Unavailable)
                }
            };
            return Some((when, Fact::TargetFailed { interaction: interaction(), why, at }));
        }
        if self.is_hopeless(item) {
            let why = TargetWhy::NobodyLeft;
            return Some((at, Fact::TargetFailed { interaction: interaction(), why, at }));
        }
        let mut due = self.urgency(id, item, at);
        if let Some(until) = item.until
            && due.as_ref().is_none_or(|(first, _)| until < *first)
        {
            let why = TargetWhy::Unavailable;
            due = Some((until, Fact::TargetFailed { interaction: interaction(), why, at }));
        }
        let mut offer = |when: Millis, fact: Fact| {
            if due.as_ref().is_none_or(|(first, _)| when < *first) {
                due = Some((when, fact));
            }
        };
        if item.preferred(&self.house).is_some() {
            let hold = self.house.queue(&item.queue).last_agent_hold;
            offer(item.since.plus(hold), Fact::LastAgentOver { interaction: interaction(), at });
        }
        if let Some((when, step, dropped)) = item.relax(&self.house) {
            offer(when, Fact::Relaxed { interaction: interaction(), step, dropped, at });
        }
        if let Some((when, to)) = item.overflow(&self.house) {
            let (from, to) = (item.queue.clone(), to.to_owned());
            offer(when, Fact::Overflowed { interaction: interaction(), from, to, at });
        }
        due
    }

    /// When it becomes, or is no longer, urgent because the reply window closes and nobody has answered.
    fn urgency(&self, id: &InteractionId, item: &Item, at: Millis) -> Option<(Millis, Fact)> {
        let under = self.house.rules.window_boost_under;
        let ends = item.window_ends.filter(|_| item.owed.is_some() && !under.is_zero());
        let fact = |urgent| Fact::Urgent { interaction: id.clone(), urgent, at };
        match (item.urgent, ends) {
            // A window that moved on takes the boost with it.
            (true, Some(ends)) if at >= ends.minus(under) => Some((ends, fact(false))),
            (true, _) => Some((at, fact(false))),
            // Not for one that has closed already.
            (false, Some(ends)) => (at < ends).then(|| (ends.minus(under), fact(true))),
            (false, None) => None,
        }
    }

    /// The next thing to happen to an agent by itself.
    pub(super) fn due_for_agent(&self, id: &EmployeeId, at: Millis) -> Option<(Millis, Fact)> {
        let agent = self.agents.get(id)?;
        let rules = &self.house.rules;
        let me = || id.clone();
        let gone = !agent.signed_in || agent.gone_since.is_some();
        if (gone || agent.work.refuses_offers())
            && let Some(offer) = agent.offers.first()
            && let Some(standing) = self.offers.get(offer)
        {
            let why = if gone { RevokeWhy::AgentGone } else { RevokeWhy::AgentNotReady };
            let interaction = standing.interaction.clone();
            return Some((at, Fact::OfferRevoked { offer: *offer, interaction, agent: me(), why, at }));
        }
        if gone {
            let when = agent.gone_since.map_or(at, |since| since.plus(rules.grace));
            if let Some(interaction) = agent.active.first().cloned() {
                let why = RequeueWhy::GraceOver;
                if let Some(fact) = self.called_off(&interaction, at) {
                    return Some((when, fact));
                }
                return Some((when, Fact::Requeued { interaction, agent: me(), why, at }));
            }
            return agent.signed_in.then(|| (when, Fact::SignedOut { agent: me(), at }));
        }
        if let Some(after) = rules.after_call_work
            && agent.work == WorkState::AfterCallWork
        {
            return Some((
                agent.work_since.plus(after),
                Fact::StateSet { agent: me(), work: WorkState::Ready, at },
            ));
        }
        let limit = rules.misses_before_not_ready;
        if limit > 0 && agent.misses >= limit && agent.work.is_ready() {
            return Some((at, Fact::MadeNotReady { agent: me(), reason: "no answer".to_owned(), at }));
        }
        if agent.load() > self.house.limit(id)
            && let Some(interaction) = self.last_woken(id)
        {
            let why = RequeueWhy::OverCapacity;
            if let Some(fact) = self.called_off(&interaction, at) {
                return Some((at, fact));
            }
            return Some((at, Fact::Requeued { interaction, agent: me(), why, at }));
        }
        let after = rules.inactive_after?;
        let owed =
            agent.active.iter().find(|id| self.items.get(*id).is_some_and(|item| item.owed.is_some()))?;
        let Some(warned) = agent.warned else {
            // From the moment both hold: the agent is silent, and a customer waits.
            return Some((agent.seen.plus(after), Fact::InactiveWarned { agent: me(), at }));
        };
        let when = warned.plus(rules.inactive_warning);
        let fact = if agent.work.is_ready() {
            Fact::MadeNotReady { agent: me(), reason: "inactive".to_owned(), at }
        } else if let Some(fact) = self.called_off(owed, at) {
            fact
        } else {
            Fact::Requeued { interaction: owed.clone(), agent: me(), why: RequeueWhy::Inactive, at }
        };
        Some((when, fact))
    }

    /// The next fact that calls off what is asked for an interaction, if anything is: an offer that stands,
    /// then the request.
    pub(super) fn called_off(&self, id: &InteractionId, at: Millis) -> Option<Fact> {
        let item = self.items.get(id)?;
        let interaction = id.clone();
        if let Search::Offered(offer) = item.search
            && let Some(standing) = self.offers.get(&offer).filter(|standing| standing.interaction == *id)
        {
            let (agent, why) = (standing.agent.clone(), RevokeWhy::Cancelled);
            return Some(Fact::OfferRevoked { offer, interaction, agent, why, at });
        }
        let why = TargetWhy::Cancelled;
        // Of what nobody has there is nothing to call off.
        (item.search != Search::No && item.owner.is_some()).then_some(Fact::TargetFailed {
            interaction,
            why,
            at,
        })
    }

    /// The session of an agent that woke last and was not answered since.
    fn last_woken(&self, id: &EmployeeId) -> Option<InteractionId> {
        let agent = self.agents.get(id)?;
        let woken = agent.active.iter().filter_map(|id| Some((self.items.get(id)?.woke?, id)));
        woken.max().map(|(_, id)| id.clone())
    }

    /// Sets the timer of an interaction. Besides what falls due, somebody who declined may be asked again.
    pub(super) fn arm_item(&mut self, id: &InteractionId, at: Millis) {
        let due = self.due_for_item(id, at).map(|(when, _)| when);
        let again = self.items.get(id).filter(|item| item.search == Search::Waiting).and_then(|item| {
            let again = |refused: &Refused| refused.at.plus(self.house.rules.no_repeat);
            item.declined.values().map(again).filter(|when| *when > at).min()
        });
        let first = due.into_iter().chain(again).min();
        self.timers.arm(Who::Item(id.clone()), first);
    }

    /// Checks every request for a colleague again: the agent who signed out may have been the last who could
    /// come.
    pub(super) fn arm_requests(&mut self, at: Millis) {
        let waits =
            |item: &Item| item.search == Search::Waiting && (item.owner.is_some() || item.is_search());
        let searches = self.items.iter().filter(|(_, item)| waits(item));
        for id in searches.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.arm_item(&id, at);
        }
    }

    /// Sets the timer of an agent.
    pub(super) fn arm_agent(&mut self, id: &EmployeeId) {
        // What is due at once is due whenever it is looked at.
        let due = self.due_for_agent(id, Millis(i64::MIN)).map(|(when, _)| when);
        self.timers.arm(Who::Agent(id.clone()), due);
    }
}

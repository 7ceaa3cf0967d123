//! What becomes due by time alone.
//!
//! Owns: the due times and their facts. Must not: choose agents; that is `decide`.
//! Invariants: a due fact is not due any more after it was applied, so repeated checks end.

use super::fact::{Fact, WorkState};
use super::interaction::{DeclinedOffer, InteractionRecord, SearchState};
use super::reason::{RequeueReason, RevokeReason, TargetFailure};
use super::state::Router;
use super::timers::TimerKey;
use crate::domain::{EmployeeId, InteractionId, Millis};

impl Router {
    /// The next fact about an interaction that time alone causes, and when it is due.
    pub(super) fn due_for_item(&self, id: &InteractionId, at: Millis) -> Option<(Millis, Fact)> {
        let item = self.items.get(id)?;
        match item.search {
            SearchState::Offered(offer) => {
                let open = self.offers.get(&offer)?;
                let agent = open.agent.clone();
                let fact = Fact::OfferExpired { offer, interaction: id.clone(), agent, at };
                Some((open.expires_at, fact))
            }
            SearchState::Waiting => self.due_while_waiting(id, item, at),
            SearchState::Idle => {
                let after = self.config.rules.idle_weight_after?;
                if item.owner.is_none() || item.parked || item.owed.is_some() {
                    return None;
                }
                Some((item.answered_at?.plus(after), Fact::Parked { interaction: id.clone(), at }))
            }
        }
    }

    fn due_while_waiting(
        &self,
        id: &InteractionId,
        item: &InteractionRecord,
        at: Millis,
    ) -> Option<(Millis, Fact)> {
        let interaction = || id.clone();
        if let Some(target) = &item.target {
            let (when, why) = match item.declined.get(target) {
                Some(DeclinedOffer { at, rejected: true }) => (*at, TargetFailure::Rejected),
                Some(DeclinedOffer { at, rejected: false }) => (*at, TargetFailure::NoAnswer),
                // An owner who keeps the session need not wait for agents who have signed out.
                None if item.owner.is_some() && !self.is_signed_in(target) => {
                    (at, TargetFailure::Unavailable)
                }
                None => {
                    let timeout = self.config.queue(&item.queue).accept_timeout;
                    (item.since.plus(timeout), TargetFailure::Unavailable)
                }
            };
            return Some((when, Fact::TargetFailed { interaction: interaction(), why, at }));
        }
        if self.is_hopeless(item) {
            let why = TargetFailure::NobodyLeft;
            return Some((at, Fact::TargetFailed { interaction: interaction(), why, at }));
        }
        let mut due = self.urgency(id, item, at);
        if let Some(until) = item.until
            && due.as_ref().is_none_or(|(first, _)| until < *first)
        {
            let why = TargetFailure::Unavailable;
            due = Some((until, Fact::TargetFailed { interaction: interaction(), why, at }));
        }
        let mut offer = |when: Millis, fact: Fact| {
            if due.as_ref().is_none_or(|(first, _)| when < *first) {
                due = Some((when, fact));
            }
        };
        if item.preferred(&self.config).is_some() {
            let hold = self.config.queue(&item.queue).last_agent_hold;
            offer(item.since.plus(hold), Fact::LastAgentOver { interaction: interaction(), at });
        }
        if let Some((when, step, dropped)) = item.relax(&self.config) {
            offer(when, Fact::Relaxed { interaction: interaction(), step, dropped, at });
        }
        if let Some((when, to)) = item.overflow(&self.config) {
            let (from, to) = (item.queue.clone(), to.to_owned());
            offer(when, Fact::Overflowed { interaction: interaction(), from, to, at });
        }
        due
    }

    /// When it becomes, or is no longer, urgent because the reply window closes and nobody has answered.
    fn urgency(&self, id: &InteractionId, item: &InteractionRecord, at: Millis) -> Option<(Millis, Fact)> {
        let under = self.config.rules.window_boost_under;
        let ends = item.window_ends.filter(|_| item.owed.is_some() && !under.is_zero());
        let fact = |urgent| Fact::Urgent { interaction: id.clone(), urgent, at };
        match (item.urgent, ends) {
            // The boost ends when the reply window starts again.
            (true, Some(ends)) if at >= ends.minus(under) => Some((ends, fact(false))),
            (true, _) => Some((at, fact(false))),
            // Not for one that has closed already.
            (false, Some(ends)) => (at < ends).then(|| (ends.minus(under), fact(true))),
            (false, None) => None,
        }
    }

    /// The next fact about an agent that time alone causes, and when it is due.
    pub(super) fn due_for_agent(&self, id: &EmployeeId, at: Millis) -> Option<(Millis, Fact)> {
        let agent = self.agents.get(id)?;
        let rules = &self.config.rules;
        let me = || id.clone();
        let gone = !agent.signed_in || agent.gone_since.is_some();
        if (gone || agent.work.refuses_offers())
            && let Some(offer) = agent.offers.first()
            && let Some(open) = self.offers.get(offer)
        {
            let why = if gone { RevokeReason::AgentGone } else { RevokeReason::AgentNotReady };
            let interaction = open.interaction.clone();
            return Some((at, Fact::OfferRevoked { offer: *offer, interaction, agent: me(), why, at }));
        }
        if gone {
            let when = agent.gone_since.map_or(at, |since| since.plus(rules.grace));
            if let Some(interaction) = agent.active.first().cloned() {
                let why = RequeueReason::GraceOver;
                if let Some(fact) = self.cancellation(&interaction, at) {
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
        if agent.load() > self.config.limit(id)
            && let Some(interaction) = self.last_woken(id)
        {
            let why = RequeueReason::OverCapacity;
            if let Some(fact) = self.cancellation(&interaction, at) {
                return Some((at, fact));
            }
            return Some((at, Fact::Requeued { interaction, agent: me(), why, at }));
        }
        let after = rules.inactive_after?;
        let owed =
            agent.active.iter().find(|id| self.items.get(*id).is_some_and(|item| item.owed.is_some()))?;
        let Some(warned) = agent.warned else {
            // Both must hold: the agent is inactive, and a customer waits.
            return Some((agent.seen.plus(after), Fact::InactiveWarned { agent: me(), at }));
        };
        let when = warned.plus(rules.inactive_warning);
        let fact = if agent.work.is_ready() {
            Fact::MadeNotReady { agent: me(), reason: "inactive".to_owned(), at }
        } else if let Some(fact) = self.cancellation(owed, at) {
            fact
        } else {
            Fact::Requeued { interaction: owed.clone(), agent: me(), why: RequeueReason::Inactive, at }
        };
        Some((when, fact))
    }

    /// The next fact that cancels the search for an agent, if there is a search: of its open offer first, then of the
    /// request.
    pub(super) fn cancellation(&self, id: &InteractionId, at: Millis) -> Option<Fact> {
        let item = self.items.get(id)?;
        let interaction = id.clone();
        if let SearchState::Offered(offer) = item.search
            && let Some(open) = self.offers.get(&offer).filter(|open| open.interaction == *id)
        {
            let (agent, why) = (open.agent.clone(), RevokeReason::Cancelled);
            return Some(Fact::OfferRevoked { offer, interaction, agent, why, at });
        }
        let why = TargetFailure::Cancelled;
        // Without an owner there is no request to cancel.
        (item.search != SearchState::Idle && item.owner.is_some()).then_some(Fact::TargetFailed {
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

    /// Sets the timer of an interaction, also for the time when it may be offered again to an agent who declined.
    pub(super) fn arm_item(&mut self, id: &InteractionId, at: Millis) {
        let due = self.due_for_item(id, at).map(|(when, _)| when);
        let again = self.items.get(id).filter(|item| item.search == SearchState::Waiting).and_then(|item| {
            let again = |refused: &DeclinedOffer| refused.at.plus(self.config.rules.no_repeat);
            item.declined.values().map(again).filter(|when| *when > at).min()
        });
        let first = due.into_iter().chain(again).min();
        self.timers.arm(TimerKey::Item(id.clone()), first);
    }

    /// Checks every request for a colleague again: the agent who signed out may have been the last candidate.
    pub(super) fn arm_requests(&mut self, at: Millis) {
        let waits = |item: &InteractionRecord| {
            item.search == SearchState::Waiting && (item.owner.is_some() || item.is_search())
        };
        let searches = self.items.iter().filter(|(_, item)| waits(item));
        for id in searches.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.arm_item(&id, at);
        }
    }

    /// Sets the timer of an agent.
    pub(super) fn arm_agent(&mut self, id: &EmployeeId) {
        // A fact that is due at once is due at any time.
        let due = self.due_for_agent(id, Millis(i64::MIN)).map(|(when, _)| when);
        self.timers.arm(TimerKey::Agent(id.clone()), due);
    }
}

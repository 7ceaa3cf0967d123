//! Requests of people and of the writer, checked.
//!
//! Owns: refusals. Must not: change anything; a command answers with facts to log and apply.
//! Invariants: a command that repeats what is so already is answered with no facts, not with a refusal.

use super::Router;
use super::fact::{Enqueued, Fact, Only, ReleaseWhy, RequeueWhy, TargetWhy, WorkState};
use super::state::{Agent, Item, Refused, Search};
use crate::domain::{EmployeeId, InteractionId, Millis};
use std::fmt;
use std::time::Duration;

/// How often a sign of life is worth a fact.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// Why an invitation is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoneWhy {
    /// It was not answered in time.
    Lapsed,
    /// This agent declined it.
    Rejected,
    /// Another agent has it.
    Taken,
    /// It went on to somebody else.
    Moved,
    /// The session is over, or never was.
    Over,
}

impl fmt::Display for GoneWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lapsed => "it was not answered in time",
            Self::Rejected => "you declined it",
            Self::Taken => "another agent has it",
            Self::Moved => "it was withdrawn",
            Self::Over => "the session is over",
        })
    }
}

/// Why the router does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such agent.
    #[error("there is no agent {0}; check the employee ID")]
    UnknownAgent(EmployeeId),
    /// No such queue.
    #[error("there is no interaction queue {0}; ask your administrator to configure it")]
    UnknownQueue(String),
    /// No such interaction.
    #[error("there is no session {0}; it may be over")]
    UnknownInteraction(InteractionId),
    /// The offer does not stand any more.
    #[error("this invitation is no longer yours: {why}")]
    Gone {
        /// What was offered.
        interaction: InteractionId,
        /// What became of it.
        why: GoneWhy,
    },
    /// Somebody else has it, or nobody.
    #[error("session {interaction} is not with agent {agent}")]
    NotYours {
        /// Which one.
        interaction: InteractionId,
        /// Who asked.
        agent: EmployeeId,
    },
    /// The agent is not signed in.
    #[error("agent {0} is not signed in")]
    NotSignedIn(EmployeeId),
    /// It waits already.
    #[error("session {0} waits in a queue already")]
    Waiting(InteractionId),
    /// A colleague is asked for, and everybody who could come is signed out.
    #[error("nobody else who could take it is signed in")]
    NobodyThere,
    /// Nothing was asked for, so nothing can be called off.
    #[error("nobody is being looked for in session {0}")]
    NotWaiting(InteractionId),
}

type Outcome = Result<Vec<Fact>, Refusal>;

/// A request for a colleague.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The queue whose rules hold; `None`: the one it is in.
    pub queue: Option<String>,
    /// One agent and nobody else.
    pub target: Option<EmployeeId>,
    /// These and nobody else.
    pub only: Option<Only>,
    /// None of these.
    pub except: Vec<EmployeeId>,
    /// When it is given up. A request for one agent ends by itself.
    pub until: Option<Millis>,
    /// Whether the one who asks keeps it until somebody accepts.
    pub keep: bool,
    /// Whether who accepts joins them.
    pub join: bool,
}

impl Router {
    fn known(&self, agent: &EmployeeId) -> Result<Option<&Agent>, Refusal> {
        if self.house.agents.contains_key(agent) || self.agents.contains_key(agent) {
            Ok(self.agents.get(agent))
        } else {
            Err(Refusal::UnknownAgent(agent.clone()))
        }
    }

    fn signed_in(&self, agent: &EmployeeId) -> Result<&Agent, Refusal> {
        let found = self.known(agent)?.filter(|found| found.signed_in);
        found.ok_or_else(|| Refusal::NotSignedIn(agent.clone()))
    }

    fn item(&self, id: &InteractionId) -> Result<&Item, Refusal> {
        self.items.get(id).ok_or_else(|| Refusal::UnknownInteraction(id.clone()))
    }

    /// An agent signs in.
    pub fn sign_in(&self, agent: &EmployeeId, now: Millis) -> Outcome {
        if !self.house.agents.contains_key(agent) {
            return Err(Refusal::UnknownAgent(agent.clone()));
        }
        let there = |found: &Agent| found.signed_in && found.gone_since.is_none();
        if self.agents.get(agent).is_some_and(there) {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::SignedIn { agent: agent.clone(), at: now }])
    }

    /// An agent signs out. Offers to them go on at the next step, sessions after the grace.
    pub fn sign_out(&self, agent: &EmployeeId, now: Millis) -> Outcome {
        match self.known(agent)? {
            Some(found) if found.signed_in => Ok(vec![Fact::SignedOut { agent: agent.clone(), at: now }]),
            _ => Ok(Vec::new()),
        }
    }

    /// The last connection of an agent broke.
    pub fn connection_lost(&self, agent: &EmployeeId, now: Millis) -> Outcome {
        match self.known(agent)? {
            Some(found) if found.signed_in && found.gone_since.is_none() => {
                Ok(vec![Fact::ConnectionLost { agent: agent.clone(), at: now }])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// An agent is connected again. After the grace they have to sign in anew.
    pub fn connection_back(&self, agent: &EmployeeId, now: Millis) -> Outcome {
        match self.signed_in(agent)?.gone_since {
            Some(_) => Ok(vec![Fact::ConnectionBack { agent: agent.clone(), at: now }]),
            None => Ok(Vec::new()),
        }
    }

    /// An agent sets their state.
    pub fn set_state(&self, agent: &EmployeeId, work: WorkState, now: Millis) -> Outcome {
        if self.signed_in(agent)?.work == work {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::StateSet { agent: agent.clone(), work, at: now }])
    }

    /// An agent gave a sign of life: a key, a request. Noted at most once a minute, or when it ends a warning.
    pub fn seen(&self, agent: &EmployeeId, now: Millis) -> Outcome {
        let found = self.signed_in(agent)?;
        if found.warned.is_none() && now.since(found.seen) < SEEN_EVERY {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::AgentSeen { agent: agent.clone(), at: now }])
    }

    /// An interaction enters a queue: a new customer, or a transfer, which takes it from whoever has it
    /// unless they are `return_to`.
    pub fn enqueue(&self, fact: Enqueued) -> Outcome {
        if !self.house.has_queue(&fact.queue) {
            return Err(Refusal::UnknownQueue(fact.queue));
        }
        for agent in [&fact.target, &fact.return_to].into_iter().flatten() {
            self.known(agent)?;
        }
        if self.items.get(&fact.interaction).is_some_and(|item| item.search != Search::No) {
            return Err(Refusal::Waiting(fact.interaction));
        }
        Ok(vec![Fact::Enqueued(fact)])
    }

    /// The agent who has an interaction asks for a colleague. The wait and the priority stay as they are.
    pub fn wish(&self, agent: &EmployeeId, id: &InteractionId, wish: Wish, now: Millis) -> Outcome {
        self.owned(agent, id)?;
        let item = self.item(id)?;
        let queue = match wish.queue {
            Some(queue) if !self.house.has_queue(&queue) => return Err(Refusal::UnknownQueue(queue)),
            Some(queue) => queue,
            None => item.queue.clone(),
        };
        if let Some(target) = &wish.target {
            self.known(target)?;
        }
        if item.search != Search::No {
            return Err(Refusal::Waiting(id.clone()));
        }
        let mut fact = Enqueued::new(id.clone(), &queue, now);
        fact.enqueued_at = item.enqueued_at;
        fact.priority = item.priority;
        fact.skills.clone_from(&item.asked);
        fact.target = wish.target;
        fact.return_to = wish.keep.then(|| agent.clone());
        fact.only = wish.only;
        fact.except = wish.except;
        fact.until = wish.until;
        fact.join = wish.join;
        let mut entered = item.clone();
        entered.enter(&fact);
        if wish.keep && self.is_hopeless(&entered) {
            return Err(Refusal::NobodyThere);
        }
        Ok(vec![Fact::Enqueued(fact)])
    }

    fn offer_to(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> Result<u64, Refusal> {
        let gone = |why| Refusal::Gone { interaction: id.clone(), why };
        let Some(item) = self.items.get(id) else { return Err(gone(GoneWhy::Over)) };
        if let Search::Offered(offer) = item.search
            && let Some(standing) = self.offers.get(&offer).filter(|standing| standing.agent == *agent)
        {
            return if standing.lapses > now { Ok(offer) } else { Err(gone(GoneWhy::Lapsed)) };
        }
        Err(gone(match (item.declined.get(agent), &item.owner) {
            (Some(Refused { rejected: true, .. }), _) => GoneWhy::Rejected,
            (Some(Refused { rejected: false, .. }), _) => GoneWhy::Lapsed,
            (None, Some(_)) => GoneWhy::Taken,
            (None, None) => GoneWhy::Moved,
        }))
    }

    /// An agent accepts what they were offered. To accept again what they have is fine and does nothing.
    pub fn accept(&self, agent: &EmployeeId, interaction: &InteractionId, now: Millis) -> Outcome {
        self.known(agent)?;
        match self.offer_to(agent, interaction, now) {
            Ok(offer) => {
                let (interaction, agent) = (interaction.clone(), agent.clone());
                Ok(vec![Fact::Accepted { offer, interaction, agent, at: now }])
            }
            Err(_) if self.owner(interaction) == Some(agent) => Ok(Vec::new()),
            Err(refusal) => Err(refusal),
        }
    }

    /// An agent declines what they were offered.
    pub fn reject(&self, agent: &EmployeeId, interaction: &InteractionId, now: Millis) -> Outcome {
        self.known(agent)?;
        let offer = self.offer_to(agent, interaction, now)?;
        Ok(vec![Fact::Rejected { offer, interaction: interaction.clone(), agent: agent.clone(), at: now }])
    }

    /// An agent has an interaction without an offer. Capacity is not asked. `queue` is where it goes when
    /// that agent is lost, if it came through none.
    pub fn assign(&self, agent: &EmployeeId, id: &InteractionId, queue: &str, now: Millis) -> Outcome {
        self.signed_in(agent)?;
        // A session that came through a queue goes back there by itself, whether that queue is still
        // configured or not.
        if !self.items.contains_key(id) && !self.house.has_queue(queue) {
            return Err(Refusal::UnknownQueue(queue.to_owned()));
        }
        if self.owner(id) == Some(agent) {
            return Ok(Vec::new());
        }
        let (interaction, agent, queue) = (id.clone(), agent.clone(), queue.to_owned());
        Ok(vec![Fact::Assigned { interaction, agent, queue, at: now }])
    }

    /// An agent puts an interaction aside or leaves it.
    pub fn release(&self, agent: &EmployeeId, id: &InteractionId, why: ReleaseWhy, now: Millis) -> Outcome {
        self.owned(agent, id)?;
        Ok(vec![Fact::Released { interaction: id.clone(), agent: agent.clone(), why, at: now }])
    }

    /// An interaction goes back from its agent to its queue, with its first waiting time.
    pub fn requeue(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> Outcome {
        self.owned(agent, id)?;
        let (interaction, agent) = (id.clone(), agent.clone());
        Ok(vec![Fact::Requeued { interaction, agent, why: RequeueWhy::Asked, at: now }])
    }

    /// A session that was put aside is served again: whoever put it aside is asked first if they can take
    /// it now; else, and afterwards, it waits as any other does and prefers them for as long as its queue
    /// holds a session for a last agent. `queue` is where it goes when its own is no more.
    pub fn resume(&self, id: &InteractionId, last: &EmployeeId, queue: &str, now: Millis) -> Outcome {
        let item = self.item(id)?;
        if item.search != Search::No || item.owner.is_some() {
            return Err(Refusal::Waiting(id.clone()));
        }
        let home = if self.house.has_queue(&item.home) { item.home.as_str() } else { queue };
        let mut fact = Enqueued::new(id.clone(), home, now);
        fact.priority = item.priority;
        fact.skills.clone_from(&item.asked);
        fact.last_agent = Some((last.clone(), now));
        let found = self.agents.get(last).filter(|_| self.house.agents.contains_key(last));
        let free = found.is_some_and(|found| {
            super::decide::presence(Some(found)).is_none() && found.load() < self.house.limit(last)
        });
        fact.target = free.then(|| last.clone());
        self.enqueue(fact)
    }

    /// Moves what waits in a queue that is no longer configured to another queue, with its waiting time.
    pub fn leave_removed_queues(&self, to: &str, now: Millis) -> Vec<Fact> {
        let stuck = self.items.iter().filter(|(_, item)| {
            item.owner.is_none() && item.search == Search::Waiting && !self.house.has_queue(&item.queue)
        });
        let moved = |(id, item): (&InteractionId, &Item)| {
            Fact::Enqueued(Enqueued {
                priority: item.priority,
                skills: item.asked.clone(),
                last_agent: item.last_agent.clone(),
                window_ends: item.window_ends,
                enqueued_at: item.enqueued_at,
                target: item.target.clone(),
                return_to: item.return_to.clone(),
                only: item.only.clone(),
                except: item.except.clone(),
                until: item.until,
                join: item.join,
                ..Enqueued::new(id.clone(), to, now)
            })
        };
        stuck.map(moved).collect()
    }

    fn owned(&self, agent: &EmployeeId, id: &InteractionId) -> Result<(), Refusal> {
        if self.item(id)?.owner.as_ref() == Some(agent) {
            return Ok(());
        }
        Err(Refusal::NotYours { interaction: id.clone(), agent: agent.clone() })
    }

    /// Nobody needs to be found any more: a direct offer or a request for a colleague is called off.
    pub fn cancel(&self, id: &InteractionId, now: Millis) -> Outcome {
        if self.item(id)?.search == Search::No {
            return Err(Refusal::NotWaiting(id.clone()));
        }
        let offer = self.called_off(id, now).filter(|fact| matches!(fact, Fact::OfferRevoked { .. }));
        let failed = Fact::TargetFailed { interaction: id.clone(), why: TargetWhy::Cancelled, at: now };
        Ok(offer.into_iter().chain([failed]).collect())
    }

    /// One who was beside the agent who had it has it now, whoever else is being offered it.
    pub fn hand_over(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> Outcome {
        let queue = self.item(id)?.queue.clone();
        let offer = self.called_off(id, now).filter(|fact| matches!(fact, Fact::OfferRevoked { .. }));
        Ok(offer.into_iter().chain(self.assign(agent, id, &queue, now)?).collect())
    }

    /// An interaction is over. A second time is fine and does nothing.
    pub fn close(&self, id: &InteractionId, now: Millis) -> Outcome {
        if !self.items.contains_key(id) {
            return Ok(Vec::new());
        }
        Ok(vec![Fact::Closed { interaction: id.clone(), at: now }])
    }

    /// The customer wrote. If the session is over this refuses: a new one is to be enqueued.
    pub fn customer_spoke(&self, id: &InteractionId, window_ends: Option<Millis>, now: Millis) -> Outcome {
        self.item(id)?;
        Ok(vec![Fact::CustomerSpoke { interaction: id.clone(), at: now, window_ends }])
    }

    /// The agent who has it answered the customer, or one who has joined did.
    pub fn agent_spoke(&self, agent: &EmployeeId, id: &InteractionId, now: Millis) -> Outcome {
        if !self.item(id)?.beside.contains(agent) {
            self.owned(agent, id)?;
        }
        Ok(vec![Fact::AgentSpoke { interaction: id.clone(), at: now }])
    }
}

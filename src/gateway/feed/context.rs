//! The state of a session at a point of the log: its agent, queue and customer.
//!
//! Owns: the facts about a session that each of its feed entries carries. Must not: decide, or know who may see what.
//! Invariants: a context is the fold of its session's events before that place, so that the feed says the same
//! whether it is read as it happens or years later.

use crate::domain::contact::visible_name;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::writer::event::{Event, SessionStarted};
use std::collections::{HashMap, VecDeque};

/// The kinds of events that a context is made of, as the store calls them.
pub(super) const KINDS: &[&str] =
    &["session_started", "session_contact", "routing", "workbin_placed", "workbin_left"];

/// What is known of a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SessionContext {
    pub contact: Option<ContactId>,
    pub customer: String,
    pub number: Option<String>,
    pub queue: String,
    pub owner: Option<EmployeeId>,
    /// Who put it into the workbin where it is.
    pub parked: Option<EmployeeId>,
    /// Who is offered it.
    pub offered: Option<EmployeeId>,
    /// Whether who accepts next joins instead of taking it.
    pub joining: bool,
    /// Since when it waits for its first agent.
    pub waits_since: Option<Millis>,
    /// Whether an agent took it before.
    pub answered: bool,
}

impl SessionContext {
    /// Applies an event of the session.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::SessionStarted(start) => self.start(start),
            Event::Routing(fact) => self.route(fact),
            Event::SessionContact { contact, first_name, last_name, .. } => {
                self.contact = Some(contact.clone());
                self.call(first_name.as_deref(), last_name.as_deref());
            }
            Event::WorkbinPlaced { by, .. } => self.parked = Some(by.clone()),
            Event::WorkbinLeft { .. } => self.parked = None,
            _ => {}
        }
    }

    fn start(&mut self, start: &SessionStarted) {
        let known = [start.names.profile_name.as_deref(), start.names.wa_id.as_deref()];
        let known = known.into_iter().flatten().find_map(visible_name);
        self.customer = known.unwrap_or("Customer").to_owned();
        self.call(start.first_name.as_deref(), start.last_name.as_deref());
        self.contact = Some(start.owner.as_ref().unwrap_or(&start.contact).clone());
        self.number.clone_from(&start.names.wa_id);
        self.queue.clone_from(&start.queue);
    }

    /// The customer has a name in the contact database.
    fn call(&mut self, first: Option<&str>, last: Option<&str>) {
        let full = format!("{} {}", first.unwrap_or_default(), last.unwrap_or_default());
        if let Some(name) = visible_name(&full) {
            self.customer = name.to_owned();
        }
    }

    fn route(&mut self, fact: &Fact) {
        match fact {
            Fact::Enqueued(entered) => {
                self.joining = entered.join;
                if entered.return_to.is_none() && !entered.join {
                    self.queue.clone_from(&entered.queue);
                    self.owner = None;
                }
                if !self.answered {
                    self.waits_since = Some(entered.enqueued_at);
                }
            }
            Fact::Offered { agent, .. } => self.offered = Some(agent.clone()),
            Fact::Accepted { agent, .. } | Fact::Assigned { agent, .. } => {
                if !self.joining {
                    self.owner = Some(agent.clone());
                    self.answered = true;
                }
                self.offered = None;
                self.joining = false;
            }
            Fact::Rejected { .. } | Fact::OfferExpired { .. } | Fact::OfferRevoked { .. } => {
                self.offered = None
            }
            Fact::Requeued { .. } => self.owner = None,
            Fact::Released { agent, .. } if self.owner.as_ref() == Some(agent) => self.owner = None,
            Fact::Overflowed { to, .. } if self.owner.is_none() => self.queue.clone_from(to),
            _ => {}
        }
    }

    /// The agent that the session is shown with: who has it, else who is offered it, else who parked it.
    pub fn agent(&self) -> Option<&EmployeeId> {
        self.owner.as_ref().or(self.offered.as_ref()).or(self.parked.as_ref())
    }
}

/// The contexts of many sessions. Bounded: the one that was made first goes first; it is read again when
/// it is wanted.
#[derive(Debug)]
pub(super) struct SessionContexts {
    known: HashMap<InteractionId, SessionContext>,
    order: VecDeque<InteractionId>,
    most: usize,
}

impl SessionContexts {
    pub fn new(most: usize) -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), most }
    }

    pub fn get(&mut self, id: &InteractionId) -> Option<&mut SessionContext> {
        self.known.get_mut(id)
    }

    pub fn insert(&mut self, id: InteractionId, context: SessionContext) {
        if self.known.insert(id.clone(), context).is_none() {
            self.order.push_back(id);
        }
        while self.known.len() > self.most {
            let Some(oldest) = self.order.pop_front() else { return };
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::router::Enqueued;

    #[test]
    fn a_context_knows_who_has_the_session_through_a_conference_and_a_transfer() {
        let at = Millis(1);
        let mut context = SessionContext::default();
        let enters = |context: &mut SessionContext, join: bool, back: Option<&str>, queue: &str| {
            let mut entered = Enqueued::new("i", queue, at);
            (entered.join, entered.return_to) = (join, back.map(EmployeeId::from));
            context.apply(&Event::Routing(Fact::Enqueued(entered)));
        };
        let accepts = |agent: &str| {
            let (offer, interaction, agent) = (1, InteractionId::from("i"), EmployeeId::from(agent));
            Event::Routing(Fact::Accepted { offer, interaction, agent, at })
        };
        enters(&mut context, false, None, "sales");
        context.apply(&accepts("ana"));
        assert_eq!(
            (context.owner.as_ref().map(EmployeeId::as_str), context.queue.as_str()),
            (Some("ana"), "sales")
        );
        enters(&mut context, true, Some("ana"), "colleagues");
        context.apply(&accepts("kate"));
        assert_eq!(
            (context.owner.as_ref().map(EmployeeId::as_str), context.queue.as_str()),
            (Some("ana"), "sales")
        );
        enters(&mut context, false, Some("ana"), "colleagues");
        assert_eq!(
            context.owner.as_ref().map(EmployeeId::as_str),
            Some("ana"),
            "kept until somebody accepts"
        );
        context.apply(&accepts("kate"));
        assert_eq!(context.owner.as_ref().map(EmployeeId::as_str), Some("kate"));
    }

    #[test]
    fn only_so_many_contexts_are_kept() {
        let mut contexts = SessionContexts::new(2);
        for id in ["a", "b", "b", "c"] {
            contexts.insert(id.into(), SessionContext::default());
        }
        assert!(contexts.get(&"a".into()).is_none());
        assert!(contexts.get(&"b".into()).is_some() && contexts.get(&"c".into()).is_some());
    }
}

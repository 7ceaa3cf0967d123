//! The state of a session at a point of the log: its agent, queue and customer.
//!
//! Owns: the facts about a session that each of its feed entries carries. Must not: decide, or know who may see what.
//! Invariants: a context is the fold of its session's events before that point, so the feed is the same whether it is
//! read as it happens or years later.

use crate::domain::contact::visible_name;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::session::SessionStarted;
use std::collections::{HashMap, VecDeque};

/// The kinds of events that change a context, by their names in the store.
pub(super) const KINDS: &[&str] =
    &["session_started", "session_contact", "routing", "workbin_placed", "workbin_left"];

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SessionContext {
    pub contact: Option<ContactId>,
    pub customer: String,
    pub number: Option<String>,
    pub queue: String,
    pub owner: Option<EmployeeId>,
    /// The agent who put it into the workbin that it is in.
    pub parked: Option<EmployeeId>,
    /// The agent to whom it is offered.
    pub offered: Option<EmployeeId>,
    /// Whether the agent who accepts the offer joins the owner.
    pub joining: bool,
    /// Since when it has been waiting for its first agent.
    pub waits_since: Option<Millis>,
    /// Whether an agent has had it.
    pub answered: bool,
}

impl SessionContext {
    /// Applies an event of the session.
    pub fn apply(&mut self, event: &LogEvent) {
        match event {
            LogEvent::SessionStarted(start) => self.start(start),
            LogEvent::Routing(fact) => self.route(fact),
            LogEvent::SessionContact { contact, first_name, last_name, .. } => {
                self.contact = Some(contact.clone());
                self.rename(first_name.as_deref(), last_name.as_deref());
            }
            LogEvent::WorkbinPlaced { by, .. } => self.parked = Some(by.clone()),
            LogEvent::WorkbinLeft { .. } => self.parked = None,
            LogEvent::WebhookParsed { .. }
            | LogEvent::ContactCreated { .. }
            | LogEvent::ContactNamed { .. }
            | LogEvent::ContactAliased { .. }
            | LogEvent::ContactConflict { .. }
            | LogEvent::ContactEdited { .. }
            | LogEvent::ContactDeleted { .. }
            | LogEvent::ContactsMerged { .. }
            | LogEvent::ContactsUnmerged { .. }
            | LogEvent::ContactAssigned { .. }
            | LogEvent::EntryLogged(_)
            | LogEvent::SendAttempted { .. }
            | LogEvent::SendDeferred { .. }
            | LogEvent::SendAccepted { .. }
            | LogEvent::SendFailed { .. }
            | LogEvent::SendUnknown { .. }
            | LogEvent::StatusUnmatched(_)
            | LogEvent::MessageArchived(_)
            | LogEvent::ChangeUnmatched(_)
            | LogEvent::NotRouted { .. }
            | LogEvent::Unplaced { .. }
            | LogEvent::UserDataSet { .. }
            | LogEvent::UserDataDeleted { .. }
            | LogEvent::CommentSet { .. }
            | LogEvent::PartyAsked { .. }
            | LogEvent::TargetSpent { .. }
            | LogEvent::PartyAnswered { .. }
            | LogEvent::PartyLeft { .. }
            | LogEvent::MonitoringStarted { .. }
            | LogEvent::MonitoringStopped { .. }
            | LogEvent::SupervisorSet { .. }
            | LogEvent::SupervisorGone { .. }
            | LogEvent::ContactReached { .. }
            | LogEvent::Completed { .. }
            | LogEvent::Reopened { .. }
            | LogEvent::OperationDone { .. }
            | LogEvent::AccountChanged { .. }
            | LogEvent::AccountNotice { .. }
            | LogEvent::Checkpoint { .. } => {}
        }
    }

    fn start(&mut self, start: &SessionStarted) {
        let known = [start.names.profile_name.as_deref(), start.names.wa_id.as_deref()];
        let known = known.into_iter().flatten().find_map(visible_name);
        self.customer = known.unwrap_or("Customer").to_owned();
        self.rename(start.first_name.as_deref(), start.last_name.as_deref());
        self.contact = Some(start.owner.as_ref().unwrap_or(&start.contact).clone());
        self.number.clone_from(&start.names.wa_id);
        self.queue.clone_from(&start.queue);
    }

    /// Takes the customer's name from the contact database, if it has one.
    fn rename(&mut self, first: Option<&str>, last: Option<&str>) {
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
            Fact::Released { agent, .. } => {
                if self.owner.as_ref() == Some(agent) {
                    self.owner = None;
                }
            }
            Fact::Overflowed { to, .. } => {
                if self.owner.is_none() {
                    self.queue.clone_from(to);
                }
            }
            Fact::SignedIn { .. }
            | Fact::SignedOut { .. }
            | Fact::ConnectionLost { .. }
            | Fact::ConnectionBack { .. }
            | Fact::StateSet { .. }
            | Fact::MadeNotReady { .. }
            | Fact::AgentSeen { .. }
            | Fact::InactiveWarned { .. }
            | Fact::TargetFailed { .. }
            | Fact::Closed { .. }
            | Fact::CustomerSpoke { .. }
            | Fact::AgentSpoke { .. }
            | Fact::ReplyFailed { .. }
            | Fact::PartyGone { .. }
            | Fact::PartyBack { .. }
            | Fact::Parked { .. }
            | Fact::Urgent { .. }
            | Fact::LastAgentOver { .. }
            | Fact::Relaxed { .. } => {}
        }
    }

    /// The agent of the session in the feed: its owner, else the agent to whom it is offered, else the one who parked
    /// it.
    pub fn agent(&self) -> Option<&EmployeeId> {
        self.owner.as_ref().or(self.offered.as_ref()).or(self.parked.as_ref())
    }
}

/// The contexts of many sessions. Bounded: the oldest is removed first, and read from the log again when it is needed.
#[derive(Debug)]
pub(super) struct SessionContexts {
    known: HashMap<InteractionId, SessionContext>,
    order: VecDeque<InteractionId>,
    most: usize,
}

impl SessionContexts {
    /// Room for the contexts of that many sessions; the oldest goes first.
    pub fn new(most: usize) -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), most }
    }

    /// The context of a session, if it is in memory.
    pub fn get(&mut self, id: &InteractionId) -> Option<&mut SessionContext> {
        self.known.get_mut(id)
    }

    /// Keeps a context, and drops the oldest when there is no room.
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
    fn a_context_follows_the_owner_through_conference_and_transfer() {
        let at = Millis(1);
        let mut context = SessionContext::default();
        let enters = |context: &mut SessionContext, join: bool, back: Option<&str>, queue: &str| {
            let mut entered = Enqueued::new("i", queue, at);
            (entered.join, entered.return_to) = (join, back.map(EmployeeId::from));
            context.apply(&LogEvent::Routing(Fact::Enqueued(entered)));
        };
        let accepts = |agent: &str| {
            let (offer, interaction, agent) = (1, InteractionId::from("i"), EmployeeId::from(agent));
            LogEvent::Routing(Fact::Accepted { offer, interaction, agent, at })
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
    fn the_number_of_contexts_is_bounded() {
        let mut contexts = SessionContexts::new(2);
        for id in ["a", "b", "b", "c"] {
            contexts.insert(id.into(), SessionContext::default());
        }
        assert!(contexts.get(&"a".into()).is_none());
        assert!(contexts.get(&"b".into()).is_some() && contexts.get(&"c".into()).is_some());
    }
}

//! A row of the monitor's list.

use crate::domain::pending::{self, Thresholds, Urgency};
use crate::domain::{InteractionId, Millis};
use crate::proto::time;
use crate::proto::watch::{LiveAgent, LiveQueue, LiveSession};
use crate::text::{Clean, fold};
use std::collections::BTreeMap;

/// A live session, cleaned for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorRow {
    pub id: InteractionId,
    /// The name of the agent who handles it, is offered it, or parked it.
    pub agent: Option<Clean>,
    /// `Queued`, `Invited`, `Processing`, …
    pub state: Clean,
    /// The queue's display name.
    pub queue: Clean,
    /// The customer's name, else their number.
    pub customer: Clean,
    pub number: Clean,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<Millis>,
    pub window_ends: Option<Millis>,
    pub last: Clean,
    /// The number of the log's last entry.
    pub last_index: u64,
    /// The text that a filter searches, folded.
    pub(super) key: String,
}

impl MonitorRow {
    pub(super) fn of(
        session: &LiveSession,
        agents: &BTreeMap<String, LiveAgent>,
        queues: &[LiveQueue],
    ) -> Self {
        let moment = |text: &Option<String>| time::parse(&text.as_deref()?.into());
        let agent = session.agent.as_ref().map(|id| {
            let name = agents.get(id).map(|agent| agent.name.as_str()).filter(|name| !name.is_empty());
            Clean::line(name.unwrap_or(id))
        });
        let queue = queues.iter().find(|queue| queue.name == session.queue);
        let queue = Clean::line(queue.map_or(session.queue.as_str(), |queue| &queue.display_name));
        let number = session.number.as_deref().unwrap_or_default();
        let words = format!(
            "{} {} {} {} +{} {} {}",
            agent.as_ref().map_or("", Clean::as_str),
            session.agent.as_deref().unwrap_or_default(),
            session.customer,
            queue,
            number,
            session.state,
            session.id
        );
        Self {
            id: session.id.clone(),
            agent,
            state: Clean::line(&session.state),
            queue,
            customer: Clean::line(if session.customer.is_empty() { number } else { &session.customer }),
            number: Clean::line(number),
            waiting_since: moment(&session.waiting_since),
            window_ends: moment(&session.window_ends),
            last: Clean::line(&session.last),
            last_index: session.last_index,
            key: fold::folded(&words),
        }
    }

    /// How urgent an answer is.
    pub fn urgency(&self, now: Millis, thresholds: Thresholds) -> Urgency {
        pending::urgency(self.waiting_since, now, thresholds)
    }
}

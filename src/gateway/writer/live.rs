//! The live view for supervisors. Must not: change anything, or know who may see what.

use super::model::entry::speaks;
use super::model::session::SessionState;
use super::model::views::LiveView;
use super::setup::WriterSetup;
use super::state::WriterState;
use super::wire;
use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::proto::wa;
use crate::proto::watch::{LiveAgent, LiveQueue, LiveSession};

/// The most characters of the last message.
const LAST: usize = 120;

/// Everything, or those sessions of it.
pub(super) fn view(
    setup: &WriterSetup,
    state: &WriterState,
    sessions: Option<&[InteractionId]>,
    seq: u64,
) -> LiveView {
    let sessions = match sessions {
        Some(wanted) => wanted
            .iter()
            .filter_map(|id| state.sessions.get(id))
            .filter(|s| !s.over)
            .map(|s| session(setup, state, s))
            .collect(),
        None => state.sessions.values().filter(|s| !s.over).map(|s| session(setup, state, s)).collect(),
    };
    let agents = setup.router.agents.iter().map(|agent| {
        let view = state.router.agent_state(&agent.id);
        LiveAgent {
            id: agent.id.as_str().to_owned(),
            name: setup.people.get(&agent.id).map(|person| person.name.clone()).unwrap_or_default(),
            user_name: setup.people.get(&agent.id).map(|person| person.login.clone()).unwrap_or_default(),
            groups: agent.groups.clone(),
            state: wire::agent_state(&view).label().to_owned(),
            sessions: view.load,
            capacity: view.capacity,
        }
    });
    let queues = setup.router.queues.iter().map(|queue| {
        let waiting = state.router.waiting(&queue.name);
        let since = waiting.iter().filter_map(|id| state.sessions.get(id)).filter_map(|s| s.waiting_since);
        LiveQueue {
            name: queue.name.clone(),
            display_name: setup.queue_name(&queue.name).to_owned(),
            waiting: waiting.len(),
            longest_since: since.min().map(Millis::to_rfc3339),
        }
    });
    LiveView { seq, sessions, agents: agents.collect(), queues: queues.collect() }
}

fn session(setup: &WriterSetup, state: &WriterState, session: &SessionState) -> LiveSession {
    let owner = state.router.owner(&session.id);
    let offered = state.router.offered_to(&session.id).cloned();
    let parked = session.workbin.as_ref();
    let standing = match (owner, &offered, parked) {
        (Some(_), ..) => setup.active_state.as_str(),
        (None, Some(_), _) => "Invited",
        (None, None, Some(_)) => "InWorkbin",
        (None, None, None) => "Queued",
    };
    let agent = owner.cloned().or(offered).or_else(|| parked.map(|parked| parked.by.clone()));
    LiveSession {
        id: session.id.clone(),
        state: standing.to_owned(),
        agent: agent.map(|agent| agent.as_str().to_owned()),
        queue: session.queue.clone(),
        contact: session.owner.as_str().to_owned(),
        customer: session.customer_name(),
        number: session.names.wa_id.clone(),
        started: session.started.to_rfc3339(),
        waiting_since: session.waiting_since.map(Millis::to_rfc3339),
        window_ends: session.window_ends.map(Millis::to_rfc3339),
        last: last_words(session),
        last_index: session.last_index(),
        agents: session.agents().map(|agent: EmployeeId| agent.as_str().to_owned()).collect(),
    }
}

fn last_words(session: &SessionState) -> String {
    let said = session.entries.iter().rev().find(|entry| speaks(entry));
    let words = said.and_then(|entry| entry.text.as_deref().or_else(|| entry.user_data.text(wa::MEDIA_TYPE)));
    words.unwrap_or_default().chars().take(LAST).collect()
}

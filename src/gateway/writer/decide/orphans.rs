//! What refers to people, queues and workbins that are no longer in the configuration.
//!
//! Owns: how a start releases it, and how that is announced beforehand. Must not: change anything.
//! Invariants: after a start every session is with an agent who can sign in, in a workbin that an agent can
//! open, or in a queue that exists; nobody who has been removed monitors or is monitored.

use super::context::{CommandContext, routing};
use super::{monitoring, workbins};
use crate::domain::role::Role;
use crate::domain::{EmployeeId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::writer::api::{Actor, AfterLeave, ReadState};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::monitoring::Monitoring;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::model::workbin::UnparkReason;
use crate::gateway::writer::setup::WriterSetup;
use crate::gateway::writer::state::WriterState;
use std::collections::BTreeSet;

/// Agents who have sessions, or are signed in, and are not in the configuration.
pub fn agents(state: &WriterState, setup: &WriterSetup) -> Vec<EmployeeId> {
    let there = |agent: &&EmployeeId| {
        state.router.agent_state(agent).signed_in || !state.router.interactions_of(agent).is_empty()
    };
    state.agents().filter(|agent| !setup.has_agent(agent)).filter(there).cloned().collect()
}

/// The sessions in workbins from which nobody can take them.
pub fn parked<'a>(state: &'a WriterState, setup: &'a WriterSetup) -> impl Iterator<Item = &'a SessionState> {
    let open = state.sessions.values().filter(|session| !session.over);
    open.filter(|session| session.workbin.as_ref().is_some_and(|parked| !setup.is_reachable(parked)))
}

/// Signs out an agent who is no longer in the configuration. Their sessions go to another participant, or
/// back to their queue.
pub fn sign_out(state: &WriterState, setup: &WriterSetup, agent: &EmployeeId, now: Millis) -> Vec<LogEvent> {
    let actor = Actor { employee: agent.clone(), role: Role::Agent };
    let reading = &ReadState::Everything;
    let act = CommandContext { state, setup, actor: &actor, operation: None, now, reading, prefetched: None };
    let mine = state.router.interactions_of(agent);
    let sessions = mine.iter().filter_map(|id| state.sessions.get(id)).filter(|session| !session.over);
    let leave = |session| act.leave(session, AfterLeave::KeepAlive).unwrap_or_default();
    let mut events: Vec<LogEvent> = sessions.flat_map(leave).collect();
    events.extend(routing(state.router.sign_out(agent, now).unwrap_or_default()));
    events
}

/// Moves a session that nobody can take out of its workbin to its queue, with the waiting time of its
/// customer.
pub fn unpark(
    state: &WriterState,
    setup: &WriterSetup,
    session: &SessionState,
    now: Millis,
) -> Vec<LogEvent> {
    let mut events = workbins::leave_workbin(state, setup, session, UnparkReason::Unreachable, now);
    for event in &mut events {
        if let (LogEvent::Routing(Fact::Enqueued(entered)), Some(since)) = (event, session.waiting_since) {
            entered.enqueued_at = entered.enqueued_at.min(since);
        }
    }
    events
}

/// Ends monitoring by people who no longer supervise, and of people who are no longer agents.
pub fn stop_monitoring(state: &WriterState, setup: &WriterSetup, now: Millis) -> Vec<LogEvent> {
    let gone: BTreeSet<&EmployeeId> =
        state.overseers().into_iter().filter(|supervisor| !setup.is_overseer(supervisor)).collect();
    let mut events: Vec<LogEvent> =
        gone.iter().flat_map(|supervisor| monitoring::end_all(state, supervisor, now)).collect();
    let of_gone = |rule: &&Monitoring| !gone.contains(&rule.supervisor) && !setup.has_agent(&rule.agent);
    events.extend(state.monitoring.iter().filter(of_gone).map(|rule| LogEvent::MonitoringStopped {
        supervisor: rule.supervisor.clone(),
        agent: rule.agent.clone(),
        at: now,
    }));
    events
}
